//! Who may keep a copy of this response?
//!
//! A page that depends on consent belongs to one visitor. Shared caches must
//! not store it and a browser must ask again before it shows it, or a stored
//! page would outlive a withdrawal. `Set-Cookie` alone stops no cache
//! (RFC 9111, section 7.3).

use http::header::{CACHE_CONTROL, EXPIRES, HeaderMap, HeaderName, HeaderValue, VARY};

/// The header by which an edge tells which state a request is in, and the layer
/// for which one a page was made.
pub(crate) const EDGE_STATE: HeaderName = HeaderName::from_static("x-consent-state");

/// Who may keep a copy of a page. See [`manual::caching`](crate::manual::caching).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheMode {
    /// Every page belongs to its visitor: `private, no-cache`.
    #[default]
    PerState,
    /// Everybody gets the same bytes, with nothing granted and no banner in
    /// them, and shared caches keep them as long as the app says. The banner's
    /// script asks who the visitor is, shows the banner, and wakes what was
    /// granted; visitors without scripts have the settings link.
    ///
    /// The app must not vary such a page by what the visitor granted: neither
    /// by its [`Consent`](crate::Consent) nor by cookies that need consent.
    Uniform,
    /// Shared caches keep a page for each state, told apart by the request
    /// header `X-Consent-State`, which the edge adds. A page can be kept only
    /// where the header says exactly what the visitor's cookies prove; it never
    /// widens a page.
    ///
    /// The app must not vary such a page by anything else about the visitor.
    EdgeKey,
}

/// Whether a header describes the bytes of a body, and is wrong once they change.
fn describes_bytes(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "content-length"
            | "etag"
            | "last-modified"
            | "accept-ranges"
            | "content-md5"
            | "digest"
            | "content-digest"
            | "repr-digest"
            // A message signature covers a digest, or headers that are changed here (RFC 9421).
            | "signature"
            | "signature-input"
    )
}

const COOKIE_FIELD: HeaderValue = HeaderValue::from_static("Cookie");
const SIGNAL_FIELD: HeaderValue = HeaderValue::from_static("Sec-GPC");
/// Both of them, for a response that names none so far.
const VISITOR_FIELDS: HeaderValue = HeaderValue::from_static("Cookie, Sec-GPC");
const VISITOR_AND_LANGUAGE: HeaderValue =
    HeaderValue::from_static("Cookie, Sec-GPC, Accept-Language");

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
    while let Some(name) = headers.keys().find(|name| describes_bytes(name)).cloned() {
        headers.remove(name);
    }
}

/// Keeps a response that depends on consent with the one visitor: `private,
/// no-cache`, or `no-store` where the app said so, and `Vary` on what it depends on.
pub(crate) fn make_private(headers: &mut HeaderMap) {
    let says = headers.keys().any(|name| *name == CACHE_CONTROL);
    if !says {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    } else if !forbids_storing(headers) {
        let said = if has_directive(headers, "no-transform") {
            "private, no-cache, no-transform"
        } else {
            "private, no-cache"
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(said));
    }
    keep_from_others(headers);
}

/// Keeps a response out of every cache, such as one that stores a choice.
pub(crate) fn forbid_storing(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    keep_from_others(headers);
}

/// Removes what lets caches keep a response besides `Cache-Control`, and says what it depends on.
fn keep_from_others(headers: &mut HeaderMap) {
    let lets = |name: &&HeaderName| **name == EXPIRES || instructs_edge(name);
    while let Some(name) = headers.keys().find(lets).cloned() {
        headers.remove(name);
    }
    if headers.keys().any(|name| *name == VARY) {
        vary(headers, [COOKIE_FIELD, SIGNAL_FIELD]);
    } else {
        headers.insert(VARY, VISITOR_FIELDS);
    }
}

/// Lets shared caches keep a page for all requests with the same
/// [`EDGE_STATE`], as long as the app said, and makes browsers ask again each
/// time: they do not send that header and could not tell two states apart.
///
/// Answers whether the app lets shared caches keep it; else nothing changes.
pub(crate) fn share_by_key(headers: &mut HeaderMap) -> bool {
    let forbidden = ["private", "no-cache"].iter().any(|no| names(headers, no));
    if forbids_storing(headers) || forbidden {
        return false;
    }
    let seconds = seconds_of(headers, "s-maxage").or_else(|| seconds_of(headers, "max-age"));
    let Some(seconds) = seconds else {
        return false;
    };
    let rest = if has_directive(headers, "no-transform") {
        ", no-transform"
    } else {
        ""
    };
    let said = format!("public, s-maxage={seconds}, max-age=0, must-revalidate{rest}");
    let Ok(said) = HeaderValue::try_from(said) else {
        return false;
    };
    headers.insert(CACHE_CONTROL, said);
    headers.remove(EXPIRES);
    vary_by_key(headers);
    true
}

/// Says that a response depends on [`EDGE_STATE`].
pub(crate) fn vary_by_key(headers: &mut HeaderMap) {
    vary(headers, [HeaderValue::from_static("X-Consent-State")]);
}

/// Says that a response depends on the visitor's languages.
pub(crate) fn vary_by_language(headers: &mut HeaderMap) {
    if let Some(fields) = headers.get_mut(VARY)
        && *fields == VISITOR_FIELDS
    {
        *fields = VISITOR_AND_LANGUAGE;
        return;
    }
    vary(headers, [HeaderValue::from_static("Accept-Language")]);
}

/// Says that a response depends on these request headers, too.
pub(crate) fn vary_by(headers: &mut HeaderMap, names: &[HeaderName]) {
    vary(headers, names.iter().cloned().map(HeaderValue::from));
}

/// Whether the app lets no cache keep the response.
pub(crate) fn forbids_storing(headers: &HeaderMap) -> bool {
    has_directive(headers, "no-store")
}

/// Whether no shared cache may keep the response.
pub(crate) fn is_unshared(headers: &HeaderMap) -> bool {
    forbids_storing(headers) || has_directive(headers, "private")
}

/// Adds `fields` to `Vary`, each once; `*` covers all.
fn vary(headers: &mut HeaderMap, fields: impl IntoIterator<Item = HeaderValue>) {
    for name in fields {
        let covered = headers.get_all(VARY).iter().any(|value| {
            value.as_bytes().split(|byte| *byte == b',').any(|field| {
                let field = field.trim_ascii();
                field == b"*" || field.eq_ignore_ascii_case(name.as_bytes())
            })
        });
        if !covered {
            headers.append(VARY, name);
        }
    }
}

/// Whether `Cache-Control` has the directive, without an argument. Text in
/// quotes and directives that only begin alike do not count.
fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    directives(headers).any(|part| part.eq_ignore_ascii_case(directive.as_bytes()))
}

/// Whether `Cache-Control` has the directive, with or without an argument.
fn names(headers: &HeaderMap, directive: &str) -> bool {
    directives(headers).any(|part| argument(part, directive).is_some())
}

/// The seconds that a directive names; none where it is said twice or not plainly.
fn seconds_of(headers: &HeaderMap, directive: &str) -> Option<u32> {
    let mut found = directives(headers).filter_map(|part| argument(part, directive));
    match (found.next(), found.next()) {
        (Some(seconds), None) => std::str::from_utf8(seconds?).ok()?.parse().ok(),
        _ => None,
    }
}

/// What a part of `Cache-Control` says if it is this directive, and its argument if it has one.
fn argument<'a>(part: &'a [u8], directive: &str) -> Option<Option<&'a [u8]>> {
    let mut words = part.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
    let name = words.next()?;
    name.eq_ignore_ascii_case(directive.as_bytes())
        .then(|| words.next())
}

/// The parts of `Cache-Control`.
fn directives(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(CACHE_CONTROL).iter().flat_map(|value| {
        let mut quoted = false;
        value
            .as_bytes()
            .split(move |byte| {
                quoted ^= *byte == b'"';
                *byte == b',' && !quoted
            })
            .map(<[u8]>::trim_ascii)
    })
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

        let mut none = headers(&[]);
        make_private(&mut none);
        assert_eq!(all(&none, VARY), [b"Cookie, Sec-GPC"]);
        for _ in 0..2 {
            vary_by_language(&mut none);
            assert_eq!(all(&none, VARY), [b"Cookie, Sec-GPC, Accept-Language"]);
        }

        let mut star = headers(&[("vary", "*")]);
        make_private(&mut star);
        assert_eq!(all(&star, VARY), [b"*"]);
    }
}
