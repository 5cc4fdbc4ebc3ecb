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
use tower_consent::{Category, ConsentLayer, GuardMode, Policy, PolicyBuilder, Vendor};

use crate::driver::{Scripts, until};
use crate::sink::Sink;
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
        .replace(
            "Ly90LnRy",
            if host == "t" { "Ly90LnRy" } else { "Ly9jLnRy" },
        )
}

/// The page with every vector, or without those that only a new page brings back.
fn markup_page(host: &str, folder: &str, all: bool) -> String {
    let wanted = |(name, _): &&Vector| all || !RENEWED.contains(name);
    let mut page =
        "<!doctype html><html lang=en><head><title>Every way to fetch</title>\n".to_owned();
    for vector in HEAD.iter().filter(wanted) {
        page += &written(vector, host);
        page.push('\n');
    }
    page += "</head><body><main>A page.</main>\n";
    for number in 1..=25 {
        let _ = write!(page, "<p class=v{number}>x</p>");
    }
    for (number, vector) in BODY.iter().filter(wanted).enumerate() {
        // Each starts anew, whatever the one before left open.
        let _ = writeln!(page, "<div id=b{number}>{}</div>", written(vector, host));
    }
    for (number, vector) in PARTS.iter().enumerate() {
        if wanted(&vector) {
            let _ = writeln!(page, "<iframe src='{folder}/part/{number}'></iframe>");
        }
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

pub(crate) fn routes() -> Router {
    let mut router = Router::new();
    for (host, folder) in [("t", ""), ("c", "/open")] {
        let root = if folder.is_empty() { "/" } else { folder };
        let whole = markup_page(host, folder, true);
        let lasting = markup_page(host, folder, false);
        let runtime = runtime_page(host);
        router = router
            .route(root, get(async || Html(whole)))
            .route(&format!("{folder}/lasting"), get(async || Html(lasting)))
            .route(&format!("{folder}/runtime"), get(async || Html(runtime)));
        for (number, vector) in PARTS.iter().enumerate() {
            let part = written(vector, host);
            router = router.route(&format!("{folder}/part/{number}"), get(async || Html(part)));
        }
    }
    router
        .route(
            "/own.js",
            get(async || ([("content-type", "text/javascript")], "")),
        )
        .route(
            "/own.svg",
            get(async || {
                (
                    [("content-type", "image/svg+xml")],
                    "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
                )
            }),
        )
}

/// The layer, which leaves the pages without a gate alone.
pub(crate) fn layer_with(guard: GuardMode) -> ConsentLayer {
    layer(policy())
        .with_guard(guard)
        .with_bypass(|_, uri: &Uri, _| uri.path().starts_with("/open"))
}

async fn open(scripts: Scripts, guard: GuardMode) -> Option<Site> {
    Site::open_with(scripts, layer_with(guard), &[], routes()).await
}

/// The names of the vectors that reached the tracker from the page with the gate (`t`) or the one without (`c`).
pub(crate) fn heard(sink: &Sink, host: &str) -> BTreeSet<String> {
    let whole = format!("{host}.tracker.test");
    let contacts = sink.contacts(&[&whole]);
    let names = contacts
        .iter()
        .filter_map(|contact| match contact.split_once('/') {
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
        let now = heard(&site.sink, host).len();
        still = if now == before { still + 1 } else { 0 };
        before = now;
        still > 40
    })
    .await;
}

/// Fails with the names of `wanted` that are not in `from`.
pub(crate) fn assert_all_in(what: &str, wanted: &BTreeSet<String>, from: &BTreeSet<String>) {
    let missing: Vec<_> = wanted.difference(from).collect();
    assert!(missing.is_empty(), "{what}: {missing:?}");
}

pub(crate) fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Visits the page without the gate and then the one with it; what fetches at all, and what did all the same.
async fn visit(site: &Site, page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    site.goto(&format!("/open{page}")).await;
    quiet(site, "c").await;
    site.goto(if page.is_empty() { "/" } else { page }).await;
    quiet(site, "t").await;
    (heard(&site.sink, "c"), heard(&site.sink, "t"))
}

/// An import map stays as it is, since without it no module of the page finds another.
pub(crate) const RESIDUAL: &[&str] = &["importmap.js"];

/// What a grant brings back by a new page: its markup could hand a visitor's words the power to run code, or no script
/// of the layer is there to wake it.
const RENEWED: &[&str] = &[
    // Handlers and addresses that run.
    "img-handler.svg",
    "img-handler-load.svg",
    "svg-handler.svg",
    "toggle-handler.svg",
    "style-handler.svg",
    "body-onload.svg",
    "sheet-late.css",
    "frame-javascript.svg",
    // Nobody looks into these.
    "frame-doc-sandbox.svg",
    "shadow-closed.svg",
    // Pieces of pages, which get nothing inserted, and a page that does not end.
    "bare.svg",
    "text.svg",
    "unclosed-style.svg",
];

// covers S01, S02
#[tokio::test]
async fn nothing_in_markup_leads_past_the_gate() {
    let Some(site) = open(Scripts::On, GuardMode::Core).await else {
        return;
    };
    let (live, before) = visit(&site, "").await;
    assert!(live.len() >= 200, "{}: {live:?}", live.len());
    assert_all_in("fetched before consent", &before, &set(RESIDUAL));
    site.choose("[data-tc-reject]").await;
    site.goto("/").await;
    quiet(&site, "t").await;
    assert_all_in(
        "fetched after a refusal",
        &heard(&site.sink, "t"),
        &set(RESIDUAL),
    );
}

// covers S33
#[tokio::test]
async fn nothing_in_markup_leads_past_the_gate_without_scripts() {
    let Some(site) = open(Scripts::Off, GuardMode::Core).await else {
        return;
    };
    let (live, before) = visit(&site, "").await;
    assert!(live.len() >= 160, "{}: {live:?}", live.len());
    assert_all_in("fetched before consent", &before, &BTreeSet::new());
}

#[tokio::test]
async fn a_grant_brings_back_whatever_the_markup_fetches() {
    let Some(site) = open(Scripts::On, GuardMode::Core).await else {
        return;
    };
    let (live, _) = visit(&site, "/lasting").await;
    site.browser.run("window.stays = 1").await;
    site.choose("[data-tc-accept]").await;
    quiet(&site, "t").await;
    // A call of a script that also does something else is not repeated.
    let wanted = live.difference(&set(&["inline-events"])).cloned().collect();
    assert_all_in("not back in place", &wanted, &heard(&site.sink, "t"));
    assert_eq!(site.browser.run("return window.stays").await, 1);

    // In a browser that has agreed, the rest is there again.
    let (live, now) = visit(&site, "").await;
    // What is added to a page that ends inside of a style ends up in that.
    let wanted = live
        .difference(&set(&["unclosed-style.svg"]))
        .cloned()
        .collect();
    assert_all_in("not back on a new page", &wanted, &now);
}

/// What the core set leaves alone of what scripts do. It is for the ways that trackers load by; the rest is for `Full`.
pub(crate) const BEYOND_CORE: &[&str] = &[
    "audio-worklet.js",
    "audio.mp3",
    "body-background.svg",
    "embed.svg",
    "fetch-later.json",
    "frame-doc-attribute.svg",
    "frame-doc.svg",
    "image-node.svg",
    "image-shadow-markup.svg",
    "image-value.svg",
    "input.svg",
    "object-late.svg",
    "object.svg",
    "paint-worklet.js",
    "parse-unsafe.svg",
    "parser-import.svg",
    "parser.svg",
    "picture.svg",
    "ping",
    "poster.svg",
    "preload-set.svg",
    "script-named.js",
    "source.mp4",
    "svg-xlink.svg",
    "template-import.svg",
    "template.svg",
    "unsafe-shadow.svg",
    "unsafe.svg",
    "video.mp4",
];

/// What no set holds back. A script that wants to can always do one of these; a Content-Security-Policy can stop most.
pub(crate) const BEYOND_THE_GUARD: &[&str] = &[
    // Styles that scripts make: there are too many ways, and trackers use none of them.
    "css-attribute.svg",
    "css-css-text.svg",
    "css-import.css",
    "css-map.svg",
    "css-markup.css",
    "css-property.svg",
    "css-rule.svg",
    "css-set-property.svg",
    "css-sheet.svg",
    "css-text.svg",
    "font.svg",
    "inner-css.svg",
    "write-css.css",
    // Another window and its own functions.
    "frame-blob.svg",
    "frame-fetch.json",
    "frame-image.svg",
    "frame-location.html",
    "frame-write.svg",
    "refresh.html",
    // Workers have functions of their own, and `import()` is none that could be replaced.
    "import.js",
    "shared-worker.json",
    "worker-fetch.json",
    "worker-import.js",
    "worker-module.js",
    // A tag in pieces, an editor's command, rare properties.
    "exec.svg",
    "image-node-value.svg",
    "script-svg.js",
    "svg-base-value.svg",
    "write-parts.svg",
    // A form that is sent is a navigation.
    "form.html",
];

/// What scripts ask for once; nobody asks again for them.
pub(crate) const CALLS: &[&str] = &[
    "audio.mp3",
    "audio-worklet.js",
    "beacon.json",
    "events",
    "fetch-later.json",
    "fetch-request.json",
    "fetch-url.json",
    "fetch.json",
    "paint-worklet.js",
    "ping",
    "socket",
    "xhr.json",
];

async fn at_run_time(guard: GuardMode, beyond: &[&str]) {
    let Some(site) = open(Scripts::On, guard).await else {
        return;
    };
    let (live, before) = visit(&site, "/runtime").await;
    assert!(live.len() >= 100, "{}: {live:?}", live.len());
    assert_all_in("fetched before consent", &before, &set(beyond));
    site.choose("[data-tc-accept]").await;
    quiet(&site, "t").await;
    let heard = heard(&site.sink, "t");
    let wanted: BTreeSet<String> = live.difference(&set(CALLS)).cloned().collect();
    assert_all_in("not back", &wanted, &heard);
}

// covers S01
#[tokio::test]
async fn what_scripts_fetch_waits_as_far_as_the_core_set_goes() {
    at_run_time(GuardMode::Core, &[BEYOND_CORE, BEYOND_THE_GUARD].concat()).await;
}

// covers S01
#[tokio::test]
async fn what_scripts_fetch_waits_as_far_as_the_full_set_goes() {
    at_run_time(GuardMode::Full, BEYOND_THE_GUARD).await;
}
