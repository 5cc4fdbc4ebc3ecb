//! Which vendors stand otherwise than their category?

use super::{Consent, Decision};
use crate::category::Category;
use crate::policy::{Owner, StatisticsRegime};
use crate::standing::Vendors;
use crate::token::VendorSet;

impl Consent {
    /// The vendors that were refused inside granted categories.
    pub(crate) fn refused_vendor_ids(&self) -> Vec<&str> {
        self.covered()
            .iter()
            .collect::<Vec<_>>()
            .into_iter()
            .flat_map(|category| {
                let refused = self.refused_vendors(category);
                self.policy
                    .vendors_of(category)
                    .filter(move |(position, _)| refused.contains(*position))
                    .map(|(_, vendor)| vendor.id())
            })
            .collect()
    }

    /// What may not run although its category may: ids of vendors, and with a `*`
    /// the categories in which nothing undeclared may.
    pub(crate) fn barred(&self) -> Vec<String> {
        let covered = self.covered();
        let vendors = self.refused_vendor_ids().into_iter().map(str::to_owned);
        let signalled = self.signalled();
        let undeclared = signalled.iter().filter(|c| covered.contains(*c));
        vendors
            .chain(undeclared.map(|category| format!("*{category}")))
            .collect()
    }

    /// The vendors that the visitor granted alone in categories that are not
    /// covered, each behind its category.
    pub(crate) fn granted_vendor_ids(&self) -> Vec<(Category, &str)> {
        if self.read().vendors.is_none() {
            return Vec::new();
        }
        self.vendor_ids(|category| self.chosen_vendors(category).granted)
    }

    /// The same with those that are exempt.
    pub(crate) fn alone_vendor_ids(&self) -> Vec<(Category, &str)> {
        if self.read().vendors.is_none() && !self.read().outcome.statistics {
            return Vec::new();
        }
        self.vendor_ids(|category| self.granted_vendors(category))
    }

    fn vendor_ids(&self, of: impl Fn(Category) -> VendorSet) -> Vec<(Category, &str)> {
        Category::OPTIONAL
            .into_iter()
            .filter(|category| !self.covers(*category))
            .flat_map(|category| {
                let granted = of(category);
                self.policy
                    .vendors_of(category)
                    .filter(move |(position, _)| granted.contains(*position))
                    .map(move |(_, vendor)| (category, vendor.id()))
            })
            .collect()
    }

    /// Whether a tag of `owner` may load before the visitor has chosen, told that
    /// all is denied. Its cookies may not.
    pub(crate) fn goes_ahead(&self, owner: Owner) -> bool {
        match owner {
            Owner::Vendor {
                category, index, ..
            } => self.read().outcome.ahead.contains(category) && self.policy.goes_ahead(index),
            _ => false,
        }
    }

    /// The vendors that do, each behind its category.
    pub(crate) fn ahead_vendor_ids(&self) -> Vec<(Category, &str)> {
        let ahead = self.read().outcome.ahead;
        self.policy
            .vendors_ahead()
            .filter(|vendor| ahead.contains(vendor.category()))
            .map(|vendor| (vendor.category(), vendor.id()))
            .collect()
    }

    /// The vendors refused where the category is granted.
    pub(crate) fn refused_vendors(&self, category: Category) -> VendorSet {
        self.vendors(category).refused
    }

    /// Whether none is refused in any category, signals aside.
    pub(crate) fn refuses_no_vendor(&self) -> bool {
        let vendors = self.read().vendors.as_deref();
        vendors.is_none_or(|vendors| vendors.iter().all(|vendors| vendors.refused.is_empty()))
    }

    /// The vendors granted alone where the category is not.
    pub(crate) fn granted_vendors(&self, category: Category) -> VendorSet {
        self.vendors(category).granted
    }

    /// The vendors that stand otherwise than their category, signals and exemptions included.
    pub(crate) fn vendors(&self, category: Category) -> Vendors {
        let mut vendors = self.chosen_vendors(category);
        if self.read().outcome.signalled.contains(category) {
            let sharing = VendorSet::of_bits(self.policy.sharing(category));
            vendors.refused = vendors.refused.union(sharing);
        }
        if category == Category::Analytics
            && let Some(exempt) = self.exempt_vendors()
        {
            vendors.granted = vendors.granted.union(exempt);
        }
        vendors
    }

    /// The vendors of analytics that run without a choice.
    pub(crate) fn exempt_vendors(&self) -> Option<VendorSet> {
        let Decision { outcome, at, .. } = self.read();
        let regime: StatisticsRegime = outcome
            .statistics
            .then(|| StatisticsRegime::of(at.jurisdiction))
            .flatten()?;
        let statistics = self.policy.statistics(regime)?;
        Some(VendorSet::of_bits(statistics.vendors))
    }

    /// Seconds for which a cookie of `owner` may last that runs without a choice;
    /// `None` where the visitor granted it, or it does not run.
    pub(crate) fn exempt_seconds(&self, owner: Owner) -> Option<u64> {
        let Owner::Vendor {
            category: Category::Analytics,
            position,
            ..
        } = owner
        else {
            return None;
        };
        let chosen = self.chosen_vendors(Category::Analytics).granted;
        let exempt = self.exempt_vendors()?.contains(position) && !chosen.contains(position);
        let regime = StatisticsRegime::of(self.circumstances().jurisdiction)?;
        exempt
            .then(|| self.policy.statistics(regime))
            .flatten()
            .map(|statistics| statistics.cookie_seconds)
    }

    /// What the visitor chose of single vendors, less what a signal overrules.
    pub(crate) fn chosen_vendors(&self, category: Category) -> Vendors {
        let mut vendors = self.stored_vendors(category);
        if self.read().outcome.signalled.contains(category) {
            let sharing = VendorSet::of_bits(self.policy.sharing(category));
            vendors.granted = vendors.granted.without(sharing);
        }
        vendors
    }

    fn stored_vendors(&self, category: Category) -> Vendors {
        let Some([functional, analytics, marketing]) = self.read().vendors.as_deref() else {
            return Vendors::NONE;
        };
        match category {
            Category::Necessary => Vendors::NONE,
            Category::Functional => *functional,
            Category::Analytics => *analytics,
            Category::Marketing => *marketing,
        }
    }

    /// What a choice that leaves `category` as it is keeps of its vendors. What
    /// a signal overruled stays refused.
    pub(crate) fn kept_vendors(&self, category: Category) -> Vendors {
        Vendors {
            refused: self.vendors(category).refused,
            granted: self.chosen_vendors(category).granted,
        }
    }
}
