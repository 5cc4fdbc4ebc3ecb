//! Proves by random search that nothing but a verified, explicit grant ever
//! grants, and that nothing beside what is denied is ever touched.
//!
//! Each property is checked against a model of a few lines that shares no code
//! with the crate but the base64 and hash primitives.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod cookies;
mod forms;
mod model;
mod policies;
mod requests;
mod site;
mod visits;

#[path = "../common/mod.rs"]
mod common;

use proptest::test_runner::Config;

fn config() -> Config {
    Config {
        cases: 400,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    }
}
