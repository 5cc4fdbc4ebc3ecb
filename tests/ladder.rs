//! Proves that the sources keep their shape: imports run downhill, files stay small, time is read in one place, nothing calls out.

#![allow(
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The rung of each top-level module: a file uses its own or lower ones.
const RUNGS: &[(&str, u8)] = &[
    ("category", 0),
    ("clock", 0),
    ("id", 0),
    ("jurisdiction", 0),
    ("asset", 1),
    ("policy", 1),
    ("mac", 1),
    ("keys", 2),
    ("cookie", 2),
    ("token", 2),
    ("signal", 3),
    ("standing", 3),
    ("rule", 3),
    ("consent", 3),
    ("decide", 3),
    ("choice", 3),
    ("record", 4),
    ("gate", 4),
    ("endpoint", 5),
    ("config", 6),
    ("hooks", 6),
    ("journal", 6),
    ("settle", 6),
    ("rights", 6),
    ("edition", 6),
    ("banner", 6),
    ("answer", 6),
    ("body", 6),
    ("exchange", 6),
    ("future", 6),
    ("service", 6),
    ("layer", 6),
    ("require", 6),
    ("axum", 7),
];

/// What the crate re-exports at its root, by the module that it comes from.
const REEXPORTS: &[&str] = &["manual", "catalog", "marker"];

const MAX_LINES: usize = 600;

/// Each source file with its text, without its tests and comments, by its path below `src`.
fn sources() -> BTreeMap<String, String> {
    fn visit(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix("src").unwrap().to_str().unwrap();
                found.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(Path::new("src"), &mut found);
    found
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The module path of a file: `gate/html/mod.rs` is `gate::html`.
fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// The paths that follow `crate::`, `super::` or the name of a module inside of
/// this one, braces spelled out, as absolute module paths.
fn uses(file: &str, code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let here = module(file);
    for inner in code.lines().filter_map(declared_module) {
        let path = format!("{inner}::");
        let used = code.match_indices(&path).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
        });
        if used {
            found.insert([&here[..], &[inner.to_owned()]].concat());
        }
    }
    for (start, base) in [
        ("crate::", Vec::new()),
        ("super::", here[..here.len() - 1].to_vec()),
    ] {
        for (at, _) in code.match_indices(start) {
            let mut base = base.clone();
            let mut rest = &code[at + start.len()..];
            while let Some(up) = rest.strip_prefix("super::") {
                base.pop();
                rest = up;
            }
            if code[..at].ends_with("super::") {
                continue;
            }
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                .unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches(':');
            let mut whole: Vec<String> = base;
            whole.extend(
                path.split("::")
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned),
            );
            if rest[end..].starts_with('{') && (end == 0 || rest[..end].ends_with("::")) {
                let inner = rest[end + 1..].split('}').next().unwrap();
                for part in inner.split(',') {
                    let first = part.trim().split([':', ' ']).next().unwrap();
                    let mut one = whole.clone();
                    if !first.is_empty() && first != "self" {
                        one.push(first.to_owned());
                    }
                    found.insert(one);
                }
            } else {
                found.insert(whole);
            }
        }
    }
    found
}

/// The name in `mod name;`, of whatever visibility.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (visibility, name) = line.split_once("mod ")?;
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && (visibility.is_empty() || visibility.starts_with("pub"))).then_some(name)
}

#[test]
fn every_way_to_write_an_import_is_seen() {
    let code = "mod inner;\npub(crate) mod other;\nmod unused;\nuse inner::{A, B};\n\
        use super::{c, d::{E}};\nuse super::super::f::G;\nuse crate::h;\n\
        fn x() { crate::i::j(); other::k(); not_inner::l(); z::inner::m() }";
    let seen: BTreeSet<String> = uses("a/b/mod.rs", code)
        .iter()
        .map(|path| path.join("::"))
        .collect();
    let expected = [
        "a::b::inner",
        "a::b::other",
        "a::c",
        "a::d",
        "f::G",
        "h",
        "i::j",
    ];
    assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn imports_run_downhill() {
    let rung = |name: &str| {
        RUNGS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, rung)| *rung)
    };
    for (file, text) in sources() {
        let top = module(&file)[0].clone();
        if top == "lib" || top == "manual" {
            continue;
        }
        let own = rung(&top).unwrap_or_else(|| panic!("{file} stands on no rung"));
        for path in uses(&file, &code(&text)) {
            let Some(target) = path.first() else { continue };
            if REEXPORTS.contains(&target.as_str()) || target.starts_with(char::is_uppercase) {
                continue;
            }
            let target = rung(target)
                .unwrap_or_else(|| panic!("{file} uses {path:?}, which stands on no rung"));
            assert!(
                target <= own,
                "{file} (rung {own}) uses {path:?} (rung {target})"
            );
        }
    }
}

#[test]
fn no_two_files_import_each_other_in_a_circle() {
    let sources = sources();
    // The file that a path leads to: the longest module path that is a file.
    let file_of = |path: &[String]| {
        (1..=path.len()).rev().find_map(|length| {
            let stem = path[..length].join("/");
            [format!("{stem}.rs"), format!("{stem}/mod.rs")]
                .into_iter()
                .find(|file| sources.contains_key(file))
        })
    };
    let graph: BTreeMap<&String, BTreeSet<String>> = sources
        .iter()
        // What a module's root re-exports is wiring and no import.
        .filter(|(file, _)| *file != "lib.rs" && *file != "policy/mod.rs")
        .map(|(file, text)| {
            let targets = uses(file, &code(text))
                .iter()
                .filter_map(|path| file_of(path))
                .filter(|target| target != file && target != "policy/mod.rs")
                .collect();
            (file, targets)
        })
        .collect();
    fn reach(
        graph: &BTreeMap<&String, BTreeSet<String>>,
        from: &String,
        seen: &mut BTreeSet<String>,
    ) {
        for next in graph.get(from).into_iter().flatten() {
            if seen.insert(next.clone()) {
                reach(graph, next, seen);
            }
        }
    }
    for file in graph.keys() {
        let mut seen = BTreeSet::new();
        reach(&graph, file, &mut seen);
        assert!(
            !seen.contains(*file),
            "{file} imports itself by way of others"
        );
    }
}

#[test]
fn files_stay_small() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(
            lines <= MAX_LINES,
            "{file} has {lines} lines: look for the second idea in it"
        );
    }
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    for (file, text) in sources() {
        let reads = ["SystemTime::now", "Instant::now", "now_utc"];
        let found = reads.iter().any(|read| code(&text).contains(read));
        assert!(!found || file == "clock.rs", "{file} reads the clock");
    }
}

/// What the crate depends on with these features, as cargo lists it.
fn dependencies(features: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none"])
        .args(["--offline", "--locked"])
        .args(features)
        .output()
        .unwrap()
}

/// Every feature apart from the one that speaks to a database server, which the site names.
fn quiet_features() -> String {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let section = manifest.split("[features]\n").nth(1).unwrap();
    let names: Vec<&str> = section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .filter(|name| *name != "postgres")
        .collect();
    assert!(names.len() > 4, "{names:?}");
    format!("--features={}", names.join(","))
}

// covers S03, S41
#[test]
fn nothing_in_the_crate_can_call_out() {
    let output = dependencies(&[&quiet_features()]);
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(
        tree.contains("lol_html ") && tree.contains("rusqlite "),
        "{tree}"
    );
    for client in [
        "hyper",
        "reqwest",
        "ureq",
        "curl",
        "isahc",
        "native-tls",
        "rustls",
        "openssl",
        "tokio",
        "mio",
        "socket2",
        "async-std",
        "smol",
        "attohttpc",
        "h2",
        "quinn",
    ] {
        assert!(
            !tree
                .lines()
                .any(|line| line.split(' ').next() == Some(client)),
            "{client} can open connections"
        );
    }
    for (file, text) in sources() {
        assert!(
            !code(&text).contains("std::net::Tcp") && !code(&text).contains("UdpSocket"),
            "{file}"
        );
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let section = manifest.split("[dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let lines: Vec<&str> = section.lines().filter(|line| line.contains('=')).collect();
    assert!(lines.len() > 10);
    for line in lines {
        assert!(
            line.split_once("# ").is_some_and(|(_, why)| why.len() > 10),
            "{line}"
        );
    }
}

/// The platform that this machine compiles for, whose dependencies are all there.
fn host_triple() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

/// The stated oldest Rust is at least what every dependency asks for.
#[test]
fn the_stated_rust_version_is_enough_for_every_dependency() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--all-features",
            "--filter-platform",
            &host_triple(),
        ])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let tree = dependencies(&["--all-features"]);
    let used: BTreeSet<String> = String::from_utf8(tree.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!(
                "{} {}",
                words.next()?,
                words.next()?.trim_start_matches('v')
            ))
        })
        .collect();
    let version =
        |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let mut checked = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = format!(
            "{} {}",
            package["name"].as_str().unwrap(),
            package["version"].as_str().unwrap()
        );
        if let (true, Some(wants)) = (used.contains(&name), package["rust_version"].as_str()) {
            checked += 1;
            assert!(
                version(wants)[..2] <= ours[..2],
                "{name} wants Rust {wants}"
            );
        }
    }
    assert!(checked > 20, "{checked}");
}
