//! Proves that a page that is the same for everybody, and kept by the browser,
//! still asks, wakes what is granted, and sleeps again after a withdrawal.

use crate::driver::{Scripts, until};
use crate::shop::Options;
use crate::stage::{Stage, Trackers};

fn uniform() -> Options {
    Options {
        uniform: true,
        secure_cookies: true,
        ..Options::default()
    }
}

async fn until_it_asks(stage: &Stage, asks: bool) {
    until("the banner is there, or not, as it should", async || {
        stage.browser.shows("[data-tc-banner]").await == asks
    })
    .await;
    stage.browser.settle().await;
}

// covers L04, L05
#[tokio::test]
async fn a_page_for_everybody_asks_wakes_and_sleeps() {
    let Some(stage) = Stage::open_with(Scripts::On, uniform()).await else {
        return;
    };
    stage.goto("/product/1").await;
    until_it_asks(&stage, true).await;
    stage.assert_silent("before a choice").await;
    assert_eq!(stage.heard_at_all(), [""; 0]);
    stage.reject().await;
    stage.goto("/product/2").await;
    until_it_asks(&stage, false).await;
    stage.assert_silent("after a refusal").await;
    assert_eq!(stage.heard_at_all(), [""; 0]);

    stage.browser.click("a[data-tc-settings]").await;
    stage.browser.click(".tc-sheet [data-tc-accept]").await;
    stage.until_heard(Trackers::Functional, "/embed/2").await;
    stage.goto("/product/1").await;
    stage.until_heard(Trackers::Functional, "/embed/1").await;
    until_it_asks(&stage, false).await;
}

// covers T30
#[tokio::test]
async fn going_back_to_a_page_for_everybody_wakes_nothing() {
    let Some(stage) = Stage::open_with(Scripts::On, uniform()).await else {
        return;
    };
    stage.goto("/product/2").await;
    until_it_asks(&stage, true).await;
    stage.accept().await;
    stage.until_heard(Trackers::Functional, "/embed/2").await;
    stage.browser.settle().await;
    stage.withdraw_on_the_page().await;
    let before = stage.heard_at_all();
    for page in ["/_consent", "/product/2"] {
        stage.browser.client.back().await.unwrap();
        until(&format!("{page} is back and asleep"), async || {
            stage.browser.path().await == page && stage.live_trackers().await.is_empty()
        })
        .await;
        stage.browser.settle().await;
    }
    stage.goto("/").await;
    assert_eq!(stage.heard_at_all(), before);
}
