//! Proves, over pages made at random, that no fetch of a denied tracker survives and nothing else is lost.
//!
//! What comes out is read again by html5ever, which shares no code with the
//! gate's tokenizer, as a browser with scripts and as one without.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod browser;
mod grammar;
mod undone;

#[path = "../html_common/mod.rs"]
mod html_common;

use browser::survivors;
use grammar::{framed, page};
use html_common::{Pieces, Site, plain_names, read};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestRng, TestRunner};
use tower_consent::{Category, Choice, GuardMode};
use undone::undone;

/// The same pages in every run; `PROPTEST_CASES=100000` looks at that many others.
fn runner(cases: u32) -> TestRunner {
    let wanted = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let config = ProptestConfig {
        cases: wanted.unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    };
    if wanted.is_some() {
        return TestRunner::new(config);
    }
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    TestRunner::new_with_rng(config, rng)
}

#[test]
fn no_fetch_of_a_denied_tracker_survives() {
    let site = Site::new();
    let refused = site.refused();
    runner(1500)
        .run(&page(), |page| {
            let gated = site.page(&refused, &page);
            for scripting in [true, false] {
                let left = survivors(&gated, scripting, 0);
                prop_assert!(
                    left.is_empty(),
                    "scripting {scripting}: {left:?}\n{}",
                    String::from_utf8_lossy(&gated)
                );
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_oracle_sees_what_is_not_gated() {
    // Without this the test above could pass because nothing is ever found.
    let site = Site::new();
    let granted = site.granted();
    let seen = std::cell::Cell::new(0);
    runner(200)
        .run(&page(), |page| {
            let left = survivors(&site.page(&granted, &page), true, 0);
            seen.set(seen.get() + left.len());
            Ok(())
        })
        .unwrap();
    assert!(seen.get() > 50, "{}", seen.get());
}

#[test]
fn any_pieces_give_the_same_bytes() {
    let sites = [Site::with_link(), Site::guarded(GuardMode::Core)];
    let site = &sites[0];
    let visitors = [
        String::new(),
        site.refused(),
        site.only([Category::Analytics]),
        site.cookies(&Choice::accept_all().refusing_vendor("heat")),
        site.granted(),
    ];
    let sites = select(sites.to_vec());
    let pieces = (sites, framed(), vec(1..40usize, 1..12), 0..visitors.len());
    runner(1000)
        .run(&pieces, |(site, page, lengths, visitor)| {
            let cookies = &visitors[visitor];
            let whole = plain(&site.page(cookies, &page));
            let mut rest = page.as_bytes();
            let mut pieces = Vec::new();
            for length in lengths.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, tail) = rest.split_at((*length).min(rest.len()));
                pieces.push(piece);
                rest = tail;
            }
            prop_assert_eq!(plain(&site.pieces(cookies, &pieces)), whole);
            Ok(())
        })
        .unwrap();
}

fn plain(page: &[u8]) -> String {
    plain_names(&String::from_utf8_lossy(page))
}

#[test]
fn with_everything_granted_a_page_only_grows_at_its_end() {
    for site in [Site::new(), Site::with_link()] {
        let granted = site.granted();
        let added = site.added(&granted);
        runner(300)
            .run(&page(), |page| {
                let received = site.page(&granted, &page);
                prop_assert!(received.starts_with(page.as_bytes()));
                let rest = &received[page.len()..];
                prop_assert!(rest.is_empty() || rest == added.end);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn what_is_put_to_sleep_can_be_woken_in_place() {
    let site = Site::new();
    let refused = site.refused();
    let added = site.added(&refused);
    runner(1000)
        .run(&page(), |page| {
            let gated = added.taken_from(&site.page(&refused, &page));
            let gated = String::from_utf8(gated).unwrap();
            let sources = [&*page, without_nameless_end(&page)];
            let found = undone(&gated);
            prop_assert!(
                sources.map(undone).contains(&found),
                "{page}\n{gated}\n{found}"
            );
            Ok(())
        })
        .unwrap();
}

/// `page` without an end tag that has neither a name nor an end: a comment to
/// browsers, of which nothing that the gate adds may become a part.
fn without_nameless_end(page: &str) -> &str {
    let is_nameless = |end: &str| {
        !end.contains('>') && !end.starts_with(|first: char| first.is_ascii_alphabetic())
    };
    let at = page.match_indices("</").map(|(at, _)| at);
    let at = at.filter(|at| is_nameless(&page[at + 2..])).min();
    &page[..at.unwrap_or(page.len())]
}

#[test]
fn bytes_at_random_never_stop_a_page_that_is_read_to_its_end() {
    let site = Site::with_link();
    let refused = site.refused();
    let bytes = vec(
        prop_oneof![
            any::<u8>().boxed(),
            select(b"<>/='\" \n!-&;snocript".to_vec()).boxed()
        ],
        0..600,
    );
    runner(500)
        .run(&(bytes, 1..50usize), |(bytes, length)| {
            let whole = site.html("text/html", &refused, Pieces::of(&[&bytes]));
            let pieces = site.html("text/html", &refused, Pieces::split(&bytes, length));
            prop_assert_eq!(
                read(whole.into_body()).unwrap(),
                read(pieces.into_body()).unwrap()
            );
            Ok(())
        })
        .unwrap();
}
