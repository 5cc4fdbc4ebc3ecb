//! Proves that whatever happens to a visitor who never clicks on anything that grants, nothing is ever granted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::records::{RETENTION_DAYS, TestLog, controller, recording};
use common::roles::*;
use common::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tower_consent::marker::{Analytics, Functional, Marketing};
use tower_consent::record::EventKind;
use tower_consent::{
    Audience, Category, CategorySet, Dnt, ExemptStatistics, GoogleAdvancedConsentMode,
    Jurisdiction, Objection, Policy, PolicyBuilder, PolicyVersion, RecordTerms, RequestHead,
    SignalSource, State, StatisticsRegime, UsRule, catalog,
};

/// Whatever happens to a visitor who never clicks on anything that grants.
#[derive(Clone, Debug)]
enum Happening {
    Visit(&'static str),
    Prefetch,
    /// What the browser sends from now on: Global Privacy Control, Do Not Track, and what a
    /// further source reads.
    Signal(bool, bool, &'static str),
    /// To another place.
    Move(usize),
    Wait(u64),
    /// To another version of the policy.
    Amend(usize),
    Post(&'static str),
    PostJson(&'static str),
    Dismiss,
    Erase,
    /// A cookie of the layer's is deleted, or another site's is put in its place.
    Forget(Category),
    Plant(Category),
}

fn happening() -> impl Strategy<Value = Happening> {
    let paths = prop::sample::select(vec![
        "/",
        "/oauth",
        "/_consent",
        "/_consent/state",
        "/_consent/banner",
        "/?choice=accept",
        "/_consent/choice?choice=accept",
    ]);
    // Explicit acts that refuse, one that only saves what was ticked already, and no acts at all.
    let posts = prop::sample::select(vec![
        "choice=reject",
        "choice=opt-out",
        "choice=object",
        "choice=save",
        "choice=signal",
        "choice=save&gpc=1",
        "choice=reject&conflict=told&gpc=1",
        "choice=bad",
        "choice=accept&choice=reject",
        "analytics=on",
    ]);
    let json = prop::sample::select(vec![
        "{\"choice\":\"reject\"}",
        "{\"choice\":\"opt-out\",\"conflict_told\":true}",
        "{\"choice\":\"object\",\"gpc\":true}",
        "{\"choice\":\"signal\"}",
        "{\"choice\":\"save\",\"categories\":{\"analytics\":false}}",
        "{\"categories\":{\"analytics\":true}}",
    ]);
    let further = prop::sample::select(vec!["", "withdraw", "object"]);
    let category = || prop::sample::select(Category::ALL.to_vec());
    let signal = (any::<bool>(), any::<bool>(), further);
    prop_oneof![
        4 => paths.prop_map(Happening::Visit),
        1 => Just(Happening::Prefetch),
        3 => signal.prop_map(|(gpc, dnt, further)| Happening::Signal(gpc, dnt, further)),
        2 => (0..PLACES.len()).prop_map(Happening::Move),
        1 => (0..500 * DAY).prop_map(Happening::Wait),
        1 => (0..6usize).prop_map(Happening::Amend),
        3 => posts.prop_map(Happening::Post),
        1 => json.prop_map(Happening::PostJson),
        1 => Just(Happening::Dismiss),
        1 => Just(Happening::Erase),
        1 => category().prop_map(Happening::Forget),
        1 => category().prop_map(Happening::Plant),
    ]
}

/// A signal of the visitor's own, which withdraws or objects.
struct Further;

impl SignalSource for Further {
    fn read(&self, request: &RequestHead<'_>) -> Objection {
        let all = CategorySet::from_iter(Category::OPTIONAL);
        match request
            .headers()
            .get("x-privacy")
            .map(|value| value.as_bytes())
        {
            Some(b"withdraw") => Objection::NONE.withdrawing(all),
            Some(b"object") => Objection::NONE.objecting(all),
            _ => Objection::NONE,
        }
    }
}

fn version(of: usize) -> PolicyBuilder {
    let policy = site()
        .never("/oauth", Category::Marketing)
        .controller(controller())
        .records(RecordTerms::new(RETENTION_DAYS, ["IE"]));
    let policy = policy.exempt_statistics(
        ExemptStatistics::new("Assessed")
            .under([
                StatisticsRegime::Uk,
                StatisticsRegime::Fr,
                StatisticsRegime::It,
                StatisticsRegime::Ch,
            ])
            .vendor("analytics-site")
            .cookie_days(1)
            .data_months(1),
    );
    match of {
        0 => policy,
        1 => policy.amended("2027-01-01"),
        2 => policy.amended(PolicyVersion::new("2027-02-01").material([Category::Analytics])),
        3 => policy.vendor(catalog::google_analytics()).consent_mode(
            GoogleAdvancedConsentMode::only_in([
                Jurisdiction::Us(UsRule::Strict),
                Jurisdiction::Br,
                Jurisdiction::Jp,
            ]),
        ),
        4 => policy.strict(),
        _ => policy.audience(Audience::General).dnt(Dnt::Ignore),
    }
}

// covers S27, S36, L01, L48, T10, T38
#[test]
fn nothing_but_an_explicit_act_ever_grants() {
    let policies: Vec<Policy> = (0..6).map(|of| version(of).build().unwrap()).collect();
    // The same keys at a site of another name, where everything was granted.
    let mut elsewhere = App::new(shop().site("other.example").build().unwrap()).visitor();
    elsewhere.accept();
    TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    })
    .run(&prop::collection::vec(happening(), 1..25), |story| {
        let (clock, log) = (clock(), TestLog::new());
        let at = |policy: usize, place: usize| {
            let (place, clock) = (PLACES[place], clock.clone());
            App::new(policies[policy].clone()).set(|layer| {
                layer
                    .with_jurisdiction(move |_| place)
                    .with_clock(clock)
                    .with_signal_source(Further)
                    .with_records(recording(&log))
                    .unwrap()
            })
        };
        let (mut policy, mut place, mut dnt, mut further) = (0, 0, false, "");
        let mut visitor = at(0, 0).visitor();
        for happened in story {
            let mut request = get("/");
            match happened {
                Happening::Visit(path) => request = get(path),
                Happening::Prefetch => {
                    let headers = request.headers_mut();
                    headers.insert("sec-purpose", "prefetch".parse().unwrap());
                }
                Happening::Signal(gpc, on, other) => {
                    visitor.gpc = gpc;
                    dnt = on;
                    further = other;
                }
                Happening::Move(to) => place = to,
                Happening::Wait(seconds) => clock.advance(seconds),
                Happening::Amend(to) => policy = to,
                Happening::Post(form) => request = post_form(form),
                Happening::PostJson(json) => request = post_json(json),
                Happening::Dismiss => request = posted("/_consent/notice", "notice=opt-out"),
                Happening::Erase => request = posted("/_consent/erase", ""),
                Happening::Forget(category) => {
                    let name = consent_cookie(category);
                    visitor.plant(&format!("{name}=; Max-Age=0; Path=/; Secure"));
                }
                Happening::Plant(category) => {
                    let (name, foreign) = (consent_cookie(category), elsewhere.token(category));
                    visitor.plant(&format!("{name}={foreign}; Path=/; Secure"));
                }
            }
            visitor.app = at(policy, place);
            let headers = request.headers_mut();
            if dnt {
                headers.insert("dnt", "1".parse().unwrap());
            }
            if !further.is_empty() {
                headers.insert("x-privacy", further.parse().unwrap());
            }
            visitor.send(request);
            let consent = visitor.consent();
            prop_assert!(consent.granted().is_empty(), "{consent:?}");
            prop_assert!(consent.proof::<Functional>().is_none());
            prop_assert!(consent.proof::<Analytics>().is_none());
            prop_assert!(consent.proof::<Marketing>().is_none());
            for vendor in consent.policy().vendors() {
                prop_assert!(consent.vendor_state(vendor.id()) != State::Granted);
            }
            let may_run = matches!(
                PLACES[place],
                Jurisdiction::Us(UsRule::OptOut)
                    | Jurisdiction::Uk
                    | Jurisdiction::Fr
                    | Jurisdiction::It
                    | Jurisdiction::Ch
            );
            for category in Category::OPTIONAL {
                prop_assert!(may_run || !consent.allows(category), "{consent:?}");
            }
        }
        prop_assert!(
            !log.kinds().contains(&EventKind::Given),
            "{:?}",
            log.kinds()
        );
        Ok(())
    })
    .unwrap();
}

// covers L22
#[test]
fn an_opt_out_opens_no_statistics_that_were_objected_to_and_forgotten() {
    let clock = clock();
    let time = clock.clone();
    let app = App::new(version(0).build().unwrap()).set(|layer| {
        layer
            .with_jurisdiction(|_| Jurisdiction::Fr)
            .with_clock(time)
    });
    let opted_out = |mut visitor: Visitor| {
        visitor.send(post_form("choice=opt-out"));
        visitor.consent().allows_vendor("analytics-site")
    };
    let mut visitor = app.visitor();
    visitor.send(post_form("choice=reject"));
    assert!(!visitor.consent().allows_vendor("analytics-site"));
    clock.advance(184 * DAY);
    assert!(!opted_out(visitor));
    // Who never objected keeps them.
    assert!(opted_out(app.visitor()));
}

/// A form that a page of the site posts.
fn posted(path: &str, form: &str) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    request(http::Method::POST, path)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned().into())
        .unwrap()
}
