//! Proves the promises in a real browser: Chromium in front of the storefront
//! example, with a sink in place of every tracker of the outside world.
//!
//! Needs `chromium` and `chromedriver`, and for [`firefox`] Firefox. Where they are missing the tests pass
//! and say what was left out; `TOWER_CONSENT_REQUIRE_BROWSER=1` makes them fail
//! instead. Nothing but loopback addresses is contacted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation fails the test"
)]

mod activation;
mod before;
mod bodies;
mod choice;
mod csp;
mod driver;
mod embeds;
mod firefox;
mod guard;
mod hydration;
mod languages;
mod leaks;
mod leptos;
mod lock;
mod look;
mod modes;
mod npm;
mod pages;
mod places;
mod reach;
mod react;
#[cfg(all(feature = "filter-lists", feature = "strict-third-parties"))]
mod real_pages;
mod screenshots;
mod sink;
mod site;
mod stage;
#[cfg(feature = "strict-third-parties")]
mod strict;
mod swaps;
mod uniform;
mod withdrawal;

#[allow(
    dead_code,
    reason = "the command alone keeps records, and closes the shop"
)]
#[path = "../../examples/storefront/shop/mod.rs"]
mod shop;

#[cfg(all(feature = "filter-lists", feature = "strict-third-parties"))]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the command uses what the tests leave out"
)]
#[path = "../../examples/gateway/proxy/mod.rs"]
mod proxy;
