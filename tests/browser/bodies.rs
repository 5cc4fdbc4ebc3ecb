//! Proves that pages which live long stay in step: in the browser's page cache, in another tab, and where a framework
//! swaps the body.

use axum::Router;
use axum::routing::get;
use serde_json::json;

use crate::driver::until;
use crate::npm;
use crate::site::{Page, Site, layer, policy};

const HEAD: &str = "<!doctype html><html lang='en'><head><title>A page</title>";

/// A page with a picture of each vendor. `HEAD` comes before, `LINK` says where to.
fn page(script: &str, link: &str) -> &'static str {
    let page = format!(
        "{HEAD}{script}</head><body><main><h1>A page</h1><a id='go' href='{link}'>Further</a>\
         <img alt='' src='https://t.tracker.test{link}.svg'><img alt='' src='https://t.market.test{link}.svg'></main></body></html>"
    );
    Box::leak(page.into_boxed_str())
}

fn pages(script: &str) -> &'static [Page] {
    let pages: Vec<Page> = vec![
        ("/one", "", page(script, "/two")),
        ("/two", "", page(script, "/one")),
    ];
    pages.leak()
}

const BANNERS: &str = "return [...document.querySelectorAll('[data-tc-banner]')]
    .map((banner) => [banner.checkVisibility(), getComputedStyle(banner).position, getComputedStyle(banner).borderRadius].join(' '))";

const ONE: [&str; 1] = ["true fixed 12px"];

// covers T30
#[tokio::test]
async fn going_back_to_a_page_that_asked_shows_what_was_answered_since() {
    let Some(site) = Site::open(layer(policy()), pages("")).await else {
        return;
    };
    let browser = &site.browser;
    for (button, heard) in [("[data-tc-reject]", 0), ("[data-tc-accept]", 4)] {
        browser.client.delete_all_cookies().await.unwrap();
        site.goto("/one").await;
        browser.run("window.kept = true").await;
        assert!(browser.shows("[data-tc-banner]").await);
        site.goto("/two").await;
        site.choose(button).await;
        browser.client.back().await.unwrap();
        until("the page is back, and asks no more", async || {
            browser.path().await == "/one" && !browser.has("[data-tc-banner]").await
        })
        .await;
        until("it is as awake as the answer says", async || {
            site.heard().len() == heard
        })
        .await;
        browser.settle().await;
        assert_eq!(site.heard().len(), heard, "{:?}", site.heard());
        // It was kept, so nothing but its own script can have done that.
        assert_eq!(browser.run("return window.kept").await, true);
    }
}

#[tokio::test]
async fn an_answer_in_one_tab_is_one_in_the_other() {
    let Some(site) = Site::open(layer(policy()), pages("")).await else {
        return;
    };
    let client = &site.browser.client;
    site.goto("/one").await;
    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    site.goto("/two").await;
    site.choose("[data-tc-accept]").await;
    client.switch_to_window(first).await.unwrap();
    until("the first tab asks no more", async || {
        !site.browser.has("[data-tc-banner]").await
    })
    .await;
    // Its picture came without a new page.
    for tracker in ["one.svg", "two.svg"] {
        until(&format!("both vendors gave {tracker}"), async || {
            site.heard().iter().filter(|path| *path == tracker).count() == 2
        })
        .await;
    }
}

/// Says how many channels to other tabs a page has opened.
const COUNT: &str = "window.channels = 0;
    window.BroadcastChannel = class extends BroadcastChannel { constructor(name) { super(name); window.channels += 1; } };";

#[tokio::test]
async fn a_tab_that_has_the_keyboard_needs_no_channel_until_it_loses_it() {
    let Some(site) = Site::open(layer(policy()), pages("")).await else {
        return;
    };
    let (browser, client) = (&site.browser, &site.browser.client);
    let keyboard = async |enabled: bool| {
        let wanted = json!({ "enabled": enabled });
        browser
            .devtools("Emulation.setFocusEmulationEnabled", wanted)
            .await;
    };
    let count = json!({ "source": COUNT });
    browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", count)
        .await;
    keyboard(true).await;
    site.goto("/one").await;
    browser.settle().await;
    assert_eq!(browser.run("return document.hasFocus()").await, true);
    assert_eq!(browser.run("return window.channels").await, 0);
    keyboard(false).await;
    until("the page has lost the keyboard and listens", async || {
        browser.run("return window.channels").await == 1
    })
    .await;

    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    site.goto("/two").await;
    site.choose("[data-tc-accept]").await;
    client.switch_to_window(first).await.unwrap();
    until("the first tab asks no more", async || {
        !browser.has("[data-tc-banner]").await
    })
    .await;
}

// covers S33
#[tokio::test]
async fn a_framework_that_swaps_the_body_keeps_one_banner_and_one_guard() {
    let Some(turbo) = npm::file("@hotwired/turbo/dist/turbo.es2017-umd.js") else {
        return;
    };
    let script = "<script src='/turbo.js' defer></script>";
    let route = get(async move || ([("content-type", "text/javascript")], turbo));
    let router = Router::new().route("/turbo.js", route);
    let scripts = crate::driver::Scripts::On;
    let Some(site) = Site::open_with(scripts, layer(policy()), pages(script), router).await else {
        return;
    };
    let browser = &site.browser;
    let follow = async |to: &str| {
        browser.click("#go").await;
        until(&format!("{to} is there"), async || {
            let link = "return document.querySelector('#go')?.getAttribute('href')";
            browser.path().await == to && browser.run(link).await != to
        })
        .await;
        browser.settle().await;
    };
    site.goto("/one").await;
    browser
        .run("window.same = true; window.guard = window.__tc")
        .await;
    for to in ["/two", "/one", "/two"] {
        follow(to).await;
        until(&format!("{to} asks once"), async || {
            browser.texts(BANNERS).await == ONE
        })
        .await;
        let guards =
            "return window.same && window.__tc === window.guard && window.__tc !== undefined";
        assert_eq!(browser.run(guards).await, true, "{to}");
        // What is inserted is held back once, not twice and not never.
        let insert = "const image = new Image(); image.src = 'https://t.tracker.' + 'test/late.svg'; document.body.append(image);
            return image.hasAttribute('data-tc')";
        assert_eq!(browser.run(insert).await, true, "{to}");
    }
    assert_eq!(site.heard(), [""; 0]);

    // Back to a body that the framework kept from before the answer: it asks no more and is awake.
    site.choose("[data-tc-accept]").await;
    site.until_heard("one.svg").await;
    browser.client.back().await.unwrap();
    until("the page before is there, and asks no more", async || {
        browser.path().await == "/one" && browser.texts(BANNERS).await.is_empty()
    })
    .await;
    site.until_heard("two.svg").await;
    assert_eq!(browser.run("return window.same").await, true);
    follow("/two").await;
    assert!(!browser.has("[data-tc-banner]").await);
}

#[tokio::test]
async fn a_body_that_is_thrown_away_leaves_the_banner_dressed() {
    let Some(site) = Site::open(layer(policy()), pages("")).await else {
        return;
    };
    site.goto("/one").await;
    site.browser
        .run("document.body.innerHTML = '<main>Another page.</main>'")
        .await;
    until("the banner is there again", async || {
        site.browser.texts(BANNERS).await == ONE
    })
    .await;
    site.choose("[data-tc-reject]").await;
}
