//! The operator's command does what its help says, and its exit code says how that went.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tower_consent::record::ConsentLog;

use crate::place::{Meddling, Place, Sqlite};
use crate::rows::{Click, keys, receipt};

/// The keys of the tests in base64.
const KEYS: &str = "Zmlyc3Qga2V5OiAzMiBieXRlcywgbmV2ZXIgcmVhbCE=";

/// The command, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--offline"])
            .args(["--all-features", "--example", "records"])
            .status();
        assert!(built.unwrap().success());
        // Beside the folder that this test stands in.
        let tests = env::current_exe().unwrap();
        let target = tests.ancestors().nth(2).unwrap();
        target.join("examples").join("records")
    })
}

fn records(words: &[&str]) -> Output {
    Command::new(program())
        .args(words)
        .env("CONSENT_KEYS", KEYS)
        .output()
        .unwrap()
}

#[track_caller]
fn says(words: &[&str], code: i32) -> String {
    let output = records(words);
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}{errors}");
    said + &errors
}

// covers S09, S11, S14, S51
#[tokio::test]
async fn the_command_lists_exports_verifies_purges_erases_and_holds() {
    let place = Sqlite::fresh();
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..4 {
        log.append(Click::by(visitor).batch()).await.unwrap();
    }
    let file = format!("sqlite:{}", place.path().display());
    let file = file.as_str();
    let [held, erased, other] = [0, 1, 2].map(|visitor| receipt(visitor).to_hex());

    assert!(says(&["--help"], 0).contains("Exit codes"));
    let list = says(&["list", file], 0);
    assert_eq!(list.lines().count(), 4);
    assert!(
        list.contains(&held) && list.contains("2026-09-21T14:13:20Z  "),
        "{list}"
    );
    let export = says(&["export", file, &other], 0);
    let event: serde_json::Value = serde_json::from_str(&export).unwrap();
    assert_eq!(event["event"]["receipt"], other);
    assert!(says(&["verify", file], 0).contains("4 rows and 3 texts"));

    says(&["hold", file, &held, "complaint 7"], 0);
    assert!(says(&["erase", file, &held], 3).contains("complaint 7"));
    assert!(says(&["erase", file, &erased], 0).contains("1 rows are gone; backups"));
    assert_eq!(says(&["export", file, &erased], 0), "");

    place.meddle(Meddling::Text(3)).await;
    assert!(says(&["verify", file], 3).contains("row 3 ("));
    // A thousand years are longer than anything is kept.
    assert!(says(&["purge", file, "--days", "365000"], 0).starts_with("0 rows"));
    says(&["release", file, &held], 0);

    for wrong in [
        &["list"][..],
        &["lists", file],
        &["purge", file],
        &["purge", file, "--days", "0"],
        &["erase", file, "not hexadecimal"],
        &["list", "oracle:consent"],
        &[],
    ] {
        assert!(says(wrong, 2).contains("--help"), "{wrong:?}");
    }
    says(&["list", "sqlite:/nowhere/consent.db"], 1);
    says(&["list", "postgres://consent@127.0.0.1:1/none"], 1);
}

#[tokio::test]
async fn the_command_purges_what_is_due_and_says_what_it_keeps() {
    let place = Sqlite::fresh();
    let log = place.open(&keys()).await.unwrap();
    for visitor in 0..3 {
        // Days after 1970.
        log.append(Click::at(visitor, 86_400).batch())
            .await
            .unwrap();
    }
    let file = format!("sqlite:{}", place.path().display());
    let held = receipt(2).to_hex();
    says(&["hold", &file, &held, "complaint 7"], 0);
    let said = says(&["purge", &file, "--days", "90"], 0);
    assert!(said.starts_with("2 rows and 0 texts are gone\n"), "{said}");
    assert!(
        said.contains(&format!("kept 1 of {held}: complaint 7")),
        "{said}"
    );
    assert!(says(&["verify", &file], 0).contains("1 rows"));
}
