//! Proves that what is woken after a grant behaves as if the page had just
//! loaded: in order, in place, under the page's own policies.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde_json::Value;

use crate::driver::{Scripts, until};
use crate::site::{Page, Site, layer, policy};

/// The first script is slow: it comes after the last module was asked for.
const ORDER: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Order</title></head><body><main>A page.</main>
<script src="https://t.tracker.test/say/A.js?after=/say/C.js"></script>
<script data-consent="analytics">said.push('B'); // after A</script>
<script async src="https://t.tracker.test/say/C.js"></script>
<script defer src="https://t.tracker.test/say/D.js"></script>
<script src="https://t.tracker.test/say/E.js"></script>
<script data-consent="analytics">said.push('F');</script>
<script type="module" data-consent="analytics">said.push('G');</script>
<script type="module" src="https://t.tracker.test/say/H.js"></script>
</body></html>"#,
)];

// covers S33
#[tokio::test]
async fn scripts_are_woken_in_the_order_in_which_a_page_runs_them() {
    let Some(site) = Site::open(layer(policy()), ORDER).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.browser.run("return window.said").await, Value::Null);
    site.choose("[data-tc-accept]").await;
    until("all have run", async || {
        site.browser.texts("return window.said").await.len() == 8
    })
    .await;
    let mut said = site.browser.texts("return said").await;
    // An async script runs whenever it is there.
    said.retain(|name| name != "C");
    assert_eq!(said.join(" "), "A B E F D G H");
}

// covers S33
#[tokio::test]
async fn where_what_wakes_cannot_be_had_the_page_comes_anew_and_a_refusal_does_without_it() {
    let Some(site) = Site::open(layer(policy()), ORDER).await else {
        return;
    };
    let browser = &site.browser;
    let lost = serde_json::json!({ "urls": ["*/assets/wake-*"] });
    browser
        .devtools("Network.enable", serde_json::json!({}))
        .await;
    browser.devtools("Network.setBlockedURLs", lost).await;
    site.goto("/").await;
    browser.run("window.before = true").await;
    site.choose("[data-tc-reject]").await;
    assert_eq!(browser.run("return window.before").await, true);
    let fetched = "return performance.getEntriesByType('resource').some(({ name }) => name.includes('/wake-'))";
    assert_eq!(browser.run(fetched).await, false);
    browser.run("towerConsent.open()").await;
    browser.click(".tc-dialog [data-tc-accept]").await;
    until("the page that the server made for it has run", async || {
        browser.texts("return window.said").await.len() == 8
    })
    .await;
    assert_eq!(browser.run("return window.before").await, Value::Null);
}

const BEHAVIOUR: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Behaviour</title></head><body><main id="main">A page.</main>
<section id="place" data-word="kept"><script id="it" data-consent="analytics">
  window.heard = [];
  document.write('<p id="written">Written</p><script src="https://t.tracker.test/say/written.js"><\/script>');
  heard.push(document.currentScript.parentNode.dataset.word);
  addEventListener('load', function () { heard.push('load'); });
  document.addEventListener('DOMContentLoaded', function () { heard.push('DOMContentLoaded'); });
  onload = function () { heard.push('onload'); };
</script></section>
<script id="external" src="https://t.tracker.test/say/external.js"></script>
<script>document.getElementById('external').addEventListener('load', function () { window.kept = true; });</script>
</body></html>"#,
)];

#[tokio::test]
async fn late_scripts_find_a_page_that_still_loads() {
    let Some(site) = Site::open(layer(policy()), BEHAVIOUR).await else {
        return;
    };
    site.goto("/").await;
    site.choose("[data-tc-accept]").await;
    until("all events were told", async || {
        site.browser.texts("return heard").await.len() == 4
    })
    .await;
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(heard, ["DOMContentLoaded", "kept", "load", "onload"]);
    until("the listener heard", async || {
        site.browser.run("return window.kept").await == true
    })
    .await;
    let place = "return document.querySelector('#place > #it + #written') !== null
        && document.querySelector('main').textContent === 'A page.'";
    assert_eq!(site.browser.run(place).await, true);
    assert_eq!(
        site.browser.texts("return said.sort()").await,
        ["external", "written"]
    );
    assert_eq!(site.browser.console_errors().await, [""; 0]);
}

const NONCE: &str = "script-src 'nonce-b64cmFuZG9t' 'strict-dynamic'; require-trusted-types-for 'script'; \
    trusted-types tower-consent app page late; object-src 'none'; base-uri 'none'";
/// The digest of `window.hashed = 1`.
const HASH: &str = "script-src 'self' 'sha256-cg2JpTCV9Uu+UL0c70kKf1QYFBgkR6PrJ9PqTSnjAvw=' https://t.tracker.test; object-src 'none'";
const POLICIES: &[Page] = &[
    (
        "/nonce",
        NONCE,
        r#"<!doctype html><html><head><title>Nonce</title></head><body><main>A page.</main>
<script nonce="b64cmFuZG9t" data-consent="analytics">window.inline = 1;</script>
<script nonce="b64cmFuZG9t" src="https://t.tracker.test/say/external.js"></script>
<script nonce="b64cmFuZG9t">
  var trust = trustedTypes.createPolicy('app', { createScriptURL: function (url) { return url; } });
  var s = document.createElement('script');
  s.src = trust.createScriptURL('https://t.track' + 'er.test/say/dynamic.js');
  document.body.append(s);
  var html = trustedTypes.createPolicy('page', { createHTML: function (text) { return text; } });
  document.write(html.createHTML('<img src="https://t.track' + 'er.test/written.svg">'));
</script>
<script nonce="b64cmFuZG9t" data-consent="analytics">
  document.write(trustedTypes.createPolicy('late', { createHTML: function (text) { return text; } }).createHTML('<p id=late>Late</p>'));
</script></body></html>"#,
    ),
    (
        "/hash",
        HASH,
        r#"<!doctype html><html><head><title>Hash</title></head><body><main>A page.</main>
<script data-consent="analytics">window.hashed = 1</script>
<script data-consent="analytics" src="/own.js" integrity="sha256-6CfkxUWqWC9+HrJhab0u237bibDSyGGkyx75oKulN1s="></script></body></html>"#,
    ),
];

// covers T32
#[tokio::test]
async fn the_pages_own_policy_still_lets_woken_scripts_run() {
    let own = Router::new().route(
        "/own.js",
        get(async || ([(CONTENT_TYPE, "text/javascript")], "window.own = 1")),
    );
    let Some(site) = Site::open_with(Scripts::On, layer(policy()), POLICIES, own).await else {
        return;
    };
    site.goto("/hash").await;
    assert_eq!(
        site.browser.run("return window.hashed || window.own").await,
        Value::Null
    );
    site.choose("[data-tc-accept]").await;
    until("both have run", async || {
        site.browser
            .run("return window.hashed === 1 && window.own === 1")
            .await
            == true
    })
    .await;
    assert_eq!(site.browser.console_errors().await, [""; 0]);
    site.browser.client.delete_all_cookies().await.unwrap();

    site.goto("/nonce").await;
    assert_eq!(site.heard(), [""; 0]);
    assert_eq!(site.browser.run("return typeof __tc").await, "object");
    site.choose("[data-tc-accept]").await;
    site.until_heard("say/external.js").await;
    site.until_heard("say/dynamic.js").await;
    site.until_heard("written.svg").await;
    until("what was written late is there", async || {
        site.browser.has("#late").await
    })
    .await;
    assert_eq!(site.browser.run("return window.inline").await, 1);
    assert_eq!(site.browser.console_errors().await, [""; 0]);
}

const MARKUP: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Markup</title>
<style>@import "https://t.tracker.test/import.css"; main { background: url(https://t.tracker.test/sheet.svg) }</style>
<style data-consent="analytics">main { outline: 1px solid rgb(1, 2, 3) }</style></head><body><main>A page.</main>
<p style="background: url(https://t.tracker.test/style.svg), url(https://other.test/own.svg)">Text</p>
<iframe srcdoc="<p id=in>Inside</p><img src='https://t.tracker.test/inside.svg'><script src='https://t.tracker.test/say/inside.js'></script>"></iframe>
<svg width="9" height="9"><image href="https://t.tracker.test/image.svg" width="9" height="9"/></svg>
<video poster="https://t.tracker.test/poster.svg"></video>
<picture><source srcset="https://t.tracker.test/source.svg"><img alt=""></picture>
<script>window.marker = 1;</script></body></html>"#,
)];

#[tokio::test]
async fn styles_frames_and_pictures_come_back_without_a_new_page() {
    let Some(site) = Site::open(layer(policy()), MARKUP).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
    assert!(!site.sink.contacts(&["other.test"]).is_empty());
    site.browser.run("window.marker = 2").await;
    site.choose("[data-tc-accept]").await;
    for what in [
        "import.css",
        "sheet.svg",
        "style.svg",
        "inside.svg",
        "say/inside.js",
        "image.svg",
        "poster.svg",
        "source.svg",
    ] {
        site.until_heard(what).await;
    }
    assert_eq!(site.browser.run("return window.marker").await, 2);
    let outline = "return getComputedStyle(document.querySelector('main')).outlineColor";
    assert_eq!(site.browser.run(outline).await, "rgb(1, 2, 3)");
    let inside =
        "return document.querySelector('iframe').contentDocument.querySelector('#in') !== null";
    assert_eq!(site.browser.run(inside).await, true);
}
