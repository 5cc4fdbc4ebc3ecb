//! Where does a visitor stand in one category, and why?

use serde::{Deserialize, Serialize};

use crate::token::{Grant, VendorSet};

/// Where a visitor stands in one category. [`Reason`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Never chose, as far as this site can tell. Denied; the banner asks.
    Undecided,
    /// Explicitly granted, and still valid.
    Granted,
    /// Refused or withdrawn. Denied; not asked again.
    Refused,
    /// Chose once, but what was asked has changed or the choice has expired. Denied; the banner asks again.
    Stale,
    /// The cookies contradict themselves or were tampered with. Denied; the banner asks.
    Invalid,
}

impl State {
    /// The lower-case English name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Invalid => "invalid",
        }
    }
}

/// Why a category is in its [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Undecided: no choice is stored.
    NoChoice,
    /// Undecided: the stored value is not one of ours.
    Malformed,
    /// Undecided: signed with a key that this site no longer has, or never had.
    UnknownKey,
    /// Granted by an explicit choice; necessary is always granted.
    Explicit,
    /// Refused by an explicit choice.
    ExplicitRefusal,
    /// Refused: the visitor deleted this category's cookie and kept the anchor.
    WithdrawnInBrowser,
    /// Refused: granted earlier, and now the browser sends Global Privacy Control.
    Gpc,
    /// Stale: the policy or the category's vendors changed since the choice.
    RevisionChanged,
    /// Stale: the choice is older than its lifetime.
    Expired,
    /// Invalid: the stamp lies in the future.
    FutureStamp,
    /// Invalid: the signature does not fit the value, the category or the site.
    BadSignature,
    /// Invalid: two cookies of the same name.
    Duplicate,
    /// Invalid: the cookie belongs to another choice than the anchor.
    MixedChoices,
}

/// One category's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    pub(crate) reason: Reason,
    /// Whether the stored grant was given while the browser sent GPC.
    pub(crate) gpc: bool,
}

impl Standing {
    pub(crate) const fn new(state: State, reason: Reason) -> Self {
        Self {
            state,
            reason,
            gpc: false,
        }
    }

    pub(crate) const fn of(grant: &Grant) -> Self {
        let (state, reason) = if grant.granted {
            (State::Granted, Reason::Explicit)
        } else if grant.open {
            (State::Undecided, Reason::NoChoice)
        } else {
            (State::Refused, Reason::ExplicitRefusal)
        };
        Self {
            state,
            reason,
            gpc: grant.gpc,
        }
    }
}

/// The vendors of one category that stand otherwise than their category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vendors {
    /// Refused where the category is granted.
    pub(crate) refused: VendorSet,
    /// Granted alone where it is not.
    pub(crate) granted: VendorSet,
}

impl Vendors {
    pub(crate) const NONE: Self = Self {
        refused: VendorSet::EMPTY,
        granted: VendorSet::EMPTY,
    };

    pub(crate) const fn of(grant: &Grant) -> Self {
        Self {
            refused: grant.refused_vendors,
            granted: grant.granted_vendors,
        }
    }
}
