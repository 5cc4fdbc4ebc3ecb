//! Proves with a ruler that no answer is made easier than the other, and that the page stays as it is.

use axum::Router;
use serde_json::{Value, json};
use tower_consent::{BannerShape, ColorScheme, ConsentLayer, SettingsEntry};

use super::{DESKTOP, Screen, layer, open_dialog, page, press, pretend, tab};
use crate::driver::{Scripts, until};
use crate::site::{Page, Site};

/// Sizes, colours and contrasts, as sentences about what is wrong. `ROOT` stands for a selector.
const WRONG: &str = r"
    const wrong = [];
    const root = document.querySelector('ROOT');
    const parse = (color) => {
      const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b]
      .map((v) => v / 255)
      .map((v) => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const contrast = (a, b) => {
      const [high, low] = [light(parse(a)), light(parse(b))].sort((x, y) => y - x);
      return (high + .05) / (low + .05);
    };
    const behind = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const { backgroundColor } = getComputedStyle(e);
        if (parse(backgroundColor)[3] === 255) return backgroundColor;
      }
      return 'white';
    };
    for (const element of root.querySelectorAll('*')) {
      if (!element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const name = element.localName + '.' + element.className + ' ' + element.textContent.slice(0, 20);
      const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (says && contrast(style.color, behind(element)) < 4.5) wrong.push(name + ' is faint');
      if (says && parseFloat(style.fontSize) < 12) wrong.push(name + ' is small');
      const { width, height } = element.getBoundingClientRect();
      if (element.matches('a, button, input:not([type=hidden]), summary') && (width < 24 || height < 24)) {
        wrong.push(name + ' is hard to hit: ' + [width, height]);
      }
      if (element.matches('button:not(.tc-close), .tc-choose')) {
        if (height < 44) wrong.push(name + ' is lower than a thumb: ' + height);
        if (contrast(style.borderColor, behind(element.parentElement)) < 3) wrong.push(name + ' has a faint edge');
      }
      if (element.matches('input[type=checkbox]') && contrast(style.borderTopColor, behind(element.parentElement)) < 3) {
        wrong.push(name + ' has a faint edge');
      }
      if (element.scrollWidth > element.clientWidth + 1 && style.overflowX === 'visible' && style.display !== 'inline') {
        wrong.push(name + ' is too wide');
      }
    }
    root.style.setProperty('outline-color', 'var(--tc-a)', 'important');
    const accent = getComputedStyle(root).outlineColor;
    root.removeAttribute('style');
    if (contrast(accent, behind(root)) < 3) wrong.push('focus is faint');
    const look = (element) => {
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      const kept = ['fontSize', 'fontWeight', 'fontFamily', 'color', 'backgroundColor', 'borderTopColor', 'borderTopWidth',
        'borderTopLeftRadius', 'paddingTop', 'paddingLeft', 'opacity', 'boxShadow', 'textDecorationLine', 'lineHeight'];
      return [width.toFixed(1), height.toFixed(1), ...kept.map((key) => style[key])].join(' / ');
    };
    const answers = [...root.querySelectorAll('.tc-actions > *')].filter((e) => e.matches('button, a')).map(look);
    if (answers.length !== 3) wrong.push('there are ' + answers.length + ' answers');
    for (const answer of answers) if (answer !== answers[0]) wrong.push(answer + ' differs from ' + answers[0]);
    const box = root.getBoundingClientRect();
    if (box.left < 0 || box.right > innerWidth + .5) wrong.push('it leaves the screen: ' + [box.left, box.right]);
    return wrong";

pub(super) async fn wrong(site: &Site, root: &str) -> Vec<String> {
    site.browser.texts(&WRONG.replace("ROOT", root)).await
}

async fn site_of(layer: ConsentLayer, scripts: Scripts) -> Option<Site> {
    let pages: Vec<Page> = vec![
        ("/en", "", page("en", "", 40)),
        ("/de", "", page("de", "", 3)),
        ("/ar", "", page("ar", "", 3)),
        ("/ja", "", page("ja", "", 3)),
        ("/bare", "", page("en", "", 40)),
    ];
    Site::open_with(scripts, layer, pages.leak(), Router::new()).await
}

const SCREENS: [Screen; 4] = [
    DESKTOP,
    Screen {
        width: 390,
        height: 760,
        ..DESKTOP
    },
    Screen {
        width: 320,
        height: 640,
        ..DESKTOP
    },
    Screen {
        width: 320,
        height: 256,
        zoom: 4,
        ..DESKTOP
    },
];

// covers L15, L36, T39
#[tokio::test]
async fn all_answers_weigh_the_same_and_everything_can_be_read_and_hit() {
    for shape in [BannerShape::Corner, BannerShape::Bar, BannerShape::Card] {
        let Some(site) = site_of(layer().with_banner_shape(shape), Scripts::On).await else {
            return;
        };
        for screen in SCREENS {
            for (path, dark) in [("/en", false), ("/de", true), ("/ar", false), ("/ja", true)] {
                let what = format!("{shape:?} {path} {screen:?}, dark: {dark}");
                pretend(&site.browser, Screen { dark, ..screen }).await;
                site.goto(path).await;
                assert_eq!(wrong(&site, ".tc-banner").await, [""; 0], "{what}");
                if shape == BannerShape::Corner {
                    open_dialog(&site).await;
                    assert_eq!(wrong(&site, ".tc-dialog").await, [""; 0], "{what}");
                    site.goto(&format!(
                        "/_consent?next=%2F&lang={}",
                        path.trim_start_matches('/')
                    ))
                    .await;
                    assert_eq!(wrong(&site, ".tc-page").await, [""; 0], "{what}");
                }
            }
        }
    }
}

// covers T39
#[tokio::test]
async fn nothing_of_the_page_moves_and_it_scrolls_as_before() {
    const SHIFTS: &str = "window.shifts = [];
        new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true })";
    for shape in [BannerShape::Corner, BannerShape::Bar, BannerShape::Card] {
        let Some(site) = site_of(layer().with_banner_shape(shape), Scripts::On).await else {
            return;
        };
        pretend(&site.browser, DESKTOP).await;
        site.goto("/en").await;
        site.browser.run(SHIFTS).await;
        site.browser.settle().await;
        let place = "const { top, left, width, height } = document.querySelector('main').getBoundingClientRect();
            return [top, left, width, height, document.documentElement.scrollHeight].join()";
        let before = site.browser.run(place).await;
        assert_eq!(
            site.browser.run("scrollTo(0, 400); return scrollY").await,
            400
        );
        site.browser.run("scrollTo(0, 0)").await;
        site.choose("[data-tc-reject]").await;
        assert_eq!(site.browser.run(place).await, before, "{shape:?}");
        let sum = "return shifts.reduce((sum, { value }) => sum + value, 0)";
        assert_eq!(site.browser.run(sum).await, 0, "{shape:?}");
    }
}

// covers T39
#[tokio::test]
async fn a_banner_that_has_come_in_part_is_not_shown_until_all_of_it_is_there() {
    const CUT: &str = "const [before, done] = arguments;
        const frames = () => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
        (async () => {
          const html = (await (await fetch('/en')).text()).replace(/<script.*?<.script>/gs, '');
          const frame = document.body.appendChild(document.createElement('iframe'));
          const [page, cut] = [frame.contentDocument, html.indexOf(before)];
          const look = async () => {
            await frames();
            return frame.contentWindow.getComputedStyle(page.querySelector('.tc-banner')).visibility;
          };
          page.open();
          page.write(html.slice(0, cut));
          const seen = [cut > 0, await look()];
          page.write(html.slice(cut));
          page.close();
          done([...seen, await look()]);
        })()";
    let Some(site) = site_of(layer(), Scripts::On).await else {
        return;
    };
    site.goto("/en").await;
    for before in [
        "<h2 id=",
        "<p class=\"tc-more",
        "<button",
        "<a class=\"tc-choose",
    ] {
        let client = &site.browser.client;
        let seen = client.execute_async(CUT, vec![json!(before)]).await;
        let expected = json!([true, "hidden", "visible"]);
        assert_eq!(seen.unwrap(), expected, "{before}");
    }
}

// covers T39
#[tokio::test]
async fn what_the_keyboard_stands_on_is_never_covered() {
    const COVERED: &str = "const [e, b] = [document.activeElement, document.querySelector('.tc-banner')];
        if (b.contains(e) || e === document.body) return '';
        const [x, y] = [e.getBoundingClientRect(), b.getBoundingClientRect()];
        return x.left < y.right && y.left < x.right && x.top < y.bottom && y.top < x.bottom ? e.outerHTML : ''";
    for shape in [BannerShape::Corner, BannerShape::Bar, BannerShape::Card] {
        let Some(site) = site_of(layer().with_banner_shape(shape), Scripts::On).await else {
            return;
        };
        for screen in [
            DESKTOP,
            Screen {
                width: 390,
                height: 760,
                ..DESKTOP
            },
        ] {
            pretend(&site.browser, screen).await;
            site.goto("/en").await;
            let mut steps = 0;
            loop {
                tab(&site.browser).await;
                // The banner makes room with the next frame.
                let frames = "const done = arguments[0];
                    requestAnimationFrame(() => requestAnimationFrame(done))";
                let _: Value = site
                    .browser
                    .client
                    .execute_async(frames, Vec::new())
                    .await
                    .unwrap();
                let covered = site.browser.run(COVERED).await;
                assert_eq!(covered, "", "{shape:?} {screen:?} step {steps}");
                steps += 1;
                let last = "return document.activeElement.getAttribute('href') === '/imprint'";
                if site.browser.run(last).await == true {
                    break;
                }
                assert!(steps < 90);
            }
        }
    }
}

/// A click brings the window the keyboard, and with it a field of the page: the banner must not jump away under it.
#[tokio::test]
async fn the_banner_stays_under_a_pointer_until_a_key_is_pressed() {
    const FIELD: &str = "const field = document.createElement('input');
        field.style = 'position: fixed; left: 60px; bottom: 60px; width: 300px';
        document.body.append(field);
        const { x, y, width, height } = document.querySelector('[data-tc-reject]').getBoundingClientRect();
        return [x + width / 2, y + height / 2]";
    const FOCUS: &str = "const done = arguments[0];
        document.querySelector('body > input').focus();
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))";
    const UP: &str =
        "return document.querySelector('.tc-banner').getBoundingClientRect().top < 100";
    let Some(site) = site_of(layer(), Scripts::On).await else {
        return;
    };
    let browser = &site.browser;
    pretend(browser, DESKTOP).await;
    site.goto("/en").await;
    let awake = json!({ "enabled": true });
    browser
        .devtools("Emulation.setFocusEmulationEnabled", awake)
        .await;
    let middle = browser.run(FIELD).await;
    let pointer = json!({ "type": "mouseMoved", "x": middle[0], "y": middle[1] });
    browser.devtools("Input.dispatchMouseEvent", pointer).await;
    let _: Value = browser
        .client
        .execute_async(FOCUS, Vec::new())
        .await
        .unwrap();
    assert_eq!(browser.run(UP).await, false);
    press(browser, "a", 65, false).await;
    until("the field can be seen", async || {
        browser.run(UP).await == true
    })
    .await;
}

#[tokio::test]
async fn an_entry_of_the_pages_own_takes_the_place_of_the_layers() {
    let own: Vec<Page> = vec![
        (
            "/none",
            "",
            "<!doctype html><html lang='en'><title>A</title><body><main>A</main></body></html>",
        ),
        (
            "/link",
            "",
            "<!doctype html><html lang='en'><title>A</title><body><main><a href='/_consent'>Privacy</a></main></body></html>",
        ),
        (
            "/slot",
            "",
            "<!doctype html><html lang='en'><title>A</title><body><main><button data-tc-settings>Privacy</button></main></body></html>",
        ),
        // The rules come as a file, and hide it by the attribute alone.
        (
            "/strict-none",
            "default-src 'self'",
            "<!doctype html><html lang='en'><title>A</title><body><main>A</main></body></html>",
        ),
        (
            "/strict-slot",
            "default-src 'self'",
            "<!doctype html><html lang='en'><title>A</title><body><main><a data-tc-settings href='/_consent'>Privacy</a></main></body></html>",
        ),
    ];
    let own: &'static [Page] = own.leak();
    for entry in [SettingsEntry::Floating, SettingsEntry::Quiet] {
        let layer = layer().with_settings_entry(entry);
        let Some(site) = Site::open(layer, own).await else {
            return;
        };
        for path in ["/none", "/strict-none"] {
            site.goto(path).await;
            assert!(
                !site.browser.shows(".tc-link").await,
                "the banner has a link of its own"
            );
        }
        site.choose("[data-tc-reject]").await;
        for (path, shown) in [
            ("/none", true),
            ("/link", false),
            ("/slot", false),
            ("/strict-none", true),
            ("/strict-slot", false),
        ] {
            site.goto(path).await;
            assert_eq!(site.browser.shows(".tc-link").await, shown, "{path}");
        }
        for (path, own) in [("/link", "main a"), ("/slot", "main button")] {
            site.goto(path).await;
            site.browser.click(own).await;
            until("the dialog is there", async || {
                site.browser.shows(".tc-dialog[open]").await
            })
            .await;
        }
    }
}

#[tokio::test]
async fn the_site_can_force_a_scheme_and_so_can_the_page() {
    const COLOUR: &str =
        "return getComputedStyle(document.querySelector('.tc-banner')).backgroundColor";
    for (forced, dark) in [(ColorScheme::Light, true), (ColorScheme::Dark, false)] {
        let Some(site) = site_of(layer().with_color_scheme(forced), Scripts::On).await else {
            return;
        };
        let mut seen = Vec::new();
        for dark in [dark, !dark] {
            pretend(&site.browser, Screen { dark, ..DESKTOP }).await;
            site.goto("/en").await;
            seen.push(site.browser.run(COLOUR).await);
            open_dialog(&site).await;
            let dialog = COLOUR.replace(".tc-banner", ".tc-dialog");
            assert_eq!(site.browser.run(&dialog).await, seen[0], "{forced:?}");
        }
        assert_eq!(seen[0], seen[1], "{forced:?}");
    }
    let Some(site) = site_of(layer(), Scripts::On).await else {
        return;
    };
    pretend(&site.browser, DESKTOP).await;
    site.goto("/en").await;
    let before = site.browser.run(COLOUR).await;
    site.browser
        .run("document.documentElement.dataset.tcScheme = 'dark'")
        .await;
    assert_ne!(site.browser.run(COLOUR).await, before);
}
