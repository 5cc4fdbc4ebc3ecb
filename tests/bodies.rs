//! Proves that bodies flow through whole, in bounded memory, and never end well where something went wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::error::Error as _;
use std::pin::pin;

use bytes::Bytes;
use html_common::{Broken, Pieces, Site, count, frame, get_with, is_gate_error, read};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::Body;
use tower::{Layer, Service, ServiceBuilder, service_fn};
use tower_consent::{BodyError, ConsentBody};
use tower_http::compression::CompressionLayer;

/// What one response may hold in memory: the tokenizer's share and what is
/// held back for a verdict, with room for the chunk in hand.
const MEMORY: usize = 12 * 1024 * 1024;

fn visitors(site: &Site) -> Vec<(&'static str, String)> {
    vec![
        ("undecided", String::new()),
        ("refused", site.refused()),
        ("granted", site.granted()),
    ]
}

// ---- Streaming ----

// covers behaviour 73
#[test]
fn a_slow_page_comes_out_piece_by_piece() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        let mut pieces = vec!["<!doctype html><html><body><ul>".to_owned()];
        pieces.extend((0..20).map(|at| format!("<li class=\"a\">Item {at} &amp; more</li>")));
        let body = Pieces::of(&pieces);
        let source = body.clone();
        let mut body = pin!(site.html("text/html", &cookies, body).into_body());
        let mut sent = 0;
        let mut came = 0;
        for (number, piece) in pieces.iter().enumerate() {
            let data = frame(body.as_mut()).unwrap().unwrap().into_data().unwrap();
            sent += piece.len();
            came += data.len();
            assert_eq!(
                source.taken(),
                number + 1,
                "{who}: one piece in, one piece out"
            );
            // The banner only makes it more.
            assert!(came + 256 >= sent, "{who}: {came} of {sent}");
            if (1..20).contains(&number) {
                assert_eq!(data, piece.as_bytes(), "{who}");
            }
        }
    }
}

// covers behaviour 73
#[test]
fn only_what_has_to_be_judged_waits() {
    let site = Site::new();
    let refused = site.refused();
    let pieces = [
        "<p>one</p><img src=\"//ads.te",
        "st/x\"><p>two</p><scr",
        "ipt>fetch(",
        "'//ads.test/x')",
        "</script><p>three</p><noscript><img src=//ads.test/",
        "y></noscript><p>four</p>",
    ];
    let body = site
        .html("text/html", &refused, Pieces::of(&pieces))
        .into_body();
    let mut body = pin!(body);
    let mut came = Vec::new();
    while let Some(frame) = frame(body.as_mut()) {
        came.push(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap());
    }
    assert_eq!(came[0], "<p>one</p>");
    assert!(came[1].ends_with("<p>two</p>"), "{came:?}");
    assert!(
        came[2].contains("text/plain") && came[2].contains("<p>three</p>"),
        "{came:?}"
    );
    assert!(came.last().unwrap().ends_with("<p>four</p>"), "{came:?}");
}

#[test]
fn a_body_that_gives_nothing_for_long_lets_others_run() {
    let site = Site::new();
    let refused = site.refused();
    // A tag in pieces of one byte: a thousand polls with nothing to show for them.
    let page = format!("<img alt=\"{}\" src=\"//ads.test/x\">", "x".repeat(1000));
    let body = Pieces::split(page.as_bytes(), 1);
    let source = body.clone();
    let mut body = pin!(site.html("text/html", &refused, body).into_body());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(body.as_mut().poll_frame(&mut cx).is_pending());
    assert!(source.taken() < 100, "{}", source.taken());
    assert!(frame(body.as_mut()).unwrap().is_ok());
}

// ---- How bodies end ----

// covers behaviour 75
#[test]
fn an_error_of_the_app_stays_an_error_after_what_came_before() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        for content_type in ["text/html", "application/json"] {
            let body = Pieces::of(&["<!doctype html><body><p>a</p>", "<p>b</p>"]).breaking();
            let mut body = pin!(site.html(content_type, &cookies, body).into_body());
            let mut came = String::new();
            let error = loop {
                match frame(body.as_mut()).expect("a page cut off must not seem complete") {
                    Ok(frame) => came += std::str::from_utf8(frame.data_ref().unwrap()).unwrap(),
                    Err(error) => break error,
                }
            };
            assert!(came.ends_with("<p>a</p><p>b</p>"), "{who}: {came}");
            assert_eq!(error.to_string(), Broken.to_string(), "{who}");
            assert_eq!(
                error.source().unwrap().downcast_ref(),
                Some(&Broken),
                "{who}"
            );
            assert!(
                frame(body.as_mut()).is_none(),
                "{who}: nothing follows an error"
            );
            assert!(!is_gate_error(&error));
        }
    }
}

// covers behaviours 71, 75
#[test]
fn an_error_in_the_middle_of_a_tag_does_not_let_the_tag_out() {
    let site = Site::new();
    let refused = site.refused();
    for start in [
        "<img src=\"//ads.test/x\" al",
        "<script>fetch('//ads.test/x')",
        "<noscript><img src=\"//ads.test/x\">",
    ] {
        let body = Pieces::of(&["<p>a</p>", start]).breaking();
        let mut body = pin!(site.html("text/html", &refused, body).into_body());
        let mut came = String::new();
        while let Some(Ok(frame)) = frame(body.as_mut()) {
            came += std::str::from_utf8(frame.data_ref().unwrap()).unwrap();
        }
        assert!(came.starts_with("<p>a</p>"), "{came}");
        assert!(!came.contains("ads.test"), "{came}");
    }
}

#[test]
fn trailers_pass_after_everything_else() {
    let site = Site::with_link();
    let mut trailers = HeaderMap::new();
    trailers.insert("server-timing", HeaderValue::from_static("db;dur=1"));
    for (who, cookies) in visitors(&site) {
        for content_type in ["text/html", "application/json"] {
            let body =
                Pieces::of(&["<!doctype html><body><p>a</p>"]).with_trailers(trailers.clone());
            let mut body = pin!(site.html(content_type, &cookies, body).into_body());
            let mut came = Vec::new();
            let last = loop {
                let frame = frame(body.as_mut()).unwrap().unwrap();
                match frame.into_data() {
                    Ok(data) => came.extend_from_slice(&data),
                    Err(frame) => break frame.into_trailers().unwrap(),
                }
            };
            assert_eq!(last, trailers, "{who}");
            assert!(frame(body.as_mut()).is_none(), "{who}");
            let alone = site.html(
                content_type,
                &cookies,
                Pieces::of(&["<!doctype html><body><p>a</p>"]),
            );
            assert_eq!(came, read(alone.into_body()).unwrap(), "{who}");
        }
    }
}

// covers behaviour 76
#[test]
fn a_body_says_how_long_it_is_only_where_that_is_known() {
    let site = Site::with_link();
    let page = Pieces::of(&["<!doctype html><body>x</body>"]);
    let length = Body::size_hint(&page).exact().unwrap();
    for (who, cookies) in visitors(&site) {
        let json = site
            .html("application/json", &cookies, page.clone())
            .into_body();
        assert_eq!(json.size_hint().exact(), Some(length), "{who}");
        assert!(!json.is_end_stream(), "{who}");
        let html = site.html("text/html", &cookies, page.clone()).into_body();
        assert_eq!(html.size_hint().exact(), None, "{who}");
        assert_eq!(html.size_hint().lower(), 0, "{who}");
        assert!(!html.is_end_stream(), "{who}");
    }
    let empty = site
        .html("application/json", "", Pieces::default())
        .into_body();
    assert!(empty.is_end_stream());
}

#[test]
fn a_finished_body_stays_finished() {
    let site = Site::with_link();
    for (who, cookies) in visitors(&site) {
        let body = site.html(
            "text/html",
            &cookies,
            Pieces::of(&["<!doctype html><body>x"]),
        );
        let mut body = pin!(body.into_body());
        while frame(body.as_mut()).is_some() {}
        for _ in 0..3 {
            assert!(frame(body.as_mut()).is_none(), "{who}");
        }
        assert!(
            body.is_end_stream() || body.size_hint().exact() != Some(1),
            "{who}"
        );
    }
}

// ---- Compression ----

// covers behaviours 69, 70
#[test]
fn a_compression_layer_outside_packs_the_gated_page() {
    let site = Site::with_link();
    let page = format!(
        "<!doctype html><body><script src=\"//ads.test/x\"></script>{}</body>",
        "<p>text</p>".repeat(200)
    );
    let inner = {
        let page = page.clone();
        service_fn(move |request: Request<Pieces>| {
            assert!(!request.headers().contains_key("accept-encoding"));
            let response = Response::builder()
                .header(CONTENT_TYPE, "text/html")
                .body(Pieces::split(page.as_bytes(), 100))
                .unwrap();
            std::future::ready(Ok::<_, std::convert::Infallible>(response))
        })
    };
    let mut service = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(site.layer.clone())
        .service(inner);
    let request = get_with("/", &[("accept-encoding", "gzip"), ("accept", "text/html")]);
    let response = html_common::wait(service.call(request)).unwrap();
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    let mut packed = Vec::new();
    let mut body = pin!(response.into_body());
    while let Some(frame) = frame(body.as_mut()) {
        packed.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    assert!(packed.starts_with(b"\x1f\x8b") && packed.len() < page.len() * 2);
}

// covers behaviours 69, 70
#[test]
fn a_compression_layer_inside_finds_nobody_who_accepts_its_work() {
    let site = Site::new();
    let page = "<!doctype html><body><script src=\"//ads.test/x\"></script></body>";
    let inner = service_fn(move |_: Request<Pieces>| {
        let response = Response::builder()
            .header(CONTENT_TYPE, "text/html")
            .body(Pieces::of(&[page.repeat(100)]))
            .unwrap();
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    });
    let mut service = ServiceBuilder::new()
        .layer(site.layer.clone())
        .layer(CompressionLayer::new())
        .service(inner);
    let request = get_with("/", &[("accept-encoding", "gzip"), ("accept", "text/html")]);
    let response = html_common::wait(service.call(request)).unwrap();
    assert!(!response.headers().contains_key(CONTENT_ENCODING));
    let mut body = pin!(response.into_body());
    let mut came = String::new();
    while let Some(frame) = frame(body.as_mut()) {
        came += std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap();
    }
    assert_eq!(count(&came, "<script src=\"//ads.test/x\"></script>"), 0);
    assert_eq!(count(&came, "data-tc=\"marketing:ads\""), 100);
}

// ---- Hostile pages ----

/// What became of a page: how much came out, and the error that it ended in.
fn outcome(cookies: &str, pieces: &Pieces) -> (Vec<u8>, Option<BodyError>) {
    let site = Site::new();
    let mut body = pin!(site.html("text/html", cookies, pieces.clone()).into_body());
    let mut came = Vec::new();
    while let Some(frame) = frame(body.as_mut()) {
        match frame {
            Ok(frame) => came.extend_from_slice(frame.data_ref().unwrap()),
            Err(error) => return (came, Some(error)),
        }
    }
    (came, None)
}

/// A page of this text in pieces of 64 KiB.
fn large(text: &str) -> Pieces {
    Pieces::split(text.as_bytes(), 64 * 1024)
}

// covers behaviours 72, 74
#[test]
fn a_page_that_outgrows_memory_ends_in_an_error_and_not_in_raw_markup() {
    let filler = "x".repeat(10 * 1024 * 1024);
    for (name, page) in [
        (
            "an attribute of 10 MB",
            format!("<p>a</p><img alt=\"{filler}\" src=\"//ads.test/x\">"),
        ),
        (
            "a tag that never ends",
            format!("<p>a</p><img src=\"//ads.test/x\" {filler}"),
        ),
        (
            "a noscript that never ends",
            format!("<p>a</p><noscript><img src=\"//ads.test/x\">{filler}"),
        ),
        (
            "a million attributes",
            format!(
                "<p>a</p><img src=\"//ads.test/x\" {}>",
                "a b=c ".repeat(500_000)
            ),
        ),
        (
            "a noscript of 10 MB",
            format!("<p>a</p><noscript><img src=\"//ads.test/x\">{filler}</noscript>"),
        ),
    ] {
        let (came, error) = outcome("", &large(&page));
        let error = error.unwrap_or_else(|| panic!("{name} came through"));
        assert!(is_gate_error(&error), "{name}: {error}");
        let came = String::from_utf8_lossy(&came);
        assert!(!came.contains("ads.test"), "{name}");
        assert!(came.len() < MEMORY, "{name}");
    }
}

// covers behaviour 74
#[test]
fn endless_nesting_is_bounded() {
    for element in [
        "<div>",
        "<svg>",
        "<b><p>",
        "<iframe>",
        "<template>",
        "<table><tr><td>",
    ] {
        let page = format!("{}<img src=\"//ads.test/x\">", element.repeat(400_000));
        let (came, error) = outcome("", &large(&page));
        if let Some(error) = error {
            assert!(is_gate_error(&error), "{element}: {error}");
        }
        let tail = String::from_utf8_lossy(&came[came.len().saturating_sub(200)..]).into_owned();
        assert!(
            !tail.contains("<img src=") || element == "<iframe>",
            "{element}: {tail}"
        );
    }
}

// covers behaviour 74
#[test]
fn a_large_page_of_small_things_comes_through_whole() {
    let site = Site::new();
    let refused = site.refused();
    for part in [
        "<p class=\"a\">text &amp; more</p>\n",
        "plain text without any markup ",
        "< < < <! <!- </ <a ",
        "<!-- comment --><![CDATA[ x ]]>",
        "<script>ok()</script>",
        "<noscript><p>a</p></noscript>",
        "<style>p{}</style><textarea></p></textarea>",
    ] {
        let page = part.repeat(2 * 1024 * 1024 / part.len());
        let body = site.html("text/html", &refused, large(&page)).into_body();
        assert!(read(body).unwrap() == page.as_bytes(), "{part}");
    }
}

#[test]
fn a_script_without_end_flows_after_a_while() {
    let site = Site::new();
    let refused = site.refused();
    let page = format!("<p>a</p><script>{}", "a();\n".repeat(400_000));
    let body = site.html("text/html", &refused, large(&page)).into_body();
    assert!(read(body).unwrap() == page.as_bytes());
}

#[test]
fn documents_inside_of_documents_are_followed_only_so_far_and_then_put_aside() {
    let mut inner = "<img src=//ads.test/x>".to_owned();
    for _ in 0..6 {
        inner = format!(
            "<iframe srcdoc=\"{}\"></iframe>",
            inner.replace('&', "&amp;").replace('"', "&quot;")
        );
    }
    let (came, error) = outcome("", &large(&inner));
    assert!(error.is_none());
    let came = String::from_utf8(came).unwrap();
    assert!(came.contains(" data-tc-srcdoc=\"<iframe "), "{came}");
    // A harmless one that deep is put aside too: it was not looked at.
    let mut inner = "<p>x</p>".to_owned();
    for _ in 0..3 {
        inner = format!(
            "<iframe srcdoc=\"{}\"></iframe>",
            inner.replace('&', "&amp;").replace('"', "&quot;")
        );
    }
    let (came, _) = outcome("", &large(&inner));
    assert_eq!(String::from_utf8(came).unwrap(), inner);
}

// ---- Any body ----

// covers behaviour 54
#[test]
fn what_is_no_page_is_not_even_copied() {
    let site = Site::with_link();
    let data = Bytes::from_static(b"{\"a\": 1}");
    let request = get_with("/", &[(COOKIE.as_str(), &site.refused())]);
    let response = site.respond(request, || {
        Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .body(Pieces::of(&[b"{\"a\": 1}"]))
            .unwrap()
    });
    assert!(
        !response
            .headers()
            .contains_key(HeaderName::from_static("vary"))
    );
    let mut body = pin!(response.into_body());
    assert_eq!(
        frame(body.as_mut()).unwrap().unwrap().into_data().unwrap(),
        data
    );
}

#[test]
fn the_body_is_send_and_sync_and_its_error_is_an_error() {
    fn is<T: Send + Sync + 'static>() {}
    is::<ConsentBody<Pieces>>();
    is::<BodyError>();
    fn is_error<T: std::error::Error + Into<Box<dyn std::error::Error + Send + Sync>>>() {}
    is_error::<BodyError>();
    let site = Site::new();
    let layered = site.layer.layer(service_fn(|_: Request<Pieces>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(
            Pieces::default(),
        )))
    }));
    fn is_service<T: Clone + Send + Sync + 'static>(_: T) {}
    is_service(layered);
    is_service(site.layer);
}
