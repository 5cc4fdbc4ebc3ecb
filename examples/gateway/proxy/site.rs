//! What is the site held to?
//!
//! Its policy file if it has one, otherwise everything that the catalog
//! recognises, with the keys from the environment.

use std::fs;
use std::path::{Path, PathBuf};

use tower_consent::{ConsentLayer, Keyring, Policy, PolicyBuilder, catalog};

use super::Problems;
use super::options::Options;

/// Where the keys are.
pub(crate) const KEYS: &str = "CONSENT_KEYS";

/// The layer that the options ask for, or everything that stands in its way,
/// after the `problems` that are known already.
pub(crate) fn layer(options: &Options, mut problems: Problems) -> Result<ConsentLayer, Problems> {
    let builder = match &options.policy {
        Some(file) => declared(file),
        None => Ok(Policy::builder("1").vendors(catalog::defaults())),
    };
    let builder = if options.strict {
        builder.map(strict)
    } else {
        builder
    };
    let policy = builder.and_then(|builder| builder.build().map_err(|error| error.to_string()));
    let lists = lists(&options.lists);
    let keys = keys();
    match (policy, lists, keys) {
        (Ok(policy), Ok(()), Ok(keys)) => problems.none_or(
            ConsentLayer::new(policy, keys).with_insecure_cookies(options.insecure_cookies),
        ),
        (policy, lists, keys) => {
            for problem in [policy.err(), lists.err(), keys.err()]
                .into_iter()
                .flatten()
            {
                problems.add(problem);
            }
            Err(problems)
        }
    }
}

/// A policy file, in JSON if its name says so and in TOML otherwise.
fn declared(file: &Path) -> Result<PolicyBuilder, String> {
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| format!("--policy {name}: cannot read: {error}"))?;
    let is_json = file
        .extension()
        .is_some_and(|extension| extension == "json");
    let builder = if is_json {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        toml::from_str(&text).map_err(|error| error.to_string())
    };
    builder.map_err(|error| format!("--policy {name}: {error}"))
}

/// Everything that `--strict` means.
fn strict(builder: PolicyBuilder) -> PolicyBuilder {
    builder.strict()
}

/// Everything that `--list` means.
fn lists(files: &[PathBuf]) -> Result<(), String> {
    if files.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = files
        .iter()
        .map(|file| format!("--list {}", file.display()))
        .collect();
    Err(format!(
        "{}: this build reads no filter lists: add --features filter-lists",
        names.join(" ")
    ))
}

fn keys() -> Result<Keyring, String> {
    if std::env::var_os(KEYS).is_some() {
        return Keyring::from_env(KEYS).map_err(|error| error.to_string());
    }
    tracing::warn!(
        "{KEYS} is not set, so the keys are new ones: every choice is forgotten when the gateway ends"
    );
    Keyring::ephemeral().map_err(|error| error.to_string())
}
