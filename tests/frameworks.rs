//! Proves that the layer fits any tower stack: its types are what stacks ask
//! for, and bodies of every kind pass with their errors and trailers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::convert::Infallible;
use std::error::Error;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::response::Html;
use axum::routing::get as get_route;
use bytes::Bytes;
use common::*;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt, Empty, Full};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_consent::{
    BodyError, Category, Choice, Consent, ConsentBody, ConsentLayer, ConsentService, Granted,
    Keyring, Policy, RequireConsent, RequireConsentService, ResponseFuture, marker,
};
use tower_http::compression::CompressionLayer;
use tower_layer::Layer;

type BoxError = Box<dyn Error + Send + Sync>;

fn is_clone_send_sync<T: Clone + Send + Sync + 'static>() {}
fn is_send_sync<T: Send + Sync + 'static>() {}
fn is_send<T: Send>() {}
fn is_debug<T: std::fmt::Debug>() {}

#[test]
fn the_types_are_what_stacks_ask_for() {
    is_clone_send_sync::<ConsentLayer>();
    is_clone_send_sync::<ConsentService<()>>();
    is_clone_send_sync::<RequireConsent>();
    is_clone_send_sync::<RequireConsentService<()>>();
    is_clone_send_sync::<Consent>();
    is_clone_send_sync::<Granted<marker::Analytics>>();
    is_clone_send_sync::<Choice>();
    is_clone_send_sync::<Policy>();
    is_clone_send_sync::<Keyring>();
    is_send_sync::<ConsentBody<Full<Bytes>>>();
    is_send_sync::<ConsentBody<BoxBody<Bytes, BoxError>>>();
    is_send_sync::<BodyError>();
    is_send::<ResponseFuture<Ready<Result<Response<Full<Bytes>>, Infallible>>>>();
    is_send::<ConsentBody<UnsyncBoxBody<Bytes, BoxError>>>();
    is_debug::<ConsentLayer>();
    is_debug::<ConsentService<()>>();
    is_debug::<ConsentBody<Full<Bytes>>>();
    is_debug::<ResponseFuture<Ready<()>>>();
    fn is_error<T: Error + Into<BoxError>>() {}
    is_error::<BodyError>();
}

/// A service that cannot be cloned and counts how often it was asked whether it is ready.
struct Unclonable(usize);

impl Service<Request<Full<Bytes>>> for Unclonable {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<Result<Response<Full<Bytes>>, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        self.0 += 1;
        match self.0 {
            1 => Poll::Pending,
            2 => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err(io::Error::other("closed"))),
        }
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        ready(match request.uri().path() {
            "/error" => Err(io::Error::other("handler failed")),
            _ => Ok(page(PAGE)),
        })
    }
}

#[test]
fn readiness_and_errors_of_the_inner_service_are_its_own() {
    let mut service = App::shop().layer.layer(Unclonable(0));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
    assert!(matches!(
        service.poll_ready(&mut context),
        Poll::Ready(Ok(()))
    ));
    let response = block_on(service.call(get("/"))).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let error = block_on(service.call(get("/error"))).err().unwrap();
    assert_eq!(error.to_string(), "handler failed");
    let Poll::Ready(Err(error)) = service.poll_ready(&mut context) else {
        panic!("the inner service is closed");
    };
    assert_eq!(error.to_string(), "closed");
    // The layer's own addresses do not need the inner service to work.
    let own = block_on(service.call(get("/_consent/state"))).unwrap();
    assert_eq!(own.status(), StatusCode::OK);
}

#[test]
fn it_wraps_a_plain_service_a_router_and_a_builder_alike() {
    let html = || async { Html(PAGE) };
    let layer = App::shop().layer;
    let request = || {
        Request::get("/")
            .header(COOKIE, "_ga=1; sid=2")
            .body(axum::body::Body::empty())
    };

    let by_layer = Router::new()
        .route("/", get_route(html))
        .layer(layer.clone());
    let by_builder = Router::new()
        .route("/", get_route(html))
        .layer(ServiceBuilder::new().layer(layer.clone()));
    let by_route = Router::new().route("/", get_route(html).layer(layer.clone()));
    let outside = layer
        .clone()
        .layer(Router::new().route("/", get_route(html)));
    let plain = ServiceBuilder::new().layer(layer).service(service_fn(
        |request: Request<axum::body::Body>| async move {
            assert_eq!(request.headers()[COOKIE], "sid=2");
            Ok::<_, Infallible>(page(PAGE))
        },
    ));
    async fn text<B: Body<Data = Bytes, Error: std::fmt::Debug>>(response: Response<B>) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
    let texts = block_on(async {
        [
            text(by_layer.oneshot(request().unwrap()).await.unwrap()).await,
            text(by_builder.oneshot(request().unwrap()).await.unwrap()).await,
            text(by_route.oneshot(request().unwrap()).await.unwrap()).await,
            text(outside.oneshot(request().unwrap()).await.unwrap()).await,
            text(plain.oneshot(request().unwrap()).await.unwrap()).await,
        ]
    });
    assert!(
        texts[0].contains("data-tc-banner") && !loads(&texts[0], "https://connect.facebook.net")
    );
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[test]
fn a_service_runs_on_a_multithreaded_server_and_behind_a_buffer_of_requests() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let app = Router::new()
        .route(
            "/",
            get_route(
                |consent: Consent| async move { consent.allows(Category::Analytics).to_string() },
            ),
        )
        .layer(App::shop().layer);
    let mut accepted = App::shop().visitor();
    accepted.accept();
    let cookies = accepted.jar.header(SITE_HOST, "/").unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let (app, cookies) = (app.clone(), cookies.clone());
                tokio::spawn(async move {
                    let mut request = Request::get("/").body(axum::body::Body::empty()).unwrap();
                    if number % 2 == 0 {
                        let cookies = HeaderValue::from_bytes(&cookies).unwrap();
                        request.headers_mut().insert(COOKIE, cookies);
                    }
                    let response = app.oneshot(request).await.unwrap();
                    let body = response.into_body().collect().await.unwrap().to_bytes();
                    assert_eq!(
                        &body[..],
                        if number % 2 == 0 {
                            &b"true"[..]
                        } else {
                            b"false"
                        }
                    );
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn compression_goes_outside_and_the_app_answers_in_plain_bytes() {
    let seen =
        |request: &Request<axum::body::Body>| request.headers().contains_key(ACCEPT_ENCODING);
    let app = Router::new()
        .route(
            "/",
            get_route(move |request: Request<axum::body::Body>| async move {
                assert!(!seen(&request), "an app that compressed could not be read");
                Html(PAGE.repeat(20))
            }),
        )
        .layer(
            ServiceBuilder::new()
                .layer(CompressionLayer::new())
                .layer(App::shop().layer),
        );
    let request = |accepts: Option<&str>| {
        let mut request = Request::get("/");
        if let Some(accepts) = accepts {
            request = request.header(ACCEPT_ENCODING, accepts);
        }
        let response = block_on(
            app.clone()
                .oneshot(request.body(axum::body::Body::empty()).unwrap()),
        )
        .unwrap();
        let (parts, body) = response.into_parts();
        (parts.headers, block_on(body.collect()).unwrap().to_bytes())
    };
    let (headers, plain) = request(None);
    assert!(!headers.contains_key(CONTENT_ENCODING));
    assert!(String::from_utf8_lossy(&plain).contains("data-tc-banner"));
    let (headers, compressed) = request(Some("gzip"));
    assert_eq!(headers[CONTENT_ENCODING], "gzip");
    assert!(compressed.starts_with(&[0x1f, 0x8b]) && compressed.len() < plain.len() / 2);
    let vary: Vec<_> = headers
        .get_all("vary")
        .iter()
        .flat_map(|value| value.to_str().unwrap().split(','))
        .map(str::trim)
        .collect();
    for field in ["Cookie", "Sec-GPC", "accept-encoding"] {
        assert!(
            vary.iter().any(|value| value.eq_ignore_ascii_case(field)),
            "{vary:?}"
        );
    }
}

/// Frames that were prepared.
struct Frames<E>(Vec<Result<Frame<Bytes>, E>>);

impl<E: Unpin> Body for Frames<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        Poll::Ready((!self.0.is_empty()).then(|| self.0.remove(0)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::new()
    }
}

fn trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("1"));
    trailers
}

/// What leaves for a body of these frames: the bytes, the trailers, the error.
fn through<E>(
    content_type: &'static str,
    cookies: Option<&[u8]>,
    frames: impl Fn() -> Vec<Result<Frame<Bytes>, E>> + Clone,
) -> (String, Option<HeaderMap>, Option<String>)
where
    E: Into<BoxError> + Unpin,
{
    let service = App::shop()
        .layer
        .layer(service_fn(move |_: Request<Full<Bytes>>| {
            let body = Frames(frames());
            let response = Response::builder()
                .header(CONTENT_TYPE, content_type)
                .body(body);
            ready(Ok::<_, Infallible>(response.unwrap()))
        }));
    let mut request = get("/");
    if let Some(cookies) = cookies {
        let cookies = HeaderValue::from_bytes(cookies).unwrap();
        request.headers_mut().insert(COOKIE, cookies);
    }
    block_on(async {
        let mut body = std::pin::pin!(service.oneshot(request).await.unwrap().into_body());
        let (mut text, mut trailers, mut error) = (String::new(), None, None);
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => text.push_str(std::str::from_utf8(&data).unwrap()),
                Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
                Err(failed) => error = Some(failed.to_string()),
            }
        }
        assert!(body.is_end_stream() || error.is_some());
        (text, trailers, error)
    })
}

#[test]
fn trailers_pass_behind_everything_that_was_added() {
    let frames = || {
        let (start, end) = PAGE.split_at(40);
        vec![
            Ok::<_, Infallible>(Frame::data(Bytes::from(start))),
            Ok(Frame::data(Bytes::from(end))),
            Ok(Frame::trailers(trailers())),
        ]
    };
    let mut accepted = App::shop().visitor();
    accepted.accept();
    let cookies = accepted.jar.header(SITE_HOST, "/").unwrap();
    // Rewritten, appended to, and passed on.
    for (content_type, cookies, whole) in [
        ("text/html", None, false),
        ("text/html", Some(&cookies[..]), false),
        ("text/plain", None, true),
    ] {
        let (text, seen, error) = through(content_type, cookies, frames);
        assert_eq!(seen, Some(trailers()), "{content_type}");
        assert_eq!((text == PAGE, error), (whole, None), "{content_type}");
        assert!(text.contains("Welcome to the shop"));
    }
}

#[test]
fn an_error_of_the_apps_body_stays_an_error_and_keeps_its_text() {
    let boxed = || {
        vec![
            Ok(Frame::data(Bytes::from_static(b"<!doctype html><p>begin"))),
            Err::<_, BoxError>("the database went away".into()),
        ]
    };
    let io = || {
        vec![
            Ok(Frame::data(Bytes::from_static(b"<!doctype html><p>begin"))),
            Err(io::Error::other("the database went away")),
        ]
    };
    for content_type in ["text/html", "text/plain"] {
        for (text, trailers, error) in [
            through(content_type, None, boxed),
            through(content_type, None, io),
        ] {
            assert_eq!(
                error.as_deref(),
                Some("the database went away"),
                "{content_type}"
            );
            assert!(trailers.is_none());
            // A page that broke off is never made to look whole.
            assert!(!text.contains("data-tc-settings"), "{text}");
        }
    }
}

#[test]
fn bodies_without_bytes_and_with_exact_lengths_are_passed_on_as_they_are() {
    let service = App::shop()
        .layer
        .layer(service_fn(|_: Request<Empty<Bytes>>| async {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("exactly")))
        }));
    let request = Request::get("/").body(Empty::new()).unwrap();
    let response = block_on(service.oneshot(request)).unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(7));
    assert!(!response.body().is_end_stream());
    assert_eq!(
        block_on(response.into_body().collect()).unwrap().to_bytes(),
        "exactly"
    );

    let service = App::shop()
        .layer
        .layer(service_fn(|_: Request<Empty<Bytes>>| async {
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }));
    let request = Request::get("/").body(Empty::new()).unwrap();
    let response = block_on(service.oneshot(request)).unwrap();
    assert!(response.body().is_end_stream());
}

#[test]
fn two_layers_of_two_policies_do_not_stand_in_each_others_way() {
    // The outer site shares its host with an inner app that has its own layer and prefix.
    let inner = Policy::builder("1")
        .prefix("/inner/_consent")
        .build()
        .unwrap();
    let inner = ConsentLayer::new(inner, keyring(OTHER_KEY)).with_insecure_cookies(true);
    let app = Router::new()
        .route(
            "/",
            get_route(|| async { ([(SET_COOKIE, "_ga=1")], "hello") }),
        )
        .layer(inner)
        .layer(App::shop().layer);
    let request = Request::new(axum::body::Body::empty());
    let response = block_on(app.oneshot(request)).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key(SET_COOKIE));
}
