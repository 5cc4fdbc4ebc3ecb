//! Are all the rows still there?
//!
//! A row's tag says nothing about rows that are gone. A log therefore keeps one
//! head, which it changes in the very transaction that adds or removes rows:
//! how many there are, and the sum of the digests of their tags. It is sealed,
//! so nobody without the keys can take rows out and make it fit: as no new row
//! can be made either, and none counts twice, the number alone shows a missing
//! row, and the sum one that was put back in place of another.
//!
//! # What this does not protect against
//!
//! A whole log put back to an earlier state with its head. To notice that, keep
//! the head's generation elsewhere, and compare: it only ever grows.

use std::fmt;

use sha2::{Digest, Sha256};

use super::seal::{Seal, Sealed};

const BODY: usize = 1 + 1 + 8 + 8 + 32;

/// How many rows a log holds, sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    generation: u64,
    rows: u64,
    sum: [u8; 32],
    /// Whether it was found altered once, and has gone on from that.
    broken: bool,
    tag: Vec<u8>,
}

impl Head {
    /// The head of a log without rows.
    #[must_use]
    pub fn new(seal: &Seal) -> Self {
        let mut head = Self {
            generation: 0,
            rows: 0,
            sum: [0; 32],
            broken: false,
            tag: Vec::new(),
        };
        head.tag = seal.head(&head.body());
        head
    }

    /// The head of a log that has rows and no head, which is for [`verify`](super::verify) to tell.
    #[must_use]
    pub fn lost(seal: &Seal) -> Self {
        let mut head = Self::new(seal);
        head.broken = true;
        head.tag = seal.head(&head.body());
        head
    }

    /// The head after rows with the tags `added` came in and those with the
    /// tags `removed` went. A head that does not verify stays marked for good,
    /// so that a write does not hide what was done to it.
    #[must_use]
    pub fn changed<'a>(
        &self,
        seal: &Seal,
        added: impl IntoIterator<Item = &'a [u8]>,
        removed: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let mut next = self.clone();
        next.broken |= !self.is_intact(seal);
        next.generation = next.generation.saturating_add(1);
        for tag in added {
            next.rows = next.rows.saturating_add(1);
            next.sum = sum(next.sum, digest(tag), false);
        }
        for tag in removed {
            next.rows = next.rows.saturating_sub(1);
            next.sum = sum(next.sum, digest(tag), true);
        }
        next.tag = seal.head(&next.body());
        next
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// How often rows came or went.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether this site sealed it, and never met it altered.
    #[must_use]
    pub fn is_intact(&self, seal: &Seal) -> bool {
        !self.broken && seal.check_head(&self.body(), &self.tag) == Sealed::Intact
    }

    pub(super) const fn sum(&self) -> [u8; 32] {
        self.sum
    }

    /// The bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.body();
        bytes.extend_from_slice(&self.tag);
        bytes
    }

    /// Reads stored bytes. Whatever they are makes a head; one that was damaged does not verify.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (body, tag) = bytes.split_at_checked(BODY).unwrap_or((&[], &[]));
        let mut fixed = [0; BODY];
        fixed
            .iter_mut()
            .zip(body)
            .for_each(|(to, from)| *to = *from);
        let [schema, broken, rest @ ..] = fixed;
        let (counts, sum) = rest.split_at(16);
        let (generation, rows) = counts.split_at(8);
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        Self {
            generation: number(generation),
            rows: number(rows),
            sum: sum.first_chunk().copied().unwrap_or_default(),
            broken: broken != 0,
            // Another schema is another message.
            tag: if schema == 1 {
                tag.to_vec()
            } else {
                Vec::new()
            },
        }
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(BODY);
        body.push(1);
        body.push(u8::from(self.broken));
        body.extend_from_slice(&self.generation.to_be_bytes());
        body.extend_from_slice(&self.rows.to_be_bytes());
        body.extend_from_slice(&self.sum);
        body
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("generation", &self.generation)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

pub(super) fn digest(tag: &[u8]) -> [u8; 32] {
    Sha256::digest(tag).into()
}

/// Adds or takes away numbers of 256 bits, little-endian, without their overflow.
pub(super) fn sum(left: [u8; 32], right: [u8; 32], minus: bool) -> [u8; 32] {
    let mut carry = u16::from(minus);
    let mut sum = left;
    for (byte, other) in sum.iter_mut().zip(right) {
        let other = if minus { !other } else { other };
        let whole = u16::from(*byte) + u16::from(other) + carry;
        let [high, low] = whole.to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
    sum
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;
    use crate::keys::Keyring;

    #[test]
    fn what_is_added_and_taken_away_leaves_nothing() {
        let (a, b) = (digest(b"a"), digest(b"b"));
        assert_eq!(sum(sum(a, b, false), b, true), a);
        assert_eq!(sum(a, b, false), sum(b, a, false));
        assert_eq!(
            sum([0xff; 32], sum([0; 32], [0xff; 32], true), false),
            [0; 32]
        );
    }

    #[test]
    fn an_altered_head_is_noticed_and_stays_noticed() {
        let seal = Seal::new(&Keyring::ephemeral().unwrap());
        let tags: [&[u8]; 2] = [b"one", b"two"];
        let head = Head::new(&seal).changed(&seal, tags, []);
        assert!(head.is_intact(&seal) && head.rows() == 2 && head.generation() == 1);
        let bytes = head.to_bytes();
        assert_eq!(Head::from_bytes(&bytes), head);
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            *other.get_mut(at).unwrap() ^= 1;
            let other = Head::from_bytes(&other);
            assert!(!other.is_intact(&seal), "byte {at}");
            assert!(!other.changed(&seal, [], []).is_intact(&seal), "byte {at}");
        }
        for cut in 0..bytes.len() {
            assert!(!Head::from_bytes(bytes.get(..cut).unwrap()).is_intact(&seal));
        }
        assert!(!Head::lost(&seal).changed(&seal, tags, []).is_intact(&seal));
        let other = Seal::new(&Keyring::ephemeral().unwrap());
        assert!(!head.is_intact(&other));
    }
}
