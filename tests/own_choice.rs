//! Proves that a choice which a page of the app records holds for that very response.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use axum::Router;
use axum::body::Body;
use axum::routing::get as get_route;
use common::*;
use http::{Request, StatusCode};
use tower::ServiceExt;
use tower_consent::{Category, Choice};

/// An app whose pages make a choice themselves.
fn choosing_app() -> App {
    App::shop().answering(|request| {
        let mut response = setting(page(PAGE), ["_ga=before", "sid=1"]);
        let choice = match request.uri().path() {
            "/accept" => Some(Choice::accept_all()),
            "/analytics" => Some(Choice::only([Category::Analytics])),
            "/withdraw" => Some(Choice::reject_all()),
            "/vendor" => Some(
                Choice::accept_all()
                    .refusing_vendor("google-analytics")
                    .refusing_vendor("nobody"),
            ),
            _ => None,
        };
        if let Some(choice) = choice {
            response.extensions_mut().insert(choice);
        }
        setting(response, ["_ga_after=1", "theme=dark"])
    })
}

// covers behaviours 16, 44
#[test]
fn a_choice_that_the_app_records_holds_for_that_very_response() {
    let app = choosing_app();
    let mut visitor = app.visitor();
    assert_eq!(visitor.get("/").stored(), ["sid=1"]);

    let granted = visitor.get("/accept");
    let stored = granted.stored();
    assert_eq!(
        stored[..4],
        ["_ga=before", "sid=1", "_ga_after=1", "theme=dark"]
    );
    let names: Vec<&str> = stored[4..]
        .iter()
        .filter_map(|line| line.split('=').next())
        .collect();
    assert_eq!(names, CONSENT_COOKIES);
    assert!(loads(granted.text(), "https://connect.facebook.net"));
    assert!(!granted.text().contains("data-tc-banner"));
    assert_eq!(granted.header("cache-control"), "private, no-store");
    assert_eq!(visitor.granted().len(), 3);

    // A part of it lets only that part through.
    let mut visitor = app.visitor();
    let part = visitor.get("/analytics");
    assert_eq!(part.stored()[..3], ["_ga=before", "sid=1", "_ga_after=1"]);
    assert!(!loads(part.text(), "https://connect.facebook.net"));
    assert_eq!(visitor.granted(), [Category::Analytics]);

    let mut visitor = app.visitor();
    let vendor = visitor.get("/vendor");
    assert!(!vendor.stored().iter().any(|line| line.starts_with("_ga")));
    assert!(!visitor.consent().allows_vendor("google-analytics"));
    assert!(visitor.consent().allows_vendor("shop-stats"));
}

// covers behaviour 17
#[test]
fn a_withdrawal_that_the_app_records_holds_for_that_very_response() {
    let app = choosing_app();
    let mut visitor = app.visitor();
    visitor.accept();
    assert_eq!(visitor.get("/").stored().len(), 4);
    let withdrawn = visitor.get("/withdraw");
    // Stricter than by order: what was set before the withdrawal goes as well.
    assert_eq!(withdrawn.stored()[0], "sid=1");
    assert_eq!(withdrawn.stored().len(), 1 + 4);
    // The cookies that this request had shown are expired at once.
    assert!(withdrawn.expired().contains(&"_ga"));
    assert!(withdrawn.expired().contains(&"theme"));
    assert!(withdrawn.text().contains("data-tc-"));
    assert!(visitor.granted().is_empty() && !visitor.consent().needs_banner());
}

// covers behaviour 18
#[test]
fn choosing_the_same_again_writes_nothing() {
    let app = choosing_app();
    let mut visitor = app.visitor();
    visitor.get("/accept");
    let before = visitor.token(Category::Analytics);
    app.clock.advance(60);
    let again = visitor.get("/accept");
    assert!(!again.stored().iter().any(|line| line.contains("consent-")));
    assert_eq!(visitor.choose("choice=accept").set_cookies(), [""; 0]);
    assert_eq!(visitor.token(Category::Analytics), before);

    visitor.get("/withdraw");
    assert_eq!(visitor.choose("choice=reject").stored(), [""; 0]);
    // Another choice is written.
    assert_eq!(visitor.choose("choice=save&analytics=on").stored().len(), 4);
    // So is the first one, even where it denies: a refusal is a decision.
    let mut fresh = app.visitor();
    assert_eq!(fresh.choose("choice=reject").stored().len(), 4);
}

// covers behaviour 19
#[test]
fn a_choice_made_after_the_response_left_changes_nothing() {
    // A middleware outside of the layer acts when the response is on its way.
    let app = Router::new()
        .route("/", get_route(|| async { "hello" }))
        .layer(App::shop().layer)
        .layer(axum::middleware::map_response(
            |mut response: axum::response::Response| async {
                response.extensions_mut().insert(Choice::accept_all());
                response
            },
        ));
    let response = block_on(app.oneshot(Request::new(Body::empty()))).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("set-cookie"));
}
