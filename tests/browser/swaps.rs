//! Proves that the gate and the banner hold where a library swaps parts of the page, with the real htmx, Unpoly and
//! Turbo from npm: a fragment, and a page that takes the place of another.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::driver::{Browser, Scripts, until};
use crate::npm;
use crate::site::{Page, Site, layer, policy};

/// How a library is told what the test needs of it.
struct Library {
    file: &'static str,
    /// What the manual tells sites with it to add.
    head: &'static str,
    body: &'static str,
    /// What brings `/part` into `#into`.
    more: &'static str,
    /// On a link to another page.
    link: &'static str,
    into: &'static str,
    /// Whether a fragment names the element that it is for.
    whole: bool,
}

const HTMX_4: Library = Library {
    file: "htmx.org/dist/htmx.min.js",
    head: "",
    body: "hx-boost:inherited='true'",
    more: "<button id='more' hx-get='/part' hx-target='#into'>More</button>",
    link: "",
    into: "div",
    whole: false,
};
const HTMX_2: Library = Library {
    file: "htmx2/dist/htmx.min.js",
    body: "hx-boost='true'",
    ..HTMX_4
};
const UNPOLY: Library = Library {
    file: "unpoly/unpoly.min.js",
    head: "<script>document.addEventListener('consent:change', () => up.cache.evict());</script>",
    body: "",
    more: "<a id='more' href='/part' up-target='#into' up-history='false'>More</a>",
    link: "up-follow",
    into: "div",
    whole: true,
};
/// The same, where the whole body is swapped and not the part that Unpoly takes for the main one.
const UNPOLY_BODY: Library = Library {
    link: "up-target='body'",
    ..UNPOLY
};
const TURBO: Library = Library {
    file: "@hotwired/turbo/dist/turbo.es2017-umd.js",
    head: "",
    body: "",
    more: "<a id='more' href='/part' data-turbo-frame='into'>More</a>",
    link: "",
    into: "turbo-frame",
    whole: true,
};

/// What a fragment holds of each vendor's.
const PART: &str = "<h2 id='part'>More</h2><img alt='' src='https://t.tracker.test/part.svg'>\
    <iframe title='Part' src='https://t.tracker.test/part.html'></iframe>\
    <img alt='' srcset='https://t.market.test/part2.svg 1x'>\
    <script src='https://t.tracker.test/say/part.js'></script>\
    <button type='button' id='cookies' data-tc-settings>Cookies</button>";
const OF_PART: [&str; 4] = ["part.svg", "part.html", "part2.svg", "say/part.js"];

impl Library {
    fn page(&self, own: &str, other: &str) -> &'static str {
        let Self {
            head,
            body,
            more,
            link,
            into,
            ..
        } = self;
        let page = format!(
            "<!doctype html><html lang='en'><head><title>A page</title><script src='/library.js' defer></script>{head}</head>\
             <body {body}><main><h1>Page {own}</h1><a id='go' href='/{other}' {link}>Further</a> {more}\
             <{into} id='into'></{into}><img alt='' src='https://t.tracker.test/{own}.svg'></main></body></html>"
        );
        Box::leak(page.into_boxed_str())
    }

    async fn site(&self) -> Option<Site> {
        let library = npm::file(self.file)?;
        let Self { into, .. } = self;
        let part = match self.whole {
            true => format!("<{into} id='into'>{PART}</{into}>"),
            false => PART.to_owned(),
        };
        let script = async move || ([("content-type", "text/javascript")], library);
        let router = Router::new()
            .route("/library.js", get(script))
            .route("/part", get(async move || Html(part)));
        let pages: Vec<Page> = vec![
            ("/one", "", self.page("one", "two")),
            ("/two", "", self.page("two", "one")),
        ];
        Site::open_with(Scripts::On, layer(policy()), pages.leak(), router).await
    }
}

const ADDED: &str = "a[data-tc-settings]";

/// How many banners and settings links there are, and whether the page is still the one that was opened.
const STATE: &str = "return [...document.querySelectorAll('[data-tc-banner]')].filter((banner) => banner.checkVisibility()).length
    + ' ' + document.querySelectorAll('a[data-tc-settings]').length + ' ' + window.same";

/// Waits until each is there as often as it should be, and stays so.
async fn shows(browser: &Browser, banners: usize) {
    let expected = format!("{banners} 1 true");
    for _ in 0..2 {
        until(
            &format!("banners, links, same page: {expected}"),
            async || browser.run(STATE).await == expected.as_str(),
        )
        .await;
        browser.settle().await;
    }
}

/// Brings the fragment, and waits until it is there anew.
async fn bring(browser: &Browser) {
    browser
        .run("document.querySelector('#part')?.remove()")
        .await;
    browser.click("#more").await;
    until("the fragment is there", async || browser.has("#part").await).await;
    browser.settle().await;
}

/// Follows the link to the other page.
async fn follow(browser: &Browser, to: &str) {
    browser.click("#go").await;
    until(&format!("{to} is there"), async || {
        let heading = "return document.querySelector('h1')?.textContent.replace('Page ', '/')";
        browser.path().await == to && browser.run(heading).await == to
    })
    .await;
    browser.settle().await;
}

/// Opens the preferences by what the fragment brought or the layer added, and closes them.
async fn looks_at_the_settings(browser: &Browser, entry: &str) {
    browser.click(entry).await;
    until("the preferences are open", async || {
        browser.has("dialog.tc-dialog[open]").await
    })
    .await;
    browser
        .run("document.querySelector('dialog.tc-dialog').close()")
        .await;
}

/// Pictures that were there before come from the browser's memory; frames and scripts are asked for each time.
async fn until_part_was_heard(site: &Site, times: usize) {
    until(
        &format!("the fragment's trackers ran {times} times"),
        async || {
            let heard = site.heard();
            let count = |what: &str| heard.iter().filter(|path| *path == what).count();
            OF_PART.iter().all(|what| match what.ends_with(".svg") {
                true => count(what) >= 1,
                false => count(what) == times,
            })
        },
    )
    .await;
}

async fn holds(library: &Library) {
    let Some(site) = library.site().await else {
        return;
    };
    let browser = &site.browser;
    site.goto("/one").await;
    browser.run("window.same = true").await;
    shows(browser, 1).await;

    // Before a choice nothing of a fragment acts, and it brings no banner of its own.
    bring(browser).await;
    shows(browser, 1).await;
    looks_at_the_settings(browser, "#cookies").await;
    follow(browser, "/two").await;
    shows(browser, 1).await;
    bring(browser).await;
    looks_at_the_settings(browser, "#cookies").await;
    shows(browser, 1).await;
    assert_eq!(site.heard(), [""; 0]);

    // A grant wakes what was swapped in, where it stands.
    site.choose("[data-tc-accept]").await;
    until_part_was_heard(&site, 1).await;
    site.until_heard("two.svg").await;
    shows(browser, 0).await;

    // What is swapped in now acts at once.
    bring(browser).await;
    until_part_was_heard(&site, 2).await;
    follow(browser, "/one").await;
    site.until_heard("one.svg").await;
    shows(browser, 0).await;
    looks_at_the_settings(browser, ADDED).await;
    browser.client.back().await.unwrap();
    until("the page before is there", async || {
        browser.path().await == "/two"
    })
    .await;
    shows(browser, 0).await;

    // A refusal lasts as well.
    browser.client.delete_all_cookies().await.unwrap();
    site.goto("/one").await;
    browser.run("window.same = true").await;
    let before = site.heard().len();
    site.choose("[data-tc-reject]").await;
    bring(browser).await;
    follow(browser, "/two").await;
    bring(browser).await;
    shows(browser, 0).await;
    looks_at_the_settings(browser, "#cookies").await;
    assert_eq!(site.heard().len(), before, "{:?}", site.heard());
    assert_eq!(browser.console_errors().await, [""; 0]);
}

// covers S33
#[tokio::test]
async fn htmx_swaps_nothing_past_the_gate() {
    holds(&HTMX_4).await;
}

// covers S33
#[tokio::test]
async fn the_htmx_before_it_swaps_nothing_past_the_gate() {
    holds(&HTMX_2).await;
}

// covers S33
#[tokio::test]
async fn unpoly_swaps_nothing_past_the_gate() {
    holds(&UNPOLY).await;
}

// covers S33
#[tokio::test]
async fn unpoly_swaps_whole_bodies_with_one_banner() {
    holds(&UNPOLY_BODY).await;
}

// covers S33
#[tokio::test]
async fn turbo_swaps_nothing_past_the_gate() {
    holds(&TURBO).await;
}
