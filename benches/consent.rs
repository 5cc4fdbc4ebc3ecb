//! Proves what the layer costs, each figure as a ratio within one run.
//!
//! Time is the thread's CPU time. The cases of a group take turns in every
//! round, in rotated order, so that what slows the machine slows all of them; a
//! ratio is the median of the rounds' ratios. `cargo bench` prints the table.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and panics where its set-up is wrong"
)]

mod common;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, Key, SignedCookieJar};
use bytes::Bytes;
use common::{is_bench, median, wait};
use cpu_time::ThreadTime;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use lol_html::Selector;
use lol_html::send::{ElementContentHandlers, HtmlRewriter, Settings};
use tokio::net::{TcpListener, TcpStream};
use tower::layer::layer_fn;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_consent::{
    Category, Choice, Consent, ConsentLayer, Keyring, Policy, SigningKey, Vendor, catalog,
};
use tower_cookies::{CookieManagerLayer, Cookies};

const NAMES: [&str; 4] = [
    "consent-necessary",
    "consent-functional",
    "consent-analytics",
    "consent-marketing",
];
/// As long as one of the layer's own tokens without its signature.
const PAYLOAD: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// Cases that are measured together, over so many rounds.
type Group = fn(usize);

fn main() {
    let rounds = if is_bench() { 201 } else { 3 };
    println!("{:<58} {:>9} {:>8} {:>8}", "", "ns", "ratio", "target");
    let groups: [(&str, Group); 6] = [
        ("decision", decision),
        ("responses", responses),
        ("signal", signal),
        ("pages", pages),
        ("served", served),
        ("long", long_pages),
    ];
    // `cargo bench --bench consent -- pages served` runs those alone.
    let named: Vec<String> = std::env::args().skip(1).collect();
    let all = !groups
        .iter()
        .any(|(name, _)| named.iter().any(|one| one == name));
    for (name, run) in groups {
        if all || named.iter().any(|one| one == name) {
            run(rounds);
        }
    }
}

// ---- Measuring ----

struct Case<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

fn case<'a, T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Case<'a> {
    Case {
        name,
        run: Box::new(move || {
            black_box(run());
        }),
    }
}

/// The times of one run of each case, by round.
struct Times {
    rounds: Vec<Vec<f64>>,
}

impl Times {
    fn of(cases: &mut [Case<'_>], rounds: usize) -> Self {
        let counts: Vec<u32> = cases.iter_mut().map(calibrate).collect();
        let rounds = (0..rounds)
            .map(|round| {
                let mut times = vec![0.0; cases.len()];
                for turn in 0..cases.len() {
                    let at = (round + turn) % cases.len();
                    times[at] = time(&mut cases[at], counts[at]);
                }
                times
            })
            .collect();
        Self { rounds }
    }

    /// The median over all rounds of what `figure` makes of a round.
    fn median(&self, figure: impl Fn(&[f64]) -> f64) -> f64 {
        median(self.rounds.iter().map(|round| figure(round)).collect())
    }

    fn row(&self, name: &str, nanoseconds: f64, ratio: f64, target: Option<f64>) {
        let verdict = match target {
            Some(target) if ratio <= target => format!("{target:>8.2}  ok"),
            Some(target) => format!("{target:>8.2}  over"),
            None => String::new(),
        };
        println!("{name:<58} {nanoseconds:>9.0} {ratio:>8.3} {verdict}");
    }
}

/// How often a case fits into about a third of a millisecond.
fn calibrate(case: &mut Case<'_>) -> u32 {
    let mut count = 1;
    while time(case, count) * f64::from(count) < 300_000.0 && count < 1 << 20 {
        count *= 2;
    }
    count
}

/// Nanoseconds of CPU time for one run, over `count` of them.
fn time(case: &mut Case<'_>, count: u32) -> f64 {
    let start = ThreadTime::now();
    for _ in 0..count {
        (case.run)();
    }
    let elapsed: Duration = start.elapsed();
    elapsed.as_nanos() as f64 / f64::from(count)
}

/// Reads a body to its end; its length.
fn drain<B: Body>(body: B) -> usize
where
    B::Data: bytes::Buf,
{
    let mut body = std::pin::pin!(body);
    let mut length = 0;
    while let Some(Ok(frame)) = wait(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx))) {
        if let Some(data) = frame.data_ref() {
            length += bytes::Buf::remaining(data);
        }
    }
    length
}

// ---- The site ----

fn layer() -> ConsentLayer {
    let own = |id: &str, category| {
        Vendor::new(id, category)
            .first_party()
            .with_purpose("p")
            .with_retention("r")
    };
    let mut policy = Policy::builder("2026-09-01")
        .site("shop.example")
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .vendor(own("chat", Category::Functional).hosts(["chat.example.net"]));
    for (name, _) in OTHERS {
        policy = policy.necessary(*name, "The site needs it");
    }
    let key = SigningKey::from_bytes(b"0123456789abcdef0123456789abcdef").unwrap();
    ConsentLayer::new(policy.build().unwrap(), Keyring::new(key))
}

/// The six cookies that every visitor brings.
const OTHERS: &[(&str, usize)] = &[
    ("session", 180),
    ("cart", 64),
    ("csrftoken", 64),
    ("lang", 5),
    ("theme", 5),
    ("ab", 120),
];

fn others() -> String {
    let pairs: Vec<String> = OTHERS
        .iter()
        .map(|(name, length)| format!("{name}={}", "v".repeat(*length)))
        .collect();
    pairs.join("; ")
}

/// The `name=value` of every `Set-Cookie` line.
fn stored(headers: &HeaderMap) -> String {
    let pairs: Vec<&str> = headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| line.to_str().unwrap().split(';').next().unwrap())
        .collect();
    pairs.join("; ")
}

/// What a browser stores after this choice.
fn chosen(layer: &ConsentLayer, choice: &Choice) -> String {
    chosen_under(layer, choice, false)
}

/// The same after a choice with Global Privacy Control on or off.
fn chosen_under(layer: &ConsentLayer, choice: &Choice, gpc: bool) -> String {
    let choice = choice.clone();
    let mut service = layer.layer(service_fn(move |_: Request<Empty<Bytes>>| {
        let mut response = Response::new(AxumBody::empty());
        response.extensions_mut().insert(choice.clone());
        std::future::ready(Ok::<_, Infallible>(response))
    }));
    let mut request = Request::new(Empty::<Bytes>::new());
    if gpc {
        let on = HeaderValue::from_static("1");
        request.headers_mut().insert("sec-gpc", on);
    }
    stored(wait(service.call(request)).unwrap().headers())
}

/// Four cookies as axum-extra signs them.
fn extra_cookies(key: &Key) -> String {
    let jar = NAMES
        .iter()
        .fold(SignedCookieJar::new(key.clone()), |jar, name| {
            jar.add(Cookie::new(*name, PAYLOAD))
        });
    stored(jar.into_response().headers())
}

/// Four cookies as tower-cookies signs them.
fn tower_cookies(key: &Key) -> String {
    let key = key.clone();
    let mut service =
        CookieManagerLayer::new().layer(service_fn(move |request: Request<Empty<Bytes>>| {
            let cookies: Cookies = request.extensions().get::<Cookies>().unwrap().clone();
            for name in NAMES {
                cookies.signed(&key).add(Cookie::new(name, PAYLOAD));
            }
            std::future::ready(Ok::<_, Infallible>(Response::new(())))
        }));
    stored(
        wait(service.call(Request::new(Empty::<Bytes>::new())))
            .unwrap()
            .headers(),
    )
}

fn parts(cookies: &str) -> Parts {
    let mut request = Request::builder()
        .uri("/api/products?page=2")
        .header(HOST, "shop.example")
        .header(ACCEPT, "application/json")
        .header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        )
        .header("accept-language", "en-GB,en;q=0.7")
        .header("sec-fetch-dest", "empty")
        .header("sec-fetch-mode", "cors")
        .header("sec-fetch-site", "same-origin");
    if !cookies.is_empty() {
        request = request.header(COOKIE, cookies);
    }
    request.body(()).unwrap().into_parts().0
}

fn with_others(four: &str) -> String {
    format!("{}; {four}", others())
}

// ---- From header bytes to a decision ----

fn decision(rounds: usize) {
    let layer = layer();
    let key = Key::generate();
    let tower_key = Key::generate();
    let ours = with_others(&chosen(&layer, &Choice::accept_all()));
    let extra = with_others(&extra_cookies(&key));
    let tower = with_others(&tower_cookies(&tower_key));
    println!(
        "\nFour signed cookies among ten, from header bytes to a decision ({}, {} and {} bytes)",
        ours.len(),
        extra.len(),
        tower.len()
    );
    println!(
        "tower-cookies only comes as a layer: its figure is that around an empty service, less"
    );
    println!("the same service with a layer that does nothing.");

    let app = |request: Request<Empty<Bytes>>| {
        black_box(&request);
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    };
    let reading = {
        let key = tower_key.clone();
        move |request: Request<Empty<Bytes>>| {
            let cookies = request.extensions().get::<Cookies>().unwrap();
            let signed = cookies.signed(&key);
            assert!(NAMES.iter().all(|name| signed.get(name).is_some()));
            std::future::ready(Ok::<_, Infallible>(Response::new(())))
        }
    };
    let call = |service: &mut dyn FnMut(Request<Empty<Bytes>>), parts: &Parts| {
        service(Request::from_parts(parts.clone(), Empty::new()));
    };
    let mut with_noop = layer_fn(|inner| inner).layer(service_fn(app));
    let mut with_manager = CookieManagerLayer::new().layer(service_fn(reading));
    let (ours, extra, tower) = (parts(&ours), parts(&extra), parts(&tower));
    let mut cases = [
        case("a layer that does nothing", || {
            call(&mut |request| drop(wait(with_noop.call(request))), &ours);
        }),
        case("this layer", || {
            let consent = layer.consent(&ours.headers);
            assert!(Category::OPTIONAL.iter().all(|one| consent.allows(*one)));
        }),
        case("axum-extra: SignedCookieJar::from_headers, get", || {
            let jar = SignedCookieJar::from_headers(&extra.headers, key.clone());
            assert!(NAMES.iter().all(|name| jar.get(name).is_some()));
        }),
        case("tower-cookies: its layer, signed().get", || {
            call(
                &mut |request| drop(wait(with_manager.call(request))),
                &tower,
            );
        }),
    ];
    let times = Times::of(&mut cases, rounds);
    let added = |round: &[f64]| round[1];
    times.row(cases[2].name, times.median(|round| round[2]), 1.0, None);
    let manager = |round: &[f64]| round[3] - round[0];
    times.row(
        cases[3].name,
        times.median(manager),
        times.median(|round| manager(round) / round[2]),
        None,
    );
    times.row(
        "this layer / axum-extra",
        times.median(added),
        times.median(|round| added(round) / round[2]),
        Some(0.12),
    );
    times.row(
        "this layer / tower-cookies",
        times.median(added),
        times.median(|round| added(round) / manager(round)),
        Some(0.12),
    );
}

// ---- Around a response that is no page ----

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

fn responses(rounds: usize) {
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

// ---- Around a page ----

/// About 56 KB with 39 elements that may fetch, 8 of which belong to trackers.
fn page() -> Bytes {
    rendered().into()
}

/// The same as an app writes it for each request.
fn rendered() -> String {
    let mut page = String::with_capacity(60_000);
    page += "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title>\
        <link rel=\"canonical\" href=\"https://shop.example/\">\
        <link rel=\"preconnect\" href=\"https://www.google-analytics.com\">\
        <link rel=\"stylesheet\" href=\"/assets/shop.css\"><link rel=\"icon\" href=\"/favicon.ico\">\
        <script async src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\
        <script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());</script>\
        <script>(function(d){var s=d.createElement('script');s.src='https://connect.facebook.net/en_US/fbevents.js';d.head.appendChild(s)})(document);</script>\
        <script src=\"/assets/shop.js\" defer></script></head><body><header><nav><ul>";
    for at in 0..12 {
        page +=
            &format!("<li class=\"nav-item\"><span data-to=\"/c/{at}\">Category {at}</span></li>");
    }
    page += "</ul></nav></header><main>\
        <noscript><img height=\"1\" width=\"1\" alt=\"\" src=\"https://www.facebook.com/tr?id=1&amp;noscript=1\"></noscript>";
    for at in 0..24 {
        page += &format!(
            "<article class=\"product product--card\" data-sku=\"SKU-{at:05}\"><h2 class=\"product__name\">Product number {at}</h2>\
             <img class=\"product__image\" loading=\"lazy\" width=\"320\" height=\"240\" alt=\"Product {at}\" src=\"/images/{at}.webp\">"
        );
        for line in 0..12 {
            page += &format!(
                "<p class=\"product__text product__text--{line}\">Lorem ipsum dolor sit amet, <em>consectetur</em> adipiscing elit, sed do <strong>eiusmod</strong> tempor ut labore.</p>"
            );
        }
        page += "<div class=\"product__buy\"><button type=\"button\" class=\"button\">Add to basket</button></div></article>";
    }
    for address in [
        "https://www.google-analytics.com/collect?v=1",
        "https://www.facebook.com/tr?id=1",
        "https://bat.bing.com/action/0?ti=1",
    ] {
        page += &format!("<img width=\"1\" height=\"1\" alt=\"\" src=\"{address}\">");
    }
    page += "<iframe width=\"560\" height=\"315\" src=\"https://www.youtube.com/embed/1\" title=\"How we make it\"></iframe>";
    page + "</main><footer><p>Imprint</p></footer></body></html>"
}

/// A body in pieces of 16 KiB.
struct Pieces(VecDeque<Bytes>);

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

fn pages(rounds: usize) {
    let page = page();
    let pieces: VecDeque<Bytes> = page
        .chunks(16 * 1024)
        .map(|piece| page.slice_ref(piece))
        .collect();
    println!(
        "\nHTML, a page of {} bytes in pieces of 16 KiB, against lol_html with the same selectors",
        page.len()
    );
    let layer = layer();
    let html = pieces.clone();
    let mut app = service_fn(move |_: Request<Empty<Bytes>>| {
        let mut response = Response::new(Pieces(html.clone()));
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let mut gated = layer.layer(app.clone());
    let document = |cookies: &str| {
        let mut parts = parts(cookies);
        parts
            .headers
            .insert(ACCEPT, HeaderValue::from_static("text/html"));
        parts
    };
    let undecided = document(&others());
    let refused = document(&with_others(&chosen(&layer, &Choice::reject_all())));
    let granted = document(&with_others(&chosen(&layer, &Choice::accept_all())));
    let gated = std::cell::RefCell::new(&mut gated);
    let through = |parts: &Parts| {
        let request = Request::from_parts(parts.clone(), Empty::new());
        let response = wait(gated.borrow_mut().call(request)).unwrap();
        drain(response.into_body())
    };
    // The gate looks at every element.
    let selector: Selector = "*".parse().unwrap();
    let rewrite = |handled: bool| {
        let mut output = Vec::new();
        let mut settings = Settings::new_send().with_strict(false);
        if handled {
            settings = settings.append_element_content_handler((
                Cow::Borrowed(&selector),
                ElementContentHandlers::default()
                    .element(|_: &mut lol_html::send::Element<'_, '_>| Ok(())),
            ));
        }
        let mut rewriter =
            HtmlRewriter::new(settings, |bytes: &[u8]| output.extend_from_slice(bytes));
        for piece in &pieces {
            rewriter.write(piece).unwrap();
        }
        rewriter.end().unwrap();
        output.len()
    };
    let mut cases = [
        case(
            "lol_html, every element, a handler that does nothing",
            || rewrite(true),
        ),
        case("lol_html, no handler at all", || rewrite(false)),
        case("undecided: gated, with the banner", || through(&undecided)),
        case("refused: gated", || through(&refused)),
        case("granted: passed on", || through(&granted)),
        case("no layer at all", || {
            let request = Request::from_parts(granted.clone(), Empty::<Bytes>::new());
            drain(wait(app.call(request)).unwrap().into_body())
        }),
    ];
    let times = Times::of(&mut cases, rounds);
    for (at, case) in cases.iter().enumerate() {
        // A throughput of 0.8.
        let target = (at == 3).then_some(1.25);
        times.row(
            case.name,
            times.median(|round| round[at]),
            times.median(|round| round[at] / round[0]),
            target,
        );
    }
}

// ---- Under Global Privacy Control ----

/// The same visitor with the signal and without it.
fn signal(rounds: usize) {
    println!("\nGlobal Privacy Control: with `Sec-GPC: 1`, against the same visitor without it");
    let layer = layer();
    let answering = |kind: &'static str, body: Bytes| {
        let mut service = layer.layer(service_fn(move |_: Request<Empty<Bytes>>| {
            let mut response = Response::new(AxumBody::from(body.clone()));
            let kind = HeaderValue::from_static(kind);
            response.headers_mut().insert(CONTENT_TYPE, kind);
            std::future::ready(Ok::<_, Infallible>(response))
        }));
        move |parts: &Parts| {
            let request = Request::from_parts(parts.clone(), Empty::new());
            drain(wait(service.call(request)).unwrap().into_body())
        }
    };
    let json = answering("application/json", "{\"products\":[]}".into());
    let html = answering("text/html; charset=utf-8", page());
    let both = |[without, with]: [&str; 2], accept: &'static str| {
        let mut requests = [parts(without), parts(with)];
        for (parts, on) in requests.iter_mut().zip([false, true]) {
            let accept = HeaderValue::from_static(accept);
            parts.headers.insert(ACCEPT, accept);
            if on {
                let on = HeaderValue::from_static("1");
                parts.headers.insert("sec-gpc", on);
            }
        }
        requests
    };
    let undecided = others();
    let refused = with_others(&chosen(&layer, &Choice::reject_all()));
    let granted = with_others(&chosen(&layer, &Choice::accept_all()));
    let in_view = with_others(&chosen_under(&layer, &Choice::accept_all(), true));
    for (name, cookies) in [
        ("undecided", [&*undecided, &*undecided]),
        ("refused", [&*refused, &*refused]),
        (
            "granted, with the signal in view of it",
            [&*granted, &*in_view],
        ),
        (
            "an older grant, overruled, against a refusal",
            [&*refused, &*granted],
        ),
    ] {
        println!("{name}");
        let (data, page) = (
            both(cookies, "application/json"),
            both(cookies, "text/html"),
        );
        for (name, mut cases) in [
            (
                "  the decision alone",
                [0, 1].map(|at| {
                    let (layer, parts) = (&layer, &data[at]);
                    case("", move || layer.consent(&parts.headers).granted())
                }),
            ),
            (
                "  a JSON response",
                [0, 1].map(|at| {
                    let (mut serve, parts) = (json.clone(), &data[at]);
                    case("", move || serve(parts))
                }),
            ),
            (
                "  a page",
                [0, 1].map(|at| {
                    let (mut serve, parts) = (html.clone(), &page[at]);
                    case("", move || serve(parts))
                }),
            ),
        ] {
            let times = Times::of(&mut cases, rounds);
            times.row(
                name,
                times.median(|round| round[1]),
                times.median(|round| round[1] / round[0]),
                Some(1.05),
            );
        }
    }
}

// ---- A whole page over HTTP ----

/// A server on a thread of its own, and a connection to it.
struct Served {
    sender: SendRequest<Empty<Bytes>>,
}

impl Served {
    /// Serves `router` on the loopback address; `/cpu` tells the thread's CPU time in nanoseconds.
    async fn start(router: Router) -> Self {
        let (port, asked) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            thread_local! {
                static START: ThreadTime = ThreadTime::now();
            }
            START.with(|_| ());
            let cpu = get(async || START.with(ThreadTime::elapsed).as_nanos().to_string());
            let router = Router::new().route("/cpu", cpu).merge(router);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                port.send(listener.local_addr().unwrap()).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        let stream = TcpStream::connect(asked.recv().unwrap()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    async fn get(&mut self, path: &str, cookies: &str) -> Bytes {
        let request = Request::get(path)
            .header(HOST, "shop.example")
            .header(ACCEPT, "text/html")
            .header(COOKIE, cookies)
            .body(Empty::new())
            .unwrap();
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    }

    /// The server's CPU time for one page, over `count` of them.
    async fn time(&mut self, cookies: &str, count: u32) -> f64 {
        let cpu = |text: Bytes| String::from_utf8_lossy(&text).parse::<f64>().unwrap();
        let before = cpu(self.get("/cpu", "").await);
        for _ in 0..count {
            black_box(self.get("/", cookies).await);
        }
        (cpu(self.get("/cpu", "").await) - before) / f64::from(count)
    }
}

fn served(rounds: usize) {
    println!("\nThe same page over HTTP/1.1 on the loopback address: the server's CPU time");
    let layer = layer();
    let granted = with_others(&chosen(&layer, &Choice::accept_all()));
    let stored = page();
    let apps: [(&str, Router); 2] = [
        (
            "written for each request",
            Router::new().route("/", get(async || Html(rendered()))),
        ),
        (
            "kept in memory and copied to the socket, no more",
            Router::new().route("/", get(move || std::future::ready(Html(stored.clone())))),
        ),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    for (name, router) in apps {
        let times = runtime.block_on(async {
            let mut times = Vec::new();
            for _ in 0..rounds.min(25) {
                // A connection is a fast or a slow one for as long as it lasts.
                let mut plain = Served::start(router.clone()).await;
                let mut gated = Served::start(router.clone().layer(layer.clone())).await;
                times.push(vec![
                    plain.time(&granted, 100).await,
                    gated.time(&granted, 100).await,
                ]);
            }
            Times { rounds: times }
        });
        times.row(name, times.median(|round| round[0]), 1.0, None);
        times.row(
            "with the layer, everything granted",
            times.median(|round| round[1]),
            times.median(|round| round[1] / round[0]),
            Some(1.15),
        );
    }
}

// ---- Pages made to hurt ----

/// Twice the page must take about twice the time.
fn long_pages(rounds: usize) {
    println!("\nA page of 512 KiB in pieces of 1 KiB, made of one thing, against one of 256 KiB");
    let layer = layer();
    for (name, start, piece) in [
        ("an attribute", "<!doctype html><p title=\"", "x"),
        ("elements in elements", "<!doctype html>", "<div>"),
        ("a script", "<!doctype html><script>", "f();"),
        ("a style", "<!doctype html><style>", "p{background:url(/x)}"),
        ("a noscript", "<!doctype html><noscript>", "<p>x</p>"),
        (
            "starts of scripts",
            "<!doctype html><p title=\"",
            "<script ",
        ),
        ("foreign elements", "<!doctype html>", "<svg/><math/>"),
        (
            "blocked frames",
            "<!doctype html>",
            "<iframe src=https://www.facebook.com/tr></iframe>",
        ),
    ] {
        let gate = |length: usize| {
            let text = format!("{start}{}", piece.repeat(length / piece.len()));
            let page = Bytes::from(text);
            let pieces: VecDeque<Bytes> = page
                .chunks(1024)
                .map(|piece| page.slice_ref(piece))
                .collect();
            let mut service = layer.layer(service_fn(move |_: Request<Empty<Bytes>>| {
                let mut response = Response::new(Pieces(pieces.clone()));
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
                std::future::ready(Ok::<_, Infallible>(response))
            }));
            move || {
                let request = Request::get("/").body(Empty::<Bytes>::new()).unwrap();
                let response = wait(service.call(request)).unwrap();
                drain(response.into_body())
            }
        };
        let (mut half, mut whole) = (gate(256 * 1024), gate(512 * 1024));
        let mut cases = [case(name, &mut half), case(name, &mut whole)];
        let times = Times::of(&mut cases, rounds.min(11));
        times.row(
            name,
            times.median(|round| round[1]),
            times.median(|round| round[1] / round[0]),
            Some(2.3),
        );
    }
}
