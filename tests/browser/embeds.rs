//! Proves that something embedded waits behind a placeholder until it is asked
//! for, comes alone and in place, and is remembered.

use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use tower_consent::{CacheMode, Category, PolicyBuilder, Vendor};

use crate::driver::{Browser, Scripts, until};
use crate::site::{Page, Site, layer, policy};
use crate::stage::{Stage, Trackers};

/// A film of a vendor in marketing, which also has a pixel of another there.
const FILM: &[Page] = &[
    (
        "/",
        "",
        r#"<!doctype html><html><head><title>Film</title></head><body><main>A page.</main>
<img alt="" src="https://market.test/pixel.svg">
<iframe id="film" width="300" height="150" src="https://film.tracker.test/film.html" title="Film"></iframe>
<iframe id="again" width="200" height="60" src="https://film.tracker.test/again.html" title="Again"></iframe>
</body></html>"#,
    ),
    (
        "/locked",
        "script-src 'self'; frame-src 'self' https:; style-src 'self'",
        r#"<!doctype html><html><head><title>Film</title></head><body><main>A page.</main>
<iframe id="film" width="300" height="150" src="https://film.tracker.test/film.html" title="Film"></iframe>
</body></html>"#,
    ),
];

fn films() -> PolicyBuilder {
    policy().vendor(
        Vendor::new("films", Category::Marketing)
            .with_name("Films")
            .with_purpose("Plays films")
            .with_provider("Example Films Ltd", "IE")
            .with_policy_url("https://vendor.example/privacy")
            .with_retention("1 year")
            .hosts(["film.tracker.test"])
            .embed(),
    )
}

async fn open(scripts: Scripts) -> Option<Site> {
    Site::open_with(scripts, layer(films()), FILM, axum::Router::new()).await
}

async fn size(browser: &Browser) -> Vec<i64> {
    let script =
        "const { width, height } = document.querySelector('#film').getBoundingClientRect();
        return [Math.round(width), Math.round(height)]";
    serde_json::from_value(browser.run(script).await).unwrap_or_default()
}

/// Into the placeholder as soon as it is there.
async fn enter(browser: &Browser, frame: &str) {
    let client: &Client = &browser.client;
    until("the placeholder is there", async || {
        let frame = client.find(Locator::Css(frame)).await.unwrap();
        if frame.enter_frame().await.is_err() {
            return false;
        }
        let there = browser.has("[data-tc-load]").await;
        if !there {
            client.enter_parent_frame().await.unwrap();
        }
        there
    })
    .await;
}

async fn load(browser: &Browser, frame: &str) {
    enter(browser, frame).await;
    browser.click("[data-tc-load]").await;
    browser.client.enter_parent_frame().await.unwrap();
}

// covers S33
#[tokio::test]
async fn a_film_comes_after_a_click_in_place_and_alone() {
    let Some(site) = open(Scripts::On).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
    let before = size(&site.browser).await;
    site.browser.run("window.same = true").await;
    load(&site.browser, "#film").await;
    site.until_heard("film.html").await;
    // The other frame of the same vendor comes with it.
    site.until_heard("again.html").await;
    site.browser.settle().await;
    assert_eq!(site.browser.run("return window.same").await, true);
    assert_eq!(size(&site.browser).await, before);
    assert!(!site.browser.has("iframe[data-tc]").await);
    let sources = "return [...document.querySelectorAll('iframe')].map((frame) => frame.src)";
    assert_eq!(
        site.browser.texts(sources).await,
        [
            "https://film.tracker.test/film.html",
            "https://film.tracker.test/again.html"
        ]
    );
    // Nothing else of its category, and the rest is still asked about.
    assert_eq!(site.heard().len(), 2, "{:?}", site.heard());
    assert!(site.browser.shows("[data-tc-banner]").await);

    // A second visit finds it there, and a refusal takes it back.
    site.goto("/").await;
    site.browser.settle().await;
    assert_eq!(site.heard().len(), 4, "{:?}", site.heard());
    assert!(site.browser.shows("[data-tc-banner]").await);
    site.browser
        .click("[data-tc-banner] [data-tc-reject]")
        .await;
    until("the frame sleeps again", async || {
        site.browser.has("iframe[data-tc]").await && !site.browser.has("[data-tc-banner]").await
    })
    .await;
    site.browser.settle().await;
    enter(&site.browser, "#film").await;
    assert_eq!(site.heard().len(), 4, "{:?}", site.heard());
}

// covers S33
#[tokio::test]
async fn without_scripts_the_page_comes_back_with_the_film() {
    let Some(site) = open(Scripts::Off).await else {
        return;
    };
    site.goto("/").await;
    let before = size(&site.browser).await;
    assert_eq!(site.heard(), [""; 0]);
    load(&site.browser, "#film").await;
    site.until_heard("film.html").await;
    site.browser.settle().await;
    assert_eq!(site.browser.path().await, "/");
    assert_eq!(size(&site.browser).await, before);
    assert!(site.browser.shows("[data-tc-banner]").await);
    assert_eq!(site.heard().len(), 2, "{:?}", site.heard());
}

#[tokio::test]
async fn the_keyboard_alone_loads_a_film() {
    let Some(site) = open(Scripts::On).await else {
        return;
    };
    site.goto("/").await;
    enter(&site.browser, "#film").await;
    site.browser.client.enter_parent_frame().await.unwrap();
    // The button is the first stop in the frame.
    site.browser
        .run("document.querySelector('#film').focus()")
        .await;
    enter(&site.browser, "#film").await;
    let element = site.browser.client.find(Locator::Css("body")).await;
    let tab = char::from(Key::Tab).to_string();
    element.unwrap().send_keys(&tab).await.unwrap();
    let focused = "return document.activeElement.hasAttribute('data-tc-load')";
    assert_eq!(site.browser.run(focused).await, true);
    let button = site.browser.client.find(Locator::Css(":focus")).await;
    let enter = char::from(Key::Enter).to_string();
    button.unwrap().send_keys(&enter).await.unwrap();
    site.browser.client.enter_parent_frame().await.unwrap();
    site.until_heard("film.html").await;
    let focused = "return document.activeElement.id";
    until("the keyboard is where it was", async || {
        site.browser.run(focused).await == "film"
    })
    .await;
}

#[tokio::test]
async fn the_button_fits_into_small_frames_and_a_strict_policy() {
    let Some(site) = open(Scripts::On).await else {
        return;
    };
    for (path, frame) in [("/", "#film"), ("/", "#again"), ("/locked", "#film")] {
        site.goto(path).await;
        enter(&site.browser, frame).await;
        let script = "const box = document.querySelector('[data-tc-load]').getBoundingClientRect();
            return box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight
                && box.right <= innerWidth && document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(site.browser.run(script).await, true, "{path} {frame}");
        site.browser.client.enter_parent_frame().await.unwrap();
    }
    assert_eq!(site.browser.console_errors().await, [""; 0]);
    load(&site.browser, "#film").await;
    site.until_heard("film.html").await;
}

#[tokio::test]
async fn the_shop_shows_its_film_after_a_click() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    stage.goto("/product/2").await;
    stage.assert_silent("before a choice").await;
    assert_eq!(stage.heard_at_all(), [""; 0]);
    load(&stage.browser, ".video iframe").await;
    stage
        .until_heard_times(Trackers::Functional, "/embed/2", 1)
        .await;
    stage.browser.settle().await;
    assert!(stage.browser.shows("[data-tc-banner]").await);
    assert_eq!(stage.heard_at_all().len(), 1, "{:?}", stage.heard_at_all());
}

#[tokio::test]
async fn on_a_page_for_everybody_a_film_is_remembered_too() {
    let films = layer(films()).with_cache_mode(CacheMode::Uniform);
    let Some(site) = Site::open_with(Scripts::On, films, FILM, axum::Router::new()).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
    load(&site.browser, "#film").await;
    site.until_heard("film.html").await;
    site.until_heard("again.html").await;
    for times in [4, 6] {
        site.goto("/").await;
        until("it is woken by itself", async || {
            site.heard().len() == times
        })
        .await;
        site.browser.settle().await;
        assert_eq!(site.heard().len(), times, "{:?}", site.heard());
        assert!(site.browser.shows("[data-tc-banner]").await);
    }
}
