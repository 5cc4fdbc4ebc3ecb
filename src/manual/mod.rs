//! The manual: what the crate promises, where to put it, and what it cannot do.
//!
//! | chapter | read it |
//! | --- | --- |
//! | [`deployment`] | before the first release: layer order, keys, login cookies, a checklist |
//! | [`caching`] | when a CDN or a proxy stands in front |
//! | [`languages`] | when visitors read more than one language, or other words |
//! | [`look`] | when the banner is to look like the rest of the site |
//! | [`markup`] | when something is blocked that should not be, or the other way round |
//! | [`places`] | when visitors come from several countries, and for what browsers send: GPC, Do Not Track |
//! | [`records`] | when consent has to be proved |
//! | [`scripting`] | when the site's own scripts want to ask or to hear of a choice |
//! | [`stores`] | when you choose where records go, and on the day you have to restore them |
//! | [`vendors`] | when Google, Microsoft, Meta or TikTok must be told of consent, and for the privacy policy's text |
//! | [`threats`] | when you must decide whether to trust it |
//! | [`promises`] | when you want to know which test holds which promise |

pub mod caching;
pub mod deployment;
pub mod languages;
pub mod look;
pub mod markup;
pub mod places;
pub mod promises;
pub mod records;
pub mod scripting;
pub mod stores;
pub mod threats;
pub mod vendors;
