//! How is Google's Consent Mode v2 set up?

use serde::Deserialize;

use super::places::Places;
use crate::category::Category;
use crate::policy::error::Problems;

/// How long Google's tags wait for a decision that is under way, in milliseconds.
const WAIT_FOR_UPDATE: u16 = 500;
/// Longer waits only delay the page's measuring.
const MAX_WAIT: u16 = 10_000;

/// Google Consent Mode v2, in its basic form: Google's tags are not loaded
/// before they are granted, and then learn what was granted. For the other form
/// see [`GoogleAdvancedConsentMode`](super::GoogleAdvancedConsentMode).
///
/// Before any tag everything but `security_storage` is denied. With each
/// decision one update tells all seven types:
///
/// | granted | types |
/// | --- | --- |
/// | analytics | `analytics_storage` |
/// | marketing | `ad_storage`, `ad_user_data`, `ad_personalization` |
/// | functional | `functionality_storage`, `personalization_storage` |
/// | always | `security_storage` |
///
/// Where the policy declares Google's vendors, they count, and not their
/// category as a whole: `analytics_storage` is denied to a visitor who refused
/// [`google_analytics`](crate::catalog::google_analytics) within analytics, and
/// the three of advertising to one who refused
/// [`google_ads`](crate::catalog::google_ads) or
/// [`google_adsense`](crate::catalog::google_adsense).
///
/// Since 15 June 2026 `ad_storage` alone decides over the data of linked Google
/// Ads accounts, so it is in every update.
///
/// Source: <https://developers.google.com/tag-platform/security/guides/consent>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleConsentMode {
    pub(super) wait_for_update: u16,
    pub(super) ads_data_redaction: bool,
    pub(super) url_passthrough: bool,
    pub(super) data_layer: String,
    pub(super) regions: Vec<Region>,
    /// From a file alone; code has [`ConsentMode::with_vendor`](super::ConsentMode::with_vendor).
    pub(super) vendors: Vec<String>,
    /// Where the advanced form holds; absent for the basic form.
    pub(super) advanced_in: Option<Places>,
}

/// A default of its own for some regions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) codes: Vec<String>,
    pub(super) granted: Vec<Category>,
}

impl Default for GoogleConsentMode {
    fn default() -> Self {
        Self::basic()
    }
}

impl GoogleConsentMode {
    /// The basic form.
    #[must_use]
    pub fn basic() -> Self {
        Self {
            wait_for_update: WAIT_FOR_UPDATE,
            ads_data_redaction: true,
            url_passthrough: false,
            data_layer: "dataLayer".to_owned(),
            regions: Vec::new(),
            vendors: Vec::new(),
            advanced_in: None,
        }
    }

    /// How long Google's tags wait for an update, in milliseconds, at most 10000. Default: 500.
    #[must_use]
    pub const fn with_wait_for_update(mut self, milliseconds: u16) -> Self {
        self.wait_for_update = milliseconds;
        self
    }

    /// Whether identifiers of ad clicks are taken out of what is sent while
    /// `ad_storage` is denied. Default: true.
    ///
    /// **`false` weakens the promise.**
    #[must_use]
    pub const fn with_ads_data_redaction(mut self, redact: bool) -> Self {
        self.ads_data_redaction = redact;
        self
    }

    /// Whether identifiers of ad clicks are passed from page to page in
    /// addresses while cookies are denied. Default: false.
    ///
    /// **`true` weakens the promise**: the addresses follow a visitor who refused.
    #[must_use]
    pub const fn with_url_passthrough(mut self, pass: bool) -> Self {
        self.url_passthrough = pass;
        self
    }

    /// The name of the data layer, where the site's snippets use another. Default: `dataLayer`.
    #[must_use]
    pub fn with_data_layer(mut self, name: impl Into<String>) -> Self {
        self.data_layer = name.into();
        self
    }

    /// Grants `categories` to Google's tags by default in the United States or
    /// in states of it, where the law lets them act until the visitor objects:
    /// `"US"`, or ISO 3166-2 codes such as `"US-TX"`. Google tells the region,
    /// and the narrowest that fits counts. Everywhere else all is denied.
    /// Default: none. Any other region is an error when the policy is built.
    ///
    /// In a file: `regions = [{ codes = ["US-TX"], granted = ["analytics"] }]`.
    ///
    /// **This weakens the promise**: nobody agreed to what it grants.
    #[must_use]
    pub fn with_granted_regions<S: Into<String>>(
        mut self,
        codes: impl IntoIterator<Item = S>,
        categories: impl IntoIterator<Item = Category>,
    ) -> Self {
        self.regions.push(Region {
            codes: codes.into_iter().map(Into::into).collect(),
            granted: categories.into_iter().collect(),
        });
        self
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if let Some(places) = &self.advanced_in {
            places.check(problems);
        }
        if self.wait_for_update > MAX_WAIT {
            problems.add(
                format!(
                    "Google's tags would wait {} ms for a decision, over {MAX_WAIT}",
                    self.wait_for_update
                ),
                format!(".with_wait_for_update({WAIT_FOR_UPDATE})"),
            );
        }
        if !is_name(&self.data_layer) {
            problems.add(
                format!("the data layer `{}` is not a name", self.data_layer),
                ".with_data_layer(\"dataLayer\")",
            );
        }
        for code in self.regions.iter().flat_map(|region| &region.codes) {
            if !is_in_the_us(code) {
                problems.add(
                    format!("the region `{code}` would be granted by default, and that is for `US` and its states alone"),
                    ".with_granted_regions([\"US-TX\"], ..)",
                );
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

/// Whether this is `US` or one of its states in form.
fn is_in_the_us(code: &str) -> bool {
    let state = |state: &str| state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase());
    code == "US" || code.strip_prefix("US-").is_some_and(state)
}
