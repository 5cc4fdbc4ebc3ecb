//! Sets the stage for every flow: the storefront, a sink and a browser.

use std::io::Write;

use fantoccini::Locator;
use serde_json::json;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

use crate::driver::{Browser, Programs, Scripts, until};
use crate::shop::journal::Journal;
use crate::shop::partners::Received;
use crate::shop::{self, Options, Running};
use crate::sink::Sink;

/// The hosts of the real tags on `/product/1`.
pub(crate) const GOOGLE: &[&str] = &[
    "googletagmanager.com",
    "google-analytics.com",
    "doubleclick.net",
];
pub(crate) const META: &[&str] = &["facebook.net", "facebook.com"];

/// How the names of tracker cookies start.
const ANALYTICS_COOKIES: &[&str] = &["_stats_", "_ga"];
const MARKETING_COOKIES: &[&str] = &["_ads_", "_fbp"];

/// A category that some tracker of the stage belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trackers {
    Analytics,
    Marketing,
    Functional,
}

pub(crate) struct Stage {
    pub(crate) browser: Browser,
    pub(crate) sink: Sink,
    pub(crate) running: Running,
    pub(crate) journal: Journal,
    _subscriber: DefaultGuard,
}

impl Stage {
    /// Opens the shop in a new browser; `None`, said aloud, where there is none.
    pub(crate) async fn open(scripts: Scripts) -> Option<Self> {
        Self::open_with(scripts, Options::default()).await
    }

    pub(crate) async fn open_with(scripts: Scripts, options: Options) -> Option<Self> {
        let programs = programs()?;
        let journal = Journal::default();
        // Were the shop's the only one, what another test reaches first would be switched off for all.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::registry().with(journal.layer());
        // A test runs on one thread, servers included, so it hears its own shop alone.
        let guard = tracing::subscriber::set_default(subscriber);
        let options = Options {
            real_tags: true,
            ..options
        };
        let running = shop::start(&options, journal.clone()).await.unwrap();
        let sink = Sink::start().await;
        let browser = Browser::open(&programs, scripts, sink.port).await;
        Some(Self {
            browser,
            sink,
            running,
            journal,
            _subscriber: guard,
        })
    }

    /// Goes to a page of the shop and waits until nothing is under way any more.
    pub(crate) async fn goto(&self, path: &str) {
        self.browser
            .goto(&format!("{}{path}", self.running.url))
            .await;
    }

    pub(crate) async fn accept(&self) {
        self.choose("[data-tc-banner] [data-tc-accept]").await;
    }

    pub(crate) async fn reject(&self) {
        self.choose("[data-tc-banner] [data-tc-reject]").await;
    }

    /// Grants one category among the preferences.
    pub(crate) async fn grant_only(&self, category: &str) {
        self.browser.click("[data-tc-banner] .tc-choose").await;
        self.browser
            .click(&format!(".tc-sheet input[name={category}]"))
            .await;
        self.choose(".tc-sheet [data-tc-save]").await;
    }

    async fn choose(&self, button: &str) {
        self.browser.click(button).await;
        until("the banner has gone", async || {
            !self.browser.shows("[data-tc-banner]").await && self.holds("consent-necessary").await
        })
        .await;
        self.browser.settle().await;
    }

    /// Takes everything back as visitors do: settings link, reject. With scripts that is a dialog, else a page.
    pub(crate) async fn withdraw(&self) {
        let page = self.browser.path().await;
        self.browser.click("a[data-tc-settings]").await;
        until("the preferences are there", async || {
            self.browser.shows(".tc-sheet").await
        })
        .await;
        self.browser.settle().await;
        self.browser.run("window.tcBefore = true").await;
        self.browser.click(".tc-sheet [data-tc-reject]").await;
        until("the page is made anew", async || {
            self.browser.path().await == page
                && self.browser.run("return !window.tcBefore").await == true
        })
        .await;
        self.browser.settle().await;
    }

    /// The same on the page of the preferences, which then stands in the browser's history.
    pub(crate) async fn withdraw_on_the_page(&self) {
        let page = self.browser.path().await;
        self.goto(&format!("/_consent?next={page}")).await;
        self.browser.click("[data-tc-reject]").await;
        until("the page is back", async || {
            self.browser.path().await == page
        })
        .await;
        self.browser.settle().await;
    }

    /// Puts something into the cart and signs in.
    pub(crate) async fn shop_and_sign_in(&self) {
        self.goto("/product/2").await;
        self.browser.click("main form button").await;
        until("the cart is there", async || {
            self.browser.path().await == "/cart"
        })
        .await;
        self.goto("/login").await;
        let name = self
            .browser
            .client
            .find(Locator::Css("input[name=name]"))
            .await
            .unwrap();
        name.send_keys("Ada").await.unwrap();
        self.browser.click("main form button").await;
        until("the account is there", async || {
            self.browser.path().await == "/account"
        })
        .await;
    }

    pub(crate) async fn assert_cart_and_login_intact(&self) {
        self.goto("/account").await;
        assert_eq!(self.text("#user").await, "Ada");
        assert_eq!(self.text("#cart").await, "1");
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        let script = format!("return document.querySelector({css:?})?.textContent");
        self.browser
            .run(&script)
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// What this kind of tracker received so far, the real ones and the shop's own statistics included.
    pub(crate) fn heard(&self, trackers: Trackers) -> Vec<String> {
        let [stats, ads, video] = &self.running.shop.partners.0;
        let requests = |received: &Received| received.last();
        match trackers {
            Trackers::Analytics => {
                let own = requests(&self.running.shop.collected);
                [requests(&stats.received), own, self.sink.contacts(GOOGLE)].concat()
            }
            Trackers::Marketing => [requests(&ads.received), self.sink.contacts(META)].concat(),
            Trackers::Functional => requests(&video.received),
        }
    }

    pub(crate) fn heard_at_all(&self) -> Vec<String> {
        let all = [
            Trackers::Analytics,
            Trackers::Marketing,
            Trackers::Functional,
        ];
        all.into_iter()
            .flat_map(|trackers| self.heard(trackers))
            .collect()
    }

    /// Waits until such a tracker has received something that holds `what`.
    pub(crate) async fn until_heard(&self, trackers: Trackers, what: &str) {
        until(&format!("{trackers:?} received {what}"), async || {
            self.heard(trackers)
                .iter()
                .any(|request| request.contains(what))
        })
        .await;
    }

    /// Waits until such a tracker has received something that holds `what` so many times.
    pub(crate) async fn until_heard_times(&self, trackers: Trackers, what: &str, times: usize) {
        until(
            &format!("{trackers:?} received {what} {times} times"),
            async || {
                let heard = self.heard(trackers);
                heard
                    .iter()
                    .filter(|request| request.contains(what))
                    .count()
                    == times
            },
        )
        .await;
    }

    /// The tracker cookies that the browser holds: the shop's by name, all that third parties set.
    pub(crate) async fn tracker_cookies(&self) -> Vec<String> {
        let cookies = self.browser.cookies().await;
        let names = cookies.into_iter().filter_map(|(domain, name)| {
            (domain != "127.0.0.1" || is_tracker(&name)).then(|| format!("{domain} {name}"))
        });
        names.collect()
    }

    /// The tracker cookies that the browser holds for the shop, of one kind.
    pub(crate) async fn own_tracker_cookies(&self, trackers: Trackers) -> Vec<String> {
        let cookies = self.browser.cookies().await.into_iter();
        let own = cookies
            .filter(|(domain, _)| domain == "127.0.0.1")
            .map(|(_, name)| name);
        own.filter(|name| starts(name, cookies_of(trackers)))
            .collect()
    }

    /// Whether the browser holds the shop's cookie of this name, whatever its prefix.
    pub(crate) async fn holds(&self, name: &str) -> bool {
        self.browser
            .cookies()
            .await
            .iter()
            .any(|(_, held)| held.ends_with(name))
    }

    /// Stores a cookie for the shop from outside, as an earlier visit would have.
    pub(crate) async fn plant(&self, name: &str) {
        let cookie = json!({ "name": name, "value": "planted", "url": self.running.url });
        self.browser.devtools("Network.setCookie", cookie).await;
    }

    /// The names of the cookies that the shop's code is given.
    pub(crate) async fn cookies_seen_by_the_app(&self) -> Vec<String> {
        self.browser
            .client
            .goto(&format!("{}/cookies", self.running.url))
            .await
            .unwrap();
        let body = self.browser.run("return document.body.innerText").await;
        serde_json::from_str(body.as_str().unwrap()).unwrap()
    }

    /// What on the page would contact a third party, or did.
    pub(crate) async fn live_trackers(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('script, iframe, img, link[rel=preconnect]')]
            .filter((element) => element.type !== 'text/plain')
            .map((element) => element.getAttribute('src') || element.getAttribute('href') || '')
            .filter((address) => /^https?:/.test(address))";
        self.browser.texts(script).await
    }

    /// Holds the present page to silence: nothing on it is awake, and no tracker cookie of the shop is stored.
    pub(crate) async fn assert_silent(&self, page: &str) {
        assert_eq!(self.live_trackers().await, [""; 0], "{page}");
        for trackers in [Trackers::Analytics, Trackers::Marketing] {
            assert_eq!(self.own_tracker_cookies(trackers).await, [""; 0], "{page}");
        }
    }

    /// Whether the layer said that it did this.
    pub(crate) fn told(&self, verb: &str, what: &str) -> bool {
        self.journal
            .acts()
            .iter()
            .any(|act| act.verb == verb && act.what == what)
    }
}

pub(crate) fn is_tracker(cookie: &str) -> bool {
    starts(cookie, ANALYTICS_COOKIES) || starts(cookie, MARKETING_COOKIES)
}

fn cookies_of(trackers: Trackers) -> &'static [&'static str] {
    match trackers {
        Trackers::Analytics => ANALYTICS_COOKIES,
        Trackers::Marketing => MARKETING_COOKIES,
        Trackers::Functional => &[],
    }
}

fn starts(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|start| name.starts_with(start))
}

/// The programs; `None`, said aloud, where one is missing.
pub(crate) fn programs() -> Option<Programs> {
    match Programs::find() {
        Ok(programs) => Some(programs),
        Err(missing) => {
            say_missing(missing);
            None
        }
    }
}

/// Says that a program is missing, or fails where none may be.
pub(crate) fn say_missing(program: &str) {
    let required =
        std::env::var_os("TOWER_CONSENT_REQUIRE_BROWSER").is_some_and(|value| value == "1");
    assert!(
        !required,
        "{program} in PATH, and TOWER_CONSENT_REQUIRE_BROWSER=1"
    );
    say_skipped(&format!("{program} in PATH"));
}

/// Says why the present test was left out.
pub(crate) fn say_skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    let line = format!("skipped: {why}, so {test} was left out\n");
    // Straight to the descriptor: what passes is not shown otherwise.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
