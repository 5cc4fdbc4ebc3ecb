//! Which rows are gone?
//!
//! A count tells that rows are missing, and not which. A sketch holds every row
//! of the log five times over, added up in few cells; what remains when the
//! rows that are still there are taken away names the others, as long as they
//! are no more than a dozen or so: an invertible Bloom look-up table (Goodrich
//! and Mitzenmacher, 2011). Its size does not depend on the log's, and a row
//! that is erased or purged leaves nothing in it.
//!
//! Up to six neighbours, such as the end of a log, are always named. Two others
//! hide each other about once in eight thousand times; that rows are missing is
//! told all the same.

use sha2::{Digest, Sha256};

use super::row::Row;
use crate::clock::Timestamp;
use crate::id::{EventId, ReceiptId};

/// A row is in one cell of each part.
const PARTS: usize = 5;
/// Cells in each part. All together just fit into one page of either database.
const PART: usize = 6;
const CELLS: usize = PARTS * PART;
const CELL: usize = 4 + COUNTED + 8;
/// How many bytes a sketch is stored in.
pub(super) const SKETCH: usize = CELLS * CELL;
/// How many bytes tell one row from all others.
pub(super) const COUNTED: usize = 8 + 16 + 16 + 8;

/// What a head notes of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) position: u64,
    pub(super) id: EventId,
    pub(super) receipt: ReceiptId,
    pub(super) at: Timestamp,
}

impl Counted {
    /// A row at the position where it stands.
    pub(super) const fn new(position: u64, row: &Row) -> Self {
        Self {
            position,
            id: row.id,
            receipt: row.receipt,
            at: row.at,
        }
    }

    pub(super) fn to_bytes(self) -> [u8; COUNTED] {
        let mut bytes = [0; COUNTED];
        let parts = self
            .position
            .to_be_bytes()
            .into_iter()
            .chain(*self.id.as_bytes())
            .chain(*self.receipt.as_bytes())
            .chain(self.at.unix_seconds().to_be_bytes());
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; COUNTED]) -> Self {
        let (position, rest) = bytes.split_at(8);
        let (id, rest) = rest.split_at(16);
        let (receipt, at) = rest.split_at(16);
        Self {
            position: number(position),
            id: EventId::from_column(id),
            receipt: ReceiptId::from_column(receipt),
            at: Timestamp::from_unix_seconds(number(at)),
        }
    }
}

/// The sum of some rows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Sketch([Cell; CELLS]);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    /// Rows added less rows taken away.
    count: u32,
    /// The exclusive or of all of them, and of their checks.
    rows: [u8; COUNTED],
    checks: u64,
}

/// What tells two sketches apart.
pub(super) struct Difference {
    /// The rows that are in the first alone.
    pub(super) first: Vec<Counted>,
    /// The rows that are in the second alone.
    pub(super) second: Vec<Counted>,
    /// Whether that is all.
    pub(super) whole: bool,
}

impl Sketch {
    pub(super) const EMPTY: Self = Self([Cell::EMPTY; CELLS]);

    pub(super) fn add(&mut self, row: Counted) {
        self.change(row, 1);
    }

    pub(super) fn take(&mut self, row: Counted) {
        self.change(row, u32::MAX);
    }

    fn change(&mut self, row: Counted, by: u32) {
        let bytes = row.to_bytes();
        let (check, places) = spread(&bytes);
        let other = Cell {
            count: by,
            rows: bytes,
            checks: check,
        };
        for place in places {
            if let Some(cell) = self.0.get_mut(place) {
                cell.add(&other);
            }
        }
    }

    /// The rows that this one holds and `other` does not, and the reverse.
    pub(super) fn against(&self, other: &Self) -> Difference {
        let mut rest = self.clone();
        for (cell, other) in rest.0.iter_mut().zip(&other.0) {
            cell.add(&Cell {
                count: other.count.wrapping_neg(),
                ..*other
            });
        }
        let mut difference = Difference {
            first: Vec::new(),
            second: Vec::new(),
            whole: false,
        };
        // What somebody forged must not keep this going for ever.
        for _ in 0..2 * CELLS {
            let Some((row, count)) = rest.0.iter().find_map(Cell::alone) else {
                break;
            };
            rest.change(row, count.wrapping_neg());
            if count == 1 {
                difference.first.push(row);
            } else {
                difference.second.push(row);
            }
        }
        difference.whole = rest == Self::EMPTY;
        difference.first.sort_unstable_by_key(|row| row.position);
        difference.second.sort_unstable_by_key(|row| row.position);
        difference
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SKETCH);
        for cell in &self.0 {
            bytes.extend_from_slice(&cell.count.to_be_bytes());
            bytes.extend_from_slice(&cell.rows);
            bytes.extend_from_slice(&cell.checks.to_be_bytes());
        }
        bytes
    }

    /// Reads exactly as many bytes as one has.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SKETCH {
            return None;
        }
        let mut sketch = Self::EMPTY;
        for (cell, bytes) in sketch.0.iter_mut().zip(bytes.chunks_exact(CELL)) {
            let (count, rest) = bytes.split_at_checked(4)?;
            let (rows, checks) = rest.split_first_chunk::<COUNTED>()?;
            *cell = Cell {
                count: u32::try_from(number(count)).ok()?,
                rows: *rows,
                checks: number(checks),
            };
        }
        Some(sketch)
    }
}

impl Cell {
    const EMPTY: Self = Self {
        count: 0,
        rows: [0; COUNTED],
        checks: 0,
    };

    fn add(&mut self, other: &Self) {
        self.count = self.count.wrapping_add(other.count);
        let rows = self.rows.iter_mut().zip(other.rows);
        rows.for_each(|(byte, other)| *byte ^= other);
        self.checks ^= other.checks;
    }

    /// The one row that it holds, once added (1) or taken away; `None` where
    /// there are more or none.
    fn alone(&self) -> Option<(Counted, u32)> {
        let one = matches!(self.count, 1 | u32::MAX) && spread(&self.rows).0 == self.checks;
        one.then(|| (Counted::from_bytes(&self.rows), self.count))
    }
}

/// The check of a row and its places: in the first part by its position, so
/// that neighbours stand apart, in the others by its digest.
fn spread(bytes: &[u8; COUNTED]) -> (u64, [usize; PARTS]) {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (check, rest) = digest.split_at(8);
    let (position, _) = bytes.split_at(8);
    let parts = std::iter::once(position).chain(rest.chunks_exact(6));
    let mut places = [0; PARTS];
    for (part, (place, number_of)) in places.iter_mut().zip(parts).enumerate() {
        let within = number(number_of) % PART as u64;
        *place = part * PART + usize::try_from(within).unwrap_or_default();
    }
    (number(check), places)
}

pub(super) fn number(bytes: &[u8]) -> u64 {
    let digits = bytes.iter();
    digits.fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;

    fn row(position: u64) -> Counted {
        Counted {
            position,
            id: EventId::from_column(&position.to_le_bytes().repeat(2)),
            receipt: ReceiptId::from_column(&position.to_be_bytes().repeat(2)),
            at: Timestamp::from_unix_seconds(1_790_000_000 + position),
        }
    }

    #[test]
    fn a_few_rows_among_many_are_named_and_what_was_taken_away_leaves_nothing() {
        for gone in 0..8 {
            let rows: Vec<Counted> = (1..=5000).map(row).collect();
            let (mut all, mut left) = (Sketch::EMPTY, Sketch::EMPTY);
            rows.iter().for_each(|row| all.add(*row));
            let missing: Vec<Counted> = rows.iter().step_by(700).take(gone).copied().collect();
            let kept = rows.iter().filter(|row| !missing.contains(row));
            kept.for_each(|row| left.add(*row));
            let more = row(9999);
            left.add(more);
            let found = all.against(&left);
            assert!(found.whole, "{gone}");
            assert_eq!((found.first, found.second), (missing, vec![more]));
            rows.iter().for_each(|row| all.take(*row));
            assert!(all == Sketch::EMPTY);
        }
    }

    #[test]
    fn the_end_of_a_log_is_named_whatever_its_rows_are() {
        for end in 6..600 {
            let mut cut = Sketch::EMPTY;
            (end - 5..=end).for_each(|position| cut.add(row(position)));
            let found = cut.against(&Sketch::EMPTY);
            assert!(found.whole && found.first.len() == 6, "{end}");
        }
    }

    #[test]
    fn too_many_rows_are_not_named_wrongly() {
        let rows: Vec<Counted> = (1..=500).map(row).collect();
        let mut all = Sketch::EMPTY;
        rows.iter().for_each(|row| all.add(*row));
        let found = all.against(&Sketch::EMPTY);
        assert!(!found.whole);
        assert!(found.first.iter().all(|row| rows.contains(row)));
    }

    #[test]
    fn its_bytes_give_it_back_and_no_others_do() {
        let mut sketch = Sketch::EMPTY;
        sketch.add(row(1));
        sketch.take(row(2));
        let bytes = sketch.to_bytes();
        assert!(Sketch::from_bytes(&bytes).as_ref() == Some(&sketch));
        assert!(Sketch::from_bytes(bytes.get(1..).unwrap()).is_none());
        assert!(Sketch::from_bytes(&[]).is_none());
    }
}
