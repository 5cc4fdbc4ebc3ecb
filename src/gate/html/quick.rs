//! Which start tags need no second look?
//!
//! Nearly all: their elements fetch nothing, and their bytes tell so. They pass
//! without a lock and without a copy of anything; all others are judged.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::send::Element;

use super::foreign;
use super::marks::{is_bare, tag_name};
use super::passing::Passing;
use super::state::{Plan, Shared, lock};
use super::table::known;

/// What one document's handler keeps between two elements.
#[derive(Debug)]
pub(super) struct Glance {
    passing: Arc<Passing>,
    turn: usize,
    ahead: Bytes,
    written: usize,
    /// How many elements may pass before the next is judged.
    room: usize,
    /// Whether the guard has to come before the next element that acts at once.
    leads: bool,
    /// Whether what stays on the document's own host is nobody's.
    own: bool,
}

impl Glance {
    pub(super) fn new(shared: &Shared) -> Self {
        Self {
            passing: shared.passing.clone(),
            turn: 0,
            ahead: Bytes::new(),
            written: 0,
            room: 0,
            leads: false,
            own: false,
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
            let shared = lock(shared);
            self.ahead = shared.ahead.clone();
            self.written = shared.written;
            self.renew(plan, &shared);
        }
        let count = self.passing.count();
        if count >= self.room || !foreign::is_html(element) {
            return false;
        }
        let place = element.source_location().bytes();
        let tag = place
            .start
            .checked_sub(self.written)
            .zip(place.end.checked_sub(self.written))
            .and_then(|(start, end)| self.ahead.get(start..end));
        let passes = tag.is_some_and(|tag| is_idle(tag, self.leads, self.own));
        if passes {
            self.passing.pass();
        }
        passes
    }

    /// Learns what has changed with an element that was judged.
    pub(super) fn renew(&mut self, plan: &Plan, shared: &Shared) {
        self.room = shared.room();
        self.leads = shared.injection.leads();
        let base = shared.base.as_ref().unwrap_or(&plan.base);
        self.own = base.leaves_own_alone(plan.consent.policy());
    }
}

/// Whether the raw bytes of an HTML element's start tag tell that it does
/// nothing, or with `leads` nothing that the guard has to precede. `own`: see [`is_bare`].
fn is_idle(tag: &[u8], leads: bool, own: bool) -> bool {
    let name = tag_name(tag);
    let known = known(name);
    if known
        .is_some_and(|known| known.has_rules || known.has_place || leads && known.may_act_at_once)
    {
        return false;
    }
    // The brackets may be all that stands beside the name.
    tag.len() <= name.len() + 2 || is_bare(tag, known, own)
}
