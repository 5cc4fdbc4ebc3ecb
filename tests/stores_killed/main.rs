//! Proves that no grant outlives its proof: the site's process is killed in the
//! middle of ten thousand choices, and the database's under load.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "what fails here fails the test"
)]

#[path = "../common/mod.rs"]
mod common;
mod process;
mod server;
mod shop;
