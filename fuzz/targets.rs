//! What must hold whatever bytes arrive. `tests/corpus.rs` replays the kept
//! corpus through the same functions.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::{Body, Frame};
use tower::{Layer, Service, service_fn};
use tower_consent::{
    Category, Choice, Consent, ConsentBody, ConsentLayer, Keyring, ManualClock, Policy, SigningKey,
    Timestamp, Vendor,
};

const NAMES: [&str; 4] = [
    "__Host-Http-consent-necessary",
    "__Host-Http-consent-functional",
    "__Host-Http-consent-analytics",
    "__Host-Http-consent-marketing",
];

// ---- The targets ----

/// `Cookie` headers, one to a line. The bytes 1 to 4, which no header can hold,
/// stand for the four cookies of a visitor who accepted everything, 5 to 8 for
/// the same signed with a key of another site.
pub(crate) fn cookie_header(data: &[u8]) {
    let site = site();
    let mut lines = Vec::new();
    for line in data.split(|byte| *byte == b'\n').take(8) {
        let mut text = Vec::new();
        for byte in line {
            match usize::from(*byte) {
                at @ 1..=4 => text.extend_from_slice(site.own[at - 1].as_bytes()),
                at @ 5..=8 => text.extend_from_slice(site.foreign[at - 5].as_bytes()),
                _ => text.push(*byte),
            }
        }
        lines.extend(HeaderValue::from_bytes(&text).ok());
    }
    let mut request = request(Method::GET, "/", &[]);
    for line in &lines {
        request.headers_mut().append(COOKIE, line.clone());
    }
    let (consent, seen) = ask(request);

    let uses = |at: u8| data.contains(&at);
    for (category, own) in Category::OPTIONAL.into_iter().zip(2u8..) {
        assert!(
            !consent.allows(category) || uses(1) && uses(own),
            "granted without a grant: {category}"
        );
    }
    let kept: Vec<Vec<u8>> = lines
        .iter()
        .filter_map(|line| survivors(line.as_bytes(), &consent))
        .collect();
    let seen: Vec<Vec<u8>> = seen
        .get_all(COOKIE)
        .iter()
        .map(|line| line.as_bytes().to_vec())
        .collect();
    assert_eq!(seen, kept, "other cookies must keep every byte");
}

/// A token that stands in the cookie of the first byte's category, made from
/// the visitor's own of the second byte's: the third says whether the rest
/// replaces it or changes single bytes of it, each by its place and a mask.
pub(crate) fn token(data: &[u8]) {
    let [category, from, how, rest @ ..] = data else {
        return;
    };
    let site = site();
    let (category, from) = (usize::from(category % 4), usize::from(from % 4));
    let own = value_of(site.own[from]);
    let token = if how % 2 == 0 {
        rest.to_vec()
    } else {
        let mut token = own.as_bytes().to_vec();
        for change in rest.chunks_exact(2) {
            let at = usize::from(change[0]) % token.len();
            token[at] ^= change[1];
        }
        token
    };
    let mut line = Vec::new();
    for (at, name) in NAMES.iter().enumerate() {
        if at == category {
            line.extend_from_slice(name.as_bytes());
            line.push(b'=');
            line.extend_from_slice(&token);
        } else {
            line.extend_from_slice(site.own[at].as_bytes());
        }
        line.extend_from_slice(b"; ");
    }
    let Ok(line) = HeaderValue::from_bytes(&line) else {
        return;
    };
    // A semicolon, or a blank at an end, is not part of a value.
    let trimmed: &[u8] = trim(&token);
    if token.contains(&b';') || trimmed != token {
        return;
    }
    let mut request = request(Method::GET, "/", &[]);
    request.headers_mut().append(COOKIE, line);
    let (consent, _) = ask(request);
    let genuine = token == value_of(site.own[category]).as_bytes();
    for (at, optional) in (1..).zip(Category::OPTIONAL) {
        let expected = genuine || category != 0 && category != at;
        assert_eq!(consent.allows(optional), expected, "{optional}");
    }
}

/// A posted choice. The first byte says in which format and in how large
/// pieces it comes.
pub(crate) fn choice_body(data: &[u8]) {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let content_type = match first % 4 {
        0 => "application/x-www-form-urlencoded",
        1 => "application/json",
        2 => "Application/JSON; charset=utf-8",
        _ => "text/plain",
    };
    let mut request = request(
        Method::POST,
        "/_consent/choice",
        &[
            ("content-type", content_type),
            ("sec-fetch-site", "same-origin"),
        ],
    );
    *request.body_mut() = Pieces::split(body, 1 + usize::from(first >> 2) * 8);
    let response = send(request, |_| panic!("the app was asked"));
    let status = response.status().as_u16();
    assert!(
        matches!(status, 200 | 303 | 400 | 413 | 415),
        "answered {status}"
    );
    let headers = response.headers().clone();
    assert_eq!(headers[CACHE_CONTROL], "private, no-store");
    let cookies: Vec<&str> = headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| line.to_str().unwrap_or_default())
        .filter(|line| NAMES.iter().any(|name| line.starts_with(name)))
        .map(|line| line.split(';').next().unwrap_or_default())
        .collect();
    if !matches!(status, 200 | 303) {
        assert!(cookies.is_empty(), "an error stored a choice");
        return;
    }
    if let Some(location) = headers.get(LOCATION) {
        let location = location.as_bytes();
        assert!(location.starts_with(b"/") && !location.starts_with(b"//"));
        assert!(!location.contains(&b'\\'));
    }
    assert!(cookies.len() == 4 || cookies.is_empty(), "half a choice");
    let wished = if first % 4 == 0 {
        wished_by_form(body)
    } else {
        wished_by_json(body)
    };
    let mut request = self::request(Method::GET, "/", &[]);
    if let Ok(line) = HeaderValue::from_str(&cookies.join("; ")) {
        request.headers_mut().append(COOKIE, line);
    }
    let (consent, _) = ask(request);
    for category in Category::OPTIONAL {
        assert!(
            !consent.allows(category) || wished.contains(category.as_str()),
            "granted without a wish: {category}"
        );
    }
}

/// A page. The first byte says who asks, the second in how large pieces it comes.
pub(crate) fn html(data: &[u8]) {
    let [who, length, page @ ..] = data else {
        return;
    };
    let site = site();
    let cookies = match who % 4 {
        0 => String::new(),
        1 => site.refused.clone(),
        2 => [site.own[0], site.own[2]].join("; "),
        _ => site.own.join("; "),
    };
    let receive = |pieces: &Pieces| {
        let request = request(Method::GET, "/", &[("cookie", &cookies)]);
        let response = send(request, |_| {
            let mut response = Response::new(pieces.clone());
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        });
        read(response.into_body())
    };
    let whole = receive(&Pieces::split(page, page.len()));
    let pieces = receive(&Pieces::split(page, 1 + usize::from(*length)));
    assert_eq!(whole.is_some(), pieces.is_some());
    if let (Some(whole), Some(pieces)) = (whole, pieces) {
        assert!(
            whole == pieces,
            "{}\n\n{}",
            String::from_utf8_lossy(&whole),
            String::from_utf8_lossy(&pieces)
        );
        if who % 4 == 3 {
            assert!(whole.starts_with(page), "nothing is denied to this visitor");
        }
    }
}

// ---- The site ----

struct Site {
    layer: ConsentLayer,
    /// `name=value` of the cookies of a visitor who accepted everything.
    own: [&'static str; 4],
    /// The same, signed with another key.
    foreign: [&'static str; 4],
    /// The cookies of a visitor who refused everything.
    refused: String,
}

fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let layer = layer(b"0123456789abcdef0123456789abcdef");
        let foreign = layer_cookies(
            &self::layer(b"fedcba9876543210fedcba9876543210"),
            Choice::accept_all(),
        );
        Site {
            own: layer_cookies(&layer, Choice::accept_all()),
            foreign,
            refused: layer_cookies(&layer, Choice::reject_all()).join("; "),
            layer,
        }
    })
}

fn layer(key: &[u8]) -> ConsentLayer {
    let vendor = |id: &str, category| {
        Vendor::new(id, category)
            .first_party()
            .with_purpose("p")
            .with_retention("r")
    };
    let policy = Policy::builder("1")
        .vendor(
            vendor("stats", Category::Analytics)
                .hosts(["stats.test"])
                .cookies(["_stats", "_stats_*"]),
        )
        .vendor(
            vendor("ads", Category::Marketing)
                .hosts(["ads.test"])
                .cookies(["_ads"]),
        )
        .vendor(vendor("video", Category::Functional).hosts(["video.test"]))
        .necessary("sid", "Keeps you signed in")
        .without_catalog()
        .build()
        .unwrap_or_else(|problems| panic!("{problems}"));
    let key = SigningKey::from_bytes(key).unwrap_or_else(|problem| panic!("{problem}"));
    ConsentLayer::new(policy, Keyring::new(key)).with_clock(ManualClock::new(
        Timestamp::from_unix_seconds(1_800_000_000),
    ))
}

/// Leaked once for the whole run, which keeps the targets free of lifetimes.
fn layer_cookies(layer: &ConsentLayer, choice: Choice) -> [&'static str; 4] {
    let response = send_through(layer, request(Method::GET, "/", &[]), |_| {
        let mut response = Response::new(Pieces::default());
        response.extensions_mut().insert(choice.clone());
        response
    });
    let mut cookies = [""; 4];
    for (to, line) in cookies
        .iter_mut()
        .zip(response.headers().get_all(SET_COOKIE))
    {
        let pair = line.to_str().unwrap_or_default().split(';').next();
        *to = String::leak(pair.unwrap_or_default().to_owned());
    }
    cookies
}

// ---- What should come out ----

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

fn value_of(pair: &str) -> &str {
    pair.split_once('=').map_or("", |(_, value)| value)
}

/// What the app should see of a `Cookie` header; `None` where nothing is left.
fn survivors(line: &[u8], consent: &Consent) -> Option<Vec<u8>> {
    let pairs: Vec<&[u8]> = line
        .split(|byte| *byte == b';')
        .map(trim)
        .filter(|pair| !pair.is_empty())
        .collect();
    let is_denied = |pair: &&[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=');
        let name = at.map_or(&b""[..], |at| trim(&pair[..at]));
        match name {
            b"_ads" => !consent.allows(Category::Marketing),
            _ if name == b"_stats" || name.starts_with(b"_stats_") => {
                !consent.allows(Category::Analytics)
            }
            _ => false,
        }
    };
    if !pairs.iter().any(is_denied) {
        return Some(line.to_vec());
    }
    let kept: Vec<&[u8]> = pairs.into_iter().filter(|pair| !is_denied(pair)).collect();
    (!kept.is_empty()).then(|| kept.join(&b"; "[..]))
}

fn wished_by_form(body: &[u8]) -> BTreeSet<String> {
    let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let chose = |act: &str| {
        fields
            .iter()
            .any(|(name, value)| name == "choice" && value == act)
    };
    if chose("accept") {
        return all();
    }
    fields
        .iter()
        .filter(|(_, value)| chose("save") && value == "on")
        .map(|(name, _)| name.clone())
        .collect()
}

fn wished_by_json(body: &[u8]) -> BTreeSet<String> {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match json["choice"].as_str() {
        Some("accept") => all(),
        Some("save") => json["categories"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, granted)| granted.as_bool() == Some(true))
            .map(|(category, _)| category.clone())
            .collect(),
        _ => BTreeSet::new(),
    }
}

fn all() -> BTreeSet<String> {
    Category::OPTIONAL
        .iter()
        .map(|category| category.as_str().to_owned())
        .collect()
}

// ---- Plumbing: everything is ready at once, so no runtime is needed ----

fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Pieces> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "shop.test");
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    request
        .body(Pieces::default())
        .unwrap_or_else(|problem| panic!("{problem}"))
}

/// The consent that the app reads, and the headers that it sees.
fn ask(request: Request<Pieces>) -> (Consent, HeaderMap) {
    let seen = Arc::new(Mutex::new(None));
    let to = seen.clone();
    send(request, move |request| {
        let consent = request.extensions().get::<Consent>().cloned();
        if let (Some(consent), Ok(mut to)) = (consent, to.lock()) {
            *to = Some((consent, request.headers().clone()));
        }
        Response::new(Pieces::default())
    });
    let mut seen = seen.lock().unwrap_or_else(|lock| lock.into_inner());
    seen.take()
        .unwrap_or_else(|| panic!("the app was not asked"))
}

fn send(
    request: Request<Pieces>,
    app: impl Fn(Request<Pieces>) -> Response<Pieces>,
) -> Response<ConsentBody<Pieces>> {
    send_through(&site().layer, request, app)
}

fn send_through(
    layer: &ConsentLayer,
    request: Request<Pieces>,
    app: impl Fn(Request<Pieces>) -> Response<Pieces>,
) -> Response<ConsentBody<Pieces>> {
    let mut service = layer.layer(service_fn(|request| {
        std::future::ready(Ok::<_, Infallible>(app(request)))
    }));
    match wait(service.call(request)) {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("the future waits for something that never comes");
}

/// All data of a body; `None` where it ends in an error.
fn read(body: ConsentBody<Pieces>) -> Option<Vec<u8>> {
    let mut body = std::pin::pin!(body);
    let mut out = Vec::new();
    while let Some(frame) = wait(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx))) {
        out.extend_from_slice(&frame.ok()?.into_data().unwrap_or_default());
    }
    Some(out)
}

/// A body of chosen pieces.
#[derive(Clone, Default)]
struct Pieces(VecDeque<Bytes>);

impl Pieces {
    fn split(text: &[u8], length: usize) -> Self {
        let pieces = text.chunks(length.max(1));
        Self(pieces.map(Bytes::copy_from_slice).collect())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }
}
