//! Proves that nothing remains after a withdrawal, in each of its forms.

use crate::driver::{Scripts, until};
use crate::shop::Options;
use crate::stage::{Stage, Trackers};

#[tokio::test]
async fn withdrawing_ends_everything_on_the_very_next_page() {
    nothing_after_withdrawing(Scripts::On).await;
}

#[tokio::test]
async fn withdrawing_ends_everything_on_the_very_next_page_without_scripts() {
    nothing_after_withdrawing(Scripts::Off).await;
}

// covers L04, L05
async fn nothing_after_withdrawing(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    stage.shop_and_sign_in().await;
    everything_is_granted_and_stored(&stage).await;

    let before = stage.heard_at_all();
    stage.withdraw().await;
    stage
        .assert_silent("the page that the choice leads back to")
        .await;
    stage.goto("/product/2").await;
    stage.assert_silent("the page after it").await;
    assert!(stage.told("expire", "_stats_seen") && stage.told("expire", "_ads_seen"));
    stage.assert_cart_and_login_intact().await;
    assert_eq!(stage.heard_at_all(), before);
}

/// Accepts on `/product/1` and waits until cookies of every kind are stored:
/// by the server and `HttpOnly`, and by scripts where they run.
async fn everything_is_granted_and_stored(stage: &Stage) {
    stage.goto("/product/1").await;
    stage.accept().await;
    stage.goto("/product/1").await;
    let mut stored = vec!["_stats_seen", "_ads_seen"];
    if stage.browser.scripts == Scripts::On {
        stored.extend(["_stats_id", "_ads_id", "_ga", "_ga_TEST000001", "_fbp"]);
        // All that both visits send has arrived, so that later silence is silence.
        for what in [
            "POST /hit?",
            "engaged ",
            "www.google-analytics.com/g/collect?",
        ] {
            stage.until_heard_times(Trackers::Analytics, what, 2).await;
        }
        stage
            .until_heard(Trackers::Analytics, "page_view /product/1")
            .await;
        for what in ["GET /tr?event=PageView", "www.facebook.com/tr?"] {
            stage.until_heard_times(Trackers::Marketing, what, 2).await;
        }
    }
    for name in stored {
        until(&format!("{name} is stored"), async || {
            stage.holds(name).await
        })
        .await;
    }
}

#[tokio::test]
async fn deleting_one_consent_cookie_withdraws_that_category_alone() {
    deleting_one_cookie(Scripts::On).await;
}

#[tokio::test]
async fn deleting_one_consent_cookie_withdraws_that_category_alone_without_scripts() {
    deleting_one_cookie(Scripts::Off).await;
}

// covers S16, L05
async fn deleting_one_cookie(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    everything_is_granted_and_stored(&stage).await;
    let before = stage.heard(Trackers::Marketing);
    let analytics = stage.heard(Trackers::Analytics).len();
    stage
        .browser
        .client
        .delete_cookie("consent-marketing")
        .await
        .unwrap();
    for page in ["/product/2", "/product/1"] {
        stage.goto(page).await;
        assert!(
            !stage.browser.has("[data-tc-banner]").await,
            "{page} asks again"
        );
    }
    assert_eq!(stage.heard(Trackers::Marketing), before);
    assert_eq!(
        stage.own_tracker_cookies(Trackers::Marketing).await,
        [""; 0]
    );
    stage.until_heard(Trackers::Functional, "/embed/2").await;
    assert!(stage.heard(Trackers::Analytics).len() > analytics);
    assert!(stage.holds("_stats_seen").await);
}

/// With its production cookies the layer also clears the browser's cache of
/// pages; with those for plain http it leaves that to the banner's script.
fn production_cookies() -> Options {
    Options {
        secure_cookies: true,
        ..Options::default()
    }
}

// covers T30
#[tokio::test]
async fn going_back_after_a_withdrawal_wakes_nothing() {
    nothing_after_going_back(Scripts::On, production_cookies()).await;
}

// covers T30
#[tokio::test]
async fn going_back_after_a_withdrawal_wakes_nothing_without_scripts() {
    nothing_after_going_back(Scripts::Off, production_cookies()).await;
}

// covers T30
#[tokio::test]
async fn going_back_to_a_page_kept_by_the_browser_puts_it_to_sleep() {
    nothing_after_going_back(Scripts::On, Options::default()).await;
}

// covers T30
#[tokio::test]
async fn going_back_to_a_page_that_was_woken_in_place_wakes_nothing() {
    let Some(stage) = Stage::open_with(Scripts::On, production_cookies()).await else {
        return;
    };
    stage.goto("/product/1").await;
    stage.accept().await;
    stage.until_heard(Trackers::Functional, "/embed/1").await;
    for (trackers, what) in [
        (Trackers::Analytics, "POST /hit?"),
        (Trackers::Analytics, "engaged "),
        (Trackers::Analytics, "www.google-analytics.com/g/collect?"),
        (Trackers::Marketing, "GET /tr?event=PageView"),
        (Trackers::Marketing, "www.facebook.com/tr?"),
    ] {
        stage.until_heard(trackers, what).await;
    }
    nothing_on_the_way_back(&stage).await;
}

async fn nothing_after_going_back(scripts: Scripts, options: Options) {
    let Some(stage) = Stage::open_with(scripts, options).await else {
        return;
    };
    everything_is_granted_and_stored(&stage).await;
    nothing_on_the_way_back(&stage).await;
}

/// Withdraws and goes back, past the preferences page, to the page that was granted everything.
async fn nothing_on_the_way_back(stage: &Stage) {
    let before = stage.heard_at_all();
    stage.withdraw_on_the_page().await;
    for page in ["/_consent", "/product/1"] {
        stage.browser.client.back().await.unwrap();
        until(&format!("{page} is back and asleep"), async || {
            stage.browser.path().await == page && stage.live_trackers().await.is_empty()
        })
        .await;
        stage.browser.settle().await;
        assert_eq!(stage.live_trackers().await, [""; 0], "back at {page}");
    }
    // One more page, so that anything late would have come.
    stage.goto("/").await;
    assert_eq!(stage.heard_at_all(), before);
}

// covers L05
#[tokio::test]
async fn a_withdrawal_reaches_the_other_tab() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    everything_is_granted_and_stored(&stage).await;
    let client = &stage.browser.client;
    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    stage.goto("/").await;
    let before = stage.heard_at_all();
    stage.withdraw().await;
    client.switch_to_window(first).await.unwrap();
    // Its trackers write their cookies once more when it is left; the page after it sweeps them.
    until("the first tab has renewed itself", async || {
        stage.live_trackers().await.is_empty()
    })
    .await;
    stage.goto("/product/2").await;
    stage.goto("/").await;
    for trackers in [Trackers::Analytics, Trackers::Marketing] {
        assert_eq!(stage.own_tracker_cookies(trackers).await, [""; 0]);
    }
    assert_eq!(stage.heard_at_all(), before);
}
