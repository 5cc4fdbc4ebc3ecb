//! What does a policy say beyond whose a name is?

use super::duties::{Audience, Dnt};
use super::registry::Policy;
use super::statistics::{Statistics, StatisticsRegime};
use super::version::PolicyVersion;
use crate::category::{Category, CategorySet};

impl Policy {
    /// The newest version of the privacy policy.
    #[must_use]
    pub fn version(&self) -> &PolicyVersion {
        &self.0.duties.version
    }

    /// The audience, as declared.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.0.duties.audience
    }

    /// What `DNT: 1` does, as declared.
    #[must_use]
    pub fn dnt(&self) -> Dnt {
        self.0.duties.dnt
    }

    /// What is denied at this path whatever was granted.
    pub(crate) fn never_at(&self, path: &str) -> CategorySet {
        self.0.duties.never.find(path).unwrap_or_default()
    }

    /// The vendors of `category` that Global Privacy Control is about, a bit each by position.
    pub(crate) fn sharing(&self, category: Category) -> u128 {
        let [_, functional, analytics, marketing] = self.0.duties.sharing;
        match category {
            Category::Necessary => 0,
            Category::Functional => functional,
            Category::Analytics => analytics,
            Category::Marketing => marketing,
        }
    }

    /// Whether `category` is about nothing but selling and sharing.
    pub(crate) fn is_sharing_alone(&self, category: Category) -> bool {
        self.0.duties.sharing_alone.contains(category)
    }

    /// The exempt statistics that apply under `regime`.
    pub(crate) fn statistics(&self, regime: StatisticsRegime) -> Option<&Statistics> {
        let statistics = self.0.duties.statistics.as_ref()?;
        statistics.regimes.contains(&regime).then_some(statistics)
    }

    /// A short name of the newest version, for a cookie.
    pub(crate) fn amendment_id(&self) -> &str {
        &self.0.duties.notice_id
    }

    /// The newest version, where visitors who chose before it must be told of it.
    pub(crate) fn amendment(&self) -> Option<&PolicyVersion> {
        let duties = &self.0.duties;
        duties.is_amended.then_some(&duties.version)
    }
}
