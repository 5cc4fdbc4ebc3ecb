//! Proves what visitors have to load, in bytes as Brotli sends them at its best.
//!
//! `cargo test --test sizes -- --nocapture` prints the table.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a broken expectation fails the test, and the table is for people"
)]

mod common;

use common::App;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use tower_consent::{Policy, catalog};

/// What the banner may weigh until it takes a click.
const CRITICAL: usize = 2560;
/// The same with preferences, script and styles.
const WHOLE: usize = 8192;

/// The same with what the first grant loads besides.
const LATER: usize = 10_752;

/// A page of some length in plain words, as a site without this layer sends it.
fn page() -> String {
    let text = "Our winter coats are made of wool from the hills and linen from the coast, \
        cut in small numbers, and mended for as long as you wear them. ";
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Coats</title></head>\
         <body><header><h1>Coats</h1></header><main>{}</main>\
         <script src=\"/app.js\" defer></script></body></html>",
        (1..30).fold(String::new(), |mut page, number| {
            let _ = write!(
                page,
                "<h2>Coat {number}</h2><p>{text}It costs {} euros.</p>",
                number * 17
            );
            page
        })
    )
}

/// Twelve vendors in three categories.
fn policy() -> Policy {
    [
        catalog::google_analytics(),
        catalog::hotjar(),
        catalog::clarity(),
        catalog::matomo("stats.shop.example"),
        catalog::mixpanel(),
        catalog::meta_pixel(),
        catalog::tiktok_pixel(),
        catalog::linkedin_insight(),
        catalog::pinterest_tag(),
        catalog::youtube(),
        catalog::vimeo(),
        catalog::intercom(),
    ]
    .into_iter()
    .fold(Policy::builder("1"), tower_consent::PolicyBuilder::vendor)
    .necessary("session", "Keeps you signed in")
    .privacy_url("/privacy")
    .build()
    .unwrap()
}

fn brotli(text: &[u8]) -> usize {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..brotli::enc::BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &*text, &mut packed, &parameters).unwrap();
    packed.len()
}

/// The addresses of the layer's files in a page.
fn files(page: &str) -> Vec<&str> {
    let mut found: Vec<&str> = page
        .split("\"/_consent/assets/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What the file weighs that the banner's script loads with the first grant.
fn waking(app: &App, page: &str) -> usize {
    let names = files(page);
    let banner = names.iter().find(|name| name.starts_with("banner-"));
    let banner = app.get(&format!("/_consent/assets/{}", banner.unwrap()));
    let (_, rest) = banner.text().split_once("'wake-").unwrap();
    let name = rest.split(' ').next().unwrap();
    let file = app.get(&format!("/_consent/assets/wake-{name}"));
    assert!(file.status.is_success());
    brotli(&file.body)
}

// covers T34
#[test]
fn the_banner_and_the_preferences_stay_within_their_budgets() {
    let bare = page();
    let served = bare.clone();
    let app = App::new(policy()).answering(move |_| common::page(&served));
    let shown = app.get("/").text().to_owned();
    let critical = brotli(shown.as_bytes()) - brotli(bare.as_bytes());
    let preferences = app.get("/_consent").text().to_owned();
    let mut rows = vec![
        (
            "banner in the page".to_owned(),
            shown.len() - bare.len(),
            critical,
        ),
        (
            "preferences as a page".to_owned(),
            preferences.len(),
            brotli(preferences.as_bytes()),
        ),
    ];
    let mut names = [files(&shown), files(&preferences)].concat();
    names.sort_unstable();
    names.dedup();
    // With a script the preferences open in the page, which has the rules that they share with
    // the banner. Without one their page brings those rules, and no script runs.
    let dialog = app.get("/_consent?dialog=shared").text().to_owned();
    rows.push((
        "preferences in a dialog".to_owned(),
        dialog.len(),
        brotli(dialog.as_bytes()),
    ));
    let mut whole = critical + brotli(dialog.as_bytes());
    let mut unscripted = critical + brotli(preferences.as_bytes());
    for name in names {
        let file = app.get(&format!("/_consent/assets/{name}"));
        let packed = brotli(&file.body);
        match name.split('-').next().unwrap() {
            // It holds trackers back, and comes whatever the banner is.
            "guard" => {}
            "banner" => whole += packed,
            "controls" => unscripted += packed,
            "preferences" => {
                whole += packed;
                unscripted += packed;
            }
            _ => panic!("{name}"),
        }
        rows.push((name.to_owned(), file.body.len(), packed));
    }
    println!("{:<34} {:>8} {:>8}", "bytes", "plain", "brotli");
    for (name, plain, packed) in &rows {
        println!("{name:<34} {plain:>8} {packed:>8}");
    }
    println!("until it takes a click: {critical} of {CRITICAL}");
    println!("with preferences, script and styles: {whole} of {WHOLE}");
    println!("the same without a script: {unscripted} of {WHOLE}");
    let later = whole + waking(&app, &shown);
    println!(
        "with what wakes and silences trackers, once something is granted: {later} of {LATER}"
    );
    assert!(critical <= CRITICAL, "{critical}");
    assert!(
        whole <= WHOLE && unscripted <= WHOLE,
        "{whole} {unscripted}"
    );
    assert!(later <= LATER, "{later}");
}

#[test]
fn what_is_served_minified_was_made_of_the_sources_as_they_are() {
    let read = |name: &str| fs::read_to_string(format!("assets/{name}")).unwrap();
    let order = fs::read_to_string("src/asset.rs").unwrap();
    let joined = |folder: &str, parameters: &str| {
        let start = format!("include_str!(\"../assets/{folder}/");
        let sources: String = order
            .lines()
            .filter_map(|line| line.trim().strip_prefix(&*start))
            .map(|name| read(&format!("{folder}/{}", name.trim_end_matches("\"),"))))
            .collect();
        format!("({parameters}) => {{\n'use strict';\n{sources}}}\n")
    };
    let sources = [
        ("banner.js", joined("banner", "wakeFile")),
        ("wake.js", joined("wake", "")),
        ("embed.css", read("embed.css")),
        ("embed.js", read("embed.js")),
        ("guard.js", joined("guard", "declares, knows, calls")),
    ];
    for (name, source) in sources {
        let digest = Sha256::digest(source)
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
        assert!(
            read(&format!("dist/{name}")).starts_with(&format!("/* {digest} */\n")),
            "{name}: cargo run --manifest-path assets/minify/Cargo.toml"
        );
    }
}
