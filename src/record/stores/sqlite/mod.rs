//! How is the record kept in one file?
//!
//! SQLite, compiled in: a write-ahead log, synced before a choice is answered,
//! and one thread that writes.

mod error;
mod schema;
mod shelf;

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use self::error::failed;
use self::shelf::Shelf;
use super::desk::Desk;
use super::prepared::Prepared;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::keys::Keyring;
use crate::record::artefact::Artefact;
use crate::record::head::Head;
use crate::record::log::{Batch, ConsentLog, Erased, LogError, Purged};
use crate::record::row::Stored;
use crate::record::seal::Seal;

/// How many rows one step of a purge removes, so that choices get their turn.
const STEP: usize = 2000;

/// A log in one SQLite file, for a site on one machine. Needs the feature
/// `sqlite`, which brings SQLite itself.
///
/// Several processes may have the file open, such as the site and an
/// operator's command. Clones share one connection and its thread.
///
/// ```no_run
/// use tower_consent::Keyring;
/// use tower_consent::record::SqliteLog;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let log = SqliteLog::open("consent.db", &Keyring::from_env("CONSENT_KEYS")?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteLog {
    desk: Desk<Shelf>,
    path: PathBuf,
}

impl SqliteLog {
    /// Opens the file, and makes or upgrades it where need be. Reading alone
    /// needs no particular keys; whatever adds or removes rows needs those of
    /// the site.
    ///
    /// # Errors
    ///
    /// [`LogError`] where the file cannot be opened or written, is something
    /// else, or was made by a later version of this crate.
    pub fn open(path: impl AsRef<Path>, keys: &Keyring) -> Result<Self, LogError> {
        let path = path.as_ref();
        let seal = Seal::new(keys);
        let mut connection = Connection::open(path).map_err(failed)?;
        schema::prepare(&mut connection, &seal)?;
        let shelf = Shelf::new(connection, seal);
        Ok(Self {
            desk: Desk::open(shelf)?,
            path: path.to_owned(),
        })
    }
}

impl ConsentLog for SqliteLog {
    async fn append(&self, batch: Batch) -> Result<(), LogError> {
        self.desk.append(Prepared::new(batch)).await
    }

    async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        self.desk.ask(move |shelf| shelf.by_receipt(receipt)).await
    }

    async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        self.desk.ask(move |shelf| shelf.artefact(id)).await
    }

    async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        self.desk.ask(move |shelf| shelf.erase(receipt)).await
    }

    async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        let mut rows = 0;
        loop {
            let removed = self
                .desk
                .ask(move |shelf| shelf.purge_some(before, STEP))
                .await?;
            rows += removed;
            if removed < STEP as u64 {
                break;
            }
        }
        let (artefacts, kept) = self
            .desk
            .ask(move |shelf| shelf.finish_purge(before))
            .await?;
        Ok(Purged::new(rows, artefacts, kept))
    }

    async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        let reason = reason.to_owned();
        self.desk
            .ask(move |shelf| shelf.hold(receipt, &reason))
            .await
    }

    async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
        self.desk.ask(move |shelf| shelf.release(receipt)).await
    }

    async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        self.desk.ask(move |shelf| shelf.page(after, limit)).await
    }

    async fn head(&self) -> Result<Option<Head>, LogError> {
        self.desk.ask(|shelf| shelf.head()).await
    }

    async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
        self.desk.ask(move |shelf| shelf.remove_artefact(id)).await
    }
}

impl fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLog")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
