//! Proves that no cache can hand one visitor's page to another, or bring a page back after a withdrawal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::collections::BTreeSet;

use html_common::{Pieces, Site, builder, exchange, get, get_with, layer, read};
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, EXPIRES, HeaderName, HeaderValue, LAST_MODIFIED, SET_COOKIE, VARY,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use tower_consent::{Category, Choice, Texts};

const PAGE: &str =
    "<!doctype html><title>x</title><body><script src=\"//ads.test/x\"></script></body>";

/// What a careful app says about the bytes of a page.
const DESCRIPTIONS: [(&str, &str); 10] = [
    ("content-length", "81"),
    ("etag", "\"v1\""),
    ("last-modified", "Tue, 01 Sep 2026 08:00:00 GMT"),
    ("accept-ranges", "bytes"),
    ("content-md5", "Q2hlY2sgSW50ZWdyaXR5IQ=="),
    ("digest", "sha-256=x"),
    ("content-digest", "sha-256=:x=:"),
    ("repr-digest", "sha-256=:x=:"),
    ("signature-input", "s=(\"content-digest\");keyid=\"k\""),
    ("signature", "s=:x=:"),
];

fn page_with(headers: &[(&str, &str)]) -> Response<Pieces> {
    let mut response = Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Pieces::of(&[PAGE])).unwrap()
}

/// The headers of a page with these headers, for a visitor with these cookies.
fn headers_of(site: &Site, cookies: &str, headers: &[(&str, &str)]) -> HeaderMap {
    site.respond(get_with("/", &[("cookie", cookies)]), || page_with(headers))
        .headers()
        .clone()
}

fn all(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

/// The fields of `Vary`, in lower case and in order.
fn varies_on(headers: &HeaderMap) -> Vec<String> {
    all(headers, VARY)
        .iter()
        .flat_map(|line| line.split(','))
        .map(|field| field.trim().to_ascii_lowercase())
        .collect()
}

/// Every state that a visitor can be in, as a `Cookie` header.
fn states(site: &Site) -> Vec<(&'static str, String)> {
    vec![
        ("undecided", String::new()),
        ("refused", site.refused()),
        ("analytics", site.only([Category::Analytics])),
        ("marketing", site.only([Category::Marketing])),
        (
            "without heat",
            site.cookies(&Choice::accept_all().refusing_vendor("heat")),
        ),
        ("granted", site.granted()),
        (
            "broken",
            site.granted().replace("__Host-Http-consent-m", "x"),
        ),
    ]
}

// ---- What describes the bytes ----

// covers behaviours 76, 80
#[test]
fn what_described_the_bytes_goes_when_they_change() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        let headers = headers_of(&site, &cookies, &DESCRIPTIONS);
        for (name, _) in DESCRIPTIONS.iter().filter(|(name, _)| *name != "etag") {
            assert!(!headers.contains_key(*name), "{state}: {name}");
        }
        // Its tag says besides what the page was made for.
        let tag = headers[ETAG].to_str().unwrap();
        assert!(tag.starts_with("W/\"v1;tc-s-"), "{state}: {tag}");
    }
}

// covers behaviours 76, 80
#[test]
fn a_page_that_nobody_keeps_and_an_answer_to_a_form_get_no_tag() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        let unkept = [&DESCRIPTIONS[..], &[("cache-control", "no-store")]].concat();
        assert!(
            !headers_of(&site, &cookies, &unkept).contains_key(ETAG),
            "{state}"
        );
        for method in [Method::POST, Method::PUT] {
            let mut request = get_with("/", &[("cookie", &cookies)]);
            *request.method_mut() = method;
            let response = site.respond(request, || page_with(&DESCRIPTIONS));
            assert!(!response.headers().contains_key(ETAG), "{state}");
        }
    }
}

// covers behaviour 80
#[test]
fn the_tag_of_a_page_changes_with_everything_that_shapes_it() {
    let mut texts = Texts::default();
    texts.title = "Biscuits?".into();
    let sites = [
        Site::with_link(),
        Site::new(),
        Site::with(builder().texts(texts)),
        Site::with(builder().privacy_url("/privacy")),
        Site::with(builder().necessary("more", "Is needed as well")),
    ];
    let tags: BTreeSet<String> = sites
        .iter()
        .flat_map(|site| all(&headers_of(site, "", &DESCRIPTIONS), ETAG))
        .collect();
    assert_eq!(tags.len(), sites.len());
    // And with nothing else: a second server of the same site gives the same.
    assert_eq!(
        headers_of(&Site::new(), "", &DESCRIPTIONS)[ETAG],
        headers_of(&Site::new(), "sid=somebody", &DESCRIPTIONS)[ETAG]
    );
}

// covers behaviour 80
#[test]
fn what_is_not_rewritten_keeps_all_that_describes_it() {
    let site = Site::with_link();
    for content_type in ["application/json", "image/png", "text/css"] {
        let response = site.respond(get("/"), || {
            let mut response = page_with(&DESCRIPTIONS);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            response
        });
        for (name, value) in DESCRIPTIONS {
            assert_eq!(response.headers()[name], value, "{content_type}");
        }
        assert_eq!(read(response.into_body()).unwrap(), PAGE.as_bytes());
    }
}

// covers behaviour 77
#[test]
fn head_tells_what_get_tells() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        let answer = |method: Method| {
            let mut request = get_with("/", &[("cookie", &cookies)]);
            *request.method_mut() = method.clone();
            let response = site.respond(request, || {
                let mut response = page_with(&DESCRIPTIONS);
                if method == Method::HEAD {
                    *response.body_mut() = Pieces::default();
                }
                response
            });
            (
                response.headers().clone(),
                read(response.into_body()).unwrap(),
            )
        };
        let (get, page) = answer(Method::GET);
        let (head, nothing) = answer(Method::HEAD);
        assert_eq!(head, get, "{state}");
        assert!(nothing.is_empty() && !page.is_empty(), "{state}");
    }
}

// covers behaviour 77
#[test]
fn an_empty_page_does_not_become_a_banner() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        let response = site.html("text/html", &cookies, Pieces::default());
        assert!(read(response.into_body()).unwrap().is_empty(), "{state}");
    }
}

// covers behaviour 78
#[test]
fn a_response_without_content_gets_none() {
    let site = Site::with_link();
    for status in [204, 205, 304] {
        let response = site.respond(get("/"), || {
            Response::builder()
                .status(status)
                .header(CONTENT_TYPE, "text/html")
                .body(Pieces::default())
                .unwrap()
        });
        assert_eq!(response.status(), status);
        assert!(!response.headers().contains_key(CONTENT_LENGTH));
        assert!(read(response.into_body()).unwrap().is_empty(), "{status}");
    }
}

// covers behaviour 79
#[test]
fn a_part_of_a_page_is_never_rewritten_and_never_let_loose() {
    let site = Site::with_link();
    let part = || {
        let mut response = page_with(&[("content-range", "bytes 0-80/900"), ("etag", "\"v1\"")]);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        response
    };
    for (state, cookies) in states(&site) {
        let response = site.respond(get_with("/", &[("cookie", &cookies)]), part);
        let headers = response.headers().clone();
        assert_eq!(headers[CONTENT_RANGE], "bytes 0-80/900", "{state}");
        assert_eq!(headers[ETAG], "\"v1\"", "{state}");
        assert_eq!(
            headers.contains_key(CONTENT_SECURITY_POLICY),
            state != "granted",
            "{state}: what cannot be gated is confined"
        );
        assert_eq!(
            read(response.into_body()).unwrap(),
            PAGE.as_bytes(),
            "{state}"
        );
    }
}

// ---- Who may keep it ----

// covers behaviours 81, 82, 84, 85, T30
#[test]
fn every_page_belongs_to_one_visitor_and_is_asked_for_again() {
    for site in [Site::new(), Site::with_link()] {
        for (state, cookies) in states(&site) {
            for before in [
                &[][..],
                &[("cache-control", "public, max-age=600, s-maxage=9000")],
                &[
                    ("cache-control", "max-age=600"),
                    ("expires", "Fri, 31 Dec 2100 23:59:59 GMT"),
                ],
                &[
                    ("cache-control", "public"),
                    ("cache-control", "x=\"no-store, private\""),
                ],
                &[
                    ("surrogate-control", "max-age=9"),
                    ("cdn-cache-control", "max-age=9"),
                ],
            ] {
                let headers = headers_of(&site, &cookies, before);
                assert_eq!(
                    all(&headers, CACHE_CONTROL),
                    ["private, no-cache"],
                    "{state}"
                );
                assert_eq!(varies_on(&headers), ["cookie", "sec-gpc"], "{state}");
                for gone in ["expires", "surrogate-control", "cdn-cache-control"] {
                    assert!(!headers.contains_key(gone), "{state}: {gone}");
                }
            }
        }
    }
}

// covers behaviours 82, 84
#[test]
fn what_the_app_forbids_to_store_stays_forbidden() {
    let site = Site::with_link();
    for said in [
        "no-store",
        "NO-STORE, max-age=0",
        "private, no-store, must-revalidate",
    ] {
        let headers = headers_of(&site, "", &[("cache-control", said)]);
        assert_eq!(all(&headers, CACHE_CONTROL), [said]);
    }
    // What others may not do with a page is not ours to allow.
    let headers = headers_of(&site, "", &[("cache-control", "max-age=60, no-transform")]);
    assert_eq!(
        all(&headers, CACHE_CONTROL),
        ["private, no-cache, no-transform"]
    );
    for said in ["no-storage", "x=\"a, no-store\"", "no-store-x=1"] {
        let headers = headers_of(&site, "", &[("cache-control", said)]);
        assert_eq!(
            all(&headers, CACHE_CONTROL),
            ["private, no-cache"],
            "{said}"
        );
    }
}

// covers behaviour 84
#[test]
fn no_cache_in_between_is_told_otherwise() {
    let site = Site::with_link();
    for name in [
        "surrogate-control",
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "vercel-cdn-cache-control",
        "netlify-cdn-cache-control",
        "fastly-cdn-cache-control",
        "akamai-cache-control",
        "edge-control",
        "x-accel-expires",
    ] {
        let headers = headers_of(&site, "", &[(name, "max-age=600")]);
        assert!(!headers.contains_key(name), "{name}");
        let json = site.respond(get("/"), || {
            let mut response = page_with(&[(name, "max-age=600")]);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        });
        assert!(json.headers().contains_key(name), "{name}");
    }
}

// covers behaviour 88
#[test]
fn vary_is_extended_once_and_never_replaced() {
    let site = Site::with_link();
    for (before, after) in [
        (&[][..], &["cookie", "sec-gpc"][..]),
        (
            &[("vary", "Accept-Encoding")],
            &["accept-encoding", "cookie", "sec-gpc"],
        ),
        (
            &[("vary", "COOKIE, Accept")],
            &["cookie", "accept", "sec-gpc"],
        ),
        (
            &[("vary", "Accept"), ("vary", "sec-gpc,cookie")],
            &["accept", "sec-gpc", "cookie"],
        ),
        (&[("vary", "*")], &["*"]),
    ] {
        assert_eq!(varies_on(&headers_of(&site, "", before)), after);
    }
    // Twice through a layer still names each once.
    let inner = layer(builder());
    let twice = exchange(&site.layer, get("/"), |request| {
        let response = exchange(&inner, request, |_| page_with(&[]));
        let headers = response.headers().clone();
        let body = Pieces::of(&[read(response.into_body()).unwrap()]);
        let mut response = Response::new(body);
        *response.headers_mut() = headers;
        response
    });
    assert_eq!(varies_on(twice.headers()), ["cookie", "sec-gpc"]);
}

// covers behaviours 54, 87
#[test]
fn what_is_no_page_keeps_its_own_caching() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        let response = site.respond(get_with("/", &[("cookie", &cookies)]), || {
            Response::builder()
                .header(CONTENT_TYPE, "application/json")
                .header(CACHE_CONTROL, "public, max-age=600")
                .header(EXPIRES, "Fri, 31 Dec 2100 23:59:59 GMT")
                .body(Pieces::of(&["{\"a\": \"<body></body>\"}"]))
                .unwrap()
        });
        let headers = response.headers();
        assert_eq!(
            all(headers, CACHE_CONTROL),
            ["public, max-age=600"],
            "{state}"
        );
        assert!(
            !headers.contains_key(VARY) && !headers.contains_key(SET_COOKIE),
            "{state}"
        );
        assert!(headers.contains_key(EXPIRES), "{state}");
        assert_eq!(
            read(response.into_body()).unwrap(),
            b"{\"a\": \"<body></body>\"}",
            "{state}"
        );
    }
}

// covers behaviour 84
#[test]
fn whatever_lost_or_kept_a_gated_cookie_is_private() {
    let site = Site::with_link();
    for (state, cookies) in states(&site) {
        for cookie in ["_ads=1; Path=/", "_stats=1"] {
            let response = site.respond(get_with("/", &[("cookie", &cookies)]), || {
                Response::builder()
                    .header(CONTENT_TYPE, "application/json")
                    .header(CACHE_CONTROL, "public, max-age=600")
                    .header(SET_COOKIE, cookie)
                    .body(Pieces::default())
                    .unwrap()
            });
            let headers = response.headers();
            assert_eq!(
                all(headers, CACHE_CONTROL),
                ["private, no-cache"],
                "{state} {cookie}"
            );
            assert_eq!(
                varies_on(headers),
                ["cookie", "sec-gpc"],
                "{state} {cookie}"
            );
        }
    }
}

// covers behaviours 84, 87
#[test]
fn a_stored_choice_is_kept_out_of_every_cache_and_no_other_page_sets_a_cookie() {
    let site = Site::with_link();
    let chosen = site.respond(get("/"), || {
        let mut response = page_with(&[("cache-control", "public")]);
        response.extensions_mut().insert(Choice::accept_all());
        response
    });
    assert_eq!(chosen.headers().get_all(SET_COOKIE).iter().count(), 4);
    assert_eq!(all(chosen.headers(), CACHE_CONTROL), ["private, no-store"]);
    for (state, cookies) in states(&site) {
        let headers = headers_of(&site, &cookies, &[]);
        assert!(!headers.contains_key(SET_COOKIE), "{state}");
    }
}

// ---- What is asked of the app ----

const CONDITIONS: [(&str, &str); 5] = [
    ("if-none-match", "\"v1\""),
    ("if-modified-since", "Tue, 01 Sep 2026 08:00:00 GMT"),
    ("if-range", "\"v1\""),
    ("range", "bytes=0-99"),
    ("accept-encoding", "gzip, br"),
];

/// Which of [`CONDITIONS`] the app sees of a request with these headers besides.
fn conditions_seen(site: &Site, headers: &[(&str, &str)]) -> Vec<String> {
    let request = get_with("/", &[&CONDITIONS[..], headers].concat());
    let seen = exchange(&site.layer, request, |request| {
        let mut response = Response::new(Pieces::default());
        for (name, _) in CONDITIONS {
            if request.headers().contains_key(name) {
                response
                    .headers_mut()
                    .append("seen", HeaderValue::from_static(name));
            }
        }
        response
    });
    all(seen.headers(), HeaderName::from_static("seen"))
}

// covers behaviours 83, 69
#[test]
fn the_app_is_asked_for_the_whole_page_in_plain_bytes() {
    let site = Site::with_link();
    for accept in [
        "",
        "*/*",
        "text/html,application/xhtml+xml,*/*;q=0.8",
        "application/json, text/html;q=0.1",
        "text/*;q=0, text/html",
    ] {
        assert!(
            conditions_seen(&site, &[("accept", accept)]).is_empty(),
            "{accept}"
        );
    }
    // Everything is granted, and yet every page ends in the link to the settings.
    let granted = site.granted();
    assert!(conditions_seen(&site, &[("cookie", &granted), ("accept", "text/html")]).is_empty());
}

// covers behaviour 83
#[test]
fn a_client_that_wants_no_page_keeps_its_conditions() {
    let site = Site::with_link();
    for headers in [
        &[("accept", "application/json")][..],
        &[("accept", "text/html;q=0, */*")],
        &[
            ("accept", "image/avif,image/webp"),
            ("sec-fetch-dest", "image"),
        ],
        &[("accept", "*/*"), ("sec-fetch-dest", "script")],
        &[
            ("accept", "text/css,*/*;q=0.1"),
            ("sec-fetch-dest", "style"),
        ],
    ] {
        assert_eq!(
            conditions_seen(&site, headers).len(),
            CONDITIONS.len(),
            "{headers:?}"
        );
    }
}

// covers behaviours 83, T31
#[test]
fn an_app_that_answers_not_modified_cannot_bring_back_an_older_page() {
    let site = Site::with_link();
    // The app compares validators, as any static file server does.
    let app = |request: Request<Pieces>| {
        if request.headers().contains_key("if-none-match") {
            Response::builder()
                .status(304)
                .header(ETAG, "\"v1\"")
                .body(Pieces::default())
                .unwrap()
        } else {
            page_with(&[("etag", "\"v1\"")])
        }
    };
    for (state, cookies) in states(&site) {
        let request = get_with("/", &[("cookie", &cookies), ("if-none-match", "\"v1\"")]);
        let response = exchange(&site.layer, request, app);
        assert_eq!(response.status(), 200, "{state}");
        let tag = response.headers()[ETAG].to_str().unwrap();
        assert!(tag.starts_with("W/\"v1;tc-"), "{state}: {tag}");
    }
}

// covers behaviour 83, T30
#[test]
fn an_answer_of_not_modified_does_not_make_a_stored_page_public() {
    // A 304 replaces the stored response's headers (RFC 9111, section 3.2).
    let site = Site::new();
    for (state, cookies) in states(&site) {
        let request = get_with(
            "/",
            &[
                ("cookie", &cookies),
                ("accept", "text/html"),
                ("if-none-match", "\"v1\""),
            ],
        );
        let response = exchange(&site.layer, request, |request| {
            if !request.headers().contains_key("if-none-match") {
                return page_with(&[("etag", "\"v1\"")]);
            }
            Response::builder()
                .status(304)
                .header(ETAG, "\"v1\"")
                .header(CACHE_CONTROL, "public, max-age=600")
                .header(VARY, "accept-encoding")
                .body(Pieces::default())
                .unwrap()
        });
        assert_eq!(
            all(response.headers(), CACHE_CONTROL),
            ["private, no-cache"],
            "{state}: {}",
            response.status()
        );
        assert!(
            varies_on(response.headers()).contains(&"cookie".to_owned()),
            "{state}"
        );
    }
}

// covers behaviour 69
#[test]
fn a_page_that_comes_compressed_is_confined_and_still_private() {
    let site = Site::with_link();
    let packed = b"\x1f\x8b not really";
    let unreadable: &[&str] = if cfg!(feature = "decompress") {
        &["compress", "dcb", "gzip, br, zstd", "x-unknown"]
    } else {
        &["gzip", "br", "zstd", "x-unknown"]
    };
    for coding in unreadable {
        for (state, cookies) in states(&site) {
            let response = site.respond(get_with("/", &[("cookie", &cookies)]), || {
                Response::builder()
                    .header(CONTENT_TYPE, "text/html")
                    .header(CONTENT_ENCODING, *coding)
                    .header(CONTENT_SECURITY_POLICY, "img-src *")
                    .body(Pieces::of(&[packed]))
                    .unwrap()
            });
            let headers = response.headers().clone();
            assert_eq!(read(response.into_body()).unwrap(), packed);
            assert_eq!(
                all(&headers, CACHE_CONTROL),
                ["private, no-cache"],
                "{state}"
            );
            assert_eq!(varies_on(&headers), ["cookie", "sec-gpc"], "{state}");
            // A second policy can only narrow the first.
            let policies = all(&headers, CONTENT_SECURITY_POLICY);
            assert_eq!(policies.first().map(String::as_str), Some("img-src *"));
            assert_eq!(
                policies.len(),
                if state == "granted" { 1 } else { 2 },
                "{state}"
            );
            for policy in policies.iter().skip(1) {
                assert!(policy.starts_with("default-src 'self';"), "{policy}");
                assert!(
                    !policy.contains("http") && !policy.contains('*'),
                    "{policy}"
                );
            }
        }
    }
}

#[test]
fn a_page_in_an_unreadable_charset_is_confined() {
    let site = Site::with_link();
    for content_type in [
        "text/html; charset=utf-16",
        "text/html; charset=UTF-16BE",
        "text/html;charset=iso-2022-jp",
    ] {
        let response = site.html(content_type, "", Pieces::of(&[PAGE]));
        assert!(
            response.headers().contains_key(CONTENT_SECURITY_POLICY),
            "{content_type}"
        );
        assert_eq!(read(response.into_body()).unwrap(), PAGE.as_bytes());
    }
}

// covers behaviour 86
#[test]
fn a_visitors_signal_is_part_of_what_a_page_depends_on() {
    let site = Site::new();
    let granted = site.granted();
    let page = |gpc: &str| {
        let request = get_with("/", &[("cookie", &granted), ("sec-gpc", gpc)]);
        let response = site.respond(request, || page_with(&[]));
        assert!(varies_on(response.headers()).contains(&"sec-gpc".to_owned()));
        read(response.into_body()).unwrap()
    };
    assert_ne!(page("1"), page(""));
}

#[test]
fn last_modified_would_bring_back_the_old_page_and_goes_too() {
    let site = Site::new();
    let headers = headers_of(
        &site,
        "",
        &[("last-modified", "Tue, 01 Sep 2026 08:00:00 GMT")],
    );
    assert!(!headers.contains_key(LAST_MODIFIED));
}
