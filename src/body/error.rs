//! Why does a body end early?

use std::fmt;

use crate::gate::html::HtmlError;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a response's body ended early.
#[derive(Debug)]
pub struct BodyError(ErrorKind);

#[derive(Debug)]
enum ErrorKind {
    Inner(BoxError),
    Html(HtmlError),
    #[cfg(feature = "decompress")]
    Decode(crate::gate::decode::DecodeError),
}

impl BodyError {
    /// The app's own error.
    pub(super) fn inner(error: impl Into<BoxError>) -> Self {
        Self(ErrorKind::Inner(error.into()))
    }

    pub(super) fn html(error: HtmlError) -> Self {
        tracing::error!(
            target: "tower_consent::gate",
            %error,
            "ended a page early: its rest could not be gated"
        );
        Self(ErrorKind::Html(error))
    }

    #[cfg(feature = "decompress")]
    pub(super) fn decode(error: crate::gate::decode::DecodeError) -> Self {
        tracing::error!(
            target: "tower_consent::gate",
            %error,
            "ended a page early: its rest could not be decompressed"
        );
        Self(ErrorKind::Decode(error))
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ErrorKind::Inner(error) => fmt::Display::fmt(error, f),
            ErrorKind::Html(error) => write!(f, "the page could not be gated: {error}"),
            #[cfg(feature = "decompress")]
            ErrorKind::Decode(error) => write!(f, "the page could not be decompressed: {error}"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            ErrorKind::Inner(error) => Some(&**error),
            ErrorKind::Html(error) => Some(error),
            #[cfg(feature = "decompress")]
            ErrorKind::Decode(error) => Some(error),
        }
    }
}
