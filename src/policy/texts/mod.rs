//! In which languages does a site speak, and with which words?

mod check;
mod countries;
pub(super) mod keys;
mod languages;
mod lookup;
mod plural;
mod purposes;
mod said;
mod spoken;
mod wording;

pub(super) use check::faults_of_purposes;
pub use keys::Texts;
pub(crate) use lookup::is_tag;
pub(crate) use said::Said;
pub(crate) use spoken::day_at;
pub(super) use wording::Wording;
pub(crate) use wording::{Languages, Locale};
