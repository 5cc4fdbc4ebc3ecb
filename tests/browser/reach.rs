//! Proves that the banner can be reached on pages that hide or cover it.

use axum::Router;
use tower_consent::BannerPlacement;

use crate::driver::{Scripts, until};
use crate::site::{Page, Site, layer, policy};

const PAGES: &[Page] = &[
    (
        "/none",
        "",
        "<!doctype html><html><head><style>body { display: none }</style></head><body><main>A page.</main></body></html>",
    ),
    (
        "/clear",
        "",
        "<!doctype html><html><head><style>html, body { opacity: 0 !important }</style></head><body><main>A page.</main></body></html>",
    ),
    (
        "/invisible",
        "",
        "<!doctype html><html><head><style>html, body * { visibility: hidden !important; pointer-events: none }</style></head><body><main>A page.</main></body></html>",
    ),
    (
        "/offscreen",
        "",
        "<!doctype html><html><head><style>body { position: fixed; left: -9999px; width: 10px; height: 10px; overflow: hidden; transform: scale(0) }</style></head><body><main>A page.</main></body></html>",
    ),
    (
        "/covered",
        "",
        "<!doctype html><html><body><main>A page.</main><div style='position: fixed; inset: 0; z-index: 2147483647; background: #fff'>Wait</div></body></html>",
    ),
    (
        "/modal",
        "",
        "<!doctype html><html><body><main>A page.</main><dialog id='d'><button>Sign in</button></dialog><script>var changed = false; addEventListener('load', function () { setTimeout(function () { d.showModal(); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/inert",
        "",
        "<!doctype html><html><body inert><main>A page.</main></body></html>",
    ),
    (
        "/bare",
        "",
        "<!doctype html><title>No body</title><p>A page.",
    ),
    (
        "/frames",
        "",
        "<!doctype html><html><head><title>Frames</title></head><frameset cols='*,*'><frame src='/bare2'><frame src='/bare2'></frameset></html>",
    ),
    ("/bare2", "", "<p>A frame."),
    (
        "/swapped",
        "",
        "<!doctype html><html><body><main>A page.</main><script>var changed = false; addEventListener('load', function () { setTimeout(function () { document.body.innerHTML = '<main>Another page.</main>'; changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/topped",
        "",
        "<!doctype html><html><body><main>A page.</main><div id='d' popover='manual' style='inset: 0; width: 100%; height: 100%; margin: 0; border: 0'>Subscribe</div><script>var changed = false; addEventListener('load', function () { setTimeout(function () { d.showPopover(); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/shadow",
        "",
        "<!doctype html><html><body><main>A page.</main><my-login></my-login><script>var changed = false; addEventListener('load', function () { setTimeout(function () { var root = document.querySelector('my-login').attachShadow({ mode: 'open' }); root.innerHTML = '<dialog><button>Sign in</button></dialog>'; root.querySelector('dialog').showModal(); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/shadow-nested",
        "",
        "<!doctype html><html><body><main>A page.</main><my-app></my-app><script>var changed = false; addEventListener('load', function () { setTimeout(function () { var app = document.querySelector('my-app').attachShadow({ mode: 'open' }); app.innerHTML = '<section><my-part></my-part></section>'; var part = app.querySelector('my-part').attachShadow({ mode: 'open' }); part.innerHTML = '<p><my-login></my-login></p>'; var root = part.querySelector('my-login').attachShadow({ mode: 'open' }); root.innerHTML = '<dialog><button>Sign in</button></dialog>'; root.querySelector('dialog').showModal(); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/shadow-closed",
        "",
        "<!doctype html><html><body><main>A page.</main><my-login></my-login><script>var changed = false; addEventListener('load', function () { setTimeout(function () { var root = document.querySelector('my-login').attachShadow({ mode: 'open' }); root.innerHTML = '<dialog><p>Hello</p></dialog>'; var dialog = root.querySelector('dialog'); dialog.showModal(); setTimeout(function () { dialog.close(); changed = true; }, 200); }, 50); })</script></body></html>",
    ),
    (
        "/nested",
        "",
        "<!doctype html><html><body><main>A page.</main><dialog id='a'><p>One</p><dialog id='b'><button>Two</button></dialog></dialog><script>var changed = false; addEventListener('load', function () { setTimeout(function () { a.showModal(); b.showModal(); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/closed",
        "",
        "<!doctype html><html><body><main>A page.</main><dialog id='a'><button>One</button></dialog><script>var changed = false; addEventListener('load', function () { setTimeout(function () { a.showModal(); setTimeout(function () { a.close(); a.remove(); changed = true; }, 100); }, 50); })</script></body></html>",
    ),
    (
        "/lowered",
        "",
        "<!doctype html><html><body><main>A page.</main><script>var changed = false; addEventListener('load', function () { setTimeout(function () { document.querySelectorAll('[popover]').forEach(function (e) { e.hidePopover(); e.removeAttribute('popover'); }); changed = true; }, 50); })</script></body></html>",
    ),
    (
        "/focused",
        "",
        "<!doctype html><html><body><main>A page.</main><input style='position: fixed; left: 60px; bottom: 60px; width: 300px'><script>addEventListener('load', function () { document.querySelector('input').focus(); })</script></body></html>",
    ),
    (
        "/later",
        "",
        "<!doctype html><html><body><main>A page.</main><script>var changed = false; addEventListener('load', function () { document.body.style.display = 'none'; changed = true; })</script></body></html>",
    ),
];

/// Whether the page has done its worst and a click into the middle of the control would reach it.
fn hit(control: &str) -> String {
    format!(
        "const control = document.querySelector('{control}');
         if (!control || window.changed === false) return false;
         const {{ left, top, width, height }} = control.getBoundingClientRect();
         const at = document.elementFromPoint(left + width / 2, top + height / 2);
         return width > 20 && height > 20 && control.contains(at)"
    )
}

// covers L15
#[tokio::test]
async fn both_answers_are_within_reach_on_pages_that_hide_or_cover_everything() {
    let Some(site) = Site::open(layer(policy()), PAGES).await else {
        return;
    };
    for (page, _, _) in PAGES {
        if *page == "/bare2" {
            continue;
        }
        for control in ["[data-tc-accept]", "[data-tc-reject]"] {
            site.goto(page).await;
            until(
                &format!("{control} is within reach on {page}"),
                async || site.browser.run(&hit(control)).await == true,
            )
            .await;
            site.browser.client.delete_all_cookies().await.unwrap();
        }
        site.choose("[data-tc-reject]").await;
        site.goto(page).await;
        assert!(
            !site.browser.has("[data-tc-banner]").await,
            "{page} asks again"
        );
        site.browser.client.delete_all_cookies().await.unwrap();
    }
}

#[tokio::test]
async fn a_banner_at_the_end_of_the_body_is_the_same_banner() {
    let layer = layer(policy()).with_banner(BannerPlacement::BodyEnd);
    let Some(site) = Site::open_with(Scripts::Off, layer, PAGES, Router::new()).await else {
        return;
    };
    site.goto("/bare").await;
    assert!(site.browser.shows("p + [data-tc-banner]").await);
    site.browser
        .click("[data-tc-banner] [data-tc-reject]")
        .await;
    until("the banner has gone", async || {
        !site.browser.has("[data-tc-banner]").await
    })
    .await;
}

#[tokio::test]
async fn a_browser_without_dialogs_shows_the_preferences_as_a_page() {
    let Some(site) = Site::open(layer(policy()), PAGES).await else {
        return;
    };
    site.goto("/bare").await;
    site.browser
        .run("delete HTMLDialogElement.prototype.showModal; towerConsent.open()")
        .await;
    until("the page of the preferences is there", async || {
        site.browser.path().await == "/_consent" && site.browser.has(".tc-page").await
    })
    .await;
}
