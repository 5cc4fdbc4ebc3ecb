//! What do vendors' own tags want to be told?
//!
//! Some vendors' tags ask in their own words what the visitor agreed to: Google
//! Consent Mode v2, Microsoft UET and Clarity, the Meta Pixel, the TikTok Pixel.
//! A [`ConsentMode`] holds those words, and which categories and vendors of the
//! policy each of them stands for. One script in the page speaks them: first
//! "denied", before any tag, and then once for each decision.

mod advanced;
mod google;
mod mode;
mod places;
mod table;

pub use advanced::GoogleAdvancedConsentMode;
pub use google::GoogleConsentMode;
pub use mode::ConsentMode;
pub(super) use mode::{ahead, check, from_file};
pub(super) use places::Places;
pub(super) use table::table;
