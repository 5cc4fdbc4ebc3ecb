//! What is the site held to?
//!
//! Its policy file if it has one, otherwise everything that the catalog
//! recognises, with the keys from the environment.

use std::fs;
use std::path::{Path, PathBuf};

use tower_consent::{
    ConsentLayer, FilterLists, GuardMode, Keyring, Policy, PolicyBuilder, catalog,
};

use super::Problems;
use super::options::Options;

/// Where the keys are.
pub(crate) const KEYS: &str = "CONSENT_KEYS";

/// The layer that the options ask for, or everything that stands in its way,
/// after the `problems` that are known already.
pub(crate) fn layer(options: &Options, mut problems: Problems) -> Result<ConsentLayer, Problems> {
    let builder = problems.keep(match &options.policy {
        Some(file) => declared(file),
        None => Ok(Policy::builder("1").vendors(catalog::defaults())),
    });
    let lists = problems.keep(lists(&options.lists));
    let keys = problems.keep(keys());
    let (Some(mut builder), Some(lists), Some(keys)) = (builder, lists, keys) else {
        return Err(problems);
    };
    if options.strict {
        builder = builder.strict_third_parties();
    }
    let policy = builder.build().map_err(|error| error.to_string());
    let Some(policy) = problems.keep(policy) else {
        return Err(problems);
    };
    let layer = ConsentLayer::new(policy, keys)
        .with_insecure_cookies(options.insecure_cookies)
        // Nobody prepared these pages, so their scripts may use any way there is.
        .with_guard(GuardMode::Full);
    problems.none_or(lists(layer))
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

/// What `--list` does to a layer. Which category a list stands for is told from
/// its title and the name of its file.
fn lists(files: &[PathBuf]) -> Result<impl FnOnce(ConsentLayer) -> ConsentLayer, String> {
    let mut builder = FilterLists::builder();
    let mut problems = Vec::new();
    for file in files {
        let name = file.display();
        match fs::read_to_string(file) {
            Ok(text) => builder = builder.named(name.to_string(), text),
            Err(error) => problems.push(format!("--list {name}: cannot read: {error}")),
        }
    }
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let lists = if files.is_empty() {
        None
    } else {
        Some(builder.build().map_err(|error| error.to_string())?)
    };
    Ok(move |layer: ConsentLayer| match lists {
        Some(lists) => layer.with_filter_lists(&lists),
        None => layer,
    })
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
