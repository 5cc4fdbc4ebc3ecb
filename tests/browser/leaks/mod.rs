//! Proves that no way to fetch leads past the gate, by the idea of cure53's HTTPLeaks: a page holds every one that
//! HTML, SVG, MathML, CSS and scripts have, and each has an address of its own at one tracker. Which of them fetch at
//! all is told by the same page without the gate.

mod markup;
mod runtime;

use std::collections::BTreeSet;
use std::fmt::Write;

use axum::Router;
use axum::http::Uri;
use axum::response::Html;
use axum::routing::get;
use tower_consent::{Category, GuardMode, Policy, PolicyBuilder, Vendor};

use crate::driver::{Scripts, until};
use crate::site::{Site, layer};
use markup::{BODY, HEAD, PARTS, Vector};
use runtime::RUNTIME;

fn policy() -> PolicyBuilder {
    let vendor = Vendor::new("ads", Category::Marketing)
        .with_purpose("Follows visitors")
        .with_provider("Example Ltd", "IE")
        .with_policy_url("https://vendor.example/privacy")
        .with_retention("1 year")
        .hosts(["tracker.test"]);
    Policy::builder("1").vendor(vendor)
}

/// Where a page's vectors point to: the gated page and the one without a gate are told apart.
fn written((name, markup): &Vector, host: &str) -> String {
    let label = name.split('.').next().unwrap();
    markup
        .replace('§', &format!("https://{host}.tracker.test/{name}"))
        .replace('¤', &format!("https://{label}.{host}.tracker.test"))
        .replace('±', host)
        // The same within base64.
        .replace("Ly90LnRy", if host == "t" { "Ly90LnRy" } else { "Ly9jLnRy" })
}

fn markup_page(host: &str, folder: &str) -> String {
    let mut page = "<!doctype html><html lang=en><head><title>Every way to fetch</title>\n".to_owned();
    for vector in HEAD {
        page += &written(vector, host);
        page.push('\n');
    }
    page += "</head><body><main>A page.</main>\n";
    for number in 1..=25 {
        let _ = write!(page, "<p class=v{number}>x</p>");
    }
    for (number, vector) in BODY.iter().enumerate() {
        // Each starts anew, whatever the one before left open.
        let _ = writeln!(page, "<div id=b{number}>{}</div>", written(vector, host));
    }
    for (number, _) in PARTS.iter().enumerate() {
        let _ = writeln!(page, "<iframe src='{folder}/part/{number}'></iframe>");
    }
    page + "</body></html>"
}

fn runtime_page(host: &str) -> String {
    // The address is put together, so that nothing in the markup tells what a script will do.
    let mut page = format!(
        "<!doctype html><html lang=en><head><title>Every way to fetch</title></head><body><main>A page.</main><script>
  var B = 'https://{host}.track' + 'er.test/';
  function make(name, given) {{ return Object.assign(document.createElement(name), given); }}
  function svg(name) {{ return document.createElementNS('http://www.w3.org/2000/svg', name); }}
  function add(node) {{ document.body.append(node); return node; }}
</script>\n"
    );
    for (name, code) in RUNTIME {
        let label = name.split('.').next().unwrap();
        let code = code
            .replace('§', &format!("(B + '{name}')"))
            .replace('¤', &format!("B.replace('//', '//{label}.')"));
        let _ = writeln!(
            page,
            "<script>try {{ (function () {{ {code}; }})(); }} catch (e) {{}}</script>"
        );
    }
    page + "</body></html>"
}

fn routes() -> Router {
    let mut router = Router::new();
    for (host, folder) in [("t", ""), ("c", "/open")] {
        let root = if folder.is_empty() { "/" } else { folder };
        let (markup, runtime) = (markup_page(host, folder), runtime_page(host));
        router = router
            .route(root, get(async || Html(markup)))
            .route(&format!("{folder}/runtime"), get(async || Html(runtime)));
        for (number, vector) in PARTS.iter().enumerate() {
            let part = written(vector, host);
            router = router.route(&format!("{folder}/part/{number}"), get(async || Html(part)));
        }
    }
    router
        .route("/own.js", get(async || ([("content-type", "text/javascript")], "")))
        .route("/own.svg", get(async || {
            ([("content-type", "image/svg+xml")], "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>")
        }))
}

async fn open(scripts: Scripts, guard: GuardMode) -> Option<Site> {
    let layer = layer(policy())
        .with_guard(guard)
        .with_bypass(|_, uri: &Uri, _| uri.path().starts_with("/open"));
    Site::open_with(scripts, layer, &[], routes()).await
}

/// The names of the vectors that reached the tracker from the page with the gate (`t`) or the one without (`c`).
fn heard(site: &Site, host: &str) -> BTreeSet<String> {
    let whole = format!("{host}.tracker.test");
    let contacts = site.sink.contacts(&[&whole]);
    let names = contacts.iter().filter_map(|contact| match contact.split_once('/') {
        Some((_, path)) => Some(path.split(['#', '?']).next().unwrap().to_owned()),
        None => Some(contact.strip_suffix(&format!(".{whole}"))?.to_owned()),
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// Waits until nothing more arrives.
async fn quiet(site: &Site, host: &str) {
    let (mut before, mut still) = (0, 0);
    until("the tracker hears nothing more", async || {
        site.browser.settle().await;
        let now = heard(site, host).len();
        still = if now == before { still + 1 } else { 0 };
        before = now;
        still > 40
    })
    .await;
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn missing(wanted: &BTreeSet<String>, from: &BTreeSet<String>) -> Vec<String> {
    wanted.difference(from).cloned().collect()
}

#[tokio::test]
async fn probe() {
    let Some(site) = open(Scripts::On, GuardMode::Full).await else { return };
    site.goto("/open").await; quiet(&site, "c").await;
    let live = heard(&site, "c");
    println!("LIVE {} {:?}", live.len(), live);
    let all: BTreeSet<String> = HEAD.iter().chain(BODY).chain(PARTS).map(|v| v.0.to_owned()).collect();
    println!("INERT {:?}", missing(&all, &live));
    site.goto("/").await; quiet(&site, "t").await;
    let before = heard(&site, "t");
    println!("BEFORE {:?}", before);
    println!("ERR {:?}", site.browser.console_errors().await.iter().filter(|e| !e.contains("404")).collect::<Vec<_>>());
    site.choose("[data-tc-accept]").await; quiet(&site, "t").await;
    let after = heard(&site, "t");
    println!("NOT BACK {:?}", missing(&live, &after));
    println!("EXTRA {:?}", missing(&after, &live));
}
#[tokio::test]
async fn probe_off() {
    let Some(site) = open(Scripts::Off, GuardMode::Full).await else { return };
    site.goto("/open").await; quiet(&site, "c").await;
    let live = heard(&site, "c");
    println!("OFF LIVE {} {:?}", live.len(), live);
    site.goto("/").await; quiet(&site, "t").await;
    println!("OFF BEFORE {:?}", heard(&site, "t"));
}
async fn rt(guard: GuardMode, tag: &str) {
    let Some(site) = open(Scripts::On, guard).await else { return };
    site.goto("/open/runtime").await; quiet(&site, "c").await;
    let live = heard(&site, "c");
    println!("{tag} LIVE {} {:?}", live.len(), live);
    let all: BTreeSet<String> = RUNTIME.iter().map(|v| v.0.to_owned()).collect();
    println!("{tag} INERT {:?}", missing(&all, &live));
    site.goto("/runtime").await; quiet(&site, "t").await;
    let before = heard(&site, "t");
    println!("{tag} BEFORE {} {:?}", before.len(), before);
    site.choose("[data-tc-accept]").await; quiet(&site, "t").await;
    println!("{tag} NOT BACK {:?}", missing(&live, &heard(&site, "t")));
}
#[tokio::test]
async fn probe_rt_full() { rt(GuardMode::Full, "FULL").await }
#[tokio::test]
async fn probe_rt_core() { rt(GuardMode::Core, "CORE").await }
