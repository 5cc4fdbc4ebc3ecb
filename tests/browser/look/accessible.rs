//! Proves that axe-core finds nothing, in every form that visitors meet.

use serde_json::Value;

use super::{DESKTOP, Screen, layer, open_dialog, page, pretend};
use crate::driver::until;
use crate::npm;
use crate::site::{Page, Site};

const CHECK: &str = "const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then(
      ({ violations }) => done(violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | '))),
      (error) => done([String(error)]))";

pub(super) const SCREENS: [(&str, Screen); 3] = [
    ("desktop", DESKTOP),
    (
        "320 px",
        Screen {
            width: 320,
            height: 640,
            ..DESKTOP
        },
    ),
    (
        "400 %",
        Screen {
            width: 320,
            height: 256,
            zoom: 4,
            ..DESKTOP
        },
    ),
];

pub(super) async fn violations(site: &Site, axe: &str) -> Vec<String> {
    site.browser.run(&format!("{axe};return 1")).await;
    let found = site.browser.client.execute_async(CHECK, Vec::new()).await;
    let found: Value = found.unwrap();
    serde_json::from_value(found).unwrap()
}

/// Goes through banner, dialog and the page of the preferences on pages with these rules.
async fn nothing_is_found(rules: &str) {
    let Some(axe) = npm::file("axe-core/axe.min.js") else {
        return;
    };
    let pages: Vec<Page> = vec![
        ("/en", "", page("en", rules, 3)),
        ("/ar", "", page("ar", rules, 3)),
    ];
    let Some(site) = Site::open(layer(), pages.leak()).await else {
        return;
    };
    for (path, dark) in [("/en", false), ("/en", true), ("/ar", false), ("/ar", true)] {
        for (name, screen) in SCREENS {
            let what = format!("{path} {name}, dark: {dark}");
            pretend(&site.browser, Screen { dark, ..screen }).await;
            site.goto(path).await;
            assert!(site.browser.shows("[data-tc-banner]").await);
            assert_eq!(violations(&site, &axe).await, [""; 0], "banner {what}");
            open_dialog(&site).await;
            assert_eq!(violations(&site, &axe).await, [""; 0], "dialog {what}");
            site.goto(&format!(
                "/_consent?next=%2F&lang={}",
                path.trim_start_matches('/')
            ))
            .await;
            let script =
                "for (const more of document.querySelectorAll('details')) more.open = true";
            site.browser.run(script).await;
            assert_eq!(violations(&site, &axe).await, [""; 0], "page {what}");
        }
    }
    // The way back stays on every page, and after the choice a status is told.
    site.goto("/en").await;
    site.choose("[data-tc-reject]").await;
    until("the settings link is there", async || {
        site.browser.shows("a[data-tc-settings]").await
    })
    .await;
    assert_eq!(violations(&site, &axe).await, [""; 0], "after the choice");
}

// covers T39
#[tokio::test]
async fn axe_finds_nothing_on_a_page_without_a_framework() {
    nothing_is_found("").await;
}

// covers T39
#[tokio::test]
async fn axe_finds_nothing_on_a_page_with_bootstrap() {
    let Some(rules) = npm::file("bootstrap/dist/css/bootstrap.min.css") else {
        return;
    };
    nothing_is_found(&rules).await;
}

// covers T39
#[tokio::test]
async fn axe_finds_nothing_on_a_page_with_tailwinds_preflight() {
    let Some(rules) = npm::file("tailwindcss/preflight.css") else {
        return;
    };
    nothing_is_found(&rules).await;
}
