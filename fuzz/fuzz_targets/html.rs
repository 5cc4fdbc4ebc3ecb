//! Run with `cargo +nightly fuzz run html`.

#![no_main]

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::html(data));
