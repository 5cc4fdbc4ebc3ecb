//! For which vendor is a mode, and where is it declared?

use serde::{Deserialize, Deserializer};

use super::google::GoogleConsentMode;
use super::places::Places;
use crate::category::Category;
use crate::policy::error::Problems;
use crate::policy::vendor::Vendor;

/// The words that one vendor's tag is told consent in.
///
/// Declared with [`PolicyBuilder::consent_mode`](crate::PolicyBuilder::consent_mode)
/// beside the vendors that it is for. Nothing else of the gate changes: the
/// vendor's tag is still not loaded before it is granted.
///
/// ```
/// use tower_consent::{ConsentMode, GoogleConsentMode, Policy, catalog};
///
/// let policy = Policy::builder("2026-09-01")
///     .vendor(catalog::google_analytics())
///     .vendor(catalog::google_ads())
///     .vendor(catalog::clarity())
///     .consent_mode(GoogleConsentMode::basic())
///     .consent_mode(ConsentMode::clarity())
///     .build()?;
/// # Ok::<(), tower_consent::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentMode {
    pub(in crate::policy) kind: Kind,
    /// The site's own vendors that it is for besides the catalog's.
    pub(in crate::policy) vendors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) enum Kind {
    Google(GoogleConsentMode),
    MicrosoftUet,
    Clarity,
    Meta,
    TikTok,
}

impl ConsentMode {
    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            vendors: Vec::new(),
        }
    }

    /// Microsoft's Universal Event Tracking, for
    /// [`catalog::microsoft_advertising`](crate::catalog::microsoft_advertising):
    /// `ad_storage`.
    ///
    /// Source: <https://help.ads.microsoft.com/#apex/ads/en/60119>
    #[must_use]
    pub const fn microsoft_uet() -> Self {
        Self::of(Kind::MicrosoftUet)
    }

    /// Microsoft Clarity's consent API v2, for
    /// [`catalog::clarity`](crate::catalog::clarity): `analytics_Storage` is
    /// Clarity's own grant, and `ad_Storage` needs marketing besides.
    ///
    /// Source: <https://learn.microsoft.com/en-us/clarity/setup-and-installation/clarity-consent-api-v2>
    #[must_use]
    pub const fn clarity() -> Self {
        Self::of(Kind::Clarity)
    }

    /// The Meta Pixel, for [`catalog::meta_pixel`](crate::catalog::meta_pixel):
    /// `revoke` before its `init` on every page, `grant` once it may act, and
    /// Limited Data Use for visitors from the United States whose browser sends
    /// Global Privacy Control.
    ///
    /// Limited Data Use is written so that Meta tells the state by itself
    /// (`['LDU'], 0, 0`). It is also asked for where the site does not know the
    /// visitor's place ([`Jurisdiction::Global`](crate::Jurisdiction::Global));
    /// outside of the US Meta lets it have no effect.
    ///
    /// Source: <https://developers.facebook.com/docs/meta-pixel/implementation/gdpr>,
    /// <https://developers.facebook.com/docs/meta-pixel/implementation/data-processing-options>
    #[must_use]
    pub const fn meta() -> Self {
        Self::of(Kind::Meta)
    }

    /// The TikTok Pixel, for
    /// [`catalog::tiktok_pixel`](crate::catalog::tiktok_pixel): `holdConsent`
    /// before anything else, then `grantConsent` or `revokeConsent`.
    ///
    /// Source: <https://business-api.tiktok.com/portal/docs?id=1739585600931842>
    #[must_use]
    pub const fn tiktok() -> Self {
        Self::of(Kind::TikTok)
    }

    /// Adds a vendor of the site's own, by its id, that this mode is for besides
    /// those of the catalog. What it waits for, the mode waits for. Default: none.
    #[must_use]
    pub fn with_vendor(mut self, id: impl Into<String>) -> Self {
        self.vendors.push(id.into());
        self
    }

    /// Its name in a policy file.
    pub(in crate::policy) const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Google(_) => "google",
            Kind::MicrosoftUet => "microsoft_uet",
            Kind::Clarity => "clarity",
            Kind::Meta => "meta",
            Kind::TikTok => "tiktok",
        }
    }

    /// The catalog's vendors that it is for.
    pub(in crate::policy) const fn known(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Google(_) => &[
                "google-analytics",
                "google-ads",
                "google-adsense",
                "google-tag-manager",
            ],
            Kind::MicrosoftUet => &["microsoft-advertising"],
            Kind::Clarity => &["clarity"],
            Kind::Meta => &["meta-pixel"],
            Kind::TikTok => &["tiktok-pixel"],
        }
    }
}

impl From<GoogleConsentMode> for ConsentMode {
    fn from(google: GoogleConsentMode) -> Self {
        Self::of(Kind::Google(google))
    }
}

/// The same from a policy file: a table for each mode.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct InFile {
    google: Option<GoogleConsentMode>,
    microsoft_uet: Option<Plain>,
    clarity: Option<Plain>,
    meta: Option<Plain>,
    tiktok: Option<Plain>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Plain {
    vendors: Vec<String>,
}

impl InFile {
    fn into_modes(self) -> Vec<ConsentMode> {
        let google = self.google.map(|google| {
            let vendors = google.vendors.clone();
            ConsentMode {
                vendors,
                ..google.into()
            }
        });
        let plain = [
            (self.microsoft_uet, ConsentMode::microsoft_uet()),
            (self.clarity, ConsentMode::clarity()),
            (self.meta, ConsentMode::meta()),
            (self.tiktok, ConsentMode::tiktok()),
        ];
        let plain = plain.into_iter().filter_map(|(given, mode)| {
            let Plain { vendors } = given?;
            Some(ConsentMode { vendors, ..mode })
        });
        google.into_iter().chain(plain).collect()
    }
}

/// Reads the modes of a policy file.
pub(in crate::policy) fn from_file<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ConsentMode>, D::Error> {
    Ok(InFile::deserialize(deserializer)?.into_modes())
}

/// The vendors of Google's whose tags ask for consent themselves.
const ASK: [&str; 3] = ["google-analytics", "google-ads", "google-tag-manager"];

/// Where tags may load before a choice, and by position those of which vendors.
pub(in crate::policy) fn ahead(modes: &[ConsentMode], vendors: &[Vendor]) -> (Places, Vec<u16>) {
    let advanced = modes.iter().find_map(|mode| match &mode.kind {
        Kind::Google(google) => Some((mode, google.advanced_in.clone()?)),
        _ => None,
    });
    let Some((mode, places)) = advanced else {
        return (Places::default(), Vec::new());
    };
    let asks = |vendor: &Vendor| {
        let named = ASK.contains(&&*vendor.id) || mode.vendors.contains(&vendor.id);
        named && vendor.category != Category::Necessary
    };
    let asking = (0..).zip(vendors).filter(|(_, vendor)| asks(vendor));
    (places, asking.map(|(index, _)| index).collect())
}

/// Says what is wrong with the declared modes.
pub(in crate::policy) fn check(modes: &[ConsentMode], vendors: &[Vendor], problems: &mut Problems) {
    for (at, mode) in modes.iter().enumerate() {
        let name = mode.name();
        if modes.iter().take(at).any(|other| other.name() == name) {
            problems.add(
                format!("the consent mode `{name}` is declared twice"),
                "remove one",
            );
        }
        let declared = |id: &str| vendors.iter().any(|vendor| vendor.id == id);
        for id in mode.vendors.iter().filter(|id| !declared(id)) {
            problems.add(
                format!("the consent mode `{name}` is for a vendor `{id}`, which is not declared"),
                format!(".vendor(Vendor::new(\"{id}\", ..))"),
            );
        }
        let umbrella = vendors.iter().any(|vendor| vendor.umbrella);
        let known = mode.known();
        if mode.vendors.is_empty() && !umbrella && !known.iter().any(|id| declared(id)) {
            let fix = known
                .first()
                .map_or(String::new(), |id| id.replace('-', "_"));
            problems.add(
                format!("the consent mode `{name}` is for none of the declared vendors"),
                format!(".vendor(catalog::{fix}())"),
            );
        }
        if let Kind::Google(google) = &mode.kind {
            google.check(problems);
            let asked = mode.vendors.is_empty() && !ASK.iter().any(|id| declared(id));
            if google.advanced_in.is_some() && asked {
                problems.add(
                    "Google's advanced consent mode has no tag that may load ahead",
                    ".vendor(catalog::google_analytics())",
                );
            }
        }
    }
}
