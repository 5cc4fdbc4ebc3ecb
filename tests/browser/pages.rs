//! Proves what visitors find on every page: the way back, the same shop, and
//! the state as it is.

use std::collections::BTreeSet;

use crate::driver::{Scripts, until};
use crate::stage::Stage;

/// Every page that links lead to, and the page for what does not exist.
async fn crawl(stage: &Stage) -> BTreeSet<String> {
    let mut open = vec!["/".to_owned(), "/nowhere".to_owned()];
    let mut found = BTreeSet::new();
    while let Some(page) = open.pop() {
        if !found.insert(page.clone()) {
            continue;
        }
        stage.goto(&page).await;
        let script = "const link = document.querySelector('a[data-tc-settings]');
            return link && link.pathname === '/_consent' && link.textContent.trim() ? ['yes'] : []";
        assert_eq!(
            stage.browser.texts(script).await,
            ["yes"],
            "{page} has no settings link"
        );
        let asks = stage.browser.shows("[data-tc-banner]").await;
        let link = if asks {
            "[data-tc-banner] a[href*='/_consent']"
        } else {
            "a[href*='/_consent']:not([hidden])"
        };
        assert!(
            stage.browser.shows(link).await,
            "{page} does not show {link}"
        );
        let links = "return [...document.querySelectorAll('header a, main a')]
            .map((link) => link.pathname + link.search)
            .filter((path) => !path.startsWith('/_consent'))";
        open.extend(stage.browser.texts(links).await);
    }
    found
}

// covers S16, L04
#[tokio::test]
async fn the_settings_link_is_on_every_page() {
    settings_link(Scripts::On).await;
}

// covers S16, L04
#[tokio::test]
async fn the_settings_link_is_on_every_page_without_scripts() {
    settings_link(Scripts::Off).await;
}

async fn settings_link(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    let pages = crawl(&stage).await;
    for page in [
        "/product/6",
        "/cart",
        "/login",
        "/privacy",
        "/nowhere",
        "/language?to=de",
    ] {
        assert!(pages.contains(page), "{page} in {pages:?}");
    }
    stage.accept().await;
    assert_eq!(crawl(&stage).await.len(), pages.len());
    stage.withdraw().await;
    assert_eq!(crawl(&stage).await.len(), pages.len());
}

// covers S17
#[tokio::test]
async fn pages_are_the_same_shop_whatever_was_chosen() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    stage.shop_and_sign_in().await;
    stage.accept().await;
    let granted = core_pages(&stage).await;
    stage.withdraw().await;
    let refused = core_pages(&stage).await;
    assert_eq!(granted, refused);
}

/// Status and main text of the pages that matter.
async fn core_pages(stage: &Stage) -> Vec<(&'static str, String, String)> {
    let mut pages = Vec::new();
    for page in [
        "/",
        "/product/1",
        "/product/4",
        "/cart",
        "/account",
        "/login",
        "/privacy",
        "/nowhere",
    ] {
        stage.goto(page).await;
        let status = "return String(performance.getEntriesByType('navigation')[0].responseStatus)";
        let status = stage.browser.run(status).await.as_str().unwrap().to_owned();
        assert_eq!(
            status,
            if page == "/nowhere" { "404" } else { "200" },
            "{page}"
        );
        let text = stage
            .browser
            .run("return document.querySelector('main').innerText")
            .await;
        let text = text.as_str().unwrap().to_owned();
        assert!(text.len() > 20, "{page}: {text}");
        pages.push((page, status, text));
    }
    pages
}

// covers S47
#[tokio::test]
async fn the_preferences_page_shows_the_choice_as_it_is() {
    real_state(Scripts::On).await;
}

// covers S47
#[tokio::test]
async fn the_preferences_page_shows_the_choice_as_it_is_without_scripts() {
    real_state(Scripts::Off).await;
}

async fn real_state(scripts: Scripts) {
    let Some(stage) = Stage::open(scripts).await else {
        return;
    };
    stage.goto("/product/2").await;
    assert_eq!(ticked(&stage).await, [""; 0]);
    stage.goto("/product/2").await;
    stage.grant_only("analytics").await;
    assert_eq!(
        ticked(&stage).await,
        ["analytics", "vendor google-analytics", "vendor shop-stats"]
    );

    // One service less, and one category more.
    let services = |of: &str| format!(".tc-group:has([name={of}]) > details > summary");
    stage.browser.click(&services("analytics")).await;
    stage.browser.click("input[value=google-analytics]").await;
    if scripts == Scripts::Off {
        stage.browser.click(&services("functional")).await;
        stage.browser.click("input[value=shop-video]").await;
    }
    stage.browser.click("input[name=functional]").await;
    stage.browser.click("[data-tc-save]").await;
    until("the page is back", async || {
        stage.browser.path().await != "/_consent"
    })
    .await;
    let expected = [
        "analytics",
        "functional",
        "vendor shop-stats",
        "vendor shop-video",
    ];
    assert_eq!(ticked(&stage).await, expected);

    // What was deleted in the browser shows as refused, and nothing else changes.
    stage
        .browser
        .client
        .delete_cookie("consent-functional")
        .await
        .unwrap();
    assert_eq!(ticked(&stage).await, ["analytics", "vendor shop-stats"]);
}

/// The boxes that are ticked on the preferences page.
async fn ticked(stage: &Stage) -> Vec<String> {
    stage.goto("/_consent").await;
    let script = "return [...document.querySelectorAll('input:checked')]
        .map((box) => box.name === 'vendor' ? 'vendor ' + box.value : box.name).sort()";
    stage.browser.texts(script).await
}
