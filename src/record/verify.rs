//! Is the log as the site wrote it?
//!
//! | what was done | how it is told |
//! | --- | --- |
//! | a row's text or tag was changed or cut short | its tag does not fit |
//! | two rows' contents, or one's columns, were swapped | the columns do not say what the text says |
//! | two rows traded places | each is where the head does not have it |
//! | a row was copied | its event is there twice |
//! | rows were taken out, at the end or between | the head counts more, and knows which |
//! | rows that had been erased were put back | the head knows nothing of them, or counts fewer |
//! | a text of the archive was changed or taken out | its digest does not fit, or it is missing |
//! | the head was changed or taken out | it does not verify, or it is missing |
//!
//! Of more than a dozen rows that are gone, most cannot be named any more: then
//! the newest is, and each place where positions are missing between two rows.

mod finding;

use std::collections::HashSet;

pub use self::finding::Finding;

use super::head::{self, Head};
use super::log::{ConsentLog, LogError};
use super::row::Stored;
use super::seal::{Seal, Sealed};
use super::sketch::{Counted, Sketch};
use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId};
use crate::keys::Keyring;

const PAGE: usize = 1024;
/// How often a log that changes meanwhile is read again.
const TRIES: usize = 3;
/// How many gaps are noted at most. A log with many erased rows has many.
const GAPS: usize = 256;

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
        let mut reading = Reading::new();
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

struct Reading {
    found: Verification,
    events: HashSet<EventId>,
    artefacts: HashSet<ArtefactId>,
    sum: [u8; 32],
    sketch: Sketch,
    /// The rows that were found altered.
    named: HashSet<u64>,
    /// The row that was read last.
    last: (u64, Timestamp),
    gaps: Vec<Finding>,
}

impl Reading {
    fn new() -> Self {
        Self {
            found: Verification::default(),
            events: HashSet::new(),
            artefacts: HashSet::new(),
            sum: [0; 32],
            sketch: Sketch::EMPTY,
            named: HashSet::new(),
            last: (0, Timestamp::from_unix_seconds(0)),
            gaps: Vec::new(),
        }
    }

    /// Holds a row to its tag and columns. Gives the artefacts that were not looked at yet.
    fn row(&mut self, seal: &Seal, stored: &Stored) -> Vec<ArtefactId> {
        let (position, row) = (stored.position, &stored.row);
        let id = row.id;
        self.found.rows += 1;
        self.sum = head::sum(self.sum, head::digest(&row.tag), false);
        self.sketch.add(Counted::new(position, row));
        self.pass((position, row.at));
        match seal.check_row(row.text.as_bytes(), &row.tag) {
            Sealed::Intact => {}
            Sealed::UnknownKey => {
                self.name(position, Finding::UnknownKey { position, id });
                return Vec::new();
            }
            Sealed::Broken => {
                self.name(position, Finding::Altered { position, id });
                return Vec::new();
            }
        }
        let Some(event) = row.event() else {
            self.name(position, Finding::Altered { position, id });
            return Vec::new();
        };
        if (event.id, event.receipt, event.at) != (id, row.receipt, row.at) {
            self.name(position, Finding::Swapped { position, id });
        } else if !self.events.insert(event.id) {
            self.name(position, Finding::Repeated { position, id });
        }
        let mut new = event.artefacts();
        new.retain(|id| self.artefacts.insert(*id));
        new
    }

    fn name(&mut self, position: u64, finding: Finding) {
        self.named.insert(position);
        self.found.findings.push(finding);
    }

    /// Notes where positions are missing in front of this one.
    fn pass(&mut self, next: (u64, Timestamp)) {
        if next.0 > self.last.0.saturating_add(1) && self.gaps.len() < GAPS {
            self.gaps.push(Finding::Gap {
                after: self.last,
                before: next,
            });
        }
        self.last = next;
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
        self.found.generation = head.map(Head::generation);
        let finding = match head {
            None => Finding::HeadMissing,
            Some(head) if !head.is_intact(seal) => Finding::HeadAltered,
            Some(head) => return self.counted(head),
        };
        self.found.findings.push(finding);
        self.found
    }

    /// Holds all rows to a head that can be trusted.
    fn counted(mut self, head: &Head) -> Verification {
        if head.rows() != self.found.rows {
            self.found.findings.push(Finding::RowCount {
                expected: head.rows(),
                found: self.found.rows,
            });
        }
        let told = self.found.findings.len();
        let whole = self.name_those_that_differ(head);
        // An altered tag is another sum; that row was named already.
        let named = !self.named.is_empty() || self.found.findings.len() > told;
        if head.sum() != self.sum && head.rows() == self.found.rows && !named {
            self.found.findings.push(Finding::RowsReplaced);
        }
        if !whole {
            // The newest is known whatever else is gone.
            let newest = head.newest().filter(|newest| newest.position > self.last.0);
            if let Some(newest) = newest {
                let finding = missing(newest);
                if !self.found.findings.contains(&finding) {
                    self.found.findings.push(finding);
                }
                self.pass((newest.position, newest.at));
            }
            self.found.findings.append(&mut self.gaps);
        }
        self.found
    }

    /// Names the rows that the head counts and that are not there, and those
    /// that are there and not counted. Whether that was all of them.
    fn name_those_that_differ(&mut self, head: &Head) -> bool {
        let Some(difference) = head.against(&self.sketch) else {
            return head.rows() == self.found.rows;
        };
        let (gone, mut come) = (difference.first, difference.second);
        for row in gone {
            let moved = come.iter().position(|other| other.id == row.id);
            match moved.map(|at| come.remove(at)) {
                // Its columns were changed where it stands, or it has a finding already.
                Some(other) if self.named.contains(&other.position) => {}
                Some(other) => self.found.findings.push(Finding::Moved {
                    position: other.position,
                    id: other.id,
                    from: row.position,
                }),
                None if self.named.contains(&row.position) => {}
                None => self.found.findings.push(missing(row)),
            }
        }
        come.retain(|row| !self.named.contains(&row.position));
        for row in come {
            self.found.findings.push(Finding::Added {
                position: row.position,
                id: row.id,
            });
        }
        difference.whole
    }
}

fn missing(row: Counted) -> Finding {
    let Counted {
        position,
        id,
        receipt,
        at,
    } = row;
    Finding::Missing {
        position,
        id,
        receipt,
        at,
    }
}
