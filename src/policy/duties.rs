//! What does a site owe beyond its vendors: to children, to signals, on single pages?

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::Problems;
use super::pattern::{PathIndex, is_path_below, parse_path_prefix};
use super::site_cookie::SiteCookie;
use super::statistics::{ExemptStatistics, Statistics};
use super::vendor::Vendor;
use super::version::PolicyVersion;
use crate::category::{Category, CategorySet};

/// Who visits the site. See [`PolicyBuilder::audience`](crate::PolicyBuilder::audience).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Audience {
    /// The general public.
    #[default]
    General,
    /// Children, or a mixed audience whose ages nobody knows.
    Children,
}

/// What the header `DNT: 1` (Do Not Track) does. See [`PolicyBuilder::dnt`](crate::PolicyBuilder::dnt).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dnt {
    /// Nothing. Saying that it is irrelevant is risky in Germany: a court took
    /// it for an objection under Article 21(5) GDPR (LG Berlin, 16 O 420/19).
    Ignore,
    /// It objects to what runs without consent: exempt statistics, and
    /// everything under an opt-out rule. It never overrides a choice, so where
    /// everything waits for consent it has no effect.
    #[default]
    Objection,
}

/// A path below which a category is denied whatever was granted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeverRule {
    path: String,
    category: Category,
}

impl NeverRule {
    pub(super) const fn new(path: String, category: Category) -> Self {
        Self { path, category }
    }
}

/// What a site declared, as far as its duties go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration<'a> {
    pub(super) revision: &'a str,
    pub(super) effective_date: &'a str,
    pub(super) amendments: &'a [PolicyVersion],
    pub(super) audience: Audience,
    pub(super) dnt: Dnt,
    pub(super) never: &'a [NeverRule],
    pub(super) statistics: Option<&'a ExemptStatistics>,
    pub(super) vendors: &'a [Vendor],
    pub(super) site_cookies: &'a [SiteCookie],
}

/// What the duties of a policy amount to.
#[derive(Debug)]
pub(super) struct Duties {
    pub(super) audience: Audience,
    pub(super) dnt: Dnt,
    pub(super) never: PathIndex<CategorySet>,
    pub(super) statistics: Option<Statistics>,
    /// For each category the vendors that Global Privacy Control is about, by position.
    pub(super) sharing: [u128; 4],
    /// The categories that hold nothing else.
    pub(super) sharing_alone: CategorySet,
    pub(super) version: PolicyVersion,
    /// A short name of it.
    pub(super) notice_id: String,
    /// Whether there was another version before.
    pub(super) is_amended: bool,
}

impl<'a> Declaration<'a> {
    /// Checks the duties; answers what they amount to.
    pub(super) fn compile(self, by_category: &[Vec<u16>; 4], problems: &mut Problems) -> Duties {
        self.check_versions(problems);
        let statistics = self.statistics.map(|declared| {
            let [_, _, analytics, _] = by_category;
            let mut statistics = declared.compile(self.vendors, analytics, problems);
            statistics.whole = self.own_cookies(Category::Analytics).next().is_none()
                && u32::try_from(analytics.len())
                    .is_ok_and(|n| statistics.vendors.count_ones() == n);
            statistics
        });
        let mut sharing = [0; 4];
        let mut sharing_alone = CategorySet::EMPTY.with(Category::Marketing);
        for ((bits, list), category) in sharing.iter_mut().zip(by_category).zip(Category::ALL) {
            let vendors = list
                .iter()
                .filter_map(|i| self.vendors.get(usize::from(*i)));
            let mut others = self.own_cookies(category).next().is_some() || list.is_empty();
            for (position, vendor) in (0..).zip(vendors) {
                if vendor.is_subject_to_gpc() {
                    *bits |= 1u128.checked_shl(position).unwrap_or(0);
                } else {
                    others = true;
                }
            }
            if !others && category != Category::Necessary {
                sharing_alone = sharing_alone.with(category);
            }
        }
        for vendor in self.vendors {
            if vendor.selling && vendor.category == Category::Necessary {
                problems.add(
                    format!(
                        "vendor `{}` is strictly necessary and sells or shares, which no site needs",
                        vendor.id
                    ),
                    ".with_category(Category::Marketing), or remove .selling_or_sharing()",
                );
            }
        }
        if self.audience == Audience::Children {
            for vendor in self.vendors {
                let asked = [Category::Functional, Category::Analytics];
                if vendor.selling && asked.contains(&vendor.category) {
                    problems.add(
                        format!(
                            "vendor `{}` sells or shares, and the site is for children",
                            vendor.id
                        ),
                        "remove it, or move it to Category::Marketing, which children are not asked about",
                    );
                }
            }
        }
        let version = match self.amendments.last() {
            Some(version) => version.clone(),
            None => PolicyVersion::new(self.revision).effective(self.effective_date),
        };
        let digest = Sha256::digest(version.id());
        Duties {
            notice_id: digest.iter().take(6).map(|b| format!("{b:02x}")).collect(),
            version,
            audience: self.audience,
            dnt: self.dnt,
            never: self.compile_never(problems),
            statistics,
            sharing,
            sharing_alone,
            is_amended: !self.amendments.is_empty(),
        }
    }

    fn check_versions(self, problems: &mut Problems) {
        let first = PolicyVersion::new(self.revision).effective(self.effective_date);
        let mut ids = vec![self.revision];
        if !self.effective_date.is_empty() && first.effective_date() != Some(self.effective_date) {
            first.check(problems);
        }
        for version in self.amendments {
            version.check(problems);
            if ids.contains(&&*version.id) {
                problems.add(
                    format!("two versions of the policy have the id `{}`", version.id),
                    "give each its own, such as its date",
                );
            }
            ids.push(&version.id);
        }
    }

    fn compile_never(self, problems: &mut Problems) -> PathIndex<CategorySet> {
        let mut index = PathIndex::default();
        for rule in self.never {
            if rule.category == Category::Necessary {
                problems.add(
                    format!(
                        "`{}`: what is strictly necessary cannot be denied",
                        rule.path
                    ),
                    ".never(\"/oauth\", Category::Marketing)",
                );
            }
            match parse_path_prefix(&rule.path) {
                Ok(prefix) => {
                    // The longest prefix answers for those above it, too.
                    let above = |other: &&NeverRule| {
                        let other = other.path.trim_end_matches('/');
                        is_path_below(&prefix, other)
                    };
                    let all = self.never.iter().filter(above).map(|rule| rule.category);
                    let all = all.collect();
                    index.insert(prefix, all);
                }
                Err(why) => problems.add(
                    format!("the path `{}` {why}", rule.path),
                    ".never(\"/oauth\", Category::Marketing)",
                ),
            }
        }
        index
    }

    /// The site's own cookies that wait for `category`.
    fn own_cookies(self, category: Category) -> impl Iterator<Item = &'a SiteCookie> {
        self.site_cookies
            .iter()
            .filter(move |cookie| cookie.category == category && cookie.user_requested.is_empty())
    }
}

impl Vendor {
    /// Whether Global Privacy Control is about this vendor: it sells or shares,
    /// or measures on its own account.
    fn is_subject_to_gpc(&self) -> bool {
        self.sells_or_shares()
            || self.category == Category::Analytics && !self.processor && !self.first_party
    }
}
