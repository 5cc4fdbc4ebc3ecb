//! Proves that a grant takes effect only once its record is durable, and that
//! nothing but a grant ever waits for the log: no page, no refusal, no withdrawal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use common::records::{Mood, TestLog, recorded_shop, recording, recording_app, recording_with};
use common::*;
use http::StatusCode;
use tower_consent::record::{ArtefactId, ConsentLog, EventKind, ReceiptId};
use tower_consent::{Category, Choice, ConsentLayer, Reason, State};

const BROKEN: [Mood; 3] = [Mood::Fails, Mood::Hangs, Mood::Rejects];

// covers L02, T38, behaviour 103
#[test]
fn every_choice_leaves_one_row_that_says_what_was_decided_and_how() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = app.visitor();
    visitor.reject();
    visitor.save(&[Category::Analytics]);
    visitor.send(post_json(
        r#"{"choice":"save","categories":{"analytics":true,"marketing":true},"refused_vendors":["shop-stats"],"source":"preferences"}"#,
    ));
    app.clock.advance(60);
    visitor.reject();
    let events = log.events();
    assert_eq!(
        log.kinds(),
        [
            EventKind::Refused,
            EventKind::Given,
            EventKind::Given,
            EventKind::Withdrawn
        ]
    );
    let receipt = visitor.consent().receipt().unwrap();
    for event in &events {
        assert_eq!(event.receipt, receipt);
        assert_eq!((&*event.site, &*event.revision), (SITE, REVISION));
        assert_eq!((&*event.locale, &*event.variant), ("en", "body-start"));
        assert!(event.signals.is_empty());
    }
    assert_eq!(events[3].at.unix_seconds(), NOW + 60);
    assert_eq!((&*events[1].layer, &*events[1].method), ("banner", "form"));
    assert_eq!(
        (&*events[2].layer, &*events[2].method),
        ("preferences", "script")
    );
    let third = &events[2].outcomes;
    let of = |category| third.iter().find(|of| of.category == category).unwrap();
    assert_eq!(of(Category::Marketing).change, Some(EventKind::Given));
    assert_eq!(of(Category::Marketing).state, State::Granted);
    assert_eq!(of(Category::Analytics).change, Some(EventKind::Withdrawn));
    assert_eq!(of(Category::Analytics).refused_vendors, ["shop-stats"]);
    assert_eq!(of(Category::Functional).change, None);
    assert_eq!(of(Category::Functional).asked.len(), 16);
    let stats = app.layer.record_stats().unwrap();
    assert_eq!((stats.stored, stats.lost, stats.waiting), (4, 0, 0));
}

#[test]
fn a_row_holds_no_address_no_user_agent_and_no_page() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    let mut request = post_form("choice=accept&next=%2Fsecret-page");
    for (name, value) in [
        ("user-agent", "Secret/1.0"),
        ("x-forwarded-for", "203.0.113.9"),
        ("referer", "https://www.shop.example/secret-page"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    visitor.send(request);
    let row = &log.rows()[0].row;
    for never in ["Secret", "203.0.113", "secret-page", "www.shop.example"] {
        assert!(!row.text.contains(never), "{never} in {}", row.text);
    }
}

// covers behaviour 18
#[test]
fn the_same_choice_again_writes_no_second_row() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    for _ in 0..3 {
        visitor.accept();
    }
    assert_eq!(log.rows().len(), 1);
    for _ in 0..3 {
        visitor.reject();
    }
    assert_eq!(log.rows().len(), 2);
}

#[test]
fn while_the_log_is_down_nothing_is_granted_and_the_visitor_is_told() {
    for mood in BROKEN {
        let log = TestLog::new();
        let app = recording_app(&log);
        log.set(mood);
        let mut visitor = app.visitor();
        let page = visitor.choose("choice=accept");
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{mood:?}");
        assert_eq!(page.header("retry-after"), "5");
        assert!(page.set_cookies().is_empty(), "{page:?}");
        assert!(page.text().contains("could not be stored"), "{page:?}");
        let json = visitor.send(post_json(r#"{"choice":"accept"}"#));
        assert_eq!(json.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(json.json()["error"].is_string());
        assert!(json.set_cookies().is_empty());
        assert!(visitor.consent().needs_banner(), "still asked");
        assert_eq!(app.layer.record_stats().unwrap().grants_refused, 2);

        log.set(Mood::Works);
        visitor.accept();
        assert_eq!(visitor.granted().len(), 3);
        assert_eq!(log.kinds(), [EventKind::Given], "{mood:?}");
    }
}

// covers L04
#[test]
fn a_withdrawal_takes_effect_whatever_the_log_does_and_is_recorded_later() {
    for mood in [Mood::Fails, Mood::Hangs] {
        let log = TestLog::new();
        let app = recording_app(&log);
        let mut visitor = app.visitor();
        visitor.accept();
        log.set(mood);
        visitor.reject();
        assert!(visitor.granted().is_empty(), "{mood:?}");
        assert_eq!(log.kinds(), [EventKind::Given]);
        let stats = app.layer.record_stats().unwrap();
        assert_eq!((stats.waiting, stats.lost), (1, 0), "{stats:?}");
        assert!(stats.failures > 0);
        assert_eq!(stats.timeouts > 0, mood == Mood::Hangs);

        // It goes along with the next choice, once the pause after a failure is over.
        log.set(Mood::Works);
        app.clock.advance(60);
        app.visitor().accept();
        let mut kinds = log.kinds();
        kinds.sort_by_key(|kind| kind.as_str());
        assert_eq!(
            kinds,
            [EventKind::Given, EventKind::Given, EventKind::Withdrawn]
        );
        let stats = app.layer.record_stats().unwrap();
        assert_eq!((stats.waiting, stats.retried, stats.lost), (0, 1, 0));
    }
}

#[test]
fn a_log_that_is_down_delays_no_page() {
    for mood in BROKEN {
        let log = TestLog::new();
        let app = recording_app(&log);
        let mut visitor = app.visitor();
        visitor.accept();
        log.set(mood);
        let asked = log.appends.load(Ordering::SeqCst);
        assert_eq!(visitor.get("/").status, StatusCode::OK);
        assert_eq!(visitor.granted().len(), 3, "what was stored still counts");
        assert_eq!(app.visitor().get("/").status, StatusCode::OK);
        assert_eq!(log.appends.load(Ordering::SeqCst), asked);
    }
}

#[test]
fn of_a_choice_that_gives_and_takes_only_the_taking_survives_a_broken_log() {
    for mood in BROKEN {
        let log = TestLog::new();
        let app = recording_app(&log);
        let mut visitor = app.visitor();
        visitor.save(&[Category::Analytics, Category::Functional]);
        log.set(mood);
        let answer = visitor.choose("choice=save&marketing=on&functional=on");
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(visitor.granted(), [Category::Functional], "{mood:?}");
        log.set(Mood::Works);
        app.clock.advance(60);
        block_on(app.layer.flush_records());
        let events = log.events();
        assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
        let marketing = events[1].outcomes.last().unwrap();
        assert_eq!(marketing.category, Category::Marketing);
        assert_ne!(marketing.state, State::Granted);
    }
}

#[test]
fn a_choice_that_the_app_makes_goes_the_same_way() {
    let log = TestLog::new();
    let app = recording_app(&log).answering(|request| {
        let mut response = page(PAGE);
        if request.uri().path() == "/agree" {
            response.extensions_mut().insert(Choice::accept_all());
        }
        response
    });
    log.set(Mood::Fails);
    let mut visitor = app.visitor();
    let answer = visitor.get("/agree");
    assert_eq!(answer.status, StatusCode::OK, "the page itself is there");
    assert!(answer.stored().is_empty());
    assert!(!loads(answer.text(), "https://connect.facebook.net"));
    assert!(visitor.granted().is_empty());

    log.set(Mood::Works);
    let answer = visitor.get("/agree");
    assert!(loads(answer.text(), "https://connect.facebook.net"));
    assert_eq!(visitor.granted().len(), 3);
    let event = &log.events()[0];
    assert_eq!(
        (&*event.layer, &*event.method),
        ("application", "application")
    );
}

#[test]
fn a_flood_of_choices_is_turned_away_and_memory_stays_bounded() {
    let log = TestLog::new();
    let app = recording_with(&log, |recording| recording.with_max_in_flight(0));
    let answer = app.visitor().choose("choice=accept");
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    app.visitor().reject();
    let stats = app.layer.record_stats().unwrap();
    assert_eq!((stats.turned_away, stats.waiting), (2, 1));

    let log = TestLog::new();
    let app = recording_with(&log, |recording| recording.with_max_waiting(10));
    let mut known: Vec<Visitor> = (0..8).map(|_| app.visitor()).collect();
    known.iter_mut().for_each(|visitor| {
        visitor.accept();
    });
    log.set(Mood::Fails);
    for _ in 0..50 {
        app.visitor().reject();
    }
    let stats = app.layer.record_stats().unwrap();
    assert_eq!((stats.waiting, stats.lost), (5, 45), "half of the room");
    for visitor in &mut known {
        visitor.reject();
        assert!(visitor.granted().is_empty());
    }
    let stats = app.layer.record_stats().unwrap();
    assert_eq!((stats.waiting, stats.lost), (10, 48));
}

#[test]
fn the_worker_stores_what_waits_without_another_choice() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = app.visitor();
    visitor.accept();
    log.set(Mood::Fails);
    visitor.reject();
    let mut worker = Box::pin(app.layer.record_worker());
    let mut context = Context::from_waker(Waker::noop());
    log.set(Mood::Works);
    assert_eq!(worker.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
    assert_eq!(app.layer.record_stats().unwrap().waiting, 0);
}

#[test]
fn a_row_that_the_log_never_takes_keeps_no_other_out() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitors: Vec<Visitor> = (0..3).map(|_| app.visitor()).collect();
    log.set(Mood::Fails);
    for visitor in &mut visitors {
        visitor.reject();
    }
    log.set(Mood::Rejects);
    app.clock.advance(60);
    assert_eq!(block_on(app.layer.flush_records()), 0);
    let stats = app.layer.record_stats().unwrap();
    assert_eq!((stats.waiting, stats.lost), (0, 3));
    log.set(Mood::Works);
    app.visitor().accept();
    assert_eq!(log.rows().len(), 1);
}

#[test]
fn a_visitor_who_leaves_while_a_withdrawal_is_stored_takes_no_row_away() {
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;
    let log = TestLog::new();
    let policy = recorded_shop().build().unwrap();
    // Never gives up, so that the request can be dropped while it waits.
    let recording = recording(&log).with_timer(|_| std::future::pending());
    let app = App::new(policy).set(|layer: ConsentLayer| layer.with_records(recording).unwrap());
    let mut visitor = app.visitor();
    visitor.accept();
    log.set(Mood::Hangs);
    let mut request = post_form("choice=reject");
    let cookies = visitor.jar.header(SITE_HOST, "/").unwrap();
    let headers = request.headers_mut();
    headers.insert("host", SITE_HOST.parse().unwrap());
    headers.insert("cookie", http::HeaderValue::from_bytes(&cookies).unwrap());
    let service = app.layer.layer(service_fn(|_| async {
        Ok::<_, std::convert::Infallible>(page(PAGE))
    }));
    let mut waiting = Box::pin(service.oneshot(request));
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    drop(waiting);
    log.set(Mood::Works);
    assert_eq!(block_on(app.layer.flush_records()), 0);
    assert_eq!(log.kinds(), [EventKind::Given, EventKind::Withdrawn]);
}

// covers L08, L19
#[test]
fn a_receipt_exists_only_where_records_are_kept() {
    let plain = App::shop();
    let (mut one, mut two) = (plain.visitor(), plain.visitor());
    one.accept();
    two.accept();
    assert_eq!(
        one.token(Category::Necessary),
        two.token(Category::Necessary),
        "byte-equal"
    );
    assert_eq!(one.consent().receipt(), None);

    let log = TestLog::new();
    let app = recording_app(&log);
    let (mut one, mut two) = (app.visitor(), app.visitor());
    one.accept();
    two.accept();
    assert_ne!(one.consent().receipt(), two.consent().receipt());
    assert_eq!(
        one.token(Category::Marketing),
        two.token(Category::Marketing),
        "in the anchor alone"
    );
}

#[test]
fn a_choice_from_before_records_were_kept_is_recorded_when_it_is_made_again() {
    let log = TestLog::new();
    let plain = App::shop();
    let mut visitor = plain.visitor();
    visitor.accept();
    visitor.app = recording_app(&log);
    assert_eq!(visitor.granted().len(), 3, "it still counts");
    visitor.accept();
    assert_eq!(log.kinds(), [EventKind::Given]);
    assert!(visitor.consent().receipt().is_some());
    visitor.app = plain;
    visitor.accept();
    assert_eq!(
        visitor.consent().receipt(),
        None,
        "dropped with the records"
    );
}

// covers T38
#[test]
fn what_lapsed_is_recorded_before_the_choice_that_follows() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    visitor.accept();
    let receipt = visitor.consent().receipt();
    let changed = recorded_shop()
        .vendor(tower_consent::catalog::tiktok_pixel())
        .build()
        .unwrap();
    let layer_log = recording(&log);
    visitor.app =
        App::new(changed).set(|layer: ConsentLayer| layer.with_records(layer_log).unwrap());
    assert_eq!(
        standing(&visitor.consent(), Category::Marketing),
        (State::Stale, Reason::RevisionChanged)
    );
    visitor.accept();
    assert_eq!(
        log.kinds(),
        [EventKind::Given, EventKind::Invalidated, EventKind::Given]
    );
    let events = log.events();
    assert_eq!(events[1].outcomes.len(), 1);
    assert_eq!(events[1].outcomes[0].category, Category::Marketing);
    assert_eq!((&*events[1].layer, &*events[1].method), ("none", "none"));
    assert_eq!(visitor.consent().receipt(), receipt, "the same record");

    // A browser that keeps the cookie longer than it was told to.
    let kept = visitor.jar.clone();
    visitor.app.clock.advance(LIFETIME);
    visitor.jar = kept;
    visitor.reject();
    assert_eq!(log.kinds()[3..], [EventKind::Expired, EventKind::Refused]);
}

// covers L02, S47
#[test]
fn from_record_and_archive_the_exact_text_shown_comes_back() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    let shown = visitor.get("/");
    let preferences = visitor.get("/_consent?next=%2F");
    visitor.accept();
    let event = &log.events()[0];
    let artefact = |id: ArtefactId| block_on(log.inner.artefact(id)).unwrap().unwrap();
    let banner = artefact(event.banner);
    assert_eq!(ArtefactId::of(banner.bytes()), event.banner);
    let banner = std::str::from_utf8(banner.bytes()).unwrap();
    assert!(banner.contains("<button"), "{banner}");
    assert!(
        shown.text().contains(banner),
        "{banner}\n\n{}",
        shown.text()
    );
    let text = artefact(event.preferences);
    assert_eq!(text.bytes(), preferences.body);
    let policy: serde_json::Value = serde_json::from_slice(artefact(event.policy).bytes()).unwrap();
    assert_eq!(policy["revision"], REVISION);
    assert_eq!(policy["vendors"].as_array().unwrap().len(), 3);
    assert_eq!(policy["controller"]["name"], "Shop Ltd");
}

// covers L02, T43
#[test]
fn each_text_is_archived_once_and_named_in_its_own_language() {
    let log = TestLog::new();
    let app = recording_app(&log);
    for language in ["de", "en", "de"] {
        let mut request = post_form("choice=accept");
        let headers = request.headers_mut();
        headers.insert("accept-language", language.parse().unwrap());
        app.visitor().send(request);
    }
    let events = log.events();
    let locales: Vec<&str> = events.iter().map(|event| &*event.locale).collect();
    assert_eq!(locales, ["de", "en", "de"]);
    assert_eq!(events[0].banner, events[2].banner);
    assert_ne!(events[0].banner, events[1].banner);
    assert_eq!(events[0].policy, events[1].policy);
}

// covers L09
#[test]
fn a_text_that_a_row_names_cannot_be_removed() {
    let log = TestLog::new();
    let app = recording_app(&log);
    app.visitor().accept();
    let banner = log.events()[0].banner;
    assert!(
        block_on(log.remove_artefact(banner))
            .unwrap_err()
            .is_referenced()
    );
    app.clock
        .advance(u64::from(records::RETENTION_DAYS) * 86_400);
    let purged = block_on(app.layer.purge_records()).unwrap();
    assert_eq!((purged.rows, purged.artefacts), (0, 0), "to the second");
    app.clock.advance(1);
    let purged = block_on(app.layer.purge_records()).unwrap();
    assert_eq!((purged.rows, purged.artefacts), (1, 3));
    assert!(!block_on(log.remove_artefact(banner)).unwrap());
}

// covers S14, L09
#[test]
fn without_terms_no_records_are_kept() {
    let recording = recording(&TestLog::new());
    let layer = ConsentLayer::new(shop_policy(), keyring(FIRST_KEY));
    let error = layer.with_records(recording).unwrap_err();
    assert!(error.to_string().contains("RecordTerms::new"), "{error}");
    for (builder, why) in [
        (
            shop().records(tower_consent::RecordTerms::new(914, ["IE"])),
            ".controller(Controller::new(",
        ),
        (
            recorded_shop().records(tower_consent::RecordTerms::new(183, ["IE"])),
            "183 days",
        ),
        (
            recorded_shop().records(tower_consent::RecordTerms::new(4000, ["IE"])),
            "4000 days",
        ),
        (
            recorded_shop().records(tower_consent::RecordTerms::new(914, [""; 0])),
            "which countries",
        ),
        (
            recorded_shop().records(tower_consent::RecordTerms::new(914, ["ie"])),
            "`ie`",
        ),
        (
            recorded_shop().controller(tower_consent::Controller::new("", "", "", "Ireland")),
            "the controller's contact is blank",
        ),
    ] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

// covers S40
#[test]
fn no_debug_output_shows_a_receipt() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    visitor.accept();
    let consent = visitor.consent();
    let receipt = consent.receipt().unwrap();
    let shown = format!(
        "{:?} {:?} {log:?} {:?}",
        log.events(),
        log.rows(),
        visitor.app.layer
    );
    assert!(shown.contains("ReceiptId(redacted)"));
    let shown = format!("{shown} {consent:?}");
    assert!(!shown.contains(&receipt.to_hex()));
    assert!(!shown.contains(&format!("{:?}", receipt.as_bytes())));
}

// covers S13, T47
#[test]
fn an_anchor_that_names_another_record_does_not_verify() {
    let log = TestLog::new();
    let mut visitor = recording_app(&log).visitor();
    visitor.accept();
    let anchor = visitor.token(Category::Necessary);
    let mut bytes = mint::decode(&anchor);
    assert_eq!(bytes.len(), 23 + 16 + 16);
    let receipt = visitor.consent().receipt().unwrap();
    assert_eq!(bytes[23..39], receipt.as_bytes()[..]);
    let other = ReceiptId::random().unwrap();
    bytes[23..39].copy_from_slice(other.as_bytes());
    let name = consent_cookie(Category::Necessary);
    let line = format!("{name}={}", mint::encode(&bytes));
    assert_eq!(visitor.app.consent_of([line]).receipt(), None);
}
