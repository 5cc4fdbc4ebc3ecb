//! Proves that a browser with Global Privacy Control is heeded and told so, wherever its visitor is.

use serde_json::json;
use tower_consent::CacheMode;

use crate::driver::{Scripts, until};
use crate::shop::Options;
use crate::site::{Page, Site, layer, policy};
use crate::stage::{GOOGLE, Stage, Trackers};

/// A profile under the signal.
struct Place {
    /// The country that a proxy names.
    country: &'static str,
    /// Whether the shop asks visitors from the United States first.
    strict_us: bool,
    /// Whether the banner asks by itself.
    asks: bool,
    /// What says how the signal was taken.
    status: &'static str,
    /// What the place has besides.
    mark: &'static str,
}

const fn place(country: &'static str, mark: &'static str) -> Place {
    Place {
        country,
        strict_us: false,
        asks: true,
        status: ".tc-signal",
        mark,
    }
}

const fn us(strict_us: bool) -> Place {
    Place {
        country: "US",
        strict_us,
        asks: false,
        status: ".tc-status",
        mark: "a[data-tc-settings]",
    }
}

const PLACES: [Place; 10] = [
    place("", "[data-tc-reject]"),
    place("DE", "[data-tc-reject]"),
    place("FR", "[data-tc-reject]"),
    place("IT", ".tc-x button"),
    place("GB", "[data-tc-reject]"),
    place("BR", "[data-tc-reject]"),
    place("JP", "[data-tc-reject]"),
    place("CH", "[data-tc-reject]"),
    us(false),
    us(true),
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

// covers T01, S05, S10, S50, L32, L33, L34, L26, L42, L43, L45, L46, S01
#[tokio::test]
async fn under_the_signal_nothing_is_sold_or_shared_on_the_first_byte_and_the_visitor_reads_so() {
    for (scripts, strict_us) in [
        (Scripts::On, false),
        (Scripts::On, true),
        (Scripts::Off, false),
        (Scripts::Off, true),
    ] {
        let options = Options {
            strict_us,
            ..Options::default()
        };
        let Some(stage) = Stage::open_with(scripts, options).await else {
            return;
        };
        let places = PLACES.iter().filter(|place| place.strict_us == strict_us);
        for Place {
            country,
            asks,
            status,
            mark,
            ..
        } in places
        {
            is_at(&stage, country, true).await;
            for page in ["/", "/product/1"] {
                stage.goto(page).await;
                let said = format!("{country} strict {strict_us} {page}");
                let banner = stage.browser.shows("[data-tc-banner]").await;
                assert_eq!(banner, *asks, "{said}");
                assert!(stage.browser.shows(status).await, "{said} {status}");
                assert!(stage.browser.shows(mark).await, "{said} {mark}");
                assert_eq!(stage.heard(Trackers::Marketing), [""; 0], "{said}");
                assert_eq!(stage.sink.contacts(GOOGLE), [""; 0], "{said}");
                let cookies = stage.own_tracker_cookies(Trackers::Marketing).await;
                assert_eq!(cookies, [""; 0], "{said}");
            }
            if *asks || strict_us {
                assert_eq!(stage.heard_at_all(), [""; 0], "{country}");
            }
            if !asks {
                let text = stage.text(status).await;
                assert_eq!(text, "Opt-Out Request Honored", "strict {strict_us}");
            }
        }
        // The preferences say it, too, and offer to opt out without an account.
        is_at(&stage, "US", true).await;
        stage.goto("/_consent").await;
        assert!(stage.browser.shows("[data-tc-opt-out]").await);
        let text = stage.text("main").await;
        assert!(text.contains("Opt-Out Request Honored"), "{text}");
    }
}

/// What a browser shows that has the signal's property, while some proxy loses the header.
const PROPERTY: &str = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', \
    { configurable: true, get: () => true })";

// covers T02, L35
#[tokio::test]
async fn a_browser_whose_header_is_lost_on_the_way_is_heeded_and_may_still_agree() {
    const PAGES: &[Page] = &[(
        "/",
        "",
        "<!doctype html><html><head><title>Shop</title></head><body>Hi\
         <img src='http://tracker.test/hit' alt=''><img src='http://market.test/hit' alt=''></body></html>",
    )];
    for mode in [CacheMode::PerState, CacheMode::Uniform] {
        let layer = layer(policy()).with_cache_mode(mode);
        let Some(site) = Site::open(layer, PAGES).await else {
            return;
        };
        site.goto("/").await;
        site.choose("[data-tc-accept]").await;
        site.until_heard("hit").await;
        let script = json!({ "source": PROPERTY });
        site.browser
            .devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
        // The page that finds out comes anew, for what is left.
        site.goto("/").await;
        let state = "return fetch('/_consent/state').then((answer) => answer.json()).then((state) => state.granted.join())";
        until("the grant is overridden", async || {
            site.browser.run(state).await == "functional"
        })
        .await;
        until("the page has come anew", async || {
            let granted = "return window.towerConsent?.get().granted.join()";
            site.browser.run(granted).await == "functional"
        })
        .await;
        site.browser.settle().await;
        let before = site.heard();
        site.goto("/").await;
        assert_eq!(site.heard(), before, "{mode:?}");
        // A grant in view of the signal stands.
        let grant = "return fetch('/_consent/choice', { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams('choice=accept&gpc=1') }).then((answer) => answer.status)";
        assert_eq!(site.browser.run(grant).await, 200);
        for _ in 0..2 {
            site.goto("/").await;
            let all = "functional,analytics,marketing";
            assert_eq!(site.browser.run(state).await, all, "{mode:?}");
        }
        until("what was granted runs", async || {
            site.heard().len() > before.len()
        })
        .await;
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
