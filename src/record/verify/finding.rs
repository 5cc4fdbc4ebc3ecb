//! What can be wrong with a log, and how is it told?

use std::fmt;

use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId, ReceiptId};

/// Something that is not as the site wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The row's text does not fit its tag.
    Altered {
        /// Where it stands.
        position: u64,
        /// What its column names it.
        id: EventId,
    },
    /// The row's columns do not say what its text says.
    Swapped {
        /// Where it stands.
        position: u64,
        /// What its column names it.
        id: EventId,
    },
    /// The event is there more than once.
    Repeated {
        /// Where it stands again.
        position: u64,
        /// The event.
        id: EventId,
    },
    /// No key of the ring sealed the row: it is foreign, or its key was dropped.
    UnknownKey {
        /// Where it stands.
        position: u64,
        /// What its column names it.
        id: EventId,
    },
    /// A row names an artefact that is not in the archive.
    ArtefactMissing {
        /// The first row that names it.
        position: u64,
        /// Its name.
        id: ArtefactId,
    },
    /// An artefact is not what its name says.
    ArtefactAltered {
        /// The first row that names it.
        position: u64,
        /// Its name.
        id: ArtefactId,
    },
    /// The log has no head.
    HeadMissing,
    /// The head was altered, now or at some time before.
    HeadAltered,
    /// There are not as many rows as the head counts.
    RowCount {
        /// What the head counts.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// There are as many rows as the head counts, but not the same.
    RowsReplaced,
    /// A row that the head counts is not there.
    Missing {
        /// Where it stood.
        position: u64,
        /// The event.
        id: EventId,
        /// The record that it belongs to.
        receipt: ReceiptId,
        /// When it happened.
        at: Timestamp,
    },
    /// A row stands where another stood.
    Moved {
        /// Where it stands.
        position: u64,
        /// The event.
        id: EventId,
        /// Where it stood.
        from: u64,
    },
    /// A row is there that the head does not count: it was erased, and put back.
    Added {
        /// Where it stands.
        position: u64,
        /// What its column names it.
        id: EventId,
    },
    /// Rows may be missing here, if none was erased. Told where more are missing
    /// than can be named.
    Gap {
        /// The last row before it and its time; position 0 at the beginning.
        after: (u64, Timestamp),
        /// The first row behind it, or the newest that there was, and its time.
        before: (u64, Timestamp),
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { position, id } => {
                write!(
                    f,
                    "row {position} ({}) was altered: its text does not fit its tag",
                    id.to_hex()
                )
            }
            Self::Swapped { position, id } => {
                write!(
                    f,
                    "row {position} ({}) holds another row's contents",
                    id.to_hex()
                )
            }
            Self::Repeated { position, id } => {
                write!(f, "row {position} repeats event {}", id.to_hex())
            }
            Self::UnknownKey { position, id } => {
                write!(
                    f,
                    "row {position} ({}) was sealed with a key that is not in the ring",
                    id.to_hex()
                )
            }
            Self::ArtefactMissing { position, id } => {
                write!(
                    f,
                    "row {position} names artefact {}, which is missing",
                    id.to_hex()
                )
            }
            Self::ArtefactAltered { position, id } => {
                write!(
                    f,
                    "row {position} names artefact {}, which was altered",
                    id.to_hex()
                )
            }
            Self::HeadMissing => {
                f.write_str("the log has no head, so missing rows cannot be noticed")
            }
            Self::HeadAltered => {
                f.write_str("the head was altered, so missing rows cannot be noticed")
            }
            Self::RowCount { expected, found } => {
                write!(
                    f,
                    "the log holds {found} rows where its head counts {expected}"
                )
            }
            Self::RowsReplaced => {
                f.write_str("the log holds as many rows as its head counts, but not the same")
            }
            // Not whose: these words may end up in a log of the site's.
            Self::Missing {
                position, id, at, ..
            } => write!(
                f,
                "row {position} ({}) of {} is missing",
                id.to_hex(),
                at.rfc3339()
            ),
            Self::Moved { position, id, from } => write!(
                f,
                "row {position} ({}) was moved there from row {from}",
                id.to_hex()
            ),
            Self::Added { position, id } => write!(
                f,
                "row {position} ({}) was put there without the head",
                id.to_hex()
            ),
            Self::Gap { after, before } => write!(
                f,
                "rows may be missing between row {} of {} and row {} of {}",
                after.0,
                after.1.rfc3339(),
                before.0,
                before.1.rfc3339()
            ),
        }
    }
}
