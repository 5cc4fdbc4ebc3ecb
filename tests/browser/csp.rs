//! Proves that the banner works under strict Content-Security-Policies of the
//! app, without a single complaint in the console.

use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_consent::{ConsentLayer, Keyring, Policy, catalog};

use crate::driver::{Browser, Scripts, until};
use crate::sink::Sink;
use crate::stage::{self, GOOGLE};

const NONCE: &str = "b64cmFuZG9t";

struct App {
    url: String,
    _server: JoinSet<io::Result<()>>,
}

/// One page with one Content-Security-Policy.
async fn app(policy: &'static str, head: &'static str) -> App {
    let page =
        format!("<!doctype html><html lang=en><title>CSP</title>{head}<body><main>A page.</main>");
    let consent = Policy::builder("1")
        .vendor(catalog::google_analytics())
        .build()
        .unwrap();
    let layer =
        ConsentLayer::new(consent, Keyring::ephemeral().unwrap()).with_insecure_cookies(true);
    let router = Router::new()
        .route(
            "/",
            get(async move || ([(CONTENT_SECURITY_POLICY, policy)], Html(page))),
        )
        .route("/favicon.ico", get(async || ""))
        .layer(layer);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });
    App {
        url,
        _server: server,
    }
}

/// Goes through the banner: it is there and styled, it opens, it accepts in
/// place, and it can be taken back.
async fn banner_works(browser: &Browser, url: &str) {
    browser.goto(url).await;
    until("the banner is styled", async || {
        let script = "return getComputedStyle(document.querySelector('[data-tc-banner]')).position";
        browser.run(script).await == "fixed"
    })
    .await;
    browser.run("window.marker = 1").await;
    browser.click("[data-tc-banner] .tc-choose").await;
    until("the boxes can be seen", async || {
        browser.shows(".tc-dialog input[name=analytics]").await
    })
    .await;
    browser.click(".tc-close").await;
    browser.click("[data-tc-banner] [data-tc-accept]").await;
    until("the banner has gone", async || {
        !browser.has("[data-tc-banner]").await
    })
    .await;
    assert_eq!(browser.run("return window.marker").await, 1);
}

async fn withdrawal_works(browser: &Browser, url: &str) {
    browser.goto(url).await;
    browser.click("a[data-tc-settings]").await;
    until("the preferences are there", async || {
        browser.shows(".tc-dialog").await
    })
    .await;
    assert!(browser.has("input[name=analytics]:checked").await);
    browser.run("window.tcBefore = true").await;
    browser.click("[data-tc-reject]").await;
    until("the page is made anew", async || {
        browser.run("return !window.tcBefore").await == true
    })
    .await;
    browser.settle().await;
    assert!(!browser.has("[data-tc-banner]").await);
}

// covers T32
#[tokio::test]
async fn the_banner_works_where_only_the_site_itself_may_load() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let app = app("default-src 'self'", "").await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    banner_works(&browser, &app.url).await;
    withdrawal_works(&browser, &app.url).await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}

// covers T32
#[tokio::test]
async fn the_banner_works_under_a_nonce_and_strict_dynamic() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let policy = "default-src 'none'; script-src 'nonce-b64cmFuZG9t' 'strict-dynamic'; \
        style-src 'nonce-b64cmFuZG9t'; connect-src 'self' https://www.google-analytics.com; \
        form-action 'self'; base-uri 'none'; img-src 'self'";
    let head = r#"
<script nonce="b64cmFuZG9t" async src="https://www.googletagmanager.com/gtag/js?id=G-TEST000001"></script>
<script nonce="b64cmFuZG9t">
  var tag = document.createElement('script');
  tag.src = 'https://www.google-analytics.com/analytics.js';
  document.head.append(tag);
</script>"#;
    assert!(policy.contains(NONCE) && head.contains(NONCE));
    let app = app(policy, head).await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    browser.goto(&app.url).await;
    assert_eq!(sink.contacts(GOOGLE), [""; 0]);
    banner_works(&browser, &app.url).await;
    for what in ["/gtag/js", "/analytics.js", "/g/collect"] {
        until(&format!("{what} has arrived"), async || {
            sink.contacts(GOOGLE)
                .iter()
                .any(|contact| contact.contains(what))
        })
        .await;
    }
    let before = sink.contacts(GOOGLE).len();
    withdrawal_works(&browser, &app.url).await;
    assert!(sink.contacts(GOOGLE).len() >= before);
    assert_eq!(browser.console_errors().await, [""; 0]);
}

// covers T32
#[tokio::test]
async fn the_banner_works_under_a_nonce() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let policy = "default-src 'none'; script-src 'nonce-b64cmFuZG9t'; \
        style-src 'nonce-b64cmFuZG9t'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
        img-src 'self'";
    let head = r#"<script nonce="b64cmFuZG9t">window.ran = true</script>"#;
    let app = app(policy, head).await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    banner_works(&browser, &app.url).await;
    withdrawal_works(&browser, &app.url).await;
    assert_eq!(browser.run("return window.ran").await, true);
    assert_eq!(browser.console_errors().await, [""; 0]);
}

// covers T32
#[tokio::test]
async fn the_banner_works_under_trusted_types() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let policy = "default-src 'self'; require-trusted-types-for 'script'; \
        trusted-types tower-consent";
    let app = app(policy, "").await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    banner_works(&browser, &app.url).await;
    // In the same page: the guard has gone with the grant, and comes back by script.
    browser.click("a[data-tc-settings]").await;
    until("the preferences are there", async || {
        browser.shows(".tc-dialog").await
    })
    .await;
    browser.click(".tc-dialog [data-tc-reject]").await;
    until("the page is made anew", async || {
        browser.run("return !window.marker").await == true
    })
    .await;
    browser.settle().await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    // Its word counts: what is no policy of the page's cannot make markup.
    let refused = "try { document.body.innerHTML = 'x'; return 'made' } catch { return 'refused' }";
    assert_eq!(browser.run(refused).await, "refused");
}

// covers T32
#[tokio::test]
async fn pages_hear_of_the_preferences_and_of_a_choice() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let app = app("default-src 'self'", "").await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    browser.goto(&app.url).await;
    let listen = "window.heard = [];
        for (const name of ['consent:open', 'consent:change'])
          document.addEventListener(name, ({ type, detail }) => heard.push(type + ' ' + detail.granted + ' ' + detail.decided));
        history.pushState(null, '', '/elsewhere')";
    browser.run(listen).await;
    let asked = "return [towerConsent.allows('necessary'), towerConsent.allows('analytics'), \
        towerConsent.allows('analytics:google-analytics'), towerConsent.get().decided].join()";
    assert_eq!(browser.run(asked).await, "true,false,false,false");
    browser.run("towerConsent.open()").await;
    until("the preferences are there", async || {
        browser.shows(".tc-dialog").await
    })
    .await;
    // The way back is to where the router has led.
    let next = "return document.querySelector('.tc-dialog [name=next]').value";
    assert_eq!(browser.run(next).await, "/elsewhere");
    browser.click(".tc-dialog [data-tc-accept]").await;
    until("the page hears of it", async || {
        browser.texts("return heard").await
            == ["consent:open  false", "consent:change analytics true"]
    })
    .await;
    assert_eq!(browser.run(asked).await, "true,true,true,true");
    // What was not asked about is not allowed, and a vendor without its category names nothing.
    for other in ["marketing:meta-pixel", "google-analytics", "", "Analytics"] {
        let other = format!("return towerConsent.allows('{other}')");
        assert_eq!(browser.run(&other).await, false, "{other}");
    }
}
