//! Proves that what scripts insert before consent reaches nobody, and comes
//! back after a grant.

use tower_consent::GuardMode;

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
    assert_eq!(site.browser.run("return window.ran").await, serde_json::Value::Null);
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(
        heard,
        [
            "TypeError", "beacon true", "img img", "img srcset", "link ", "link link", "own answered",
            "script attribute", "script late", "script script", "script typed", "xhr",
        ]
    );
    assert!(!site.sink.contacts(&["other.test"]).is_empty());
    site.choose("[data-tc-accept]").await;
    for what in [
        "say/script.js", "say/typed.js", "say/attribute.js", "say/late.js", "img.svg", "srcset.svg",
        "frame.html", "sheet.css", "pixel.svg", "written.svg", "say/written.js", "line.html",
        "inline.svg", "say/clone.js",
    ] {
        site.until_heard(what).await;
        let times = site.heard().iter().filter(|path| *path == what).count();
        assert_eq!(times, 1, "{what}");
    }
    assert_eq!(site.browser.run("return typeof window.__tc").await, "undefined");
    assert_eq!(site.browser.run("return fetch.toString().includes('native')").await, true);
    assert_eq!(site.browser.console_errors().await, [""; 0]);
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
    assert_eq!(site.browser.texts("return Object.keys(localStorage)").await, ["mine"]);
    let mut heard = site.browser.texts("return heard").await;
    heard.sort();
    assert_eq!(heard, ["events", "socket"]);
    site.choose("[data-tc-accept]").await;
    for what in [
        "inner.svg", "inner.html", "adjacent.svg", "say/fragment.js", "unsafe.svg", "parsed.svg",
        "poster.svg", "embed.svg", "object.svg",
    ] {
        site.until_heard(what).await;
    }
}
