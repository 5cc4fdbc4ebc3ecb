//! What was a visitor asked about one category?
//!
//! A digest of it is in every signed choice, which counts only as long as the
//! question is the same.

use sha2::{Digest, Sha256};

use super::builder::PolicyBuilder;
use super::owner::Revision;
use super::site_cookie::SiteCookie;
use super::vendor::Vendor;
use super::version::material_revision;
use crate::category::Category;

impl PolicyBuilder {
    /// Digests what a visitor is asked about `category`: the policy's
    /// revision, the vendors in it and the site's own cookies in it. Wording,
    /// order and what the catalog knows about a vendor do not count.
    pub(super) fn revision_of(&self, category: Category) -> Revision {
        let mut parts = vec![
            "tower-consent v1 revision",
            material_revision(&self.revision, &self.amendments, category),
            category.as_str(),
        ];
        if category != Category::Necessary {
            let mut vendors: Vec<&str> = self
                .vendors
                .iter()
                .filter(|vendor| vendor.category == category)
                .map(Vendor::id)
                .collect();
            let mut cookies: Vec<&str> = self
                .site_cookies
                .iter()
                .filter(|cookie| cookie.category == category && cookie.user_requested.is_empty())
                .map(SiteCookie::name)
                .collect();
            vendors.sort_unstable();
            cookies.sort_unstable();
            parts.push("vendors");
            parts.extend(vendors);
            parts.push("cookies");
            parts.extend(cookies);
        }
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut revision = Revision::default();
        revision
            .0
            .iter_mut()
            .zip(digest.finalize())
            .for_each(|(to, from)| *to = from);
        revision
    }
}
