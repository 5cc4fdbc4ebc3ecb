//! Proves that what scripts of the page may rely on is declared, that the
//! declarations are served, and that the layer's own scripts are typed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation fails the test"
)]

mod common;

#[allow(dead_code, reason = "browser tests use the rest")]
#[path = "browser/npm.rs"]
mod npm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::App;

#[test]
fn the_declarations_are_served_and_name_what_the_script_gives() {
    let answer = App::shop().get("/_consent/types.d.ts");
    assert_eq!(answer.status, http::StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let script = fs::read_to_string("assets/banner/start.js").unwrap();
    for member in ["get", "allows", "open"] {
        assert!(answer.text().contains(&format!("  {member}(")), "{member}");
        assert!(script.contains(&format!("    {member}")), "{member}");
    }
    for field in ["decided", "granted", "refusedVendors", "grantedVendors"] {
        assert!(answer.text().contains(&format!("  {field}: ")), "{field}");
    }
}

/// TypeScript's compiler and a folder for one test; `None`, said aloud, where npm has neither.
fn typescript(name: &str) -> Option<(PathBuf, PathBuf)> {
    let compiler = npm::folder()?.join(".bin/tsc");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("types")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    let declarations = App::shop().get("/_consent/types.d.ts").text().to_owned();
    fs::write(folder.join("types.d.ts"), declarations).unwrap();
    Some((compiler, folder))
}

/// What the compiler objects to in files of a folder; nothing means that they compile.
fn objections(compiler: &Path, folder: &Path, files: &[&str]) -> String {
    let output = Command::new(compiler)
        .current_dir(folder)
        .args(["--noEmit", "--strict", "--allowJs", "--checkJs"])
        .args(["--target", "es2022", "--lib", "es2023,dom,dom.iterable"])
        .args(["--types", "", "types.d.ts"])
        .args(files)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), text.is_empty(), "{text}");
    text
}

#[test]
fn typescript_accepts_right_uses_and_refuses_wrong_ones() {
    let Some((compiler, folder)) = typescript("pages") else {
        return;
    };
    let compile = |source: &str| {
        fs::write(folder.join("page.ts"), source).unwrap();
        objections(&compiler, &folder, &["page.ts"])
    };
    let right = "document.addEventListener('consent:change', ({ detail }) => detail.granted.includes('analytics'));\n\
         document.addEventListener('consent:open', ({ detail }) => { if (detail.decided) console.log('again'); });\n\
         const may: boolean | undefined = window.towerConsent?.allows('analytics:matomo');\n\
         const state: TowerConsentState | undefined = window.towerConsent?.get();\n\
         state?.refusedVendors.join(); window.towerConsent?.open();\n";
    assert_eq!(compile(right), "");
    for (wrong, objection) in [
        ("window.towerConsent?.allows('advertising');", "TS2345"),
        ("window.towerConsent?.get().granted.push(1);", "TS2345"),
        ("window.towerConsent?.close();", "TS2339"),
        // The script is deferred: it may not have run.
        ("window.towerConsent.open();", "TS18048"),
        ("window.towerConsent = undefined;", "TS2540"),
        (
            "document.addEventListener('consent:change', ({ detail }) => detail.rejected);",
            "TS2339",
        ),
    ] {
        let text = compile(wrong);
        assert!(text.contains(objection), "{wrong}: {text}");
    }
}

/// The sources of a folder, in the order in which `src/asset.rs` joins them.
fn joined(folder: &str) -> String {
    let start = format!("include_str!(\"../assets/{folder}/");
    let order = fs::read_to_string("src/asset.rs").unwrap();
    let names = order.lines().filter_map(|line| {
        line.trim()
            .strip_prefix(&*start)?
            .strip_suffix("\"),")
            .map(str::to_owned)
    });
    names
        .map(|name| fs::read_to_string(format!("assets/{folder}/{name}")).unwrap())
        .collect()
}

/// Every script of the layer as one file, with what it is called with.
fn scripts() -> [(&'static str, String); 5] {
    let function = |kind: &str, name: &str, source: &str| {
        format!("/** @type {{{kind}}} */\nvar {name} =\n{source};\n")
    };
    let read = |name: &str| fs::read_to_string(format!("assets/{name}")).unwrap();
    let closed =
        |parameters: &str, source: &str| format!("({parameters}) => {{\n'use strict';\n{source}}}");
    let banner = closed("wakeFile", &joined("banner"));
    let wake = closed("", &joined("wake"));
    let guard = closed("declares, knows, calls", &joined("guard"));
    [
        (
            "banner.js",
            function("(wakeFile: string) => void", "banner", &banner),
        ),
        ("wake.js", function("() => void", "wake", &wake)),
        (
            "guard.js",
            function(
                "(declares: TcRow[], knows: string, calls: string) => void",
                "guard",
                &guard,
            ),
        ),
        (
            "modes.js",
            function(
                "(table: TcTold[]) => void",
                "modes",
                read("modes.js").trim(),
            ),
        ),
        ("embed.js", read("embed.js")),
    ]
}

/// Strictly, and with no type left open that TypeScript would then not check.
#[test]
fn the_layers_own_scripts_pass_a_strict_check_of_their_types() {
    let Some((compiler, folder)) = typescript("scripts") else {
        return;
    };
    let shared = fs::read_to_string("assets/scripts.d.ts").unwrap();
    fs::write(folder.join("scripts.d.ts"), &shared).unwrap();
    let scripts = scripts();
    for (name, source) in &scripts {
        assert!(source.len() > 1000, "{name} is found");
        for word in ["@ts-", "{any", "<any", "any>", "any[]", ": any"] {
            assert!(!source.contains(word), "{name} has `{word}`");
            assert!(!shared.contains(word), "scripts.d.ts has `{word}`");
        }
        // The server drops comments line by line, and would drop what stands behind one.
        for line in source.lines().map(str::trim) {
            let behind = line
                .strip_prefix("/*")
                .and_then(|rest| rest.split_once("*/"));
            assert!(behind.is_none_or(|(_, code)| code.is_empty()), "{line}");
        }
        fs::write(folder.join(name), source).unwrap();
    }
    let names = scripts.each_ref().map(|(name, _)| *name);
    let files = [&["scripts.d.ts"], &names[..]].concat();
    let text = objections(&compiler, &folder, &files);
    assert_eq!(text, "", "in {}", folder.display());

    // What does not fit is seen, and where.
    let (before, after) = scripts[0].1.split_once("allows(what) {\n").unwrap();
    let broken = format!("{before}allows(what) {{\n  what.granted();\n{after}");
    fs::write(folder.join("banner.js"), broken).unwrap();
    let text = objections(&compiler, &folder, &files);
    assert!(
        text.starts_with("banner.js(") && text.contains("'granted'"),
        "{text}"
    );
    assert_eq!(text.matches("error TS").count(), 1, "{text}");
}
