//! Is this declaration complete and free of contradictions?
//!
//! One builder serves code and files. [`PolicyBuilder::build`] looks at
//! everything before it answers, so that all problems are told at once, each
//! with the line that fixes it.

use std::sync::{Arc, OnceLock};

use http::StatusCode;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use super::catalog::{self, Known};
use super::compile::{Compiled, Compiler};
use super::duties::{Audience, Declaration, Dnt, NeverRule};
use super::error::{PolicyError, Problems};
use super::inline::InlineIndex;
use super::modes::{self, ConsentMode};
use super::positions::{by_category, owner_of};
use super::registry::{Inner, Policy};
use super::site_cookie::SiteCookie;
use super::statistics::ExemptStatistics;
use super::terms::{Controller, RecordTerms};
use super::texts::{Texts, Wording};
use super::vendor::Vendor;
use super::version::PolicyVersion;
use crate::asset::Asset;
use crate::category::Category;

/// 184 days is the shortest span that is at least six calendar months
/// everywhere: what CNIL and Garante ask for between two requests.
pub(super) const DEFAULT_LIFETIME_DAYS: u32 = 184;
const SECONDS_PER_DAY: u64 = 86_400;

/// Collects what a site declares. See [`Policy`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PolicyBuilder {
    pub(super) revision: String,
    #[serde(default)]
    pub(super) effective_date: String,
    #[serde(default, rename = "amendment")]
    pub(super) amendments: Vec<PolicyVersion>,
    #[serde(default)]
    pub(super) audience: Audience,
    #[serde(default)]
    pub(super) dnt: Dnt,
    #[serde(default)]
    pub(super) never: Vec<NeverRule>,
    #[serde(default)]
    pub(super) exempt_statistics: Option<ExemptStatistics>,
    #[serde(default)]
    pub(super) site: String,
    #[serde(default)]
    pub(super) privacy_url: String,
    #[serde(default)]
    pub(super) controller: Option<Controller>,
    #[serde(default)]
    pub(super) records: Option<RecordTerms>,
    #[serde(default)]
    texts: Wording,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    default_language: Option<String>,
    #[serde(default)]
    catalog: Vec<String>,
    #[serde(default)]
    catalog_defaults: bool,
    #[serde(default)]
    without_catalog: bool,
    #[serde(default, rename = "vendor")]
    pub(super) vendors: Vec<Vendor>,
    #[serde(default, rename = "cookie")]
    pub(super) site_cookies: Vec<SiteCookie>,
    #[serde(default, deserialize_with = "modes::from_file")]
    consent_modes: Vec<ConsentMode>,
    #[serde(default = "default_lifetime_days")]
    pub(super) lifetime_days: u32,
    #[serde(default = "default_prefix")]
    pub(super) prefix: String,
    #[serde(default)]
    pub(super) cookie_domain: Option<String>,
    #[serde(default)]
    pub(super) expiry_paths: Vec<String>,
    #[serde(default)]
    expire_undecided: bool,
    #[serde(default)]
    strict: bool,
    #[cfg(feature = "strict-third-parties")]
    #[serde(default)]
    pub(super) strict_third_parties: bool,
    #[cfg(feature = "strict-third-parties")]
    #[serde(default)]
    pub(super) strict_third_party_images: bool,
    #[serde(default = "default_refused_status")]
    refused_status: u16,
}

fn default_lifetime_days() -> u32 {
    DEFAULT_LIFETIME_DAYS
}

fn default_prefix() -> String {
    "/_consent".to_owned()
}

fn default_refused_status() -> u16 {
    204
}

impl Policy {
    /// Starts a policy. Visitors are asked again about everything when the id of
    /// its first version changes; the date of the cookie policy serves well. A
    /// later version that matters less is [`amended`](PolicyBuilder::amended).
    pub fn builder(version: impl Into<PolicyVersion>) -> PolicyBuilder {
        PolicyBuilder::new(version.into())
    }
}

/// Reads a [`PolicyBuilder`] and builds it, so that a file passes the same checks as code.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyBuilder::deserialize(deserializer)?
            .build()
            .map_err(serde::de::Error::custom)
    }
}

impl PolicyBuilder {
    fn new(version: PolicyVersion) -> Self {
        Self {
            revision: version.id,
            effective_date: version.effective_date,
            amendments: Vec::new(),
            audience: Audience::default(),
            dnt: Dnt::default(),
            never: Vec::new(),
            exempt_statistics: None,
            site: String::new(),
            privacy_url: String::new(),
            controller: None,
            records: None,
            texts: Wording::default(),
            languages: Vec::new(),
            default_language: None,
            catalog: Vec::new(),
            catalog_defaults: false,
            without_catalog: false,
            vendors: Vec::new(),
            site_cookies: Vec::new(),
            consent_modes: Vec::new(),
            lifetime_days: DEFAULT_LIFETIME_DAYS,
            prefix: default_prefix(),
            cookie_domain: None,
            expiry_paths: Vec::new(),
            expire_undecided: false,
            strict: false,
            #[cfg(feature = "strict-third-parties")]
            strict_third_parties: false,
            #[cfg(feature = "strict-third-parties")]
            strict_third_party_images: false,
            refused_status: default_refused_status(),
        }
    }

    /// Names the site. Visitors read it, and choices signed for one name do
    /// not verify under another. Default: empty.
    pub fn site(mut self, name: impl Into<String>) -> Self {
        self.site = name.into();
        self
    }

    /// The address of the site's own privacy policy, for the banner's link: a
    /// path or an absolute address. Default: no link.
    pub fn privacy_url(mut self, url: impl Into<String>) -> Self {
        self.privacy_url = url.into();
        self
    }

    /// Says who decides what visitors' data is used for. Needed where records
    /// are kept. Default: nobody is named.
    pub fn controller(mut self, controller: Controller) -> Self {
        self.controller = Some(controller);
        self
    }

    /// Says how long and where records of consent are kept, for
    /// [`with_records`](crate::ConsentLayer::with_records), which the policy's text
    /// then promises: a layer without it warns. Default: none are kept.
    pub fn records(mut self, terms: RecordTerms) -> Self {
        self.records = Some(terms);
        self
    }

    /// Replaces all the words that visitors read in the language of `texts`.
    /// Unless [`languages`](Self::languages) says more, the site speaks the
    /// languages of the texts given here and no others. Default: every built-in
    /// language, as [`Texts::of`] has it.
    pub fn texts(mut self, texts: Texts) -> Self {
        self.texts.give(texts);
        self
    }

    /// Changes single texts in one language, named by its BCP 47 tag; a
    /// language that is not built in needs all of them. Default: nothing. In a
    /// file: a table such as `[texts.de]`.
    ///
    /// ```
    /// # use tower_consent::Policy;
    /// let policy = Policy::builder("1")
    ///     .texts_in("de", |texts| texts.title = "Kekse?".into())
    ///     .build()?;
    /// # Ok::<(), tower_consent::PolicyError>(())
    /// ```
    pub fn texts_in(mut self, language: &str, change: impl FnOnce(&mut Texts)) -> Self {
        self.texts.change(language, change);
        self
    }

    /// Restricts the languages to these BCP 47 tags, of which the first is the
    /// default one. Default: all built-in ones.
    pub fn languages<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.languages = tags.into_iter().map(Into::into).collect();
        self
    }

    /// The language for visitors who can be served in none that they read.
    /// Default: the first of [`languages`](Self::languages), else the first of
    /// the given [`texts`](Self::texts), else English.
    pub fn default_language(mut self, tag: impl Into<String>) -> Self {
        self.default_language = Some(tag.into());
        self
    }

    /// Declares a vendor: one of [`catalog`](crate::catalog) or the site's own description.
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.vendors.push(vendor);
        self
    }

    /// Declares several vendors, such as [`catalog::defaults()`](crate::catalog::defaults).
    pub fn vendors(mut self, vendors: impl IntoIterator<Item = Vendor>) -> Self {
        self.vendors.extend(vendors);
        self
    }

    /// Declares one of the site's own cookies.
    pub fn cookie(mut self, cookie: SiteCookie) -> Self {
        self.site_cookies.push(cookie);
        self
    }

    /// Declares a cookie that the site cannot work without, with the reason that visitors read.
    pub fn necessary(self, name: impl Into<String>, reason: impl Into<String>) -> Self {
        self.cookie(SiteCookie::new(name, Category::Necessary, reason))
    }

    /// Declares a cookie that remembers a preference, with the purpose that visitors read.
    pub fn functional(self, name: impl Into<String>, purpose: impl Into<String>) -> Self {
        self.cookie(SiteCookie::new(name, Category::Functional, purpose))
    }

    /// Tells a vendor's own tag in its own words what visitors agreed to. See
    /// [`ConsentMode`]. Default: none, and nothing of the kind is in any page.
    ///
    /// In a file: `[consent_modes.google]`, `[consent_modes.microsoft_uet]`,
    /// `[consent_modes.clarity]`, `[consent_modes.meta]`, `[consent_modes.tiktok]`.
    pub fn consent_mode(mut self, mode: impl Into<ConsentMode>) -> Self {
        self.consent_modes.push(mode.into());
        self
    }

    /// Stops recognising the trackers that the policy does not declare.
    /// Default: every tracker in the [`catalog`](crate::catalog) is gated,
    /// declared or not.
    ///
    /// **This weakens the promise**: an undeclared tracker then runs.
    pub fn without_catalog(mut self) -> Self {
        self.without_catalog = true;
        self
    }

    /// Days for which a choice counts, 1 to 400, for grants and refusals
    /// alike, without renewal. Default: 184.
    pub fn lifetime_days(mut self, days: u32) -> Self {
        self.lifetime_days = days;
        self
    }

    /// Where the layer's own pages live. Default: `/_consent`.
    pub fn prefix(mut self, path: impl Into<String>) -> Self {
        self.prefix = path.into();
        self
    }

    /// Shares choices with all subdomains of `domain`. Default: one host only.
    ///
    /// **This weakens the promise**: the cookies lose the `__Host-` prefix, so
    /// any subdomain can overwrite or delete them. It still cannot forge them.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// Paths, besides `/` and those above the request, at which trackers may
    /// have stored cookies that a withdrawal must expire. Default: none.
    pub fn expiry_paths<S: Into<String>>(mut self, paths: impl IntoIterator<Item = S>) -> Self {
        self.expiry_paths.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Also expires the tracker cookies of visitors who have not chosen yet,
    /// for a site that ran without a gate before. Default: they are stripped
    /// from requests and left in the browser.
    pub fn expire_undecided(mut self) -> Self {
        self.expire_undecided = true;
        self
    }

    /// Denies everything that the policy does not declare: `Set-Cookie` lines
    /// with unknown names are suppressed, and a tracker that only the catalog
    /// knows stays blocked whatever was granted. Default: unknown cookies pass
    /// with one warning per name.
    ///
    /// This is about names. For what other sites may load, see
    /// `strict_third_parties` (feature `strict-third-parties`).
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The answer to a request for a declared path whose category is not
    /// granted. Default: 204 No Content.
    pub fn refused_status(mut self, status: StatusCode) -> Self {
        self.refused_status = status.as_u16();
        self
    }

    /// Checks the whole declaration.
    ///
    /// # Errors
    ///
    /// [`PolicyError`], which lists every problem and how to fix each.
    pub fn build(mut self) -> Result<Policy, PolicyError> {
        let mut problems = Problems::default();
        self.take_from_catalog(&mut problems);
        self.check_site(&mut problems);
        let refused_status = StatusCode::from_u16(self.refused_status).unwrap_or_default();
        if !refused_status.is_success() && !refused_status.is_client_error() {
            problems.add(
                format!(
                    "refused_status {} is neither 2xx nor 4xx",
                    self.refused_status
                ),
                ".refused_status(StatusCode::NO_CONTENT)",
            );
        }
        modes::check(&self.consent_modes, &self.vendors, &mut problems);
        let languages = self.texts.clone().build(
            &self.languages,
            self.default_language.as_deref(),
            &mut problems,
        );
        let known = (!self.without_catalog).then(Known::get);
        let by_category = by_category(&self.vendors, &mut problems);
        let duties = self.duties().compile(&by_category, &mut problems);
        let mut compiler = Compiler::new(&self.prefix, &mut problems);
        for (index, vendor) in self.vendors.iter().enumerate() {
            compiler.vendor(vendor, owner_of(vendor, index, &by_category));
        }
        for cookie in &self.site_cookies {
            compiler.site_cookie(cookie);
        }
        let Compiled {
            declared,
            mut signatures,
            umbrella,
            mut asked,
        } = compiler.compiled;
        if self.audience == Audience::Children {
            asked = asked.without(Category::Marketing);
        }
        signatures.extend(known.into_iter().flat_map(Known::signatures));
        let inline = InlineIndex::new(signatures);
        if inline.is_none() {
            problems.add(
                "the inline signatures are too many to compile",
                "declare fewer",
            );
        }
        let (Some(inline), true) = (inline, problems.is_empty()) else {
            return Err(problems.into_error());
        };
        let (ahead_in, ahead) = modes::ahead(&self.consent_modes, &self.vendors);
        Ok(Policy(Arc::new(Inner {
            revisions: Category::ALL.map(|category| self.revision_of(category)),
            // Its debug form has every field, those included that are yet to come.
            digest: Sha256::digest(format!("{self:?}")).into(),
            duties,
            modes: modes::table(&self.consent_modes, &self.vendors)
                .map(|table| Asset::modes(&table)),
            revision: self.revision,
            site: self.site,
            privacy_url: self.privacy_url,
            controller: self.controller,
            records: self.records,
            languages,
            vendors: self.vendors,
            site_cookies: self.site_cookies,
            by_category,
            asked,
            lifetime: u64::from(self.lifetime_days) * SECONDS_PER_DAY,
            prefix: self.prefix,
            cookie_domain: self.cookie_domain.map(|domain| domain.to_ascii_lowercase()),
            expiry_paths: self.expiry_paths,
            expire_undecided: self.expire_undecided,
            strict: self.strict,
            #[cfg(feature = "strict-third-parties")]
            strict_third_parties: self.strict_third_parties,
            #[cfg(feature = "strict-third-parties")]
            strict_third_party_images: self.strict_third_party_images,
            refused_status,
            declared,
            known,
            umbrella,
            inline,
            ahead_in,
            ahead,
            guard: OnceLock::new(),
        })))
    }

    fn duties(&self) -> Declaration<'_> {
        Declaration {
            revision: &self.revision,
            effective_date: &self.effective_date,
            amendments: &self.amendments,
            audience: self.audience,
            dnt: self.dnt,
            never: &self.never,
            statistics: self.exempt_statistics.as_ref(),
            vendors: &self.vendors,
            site_cookies: &self.site_cookies,
        }
    }

    fn take_from_catalog(&mut self, problems: &mut Problems) {
        for id in std::mem::take(&mut self.catalog) {
            match catalog::by_id(&id) {
                Some(vendor) => self.vendors.push(vendor),
                None => problems.add(
                    format!("the catalog has no vendor `{id}`"),
                    format!("use one of: {}", catalog::ids().join(", ")),
                ),
            }
        }
        if std::mem::take(&mut self.catalog_defaults) {
            self.vendors.extend(catalog::defaults());
        }
    }
}
