//! What did the visitor just choose, and which cookies record it?
//!
//! A [`Choice`] is the explicit act. Recording one writes the full set of four
//! cookies in one response, refusals included, so that halves of two choices
//! never stand side by side. One vendor granted alone is an addition to the
//! choice that stands: it changes one cookie, which keeps the choice's time and
//! ends with it, so nothing that was granted before lasts longer.

use cookie::{Cookie, SameSite};
use http::HeaderValue;
use time::Duration;

use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::cookie::Naming;
use crate::id::ReceiptId;
use crate::policy::Policy;
use crate::standing::State;
use crate::token::{Grant, Source, TokenKeys, VendorSet};

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
        Self {
            act: Act::Whole {
                granted: categories.into_iter().collect(),
                refused_vendors: Vec::new(),
                granted_vendors: Vec::new(),
            },
            source: Source::Application,
        }
    }

    /// Grants the vendor with this id and leaves everything else as it is: what
    /// a click on "Load this video" means. Its category stays refused or open,
    /// so other vendors of it, the site's own cookies in it and
    /// [`Consent::allows`] do not follow, and a visitor who has not chosen yet
    /// is still asked. It ends with the choice that it adds to. An id that the
    /// policy does not declare, or that is strictly necessary, changes nothing.
    #[must_use]
    pub fn load_vendor(id: impl Into<String>) -> Self {
        Self {
            act: Act::Vendor(id.into()),
            source: Source::Application,
        }
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

    /// Where it was made.
    pub(crate) const fn layer(&self) -> &'static str {
        self.source.as_str()
    }

    /// The same without what it grants that `before` does not; `after` is what it comes to.
    pub(crate) fn without_grants(&self, before: &Consent, after: &Consent) -> Self {
        let policy = before.policy();
        let mut rest = Self::only(
            Category::OPTIONAL
                .into_iter()
                .filter(|category| before.allows(*category) && after.allows(*category)),
        );
        for vendor in policy.vendors() {
            let (category, id) = (vendor.category(), vendor.id());
            let kept = before.allows_vendor(id) && after.allows_vendor(id);
            rest = match before.allows(category) && after.allows(category) {
                true if !kept => rest.refusing_vendor(id),
                false if kept => rest.granting_vendor(id),
                true | false => rest,
            };
        }
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
                    grant.granted |=
                        granted.contains(category) && before.policy().asked().contains(category);
                    let (set, ids) = if grant.granted {
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
                    (category, grant)
                })
                .collect(),
            Act::Vendor(id) => self.addition(before, id, receipt, now).unwrap_or_default(),
        }
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
        if of == Category::Necessary || before.permits_vendor(of, position) {
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
                    let vendors = after.vendors(category);
                    grant.granted = state == State::Granted;
                    grant.open = state == State::Undecided;
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
            source: self.source,
            stamp,
            revision: before.policy().revision_of(category),
            refused_vendors: VendorSet::EMPTY,
            granted_vendors: VendorSet::EMPTY,
            receipt: receipt.filter(|_| category == Category::Necessary),
        }
    }

    /// What `before` becomes by these parts.
    fn applied(
        &self,
        before: &Consent,
        parts: &[(Category, Grant)],
        receipt: Option<ReceiptId>,
        now: Timestamp,
    ) -> Consent {
        match &self.act {
            Act::Whole { .. } => {
                Consent::after(before.policy(), parts, before.gpc()).speaking(before.locale())
            }
            Act::Vendor(id) => match before.policy().vendor_position(id) {
                Some((of, position)) if !parts.is_empty() => before
                    .with_vendor(of, position, before.decided_at().unwrap_or(now))
                    .speaking(before.locale())
                    .recorded_in(receipt),
                _ => before.clone(),
            },
        }
    }
}

/// How consent cookies are written, and how they are found again.
#[derive(Clone, Debug)]
pub(crate) struct CookieStyle {
    pub(crate) naming: Naming,
    pub(crate) domain: Option<String>,
}

impl CookieStyle {
    pub(crate) fn new(policy: &Policy, insecure: bool) -> Self {
        let domain = policy.cookie_domain().map(str::to_owned);
        let naming = match (insecure, &domain) {
            (true, _) => Naming::Insecure,
            (false, Some(_)) => Naming::Secure,
            (false, None) => Naming::Host,
        };
        Self { naming, domain }
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.naming != Naming::Insecure
    }

    /// The `Set-Cookie` values that store `parts`. They last as long as the
    /// choice counts, from the moment it was made.
    pub(crate) fn set_cookies(
        &self,
        policy: &Policy,
        keys: &TokenKeys,
        parts: &[(Category, Grant)],
        now: Timestamp,
    ) -> Vec<HeaderValue> {
        parts
            .iter()
            .filter_map(|(category, grant)| {
                let age = now
                    .unix_seconds()
                    .saturating_sub(grant.stamp.unix_seconds());
                let left = policy.lifetime_seconds().saturating_sub(age);
                let mut cookie =
                    Cookie::build((self.naming.name(*category), keys.sign(*category, grant)))
                        .max_age(Duration::seconds(i64::try_from(left).unwrap_or_default()))
                        .path("/")
                        .http_only(true)
                        .secure(self.is_secure())
                        .same_site(SameSite::Lax);
                if let Some(domain) = &self.domain {
                    cookie = cookie.domain(domain);
                }
                HeaderValue::try_from(cookie.build().to_string()).ok()
            })
            .collect()
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
        cookies: style.set_cookies(policy, keys, &parts, now),
        consent,
        narrows,
    }
}
