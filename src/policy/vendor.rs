//! Who wants to store or read something on the visitor's device?
//!
//! A [`Vendor`] is one service: what a cookie policy calls a recipient and
//! other consent tools call a service. It is a plain description;
//! [`PolicyBuilder::build`](crate::PolicyBuilder::build) checks it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::category::Category;

/// One service that stores, reads or sends something: its name, what the
/// visitor is told about it, and how the layer recognises it.
///
/// What the visitor is told is required: purpose and retention always, and for
/// a third party also its name, its country and its policy (GDPR Article 13).
/// A vendor that is the site itself says [`first_party`](Self::first_party).
///
/// ```
/// use tower_consent::{Category, Vendor};
///
/// let stats = Vendor::new("shop-stats", Category::Analytics)
///     .with_purpose("Counts page views")
///     .with_provider("Example Stats Ltd", "IE")
///     .with_policy_url("https://stats.example.com/privacy")
///     .with_retention("13 months")
///     .cookies(["_stats_*"])
///     .hosts(["stats.example.com"])
///     .paths(["/collect"]);
/// # let _ = stats;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub(crate) id: String,
    pub(crate) category: Category,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) purpose: String,
    #[serde(default)]
    pub(crate) purposes: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) country: String,
    #[serde(default)]
    pub(crate) retention: String,
    #[serde(default)]
    pub(crate) policy_url: String,
    #[serde(default)]
    pub(crate) first_party: bool,
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) paths: Vec<String>,
    #[serde(default)]
    pub(crate) inline: Vec<String>,
    #[serde(default)]
    pub(crate) storage: Vec<String>,
    #[serde(default)]
    pub(crate) globals: Vec<String>,
    #[serde(default)]
    pub(crate) embed: bool,
    #[serde(default)]
    pub(crate) processor: bool,
    #[serde(default, rename = "sells_or_shares")]
    pub(crate) selling: bool,
    #[serde(default)]
    pub(crate) overrides_catalog: String,
    /// Stands for everything of its category that the catalog knows.
    #[serde(skip)]
    pub(crate) umbrella: bool,
}

impl Vendor {
    /// A vendor with a short id of lower-case letters, digits and `-`, which
    /// forms, markup and signed choices use.
    #[must_use]
    pub fn new(id: impl Into<String>, category: Category) -> Self {
        Self {
            id: id.into(),
            category,
            name: String::new(),
            purpose: String::new(),
            purposes: BTreeMap::new(),
            provider: String::new(),
            country: String::new(),
            retention: String::new(),
            policy_url: String::new(),
            first_party: false,
            cookies: Vec::new(),
            hosts: Vec::new(),
            paths: Vec::new(),
            inline: Vec::new(),
            storage: Vec::new(),
            globals: Vec::new(),
            embed: false,
            processor: false,
            selling: false,
            overrides_catalog: String::new(),
            umbrella: false,
        }
    }

    /// The name that visitors read. Default: the id.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Moves the vendor to another category than the catalog's.
    #[must_use]
    pub fn with_category(mut self, category: Category) -> Self {
        self.category = category;
        self
    }

    /// What it is for, in a plain sentence to the visitor. Required.
    #[must_use]
    pub fn with_purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// The same in one language, named by its BCP 47 tag. Default: the
    /// catalog's own purposes are known in English, German, French, Spanish,
    /// Italian and Japanese; elsewhere visitors read [`with_purpose`](Self::with_purpose).
    /// In a file: `purposes = { de = "…" }`.
    #[must_use]
    pub fn with_purpose_in(
        mut self,
        language: impl Into<String>,
        purpose: impl Into<String>,
    ) -> Self {
        self.purposes.insert(language.into(), purpose.into());
        self
    }

    /// The company that receives the data and its country as an ISO 3166-1
    /// alpha-2 code, such as `"IE"`. Required for a third party.
    #[must_use]
    pub fn with_provider(mut self, name: impl Into<String>, country: impl Into<String>) -> Self {
        self.provider = name.into();
        self.country = country.into();
        self
    }

    /// How long its cookies and data last, as the visitor reads it, such as `"13 months"`. Required.
    #[must_use]
    pub fn with_retention(mut self, retention: impl Into<String>) -> Self {
        self.retention = retention.into();
        self
    }

    /// The absolute address of the provider's own privacy or cookie policy. Required for a third party.
    #[must_use]
    pub fn with_policy_url(mut self, url: impl Into<String>) -> Self {
        self.policy_url = url.into();
        self
    }

    /// Says that the vendor is the site itself: provider, country and policy are the site's own.
    #[must_use]
    pub fn first_party(mut self) -> Self {
        self.first_party = true;
        self
    }

    /// Adds cookie names: exact, or a prefix that ends in `*`, such as `"_ga_*"`. Case counts.
    #[must_use]
    pub fn cookies<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.cookies.extend(names.into_iter().map(Into::into));
        self
    }

    /// Adds hosts, each of which covers its subdomains: `"example.com"`
    /// matches `www.example.com` and not `badexample.com`. A path prefix may
    /// follow, as in `"www.google.com/maps"`.
    #[must_use]
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Adds path prefixes on the site itself, such as `"/collect"` or
    /// `"/matomo.js"`. They match whole path segments. Without a grant a
    /// request for one is refused before the app sees it, and an element that
    /// would fetch one is blocked.
    #[must_use]
    pub fn paths<S: Into<String>>(mut self, prefixes: impl IntoIterator<Item = S>) -> Self {
        self.paths.extend(prefixes.into_iter().map(Into::into));
        self
    }

    /// Adds signatures of inline loaders: a piece of the address that the
    /// vendor's snippet loads, such as `"static.hotjar.com/c/"`. Letter case
    /// does not count, and one `*` stands for up to 64 bytes of anything. An
    /// inline script is blocked when it holds a signature and loads something.
    #[must_use]
    pub fn inline<S: Into<String>>(mut self, signatures: impl IntoIterator<Item = S>) -> Self {
        self.inline.extend(signatures.into_iter().map(Into::into));
        self
    }

    /// Adds what the vendor keeps in `localStorage`, `sessionStorage` and
    /// `IndexedDB`: names of keys and databases, exact, or a prefix that ends
    /// in `*`, such as `"mp_*"`. Case counts. After a refusal the banner's
    /// script deletes them. Default: none.
    #[must_use]
    pub fn storage<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.storage.extend(names.into_iter().map(Into::into));
        self
    }

    /// Adds the global names through which pages call the vendor: a function
    /// such as `"fbq"`, an array that is pushed to such as `"dataLayer[]"`, or a
    /// method such as `"mixpanel.track"`. While the vendor's loader is blocked
    /// they exist and do nothing, so that such calls do not fail. Default: none.
    #[must_use]
    pub fn globals<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.globals.extend(names.into_iter().map(Into::into));
        self
    }

    /// Says that the vendor's frames are content which visitors may want, such
    /// as a video or a map. A blocked `<iframe>` of it shows a placeholder with a
    /// button that loads this vendor alone and remembers it. Default: not set,
    /// and a blocked frame stays empty. The catalog sets it for its players,
    /// maps, posts and booking pages.
    #[must_use]
    pub fn embed(mut self) -> Self {
        self.embed = true;
        self
    }

    /// Says that the vendor works for the site alone: a processor (GDPR Article
    /// 28) or a service provider that uses the data for nothing of its own and
    /// joins it with nobody else's. Default: not set, and the vendor is taken
    /// for a controller, which Global Privacy Control stops in analytics.
    #[must_use]
    pub fn processor(mut self) -> Self {
        self.processor = true;
        self
    }

    /// Says that the vendor sells data or shares it for advertising across
    /// sites, so that Global Privacy Control stops it. Default: not set, except
    /// that everything in marketing counts as such.
    #[must_use]
    pub fn selling_or_sharing(mut self) -> Self {
        self.selling = true;
        self
    }

    /// Accepts a cookie, host or path that the catalog knows as a tracker
    /// although this vendor is strictly necessary, for the written `reason`.
    ///
    /// **This weakens the promise**: the tracker then runs without consent.
    #[must_use]
    pub fn overriding_catalog(mut self, reason: impl Into<String>) -> Self {
        self.overrides_catalog = reason.into();
        self
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The category that must be granted.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// The name that visitors read.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// The company that receives the data; empty for the site itself.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The provider's country; empty for the site itself.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// How long its cookies and data last.
    #[must_use]
    pub fn retention(&self) -> &str {
        &self.retention
    }

    /// The provider's privacy policy; empty for the site itself.
    #[must_use]
    pub fn policy_url(&self) -> &str {
        &self.policy_url
    }

    /// Whether the vendor is the site itself.
    #[must_use]
    pub fn is_first_party(&self) -> bool {
        self.first_party
    }

    /// Whether it works for the site alone.
    #[must_use]
    pub fn is_processor(&self) -> bool {
        self.processor
    }

    /// Whether it sells or shares data. Everything in marketing does.
    #[must_use]
    pub fn sells_or_shares(&self) -> bool {
        self.selling || self.category == Category::Marketing
    }

    /// Whether blocked frames of it show a placeholder.
    #[must_use]
    pub fn is_embed(&self) -> bool {
        self.embed
    }

    /// Its cookie names and prefixes, as written.
    pub fn cookie_patterns(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(String::as_str)
    }

    /// Its hosts, as written.
    pub fn host_patterns(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(String::as_str)
    }
}
