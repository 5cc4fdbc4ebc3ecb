//! How does the layer hold a log without a type parameter?

use std::pin::Pin;

use super::artefact::Artefact;
use super::log::{Batch, ConsentLog, Erased, LogError, Purged};
use super::row::Stored;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};

/// What a log comes to, in a box.
pub(crate) type Answered<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// The part of a [`ConsentLog`] that the layer itself uses.
pub(crate) trait AnyLog: Send + Sync {
    fn append(&self, batch: Batch) -> Answered<'_, ()>;
    fn by_receipt(&self, receipt: ReceiptId) -> Answered<'_, Vec<Stored>>;
    fn artefact(&self, id: ArtefactId) -> Answered<'_, Option<Artefact>>;
    fn erase(&self, receipt: ReceiptId) -> Answered<'_, Erased>;
    fn purge(&self, before: Timestamp) -> Answered<'_, Purged>;
}

impl<L: ConsentLog> AnyLog for L {
    fn append(&self, batch: Batch) -> Answered<'_, ()> {
        Box::pin(ConsentLog::append(self, batch))
    }

    fn by_receipt(&self, receipt: ReceiptId) -> Answered<'_, Vec<Stored>> {
        Box::pin(ConsentLog::by_receipt(self, receipt))
    }

    fn artefact(&self, id: ArtefactId) -> Answered<'_, Option<Artefact>> {
        Box::pin(ConsentLog::artefact(self, id))
    }

    fn erase(&self, receipt: ReceiptId) -> Answered<'_, Erased> {
        Box::pin(ConsentLog::erase(self, receipt))
    }

    fn purge(&self, before: Timestamp) -> Answered<'_, Purged> {
        Box::pin(ConsentLog::purge(self, before))
    }
}
