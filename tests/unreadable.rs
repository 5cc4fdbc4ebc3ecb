//! Proves that a page which cannot be read never passes in silence, and does what the site chose for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use html_common::{Pieces, Site, get_with, read};
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    HeaderMap, SET_COOKIE,
};
use http::{Method, Response, StatusCode};
use tower_consent::{ConsentBody, Unrewritable};

const PACKED: &[u8] = b"\x1f\x9d <img src=//ads.test/x> packed in a way that nobody reads";
const MODES: [Unrewritable; 3] = [
    Unrewritable::Block,
    Unrewritable::CspOnly,
    Unrewritable::Pass,
];

fn site(mode: Unrewritable) -> Site {
    let mut site = Site::with_link();
    site.layer = site.layer.with_unrewritable(mode);
    site
}

/// What it is, with its status and its headers.
type Page = (&'static str, StatusCode, Vec<(&'static str, &'static str)>);

/// Pages that cannot be read, each for a reason of its own.
fn pages() -> Vec<Page> {
    let ok = StatusCode::OK;
    let html = (CONTENT_TYPE.as_str(), "text/html");
    let part = (CONTENT_RANGE.as_str(), "bytes 0-9/99");
    let coded = |coding| vec![html, (CONTENT_ENCODING.as_str(), coding)];
    let mut pages = vec![
        ("coding", ok, coded("compress")),
        ("codings", ok, coded("gzip, gzip, gzip")),
        ("part", StatusCode::PARTIAL_CONTENT, vec![html, part]),
        (
            "compressed part",
            StatusCode::PARTIAL_CONTENT,
            [coded("gzip"), vec![part]].concat(),
        ),
        (
            "charset",
            ok,
            vec![(CONTENT_TYPE.as_str(), "text/html; charset=utf-16")],
        ),
    ];
    if !cfg!(feature = "decompress") {
        pages.extend(["gzip", "deflate", "br", "zstd"].map(|coding| (coding, ok, coded(coding))));
    }
    pages
}

fn ask(
    site: &Site,
    method: &Method,
    cookies: &str,
    status: StatusCode,
    headers: &[(&str, &str)],
) -> Response<ConsentBody<Pieces>> {
    let mut request = get_with("/", &[("cookie", cookies)]);
    *request.method_mut() = method.clone();
    site.respond(request, || {
        let mut response = Response::builder()
            .status(status)
            .header(SET_COOKIE, "sid=1; Path=/")
            .header(SET_COOKIE, "_ads=1; Path=/")
            .header(CACHE_CONTROL, "public, max-age=60");
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Pieces::of(&[PACKED])).unwrap()
    })
}

fn cookies(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

// covers S01, behaviours 69, 79
#[test]
fn each_mode_does_what_it_says_for_every_such_page() {
    for mode in MODES {
        let site = site(mode);
        for (what, status, lines) in pages() {
            for visitor in [String::new(), site.refused()] {
                let response = ask(&site, &Method::GET, &visitor, status, &lines);
                let (head, body) = response.into_parts();
                let body = read(body).unwrap();
                let confined = head.headers.contains_key(CONTENT_SECURITY_POLICY);
                match mode {
                    Unrewritable::Block => {
                        assert_eq!(head.status, StatusCode::BAD_GATEWAY, "{what}");
                        let page = String::from_utf8(body).unwrap();
                        assert!(page.contains("cannot be shown"), "{what}: {page}");
                        assert!(!page.contains("ads.test"), "{what}");
                        assert!(!head.headers.contains_key(CONTENT_ENCODING), "{what}");
                        assert!(!head.headers.contains_key(CONTENT_RANGE), "{what}");
                    }
                    _ => {
                        assert_eq!((head.status, &*body), (status, PACKED), "{what}");
                        assert_eq!(confined, mode == Unrewritable::CspOnly, "{what}");
                    }
                }
                // Cookies and caches are gated in any case.
                assert!(cookies(&head.headers).contains(&"sid=1; Path=/"), "{what}");
                assert!(
                    !cookies(&head.headers).contains(&"_ads=1; Path=/"),
                    "{what}"
                );
                let caching = head.headers[CACHE_CONTROL].to_str().unwrap();
                assert!(caching.starts_with("private"), "{what}: {caching}");
            }
        }
    }
}

#[test]
fn who_granted_everything_gets_such_pages_as_they_are() {
    for mode in MODES {
        let site = site(mode);
        let granted = site.granted();
        for (what, status, lines) in pages() {
            let response = ask(&site, &Method::GET, &granted, status, &lines);
            assert_eq!(response.status(), status, "{what}");
            assert!(!response.headers().contains_key(CONTENT_SECURITY_POLICY));
            assert_eq!(cookies(response.headers()).len(), 2, "{what}");
            assert_eq!(read(response.into_body()).unwrap(), PACKED, "{what}");
        }
    }
}

// covers behaviour 77
#[test]
fn the_answer_to_head_is_that_to_get_without_the_page() {
    for mode in MODES {
        let site = site(mode);
        for (what, status, lines) in pages() {
            let get = ask(&site, &Method::GET, "", status, &lines);
            let head = ask(&site, &Method::HEAD, "", status, &lines);
            assert_eq!(get.status(), head.status(), "{what}");
            assert_eq!(get.headers(), head.headers(), "{what}");
            if mode == Unrewritable::Block {
                assert!(read(head.into_body()).unwrap().is_empty(), "{what}");
            }
        }
    }
}

#[test]
fn confined_is_what_such_pages_are_by_default() {
    assert_eq!(Unrewritable::default(), Unrewritable::CspOnly);
    let site = Site::new();
    let lines = [
        ("content-type", "text/html"),
        ("content-encoding", "compress"),
    ];
    let response = ask(&site, &Method::GET, "", StatusCode::OK, &lines);
    assert!(response.headers().contains_key(CONTENT_SECURITY_POLICY));
}

// ---- It is never silent ----

thread_local! {
    /// What was logged on this thread, which is one test's.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| tracing_subscriber::fmt().with_writer(|| Log).init());
    LOG.take();
}

#[test]
fn one_warning_for_each_cause_says_what_became_of_the_page() {
    for (mode, outcome) in [
        (Unrewritable::Block, "got an error instead"),
        (Unrewritable::CspOnly, "confined to the site itself"),
        (Unrewritable::Pass, "passed with everything that it loads"),
    ] {
        watch();
        let site = site(mode);
        for _ in 0..3 {
            for (_, status, lines) in pages() {
                read(ask(&site, &Method::GET, "", status, &lines).into_body()).unwrap();
            }
        }
        let log = String::from_utf8(LOG.take()).unwrap();
        let causes = if cfg!(feature = "decompress") { 3 } else { 4 };
        assert_eq!(log.matches("WARN").count(), causes, "{log}");
        assert_eq!(log.matches(outcome).count(), causes, "{log}");
    }
}
