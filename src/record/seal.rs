//! Did this site write this row?
//!
//! Rows and heads are sealed with HMAC-SHA-256, each under a key of its own
//! that is derived from the keyring's.
//!
//! # What this does not protect against
//!
//! Whoever holds the keys can write any row. A tag says that the row is as the
//! site wrote it, not that it is still there: that is the [`Head`](super::Head)'s part.

use std::fmt;

use ctutils::CtEq;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::keys::{Keyring, keyed};

const KEY_ID: usize = 4;

/// The keys that seal rows and heads: the first of the ring seals, all verify.
///
/// Keep a key in the ring that verifies as long as rows are kept that it sealed.
#[derive(Clone)]
pub struct Seal {
    signing: Keys,
    previous: Vec<Keys>,
}

#[derive(Clone)]
struct Keys {
    id: [u8; KEY_ID],
    /// Keyed already: it is cloned for each message, and wiped when dropped.
    row: Hmac<Sha256>,
    head: Hmac<Sha256>,
}

/// What a tag says about its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    Intact,
    /// By no key of the ring.
    UnknownKey,
    Broken,
}

impl Seal {
    /// Derives the keys.
    #[must_use]
    pub fn new(keyring: &Keyring) -> Self {
        let mut keys = keyring.keys().map(|key| Keys {
            id: key.id(),
            row: keyed(&*key.derive(&[b"tower-consent v1 record row"])),
            head: keyed(&*key.derive(&[b"tower-consent v1 record head"])),
        });
        #[allow(clippy::expect_used, reason = "a keyring is made with its signing key")]
        let signing = keys.next().expect("a keyring holds a signing key");
        Self {
            signing,
            previous: keys.collect(),
        }
    }

    pub(super) fn row(&self, text: &[u8]) -> Vec<u8> {
        tag(self.signing.id, &self.signing.row, text)
    }

    pub(super) fn head(&self, bytes: &[u8]) -> Vec<u8> {
        tag(self.signing.id, &self.signing.head, bytes)
    }

    pub(super) fn check_row(&self, text: &[u8], tag: &[u8]) -> Sealed {
        self.check(text, tag, |keys| &keys.row)
    }

    pub(super) fn check_head(&self, bytes: &[u8], tag: &[u8]) -> Sealed {
        self.check(bytes, tag, |keys| &keys.head)
    }

    fn check(
        &self,
        message: &[u8],
        stored: &[u8],
        use_of: impl Fn(&Keys) -> &Hmac<Sha256>,
    ) -> Sealed {
        let Some(id) = stored.first_chunk::<KEY_ID>() else {
            return Sealed::Broken;
        };
        let mut outcome = Sealed::UnknownKey;
        // Two keys may share an id by chance, so a failed one does not end the search.
        for keys in std::iter::once(&self.signing).chain(&self.previous) {
            if keys.id == *id {
                let expected = tag(keys.id, use_of(keys), message);
                if expected.as_slice().ct_eq(stored).into() {
                    return Sealed::Intact;
                }
                outcome = Sealed::Broken;
            }
        }
        outcome
    }
}

fn tag(id: [u8; KEY_ID], keyed: &Hmac<Sha256>, message: &[u8]) -> Vec<u8> {
    let mut mac = keyed.clone();
    mac.update(message);
    let mut tag = Vec::with_capacity(KEY_ID + 32);
    tag.extend_from_slice(&id);
    tag.extend_from_slice(&mac.finalize().into_bytes());
    tag
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(redacted)")
    }
}
