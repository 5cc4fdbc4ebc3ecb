//! The site's declaration: vendors, cookies, words, and the catalog of well-known trackers.

mod builder;
pub mod catalog;
mod compile;
mod error;
mod guard;
mod inline;
mod owner;
pub(crate) mod pattern;
mod registry;
mod texts;
mod vendor;

pub use builder::PolicyBuilder;
pub use error::PolicyError;
pub(crate) use owner::{MAX_VENDORS, Owner, Revision};
pub use registry::Policy;
pub use texts::Texts;
pub use vendor::{SiteCookie, Vendor};
