//! What proves that a visitor consented?
//!
//! GDPR Article 7(1) asks a site to demonstrate consent. A [`ConsentLog`] keeps
//! one [`Row`] for every choice: when, what was asked in which exact words, and
//! what came of it. It never holds an address, a user agent or what a visitor
//! read.
//!
//! A row's text is an [`Event`] as JSON, sealed with a tag made from the
//! layer's keys. The words that were shown are kept once, as [`Artefact`]s that
//! rows name by their SHA-256. [`verify`] names every row that was changed,
//! swapped or cut off.

mod artefact;
pub(crate) mod erased;
mod event;
mod head;
mod log;
mod memory;
pub(crate) mod recording;
mod row;
mod seal;
mod sketch;
pub(crate) mod stats;
#[cfg(any(feature = "json-lines", feature = "postgres", feature = "sqlite"))]
mod stores;
mod text;
mod verify;

pub use crate::id::{ArtefactId, EventId, ReceiptId};
pub use artefact::Artefact;
pub use event::{Event, EventKind, Outcome};
pub use head::{Entry, Head};
pub use log::{Batch, ConsentLog, Erased, Held, LogError, Purged};
pub use memory::MemoryLog;
pub use recording::Recording;
pub use row::{Row, Stored};
pub use seal::Seal;
pub use stats::RecordStats;
#[cfg(feature = "json-lines")]
pub use stores::JsonLinesLog;
#[cfg(feature = "postgres")]
pub use stores::PostgresLog;
#[cfg(feature = "sqlite")]
pub use stores::SqliteLog;
pub use verify::{Finding, Verification, verify};
