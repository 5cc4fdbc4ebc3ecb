//! What does the layer cost around a response that is no page?

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::response::IntoResponse;
use axum::routing::get;
use axum_extra::extract::cookie::{Key, SignedCookieJar};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Request, Response};
use http_body::{Body, Frame};
use tower::layer::layer_fn;
use tower::{Service, ServiceExt};
use tower_consent::{Category, Choice, Consent};

use crate::common::wait;
use crate::measure::{Times, case, drain};
use crate::site::{NAMES, chosen, extra_cookies, layer, others, parts, with_others};

/// A body that adds nothing to axum's but its type.
struct Wrapped(AxumBody);

impl Body for Wrapped {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }
}

#[derive(Clone)]
struct Keys(Key);

impl axum::extract::FromRef<Keys> for Key {
    fn from_ref(keys: &Keys) -> Self {
        keys.0.clone()
    }
}

async fn plain() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], "{\"products\":[]}")
}

async fn with_jar(jar: SignedCookieJar) -> impl IntoResponse {
    assert!(NAMES.iter().all(|name| jar.get(name).is_some()));
    plain().await
}

async fn with_consent(consent: Consent) -> impl IntoResponse {
    assert!(consent.allows(Category::Analytics));
    plain().await
}

pub(crate) fn responses(rounds: usize) {
    println!("\nThe whole layer around a JSON response of an axum Router, in process");
    let layer = layer();
    let key = Key::generate();
    let path = "/api/products";
    let noop = || layer_fn(|inner: axum::routing::Route| inner);
    let router: Router = Router::new().route(path, get(plain)).layer(noop());
    // The least that a layer pays which hands its handlers something and has a body of its own.
    let least: Router =
        Router::new()
            .route(path, get(plain))
            .layer(layer_fn(|inner: axum::routing::Route| {
                inner
                    .map_request(|mut request: Request<AxumBody>| {
                        request.extensions_mut().insert([0_u64; 6]);
                        request
                    })
                    .map_response(|response: Response<AxumBody>| response.map(Wrapped))
            }));
    let gated: Router = Router::new().route(path, get(plain)).layer(layer.clone());
    let reading: Router = Router::new()
        .route(path, get(with_consent))
        .layer(layer.clone());
    let signed: Router = Router::new()
        .route(path, get(with_jar))
        .layer(noop())
        .with_state(Keys(key.clone()));

    let bare = parts("");
    let undecided = parts(&others());
    let decided = parts(&with_others(&chosen(&layer, &Choice::accept_all())));
    let refused = parts(&with_others(&chosen(&layer, &Choice::reject_all())));
    let jar = parts(&with_others(&extra_cookies(&key)));
    let once = |router: &Router, parts: &Parts| {
        let request = Request::from_parts(parts.clone(), AxumBody::empty());
        let response = wait(router.clone().call(request)).unwrap();
        drain(response.into_body())
    };
    let mut cases = [
        case("no-op layer, no cookies", || once(&router, &bare)),
        case("undecided, no cookies", || once(&gated, &bare)),
        case("no-op layer, six cookies", || once(&router, &undecided)),
        case("undecided, six cookies", || once(&gated, &undecided)),
        case("no-op layer, ten cookies", || once(&router, &decided)),
        case("decided, ten cookies", || once(&gated, &decided)),
        case("decided, and the handler takes `Consent`", || {
            once(&reading, &decided)
        }),
        case("refused, ten cookies", || once(&gated, &refused)),
        case("no-op layer, SignedCookieJar reading four", || {
            once(&signed, &jar)
        }),
        case("a layer of one extension and a body type, no more", || {
            once(&least, &bare)
        }),
    ];
    let times = Times::of(&mut cases, rounds);
    for (at, base, target) in [
        (0, 0, None),
        (9, 0, None),
        (1, 0, Some(1.15)),
        (2, 2, None),
        (3, 2, Some(1.15)),
        (8, 8, None),
        (4, 8, None),
        (5, 8, Some(0.20)),
        (6, 8, None),
        (7, 8, None),
    ] {
        times.row(
            cases[at].name,
            times.median(|round| round[at]),
            times.median(|round| round[at] / round[base]),
            target,
        );
    }
    let added = times.median(|round| (round[5] - round[4]) / (round[8] - round[4]));
    let nanoseconds = times.median(|round| round[5] - round[4]);
    times.row(
        "decided: added / added by SignedCookieJar",
        nanoseconds,
        added,
        None,
    );
}
