//! Proves that the guard stands before everything that acts, and lets what
//! stands above be painted meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a broken expectation fails the test"
)]

mod common;
mod html_common;

use common::{App, shop_policy};
use html_common::Pieces;
use http::Response;
use http::header::CONTENT_TYPE;

/// Where the page's own markup has `^` the guard is expected, where it has `~`
/// one that waits for the whole page. Both stand for nothing else.
fn assert_place(expected: &str) {
    let bare: String = expected.replace(['^', '~'], "");
    let served = bare.clone();
    let app = App::new(shop_policy()).answering(move |_| common::page(&served));
    let page = app.get("/").text().to_owned();
    let whole = in_pieces(&app, &bare, bare.len());
    for length in [1, 2, 7] {
        assert_eq!(in_pieces(&app, &bare, length), whole, "{length}");
    }
    let mut shown = String::new();
    let mut rest = &*page;
    while let Some(at) = rest
        .find("<script src=\"/_consent/assets/guard-")
        .into_iter()
        .chain(rest.find("<script defer src=\"/_consent/assets/guard-"))
        .min()
    {
        let waits = rest[at..].starts_with("<script defer");
        shown += &rest[..at];
        shown.push(if waits { '~' } else { '^' });
        rest = rest[at..].split_once("</script>").unwrap().1;
    }
    shown += rest;
    // What else the layer adds to a body.
    for (start, end) in [
        ("<style", "</style>"),
        ("<section", "</section>"),
        ("<nav", "</nav>"),
        ("<script src=\"/_consent", "</script>"),
    ] {
        if let Some(at) = shown.find(start) {
            let until = at + shown[at..].find(end).unwrap() + end.len();
            shown.replace_range(at..until, "");
        }
    }
    assert_eq!(shown, expected);
}

/// What comes out of a page that arrives in pieces of `length` bytes.
fn in_pieces(app: &App, page: &str, length: usize) -> String {
    let response = html_common::exchange(&app.layer, html_common::get("/"), |_| {
        Response::builder()
            .header(CONTENT_TYPE, "text/html")
            .body(Pieces::split(page.as_bytes(), length))
            .unwrap()
    });
    String::from_utf8(html_common::read(response.into_body()).unwrap()).unwrap()
}

const HEAD: &str = "<!doctype html><html><head><meta charset=utf-8><title>t</title>";

// covers L05
#[test]
fn the_guard_stands_in_front_of_the_first_thing_that_acts() {
    for rest in [
        // Text, pictures and styles do nothing that it holds back.
        "<link rel=stylesheet href=/a.css></head>~<body><p>x</p><img src=/a.png>^<script src=/a.js></script></body></html>",
        "^<script src=/a.js></script></head><body></body></html>",
        "^<script async src=/a.js></script></head><body></body></html>",
        "^<script>new Image().src = where</script></head><body></body></html>",
        "</head>~<body><p>x</p>^<a onclick=go()>x</a></body></html>",
        "</head>~<body><p>x</p>^<img src=x onerror=go()></body></html>",
        "</head>~<body>^<a href=\" javascript:go()\">x</a></body></html>",
        "</head>~<body>^<iframe src=/frame></iframe></body></html>",
        "^<meta http-equiv=Content-Security-Policy content=\"img-src *\"></head><body></body></html>",
        // No script of ours would run inside of these.
        "</head>~<body>^<svg><script>go()</script></svg></body></html>",
        "</head>~<body>^<svg><path onload=go()></svg></body></html>",
        "</head>~<body>^<template><script>go()</script></template></body></html>",
        "</head>~<body>^<svg><path d=M0,0></body></html>",
        "</head>~<body><!-- <svg></svg> -->^<svg><a>",
        // What stands behind the body's end acts, too.
        "~<script defer src=/a.js></script></head><body></body>^<script>eval(a)</script></html>",
    ] {
        assert_place(&format!("{HEAD}{rest}"));
    }
}

// covers L05
#[test]
fn what_waits_for_the_whole_page_finds_a_guard_that_waits_in_front() {
    for rest in [
        "~<script defer src=/a.js></script></head><body><p>x</p></body></html>",
        "~<script type=module>import '/a.js'</script></head><body><p>x</p></body></html>",
        "~<script defer src=/a.js></script></head><body><p>x</p>^<script src=/b.js></script></body></html>",
        "</head>~<body onload=go()><p>x</p></body></html>",
        // Nothing acts so far, and what a grant wakes might.
        "</head>~<body><p>x</p></body></html>",
        "</head>~<body><svg><path d=M0,0></svg><template><p>x</template></body></html>",
        "</head>~<body><svg viewBox='0 0 1 1'/><math ><mi>x</mi></MATH ><p>x</p></body></html>",
    ] {
        assert_place(&format!("{HEAD}{rest}"));
    }
}

// covers L05
#[test]
fn inline_scripts_that_only_touch_what_is_there_do_not_wait() {
    for (text, waits) in [
        ("document.documentElement.classList.add('js')", true),
        (
            "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }",
            true,
        ),
        ("var state = { user: 1, cart: [1, 2] }", true),
        ("document['cre' + 'ate' + name](tag)", false),
        ("document.cookie = 'a=b'", false),
        ("fetch('/a')", false),
        ("import('/a.js')", false),
        ("d.write(x)", false),
        ("x.innerHTML = y", false),
        ("\\u0065val(x)", false),
    ] {
        let expected = match waits {
            true => format!("{HEAD}<script>{text}</script></head>~<body></body></html>"),
            false => format!("{HEAD}^<script>{text}</script></head><body></body></html>"),
        };
        assert_place(&expected);
    }
}

#[test]
fn what_is_put_to_sleep_does_not_act() {
    let tracker = "https://www.googletagmanager.com/gtag/js?id=G-1";
    let asleep = |tag: &str| format!("{HEAD}<script async src={tracker}></script>{tag}");
    let served = asleep("</head><body><p>x</p></body></html>");
    let app = App::new(shop_policy()).answering(move |_| common::page(&served));
    let page = app.get("/").text().to_owned();
    let guards: Vec<&str> = page
        .split("<script ")
        .filter(|tag| tag.contains("/assets/guard-"))
        .collect();
    assert!(
        guards
            .iter()
            .all(|tag| tag.starts_with("defer ")
                || tag.starts_with("src=\"/_consent/assets/banner-"))
    );
    // A script behind it may call it, and must find somebody there.
    let served = asleep("<script>gtag('event')</script></head><body><p>x</p></body></html>");
    let app = app.answering(move |_| common::page(&served));
    let page = app.get("/").text().to_owned();
    assert!(page.find("/assets/guard-").unwrap() < page.find("gtag('event')").unwrap());
}
