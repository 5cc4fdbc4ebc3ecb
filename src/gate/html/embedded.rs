//! What does an address hold itself?
//!
//! `javascript:` and `data:` addresses fetch nothing, but what they hold may.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What an address holds itself.
pub(super) enum Embedded {
    Script(Vec<u8>),
    Document(String),
    Style(Vec<u8>),
}

/// The content of a `javascript:` or `data:` address (RFC 2397).
pub(super) fn embedded(address: &str) -> Option<Embedded> {
    let address = address.trim_matches(|c: char| c <= ' ');
    if !address.starts_with(['d', 'D', 'j', 'J']) {
        return None;
    }
    // Browsers drop these anywhere in an address.
    let scheme: String = address
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .take("javascript:".len())
        .collect();
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let (_, rest) = address.split_once(':')?;
    if scheme.eq_ignore_ascii_case("javascript:") {
        return Some(Embedded::Script(decoded(rest)));
    }
    if !scheme
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
    {
        return None;
    }
    let (kind, data) = rest.split_once(',')?;
    let kind = kind.to_ascii_lowercase();
    let mut data = decoded(data);
    if kind.trim_end().ends_with(";base64") {
        data.retain(|byte| !byte.is_ascii_whitespace());
        data = FORGIVING.decode(data).ok()?;
    }
    let kind = kind.split(';').next().unwrap_or_default().trim();
    Some(if kind.contains("html") || kind.contains("xml") {
        Embedded::Document(String::from_utf8_lossy(&data).into_owned())
    } else if kind.contains("css") {
        Embedded::Style(data)
    } else {
        Embedded::Script(data)
    })
}

/// Base64 as browsers take it, with or without padding.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_read_as_browsers_read_it() {
        let script = |address: &str| match embedded(address) {
            Some(Embedded::Script(script)) => String::from_utf8(script).ok(),
            _ => None,
        };
        assert_eq!(script(" JaVa\nScript:a%28)").as_deref(), Some("a()"));
        assert_eq!(script("data:text/javascript,a%28)").as_deref(), Some("a()"));
        assert_eq!(script("data:;base64,YSgp").as_deref(), Some("a()"));
        assert_eq!(
            script("data:,x;base64 , YSgp").as_deref(),
            Some("x;base64 , YSgp")
        );
        assert_eq!(
            script("data:text/javascript;base64, YSg p ").as_deref(),
            Some("a()")
        );
        assert!(matches!(
            embedded("data:text/html;charset=utf-8,<p>"),
            Some(Embedded::Document(html)) if html == "<p>"
        ));
        assert!(matches!(
            embedded("DATA:image/svg+xml;base64,PHN2Zz4="),
            Some(Embedded::Document(svg)) if svg == "<svg>"
        ));
        assert!(matches!(
            embedded("data:text/css,a{}"),
            Some(Embedded::Style(_))
        ));
        for other in ["https://x/", "/javascript:x", "data:x", "javascript", ""] {
            assert!(embedded(other).is_none(), "{other}");
        }
    }
}
