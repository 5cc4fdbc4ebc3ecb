//! What does the glance at each element tell the gate?

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How the gate and its glance at each element keep in step. They run one after the other, so
/// that relaxed numbers are enough.
#[derive(Debug, Default)]
pub(super) struct Passing {
    /// Goes up with everything that is written.
    turn: AtomicUsize,
    /// How many elements passed since one was judged.
    count: AtomicUsize,
    /// Where the start tag of the last HTML element stands, as the tokenizer counts.
    start: AtomicUsize,
    end: AtomicUsize,
    /// Whether the body has begun and nothing plain was open before it.
    in_body: AtomicBool,
}

impl Passing {
    pub(super) fn next_turn(&self) {
        self.turn
            .store(self.turn().wrapping_add(1), Ordering::Relaxed);
    }

    pub(super) fn turn(&self) -> usize {
        self.turn.load(Ordering::Relaxed)
    }

    /// Counts one more.
    pub(super) fn pass(&self) {
        self.count.store(self.count() + 1, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// The count, which starts anew.
    pub(super) fn take(&self) -> usize {
        let count = self.count();
        self.count.store(0, Ordering::Relaxed);
        count
    }

    /// Notes where the start tag of an HTML element stands; empty for any other.
    pub(super) fn meet(&self, place: Range<usize>) {
        self.start.store(place.start, Ordering::Relaxed);
        self.end.store(place.end, Ordering::Relaxed);
    }

    pub(super) fn last(&self) -> Range<usize> {
        self.start.load(Ordering::Relaxed)..self.end.load(Ordering::Relaxed)
    }

    /// Notes that the body has begun and that nothing plain was open before it.
    pub(super) fn enter_body(&self) {
        self.in_body.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_in_body(&self) -> bool {
        self.in_body.load(Ordering::Relaxed)
    }
}
