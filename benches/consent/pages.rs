//! What does the gate cost around a page, beside the tokenizer that it stands on?

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::Empty;
use lol_html::Selector;
use lol_html::send::{ElementContentHandlers, HtmlRewriter, Settings};
use tower::{Layer, Service, service_fn};
use tower_consent::Choice;

use crate::common::wait;
use crate::measure::{Times, case, drain};
use crate::site::{Pieces, chosen, layer, others, page, parts, with_others};

pub(crate) fn pages(rounds: usize) {
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
