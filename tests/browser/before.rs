//! Proves that nothing happens before a choice.

use crate::driver::{Scripts, until};
use crate::stage::{Stage, Trackers, is_tracker};

/// Every page that the shop has, the one with real tags included.
const PAGES: [&str; 7] = [
    "/",
    "/product/1",
    "/product/2",
    "/cart",
    "/login",
    "/privacy",
    "/nowhere",
];

// covers S01, S33
#[tokio::test]
async fn before_a_choice_no_tracker_hears_of_the_visitor() {
    nothing_before_a_choice(Scripts::On).await;
}

// covers S01, S33
#[tokio::test]
async fn before_a_choice_no_tracker_hears_of_the_visitor_without_scripts() {
    nothing_before_a_choice(Scripts::Off).await;
}

async fn nothing_before_a_choice(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    for page in PAGES {
        stage.goto(page).await;
        assert!(stage.browser.shows("[data-tc-banner]").await, "{page} asks");
        stage.assert_silent(page).await;
    }
    if scripts == Scripts::On {
        // The shop's own script did try, so the silence is the layer's work.
        until("the layer has refused /collect", async || {
            stage.told("refuse", "/collect")
        })
        .await;
    }
    assert!(stage.told("block", "iframe") && stage.told("suppress", "_stats_seen"));
    assert_eq!(stage.tracker_cookies().await, [""; 0]);
    assert_eq!(stage.cookies_seen_by_the_app().await, [""; 0]);
    assert_eq!(stage.heard_at_all(), [""; 0]);
}

// covers L05
#[tokio::test]
async fn tracker_cookies_of_earlier_visits_are_hidden_from_the_app() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    stage.goto("/").await;
    for name in ["_ga", "_fbp", "_stats_id", "_ads_id", "cart"] {
        stage.plant(name).await;
    }
    assert_eq!(stage.cookies_seen_by_the_app().await, ["cart"]);
    stage.goto("/product/1").await;
    assert!(stage.told("strip", "_ga") && stage.told("strip", "_ads_id"));
    // Nobody has refused anything yet, so what is stored stays until somebody does.
    assert!(stage.holds("_ga").await);
    stage.reject().await;
    assert!(
        !stage
            .browser
            .cookies()
            .await
            .iter()
            .any(|(_, name)| is_tracker(name))
    );
    assert_eq!(stage.heard(Trackers::Analytics), [""; 0]);
}
