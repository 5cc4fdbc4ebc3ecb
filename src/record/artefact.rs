//! What exactly was the visitor shown?

use std::fmt;

use crate::id::ArtefactId;

/// Something that rows name: the words of a banner, of a preferences page, the
/// declarations of a policy. Kept once, as long as a row names it.
#[derive(Clone, PartialEq, Eq)]
pub struct Artefact {
    id: ArtefactId,
    content_type: String,
    bytes: Vec<u8>,
}

impl Artefact {
    /// Takes the bytes and names them by their SHA-256.
    #[must_use]
    pub fn new(content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self {
            id: ArtefactId::of(&bytes),
            content_type: content_type.into(),
            bytes,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> ArtefactId {
        self.id
    }

    /// The media type, such as `text/html; charset=utf-8`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The very bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Artefact")
            .field("id", &self.id)
            .field("content_type", &self.content_type)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
