//! How does the layer hold a log without a type parameter?

use std::pin::Pin;

use super::log::{Batch, ConsentLog, LogError, Purged};
use crate::clock::Timestamp;

/// What a log comes to, in a box.
pub(crate) type Answered<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// The part of a [`ConsentLog`] that the layer itself uses.
pub(crate) trait AnyLog: Send + Sync {
    fn append(&self, batch: Batch) -> Answered<'_, ()>;
    fn purge(&self, before: Timestamp) -> Answered<'_, Purged>;
}

impl<L: ConsentLog> AnyLog for L {
    fn append(&self, batch: Batch) -> Answered<'_, ()> {
        Box::pin(ConsentLog::append(self, batch))
    }

    fn purge(&self, before: Timestamp) -> Answered<'_, Purged> {
        Box::pin(ConsentLog::purge(self, before))
    }
}
