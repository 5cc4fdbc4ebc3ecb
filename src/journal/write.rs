//! What does a row say about a choice?

use super::shown::{Shown, asked_digest};
use crate::category::Category;
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::endpoint::look::Look;
use crate::record::{Event, EventId, EventKind, Outcome, ReceiptId};
use crate::standing::{Reason, State};

const DAY: u64 = 86_400;

/// How a choice came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Form,
    Script,
    Application,
    /// No act of the visitor: the browser's signal.
    Signal,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Script => "script",
            Self::Application => "application",
            Self::Signal => "signal",
        }
    }
}

/// Everything that a row is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) receipt: ReceiptId,
    /// The name of the choice's own event, where there is one already.
    pub(crate) name: Option<EventId>,
    pub(crate) now: Timestamp,
    pub(crate) shown: &'a Shown,
    pub(crate) look: &'a Look,
    /// Where the visitor clicked.
    pub(crate) layer: &'a str,
    pub(crate) method: Method,
}

impl Circumstances<'_> {
    /// The events of a choice that led from `before` to `after`: what had
    /// lapsed since the last one, where that is in the same record, and the
    /// choice itself. `None` without random bytes.
    pub(crate) fn events(&self, before: &Consent, after: &Consent) -> Option<Vec<Event>> {
        // Hardly ever more, and a list that grows takes room for four.
        let mut events = Vec::with_capacity(1);
        if before.receipt().is_some() {
            for (reason, kind) in [
                (Reason::Expired, EventKind::Expired),
                (Reason::RevisionChanged, EventKind::Invalidated),
            ] {
                let lapsed = lapsed(before, reason, kind);
                if !lapsed.is_empty() {
                    let mut event = self.event(EventId::random()?, before, kind);
                    event.outcomes = lapsed;
                    events.push(event);
                }
            }
        }
        let outcomes = self.outcomes(before, after);
        let name = self.name.or_else(EventId::random)?;
        let mut event = self.event(name, after, self.kind_of(&outcomes));
        self.layer.clone_into(&mut event.layer);
        self.method.as_str().clone_into(&mut event.method);
        event.outcomes = outcomes;
        events.push(event);
        if self.method == Method::Signal {
            // The browser sends it with every request until it has the new cookies,
            // and some never take them: one row a day will do.
            let decided = before.decided_at().map_or(0, Timestamp::unix_seconds);
            let times = [decided, self.now.unix_seconds() / DAY];
            for event in &mut events {
                event.id = EventId::derived(self.receipt, event.kind.as_str(), times);
            }
        }
        Some(events)
    }

    fn outcomes(&self, before: &Consent, after: &Consent) -> Vec<Outcome> {
        let asked = after.policy().asked();
        let optional = asked
            .iter()
            .filter(|category| *category != Category::Necessary);
        optional
            .map(|category| {
                let mut outcome = outcome(after, category);
                outcome.change = change(before, after, category).map(|kind| match self.method {
                    Method::Signal => EventKind::Signal,
                    Method::Form | Method::Script | Method::Application => kind,
                });
                outcome
            })
            .collect()
    }

    /// What happened on the whole: something was given, else taken back, else
    /// objected to, else refused.
    fn kind_of(&self, outcomes: &[Outcome]) -> EventKind {
        let has = |kind| outcomes.iter().any(|outcome| outcome.change == Some(kind));
        if self.method == Method::Signal {
            return EventKind::Signal;
        }
        for kind in [
            EventKind::Given,
            EventKind::Withdrawn,
            EventKind::Objected,
            EventKind::Refused,
        ] {
            if has(kind) {
                return kind;
            }
        }
        // Said again, and nothing changed but the time.
        let granted = |outcome: &Outcome| outcome.state == State::Granted;
        if outcomes.iter().any(granted) {
            EventKind::Given
        } else {
            EventKind::Refused
        }
    }

    fn event(&self, name: EventId, consent: &Consent, kind: EventKind) -> Event {
        let policy = consent.policy();
        let mut event = Event::new(name, self.receipt, self.now, kind);
        policy.site().clone_into(&mut event.site);
        policy.version().id().clone_into(&mut event.revision);
        event.locale = consent.texts().language.to_string();
        event.banner = self.shown.banner.id();
        event.preferences = self.shown.preferences.id();
        event.policy = self.shown.policy.id();
        self.look.variant().clone_into(&mut event.variant);
        if consent.gpc() {
            event.signals.push("gpc".to_owned());
        }
        let jurisdiction = consent.jurisdiction().as_str();
        jurisdiction.clone_into(&mut event.jurisdiction);
        event
    }
}

/// The categories whose choice no longer counts, for this reason.
fn lapsed(before: &Consent, reason: Reason, kind: EventKind) -> Vec<Outcome> {
    let asked = before.policy().asked();
    let lapsed = asked
        .iter()
        .filter(|category| before.reason(*category) == reason);
    lapsed
        .map(|category| {
            let mut outcome = outcome(before, category);
            outcome.change = Some(kind);
            outcome
        })
        .collect()
}

fn outcome(consent: &Consent, category: Category) -> Outcome {
    let policy = consent.policy();
    let mut outcome = Outcome::new(category, consent.state(category));
    outcome.asked = asked_digest(policy, category);
    // What runs without a choice was granted by nobody.
    let granted = consent.chosen_vendors(category).granted;
    let refused = consent.refused_vendors(category);
    for (position, vendor) in policy.vendors_of(category) {
        if consent.allows(category) {
            if refused.contains(position) {
                outcome.refused_vendors.push(vendor.id().to_owned());
            }
        } else if granted.contains(position) {
            outcome.granted_vendors.push(vendor.id().to_owned());
        }
    }
    outcome
}

/// What the choice did to one category. Taking something back weighs more than
/// giving something else.
fn change(before: &Consent, after: &Consent, category: Category) -> Option<EventKind> {
    let vendors = || after.policy().vendors_of(category);
    let lost = |from: &Consent, to: &Consent| {
        from.allows(category) && !to.allows(category)
            || vendors().any(|(position, _)| {
                from.permits_vendor(category, position) && !to.permits_vendor(category, position)
            })
    };
    if lost(before, after) {
        Some(if takes_back(before, after, category) {
            EventKind::Withdrawn
        } else {
            EventKind::Objected
        })
    } else if lost(after, before) {
        Some(EventKind::Given)
    } else if after.reason(category) == Reason::ExplicitRefusal {
        refused(before, category)
    } else {
        None
    }
}

/// Whether something goes that a choice had granted, as opposed to what ran without one.
fn takes_back(before: &Consent, after: &Consent, category: Category) -> bool {
    let granted = before.chosen_vendors(category).granted;
    before.granted().contains(category)
        || after.policy().vendors_of(category).any(|(position, _)| {
            granted.contains(position) && !after.permits_vendor(category, position)
        })
}

/// What a refusal is that takes nothing away which ran in this request.
fn refused(before: &Consent, category: Category) -> Option<EventKind> {
    match before.reason(category) {
        Reason::ExplicitRefusal | Reason::WithdrawnInBrowser => None,
        // The signal held back what ran without a choice; now the visitor does.
        Reason::Objection => Some(EventKind::Objected),
        // It held back a grant that was still stored.
        Reason::Signal => Some(EventKind::Withdrawn),
        Reason::Gpc if before.is_overruled() => Some(EventKind::Withdrawn),
        _ => Some(EventKind::Refused),
    }
}
