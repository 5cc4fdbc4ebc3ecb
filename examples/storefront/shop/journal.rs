//! What did the layer say it did?
//!
//! The layer tells every act in a `tracing` event with the target
//! `tower_consent::gate`. This listens in and keeps the last ones for the
//! panel; a site would send them to its logs or count them.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const GATE: &str = "tower_consent::gate";
/// How many different acts are kept.
const KEPT: usize = 60;

/// One act, and how often it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Act {
    /// `strip`, `suppress`, `expire`, `block`, `refuse` or `filter`.
    pub(crate) verb: String,
    /// The cookie's name, the element, the path or the header.
    pub(crate) what: String,
    /// What would have to be granted; empty where the layer does not say.
    pub(crate) needs: String,
    pub(crate) times: usize,
}

impl Act {
    fn is_like(&self, other: &Self) -> bool {
        (&self.verb, &self.what, &self.needs) == (&other.verb, &other.what, &other.needs)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match self.verb.as_str() {
            "expire" => write!(f, "expired cookie {what}"),
            "strip" => write!(f, "stripped cookie {what}"),
            "suppress" => write!(f, "suppressed Set-Cookie {what}"),
            "refuse" => write!(f, "refused {what}"),
            "block" => write!(f, "blocked <{what}>"),
            verb => write!(f, "{verb} {what}"),
        }?;
        if !self.needs.is_empty() {
            write!(f, " ({})", self.needs)?;
        }
        match self.times {
            1 => Ok(()),
            times => write!(f, " ×{times}"),
        }
    }
}

/// The last acts of the layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<VecDeque<Act>>>);

impl Journal {
    /// What to subscribe with, so that the journal hears of the layer's acts and of nothing else.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let gate_alone = Targets::new().with_target(GATE, LevelFilter::DEBUG);
        Listener(self.clone()).with_filter(gate_alone)
    }

    /// The last acts, the latest first.
    pub(crate) fn acts(&self) -> Vec<Act> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn note(&self, mut act: Act) {
        let mut acts = self.lock();
        let known = acts.iter().position(|known| known.is_like(&act));
        let times = known
            .and_then(|at| acts.remove(at))
            .map_or(0, |known| known.times);
        act.times = times + 1;
        acts.push_front(act);
        acts.truncate(KEPT);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Act>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Listener(Journal);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut act = Act::default();
        event.record(&mut Fields(&mut act));
        // Warnings share the target and name no act.
        if !act.verb.is_empty() {
            self.0.note(act);
        }
    }
}

struct Fields<'a>(&'a mut Act);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let slot = match field.name() {
            "act" => &mut self.0.verb,
            "cookie" | "element" | "path" | "header" => &mut self.0.what,
            "needs" | "category" => &mut self.0.needs,
            _ => return,
        };
        *slot = format!("{value:?}");
    }
}
