//! Are all the rows still there?
//!
//! A row's tag says nothing about rows that are gone. A log therefore keeps one
//! head, which it changes in the very transaction that adds or removes rows:
//! how many there are, the sum of the digests of their tags, the newest row and
//! a sketch of all of them. It is sealed, so nobody without the keys can take
//! rows out and make it fit: as no new row can be made either, and none counts
//! twice, the number alone shows a missing row, and the sum one that was put
//! back in place of another. Which ones they are the sketch tells where they are few.
//!
//! # What this does not protect against
//!
//! A whole log put back to an earlier state with its head. To notice that, keep
//! the head's generation elsewhere, and compare: it only ever grows.

use std::fmt;

use sha2::{Digest, Sha256};

use super::row::{Row, Stored};
use super::seal::{Seal, Sealed};
use super::sketch::{COUNTED, Counted, Difference, SKETCH, Sketch, number};

/// The form of a head's bytes.
const SCHEMA: u8 = 1;
/// What is sealed. The sketch is, by its digest.
const BODY: usize = 1 + 1 + 8 + 8 + 32 + COUNTED + 32;
const TAG: usize = 36;

/// How many rows a log holds and which, sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    generation: u64,
    rows: u64,
    sum: [u8; 32],
    /// Whether it was found altered once, and has gone on from that.
    broken: bool,
    /// The row that came in last, unless it went again.
    newest: Option<Counted>,
    /// The digest of the sketch.
    digest: [u8; 32],
    sketch: Option<Sketch>,
    tag: Vec<u8>,
}

/// A row that comes into a log or goes, as its head counts it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    row: Counted,
    tag: &'a [u8],
}

impl<'a> Entry<'a> {
    /// A row as it stands in a log.
    #[must_use]
    pub fn of(stored: &'a Stored) -> Self {
        Self::new(stored.position, &stored.row)
    }

    /// A row at the position where it stands, or stood.
    #[must_use]
    pub fn new(position: u64, row: &'a Row) -> Self {
        Self {
            row: Counted::new(position, row),
            tag: &row.tag,
        }
    }
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
            newest: None,
            digest: [0; 32],
            sketch: Some(Sketch::EMPTY),
            tag: Vec::new(),
        };
        head.seal(seal);
        head
    }

    /// The head of a log that has rows and no head, which is for [`verify`](super::verify) to tell.
    #[must_use]
    pub fn lost(seal: &Seal) -> Self {
        let mut head = Self::new(seal);
        head.broken = true;
        head.seal(seal);
        head
    }

    /// The head after the rows `added` came in and the rows `removed` went. A
    /// head that does not verify stays marked for good, so that a write does
    /// not hide what was done to it.
    #[must_use]
    pub fn changed<'a>(
        &self,
        seal: &Seal,
        added: impl IntoIterator<Item = Entry<'a>>,
        removed: impl IntoIterator<Item = Entry<'a>>,
    ) -> Self {
        let mut next = self.clone();
        next.broken |= !self.is_intact(seal);
        next.generation = next.generation.saturating_add(1);
        for entry in added {
            next.rows = next.rows.saturating_add(1);
            next.sum = sum(next.sum, digest(entry.tag), false);
            next.newest = Some(entry.row);
            if let Some(sketch) = &mut next.sketch {
                sketch.add(entry.row);
            }
        }
        for entry in removed {
            next.rows = next.rows.saturating_sub(1);
            next.sum = sum(next.sum, digest(entry.tag), true);
            next.newest = next.newest.filter(|newest| newest.id != entry.row.id);
            if let Some(sketch) = &mut next.sketch {
                sketch.take(entry.row);
            }
        }
        next.seal(seal);
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

    /// Whether it can name rows.
    #[must_use]
    pub const fn has_sketch(&self) -> bool {
        self.sketch.is_some()
    }

    pub(super) const fn sum(&self) -> [u8; 32] {
        self.sum
    }

    pub(super) const fn newest(&self) -> Option<Counted> {
        self.newest
    }

    /// The rows that it counts and `there` does not hold, and the reverse;
    /// `None` where it came without its sketch.
    pub(super) fn against(&self, there: &Sketch) -> Option<Difference> {
        Some(self.sketch.as_ref()?.against(there))
    }

    /// The bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.to_brief_bytes();
        if let Some(sketch) = &self.sketch {
            bytes.extend_from_slice(&sketch.to_bytes());
        }
        bytes
    }

    /// The same without the sketch, for a store that keeps that elsewhere: such
    /// a head counts rows, and cannot name them.
    #[must_use]
    pub fn to_brief_bytes(&self) -> Vec<u8> {
        let mut bytes = self.body();
        bytes.extend_from_slice(&self.tag);
        bytes
    }

    /// Gives a head without a sketch that of all these rows, if it is the one that it was sealed with.
    #[must_use]
    pub fn recalling(mut self, rows: impl IntoIterator<Item = Stored>) -> Self {
        if self.sketch.is_none() {
            let mut sketch = Sketch::EMPTY;
            for stored in rows {
                sketch.add(Counted::new(stored.position, &stored.row));
            }
            self.sketch = (digest(&sketch.to_bytes()) == self.digest).then_some(sketch);
        }
        self
    }

    /// Reads stored bytes. Whatever they are makes a head; one that was damaged does not verify.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (body, rest) = bytes.split_at_checked(BODY).unwrap_or((&[], &[]));
        let (tag, sketch) = rest.split_at_checked(TAG).unwrap_or((rest, &[]));
        let mut fixed = [0; BODY];
        fixed
            .iter_mut()
            .zip(body)
            .for_each(|(to, from)| *to = *from);
        let [schema, broken, rest @ ..] = fixed;
        let (counts, rest) = rest.split_at(16);
        let (generation, rows) = counts.split_at(8);
        let (sum, rest) = rest.split_at(32);
        let (newest, noted) = rest.split_at(COUNTED);
        let newest = newest.first_chunk().map(Counted::from_bytes);
        let noted = noted.first_chunk().copied().unwrap_or_default();
        let read = Sketch::from_bytes(sketch).filter(|_| digest(sketch) == noted);
        // With another sketch than its own it is another message.
        let fits = schema == SCHEMA && (sketch.is_empty() || read.is_some());
        Self {
            generation: number(generation),
            rows: number(rows),
            sum: sum.first_chunk().copied().unwrap_or_default(),
            broken: broken != 0,
            newest: newest.filter(|newest| newest.position != 0),
            digest: noted,
            sketch: read,
            tag: if fits { tag.to_vec() } else { Vec::new() },
        }
    }

    fn seal(&mut self, seal: &Seal) {
        self.digest = self
            .sketch
            .as_ref()
            .map_or([0; 32], |sketch| digest(&sketch.to_bytes()));
        self.tag = seal.head(&self.body());
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(BODY + TAG + SKETCH);
        body.push(SCHEMA);
        body.push(u8::from(self.broken));
        body.extend_from_slice(&self.generation.to_be_bytes());
        body.extend_from_slice(&self.rows.to_be_bytes());
        body.extend_from_slice(&self.sum);
        let newest = self.newest.map_or([0; COUNTED], Counted::to_bytes);
        body.extend_from_slice(&newest);
        body.extend_from_slice(&self.digest);
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
    use crate::id::EventId;
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

    fn row(tag: &[u8]) -> Row {
        let id = EventId::random().unwrap();
        Row::from_columns(id.as_bytes(), &[7; 16], 1_790_000_000, b"", tag)
    }

    #[test]
    fn a_head_without_its_sketch_takes_it_from_the_rows_it_was_sealed_with_alone() {
        let seal = Seal::new(&Keyring::ephemeral().unwrap());
        let rows = [row(b"one"), row(b"two"), row(b"three")];
        let entries = || (1..).zip(&rows).map(|(at, row)| Entry::new(at, row));
        let head = Head::new(&seal).changed(&seal, entries(), []);
        let brief = Head::from_bytes(&head.to_brief_bytes());
        assert!(brief.is_intact(&seal) && brief.sketch.is_none());
        let stored = || {
            (1..)
                .zip(rows.clone())
                .map(|(at, row)| Stored::new(at, row))
        };
        assert_eq!(brief.clone().recalling(stored()), head);
        assert_eq!(brief.clone().recalling(stored().skip(1)), brief);
    }

    #[test]
    fn an_altered_head_is_noticed_and_stays_noticed() {
        let seal = Seal::new(&Keyring::ephemeral().unwrap());
        let rows = [row(b"one"), row(b"two")];
        let entries = || (1..).zip(&rows).map(|(at, row)| Entry::new(at, row));
        let head = Head::new(&seal).changed(&seal, entries(), []);
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
        let brief = head.to_brief_bytes();
        for cut in 0..bytes.len() {
            let cut = bytes.get(..cut).unwrap();
            assert_eq!(Head::from_bytes(cut).is_intact(&seal), cut == brief);
        }
        assert!(
            !Head::lost(&seal)
                .changed(&seal, entries(), [])
                .is_intact(&seal)
        );
        let other = Seal::new(&Keyring::ephemeral().unwrap());
        assert!(!head.is_intact(&other));
    }
}
