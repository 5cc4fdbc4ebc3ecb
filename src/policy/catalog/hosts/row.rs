//! What does one row of the table say?

use crate::category::Category;

/// A host that serves one vendor's trackers, with all of its subdomains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownHost {
    /// The host in lower-case ASCII.
    pub(crate) host: &'static str,
    /// The vendor's name, as visitors may read it.
    pub(crate) vendor: &'static str,
    /// What must be granted.
    pub(crate) category: Category,
}

pub(super) const fn marketing(host: &'static str, vendor: &'static str) -> KnownHost {
    row(host, vendor, Category::Marketing)
}

pub(super) const fn analytics(host: &'static str, vendor: &'static str) -> KnownHost {
    row(host, vendor, Category::Analytics)
}

pub(super) const fn functional(host: &'static str, vendor: &'static str) -> KnownHost {
    row(host, vendor, Category::Functional)
}

const fn row(host: &'static str, vendor: &'static str, category: Category) -> KnownHost {
    KnownHost {
        host,
        vendor,
        category,
    }
}
