//! Whose is it?

use crate::category::Category;

/// How many vendors one category can hold: a bit each in its signed choice.
pub(crate) const MAX_VENDORS: usize = 128;

/// A digest of what the visitor was asked about one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Revision(pub(crate) [u8; 8]);

/// Who a cookie, address, path or inline script belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Needs no consent: strictly necessary, or requested by the visitor.
    Exempt,
    /// A declared vendor: its index in the policy and its bit in the category's token.
    Vendor {
        category: Category,
        index: u16,
        position: u8,
    },
    /// A cookie of the site itself.
    Site { category: Category },
    /// In the catalog, not declared by the policy: its index there.
    Known { category: Category, index: u16 },
    /// In a filter list, and in neither policy nor catalog.
    #[cfg(feature = "filter-lists")]
    Listed { category: Category },
    /// On another site and not declared by the policy, where that is not
    /// allowed. It needs marketing and, where the catalog or a list knows
    /// better what it is, that too.
    #[cfg(feature = "strict-third-parties")]
    Foreign { category: Category },
}

impl Owner {
    pub(crate) const fn category(self) -> Category {
        match self {
            Self::Exempt => Category::Necessary,
            Self::Vendor { category, .. }
            | Self::Site { category }
            | Self::Known { category, .. } => category,
            #[cfg(feature = "filter-lists")]
            Self::Listed { category } => category,
            #[cfg(feature = "strict-third-parties")]
            Self::Foreign { category } => category,
        }
    }
}
