//! Does anything but a choice grant, and does the last one count?

use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use tower_consent::{Category, State};

use crate::common::*;
use crate::config;
use crate::requests::{category, header_bytes};
use crate::site::{ring, site};

/// One thing that a visitor does without choosing, or that happens to one.
#[derive(Clone, Debug)]
enum Event {
    Visit(&'static str, &'static str),
    /// A choice that is not one: no act named, an unknown field, or from elsewhere.
    NoChoice(&'static str),
    Forged(&'static str),
    Tracked(&'static str),
    Planted(Category, Vec<u8>),
    Gpc(bool),
    Wait(u64),
    Scheduled,
}

fn event() -> impl Strategy<Value = Event> {
    let paths = [
        "/",
        "/cart",
        "/_consent",
        "/_consent/state",
        "/_consent/choice",
        "/_consent?choice=accept",
        "/?analytics=on",
    ];
    let no_choice = [
        "",
        "analytics=on",
        "choice=",
        "choice=close",
        "choice=save&everything=on",
        "next=/",
        "choice=accept&choice=reject",
        "accept=1",
        "choice=scroll&marketing=on",
        "{\"choice\":\"accept\"}",
    ];
    // Signed by a key that is not the site's, so no visitor can hold them.
    let planted = (category(), header_bytes(60)).prop_map(|(category, mut bytes)| {
        bytes.retain(|byte| *byte != b';');
        Event::Planted(category, bytes)
    });
    prop_oneof![
        4 => (select(vec!["GET", "HEAD", "POST", "PUT"]), select(paths.to_vec()))
            .prop_map(|(method, path)| Event::Visit(method, path)),
        2 => select(no_choice.to_vec()).prop_map(Event::NoChoice),
        2 => select(vec!["cross-site", "same-site", "none", "", "Same-Origin"]).prop_map(Event::Forged),
        1 => select(vec!["ana=1", "mar_x=2; Path=/", "sid=3"]).prop_map(Event::Tracked),
        1 => planted,
        1 => any::<bool>().prop_map(Event::Gpc),
        1 => (0..2 * LIFETIME).prop_map(Event::Wait),
        1 => Just(Event::Scheduled),
    ]
}

/// Does what the event says and gives the answers that came of it.
fn act(visitor: &mut Visitor, event: &Event) -> Vec<Answer> {
    match event {
        Event::Visit(method, path) => {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            // A page may be visited in any way but by posting a choice.
            vec![visitor.send(empty(
                request(method, path).header("sec-fetch-site", "same-origin"),
            ))]
        }
        Event::NoChoice(form) => vec![visitor.choose(form)],
        Event::Forged(from) => {
            let form = "application/x-www-form-urlencoded";
            let request = request(Method::POST, "/_consent/choice")
                .header("sec-fetch-site", *from)
                .header("content-type", form);
            vec![visitor.send(request.body("choice=accept".into()).unwrap())]
        }
        Event::Tracked(line) => {
            visitor.plant(line);
            Vec::new()
        }
        Event::Planted(category, value) => {
            let name = consent_cookie(*category);
            let line = [name.as_bytes(), b"=", value, b"; Secure; HttpOnly; Path=/"].concat();
            let host = visitor.host.clone();
            visitor.jar.store(&line, &host, "/");
            Vec::new()
        }
        Event::Gpc(on) => {
            visitor.gpc = *on;
            Vec::new()
        }
        Event::Wait(seconds) => {
            visitor.app.clock.advance(*seconds);
            Vec::new()
        }
        Event::Scheduled => (0..3).map(|_| visitor.get("/")).collect(),
    }
}

// covers S27, S36, L01, behaviour 1
#[test]
fn no_sequence_without_a_choice_leaves_undecided() {
    TestRunner::new(config())
        .run(&vec(event(), 0..20), |events| {
            let app = App::with_keys(site(), ring())
                .answering(|_| setting(page(PAGE), ["ana=set", "mar_x=set", "sid=set"]));
            let mut visitor = app.visitor();
            for event in &events {
                for answer in act(&mut visitor, event) {
                    let stored = answer.stored();
                    prop_assert!(
                        !stored.iter().any(|line| line.contains("consent-")),
                        "{stored:?}"
                    );
                    prop_assert!(
                        !stored.iter().any(|line| line.starts_with("ana=")),
                        "{stored:?}"
                    );
                }
                let page = visitor.get("/");
                for category in Category::OPTIONAL {
                    let state = page.consent().state(category);
                    prop_assert!(
                        matches!(state, State::Undecided | State::Invalid),
                        "{state:?}"
                    );
                }
                prop_assert!(page.consent().granted().is_empty() && page.consent().needs_banner());
            }
            Ok(())
        })
        .unwrap();
}

/// A choice that a visitor makes on a page of the site.
pub(crate) fn choice() -> impl Strategy<Value = Vec<Category>> {
    subsequence(Category::OPTIONAL.to_vec(), 0..=3)
}

// covers S36, S31, L35, behaviours 6, 18, 21, 96
#[test]
fn at_any_time_exactly_the_last_choice_counts() {
    let steps = vec((vec(event(), 0..4), prop::option::of(choice())), 1..6);
    TestRunner::new(config())
        .run(&steps, |steps| {
            let app = App::with_keys(site(), ring());
            let mut visitor = app.visitor();
            // What was chosen, when, and whether the signal was on.
            let mut last: Option<(Vec<Category>, u64, bool)> = None;
            let mut now = NOW;
            for (events, choice) in steps {
                for event in &events {
                    if matches!(event, Event::Planted(..)) {
                        continue;
                    }
                    if let Event::Wait(seconds) = event {
                        now += seconds;
                    }
                    act(&mut visitor, event);
                }
                if let Some(chosen) = choice {
                    visitor.save(&chosen);
                    // The same choice under the same signal stays the one that it was.
                    let same = last.as_ref().is_some_and(|(before, at, gpc)| {
                        *before == chosen && now < at + LIFETIME && *gpc == visitor.gpc
                    });
                    if !same {
                        last = Some((chosen, now, visitor.gpc));
                    }
                }
                let consent = visitor.consent();
                let expected: Vec<Category> = match &last {
                    Some((chosen, at, gpc)) if now < at + LIFETIME => chosen
                        .iter()
                        .copied()
                        .filter(|category| *category != Category::Marketing || *gpc || !visitor.gpc)
                        .collect(),
                    _ => Vec::new(),
                };
                prop_assert_eq!(consent.granted().iter().collect::<Vec<_>>(), expected);
                let alive = last.as_ref().is_some_and(|(_, at, _)| now < at + LIFETIME);
                prop_assert_eq!(consent.needs_banner(), !alive);
            }
            Ok(())
        })
        .unwrap();
}
