//! How does a consent come about?
//!
//! [`decide`](crate::decide::decide) and [`Consent::after`] alone make one that
//! grants anything to a visitor; the others are for pages that many visitors share.

use std::sync::Arc;

use super::{Consent, Decision};
use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::policy::{Locale, Policy};
use crate::rule::{Outcome, settle};
use crate::signal::Circumstances;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::{Grant, VendorSet};

impl Consent {
    /// The consent that a choice just recorded amounts to. `parts` are of all categories.
    pub(crate) fn after(policy: &Policy, parts: &[(Category, Grant)], at: Circumstances) -> Self {
        let mut stamp = None;
        let mut receipt = None;
        let mut standings = [Standing::new(State::Undecided, Reason::NoChoice); 3];
        let mut vendors = [Vendors::NONE; 3];
        for (category, grant) in parts {
            let slot = Category::OPTIONAL.iter().position(|of| of == category);
            let Some(slot) = slot else {
                stamp = Some(grant.stamp);
                receipt = grant.receipt;
                continue;
            };
            if let (Some(standing), Some(vendors)) =
                (standings.get_mut(slot), vendors.get_mut(slot))
            {
                *standing = Standing::of(grant);
                *vendors = Vendors::of(grant);
            }
        }
        Self::new(policy, at, stamp, standings, vendors).recorded_in(receipt)
    }

    /// The same with one vendor granted besides, by a click on it alone. Where
    /// no choice counted before, the categories stay open and `stamp` is its time.
    pub(crate) fn with_vendor(&self, category: Category, position: u8, stamp: Timestamp) -> Self {
        let open = Standing::new(State::Undecided, Reason::NoChoice);
        let mut standings = match self.decided_at() {
            Some(_) => self.decision.standings,
            None => [open; 3],
        };
        let mut vendors = Category::OPTIONAL.map(|category| self.kept_vendors(category));
        let slots = standings.iter_mut().zip(&mut vendors);
        for ((standing, vendors), of) in slots.zip(Category::OPTIONAL) {
            if of != category {
                continue;
            }
            let covered = matches!(standing.state, State::Granted | State::Exempt);
            *standing = match standing.state {
                State::Granted => Standing::new(State::Granted, Reason::Explicit),
                State::Refused => Standing::new(State::Refused, Reason::ExplicitRefusal),
                State::Undecided | State::Exempt | State::Stale | State::Invalid => open,
            };
            // What counts now was given in full view of the signal, if there is one.
            standing.gpc = self.gpc();
            if covered {
                vendors.refused.remove(position);
            } else {
                vendors.refused = VendorSet::EMPTY;
                vendors.granted.insert(position);
            }
        }
        Self::new(
            &self.policy,
            self.decision.at,
            Some(stamp),
            standings,
            vendors,
        )
        .recorded_in(self.receipt())
    }

    /// The consent that a page is made under which goes to everybody alike.
    pub(crate) fn for_everybody(policy: &Policy) -> Self {
        let mut consent = Self::plain(policy);
        consent.decision.for_everybody = true;
        consent
    }

    /// Nothing is granted and nothing asked.
    pub(crate) fn plain(policy: &Policy) -> Self {
        let refused = Standing::new(State::Refused, Reason::ExplicitRefusal);
        Self::uniform(policy, Circumstances::default(), refused)
    }

    /// The consent that a page is made under which goes to everybody with these
    /// grants: `vendors` stand otherwise, and `asks` is for the rest. The
    /// circumstances are those of `like`.
    pub(crate) fn assumed(
        like: &Self,
        granted: CategorySet,
        vendors: [Vendors; 3],
        asks: bool,
    ) -> Self {
        let standings = Category::OPTIONAL.map(|category| {
            if granted.contains(category) {
                Standing::new(State::Granted, Reason::Explicit)
            } else if asks {
                Standing::new(State::Undecided, Reason::NoChoice)
            } else {
                Standing::new(State::Refused, Reason::ExplicitRefusal)
            }
        });
        let decision = Decision {
            outcome: Outcome {
                granted,
                signalled: like.decision.outcome.signalled,
                ..Outcome::default()
            },
            at: like.decision.at,
            notice: like.decision.notice,
            decided_at: None,
            standings,
            vendors: shared(vendors),
            for_everybody: false,
            locale: like.locale(),
            receipt: None,
        };
        Self::from_decision(&like.policy, decision)
    }

    pub(crate) fn new(
        policy: &Policy,
        at: Circumstances,
        decided_at: Option<Timestamp>,
        mut standings: [Standing; 3],
        mut vendors: [Vendors; 3],
    ) -> Self {
        let mut outcome = Outcome::default();
        let slots = standings.iter_mut().zip(&mut vendors);
        for (category, (standing, vendors)) in Category::OPTIONAL.into_iter().zip(slots) {
            settle(policy, &at, category, standing, vendors, &mut outcome);
        }
        let decision = Decision {
            outcome,
            at,
            notice: None,
            decided_at,
            standings,
            vendors: shared(vendors),
            for_everybody: false,
            locale: Locale::default(),
            receipt: None,
        };
        Self::from_decision(policy, decision)
    }

    /// The same standing in all optional categories, where no choice counts.
    pub(crate) fn uniform(policy: &Policy, at: Circumstances, standing: Standing) -> Self {
        Self::new(policy, at, None, [standing; 3], [Vendors::NONE; 3])
    }

    /// Nobody has chosen anything, and no rule lets anything run.
    pub(crate) fn undecided(policy: &Policy) -> Self {
        let standing = Standing::new(State::Undecided, Reason::NoChoice);
        Self::uniform(policy, Circumstances::default(), standing)
    }
}

/// Most visitors make no exception, and then nothing is allocated.
fn shared(vendors: [Vendors; 3]) -> Option<Arc<[Vendors; 3]>> {
    let exceptional = vendors.iter().any(|vendors| *vendors != Vendors::NONE);
    exceptional.then(|| Arc::new(vendors))
}
