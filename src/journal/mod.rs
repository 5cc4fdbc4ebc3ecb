//! When does a choice take effect, and what becomes of its record?
//!
//! A grant waits until its row is durable. A refusal or withdrawal takes effect
//! whatever the log says: its row is tried at once, and where that fails it
//! waits in memory. Nothing but choices ever waits for the log.
//!
//! Rows that wait go with the next choice that the log is asked to store, in the
//! same batch, so that no runtime is needed; [`work`] does it without waiting
//! for one.

pub(crate) mod export;
mod queue;
pub(crate) mod shown;
pub(crate) mod write;

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::journal::queue::{Queue, Taken};
use crate::journal::shown::Archive;
use crate::record::erased::Answered;
use crate::record::recording::Recording;
use crate::record::stats::{Counters, count};
use crate::record::{Batch, Erased, LogError, Purged, ReceiptId, RecordStats, Row, Seal, Stored};

/// Rows that wait and go along with a choice.
const ALONG: usize = 256;

/// A log and all that is between it and the visitors.
pub(crate) struct Journal {
    recording: Recording,
    pub(crate) seal: Seal,
    pub(crate) archive: Archive,
    in_flight: AtomicUsize,
    queue: Queue,
    counters: Counters,
}

/// A place among the choices that wait for the log.
struct Place<'a>(&'a Journal);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Journal {
    pub(crate) fn new(recording: Recording, seal: Seal) -> Self {
        Self {
            queue: Queue::new(recording.max_waiting),
            recording,
            seal,
            archive: Archive::default(),
            in_flight: AtomicUsize::new(0),
            counters: Counters::default(),
        }
    }

    pub(crate) fn stats(&self) -> RecordStats {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let mut stats = self.counters.read(self.queue.rows(), in_flight);
        stats.lost += self.queue.dropped.load(Ordering::Relaxed) as u64;
        stats
    }

    /// Stores the rows of a grant. Where this fails the choice grants nothing.
    pub(crate) async fn grant(&self, batch: Batch, clock: &dyn Clock) -> Result<(), NotStored> {
        let Some(_place) = self.place() else {
            count(&self.counters.turned_away, 1);
            count(&self.counters.grants_refused, 1);
            return Err(NotStored);
        };
        self.store(batch, clock).await.map_err(|_| {
            count(&self.counters.grants_refused, 1);
            NotStored
        })
    }

    /// Stores the rows of a choice that takes effect whatever comes of it.
    /// `narrows`: it took something away that was granted.
    pub(crate) async fn note(&self, batch: Batch, narrows: bool, clock: &dyn Clock) {
        // What waits already shows that the log fails, so nobody else waits for it until it is due.
        let place = self.queue.is_due(clock.now()).then(|| self.place());
        // In the queue from the start, so that a visitor who leaves takes no row away.
        let own = self.queue.lend(batch, narrows);
        match place {
            Some(Some(_place)) => {
                let taken = own.also(&self.queue, ALONG);
                self.write(taken, clock).await;
            }
            Some(None) => {
                count(&self.counters.turned_away, 1);
                self.put_back(own);
            }
            None => self.put_back(own),
        }
    }

    /// The same without waiting.
    pub(crate) fn note_later(&self, batch: Batch, narrows: bool) {
        let own = self.queue.lend(batch, narrows);
        self.put_back(own);
    }

    /// A row for which nothing could be made, such as without random bytes.
    pub(crate) fn lose(&self) {
        count(&self.counters.lost, 1);
        tracing::error!(target: "tower_consent::record", "a choice could not be recorded: the operating system gives no random bytes");
    }

    pub(crate) fn refuse(&self) {
        count(&self.counters.grants_refused, 1);
    }

    /// Asks the log, for so long as a visitor waits.
    pub(crate) async fn ask<'a, T>(
        &'a self,
        question: impl FnOnce(&'a dyn crate::record::erased::AnyLog) -> Answered<'a, T>,
    ) -> Result<T, LogError> {
        let mut answer = question(&*self.recording.log);
        let mut timeout = (self.recording.timer)(self.recording.timeout);
        let outcome = std::future::poll_fn(|cx| {
            if let Poll::Ready(outcome) = answer.as_mut().poll(cx) {
                return Poll::Ready(outcome);
            }
            let late = timeout.as_mut().poll(cx);
            late.map(|()| Err(LogError::timed_out()))
        })
        .await;
        if let Err(error) = &outcome {
            count(&self.counters.failures, 1);
            if error.is_timeout() {
                count(&self.counters.timeouts, 1);
            }
        }
        outcome
    }

    /// The rows of one record. Whoever asks counts among those that wait for the log.
    pub(crate) async fn rows_of(&self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        let Some(_place) = self.place() else {
            return Err(LogError::unavailable("too many others wait"));
        };
        self.ask(|log| log.by_receipt(receipt)).await
    }

    /// Removes the rows of one record, those included that wait.
    pub(crate) async fn erase(&self, receipt: ReceiptId) -> Result<Erased, LogError> {
        let mut erased = self.ask(|log| log.erase(receipt)).await?;
        if erased.held.is_none() {
            erased.rows += self.queue.forget(receipt) as u64;
        }
        Ok(erased)
    }

    /// Removes what is older than `before`, however long that takes.
    pub(crate) async fn purge(&self, before: Timestamp) -> Result<Purged, LogError> {
        self.recording.log.purge(before).await
    }

    fn place(&self) -> Option<Place<'_>> {
        let most = self.recording.max_in_flight;
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let place = Place(self);
        (before < most).then_some(place)
    }

    /// Stores `batch`, and rows that wait along with it.
    async fn store(&self, batch: Batch, clock: &dyn Clock) -> Result<(), LogError> {
        let due = self.queue.is_due(clock.now());
        let along = if due {
            self.queue.take(ALONG)
        } else {
            self.queue.take(0)
        };
        if along.is_empty() {
            let rows = batch.rows.len();
            let outcome = self.ask(|log| log.append(batch)).await;
            self.heard(&outcome, rows, 0, clock);
            return outcome;
        }
        let both = along.with(&batch);
        let (own, others) = (batch.rows.len(), along.rows());
        let outcome = self.ask(|log| log.append(both)).await;
        self.heard(&outcome, own + others, others, clock);
        match outcome {
            Ok(()) => {
                along.done();
                Ok(())
            }
            Err(error) => {
                if error.is_passing() {
                    self.put_back(along);
                    return Err(error);
                }
                // What cannot ever be stored must not keep others out.
                along.apart();
                let outcome = self.ask(|log| log.append(batch)).await;
                self.heard(&outcome, own, 0, clock);
                outcome
            }
        }
    }

    /// Writes rows that wait; whether the log had a word for them, good or bad.
    async fn write(&self, taken: Taken<'_>, clock: &dyn Clock) -> bool {
        let (rows, old) = (taken.rows(), taken.old_rows());
        let outcome = self.ask(|log| log.append(taken.batch())).await;
        self.heard(&outcome, rows, old, clock);
        match outcome {
            Ok(()) => taken.done(),
            Err(error) if error.is_passing() => {
                self.put_back(taken);
                return false;
            }
            Err(error) if taken.is_one() => {
                count(&self.counters.lost, rows);
                tracing::error!(target: "tower_consent::record", %error, "a record was lost");
                taken.done();
            }
            // One of them is not to be stored; alone each shows which.
            Err(_) => taken.apart(),
        }
        true
    }

    fn put_back(&self, taken: Taken<'_>) {
        let lost = taken.back();
        if lost > 0 {
            count(&self.counters.lost, lost);
            tracing::error!(
                target: "tower_consent::record",
                lost,
                "records were lost, because too many wait for the consent log"
            );
        }
    }

    /// Notes how the log did.
    fn heard(&self, outcome: &Result<(), LogError>, rows: usize, old: usize, clock: &dyn Clock) {
        match outcome {
            Ok(()) => {
                count(&self.counters.stored, rows);
                count(&self.counters.retried, old);
                if self.queue.works() {
                    tracing::info!(target: "tower_consent::record", "the consent log works again");
                }
            }
            Err(error) if error.is_passing() => {
                if self.queue.fails(clock.now()) {
                    tracing::error!(
                        target: "tower_consent::record",
                        %error,
                        "the consent log fails: nothing is granted until it works, withdrawals wait in memory"
                    );
                }
            }
            Err(error) => {
                tracing::error!(target: "tower_consent::record", %error, "the consent log turned rows down");
            }
        }
    }

    /// Writes all that waits, until nothing does or the log fails. How many rows still wait.
    pub(crate) async fn flush(&self, clock: &dyn Clock) -> usize {
        // A batch that is turned down comes back in parts, each of which is tried once.
        let mut tries = self.queue.rows().saturating_mul(2);
        while tries > 0 {
            tries -= 1;
            let taken = self.queue.take(ALONG);
            if taken.is_empty() {
                break;
            }
            if !self.write(taken, clock).await {
                break;
            }
        }
        self.queue.rows()
    }

    /// Waits for rows that wait, and writes them, for ever.
    pub(crate) async fn work(&self, clock: &dyn Clock) {
        loop {
            self.queue.arrival().await;
            if self.flush(clock).await > 0 {
                let pause = Duration::from_secs(self.queue.pause());
                let mut pause = pin!((self.recording.timer)(pause));
                pause.as_mut().await;
            }
        }
    }

    /// One batch of these rows and all that they name.
    pub(crate) fn batch(rows: Vec<Row>, shown: &shown::Shown) -> Batch {
        Batch::new(rows, shown.all.clone())
    }
}

/// A grant that could not be stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotStored;

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("recording", &self.recording)
            .finish_non_exhaustive()
    }
}
