//! How is a body encoded?
//!
//! `Content-Encoding` lists codings in the order in which they were applied
//! (RFC 9110, section 8.4).

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// One way to compress a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// What was done to a body: nothing, or one coding, or two, the first applied first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codings {
    pub(crate) first: Option<Coding>,
    pub(crate) second: Option<Coding>,
}

impl Codings {
    /// Reads the headers; `None` where they name a coding that nobody knows
    /// here, or more than two, which no site does in earnest.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut codings = Self::default();
        let names = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case(b"identity"));
        for name in names {
            let coding = Coding::named(name)?;
            match codings {
                Self { first: None, .. } => codings.first = Some(coding),
                Self { second: None, .. } => codings.second = Some(coding),
                Self { .. } => return None,
            }
        }
        Some(codings)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.first.is_none()
    }
}

impl Coding {
    fn named(name: &[u8]) -> Option<Self> {
        match &*name.to_ascii_lowercase() {
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(lines: &[&'static str]) -> Option<Codings> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(line));
        }
        Codings::of(&headers)
    }

    // covers behaviour 69
    #[test]
    fn codings_are_read_in_their_order_and_strange_ones_are_not_guessed() {
        let codings = |first, second| Some(Codings { first, second });
        for plain in [&[][..], &["identity"], &["", " , Identity"]] {
            assert_eq!(of(plain), Some(Codings::default()), "{plain:?}");
        }
        assert_eq!(of(&["GZip"]), codings(Some(Coding::Gzip), None));
        assert_eq!(of(&["x-gzip"]), codings(Some(Coding::Gzip), None));
        assert_eq!(
            of(&["deflate", "identity, br"]),
            codings(Some(Coding::Deflate), Some(Coding::Brotli))
        );
        assert_eq!(
            of(&["zstd,gzip"]),
            codings(Some(Coding::Zstd), Some(Coding::Gzip))
        );
        for strange in ["compress", "gzip;q=1", "dcb", "gzip, gzip, gzip", "br, x"] {
            assert_eq!(of(&[strange]), None, "{strange}");
        }
    }
}
