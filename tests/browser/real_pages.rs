//! Proves that the gateway holds on pages in the style of real sites: no tracker hears of a visitor who has not agreed,
//! nothing of the page breaks or is lost, and everything comes back after a grant without a reload.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_layer::Layer;

use crate::driver::{Browser, Scripts};
use crate::proxy::options::Options;
use crate::proxy::relay::Relay;
use crate::proxy::{Problems, serve, site};
use crate::sink::Sink;
use crate::stage;

macro_rules! page {
    ($name:literal) => {
        ($name, include_str!(concat!("../data/pages/", $name)))
    };
}

/// In the style of a newspaper, a shop, a blog, and so on, as nobody prepared them for a gate.
const PAGES: &[(&str, &str)] = &[
    page!("news.html"),
    page!("shop.html"),
    page!("blog.html"),
    page!("docs.html"),
    page!("spa.html"),
    page!("oldschool.html"),
    page!("landing.html"),
    page!("cinema.html"),
];

/// The site's own scripts.
const SCRIPTS: &[(&str, &str)] = &[
    (
        "/assets/lazy.js",
        "document.querySelectorAll('img.lazyload').forEach(function (i) { if (i.dataset.src) { i.src = i.dataset.src; i.className = 'lazyloaded'; } });",
    ),
    (
        "/assets/shop.js",
        "document.getElementById('cart').dataset.ready = 1; new Image().src = '/img/basket.svg';
         var w = document.createElement('script'); w.src = 'https://t.' + 'metricsforge.test/late.js'; document.head.appendChild(w);",
    ),
    (
        "/assets/jquery-like.js",
        "window.$ = function (f) { f(); };",
    ),
    (
        "/assets/comments.js",
        "$(function () { document.body.dataset.comments = 1; new Image().src = '/img/avatar.svg'; });",
    ),
    (
        "/assets/search.mjs",
        "export function search(root) { root.dataset.search = 1; }",
    ),
    (
        "/assets/docs.mjs",
        "const image = document.createElement('img'); image.src = '/img/diagram.svg'; document.body.append(image);",
    ),
    (
        "/assets/app.mjs",
        "const root = document.getElementById('root');
         root.innerHTML = __STATE__.html + '<h1>Tideline</h1>';
         const data = JSON.parse(document.getElementById('__DATA__').textContent);
         if (!data.props.scripts.length) throw new Error('no data');
         fetch('/api/feed.json').then((answer) => answer.json()).then(() => { root.dataset.ready = 1; });
         analytics.track('opened');
         for (const source of data.props.scripts) { const s = document.createElement('script'); s.src = source; document.head.append(s); }",
    ),
    (
        "/assets/rollover.js",
        "function preload(image) { new Image().src = image; }",
    ),
    (
        "/assets/landing.js",
        "document.body.dataset.landed = 1; new Image().src = '/img/hero.svg';",
    ),
    (
        "/assets/tracker-wrapper.js",
        "(function () { var hosts = ['https://www.clarity', '.ms/tag/zzz']; var s = document.createElement('script'); s.async = true; s.src = hosts.join('');
         document.getElementsByTagName('head')[0].appendChild(s); document.body.dataset.wrapped = 1; })();",
    ),
    (
        "/assets/cinema.js",
        "fetch('api/films.json').then(function (r) { return r.json(); }).then(function () { document.getElementById('filme').textContent = 'Filme'; });
         ga('send', 'event', 'page', 'ready');",
    ),
];

/// A bundle that names trackers and does far more than load them.
fn bundle() -> String {
    let mut script = "window.bundle = 1; var endpoints = { ga: 'https://www.google-analytics.com/collect', pixel: 'https://connect.facebook.net/en_US/fbevents.js' };".to_owned();
    for number in 0..900 {
        script +=
            &format!("function f{number}(e) {{ return document.createElement(e || 'p'); }}\n");
    }
    script + "new Image().src = '/img/bundled.svg';"
}

/// What the pages contact that the catalog knows.
const KNOWN: &[&str] = &[
    "googletagmanager.com",
    "google-analytics.com",
    "doubleclick.net",
    "googleadservices.com",
    "googlesyndication.com",
    "chartbeat.com",
    "scorecardresearch.com",
    "facebook.com",
    "facebook.net",
    "taboola.com",
    "twitter.com",
    "bat.bing.com",
    "hotjar.com",
    "tiktok.com",
    "matomo.cloud",
    "stats.wp.com",
    "youtube.com",
    "youtube-nocookie.com",
    "vimeo.com",
    "plausible.io",
    "clarity.ms",
    "segment.com",
    "statcounter.com",
    "licdn.com",
    "linkedin.com",
    "hs-scripts.com",
    "intercom.io",
];

/// What only the list of the test knows.
const LISTED: &[&str] = &["metricsforge.test"];
const LIST: &str =
    "[Adblock Plus 2.0]\n! Title: EasyPrivacy of the test\n||metricsforge.test^$third-party\n";

/// What acts and nobody knows, which strict mode alone holds back.
const UNKNOWN: &[&str] = &["reviews-widget.test", "www.google.com"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Catalog,
    Lists,
    Strict,
}

impl Mode {
    /// Whom nobody may contact.
    fn denied(self) -> Vec<&'static str> {
        match self {
            Self::Catalog => KNOWN.to_vec(),
            Self::Lists => [KNOWN, LISTED].concat(),
            Self::Strict => [KNOWN, LISTED, UNKNOWN].concat(),
        }
    }
}

/// Which paths the site was asked for.
type Asked = Arc<Mutex<BTreeSet<String>>>;

async fn upstream(asked: Asked) -> (SocketAddr, JoinSet<io::Result<()>>) {
    let bundle = bundle();
    let router = Router::new().fallback(async move |request: Request| {
        let path = request.uri().path().to_owned();
        asked.lock().unwrap().insert(path.clone());
        let page = PAGES
            .iter()
            .find(|(name, _)| path.strip_prefix('/') == Some(*name));
        let script = SCRIPTS.iter().find(|(name, _)| path == **name);
        let (kind, body) = match (page, script) {
            (Some((_, page)), _) => ("text/html; charset=utf-8", (*page).to_owned()),
            (_, Some((_, script))) => ("text/javascript", (*script).to_owned()),
            _ if path == "/assets/bundle.js" => ("text/javascript", bundle),
            _ if path.ends_with(".json") => ("application/json", "{}".to_owned()),
            _ if path.ends_with(".css") => ("text/css", "p { color: #222 }".to_owned()),
            _ => (
                "image/svg+xml",
                "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>".to_owned(),
            ),
        };
        ([(CONTENT_TYPE, kind)], body).into_response()
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });
    (address, server)
}

/// The site, the gateway before it, and a browser.
struct Stand {
    browser: Browser,
    sink: Sink,
    asked: Asked,
    upstream: SocketAddr,
    gateway: SocketAddr,
    _server: JoinSet<io::Result<()>>,
}

impl Stand {
    async fn open(mode: Mode, scripts: Scripts) -> Option<Self> {
        let programs = stage::programs()?;
        let asked = Asked::default();
        let (upstream, mut server) = upstream(asked.clone()).await;
        let mut options = Options::new(upstream.to_string().parse().unwrap());
        options.insecure_cookies = true;
        options.strict = mode == Mode::Strict;
        if mode != Mode::Catalog {
            let list = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!(
                "easyprivacy-{}-{mode:?}-{scripts:?}.txt",
                std::process::id()
            ));
            std::fs::write(&list, LIST).unwrap();
            options.lists = vec![list];
        }
        let layer = site::layer(&options, Problems::default()).unwrap();
        for list in &options.lists {
            std::fs::remove_file(list).unwrap();
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let gateway = listener.local_addr().unwrap();
        let service = layer.layer(Relay::new(&options));
        server.spawn(async move {
            serve::serve(listener, service, std::future::pending()).await;
            Ok(())
        });
        let sink = Sink::start().await;
        let browser = Browser::open(&programs, scripts, sink.port).await;
        Some(Self {
            browser,
            sink,
            asked,
            upstream,
            gateway,
            _server: server,
        })
    }

    /// What other sites heard since then, without what differs from load to load.
    fn heard(&self, before: usize, hosts: &[&str]) -> BTreeSet<String> {
        let all = self.sink.contacts(hosts);
        let fresh = all.into_iter().skip(before);
        let plain = fresh.map(|contact| contact.split(['?', ';']).next().unwrap().to_owned());
        plain.collect()
    }

    /// Waits until nothing more is under way.
    async fn quiet(&self) {
        let deadline = Instant::now() + Duration::from_secs(15);
        let (mut still, mut before) = (0, 0);
        while still < 12 && Instant::now() < deadline {
            self.browser.settle().await;
            if self.browser.scripts == Scripts::Off {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let now = self
                .sink
                .contacts(&["com", "net", "io", "ms", "cloud", "test"])
                .len()
                + self.asked.lock().unwrap().len();
            still = if now == before { still + 1 } else { 0 };
            before = now;
        }
    }

    /// A page as a visitor gets it who comes for the first time: whom it contacted, what it asked its site for, what failed.
    async fn visit(
        &self,
        at: SocketAddr,
        page: &str,
        hosts: &[&str],
    ) -> (BTreeSet<String>, BTreeSet<String>, Vec<String>) {
        let before = self.sink.contacts(hosts).len();
        self.asked.lock().unwrap().clear();
        self.browser
            .devtools("Network.clearBrowserCache", json!({}))
            .await;
        self.browser.goto(&format!("http://{at}/{page}")).await;
        self.quiet().await;
        let mut asked = self.asked.lock().unwrap().clone();
        // The test's own question whether the page is idle.
        asked.retain(|path| !path.starts_with("/_consent"));
        (self.heard(before, hosts), asked, self.problems().await)
    }

    async fn problems(&self) -> Vec<String> {
        self.browser.texts("return window.problems").await
    }
}

/// Everything that is wrong with one mode.
async fn examine(mode: Mode) {
    let Some(stand) = Stand::open(mode, Scripts::On).await else {
        return;
    };
    let denied = mode.denied();
    let mut wrong = Vec::new();
    let mut told = |page: &str, what: &str, found: Vec<String>| {
        if !found.is_empty() {
            wrong.push(format!("{page} {what}: {found:?}"));
        }
    };
    let (mut leaks, mut tracked, mut came_back) = (0, 0, 0);
    for (page, _) in PAGES {
        let open = stand.visit(stand.upstream, page, &denied).await;
        assert!(!open.0.is_empty(), "{page} contacts nobody");
        stand
            .browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await;
        stand.browser.run("localStorage.clear()").await;

        let gated = stand.visit(stand.gateway, page, &denied).await;
        told(
            page,
            "contacts before consent",
            gated.0.iter().cloned().collect(),
        );
        told(
            page,
            "loses",
            open.1.difference(&gated.1).cloned().collect(),
        );
        let fresh = |problems: &[String]| -> Vec<String> {
            problems
                .iter()
                .filter(|problem| !open.2.contains(problem))
                .cloned()
                .collect()
        };
        told(page, "fails with", fresh(&gated.2));

        stand.browser.run("window.stays = 1").await;
        let before = stand.sink.contacts(&denied).len();
        stand
            .browser
            .click("[data-tc-banner] [data-tc-accept]")
            .await;
        stand.quiet().await;
        let back = stand.heard(before, &denied);
        told(
            page,
            "does not bring back",
            open.0.difference(&back).cloned().collect(),
        );
        told(
            page,
            "fails after the grant with",
            fresh(&stand.problems().await),
        );
        if stand.browser.run("return window.stays").await != 1 {
            told(page, "reloads", vec!["yes".to_owned()]);
        }
        leaks += gated.0.len();
        tracked += open.0.len();
        came_back += open.0.intersection(&back).count();

        stand
            .browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await;
        stand
            .browser
            .goto(&format!("http://{}/{page}", stand.gateway))
            .await;
        stand
            .browser
            .click("[data-tc-banner] [data-tc-reject]")
            .await;
        stand.quiet().await;
        let refused = stand.visit(stand.gateway, page, &denied).await;
        told(
            page,
            "contacts after a refusal",
            refused.0.iter().cloned().collect(),
        );
        told(
            page,
            "loses after a refusal",
            open.1.difference(&refused.1).cloned().collect(),
        );
        told(page, "fails after a refusal with", fresh(&refused.2));
        stand
            .browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await;
    }
    eprintln!("{mode:?}: {leaks} of {tracked} contacts leaked, {came_back} came back");
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
}

// covers S01, S33, L05
#[tokio::test]
async fn real_pages_hold_by_the_catalog_alone() {
    examine(Mode::Catalog).await;
}

#[tokio::test]
async fn real_pages_hold_with_a_filter_list() {
    examine(Mode::Lists).await;
}

// covers T33
#[tokio::test]
async fn real_pages_hold_in_strict_mode() {
    examine(Mode::Strict).await;
}

// covers S33
#[tokio::test]
async fn real_pages_hold_without_scripts() {
    let Some(stand) = Stand::open(Mode::Lists, Scripts::Off).await else {
        return;
    };
    let denied = Mode::Lists.denied();
    for (page, _) in PAGES {
        let open = stand.visit(stand.upstream, page, &denied).await;
        let gated = stand.visit(stand.gateway, page, &denied).await;
        assert_eq!(gated.0, BTreeSet::new(), "{page}");
        assert_eq!(
            open.1.difference(&gated.1).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{page}"
        );
    }
}
