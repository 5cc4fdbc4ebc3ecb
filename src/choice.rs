//! What did the visitor just choose, and what does it come to?
//!
//! A [`Choice`] is the explicit act. Recording one writes the full set of four
//! cookies in one response, refusals included, so that halves of two choices
//! never stand side by side. One vendor granted alone is an addition to the
//! choice that stands: it changes one cookie, which keeps the choice's time and
//! ends with it, so nothing that was granted before lasts longer.

mod cookies;

use http::HeaderValue;

use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::id::ReceiptId;
use crate::policy::Policy;
use crate::rule;
use crate::standing::{Reason, State};
use crate::token::{Grant, Source, TokenKeys, VendorSet};
pub(crate) use cookies::CookieStyle;

/// A visitor's explicit choice.
///
/// The layer makes one from the banner's form. A page of the application that
/// asks in its own words puts one into the extensions of its response, and the
/// layer signs and stores it; the gates treat that response by the new choice.
/// Record only what the visitor just did: a click on a labelled control, never
/// silence, scrolling or continued use (GDPR Article 4(11)).
///
/// ```
/// use tower_consent::{Category, Choice};
///
/// let mut response = http::Response::new(());
/// response.extensions_mut().insert(Choice::only([Category::Functional]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    act: Act,
    source: Source,
    /// Whether the visitor was told that a grant overrides the browser's signal.
    told: bool,
    /// Whether what is exempt stays so instead of being granted.
    keeps_exempt: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    /// Decides about every category, and about the vendors that stand otherwise.
    Whole {
        granted: CategorySet,
        refused_vendors: Vec<String>,
        granted_vendors: Vec<String>,
    },
    /// Grants one vendor besides what was decided before.
    Vendor(String),
    /// Refuses these categories, and with `sharing` whatever sells or shares.
    /// The rest stays as it stands.
    Refuse {
        categories: CategorySet,
        sharing: bool,
    },
    /// No act: the browser's signal takes away what was granted before it.
    Signal,
}

impl Choice {
    /// Grants every category that the policy asks about.
    #[must_use]
    pub fn accept_all() -> Self {
        Self::only(Category::OPTIONAL)
    }

    /// Refuses every category. Withdrawing is the same act.
    #[must_use]
    pub fn reject_all() -> Self {
        Self::only([])
    }

    /// Grants these categories and refuses the others.
    #[must_use]
    pub fn only(categories: impl IntoIterator<Item = Category>) -> Self {
        Self::of(Act::Whole {
            granted: categories.into_iter().collect(),
            refused_vendors: Vec::new(),
            granted_vendors: Vec::new(),
        })
    }

    /// Opts out of the sale and sharing of the visitor's data: refuses
    /// marketing, and in other categories every vendor that sells or shares.
    /// The rest stays as it stands and counts from now on as long as the refusal.
    #[must_use]
    pub fn opt_out_of_sharing() -> Self {
        Self::of(Act::Refuse {
            categories: CategorySet::EMPTY.with(Category::Marketing),
            sharing: true,
        })
    }

    /// Objects to statistics, exempt ones included. The rest stays as it stands
    /// and counts from now on as long as the refusal.
    #[must_use]
    pub fn object_to_statistics() -> Self {
        Self::of(Act::Refuse {
            categories: CategorySet::EMPTY.with(Category::Analytics),
            sharing: false,
        })
    }

    /// The browser's signal in place of what it overrules.
    pub(crate) fn signalled() -> Self {
        Self::of(Act::Signal).made_in(Source::Signal)
    }

    /// Whether it is no act of the visitor.
    pub(crate) fn is_signal(&self) -> bool {
        self.act == Act::Signal
    }

    /// Whether the visitor was told that a grant overrides the browser's signal.
    pub(crate) const fn is_told(&self) -> bool {
        self.told
    }

    fn of(act: Act) -> Self {
        Self {
            act,
            source: Source::Application,
            told: false,
            keeps_exempt: false,
        }
    }

    /// Says that the page told the visitor before the choice that a grant
    /// overrides the opt-out signal of the browser. In the United States a grant
    /// of what sells or shares counts under Global Privacy Control only then,
    /// and is a refusal otherwise. The preferences page tells it there.
    #[must_use]
    pub fn after_conflict_notice(mut self) -> Self {
        self.told = true;
        self
    }

    /// Grants the vendor with this id and leaves everything else as it is: what
    /// a click on "Load this video" means. Its category stays refused or open,
    /// so other vendors of it, the site's own cookies in it and
    /// [`Consent::allows`] do not follow, and a visitor who has not chosen yet
    /// is still asked. It ends with the choice that it adds to. An id that the
    /// policy does not declare, or that is strictly necessary, changes nothing.
    #[must_use]
    pub fn load_vendor(id: impl Into<String>) -> Self {
        Self::of(Act::Vendor(id.into()))
    }

    /// Refuses the vendor with this id although its category is granted. An id
    /// that the policy does not declare changes nothing.
    #[must_use]
    pub fn refusing_vendor(mut self, id: impl Into<String>) -> Self {
        if let Act::Whole {
            refused_vendors, ..
        } = &mut self.act
        {
            refused_vendors.push(id.into());
        }
        self
    }

    /// Grants the vendor with this id although its category is refused. An id
    /// that the policy does not declare changes nothing.
    #[must_use]
    pub fn granting_vendor(mut self, id: impl Into<String>) -> Self {
        if let Act::Whole {
            granted_vendors, ..
        } = &mut self.act
        {
            granted_vendors.push(id.into());
        }
        self
    }

    /// What runs without a choice, and was left on, stays as it is: nothing that
    /// was ticked from the start becomes a grant.
    pub(crate) fn keeping_exempt(mut self) -> Self {
        self.keeps_exempt = true;
        self
    }

    /// Where it was made.
    pub(crate) const fn layer(&self) -> &'static str {
        self.source.as_str()
    }

    /// The same without what it grants that `before` does not; `after` is what it comes to.
    pub(crate) fn without_grants(&self, before: &Consent, after: &Consent) -> Self {
        let policy = before.policy();
        let stands =
            |category| before.granted().contains(category) && after.granted().contains(category);
        let mut rest = Self::only(Category::OPTIONAL.into_iter().filter(|c| stands(*c)));
        for vendor in policy.vendors() {
            let (category, id) = (vendor.category(), vendor.id());
            let kept = before.vendor_state(id) == State::Granted && after.allows_vendor(id);
            rest = match stands(category) {
                true if !kept => rest.refusing_vendor(id),
                false if kept => rest.granting_vendor(id),
                true | false => rest,
            };
        }
        rest.told = self.told;
        rest.made_in(self.source)
    }

    pub(crate) fn made_in(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The signed parts of this choice on top of `before`, each behind its
    /// category. What the policy does not ask about is refused.
    /// `receipt` names the record that the choice goes into.
    pub(crate) fn parts(
        &self,
        before: &Consent,
        receipt: Option<ReceiptId>,
        now: Timestamp,
    ) -> Vec<(Category, Grant)> {
        match &self.act {
            Act::Whole {
                granted,
                refused_vendors,
                granted_vendors,
            } => Category::ALL
                .into_iter()
                .map(|category| {
                    let mut grant = self.part(before, category, receipt, now);
                    let wanted =
                        granted.contains(category) && before.policy().asked().contains(category);
                    grant.open =
                        wanted && self.keeps_exempt && before.state(category) == State::Exempt;
                    grant.granted |= wanted && !grant.open;
                    let kept = grant.granted || grant.open;
                    let (set, ids) = if kept {
                        (&mut grant.refused_vendors, refused_vendors)
                    } else {
                        (&mut grant.granted_vendors, granted_vendors)
                    };
                    for id in ids {
                        match before.policy().vendor_position(id) {
                            Some((of, position)) if of == category => set.insert(position),
                            Some(_) | None => {}
                        }
                    }
                    self.heed_signal(before, category, &mut grant);
                    (category, grant)
                })
                .collect(),
            Act::Refuse {
                categories,
                sharing,
            } => Category::ALL
                .into_iter()
                .map(|category| {
                    let refuses = categories.contains(category)
                        || *sharing && before.policy().is_sharing_alone(category);
                    let mut grant = self.part(before, category, receipt, now);
                    if !refuses && category != Category::Necessary {
                        keep(before, category, &mut grant);
                        if *sharing {
                            refuse_sharing(before.policy(), category, &mut grant);
                        }
                    }
                    (category, grant)
                })
                .collect(),
            Act::Signal => self.overruling(before, receipt, now),
            Act::Vendor(id) => self.addition(before, id, receipt, now).unwrap_or_default(),
        }
    }

    /// In the United States a grant against the signal counts only after a notice.
    fn heed_signal(&self, before: &Consent, category: Category, grant: &mut Grant) {
        if !before.gpc() || !before.jurisdiction().is_us() || self.told {
            return;
        }
        if !before.policy().is_sharing_alone(category) {
            refuse_sharing(before.policy(), category, grant);
        } else if category != Category::Necessary {
            grant.granted = false;
            grant.open = false;
            grant.refused_vendors = VendorSet::EMPTY;
            grant.granted_vendors = VendorSet::EMPTY;
        }
    }

    /// The choice that stands, less what the signal overrules. While something
    /// of it is still granted, the choice keeps its time, so that nothing lasts longer.
    fn overruling(
        &self,
        before: &Consent,
        receipt: Option<ReceiptId>,
        now: Timestamp,
    ) -> Vec<(Category, Grant)> {
        let Some(decided_at) = before.decided_at() else {
            // What ran without a choice is opted out of (11 CCR 7025(c)).
            return if before.jurisdiction().is_opt_out() {
                let opt_out = Self::opt_out_of_sharing().made_in(self.source);
                opt_out.parts(before, receipt, now)
            } else {
                Vec::new()
            };
        };
        if !before.is_overruled() {
            return Vec::new();
        }
        let stands = !before.granted().is_empty() || !before.granted_vendor_ids().is_empty();
        let stamp = if stands { decided_at } else { now };
        let parts = Category::ALL.into_iter().map(|category| {
            let mut grant = self.part(before, category, receipt, stamp);
            if category != Category::Necessary {
                keep(before, category, &mut grant);
                grant.gpc |= before.signalled().contains(category);
            }
            (category, grant)
        });
        parts.collect()
    }

    /// What changes when one vendor is granted besides; `None` where nothing does.
    fn addition(
        &self,
        before: &Consent,
        id: &str,
        receipt: Option<ReceiptId>,
        now: Timestamp,
    ) -> Option<Vec<(Category, Grant)>> {
        let (of, position) = before.policy().vendor_position(id)?;
        let never = before.circumstances().never.contains(of);
        if of == Category::Necessary || never || before.permits_vendor(of, position) {
            return None;
        }
        let stands = before.decided_at().is_some();
        let stamp = before.decided_at().unwrap_or(now);
        let after = before.with_vendor(of, position, stamp);
        let parts = Category::ALL
            .into_iter()
            .filter(|category| {
                // The anchor stays as it is, unless the choice now goes into another record.
                let anchors = *category == Category::Necessary && receipt != before.receipt();
                !stands || *category == of || anchors
            })
            .map(|category| {
                let mut grant = self.part(before, category, receipt, stamp);
                if category != Category::Necessary {
                    let state = after.state(category);
                    let vendors = after.kept_vendors(category);
                    grant.granted = state == State::Granted;
                    grant.open = matches!(state, State::Undecided | State::Exempt);
                    grant.refused_vendors = vendors.refused;
                    grant.granted_vendors = vendors.granted;
                }
                (category, grant)
            });
        Some(parts.collect())
    }

    /// A part that grants nothing optional.
    fn part(
        &self,
        before: &Consent,
        category: Category,
        receipt: Option<ReceiptId>,
        stamp: Timestamp,
    ) -> Grant {
        Grant {
            granted: category == Category::Necessary,
            open: false,
            gpc: before.gpc(),
            told: self.told && before.gpc(),
            source: self.source,
            stamp,
            revision: before.policy().revision_of(category),
            refused_vendors: VendorSet::EMPTY,
            granted_vendors: VendorSet::EMPTY,
            receipt: receipt.filter(|_| category == Category::Necessary),
        }
    }

    /// What `before` becomes by these parts; without any it stays as it is.
    fn applied(
        &self,
        before: &Consent,
        parts: &[(Category, Grant)],
        receipt: Option<ReceiptId>,
        now: Timestamp,
    ) -> Consent {
        if parts.is_empty() {
            return before.clone();
        }
        match &self.act {
            Act::Whole { .. } | Act::Refuse { .. } | Act::Signal => {
                Consent::after(before.policy(), parts, before.circumstances())
                    .speaking(before.locale())
            }
            Act::Vendor(id) => match before.policy().vendor_position(id) {
                Some((of, position)) => before
                    .with_vendor(of, position, before.decided_at().unwrap_or(now))
                    .speaking(before.locale())
                    .recorded_in(receipt),
                None => before.clone(),
            },
        }
    }
}

/// Keeps `category` as it stands.
fn keep(before: &Consent, category: Category, grant: &mut Grant) {
    let standing = before.standing(category);
    let vendors = before.kept_vendors(category);
    grant.granted = standing.state == State::Granted;
    // What only this request objects to was never refused.
    let passing = matches!(standing.reason, Reason::Objection | Reason::NeverHere);
    grant.open = passing
        || match standing.state {
            State::Granted | State::Refused => false,
            State::Undecided | State::Exempt => true,
            // Where what is open runs, refusing something lets nothing run.
            State::Stale | State::Invalid => {
                !rule::runs_unasked(before.policy(), before.jurisdiction(), category)
            }
        };
    // What was granted before was not granted in view of the signal.
    grant.gpc = standing.gpc;
    grant.told = standing.told;
    grant.refused_vendors = vendors.refused;
    grant.granted_vendors = vendors.granted;
    if !grant.granted && !grant.granted_vendors.is_empty() {
        grant.refused_vendors = VendorSet::EMPTY;
    }
}

/// Refuses the vendors of `category` that sell or share.
fn refuse_sharing(policy: &Policy, category: Category, grant: &mut Grant) {
    let sharing = VendorSet::of_bits(policy.sharing(category));
    grant.granted_vendors = grant.granted_vendors.without(sharing);
    if grant.granted_vendors.is_empty() {
        grant.refused_vendors = grant.refused_vendors.union(sharing);
    }
}

/// A choice as it takes effect: what it grants, and the cookies that store it.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) consent: Consent,
    /// Empty where the browser already holds exactly this choice.
    pub(crate) cookies: Vec<HeaderValue>,
    /// Whether the choice took something away that was granted before.
    pub(crate) narrows: bool,
}

/// Records `choice` on top of what the request brought. `receipt` names the
/// record that it goes into, where one is kept.
pub(crate) fn record(
    choice: &Choice,
    before: &Consent,
    keys: &TokenKeys,
    style: &CookieStyle,
    receipt: Option<ReceiptId>,
    now: Timestamp,
) -> Recorded {
    let policy = before.policy();
    let parts = choice.parts(before, receipt, now);
    let consent = choice.applied(before, &parts, receipt, now);
    let narrows = before.is_narrowed_by(&consent);
    if before.stands_like(&consent) || parts.is_empty() {
        return Recorded {
            consent: before.clone(),
            cookies: Vec::new(),
            narrows,
        };
    }
    Recorded {
        cookies: style.set_cookies(policy, keys, &parts, now, &before.circumstances()),
        consent,
        narrows,
    }
}
