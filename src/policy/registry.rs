//! What did the site declare, and whose is this name?
//!
//! A [`Policy`] is valid by construction and never changes. It answers the
//! four questions that the gates ask: whose is this cookie, this address,
//! this path, this inline script?

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::StatusCode;

use super::catalog::Known;
use super::duties::Duties;
use super::guard;
use super::inline::InlineIndex;
use super::modes::Places;
use super::owner::{Owner, Revision};
use super::pattern::{CookieIndex, HostIndex, PathIndex};
use super::site_cookie::SiteCookie;
use super::terms::{Controller, RecordTerms};
use super::texts::{Languages, Locale, Texts};
use super::vendor::Vendor;
use crate::asset::Asset;
use crate::category::{Category, CategorySet};
use crate::jurisdiction::Jurisdiction;

/// The site's declaration: what it uses, in which category, and what visitors are told.
///
/// Cheap to clone. Made by [`Policy::builder`], or read from TOML or JSON
/// through the same checks:
///
/// ```
/// use tower_consent::Policy;
///
/// let policy: Policy = toml::from_str(r#"
///     revision = "2026-09-01"
///     site = "shop.example"
///     catalog = ["google-analytics"]
///
///     [[cookie]]
///     name = "sid"
///     category = "necessary"
///     purpose = "Keeps you signed in"
/// "#).unwrap();
/// assert_eq!(policy.revision(), "2026-09-01");
/// ```
#[derive(Clone)]
pub struct Policy(pub(super) Arc<Inner>);

/// What the builder found to be valid.
pub(super) struct Inner {
    pub(super) duties: Duties,
    pub(super) revision: String,
    pub(super) site: String,
    pub(super) privacy_url: String,
    pub(super) controller: Option<Controller>,
    pub(super) records: Option<RecordTerms>,
    pub(super) languages: Languages,
    pub(super) vendors: Vec<Vendor>,
    pub(super) site_cookies: Vec<SiteCookie>,
    /// Positions in `vendors`, in the order of the bits in a token.
    pub(super) by_category: [Vec<u16>; 4],
    pub(super) asked: CategorySet,
    pub(super) revisions: [Revision; 4],
    /// Of everything that was declared.
    pub(super) digest: [u8; 32],
    pub(super) lifetime: u64,
    pub(super) prefix: String,
    pub(super) cookie_domain: Option<String>,
    pub(super) expiry_paths: Vec<String>,
    pub(super) expire_undecided: bool,
    pub(super) strict: bool,
    #[cfg(feature = "strict-third-parties")]
    pub(super) strict_third_parties: bool,
    #[cfg(feature = "strict-third-parties")]
    pub(super) strict_third_party_images: bool,
    pub(super) refused_status: StatusCode,
    pub(super) declared: Declared,
    pub(super) known: Option<&'static Known>,
    /// For each category the vendor that stands for all of the catalog.
    pub(super) umbrella: [Option<Owner>; 4],
    pub(super) inline: InlineIndex,
    /// Tells vendors' tags what was decided, where some are to be told.
    pub(super) modes: Option<Asset>,
    /// Where tags may load before a choice.
    pub(super) ahead_in: Places,
    /// The vendors whose tags may, by position in `vendors`.
    pub(super) ahead: Vec<u16>,
    /// Written when the first page needs it.
    pub(super) guard: OnceLock<Option<Asset>>,
}

/// The indexes of what the policy itself declares.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub(super) cookies: CookieIndex<Owner>,
    pub(super) hosts: HostIndex<Owner>,
    pub(super) paths: PathIndex<Owner>,
}

impl Policy {
    /// The id of the first version, as declared. [`version`](Self::version) is the newest.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.0.revision
    }

    /// The site's name, as declared; empty by default.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.0.site
    }

    /// The address of the site's own privacy policy; empty by default.
    #[must_use]
    pub fn privacy_url(&self) -> &str {
        &self.0.privacy_url
    }

    /// Who decides what visitors' data is used for, where the policy says so.
    #[must_use]
    pub fn controller(&self) -> Option<&Controller> {
        self.0.controller.as_ref()
    }

    /// How records are kept, where they are.
    #[must_use]
    pub fn record_terms(&self) -> Option<&RecordTerms> {
        self.0.records.as_ref()
    }

    /// The declared vendors, in the order of declaration.
    #[must_use]
    pub fn vendors(&self) -> &[Vendor] {
        &self.0.vendors
    }

    /// The site's own declared cookies, in the order of declaration.
    #[must_use]
    pub fn site_cookies(&self) -> &[SiteCookie] {
        &self.0.site_cookies
    }

    /// The categories that visitors are asked about: those that hold something which needs consent.
    #[must_use]
    pub fn asked(&self) -> CategorySet {
        self.0.asked
    }

    /// Seconds for which a choice counts.
    #[must_use]
    pub fn lifetime_seconds(&self) -> u64 {
        self.0.lifetime
    }

    /// Where the layer's own pages live, such as `/_consent`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The BCP 47 tags of the languages that visitors are spoken to in, the default one first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.languages.tags()
    }

    /// The words in one language.
    pub(crate) fn texts(&self, locale: Locale) -> &Texts {
        self.0.languages.texts(locale)
    }

    pub(crate) fn spoken(&self) -> &Languages {
        &self.0.languages
    }

    pub(crate) fn cookie_domain(&self) -> Option<&str> {
        self.0.cookie_domain.as_deref()
    }

    pub(crate) fn expiry_paths(&self) -> &[String] {
        &self.0.expiry_paths
    }

    pub(crate) fn expires_undecided(&self) -> bool {
        self.0.expire_undecided
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.0.strict
    }

    /// Whether other sites' active content waits for consent, declared or not.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) fn is_strict_about_third_parties(&self) -> bool {
        self.0.strict_third_parties
    }

    /// Whether their images do, too.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) fn is_strict_about_third_party_images(&self) -> bool {
        self.0.strict_third_party_images
    }

    pub(crate) fn refused_status(&self) -> StatusCode {
        self.0.refused_status
    }

    /// The guard for this policy's pages; `None` where it would know nobody.
    pub(crate) fn guard(&self) -> Option<&Asset> {
        let write = || {
            let source = guard::Source {
                vendors: &self.0.vendors,
                site_cookies: &self.0.site_cookies,
                umbrella: &self.0.umbrella,
                strict: self.0.strict,
                catalog: self.0.known.is_some(),
            };
            guard::table(source).map(|table| Asset::guard(table.told()))
        };
        self.0.guard.get_or_init(write).as_ref()
    }

    /// The script that tells vendors' tags what was decided; `None` where none is told.
    pub(crate) fn modes(&self) -> Option<&Asset> {
        self.0.modes.as_ref()
    }

    /// Whether tags may load at that place before a choice.
    pub(crate) fn goes_ahead_at(&self, place: Jurisdiction) -> bool {
        !self.0.ahead.is_empty() && self.0.ahead_in.contain(place)
    }

    /// Whether those of the vendor at this position may.
    pub(crate) fn goes_ahead(&self, index: u16) -> bool {
        self.0.ahead.contains(&index)
    }

    /// The vendors whose tags may.
    pub(crate) fn vendors_ahead(&self) -> impl Iterator<Item = &Vendor> {
        let at = |index: &u16| self.0.vendors.get(usize::from(*index));
        self.0.ahead.iter().filter_map(at)
    }

    pub(crate) fn revision_of(&self, category: Category) -> Revision {
        let [necessary, functional, analytics, marketing] = self.0.revisions;
        match category {
            Category::Necessary => necessary,
            Category::Functional => functional,
            Category::Analytics => analytics,
            Category::Marketing => marketing,
        }
    }

    /// The vendors of one category with their bit in its token.
    pub(crate) fn vendors_of(&self, category: Category) -> impl Iterator<Item = (u8, &Vendor)> {
        self.0
            .by_category
            .get(category.index())
            .into_iter()
            .flatten()
            .filter_map(|index| self.0.vendors.get(usize::from(*index)))
            .enumerate()
            .filter_map(|(position, vendor)| Some((u8::try_from(position).ok()?, vendor)))
    }

    /// Changes with everything that was declared, wording included.
    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.0.digest
    }

    /// The category and token bit of the vendor with this id.
    pub(crate) fn vendor_position(&self, id: &str) -> Option<(Category, u8)> {
        Category::ALL.into_iter().find_map(|category| {
            self.vendors_of(category)
                .find(|(_, vendor)| vendor.id == id)
                .map(|(position, _)| (category, position))
        })
    }

    /// The vendor with this id, where a placeholder may stand for its blocked frames.
    pub(crate) fn embed(&self, id: &str) -> Option<&Vendor> {
        self.0
            .vendors
            .iter()
            .find(|vendor| vendor.id == id && vendor.embed)
            .filter(|vendor| vendor.category != Category::Necessary)
    }

    /// Whose the cookie `name` is; `None` where nobody declared it and the catalog does not know it.
    pub(crate) fn cookie_owner(&self, name: &[u8]) -> Option<Owner> {
        self.0
            .declared
            .cookies
            .find(name)
            .or_else(|| self.adopt(self.0.known?.cookie(name)?))
    }

    /// Whose the address is: `host` in lower-case ASCII, `path` as it stands in the URL.
    pub(crate) fn url_owner(&self, host: &str, path: &str) -> Option<Owner> {
        self.0
            .declared
            .hosts
            .find(host, path)
            .or_else(|| self.adopt(self.0.known?.host(host, path)?))
    }

    /// Whose the path on the site itself is.
    pub(crate) fn path_owner(&self, path: &str) -> Option<Owner> {
        self.0.declared.paths.find(path)
    }

    /// Whether any path of the site itself is somebody's.
    pub(crate) fn has_paths(&self) -> bool {
        !self.0.declared.paths.is_empty()
    }

    /// Whether an inline script is short enough to be a snippet and uses something that loads.
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    pub(crate) fn is_loading_snippet(&self, script: &[u8]) -> bool {
        self.0.inline.is_loading_snippet(script)
    }

    /// Whose loaders an inline script holds.
    pub(crate) fn inline_owners(&self, script: &[u8]) -> Vec<Owner> {
        let mut owners = self.0.inline.owners(script);
        for owner in &mut owners {
            if let Some(adopted) = self.adopt(*owner) {
                *owner = adopted;
            }
        }
        owners
    }

    /// Gives what only the catalog knows to the vendor that stands for all of it, where there is one.
    fn adopt(&self, owner: Owner) -> Option<Owner> {
        match owner {
            Owner::Known { category, .. } => {
                let umbrella = self.0.umbrella.get(category.index()).copied().flatten();
                Some(umbrella.unwrap_or(owner))
            }
            _ => Some(owner),
        }
    }

    /// The name to show for `owner` in a log line.
    pub(crate) fn owner_name(&self, owner: Owner) -> &str {
        match owner {
            Owner::Exempt => "strictly necessary",
            Owner::Site { .. } => "this site",
            Owner::Vendor { index, .. } => self
                .0
                .vendors
                .get(usize::from(index))
                .map_or("", |vendor| &vendor.id),
            Owner::Known { index, .. } => self.0.known.map_or("", |known| known.name(index)),
            #[cfg(feature = "filter-lists")]
            Owner::Listed { .. } => "a filter list",
            #[cfg(feature = "strict-third-parties")]
            Owner::Foreign { .. } => "another site",
        }
    }

    /// The builder line that declares `owner`, where only the catalog knows it.
    pub(crate) fn declaration_of(&self, owner: Owner) -> Option<String> {
        match owner {
            Owner::Known { index, .. } => self.0.known.map(|known| known.declaration(index)),
            _ => None,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("revision", &self.0.revision)
            .field("site", &self.0.site)
            .field("asked", &self.0.asked)
            .field("vendors", &self.0.vendors.len())
            .field("prefix", &self.0.prefix)
            .finish_non_exhaustive()
    }
}
