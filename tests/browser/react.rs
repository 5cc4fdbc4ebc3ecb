//! Proves that a page which React owns from the document on hydrates without
//! an error, with the real React 18 from npm.
//!
//! The packages are fetched once, into a folder below `target`. Where npm is
//! missing or reaches nobody the test passes and says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tower_consent::BannerPlacement;

use crate::driver::{Scripts, until};
use crate::site::{Page, Site, layer, policy};
use crate::stage;

/// The last version that comes as a script for pages.
const VERSION: &str = "18.3.1";

/// The document as React's server side writes it for [`APP`].
const PAGES: &[Page] = &[(
    "/",
    "",
    r#"<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><title>App</title><script src="/react.js"></script><script src="/react-dom.js"></script><script src="/app.js" defer=""></script></head><body><main><h1>App</h1><button>Pressed 0</button><img src="https://t.tracker.test/pixel.svg" alt=""/><iframe src="https://t.tracker.test/frame.html" title="Frame"></iframe></main></body></html>"#,
)];

const APP: &str = r#"
const e = React.createElement, errors = window.errors = [];
function App() {
  const [pressed, setPressed] = React.useState(0);
  React.useEffect(() => { window.hydrated = true; }, []);
  return e('html', { lang: 'en' },
    e('head', null, e('meta', { charSet: 'utf-8' }), e('title', null, 'App'), e('script', { src: '/react.js' }),
      e('script', { src: '/react-dom.js' }), e('script', { src: '/app.js', defer: true })),
    e('body', null, e('main', null, e('h1', null, 'App'),
      e('button', { onClick: () => setPressed(pressed + 1) }, `Pressed ${pressed}`),
      e('img', { src: 'https://t.tracker.test/pixel.svg', alt: '' }),
      e('iframe', { src: 'https://t.tracker.test/frame.html', title: 'Frame' }))));
}
ReactDOM.hydrateRoot(document, e(App), { onRecoverableError: (error) => errors.push(error.message) });
"#;

/// The scripts of React and ReactDOM; `None`, said aloud, where there are none.
fn react() -> Option<[String; 2]> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("react-{VERSION}"));
    let script = |name: &str| {
        let file = folder
            .join(name)
            .join(format!("package/umd/{name}.production.min.js"));
        std::fs::read_to_string(file).ok()
    };
    let both = || Some([script("react")?, script("react-dom")?]);
    both().or_else(|| {
        for name in ["react", "react-dom"] {
            fetch(&folder.join(name), name);
        }
        both()
    })
}

fn fetch(folder: &Path, name: &str) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    let run = |program: &str, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .output()
            .ok()?
            .status;
        status.success().then_some(())
    };
    let package = format!("{name}@{VERSION}");
    run("npm", &["pack", "--silent", "--fetch-retries=0", &package])?;
    run("tar", &["xzf", &format!("{name}-{VERSION}.tgz")])
}

async fn open(placement: BannerPlacement) -> Option<Site> {
    stage::programs()?;
    let Some([react, dom]) = react() else {
        stage::say_skipped("no React from npm");
        return None;
    };
    let script = |text: String| get(async || ([(CONTENT_TYPE, "text/javascript")], text));
    let router = Router::new()
        .route("/react.js", script(react))
        .route("/react-dom.js", script(dom))
        .route("/app.js", script(APP.to_owned()));
    let layer = layer(policy()).with_banner(placement);
    Site::open_with(Scripts::On, layer, PAGES, router).await
}

async fn hydrated(site: &Site) -> Vec<String> {
    until("React has taken over", async || {
        site.browser.run("return window.hydrated").await == true
    })
    .await;
    site.browser.texts("return errors").await
}

// covers S17
#[tokio::test]
async fn react_hydrates_a_whole_document_without_an_error() {
    let Some(site) = open(BannerPlacement::Script).await else {
        return;
    };
    site.goto("/").await;
    assert_eq!(hydrated(&site).await, [""; 0]);
    site.browser.click("main button").await;
    until("React answers", async || {
        let text = "return document.querySelector('main button').textContent";
        site.browser.run(text).await == "Pressed 1"
    })
    .await;
    assert_eq!(site.heard(), [""; 0]);
    site.choose("[data-tc-accept]").await;
    for what in ["pixel.svg", "frame.html"] {
        site.until_heard(what).await;
    }
    assert_eq!(site.browser.texts("return errors").await, [""; 0]);
    assert_eq!(site.browser.console_errors().await, [""; 0]);

    // With everything granted, too, and nothing is fetched twice.
    let before = site.heard().len();
    site.goto("/").await;
    assert_eq!(hydrated(&site).await, [""; 0]);
    assert_eq!(site.heard().len(), before + 2);
    assert_eq!(site.browser.console_errors().await, [""; 0]);
}

#[tokio::test]
async fn react_notices_a_banner_in_the_markup() {
    let Some(site) = open(BannerPlacement::BodyStart).await else {
        return;
    };
    site.goto("/").await;
    assert_ne!(hydrated(&site).await, [""; 0]);
}
