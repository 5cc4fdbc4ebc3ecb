//! Proves in Firefox what the other modules prove in Chromium: that nothing
//! fetches before consent, that a grant brings it back, that the guard holds
//! what scripts insert, and that nothing outlives a withdrawal.

mod marionette;

use std::collections::BTreeSet;
use std::io;

use axum::Router;
use tokio::task::JoinSet;
use tower_consent::{ConsentLayer, GuardMode};

use crate::driver::until;
use crate::leaks;
use crate::sink::Sink;
use crate::site::{self, Page, layer, policy, serve};
use crate::stage;
use marionette::Firefox;

/// A site, a sink for the outside world, and a browser that finds everything else there.
struct Stage {
    firefox: Firefox,
    sink: Sink,
    url: String,
    _server: JoinSet<io::Result<()>>,
}

impl Stage {
    /// `None`, said aloud, where there is no Firefox.
    async fn open(layer: ConsentLayer, pages: &'static [Page], router: Router) -> Option<Self> {
        let Some(program) = marionette::program() else {
            stage::say_missing("no firefox-esr");
            return None;
        };
        let sink = Sink::start().await;
        let (url, server) = serve(layer, pages, router).await;
        Some(Self {
            firefox: Firefox::open(&program, sink.port).await,
            sink,
            url,
            _server: server,
        })
    }

    async fn goto(&self, path: &str) {
        self.firefox.goto(&format!("{}{path}", self.url)).await;
    }

    /// Presses a button of the banner and waits until it has gone.
    async fn choose(&self, button: &str) {
        let button = format!("[data-tc-banner] {button}");
        self.firefox.click(&button).await;
        until("the banner has gone", async || {
            !self.firefox.has("[data-tc-banner]").await
        })
        .await;
        self.firefox.settle().await;
    }

    /// Waits until the tracker under this name hears nothing more.
    async fn quiet(&self, host: &str) {
        let (mut before, mut still) = (0, 0);
        until("the tracker hears nothing more", async || {
            self.firefox.settle().await;
            let now = leaks::heard(&self.sink, host).len();
            still = if now == before { still + 1 } else { 0 };
            before = now;
            still > 60
        })
        .await;
    }

    /// Visits the page without the gate and then the one with it; what fetches
    /// at all in this browser, and what did all the same.
    async fn visit(&self, page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        self.goto(&format!("/open{page}")).await;
        self.quiet("c").await;
        self.goto(if page.is_empty() { "/" } else { page }).await;
        self.quiet("t").await;
        (leaks::heard(&self.sink, "c"), leaks::heard(&self.sink, "t"))
    }
}

async fn every_way(guard: GuardMode) -> Option<Stage> {
    Stage::open(leaks::layer_with(guard), &[], leaks::routes()).await
}

// covers S01, S02
#[tokio::test]
async fn nothing_in_markup_leads_past_the_gate_in_firefox() {
    let Some(stage) = every_way(GuardMode::Core).await else {
        return;
    };
    let (live, before) = stage.visit("").await;
    assert!(live.len() >= 150, "{}: {live:?}", live.len());
    leaks::assert_all_in(
        "fetched before consent",
        &before,
        &leaks::set(leaks::RESIDUAL),
    );
    stage.choose("[data-tc-reject]").await;
    stage.goto("/").await;
    stage.quiet("t").await;
    let after = leaks::heard(&stage.sink, "t");
    leaks::assert_all_in(
        "fetched after a refusal",
        &after,
        &leaks::set(leaks::RESIDUAL),
    );
}

/// What Firefox asks for only when a page loads, or ahead when it finds the
/// time: the next page brings it back.
const RENEWED: &[&str] = &[
    "next.html",
    "prefetch.html",
    "refresh-quoted.html",
    "refresh.html",
    "video-track.vtt",
];

#[tokio::test]
async fn a_grant_brings_back_whatever_the_markup_fetches_in_firefox() {
    let Some(stage) = every_way(GuardMode::Core).await else {
        return;
    };
    let (live, _) = stage.visit("/lasting").await;
    stage.firefox.run("window.stays = 1").await;
    stage.choose("[data-tc-accept]").await;
    stage.quiet("t").await;
    // A call of a script that also does something else is not repeated.
    let late = leaks::set(&[RENEWED, &["inline-events"]].concat());
    let wanted = live.difference(&late).cloned().collect();
    leaks::assert_all_in(
        "not back in place",
        &wanted,
        &leaks::heard(&stage.sink, "t"),
    );
    assert_eq!(stage.firefox.run("return window.stays").await, 1);
}

// covers S01
#[tokio::test]
async fn what_scripts_fetch_waits_as_far_as_the_core_set_goes_in_firefox() {
    let Some(stage) = every_way(GuardMode::Core).await else {
        return;
    };
    let (live, before) = stage.visit("/runtime").await;
    assert!(live.len() >= 80, "{}: {live:?}", live.len());
    let beyond = [leaks::BEYOND_CORE, leaks::BEYOND_THE_GUARD].concat();
    leaks::assert_all_in("fetched before consent", &before, &leaks::set(&beyond));
    stage.choose("[data-tc-accept]").await;
    stage.quiet("t").await;
    let wanted = live
        .difference(&leaks::set(leaks::CALLS))
        .cloned()
        .collect();
    leaks::assert_all_in("not back", &wanted, &leaks::heard(&stage.sink, "t"));
}

const PAGE: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html lang="en"><head><title>Page</title></head><body><main>A page.</main>
<script src="https://t.tracker.test/say/script.js"></script>
<iframe src="https://t.tracker.test/frame.html"></iframe>
<script data-consent="analytics">document.cookie = '_st=1; path=/; max-age=1000'; localStorage.setItem('st_id', 1);</script>
</body></html>"#,
)];

// covers L05, T30
#[tokio::test]
async fn nothing_outlives_a_withdrawal_in_firefox() {
    let Some(stage) = Stage::open(layer(policy()), PAGE, Router::new()).await else {
        return;
    };
    let heard = || site::heard(&stage.sink);
    let stored = "return document.cookie.includes('_st=') || 'st_id' in localStorage";
    stage.goto("/").await;
    assert_eq!(
        (heard(), stage.firefox.run(stored).await),
        (vec![], false.into())
    );
    stage.choose("[data-tc-accept]").await;
    until("both are back", async || heard().len() == 2).await;
    until("the script has run", async || {
        stage.firefox.run(stored).await == true
    })
    .await;

    stage.goto("/_consent?next=/").await;
    stage.firefox.click("[data-tc-reject]").await;
    until("the page is back", async || {
        stage.firefox.run("return location.pathname").await == "/"
    })
    .await;
    stage.firefox.settle().await;
    let before = heard();
    assert_eq!(stage.firefox.run(stored).await, false);
    for path in ["/_consent", "/"] {
        stage.firefox.back().await;
        until("it is back", async || {
            stage.firefox.run("return location.pathname").await == path
        })
        .await;
        stage.firefox.settle().await;
    }
    stage.goto("/").await;
    assert_eq!(heard(), before);
    assert_eq!(stage.firefox.run(stored).await, false);
}
