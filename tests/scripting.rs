//! Proves that what scripts of the page may rely on is declared, and that the
//! declarations are served.

#![allow(clippy::unwrap_used, reason = "a broken expectation fails the test")]

mod common;

use std::path::Path;
use std::process::Command;

use common::App;

#[test]
fn the_declarations_are_served_and_name_what_the_script_gives() {
    let answer = App::shop().get("/_consent/types.d.ts");
    assert_eq!(answer.status, http::StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let script = std::fs::read_to_string("assets/banner/start.js").unwrap();
    for member in ["get", "allows", "open"] {
        assert!(answer.text().contains(&format!("  {member}(")), "{member}");
        assert!(script.contains(&format!("    {member}")), "{member}");
    }
    for field in ["decided", "granted", "refusedVendors", "grantedVendors"] {
        assert!(answer.text().contains(&format!("  {field}: ")), "{field}");
    }
}

/// Where TypeScript was fetched before, it reads the declarations and refuses wrong uses of them.
#[test]
fn typescript_accepts_right_uses_and_refuses_wrong_ones() {
    let compiler =
        Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("side_by_side/node_modules/.bin/tsc");
    if !compiler.exists() {
        eprintln!("left out: no TypeScript");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("types");
    std::fs::create_dir_all(&folder).unwrap();
    let compiles = |name: &str, source: &str| {
        let file = folder.join(name);
        std::fs::write(&file, source).unwrap();
        Command::new(&compiler)
            .args([
                "--noEmit",
                "--strict",
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
            ])
            .args([Path::new("assets/types.d.ts"), &file])
            .output()
            .unwrap()
    };
    let right = compiles(
        "right.ts",
        "document.addEventListener('consent:change', ({ detail }) => detail.granted.includes('analytics'));\n\
         const may: boolean | undefined = window.towerConsent?.allows('analytics:matomo');\n\
         window.towerConsent?.get().refusedVendors.join(); window.towerConsent?.open();\n",
    );
    assert!(
        right.status.success(),
        "{}",
        String::from_utf8_lossy(&right.stdout)
    );
    for wrong in [
        "window.towerConsent?.allows('advertising');",
        "window.towerConsent?.get().granted.push(1);",
        "window.towerConsent?.close();",
    ] {
        assert!(!compiles("wrong.ts", wrong).status.success(), "{wrong}");
    }
}
