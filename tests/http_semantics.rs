//! Proves that fragments, downloads, XML, ranges, streams, upgrades and trailers are treated as HTTP and browsers take them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use html_common::{Pieces, Site, exchange, frame, get, get_with, read, wait};
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, UPGRADE, VARY,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame};
use tower::{Layer, Service, service_fn};
use tower_consent::{CacheMode, ConsentBody};
use tracing_subscriber::layer::SubscriberExt;

const DOCUMENT: &str =
    "<!doctype html><title>x</title><body><img src=\"//ads.test/x\"><p>text</p></body>";
const FRAGMENT: &str = "<li><img src=\"//ads.test/x\">one</li>";

fn visitors(site: &Site) -> Vec<(&'static str, String)> {
    vec![
        ("undecided", String::new()),
        ("refused", site.refused()),
        ("granted", site.granted()),
    ]
}

/// Navigations send this, and nothing else does.
const NAVIGATION: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

fn respond(
    site: &Site,
    asks: &[(&str, &str)],
    says: &[(&str, &str)],
    body: &str,
) -> (HeaderMap, String) {
    let response = site.respond(get_with("/", asks), || {
        let mut response = Response::builder();
        for (name, value) in says {
            response = response.header(*name, *value);
        }
        response.body(Pieces::of(&[body])).unwrap()
    });
    let headers = response.headers().clone();
    let body = read(response.into_body()).unwrap();
    (headers, String::from_utf8(body).unwrap())
}

// ---- Parts of pages ----

/// What libraries send that put answers into a page.
const PARTIAL: [&[(&str, &str)]; 7] = [
    &[("hx-request", "true"), ("accept", "*/*")],
    &[
        ("turbo-frame", "cart"),
        ("accept", "text/html, application/xhtml+xml"),
    ],
    &[(
        "accept",
        "text/vnd.turbo-stream.html, text/html, application/xhtml+xml",
    )],
    &[("x-up-version", "3.8.0"), ("x-up-target", ".cart")],
    &[("x-pjax", "true"), ("x-pjax-container", "#main")],
    &[("x-requested-with", "XMLHttpRequest")],
    &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
];

// covers behaviour 52
#[test]
fn a_fragment_is_gated_and_gets_nothing_added() {
    let site = Site::with_link();
    for asks in PARTIAL {
        let html = &[("content-type", "text/html; charset=utf-8")];
        let (headers, body) = respond(&site, asks, html, FRAGMENT);
        assert!(
            body.contains("data-tc=\"marketing:ads\""),
            "{asks:?}: {body}"
        );
        assert!(
            body.starts_with("<li>") && body.ends_with("one</li>"),
            "{body}"
        );
        assert!(!body.contains("data-tc-banner") && !body.contains("<script"));
        assert_eq!(headers[CACHE_CONTROL], "private, no-cache");
        let granted = site.granted();
        let asks = [asks, &[("cookie", &*granted)]].concat();
        let (_, body) = respond(&site, &asks, html, FRAGMENT);
        assert_eq!(body, FRAGMENT, "{asks:?}");
    }
}

// covers behaviour 52
#[test]
fn a_whole_page_asks_whoever_fetched_it() {
    let site = Site::with_link();
    let boosted = &[("hx-request", "true"), ("hx-boosted", "true")][..];
    for asks in PARTIAL.into_iter().chain([boosted, &[NAVIGATION]]) {
        let (_, body) = respond(&site, asks, &[("content-type", "text/html")], DOCUMENT);
        assert_eq!(body.matches("data-tc-banner").count(), 1, "{asks:?}");
        assert!(body.contains("data-tc=\"marketing:ads\""));
    }
}

// covers behaviours 53, 54
#[test]
fn a_turbo_stream_is_no_page() {
    let site = Site::with_link();
    let stream = "<turbo-stream action=\"append\"><template><b>x</b></template></turbo-stream>";
    let says = &[("content-type", "text/vnd.turbo-stream.html; charset=utf-8")];
    assert_eq!(respond(&site, &[], says, stream).1, stream);
}

// ---- What is shown otherwise, or not at all ----

// covers behaviour 55
#[test]
fn a_download_is_never_touched() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        for kind in ["text/html", "application/xhtml+xml", "image/svg+xml"] {
            let says = [
                ("content-type", kind),
                (
                    CONTENT_DISPOSITION.as_str(),
                    "attachment; filename=\"a.html\"",
                ),
                ("etag", "\"v1\""),
                ("cache-control", "max-age=60"),
            ];
            let asks = [("cookie", &*cookies), NAVIGATION];
            let (headers, body) = respond(&site, &asks, &says, DOCUMENT);
            assert_eq!(body, DOCUMENT, "{who}");
            assert_eq!(headers[ETAG], "\"v1\"", "{who}");
            assert_eq!(headers[CACHE_CONTROL], "max-age=60", "{who}");
            assert!(!headers.contains_key(CONTENT_SECURITY_POLICY), "{who}");
        }
    }
}

/// The warnings that were given while `act` ran.
fn warnings(act: impl FnOnce()) -> Vec<String> {
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<String>>>);
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Heard {
        fn on_event(
            &self,
            event: &tracing::Event<'_>,
            _: tracing_subscriber::layer::Context<'_, S>,
        ) {
            if *event.metadata().level() == tracing::Level::WARN {
                let mut text = String::new();
                event.record(
                    &mut |_: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                        text += &format!("{value:?} ");
                    },
                );
                self.0.lock().unwrap().push(text);
            }
        }
    }
    let heard = Heard::default();
    // Were this the only one, what another test reaches first would be switched off for all.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::registry().with(heard.clone());
    tracing::subscriber::with_default(subscriber, act);
    let said = heard.0.lock().unwrap();
    said.clone()
}

// covers L05
#[test]
fn a_document_in_xml_is_confined_until_everything_is_granted_and_told_once() {
    let site = Site::with_link();
    let xhtml = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><script src=\"//ads.test/x\"/></body></html>";
    let said = warnings(|| {
        for kind in [
            "application/xhtml+xml; charset=utf-8",
            "image/svg+xml",
            "application/xml",
            "text/xml",
        ] {
            for (who, cookies) in visitors(&site) {
                for shown in [
                    &[NAVIGATION][..],
                    &[("sec-fetch-dest", "iframe")],
                    &[("sec-fetch-dest", "object"), ("accept", "image/svg+xml")],
                ] {
                    let asks = [&[("cookie", &*cookies)], shown].concat();
                    let says = [
                        ("content-type", kind),
                        ("cache-control", "public, max-age=60"),
                        ("link", "<//ads.test/x>; rel=preload"),
                    ];
                    let (headers, body) = respond(&site, &asks, &says, xhtml);
                    assert_eq!(body, xhtml, "{who}");
                    assert_eq!(
                        headers.contains_key(CONTENT_SECURITY_POLICY),
                        who != "granted",
                        "{who} {kind}"
                    );
                    assert_eq!(headers[CACHE_CONTROL], "private, no-cache", "{who} {kind}");
                    assert!(!headers.contains_key("link"), "{who} {kind}");
                }
            }
        }
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("XML"), "{said:?}");
}

// covers behaviours 54, 87
#[test]
fn an_image_in_svg_stays_cacheable() {
    let site = Site::with_link();
    for asks in [
        &[
            ("sec-fetch-dest", "image"),
            ("accept", "image/avif,*/*;q=0.8"),
        ][..],
        &[("accept", "image/avif,image/webp,image/svg+xml,*/*;q=0.8")],
        &[("sec-fetch-dest", "empty"), ("accept", "*/*")],
        &[],
    ] {
        for kind in ["image/svg+xml", "application/xml"] {
            let says = [
                ("content-type", kind),
                ("cache-control", "public, max-age=60"),
            ];
            let (headers, body) = respond(&site, asks, &says, "<svg/>");
            assert_eq!(body, "<svg/>");
            assert_eq!(headers[CACHE_CONTROL], "public, max-age=60", "{asks:?}");
            assert!(!headers.contains_key(VARY) && !headers.contains_key(CONTENT_SECURITY_POLICY));
        }
    }
}

#[test]
fn what_cannot_be_edited_belongs_to_its_visitor_in_every_cache_mode() {
    for mode in [CacheMode::Uniform, CacheMode::EdgeKey] {
        let mut site = Site::with_link();
        site.layer = site.layer.with_cache_mode(mode);
        for says in [
            &[("content-type", "application/xhtml+xml")][..],
            &[("content-type", "text/html; charset=utf-16le")],
            &[
                ("content-type", "text/html"),
                ("content-encoding", "compress"),
            ],
        ] {
            let says = [says, &[("cache-control", "public, max-age=60")]].concat();
            let asks = [NAVIGATION, ("x-consent-state", "?")];
            let (headers, _) = respond(&site, &asks, &says, DOCUMENT);
            assert!(headers.contains_key(CONTENT_SECURITY_POLICY), "{mode:?}");
            assert_eq!(headers[CACHE_CONTROL], "private, no-cache", "{mode:?}");
        }
    }
}

// ---- Headers that fetch ----

// covers behaviours 84, 87
#[test]
fn a_response_whose_headers_depend_on_consent_is_private_and_others_stay_as_they_are() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        for (name, value, depends) in [
            ("nel", "{\"report_to\":\"//ads.test/r\"}", true),
            ("reporting-endpoints", "a=\"https://ads.test/r\"", true),
            ("refresh", "5; url=https://stats.test/", true),
            ("attribution-reporting-register-source", "{}", true),
            ("reporting-endpoints", "a=\"https://shop.test/r\"", false),
            ("refresh", "5; url=/next", false),
            ("link", "<https://ads.test/x>; rel=preconnect", false),
        ] {
            let says = [
                ("content-type", "application/json"),
                ("cache-control", "public, max-age=60"),
                (name, value),
            ];
            let (headers, _) = respond(&site, &[("cookie", &cookies)], &says, "{}");
            let private = headers[CACHE_CONTROL] == "private, no-cache";
            assert_eq!(private, depends, "{who} {name}: {value}");
            assert_eq!(headers.contains_key(VARY), depends, "{who} {name}: {value}");
        }
    }
}

// ---- What the app is asked ----

#[test]
fn a_service_workers_script_is_asked_for_as_it_was() {
    let site = Site::with_link();
    let asked = [
        ("if-none-match", "\"v1\""),
        ("accept-encoding", "br"),
        ("accept", "*/*"),
    ];
    let seen = |more: &[(&str, &str)]| {
        let request = get_with("/sw.js", &[&asked[..], more].concat());
        let seen = exchange(&site.layer, request, |request| {
            let mut response = Response::new(Pieces::default());
            *response.headers_mut() = request.headers().clone();
            response
        });
        let (name, encoding) = ("if-none-match", "accept-encoding");
        seen.headers().contains_key(name) && seen.headers().contains_key(encoding)
    };
    assert!(seen(&[("service-worker", "script")]));
    assert!(seen(&[("sec-fetch-dest", "serviceworker")]));
    assert!(!seen(&[]));
}

// covers behaviour 83
#[test]
fn what_protects_the_apps_data_still_does() {
    let site = Site::with_link();
    let page = respond(
        &site,
        &[NAVIGATION],
        &[("content-type", "text/html"), ("etag", "\"v1\"")],
        DOCUMENT,
    );
    let tag = page.0[ETAG].to_str().unwrap();
    for (name, sent, expected) in [
        ("if-match", tag, "\"v1\""),
        ("if-match", "\"x\", W/\"y\"", "\"x\", W/\"y\""),
        ("if-match", "*", "*"),
        ("if-none-match", "*", "*"),
        ("if-none-match", tag, "\"v1\""),
        (
            "if-unmodified-since",
            "Tue, 01 Sep 2026 08:00:00 GMT",
            "Tue, 01 Sep 2026 08:00:00 GMT",
        ),
    ] {
        for method in ["PUT", "PATCH", "DELETE", "POST"] {
            let mut request = get_with("/", &[(name, sent)]);
            *request.method_mut() = method.parse().unwrap();
            let seen = exchange(&site.layer, request, |request| {
                let mut response = Response::new(Pieces::default());
                let value = request.headers()[name].clone();
                response.headers_mut().insert("seen", value);
                response
            });
            assert_eq!(seen.headers()["seen"], expected, "{method} {name}: {sent}");
        }
    }
}

// ---- Streams ----

/// A body that is fed from outside: what a test has not sent has not arrived.
#[derive(Clone, Default)]
struct Channel(Arc<Mutex<Vec<Bytes>>>, Arc<AtomicUsize>, Arc<AtomicUsize>);

impl Channel {
    fn send(&self, data: &str) {
        self.0
            .lock()
            .unwrap()
            .push(Bytes::copy_from_slice(data.as_bytes()));
    }

    fn close(&self) {
        self.1.store(1, Ordering::SeqCst);
    }

    fn polls(&self) -> usize {
        self.2.load(Ordering::SeqCst)
    }
}

impl Body for Channel {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.2.fetch_add(1, Ordering::SeqCst);
        let mut waiting = self.0.lock().unwrap();
        if !waiting.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(waiting.remove(0)))));
        }
        match self.1.load(Ordering::SeqCst) {
            0 => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }
}

/// A response that streams from the channel, through the layer.
fn stream(site: &Site, cookies: &str, kind: &str, channel: &Channel) -> ConsentBody<Channel> {
    let mut service = site.layer.layer(service_fn(|_: Request<Pieces>| {
        let response = Response::builder()
            .header(CONTENT_TYPE, kind)
            .body(channel.clone())
            .unwrap();
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    }));
    let request = get_with("/", &[("cookie", cookies)]);
    wait(service.call(request)).unwrap().into_body()
}

/// What has come out by now: nothing is asked for that was not sent.
fn arrived<B: Body<Data = Bytes>>(body: Pin<&mut B>) -> Option<String> {
    let mut cx = Context::from_waker(Waker::noop());
    match body.poll_frame(&mut cx) {
        Poll::Ready(Some(Ok(frame))) => {
            Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
        }
        Poll::Ready(_) => Some(String::new()),
        Poll::Pending => None,
    }
}

// covers behaviour 73
#[test]
fn every_chunk_leaves_as_soon_as_it_came() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        let channel = Channel::default();
        let mut body = pin!(stream(&site, &cookies, "text/html", &channel));
        assert_eq!(arrived(body.as_mut()), None, "{who}: nothing was sent");
        channel.send("<!doctype html><title>x</title><body>");
        assert!(
            arrived(body.as_mut())
                .unwrap()
                .starts_with("<!doctype html>"),
            "{who}"
        );
        for number in 0..20 {
            assert_eq!(
                arrived(body.as_mut()),
                None,
                "{who}: {number} was not sent yet"
            );
            channel.send(&format!("<p>{number}</p>"));
            assert_eq!(
                arrived(body.as_mut()).unwrap(),
                format!("<p>{number}</p>"),
                "{who}"
            );
        }
        channel.close();
    }
}

#[test]
fn what_streams_without_being_a_page_is_handed_on_as_it_comes() {
    let site = Site::with_link();
    for kind in [
        "text/event-stream",
        "application/x-ndjson",
        "application/json-seq",
        "multipart/x-mixed-replace; boundary=b",
        "multipart/byteranges; boundary=b",
        "application/grpc+proto",
        "application/grpc-web-text",
        "application/json; profile=\"text/html\"",
    ] {
        let channel = Channel::default();
        let mut body = pin!(stream(&site, "", kind, &channel));
        // Half a tag would be held back on a page.
        for data in ["data: <img src=\"//ads", ".test/x\"", "\n\n", "<script"] {
            assert_eq!(arrived(body.as_mut()), None, "{kind}");
            channel.send(data);
            assert_eq!(arrived(body.as_mut()).unwrap(), data, "{kind}");
        }
    }
}

#[test]
fn no_chunk_is_asked_for_before_its_turn() {
    let site = Site::with_link();
    let channel = Channel::default();
    for number in 0..20 {
        channel.send(&format!("<p>{number}</p>"));
    }
    let mut body = pin!(stream(&site, "", "text/html", &channel));
    assert_eq!(channel.polls(), 0);
    for number in 1..=20 {
        assert!(arrived(body.as_mut()).is_some());
        assert_eq!(channel.polls(), number);
    }
}

#[test]
fn a_visitor_who_leaves_ends_the_apps_body_too() {
    let site = Site::with_link();
    let channel = Channel::default();
    let held = Arc::strong_count(&channel.0);
    let mut body = Box::pin(stream(&site, "", "text/html", &channel));
    channel.send("<!doctype html><body><img src=\"//ads.te");
    assert!(arrived(body.as_mut()).is_some());
    assert!(Arc::strong_count(&channel.0) > held);
    drop(body);
    assert_eq!(Arc::strong_count(&channel.0), held);
}

// ---- Ends and beginnings ----

// covers behaviour 80
#[test]
fn digests_in_trailers_go_where_the_bytes_changed_and_only_there() {
    let site = Site::with_link();
    let mut trailers = HeaderMap::new();
    for name in [
        "content-digest",
        "repr-digest",
        "digest",
        "content-md5",
        "server-timing",
    ] {
        trailers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
    }
    for (who, cookies) in visitors(&site) {
        for (kind, expected) in [("text/html", 1), ("application/json", 5)] {
            for page in [DOCUMENT, FRAGMENT] {
                let body = Pieces::of(&[page]).with_trailers(trailers.clone());
                let mut body = pin!(site.html(kind, &cookies, body).into_body());
                let mut came = None;
                while let Some(frame) = frame(body.as_mut()) {
                    came = frame.unwrap().into_trailers().ok().or(came);
                }
                let came = came.unwrap();
                assert_eq!(came.len(), expected, "{who} {kind}");
                assert!(came.contains_key("server-timing"), "{who} {kind}");
            }
        }
    }
}

#[test]
fn an_upgrade_passes_with_all_that_belongs_to_it() {
    #[derive(Clone, Debug, PartialEq)]
    struct Upgraded(u8);
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        let asks = [
            ("cookie", &*cookies),
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
        ];
        let mut request = get_with("/socket", &asks);
        request.extensions_mut().insert(Upgraded(1));
        let response = exchange(&site.layer, request, |request| {
            assert_eq!(request.headers()[UPGRADE], "websocket");
            assert_eq!(request.extensions().get(), Some(&Upgraded(1)));
            let mut response = Response::builder()
                .status(StatusCode::SWITCHING_PROTOCOLS)
                .header(CONNECTION, "Upgrade")
                .header(UPGRADE, "websocket")
                .header("sec-websocket-accept", "x")
                .body(Pieces::default())
                .unwrap();
            response.extensions_mut().insert(Upgraded(2));
            response
        });
        assert_eq!(response.status(), 101, "{who}");
        assert_eq!(response.headers().len(), 3, "{who}");
        assert_eq!(response.extensions().get(), Some(&Upgraded(2)), "{who}");
    }
}

// covers behaviour 78
#[test]
fn interim_and_empty_answers_are_never_given_content() {
    let site = Site::with_link();
    for status in [100, 102, 103, 204, 205, 304, 301, 302, 307] {
        for (who, cookies) in visitors(&site) {
            let response = site.respond(get_with("/", &[("cookie", &cookies)]), || {
                Response::builder()
                    .status(status)
                    .header("location", "/next")
                    .header("link", "</a.css>; rel=preload, <//ads.test/x>; rel=preload")
                    .body(Pieces::default())
                    .unwrap()
            });
            assert_eq!(response.status(), status, "{who}");
            assert_eq!(response.headers()["location"], "/next");
            assert_eq!(response.headers()["link"], "</a.css>; rel=preload", "{who}");
            assert!(read(response.into_body()).unwrap().is_empty(), "{who}");
        }
    }
}

// covers behaviour 76
#[test]
fn no_transform_binds_proxies_and_not_the_site_itself() {
    let site = Site::with_link();
    let says = [
        ("content-type", "text/html"),
        ("cache-control", "no-transform"),
        (CONTENT_LENGTH.as_str(), "81"),
    ];
    let (headers, body) = respond(&site, &[NAVIGATION], &says, DOCUMENT);
    assert!(body.contains("data-tc=\"marketing:ads\""));
    assert!(!headers.contains_key(CONTENT_LENGTH));
    assert_eq!(headers[CACHE_CONTROL], "private, no-cache, no-transform");
}

// ---- The banner by itself ----

#[test]
fn the_banner_is_there_for_who_is_to_be_asked_and_empty_for_others() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        let request = get_with(
            "/_consent/banner?next=%2Fa%3Fb%3D1",
            &[("cookie", &cookies)],
        );
        let answer = exchange(&site.layer, request, |_| panic!("the layer answers itself"));
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()[CACHE_CONTROL], "private, no-store");
        let body = String::from_utf8(read(answer.into_body()).unwrap()).unwrap();
        if who == "undecided" {
            assert!(body.contains("data-tc-banner ") && body.contains("value=\"/a?b=1\""));
        } else {
            assert!(!body.contains("data-tc-banner "), "{who}");
        }
        // Where a script had to add the one, it has to add the other.
        assert!(body.contains("data-tc-settings"));
    }
    let elsewhere = get("/_consent/banner?next=https%3A%2F%2Fevil.test%2F");
    let answer = exchange(&site.layer, elsewhere, |_| panic!());
    let body = String::from_utf8(read(answer.into_body()).unwrap()).unwrap();
    assert!(body.contains("data-tc-banner") && !body.contains("evil.test"));
    let mut post = get("/_consent/banner");
    *post.method_mut() = http::Method::POST;
    let refused = exchange(&site.layer, post, |_| panic!());
    assert_eq!(refused.status(), 405);
}
