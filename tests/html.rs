//! Proves that a page loses exactly what is denied and keeps every other byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::fs;
use std::path::PathBuf;

use html_common::{
    Pieces, Site, builder, canonical, count, exchange, get_with, is_same_but_for_a_cut_tag, layer,
    read, restored, vendor,
};
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, Response};
use tower_consent::{Category, Choice, GuardMode, OwnBanner, Policy, catalog};

/// Everything that the layer adds stands at `{S}` and at `{E}`, and nothing else changes.
fn assert_placed(site: &Site, cookies: &str, marked: &str) {
    let added = site.added(cookies);
    assert!(
        !added.end.is_empty(),
        "nothing is added, so nothing is tested"
    );
    let source = marked.replace("{S}", "").replace("{E}", "");
    let start = String::from_utf8(added.start).unwrap();
    let end = String::from_utf8(added.end).unwrap();
    let expected = marked.replace("{S}", &start).replace("{E}", &end);
    assert_eq!(site.text(cookies, &source), expected, "{marked}");
}

// ---- Where the banner goes ----

// covers behaviour 45
#[test]
fn the_banner_goes_to_the_structural_body_and_not_to_a_text_that_looks_like_one() {
    let site = Site::with_link();
    for marked in [
        "<!doctype html><html><body class=\"a\">{S}<p>hi</p>{E}</body></html>",
        "<!doctype html><body>{S}<script>var a = '<body></body>';</script>x{E}</body>",
        "<!doctype html><!-- <body></body> --><body>{S}<!-- </body> -->x{E}</body><!-- </body> -->",
        "<!doctype html><title></body></title><body>{S}<textarea></body></textarea>x{E}</body>",
        "<!doctype html><body data-a='</body>'>{S}<p title=\"</body>\">x{E}</body>",
        "<!doctype html><body>{S}x<template></div></template>{E}</body>\n after \n",
        "<!doctype html><body>{S}<noscript></body></noscript>x{E}</body>",
    ] {
        assert_placed(&site, "", marked);
    }
}

// covers behaviour 46
#[test]
fn a_document_without_the_optional_tags_gets_the_banner_too() {
    let site = Site::with_link();
    for marked in [
        "<!doctype html><title>x</title><p>hi{S}{E}",
        "<html><head><title>x</title></head><p>hi</html>{S}{E}",
        "<html><body>{S}<p>hi{E}",
        "<body>{S}<p>hi</html>{E}",
        "<!doctype html>{S}{E}",
        "<html><head></head><frameset><frame src=\"/a\"></frameset></html>{S}{E}",
    ] {
        assert_placed(&site, "", marked);
    }
}

// covers behaviour 47
#[test]
fn of_several_bodies_one_gets_the_banner() {
    let site = Site::with_link();
    assert_placed(
        &site,
        "",
        "<!doctype html><body>{S}<p>a</p>{E}</body><body class=\"b\"><p>b</p></body>",
    );
    assert_placed(
        &site,
        "",
        "<body>{S}<p>a<body onload=\"x()\"><p>b</p>{E}</body></body>",
    );
}

// covers behaviours 48, 59
#[test]
fn a_page_that_shows_the_banner_itself_gets_no_second_one() {
    let site = Site::with_link();
    let added = site.added("");
    let banner = String::from_utf8(added.start.clone()).unwrap();
    assert!(banner.contains("<form"), "{banner}");

    let page = "<!doctype html><body><main>my own banner</main></body>";
    let own = exchange(&site.layer, get_with("/", &[]), |_| {
        Response::builder()
            .header(CONTENT_TYPE, "text/html")
            .extension(OwnBanner)
            .body(Pieces::of(&[page]))
            .unwrap()
    });
    let own = String::from_utf8(read(own.into_body()).unwrap()).unwrap();
    assert_eq!(count(&own, "<form"), 0, "{own}");
    assert!(own.ends_with(&format!("{}</body>", String::from_utf8(added.end).unwrap())));

    // Prose about a banner is no banner, whatever words and attributes it uses.
    let prose =
        "<!doctype html><body><p data-tc-banner class=\"tc-banner\">Our cookie banner</p></body>";
    assert_eq!(count(&site.text("", prose), &banner), 1);
}

// covers behaviour 49
#[test]
fn letter_case_of_tags_does_not_count() {
    let site = Site::with_link();
    assert_placed(
        &site,
        "",
        "<!DOCTYPE HTML><HTML><BODY BGCOLOR=white>{S}x{E}</BODY></HTML>",
    );
    assert_placed(&site, "", "<hTmL><bOdY>{S}x{E}</BoDy\t></HtMl>");
}

// covers behaviour 50
#[test]
fn a_byte_order_mark_and_leading_comments_do_not_hide_a_document() {
    let site = Site::with_link();
    for cookies in ["", &site.refused()] {
        assert_placed(
            &site,
            cookies,
            "\u{feff}<!-- made by x --><!-- <html> -->\n<!doctype html><body>{S}x{E}</body>",
        );
    }
    let granted = site.granted();
    assert_placed(
        &site,
        &granted,
        "\u{feff}<!-- made by x -->\n<!doctype html><body>x</body>{S}{E}",
    );
}

// covers behaviour 51
#[test]
fn the_bytes_of_a_legacy_charset_are_kept() {
    let site = Site::new();
    let refused = site.refused();
    let everything: Vec<u8> = (0x80..=0xff).collect();
    for (content_type, meta) in [
        ("text/html; charset=windows-1252", ""),
        ("text/html; charset=\"ISO-8859-5\"", ""),
        ("text/html", "<meta charset=windows-1252>"),
        ("text/html", ""),
        ("text/html; charset=no-such-charset", ""),
        ("text/html; charset=gbk", ""),
        ("text/html; charset=shift_jis", ""),
    ] {
        let source = [
            b"<!doctype html>",
            meta.as_bytes(),
            b"<title>",
            &everything,
            b"</title><body title=\"",
            &everything,
            b"\"><script>var a = '",
            &everything,
            b"';</script><noscript><p>",
            &everything,
            b"</p></noscript>",
            &everything,
            b"</body>",
        ]
        .concat();
        let response = site.html(content_type, &refused, Pieces::split(&source, 7));
        let page = read(response.into_body()).unwrap();
        let kept = site.added(&refused).taken_from(&page);
        assert!(kept == source, "{content_type} {meta}");
    }
}

// covers behaviour 51
#[test]
fn a_banner_is_written_in_the_charset_of_the_page() {
    let site = Site::with_link();
    let page = b"<!doctype html><body>\xe9</body>";
    let response = site.html("text/html; charset=windows-1252", "", Pieces::of(&[page]));
    let page = read(response.into_body()).unwrap();
    let (text, _, broken) = encoding_rs::WINDOWS_1252.decode(&page);
    assert!(!broken && text.contains("é</body>") || text.contains("é"));
    assert!(
        !text.contains("Ã"),
        "UTF-8 stands in a page that is read as windows-1252"
    );
}

// covers behaviour 52
#[test]
fn a_fragment_gets_nothing_and_is_gated_all_the_same() {
    let site = Site::with_link();
    for cookies in ["", &site.refused(), &site.granted()] {
        for fragment in [
            "<p>hello</p>",
            "<tr><td>1</td></tr>",
            "plain text",
            "",
            " \n<!-- a comment --> <li>x",
            "<div hx-swap-oob=\"true\" id=\"cart\">2</div>",
            "<style>body { color: red }</style><section>body html head</section>",
        ] {
            assert_eq!(site.text(cookies, fragment), fragment, "{cookies}");
        }
    }
    assert_same(
        site.text("", "<div><img src=\"//ads.test/x\"></div>"),
        "<div><img data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\"></div>",
    );
}

// covers behaviour 52
#[test]
fn a_boosted_navigation_is_a_whole_document_and_gets_the_banner() {
    let site = Site::with_link();
    let request = get_with("/", &[("hx-request", "true"), ("hx-boosted", "true")]);
    let response = site.respond(request, || {
        Response::builder()
            .header(CONTENT_TYPE, "text/html")
            .body(Pieces::of(&["<!doctype html><body>x</body>"]))
            .unwrap()
    });
    let page = read(response.into_body()).unwrap();
    assert_ne!(site.added("").taken_from(&page), page);
}

// ---- Which responses are looked at ----

// covers behaviours 53, 54
#[test]
fn what_is_not_html_is_left_alone() {
    let site = Site::with_link();
    let body = "<!doctype html><body><script src=\"//ads.test/x\"></script></body>";
    for content_type in [
        "application/json",
        "text/html-patch+json",
        "application/json; profile=\"text/html\"",
        "text/plain; charset=utf-8",
        "image/svg+xml",
        "application/octet-stream",
    ] {
        let response = site.html(content_type, "", Pieces::of(&[body]));
        assert!(!response.headers().contains_key(VARY), "{content_type}");
        assert_eq!(
            read(response.into_body()).unwrap(),
            body.as_bytes(),
            "{content_type}"
        );
    }
    for content_type in ["text/html", "TEXT/HTML; Charset=UTF-8", " text/html ;a=b"] {
        let response = site.html(content_type, "", Pieces::of(&[body]));
        assert_ne!(
            read(response.into_body()).unwrap(),
            body.as_bytes(),
            "{content_type}"
        );
    }
}

// covers behaviour 55
#[test]
fn a_download_is_never_edited() {
    let site = Site::with_link();
    let body = "<!doctype html><body><script src=\"//ads.test/x\"></script></body>";
    let page = |disposition: &'static str| {
        let response = site.respond(get_with("/", &[]), || {
            Response::builder()
                .header(CONTENT_TYPE, "text/html")
                .header(CONTENT_DISPOSITION, disposition)
                .body(Pieces::of(&[body]))
                .unwrap()
        });
        read(response.into_body()).unwrap()
    };
    assert_eq!(
        page("attachment; filename=\"invoice.html\""),
        body.as_bytes()
    );
    assert_eq!(page("ATTACHMENT"), body.as_bytes());
    assert_ne!(page("inline"), body.as_bytes());
}

// covers behaviour 68
#[test]
fn a_path_that_the_site_leaves_out_is_left_alone_by_the_server() {
    let layer = layer(builder()).with_bypass(|_, uri, _| uri.path().starts_with("/status"));
    let body = "<!doctype html><body><script src=\"//ads.test/x\"></script></body>";
    let page = |path: &str| {
        let response = exchange(&layer, get_with(path, &[("cookie", "_ads=1")]), |request| {
            Response::builder()
                .header(CONTENT_TYPE, "text/html")
                .header("seen", request.headers().contains_key("cookie").to_string())
                .body(Pieces::of(&[body]))
                .unwrap()
        });
        let headers: HeaderMap = response.headers().clone();
        (headers, read(response.into_body()).unwrap())
    };
    let (headers, bypassed) = page("/status/live");
    assert_eq!(
        (bypassed.as_slice(), &headers["seen"]),
        (body.as_bytes(), &"true".parse().unwrap())
    );
    assert!(!headers.contains_key(VARY));
    let (headers, gated) = page("/");
    assert_ne!(gated, body.as_bytes());
    assert_eq!(headers["seen"], "false");
}

// ---- What is put to sleep ----

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/html")
}

/// The pages in `tests/data/html` by name: as the app writes them, and as a visitor receives them who refused.
fn pairs() -> Vec<(String, String, String)> {
    let mut names: Vec<String> = fs::read_dir(data())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".in.html").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let file = |kind| {
                fs::read_to_string(data().join(format!("{name}.{kind}.html"))).unwrap_or_default()
            };
            (name.clone(), file("in"), file("out"))
        })
        .collect()
}

/// Compares line by line, which shows the one line that differs.
fn assert_lines(found: &str, expected: &str, what: &str) {
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{what}, line {}", number + 1);
    }
    assert_eq!(found, expected, "{what}");
}

// With TOWER_CONSENT_WRITE_PAGES set it writes what comes out, to be read before it is committed.
// covers behaviours 58, 60, 61, 62, 63, 64
#[test]
fn known_pages_come_out_as_they_did_before() {
    let site = Site::new();
    let refused = site.refused();
    for (name, page, expected) in pairs() {
        for cookies in [&refused, ""] {
            let gated = canonical(&site.gated(cookies, &page));
            if std::env::var_os("TOWER_CONSENT_WRITE_PAGES").is_some() {
                fs::write(data().join(format!("{name}.out.html")), &gated).unwrap();
            } else {
                assert_lines(&gated, &canonical(&expected), &name);
            }
        }
    }
}

// covers behaviour 60, T45
#[test]
fn with_everything_granted_a_page_comes_out_byte_for_byte() {
    let site = Site::new();
    let granted = site.granted();
    for (name, page, _) in pairs() {
        let received = site.text(&granted, &page);
        assert!(received.starts_with(&page), "{name}");
        let rest = &received.as_bytes()[page.len()..];
        assert!(
            rest.is_empty() || rest == site.added(&granted).end,
            "{name}"
        );
    }
}

// covers T45
#[test]
fn blocking_can_be_undone_in_place() {
    let site = Site::new();
    let refused = site.refused();
    for (name, page, _) in pairs() {
        if name == "parked" {
            // Comes back in the form that it runs in.
            continue;
        }
        let gated = site.gated(&refused, &page);
        // What was put aside stands at the end of its tag, so the order of attributes is left out of the comparison.
        assert_lines(&canonical(&restored(&gated)), &canonical(&page), &name);
    }
}

// covers T45
#[test]
fn a_page_written_as_the_gate_writes_comes_back_byte_for_byte() {
    let site = Site::new();
    let refused = site.refused();
    // What is put aside goes to the end of its tag, in double quotes.
    for page in [
        "<p>a</p><img alt=\"x\" src=\"//ads.test/1?a=1&amp;b=2\"> <b>b</b>",
        "<iframe title=\"a &quot;b&quot;\" src=\"//ads.test/2\"></iframe>",
        "<script src=\"//ads.test/3\"></script><script>fetch('//ads.test/4')</script>",
        "<svg><image width=\"1\" xlink:href=\"//ads.test/5\" /></svg>",
        "<noscript><img src=\"//ads.test/6\"></noscript>",
        "<link rel=\"preload\" href=\"//ads.test/7\">",
        "<a href=\"/\" ping=\"//ads.test/8\">x</a>",
        "<meta content=\"0; url=//ads.test/9\" http-equiv=\"refresh\">",
    ] {
        let gated = site.gated(&refused, page);
        assert_ne!(gated, page);
        assert_eq!(restored(&gated), page);
    }
}

/// Compares what browsers make of two texts: order and quoting of attributes do not count.
#[track_caller]
fn assert_same(found: impl AsRef<str>, expected: impl AsRef<str>) {
    assert_eq!(canonical(found.as_ref()), canonical(expected.as_ref()));
}

/// One element as a visitor receives it who refused everything.
fn refused(html: &str) -> String {
    let site = Site::new();
    site.gated(&site.refused(), html)
}

// covers behaviour 60
#[test]
fn a_script_keeps_its_kind_while_it_sleeps() {
    for (script, asleep) in [
        (
            "<script type=\"module\" src=\"//ads.test/x\"></script>",
            "<script type=\"text/plain\" src=\"//ads.test/x\" data-tc-type=\"module\" data-tc=\"marketing:ads\"></script>",
        ),
        (
            "<script async defer crossorigin src=\"//ads.test/x\"></script>",
            "<script async defer crossorigin src=\"//ads.test/x\" type=\"text/plain\" data-tc=\"marketing:ads\"></script>",
        ),
        (
            "<script type=\"\" src=\"//ads.test/x\"></script>",
            "<script type=\"text/plain\" src=\"//ads.test/x\" data-tc-type=\"\" data-tc=\"marketing:ads\"></script>",
        ),
        (
            "<script type=\" Text/JavaScript \" src=\"//ads.test/x\"></script>",
            "<script type=\"text/plain\" src=\"//ads.test/x\" data-tc-type=\" Text/JavaScript \" data-tc=\"marketing:ads\"></script>",
        ),
        (
            "<script type=\"application/ecmascript\">fetch('//ads.test/x')</script>",
            "<script type=\"text/plain\" data-tc-type=\"application/ecmascript\" data-tc=\"marketing:ads\">fetch('//ads.test/x')</script>",
        ),
    ] {
        assert_same(refused(script), asleep);
        assert_eq!(canonical(&restored(asleep)), canonical(script));
    }
}

// covers behaviour 60
#[test]
fn what_never_runs_as_a_script_stays_what_it_is() {
    for script in [
        "<script type=\"text/plain\" src=\"//ads.test/x\"></script>",
        "<script type=\"application/ld+json\">{\"url\": \"https://ads.test/x\", \"f\": \"fetch('//ads.test/x')\"}</script>",
        "<script type=\"importmap\">{\"imports\": {\"a\": \"/a.js\"}}</script>",
        "<script type=\"application/json\">{\"a\": \"createElement //ads.test/x\"}</script>",
        "<script type=\"text/template\"><img src=\"//ads.test/x\"></script>",
        "<script type=\"text/x-handlebars\">{{#if a}}<script src=\"//ads.test/x\">{{/if}}</script>",
        "<script type=\"text/javascript; charset=utf-8\" src=\"//ads.test/x\"></script>",
    ] {
        assert_eq!(refused(script), script);
    }
}

// covers behaviour 60
#[test]
fn a_template_script_with_a_sleeping_address_does_not_run_after_a_grant() {
    for script in [
        "<script type=\"text/template\" data-src=\"//ads.test/x\">a && b</script>",
        "<script type=\"text/plain\" data-consent=\"marketing\" data-src=\"/own.js\"></script>",
    ] {
        let asleep = refused(script);
        assert_eq!(canonical(&restored(&asleep)), canonical(script), "{asleep}");
    }
}

// covers behaviour 56
#[test]
fn an_inline_script_is_judged_whole_wherever_its_pieces_end() {
    let site = Site::new();
    let refused = site.refused();
    let page = "<p>a</p><SCRIPT a='>'>var s = 1 < 2; fetch('//ads.test/x')</script><script>ok()</script><p>";
    let expected = site.page(&refused, page);
    assert!(
        String::from_utf8(expected.clone())
            .unwrap()
            .contains("text/plain")
    );
    for first in 0..page.len() {
        for second in [first, (first + 1).min(page.len()), (first + page.len()) / 2] {
            let pieces = [&page[..first], &page[first..second], &page[second..]];
            assert_eq!(site.pieces(&refused, &pieces), expected, "{first} {second}");
        }
    }
    for length in [1, 2, 3, 5, 8] {
        let pieces: Vec<_> = page.as_bytes().chunks(length).collect();
        assert_eq!(site.pieces(&refused, &pieces), expected, "{length}");
    }
}

// covers behaviour 56
#[test]
fn a_long_tag_or_a_misleading_text_before_a_script_does_not_split_its_verdict() {
    let site = Site::new();
    let refused = site.refused();
    let filler = "x".repeat(20_000);
    for page in [
        format!("<script data-x=\"{filler}\">fetch('//ads.test/x')</script>"),
        format!(
            "<!-- <script --> {} <script>fetch('//ads.test/x')</script>",
            &filler[..16_340]
        ),
        format!(
            "<p title=\"<script>\">{}</p><script>fetch('//ads.test/x')</script>",
            &filler[..16_340]
        ),
        format!(
            "<script>{}</script><script>fetch('//ads.test/x')</script>",
            &filler[..16_350]
        ),
    ] {
        let whole = String::from_utf8(site.page(&refused, &page)).unwrap();
        assert_eq!(
            count(&whole, "text/plain"),
            1,
            "{}",
            &whole[whole.len() - 200..]
        );
        for length in [1000, 4096, 16_384] {
            let pieces: Vec<_> = page.as_bytes().chunks(length).collect();
            let pieces = String::from_utf8(site.pieces(&refused, &pieces)).unwrap();
            assert!(
                pieces == whole,
                "in pieces of {length}: {}",
                &pieces[pieces.len() - 200..]
            );
        }
        // Ends between the script's tag and its text.
        let at = page.rfind("fetch").unwrap() + 8;
        let pieces = String::from_utf8(site.pieces(&refused, &[&page[..at], &page[at..]])).unwrap();
        assert!(
            pieces == whole,
            "cut inside: {}",
            &pieces[pieces.len() - 200..]
        );
    }
}

// covers behaviour 56
#[test]
fn a_script_whose_text_seems_to_end_early_is_judged_by_all_of_it() {
    // The inner start tag inside of a comment makes the first end tag part of the script (HTML, "script data double escaped state").
    let page = "<script><!-- <script> </script> fetch('//ads.test/x') --></script>";
    assert!(refused(page).contains("text/plain"), "{}", refused(page));
}

// covers behaviour 57
#[test]
fn a_page_cut_off_anywhere_is_still_gated() {
    let site = Site::new();
    let refused = site.refused();
    let added = site.added(&refused);
    for (name, page, _) in pairs() {
        if name == "parked" {
            // Comes back in the form that it runs in.
            continue;
        }
        for end in (0..page.len()).step_by(3) {
            let part = &page[..end];
            let gated = added.taken_from(&site.page(&refused, part));
            let gated = String::from_utf8(gated).unwrap();
            assert!(
                is_same_but_for_a_cut_tag(&restored(&gated), part),
                "{name} up to {end}: {gated}"
            );
        }
    }
}

// covers behaviour 57
#[test]
fn malformed_markup_does_not_let_a_tracker_through() {
    for page in [
        "<img src=//ads.test/x",
        "<p <img src=//ads.test/x>",
        "<<img src=\"//ads.test/x\">",
        "</p <img src=x><img src=\"//ads.test/x\">",
        "<!-><img src=\"//ads.test/x\">",
        "<!--><img src=\"//ads.test/x\">-->",
        "<!-- --!><img src=\"//ads.test/x\">",
        "<?xml?><img src=\"//ads.test/x\">",
        "<![CDATA[><img src=\"//ads.test/x\">]]>",
        "<img src=\"//ads.test/x\"alt=\"y\"class=z>",
        "<img \"src=\"//ads.test/x\" src=\"//ads.test/y\">",
        "<img = src=\"//ads.test/x\">",
        "<img src = //ads.test/x >",
        "<table><img src=\"//ads.test/x\"></table>",
        "<select><img src=\"//ads.test/x\"></select>",
        "<title><img></title></title><img src=\"//ads.test/x\">",
        "<a title='\"><img src=\"//ads.test/x\">'></a><img src=\"//ads.test/y\">",
        "<svg><p><img src=\"//ads.test/x\"></svg>",
        "<math><annotation-xml encoding=\"text/html\"><img src=\"//ads.test/x\"></math>",
        "<svg><foreignObject><iframe src=\"//ads.test/x\"></iframe></foreignObject></svg>",
    ] {
        let gated = refused(page);
        assert!(
            !gated.contains(" src=\"//ads") || gated.contains("'\"><img src"),
            "{page}\n{gated}"
        );
    }
}

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

// covers behaviour 63
#[test]
fn addresses_are_read_as_browsers_read_them() {
    for address in [
        "//ads.test/x",
        "https://ADS.test/x",
        "https&#58;//ads&period;test/x",
        "https&colon;&sol;&sol;ads&#x002E;test",
        "h\tt\ntps:/\r/ads.te\nst/x",
        "\\\\ads.test/x",
        "/\\ads.test",
        "https:\\/ads.test",
        "https:///ads.test/x",
        "https:ads.test",
        "https://user:pa%40ss@ads.test:443/x",
        "https://shop.test&#64;ads.test/",
        "https://ads.test./x",
        "https://%61ds.test/x",
        "https://ads。test/x",
        "https://ａds.test/x",
        "  https://ads.test/x  ",
        "\u{1}https://ads.test/x",
        "wss://sub.ads.test/x",
        "https://mixed.test/ads",
        "https://mixed.test/ads/x?y",
        "https://mixed.test/./ads/x",
    ] {
        let gated = refused(&format!("<img src=\"{address}\">"));
        assert!(gated.contains(" data-tc-src="), "{address:?}: {gated}");
    }
    for address in [
        "https://ads.test.shop.test/",
        "https://xads.test/",
        "https://shop.test/?https://ads.test/",
        "https://shop.test/#//ads.test/",
        "https://mixed.test/other/ads",
        "/ads.test",
        "ads.test/x",
        "mailto:x@ads.test",
        "blob:https://shop.test/1",
    ] {
        let image = format!("<img src=\"{address}\">");
        assert_eq!(refused(&image), image);
    }
}

// covers behaviour 63
#[test]
fn only_the_first_of_two_attributes_counts_and_the_others_cannot_take_its_place() {
    let harmless = "<img src=\"/own\" src=\"//ads.test/x\">";
    assert_eq!(refused(harmless), harmless);
    let gated = refused("<img src=\"//ads.test/x\" src=\"//ads.test/y\" SRC=\"/own\">");
    assert_same(
        gated,
        "<img data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\">",
    );
}

#[test]
fn relative_addresses_follow_the_first_base() {
    let page = "<base href=\"//ads.test/lib/\"><base href=\"/own/\"><img src=\"x.png\"><img src=\"/y.png\"><img src=\"https://shop.test/z.png\">";
    let gated = refused(page);
    assert_eq!(count(&gated, "data-tc-src"), 2, "{gated}");
    assert!(gated.contains("<img src=\"https://shop.test/z.png\">"));
    let own =
        "<base target=\"_top\"><base href=\"/own/\"><base href=\"//ads.test/\"><img src=\"x.png\">";
    assert_eq!(refused(own), own);
    let commented = "<!-- <base href=\"//ads.test/\"> --><img src=\"x.png\">";
    assert_eq!(refused(commented), commented);
}

#[test]
fn the_layers_own_addresses_do_not_follow_a_base_to_another_host() {
    for base in ["//ads.test/lib/", "https://shop.example.test:8443/"] {
        let page = format!(
            "<!doctype html><html><head><base href=\"{base}\"><script src=x.js></script></head><body>x</body></html>"
        );
        let site = Site::with_link();
        let text = site.text("", &page);
        assert!(!text.contains("=\"/_consent"), "{text}");
        assert!(
            text.contains("action=\"https://shop.test/_consent"),
            "{text}"
        );
        // Where everything is granted, the page is not taken apart.
        for page in [page.clone(), page.replace("<base", "<BASE target=_top\n")] {
            let text = site.text(&site.granted(), &page);
            assert!(text.starts_with(&page));
            assert!(!text.contains("=\"/_consent"), "{text}");
            assert!(
                text.contains("src=\"https://shop.test/_consent/assets/"),
                "{text}"
            );
            assert!(
                text.contains("href=\"https://shop.test/_consent?next"),
                "{text}"
            );
        }
    }
    let page = "<!doctype html><html><head><base href=\"/own/\"></head><body>x</body></html>";
    let site = Site::with_link();
    let text = site.text("", page);
    assert!(text.contains("action=\"/_consent/choice\""), "{text}");
    let text = site.text(&site.granted(), page);
    assert!(text.contains("src=\"/_consent/assets/"), "{text}");
}

#[test]
fn a_path_that_the_policy_declares_sleeps_like_a_host() {
    for address in [
        "/collect",
        "/collect/v1?x=1",
        "https://shop.test/collect",
        "/x/../collect",
        "/c%6fllect",
    ] {
        let gated = refused(&format!("<script src=\"{address}\"></script>"));
        assert!(
            gated.contains("data-tc=\"analytics:stats\""),
            "{address}: {gated}"
        );
    }
    for address in ["/collection", "/x/collect", "https://other.test/collect"] {
        let script = format!("<script src=\"{address}\"></script>");
        assert_eq!(refused(&script), script);
    }
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

// ---- noscript ----

#[test]
fn a_pixel_for_visitors_without_scripts_sleeps() {
    for (page, pixels) in [
        ("<noscript><img src=\"//ads.test/x\"></noscript>", 1),
        (
            "<head><noscript><img src=\"//ads.test/x\"></noscript></head>",
            1,
        ),
        (
            "<NoScript a='>' b=\">\"><img src=\"//ads.test/x\"></NOSCRIPT\n>",
            1,
        ),
        (
            "<noscript><div><noscript><img src=\"//ads.test/x\"></noscript></div>",
            1,
        ),
        ("<noscript><img src=\"//ads.test/x\">", 1),
        ("<noscript><img src=\"//ads.test/x\"><p></noscript", 1),
        (
            "<noscript></noscript><noscript><img src=\"//ads.test/x\"><img src=\"//ads.test/x\"></noscript>",
            2,
        ),
        (
            "<noscript><!-- </noscript> --><img src=\"//ads.test/x\">",
            1,
        ),
        (
            "<select><noscript><img src=\"//ads.test/x\"></noscript></select>",
            1,
        ),
        (
            "<svg><noscript><image href=\"//ads.test/x\"/></noscript></svg>",
            1,
        ),
        (
            "<template><noscript><img src=\"//ads.test/x\"></noscript></template>",
            1,
        ),
    ] {
        let gated = refused(page);
        assert_eq!(
            count(&gated, "data-tc=\"marketing:ads\""),
            pixels,
            "{page}\n{gated}"
        );
    }
}

#[test]
fn a_text_that_looks_like_a_script_does_not_hide_the_noscript_behind_it() {
    for before in [
        "<!-- <script> -->",
        "<p title=\"<script>\">",
        "<p title='<script'>",
        "<title><script></title>",
        "<textarea><script></textarea>",
        "<!-- <noscript> -->",
        "<p title=\"<noscript>\">",
        "<script>var a = '<noscript>';</script>",
        "<script>var a = '<script>';</script>",
        "<style><script></style>",
    ] {
        let page =
            format!("{before}<noscript><img src=\"//ads.test/x\"></noscript><script>ok()</script>");
        let gated = refused(&page);
        assert!(gated.contains("data-tc-src"), "{page}\n{gated}");
    }
}

#[test]
fn an_odd_start_tag_does_not_hide_what_is_inside_of_a_noscript() {
    for tag in [
        "<noscript =\">",
        "<noscript a ==\">",
        "<noscript a=b\">",
        "<noscript \">",
        "<noscript a/=\">",
        "<noscript a=\"\"\">",
        "<noscript/>",
        "<noscript a = '>'>",
        "<noscript a=>",
    ] {
        let page = format!("{tag}<img src=\"//ads.test/x\"></noscript>");
        let gated = refused(&page);
        assert!(gated.contains("data-tc-src"), "{page}\n{gated}");
    }
}

#[test]
fn what_a_noscript_shows_is_not_gated_twice_and_text_is_no_noscript() {
    for page in [
        "<noscript><p>Please switch scripts on.</p><img src=\"/own\"></noscript>",
        "<textarea><noscript><img src=\"//ads.test/x\"></noscript></textarea>",
        "<!-- <noscript><img src=\"//ads.test/x\"></noscript> -->",
        "<script>var a = \"<noscript><img src='//ads.test/x'></noscript>\";</script>",
        "<p title=\"<noscript><img src='//ads.test/x'></noscript>\">x</p>",
    ] {
        assert_eq!(refused(page), page);
    }
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

// ---- Whose word counts ----

#[test]
fn the_authors_annotation_names_the_category_that_must_be_granted() {
    let site = Site::new();
    let analytics = site.only([Category::Analytics]);
    let iframe =
        |category: &str| format!("<iframe data-consent=\"{category}\" src=\"/own\"></iframe>");
    for (category, cookies, awake) in [
        ("analytics", &analytics, true),
        ("marketing", &analytics, false),
        (" analytics ", &analytics, true),
        ("analyti&#99;s", &analytics, true),
        ("necessary", &String::new(), true),
        ("analytics", &String::new(), false),
        ("Analytics", &analytics, false),
        ("statistics", &analytics, false),
        ("", &analytics, false),
        ("analytics marketing", &analytics, false),
    ] {
        let page = iframe(category);
        let gated = site.gated(cookies, &page);
        assert_eq!(gated == page, awake, "{category:?}: {gated}");
    }
    let proof = "<img data-consent=\"necessary\" src=\"//ads.test/proof\">";
    assert_eq!(refused(proof), proof);
}

#[test]
fn a_category_that_does_not_exist_cannot_be_granted() {
    let site = Site::new();
    let page = "<iframe data-consent=\"everything\" src=\"/own\"></iframe>";
    // Where everything is granted a page is not read at all.
    let most = site.only(vec![Category::Functional, Category::Analytics]);
    for visitor in [most, site.refused()] {
        assert!(!site.gated(&visitor, page).contains(" src="));
    }
}

#[test]
fn a_visitor_who_refused_one_vendor_does_not_get_it_by_an_annotation() {
    let site = Site::new();
    let without_heat = site.cookies(&Choice::accept_all().refusing_vendor("heat"));
    let page = "<script data-consent=\"analytics\" src=\"//heat.test/x\"></script>";
    assert!(site.gated(&without_heat, page).contains("text/plain"));
}

#[test]
fn an_annotated_noscript_sleeps_with_all_that_it_holds() {
    let page = "<noscript data-consent=\"marketing\"><img src=\"/own/pixel.gif\"></noscript>";
    let gated = refused(page);
    assert!(!gated.contains(" src="), "{gated}");
}

#[test]
fn a_partial_grant_wakes_its_own_part_and_no_other() {
    let site = Site::new();
    let page = "<img src=\"//stats.test/a\"><img src=\"//ads.test/b\"><iframe src=\"//video.test/c\"></iframe><script>fetch('//stats.test/d')</script>";
    for (granted, awake) in [
        (vec![], [false, false, false, false]),
        (vec![Category::Analytics], [true, false, false, true]),
        (vec![Category::Marketing], [false, true, false, false]),
        (vec![Category::Functional], [false, false, true, false]),
        (
            vec![Category::Functional, Category::Analytics],
            [true, false, true, true],
        ),
    ] {
        let gated = site.gated(&site.only(granted.clone()), page);
        let found = [
            gated.contains("<img src=\"//stats.test/a\">"),
            gated.contains("<img src=\"//ads.test/b\">"),
            gated.contains("<iframe src=\"//video.test/c\">"),
            gated.contains("<script>"),
        ];
        assert_eq!(found, awake, "{granted:?}: {gated}");
    }
}

#[test]
fn a_refused_vendor_sleeps_inside_of_a_granted_category() {
    let site = Site::new();
    let cookies = site.cookies(&Choice::accept_all().refusing_vendor("heat"));
    let page = "<img src=\"//stats.test/a\"><img src=\"//heat.test/b\"><img src=\"//ads.test/c\"><script>fetch('//heat.test/d')</script>";
    assert_same(
        site.gated(&cookies, page),
        "<img src=\"//stats.test/a\"><img data-tc-src=\"//heat.test/b\" data-tc=\"analytics:heat\"><img src=\"//ads.test/c\"><script type=\"text/plain\" data-tc=\"analytics:heat\">fetch('//heat.test/d')</script>",
    );
}

#[test]
fn one_element_that_needs_two_grants_sleeps_until_both_are_given() {
    let site = Site::new();
    let page = "<img src=\"//stats.test/a\" srcset=\"//ads.test/b 2x\">";
    assert_same(
        site.gated(&site.refused(), page),
        "<img data-tc-src=\"//stats.test/a\" data-tc-srcset=\"//ads.test/b 2x\" data-tc=\"analytics:stats marketing:ads\">",
    );
    assert_same(
        site.gated(&site.only([Category::Analytics]), page),
        "<img src=\"//stats.test/a\" data-tc-srcset=\"//ads.test/b 2x\" data-tc=\"marketing:ads\">",
    );
}

const UNDECLARED: &str = "<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script><img src=\"https://www.facebook.com/tr?id=1\"><iframe src=\"https://www.youtube.com/embed/1\"></iframe>";

#[test]
fn a_known_tracker_that_nobody_declared_sleeps_until_its_category_is_granted() {
    let site = Site::new();
    let refused = site.gated(&site.refused(), UNDECLARED);
    assert_eq!(count(&refused, " data-tc=\""), 3, "{refused}");
    assert!(refused.contains("data-tc=\"analytics\"") && refused.contains("data-tc=\"marketing\""));
    assert_eq!(site.gated(&site.granted(), UNDECLARED), UNDECLARED);
    let analytics = site.gated(&site.only([Category::Analytics]), UNDECLARED);
    assert_eq!(count(&analytics, " data-tc=\""), 2, "{analytics}");
}

#[test]
fn a_known_inline_loader_sleeps_and_the_calls_that_follow_it_stay() {
    let loader = "<script>(function(w,d,s,l,i){w[l]=w[l]||[];var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;j.src='https://www.googletagmanager.com/gtm.js?id='+i;f.parentNode.insertBefore(j,f);})(window,document,'script','dataLayer','GTM-1');</script>";
    assert!(
        refused(loader).contains(" type=\"text/plain\""),
        "{}",
        refused(loader)
    );
    let calls = "<script>window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);} gtag('js', new Date()); gtag('config', 'G-1');</script>";
    assert_eq!(refused(calls), calls);
}

#[test]
fn under_strict_what_is_not_declared_sleeps_whatever_was_granted() {
    let site = Site::with(builder().strict());
    let gated = site.gated(&site.granted(), UNDECLARED);
    assert_eq!(count(&gated, " data-tc=\""), 3, "{gated}");
    let declared = "<img src=\"//ads.test/x\"><iframe src=\"//video.test/y\"></iframe>";
    assert_eq!(site.gated(&site.granted(), declared), declared);
}

#[test]
fn without_the_catalog_only_what_is_declared_sleeps() {
    let site = Site::with(builder().without_catalog());
    let refused = site.refused();
    assert_eq!(site.gated(&refused, UNDECLARED), UNDECLARED);
    assert!(
        site.gated(&refused, "<img src=\"//ads.test/x\">")
            .contains("data-tc-src")
    );
}

#[test]
fn a_vendor_of_the_catalog_is_named_once_it_is_declared() {
    let site = Site::with(
        Policy::builder("1")
            .vendor(catalog::google_analytics())
            .vendor(catalog::youtube()),
    );
    let gated = site.gated(&site.refused(), UNDECLARED);
    assert!(
        gated.contains("data-tc=\"analytics:google-analytics\""),
        "{gated}"
    );
    assert!(gated.contains("data-tc=\"marketing:youtube\""), "{gated}");
    assert_eq!(
        site.gated(&site.only([Category::Analytics]), UNDECLARED)
            .matches(" data-tc=\"")
            .count(),
        2
    );
}

#[test]
fn a_strictly_necessary_vendor_is_never_touched() {
    let site = Site::with(builder().vendor(vendor("pay", Category::Necessary).hosts(["pay.test"])));
    let page =
        "<script src=\"https://js.pay.test/v3\"></script><script>fetch('//pay.test/x')</script>";
    assert_eq!(site.gated(&site.refused(), page), page);
}

#[test]
fn a_bundle_that_names_a_tracker_runs() {
    // A bundle of 8 KiB or more is the app itself: stopping it would stop the site.
    let bundle = format!(
        "<script>{} fetch('//ads.test/x')</script>",
        "a();".repeat(3000)
    );
    assert_eq!(refused(&bundle), bundle);
}

// ---- Policies of the page itself ----

// covers behaviour 65, T32
#[test]
fn the_pages_own_nonce_is_reused_for_what_is_added() {
    let site = Site::with_link();
    let page = |policy: &'static str, html: &'static str| {
        let response = site.respond(get_with("/", &[]), || {
            let mut response = Response::builder().header(CONTENT_TYPE, "text/html");
            if !policy.is_empty() {
                response = response.header(CONTENT_SECURITY_POLICY, policy);
            }
            response.body(Pieces::of(&[html])).unwrap()
        });
        let policies: Vec<_> = response
            .headers()
            .get_all(CONTENT_SECURITY_POLICY)
            .iter()
            .cloned()
            .collect();
        (
            policies,
            String::from_utf8(read(response.into_body()).unwrap()).unwrap(),
        )
    };
    let html = "<!doctype html><body>x</body>";
    let (policies, strict) = page(
        "script-src 'nonce-r4nd0m' 'strict-dynamic'; style-src 'self'",
        html,
    );
    assert_eq!(
        policies,
        ["script-src 'nonce-r4nd0m' 'strict-dynamic'; style-src 'self'"]
    );
    assert!(
        strict.contains("<script nonce=\"r4nd0m\"") || strict.contains(" nonce=\"r4nd0m\""),
        "{strict}"
    );
    assert!(!strict.contains("<style"), "{strict}");
    assert!(
        !strict.contains(" style=") && !strict.contains(" onclick="),
        "{strict}"
    );
    let (_, open) = page("", html);
    assert!(!open.contains("nonce"), "{open}");
    let (_, hostile) = page("script-src 'nonce-\"><script>alert(1)</script>'", html);
    assert!(!hostile.contains("alert"), "{hostile}");
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

// covers behaviour 57
#[test]
fn a_tag_that_was_cut_off_is_not_completed_by_what_follows() {
    let site = Site::with_link();
    for cookies in ["", &site.refused()] {
        for page in [
            "<!doctype html><p>a</p><img src=\"//ads.test/x\" alt=\"",
            "<!doctype html><body><p>a</p><img src=//ads.test/x alt='",
            "<!doctype html><p>a</p><iframe src=//ads.test/x ",
            "<!doctype html><noscript><img src=\"//ads.test/x\" alt=\"</noscript><p title=\"y\">z</p>",
        ] {
            let received = site.text(cookies, page);
            assert!(
                !received.contains(" src=\"//ads") && !received.contains(" src=//ads"),
                "{received}"
            );
        }
    }
}

// covers S01
#[test]
fn the_guard_comes_before_everything_that_may_act_and_never_into_a_fragment() {
    let site = Site::guarded(GuardMode::Core);
    let refused = site.refused();
    let page = site.text(
        &refused,
        "<!doctype html><html><head><meta charset=utf-8><script src=/own.js></script></head><body></body></html>",
    );
    let guard = page.find("<script src=\"/_consent/assets/guard-").unwrap();
    assert!(guard > page.find("<meta").unwrap() && guard < page.find("/own.js").unwrap());
    assert_eq!(page.matches("/assets/guard-").count(), 1);
    for fragment in [
        "<p>Part</p>",
        "<tr><td><script src=//ads.test/a.js></script></td></tr>",
    ] {
        assert!(
            !site.text(&refused, fragment).contains("guard-"),
            "{fragment}"
        );
    }
    let off = Site::guarded(GuardMode::Off).text("", "<!doctype html><body><p>Page</p></body>");
    assert!(!off.contains("<script src=\"/_consent/assets/guard-"));
}

#[test]
fn a_page_that_was_granted_everything_has_no_guard() {
    let site = Site::guarded(GuardMode::Core);
    let page = "<!doctype html><html><head></head><body><p>Page</p></body></html>";
    let text = site.text(&site.granted(), page);
    assert!(text.starts_with(page) && !text.contains("<script src=\"/_consent/assets/guard-"));
}

/// A page under this Content-Security-Policy, as a visitor who refused gets it.
fn under(site: &Site, policy: &'static str) -> (String, String) {
    let refused = site.refused();
    let response = site.respond(get_with("/", &[("cookie", &refused)]), move || {
        Response::builder()
            .header(CONTENT_TYPE, "text/html")
            .header(CONTENT_SECURITY_POLICY, policy)
            .body(Pieces::of(&[
                "<!doctype html><head></head><body><script>function openMenu(){}fetch('//ads.test/a')</script></body>",
            ]))
            .unwrap()
    });
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    let page = String::from_utf8(read(response.into_body()).unwrap()).unwrap();
    (policy, page)
}

// covers T32
#[test]
fn where_the_guard_cannot_run_nothing_is_left_to_it() {
    let site = Site::guarded(GuardMode::Core);
    let (_, page) = under(&site, "script-src 'self'");
    assert!(page.contains("/assets/guard-") && page.contains("<script>function openMenu"));
    let hashed = "script-src 'sha256-x'";
    let (policy, page) = under(&site, hashed);
    assert_eq!(policy, hashed);
    assert!(!page.contains("/assets/guard-") && !page.contains("<script>function openMenu"));
    let admitting = Site {
        layer: site.layer.with_csp_admission(true),
    };
    let (policy, page) = under(&admitting, hashed);
    assert!(policy.starts_with("script-src-elem 'sha256-x' shop.test/_consent/assets/ 'sha256-"));
    assert!(policy.ends_with("; script-src 'sha256-x'"), "{policy}");
    assert!(page.contains("/assets/guard-") && page.contains("<script>function openMenu"));
}
