//! Proves over the kept corpus what the fuzzers look for in made-up inputs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "what cannot be read, or does not hold, fails the test"
)]

use std::fs;

#[path = "../fuzz/targets.rs"]
mod targets;

fn replay(folder: &str, target: fn(&[u8])) {
    let mut count = 0;
    for entry in fs::read_dir(format!("fuzz/corpus/{folder}")).unwrap() {
        let input = fs::read(entry.unwrap().path()).unwrap();
        target(&input);
        // Cut anywhere, it is an input too.
        for end in (0..input.len()).step_by(1 + input.len() / 64) {
            target(&input[..end]);
        }
        count += 1;
    }
    assert!(count >= 4, "{folder} keeps {count} inputs");
}

#[test]
fn cookie_headers() {
    replay("cookie_header", targets::cookie_header);
}

#[test]
fn tokens() {
    replay("token", targets::token);
}

#[test]
fn choice_bodies() {
    replay("choice_body", targets::choice_body);
}

#[test]
fn pages() {
    replay("html", targets::html);
}
