//! Proves that a browser with Global Privacy Control is heeded and told so, wherever its visitor is.

use serde_json::json;

use crate::driver::Scripts;
use crate::stage::{GOOGLE, Stage, Trackers};

/// The country that a proxy names, whether the banner asks under the signal, and a place's own mark.
const PLACES: [(&str, bool, &str); 9] = [
    ("", true, ".tc-signal"),
    ("DE", true, ".tc-signal"),
    ("FR", true, ".tc-signal"),
    ("IT", true, ".tc-x button"),
    ("GB", true, ".tc-signal"),
    ("BR", true, ".tc-signal"),
    ("JP", true, ".tc-signal"),
    ("CH", true, ".tc-signal"),
    ("US", false, ".tc-status"),
];

async fn is_at(stage: &Stage, country: &str, signal: bool) {
    let mut headers = serde_json::Map::new();
    if !country.is_empty() {
        headers.insert("CF-IPCountry".to_owned(), json!(country));
    }
    if signal {
        headers.insert("Sec-GPC".to_owned(), json!("1"));
    }
    let browser = &stage.browser;
    browser.devtools("Network.enable", json!({})).await;
    let headers = json!({ "headers": headers });
    browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await;
}

// covers T01, S05, S10, S50, L32, L33, L34, L26, S01
#[tokio::test]
async fn under_the_signal_nothing_is_sold_or_shared_on_the_first_byte_and_the_visitor_reads_so() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(stage) = Stage::open(scripts).await else {
            return;
        };
        for (country, asks, mark) in PLACES {
            is_at(&stage, country, true).await;
            for page in ["/", "/product/1"] {
                stage.goto(page).await;
                let banner = stage.browser.shows("[data-tc-banner]").await;
                assert_eq!(banner, asks, "{country} {page}");
                assert!(stage.browser.shows(mark).await, "{country} {page} {mark}");
                assert_eq!(stage.heard(Trackers::Marketing), [""; 0], "{country}");
                assert_eq!(stage.sink.contacts(GOOGLE), [""; 0], "{country}");
            }
            if asks {
                assert_eq!(stage.heard_at_all(), [""; 0], "{country}");
            }
        }
        // The preferences say it, too, and offer to opt out without an account.
        stage.goto("/_consent").await;
        assert!(stage.browser.shows("[data-tc-opt-out]").await);
        let text = stage.text("main").await;
        assert!(text.contains("Opt-Out Request Honored"), "{text}");
    }
}

// covers L35, L37, S05
#[tokio::test]
async fn in_an_opt_out_state_one_click_ends_what_is_sold_or_shared() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    is_at(&stage, "US", false).await;
    stage.goto("/").await;
    assert!(!stage.browser.shows("[data-tc-banner]").await);
    assert!(stage.browser.shows("[data-tc-notice]").await);
    stage.until_heard(Trackers::Marketing, "").await;
    stage.goto("/_consent").await;
    stage.browser.click("[data-tc-opt-out]").await;
    stage.browser.settle().await;
    let before = stage.heard(Trackers::Marketing);
    for page in ["/", "/product/1"] {
        stage.goto(page).await;
        assert!(stage.browser.shows(".tc-status").await, "{page}");
    }
    assert_eq!(stage.heard(Trackers::Marketing), before);
}
