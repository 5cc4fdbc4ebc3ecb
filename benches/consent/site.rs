//! What does the site serve, and what does a visitor bring?

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body as AxumBody;
use axum::response::IntoResponse;
use axum_extra::extract::cookie::{Cookie, Key, SignedCookieJar};
use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, HOST, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};
use tower_consent::{Category, Choice, ConsentLayer, Keyring, Policy, SigningKey, Vendor, catalog};
use tower_cookies::{CookieManagerLayer, Cookies};

use crate::common::wait;

pub(crate) const NAMES: [&str; 4] = [
    "consent-necessary",
    "consent-functional",
    "consent-analytics",
    "consent-marketing",
];
/// As long as one of the layer's own tokens without its signature.
const PAYLOAD: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

pub(crate) fn layer() -> ConsentLayer {
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

pub(crate) fn others() -> String {
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
pub(crate) fn chosen(layer: &ConsentLayer, choice: &Choice) -> String {
    chosen_under(layer, choice, false)
}

/// The same after a choice with Global Privacy Control on or off.
pub(crate) fn chosen_under(layer: &ConsentLayer, choice: &Choice, gpc: bool) -> String {
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
pub(crate) fn extra_cookies(key: &Key) -> String {
    let jar = NAMES
        .iter()
        .fold(SignedCookieJar::new(key.clone()), |jar, name| {
            jar.add(Cookie::new(*name, PAYLOAD))
        });
    stored(jar.into_response().headers())
}

/// Four cookies as tower-cookies signs them.
pub(crate) fn tower_cookies(key: &Key) -> String {
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

pub(crate) fn parts(cookies: &str) -> Parts {
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

pub(crate) fn with_others(four: &str) -> String {
    format!("{}; {four}", others())
}

/// About 56 KB with 39 elements that may fetch, 8 of which belong to trackers.
pub(crate) fn page() -> Bytes {
    rendered().into()
}

/// The same as an app writes it for each request.
pub(crate) fn rendered() -> String {
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
pub(crate) struct Pieces(pub(crate) VecDeque<Bytes>);

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
