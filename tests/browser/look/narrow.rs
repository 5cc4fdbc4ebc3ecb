//! Proves that on a small screen the answers stay in view and cover nothing that the keyboard stands on.

use tower_consent::record::{MemoryLog, Recording};
use tower_consent::{ConsentLayer, Controller, Keyring, RecordTerms};

use super::{DESKTOP, Screen, open_dialog, page, policy, press, pretend};
use crate::driver::until;
use crate::site::{Page, Site};

const PHONE: Screen = Screen {
    width: 320,
    height: 640,
    ..DESKTOP
};

/// The answers that are not wholly in view, wherever the visitor has scrolled in `ROOT`.
const OUT_OF_VIEW: &str = "const done = arguments[0];
    const root = document.querySelector('ROOT');
    const frame = () => new Promise(requestAnimationFrame);
    (async () => {
      const found = [];
      const buttons = [...document.querySelectorAll('.tc-sheet .tc-bar button')];
      if (buttons.length !== 3) found.push('there are ' + buttons.length);
      for (let at = 0; at <= root.scrollHeight; at += 99) {
        root.scrollTop = at;
        await frame();
        for (const button of buttons) {
          const { left, top, bottom } = button.getBoundingClientRect();
          const hit = document.elementFromPoint(left + 9, bottom - 9);
          if (top < 0 || bottom > innerHeight || hit !== button) found.push(button.value + ' at ' + root.scrollTop);
        }
      }
      root.scrollTop = 0;
      done(found);
    })()";

/// What lies over the element that has the keyboard.
const COVERED: &str = "const e = document.activeElement;
    const { left, top, width, height } = e.getBoundingClientRect();
    const at = document.elementFromPoint(left + width / 2, top + height / 2);
    // Between the last and the first of the dialog it is the browser's own.
    const own = e === document.body || !at || e.contains(at) || at.contains(e) || at.closest('label')?.contains(e);
    return own ? '' : at.outerHTML.slice(0, 60) + ' over ' + e.outerHTML.slice(0, 60)";

/// Words of buttons that are broken in two.
const BROKEN: &str = r"const range = document.createRange();
    return [...document.querySelectorAll('.tc-sheet button:not([hidden])')].flatMap((button) => {
      const node = button.firstChild;
      return [...node.data.matchAll(/\S+/g)].filter(({ 0: word, index }) => {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
      }).map(([word]) => word);
    })";

/// A site that keeps records, so that the preferences hold all that they can.
fn recording() -> ConsentLayer {
    let keys = Keyring::ephemeral().unwrap();
    let policy = policy()
        .controller(Controller::new(
            "Coats Ltd",
            "1 Mill Road, Wick",
            "privacy@coats.test",
            "GB",
        ))
        .records(RecordTerms::new(184 + 730, ["IE"]));
    ConsentLayer::new(policy.build().unwrap(), keys.clone())
        .with_insecure_cookies(true)
        .with_records(Recording::new(MemoryLog::new(&keys)))
        .unwrap()
}

async fn out_of_view(site: &Site, root: &str) -> serde_json::Value {
    let script = OUT_OF_VIEW.replace("ROOT", root);
    let found = site.browser.client.execute_async(&script, Vec::new()).await;
    found.unwrap()
}

// covers L36, T39
#[tokio::test]
async fn all_answers_stay_in_view_from_the_title_to_the_visitors_record() {
    let pages: Vec<Page> = vec![
        ("/en", "", page("en", "", 3)),
        ("/de", "", page("de", "", 3)),
    ];
    let Some(site) = Site::open(recording(), pages.leak()).await else {
        return;
    };
    pretend(&site.browser, PHONE).await;
    for path in ["/en", "/de"] {
        site.browser.client.delete_all_cookies().await.unwrap();
        site.goto(path).await;
        site.choose("[data-tc-reject]").await;
        site.goto(&format!("/_consent?lang={}", path.trim_start_matches('/')))
            .await;
        assert!(site.browser.has(".tc-history button").await, "{path}");
        // A title of many lines, as at a large text size, takes half of the screen.
        let long = "document.querySelector('.tc-head').style.paddingBottom = '320px'";
        for change in ["", long] {
            site.browser.run(change).await;
            let found = out_of_view(&site, "html").await;
            assert_eq!(found, serde_json::json!([]), "page {path} {change}");
        }
        assert_eq!(site.browser.texts(BROKEN).await, [""; 0], "page {path}");

        site.goto(path).await;
        site.browser.click("a[data-tc-settings]").await;
        until("the dialog is there", async || {
            site.browser.shows(".tc-dialog[open]").await
        })
        .await;
        let found = out_of_view(&site, ".tc-dialog").await;
        assert_eq!(found, serde_json::json!([]), "dialog {path}");
        assert_eq!(site.browser.texts(BROKEN).await, [""; 0], "dialog {path}");
    }
}

// covers T39
#[tokio::test]
async fn nothing_in_the_dialog_covers_what_the_keyboard_stands_on() {
    let pages: Vec<Page> = vec![("/de", "", page("de", "", 3))];
    let Some(site) = Site::open(recording(), pages.leak()).await else {
        return;
    };
    pretend(&site.browser, PHONE).await;
    site.goto("/de").await;
    open_dialog(&site).await;
    // All the way down and up again.
    for back in [false, true] {
        for step in 0..40 {
            press(&site.browser, "Tab", 9, back).await;
            let covered = site.browser.run(COVERED).await;
            assert_eq!(covered, "", "step {step}, back: {back}");
        }
    }
}
