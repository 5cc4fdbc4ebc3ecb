//! What happens to everything that is not granted?
//!
//! Plain functions over header maps and bytes, one module for each surface:
//! request cookies are stripped, `Set-Cookie` lines suppressed, stored cookies
//! expired, headers filtered, elements blocked. None of them knows tower.

pub(crate) mod address;
pub(crate) mod beyond;
pub(crate) mod cache;
pub(crate) mod coding;
#[cfg(feature = "strict-third-parties")]
pub(crate) mod confine;
pub(crate) mod csp;
pub(crate) mod css;
#[cfg(feature = "decompress")]
pub(crate) mod decode;
pub(crate) mod edge;
pub(crate) mod expire;
pub(crate) mod head;
pub(crate) mod header;
pub(crate) mod html;
pub(crate) mod media;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod statistics;
pub(crate) mod validator;
pub(crate) mod warn;
