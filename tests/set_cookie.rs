//! Proves that the app cannot store a cookie that its visitor did not grant,
//! and that all other `Set-Cookie` lines leave as the app wrote them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use axum::Router;
use axum::body::Body;
use axum::response::AppendHeaders;
use axum::routing::get as get_route;
use common::*;
use http::header::{HeaderValue, SET_COOKIE};
use http::{Request, StatusCode};
use tower::ServiceExt;
use tower_consent::{Category, CookieRule, SiteCookie};

/// An app that sets these lines on every page.
fn sets(lines: &'static [&'static str]) -> App {
    App::shop().answering(move |_| setting(page(PAGE), lines))
}

/// The lines that leave, as bytes.
fn leaving(answer: &Answer) -> Vec<&[u8]> {
    let lines = answer.headers.get_all(SET_COOKIE).iter();
    lines.map(HeaderValue::as_bytes).collect()
}

// covers behaviour 33, S36, S37
#[test]
fn what_needs_consent_is_suppressed_and_what_is_necessary_is_kept() {
    let app = sets(&[
        "sid=1; HttpOnly",
        "_ga=2; Path=/",
        "theme=dark",
        "_fbp=3",
        "_stats_a=4",
    ]);
    assert_eq!(app.get("/").set_cookies(), ["sid=1; HttpOnly"]);

    let mut visitor = app.visitor();
    visitor.reject();
    assert_eq!(visitor.get("/").stored(), ["sid=1; HttpOnly"]);
    visitor.save(&[Category::Analytics]);
    assert_eq!(
        visitor.get("/").stored(),
        ["sid=1; HttpOnly", "_ga=2; Path=/", "_stats_a=4"]
    );
    visitor.accept();
    assert_eq!(visitor.get("/").stored().len(), 5);
}

// covers behaviour 34
#[test]
fn a_rule_of_the_sites_own_overrules_the_policy_either_way() {
    let app = sets(&[
        "_ga=1",
        "sid=2",
        "_fbp=3",
        "sid=; Max-Age=0",
        "_ga=; Max-Age=0",
    ])
    .set(|layer| {
        layer.with_cookie_rule(|name, consent| match name {
            b"_ga" => CookieRule::Allow,
            b"sid" if !consent.allows(Category::Analytics) => CookieRule::Deny,
            _ => CookieRule::Policy,
        })
    });
    // Allowed without consent; denied though necessary, its deletion included.
    assert_eq!(app.get("/").set_cookies(), ["_ga=1", "_ga=; Max-Age=0"]);
    let mut visitor = app.visitor();
    visitor.accept();
    assert_eq!(visitor.get("/").set_cookies().len(), 5);
    // A rule that leaves everything to the policy changes nothing.
    let app =
        sets(&["_ga=1", "sid=2"]).set(|layer| layer.with_cookie_rule(|_, _| CookieRule::default()));
    assert_eq!(app.get("/").set_cookies(), ["sid=2"]);
}

// covers behaviour 35
#[test]
fn deletions_pass_without_consent_and_only_true_deletions() {
    let lines = &[
        "_ga=; Max-Age=0; Path=/; Domain=shop.example",
        "_gid=x; Max-Age=-1",
        "_fbp=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "theme=; max-age=0; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
    ];
    assert_eq!(sets(lines).get("/").set_cookies(), lines);
    let stored = &[
        "_ga=; Max-Age=60",
        "_gid=",
        "_fbp=; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
        "theme=; Max-Age=soon",
        "_stats_a=Max-Age=0",
        "_ga=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "_ga=1; Max-Age=0; Max-Age=60",
        "_ga=1; Comment=\"Max-Age=0\"",
    ];
    assert_eq!(sets(stored).get("/").set_cookies(), [""; 0]);
}

// covers behaviour 36
#[test]
fn one_unwanted_line_among_several_goes_alone() {
    for (lines, kept) in [
        (&["a=1", "_ga=2", "b=3"][..], &["a=1", "b=3"][..]),
        (&["_ga=1", "b=2", "a=3"], &["b=2", "a=3"]),
        (&["b=1", "a=2", "_ga=3"], &["b=1", "a=2"]),
        (&["a=1", "a=2", "_ga=3", "a=4"], &["a=1", "a=2", "a=4"]),
        (&["_ga=1"], &[]),
        (&["a=1", "b=2"], &["a=1", "b=2"]),
    ] {
        let app = App::shop().answering(move |_| setting(page(PAGE), lines));
        assert_eq!(app.get("/").set_cookies(), kept, "{lines:?}");
    }
}

// covers behaviours 37, 38
#[test]
fn it_does_not_matter_how_or_where_in_the_app_a_line_was_written() {
    // A raw header, a cookie jar, and a middleware further out, all inside of the layer.
    let handler = || async {
        let jar = axum_extra::extract::CookieJar::new()
            .add(axum_extra::extract::cookie::Cookie::new("_ga", "jar"))
            .add(axum_extra::extract::cookie::Cookie::new("sid", "jar"));
        (
            jar,
            AppendHeaders([(SET_COOKIE, "_gid=raw; Path=/")]),
            "hello",
        )
    };
    let session = |mut response: axum::response::Response| async {
        for line in ["_fbp=outer", "cart=outer"] {
            let line = HeaderValue::from_static(line);
            response.headers_mut().append(SET_COOKIE, line);
        }
        response
    };
    let app = Router::new()
        .route("/", get_route(handler))
        .layer(axum::middleware::map_response(session))
        .layer(App::shop().layer);
    let response = block_on(app.oneshot(Request::new(Body::empty()))).unwrap();
    let mut lines: Vec<_> = response.headers().get_all(SET_COOKIE).iter().collect();
    lines.sort();
    assert_eq!(lines, ["cart=outer", "sid=jar"]);
}

// covers behaviours 39, 40, T26
#[test]
fn lines_are_never_joined_and_attributes_never_changed() {
    let lines = &[
        "sid=1; Path=/; Secure; HttpOnly; SameSite=Strict; Priority=High",
        "cart=2;path=/shop;Domain=shop.example;max-age=60",
        "csrf=3; Expires=Fri, 31 Dec 2100 23:59:59 GMT; Partitioned; X-Own=\"a, b\"",
        " odd = spaced ; Secure",
        "empty=",
        "=nameless",
        "valueless",
    ];
    let app = App::shop().answering(move |_| {
        let lines = lines.iter().flat_map(|line| [*line, "_ga=denied; Secure"]);
        setting(page(PAGE), lines)
    });
    let answer = app.get("/");
    let kept: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    assert_eq!(leaving(&answer).len(), lines.len());
    for (left, line) in leaving(&answer).into_iter().zip(kept) {
        assert_eq!(left.trim_ascii(), line.as_bytes());
    }
    // Bytes that are not text stay, too.
    let app = App::shop()
        .answering(|_| setting(page(PAGE), [&b"sid=\xff\xfe"[..], b"_ga=\xff", b"\xff=1"]));
    assert_eq!(leaving(&app.get("/")), [&b"sid=\xff\xfe"[..], b"\xff=1"]);
}

// covers behaviour 41
#[test]
fn the_pieces_of_a_large_cookie_share_one_declaration_and_go_together() {
    let policy = shop()
        .cookie(SiteCookie::new(
            "authC*",
            Category::Necessary,
            "Keeps you signed in",
        ))
        .cookie(SiteCookie::new(
            "feedC*",
            Category::Functional,
            "Remembers your feed",
        ))
        .build()
        .unwrap();
    let pieces = [
        "authC1=a",
        "feedC1=b",
        "authC2=c",
        "feedC2=d",
        "feedC10=e",
        "feed=f",
    ];
    let app = App::new(policy).answering(move |_| setting(page(PAGE), pieces));
    assert_eq!(app.get("/").stored(), ["authC1=a", "authC2=c", "feed=f"]);

    let mut visitor = app.visitor();
    visitor.save(&[Category::Functional]);
    assert_eq!(visitor.get("/").stored(), pieces);
    visitor.app = visitor.app.answering(|_| page(PAGE));
    visitor.reject();
    let page = visitor.get("/");
    let names = visitor.jar.names();
    for gone in ["feedC1", "feedC2", "feedC10"] {
        assert!(!names.iter().any(|name| name == gone), "{names:?}");
    }
    for kept in ["authC1", "authC2", "feed"] {
        assert!(names.iter().any(|name| name == kept), "{names:?}");
    }
    assert!(
        !page
            .cookies_seen()
            .concat()
            .windows(6)
            .any(|name| name == b"feedC1")
    );
}

// covers behaviour 42
#[test]
fn what_the_layer_writes_itself_holds_no_byte_that_breaks_a_line() {
    let app = App::shop();
    // Names come from the browser, and so do the host and the path.
    for name in [
        "_ga_\u{e9}",
        "_ga_a b",
        "_ga_\"",
        "_ga_,",
        "_ga_\\",
        "_ga_\u{fffd}",
    ] {
        let mut visitor = app.visitor();
        visitor.reject();
        let mut sent = get("/a;Domain=evil.test/b");
        let consent = visitor.jar.header(SITE_HOST, "/").unwrap();
        let line = [&consent[..], b"; ", name.as_bytes(), b"=1; sid=2"].concat();
        sent.headers_mut()
            .insert("cookie", HeaderValue::from_bytes(&line).unwrap());
        sent.headers_mut()
            .insert("host", HeaderValue::from_static("evil.test; Path=/x"));
        let answer = app.send(sent);
        for line in leaving(&answer) {
            let text = String::from_utf8_lossy(line);
            let attributes = text.strip_prefix(&format!("{name}=; Max-Age=0; Path=/; Secure"));
            assert!(matches!(attributes, Some("" | "; Partitioned")), "{text}");
        }
        assert!(!leaving(&answer).is_empty());
    }
    // The values of our own cookies need no quoting: `signed_cookies.rs`.
}

// covers behaviour 43
#[test]
fn a_suppressed_line_leaves_the_rest_of_the_response_intact() {
    let app = App::shop().answering(|_| {
        let mut response = setting(json("{\"a\":1}"), ["_ga=1"]);
        *response.status_mut() = StatusCode::CREATED;
        response
            .headers_mut()
            .insert("x-own", HeaderValue::from_static("kept"));
        response
            .headers_mut()
            .insert("etag", HeaderValue::from_static("\"1\""));
        response
    });
    let answer = app.get("/api");
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.text(), "{\"a\":1}");
    assert_eq!(
        (answer.header("x-own"), answer.header("etag")),
        ("kept", "\"1\"")
    );
    assert_eq!(answer.set_cookies(), [""; 0]);
    // It depended on consent, so no cache shares it.
    assert_eq!(answer.header("cache-control"), "private, no-cache");
}

// covers behaviours 37, T26
#[test]
fn the_app_cannot_write_a_consent_cookie_and_can_delete_one() {
    let mut visitor = App::shop().visitor();
    visitor.accept();
    let token = visitor.token(Category::Marketing);
    let name = consent_cookie(Category::Marketing);
    let stored = format!("{name}={token}; Path=/; Secure; HttpOnly");
    let deleted = format!("{name}=; Max-Age=0; Path=/; Secure; HttpOnly");
    let app = App::shop();
    let app = app.answering(move |_| setting(page(PAGE), [&stored, &deleted]));
    visitor.app = app;
    let answer = visitor.get("/");
    assert_eq!(answer.stored(), [""; 0]);
    assert_eq!(answer.expired(), [&name]);
    assert!(!visitor.consent().allows(Category::Marketing));
    assert!(!visitor.consent().needs_banner());
}

// covers T16
#[test]
fn known_trackers_are_suppressed_though_nobody_declared_them() {
    let app = App::new(tower_consent::Policy::builder("1").build().unwrap())
        .answering(|_| setting(page(PAGE), ["_gcl_au=1", "odd=2", "MUID=3", "_hjid=4"]));
    assert_eq!(app.get("/").set_cookies(), ["odd=2"]);
}
