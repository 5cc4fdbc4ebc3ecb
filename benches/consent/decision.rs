//! What does it cost to come from header bytes to a decision?

use std::convert::Infallible;
use std::hint::black_box;

use axum_extra::extract::cookie::{Key, SignedCookieJar};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Empty;
use tower::layer::layer_fn;
use tower::{Layer, Service, service_fn};
use tower_consent::{Category, Choice};
use tower_cookies::{CookieManagerLayer, Cookies};

use crate::common::wait;
use crate::measure::{Times, case};
use crate::site::{NAMES, chosen, extra_cookies, layer, parts, tower_cookies, with_others};

pub(crate) fn decision(rounds: usize) {
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
