//! Well-known vendors, one function each, and a table of hosts beside them.
//!
//! Everything here is gated whether a policy declares it or not: a tracker
//! that the catalog recognises waits for a grant of its category. Declaring a
//! vendor tells visitors about it and lets them grant it:
//!
//! ```
//! use tower_consent::{Policy, catalog};
//!
//! let policy = Policy::builder("2026-09-01")
//!     .vendor(catalog::google_analytics())
//!     .vendor(catalog::matomo("stats.example.com"))
//!     .build()?;
//! # Ok::<(), tower_consent::PolicyError>(())
//! ```
//!
//! Each function cites the vendor's own page. Names and hosts change; check
//! what you declare against what your site really loads. What a function
//! returns can be refined with the setters of [`Vendor`].

mod analytics;
mod embeds;
pub(super) mod hosts;
mod marketing;

use std::sync::OnceLock;

pub use analytics::*;
pub use embeds::*;
pub use marketing::*;

use super::inline::Signature;
use super::owner::Owner;
use super::pattern::{CookieIndex, CookiePattern, HostIndex, HostPattern};
use super::vendor::Vendor;
use crate::category::Category;

/// Three vendors that stand for everything in the catalog, one for each
/// category, so that a site which declares nothing else can still ask:
///
/// ```
/// use tower_consent::{Policy, catalog};
///
/// let policy = Policy::builder("2026-09-01").vendors(catalog::defaults()).build()?;
/// # Ok::<(), tower_consent::PolicyError>(())
/// ```
///
/// Visitors read the names of all services that the catalog recognises, which
/// is honest and long. A site that knows what it uses declares that instead.
#[must_use]
pub fn defaults() -> Vec<Vendor> {
    let entry = |id: &str, category, name: &str, purpose: &str| {
        let mut vendor = Vendor::new(id, category)
            .with_name(name)
            .with_purpose(purpose)
            .with_retention("as each service states");
        vendor.umbrella = true;
        vendor
    };
    vec![
        entry(
            "known-embeds",
            Category::Functional,
            "Recognised embeds and widgets",
            "Shows maps, players, chats and other content of services that are recognised by name",
        ),
        entry(
            "known-analytics",
            Category::Analytics,
            "Recognised analytics services",
            "Measures how the site is used, through services that are recognised by name",
        ),
        entry(
            "known-marketing",
            Category::Marketing,
            "Recognised advertising services",
            "Advertises and measures advertising, through services that are recognised by name",
        ),
    ]
}

/// The vendor with this id, such as `"google-analytics"`; `None` where the catalog has none.
#[must_use]
pub fn by_id(id: &str) -> Option<Vendor> {
    vendors().find(|vendor| vendor.id == id)
}

/// The ids of all vendors that need no argument.
#[must_use]
pub fn ids() -> Vec<String> {
    vendors().map(|vendor| vendor.id).collect()
}

pub(super) fn vendors() -> impl Iterator<Item = Vendor> {
    all_analytics()
        .into_iter()
        .chain(all_marketing())
        .chain(all_embeds())
}

/// Everything that the catalog knows, indexed once per process.
#[derive(Debug)]
pub(crate) struct Known {
    cookies: CookieIndex<Owner>,
    hosts: HostIndex<Owner>,
    signatures: Vec<(Signature, Owner)>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    category: Category,
    declaration: String,
}

impl Known {
    pub(crate) fn get() -> &'static Self {
        static KNOWN: OnceLock<Known> = OnceLock::new();
        KNOWN.get_or_init(Self::index)
    }

    fn index() -> Self {
        let mut known = Self {
            cookies: CookieIndex::default(),
            hosts: HostIndex::default(),
            signatures: Vec::new(),
            entries: Vec::new(),
        };
        for vendor in vendors() {
            let declaration = format!(".vendor(catalog::{}())", vendor.id.replace('-', "_"));
            let owner = known.entry(vendor.name(), vendor.category, declaration);
            for pattern in vendor.cookie_patterns().flat_map(CookiePattern::parse) {
                known.cookies.insert(pattern, owner);
            }
            for pattern in vendor.host_patterns().flat_map(HostPattern::parse) {
                known.hosts.insert(pattern, owner);
            }
            let signatures = vendor.inline.iter().flat_map(|text| Signature::parse(text));
            known
                .signatures
                .extend(signatures.map(|signature| (signature, owner)));
        }
        for row in hosts::HOSTS {
            let declaration = format!(
                ".vendor(Vendor::new(\"{}\", Category::{:?}).hosts([\"{}\"]) /* and what visitors must be told */)",
                id_from(row.vendor),
                row.category,
                row.host
            );
            let owner = known.entry(row.vendor, row.category, declaration);
            if let Ok(pattern) = HostPattern::parse(row.host) {
                known
                    .signatures
                    .push((Signature::Host(pattern.host.clone()), owner));
                known.hosts.insert(pattern, owner);
            }
        }
        known
    }

    fn entry(&mut self, name: &str, category: Category, declaration: String) -> Owner {
        let index = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        self.entries.push(Entry {
            name: name.to_owned(),
            category,
            declaration,
        });
        Owner::Known { category, index }
    }

    pub(crate) fn cookie(&self, name: &[u8]) -> Option<Owner> {
        self.cookies.find(name)
    }

    pub(crate) fn host(&self, host: &str, path: &str) -> Option<Owner> {
        self.hosts.find(host, path)
    }

    /// A known cookie name that `pattern` covers or is covered by.
    pub(crate) fn cookie_overlap(&self, pattern: &CookiePattern) -> Option<(&str, Owner)> {
        self.cookies.overlapping(pattern).next()
    }

    /// A known host that `pattern` covers or is covered by.
    pub(crate) fn host_overlap(&self, pattern: &HostPattern) -> Option<(&str, Owner)> {
        self.hosts.overlapping(pattern).next()
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = (Signature, Owner)> {
        self.signatures.iter().cloned()
    }

    /// A known loader's address that `text` contains or is a part of.
    pub(crate) fn signature_overlap(&self, text: &str) -> Option<(&str, Owner)> {
        let text = text.to_ascii_lowercase();
        self.signatures
            .iter()
            .map(|(signature, owner)| (signature.start(), *owner))
            .find(|(known, _)| {
                let known = known.to_ascii_lowercase();
                text.contains(&known) || known.contains(&text)
            })
    }

    pub(crate) fn name(&self, index: u16) -> &str {
        self.entry_at(index).map_or("", |entry| &entry.name)
    }

    pub(crate) fn declaration(&self, index: u16) -> String {
        self.entry_at(index)
            .map_or_else(String::new, |entry| entry.declaration.clone())
    }

    /// The names of the recognised services of one category, sorted, each once.
    pub(crate) fn names(&self, category: Category) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .entries
            .iter()
            .filter(|entry| entry.category == category)
            .map(|entry| &*entry.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn entry_at(&self, index: u16) -> Option<&Entry> {
        self.entries.get(usize::from(index))
    }
}

fn id_from(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.trim_end_matches('-').to_owned()
}
