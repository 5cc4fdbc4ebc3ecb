//! Which exact words was the visitor asked in?
//!
//! The archive holds what the same code renders for a page: the banner and the
//! preferences page as a visitor sees them who has not chosen yet, and all
//! that the policy declares. A row names the three by their digests.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::asset;
use crate::category::Category;
use crate::consent::Consent;
use crate::cookie::Naming;
use crate::endpoint::look::Look;
use crate::endpoint::page;
use crate::endpoint::preferences::{self, ChoiceCookies, PreferencesForm};
use crate::id::hex;
use crate::policy::{Locale, Policy};
use crate::record::Artefact;
use crate::signal::Circumstances;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
/// How many are kept ready. More than languages times signals there never are.
const READY: usize = 1024;

/// What one kind of visitor is shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) banner: Arc<Artefact>,
    pub(crate) preferences: Arc<Artefact>,
    pub(crate) policy: Arc<Artefact>,
    /// The three of them.
    pub(crate) all: Arc<[Arc<Artefact>]>,
}

impl Shown {
    fn to(consent: &Consent, naming: Naming, look: &Look) -> Self {
        let text = |kind: &str, text: String| Arc::new(Artefact::new(kind, text));
        let own = ChoiceCookies::new(naming, true);
        let banner = text(HTML, page::banner_text(consent, look));
        let page = PreferencesForm::Page;
        let preferences = preferences::preferences(consent, own, "/", look.scheme, page);
        let preferences = text(HTML, preferences);
        let policy = text(JSON, declared(consent.policy()).to_string());
        Self {
            all: [banner.clone(), preferences.clone(), policy.clone()].into(),
            banner,
            preferences,
            policy,
        }
    }
}

/// What tells two visitors from each other that are shown something else.
type Manner = (Naming, Circumstances, Locale);

/// What was rendered already.
#[derive(Default)]
pub(crate) struct Archive(Mutex<HashMap<Manner, Arc<Shown>>>);

impl Archive {
    /// What a visitor like this one is shown.
    pub(crate) fn shown(&self, consent: &Consent, naming: Naming, look: &Look) -> Arc<Shown> {
        let manner = (naming, consent.circumstances(), consent.locale());
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= READY {
            ready.clear();
        }
        ready
            .entry(manner)
            .or_insert_with(|| Arc::new(Shown::to(&consent.afresh(), naming, look)))
            .clone()
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}

/// All that the policy declares and a visitor is told, and the files that the
/// texts are drawn with.
fn declared(policy: &Policy) -> Value {
    let vendors = policy.vendors().iter().map(|vendor| {
        json!({
            "id": vendor.id(),
            "name": vendor.name(),
            "category": vendor.category(),
            "purpose": vendor.purpose(),
            "provider": vendor.provider(),
            "country": vendor.country(),
            "retention": vendor.retention(),
            "policy_url": vendor.policy_url(),
            "first_party": vendor.is_first_party(),
            "cookies": vendor.cookie_patterns().collect::<Vec<_>>(),
            "hosts": vendor.host_patterns().collect::<Vec<_>>(),
        })
    });
    let cookies = policy.site_cookies().iter().map(|cookie| {
        json!({
            "name": cookie.name(),
            "category": cookie.category(),
            "purpose": cookie.purpose(),
            "retention": cookie.retention(),
            "user_requested": cookie.user_requested_reason(),
        })
    });
    let asked = policy
        .asked()
        .iter()
        .map(|category| json!({ "category": category, "digest": asked_digest(policy, category) }));
    json!({
        "crate": env!("CARGO_PKG_VERSION"),
        "revision": policy.revision(),
        "site": policy.site(),
        "privacy_url": policy.privacy_url(),
        "lifetime_seconds": policy.lifetime_seconds(),
        "controller": policy.controller().map(|controller| json!({
            "name": controller.name(),
            "address": controller.address(),
            "contact": controller.contact(),
            "country": controller.country(),
        })),
        "records": policy.record_terms().map(|terms| json!({
            "retention_days": terms.retention_days(),
            "stored_in": terms.stored_in(),
        })),
        "asked": asked.collect::<Vec<_>>(),
        "vendors": vendors.collect::<Vec<_>>(),
        "cookies": cookies.collect::<Vec<_>>(),
        "stylesheets": [
            &asset::style().name,
            &asset::shared_style().name,
            &asset::preferences_style().name,
        ],
        "script": asset::script().name,
    })
}

/// The digest of what is asked about one category, in hexadecimal.
pub(crate) fn asked_digest(policy: &Policy, category: Category) -> String {
    hex(&policy.revision_of(category).0)
}
