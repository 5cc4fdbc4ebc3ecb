//! Which responses are not looked at?

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::{HeaderMap, Response};

use crate::html_common::{Pieces, Site, builder, exchange, get_with, layer, read};

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
