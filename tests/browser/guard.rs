//! Proves that what scripts insert before consent reaches nobody, and comes
//! back after a grant.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use axum::response::Html;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_consent::GuardMode;

use crate::driver::{Scripts, until};
use crate::site::{Page, Site, layer, policy};

/// What the core set holds back. Addresses are put together, so that nothing in
/// the markup tells what the script will do.
const CORE: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Core</title></head><body><main>A page.</main>
<div id="place"></div>
<script>
  var T = 'https://t.track' + 'er.test/', heard = window.heard = [];
  function make(name, given) { return Object.assign(document.createElement(name), given); }
  function add(element) {
    element.onerror = function () { heard.push(element.localName + ' ' + element.id); };
    document.body.appendChild(element);
    return element;
  }
  add(make('script', { id: 'script', src: T + 'say/script.js' }));
  var typed = make('script', { id: 'typed' });
  typed.src = T + 'say/typed.js';
  typed.type = 'text/javascript';
  typed.async = true;
  add(typed);
  var attribute = make('script', { id: 'attribute' });
  attribute.setAttribute('src', T + 'say/attribute.js');
  add(attribute);
  var late = add(make('script', { id: 'late' }));
  late.src = T + 'say/late.js';
  add(make('img', { id: 'img', src: T + 'img.svg' }));
  add(make('img', { id: 'srcset', srcset: T + 'srcset.svg 1x' }));
  add(make('iframe', { src: T + 'frame.html' }));
  add(make('link', { id: 'link', rel: 'stylesheet', href: T + 'sheet.css' }));
  add(make('link', { rel: 'preconnect', href: T }));
  new Image().src = T + 'pixel.svg';
  document.write('<img src="' + T + 'written.svg"><script src="' + T + 'say/written.js"><\/script>');
  document.writeln('<iframe src=' + T + 'line.html></iframe>');
  var inline = make('script', { text: "new Image().src = '" + T + "inline.svg'; window.ran = 1" });
  document.body.append(inline);
  var clone = make('script', { type: 'text/lazy', id: 'clone' });
  clone.setAttribute('data-lazy', T + 'say/clone.js');
  add(clone);
  var copy = make('script', { src: clone.dataset.lazy });
  clone.parentNode.replaceChild(copy, clone);
  fetch(T + 'fetch.json').then(function () { heard.push('fetch answered'); }, function (e) { heard.push(e.name); });
  var xhr = new XMLHttpRequest();
  xhr.onerror = function () { heard.push('xhr'); };
  xhr.onload = function () { heard.push('xhr answered'); };
  xhr.open('GET', T + 'xhr.json');
  xhr.send();
  heard.push('beacon ' + navigator.sendBeacon(T + 'beacon'));
  fetch('/collect?x').then(function () { heard.push('own answered'); }, function () { heard.push('own'); });
  add(make('img', { src: 'https://other.test/fine.svg' }));
</script></body></html>"#,
)];

// covers S01, L05
#[tokio::test]
async fn what_scripts_insert_waits_for_consent_and_comes_back() {
    let Some(site) = Site::open(layer(policy()), CORE).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
    assert_eq!(site.browser.run("return window.ran").await, Value::Null);
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(
        heard,
        [
            "TypeError",
            "beacon true",
            "img img",
            "img srcset",
            "link ",
            "link link",
            "own answered",
            "script attribute",
            "script late",
            "script script",
            "script typed",
            "xhr",
        ]
    );
    assert!(!site.sink.contacts(&["other.test"]).is_empty());
    site.choose("[data-tc-accept]").await;
    for what in [
        "say/script.js",
        "say/typed.js",
        "say/attribute.js",
        "say/late.js",
        "img.svg",
        "srcset.svg",
        "frame.html",
        "sheet.css",
        "pixel.svg",
        "written.svg",
        "say/written.js",
        "line.html",
        "inline.svg",
        "say/clone.js",
    ] {
        site.until_heard(what).await;
        let times = site.heard().iter().filter(|path| *path == what).count();
        assert_eq!(times, 1, "{what}");
    }
    assert_eq!(
        site.browser.run("return typeof window.__tc").await,
        "undefined"
    );
    assert_eq!(
        site.browser
            .run("return fetch.toString().includes('native')")
            .await,
        true
    );
    let errors = site.browser.console_errors().await;
    // Chromium's own word on the broken XMLHttpRequest.
    assert!(
        errors.len() == 1 && errors[0].contains("ERR_INVALID_URL"),
        "{errors:?}"
    );
}

#[tokio::test]
async fn a_refusal_wakes_nothing() {
    let Some(site) = Site::open(layer(policy()), CORE).await else {
        return;
    };
    site.goto("/").await;
    site.choose("[data-tc-reject]").await;
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
}

const FULL: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Full</title></head><body><main id="m">A page.</main>
<div id="a"></div><div id="b"><i></i></div><div id="c"></div><video id="v"></video>
<script>
  var T = 'https://t.track' + 'er.test/', heard = window.heard = [];
  a.innerHTML = '<p title="a > b"><img src="' + T + 'inner.svg" alt=x><iframe src=' + T + 'inner.html></iframe>';
  b.firstChild.outerHTML = "<img srcset='" + T + "outer.svg 1x, x.svg 2x'>";
  c.insertAdjacentHTML('beforeend', '<img SRC="https:&#x2f;&#47;t.track' + 'er.test/adjacent.svg">');
  c.append(document.createRange().createContextualFragment('<script src="' + T + 'say/fragment.js"><\/script>'));
  if (c.setHTMLUnsafe) { var d = document.createElement('div'); c.append(d); d.setHTMLUnsafe('<img src="' + T + 'unsafe.svg">'); }
  var t = document.createElement('template');
  t.innerHTML = '<img class=t>';
  c.append(new DOMParser().parseFromString('<img src="' + T + 'parsed.svg">', 'text/html').body.firstChild);
  v.poster = T + 'poster.svg';
  c.append(Object.assign(document.createElement('embed'), { src: T + 'embed.svg' }));
  c.append(Object.assign(document.createElement('object'), { data: T + 'object.svg' }));
  var f = document.createElement('iframe');
  f.srcdoc = '<img src="' + T + 'srcdoc.svg">';
  c.append(f);
  try { new WebSocket(T.replace('http', 'ws') + 'socket').onerror = function () { heard.push('socket'); }; } catch (e) { heard.push(e.name); }
  new EventSource(T + 'events').onerror = function () { heard.push('events'); this.close(); };
  new Audio(T + 'audio.ogg');
  document.cookie = '_st=1; path=/';
  document.cookie = '_st_2=1; path=/';
  document.cookie = 'mine=1; path=/';
  localStorage.setItem('st_id', '1');
  localStorage.setItem('mine', '1');
</script></body></html>"#,
)];

#[tokio::test]
async fn the_full_guard_also_holds_markup_names_and_sockets() {
    let layer = layer(policy()).with_guard(GuardMode::Full);
    let Some(site) = Site::open(layer, FULL).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(site.heard(), [""; 0]);
    assert_eq!(site.browser.run("return document.cookie").await, "mine=1");
    assert_eq!(
        site.browser.texts("return Object.keys(localStorage)").await,
        ["mine"]
    );
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(heard, ["events", "socket"]);
    site.choose("[data-tc-accept]").await;
    for what in [
        "inner.svg",
        "inner.html",
        "adjacent.svg",
        "say/fragment.js",
        "unsafe.svg",
        "parsed.svg",
        "poster.svg",
        "embed.svg",
        "object.svg",
    ] {
        site.until_heard(what).await;
    }
}

const CALLS: &[Page] = &[
    (
        "/",
        "",
        r#"<!doctype html><html><head><title>Calls</title>
<script>
  !function (w, d, u) { if (w.st) return; var n = w.st = function () { n.q.push([].slice.call(arguments)); }; n.q = [];
    var t = d.createElement('script'); t.src = u; d.head.appendChild(t); }(window, document, 'https://t.tracker.test/say/st.js');
  st('init');
</script>
<script>st('page'); stLayer.push('early'); stApi.track('early');</script></head><body><main>A page.</main>
<button id="b" onclick="st('click', { hitCallback: function () { window.called = true; } }); stApi.track('late')">Buy</button>
<script>window.before = typeof st + ' ' + typeof stLayer + ' ' + typeof stApi.track;</script>
</body></html>"#,
    ),
    (
        "/mixed",
        "",
        r#"<!doctype html><html><head><title>Mixed</title></head><body><main>A page.</main>
<script>
  // A script of the site that also holds a snippet, whose host it puts together.
  var u = 'https://t.track' + 'er.test/say/st.js';
  !function (w, d) { if (w.st) return; var n = w.st = function () { n.q.push([].slice.call(arguments)); }; n.q = [];
    var t = d.createElement('script'); t.src = u; d.head.appendChild(t); }(window, document);
  st('init');
</script></body></html>"#,
    ),
];

#[tokio::test]
async fn calls_to_blocked_trackers_do_not_fail_and_those_of_the_loading_page_are_repeated() {
    let Some(site) = Site::open(layer(policy()), CALLS).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(
        site.browser.run("return before").await,
        "function object function"
    );
    site.browser.click("#b").await;
    until("the page is called back", async || {
        site.browser.run("return window.called").await == true
    })
    .await;
    assert_eq!(site.heard(), [""; 0]);
    site.choose("[data-tc-accept]").await;
    site.until_heard("say/st.js").await;
    until("the calls are repeated", async || {
        // `init` by the snippet itself; what the visitor did before agreeing stays untold.
        site.browser.run("return JSON.stringify(st.q)").await == r#"[["init"],["page"]]"#
    })
    .await;
    assert_eq!(
        site.browser
            .run("return stLayer.join() + typeof window.stApi")
            .await,
        "earlyundefined"
    );
    assert_eq!(site.browser.console_errors().await, [""; 0]);
}

#[tokio::test]
async fn a_snippet_that_is_not_blocked_finds_its_name_free_and_comes_back() {
    let Some(site) = Site::open(layer(policy()), CALLS).await else {
        return;
    };
    site.goto("/mixed").await;
    assert_eq!(site.heard(), [""; 0]);
    site.choose("[data-tc-accept]").await;
    site.until_heard("say/st.js").await;
}

const PARTS: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Parts</title></head><body><main>A page.</main>
<script>
  ['https://t.track' + 'er.test/', 'https://ads.mark' + 'et.test/'].forEach(function (host) {
    var s = document.createElement('script');
    s.src = host + 'say/one.js';
    document.body.append(s);
    new Image().src = host + 'pixel.svg';
  });
</script></body></html>"#,
)];

// covers S33
#[tokio::test]
async fn a_grant_in_part_wakes_its_part_and_holds_the_rest() {
    let Some(site) = Site::open(layer(policy()), PARTS).await else {
        return;
    };
    site.goto("/").await;
    site.browser.click("[data-tc-banner] .tc-choose").await;
    site.browser.click(".tc-sheet input[name=analytics]").await;
    site.browser.click(".tc-sheet [data-tc-save]").await;
    until("the banner has gone", async || {
        !site.browser.has("[data-tc-banner]").await
    })
    .await;
    site.browser.settle().await;
    site.until_heard("say/one.js").await;
    site.until_heard("pixel.svg").await;
    let more = "new Image().src = 'https://ads.market.test/more.svg';
        new Image().src = 'https://t.tracker.test/more.svg'";
    site.browser.run(more).await;
    site.until_heard("more.svg").await;
    site.browser.settle().await;
    assert_eq!(site.sink.contacts(&["market.test"]), [""; 0]);
}

/// A page that asks the server about hosts which neither policy nor catalog know.
const ASKING: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Asking</title>
<script src="/p/assets/guard.js" data-tc-state="" data-tc-verdicts></script></head><body><main>A page.</main>
<script>
  var heard = window.heard = [];
  ['https://good.test/', 'https://bad.test/'].forEach(function (host) {
    ['one', 'two'].forEach(function (name) {
      var s = document.createElement('script');
      s.src = host + 'say/' + name + '.js';
      s.onerror = function () { heard.push('script ' + s.src); };
      document.body.append(s);
    });
    new Image().src = host + 'img.svg';
    var f = document.createElement('iframe');
    f.src = host + 'frame.html';
    document.body.append(f);
    fetch(host + 'fetch.json').then(function (r) { return r.json(); })
      .then(function () { heard.push('fetched ' + host); }, function (e) { heard.push(e.name + ' ' + host); });
    var xhr = new XMLHttpRequest();
    xhr.onload = function () { heard.push('loaded ' + host); };
    xhr.onerror = function () { heard.push('broken ' + host); };
    xhr.open('GET', host + 'xhr.json');
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.send();
  });
</script></body></html>"#,
)];

/// The text of the guard, as a layer with the test's policy serves it.
async fn guard_text() -> String {
    let app = Router::new()
        .route("/", get(async || Html("<!doctype html><head><body>")))
        .layer(layer(policy()));
    let read = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let page = read("/").await;
    let path = page
        .split('"')
        .find(|part| part.contains("/guard-"))
        .unwrap();
    read(path).await
}

/// Opens the page whose guard asks; `answer` is what the server says to a question.
async fn asking(answer: fn(&Value) -> Option<Value>) -> Option<(Site, Arc<Mutex<usize>>)> {
    let text = guard_text().await;
    let questions = Arc::new(Mutex::new(0));
    let count = questions.clone();
    let routes = Router::new()
        .route(
            "/p/assets/guard.js",
            get(async move || ([(CONTENT_TYPE, "text/javascript")], text)),
        )
        .route(
            "/p/verdict",
            post(async move |body: String| {
                *count.lock().unwrap() += 1;
                let question: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(question["page"], "/");
                match answer(&question) {
                    Some(answer) => (StatusCode::OK, answer.to_string()),
                    None => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
                }
            }),
        );
    let layer = layer(policy()).with_bypass(|_, _, _| true);
    let site = Site::open_with(Scripts::On, layer, ASKING, routes).await?;
    Some((site, questions))
}

#[tokio::test]
async fn what_only_the_server_knows_waits_for_its_answer() {
    let answer = |question: &Value| {
        let urls = question["urls"].as_array().unwrap().iter();
        let denied: Vec<Value> = urls
            .map(
                |wanted| match wanted["url"].as_str().unwrap().contains("bad.test") {
                    true => json!({ "category": "marketing" }),
                    false => Value::Null,
                },
            )
            .collect();
        Some(json!({ "denied": denied }))
    };
    let Some((site, questions)) = asking(answer).await else {
        return;
    };
    site.goto("/").await;
    until("the allowed host was reached in every way", async || {
        let heard = site.sink.contacts(&["good.test"]);
        [
            "say/one.js",
            "say/two.js",
            "img.svg",
            "frame.html",
            "fetch.json",
            "xhr.json",
        ]
        .iter()
        .all(|what| heard.iter().any(|contact| contact.ends_with(what)))
    })
    .await;
    until("everything is told", async || {
        site.browser.texts("return heard").await.len() == 6
    })
    .await;
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(
        heard,
        [
            "TypeError https://bad.test/",
            "broken https://bad.test/",
            "fetched https://good.test/",
            "loaded https://good.test/",
            "script https://bad.test/say/one.js",
            "script https://bad.test/say/two.js",
        ]
    );
    assert_eq!(
        site.browser.texts("return said.sort()").await,
        ["one", "two"]
    );
    assert_eq!(site.sink.contacts(&["bad.test"]), [""; 0]);
    // Asked in one go, and once for each address.
    assert!(*questions.lock().unwrap() <= 2);
    let wake = "__tc.off('marketing'); new Image().src = 'https://bad.test/img.svg'";
    site.browser.run(wake).await;
    until("a grant counts at once", async || {
        !site.sink.contacts(&["bad.test"]).is_empty()
    })
    .await;
}

#[tokio::test]
async fn without_an_answer_nothing_that_runs_code_is_loaded() {
    let Some((site, _)) = asking(|_| None).await else {
        return;
    };
    site.goto("/").await;
    until("the scripts are refused", async || {
        let heard = site.browser.texts("return heard").await;
        heard
            .iter()
            .filter(|what| what.starts_with("script "))
            .count()
            == 4
    })
    .await;
    until("the picture is there", async || {
        site.sink
            .contacts(&["bad.test"])
            .iter()
            .any(|contact| contact.ends_with("img.svg"))
    })
    .await;
    let contacts = site.sink.contacts(&["good.test", "bad.test"]);
    assert!(
        !contacts
            .iter()
            .any(|contact| contact.contains("say/") || contact.contains("frame")),
        "{contacts:?}"
    );
}

#[tokio::test]
async fn a_beacon_is_held_back_by_either_name_of_the_navigator() {
    for name in ["navigator", "clientInformation"] {
        let Some(site) = Site::open(layer(policy()), PARTS).await else {
            return;
        };
        let beacon = async |file: &str| {
            let send = format!("return {name}.sendBeacon('https://t.tracker.test/{file}', 'x')");
            assert_eq!(site.browser.run(&send).await, true);
        };
        site.goto("/").await;
        beacon("early.svg").await;
        site.browser.settle().await;
        assert_eq!(site.heard(), [""; 0], "{name}");
        site.choose("[data-tc-accept]").await;
        site.until_heard("pixel.svg").await;
        beacon("late.svg").await;
        site.until_heard("late.svg").await;
        assert!(!site.heard().iter().any(|path| path == "early.svg"));
    }
}
