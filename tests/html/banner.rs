//! Where does the banner go?

use http::Response;
use http::header::CONTENT_TYPE;
use tower_consent::OwnBanner;

use crate::assert_same;
use crate::html_common::{Pieces, Site, count, exchange, get_with, read};

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
