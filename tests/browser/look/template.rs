//! Proves that a site's own markup does all that the layer's does, with and without scripts.

use axum::Router;
use tower_consent::{BannerParts, ConsentLayer};

use super::{layer, open_dialog, page};
use crate::driver::{Scripts, until};
use crate::site::{Page, Site};

type Write = fn(&BannerParts<'_>) -> String;

fn banner(parts: &BannerParts<'_>) -> String {
    format!(
        "<aside data-tc-banner aria-label=\"Privacy\" class=\"mine\" lang=\"{}\" dir=\"{}\"><p>{}</p>\
         <form method=\"post\" action=\"{}\">{}\
         <button class=\"b\" name=\"choice\" value=\"reject\">{}</button>\
         <button class=\"b\" name=\"choice\" value=\"accept\">{}</button>\
         <a id=\"more\" href=\"{}\">{}</a></form></aside>",
        parts.texts().language,
        parts.direction(),
        parts.texts().body,
        parts.action(),
        parts.hidden(),
        parts.texts().reject,
        parts.texts().accept,
        parts.preferences().replace('&', "&amp;"),
        parts.texts().choose,
    )
}

fn own() -> ConsentLayer {
    layer().with_banner_template(banner).unwrap()
}

const FIXED: &str = ".mine { position: fixed; left: 40px; bottom: 30px; width: 300px; background: #ffd; color: #111 }";

fn pages() -> &'static [Page] {
    let pages: Vec<Page> = vec![
        ("/flow", "", page("en", ".mine { background: #ffd }", 3)),
        ("/", "", page("en", FIXED, 3)),
    ];
    pages.leak()
}

const PLACE: &str = "const mine = document.querySelector('.mine');
    const { left, bottom, width } = mine.getBoundingClientRect();
    const { backgroundColor, borderTopWidth, paddingTop, position } = getComputedStyle(mine);
    return [position, left, innerHeight - bottom, width, backgroundColor, borderTopWidth, paddingTop].join()";

/// Covers the whole page as no stacking order of the page's own could undo.
const COVER: &str = "const cover = document.createElement('div');
    cover.style.cssText = 'position: fixed; inset: 0; z-index: 2147483647';
    document.body.append(cover)";
const LIFTED: &str = "return document.querySelector('.mine').matches(':popover-open')";

#[tokio::test]
async fn a_banner_of_the_sites_own_asks_answers_and_leads_to_the_preferences() {
    for scripts in [Scripts::On, Scripts::Off] {
        for choice in ["reject", "accept"] {
            let Some(site) = Site::open_with(scripts, own(), pages(), Router::new()).await else {
                return;
            };
            let browser = &site.browser;
            site.goto("/").await;
            // Lifted or not, it looks as the site says.
            let looks = "fixed,40,30,300,rgb(255, 255, 221),0px,0px";
            assert_eq!(browser.run(PLACE).await, looks, "{scripts:?}");
            if scripts == Scripts::On {
                browser.run(COVER).await;
                until("it is lifted", async || browser.run(LIFTED).await == true).await;
                assert_eq!(browser.run(PLACE).await, looks, "lifted");
            }
            site.choose(&format!("[value={choice}]")).await;
            site.goto("/").await;
            assert!(!browser.has("[data-tc-banner]").await, "{scripts:?}");
            site.goto("/_consent?next=%2F").await;
            let granted = browser.has("[name=analytics]:checked").await;
            assert_eq!(granted, choice == "accept", "{scripts:?}");
        }
        let Some(site) = Site::open_with(scripts, own(), pages(), Router::new()).await else {
            return;
        };
        let browser = &site.browser;
        // One that stands in the page stays there.
        site.goto("/flow").await;
        assert!(browser.shows(".mine").await, "{scripts:?}");
        let place = browser.run(PLACE).await;
        assert!(place.as_str().unwrap().starts_with("static,"), "{place}");
        browser.click("#more").await;
        until("the preferences are there", async || {
            browser.shows(".tc-sheet").await
        })
        .await;
        browser.click(".tc-sheet [name=analytics]").await;
        browser.click(".tc-sheet [data-tc-save]").await;
        until("the banner has gone", async || {
            browser.path().await == "/flow" && !browser.has("[data-tc-banner]").await
        })
        .await;
    }
}

#[tokio::test]
async fn the_dialog_opens_from_a_banner_of_the_sites_own_and_gives_the_keyboard_back() {
    let Some(site) = Site::open(own(), pages()).await else {
        return;
    };
    site.goto("/").await;
    site.browser
        .run("document.querySelector('#more').className = 'tc-choose'")
        .await;
    open_dialog(&site).await;
    site.browser.click(".tc-close").await;
    until("the link has the keyboard", async || {
        site.browser.run("return document.activeElement.id").await == "more"
    })
    .await;
    assert!(site.browser.shows(".mine").await);
}

// covers L15
#[test]
fn markup_without_a_control_that_visitors_need_is_no_template() {
    let lacks: [(&str, Write); 5] = [
        ("value=\"reject\"", |parts| {
            banner(parts).replace("value=\"reject\"", "value=\"later\"")
        }),
        ("value=\"accept\"", |parts| {
            banner(parts).replace("value=\"accept\"", "value=\"later\"")
        }),
        ("preferences", |parts| banner(parts).replace("href=", "id=")),
        ("data-tc-banner", |parts| {
            banner(parts).replace("data-tc-banner", "hidden")
        }),
        ("same class", |parts| {
            banner(parts).replacen("class=\"b\"", "class=\"faint\"", 1)
        }),
    ];
    for (named, template) in lacks {
        let error = layer().with_banner_template(template).unwrap_err();
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
}
