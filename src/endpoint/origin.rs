//! Did the visitor send this, on this site?
//!
//! A foreign page must not be able to accept on a visitor's behalf. Browsers
//! say where a request comes from; a request that does not say is refused.

use http::Uri;
use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request was not sent by a page of this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// Another site or origin sent it.
    Elsewhere,
    /// Nothing says who sent it.
    Unknown,
}

impl Foreign {
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Elsewhere => "This request came from another site, so it was not carried out.",
            Self::Unknown => {
                "This request did not say which site it came from (no Sec-Fetch-Site and no Origin header), so it was not carried out."
            }
        }
    }
}

/// `Sec-Fetch-Site` decides where it is sent; without it `Origin` must be the
/// address that was asked (W3C Fetch Metadata; RFC 6454, section 7).
pub(crate) fn check(headers: &HeaderMap, host: Option<&str>) -> Result<(), Foreign> {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter().peekable();
    if sites.peek().is_some() {
        return if sites.all(|site| site == "same-origin") {
            Ok(())
        } else {
            Err(Foreign::Elsewhere)
        };
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return Err(Foreign::Unknown);
    };
    let same = origin.to_str().is_ok_and(|origin| {
        let authority = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
    });
    if same {
        Ok(())
    } else {
        Err(Foreign::Elsewhere)
    }
}

/// The host and port that was asked for: HTTP/2's authority, else the `Host` header.
pub(crate) fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| headers.get(HOST)?.to_str().ok())
}

/// A host without its port.
pub(crate) fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty() => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(lines: &[(&'static str, &'static str)]) -> Result<(), Foreign> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        check(&headers, Some("shop.test:8080"))
    }

    // covers T22
    #[test]
    fn only_a_page_of_the_same_origin_may_choose() {
        assert_eq!(of(&[("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(
            of(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            Ok(())
        );
        assert_eq!(of(&[("origin", "http://shop.test:8080")]), Ok(()));
        assert_eq!(of(&[("origin", "https://SHOP.test:8080")]), Ok(()));
        for lines in [
            &[("sec-fetch-site", "same-site")][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://shop.test:8080"),
            ],
            &[("origin", "http://shop.test")],
            &[("origin", "http://evil.test")],
            &[("origin", "null")],
            &[("origin", "shop.test:8080")],
            &[("origin", "http://shop.test:8080.evil.test")],
        ] {
            assert_eq!(of(lines), Err(Foreign::Elsewhere), "{lines:?}");
        }
        assert_eq!(of(&[]), Err(Foreign::Unknown));
    }

    #[test]
    fn the_port_is_told_from_the_host() {
        assert_eq!(without_port("a.test:80"), "a.test");
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert_eq!(without_port("a.test"), "a.test");
    }
}
