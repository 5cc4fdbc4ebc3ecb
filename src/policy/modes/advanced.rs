//! May Google's tags load before a choice?
//!
//! In the advanced form of Consent Mode they load at once and are told that
//! everything is denied. They then store nothing, and send pings all the same:
//! the address of the page, that of the visitor, and the browser.

use super::google::GoogleConsentMode;
use super::mode::ConsentMode;
use super::places::Places;
use crate::jurisdiction::Jurisdiction;

/// Google Consent Mode v2 in its advanced form, for visitors from some places:
/// Google's tags load before a choice, with everything denied, and send pings
/// without cookies.
///
/// **This weakens the promise**: what a ping holds of the device and the page
/// reaches Google before anybody has agreed. So it is a type of its own, and
/// building the policy fails if it is to hold in the European Economic Area, the
/// United Kingdom or Switzerland, where that needs consent, or where nobody
/// knows the place ([`Jurisdiction::Global`]). For visitors from anywhere that is
/// not named the basic form holds, so a site without
/// [`with_jurisdiction`](crate::ConsentLayer::with_jurisdiction) has no other.
///
/// It is for [`google_analytics`](crate::catalog::google_analytics),
/// [`google_ads`](crate::catalog::google_ads) and
/// [`google_tag_manager`](crate::catalog::google_tag_manager), as far as the
/// policy declares them, and loads scripts alone: a pixel in the markup waits
/// for consent. Google's cookies are denied as before. After a refusal, under
/// Global Privacy Control, under Do Not Track as an objection, and on pages that
/// are kept for many visitors, nothing loads ahead.
///
/// ```
/// use tower_consent::{GoogleAdvancedConsentMode, Jurisdiction, Policy, UsRule, catalog};
///
/// let united_states = Jurisdiction::Us(UsRule::Strict);
/// let policy = Policy::builder("2026-09-01")
///     .vendor(catalog::google_analytics())
///     .consent_mode(GoogleAdvancedConsentMode::only_in([united_states]))
///     .build()?;
/// # Ok::<(), tower_consent::PolicyError>(())
/// ```
///
/// In a file: `[consent_modes.google]` with `advanced_in = ["us-strict"]`, the
/// names being those of [`Jurisdiction::as_str`].
///
/// Source: <https://developers.google.com/tag-platform/security/concepts/consent-mode>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleAdvancedConsentMode {
    places: Places,
    settings: GoogleConsentMode,
}

impl GoogleAdvancedConsentMode {
    /// The advanced form in these places, and the basic one elsewhere.
    #[must_use]
    pub fn only_in(places: impl IntoIterator<Item = Jurisdiction>) -> Self {
        Self {
            places: places.into_iter().collect(),
            settings: GoogleConsentMode::basic(),
        }
    }

    /// What both forms share. Default: that of [`GoogleConsentMode::basic`].
    #[must_use]
    pub fn with_settings(mut self, settings: GoogleConsentMode) -> Self {
        self.settings = settings;
        self
    }
}

impl From<GoogleAdvancedConsentMode> for ConsentMode {
    fn from(advanced: GoogleAdvancedConsentMode) -> Self {
        let GoogleAdvancedConsentMode { places, settings } = advanced;
        GoogleConsentMode {
            advanced_in: Some(places),
            ..settings
        }
        .into()
    }
}
