//! Who writes to what only one may write to?
//!
//! A thread of its own, so that a store needs no runtime and no request waits
//! for another's file. Whatever has come in while it wrote is written next, all
//! of it with one sync: the busier the site, the fewer syncs a choice costs.
//! The queue is bounded; what finds it full is turned away at once.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use futures_channel::oneshot;

use crate::clock::Timestamp;
use crate::id::{ArtefactId, ReceiptId};
use crate::record::artefact::Artefact;
use crate::record::head::Head;
use crate::record::log::{Batch, Erased, LogError, Purged};
use crate::record::row::Stored;

/// How many batches and questions wait at most, about two kilobytes each.
const WAITING: usize = 16_384;
/// How many batches are written with one sync at most.
const TOGETHER: usize = 1024;

/// What stands behind the desk: an open file that takes rows, and does what
/// [`ConsentLog`](crate::record::ConsentLog) says.
pub(super) trait Shelf: Send + 'static {
    /// Does for a batch what can be done where the choice is made.
    fn prepare(batch: Batch) -> Batch;
    /// Stores all of these durably, or none.
    fn append(&mut self, batches: &[Batch]) -> Result<(), LogError>;
    fn by_receipt(&mut self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError>;
    fn artefact(&mut self, id: ArtefactId) -> Result<Option<Artefact>, LogError>;
    fn erase(&mut self, receipt: ReceiptId) -> Result<Erased, LogError>;
    fn purge(&mut self, before: Timestamp) -> Result<Step, LogError>;
    fn hold(&mut self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError>;
    fn release(&mut self, receipt: ReceiptId) -> Result<bool, LogError>;
    fn page(&mut self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError>;
    fn head(&mut self) -> Result<Option<Head>, LogError>;
    fn remove_artefact(&mut self, id: ArtefactId) -> Result<bool, LogError>;
}

/// How far a purge has come. Between its steps choices get their turn.
#[allow(dead_code, reason = "not every store takes steps")]
pub(super) enum Step {
    /// So many rows went, and more may be due.
    Rows(u64),
    /// All that was due went; `rows` of it in this step.
    Done(Purged),
}

/// Makes a log of a type with a `desk`.
macro_rules! log_behind_a_desk {
    ($log:ty) => {
        impl ConsentLog for $log {
            async fn append(&self, batch: Batch) -> Result<(), LogError> {
                self.desk.append(batch).await
            }

            async fn by_receipt(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
                self.desk.ask(move |shelf| shelf.by_receipt(receipt)).await
            }

            async fn artefact(&self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
                self.desk.ask(move |shelf| shelf.artefact(id)).await
            }

            async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
                self.desk.ask(move |shelf| shelf.erase(receipt)).await
            }

            async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
                let mut rows = 0;
                loop {
                    match self.desk.ask(move |shelf| shelf.purge(before)).await? {
                        Step::Rows(some) => rows += some,
                        Step::Done(mut purged) => {
                            purged.rows += rows;
                            return Ok(purged);
                        }
                    }
                }
            }

            async fn hold(&self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
                let reason = reason.to_owned();
                self.desk
                    .ask(move |shelf| shelf.hold(receipt, &reason))
                    .await
            }

            async fn release(&self, receipt: ReceiptId) -> Result<bool, LogError> {
                self.desk.ask(move |shelf| shelf.release(receipt)).await
            }

            async fn page(&self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
                self.desk.ask(move |shelf| shelf.page(after, limit)).await
            }

            async fn head(&self) -> Result<Option<Head>, LogError> {
                self.desk.ask(|shelf| shelf.head()).await
            }

            async fn remove_artefact(&self, id: ArtefactId) -> Result<bool, LogError> {
                self.desk.ask(move |shelf| shelf.remove_artefact(id)).await
            }
        }
    };
}

pub(super) use log_behind_a_desk;

/// What came of a batch goes back with the batch, for whoever made it to free:
/// the one thread that writes has better things to do.
type Reply = oneshot::Sender<(Result<(), LogError>, Batch)>;

enum Job<S> {
    Append(Batch, Reply),
    Ask(Box<dyn FnOnce(&mut S) + Send>),
}

/// The way to a shelf and its thread, which ends when the last clone is gone.
pub(super) struct Desk<S: Shelf> {
    jobs: SyncSender<Job<S>>,
}

impl<S: Shelf> Clone for Desk<S> {
    fn clone(&self) -> Self {
        Self {
            jobs: self.jobs.clone(),
        }
    }
}

impl<S: Shelf> Desk<S> {
    /// Starts the thread.
    pub(super) fn open(shelf: S) -> Result<Self, LogError> {
        let (jobs, waiting) = sync_channel(WAITING);
        thread::Builder::new()
            .name("consent-log".to_owned())
            .spawn(move || serve(shelf, &waiting))
            .map_err(LogError::unavailable)?;
        Ok(Self { jobs })
    }

    /// Has the rows written together with whatever else is waiting.
    pub(super) async fn append(&self, batch: Batch) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Append(S::prepare(batch), reply))?;
        let (result, _batch) = answer.await.map_err(|_| ended())?;
        result
    }

    /// Does something else with the shelf, after all that was handed in before.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Ask(Box::new(move |shelf| {
            // Nobody waits any more where this fails.
            let _ = reply.send(work(shelf));
        })))?;
        answer.await.map_err(|_| ended())?
    }

    fn send(&self, job: Job<S>) -> Result<(), LogError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => LogError::unavailable("too many choices are waiting"),
            TrySendError::Disconnected(_) => ended(),
        })
    }
}

fn ended() -> LogError {
    LogError::unavailable("the log's thread has ended")
}

fn serve<S: Shelf>(mut shelf: S, waiting: &Receiver<Job<S>>) {
    let mut batches = Vec::new();
    let mut replies = Vec::new();
    while let Ok(first) = waiting.recv() {
        let mut next = Some(first);
        let mut question = None;
        while let Some(job) = next.take() {
            match job {
                Job::Append(batch, reply) => {
                    batches.push(batch);
                    replies.push(reply);
                    if batches.len() < TOGETHER {
                        next = waiting.try_recv().ok();
                    }
                }
                Job::Ask(work) => question = Some(work),
            }
        }
        append(&mut shelf, &mut batches, &mut replies);
        if let Some(work) = question {
            work(&mut shelf);
        }
    }
}

fn append(shelf: &mut impl Shelf, batches: &mut Vec<Batch>, replies: &mut Vec<Reply>) {
    match batches.len() {
        0 => return,
        1 => {}
        _ => {
            if shelf.append(batches).is_ok() {
                for (batch, reply) in batches.drain(..).zip(replies.drain(..)) {
                    let _ = reply.send((Ok(()), batch));
                }
                return;
            }
        }
    }
    // One that the shelf will not take must not take the others with it.
    for (batch, reply) in batches.drain(..).zip(replies.drain(..)) {
        let _ = reply.send((shelf.append(std::slice::from_ref(&batch)), batch));
    }
}
