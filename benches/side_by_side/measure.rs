//! What one visit costs, as the browser itself tells.

use std::time::Duration;

use serde_json::json;

use crate::driver::{Browser, until};
use crate::pages::{PAGES, Page, Server};

/// One visit. Times in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    first_paint: f64,
    banner: f64,
    script: f64,
    shift: f64,
    gone: f64,
    again: f64,
}

/// Watches each page from its start, unless the address asks for none: a look
/// at the banner makes the browser lay the page out inside a script.
const WATCH: &str = "if (location.hash !== '#unwatched') {
  const m = window.figures = { shift: 0 };
  const see = (type, act) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
  see('paint', (e) => { if (e.name === 'first-contentful-paint') m.paint = e.startTime; });
  see('layout-shift', (e) => { m.shift += e.value; });
  const BANNER = '[data-tc-banner], #cc-main .cm, .klaro .cookie-notice';
  const shows = (banner) =>
    banner && banner.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && getComputedStyle(banner).opacity > 0.01;
  // Told once the frame is out that first shows it, however faintly.
  const wait = () => {
    if (!shows(document.querySelector(BANNER))) return requestAnimationFrame(wait);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { m.banner = performance.now(); };
    port2.postMessage(0);
  };
  const watch = new MutationObserver(() => {
    if (!document.querySelector(BANNER)) return;
    watch.disconnect();
    requestAnimationFrame(wait);
  });
  watch.observe(document, { childList: true, subtree: true });
  addEventListener('click', (event) => {
    const banner = document.querySelector(BANNER);
    const look = () => {
      if (shows(banner)) requestAnimationFrame(look);
      else m.gone = performance.now() - event.timeStamp;
    };
    requestAnimationFrame(look);
  }, true);
}";

/// Slows the browser down and makes it watch.
pub(crate) async fn prepare(browser: &Browser) {
    // Whoever visits a page has it in front of them, which no window without a screen is.
    let focus = json!({ "enabled": true });
    browser
        .devtools("Emulation.setFocusEmulationEnabled", focus)
        .await;
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Performance.enable", json!({})).await;
    // Chromium's own presets for a slow phone: slow 4G is 1.6 Mbit/s and 150 ms, as it emulates them.
    let slow = json!({ "offline": false, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375 });
    browser
        .devtools("Network.emulateNetworkConditions", slow)
        .await;
    browser
        .devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 }))
        .await;
    browser
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": WATCH }),
        )
        .await;
}

/// Loads a page for the first time, accepts, and comes back.
pub(crate) async fn visit(browser: &Browser, server: &Server, page: &Page) -> Figures {
    let url = format!("http://127.0.0.1:{}/{}", server.port, page.name);
    forget(browser).await;
    let before = script_time(browser).await;
    browser
        .client
        .goto(&format!("{url}#unwatched"))
        .await
        .unwrap();
    // Asking the page whether it is ready would be a script as well.
    tokio::time::sleep(Duration::from_millis(4000)).await;
    let script = script_time(browser).await - before;
    forget(browser).await;
    browser.client.goto(&url).await.unwrap();
    settle(browser).await;
    let mut figures = Figures {
        script,
        first_paint: number(browser, "paint").await,
        shift: number(browser, "shift").await,
        ..Figures::default()
    };
    if page.banner.is_empty() {
        return figures;
    }
    until(&format!("{} was painted", page.banner), async || {
        number(browser, "banner").await > 0.0
    })
    .await;
    figures.banner = number(browser, "banner").await;
    click(browser, page.accept).await;
    // One that stays says so by a zero.
    settle(browser).await;
    figures.gone = number(browser, "gone").await;
    server.asked.lock().unwrap().clear();
    browser.client.goto(&url).await.unwrap();
    settle(browser).await;
    let asked = std::mem::take(&mut *server.asked.lock().unwrap());
    let ours = |path: &&String| path.starts_with("/_consent") || path.starts_with("/lib");
    figures.again = f64::from(u32::try_from(asked.iter().filter(ours).count()).unwrap());
    figures
}

/// Makes the next visit a first one.
async fn forget(browser: &Browser) {
    browser.client.goto("about:blank").await.unwrap();
    for kept in ["Cache", "Cookies"] {
        let command = format!("Network.clearBrowser{kept}");
        browser.devtools(&command, json!({})).await;
    }
}

/// A click as a hand makes it: the script of a page cannot tell.
async fn click(browser: &Browser, css: &str) {
    let place = format!(
        "const r = document.querySelector({css:?}).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]"
    );
    let place = browser.run(&place).await;
    for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
        let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": if kind == "mouseMoved" { "none" } else { "left" }, "clickCount": 1 });
        browser.devtools("Input.dispatchMouseEvent", event).await;
    }
}

async fn settle(browser: &Browser) {
    until("the page has loaded", async || {
        browser.run("return document.readyState").await == "complete"
    })
    .await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
}

async fn number(browser: &Browser, name: &str) -> f64 {
    let value = browser
        .run(&format!("return window.figures?.{name} ?? 0"))
        .await;
    value.as_f64().unwrap_or_default()
}

/// How long scripts ran in this tab, in milliseconds.
async fn script_time(browser: &Browser) -> f64 {
    let answer = browser.devtools("Performance.getMetrics", json!({})).await;
    let metrics = answer["metrics"].as_array().unwrap();
    let found = metrics
        .iter()
        .find(|metric| metric["name"] == "ScriptDuration");
    found
        .and_then(|metric| metric["value"].as_f64())
        .unwrap_or_default()
        * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn print(shown: &[usize], all: &[Vec<Figures>]) {
    let of = |at: usize, figure: fn(&Figures) -> f64| median(all[at].iter().map(figure).collect());
    let bare = of(0, |figures| figures.first_paint);
    let own = of(0, |figures| figures.script);
    println!(
        "{:<24} {:>9} {:>6} {:>9} {:>6} {:>9} {:>7} {:>9} {:>6}",
        "medians",
        "paint ms",
        "ratio",
        "banner ms",
        "ratio",
        "script ms",
        "shift",
        "gone ms",
        "again"
    );
    for at in shown.iter().copied() {
        let paint = of(at, |figures| figures.first_paint);
        let banner = of(at, |figures| figures.banner);
        println!(
            "{:<24} {paint:>9.0} {:>6.2} {banner:>9.0} {:>6.2} {:>9.1} {:>7.4} {:>9.0} {:>6}",
            PAGES[at].name,
            paint / bare,
            banner / paint,
            of(at, |figures| figures.script) - own,
            of(at, |figures| figures.shift),
            of(at, |figures| figures.gone),
            of(at, |figures| figures.again),
        );
    }
}
