//! What does the site itself store?
//!
//! A [`SiteCookie`] is a plain description of one of its cookies;
//! [`PolicyBuilder::build`](crate::PolicyBuilder::build) checks it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::category::Category;

/// One of the site's own cookies.
///
/// ```
/// use tower_consent::{Category, SiteCookie};
///
/// let session = SiteCookie::new("sid", Category::Necessary, "Keeps you signed in");
/// let language = SiteCookie::new("lang", Category::Functional, "Remembers your language")
///     .with_retention("1 year");
/// # let _ = (session, language);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteCookie {
    pub(crate) name: String,
    pub(crate) category: Category,
    pub(crate) purpose: String,
    #[serde(default)]
    pub(crate) purposes: BTreeMap<String, String>,
    #[serde(default = "session_retention")]
    pub(crate) retention: String,
    #[serde(default)]
    pub(crate) user_requested: String,
    #[serde(default)]
    pub(crate) overrides_catalog: String,
}

fn session_retention() -> String {
    "until the browser closes".to_owned()
}

impl SiteCookie {
    /// A cookie by its exact name, or by a prefix that ends in `*` for the
    /// numbered pieces of a large one (`"auth*"`), with the reason that
    /// visitors read.
    #[must_use]
    pub fn new(name: impl Into<String>, category: Category, purpose: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            category,
            purpose: purpose.into(),
            purposes: BTreeMap::new(),
            retention: session_retention(),
            user_requested: String::new(),
            overrides_catalog: String::new(),
        }
    }

    /// What it is for in one language, named by its BCP 47 tag. In a file:
    /// `purposes = { de = "…" }`.
    #[must_use]
    pub fn with_purpose_in(
        mut self,
        language: impl Into<String>,
        purpose: impl Into<String>,
    ) -> Self {
        self.purposes.insert(language.into(), purpose.into());
        self
    }

    /// How long it lasts, as the visitor reads it. Default: until the browser closes.
    #[must_use]
    pub fn with_retention(mut self, retention: impl Into<String>) -> Self {
        self.retention = retention.into();
        self
    }

    /// Lets a functional cookie pass without consent because it is set only
    /// when the visitor asks for it, such as a language switch that was just
    /// clicked. The written `reason` is shown to visitors.
    #[must_use]
    pub fn user_requested(mut self, reason: impl Into<String>) -> Self {
        self.user_requested = reason.into();
        self
    }

    /// Accepts a name that the catalog knows as a tracker's although this
    /// cookie is strictly necessary, for the written `reason`.
    ///
    /// **This weakens the promise**: the cookie is then stored without consent.
    #[must_use]
    pub fn overriding_catalog(mut self, reason: impl Into<String>) -> Self {
        self.overrides_catalog = reason.into();
        self
    }

    /// The name or prefix, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The category that it was declared in.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// How long it lasts.
    #[must_use]
    pub fn retention(&self) -> &str {
        &self.retention
    }

    /// Why it needs no consent although it is functional; empty when it does.
    #[must_use]
    pub fn user_requested_reason(&self) -> &str {
        &self.user_requested
    }
}
