//! The site's declaration: vendors, cookies, words, and the catalog of well-known trackers.

mod builder;
pub mod catalog;
mod compile;
mod duties;
mod error;
mod guard;
mod inline;
mod kind;
mod knobs;
#[cfg(feature = "filter-lists")]
mod lists;
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
pub(crate) mod literals;
mod modes;
mod owed;
mod owner;
mod particulars;
pub(crate) mod pattern;
mod positions;
mod question;
mod registry;
#[cfg(feature = "strict-third-parties")]
pub(crate) mod site;
mod site_cookie;
mod statistics;
mod terms;
mod texts;
mod vendor;
mod version;

pub use builder::PolicyBuilder;
pub use duties::{Audience, Dnt};
pub use error::PolicyError;
pub(crate) use kind::RequestKind;
#[cfg(feature = "filter-lists")]
pub(crate) use lists::Loaded;
#[cfg(feature = "filter-lists")]
pub use lists::{FilterListError, FilterLists, FilterListsBuilder};
pub use modes::{ConsentMode, GoogleAdvancedConsentMode, GoogleConsentMode};
pub(crate) use owner::{MAX_VENDORS, Owner, Revision};
pub use registry::Policy;
pub use site_cookie::SiteCookie;
pub(crate) use statistics::Statistics;
pub use statistics::{ExemptStatistics, StatisticsRegime};
pub use terms::{Controller, RecordTerms};
pub use texts::Texts;
pub(crate) use texts::{Locale, Said, day_at, is_tag};
pub use vendor::Vendor;
pub use version::PolicyVersion;
