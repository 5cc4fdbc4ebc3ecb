//! May a site count its visitors without asking them?
//!
//! Some countries exempt statistics that a site makes for itself alone, under
//! conditions. [`ExemptStatistics`] is that mode; what can be checked of the
//! conditions is checked when the policy is built, and the rest is written down.

use serde::{Deserialize, Serialize};

use super::error::Problems;
use super::vendor::Vendor;
use crate::category::Category;
use crate::jurisdiction::Jurisdiction;

/// Thirteen months are 393 to 397 days.
const MAX_COOKIE_DAYS: u32 = 393;
const MAX_DATA_MONTHS: u32 = 25;

/// Whose rule on exempt statistics applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StatisticsRegime {
    /// United Kingdom: PECR Schedule A1, in force since 5 February 2026.
    Uk,
    /// France: CNIL, audience measurement, page of 4 July 2025.
    Fr,
    /// Italy: Garante, 10 June 2021, no. 231.
    It,
    /// Switzerland: Telecommunications Act, Article 45c, and the FDPIC's guide of
    /// 22 January 2025, which ask for information and a way to refuse. The same
    /// conditions hold here as elsewhere.
    Ch,
}

impl StatisticsRegime {
    /// The rule of that place, where it has one.
    pub(crate) const fn of(place: Jurisdiction) -> Option<Self> {
        match place {
            Jurisdiction::Uk => Some(Self::Uk),
            Jurisdiction::Fr => Some(Self::Fr),
            Jurisdiction::It => Some(Self::It),
            Jurisdiction::Ch => Some(Self::Ch),
            _ => None,
        }
    }
}

/// Statistics that run without consent until the visitor objects, for visitors
/// from the countries named, and for nobody else.
///
/// The vendor must be the site itself or a processor that neither sells nor
/// shares. Its cookies last at most 393 days and are never renewed while they
/// are there: the layer suppresses a `Set-Cookie` that would, and one that
/// lasts longer. A button to object stands on every page, and an objection is
/// kept like a refusal. What a vendor's script writes by itself the layer does
/// not see at that moment: set it up to write no cookie, or one that keeps its
/// end.
///
/// ```
/// use tower_consent::{Category, ExemptStatistics, Policy, StatisticsRegime, Vendor};
///
/// # fn main() -> Result<(), tower_consent::PolicyError> {
/// let policy = Policy::builder("2026-09-01")
///     .vendor(Vendor::new("shop-stats", Category::Analytics)
///         .first_party()
///         .with_purpose("Counts page views")
///         .with_retention("13 months")
///         .cookies(["_stats"]))
///     .exempt_statistics(
///         ExemptStatistics::new("Counts visits of this site alone; assessed on 2026-09-01")
///             .under([StatisticsRegime::Uk, StatisticsRegime::Fr])
///             .vendor("shop-stats")
///             .cookie_days(393)
///             .data_months(25),
///     )
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptStatistics {
    assessment: String,
    regimes: Vec<StatisticsRegime>,
    vendors: Vec<String>,
    cookie_days: u32,
    data_months: u32,
}

impl ExemptStatistics {
    /// `assessment`: where it is written down why the conditions hold. A site
    /// must be able to show that. Required.
    #[must_use]
    pub fn new(assessment: impl Into<String>) -> Self {
        Self {
            assessment: assessment.into(),
            regimes: Vec::new(),
            vendors: Vec::new(),
            cookie_days: 0,
            data_months: 0,
        }
    }

    /// Adds the countries where it applies. Required: where none is named, it applies nowhere.
    #[must_use]
    pub fn under(mut self, regimes: impl IntoIterator<Item = StatisticsRegime>) -> Self {
        self.regimes.extend(regimes);
        self
    }

    /// Adds a declared vendor of analytics by its id. Required.
    #[must_use]
    pub fn vendor(mut self, id: impl Into<String>) -> Self {
        self.vendors.push(id.into());
        self
    }

    /// How long the vendors' cookies last, 1 to 393 days. Required.
    #[must_use]
    pub fn cookie_days(mut self, days: u32) -> Self {
        self.cookie_days = days;
        self
    }

    /// How long what they collect is kept, 1 to 25 months. Required.
    #[must_use]
    pub fn data_months(mut self, months: u32) -> Self {
        self.data_months = months;
        self
    }

    /// Checks the conditions against the declared vendors; answers what they amount to.
    pub(super) fn compile(
        &self,
        vendors: &[Vendor],
        analytics: &[u16],
        problems: &mut Problems,
    ) -> Statistics {
        const WHO: &str = "exempt statistics";
        if self.assessment.trim().is_empty() {
            problems.add(
                format!("{WHO}: nobody says why the conditions hold"),
                "ExemptStatistics::new(\"Counts visits of this site alone; assessed on 2026-09-01\")",
            );
        }
        if self.regimes.is_empty() {
            problems.add(
                format!("{WHO} apply nowhere"),
                ".under([StatisticsRegime::Uk])",
            );
        }
        if self.vendors.is_empty() {
            problems.add(format!("{WHO} have no vendor"), ".vendor(\"shop-stats\")");
        }
        if self.cookie_days == 0 || self.cookie_days > MAX_COOKIE_DAYS {
            problems.add(
                format!(
                    "{WHO}: cookies of {} days are outside 1 to {MAX_COOKIE_DAYS}",
                    self.cookie_days
                ),
                format!(".cookie_days({MAX_COOKIE_DAYS})"),
            );
        }
        if self.data_months == 0 || self.data_months > MAX_DATA_MONTHS {
            problems.add(
                format!(
                    "{WHO}: data kept for {} months is outside 1 to {MAX_DATA_MONTHS}",
                    self.data_months
                ),
                format!(".data_months({MAX_DATA_MONTHS})"),
            );
        }
        let mut bits = 0;
        for id in &self.vendors {
            let position = analytics.iter().position(|index| {
                vendors
                    .get(usize::from(*index))
                    .is_some_and(|vendor| vendor.id == *id)
            });
            let vendor = vendors.iter().find(|vendor| vendor.id == *id);
            let (Some(position), Some(vendor)) = (position, vendor) else {
                problems.add(
                    format!(
                        "{WHO}: `{id}` is no declared vendor of {}",
                        Category::Analytics
                    ),
                    format!("declare it, or remove .vendor(\"{id}\")"),
                );
                continue;
            };
            if !(vendor.first_party || vendor.processor) || vendor.umbrella {
                problems.add(
                    format!("{WHO}: vendor `{id}` decides itself what it does with the data"),
                    "use one that is the site itself or says .processor()",
                );
            }
            if vendor.selling {
                problems.add(
                    format!("{WHO}: vendor `{id}` sells or shares what it collects"),
                    format!("remove .vendor(\"{id}\")"),
                );
            }
            bits |= u32::try_from(position)
                .ok()
                .and_then(|position| 1u128.checked_shl(position))
                .unwrap_or(0);
        }
        Statistics {
            regimes: self.regimes.clone(),
            vendors: bits,
            whole: false,
            cookie_seconds: u64::from(self.cookie_days) * 86_400,
        }
    }
}

/// What a valid declaration amounts to.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    pub(crate) regimes: Vec<StatisticsRegime>,
    /// A bit for each exempt vendor of analytics, by its position.
    pub(crate) vendors: u128,
    /// Whether analytics holds nothing else.
    pub(crate) whole: bool,
    /// How long their cookies may last.
    pub(crate) cookie_seconds: u64,
}
