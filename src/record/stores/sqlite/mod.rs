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
use super::desk::{Desk, Shelf as _, Step, log_behind_a_desk};
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::keys::Keyring;
use crate::record::artefact::Artefact;
use crate::record::head::Head;
use crate::record::log::{Batch, ConsentLog, Erased, LogError, Purged};
use crate::record::row::Stored;
use crate::record::seal::Seal;

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

log_behind_a_desk!(SqliteLog);

impl fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLog")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
