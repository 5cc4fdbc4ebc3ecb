//! Who may keep a copy, and is it the same for everyone?

use http::{Method, StatusCode};
use tower_consent::Policy;

use crate::common::*;
use crate::{assert_refused, assert_uncacheable};

/// The addresses of all assets that the banner and the preferences name.
fn asset_paths(app: &App) -> Vec<String> {
    let texts = [
        app.get("/").text().to_owned(),
        app.get("/_consent").text().to_owned(),
    ];
    let mut paths: Vec<String> = texts
        .iter()
        .flat_map(|text| text.split("\"/_consent/assets/").skip(1))
        .map(|rest| format!("/_consent/assets/{}", rest.split('"').next().unwrap()))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

// covers T34, S03
#[test]
fn assets_never_change_under_one_name_and_name_no_other_site() {
    let app = App::shop();
    let paths = asset_paths(&app);
    assert_eq!(
        paths.len(),
        4,
        "two stylesheets, a script, the guard: {paths:?}"
    );
    for path in &paths {
        let asset = app.get(path);
        assert_eq!(asset.status, StatusCode::OK);
        assert_eq!(
            asset.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
        assert_eq!(asset.header("cross-origin-resource-policy"), "same-origin");
        let expected = if path.ends_with(".js") {
            "text/javascript"
        } else {
            "text/css"
        };
        assert!(asset.header("content-type").starts_with(expected));
        assert!(!asset.headers.contains_key("vary") && asset.set_cookies().is_empty());
        // The only absolute address in it is the name of an XML namespace, which is never fetched.
        let addresses = asset.text().matches("://").count();
        assert_eq!(
            addresses,
            asset.text().matches("http://www.w3.org/1999/xlink").count()
        );

        let tag = asset.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'));
        let conditional = |tags: &str| {
            app.send(empty(
                request(Method::GET, path).header("if-none-match", tags),
            ))
        };
        for known in [&*tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
            let fresh = conditional(known);
            assert_eq!(fresh.status, StatusCode::NOT_MODIFIED, "{known}");
            assert!(fresh.body.is_empty());
            assert_eq!(fresh.header("etag"), tag);
            assert_eq!(fresh.header("cache-control"), asset.header("cache-control"));
            assert!(!fresh.headers.contains_key("content-length"));
        }
        for other in ["\"x\"", "", tag.trim_matches('"'), &tag.to_uppercase()] {
            assert_eq!(conditional(other).status, StatusCode::OK, "{other}");
        }
    }
    // Another name is another file, and there is none.
    for wrong in [
        "",
        "banner.js",
        "../assets",
        "banner-0000000000000000.js",
        "%2e%2e/state",
    ] {
        let answer = app.get(&format!("/_consent/assets/{wrong}"));
        assert_refused(&answer, StatusCode::NOT_FOUND, "nothing at this address");
    }
}

// covers T30, T34
#[test]
fn the_layers_own_pages_are_kept_by_no_cache_and_framed_by_nobody() {
    let app = App::shop();
    for path in ["/_consent", "/_consent/state", "/_consent/nothing"] {
        let answer = app.get(path);
        assert_uncacheable(&answer);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let page = app.get("/_consent");
    let policy = page.header("content-security-policy");
    for directive in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(directive), "{directive}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"));
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("x-robots-tag"), "noindex");
    // The page obeys its own policy: no inline style, script or handler.
    for banned in ["<style", " style=\"", " onclick", "javascript:"] {
        assert!(!page.text().contains(banned), "{banned}");
    }
}

// covers S32, behaviour 104
#[test]
fn no_address_of_a_visitor_is_read_or_repeated() {
    // The header that would name one changes no byte of any answer.
    let app = App::shop();
    for path in ["/", "/_consent", "/_consent/state"] {
        let plain = app.get(path);
        for name in [
            "x-forwarded-for",
            "forwarded",
            "x-real-ip",
            "cf-connecting-ip",
        ] {
            let named = app.send(empty(
                request(Method::GET, path).header(name, "2001:db8::1"),
            ));
            assert_eq!(
                (&plain.headers, &plain.body),
                (&named.headers, &named.body),
                "{name}"
            );
        }
    }
    let policy = Policy::builder("1").build().unwrap();
    assert!(!format!("{policy:?}").contains("ip"));
}

// covers T49
#[test]
fn a_crawler_or_a_prefetch_gets_the_same_gate_and_records_nothing() {
    let app = App::shop();
    let plain = app.get("/");
    for (name, value) in [
        ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
        ("user-agent", ""),
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
    ] {
        let answer = app.send(empty(request(Method::GET, "/").header(name, value)));
        assert_eq!(
            (&answer.headers, &answer.body),
            (&plain.headers, &plain.body),
            "{name}: {value}"
        );
    }
}
