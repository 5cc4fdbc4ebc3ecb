//! How does a log behave that keeps nothing?

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::artefact::Artefact;
use super::head::{Entry, Head};
use super::log::{Batch, ConsentLog, Erased, Held, LogError, Purged};
use super::row::{Row, Stored};
use super::seal::Seal;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId, ReceiptId};
use crate::keys::Keyring;

/// A log in memory, for tests and for a first look. **It proves nothing**: all
/// is gone when the process ends. Clones share the rows.
#[derive(Clone)]
pub struct MemoryLog {
    seal: Arc<Seal>,
    rows: Arc<Mutex<Kept>>,
}

struct Kept {
    next: u64,
    rows: BTreeMap<u64, Row>,
    ids: HashMap<EventId, u64>,
    holds: HashMap<ReceiptId, String>,
    artefacts: HashMap<ArtefactId, Arc<Artefact>>,
    head: Head,
}

impl MemoryLog {
    /// A log without rows.
    #[must_use]
    pub fn new(keys: &Keyring) -> Self {
        let seal = Seal::new(keys);
        let head = Head::new(&seal);
        Self {
            seal: Arc::new(seal),
            rows: Arc::new(Mutex::new(Kept {
                next: 1,
                rows: BTreeMap::new(),
                ids: HashMap::new(),
                holds: HashMap::new(),
                artefacts: HashMap::new(),
                head,
            })),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn stored(&self, position: u64, row: &Row) -> Stored {
        Stored::new(position, row.clone()).with_hold(self.holds.get(&row.receipt).cloned())
    }

    /// Takes the rows out that `goes` says.
    fn remove(&mut self, seal: &Seal, goes: impl Fn(&Row) -> bool) -> u64 {
        let (gone, kept) = std::mem::take(&mut self.rows)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, row)| goes(row));
        self.rows = kept;
        for row in gone.values() {
            self.ids.remove(&row.id);
        }
        if !gone.is_empty() {
            let gone = gone
                .iter()
                .map(|(position, row)| Entry::new(*position, row));
            self.head = self.head.changed(seal, [], gone);
        }
        gone.len() as u64
    }

    fn names(&self, id: ArtefactId) -> bool {
        let named = |row: &Row| row.artefacts().is_some_and(|named| named.contains(&id));
        self.rows.values().any(named)
    }
}

impl ConsentLog for MemoryLog {
    async fn append(&self, batch: Batch) -> Result<(), LogError> {
        let mut kept = self.kept();
        for artefact in batch.artefacts.iter() {
            let artefact = artefact.clone();
            kept.artefacts.entry(artefact.id()).or_insert(artefact);
        }
        let first = kept.next;
        for row in batch.rows {
            let position = kept.next;
            if kept.ids.contains_key(&row.id) {
                continue;
            }
            kept.ids.insert(row.id, position);
            kept.next += 1;
            kept.rows.insert(position, row);
        }
        if kept.next > first {
            let added = kept.rows.range(first..);
            let added = added.map(|(position, row)| Entry::new(*position, row));
            kept.head = kept.head.changed(&self.seal, added, []);
        }
        Ok(())
    }

    async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        let kept = self.kept();
        let rows = kept.rows.iter().filter(|(_, row)| row.receipt == receipt);
        Ok(rows
            .map(|(position, row)| kept.stored(*position, row))
            .collect())
    }

    async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        let kept = self.kept();
        Ok(kept.artefacts.get(&id).map(|artefact| (**artefact).clone()))
    }

    async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        let mut kept = self.kept();
        if let Some(reason) = kept.holds.get(&receipt) {
            return Ok(Erased::held(reason.clone()));
        }
        Ok(Erased::rows(
            kept.remove(&self.seal, |row| row.receipt == receipt),
        ))
    }

    async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        let mut kept = self.kept();
        let mut held: BTreeMap<ReceiptId, u64> = BTreeMap::new();
        for row in kept.rows.values() {
            if row.at < before && kept.holds.contains_key(&row.receipt) {
                *held.entry(row.receipt).or_default() += 1;
            }
        }
        let rows = kept.remove(&self.seal, |row| {
            row.at < before && !held.contains_key(&row.receipt)
        });
        let unnamed: Vec<ArtefactId> = kept
            .artefacts
            .keys()
            .copied()
            .filter(|id| !kept.names(*id))
            .collect();
        for id in &unnamed {
            kept.artefacts.remove(id);
        }
        let reason = |receipt| kept.holds.get(receipt).cloned().unwrap_or_default();
        let held = held
            .iter()
            .map(|(receipt, rows)| Held::new(*receipt, *rows, reason(receipt)))
            .collect();
        Ok(Purged::new(rows, unnamed.len() as u64, held))
    }

    async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        let mut kept = self.kept();
        kept.holds.insert(receipt, reason.to_owned());
        let of = |row: &&Row| row.receipt == receipt;
        Ok(kept.rows.values().filter(of).count() as u64)
    }

    async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
        Ok(self.kept().holds.remove(&receipt).is_some())
    }

    async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        let kept = self.kept();
        let rows = kept.rows.range(after.saturating_add(1)..).take(limit);
        Ok(rows
            .map(|(position, row)| kept.stored(*position, row))
            .collect())
    }

    async fn head(&self) -> Result<Option<Head>, LogError> {
        Ok(Some(self.kept().head.clone()))
    }

    async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
        let mut kept = self.kept();
        if kept.names(id) {
            return Err(LogError::referenced());
        }
        Ok(kept.artefacts.remove(&id).is_some())
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog")
            .field("rows", &self.kept().rows.len())
            .finish_non_exhaustive()
    }
}
