//! Run with `cargo +nightly fuzz run token`.

#![no_main]

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::token(data));
