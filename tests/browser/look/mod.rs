//! Proves what the banner and the preferences look like, and whom they leave out: nobody.

mod accessible;
mod duties;
mod hostile;
mod keyboard;
mod measured;
mod media;
mod narrow;
mod pictures;
mod plain;
mod template;

use serde_json::json;
use tower_consent::{Category, ConsentLayer, PolicyBuilder, SiteCookie, catalog};

use crate::driver::{Browser, until};
use crate::site::{self, Site};

/// A page as people write it; `RULES` stands for the stylesheet of a framework.
const PAGE: &str = "<!doctype html><html lang='LANG' dir='DIR'><head><meta charset='utf-8'>\
    <meta name='viewport' content='width=device-width, initial-scale=1'><title>Coats</title>\
    <style>header a, footer a, main p a { display: inline-block; padding: 12px }</style><style>RULES</style></head><body><header><a href='#main'>Skip to the text</a>\
    <nav aria-label='Pages'><a href='/shop'>Shop</a> <a href='/about'>About</a></nav></header>\
    <main id='main'><h1>Coats</h1><p>Made of wool.</p>TEXT<form><label>Size <input name='size'></label> \
    <button type='button'>Try</button></form></main><footer><a href='/imprint'>Imprint</a></footer></body></html>";

fn page(language: &str, rules: &str, length: usize) -> &'static str {
    let text = (0..length).fold(String::new(), |text, number| {
        format!("{text}<p>Coat {number} <a href='/coat/{number}'>in detail</a></p>")
    });
    let direction = match language {
        "ar" | "he" => "rtl",
        _ => "ltr",
    };
    let page = PAGE
        .replace("LANG", language)
        .replace("DIR", direction)
        .replace("RULES", rules)
        .replace("TEXT", &text);
    Box::leak(page.into_boxed_str())
}

/// A policy with something in every category.
fn policy() -> PolicyBuilder {
    site::policy()
        .vendor(catalog::google_analytics())
        .vendor(catalog::youtube())
        .privacy_url("/privacy")
        .necessary("session", "Keeps you signed in")
        .cookie(SiteCookie::new(
            "theme",
            Category::Functional,
            "Remembers the theme",
        ))
}

fn layer() -> ConsentLayer {
    site::layer(policy())
}

/// What the browser pretends to be.
#[derive(Clone, Copy, Debug)]
struct Screen {
    width: u32,
    height: u32,
    /// Device pixels for each of the page's: zooming in shows as more of them, on fewer of the page's.
    zoom: u32,
    dark: bool,
}

const DESKTOP: Screen = Screen {
    width: 1280,
    height: 900,
    zoom: 1,
    dark: false,
};

async fn pretend(browser: &Browser, screen: Screen) {
    let metrics = json!({
        "width": screen.width, "height": screen.height,
        "deviceScaleFactor": screen.zoom, "mobile": false,
    });
    browser
        .devtools("Emulation.setDeviceMetricsOverride", metrics)
        .await;
    // As on a phone, they take no room, which would make pages differ.
    let bars = json!({ "hidden": true });
    browser
        .devtools("Emulation.setScrollbarsHidden", bars)
        .await;
    let scheme = if screen.dark { "dark" } else { "light" };
    // Without transitions, what is measured is what stays.
    let media = json!({ "features": [
        { "name": "prefers-color-scheme", "value": scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ] });
    browser.devtools("Emulation.setEmulatedMedia", media).await;
}

async fn press(browser: &Browser, key: &str, code: u32, shift: bool) {
    for kind in ["rawKeyDown", "keyUp"] {
        let event = json!({
            "type": kind, "key": key, "code": key,
            "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
            "modifiers": if shift { 8 } else { 0 },
        });
        browser.devtools("Input.dispatchKeyEvent", event).await;
    }
}

async fn tab(browser: &Browser) {
    press(browser, "Tab", 9, false).await;
}

async fn open_dialog(site: &Site) {
    site.browser.click(".tc-choose").await;
    until("the dialog is there", async || {
        site.browser.shows(".tc-dialog[open]").await
    })
    .await;
    // Where it hovers over nothing.
    let away = json!({ "type": "mouseMoved", "x": 1, "y": 1 });
    site.browser
        .devtools("Input.dispatchMouseEvent", away)
        .await;
    // Everything that can be seen.
    let script =
        "for (const more of document.querySelectorAll('.tc-dialog details')) more.open = true";
    site.browser.run(script).await;
}
