//! Proves how the layer answers at its own addresses: who may choose, in which
//! form, what comes back, who may keep a copy, and that every refusal says why.

#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod addresses;
mod answers;
mod copies;
mod shown;
mod what_counts;
mod who;

#[path = "../common/mod.rs"]
mod common;

use common::*;
use http::{Method, StatusCode};
use http_body_util::Full;

fn post(app: &App, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = request(Method::POST, "/_consent/choice");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Full::from(body.to_owned())).unwrap())
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// An answer that is the layer's own belongs to one visitor and one moment.
fn assert_uncacheable(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let lines = answer.headers.get_all("vary").iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
    let vary = lines.join(",");
    for field in ["Cookie", "Sec-GPC"] {
        let named = vary.split(',').filter(|named| named.trim() == field);
        assert_eq!(named.count(), 1, "{vary}");
    }
}

/// A refusal stores nothing, says why, and never reaches the app.
fn assert_refused(answer: &Answer, status: StatusCode, why: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(why), "{why:?} in {}", answer.text());
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert!(answer.seen.is_none());
    assert_uncacheable(answer);
}

fn field(name: &str, value: &str) -> String {
    let escaped: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    format!("{name}={escaped}")
}
