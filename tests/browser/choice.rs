//! Proves what follows a choice: everything after accepting, nothing after
//! rejecting, exactly what was granted after a choice in between.

use crate::driver::Scripts;
use crate::stage::{Stage, Trackers};

/// Waits until every tracker of `/product/1` has been reached in full.
async fn everything_arrives(stage: &Stage) {
    stage.until_heard(Trackers::Analytics, "/hit.gif").await;
    stage.until_heard(Trackers::Functional, "/embed/1").await;
    if stage.browser.scripts == Scripts::On {
        for what in [
            "/tag.js",
            "POST /hit?",
            "engaged ",
            "www.google-analytics.com/g/collect",
        ] {
            stage.until_heard(Trackers::Analytics, what).await;
        }
        for what in [
            "/pixel.js",
            "/tr?event=PageView&page",
            "www.facebook.com/tr?",
        ] {
            stage.until_heard(Trackers::Marketing, what).await;
        }
    } else {
        for what in [
            "/tr?id=4242&event=PageView&noscript=1",
            "www.facebook.com/tr?",
        ] {
            stage.until_heard(Trackers::Marketing, what).await;
        }
    }
}

#[tokio::test]
async fn accepting_lets_everything_arrive_in_place() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    stage.goto("/product/1").await;
    assert_eq!(stage.heard_at_all(), [""; 0]);
    stage.browser.run("window.marker = 'still here'").await;
    stage.accept().await;
    everything_arrives(&stage).await;
    assert_eq!(
        stage.browser.run("return window.marker").await,
        "still here"
    );

    for name in ["_stats_id", "_ads_id", "_ga", "_ga_TEST000001", "_fbp"] {
        assert!(stage.holds(name).await, "{name}");
    }
    // What the server sets comes with the next page, and the app may read it all.
    stage.goto("/product/1").await;
    let seen = stage.cookies_seen_by_the_app().await;
    for name in ["_stats_seen", "_ads_seen", "_stats_id", "_ga", "_fbp"] {
        assert!(
            seen.iter().any(|cookie| cookie == name),
            "{name} in {seen:?}"
        );
    }
}

#[tokio::test]
async fn accepting_lets_everything_arrive_after_the_redirect_without_scripts() {
    let Some(stage) = Stage::open(Scripts::Off).await else {
        return;
    };
    stage.goto("/product/1").await;
    assert_eq!(stage.heard_at_all(), [""; 0]);
    stage.accept().await;
    assert_eq!(stage.browser.path().await, "/product/1");
    everything_arrives(&stage).await;
    assert!(stage.holds("_stats_seen").await && stage.holds("_ads_seen").await);
}

#[tokio::test]
async fn rejecting_keeps_everything_silent() {
    nothing_after_rejecting(Scripts::On).await;
}

#[tokio::test]
async fn rejecting_keeps_everything_silent_without_scripts() {
    nothing_after_rejecting(Scripts::Off).await;
}

// covers L05, S33
async fn nothing_after_rejecting(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    stage.goto("/product/1").await;
    stage.reject().await;
    for page in ["/product/1", "/product/2", "/", "/cart"] {
        stage.goto(page).await;
        assert!(
            !stage.browser.has("[data-tc-banner]").await,
            "{page} asks again"
        );
        stage.assert_silent(page).await;
    }
    assert_eq!(stage.heard_at_all(), [""; 0]);
    assert_eq!(stage.tracker_cookies().await, [""; 0]);
}

#[tokio::test]
async fn granting_analytics_alone_wakes_analytics_alone() {
    analytics_alone(Scripts::On).await;
}

#[tokio::test]
async fn granting_analytics_alone_wakes_analytics_alone_without_scripts() {
    analytics_alone(Scripts::Off).await;
}

// covers S33, L17
async fn analytics_alone(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    stage.shop_and_sign_in().await;
    stage.goto("/product/1").await;
    stage.grant_only("analytics").await;
    stage.until_heard(Trackers::Analytics, "/hit.gif").await;
    if scripts == Scripts::On {
        stage
            .until_heard(Trackers::Analytics, "www.google-analytics.com/g/collect")
            .await;
        stage.until_heard(Trackers::Analytics, "engaged ").await;
    }
    for page in ["/product/1", "/product/2", "/"] {
        stage.goto(page).await;
    }
    if scripts == Scripts::On {
        // All that the four visits send has arrived, so that later silence is silence.
        for (what, times) in [
            ("POST /hit?", 4),
            ("engaged ", 4),
            ("page_view ", 3),
            ("g/collect?", 2),
        ] {
            stage
                .until_heard_times(Trackers::Analytics, what, times)
                .await;
        }
    }
    assert!(stage.holds("_stats_seen").await);
    assert_eq!(stage.heard(Trackers::Marketing), [""; 0]);
    assert_eq!(stage.heard(Trackers::Functional), [""; 0]);
    assert_eq!(
        stage.own_tracker_cookies(Trackers::Marketing).await,
        [""; 0]
    );

    let before = stage.heard_at_all();
    stage.withdraw().await;
    for page in ["/product/2", "/product/1"] {
        stage.goto(page).await;
        stage.assert_silent(page).await;
    }
    stage.assert_cart_and_login_intact().await;
    assert_eq!(stage.heard_at_all(), before);
}
