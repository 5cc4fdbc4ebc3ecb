//! Who else must hear of a choice?
//!
//! Vendors who hold a visitor's data, a newsletter's list, a customer's file:
//! whoever a withdrawal concerns beyond this browser (GDPR Articles 17 and 19).
//! Hooks run on a thread of their own, one after the other, so that a slow one
//! delays no response and one that panics harms nothing else.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::id::ReceiptId;
use crate::standing::Reason;

/// How many calls may wait for the thread.
const MAX_WAITING: usize = 1024;

/// What a hook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The visitor's record, where records are kept. The app knows the same
    /// from [`Consent::receipt`], so that it can tell who this is.
    pub receipt: Option<ReceiptId>,
    /// When, in the server's time.
    pub at: Timestamp,
    /// The categories that it is about.
    pub categories: CategorySet,
    /// The ids of the vendors that were allowed before and no longer are.
    pub vendors: Vec<String>,
    /// What is granted now.
    pub granted: CategorySet,
    /// Whether the browser sends Global Privacy Control.
    pub gpc: bool,
}

/// What a hook waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    Withdraw,
    OptOut,
    PolicyChange,
}

pub(crate) type Hook = Arc<dyn Fn(&Change) + Send + Sync>;

/// The hooks of a layer and the thread that they run on.
#[derive(Default)]
pub(crate) struct Hooks {
    all: Vec<(Occasion, Hook)>,
    /// Started with the first call. It ends with the layer.
    thread: OnceLock<Option<SyncSender<(Occasion, Change)>>>,
    missed: AtomicU64,
    /// Whose signal was told, and in place of which choice.
    signalled: Mutex<HashSet<(ReceiptId, Option<Timestamp>)>>,
}

impl Hooks {
    /// The same and one more.
    pub(crate) fn with(&self, occasion: Occasion, hook: Hook) -> Self {
        let mut all = self.all.clone();
        all.push((occasion, hook));
        Self {
            all,
            ..Self::default()
        }
    }

    /// Tells of a choice that led from `before` to `after`.
    pub(crate) fn tell(&self, before: &Consent, after: &Consent, at: Timestamp) {
        if self.all.is_empty() {
            return;
        }
        let of = |is: &dyn Fn(Category) -> bool| -> CategorySet {
            let asked = after.policy().asked();
            asked.iter().filter(|category| is(*category)).collect()
        };
        let lapsed = of(&|category| before.reason(category) == Reason::RevisionChanged);
        let by_choice = |consent: &Consent, category| {
            let reason = consent.reason(category);
            matches!(reason, Reason::ExplicitRefusal | Reason::WithdrawnInBrowser)
        };
        let refused = |category| {
            category == Category::Marketing
                && by_choice(after, category)
                && !by_choice(before, category)
        };
        let lost = of(&|category| before.allows(category) && !after.allows(category));
        let mut change = Change {
            receipt: after.receipt().or(before.receipt()),
            at,
            categories: lapsed,
            vendors: Vec::new(),
            granted: after.granted(),
            gpc: after.gpc(),
        };
        if !lapsed.is_empty() {
            self.call(Occasion::PolicyChange, &change);
        }
        change.vendors = lost_vendors(before, after);
        if before.is_narrowed_by(after) {
            change.categories = lost;
            self.call(Occasion::Withdraw, &change);
        }
        let refused = of(&refused);
        if !refused.is_empty() {
            change.categories = refused;
            self.call(Occasion::OptOut, &change);
        }
    }

    /// Tells of an opt-out that is the browser's signal: `held` would hold
    /// without it. Once for each record and choice, for the signal comes with
    /// many requests until the browser has stored its cookies.
    pub(crate) fn tell_signal(&self, held: &Consent, after: &Consent, at: Timestamp) {
        if !self.waits_for(Occasion::OptOut) {
            return;
        }
        if let Some(receipt) = after.receipt() {
            let mut signalled = self
                .signalled
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if signalled.len() >= MAX_WAITING {
                signalled.clear();
            }
            if !signalled.insert((receipt, held.decided_at())) {
                return;
            }
        }
        let change = Change {
            receipt: after.receipt(),
            at,
            categories: held
                .granted()
                .iter()
                .filter(|category| !after.allows(*category))
                .collect(),
            vendors: lost_vendors(held, after),
            granted: after.granted(),
            gpc: after.gpc(),
        };
        self.call(Occasion::OptOut, &change);
    }

    fn waits_for(&self, occasion: Occasion) -> bool {
        self.all.iter().any(|(of, _)| *of == occasion)
    }

    fn call(&self, occasion: Occasion, change: &Change) {
        if !self.waits_for(occasion) {
            return;
        }
        let thread = self.thread.get_or_init(|| start(self.all.clone()));
        let sent = thread
            .as_ref()
            .is_some_and(|thread| thread.try_send((occasion, change.clone())).is_ok());
        if !sent {
            let missed = self.missed.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::error!(target: "tower_consent::hooks", missed, "a hook was not called: too many calls wait");
        }
    }
}

/// The ids of the vendors that `before` allows and `after` does not.
fn lost_vendors(before: &Consent, after: &Consent) -> Vec<String> {
    let vendors = after.policy().vendors().iter();
    vendors
        .map(|vendor| vendor.id())
        .filter(|id| before.allows_vendor(id) && !after.allows_vendor(id))
        .map(str::to_owned)
        .collect()
}

fn start(all: Vec<(Occasion, Hook)>) -> Option<SyncSender<(Occasion, Change)>> {
    let (sender, calls) = sync_channel(MAX_WAITING);
    let thread = std::thread::Builder::new().name("consent-hooks".to_owned());
    thread.spawn(move || run(&all, &calls)).ok()?;
    Some(sender)
}

fn run(all: &[(Occasion, Hook)], calls: &Receiver<(Occasion, Change)>) {
    while let Ok((occasion, change)) = calls.recv() {
        for (_, hook) in all.iter().filter(|(of, _)| *of == occasion) {
            if catch_unwind(AssertUnwindSafe(|| hook(&change))).is_err() {
                tracing::error!(target: "tower_consent::hooks", ?occasion, "a hook panicked");
            }
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("count", &self.all.len())
            .finish_non_exhaustive()
    }
}
