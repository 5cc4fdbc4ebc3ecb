//! What does a batch name?
//!
//! Nearly all rows name the same few artefacts: a site has one policy and a
//! banner in a few languages. A store keeps each such set once and each row the
//! set's number, so that it is known at once what no row names any more. The
//! rows are read where the choice is made, which is not where they are written.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::id::ArtefactId;
use crate::record::artefact::Artefact;
use crate::record::log::Batch;
use crate::record::row::Row;

/// A batch that is ready to be stored.
pub(super) struct Prepared {
    pub(super) rows: Vec<Naming>,
    pub(super) artefacts: Vec<Arc<Artefact>>,
}

/// A row with the artefacts that it names.
pub(super) struct Naming {
    pub(super) row: Row,
    pub(super) set: NamedSet,
}

/// The name of a set: the SHA-256 of its members' names, in order.
pub(super) type SetId = [u8; 32];

/// Artefacts that one row names.
pub(super) struct NamedSet {
    pub(super) id: SetId,
    pub(super) artefacts: Vec<ArtefactId>,
}

impl NamedSet {
    fn new(mut artefacts: Vec<ArtefactId>) -> Self {
        artefacts.sort_unstable();
        artefacts.dedup();
        let mut hasher = Sha256::new();
        for id in &artefacts {
            hasher.update(id.as_bytes());
        }
        Self {
            id: hasher.finalize().into(),
            artefacts,
        }
    }
}

impl Prepared {
    pub(super) fn new(batch: Batch) -> Self {
        let Batch { rows, artefacts } = batch;
        let rows = rows.into_iter().map(|row| {
            // What cannot be read is taken to name all that came with it.
            let named = row.artefacts().unwrap_or_else(|| {
                let all = artefacts.iter().map(|artefact| artefact.id());
                all.collect()
            });
            Naming {
                set: NamedSet::new(named),
                row,
            }
        });
        Self {
            rows: rows.collect(),
            artefacts,
        }
    }
}
