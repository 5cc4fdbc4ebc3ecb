#![allow(clippy::unwrap_used, missing_docs)]
mod common;
use common::App;
use tower_consent::{Policy, catalog};
#[test]
fn capture() {
    let policy = [
        catalog::google_analytics(),
        catalog::hotjar(),
        catalog::clarity(),
        catalog::matomo("stats.shop.example"),
        catalog::mixpanel(),
        catalog::meta_pixel(),
        catalog::tiktok_pixel(),
        catalog::linkedin_insight(),
        catalog::pinterest_tag(),
        catalog::youtube(),
        catalog::vimeo(),
        catalog::intercom(),
    ]
    .into_iter()
    .fold(Policy::builder("1"), tower_consent::PolicyBuilder::vendor)
    .necessary("session", "Keeps you signed in")
    .privacy_url("/privacy")
    .build()
    .unwrap();
    let app = App::new(policy);
    std::fs::write(
        "/tmp/wt/script-lab/prefs12.html",
        app.get("/_consent").text(),
    )
    .unwrap();
}
