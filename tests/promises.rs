//! Proves that the chapter on promises and the tests' own citations say the same.

#![allow(
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Table = BTreeMap<String, BTreeSet<String>>;

/// What each file cites, by id.
fn cited() -> Table {
    fn visit(folder: &Path, found: &mut Table) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.to_str().unwrap().to_owned();
                // Spelled apart, so that this file cites nothing.
                let mark = ["// cov", "ers "].concat();
                for line in fs::read_to_string(&path).unwrap().lines() {
                    let Some(list) = line.trim_start().strip_prefix(&mark) else {
                        continue;
                    };
                    for word in list.split([',', ' ']).filter(|word| !word.is_empty()) {
                        if !["behaviour", "behaviours"].contains(&word) {
                            assert!(is_id(word), "{name} cites `{word}`");
                            found
                                .entry(word.to_owned())
                                .or_default()
                                .insert(name.clone());
                        }
                    }
                }
            }
        }
    }
    let mut found = Table::new();
    for folder in ["src", "tests", "examples"] {
        visit(Path::new(folder), &mut found);
    }
    found
}

fn is_id(word: &str) -> bool {
    let digits = word.strip_prefix(['S', 'L', 'T']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the chapter says, by id; checks that each row has words of its own.
fn chapter() -> Table {
    let text = fs::read_to_string("src/manual/promises.md").unwrap();
    let mut found = Table::new();
    let mut words = BTreeSet::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, id, promise, files, _] = cells[..]
            && is_id(id)
        {
            assert!(promise.len() > 20, "{id} says too little");
            assert!(
                words.insert(promise.to_owned()),
                "{id} says what another row says"
            );
            let files = files
                .split(", ")
                .map(|file| file.trim_matches('`').to_owned());
            assert!(
                found.insert(id.to_owned(), files.collect()).is_none(),
                "{id} is there twice"
            );
        }
    }
    found
}

#[test]
fn the_chapter_and_the_tests_name_the_same_promises() {
    let (chapter, cited) = (chapter(), cited());
    let ids = |table: &Table| table.keys().cloned().collect::<BTreeSet<_>>();
    let (told, held) = (ids(&chapter), ids(&cited));
    assert!(held.len() > 100);
    let untold: Vec<_> = held.difference(&told).collect();
    assert!(
        untold.is_empty(),
        "cited and not in src/manual/promises.md: {untold:?}"
    );
    let unheld: Vec<_> = told.difference(&held).collect();
    assert!(
        unheld.is_empty(),
        "in src/manual/promises.md and cited nowhere: {unheld:?}"
    );
    for (id, files) in &cited {
        assert_eq!(&chapter[id], files, "the files that hold {id}");
    }
}

#[test]
fn an_id_is_told_from_other_words() {
    for id in ["S01", "L47", "T30", "7", "105"] {
        assert!(is_id(id), "{id}");
    }
    for word in ["behaviour", "behaviours", "", "S", "X01", "12a"] {
        assert!(!is_id(word), "{word}");
    }
}
