//! What must hold for every input, whoever makes it up.
//!
//! The fuzzers and the ordinary test over the kept corpus share these. All of
//! it goes through the public interface.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, service_fn};
use tower_consent::{
    Category, ConsentLayer, Keyring, ManualClock, Policy, SigningKey, Timestamp, Vendor, catalog,
};

static LAYER: LazyLock<ConsentLayer> = LazyLock::new(|| {
    let policy = Policy::builder("1")
        .site("fuzz.test")
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .vendor(
            Vendor::new("ads", Category::Marketing)
                .first_party()
                .with_purpose("p")
                .with_retention("r")
                .hosts(["ads.test"]),
        )
        .necessary("sid", "session")
        .functional("theme", "theme")
        .build()
        .expect("a valid policy");
    let key = SigningKey::from_bytes(b"0123456789abcdef0123456789abcdef").expect("a long key");
    ConsentLayer::new(policy, Keyring::new(key)).with_clock(ManualClock::new(
        Timestamp::from_unix_seconds(1_800_000_000),
    ))
});

/// The four cookies of a visitor who accepted everything, each as `name=token`.
static ACCEPTED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let answer = post(b"choice=accept", "application/x-www-form-urlencoded");
    answer
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| {
            let line = line.to_str().expect("text");
            line.split(';').next().expect("a pair").to_owned()
        })
        .collect()
});

fn drive<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("nothing in here has to wait for anything");
}

fn post(body: &[u8], content_type: &'static str) -> Response<()> {
    let app = service_fn(|_: Request<Full<Bytes>>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))))
    });
    let request = Request::post("/_consent/choice")
        .header(HOST, "fuzz.test")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, content_type)
        .body(Full::new(Bytes::copy_from_slice(body)))
        .expect("a request");
    let Ok(answer) = drive(LAYER.layer(app).call(request));
    answer.map(drop)
}

/// The pairs of a header, as its bytes stand.
fn pairs(header: &[u8]) -> Vec<&[u8]> {
    header
        .split(|byte| *byte == b';')
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
        .collect()
}

/// No made-up `Cookie` header grants, and what is not denied keeps its bytes and its order.
pub fn cookie_header(data: &[u8]) {
    let lines: Vec<HeaderValue> = data
        .split(|byte| *byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let mut request = Request::new(Full::new(Bytes::new()));
    for line in &lines {
        request.headers_mut().append(COOKIE, line.clone());
    }
    let consent = LAYER.consent(request.headers());
    let signed = ACCEPTED.iter().any(|pair| memmem(data, pair.as_bytes()));
    assert!(consent.granted().is_empty() || signed);

    let seen: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let app = service_fn(|request: Request<Full<Bytes>>| {
        let values = request.headers().get_all(COOKIE).iter();
        *seen.lock().expect("one thread") = values.map(|value| value.as_bytes().to_vec()).collect();
        std::future::ready(Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))))
    });
    let Ok(_) = drive(LAYER.layer(app).call(request));
    let seen = seen.lock().expect("one thread");
    let mut before = lines.iter().flat_map(|line| pairs(line.as_bytes()));
    for pair in seen.iter().flat_map(|line| pairs(line)) {
        assert!(
            before.any(|known| known == pair),
            "a pair was changed or moved"
        );
        if !signed {
            assert!(!pair.starts_with(b"_ga=") && !pair.starts_with(b"_fbp="));
        }
    }
}

fn memmem(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}

/// No token but the one that was signed grants, whichever of the four it stands in for.
pub fn token(data: &[u8]) {
    let Some((first, text)) = data.split_first() else {
        return;
    };
    let place = usize::from(first % 4);
    let Some((name, genuine)) = ACCEPTED[place].split_once('=') else {
        return;
    };
    let mut line = Vec::new();
    for (at, pair) in ACCEPTED.iter().enumerate() {
        if at > 0 {
            line.extend_from_slice(b"; ");
        }
        if at == place {
            line.extend_from_slice(name.as_bytes());
            line.push(b'=');
            line.extend_from_slice(text);
        } else {
            line.extend_from_slice(pair.as_bytes());
        }
    }
    let Ok(line) = HeaderValue::from_bytes(&line) else {
        return;
    };
    // A separator in the text makes it more than one cookie.
    if text.contains(&b';') || text.trim_ascii() == genuine.as_bytes() {
        return;
    }
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, line);
    let consent = LAYER.consent(&headers);
    let category = Category::ALL[place];
    if category == Category::Necessary {
        assert!(consent.granted().is_empty());
    } else {
        assert!(!consent.allows(category));
    }
}

/// Every posted body is a choice or an error that says so, and an error stores nothing.
pub fn choice_body(data: &[u8]) {
    for content_type in ["application/x-www-form-urlencoded", "application/json"] {
        let answer = post(data, content_type);
        let stored = answer.headers().get_all(SET_COOKIE).iter().count();
        match answer.status().as_u16() {
            200 | 303 => assert_eq!(stored, 4),
            400 | 413 => assert_eq!(stored, 0),
            status => panic!("{status}"),
        }
    }
}

/// However a page is cut into pieces, the same bytes come out.
pub fn html(data: &[u8]) {
    let Some((first, page)) = data.split_first() else {
        return;
    };
    let whole = gated(&[page]);
    let size = usize::from(*first).max(1);
    let pieces: Vec<&[u8]> = page.chunks(size).collect();
    assert!(gated(&pieces) == whole, "the pieces came out differently");
}

/// A body that comes in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// What a visitor without a choice gets of the page; `None` where it ended in an error.
fn gated(pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let app = service_fn(|_: Request<Full<Bytes>>| {
        let body = pieces.iter().map(|piece| Bytes::copy_from_slice(piece));
        let mut response = Response::new(Pieces(body.collect()));
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let Ok(response) = drive(LAYER.layer(app).call(Request::new(Full::new(Bytes::new()))));
    let collected = drive(response.into_body().collect()).ok()?;
    Some(collected.to_bytes().to_vec())
}
