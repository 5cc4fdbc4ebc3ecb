//! Proves that strict third parties hold in the browser against what no markup shows, and leave the site's own code alone.

use std::io;
use std::net::Ipv4Addr;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_consent::{Category, ConsentLayer, Keyring, Policy, Vendor, catalog};

use crate::driver::{Browser, Scripts, until};
use crate::sink::Sink;
use crate::stage;

/// The hosts are put together, so that nothing but the browser can know them.
const PAGE: &str = "<!doctype html><html lang=en><title>Strict</title><body><main>A page.</main>
<script src='https://js.pay.test/pay.js'></script>
<script src='https://cdn.test/markup.js'></script>
<script>
  const end = '.test';
  const late = document.createElement('script');
  late.src = 'https://late' + end + '/late.js';
  document.head.append(late);
  const frame = document.createElement('iframe');
  frame.src = 'https://frame' + end + '/';
  document.body.append(frame);
  fetch('https://api' + end + '/', { mode: 'no-cors' }).catch(() => {});
  new WebSocket('wss://socket' + end + '/');
  new Image().src = 'https://img' + end + '/a.png';
  eval('window.own = 1');
  new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))).onmessage = () => { window.worked = 1 };
</script>";

/// A site that declares its payment and one vendor of marketing.
async fn serve() -> (String, JoinSet<io::Result<()>>) {
    let pay = Vendor::new("pay", Category::Necessary)
        .with_purpose("Takes payments")
        .with_retention("1 day")
        .first_party()
        .hosts(["pay.test"]);
    let policy = Policy::builder("1")
        .vendor(catalog::meta_pixel())
        .vendor(pay)
        .strict_third_parties();
    let layer = ConsentLayer::new(policy.build().unwrap(), Keyring::ephemeral().unwrap())
        .with_insecure_cookies(true);
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/favicon.ico", get(async || ""))
        .layer(layer);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });
    (url, server)
}

async fn gone(browser: &Browser) {
    until("the banner has gone", async || {
        !browser.has("[data-tc-banner]").await
    })
    .await;
    browser.settle().await;
}

// covers T33
#[tokio::test]
async fn what_scripts_insert_from_other_sites_waits_and_the_sites_own_code_runs() {
    let Some(programs) = stage::programs() else {
        return;
    };
    let sink = Sink::start().await;
    let (url, _server) = serve().await;
    let browser = Browser::open(&programs, Scripts::On, sink.port).await;
    let hidden = [
        "cdn.test",
        "late.test",
        "frame.test",
        "api.test",
        "socket.test",
    ];
    let own_code_ran = async || browser.run("return [window.own, window.worked]").await;

    browser.goto(&url).await;
    until("images and what is declared have arrived", async || {
        let passed = sink.contacts(&["pay.test", "img.test"]);
        passed.iter().any(|entry| entry.ends_with("/pay.js"))
            && passed.iter().any(|entry| entry.ends_with("/a.png"))
    })
    .await;
    until("the site's own code has run", async || {
        own_code_ran().await == serde_json::json!([1, 1])
    })
    .await;
    browser.settle().await;
    assert_eq!(sink.contacts(&hidden), [""; 0]);
    assert!(!browser.has("script[data-tc-locked]").await);

    // A refusal is told to the browser, too, from the next page on.
    browser.click("[data-tc-banner] [data-tc-reject]").await;
    gone(&browser).await;
    browser.goto(&url).await;
    assert!(browser.has("script[data-tc-locked]").await);
    until("the site's own code has run", async || {
        own_code_ran().await == serde_json::json!([1, 1])
    })
    .await;
    browser.settle().await;
    // Chromium connects to a frame's host before it looks at the policy, and then asks for nothing.
    let asked: Vec<String> = sink
        .contacts(&hidden)
        .into_iter()
        .filter(|contact| contact.contains('/'))
        .collect();
    assert_eq!(asked, [""; 0]);

    // Before a choice, a grant needs no reload.
    browser
        .devtools("Network.clearBrowserCookies", serde_json::json!({}))
        .await;
    browser.goto(&url).await;
    browser.run("window.stays = 1").await;
    browser.click("[data-tc-banner] [data-tc-accept]").await;
    gone(&browser).await;
    // What was asked for by a call is not asked for again.
    for host in ["cdn.test", "late.test", "frame.test"] {
        until(&format!("{host} was asked"), async || {
            sink.contacts(&[host])
                .iter()
                .any(|contact| contact.contains('/'))
        })
        .await;
    }
    assert_eq!(browser.run("return window.stays").await, 1);
    // What the page connects to from now on gets through.
    browser
        .run("new WebSocket('wss://socket.test/anew'); fetch('https://api.test/anew', { mode: 'no-cors' })")
        .await;
    for path in ["socket.test/anew", "api.test/anew"] {
        let host = path.split('/').next().unwrap();
        until(&format!("{path} was asked for"), async || {
            sink.contacts(&[host])
                .iter()
                .any(|contact| contact.ends_with("/anew"))
        })
        .await;
    }
    assert_eq!(browser.run("return window.stays").await, 1);
    browser.goto(&url).await;
    for host in hidden {
        until(&format!("{host} was asked"), async || {
            sink.contacts(&[host])
                .iter()
                .any(|contact| contact.contains('/'))
        })
        .await;
    }
    assert!(!browser.has("script[data-tc-locked]").await);
}
