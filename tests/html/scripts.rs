//! Which scripts sleep, and in which form?

use crate::html_common::{Site, canonical, count, restored};
use crate::{assert_same, refused};

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
fn speculation_rules_are_read_as_browsers_read_them_to_their_end() {
    let rules = |tag: &str, url: &str| {
        format!(
            "<script type=speculationrules>{{\"prefetch\":[{{\"tag\":\"{tag}\",\"urls\":[\"{url}\"]}}]}}</script>"
        )
    };
    let sleeps = |script: &str| refused(script).contains(" data-tc=");
    for (tag, url) in [
        ("a", "//ads.test/x"),
        // A quote that is escaped ends nothing.
        (r#"a\"b"#, "//ads.test/x"),
        (r"a\\", "//ads.test/x"),
        ("a", r"https:\/\/ads.test\/x"),
        ("a", r"\u0068ttps:\u002f/ads.test/x"),
        ("a", r"\u0068ttps://ads.test/\ud800"),
    ] {
        assert!(sleeps(&rules(tag, url)), "{tag} {url}");
    }
    assert!(!sleeps(&rules(r#"a\"b"#, "/own")));
    // Whether all of it arrives at once or not.
    let long = rules(&"a".repeat(20_000), "//ads.test/x");
    let site = Site::new();
    let cookies = site.refused();
    let page = format!("<!doctype html>{long}");
    let whole = site.page(&cookies, &page);
    let pieces: Vec<&[u8]> = page.as_bytes().chunks(1000).collect();
    assert!(String::from_utf8_lossy(&whole).contains(" data-tc="));
    assert!(whole == site.pieces(&cookies, &pieces));
    // Where everything is granted it stays as it is.
    let granted = site.text(&site.granted(), &page);
    assert!(granted.contains(&long), "{granted}");
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
fn a_bundle_that_names_a_tracker_runs() {
    // A bundle of 8 KiB or more is the app itself: stopping it would stop the site.
    let bundle = format!(
        "<script>{} fetch('//ads.test/x')</script>",
        "a();".repeat(3000)
    );
    assert_eq!(refused(&bundle), bundle);
}
