//! What do the stored cookies amount to?
//!
//! The consent cookies of a request, the browser's signal and the time in, a
//! [`Consent`] out. Pure and total.

use crate::category::Category;
use crate::clock::Timestamp;
use crate::consent::{CLOCK_LEEWAY, Consent};
use crate::cookie::Stored;
use crate::policy::Policy;
use crate::signal::Signals;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::{Grant, TokenError, TokenKeys};

/// Decides what a request may do.
///
/// The anchor (the cookie of the necessary category) says that a choice was
/// made and when; each other cookie counts only with the anchor's stamp. An
/// anchor without a category's cookie is a withdrawal made in the browser.
pub(crate) fn decide(
    policy: &Policy,
    keys: &TokenKeys,
    stored: [Stored<'_>; 4],
    signals: Signals,
    now: Timestamp,
) -> Consent {
    let [anchor, optional @ ..] = stored;
    let anchor = match read(keys, Category::Necessary, anchor) {
        Ok(Some(anchor)) => anchor,
        Ok(None) => {
            let standing = Standing::new(State::Undecided, Reason::NoChoice);
            return Consent::uniform(policy, signals, standing);
        }
        Err(standing) => return Consent::uniform(policy, signals, standing),
    };
    if let Some(standing) = outlived(policy, &anchor, now) {
        return Consent::uniform(policy, signals, standing).recorded_in(anchor.receipt);
    }
    let mut standings = [Standing::new(State::Refused, Reason::WithdrawnInBrowser); 3];
    let mut vendors = [Vendors::NONE; 3];
    let stored = Category::OPTIONAL.into_iter().zip(optional);
    let slots = standings.iter_mut().zip(&mut vendors);
    for ((category, stored), (standing, vendors)) in stored.zip(slots) {
        *standing = match read(keys, category, stored) {
            Ok(None) => *standing,
            Err(standing) => standing,
            Ok(Some(grant)) if grant.stamp != anchor.stamp => {
                Standing::new(State::Invalid, Reason::MixedChoices)
            }
            Ok(Some(grant)) if grant.revision != policy.revision_of(category) => {
                Standing::new(State::Stale, Reason::RevisionChanged)
            }
            Ok(Some(grant)) => {
                *vendors = Vendors::of(&grant);
                Standing::of(&grant)
            }
        };
    }
    Consent::new(policy, signals, Some(anchor.stamp), standings, vendors)
        .recorded_in(anchor.receipt)
}

/// Why the whole choice no longer counts, going by its anchor.
fn outlived(policy: &Policy, anchor: &Grant, now: Timestamp) -> Option<Standing> {
    if anchor.stamp > now.plus(CLOCK_LEEWAY) {
        Some(Standing::new(State::Invalid, Reason::FutureStamp))
    } else if now >= anchor.stamp.plus(policy.lifetime_seconds()) {
        Some(Standing::new(State::Stale, Reason::Expired))
    } else if anchor.revision != policy.revision_of(Category::Necessary) {
        Some(Standing::new(State::Stale, Reason::RevisionChanged))
    } else {
        None
    }
}

fn read(
    keys: &TokenKeys,
    category: Category,
    stored: Stored<'_>,
) -> Result<Option<Grant>, Standing> {
    match stored {
        Stored::Absent => Ok(None),
        Stored::Duplicate => Err(Standing::new(State::Invalid, Reason::Duplicate)),
        Stored::Once(text) => keys
            .verify(category, text)
            .map(Some)
            .map_err(|error| match error {
                TokenError::Malformed => Standing::new(State::Undecided, Reason::Malformed),
                TokenError::UnknownKey => Standing::new(State::Undecided, Reason::UnknownKey),
                TokenError::BadSignature => Standing::new(State::Invalid, Reason::BadSignature),
            }),
    }
}
