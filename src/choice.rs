//! What did the visitor just choose, and which cookies record it?
//!
//! A [`Choice`] is the explicit act. Recording one writes the full set of four
//! cookies in one response, refusals included, so that halves of two choices
//! never stand side by side.

use cookie::{Cookie, SameSite};
use http::HeaderValue;
use time::Duration;

use crate::category::{Category, CategorySet};
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::cookie::Naming;
use crate::policy::Policy;
use crate::signal::Signals;
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
    granted: CategorySet,
    refused_vendors: Vec<String>,
    source: Source,
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
            granted: categories.into_iter().collect(),
            refused_vendors: Vec::new(),
            source: Source::Application,
        }
    }

    /// Refuses the vendor with this id although its category is granted. An id
    /// that the policy does not declare changes nothing.
    #[must_use]
    pub fn refusing_vendor(mut self, id: impl Into<String>) -> Self {
        self.refused_vendors.push(id.into());
        self
    }

    pub(crate) fn made_in(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// The four signed parts of this choice, in the order of [`Category::ALL`].
    /// What the policy does not ask about is refused.
    pub(crate) fn grants(&self, policy: &Policy, signals: Signals, now: Timestamp) -> [Grant; 4] {
        Category::ALL.map(|category| {
            let granted = category == Category::Necessary
                || self.granted.contains(category) && policy.asked().contains(category);
            let mut refused_vendors = VendorSet::EMPTY;
            if granted {
                for id in &self.refused_vendors {
                    match policy.vendor_position(id) {
                        Some((of, position)) if of == category => refused_vendors.insert(position),
                        Some(_) | None => {}
                    }
                }
            }
            Grant {
                granted,
                gpc: signals.gpc,
                source: self.source,
                stamp: now,
                revision: policy.revision_of(category),
                refused_vendors,
            }
        })
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

    /// The `Set-Cookie` values that store `grants`. They last as long as the
    /// choice counts, from the moment it was made.
    pub(crate) fn set_cookies(
        &self,
        policy: &Policy,
        keys: &TokenKeys,
        grants: &[Grant; 4],
    ) -> Vec<HeaderValue> {
        Category::ALL
            .into_iter()
            .zip(grants)
            .filter_map(|(category, grant)| {
                let mut cookie =
                    Cookie::build((self.naming.name(category), keys.sign(category, grant)))
                        .max_age(Duration::seconds(
                            i64::try_from(policy.lifetime_seconds()).unwrap_or_default(),
                        ))
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

/// Records `choice` on top of what the request brought.
pub(crate) fn record(
    choice: &Choice,
    before: &Consent,
    keys: &TokenKeys,
    style: &CookieStyle,
    now: Timestamp,
) -> Recorded {
    let policy = before.policy();
    let signals = Signals { gpc: before.gpc() };
    let grants = choice.grants(policy, signals, now);
    let consent = Consent::after(policy, &grants, signals);
    let narrows = before.is_narrowed_by(&consent);
    if before.stands_like(&consent) {
        return Recorded {
            consent: before.clone(),
            cookies: Vec::new(),
            narrows,
        };
    }
    Recorded {
        cookies: style.set_cookies(policy, keys, &grants),
        consent,
        narrows,
    }
}
