//! Who may keep a copy of this response?
//!
//! A page that depends on consent belongs to one visitor. Shared caches must
//! not store it and a browser must ask again before it shows it, or a stored
//! page would outlive a withdrawal. `Set-Cookie` alone stops no cache
//! (RFC 9111, section 7.3).

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, ETAG, EXPIRES, HeaderMap,
    HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
    VARY,
};

use crate::signal::SEC_GPC;

/// What describes the bytes of a body, and is wrong once they change.
const DESCRIBES_BYTES: [HeaderName; 8] = [
    CONTENT_LENGTH,
    ETAG,
    LAST_MODIFIED,
    ACCEPT_RANGES,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// Whether a header instructs caches between the site and the browser, such as
/// `CDN-Cache-Control` and its forms for one network (RFC 9213).
fn instructs_edge(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.ends_with("-cache-control")
        || matches!(
            name,
            "surrogate-control" | "edge-control" | "x-accel-expires" | "x-litespeed-cache-control"
        )
}

/// Removes what a rewritten body makes untrue.
pub(crate) fn forget_bytes(headers: &mut HeaderMap) {
    for name in DESCRIBES_BYTES {
        headers.remove(name);
    }
}

/// Keeps a response that depends on consent with the one visitor: `private,
/// no-cache`, or `no-store` where the app said so, and `Vary` on what it depends on.
pub(crate) fn make_private(headers: &mut HeaderMap) {
    if !has_directive(headers, "no-store") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    headers.remove(EXPIRES);
    remove_edge(headers);
    vary(headers);
}

/// Keeps a response that stores a choice out of every cache.
pub(crate) fn forbid_storing(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.remove(EXPIRES);
    remove_edge(headers);
    vary(headers);
}

fn remove_edge(headers: &mut HeaderMap) {
    let edge: Vec<HeaderName> = headers
        .keys()
        .filter(|name| instructs_edge(name))
        .cloned()
        .collect();
    for name in edge {
        headers.remove(name);
    }
}

/// Adds `Cookie` and `Sec-GPC` to `Vary`, each once; `*` covers both.
fn vary(headers: &mut HeaderMap) {
    for name in ["Cookie", SEC_GPC.as_str()] {
        let covered = headers.get_all(VARY).iter().any(|value| {
            value.as_bytes().split(|byte| *byte == b',').any(|field| {
                let field = field.trim_ascii();
                field == b"*" || field.eq_ignore_ascii_case(name.as_bytes())
            })
        });
        if !covered {
            let field = if name == "Cookie" {
                "Cookie"
            } else {
                "Sec-GPC"
            };
            headers.append(VARY, HeaderValue::from_static(field));
        }
    }
}

/// Whether `Cache-Control` has the directive. Text in quotes and directives
/// that only begin alike do not count.
fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    headers.get_all(CACHE_CONTROL).iter().any(|value| {
        let mut quoted = false;
        value
            .as_bytes()
            .split(|byte| {
                quoted ^= *byte == b'"';
                *byte == b',' && !quoted
            })
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(directive.as_bytes()))
    })
}

/// Makes the app answer with the whole document, in plain bytes: an answer of
/// "not modified" would bring back a page that was made for another choice,
/// and compressed or partial HTML cannot be read.
pub(crate) fn ask_for_plain_document(headers: &mut HeaderMap) {
    const CONDITIONS: [HeaderName; 5] = [
        ACCEPT_ENCODING,
        IF_NONE_MATCH,
        IF_MODIFIED_SINCE,
        IF_RANGE,
        RANGE,
    ];
    if headers.keys().any(|name| CONDITIONS.contains(name)) {
        for name in CONDITIONS {
            headers.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            })
    }

    fn all(headers: &HeaderMap, name: HeaderName) -> Vec<&[u8]> {
        headers
            .get_all(name)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect()
    }

    // covers behaviours 82, 84, T30
    #[test]
    fn a_public_page_becomes_private_and_must_be_asked_for_again() {
        let mut map = headers(&[
            ("cache-control", "public, s-maxage=600"),
            ("cache-control", "ext=\"a, no-store\""),
            ("surrogate-control", "max-age=9"),
            ("cdn-cache-control", "max-age=9"),
            ("expires", "Fri, 31 Dec 2100 23:59:59 GMT"),
        ]);
        make_private(&mut map);
        assert_eq!(all(&map, CACHE_CONTROL), [b"private, no-cache"]);
        assert!(!map.contains_key("surrogate-control") && !map.contains_key("cdn-cache-control"));
        assert!(!map.contains_key(EXPIRES));

        let mut strict = headers(&[("cache-control", "NO-STORE, max-age=0")]);
        make_private(&mut strict);
        assert_eq!(all(&strict, CACHE_CONTROL), [b"NO-STORE, max-age=0"]);
    }

    // covers behaviour 88
    #[test]
    fn vary_is_extended_once_and_never_replaced() {
        let mut map = headers(&[("vary", "accept-encoding, COOKIE")]);
        make_private(&mut map);
        make_private(&mut map);
        assert_eq!(
            all(&map, VARY),
            [&b"accept-encoding, COOKIE"[..], b"Sec-GPC"]
        );

        let mut star = headers(&[("vary", "*")]);
        make_private(&mut star);
        assert_eq!(all(&star, VARY), [b"*"]);
    }
}
