//! Do cookies grant what was signed, and does nothing else get lost?

use std::cell::Cell;

use http::HeaderValue;
use http::header::SET_COOKIE;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tower_consent::{Category, State};

use crate::common::*;
use crate::config;
use crate::model::{Refused, cookies_of, model, permits};
use crate::requests::{header_bytes, lines, send};
use crate::site::{ring, site};

// covers S36, L12, behaviours 3, 14
#[test]
fn a_request_is_granted_exactly_what_its_verified_cookies_grant() {
    let app = App::with_keys(site(), ring());
    let (granting, denying) = (Cell::new(0), Cell::new(0));
    TestRunner::new(Config {
        cases: 3000,
        ..config()
    })
    .run(&(lines(), any::<bool>()), |(lines, gpc)| {
        let answer = send(&app, &lines, gpc);
        let (granted, refused) = model(&lines, NOW, gpc);
        prop_assert_eq!(answer.consent().granted(), granted);
        for category in Category::OPTIONAL {
            let state = answer.consent().state(category);
            prop_assert_eq!(state == State::Granted, granted.contains(category));
        }
        let all = answer.consent().allows_vendor("a-stats");
        prop_assert_eq!(all, permits(granted, &refused, b"ana"));
        let ads = answer.consent().allows_vendor("ads");
        prop_assert_eq!(ads, permits(granted, &refused, b"mar_1"));
        let counter = if granted.is_empty() {
            &denying
        } else {
            &granting
        };
        counter.set(counter.get() + 1);
        Ok(())
    })
    .unwrap();
    // The search saw both sides, so it could have found a difference.
    assert!(
        granting.get() > 300 && denying.get() > 300,
        "{granting:?} {denying:?}"
    );
}

// covers behaviours 24, 25, 26, 27, 28, 29, 30, T35
#[test]
fn stripping_takes_the_denied_cookies_and_leaves_every_other_byte_in_order() {
    let app = App::with_keys(site(), ring());
    let stripped = Cell::new(0);
    TestRunner::new(Config {
        cases: 2000,
        ..config()
    })
    .run(&(lines(), any::<bool>()), |(lines, gpc)| {
        let answer = send(&app, &lines, gpc);
        let (granted, refused) = model(&lines, NOW, gpc);
        let denied = |name: &[u8]| !permits(granted, &refused, name);
        let expected: Vec<Vec<u8>> = lines
            .iter()
            .filter_map(|line| {
                let cookies = cookies_of(line);
                if !cookies.iter().any(|(name, ..)| denied(name)) {
                    return Some(line.clone());
                }
                stripped.set(stripped.get() + 1);
                let kept: Vec<&[u8]> = cookies
                    .iter()
                    .filter(|(name, ..)| !denied(name))
                    .map(|(.., text)| *text)
                    .collect();
                (!kept.is_empty()).then(|| kept.join(&b"; "[..]))
            })
            .collect();
        let shown = |lines: &[&[u8]]| -> Vec<String> {
            lines
                .iter()
                .map(|line| line.escape_ascii().to_string())
                .collect()
        };
        let expected: Vec<&[u8]> = expected.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(shown(&answer.cookies_seen()), shown(&expected));
        Ok(())
    })
    .unwrap();
    assert!(stripped.get() > 300, "{stripped:?}");
}

// covers behaviours 33, 35, 36, 39, 43
#[test]
fn suppressing_takes_the_denied_lines_and_leaves_every_other_byte_in_order() {
    let names = select(vec![
        "sid",
        "nec1",
        "ana",
        "ana_2",
        "fun_a",
        "mar_b",
        "mar_exempt",
        "odd",
        "",
    ]);
    let ends = select(vec![
        ("", false),
        ("; Path=/; Secure", false),
        ("; Max-Age=0", true),
        ("; max-age=-5; Path=/", true),
        ("; Max-Age=5", false),
        ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
        ("; Expires=Fri, 31 Dec 2100 23:59:59 GMT", false),
        ("; HttpOnly; X=\"Max-Age=0\"", false),
    ]);
    let value = header_bytes(8).prop_map(|mut value| {
        value.retain(|byte| *byte != b';');
        value
    });
    let line = (names, value, ends).prop_map(|(name, value, (end, deletes))| {
        (
            [name.as_bytes(), b"=", &value, end.as_bytes()].concat(),
            name,
            deletes,
        )
    });
    let app = App::with_keys(site(), ring());
    TestRunner::new(config())
        .run(&(vec(line, 0..8), 0..8u8), |(set, grants)| {
            let mut visitor = app.visitor();
            let granted: Vec<Category> = Category::OPTIONAL
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| grants & (1 << bit) != 0)
                .map(|(_, category)| category)
                .collect();
            visitor.save(&granted);
            let all: Vec<Vec<u8>> = set.iter().map(|(line, ..)| line.clone()).collect();
            visitor.app = app.clone().answering(move |_| setting(json("{}"), &all));
            let answer = visitor.get("/");
            let left: Vec<&[u8]> = answer
                .headers
                .get_all(SET_COOKIE)
                .iter()
                .map(HeaderValue::as_bytes)
                .collect();
            let granted = granted.into_iter().collect();
            let expected: Vec<&[u8]> = set
                .iter()
                .filter(|(_, name, deletes)| {
                    *deletes || permits(granted, &Refused::default(), name.as_bytes())
                })
                .map(|(line, ..)| &line[..])
                .collect();
            prop_assert_eq!(left, expected);
            Ok(())
        })
        .unwrap();
}
