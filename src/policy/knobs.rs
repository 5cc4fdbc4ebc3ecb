//! How does a site declare what it owes beyond its vendors?

use super::builder::PolicyBuilder;
use super::duties::{Audience, Dnt, NeverRule};
use super::statistics::ExemptStatistics;
use super::version::PolicyVersion;
use crate::category::Category;

impl PolicyBuilder {
    /// Says who visits the site. Default: [`Audience::General`]. For
    /// [`Audience::Children`] marketing is neither asked about nor granted,
    /// even by a validly signed choice, and no vendor of another category may
    /// sell or share.
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Says what `DNT: 1` does. Default: [`Dnt::Objection`].
    pub fn dnt(mut self, dnt: Dnt) -> Self {
        self.dnt = dnt;
        self
    }

    /// Denies `category` on the pages at `path` and below, whatever was
    /// granted, such as marketing on the pages of a sign-in. Nothing that was
    /// stored before is expired for it. Default: none.
    pub fn never(mut self, path: impl Into<String>, category: Category) -> Self {
        self.never.push(NeverRule::new(path.into(), category));
        self
    }

    /// Lets statistics run without consent where the law exempts them. Default: none.
    pub fn exempt_statistics(mut self, statistics: ExemptStatistics) -> Self {
        self.exempt_statistics = Some(statistics);
        self
    }

    /// Adds a later version of the privacy policy, the newest last. It asks
    /// again about what it is material to; visitors who need not be asked get a
    /// bar that tells of it once. Default: none.
    pub fn amended(mut self, version: impl Into<PolicyVersion>) -> Self {
        self.amendments.push(version.into());
        self
    }

    /// Denies active content of other sites that the policy does not declare:
    /// scripts, frames, plugins and requests to another registrable domain wait
    /// until the visitor has granted marketing, and inline scripts that load
    /// from one do too. Default: only known trackers wait.
    ///
    /// What the site needs is declared as a [`Vendor`](crate::Vendor) with its hosts:
    /// [`Category::Necessary`] lets it act at once, another category when that
    /// is granted. Each host that is held back is told once as a warning, with
    /// the line to paste. The [full guard](crate::GuardMode::Full) holds back
    /// what scripts insert, and once a visitor has refused, a
    /// Content-Security-Policy of the layer's own says the same to the browser
    /// until marketing is granted; after that grant the page reloads. Style sheets, fonts and media are not held back.
    ///
    /// In a file: `strict_third_parties = true`. A policy that asks about
    /// nothing of marketing denies such content for good. With
    /// [`strict`](Self::strict), which is about cookies and the catalog's
    /// trackers, no grant covers it.
    #[cfg(feature = "strict-third-parties")]
    pub fn strict_third_parties(mut self) -> Self {
        self.strict_third_parties = true;
        self
    }

    /// Denies other sites' images as well. Default: images are left alone.
    ///
    /// Needs [`strict_third_parties`](Self::strict_third_parties). In a file:
    /// `strict_third_party_images = true`.
    #[cfg(feature = "strict-third-parties")]
    pub fn strict_third_party_images(mut self) -> Self {
        self.strict_third_party_images = true;
        self
    }
}
