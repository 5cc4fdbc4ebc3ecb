//! Where does the visitor go after choosing?
//!
//! Back to the page that asked, and never to another site: an address that
//! could leave is dropped for `/`.

use http::header::{HeaderMap, REFERER};

const MAX_TARGET: usize = 2048;

/// The path in `next`, else the path of the referring page of this site, else `/`.
pub(crate) fn target(next: Option<&str>, headers: &HeaderMap, host: Option<&str>) -> String {
    next.filter(|next| is_safe(next))
        .map(str::to_owned)
        .or_else(|| from_referer(headers, host?))
        .unwrap_or_else(|| "/".to_owned())
}

/// Whether `path` is a path on this site and nothing that a browser reads otherwise.
pub(crate) fn is_safe(path: &str) -> bool {
    path.len() <= MAX_TARGET
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

fn from_referer(headers: &HeaderMap, host: &str) -> Option<String> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    let rest = referer
        .strip_prefix("https://")
        .or_else(|| referer.strip_prefix("http://"))?;
    let (authority, _) = rest.split_at_checked(rest.find('/')?)?;
    let path = rest.get(authority.len()..)?;
    let path = path.split('#').next().unwrap_or(path);
    (authority.eq_ignore_ascii_case(host) && is_safe(path)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    // covers T41, behaviour 98
    #[test]
    fn only_a_path_of_this_site_is_followed() {
        for safe in ["/", "/a/b?c=d&e=//x", "/a#b", "/%5Cevil"] {
            assert!(is_safe(safe), "{safe}");
        }
        for evil in [
            "",
            "a",
            "//evil.test",
            "/\\evil.test",
            "\\evil.test",
            "/\t/evil.test",
            "/a\r\nSet-Cookie: x",
            "https://evil.test/",
            "javascript:alert(1)",
            "/a b",
            "/\u{e9}",
            "/\0",
        ] {
            assert!(!is_safe(evil), "{evil:?}");
        }
        assert!(!is_safe(&format!("/{}", "a".repeat(MAX_TARGET))));
    }

    #[test]
    fn the_referer_counts_only_from_this_very_origin() {
        let with = |referer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(REFERER, HeaderValue::from_static(referer));
            target(Some("//evil.test"), &headers, Some("shop.test:80"))
        };
        assert_eq!(with("http://shop.test:80/a?b#c"), "/a?b");
        for other in [
            "http://shop.test/a",
            "http://evil.test/a",
            "http://shop.test:80",
            "http://shop.test:80//evil.test",
            "http://u@shop.test:80/a",
            "/a",
        ] {
            assert_eq!(with(other), "/", "{other}");
        }
    }
}
