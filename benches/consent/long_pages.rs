//! Does twice the page take about twice the time, when the page is made to hurt?

use std::collections::VecDeque;
use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};

use crate::common::wait;
use crate::measure::{Times, case, drain};
use crate::site::{Pieces, layer};

/// Twice the page must take about twice the time.
pub(crate) fn long_pages(rounds: usize) {
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
