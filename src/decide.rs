//! What do the stored cookies amount to?
//!
//! The consent cookies of a request, the browser's signal and the time in, a
//! [`Consent`] out. Pure and total.

use crate::category::Category;
use crate::clock::Timestamp;
use crate::consent::{CLOCK_LEEWAY, Consent};
use crate::cookie::Stored;
use crate::policy::Policy;
use crate::signal::Circumstances;
use crate::standing::{Reason, Standing, State, Vendors};
use crate::token::{Grant, Source, TokenError, TokenKeys, VendorSet};

/// Decides what a request may do.
///
/// The anchor (the cookie of the necessary category) says that a choice was
/// made and when; each other cookie counts only with the anchor's stamp. An
/// anchor without a category's cookie is a withdrawal made in the browser.
pub(crate) fn decide(
    policy: &Policy,
    keys: &TokenKeys,
    stored: [Stored<'_>; 4],
    at: Circumstances,
    now: Timestamp,
) -> Consent {
    let [anchor, optional @ ..] = stored;
    let anchor = match read(keys, Category::Necessary, anchor) {
        Ok(Some(anchor)) => anchor,
        Ok(None) => {
            let standing = Standing::new(State::Undecided, Reason::NoChoice);
            return Consent::uniform(policy, at, standing);
        }
        Err(standing) => return Consent::uniform(policy, at, standing),
    };
    if let Some(standing) = outlived(policy, &at, &anchor, now) {
        return Consent::uniform(policy, at, standing).recorded_in(anchor.receipt);
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
            Ok(Some(grant)) if has_expired(policy, &at, &grant, now) => {
                Standing::new(State::Stale, Reason::Expired)
            }
            Ok(Some(mut grant)) => {
                if now >= grant.stamp.plus(policy.lifetime_seconds()) {
                    // A refusal may last longer than what is granted besides it.
                    grant.granted_vendors = VendorSet::EMPTY;
                }
                *vendors = Vendors::of(&grant);
                Standing::of(&grant)
            }
        };
    }
    Consent::new(policy, at, Some(anchor.stamp), standings, vendors).recorded_in(anchor.receipt)
}

/// Why the whole choice no longer counts, going by its anchor.
fn outlived(
    policy: &Policy,
    at: &Circumstances,
    anchor: &Grant,
    now: Timestamp,
) -> Option<Standing> {
    let longest = refusal_seconds(policy, at, anchor);
    if anchor.stamp > now.plus(CLOCK_LEEWAY) {
        Some(Standing::new(State::Invalid, Reason::FutureStamp))
    } else if now >= anchor.stamp.plus(longest) {
        Some(Standing::new(State::Stale, Reason::Expired))
    } else if anchor.revision != policy.revision_of(Category::Necessary) {
        Some(Standing::new(State::Stale, Reason::RevisionChanged))
    } else {
        None
    }
}

/// Whether this part of a choice is older than such a part counts.
fn has_expired(policy: &Policy, at: &Circumstances, grant: &Grant, now: Timestamp) -> bool {
    now >= grant.stamp.plus(lifetime(policy, at, grant))
}

/// Seconds for which this part of a choice counts.
pub(crate) fn lifetime(policy: &Policy, at: &Circumstances, grant: &Grant) -> u64 {
    if grant.granted || grant.open {
        policy.lifetime_seconds()
    } else {
        refusal_seconds(policy, at, grant)
    }
}

/// The same for one that is a refusal.
fn refusal_seconds(policy: &Policy, at: &Circumstances, grant: &Grant) -> u64 {
    let lifetime = policy.lifetime_seconds();
    match grant.source {
        Source::Signal => at.jurisdiction.signal_seconds(lifetime),
        _ => at.jurisdiction.refusal_seconds(lifetime),
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
