//! Which rule decides about one category?
//!
//! Pure and total: what a stored choice says of a category goes in together
//! with the circumstances, and what holds for this request comes out. The rules
//! in order, the first that speaks decides:
//!
//! 1. an address that never allows the category denies,
//! 2. a site for children denies marketing,
//! 3. a signal of a further source denies,
//! 4. a refusal denies,
//! 5. Global Privacy Control denies what sells or shares, unless the grant was
//!    given in view of it, and in the United States after a notice that it is
//!    in conflict,
//! 6. a grant allows,
//! 7. what the place exempts is allowed until somebody objects,
//! 8. everything else is denied.

use crate::category::{Category, CategorySet};
use crate::jurisdiction::Jurisdiction;
use crate::policy::{Audience, Dnt, Policy, Statistics, StatisticsRegime};
use crate::signal::Circumstances;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::VendorSet;

/// What the rules make of all categories.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    /// By an explicit choice.
    pub(crate) granted: CategorySet,
    /// Without one, by an opt-out rule.
    pub(crate) exempt: CategorySet,
    /// Where vendors that sell or share are denied within what is allowed.
    pub(crate) signalled: CategorySet,
    /// Whether exempt statistics run.
    pub(crate) statistics: bool,
    /// Whether the signal took something away that a stored choice had granted.
    pub(crate) overruled: bool,
    /// Where tags may load before a choice and are told that all is denied.
    pub(crate) ahead: CategorySet,
}

/// Applies the rules to one category: corrects what was stored, and notes the outcome.
pub(crate) fn settle(
    policy: &Policy,
    at: &Circumstances,
    category: Category,
    standing: &mut Standing,
    vendors: &mut Vendors,
    outcome: &mut Outcome,
) {
    if let Some(reason) = forbidden(policy, at, category, standing.state) {
        *standing = refused(reason);
        vendors.granted = VendorSet::EMPTY;
        return;
    }
    signal(policy, at, category, standing, vendors, outcome);
    if standing.state == State::Undecided && standing.reason == Reason::NoChoice {
        exempt(policy, at, category, standing, outcome);
        if may_go_ahead(policy, at, category, standing.state) {
            outcome.ahead = outcome.ahead.with(category);
        }
    }
    if standing.state == State::Granted {
        vendors.granted = VendorSet::EMPTY;
        if policy.asked().contains(category) {
            outcome.granted = outcome.granted.with(category);
        }
    }
}

/// Why nothing that was stored matters.
fn forbidden(
    policy: &Policy,
    at: &Circumstances,
    category: Category,
    state: State,
) -> Option<Reason> {
    if at.never.contains(category) {
        Some(Reason::NeverHere)
    } else if policy.audience() == Audience::Children && category == Category::Marketing {
        Some(Reason::Children)
    } else if at.signals.withdrawn.contains(category) && state == State::Granted {
        Some(Reason::Signal)
    } else {
        None
    }
}

/// Rule 5: takes away what Global Privacy Control is about.
fn signal(
    policy: &Policy,
    at: &Circumstances,
    category: Category,
    standing: &mut Standing,
    vendors: &mut Vendors,
    outcome: &mut Outcome,
) {
    if at.signals.withdrawn.contains(category) {
        vendors.granted = VendorSet::EMPTY;
    }
    let is_us = at.jurisdiction.is_us();
    let in_view = standing.gpc && (standing.told || !is_us);
    if !at.signals.gpc || in_view {
        return;
    }
    if policy.is_sharing_alone(category) {
        let counted = standing.state == State::Granted || !vendors.granted.is_empty();
        outcome.overruled |= counted && policy.asked().contains(category);
        // Where the signal is a valid opt-out, it is one for those who have not chosen, too.
        let opts_out = is_us && standing.state == State::Undecided;
        if standing.state == State::Granted || opts_out {
            *standing = refused(Reason::Gpc);
        }
        vendors.granted = VendorSet::EMPTY;
        return;
    }
    let sharing = VendorSet::of_bits(policy.sharing(category));
    if sharing.is_empty() && category != Category::Analytics {
        return;
    }
    outcome.signalled = outcome.signalled.with(category);
    outcome.overruled |= match standing.state {
        State::Granted => !sharing.is_subset(vendors.refused),
        _ => vendors.granted.without(sharing) != vendors.granted,
    };
}

/// Rule 7: what runs without a choice.
fn exempt(
    policy: &Policy,
    at: &Circumstances,
    category: Category,
    standing: &mut Standing,
    outcome: &mut Outcome,
) {
    let statistics = statistics(policy, at.jurisdiction, category);
    let opt_out = is_opt_out(policy, at.jurisdiction, category);
    if !opt_out && statistics.is_none() {
        return;
    }
    let objects = objects(policy, at, category);
    let whole = opt_out || statistics.is_some_and(|statistics| statistics.whole);
    if objects {
        if whole {
            *standing = refused(Reason::Objection);
        }
    } else if opt_out {
        outcome.exempt = outcome.exempt.with(category);
        *standing = Standing::new(State::Exempt, Reason::OptOutRule);
    } else {
        outcome.statistics = true;
        if whole {
            *standing = Standing::new(State::Exempt, Reason::Statistics);
        }
    }
}

/// Whether anything of the category runs there without a choice.
pub(crate) fn runs_unasked(policy: &Policy, place: Jurisdiction, category: Category) -> bool {
    is_opt_out(policy, place, category) || statistics(policy, place, category).is_some()
}

fn is_opt_out(policy: &Policy, place: Jurisdiction, category: Category) -> bool {
    place.is_opt_out() && policy.asked().contains(category)
}

fn statistics(policy: &Policy, place: Jurisdiction, category: Category) -> Option<&Statistics> {
    StatisticsRegime::of(place)
        .filter(|_| category == Category::Analytics)
        .and_then(|regime| policy.statistics(regime))
}

/// Whether a signal objects to what would run without consent.
fn objects(policy: &Policy, at: &Circumstances, category: Category) -> bool {
    at.signals.dnt && policy.dnt() == Dnt::Objection
        || at.signals.objected.contains(category)
        || at.signals.withdrawn.contains(category)
}

/// Whether tags may load before a choice. No signal must speak against it.
fn may_go_ahead(policy: &Policy, at: &Circumstances, category: Category, state: State) -> bool {
    state == State::Undecided
        && policy.goes_ahead_at(at.jurisdiction)
        && !at.signals.gpc
        && !objects(policy, at, category)
}

const fn refused(reason: Reason) -> Standing {
    Standing::new(State::Refused, reason)
}
