//! In which languages does a site speak, and with which words?

pub(super) mod keys;
mod languages;
mod lookup;
mod wording;

pub use keys::Texts;
pub(crate) use lookup::is_tag;
pub(super) use wording::Wording;
pub(crate) use wording::{Languages, Locale};
