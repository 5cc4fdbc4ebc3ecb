//! Which languages are built in?
//!
//! One file a language, named by its tag.

mod de;

use super::keys::{ENGLISH, Texts};

/// Every built-in language; English, the default, comes first.
static ALL: &[&Texts] = &[&ENGLISH, &de::TEXTS];

pub(crate) fn all() -> impl Iterator<Item = &'static Texts> {
    ALL.iter().copied()
}
