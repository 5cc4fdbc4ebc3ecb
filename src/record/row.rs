//! What does a log store?

use std::fmt;

use serde::Deserialize;

use super::event::{Event, each_once};
use super::seal::Seal;
use super::text::text;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId, ReceiptId};

/// One sealed event, as a log stores it.
///
/// A log keeps `text` and `tag` as they are. The other fields repeat what the
/// text says, as columns to search by; that they agree is part of
/// [`verify`](super::verify).
#[derive(Clone)]
#[non_exhaustive]
pub struct Row {
    /// The event's name. A log stores each once.
    pub id: EventId,
    /// The visitor's record.
    pub receipt: ReceiptId,
    /// The server's time of the event.
    pub at: Timestamp,
    /// The event as JSON, the very bytes that the tag is over.
    pub text: String,
    /// Four bytes that name the key and 32 of HMAC-SHA-256 over the text.
    pub tag: Vec<u8>,
    /// What the event names, where it was at hand: the text says so too.
    named: Option<[ArtefactId; 3]>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        let columns = (self.id, self.receipt, self.at);
        columns == (other.id, other.receipt, other.at)
            && self.text == other.text
            && self.tag == other.tag
    }
}

impl Eq for Row {}

impl Row {
    /// Seals an event.
    #[must_use]
    pub fn seal(event: &Event, seal: &Seal) -> Self {
        let text = text(event);
        Self {
            named: Some([event.banner, event.preferences, event.policy]),
            id: event.id,
            receipt: event.receipt,
            at: event.at,
            tag: seal.row(text.as_bytes()),
            text,
        }
    }

    /// Reads what a log stored. Whatever stands in the columns makes a row, so
    /// that a damaged one can be named.
    #[must_use]
    pub fn from_columns(id: &[u8], receipt: &[u8], at: i64, text: &[u8], tag: &[u8]) -> Self {
        Self {
            id: EventId::from_column(id),
            receipt: ReceiptId::from_column(receipt),
            at: Timestamp::from_unix_seconds(u64::try_from(at).unwrap_or_default()),
            text: String::from_utf8_lossy(text).into_owned(),
            tag: tag.to_vec(),
            named: None,
        }
    }

    /// The texts and settings that the event names, each once; `None` where the
    /// text cannot be read. The rest of it is passed over.
    pub(super) fn artefacts(&self) -> Option<Vec<ArtefactId>> {
        self.named().map(each_once)
    }

    /// The same as the event has them.
    pub(super) fn named(&self) -> Option<[ArtefactId; 3]> {
        #[derive(Deserialize)]
        struct Names {
            banner: ArtefactId,
            preferences: ArtefactId,
            policy: ArtefactId,
        }
        self.named.or_else(|| {
            let names: Names = serde_json::from_str(&self.text).ok()?;
            Some([names.banner, names.preferences, names.policy])
        })
    }

    /// Reads now what the event names, which spares whoever asks later.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn note_named(&mut self) {
        self.named = self.named();
    }

    /// The event, as its text has it; `None` where the text cannot be read.
    /// Says nothing about the tag.
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        serde_json::from_str(&self.text).ok()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("id", &self.id)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A row as it stands in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Where it stands: greater than that of every row stored before it.
    pub position: u64,
    /// The row.
    pub row: Row,
    /// Why its record must be kept, where it is on hold.
    pub held: Option<String>,
}

impl Stored {
    /// A row at a position that is not on hold.
    #[must_use]
    pub const fn new(position: u64, row: Row) -> Self {
        Self {
            position,
            row,
            held: None,
        }
    }

    /// The same on hold, where there is a reason.
    #[must_use]
    pub fn with_hold(mut self, reason: Option<String>) -> Self {
        self.held = reason;
        self
    }
}
