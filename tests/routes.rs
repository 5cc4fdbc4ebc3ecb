//! Proves that a route which needs consent is refused before its handler runs, in whatever way it says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::routing::{get as get_route, post as post_route};
use common::*;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_consent::marker::{Analytics, Functional, Marketing};
use tower_consent::{Category, Consent, Granted, RequireConsent};

/// Counts the calls of each handler, so that a refused one is seen not to run.
fn routes(app: &App, calls: &Arc<AtomicUsize>) -> Router {
    let count = {
        let calls = calls.clone();
        move || calls.fetch_add(1, Ordering::SeqCst)
    };
    let (by_proof, by_layer, by_status, by_path) =
        (count.clone(), count.clone(), count.clone(), count);
    Router::new()
        .route(
            "/proof",
            post_route(|_: Granted<Analytics>| async move {
                by_proof();
            }),
        )
        .route(
            "/maybe",
            get_route(
                |proof: Option<Granted<Marketing>>| async move { proof.is_some().to_string() },
            ),
        )
        .route(
            "/state",
            get_route(|consent: Consent| async move {
                consent.allows(Category::Functional).to_string()
            }),
        )
        .route(
            "/layer",
            get_route(move || async move {
                by_layer();
            })
            .route_layer(RequireConsent::new(Category::Marketing)),
        )
        .route(
            "/pixel",
            get_route(move || async move {
                by_status();
            })
            .route_layer(
                RequireConsent::new(Category::Analytics).with_status(StatusCode::NO_CONTENT),
            ),
        )
        .route(
            "/collect/v1",
            post_route(move || async move {
                by_path();
            }),
        )
        .route("/collection", get_route(|| async { "open" }))
        .layer(app.layer.clone())
}

fn call(router: &Router, method: Method, path: &str, visitor: &Visitor) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(cookies) = visitor.jar.header(SITE_HOST, "/") {
        request = request.header("cookie", cookies);
    }
    let request = request.body(Body::empty()).unwrap();
    block_on(async {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    })
}

// covers S04, S33, S17
#[test]
fn a_route_that_needs_consent_is_refused_before_its_handler_runs() {
    let app = App::shop();
    let calls = Arc::new(AtomicUsize::new(0));
    let router = routes(&app, &calls);
    let (post, get) = (Method::POST, Method::GET);

    let undecided = app.visitor();
    let mut refused = app.visitor();
    refused.reject();
    for visitor in [&undecided, &refused] {
        let forbidden = (
            StatusCode::FORBIDDEN,
            "The visitor has not granted analytics.".to_owned(),
        );
        assert_eq!(call(&router, post.clone(), "/proof", visitor), forbidden);
        assert_eq!(
            call(&router, get.clone(), "/layer", visitor).0,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            call(&router, get.clone(), "/pixel", visitor).0,
            StatusCode::NO_CONTENT
        );
        for path in [
            "/collect/v1",
            "//collect/v1",
            "/%63ollect/v1",
            "/x/../collect/v1",
        ] {
            let no_content = (StatusCode::NO_CONTENT, String::new());
            assert_eq!(
                call(&router, post.clone(), path, visitor),
                no_content,
                "{path}"
            );
        }
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        // What needs no consent works as ever.
        assert_eq!(call(&router, get.clone(), "/maybe", visitor).1, "false");
        assert_eq!(call(&router, get.clone(), "/state", visitor).1, "false");
        assert_eq!(call(&router, get.clone(), "/collection", visitor).1, "open");
    }

    let mut granted = app.visitor();
    granted.accept();
    assert_eq!(
        call(&router, post.clone(), "/proof", &granted).0,
        StatusCode::OK
    );
    assert_eq!(
        call(&router, get.clone(), "/layer", &granted).0,
        StatusCode::OK
    );
    assert_eq!(
        call(&router, get.clone(), "/pixel", &granted).0,
        StatusCode::OK
    );
    assert_eq!(
        call(&router, post.clone(), "/collect/v1", &granted).0,
        StatusCode::OK
    );
    assert_eq!(calls.load(Ordering::SeqCst), 4);
    assert_eq!(call(&router, get.clone(), "/maybe", &granted).1, "true");
    assert_eq!(call(&router, get.clone(), "/state", &granted).1, "true");

    // Each needs its own category and no other.
    let mut functional = app.visitor();
    functional.save(&[Category::Functional]);
    assert_eq!(call(&router, get.clone(), "/state", &functional).1, "true");
    assert_eq!(
        call(&router, post, "/proof", &functional).0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        call(&router, get, "/layer", &functional).0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

// covers S04
#[test]
fn a_declared_path_is_refused_with_the_status_that_the_policy_names() {
    let policy = shop()
        .refused_status(StatusCode::FORBIDDEN)
        .build()
        .unwrap();
    let app = App::new(policy);
    let refused = app.send(empty(request(Method::POST, "/collect")));
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.seen.is_none() && refused.body.is_empty());
    assert_eq!(refused.header("cache-control"), "private, no-store");
    // A vendor refused inside of the granted category keeps its route closed.
    let mut visitor = app.visitor();
    visitor.choose("choice=save&analytics=on&offered=shop-stats");
    assert!(visitor.get("/collect").seen.is_none());
    visitor.accept();
    assert!(visitor.get("/collect").seen.is_some());
}

#[test]
fn without_the_layer_nothing_is_granted_and_the_answer_says_what_is_missing() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let router: Router = Router::new()
        .route("/consent", get_route(|_: Consent| async {}))
        .route("/proof", get_route(|_: Granted<Functional>| async {}))
        .route(
            "/maybe",
            get_route(|_: Option<Granted<Functional>>| async {}),
        )
        .route(
            "/layer",
            get_route(move || async move {
                counted.fetch_add(1, Ordering::SeqCst);
            })
            .route_layer(
                RequireConsent::new(Category::Analytics).with_status(StatusCode::NO_CONTENT),
            ),
        );
    let visitor = App::shop().visitor();
    for path in ["/consent", "/proof", "/maybe", "/layer"] {
        let (status, body) = call(&router, Method::GET, path, &visitor);
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(
            body.contains(".layer(ConsentLayer::new(policy, keys))"),
            "{path}: {body}"
        );
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}
