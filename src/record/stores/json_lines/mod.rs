//! How is the record kept where there is no database?
//!
//! One file of JSON lines that grows at its end, synced before a choice is
//! answered, and one thread that writes. Beside it stands a small file with the
//! head, so that lines cut off the end are missed.

mod line;
mod shelf;

use std::fmt;
use std::path::{Path, PathBuf};

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

/// A log in one file of JSON lines, for small sites and for tools that read
/// lines. Needs the feature `json-lines`.
///
/// One process at a time has the file open. Beside `name` stands `name.head`,
/// which belongs to it: copy both. Finding rows takes some 200 bytes of memory
/// for each; a purge or an erasure writes the file anew.
///
/// ```no_run
/// use tower_consent::Keyring;
/// use tower_consent::record::JsonLinesLog;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let log = JsonLinesLog::open("consent.jsonl", &Keyring::from_env("CONSENT_KEYS")?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JsonLinesLog {
    desk: Desk<Shelf>,
    path: PathBuf,
}

impl JsonLinesLog {
    /// Opens the file, and makes it where need be. What a crash left half
    /// written at its end, which nobody was told is stored, is cut off.
    /// Reading alone needs no particular keys; whatever adds or removes rows
    /// needs those of the site.
    ///
    /// # Errors
    ///
    /// [`LogError`] where the file cannot be opened or read, or another process has it open.
    pub fn open(path: impl AsRef<Path>, keys: &Keyring) -> Result<Self, LogError> {
        let path = path.as_ref();
        let shelf = Shelf::open(path, Seal::new(keys))?;
        Ok(Self {
            desk: Desk::open(shelf)?,
            path: path.to_owned(),
        })
    }
}

log_behind_a_desk!(JsonLinesLog);

impl fmt::Debug for JsonLinesLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesLog")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
