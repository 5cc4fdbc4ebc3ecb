//! Which elements sleep, and how does each look meanwhile?

use crate::html_common::{Site, canonical, restored};
use crate::{assert_same, refused};

// covers behaviour 61
#[test]
fn hints_to_a_tracker_sleep_and_links_that_only_name_it_stay() {
    for relation in [
        "dns-prefetch",
        "preconnect",
        "preload",
        "prefetch",
        "next",
        "modulepreload",
        "prerender",
        "icon",
        "shortcut icon",
        "stylesheet",
        "alternate stylesheet",
        "manifest",
        "apple-touch-icon",
        "PreConnect",
        "me preconnect",
        "pre&#99;onnect",
    ] {
        let link = format!("<link rel=\"{relation}\" href=\"//ads.test/x\">");
        assert_same(
            refused(&link),
            format!(
                "<link rel=\"{relation}\" data-tc-href=\"//ads.test/x\" data-tc=\"marketing:ads\">"
            ),
        );
    }
    for relation in [
        "canonical",
        "me",
        "alternate",
        "author",
        "license",
        "prev",
        "search",
        "",
    ] {
        let link = format!("<link rel=\"{relation}\" href=\"//ads.test/x\">");
        assert_eq!(refused(&link), link);
    }
}

// covers behaviour 62
#[test]
fn a_style_that_sleeps_whole_shows_no_import_to_a_browser_that_looks_ahead() {
    assert_same(
        refused("<style data-consent=marketing>@Import '/own.css'</style>"),
        "<style data-consent=\"marketing\" type=\"text/plain\" data-tc-css=\"\" data-tc=\"marketing\">about:invalid#@Import '/own.css'</style>",
    );
    assert_same(
        refused("<svg><style>@import '//ads&#46;test/x'</style></svg>"),
        "<svg><style type=\"text/plain\" data-tc-css=\"\" data-tc=\"marketing:ads\">about:invalid#@import '//ads&#46;test/x'</style></svg>",
    );
}

// covers behaviour 62
#[test]
fn an_address_that_a_lazy_loader_will_fetch_sleeps_too() {
    for attribute in ["data-src", "data-lazy-src", "data-original"] {
        assert_same(
            refused(&format!("<img {attribute}=\"//ads.test/x\">")),
            format!("<img data-tc-{attribute}=\"//ads.test/x\" data-tc=\"marketing:ads\">"),
        );
    }
    for attribute in ["srcset", "data-srcset", "data-lazy-srcset"] {
        assert_same(
            refused(&format!("<img {attribute}=\"/own 1x, //ads.test/x 2x\">")),
            format!(
                "<img data-tc-{attribute}=\"/own 1x, //ads.test/x 2x\" data-tc=\"marketing:ads\">"
            ),
        );
    }
    assert_same(
        refused("<video poster=\"//ads.test/x\"></video>"),
        "<video data-tc-poster=\"//ads.test/x\" data-tc=\"marketing:ads\"></video>",
    );
}

// covers behaviour 64
#[test]
fn a_frame_keeps_its_sandbox_and_has_no_address_while_it_sleeps() {
    assert_same(
        refused(
            "<iframe sandbox=\"allow-scripts\" src=\"//ads.test/x\" allow=\"fullscreen\"></iframe>",
        ),
        "<iframe name=\"tc-\" sandbox=\"allow-scripts\" allow=\"fullscreen\" data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\"></iframe>",
    );
    assert_same(
        refused("<embed type=\"video/mp4\" src=\"//ads.test/x\">"),
        "<embed type=\"video/mp4\" data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\">",
    );
}

// covers behaviour 66
#[test]
fn a_document_inside_of_an_attribute_is_looked_at() {
    for inner in [
        "<img src=//ads.test/x>",
        "&lt;img src=&quot;//ads.test/x&quot;&gt;",
        "<script>fetch('//ads.test/x')</script>",
        "<noscript><img src=//ads.test/x></noscript>",
        "<iframe srcdoc='<img src=//ads.test/x>'></iframe>",
        "<base href=//ads.test/><img src=x>",
    ] {
        let page = format!("<iframe srcdoc=\"{inner}\"></iframe>");
        let gated = refused(&page);
        assert!(
            gated.contains(&format!("data-tc-srcdoc=\"{inner}\"")),
            "{gated}"
        );
        assert!(gated.contains("data-tc=\"marketing:ads\""), "{gated}");
        assert_same(restored(&gated), page);
    }
    let mixed = refused("<iframe srcdoc='<p>fine</p><img src=//ads.test/x>'></iframe>");
    assert!(
        mixed.contains(" srcdoc=\"<p>fine</p><img data-tc-src="),
        "{mixed}"
    );
    let denied =
        "<iframe data-consent=marketing srcdoc='<p>fine</p><img src=//ads.test/x>'></iframe>";
    assert!(!refused(denied).contains(" srcdoc="));
    let fine = "<iframe srcdoc=\"<p>fine</p><img src=/own>\"></iframe>";
    assert_eq!(refused(fine), fine);
}

#[test]
fn foreign_elements_that_fetch_or_run_sleep() {
    for (element, asleep) in [
        (
            "<svg><image href=\"//ads.test/x\"/></svg>",
            "<svg><image data-tc-href=\"//ads.test/x\" data-tc=\"marketing:ads\" /></svg>",
        ),
        (
            "<svg><feImage xlink:href=\"//ads.test/x\"/></svg>",
            "<svg><feImage data-tc-xlink:href=\"//ads.test/x\" data-tc=\"marketing:ads\" /></svg>",
        ),
        (
            "<svg><use href=\"//ads.test/x#a\"></use></svg>",
            "<svg><use data-tc-href=\"//ads.test/x#a\" data-tc=\"marketing:ads\"></use></svg>",
        ),
        (
            "<svg><script href=\"//ads.test/x\"></script></svg>",
            "<svg><script type=\"text/plain\" data-tc-href=\"//ads.test/x\" data-tc=\"marketing:ads\"></script></svg>",
        ),
        (
            "<svg><script>fetch('//ads.test/x')</script></svg>",
            "<svg><script type=\"text/plain\" data-tc=\"marketing:ads\">fetch('//ads.test/x')</script></svg>",
        ),
    ] {
        assert_same(refused(element), asleep);
    }
    let own =
        "<svg><use href=\"#icon\"/><image href=\"/own.png\"/><a href=\"//ads.test/\">x</a></svg>";
    assert_eq!(refused(own), own);
}

#[test]
fn a_refresh_to_a_tracker_sleeps_and_any_other_stays() {
    for content in [
        "0;url=//ads.test/x",
        "5; URL = \"//ads.test/x\"",
        "0 //ads.test",
        "1,url='//ads.test'",
    ] {
        let gated = refused(&format!(
            "<meta http-equiv=refresh content='{}'>",
            content.replace('\'', "&#39;")
        ));
        assert!(gated.contains(" data-tc-http-equiv="), "{gated}");
        assert!(!gated.contains(" http-equiv="), "{gated}");
    }
    for meta in [
        "<meta http-equiv=\"refresh\" content=\"60\">",
        "<meta http-equiv=\"refresh\" content=\"0; url=/next?from=//ads.test\">",
        "<meta http-equiv=\"content-type\" content=\"0; url=//ads.test\">",
        "<meta name=\"refresh\" content=\"0; url=//ads.test\">",
    ] {
        assert_eq!(refused(meta), meta);
    }
}

#[test]
fn a_sleeping_frame_has_a_name_that_the_browser_has_no_history_for() {
    let site = Site::new();
    let refused = site.refused();
    let page = "<iframe name=\"player\" src=\"//ads.test/x\"></iframe>";
    let gated = site.gated(&refused, page);
    assert_same(
        &gated,
        "<iframe name=\"tc-\" data-tc-name=\"player\" data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\"></iframe>",
    );
    assert_eq!(canonical(&restored(&gated)), canonical(page));
    let own = "<iframe name=\"player\" src=\"/own\"></iframe>";
    assert_eq!(site.gated(&refused, own), own);
}
