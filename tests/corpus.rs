//! Proves that nothing which fuzzing ever found comes back: the kept corpus runs through the fuzz targets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::Path;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "{}", folder.display());
    for file in files {
        let data = std::fs::read(&file).unwrap();
        // Cut anywhere, it is an input too.
        let ends = (0..data.len()).step_by(1 + data.len() / 64);
        for end in ends.chain([data.len()]) {
            let data = data.get(..end).unwrap_or_default();
            assert!(
                std::panic::catch_unwind(|| target(data)).is_ok(),
                "{} up to {end}",
                file.display()
            );
        }
    }
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
fn posted_choices() {
    replay("choice_body", targets::choice_body);
}

#[test]
fn pages() {
    replay("html", targets::html);
}
