//! Proves that a visitor sees, takes along and erases the own record without
//! anybody's help, without scripts, and nobody else's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::records::{Mood, TestLog, recorded_shop, recording, recording_app};
use common::*;
use http::{Method, StatusCode};
use serde_json::Value;
use tower_consent::record::{ConsentLog, ReceiptId};
use tower_consent::{Category, ConsentLayer, State};

fn erase(visitor: &mut Visitor) -> Answer {
    let mut request = post_form("language=en");
    *request.uri_mut() = "/_consent/erase".parse().unwrap();
    visitor.send(request)
}

fn valid(schema: &str, value: &Value) -> Vec<String> {
    let schema = std::fs::read_to_string(format!("tests/data/{schema}")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// A visitor who has given, changed and taken back.
fn known(app: &App) -> Visitor {
    let mut visitor = app.visitor();
    visitor.accept();
    app.clock.advance(60);
    visitor.save(&[Category::Analytics]);
    visitor
}

// covers S09, L10
#[test]
fn the_preferences_page_shows_what_was_decided_when() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    let page = visitor.get("/_consent");
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-length"), page.body.len().to_string());
    let text = page.text();
    assert!(text.contains("<h2 id=\"tc-history\">Your record</h2>"));
    assert!(text.contains("<b>Granted</b>: Functional, Analytics, Marketing"));
    assert!(
        text.contains("<b>Withdrawn</b>: Functional, Marketing"),
        "{text}"
    );
    assert!(text.contains("21 September 2026, 14:13 UTC"), "{text}");
    assert!(text.contains("/_consent/record.jsonld"));
    assert!(text.contains("action=\"/_consent/erase\""));
    let receipt = visitor.consent().receipt().unwrap();
    assert!(!text.contains(&receipt.to_hex()), "the page shows no id");

    let stranger = app.visitor().get("/_consent");
    assert!(!stranger.text().contains("tc-history"));
    // What is said of the cookies is true with records and without.
    assert!(!text.contains("without an identifier"), "{text}");
    assert!(
        App::shop()
            .get("/_consent")
            .text()
            .contains("without an identifier")
    );
    let plain = App::shop();
    let mut visitor = plain.visitor();
    visitor.accept();
    assert!(!visitor.get("/_consent").text().contains("tc-history"));
    assert_eq!(
        visitor.get("/_consent/record.json").status,
        StatusCode::NOT_FOUND
    );
}

// covers S46, S45, T36
#[test]
fn the_record_is_taken_along_as_json_and_as_linked_data_with_every_mandatory_field() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    visitor.reject();
    let json = visitor.get("/_consent/record.json");
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(
        json.header("content-disposition"),
        "attachment; filename=\"consent-record.json\""
    );
    assert!(json.header("cache-control").contains("no-store"));
    let value = json.json();
    assert_eq!(valid("record-export.schema.json", &value), [""; 0]);
    assert_eq!(value["events"].as_array().unwrap().len(), 3);
    assert_eq!(value["events"][0]["time"], "2026-09-21T14:13:20Z");

    let linked = visitor.get("/_consent/record.jsonld");
    assert_eq!(linked.header("content-type"), "application/ld+json");
    let value = linked.json();
    assert_eq!(valid("consent-record.schema.json", &value), [""; 0]);
    let records = value["@graph"].as_array().unwrap();
    let status = |record: &Value, at: usize| {
        record["dpv:hasProcess"][at]["dpv:hasConsentStatus"]["@type"].clone()
    };
    assert_eq!(records.len(), 3);
    assert_eq!(status(&records[0], 2), "dpv:ConsentGiven");
    assert_eq!(status(&records[1], 2), "dpv:ConsentWithdrawn");
    assert_eq!(status(&records[1], 1), "dpv:ConsentGiven");
    assert_eq!(status(&records[2], 1), "dpv:ConsentWithdrawn");
    assert_eq!(status(&records[2], 2), "dpv:ConsentRefused");
    let controller = records[0]["dpv:hasEntity"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entity| entity["@type"] == "dpv:DataController")
        .unwrap();
    assert_eq!(controller["schema:name"], "Shop Ltd");
    let head = visitor.send(empty(request(Method::HEAD, "/_consent/record.json")));
    assert!(head.body.is_empty() && head.status == StatusCode::OK);
}

// covers T36
#[test]
fn a_record_that_lacks_a_mandatory_field_does_not_validate() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let whole = known(&app).get("/_consent/record.jsonld").json();
    let record = whole["@graph"][0].as_object().unwrap();
    for field in record.keys() {
        let mut other = whole.clone();
        other["@graph"][0].as_object_mut().unwrap().remove(field);
        assert!(
            !valid("consent-record.schema.json", &other).is_empty(),
            "{field}"
        );
    }
    let process = whole["@graph"][0]["dpv:hasProcess"][0].as_object().unwrap();
    for field in process.keys() {
        let mut other = whole.clone();
        let process = &mut other["@graph"][0]["dpv:hasProcess"][0];
        process.as_object_mut().unwrap().remove(field);
        assert!(
            !valid("consent-record.schema.json", &other).is_empty(),
            "{field}"
        );
    }
}

// covers S09, S11, S14
#[test]
fn erasing_leaves_nothing_and_says_what_backups_may_hold() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    let mut other = known(&app);
    visitor.plant("_ga=1; Path=/; Domain=shop.example");
    let answer = erase(&mut visitor);
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.text().contains("Your record has been erased"));
    assert!(
        answer
            .text()
            .contains("Backups of this site may still hold a copy")
    );
    assert!(!answer.text().contains("id=\"tc-history\""));
    assert!(
        answer.expired().contains(&"_ga"),
        "what it proved ends with it"
    );
    assert!(visitor.granted().is_empty());
    assert!(!visitor.consent().needs_banner(), "and is not asked again");
    assert_eq!(visitor.consent().receipt(), None);
    assert_eq!(
        visitor.get("/_consent/record.json").status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(log.rows().len(), 2, "the other visitor's");
    assert_eq!(other.get("/_consent/record.json").status, StatusCode::OK);

    let mut request = post_json("{}");
    *request.uri_mut() = "/_consent/erase".parse().unwrap();
    let answer = other.send(request);
    assert_eq!(answer.json()["erased"], 2);
    assert!(
        answer.json()["backups"]
            .as_str()
            .unwrap()
            .contains("Backups")
    );
    assert!(log.rows().is_empty());
}

// covers S13
#[test]
fn a_guessed_or_foreign_id_is_answered_like_none() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    let none = app.get("/_consent/record.json");
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let anchor = visitor.token(Category::Necessary);
    let name = consent_cookie(Category::Necessary);
    let forged = {
        let mut bytes = mint::decode(&anchor);
        bytes[23..39].copy_from_slice(ReceiptId::random().unwrap().as_bytes());
        mint::encode(&bytes)
    };
    // Signed by this site, for a record that is not there.
    let absent = {
        let bytes = mint::decode(&anchor);
        let mut payload = bytes[..bytes.len() - 16].to_vec();
        payload[23..39].copy_from_slice(ReceiptId::random().unwrap().as_bytes());
        mint::encode(&mint::sealed(&FIRST_KEY, SITE, "necessary", payload))
    };
    for token in [&forged, &absent] {
        let mut request = get("/_consent/record.json");
        let line = format!("{name}={token}").parse().unwrap();
        request.headers_mut().insert("cookie", line);
        let answer = app.send(request);
        assert_eq!((answer.status, &answer.body), (none.status, &none.body));
        assert_eq!(answer.headers, none.headers);
    }
    let receipt = visitor.consent().receipt().unwrap().to_hex();
    for path in [
        format!("/_consent/record.json?receipt={receipt}"),
        format!("/_consent/record/{receipt}"),
    ] {
        let mut request = get(&path);
        request
            .headers_mut()
            .insert("accept", "application/json".parse().unwrap());
        assert_eq!(app.send(request).status, StatusCode::NOT_FOUND);
    }
}

// covers T41
#[test]
fn only_a_form_of_this_site_erases() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    let mut request = post_form("language=en");
    *request.uri_mut() = "/_consent/erase".parse().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", "https://evil.example".parse().unwrap());
    headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(visitor.send(request).status, StatusCode::FORBIDDEN);
    let answer = visitor.get("/_consent/erase");
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(log.rows().len(), 2);
    assert_eq!(visitor.granted(), [Category::Analytics]);
}

// covers S51
#[test]
fn a_record_on_hold_is_kept_and_says_why() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    let receipt = visitor.consent().receipt().unwrap();
    block_on(log.hold(receipt, "court case 1/26")).unwrap();
    let answer = erase(&mut visitor);
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("court case 1/26"));
    assert_eq!(log.rows().len(), 2);
    let export = visitor.get("/_consent/record.json").json();
    assert_eq!(export["events"][0]["held"], "court case 1/26");
    app.clock.advance(4000 * 86_400);
    let purged = block_on(app.layer.purge_records()).unwrap();
    assert_eq!((purged.rows, purged.kept.len()), (0, 1));
    assert_eq!(purged.kept[0].reason, "court case 1/26");
    assert!(block_on(log.release(receipt)).unwrap());
    assert_eq!(block_on(app.layer.purge_records()).unwrap().rows, 2);
}

#[test]
fn while_the_log_is_down_the_page_is_there_and_says_so() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    for mood in [Mood::Fails, Mood::Hangs] {
        log.set(mood);
        let page = visitor.get("/_consent");
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("cannot be shown right now"));
        let file = visitor.get("/_consent/record.json");
        assert_eq!(file.status, StatusCode::GATEWAY_TIMEOUT);
        let answer = erase(&mut visitor);
        assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
        assert!(answer.set_cookies().is_empty());
        assert_eq!(visitor.granted(), [Category::Analytics], "nothing changed");
    }
    log.set(Mood::Works);
    assert_eq!(erase(&mut visitor).status, StatusCode::OK);
}

#[test]
fn rows_that_wait_are_erased_with_the_others() {
    let log = TestLog::new();
    let app = recording_app(&log);
    let mut visitor = known(&app);
    log.set(Mood::Fails);
    visitor.reject();
    log.set(Mood::Works);
    assert_eq!(app.layer.record_stats().unwrap().waiting, 1);
    assert_eq!(erase(&mut visitor).status, StatusCode::OK);
    assert_eq!(block_on(app.layer.flush_records()), 0);
    assert!(log.rows().is_empty());
}

// covers T36, L02
#[test]
fn an_exported_event_tells_what_the_policy_said_then() {
    let log = TestLog::new();
    let mut visitor = known(&recording_app(&log));
    let later = recorded_shop()
        .vendor(tower_consent::catalog::tiktok_pixel())
        .build()
        .unwrap();
    let recording = recording(&log);
    visitor.app = App::new(later).set(|layer: ConsentLayer| layer.with_records(recording).unwrap());
    visitor.accept();
    let linked = visitor.get("/_consent/record.jsonld").json();
    assert_eq!(valid("consent-record.schema.json", &linked), [""; 0]);
    let text = |at: usize| linked["@graph"][at].to_string();
    assert!(!text(0).contains("tiktok"));
    assert!(text(3).contains("tiktok"), "{}", text(3));
    assert_eq!(visitor.consent().state(Category::Marketing), State::Granted);
}

#[test]
fn what_is_said_of_the_cookies_goes_by_whether_records_are_kept() {
    let log = TestLog::new();
    let kept = recording_app(&log);
    let promised = App::new(recorded_shop().build().unwrap());
    let never = App::shop();
    let (number, none) = ("under a random number", "without an identifier");
    for (app, says, never_says) in [
        (&kept, number, none),
        (&promised, none, number),
        (&never, none, number),
    ] {
        let page = app.visitor().get("/_consent");
        assert!(page.text().contains(says), "{says}");
        assert!(!page.text().contains(never_says), "{never_says}");
    }
    // Where nothing is kept there is nothing to fetch either.
    let mut visitor = promised.visitor();
    visitor.accept();
    assert_eq!(visitor.consent().receipt(), None);
    assert_ne!(visitor.get("/_consent/record.json").status, StatusCode::OK);
}
