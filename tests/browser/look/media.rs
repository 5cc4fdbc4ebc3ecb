//! Proves that the system's own colours and paper lose nothing that a visitor has to see.

use serde_json::json;
use tower_consent::ColorScheme;

use super::measured::wrong;
use super::{DESKTOP, layer, open_dialog, page, pretend};
use crate::driver::Browser;
use crate::site::{Page, Site};

const LINES: &str = "return [...document.querySelectorAll('ROOT .tc-actions > :is(button, a)')].map((control) => {
    const { borderTopStyle, borderTopWidth, visibility } = getComputedStyle(control);
    return [control.checkVisibility(), visibility, borderTopStyle, parseFloat(borderTopWidth) >= 1].join(' ');
  })";

/// The box of the first category, as the eye has it.
async fn picture(browser: &Browser) -> String {
    let place = "const box = document.querySelector('.tc-sheet [name=analytics]');
        box.scrollIntoView({ block: 'center' });
        const { x, y, width, height } = box.getBoundingClientRect();
        return JSON.stringify({ x: x + scrollX - 4, y: y + scrollY - 4, width: width + 8, height: height + 8, scale: 1 })";
    let place = browser.run(place).await;
    let clip: serde_json::Value = serde_json::from_str(place.as_str().unwrap()).unwrap();
    let picture = json!({ "clip": clip });
    let answer = browser.devtools("Page.captureScreenshot", picture).await;
    answer["data"].as_str().unwrap().to_owned()
}

async fn emulate(browser: &Browser, media: &str, dark: bool, forced: bool) {
    let scheme = if dark { "dark" } else { "light" };
    let forced = if forced { "active" } else { "none" };
    let media = json!({ "media": media, "features": [
        { "name": "prefers-color-scheme", "value": scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
        { "name": "forced-colors", "value": forced },
    ] });
    browser.devtools("Emulation.setEmulatedMedia", media).await;
}

// covers T39
#[tokio::test]
async fn in_the_systems_own_colours_buttons_have_edges_and_switches_show_how_they_stand() {
    let pages: Vec<Page> = vec![("/en", "", page("en", "", 3))];
    let Some(site) = Site::open(layer(), pages.leak()).await else {
        return;
    };
    let browser = &site.browser;
    pretend(browser, DESKTOP).await;
    for dark in [false, true] {
        emulate(browser, "", dark, true).await;
        site.goto("/en").await;
        let forced = "return matchMedia('(forced-colors: active)').matches";
        assert_eq!(browser.run(forced).await, true);
        let edge = ["true visible solid true"; 3];
        let lines = browser.texts(&LINES.replace("ROOT", ".tc-banner")).await;
        assert_eq!(lines, edge, "banner, dark: {dark}");
        assert_eq!(wrong(&site, ".tc-banner").await, [""; 0], "dark: {dark}");
        open_dialog(&site).await;
        let lines = browser.texts(&LINES.replace("ROOT", ".tc-dialog")).await;
        assert_eq!(lines, edge, "dialog, dark: {dark}");
        assert_eq!(wrong(&site, ".tc-dialog").await, [""; 0], "dark: {dark}");

        site.goto("/_consent?next=%2Fen").await;
        let off = picture(browser).await;
        browser.click(".tc-sheet [name=analytics]").await;
        let away = json!({ "type": "mouseMoved", "x": 1, "y": 1 });
        browser.devtools("Input.dispatchMouseEvent", away).await;
        browser.run("document.activeElement.blur()").await;
        let on = picture(browser).await;
        assert_ne!(off, on, "dark: {dark}");
        browser
            .run("document.querySelector('.tc-sheet [name=analytics]').click()")
            .await;
        assert_eq!(picture(browser).await, off, "dark: {dark}");
    }
}

// covers T39
#[tokio::test]
async fn on_paper_there_is_no_banner_and_the_preferences_are_dark_on_light() {
    let pages: Vec<Page> = vec![("/en", "", page("en", "", 3))];
    let dark = layer().with_color_scheme(ColorScheme::Dark);
    let Some(site) = Site::open(dark, pages.leak()).await else {
        return;
    };
    let browser = &site.browser;
    pretend(browser, DESKTOP).await;
    site.goto("/en").await;
    assert!(browser.shows(".tc-banner").await);
    emulate(browser, "print", true, false).await;
    assert!(!browser.shows(".tc-banner").await);
    emulate(browser, "", true, false).await;
    site.choose("[data-tc-reject]").await;
    assert!(browser.shows(".tc-link").await);
    emulate(browser, "print", true, false).await;
    assert!(!browser.shows(".tc-link").await);

    site.goto("/_consent?next=%2Fen").await;
    let page = "const light = (color) => Math.max(...color.match(/[\\d.]+/g).slice(0, 3).map(Number));
        const dark = [...document.querySelectorAll('.tc-page :is(h1, h2, p, summary, dt, dd, small)')]
          .filter((element) => element.checkVisibility())
          .filter((element) => light(getComputedStyle(element).color) > 110);
        return [getComputedStyle(document.body).backgroundColor, dark.length, getComputedStyle(document.querySelector('[name=analytics]')).appearance,
          document.querySelector('.tc-bar').checkVisibility()].join()";
    assert_eq!(browser.run(page).await, "rgb(255, 255, 255),0,auto,false");
}
