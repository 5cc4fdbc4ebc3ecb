//! The manual: what the crate promises, where to put it, and what it cannot do.
//!
//! | chapter | read it |
//! | --- | --- |
//! | [`deployment`] | before the first release: layer order, keys, login cookies, a checklist |
//! | [`caching`] | when a CDN or a proxy stands in front |
//! | [`markup`] | when something is blocked that should not be, or the other way round |
//! | [`records`] | when consent has to be proved |
//! | [`vendors`] | when Google, Microsoft, Meta or TikTok must be told of consent, and for the privacy policy's text |
//! | [`threats`] | when you must decide whether to trust it |
//! | [`promises`] | when you want to know which test holds which promise |

pub mod caching;
pub mod deployment;
pub mod markup;
pub mod promises;
pub mod records;
pub mod threats;
pub mod vendors;
