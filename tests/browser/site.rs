//! Serves a site of a few pages for one test, behind a layer of its own.

use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_consent::{Category, ConsentLayer, Keyring, Policy, PolicyBuilder, Vendor};

use crate::driver::{Browser, Scripts, until};
use crate::sink::Sink;
use crate::stage;

/// A site, a sink for the outside world, and a browser that finds everything else there.
pub(crate) struct Site {
    pub(crate) browser: Browser,
    pub(crate) sink: Sink,
    pub(crate) url: String,
    _server: JoinSet<io::Result<()>>,
}

/// One page: its path, its Content-Security-Policy or nothing, its markup.
pub(crate) type Page = (&'static str, &'static str, &'static str);

/// One vendor of analytics at `tracker.test` and one of marketing at `market.test`.
pub(crate) fn policy() -> PolicyBuilder {
    let vendor = |id, category, host: &str| {
        Vendor::new(id, category)
            .with_purpose("Follows visitors")
            .with_provider("Example Ltd", "IE")
            .with_policy_url("https://vendor.example/privacy")
            .with_retention("1 year")
            .hosts([host])
    };
    Policy::builder("1")
        .vendor(
            vendor("stats", Category::Analytics, "tracker.test")
                .cookies(["_st", "_st_*"])
                .storage(["st_*"])
                .globals(["st", "stLayer[]", "stApi.track"])
                .paths(["/collect"]),
        )
        .vendor(vendor("ads", Category::Marketing, "market.test").cookies(["_ads"]))
        .functional("lang", "Remembers the language")
}

pub(crate) fn layer(policy: PolicyBuilder) -> ConsentLayer {
    ConsentLayer::new(policy.build().unwrap(), Keyring::ephemeral().unwrap())
        .with_insecure_cookies(true)
}

/// Serves `pages` behind `layer`; the site's address and what serves it.
pub(crate) async fn serve(
    layer: ConsentLayer,
    pages: &'static [Page],
    mut router: Router,
) -> (String, JoinSet<io::Result<()>>) {
    for (path, policy, markup) in pages {
        router = router.route(
            path,
            get(async move || {
                let policy = (!policy.is_empty()).then_some((CONTENT_SECURITY_POLICY, *policy));
                (axum::response::AppendHeaders(policy), Html(*markup))
            }),
        );
    }
    let router = router.route("/favicon.ico", get(async || "")).layer(layer);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });
    (url, server)
}

/// What both vendors heard, without the bare connections.
pub(crate) fn heard(sink: &Sink) -> Vec<String> {
    sink.contacts(&["tracker.test", "market.test"])
        .into_iter()
        .filter_map(|contact| Some(contact.split_once('/')?.1.to_owned()))
        .collect()
}

impl Site {
    /// Serves `pages` behind `layer`; `None`, said aloud, where there is no browser.
    pub(crate) async fn open(layer: ConsentLayer, pages: &'static [Page]) -> Option<Self> {
        Self::open_with(Scripts::On, layer, pages, Router::new()).await
    }

    /// The same with further routes.
    pub(crate) async fn open_with(
        scripts: Scripts,
        layer: ConsentLayer,
        pages: &'static [Page],
        router: Router,
    ) -> Option<Self> {
        let programs = stage::programs()?;
        let sink = Sink::start().await;
        let (url, server) = serve(layer, pages, router).await;
        let browser = Browser::open(&programs, scripts, sink.port).await;
        Some(Self {
            browser,
            sink,
            url,
            _server: server,
        })
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.url)).await;
    }

    /// What both vendors heard, without the bare connections.
    pub(crate) fn heard(&self) -> Vec<String> {
        heard(&self.sink)
    }

    /// Presses a button of the banner and waits until it has gone.
    pub(crate) async fn choose(&self, button: &str) {
        self.browser
            .click(&format!("[data-tc-banner] {button}"))
            .await;
        self.browser.until_banner_has_gone().await;
        self.browser.settle().await;
    }

    pub(crate) async fn until_heard(&self, what: &str) {
        until(
            &format!("{what} was asked for, of {:?}", self.heard()),
            async || self.heard().iter().any(|path| path == what),
        )
        .await;
    }
}
