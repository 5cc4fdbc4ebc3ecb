//! Which rows wait for the log, and when is it asked again?

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::clock::Timestamp;
use crate::record::{Artefact, Batch, ReceiptId};

/// The longest pause between two tries, in seconds.
const LONGEST_PAUSE: u64 = 60;

/// Rows in memory, oldest first.
#[derive(Debug)]
pub(crate) struct Queue {
    most: usize,
    kept: Mutex<Kept>,
    /// Rows that found no room when whoever was to store them went away.
    pub(super) dropped: AtomicUsize,
}

#[derive(Debug, Default)]
struct Kept {
    waiting: VecDeque<Waiting>,
    rows: usize,
    /// How often the log failed in a row.
    failures: u32,
    due: Option<Timestamp>,
    wakers: Vec<Waker>,
}

#[derive(Debug)]
struct Waiting {
    batch: Batch,
    /// Whether it is a withdrawal, which has more room.
    narrows: bool,
    /// Whether it has waited before.
    old: bool,
    /// Whether it is tried alone, because the log turned others down with it.
    alone: bool,
}

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::default(),
            dropped: AtomicUsize::new(0),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn rows(&self) -> usize {
        self.kept().rows
    }

    /// Whether the log may be asked about what waits.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.kept().due.is_none_or(|due| now >= due)
    }

    /// Seconds until the next try.
    pub(super) fn pause(&self) -> u64 {
        let failures = self.kept().failures;
        1u64.checked_shl(failures.saturating_sub(1))
            .unwrap_or(LONGEST_PAUSE)
            .min(LONGEST_PAUSE)
    }

    /// Notes that the log failed; whether it worked before.
    pub(super) fn fails(&self, now: Timestamp) -> bool {
        let first = {
            let mut kept = self.kept();
            kept.failures = kept.failures.saturating_add(1);
            kept.failures == 1
        };
        let due = now.plus(self.pause());
        self.kept().due = Some(due);
        first
    }

    /// Notes that the log works; whether it failed before.
    pub(super) fn works(&self) -> bool {
        let mut kept = self.kept();
        kept.due = None;
        std::mem::take(&mut kept.failures) > 0
    }

    /// Up to about `most` rows, which come back unless they are done.
    pub(super) fn take(&self, most: usize) -> Taken<'_> {
        let mut taken = Taken {
            queue: self,
            batches: Vec::new(),
        };
        let mut kept = self.kept();
        while taken.rows() < most {
            let alone = kept.waiting.front().is_some_and(|waiting| waiting.alone);
            if alone && !taken.is_empty() {
                break;
            }
            let Some(waiting) = kept.waiting.pop_front() else {
                break;
            };
            kept.rows -= waiting.batch.rows.len();
            taken.batches.push(waiting);
            if alone {
                break;
            }
        }
        drop(kept);
        taken
    }

    /// New rows, which come into the queue unless they are done.
    pub(super) fn lend(&self, batch: Batch, narrows: bool) -> Taken<'_> {
        Taken {
            queue: self,
            batches: vec![Waiting {
                batch,
                narrows,
                old: false,
                alone: false,
            }],
        }
    }

    /// Puts rows back in front of the others; how many found no room.
    fn put(&self, batches: Vec<Waiting>) -> usize {
        let mut lost = 0;
        let mut kept = self.kept();
        for mut waiting in batches.into_iter().rev() {
            let rows = waiting.batch.rows.len();
            let room = if waiting.narrows {
                self.most
            } else {
                self.most / 2
            };
            if kept.rows + rows > room {
                lost += rows;
                continue;
            }
            kept.rows += rows;
            let new = !waiting.old;
            waiting.old = true;
            if new {
                kept.waiting.push_back(waiting);
            } else {
                kept.waiting.push_front(waiting);
            }
        }
        let wakers = std::mem::take(&mut kept.wakers);
        drop(kept);
        wakers.into_iter().for_each(Waker::wake);
        lost
    }

    /// Drops the rows of one record; how many.
    pub(super) fn forget(&self, receipt: ReceiptId) -> usize {
        let mut kept = self.kept();
        let before = kept.rows;
        for waiting in &mut kept.waiting {
            waiting.batch.rows.retain(|row| row.receipt != receipt);
        }
        kept.waiting
            .retain(|waiting| !waiting.batch.rows.is_empty());
        kept.rows = kept
            .waiting
            .iter()
            .map(|waiting| waiting.batch.rows.len())
            .sum();
        before.saturating_sub(kept.rows)
    }

    /// Waits until something waits.
    pub(super) async fn arrival(&self) {
        std::future::poll_fn(|cx| {
            let mut kept = self.kept();
            if kept.waiting.is_empty() {
                if !kept.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                    kept.wakers.push(cx.waker().clone());
                }
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// Rows on their way to the log. Dropped on it, they come back.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    queue: &'a Queue,
    batches: Vec<Waiting>,
}

impl<'a> Taken<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn is_one(&self) -> bool {
        self.batches.len() == 1
    }

    pub(super) fn rows(&self) -> usize {
        let rows = self.batches.iter().map(|waiting| waiting.batch.rows.len());
        rows.sum()
    }

    /// Those that had waited before.
    pub(super) fn old_rows(&self) -> usize {
        let old = self.batches.iter().filter(|waiting| waiting.old);
        old.map(|waiting| waiting.batch.rows.len()).sum()
    }

    /// The same and rows that wait.
    pub(super) fn also(mut self, queue: &'a Queue, most: usize) -> Self {
        let mut others = queue.take(most);
        self.batches.append(&mut others.batches);
        self
    }

    pub(super) fn batch(&self) -> Batch {
        self.with(&Batch::default())
    }

    /// All of them and `own` as one batch, each artefact once.
    pub(super) fn with(&self, own: &Batch) -> Batch {
        let mut artefacts: Vec<Arc<Artefact>> = Vec::new();
        let mut rows = Vec::new();
        let waiting = self.batches.iter().map(|waiting| &waiting.batch);
        for batch in waiting.chain([own]) {
            rows.extend_from_slice(&batch.rows);
            for artefact in batch.artefacts.iter() {
                if artefacts.iter().all(|known| known.id() != artefact.id()) {
                    artefacts.push(artefact.clone());
                }
            }
        }
        Batch::new(rows, artefacts)
    }

    /// The log took them.
    pub(super) fn done(mut self) {
        self.batches.clear();
    }

    /// They wait again; how many found no room.
    pub(super) fn back(mut self) -> usize {
        self.queue.put(std::mem::take(&mut self.batches))
    }

    /// They wait again, behind all others, each to be tried alone.
    pub(super) fn apart(mut self) {
        let batches = std::mem::take(&mut self.batches);
        let mut kept = self.queue.kept();
        for mut waiting in batches {
            waiting.old = true;
            waiting.alone = true;
            kept.rows += waiting.batch.rows.len();
            kept.waiting.push_back(waiting);
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.batches.is_empty() {
            let lost = self.queue.put(std::mem::take(&mut self.batches));
            self.queue.dropped.fetch_add(lost, Ordering::Relaxed);
        }
    }
}
