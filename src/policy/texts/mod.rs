//! In which languages does a site speak, and with which words?

mod check;
mod countries;
pub(super) mod keys;
mod languages;
mod lookup;
mod plural;
mod spoken;
mod wording;

pub use keys::Texts;
pub(crate) use lookup::is_tag;
pub(crate) use spoken::day_at;
pub(super) use wording::Wording;
pub(crate) use wording::{Languages, Locale};
