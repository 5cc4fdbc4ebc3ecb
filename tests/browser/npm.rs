//! Brings what other people wrote and tests need, from npm, once, to a folder below `target/`.
//!
//! Where npm cannot be reached, the tests that need it pass and say what was
//! left out; `TOWER_CONSENT_REQUIRE_NPM=1` makes them fail instead.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The packages, each in one version, so that every run tests the same.
const PACKAGES: [&str; 8] = [
    "@hotwired/turbo@8.0.23",
    "axe-core@4.14.1",
    "bootstrap@5.3.9",
    "htmx.org@4.0.1",
    // What most sites run.
    "htmx2@npm:htmx.org@2.0.11",
    "tailwindcss@4.3.5",
    "typescript@7.0.2",
    "unpoly@3.14.3",
];

/// One file of a package; `None`, said aloud, where it cannot be had.
pub(crate) fn file(path: &str) -> Option<String> {
    Some(fs::read_to_string(folder()?.join(path)).expect(path))
}

/// Where the packages lie; `None`, said aloud, where they cannot be had.
pub(crate) fn folder() -> Option<PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(fetch).as_ref();
    if folder.is_none() {
        let required =
            std::env::var_os("TOWER_CONSENT_REQUIRE_NPM").is_some_and(|value| value == "1");
        assert!(!required, "npm fails, and TOWER_CONSENT_REQUIRE_NPM=1");
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default();
        let line = format!("skipped: npm fails, so {test} was left out\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    Some(folder?.join("node_modules"))
}

fn fetch() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("npm");
    let list = PACKAGES.join(" ");
    if fs::read_to_string(folder.join("fetched")).is_ok_and(|there| there == list) {
        return Some(folder);
    }
    fs::create_dir_all(&folder).ok()?;
    let done = Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--no-save", "--prefix"])
        .arg(&folder)
        .args(PACKAGES)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    done.then(|| fs::write(folder.join("fetched"), list))
        .and_then(Result::ok)?;
    Some(folder)
}
