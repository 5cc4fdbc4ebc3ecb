//! Proves that an event of each kind is written when what it is named for
//! happens, end to end: the visitor's requests on one side, rows on the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::records::{TestLog, controller, recorded_shop, recording};
use common::*;
use tower_consent::record::EventKind;
use tower_consent::{
    Category, Change, ConsentLayer, Dnt, ExemptStatistics, Jurisdiction, Policy, PolicyBuilder,
    RecordTerms, State, StatisticsRegime, UsRule, catalog,
};

const WAIT: Duration = Duration::from_secs(20);
const US: Jurisdiction = Jurisdiction::Us(UsRule::Strict);

fn app(log: &TestLog, policy: PolicyBuilder, place: Jurisdiction) -> App {
    let recording = recording(log);
    App::new(policy.build().unwrap()).set(|layer: ConsentLayer| {
        let layer = layer.with_jurisdiction(move |_| place);
        layer.with_records(recording).unwrap()
    })
}

/// A shop that counts its visitors without asking them where it may. `whole`:
/// and has no other analytics.
fn counted(whole: bool) -> PolicyBuilder {
    let policy = Policy::builder(REVISION)
        .site(SITE)
        .vendor(shop_stats())
        .vendor(catalog::meta_pixel())
        .controller(controller())
        .records(RecordTerms::new(914, ["IE"]))
        .dnt(Dnt::Objection)
        .exempt_statistics(
            ExemptStatistics::new("Assessed on 2026-09-01")
                .under([StatisticsRegime::Uk, StatisticsRegime::Fr])
                .vendor("shop-stats")
                .cookie_days(393)
                .data_months(25),
        );
    if whole {
        policy
    } else {
        policy.vendor(catalog::google_analytics())
    }
}

/// What an event did to each category that it changed.
fn changes(log: &TestLog, at: usize) -> Vec<(Category, EventKind, State)> {
    let event = &log.events()[at];
    let changed = event.outcomes.iter();
    changed
        .filter_map(|outcome| Some((outcome.category, outcome.change?, outcome.state)))
        .collect()
}

// covers L02, T38
#[test]
fn each_of_the_seven_kinds_is_written_by_what_it_is_named_for() {
    let log = TestLog::new();
    let mut visitor = app(&log, recorded_shop(), Jurisdiction::Eu).visitor();
    visitor.reject();
    visitor.accept();
    visitor.save(&[Category::Analytics]);
    // What is asked about marketing changes.
    let changed = recorded_shop().vendor(catalog::tiktok_pixel());
    visitor.app = app(&log, changed, Jurisdiction::Eu);
    visitor.accept();
    // Half a year passes, and the browser keeps the cookies.
    let kept = visitor.jar.clone();
    visitor.app.clock.advance(LIFETIME);
    visitor.jar = kept;
    visitor.accept();
    // In California the browser opts out.
    let changed = recorded_shop().vendor(catalog::tiktok_pixel());
    let clock = visitor.app.clock.clone();
    visitor.app = app(&log, changed, US).set(|layer| layer.with_clock(clock));
    visitor.gpc = true;
    visitor.get("/");
    block_on(visitor.app.layer.flush_records());
    // In London somebody else objects to being counted.
    app(&log, counted(true), Jurisdiction::Uk)
        .visitor()
        .choose("choice=object");
    assert_eq!(
        log.kinds(),
        [
            EventKind::Refused,
            EventKind::Given,
            EventKind::Withdrawn,
            EventKind::Invalidated,
            EventKind::Given,
            EventKind::Expired,
            EventKind::Given,
            EventKind::Signal,
            EventKind::Objected,
        ]
    );
}

// covers L22, L29
#[test]
fn an_objection_to_what_runs_without_consent_is_written_as_one() {
    for (whole, form) in [
        (true, "choice=object"),
        (false, "choice=object"),
        (true, "choice=reject"),
    ] {
        let log = TestLog::new();
        let mut visitor = app(&log, counted(whole), Jurisdiction::Fr).visitor();
        assert!(visitor.consent().allows_vendor("shop-stats"));
        visitor.choose(form);
        assert!(!visitor.consent().allows_vendor("shop-stats"), "{form}");
        assert_eq!(log.kinds(), [EventKind::Objected], "{whole} {form}");
        let analytics = (Category::Analytics, EventKind::Objected, State::Refused);
        assert!(changes(&log, 0).contains(&analytics), "{whole} {form}");
        // Saying it again is no second row.
        visitor.choose(form);
        assert_eq!(log.rows().len(), 1);
    }
}

#[test]
fn an_objection_is_one_too_where_a_signal_held_the_statistics_back_already() {
    let log = TestLog::new();
    let mut visitor = app(&log, counted(true), Jurisdiction::Fr).visitor();
    let mut request = post_form("choice=object");
    request.headers_mut().insert("dnt", "1".parse().unwrap());
    visitor.send(request);
    assert_eq!(log.kinds(), [EventKind::Objected]);
}

#[test]
fn what_runs_without_consent_is_never_recorded_as_granted() {
    let log = TestLog::new();
    let mut visitor = app(&log, counted(false), Jurisdiction::Fr).visitor();
    visitor.choose("choice=opt-out");
    assert!(visitor.consent().allows_vendor("shop-stats"), "it runs on");
    for outcome in &log.events()[0].outcomes {
        assert!(outcome.granted_vendors.is_empty(), "{outcome:?}");
        assert_ne!(outcome.state, State::Granted);
    }
}

#[test]
fn taking_back_statistics_that_were_granted_is_a_withdrawal_and_no_objection() {
    let log = TestLog::new();
    // Nothing is exempt in Germany, so that it was granted.
    let mut visitor = app(&log, counted(true), Jurisdiction::Eu).visitor();
    visitor.accept();
    visitor.choose("choice=object");
    assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
    // Nothing ran, so that nothing is objected to.
    app(&log, counted(true), Jurisdiction::Eu)
        .visitor()
        .reject();
    assert_eq!(log.kinds()[2..], [EventKind::Refused]);
}

/// A shop in California, and what its hooks are told.
fn told(log: &TestLog) -> (App, Receiver<(&'static str, Change)>) {
    let (sender, told) = channel();
    let sender = Arc::new(Mutex::new(sender));
    let hook = |name: &'static str| {
        let sender = sender.clone();
        move |change: &Change| sender.lock().unwrap().send((name, change.clone())).unwrap()
    };
    let app = app(log, recorded_shop(), US).set(|layer: ConsentLayer| {
        layer
            .on_opt_out(hook("opt-out"))
            .on_withdraw(hook("withdraw"))
    });
    (app, told)
}

// covers L42, T05
#[test]
fn a_grant_that_the_signal_overrules_leaves_one_row_and_one_call_however_many_requests_come() {
    let log = TestLog::new();
    let (app, told) = told(&log);
    let mut visitor = app.visitor();
    visitor.accept();
    let receipt = visitor.consent().receipt();
    visitor.gpc = true;
    // A browser that asks for three pages before it has stored anything.
    let before = visitor.jar.clone();
    for _ in 0..3 {
        visitor.jar = before.clone();
        assert!(!visitor.get("/").stored().is_empty());
    }
    // The cookies are there, and nothing is left to rewrite.
    for _ in 0..3 {
        assert!(visitor.get("/").stored().is_empty());
    }
    block_on(app.layer.flush_records());
    assert_eq!(log.kinds(), [EventKind::Given, EventKind::Signal]);
    let event = &log.events()[1];
    assert_eq!(
        (event.receipt, &*event.signals[0]),
        (receipt.unwrap(), "gpc")
    );
    assert_eq!((&*event.layer, &*event.method), ("signal", "signal"));
    let overruled = (Category::Marketing, EventKind::Signal, State::Refused);
    assert!(changes(&log, 1).contains(&overruled), "{event:?}");

    let (name, change) = told.recv_timeout(WAIT).unwrap();
    assert_eq!(
        (name, change.receipt, change.gpc),
        ("opt-out", receipt, true)
    );
    assert!(change.categories.contains(Category::Marketing));
    assert!(
        change.vendors.contains(&"meta-pixel".to_owned()),
        "{change:?}"
    );
    assert!(!change.granted.contains(Category::Marketing));
    // A grant in view of the notice, withdrawn by the next choice, is told again.
    visitor.app.clock.advance(60);
    visitor.gpc = false;
    visitor.accept();
    visitor.gpc = true;
    visitor.get("/");
    assert_eq!(told.recv_timeout(WAIT).unwrap().0, "opt-out");
    drop(app);
    drop(visitor);
    assert!(told.recv_timeout(WAIT).is_err(), "nothing more");
}

// covers L42, T05
#[test]
fn a_signal_that_the_pages_script_tells_of_is_recorded_and_told_like_the_header() {
    for place in [US, Jurisdiction::Eu] {
        let log = TestLog::new();
        let (app, told) = told(&log);
        let app = app.set(|layer| layer.with_jurisdiction(move |_| place));
        let mut visitor = app.visitor();
        visitor.accept();
        let receipt = visitor.consent().receipt();
        let before = visitor.jar.clone();
        for _ in 0..3 {
            visitor.jar = before.clone();
            assert!(!visitor.choose("choice=signal").stored().is_empty());
        }
        assert!(visitor.choose("choice=signal").stored().is_empty());
        block_on(app.layer.flush_records());
        assert_eq!(log.kinds(), [EventKind::Given, EventKind::Signal]);
        let overruled = (Category::Marketing, EventKind::Signal, State::Refused);
        assert!(changes(&log, 1).contains(&overruled), "{place}");
        let (name, change) = told.recv_timeout(WAIT).unwrap();
        assert_eq!((name, change.receipt), ("opt-out", receipt), "{place}");
        let lost = change.vendors.contains(&"meta-pixel".to_owned());
        assert!(lost, "{place}: {change:?}");
        drop(app);
        drop(visitor);
        assert!(told.recv_timeout(WAIT).is_err(), "{place}: nothing more");
    }
}

// covers L42
#[test]
fn what_a_choice_takes_back_besides_the_scripts_word_of_the_signal_is_recorded_and_told() {
    for place in [US, Jurisdiction::Eu] {
        let log = TestLog::new();
        let (app, told) = told(&log);
        let app = app.set(|layer| layer.with_jurisdiction(move |_| place));
        let mut visitor = app.visitor();
        visitor.accept();
        // The server has not heard of the signal, so all that was granted ran.
        visitor.choose("choice=save&functional=on&analytics=on&gpc=1");
        assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
        let taken = (Category::Marketing, EventKind::Withdrawn, State::Refused);
        assert!(changes(&log, 1).contains(&taken), "{place}");
        for name in ["withdraw", "opt-out"] {
            let (called, change) = told.recv_timeout(WAIT).unwrap();
            assert_eq!(called, name, "{place}");
            assert!(change.categories.contains(Category::Marketing), "{place}");
            let lost = change.vendors.contains(&"meta-pixel".to_owned());
            assert!(lost, "{place}: {change:?}");
        }
        // A grant that stood takes nothing back, and nothing new is given by saying it again.
        visitor.choose("choice=accept&conflict=told&gpc=1");
        visitor.app.clock.advance(60);
        visitor.gpc = false;
        let rows = log.kinds().len();
        visitor.choose("choice=accept&conflict=told&gpc=1");
        assert_eq!(log.kinds().len(), rows, "{place}");
        drop(app);
        drop(visitor);
        assert!(told.recv_timeout(WAIT).is_err(), "{place}: nothing more");
    }
}

#[test]
fn where_nothing_is_rewritten_the_signal_writes_and_calls_nothing() {
    let log = TestLog::new();
    let (app, told) = told(&log);
    let app = app.set(|layer| layer.with_jurisdiction(|_| Jurisdiction::Eu));
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.gpc = true;
    for _ in 0..3 {
        visitor.get("/");
    }
    assert_eq!(log.kinds(), [EventKind::Given]);
    // The visitor's own word then takes back what the signal only held back.
    visitor.reject();
    assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
    assert_eq!(told.recv_timeout(WAIT).unwrap().0, "withdraw");
    assert_eq!(told.recv_timeout(WAIT).unwrap().0, "opt-out");
}

#[test]
fn a_hook_that_hangs_or_panics_does_not_delay_the_page_that_stores_the_signal() {
    let log = TestLog::new();
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let app = app(&log, recorded_shop(), US).set(|layer: ConsentLayer| {
        layer
            .on_opt_out(move |_| gate.lock().unwrap().recv().unwrap())
            .on_opt_out(|_| panic!("a hook of the site's own"))
    });
    for _ in 0..20 {
        let mut visitor = app.visitor();
        visitor.accept();
        visitor.gpc = true;
        // Would never come back if it waited for the hook.
        assert!(!visitor.get("/").stored().is_empty());
        assert!(!visitor.consent().allows(Category::Marketing));
    }
    drop(open);
}
