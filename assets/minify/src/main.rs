//! Writes `assets/dist/`: what the layer serves, made from the sources in `assets/`.
//!
//! `cargo run --manifest-path assets/minify/Cargo.toml` writes the files,
//! with `-- --check` it fails where they differ. Each starts with a digest of
//! its sources; where that does not fit, the layer serves the sources.

mod script;
mod style;

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use sha2::{Digest, Sha256};

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    match run(check) {
        Ok(fit) if fit || !check => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Makes every file. Answers whether all were up to date.
fn run(check: bool) -> io::Result<bool> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| fs::read_to_string(assets.join(name));
    let banner = joined(&assets, "banner", "wakeFile")?;
    let wake = joined(&assets, "wake", "")?;
    let guard = joined(&assets, "guard", "declares, knows, calls")?;
    let files = [
        ("banner.js", banner.clone(), script::function(&banner)?),
        ("wake.js", wake.clone(), script::function(&wake)?),
        made(&read, "embed.js", script::statement)?,
        ("guard.js", guard.clone(), script::function(&guard)?),
        made(&read, "modes.js", script::function)?,
        made(&read, "embed.css", |source| Ok(style::minify(source)))?,
    ];
    let mut fit = true;
    for (name, source, text) in files {
        let file = assets.join("dist").join(name);
        let text = format!("/* {} */\n{}\n", digest(&source), text.trim());
        if fs::read_to_string(&file).is_ok_and(|there| there == text) {
            continue;
        }
        fit = false;
        if check {
            println!("{name} is out of date");
        } else {
            println!("{name}: {} bytes of {}", text.len(), source.len());
            fs::create_dir_all(assets.join("dist"))?;
            fs::write(&file, text)?;
        }
    }
    Ok(fit)
}

fn made<'a>(
    read: &dyn Fn(&str) -> io::Result<String>,
    name: &'a str,
    make: impl Fn(&str) -> io::Result<String>,
) -> io::Result<(&'a str, String, String)> {
    let source = read(name)?;
    let text = make(&source)?;
    Ok((name, source, text))
}

/// The sources of a folder as one function, in the order in which `src/asset.rs` names them.
fn joined(assets: &Path, folder: &str, parameters: &str) -> io::Result<String> {
    let mut text = format!("({parameters}) => {{\n'use strict';\n");
    let order = fs::read_to_string(assets.join("../src/asset.rs"))?;
    let start = format!("include_str!(\"../assets/{folder}/");
    for line in order.lines() {
        let name = line.trim().strip_prefix(&*start);
        if let Some(name) = name.and_then(|name| name.strip_suffix("\"),")) {
            text += &fs::read_to_string(assets.join(folder).join(name))?;
        }
    }
    Ok(text + "}\n")
}

fn digest(source: &str) -> String {
    Sha256::digest(source)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
