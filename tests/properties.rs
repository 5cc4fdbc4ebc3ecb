//! Proves by random search that nothing but a verified, explicit grant ever
//! grants, and that nothing beside what is denied is ever touched.
//!
//! Each property is checked against a model of a few lines that shares no code
//! with the crate but the base64 and hash primitives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::mint::{self, Claims};
use common::*;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Method, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use tower_consent::{
    Category, CategorySet, Keyring, Policy, Reason, SiteCookie, State, Timestamp, Vendor,
};

fn config() -> Config {
    Config {
        cases: 400,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    }
}

/// A vendor of the site's own.
fn vendor(id: &str, category: Category, cookie: &str) -> Vendor {
    Vendor::new(id, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .first_party()
        .cookies([cookie])
}

/// A site that recognises what it declares and nothing else, so that a model
/// of a few lines knows every name.
fn site() -> Policy {
    Policy::builder(REVISION)
        .site(SITE)
        .without_catalog()
        .necessary("sid", "Session")
        .necessary("nec*", "Pieces")
        .vendor(vendor("prefs", Category::Functional, "fun_*"))
        .vendor(vendor("a-stats", Category::Analytics, "ana"))
        .vendor(vendor("b-stats", Category::Analytics, "ana_*"))
        .vendor(vendor("ads", Category::Marketing, "mar_*"))
        .cookie(
            SiteCookie::new("mar_exempt", Category::Functional, "Clicked")
                .user_requested("Clicked"),
        )
        .build()
        .unwrap()
}

/// Whose cookie `name` is, by the declarations above: the category and the
/// vendor's place in it.
fn owner(name: &[u8]) -> Option<(Category, u8)> {
    match name {
        b"mar_exempt" => None,
        b"ana" => Some((Category::Analytics, 0)),
        _ if name.starts_with(b"ana_") => Some((Category::Analytics, 1)),
        _ if name.starts_with(b"fun_") => Some((Category::Functional, 0)),
        _ if name.starts_with(b"mar_") => Some((Category::Marketing, 0)),
        _ => None,
    }
}

fn revisions() -> [[u8; 8]; 4] {
    [
        mint::revision(REVISION, "necessary", None),
        mint::revision(REVISION, "functional", Some((&["prefs"], &[]))),
        mint::revision(REVISION, "analytics", Some((&["a-stats", "b-stats"], &[]))),
        mint::revision(REVISION, "marketing", Some((&["ads"], &[]))),
    ]
}

fn ring() -> Keyring {
    keyring(FIRST_KEY).with_previous(signing_key(OTHER_KEY))
}

// --- The model ---

/// The bytes that name the refused vendors, by category.
type Refused = [Vec<u8>; 4];

fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = text
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |at| at + 1);
    &text[start..end]
}

/// The cookies of one line: name, value and the text that they stand in.
fn cookies_of(line: &[u8]) -> Vec<(&[u8], &[u8], &[u8])> {
    line.split(|byte| *byte == b';')
        .map(trim)
        .filter(|text| !text.is_empty())
        .map(|text| match text.iter().position(|byte| *byte == b'=') {
            Some(at) => (trim(&text[..at]), trim(&text[at + 1..]), text),
            None => (&b""[..], text, text),
        })
        .collect()
}

/// Whether these flags say something: 4 names vendors and 8 leaves open, both
/// where an optional category is not granted.
fn is_sound(category: Category, flags: u8, vendors: &[u8]) -> bool {
    // 32 says that a notice came before the choice, which goes with all of them.
    let flags = flags & !32;
    flags < 4
        || flags < 16
            && flags & 1 == 0
            && category != Category::Necessary
            && (flags & 4 == 0 || !vendors.is_empty())
}

/// What one token truly says, if a key of the ring signed it for this category of this site.
fn claims_of(category: Category, text: &[u8]) -> Option<Claims> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    if !(39..=55).contains(&bytes.len()) {
        return None;
    }
    let payload = bytes[..bytes.len() - 16].to_vec();
    let signed = [FIRST_KEY, OTHER_KEY].iter().any(|key| {
        payload[1..5] == mint::key_id(key)
            && mint::sealed(key, SITE, category.as_str(), payload.clone()) == bytes
    });
    let claims = Claims {
        schema: payload[0],
        flags: payload[5],
        source: payload[6],
        stamp: u64::from_be_bytes(payload[7..15].try_into().unwrap()),
        revision: payload[15..23].try_into().unwrap(),
        refused_vendors: payload[23..].to_vec(),
    };
    let sound = claims.schema == 1
        && is_sound(category, claims.flags, &claims.refused_vendors)
        && (1..=5).contains(&claims.source)
        && claims.refused_vendors.last() != Some(&0);
    (signed && sound).then_some(claims)
}

/// What a request may do: the granted categories, and the vendors of each that
/// stand otherwise: refused where it is granted, granted where it is not.
fn model(lines: &[Vec<u8>], now: u64, gpc: bool) -> (CategorySet, Refused) {
    let tokens: Vec<Option<Claims>> = Category::ALL
        .into_iter()
        .map(|category| {
            let name = consent_cookie(category);
            let mut found = lines
                .iter()
                .flat_map(|line| cookies_of(line))
                .filter(|(known, ..)| *known == name.as_bytes());
            match (found.next(), found.next()) {
                (Some((_, value, _)), None) => claims_of(category, value),
                _ => None,
            }
        })
        .collect();
    let current = |category: Category| revisions()[category as usize];
    let nothing = (CategorySet::EMPTY, Refused::default());
    let Some(anchor) = &tokens[0] else {
        return nothing;
    };
    let alive = anchor.stamp <= now + 120
        && now < anchor.stamp.saturating_add(LIFETIME)
        && anchor.revision == current(Category::Necessary);
    if !alive {
        return nothing;
    }
    let mut granted = CategorySet::EMPTY;
    let mut refused = Refused::default();
    for category in Category::OPTIONAL {
        if let Some(claims) = &tokens[category as usize]
            && claims.stamp == anchor.stamp
            && claims.revision == current(category)
            && claims.flags & (1 | 4) != 0
            && !(category == Category::Marketing && gpc && claims.flags & 2 == 0)
        {
            if claims.flags & 1 == 1 {
                granted = granted.with(category);
            }
            refused[category as usize].clone_from(&claims.refused_vendors);
        }
    }
    (granted, refused)
}

fn permits(granted: CategorySet, refused: &Refused, name: &[u8]) -> bool {
    owner(name).is_none_or(|(category, place)| {
        let bits = refused[category as usize].first();
        let named = bits.is_some_and(|bits| bits & (1 << place) != 0);
        granted.contains(category) != named
    })
}

// --- What requests are made of ---

fn category() -> impl Strategy<Value = Category> {
    select(Category::ALL.to_vec())
}

/// Mostly `usual`, sometimes one of the others.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: Vec<T>,
) -> impl Strategy<Value = T> {
    prop_oneof![9 => Just(usual), 1 => select(others)]
}

/// One token for a category: usually a good one, sometimes off in one way or another.
fn token(named: Category) -> impl Strategy<Value = Vec<u8>> {
    let other_category = select(Category::ALL.to_vec());
    let signed_for = prop_oneof![19 => Just(named), 1 => other_category];
    let stamps = vec![
        NOW - 1,
        NOW + 120,
        NOW + 121,
        NOW - LIFETIME,
        NOW - LIFETIME + 1,
        0,
        u64::MAX,
    ];
    let claims = (
        mostly(1u8, vec![0, 2, 255]),
        prop_oneof![6 => Just(1u8), 2 => Just(0), 2 => Just(3), 2 => 0..16u8, 1 => any::<u8>()],
        mostly(1u8, vec![0, 2, 3, 4, 5]),
        mostly(NOW, stamps),
        mostly(
            None,
            vec![Some([0; 8]), Some(revisions()[1]), Some(revisions()[3])],
        ),
        prop_oneof![
            8 => Just(Vec::new()),
            4 => select(vec![vec![1u8], vec![2], vec![3]]),
            1 => vec(any::<u8>(), 0..20),
        ],
    );
    let keys = mostly(FIRST_KEY, vec![OTHER_KEY, OTHER_KEY, THIRD_KEY]);
    let sites = mostly(SITE, vec!["", "shop.test"]);
    let damage = prop_oneof![
        12 => Just(None),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(Some),
    ];
    (signed_for, claims, keys, sites, damage).prop_map(
        move |(
            signed_for,
            (schema, flags, source, stamp, revision, refused_vendors),
            key,
            site,
            damage,
        )| {
            let claims = Claims {
                schema,
                flags,
                source,
                stamp,
                revision: revision.unwrap_or(revisions()[named as usize]),
                refused_vendors,
            };
            let mut text = mint::token(&key, site, signed_for.as_str(), &claims).into_bytes();
            if let Some((at, byte)) = damage {
                let at = at.index(text.len());
                text[at] = printable(byte);
            }
            text
        },
    )
}

/// Bytes that a header value can hold.
fn header_bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_map(printable), 0..most)
}

/// A byte that a header value can hold.
fn printable(byte: u8) -> u8 {
    if byte.is_ascii_control() { b'\t' } else { byte }
}

/// One piece of a `Cookie` line.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "sid",
        "nec",
        "nec1",
        "ana",
        "ana_1",
        "ana_",
        "fun_x",
        "mar_y",
        "mar_exempt",
        "anal",
        "xana",
        "ANA",
        "",
        " ana ",
        "ana\t",
        "consent-analytics",
        "__host-http-consent-analytics",
    ];
    let ours = category().prop_flat_map(|category| {
        token(category)
            .prop_map(move |token| [consent_cookie(category).as_bytes(), b"=", &token].concat())
    });
    prop_oneof![
        4 => ours,
        4 => (select(names.to_vec()), header_bytes(8))
            .prop_map(|(name, value)| [name.as_bytes(), b"=", &value].concat()),
        1 => select(names.to_vec()).prop_map(|name| name.as_bytes().to_vec()),
        1 => header_bytes(24),
    ]
}

/// The four cookies of a choice, usually all there and usually good, with other pieces around them.
fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let kept = prop_oneof![
        6 => Just(vec![0, 1, 2, 3]),
        2 => subsequence(vec![0, 1, 2, 3], 0..=4),
        1 => Just(Vec::new()),
    ];
    let four = (
        token(Category::Necessary),
        token(Category::Functional),
        token(Category::Analytics),
        token(Category::Marketing),
        kept,
    )
        .prop_map(|(a, b, c, d, kept)| {
            let tokens = [a, b, c, d];
            kept.into_iter()
                .map(|at: usize| [CONSENT_COOKIES[at].as_bytes(), b"=", &tokens[at]].concat())
                .collect::<Vec<_>>()
        });
    let separators = vec!["; ", "; ", "; ", ";", " ;\t", ";;", "; ;"];
    (
        four,
        vec(piece(), 0..6),
        vec((select(separators), 0..8u8), 12),
    )
        .prop_flat_map(|(four, extra, glue)| {
            (Just([four, extra].concat()).prop_shuffle(), Just(glue))
        })
        .prop_map(|(pieces, glue)| {
            let mut lines = vec![Vec::new()];
            for (piece, (separator, split)) in pieces.into_iter().zip(glue.into_iter().cycle()) {
                let line = lines.last_mut().unwrap();
                if split == 0 {
                    lines.push(piece);
                } else {
                    if !line.is_empty() {
                        line.extend(separator.as_bytes());
                    }
                    line.extend(piece);
                }
            }
            lines
        })
}

fn send(app: &App, lines: &[Vec<u8>], gpc: bool) -> Answer {
    let mut request = get("/");
    for line in lines {
        let line = HeaderValue::from_bytes(line).unwrap();
        request.headers_mut().append(COOKIE, line);
    }
    if gpc {
        let on = HeaderValue::from_static("1");
        request.headers_mut().insert("sec-gpc", on);
    }
    app.send(request)
}

// --- The properties ---

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
fn choice() -> impl Strategy<Value = Vec<Category>> {
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

/// A policy as a site might write it, and what it asks about.
#[derive(Clone, Debug)]
struct Declaration {
    revision: &'static str,
    site: &'static str,
    days: u32,
    /// Of the pool below, by position.
    vendors: Vec<usize>,
    strict: bool,
    expire_undecided: bool,
}

const POOL: [(&str, Category, &str); 6] = [
    ("v-fun", Category::Functional, "fun_*"),
    ("v-ana", Category::Analytics, "ana_*"),
    ("w-ana", Category::Analytics, "anb_*"),
    ("v-mar", Category::Marketing, "mar_*"),
    ("w-mar", Category::Marketing, "mas_*"),
    ("x-mar", Category::Marketing, "mat_*"),
];

impl Declaration {
    fn policy(&self) -> Policy {
        let mut policy = Policy::builder(self.revision)
            .site(self.site)
            .lifetime_days(self.days)
            .without_catalog();
        for position in &self.vendors {
            let (id, category, cookie) = POOL[*position];
            policy = policy.vendor(vendor(id, category, cookie));
        }
        if self.strict {
            policy = policy.strict();
        }
        if self.expire_undecided {
            policy = policy.expire_undecided();
        }
        policy.build().unwrap()
    }

    fn ids(&self, of: Category) -> Vec<&'static str> {
        let mut ids: Vec<&str> = self
            .vendors
            .iter()
            .map(|position| POOL[*position])
            .filter(|(_, category, _)| *category == of)
            .map(|(id, ..)| id)
            .collect();
        ids.sort_unstable();
        ids
    }
}

fn declaration() -> impl Strategy<Value = Declaration> {
    (
        mostly("1", vec!["2"]),
        mostly("a.test", vec!["b.test", ""]),
        mostly(184, vec![1, 30, 400]),
        subsequence((0..POOL.len()).collect::<Vec<_>>(), 0..=POOL.len()).prop_shuffle(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(revision, site, days, vendors, strict, expire_undecided)| Declaration {
                revision,
                site,
                days,
                vendors,
                strict,
                expire_undecided,
            },
        )
}

// covers S36, S24, S38, L31, behaviours 7, 8, 9
#[test]
fn a_choice_made_under_one_policy_counts_under_another_only_where_the_question_is_the_same() {
    let keys = select(vec![
        [FIRST_KEY, FIRST_KEY],
        [FIRST_KEY, OTHER_KEY],
        [OTHER_KEY, OTHER_KEY],
    ]);
    // Often the same policy again, changed in little or nothing.
    let two = declaration().prop_flat_map(|one| {
        let mut reordered = one.clone();
        reordered.vendors.reverse();
        let mut fewer = one.clone();
        fewer.vendors.pop();
        (
            Just(one),
            prop_oneof![2 => Just(reordered), 2 => Just(fewer), 1 => declaration()],
        )
    });
    let later = prop_oneof![2 => Just(0), 2 => 0..200u64, 1 => 150..500u64];
    let granted_somewhere = Cell::new(0);
    TestRunner::new(config())
        .run(
            &(two, choice(), any::<bool>(), later, any::<bool>(), keys),
            |((before, after), wanted, accept, days, gpc, [old, new])| {
                let mut visitor = App::with_keys(before.policy(), keyring(old)).visitor();
                let asks =
                    |declaration: &Declaration, category| !declaration.ids(category).is_empty();
                let chosen: Vec<Category> = Category::OPTIONAL
                    .into_iter()
                    .filter(|category| asks(&before, *category))
                    .filter(|category| accept || wanted.contains(category))
                    .collect();
                if accept {
                    visitor.accept();
                } else {
                    visitor.save(&chosen);
                }
                let app = App::with_keys(after.policy(), keyring(new));
                app.clock.advance(days * 86_400);
                visitor.app = app;
                visitor.gpc = gpc;
                let consent = visitor.consent();
                let counts = before.revision == after.revision
                    && before.site == after.site
                    && old == new
                    && days < u64::from(after.days);
                for category in Category::OPTIONAL {
                    let expected = counts
                        && chosen.contains(&category)
                        && before.ids(category) == after.ids(category)
                        && !(gpc && category == Category::Marketing);
                    prop_assert_eq!(consent.allows(category), expected, "{}", category);
                    for id in after.ids(category) {
                        prop_assert_eq!(consent.allows_vendor(id), expected, "{}", id);
                    }
                    granted_somewhere.set(granted_somewhere.get() + usize::from(expected));
                }
                Ok(())
            },
        )
        .unwrap();
    assert!(granted_somewhere.get() > 100, "{granted_somewhere:?}");
}

/// What a posted form says, in the model: the categories granted and the
/// vendors refused, or `None` where it is to be turned down.
fn form_means(fields: &[(&str, &str)]) -> Option<(Vec<Category>, Vec<String>)> {
    let all = |name: &str| -> Vec<&str> {
        fields
            .iter()
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| *value)
            .collect()
    };
    let known = [
        "choice",
        "necessary",
        "functional",
        "analytics",
        "marketing",
        "vendor",
        "offered",
        "source",
        "next",
    ];
    let one = |name: &str, allowed: &[&str]| {
        let values = all(name);
        values.iter().all(|value| allowed.contains(value))
            && values.windows(2).all(|two| two[0] == two[1])
    };
    let sound = fields.iter().all(|(name, _)| known.contains(name))
        && one("choice", &["accept", "reject", "save"])
        && !all("choice").is_empty()
        && one("source", &["banner", "preferences"])
        && one("next", &["/", "/a"])
        && Category::ALL
            .iter()
            .all(|category| one(category.as_str(), &["on"]));
    if !sound {
        return None;
    }
    let ticked = all("vendor");
    let refused: Vec<String> = all("offered")
        .into_iter()
        .filter(|id| !ticked.contains(id))
        .map(str::to_owned)
        .collect();
    if refused
        .iter()
        .any(|id| !["prefs", "a-stats", "b-stats", "ads"].contains(&id.as_str()))
    {
        return None;
    }
    let granted = match all("choice")[0] {
        "accept" => return Some((Category::OPTIONAL.to_vec(), Vec::new())),
        "reject" => Vec::new(),
        _ => Category::OPTIONAL
            .into_iter()
            .filter(|category| !all(category.as_str()).is_empty())
            .collect(),
    };
    Some((granted, refused))
}

// covers L17, L01, S30
#[test]
fn a_form_is_taken_for_what_it_says_or_turned_down() {
    let fields = vec![
        ("choice", "accept"),
        ("choice", "save"),
        ("choice", "save"),
        ("choice", "save"),
        ("choice", "reject"),
        ("choice", ""),
        ("functional", "on"),
        ("analytics", "on"),
        ("marketing", "on"),
        ("necessary", "on"),
        ("analytics", "off"),
        ("offered", "a-stats"),
        ("offered", "b-stats"),
        ("offered", "ads"),
        ("offered", "nobody"),
        ("vendor", "a-stats"),
        ("vendor", "ads"),
        ("vendor", "nobody"),
        ("source", "banner"),
        ("source", "preferences"),
        ("source", "x"),
        ("next", "/"),
        ("next", "/a"),
        ("extra", "1"),
        ("Analytics", "on"),
        ("", ""),
    ];
    let app = App::with_keys(site(), ring());
    let taken = Cell::new(0);
    TestRunner::new(Config {
        cases: 1500,
        ..config()
    })
    .run(&vec(select(fields), 0..6), |fields| {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        // An empty field between separators is no field.
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .filter(|field| *field != ("", ""))
            .collect();
        let body = body
            .join("&")
            .replace("&=", "&")
            .trim_start_matches('=')
            .to_owned();
        let mut visitor = app.visitor();
        let answer = visitor.choose(&body);
        let Some((granted, refused)) = form_means(&fields) else {
            prop_assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", body);
            prop_assert_eq!(answer.set_cookies(), [""; 0]);
            return Ok(());
        };
        taken.set(taken.get() + 1);
        prop_assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", body);
        let consent = visitor.consent();
        prop_assert_eq!(
            consent.granted().iter().collect::<Vec<_>>(),
            granted.clone(),
            "{}",
            body
        );
        for (id, category, _) in [
            ("prefs", Category::Functional, 0),
            ("a-stats", Category::Analytics, 0),
            ("b-stats", Category::Analytics, 1),
            ("ads", Category::Marketing, 0),
        ] {
            let expected = granted.contains(&category) && !refused.iter().any(|other| other == id);
            prop_assert_eq!(consent.allows_vendor(id), expected, "{} in {}", id, body);
        }
        Ok(())
    })
    .unwrap();
    assert!(taken.get() > 100, "{taken:?}");
}

// covers S30, behaviour 107
#[test]
fn no_bytes_make_the_layer_fail_or_store_anything_but_a_whole_choice() {
    let app = App::with_keys(site(), ring());
    let types = select(vec![
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain",
        "\u{fc}",
    ]);
    let near_json = "[{}\\[\\]\":, a-z0-9]{0,40}";
    let body = prop_oneof![
        vec(any::<u8>(), 0..200),
        near_json.prop_map(String::into_bytes),
        "\\{\"choice\":\"(accept|reject|save|x)\"(,\"[a-z]{1,12}\":(true|null|\\{\\}|\\[\\]))?\\}"
            .prop_map(String::into_bytes),
        "choice=(accept|reject|save)(&[a-z%+0-9]{1,9}=[a-z%+0-9]{0,4}){0,3}"
            .prop_map(String::into_bytes),
    ];
    let paths =
        "/_consent(/(choice|state|assets/[a-z0-9./%-]{0,12}|[ -~&&[^#?\\\\\" <>`{}^|]]{0,12}))?";
    TestRunner::new(Config {
        cases: 1500,
        ..config()
    })
    .run(
        &(
            types,
            body,
            paths,
            select(vec!["GET", "POST", "POST", "POST", "OPTIONS"]),
            lines(),
        ),
        |(content_type, body, path, method, lines)| {
            let Ok(uri) = path.parse::<http::Uri>() else {
                return Ok(());
            };
            let mut request = request(Method::from_bytes(method.as_bytes()).unwrap(), "/")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", content_type)
                .body(http_body_util::Full::from(body))
                .unwrap();
            *request.uri_mut() = uri;
            for line in &lines {
                let line = HeaderValue::from_bytes(line).unwrap();
                request.headers_mut().append(COOKIE, line);
            }
            let answer = app.send(request);
            prop_assert!(!answer.status.is_server_error(), "{}", answer.status);
            let stored = answer.stored();
            if stored.is_empty() {
                return Ok(());
            }
            prop_assert!(
                method == "POST" && path == "/_consent/choice",
                "{method} {path}"
            );
            prop_assert!(answer.status.is_success() || answer.status == StatusCode::SEE_OTHER);
            prop_assert_eq!(stored.len(), 4);
            Ok(())
        },
    )
    .unwrap();
}

// covers T41, behaviour 98
#[test]
fn no_address_leads_to_another_site() {
    let app = App::with_keys(site(), ring());
    let next = prop_oneof![
        "[/\\\\]{0,3}[a-z:@.?#%&=/\\\\ \\t]{0,20}",
        any::<String>(),
        vec(any::<u8>(), 0..30).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ];
    TestRunner::new(Config {
        cases: 2000,
        ..config()
    })
    .run(&next, |next| {
        let escaped: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let answer = app
            .visitor()
            .choose(&format!("choice=accept&next={escaped}"));
        prop_assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let location = answer.location();
        // As a browser reads it, it is an address of this origin.
        let base = url::Url::parse("https://www.shop.example/page").unwrap();
        let target = base.join(location).unwrap();
        prop_assert_eq!(target.origin(), base.origin());
        prop_assert!(location == "/" || location == next);
        Ok(())
    })
    .unwrap();
}

/// The model and the layer agree on the plain cases, or the searches above prove nothing.
#[test]
fn the_model_knows_a_grant_when_it_sees_one() {
    let app = App::with_keys(site(), ring());
    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    let line = visitor.jar.header(SITE_HOST, "/").unwrap();
    let granted = CategorySet::EMPTY.with(Category::Analytics);
    assert_eq!(model(std::slice::from_ref(&line), NOW, false).0, granted);
    assert_eq!(app.consent_of([&line]).granted(), granted);
    assert!(model(&[line], NOW + LIFETIME, false).0.is_empty());
    assert_eq!(
        app.get("/").consent().reason(Category::Analytics),
        Reason::NoChoice
    );
    assert_eq!(app.get("/").consent().decided_at(), None::<Timestamp>);
}
