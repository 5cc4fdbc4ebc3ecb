//! Which start tags need no second look?
//!
//! Nearly all: their elements fetch nothing, and their bytes tell so. They pass
//! without a lock and without a copy of anything; all others are judged.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::send::Element;

use super::foreign;
use super::idle::{Idle, has_end};
use super::passing::Passing;
use super::state::{Plan, Shared, lock};

/// What one document's handler keeps between two elements.
#[derive(Debug)]
pub(super) struct Glance {
    passing: Arc<Passing>,
    turn: usize,
    ahead: Bytes,
    written: usize,
    /// How many elements may pass before the next is judged.
    room: usize,
    idle: Idle,
    /// Whether the body may still begin with nothing plain open before it.
    before_body: bool,
    /// Whether this is what a `<noscript>` shows, none of which stays open.
    settled: bool,
}

impl Glance {
    pub(super) fn new(shared: &Shared) -> Self {
        Self {
            passing: shared.passing.clone(),
            turn: 0,
            ahead: Bytes::new(),
            written: 0,
            room: 0,
            idle: Idle::new(true, false),
            before_body: true,
            settled: false,
        }
    }

    /// Whether this element may pass unjudged.
    pub(super) fn passes(
        &mut self,
        element: &Element<'_, '_>,
        plan: &Plan,
        shared: &Mutex<Shared>,
    ) -> bool {
        let turn = self.passing.turn();
        if turn != self.turn {
            self.turn = turn;
            self.begin(plan, &lock(shared));
        }
        let place = element.source_location().bytes();
        let is_html = foreign::is_html(element);
        self.passing
            .meet(if is_html { place.clone() } else { 0..0 });
        if self.before_body && !self.settled {
            self.look_for_body(element);
        }
        if self.passing.count() >= self.room || !is_html {
            return false;
        }
        let tag = place
            .start
            .checked_sub(self.written)
            .zip(place.end.checked_sub(self.written))
            .and_then(|(start, end)| self.ahead.get(start..end));
        let passes = tag.is_some_and(|tag| self.idle.is_idle(tag));
        if passes {
            self.passing.pass();
        }
        passes
    }

    /// An end tag that goes past the tokenizer must not be one that would end
    /// the body for it, so that none of what it could end stands before the body.
    fn look_for_body(&mut self, element: &Element<'_, '_>) {
        let name = element.tag_name();
        if name == "body" {
            self.passing.enter_body();
        }
        self.before_body = name != "body" && !has_end(name.as_bytes());
    }

    /// Learns what is written next.
    #[cold]
    fn begin(&mut self, plan: &Plan, shared: &Shared) {
        self.ahead = shared.ahead.clone();
        self.written = shared.written;
        self.settled = shared.settled;
        self.renew(plan, shared);
    }

    /// Learns what has changed with an element that was judged.
    pub(super) fn renew(&mut self, plan: &Plan, shared: &Shared) {
        self.room = shared.room();
        self.idle = shared.idle(plan);
    }
}
