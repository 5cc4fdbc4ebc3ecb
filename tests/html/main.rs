//! Proves that a page loses exactly what is denied and keeps every other byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod addresses;
mod banner;
mod elements;
mod guard;
mod known_pages;
mod left_alone;
mod malformed;
mod noscript;
mod scripts;
mod whose_word;

#[path = "../html_common/mod.rs"]
mod html_common;

use html_common::{Site, canonical};

/// Compares what browsers make of two texts: order and quoting of attributes do not count.
#[track_caller]
fn assert_same(found: impl AsRef<str>, expected: impl AsRef<str>) {
    assert_eq!(canonical(found.as_ref()), canonical(expected.as_ref()));
}

/// One element as a visitor receives it who refused everything.
fn refused(html: &str) -> String {
    let site = Site::new();
    site.gated(&site.refused(), html)
}
