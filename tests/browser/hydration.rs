//! Proves that an app which compares the whole document with what it would
//! have written itself finds no difference.

use tower_consent::BannerPlacement;

use crate::driver::until;
use crate::site::{Page, Site, layer, policy};

/// As React does at document level, the app walks the server's nodes against
/// those that it expects: an element too many, one too few or one of another
/// kind is a mismatch. What attributes say does not count. It waits for its
/// stylesheet before it takes over, as React 19 does.
const APP: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title>
<script>window.started = 1</script><script type="module">
  const tree = ['html', ['head', ['meta'], ['title'], ['script'], ['script'], ['link']],
    ['body', ['main', ['h1'], ['button'], ['img'], ['iframe']], ['script']]];
  const wrong = window.wrong = [];
  function walk(node, [name, ...inside], path) {
    if (node.localName !== name) wrong.push(path + ' ' + node.localName + ' is no ' + name);
    const there = [...node.children];
    for (const [at, child] of inside.entries()) {
      if (!there[at]) wrong.push(path + ' lacks ' + child[0]);
      else walk(there[at], child, path + ' ' + name);
    }
    for (const extra of there.slice(inside.length)) wrong.push(path + ' has ' + extra.localName + ' too many');
  }
  walk(document.documentElement, tree, '');
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = 'https://t.track' + 'er.test/app.css';
  sheet.onload = sheet.onerror = () => {
    document.querySelector('button').onclick = () => { window.clicked = true; };
    window.hydrated = true;
  };
  document.head.append(sheet);
</script><link rel="preload" as="script" href="https://t.tracker.test/say/preload.js"></head><body><main><h1>App</h1><button>Press</button>
<img src="https://t.tracker.test/pixel.svg"><iframe src="https://t.tracker.test/frame.html"></iframe></main>
<script src="https://t.tracker.test/say/app.js"></script></body></html>"#;

/// As Leptos sends a page whose data came late: markers around each text that
/// changes, a fallback between two comments, and below it a template with a
/// script that puts its content in the fallback's place. Then the app walks
/// every node of its body in order, texts and comments included, as Leptos does
/// when it hydrates. What follows its own nodes it does not look at.
const LEPTOS: &str = r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>App</title>
<script>__RESOLVED_RESOURCES=[];__SERIALIZED_ERRORS=[];__PENDING_RESOURCES=[0];__RESOURCE_RESOLVERS=[];</script>
<script type="module">
  const tree = ['main', ['h1', '#Count: ', '!', '#0', '!'], ['button', '#+1'],
    ['ul', ['li', '#one'], '!', ['li', ['img']], '!'], ['iframe']];
  const wrong = window.wrong = [];
  const nameOf = (node) => node.nodeType === 3 ? '#' + node.data : node.nodeType === 8 ? '!' + node.data : node.localName;
  function walk(node, [name, ...inside], path) {
    if (!node || nameOf(node) !== name) return void wrong.push(path + ' has ' + (node && nameOf(node)) + ' for ' + name);
    let next = node.firstChild;
    for (const child of inside) {
      walk(next, [].concat(child), path + ' ' + name);
      next = next?.nextSibling;
    }
    if (next) wrong.push(path + ' ' + name + ' has ' + nameOf(next) + ' too many');
  }
  const main = document.body.firstChild;
  walk(main, tree, 'body');
  const text = main.firstChild.childNodes[2];
  main.querySelector('button').onclick = () => { text.data = +text.data + 1; };
  window.resumed = JSON.parse(__RESOLVED_RESOURCES[0]);
  window.hydrated = true;
</script><!--HEAD--></head><body><main><h1>Count: <!>0<!></h1><button>+1</button><!--s-1-o--><p>Loading</p><!--s-1-c--><iframe src="https://t.tracker.test/frame.html"></iframe></main><script>__RESOLVED_RESOURCES[0]="[\"one\"]";</script><template id="1-f"><ul><li>one</li><!><li><img src="https://t.tracker.test/pixel.svg"></li><!></ul></template><script id="1-s">(function() {
  let id = "1", open, close;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    if (walker.currentNode.textContent == `s-${id}-o`) open = walker.currentNode;
    else if (walker.currentNode.textContent == `s-${id}-c`) close = walker.currentNode;
  }
  const range = new Range();
  range.setStartBefore(open);
  range.setEndBefore(close);
  range.deleteContents();
  const template = document.getElementById(`${id}-f`);
  close.parentNode.insertBefore(template.content.cloneNode(true), close);
  close.remove();
})()</script></body></html>"#;

const PAGES: &[Page] = &[
    ("/", "", APP),
    ("/streamed", "", LEPTOS),
    // The same where the page is strict about scripts.
    (
        "/strict",
        "script-src 'self' 'unsafe-inline' https://t.tracker.test; style-src 'self' https://t.tracker.test",
        APP,
    ),
];

// covers S17
#[tokio::test]
async fn an_app_that_owns_the_document_hydrates_without_a_mismatch() {
    let layer = layer(policy()).with_banner(BannerPlacement::Script);
    let Some(site) = Site::open(layer, PAGES).await else {
        return;
    };
    for page in ["/", "/strict"] {
        site.goto(page).await;
        until("the app has taken over", async || {
            site.browser.run("return window.hydrated").await == true
        })
        .await;
        assert_eq!(site.browser.texts("return wrong").await, [""; 0], "{page}");
        site.browser.click("button").await;
        assert_eq!(site.browser.run("return window.clicked").await, true);
        assert_eq!(site.heard(), [""; 0]);
        until("the banner is there and styled", async || {
            let script =
                "return getComputedStyle(document.querySelector('[data-tc-banner]')).position";
            site.browser.run(script).await == "fixed"
        })
        .await;
        assert!(site.browser.has("a[data-tc-settings]").await);
    }
    site.choose("[data-tc-accept]").await;
    for what in ["pixel.svg", "frame.html", "say/app.js", "app.css"] {
        site.until_heard(what).await;
    }

    // Granted everything, the page is the app's own but for what comes after.
    site.goto("/").await;
    until("the app has taken over", async || {
        site.browser.run("return window.hydrated").await == true
    })
    .await;
    assert_eq!(site.browser.texts("return wrong").await, [""; 0]);
    until("the settings link is there", async || {
        site.browser.has("a[data-tc-settings]").await
    })
    .await;
    assert!(!site.browser.has("[data-tc-banner]").await);
}

#[tokio::test]
async fn the_checker_sees_a_banner_in_the_markup() {
    let Some(site) = Site::open(layer(policy()), PAGES).await else {
        return;
    };
    site.goto("/").await;
    let wrong = site.browser.texts("return wrong").await;
    assert!(
        wrong.iter().any(|what| what.contains("section")),
        "{wrong:?}"
    );
}

// covers S17
#[tokio::test]
async fn a_page_streamed_out_of_order_hydrates_without_a_mismatch() {
    for placement in [BannerPlacement::BodyEnd, BannerPlacement::Script] {
        let layer = layer(policy()).with_banner(placement);
        let Some(site) = Site::open(layer, PAGES).await else {
            return;
        };
        let hydrated = async || {
            until("the app has taken over", async || {
                site.browser.run("return window.hydrated").await == true
            })
            .await;
            assert_eq!(site.browser.texts("return wrong").await, [""; 0]);
            assert_eq!(site.browser.texts("return resumed").await, ["one"]);
        };
        let count = async || {
            site.browser.click("button:not([data-tc-banner] *)").await;
            let heading = "return [document.querySelector('h1').textContent]";
            site.browser.texts(heading).await
        };
        site.goto("/streamed").await;
        hydrated().await;
        assert_eq!(count().await, ["Count: 1"]);
        until("the banner is there", async || {
            site.browser.has("[data-tc-banner]").await
        })
        .await;
        assert_eq!(site.heard(), [""; 0]);

        // What the stream brought late wakes in place, and the app goes on.
        site.choose("[data-tc-accept]").await;
        for what in ["pixel.svg", "frame.html"] {
            site.until_heard(what).await;
        }
        assert_eq!(count().await, ["Count: 2"]);
        site.goto("/streamed").await;
        hydrated().await;
    }
}

#[tokio::test]
async fn the_walk_sees_a_banner_in_front_of_the_app() {
    let Some(site) = Site::open(layer(policy()), PAGES).await else {
        return;
    };
    site.goto("/streamed").await;
    let wrong = site.browser.texts("return wrong").await;
    assert!(
        wrong.iter().any(|what| what.contains("for main")),
        "{wrong:?}"
    );
}
