//! Proves that the page's rules do not reach what the layer adds, nor the other way round.

use tower_consent::BannerShape;

use super::{DESKTOP, layer, open_dialog, page, pretend};
use crate::npm;
use crate::site::{Page, Site};

/// Rules that would make a mess of anything that they reached.
const HOSTILE: &str = "html { font-size: 62.5%; letter-spacing: 3px; visibility: hidden }
    * { all: unset !important; color: #f0f !important; font: 40px/3 cursive !important; text-transform: uppercase !important }
    *, *::before, *::after { margin: 9px !important; padding: 9px !important; border: 9px solid lime !important;
      background: lime !important; border-radius: 30px !important; opacity: .4 !important; transform: rotate(3deg) !important;
      box-sizing: content-box !important; float: right !important; text-indent: 50px !important; filter: blur(2px) !important }
    section, form, nav, dialog, p, h1, h2 { display: none !important; position: static !important; width: 40px !important }
    button, a, input, summary { display: none !important; pointer-events: none !important; min-height: 0 !important }
    #tc-title, .tc-banner, .tc.tc-banner.tc-banner.tc-banner, [data-tc-banner], .tc-actions > button { display: none !important; color: red !important }
    html body section.tc.tc-banner[data-tc-banner] button[name=choice][value=reject] { font-size: 4px !important; background: #fff !important }";

/// Everything about the layer's own elements, as the browser computes it, lifted (`overlay`) or not.
const OWN: &str = "return [...document.querySelectorAll('ROOT, ROOT *')].flatMap((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return [null, '::before', '::after'].map((pseudo) => {
        const style = getComputedStyle(element, pseudo);
        return element.localName + '.' + element.className + pseudo + [x, y, width, height].map(Math.round) + ' ' +
          [...style].filter((key) => !/^--|origin$|^(inline|block)-size|^(width|height|overlay)$/.test(key)).map((key) => key + ':' + style[key]).join(';');
      });
    })";

/// Everything about the page's own elements.
const PAGES: &str = "return [...document.querySelectorAll('*')]
    .filter((element) => !element.closest('.tc, head') && !/^(style|script|link)$/.test(element.localName))
    .map((element) => {
      const style = getComputedStyle(element);
      const { x, y, width, height } = element.getBoundingClientRect();
      return element.localName + [x, y, width, height] + [...style]
        .filter((key) => !/^scroll-padding/.test(key)).map((key) => key + ':' + style[key]).join(';');
    })";

fn differences(expected: &[String], seen: &[String]) -> Vec<String> {
    assert_eq!(expected.len(), seen.len());
    let pairs = expected.iter().zip(seen).filter(|(a, b)| a != b);
    pairs
        .flat_map(|(a, b)| {
            let pieces = a.split(';').zip(b.split(';')).filter(|(a, b)| a != b);
            let name: String = a.chars().take(60).collect();
            pieces
                .map(move |(a, b)| format!("{name}: {a} became {b}"))
                .collect::<Vec<_>>()
        })
        .take(20)
        .collect()
}

// covers T39
#[tokio::test]
async fn no_rule_of_the_page_reaches_the_banner_or_the_dialog() {
    let bootstrap = npm::file("bootstrap/dist/css/bootstrap.min.css");
    let preflight = npm::file("tailwindcss/preflight.css");
    let rules = [Some(HOSTILE.to_owned()), bootstrap, preflight];
    let mut pages: Vec<Page> = vec![("/plain", "", page("en", "", 3))];
    for (path, rules) in ["/hostile", "/bootstrap", "/tailwind"]
        .into_iter()
        .zip(&rules)
    {
        if let Some(rules) = rules {
            pages.push((path, "", page("en", rules, 3)));
        }
    }
    let pages: &'static [Page] = pages.leak();
    for shape in [BannerShape::Corner, BannerShape::Bar, BannerShape::Card] {
        let Some(site) = Site::open(layer().with_banner_shape(shape), pages).await else {
            return;
        };
        pretend(&site.browser, DESKTOP).await;
        let mut expected: [Vec<String>; 2] = Default::default();
        for (path, _, _) in pages {
            site.goto(path).await;
            let banner = site.browser.texts(&OWN.replace("ROOT", ".tc-banner")).await;
            open_dialog(&site).await;
            let dialog = site.browser.texts(&OWN.replace("ROOT", ".tc-dialog")).await;
            assert!(banner.len() > 20 && dialog.len() > 100, "{path}");
            if *path == "/plain" {
                expected = [banner, dialog];
            } else {
                assert_eq!(
                    differences(&expected[0], &banner),
                    [""; 0],
                    "{shape:?} {path}"
                );
                assert_eq!(
                    differences(&expected[1], &dialog),
                    [""; 0],
                    "{shape:?} {path}"
                );
            }
        }
    }
}

// covers T39
#[tokio::test]
async fn the_layers_rules_leave_the_page_as_it_was() {
    let pages: Vec<Page> = vec![("/", "", page("en", "", 3))];
    let Some(site) = Site::open(layer(), pages.leak()).await else {
        return;
    };
    pretend(&site.browser, DESKTOP).await;
    site.goto("/").await;
    open_dialog(&site).await;
    site.browser.click(".tc-close").await;
    let with = site.browser.texts(PAGES).await;
    let without = "for (const own of document.querySelectorAll('.tc, style, link[rel=stylesheet]'))
        if (own.localName !== 'style' || own.textContent.includes('@layer tower-consent')) own.remove(); document.activeElement.blur()";
    site.browser.run(without).await;
    let plain = site.browser.texts(PAGES).await;
    assert!(plain.len() > 10);
    assert_eq!(differences(&plain, &with), [""; 0]);
}
