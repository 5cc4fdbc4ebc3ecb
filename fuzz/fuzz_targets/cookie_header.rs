//! Run with `cargo +nightly fuzz run cookie_header`.

#![no_main]

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::cookie_header(data));
