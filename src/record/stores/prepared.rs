//! What does a row name?
//!
//! Nearly all rows name the same few artefacts: a site has one policy and a
//! banner in a few languages. A store keeps each such set once and each row the
//! set's number, so that it is known at once what no row names any more. The
//! rows are read where the choice is made, which is not where they are written.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::id::ArtefactId;
use crate::record::log::Batch;
use crate::record::row::Row;

/// A batch of which is known what its rows name.
pub(super) fn prepared(mut batch: Batch) -> Batch {
    batch.rows.iter_mut().for_each(Row::note_named);
    batch
}

/// The name of a set: the SHA-256 of its members' names, in order.
pub(super) type SetId = [u8; 32];

/// Artefacts that one row names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum NamedSet {
    /// As the event has them.
    Of([ArtefactId; 3]),
    /// What cannot be read is taken to name all that came with it.
    All(Vec<ArtefactId>),
}

impl NamedSet {
    /// What a row of this batch names.
    pub(super) fn of(row: &Row, batch: &Batch) -> Self {
        row.named().map_or_else(
            || Self::All(batch.artefacts.iter().map(|one| one.id()).collect()),
            Self::Of,
        )
    }

    /// Each once, in order.
    pub(super) fn members(&self) -> Vec<ArtefactId> {
        let mut members = match self {
            Self::Of(named) => named.to_vec(),
            Self::All(named) => named.clone(),
        };
        members.sort_unstable();
        members.dedup();
        members
    }

    pub(super) fn id(&self) -> SetId {
        let mut hasher = Sha256::new();
        for id in self.members() {
            hasher.update(id.as_bytes());
        }
        hasher.finalize().into()
    }
}

/// The numbers of sets that are in the archive with all their members.
#[derive(Default)]
pub(super) struct Sets {
    numbers: HashMap<NamedSet, i64>,
    /// The one that was asked for last, as nearly always.
    last: Option<(NamedSet, i64)>,
}

impl Sets {
    pub(super) fn number(&mut self, set: &NamedSet) -> Option<i64> {
        if let Some((last, number)) = &self.last
            && last == set
        {
            return Some(*number);
        }
        let number = *self.numbers.get(set)?;
        self.last = Some((set.clone(), number));
        Some(number)
    }

    pub(super) fn note(&mut self, set: NamedSet, number: i64) {
        self.numbers.insert(set, number);
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.last = None;
    }
}
