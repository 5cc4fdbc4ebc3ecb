//! Proves that a tracker which goes on writing does not win over a withdrawal.

use crate::driver::until;
use crate::site::{Page, Site, layer, policy};

/// A tracker as Google's: it writes its cookie again and again, when the page
/// is left, and when it is hidden.
const WRITER: &[Page] = &[(
    "/",
    "",
    r#"<!doctype html><html><head><title>Writer</title></head><body><main>A page.</main>
<script data-consent="analytics">
  function write() {
    document.cookie = '_st=' + Math.random() + '; path=/; max-age=1000';
    localStorage.setItem('st_id', '1');
    sessionStorage.setItem('st_session', '1');
  }
  window.fbq = function () { localStorage.setItem('told', [].join.call(arguments)); };
  addEventListener('pagehide', function () { if (window['ga-disable-G-TEST000001']) localStorage.setItem('off', true); });
  write();
  setInterval(write, 5);
  addEventListener('pagehide', write);
  document.addEventListener('visibilitychange', write);
  indexedDB.open('st_base').onsuccess = function () { this.result.close(); };
  localStorage.setItem('cart', '1');
  window.live = true;
</script></body></html>"#,
)];

async fn stored(site: &Site) -> String {
    let script = "const [done] = arguments;
        indexedDB.databases().then((bases) => done([document.cookie.replace(/=[^;]*/g, ''),
            Object.keys(localStorage).sort(), Object.keys(sessionStorage), bases.map((base) => base.name)].join(' ')))";
    let answer = site.browser.client.execute_async(script, Vec::new()).await;
    answer.unwrap().as_str().unwrap().to_owned()
}

// covers L05
#[tokio::test]
async fn a_tracker_that_goes_on_writing_does_not_outlive_a_withdrawal_in_another_tab() {
    let Some(site) = Site::open(layer(policy()), WRITER).await else {
        return;
    };
    site.goto("/").await;
    site.choose("[data-tc-accept]").await;
    // Once woken in place, and once in a page that came with everything granted.
    for granted in [false, true] {
        if granted {
            site.goto("/_consent").await;
            site.browser.click("[data-tc-accept]").await;
            until("the choice is stored", async || {
                site.browser.path().await == "/"
            })
            .await;
            site.goto("/").await;
        }
        until(
            &format!("the tracker lives and stores: {}", stored(&site).await),
            async || {
                site.browser.run("return window.live").await == true
                    && stored(&site).await == "_st cart,st_id st_session st_base"
            },
        )
        .await;
        let client = &site.browser.client;
        let first = client.window().await.unwrap();
        let second = client.new_window(true).await.unwrap().handle;
        client.switch_to_window(second).await.unwrap();
        site.goto("/_consent").await;
        site.browser.click("[data-tc-reject]").await;
        client.switch_to_window(first.clone()).await.unwrap();
        until("the first tab has renewed itself", async || {
            site.browser
                .run("return window.live === undefined && document.readyState === 'complete'")
                .await
                == true
        })
        .await;
        until("nothing of it is stored", async || {
            stored(&site).await == " cart,off,told  "
        })
        .await;
        // The page after it as well: nothing was written when the first was left.
        site.goto("/").await;
        assert_eq!(stored(&site).await, " cart,off,told  ");
        // Each was asked to stop, in its own words.
        let told = site
            .browser
            .run("return localStorage.told + ' ' + localStorage.off")
            .await;
        assert_eq!(told, "consent,revoke true");
        site.browser
            .run("localStorage.removeItem('told'); localStorage.removeItem('off')")
            .await;
        assert_eq!(
            site.browser.run("return typeof window.live").await,
            "undefined"
        );
    }
}
