//! What can a visitor be asked about?
//!
//! Four categories, closed and ordered, and a set of them in one byte.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A purpose of cookies and trackers, in the order in which a banner lists them.
///
/// The four follow the wording that most cookie policies use. Whatever is not
/// strictly necessary needs the visitor's consent first (ePrivacy Directive,
/// Article 5(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Category {
    /// What the site cannot work without: session, login, cart, CSRF token. Never asked about.
    Necessary,
    /// What remembers a preference or adds a convenience, such as an embedded map.
    Functional,
    /// What measures how the site is used.
    Analytics,
    /// What advertises, or follows a visitor for advertising.
    Marketing,
}

impl Category {
    /// All categories, [`Necessary`](Self::Necessary) first.
    pub const ALL: [Self; 4] = [
        Self::Necessary,
        Self::Functional,
        Self::Analytics,
        Self::Marketing,
    ];

    /// The categories that need consent.
    pub const OPTIONAL: [Self; 3] = [Self::Functional, Self::Analytics, Self::Marketing];

    /// The lower-case English name, as it stands in cookie names, forms and markup.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Necessary => "necessary",
            Self::Functional => "functional",
            Self::Analytics => "analytics",
            Self::Marketing => "marketing",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the names of consent cookies may start with; a category's name follows.
pub(crate) const CONSENT_PREFIXES: [&str; 3] =
    ["__Host-Http-consent-", "__Secure-consent-", "consent-"];

/// A name that is none of the four categories.
///
/// Whatever carries such a name is denied: an unknown category is never granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownCategory;

impl fmt::Display for UnknownCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown category: expected necessary, functional, analytics or marketing")
    }
}

impl std::error::Error for UnknownCategory {}

impl FromStr for Category {
    type Err = UnknownCategory;

    /// Reads the exact lower-case name.
    fn from_str(name: &str) -> Result<Self, UnknownCategory> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str() == name)
            .ok_or(UnknownCategory)
    }
}

/// A set of categories.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CategorySet(u8);

impl CategorySet {
    /// No category.
    pub const EMPTY: Self = Self(0);

    /// What [`Category::OPTIONAL`] lists.
    pub(crate) const OPTIONAL: Self = Self::EMPTY
        .with(Category::Functional)
        .with(Category::Analytics)
        .with(Category::Marketing);

    /// The set with `category` added.
    #[must_use]
    pub const fn with(self, category: Category) -> Self {
        Self(self.0 | 1 << category as u8)
    }

    /// The set with `category` taken out.
    #[must_use]
    pub const fn without(self, category: Category) -> Self {
        Self(self.0 & !(1 << category as u8))
    }

    /// Whether `category` is in the set.
    #[must_use]
    pub const fn contains(self, category: Category) -> bool {
        self.0 & (1 << category as u8) != 0
    }

    /// Whether the set has no category.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every category of `self` is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The categories of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The categories of the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL
            .into_iter()
            .filter(move |category| self.contains(*category))
    }
}

impl FromIterator<Category> for CategorySet {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        categories.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for CategorySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Category::as_str))
            .finish()
    }
}

/// Types that stand for a category, so that a proof of consent can name it.
///
/// See [`Granted`](crate::Granted).
pub mod marker {
    use super::Category;

    /// A type that stands for one optional category.
    pub trait Marker: sealed::Sealed + Send + Sync + 'static {
        /// The category.
        const CATEGORY: Category;
    }

    mod sealed {
        #[allow(
            unnameable_types,
            reason = "what cannot be named cannot be implemented"
        )]
        pub trait Sealed {}
    }

    macro_rules! markers {
        ($($name:ident),*) => {$(
            #[doc = concat!("Stands for [`Category::", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug)]
            #[non_exhaustive]
            pub enum $name {}

            impl sealed::Sealed for $name {}

            impl Marker for $name {
                const CATEGORY: Category = Category::$name;
            }
        )*};
    }

    markers!(Functional, Analytics, Marketing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_nothing_else_parses() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(category));
        }
        for name in ["", "Analytics", "analytics ", "ads", "necessary\0"] {
            assert_eq!(name.parse::<Category>(), Err(UnknownCategory), "{name:?}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: CategorySet = [Category::Functional, Category::Marketing]
            .into_iter()
            .collect();
        assert!(set.contains(Category::Marketing));
        assert!(!set.contains(Category::Analytics));
        assert_eq!(
            set.without(Category::Marketing),
            CategorySet::EMPTY.with(Category::Functional)
        );
        assert!(CategorySet::EMPTY.is_subset(set) && !set.is_subset(CategorySet::EMPTY));
        assert_eq!(format!("{set:?}"), r#"{"functional", "marketing"}"#);
    }
}
