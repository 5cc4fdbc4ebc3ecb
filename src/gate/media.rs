//! Is this HTML, and can it be read?

use encoding_rs::{Encoding, UTF_8};
use http::header::{CONTENT_LANGUAGE, HeaderMap};
use http::{HeaderValue, StatusCode};
use lol_html::AsciiCompatibleEncoding;

use super::coding::Codings;
use crate::policy::is_tag;

/// What becomes of a page that cannot be read while something is denied: it is
/// compressed in a way that cannot be undone, a part of a document, in a charset
/// like UTF-16, or XML that is shown as a document. Each cause is logged once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unrewritable {
    /// The visitor gets an error, 502 Bad Gateway, instead. Nothing of the page
    /// is sent; cookies that the response stores are.
    Block,
    /// The page is sent with a `Content-Security-Policy` besides its own that
    /// confines it to the site itself. It shows no banner, and the browser still
    /// follows what no such policy covers: `dns-prefetch`, `preconnect` and
    /// navigation.
    #[default]
    CspOnly,
    /// The page is sent as it is.
    ///
    /// **This gives up the promise** for such pages: their trackers load
    /// whatever the visitor chose. Cookies and headers stay gated.
    Pass,
}

/// How a response's body is to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Not HTML, or nothing to read.
    Other,
    /// HTML in an encoding that the rewriter reads.
    Html {
        /// What is to be undone first; nothing without the feature `decompress`.
        codings: Codings,
        encoding: AsciiCompatibleEncoding,
        /// Whether the header named the encoding, so that a `<meta charset>` does not count.
        declared: bool,
        /// Whether the answer is to `HEAD` and so has headers only.
        head: bool,
    },
    /// HTML that cannot be rewritten: compressed, a part of a document, or UTF-16.
    Opaque(&'static str),
}

/// How to treat what a response's head tells of. `shown`: whether the browser shows it as a document.
pub(super) fn body_of(
    told: &Told<'_>,
    headers: &HeaderMap,
    status: StatusCode,
    is_head: bool,
    shown: bool,
) -> Body {
    let Some(content_type) = told.content_type else {
        return Body::Other;
    };
    let is_usual = content_type == USUAL_TYPE;
    let kind = if is_usual {
        Kind::Html
    } else {
        Kind::of(content_type)
    };
    if has_no_content(status) || told.disposition.is_some_and(is_attachment) {
        return Body::Other;
    }
    match kind {
        Kind::Html => {}
        Kind::Xhtml => return Body::Opaque(XML),
        Kind::Xml if shown => return Body::Opaque(XML),
        Kind::Xml | Kind::Other => return Body::Other,
    }
    let codings = if told.is_coded {
        Codings::of(headers)
    } else {
        Some(Codings::default())
    };
    let codings = match codings {
        Some(codings) if codings.is_empty() || cfg!(feature = "decompress") => codings,
        Some(_) => {
            return Body::Opaque(
                "it is compressed: put the compression layer outside of the consent layer, or switch on the feature `decompress`",
            );
        }
        None => return Body::Opaque("its Content-Encoding is not one that can be undone"),
    };
    if status == StatusCode::PARTIAL_CONTENT || told.is_part {
        return Body::Opaque("it is a part of a document");
    }
    let charset = if is_usual {
        Some(USUAL_CHARSET)
    } else {
        charset(content_type)
    };
    let encoding = match charset {
        Some(USUAL_CHARSET) => UTF_8,
        // An unknown label leaves the choice to the browser, which reads such pages as ASCII-compatible.
        Some(label) => Encoding::for_label(label).unwrap_or(UTF_8),
        None => UTF_8,
    };
    AsciiCompatibleEncoding::new(encoding).map_or(
        Body::Opaque("its charset is not a superset of ASCII: serve it as UTF-8"),
        |encoding| Body::Html {
            codings,
            encoding,
            declared: charset.is_some(),
            head: is_head,
        },
    )
}

/// What nearly every page says of itself.
const USUAL_TYPE: &str = "text/html; charset=utf-8";
const USUAL_CHARSET: &[u8] = b"utf-8";

/// What a response's head tells about its body.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) content_type: Option<&'a HeaderValue>,
    pub(super) disposition: Option<&'a HeaderValue>,
    pub(super) is_coded: bool,
    pub(super) is_part: bool,
}

/// Why XML is not rewritten: what ends an element is another matter there.
const XML: &str = "it is XML: serve it as text/html";

/// What a content type says, by its essence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Html,
    Xhtml,
    /// A document where it is shown as one, such as an image in SVG. As an image it fetches nothing.
    Xml,
    Other,
}

impl Kind {
    fn of(content_type: &HeaderValue) -> Self {
        let essence = content_type.as_bytes().split(|byte| *byte == b';').next();
        let essence = essence.unwrap_or_default().trim_ascii();
        let is = |name: &[u8]| essence.eq_ignore_ascii_case(name);
        if is(b"text/html") {
            Self::Html
        } else if is(b"application/xhtml+xml") {
            Self::Xhtml
        } else if is(b"image/svg+xml") || is(b"application/xml") || is(b"text/xml") {
            Self::Xml
        } else {
            Self::Other
        }
    }
}

fn charset(content_type: &HeaderValue) -> Option<&[u8]> {
    content_type
        .as_bytes()
        .split(|byte| *byte == b';')
        .skip(1)
        .find_map(|parameter| {
            let parameter = parameter.trim_ascii();
            let (name, value) = parameter.split_at_checked("charset=".len())?;
            name.eq_ignore_ascii_case(b"charset=").then(|| {
                let value = value.strip_prefix(b"\"").unwrap_or(value);
                value.strip_suffix(b"\"").unwrap_or(value)
            })
        })
}

/// Whether a response with this status never has a body (RFC 9110, section 6.4.1).
pub(crate) fn has_no_content(status: StatusCode) -> bool {
    status.is_informational()
        || matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        )
}

fn is_attachment(disposition: &HeaderValue) -> bool {
    let kind = disposition.as_bytes().split(|byte| *byte == b';').next();
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"attachment"))
}

/// The language of a page, where its headers tell one (RFC 9110, section 8.5).
pub(crate) fn language(headers: &HeaderMap) -> Option<String> {
    let line = headers.get(CONTENT_LANGUAGE)?.to_str().ok()?;
    let tag = line.split(',').next()?.trim();
    is_tag(tag).then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::head::Head;
    use http::header::{
        ACCEPT, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HeaderName,
    };

    fn body(headers: &HeaderMap, status: StatusCode, shown: bool) -> Body {
        Head::of(headers, status, false, shown).body
    }

    fn of(content_type: &'static str) -> Body {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        body(&headers, StatusCode::OK, false)
    }

    // covers behaviours 53, 54
    #[test]
    fn only_the_essence_text_html_is_html() {
        for html in ["text/html", "TEXT/HTML; charset=utf-8", " text/html ;x=y"] {
            assert!(matches!(of(html), Body::Html { .. }), "{html}");
        }
        for other in [
            "text/html-patch+json",
            "application/json; profile=\"text/html\"",
            "image/svg+xml",
            "text/plain",
            "",
        ] {
            assert_eq!(of(other), Body::Other, "{other}");
        }
    }

    #[test]
    fn xml_is_a_document_where_it_is_shown_as_one() {
        let of = |content_type, shown| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            body(&headers, StatusCode::OK, shown)
        };
        for xml in [
            "image/svg+xml",
            "Text/XML; charset=utf-8",
            "application/xml",
        ] {
            assert_eq!(of(xml, true), Body::Opaque(XML), "{xml}");
            assert_eq!(of(xml, false), Body::Other, "{xml}");
        }
        for shown in [true, false] {
            assert_eq!(of("application/xhtml+xml", shown), Body::Opaque(XML));
            assert_eq!(of("application/rss+xml", shown), Body::Other);
        }
    }

    #[test]
    fn utf_16_is_opaque_and_legacy_charsets_are_not() {
        assert!(matches!(of("text/html; charset=utf-16le"), Body::Opaque(_)));
        assert!(matches!(
            of("text/html; charset=\"windows-1252\""),
            Body::Html { declared: true, .. }
        ));
        assert!(matches!(
            of("text/html"),
            Body::Html {
                declared: false,
                ..
            }
        ));
    }

    // covers behaviours 55, 69, 78, 79
    #[test]
    fn what_cannot_or_must_not_be_edited_is_told_apart() {
        let with = |name: HeaderName, value: &'static str, status: StatusCode| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            headers.insert(name, HeaderValue::from_static(value));
            body(&headers, status, true)
        };
        let ok = StatusCode::OK;
        assert!(matches!(
            with(CONTENT_ENCODING, "compress", ok),
            Body::Opaque(_)
        ));
        assert_eq!(
            matches!(with(CONTENT_ENCODING, "gzip", ok), Body::Html { .. }),
            cfg!(feature = "decompress")
        );
        assert!(matches!(
            with(CONTENT_ENCODING, "identity", ok),
            Body::Html { .. }
        ));
        assert!(matches!(
            with(CONTENT_RANGE, "bytes 0-1/9", ok),
            Body::Opaque(_)
        ));
        assert_eq!(
            with(CONTENT_DISPOSITION, "Attachment; filename=a", ok),
            Body::Other
        );
        assert!(matches!(
            with(CONTENT_DISPOSITION, "inline", ok),
            Body::Html { .. }
        ));
        for status in [204, 205, 304] {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            assert_eq!(with(ACCEPT, "x", status), Body::Other);
        }
    }
}
