//! Proves that what the law of a place adds can be used by everybody: the bar with news, the X, objections, opting
//! out, and the placeholders of what is embedded.

use axum::Router;
use serde_json::json;
use tower_consent::{
    Category, ConsentLayer, ExemptStatistics, Jurisdiction, Keyring, ManualClock, Policy,
    PolicyBuilder, PolicyVersion, StatisticsRegime, Timestamp, UsRule, Vendor,
};

use super::accessible::{SCREENS, violations};
use super::{Screen, layer, page, policy, pretend};
use crate::driver::{Scripts, until};
use crate::npm;
use crate::site::{self, Page, Site, serve};

const FILM: &str = "<!doctype html><html lang='en'><head><title>Film</title><meta name='viewport' content='width=device-width'></head>\
    <body><main><h1>Film</h1><iframe width='320' height='180' src='https://www.youtube.com/embed/x' title='Film'></iframe></main></body></html>";

fn pages() -> &'static [Page] {
    let pages: Vec<Page> = vec![
        ("/en", "", page("en", "", 3)),
        ("/ar", "", page("ar", "", 3)),
        ("/film", "", FILM),
    ];
    pages.leak()
}

fn at(place: Jurisdiction) -> ConsentLayer {
    layer().with_jurisdiction(move |_| place)
}

/// Statistics that need no choice in the United Kingdom.
fn counted() -> PolicyBuilder {
    Policy::builder("1")
        .site("shop.example")
        .vendor(
            Vendor::new("counter", Category::Analytics)
                .with_purpose("Counts visits")
                .with_provider("Example Ltd", "IE")
                .with_policy_url("https://vendor.example/privacy")
                .with_retention("1 day")
                .cookies(["_counter"])
                .hosts(["counter.test"])
                .processor(),
        )
        .exempt_statistics(
            ExemptStatistics::new("Assessed on 2026-09-01")
                .under([StatisticsRegime::Uk])
                .vendor("counter")
                .cookie_days(393)
                .data_months(25),
        )
}

/// Goes to each of these, which has to show its mark, in every form that visitors meet.
async fn nothing_is_found(site: &Site, axe: &str, places: &[(&str, &str)]) {
    for (path, mark) in places {
        for dark in [false, true] {
            for (name, screen) in SCREENS {
                let what = format!("{path} {mark} {name}, dark: {dark}");
                pretend(&site.browser, Screen { dark, ..screen }).await;
                site.goto(path).await;
                assert!(site.browser.shows(mark).await, "{what}");
                let mut found = violations(site, axe).await;
                // What is made for a frame needs no heading of the first order.
                let framed = path.contains("/embed?");
                found.retain(|what| !(framed && what.starts_with("page-has-heading-one")));
                assert_eq!(found, [""; 0], "{what}");
            }
        }
    }
}

// covers T39
#[tokio::test]
async fn axe_finds_nothing_where_visitors_opt_out() {
    let Some(axe) = npm::file("axe-core/axe.min.js") else {
        return;
    };
    let place = at(Jurisdiction::Us(UsRule::OptOut));
    let Some(site) = Site::open(place, pages()).await else {
        return;
    };
    let preferences = "/_consent?next=%2Fen&lang=en";
    let arabic = "/_consent?next=%2Far&lang=ar";
    let before = [
        ("/en", "[data-tc-notice] button"),
        ("/ar", "[data-tc-notice] button"),
        (preferences, "[data-tc-opt-out]"),
        (arabic, "[data-tc-opt-out]"),
    ];
    nothing_is_found(&site, &axe, &before).await;
    site.goto(preferences).await;
    // What is on is not said to be off.
    assert!(site.browser.has("[name=marketing]:checked").await);
    let text = site.browser.run("return document.body.innerText").await;
    assert!(!text.as_str().unwrap().contains("Nothing optional"));
    site.browser.click("[data-tc-opt-out]").await;
    until("the opt-out is told", async || {
        site.browser.path().await == "/en" && site.browser.shows(".tc-status").await
    })
    .await;
    nothing_is_found(&site, &axe, &[("/en", ".tc-status")]).await;

    // What the browser's signal asks for conflicts with nothing that was chosen here, and is told.
    site.browser.devtools("Network.enable", json!({})).await;
    let headers = json!({ "headers": { "Sec-GPC": "1" } });
    site.browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await;
    let signal = [("/ar", ".tc-status"), (preferences, ".tc-note")];
    nothing_is_found(&site, &axe, &signal).await;
}

// covers T39, L15
#[tokio::test]
async fn axe_finds_nothing_in_a_banner_with_an_x_which_refuses() {
    let Some(axe) = npm::file("axe-core/axe.min.js") else {
        return;
    };
    let Some(site) = Site::open(at(Jurisdiction::It), pages()).await else {
        return;
    };
    let places = [("/en", ".tc-x button"), ("/ar", ".tc-x button")];
    nothing_is_found(&site, &axe, &places).await;
    site.choose(".tc-x button").await;
    site.goto("/_consent?next=%2Fen").await;
    assert!(!site.browser.has(".tc-sheet :checked").await);
}

// covers T39, L22
#[tokio::test]
async fn axe_finds_nothing_in_an_objection_which_takes_one_click() {
    let Some(axe) = npm::file("axe-core/axe.min.js") else {
        return;
    };
    let layer = site::layer(counted()).with_jurisdiction(|_| Jurisdiction::Uk);
    let Some(site) = Site::open(layer, pages()).await else {
        return;
    };
    let places = [
        ("/en", "[data-tc-object]"),
        ("/ar", "[data-tc-object]"),
        ("/_consent?next=%2Fen&lang=en", "[data-tc-object]"),
    ];
    nothing_is_found(&site, &axe, &places).await;
    site.goto("/en").await;
    assert!(!site.browser.has("[data-tc-banner]").await);
    site.browser.click("[data-tc-object]").await;
    until("it was heard", async || {
        site.browser.path().await == "/en" && !site.browser.has("[data-tc-object]").await
    })
    .await;
}

// covers T39
#[tokio::test]
async fn axe_finds_nothing_in_a_placeholder() {
    let Some(axe) = npm::file("axe-core/axe.min.js") else {
        return;
    };
    let Some(site) = Site::open(layer(), pages()).await else {
        return;
    };
    site.goto("/film").await;
    let frame = "return document.querySelector('iframe').getAttribute('src')";
    let frame = site.browser.run(frame).await;
    let frame = frame.as_str().unwrap().to_owned();
    nothing_is_found(&site, &axe, &[(&frame, "[data-tc-load]")]).await;
    nothing_is_found(&site, &axe, &[("/film", "iframe[data-tc]")]).await;
}

// covers T39, S24
#[tokio::test]
async fn news_of_the_policy_ask_nothing_are_read_and_closed_once() {
    // 2026-10-01 and 2026-11-20.
    let clock = |at| ManualClock::new(Timestamp::from_unix_seconds(at));
    let keys = Keyring::ephemeral().unwrap();
    let of = |policy: PolicyBuilder, clock: ManualClock| {
        ConsentLayer::new(policy.build().unwrap(), keys.clone())
            .with_insecure_cookies(true)
            .with_clock(clock)
    };
    let axe = npm::file("axe-core/axe.min.js");
    for scripts in [Scripts::On, Scripts::Off] {
        let before = of(policy(), clock(1_790_812_800));
        let Some(mut site) = Site::open_with(scripts, before, pages(), Router::new()).await else {
            return;
        };
        site.goto("/en").await;
        site.choose("[data-tc-reject]").await;
        assert!(!site.browser.has("[data-tc-notice]").await);

        // The same site later. Cookies do not tell ports apart.
        let news = policy().amended(PolicyVersion::new("2").effective("2026-11-01"));
        let after = of(news, clock(1_795_132_800));
        let (url, _server) = serve(after, pages(), Router::new()).await;
        site.url = url;
        let browser = &site.browser;
        if let (Some(axe), Scripts::On) = (&axe, scripts) {
            let places = [
                ("/en", "[data-tc-notice] button"),
                ("/ar", "[data-tc-notice] button"),
            ];
            nothing_is_found(&site, axe, &places).await;
        }
        site.goto("/en").await;
        assert!(!browser.has("[data-tc-banner]").await, "{scripts:?}");
        let text = "return document.querySelector('[data-tc-notice]').innerText";
        let text = browser.run(text).await;
        assert!(text.as_str().unwrap().contains("2026"), "{text}");
        assert!(browser.shows("[data-tc-notice] a[data-tc-settings]").await);
        browser.click("[data-tc-notice] button").await;
        for _ in 0..2 {
            until("it is closed", async || {
                browser.path().await == "/en" && !browser.has("[data-tc-notice]").await
            })
            .await;
            browser.settle().await;
            site.goto("/en").await;
        }
        // To close it was no choice.
        assert!(!browser.has("[data-tc-banner]").await);
        site.goto("/_consent?next=%2Fen").await;
        assert!(!browser.has(".tc-sheet :checked").await, "{scripts:?}");
    }
}
