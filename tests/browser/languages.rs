//! Proves that the layout holds every language, on the narrowest phone that counts.

use std::fs;
use std::path::Path as File;

use axum::Router;
use axum::extract::Path;
use axum::response::Html;
use axum::routing::get;
use serde_json::json;
use tower_consent::{Policy, PolicyBuilder, catalog};

use crate::driver::Scripts;
use crate::site::{Site, layer};

/// What sticks out of a narrow page, or has no room inside: a sentence for each, or nothing.
const MISFITS: &str = "
    const root = document.querySelector('[data-tc-banner]') || document.body;
    const wide = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > wide) found.push('the page scrolls sideways');
    for (const element of [root, ...root.querySelectorAll('*')]) {
        const box = element.getBoundingClientRect();
        if (!box.width || !element.checkVisibility()) continue;
        const name = element.localName + ' ' + element.textContent.slice(0, 40);
        const said = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
        if (said.length > 8 && box.width < 48) found.push('squeezed: ' + name);
        if (box.left < -1 || box.right > wide + 1) found.push('outside: ' + name);
        const clips = /^(button|summary|a|label|h1|h2)$/.test(element.localName);
        const range = document.createRange();
        for (const node of element.matches('button, .tc-choose') ? element.childNodes : []) {
            for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
                range.setStart(node, index);
                range.setEnd(node, index + word.length);
                // Chinese, Japanese and Korean lines end anywhere.
                const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
                if (lines.size > 1 && word < '\\u2e80') found.push('broken: ' + word);
            }
        }
        if (clips && element.scrollWidth > element.clientWidth + 1 && element.clientWidth) found.push('clipped: ' + name);
    }
    const size = (css) => {
        const box = root.querySelector(css)?.getBoundingClientRect();
        return box ? [box.width, box.height].map(Math.round).join('x') : 'none';
    };
    const [reject, accept] = [size('[data-tc-reject]'), size('[data-tc-accept]')];
    if (reject !== accept) found.push('unequal: ' + reject + ' and ' + accept);
    return found";

fn policy() -> PolicyBuilder {
    Policy::builder("1")
        .site("shop.example")
        .privacy_url("/privacy")
        .vendor(catalog::google_analytics())
        .vendor(catalog::hotjar())
        .vendor(catalog::meta_pixel())
        .vendor(catalog::youtube())
        .necessary("session", "Keeps you signed in")
        .functional("theme", "Remembers light or dark")
}

async fn page(Path(language): Path<String>) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"{language}\"><head><meta name=viewport content=\"width=device-width\">\
         <title>Shop</title></head><body><main><p>Shop</p></main></body></html>"
    ))
}

async fn narrow() -> Option<Site> {
    let router = Router::new().route("/in/{language}", get(page));
    let site = Site::open_with(Scripts::Off, layer(policy()), &[], router).await?;
    widen(&site, 320).await;
    Some(site)
}

async fn widen(site: &Site, width: u32) {
    let phone = json!({ "width": width, "height": 640, "deviceScaleFactor": 2, "mobile": true });
    site.browser
        .devtools("Emulation.setDeviceMetricsOverride", phone)
        .await;
}

/// What does not fit on the page as it is, at each width at which the buttons change how they stand.
async fn fits(site: &Site, what: &str) {
    for width in [353, 417, 449, 320] {
        widen(site, width).await;
        let misfits = site.browser.texts(MISFITS).await;
        assert_eq!(misfits, [""; 0], "{what}, {width} px wide");
    }
}

async fn take(site: &Site, name: &str) {
    let folder = File::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).unwrap();
    let picture = site.browser.client.screenshot().await.unwrap();
    fs::write(folder.join(format!("language-{name}.png")), picture).unwrap();
}

// covers T39, T43, L15
#[tokio::test]
async fn every_language_fits_on_a_narrow_phone() {
    let Some(site) = narrow().await else {
        return;
    };
    let policy = policy().build().unwrap();
    let mut tallest = (0.0, String::new());
    for language in policy.languages() {
        site.goto(&format!("/in/{language}")).await;
        let spoken = "return document.querySelector('[data-tc-banner]').lang";
        assert_eq!(site.browser.run(spoken).await, language);
        fits(&site, &format!("the banner in {language}")).await;
        let height =
            "return document.querySelector('[data-tc-banner]').getBoundingClientRect().height";
        let height = site.browser.run(height).await.as_f64().unwrap();
        assert!(height <= 640.0, "the banner in {language} is {height} high");
        if height > tallest.0 {
            tallest = (height, language.to_owned());
        }
        site.goto(&format!("/_consent?lang={language}")).await;
        fits(&site, &format!("the preferences in {language}")).await;
    }
    // A picture of the longest one, for the eye.
    let (_, language) = tallest;
    for (path, name) in [
        ("/in/", "longest-banner"),
        ("/_consent?lang=", "longest-preferences"),
    ] {
        site.goto(&format!("{path}{language}")).await;
        take(&site, name).await;
    }
}

// covers T43
#[tokio::test]
async fn what_reads_from_right_to_left_is_laid_out_so() {
    let Some(site) = narrow().await else {
        return;
    };
    for (language, direction, first) in [
        ("ar", "rtl", false),
        ("he", "rtl", false),
        ("en", "ltr", true),
    ] {
        site.goto(&format!("/in/{language}")).await;
        let place = "const banner = document.querySelector('[data-tc-banner]');
            const left = (css) => banner.querySelector(css).getBoundingClientRect().left;
            return [getComputedStyle(banner).direction, getComputedStyle(banner.querySelector('h2')).textAlign,
                String(left('[data-tc-reject]') <= left('[data-tc-accept]'))]";
        let place = site.browser.texts(place).await;
        assert_eq!(place[0], direction, "{language}");
        assert!(["start", if first { "left" } else { "right" }].contains(&&*place[1]));
        take(&site, &format!("{language}-banner")).await;
        site.goto(&format!("/_consent?lang={language}")).await;
        let page =
            "return [document.documentElement.lang, getComputedStyle(document.body).direction]";
        assert_eq!(site.browser.texts(page).await, [language, direction]);
        take(&site, &format!("{language}-preferences")).await;
    }
}
