//! Proves that whoever must hear of a withdrawal does, once, and that a hook
//! that is slow or fails delays and harms nobody.
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

use common::records::{Mood, TestLog, recorded_shop, recording, recording_app};
use common::*;
use http::StatusCode;
use tower_consent::{Category, Change, ConsentLayer};

const WAIT: Duration = Duration::from_secs(20);

/// An app that tells what its hooks are told.
fn told(app: App) -> (App, Receiver<(&'static str, Change)>) {
    let (sender, told) = channel();
    let sender = Arc::new(Mutex::new(sender));
    let hook = |name: &'static str| {
        let sender = sender.clone();
        move |change: &Change| sender.lock().unwrap().send((name, change.clone())).unwrap()
    };
    let app = app.set(|layer: ConsentLayer| {
        layer
            .on_withdraw(hook("withdraw"))
            .on_opt_out(hook("opt-out"))
            .on_policy_change(hook("policy"))
    });
    (app, told)
}

// covers L05
#[test]
fn a_withdrawal_is_told_once_with_what_it_takes_away() {
    let log = TestLog::new();
    let (app, told) = told(recording_app(&log));
    let mut visitor = app.visitor();
    visitor.accept();
    let receipt = visitor.consent().receipt();
    visitor.save(&[Category::Marketing, Category::Functional]);
    let (name, change) = told.recv_timeout(WAIT).unwrap();
    assert_eq!(name, "withdraw");
    assert_eq!(change.receipt, receipt);
    let categories: Vec<Category> = change.categories.iter().collect();
    assert_eq!(categories, [Category::Analytics]);
    assert_eq!(change.vendors, ["google-analytics", "shop-stats"]);
    assert_eq!(change.at.unix_seconds(), NOW);
    for _ in 0..3 {
        visitor.save(&[Category::Marketing, Category::Functional]);
    }
    visitor.reject();
    let (first, second) = (
        told.recv_timeout(WAIT).unwrap(),
        told.recv_timeout(WAIT).unwrap(),
    );
    assert_eq!((first.0, second.0), ("withdraw", "opt-out"));
    assert_eq!(first.1.vendors, ["meta-pixel"]);
    drop(app);
    drop(visitor);
    assert!(
        told.recv_timeout(WAIT).is_err(),
        "nothing more, and the thread is gone"
    );
}

#[test]
fn one_vendor_taken_back_inside_a_category_is_told_too() {
    let (app, told) = told(App::shop());
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.send(post_json(
        r#"{"choice":"save","categories":{"functional":true,"analytics":true,"marketing":true},"refused_vendors":["shop-stats"]}"#,
    ));
    let (name, change) = told.recv_timeout(WAIT).unwrap();
    assert_eq!(
        (name, change.vendors),
        ("withdraw", vec!["shop-stats".to_owned()])
    );
    assert!(change.categories.is_empty() && change.receipt.is_none());
}

#[test]
fn a_first_refusal_is_an_opt_out_and_no_withdrawal() {
    let (app, told) = told(App::shop());
    app.visitor().reject();
    assert_eq!(told.recv_timeout(WAIT).unwrap().0, "opt-out");
    drop(app);
    assert!(told.recv_timeout(WAIT).is_err());
}

#[test]
fn a_choice_that_a_new_policy_ended_is_told_with_the_next_one() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    visitor.accept();
    let changed = recorded_shop()
        .vendor(tower_consent::catalog::tiktok_pixel())
        .build()
        .unwrap();
    let recording = recording(&log);
    let app = App::new(changed).set(|layer: ConsentLayer| layer.with_records(recording).unwrap());
    let (app, told) = told(app);
    visitor.app = app;
    visitor.accept();
    let (name, change) = told.recv_timeout(WAIT).unwrap();
    assert_eq!(name, "policy");
    let categories: Vec<Category> = change.categories.iter().collect();
    assert_eq!(categories, [Category::Marketing]);
}

#[test]
fn a_hook_that_is_slow_or_panics_delays_no_response() {
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let (sender, told) = channel();
    let sender = Mutex::new(sender);
    let app = App::shop().set(|layer: ConsentLayer| {
        layer
            .on_withdraw(move |_| gate.lock().unwrap().recv().unwrap())
            .on_withdraw(|_| panic!("a hook of the site's own"))
            .on_withdraw(move |change| sender.lock().unwrap().send(change.at).unwrap())
    });
    // More than may wait for the thread, none of which comes back before the gate is open.
    for _ in 0..1100 {
        let mut visitor = app.visitor();
        visitor.accept();
        visitor.reject();
        assert!(visitor.granted().is_empty());
    }
    assert!(
        told.try_recv().is_err(),
        "all of that while the first hook stood still"
    );
    for _ in 0..2 {
        open.send(()).unwrap();
        told.recv_timeout(WAIT).unwrap();
    }
    drop(open);
}

#[test]
fn a_withdrawal_that_the_log_does_not_take_is_told_all_the_same() {
    let log = TestLog::new();
    let (app, told) = told(recording_app(&log));
    let mut visitor = app.visitor();
    visitor.accept();
    log.set(Mood::Fails);
    let mixed = visitor.choose("choice=save&functional=on&marketing=on");
    assert_eq!(mixed.status, StatusCode::SEE_OTHER);
    assert_eq!(told.recv_timeout(WAIT).unwrap().0, "withdraw");
    let refused = app.visitor().choose("choice=accept");
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(told.try_recv().is_err(), "nothing happened");
}
