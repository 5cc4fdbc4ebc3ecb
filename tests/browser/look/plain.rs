//! Proves that without scripts every choice can be made, changed and taken back, service by service.

use serde_json::Value;

use super::{layer, page};
use crate::driver::{Scripts, until};
use crate::site::{Page, Site};
use axum::Router;

/// What the server says is stored.
async fn stored(site: &Site) -> Value {
    site.browser
        .client
        .goto(&format!("{}/_consent/state", site.url))
        .await
        .unwrap();
    let text = site.browser.run("return document.body.innerText").await;
    let mut state: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    let mut kept = serde_json::Map::new();
    for key in ["decided", "granted", "refused_vendors", "alone"] {
        kept.insert(key.to_owned(), state[key].take());
    }
    Value::Object(kept)
}

/// Opens the preferences from the page, clicks these boxes, and presses this button.
async fn choose(site: &Site, boxes: &[&str], button: &str) {
    site.goto("/").await;
    let banner = site.browser.shows(".tc-choose").await;
    site.browser
        .click(if banner {
            ".tc-choose"
        } else {
            "a[data-tc-settings]"
        })
        .await;
    until("the preferences are there", async || {
        site.browser.shows(".tc-sheet").await
    })
    .await;
    let dialog = site.browser.has(".tc-dialog").await;
    assert_eq!(dialog, site.browser.scripts == Scripts::On);
    for name in boxes {
        let own = format!(".tc-sheet {name}");
        let summary = format!(".tc-group:has({name}) > details:not([open]) > summary");
        if name.contains("vendor") && site.browser.has(&summary).await {
            site.browser.click(&summary).await;
        }
        site.browser.click(&own).await;
    }
    site.browser
        .click(&format!(".tc-sheet [data-tc-{button}]"))
        .await;
    until("the page is back", async || {
        site.browser.path().await == "/" && !site.browser.shows(".tc-sheet").await
    })
    .await;
    site.browser.settle().await;
}

/// Each choice in turn, on top of the one before.
const CHOICES: &[(&[&str], &str)] = &[
    (&["[name=analytics]"], "save"),
    (&["[name=vendor][value=stats]"], "save"),
    (&["[name=marketing]", "[name=functional]"], "save"),
    (&[], "accept"),
    (&["[name=vendor][value=ads]"], "save"),
    (&[], "reject"),
    (&["[name=vendor][value=google-analytics]"], "save"),
    (&[], "accept"),
    (&["[name=analytics]"], "save"),
];

// covers L04, L17
#[tokio::test]
async fn every_choice_can_be_made_changed_and_taken_back_without_scripts() {
    let mut seen: Vec<Vec<Value>> = Vec::new();
    for scripts in [Scripts::Off, Scripts::On] {
        let pages: Vec<Page> = vec![("/", "", page("en", "", 3))];
        let Some(site) = Site::open_with(scripts, layer(), pages.leak(), Router::new()).await
        else {
            return;
        };
        let mut states = Vec::new();
        for (boxes, button) in CHOICES {
            // Without a script the boxes of a category and of its services do not move together.
            let mut boxes = boxes.to_vec();
            if scripts == Scripts::Off && boxes == ["[name=vendor][value=google-analytics]"] {
                boxes = vec!["[name=vendor][value=google-analytics]"];
            }
            choose(&site, &boxes, button).await;
            states.push(stored(&site).await);
        }
        let granted: Vec<&Value> = states.iter().map(|state| &state["granted"]).collect();
        assert!(
            granted.windows(2).any(|pair| pair[0] != pair[1]),
            "{granted:?}"
        );
        assert!(states.iter().all(|state| state["decided"] == true));
        let refused = |state: &Value, id: &str| {
            state["refused_vendors"]
                .as_array()
                .unwrap()
                .iter()
                .any(|vendor| vendor == id)
        };
        assert!(refused(&states[1], "stats"), "{:?}", states[1]);
        assert!(refused(&states[4], "ads"), "{:?}", states[4]);
        assert_eq!(states[5]["granted"], serde_json::json!([]));
        seen.push(states);
    }
    // Up to where a script ticks a category because of one of its services.
    assert_eq!(seen[0][..6], seen[1][..6]);
}
