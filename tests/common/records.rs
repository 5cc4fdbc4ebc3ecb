//! A shop that keeps records, in a log that can be told to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use tower_consent::record::{
    Artefact, ArtefactId, Batch, ConsentLog, Erased, Event, EventKind, Head, LogError, MemoryLog,
    Purged, ReceiptId, Recording, Stored,
};
use tower_consent::{ConsentLayer, Controller, PolicyBuilder, RecordTerms, Timestamp};

use super::{App, FIRST_KEY, block_on, keyring, shop};

pub(crate) const RETENTION_DAYS: u32 = 184 + 730;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Works,
    Fails,
    Hangs,
    /// Turns everything down for good.
    Rejects,
}

/// A log in memory that works, fails or hangs. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct TestLog {
    pub(crate) inner: MemoryLog,
    mood: Arc<AtomicU8>,
    pub(crate) appends: Arc<AtomicUsize>,
}

impl TestLog {
    pub(crate) fn new() -> Self {
        Self {
            inner: MemoryLog::new(&keyring(FIRST_KEY)),
            mood: Arc::default(),
            appends: Arc::default(),
        }
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    async fn mood(&self) -> Result<(), LogError> {
        match self.mood.load(Ordering::SeqCst) {
            0 => Ok(()),
            1 => Err(LogError::unavailable("the disk is full")),
            2 => std::future::pending().await,
            _ => Err(LogError::rejected("no such table")),
        }
    }

    /// All rows, oldest first.
    pub(crate) fn rows(&self) -> Vec<Stored> {
        block_on(self.inner.page(0, usize::MAX)).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let rows = self.rows();
        rows.iter()
            .map(|stored| stored.row.event().unwrap())
            .collect()
    }

    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        self.events().iter().map(|event| event.kind).collect()
    }
}

impl ConsentLog for TestLog {
    async fn append(&self, batch: Batch) -> Result<(), LogError> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.mood().await?;
        self.inner.append(batch).await
    }

    async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        self.mood().await?;
        self.inner.by_receipt(receipt).await
    }

    async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        self.mood().await?;
        self.inner.artefact(id).await
    }

    async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        self.mood().await?;
        self.inner.erase(receipt).await
    }

    async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        self.mood().await?;
        self.inner.purge(before).await
    }

    async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        self.inner.hold(receipt, reason).await
    }

    async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
        self.inner.release(receipt).await
    }

    async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        self.inner.page(after, limit).await
    }

    async fn head(&self) -> Result<Option<Head>, LogError> {
        self.inner.head().await
    }

    async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
        self.inner.remove_artefact(id).await
    }
}

pub(crate) fn controller() -> Controller {
    Controller::new(
        "Shop Ltd",
        "1 Main Street, Dublin",
        "privacy@shop.example",
        "IE",
    )
}

/// The shop, which says who answers for its records and how long it keeps them.
pub(crate) fn recorded_shop() -> PolicyBuilder {
    shop()
        .controller(controller())
        .records(RecordTerms::new(RETENTION_DAYS, ["IE"]))
}

/// Where `log` is asked and given up at once when it does not answer.
pub(crate) fn recording(log: &TestLog) -> Recording {
    Recording::new(log.clone()).with_timer(|_| std::future::ready(()))
}

pub(crate) fn recording_app(log: &TestLog) -> App {
    recording_with(log, |recording| recording)
}

pub(crate) fn recording_with(log: &TestLog, change: impl FnOnce(Recording) -> Recording) -> App {
    let app = App::new(recorded_shop().build().unwrap());
    let recording = change(recording(log));
    app.set(|layer: ConsentLayer| layer.with_records(recording).unwrap())
}
