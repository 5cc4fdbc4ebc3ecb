//! Where does the guard stand, and what under a Content-Security-Policy of the page's own?

use http::Response;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use tower_consent::GuardMode;

use crate::html_common::{Pieces, Site, get_with, read};

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
