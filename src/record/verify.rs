//! Is the log as the site wrote it?
//!
//! | what was done | how it is told |
//! | --- | --- |
//! | a row's text or tag was changed or cut short | its tag does not fit |
//! | two rows' contents, or one's columns, were swapped | the columns do not say what the text says |
//! | a row was copied | its event is there twice |
//! | rows were taken out, at the end or between | there are fewer than the head counts |
//! | rows that had been erased were put back | there are more, or their sum is another |
//! | a text of the archive was changed or taken out | its digest does not fit, or it is missing |
//! | the head was changed or taken out | it does not verify, or it is missing |
//!
//! Rows that are gone can be counted and not named.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::head::{self, Head};
use super::log::{ConsentLog, LogError};
use super::row::Stored;
use super::seal::{Seal, Sealed};
use crate::id::{ArtefactId, EventId};
use crate::keys::Keyring;

const PAGE: usize = 1024;
/// How often a log that changes meanwhile is read again.
const TRIES: usize = 3;

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
        }
    }
}

/// What [`verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// How many rows were read.
    pub rows: u64,
    /// How many artefacts they name.
    pub artefacts: u64,
    /// The head's generation; compare it with one that was kept elsewhere.
    pub generation: Option<u64>,
    /// Everything that is not as it was written.
    pub findings: Vec<Finding>,
    /// Whether rows kept coming and going, so that they could not be held to
    /// the head. Try again on a copy, or while it is quiet.
    pub unsettled: bool,
}

impl Verification {
    /// Whether everything is as it was written, and complete.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && !self.unsettled
    }
}

/// Reads the whole log and holds every row to its tag, every artefact to its
/// name and all of them to the head. `progress` is told now and then how many
/// rows have been read.
///
/// # Errors
///
/// [`LogError`] where the log cannot be read.
pub async fn verify<L: ConsentLog>(
    log: &L,
    keys: &Keyring,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Verification, LogError> {
    let seal = Seal::new(keys);
    for _ in 0..TRIES {
        let before = log.head().await?;
        let mut reading = Reading::default();
        let mut after = 0;
        loop {
            let page = log.page(after, PAGE).await?;
            for stored in &page {
                after = after.max(stored.position);
                for id in reading.row(&seal, stored) {
                    reading.artefact(stored.position, id, log).await?;
                }
            }
            progress(reading.found.rows);
            if page.len() < PAGE {
                break;
            }
        }
        if log.head().await? == before {
            return Ok(reading.against(before.as_ref(), &seal));
        }
        reading.found.unsettled = true;
        if reading.found.findings.iter().any(is_of_a_row) {
            return Ok(reading.found);
        }
    }
    Ok(Verification {
        unsettled: true,
        ..Verification::default()
    })
}

/// Whether a row was found altered, which no other reading could change.
fn is_of_a_row(finding: &Finding) -> bool {
    matches!(
        finding,
        Finding::Altered { .. } | Finding::Swapped { .. } | Finding::UnknownKey { .. }
    )
}

#[derive(Default)]
struct Reading {
    found: Verification,
    events: HashSet<EventId>,
    artefacts: HashMap<ArtefactId, ()>,
    sum: [u8; 32],
}

impl Reading {
    /// Holds a row to its tag and columns. Gives the artefacts that were not looked at yet.
    fn row(&mut self, seal: &Seal, stored: &Stored) -> Vec<ArtefactId> {
        let (position, row) = (stored.position, &stored.row);
        let id = row.id;
        self.found.rows += 1;
        self.sum = head::sum(self.sum, head::digest(&row.tag), false);
        match seal.check_row(row.text.as_bytes(), &row.tag) {
            Sealed::Intact => {}
            Sealed::UnknownKey => {
                self.found
                    .findings
                    .push(Finding::UnknownKey { position, id });
                return Vec::new();
            }
            Sealed::Broken => {
                self.found.findings.push(Finding::Altered { position, id });
                return Vec::new();
            }
        }
        let Some(event) = row.event() else {
            self.found.findings.push(Finding::Altered { position, id });
            return Vec::new();
        };
        if (event.id, event.receipt, event.at) != (id, row.receipt, row.at) {
            self.found.findings.push(Finding::Swapped { position, id });
        } else if !self.events.insert(event.id) {
            self.found.findings.push(Finding::Repeated { position, id });
        }
        let mut new = event.artefacts();
        new.retain(|id| self.artefacts.insert(*id, ()).is_none());
        new
    }

    async fn artefact<L: ConsentLog>(
        &mut self,
        position: u64,
        id: ArtefactId,
        log: &L,
    ) -> Result<(), LogError> {
        self.found.artefacts += 1;
        let finding = match log.artefact(id).await? {
            None => Finding::ArtefactMissing { position, id },
            Some(artefact) if ArtefactId::of(artefact.bytes()) != id => {
                Finding::ArtefactAltered { position, id }
            }
            Some(_) => return Ok(()),
        };
        self.found.findings.push(finding);
        Ok(())
    }

    /// Holds all rows to the head.
    fn against(mut self, head: Option<&Head>, seal: &Seal) -> Verification {
        let found = &mut self.found;
        found.generation = head.map(Head::generation);
        let finding = match head {
            None => Some(Finding::HeadMissing),
            Some(head) if !head.is_intact(seal) => Some(Finding::HeadAltered),
            Some(head) if head.rows() != found.rows => Some(Finding::RowCount {
                expected: head.rows(),
                found: found.rows,
            }),
            Some(head) if head.sum() != self.sum => Some(Finding::RowsReplaced),
            Some(_) => None,
        };
        // An altered tag is another sum; that row was named already.
        let named = found.findings.iter().any(is_of_a_row);
        found
            .findings
            .extend(finding.filter(|finding| !named || *finding != Finding::RowsReplaced));
        self.found
    }
}
