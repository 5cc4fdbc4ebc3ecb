//! The rows that the tests store.

use std::sync::Arc;

use tower_consent::record::{
    Artefact, Batch, Event, EventId, EventKind, ReceiptId, Row, Seal, Stored,
};
use tower_consent::{Keyring, SigningKey, Timestamp};

/// When the tests begin, in seconds since 1970.
pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const DAY: u64 = 86_400;

pub(crate) fn keys() -> Keyring {
    Keyring::new(SigningKey::from_bytes(b"first key: 32 bytes, never real!").unwrap())
}

pub(crate) fn other_keys() -> Keyring {
    Keyring::new(SigningKey::from_bytes(b"other key: 32 bytes, never real!").unwrap())
}

/// A record of its own for each number.
pub(crate) fn receipt(number: u64) -> ReceiptId {
    let mut bytes = [0x5a; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    ReceiptId::from_bytes(bytes)
}

pub(crate) fn artefact(text: &str) -> Arc<Artefact> {
    Arc::new(Artefact::new("text/plain; charset=utf-8", text))
}

/// A visitor's click, with the words that were shown.
pub(crate) struct Click {
    event: Event,
    artefacts: Vec<Arc<Artefact>>,
}

impl Click {
    pub(crate) fn by(visitor: u64) -> Self {
        Self::at(visitor, NOW)
    }

    pub(crate) fn at(visitor: u64, seconds: u64) -> Self {
        let at = Timestamp::from_unix_seconds(seconds);
        let id = EventId::random().unwrap();
        let mut event = Event::new(id, receipt(visitor), at, EventKind::Given);
        event.site = "shop.example".to_owned();
        event.revision = "2026-09-01".to_owned();
        event.locale = "en".to_owned();
        Self {
            event,
            artefacts: Vec::new(),
        }
        .shown("We ask before we count", "What we would like to count")
    }

    /// Under these words of banner and preferences page.
    pub(crate) fn shown(mut self, banner: &str, preferences: &str) -> Self {
        let words = [artefact(banner), artefact(preferences), artefact("policy")];
        self.event.banner = words[0].id();
        self.event.preferences = words[1].id();
        self.event.policy = words[2].id();
        self.artefacts = words.into();
        self
    }

    pub(crate) fn row(&self) -> Row {
        Row::seal(&self.event, &Seal::new(&keys()))
    }

    pub(crate) fn batch(&self) -> Batch {
        Batch::new(vec![self.row()], self.artefacts.clone())
    }

    pub(crate) fn artefacts(&self) -> &[Arc<Artefact>] {
        &self.artefacts
    }
}

/// The rows without their positions.
pub(crate) fn rows(stored: &[Stored]) -> Vec<Row> {
    stored.iter().map(|stored| stored.row.clone()).collect()
}
