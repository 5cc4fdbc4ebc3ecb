//! What does Global Privacy Control add for the same visitor?

use std::convert::Infallible;

use axum::body::Body as AxumBody;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};
use tower_consent::Choice;

use crate::common::wait;
use crate::measure::{Times, case, drain};
use crate::site::{chosen, chosen_under, layer, others, page, parts, with_others};

/// The same visitor with the signal and without it.
pub(crate) fn signal(rounds: usize) {
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
