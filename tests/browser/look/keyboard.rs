//! Proves that everything can be done by keyboard, in an order that makes sense.

use super::{layer, open_dialog, page, press, tab};
use crate::driver::{Scripts, until};
use crate::site::{Page, Site};
use axum::Router;

/// What has the keyboard, in a word.
const HERE: &str = "const e = document.activeElement;
    if (!e || e === document.body) return 'page';
    const place = e.closest('.tc-dialog') ? 'dialog ' : e.closest('[data-tc-banner]') ? 'banner ' : '';
    return place + (e.value && e.localName === 'button' ? e.value : e.name ? e.name + (e.name === 'vendor' ? ' ' + e.value : '')
      : e.className.replace('tc-', '') || e.localName)";

async fn here(site: &Site) -> String {
    let answer = site.browser.run(HERE).await;
    answer.as_str().unwrap_or_default().to_owned()
}

async fn site(scripts: Scripts) -> Option<Site> {
    let pages: Vec<Page> = vec![("/", "", page("en", "", 3))];
    Site::open_with(scripts, layer(), pages.leak(), Router::new()).await
}

/// Presses Tab until `what` has the keyboard; answers what had it on the way.
async fn tab_to(site: &Site, what: &str) -> Vec<String> {
    let mut way = Vec::new();
    loop {
        tab(&site.browser).await;
        way.push(here(site).await);
        if way.last().is_some_and(|last| last == what) {
            return way;
        }
        assert!(way.len() < 80, "{what} is not on the way: {way:?}");
    }
}

// covers T39
#[tokio::test]
async fn the_banner_comes_first_and_refusing_before_granting() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(site) = site(scripts).await else {
            return;
        };
        site.goto("/").await;
        assert_eq!(here(&site).await, "page", "it takes no keyboard by itself");
        let way = tab_to(&site, "banner choose").await;
        assert_eq!(
            way,
            [
                "banner a",
                "banner a",
                "banner reject",
                "banner accept",
                "banner choose"
            ]
        );
        tab(&site.browser).await;
        assert!(!here(&site).await.starts_with("banner"), "it holds nobody");
        press(&site.browser, "Escape", 27, false).await;
        assert!(
            site.browser.shows("[data-tc-banner]").await,
            "it waits for an answer"
        );
    }
}

// covers T39
#[tokio::test]
async fn the_dialog_holds_the_keyboard_and_gives_it_back_where_it_was() {
    let Some(site) = site(Scripts::On).await else {
        return;
    };
    site.goto("/").await;
    tab_to(&site, "banner choose").await;
    press(&site.browser, "Enter", 13, false).await;
    // The key's own event: a link is followed by its text.
    site.browser
        .run("if (!document.querySelector('.tc-dialog')) document.activeElement.click()")
        .await;
    until("the heading has the keyboard", async || {
        here(&site).await == "dialog h1"
    })
    .await;

    // Everything in it once around, and nothing of the page in between.
    let mut seen = Vec::new();
    loop {
        tab(&site.browser).await;
        let at = here(&site).await;
        if seen.contains(&at) && at.contains("close") {
            break;
        }
        assert!(
            at.starts_with("dialog ") || at == "page",
            "{at} after {seen:?}"
        );
        seen.push(at);
        assert!(seen.len() < 200, "{seen:?}");
    }
    let order = [
        "dialog close",
        "dialog analytics",
        "dialog marketing",
        "dialog reject",
        "dialog accept",
        "dialog save",
    ];
    let places: Vec<Option<usize>> = order
        .iter()
        .map(|what| seen.iter().position(|at| at == what))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{seen:?}"
    );

    // What is ticked and left grants nothing.
    site.browser.click(".tc-dialog [name=analytics]").await;
    press(&site.browser, "Escape", 27, false).await;
    until("the dialog has gone", async || {
        !site.browser.shows(".tc-dialog").await
    })
    .await;
    until("the opener has the keyboard", async || {
        here(&site).await == "banner choose"
    })
    .await;
    assert!(site.browser.shows("[data-tc-banner]").await);
    assert_eq!(site.browser.cookies().await, []);
    let granted = "return towerConsent.get().decided || towerConsent.allows('analytics')";
    assert_eq!(site.browser.run(granted).await, false);
    open_dialog(&site).await;
    // Whatever opens in it, the banner stays below.
    let covered =
        "return [...document.querySelectorAll('.tc-dialog .tc-bar button')].filter((button) => {
        const { left, top } = button.getBoundingClientRect();
        return document.elementFromPoint(left + 9, top + 9) !== button;
      }).length";
    assert_eq!(site.browser.run(covered).await, 0);
    assert!(
        !site.browser.has(".tc-dialog :checked").await,
        "it was not kept either"
    );
    site.browser.click(".tc-close").await;
    until("the opener has the keyboard", async || {
        here(&site).await == "banner choose"
    })
    .await;
    assert_eq!(site.browser.cookies().await, []);
}

// covers T39
#[tokio::test]
async fn after_a_choice_the_keyboard_stands_where_the_page_begins() {
    let Some(site) = site(Scripts::On).await else {
        return;
    };
    site.goto("/").await;
    open_dialog(&site).await;
    site.browser.click(".tc-dialog [name=analytics]").await;
    site.browser.click(".tc-dialog [data-tc-save]").await;
    until("the banner has gone", async || {
        !site.browser.has("[data-tc-banner]").await
    })
    .await;
    until("the page has the keyboard", async || {
        here(&site).await == "main"
    })
    .await;

    // From the settings link it comes back to that, and the choice shows.
    site.browser.click("a[data-tc-settings]").await;
    until("the choice shows", async || {
        site.browser
            .shows(".tc-dialog [name=analytics]:checked")
            .await
    })
    .await;
    assert!(site.browser.shows(".tc-dialog time").await);
    press(&site.browser, "Escape", 27, false).await;
    let opener = "return document.activeElement.hasAttribute('data-tc-settings')";
    until("the link has the keyboard", async || {
        site.browser.run(opener).await == true
    })
    .await;
}
