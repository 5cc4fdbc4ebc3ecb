//! Which cookies does this request carry, byte for byte?
//!
//! A cookie jar decodes, allocates, and loses headers that are not UTF-8. This
//! reads the raw header values instead: a cookie that is not ours to touch
//! reaches the app exactly as the browser sent it.

use std::sync::LazyLock;

use http::header::{COOKIE, HeaderMap};
use memchr::memmem::Finder;

use crate::category::{CONSENT_PREFIXES, Category};

const NOTICE: &str = "notice";

/// How the names of our own cookies start, which says where they are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Naming {
    /// `__Host-Http-`: this host alone, over https, out of scripts' reach (RFC 6265bis, section 4.1.3).
    Host,
    /// `__Secure-`: shared with subdomains.
    Secure,
    /// No prefix: plain http in development.
    Insecure,
}

impl Naming {
    pub(crate) const fn prefix(self) -> &'static str {
        let [host, secure, insecure] = CONSENT_PREFIXES;
        match self {
            Self::Host => host,
            Self::Secure => secure,
            Self::Insecure => insecure,
        }
    }

    /// Looks for the prefix in a whole header; made once.
    fn finder(self) -> &'static Finder<'static> {
        static FINDERS: LazyLock<[Finder<'static>; 3]> =
            LazyLock::new(|| CONSENT_PREFIXES.map(Finder::new));
        let [host, secure, insecure] = &*FINDERS;
        match self {
            Self::Host => host,
            Self::Secure => secure,
            Self::Insecure => insecure,
        }
    }

    pub(crate) fn name(self, category: Category) -> String {
        [self.prefix(), category.as_str()].concat()
    }

    /// The cookie that says which bar was closed.
    pub(crate) fn notice(self) -> String {
        format!("{}{NOTICE}", self.prefix())
    }

    /// Whether a cookie of this name is one of the layer's own.
    pub(crate) fn is_own(self, name: &[u8]) -> bool {
        name.strip_prefix(self.prefix().as_bytes()) == Some(NOTICE.as_bytes())
            || self.category_of(name).is_some()
    }

    /// The category whose consent cookie has this name. Case counts.
    pub(crate) fn category_of(self, name: &[u8]) -> Option<Category> {
        match name.strip_prefix(self.prefix().as_bytes())? {
            b"necessary" => Some(Category::Necessary),
            b"functional" => Some(Category::Functional),
            b"analytics" => Some(Category::Analytics),
            b"marketing" => Some(Category::Marketing),
            _ => None,
        }
    }
}

/// One cookie of a `Cookie` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// Empty for a cookie without `=`, whose text is all value.
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    /// The whole pair as it stands in the header, without surrounding blanks.
    pub(crate) text: &'a [u8],
}

/// The cookies of all `Cookie` headers, in order.
pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = Pair<'_>> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| pairs_in(value.as_bytes()))
}

/// The cookies of one header value, separated by `;` and nothing else. Blank pieces are skipped.
pub(crate) fn pairs_in(header: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        loop {
            let text = rest?;
            let piece = match memchr::memchr(b';', text).and_then(|at| text.split_at_checked(at)) {
                Some((piece, tail)) => {
                    rest = tail.get(1..);
                    piece
                }
                None => {
                    rest = None;
                    text
                }
            };
            let text = trim_blanks(piece);
            if !text.is_empty() {
                return Some(read_pair(text));
            }
        }
    })
}

fn read_pair(text: &[u8]) -> Pair<'_> {
    match memchr::memchr(b'=', text).and_then(|at| text.split_at_checked(at)) {
        Some((name, value)) => Pair {
            name: trim_blanks(name),
            value: trim_blanks(value.get(1..).unwrap_or_default()),
            text,
        },
        None => Pair {
            name: b"",
            value: text,
            text,
        },
    }
}

fn trim_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The name that a `Set-Cookie` value stores: what stands before the first
/// `=` of its first part. Without `=` it stores a cookie without a name.
pub(crate) fn set_cookie_name(value: &[u8]) -> &[u8] {
    let pair = memchr::memchr(b';', value)
        .and_then(|at| value.get(..at))
        .unwrap_or(value);
    memchr::memchr(b'=', pair)
        .and_then(|at| pair.get(..at))
        .map_or(b"", trim_blanks)
}

/// What the consent cookies of a request say, before any is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stored<'a> {
    #[default]
    Absent,
    Once(&'a [u8]),
    /// Two cookies of one name: one of them was planted, and nothing tells which.
    Duplicate,
}

/// The consent cookies of a request, in the order of [`Category::ALL`].
pub(crate) fn stored(headers: &HeaderMap, naming: Naming) -> [Stored<'_>; 4] {
    let mut found = [Stored::Absent; 4];
    for header in headers.get_all(COOKIE) {
        // Most of a header is not ours; looking for the prefix is cheaper than taking it all apart.
        let Some(first) = naming.finder().find(header.as_bytes()) else {
            continue;
        };
        let from = memchr::memrchr(b';', header.as_bytes().get(..first).unwrap_or_default());
        let header = header
            .as_bytes()
            .get(from.unwrap_or(0)..)
            .unwrap_or_default();
        for pair in pairs_in(header) {
            if let Some(slot) = naming
                .category_of(pair.name)
                .and_then(|category| found.get_mut(category.index()))
            {
                *slot = match slot {
                    Stored::Absent => Stored::Once(pair.value),
                    Stored::Once(_) | Stored::Duplicate => Stored::Duplicate,
                };
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(COOKIE, value);
            }
        }
        headers
    }

    fn names(header: &[u8]) -> Vec<(&[u8], &[u8])> {
        pairs_in(header)
            .map(|pair| (pair.name, pair.value))
            .collect()
    }

    // covers behaviours 11, 27, 28, 29, 30
    #[test]
    fn pairs_split_at_semicolons_only_and_keep_every_byte() {
        assert_eq!(
            names(b"a=1; b=x,y=z ;c"),
            [(&b"a"[..], &b"1"[..]), (b"b", b"x,y=z"), (b"", b"c")]
        );
        assert_eq!(
            names(b"junk; a=\xff\xfe"),
            [(&b""[..], &b"junk"[..]), (b"a", b"\xff\xfe")]
        );
        assert_eq!(names(b""), []);
        assert_eq!(names(b" ; ;; "), []);
        assert_eq!(names(b"=v; a="), [(&b""[..], &b"v"[..]), (b"a", b"")]);
    }

    // covers behaviours 10, 12, 26, T23, T35
    #[test]
    fn consent_cookies_are_found_by_exact_name_over_all_header_lines() {
        let headers = headers(&[
            b"x=1; __Host-Http-consent-necessary=A",
            b"__Host-Http-consent-marketing=B; __host-http-consent-analytics=C",
            b"__Host-Http-consent-marketing=D; my__Host-Http-consent-functional=E",
        ]);
        let found = stored(&headers, Naming::Host);
        assert_eq!(
            found,
            [
                Stored::Once(b"A"),
                Stored::Absent,
                Stored::Absent,
                Stored::Duplicate
            ]
        );
    }

    #[test]
    fn a_set_cookie_names_what_the_browser_would_store() {
        for (value, name) in [
            (&b"a=1; Path=/"[..], &b"a"[..]),
            (b" a =1", b"a"),
            (b"a; b=c", b""),
            (b"=x", b""),
            (b"", b""),
            (b"\xff=1", b"\xff"),
        ] {
            assert_eq!(set_cookie_name(value), name, "{value:?}");
        }
    }
}
