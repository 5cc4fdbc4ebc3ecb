//! In which form is a choice taken, and what is none?

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use tower_consent::Category;
use tower_layer::Layer;

use crate::common::*;
use crate::{FORM, SAME, assert_refused, post};

/// A body that arrives in pieces without a length, and may break off.
struct Pieces(VecDeque<Result<Frame<Bytes>, &'static str>>);

impl Pieces {
    fn of(pieces: impl IntoIterator<Item = &'static str>) -> Self {
        let frame = |piece: &'static str| Ok(Frame::data(Bytes::from_static(piece.as_bytes())));
        Self(pieces.into_iter().map(frame).collect())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.0.pop_front())
    }
}

/// Posts a body that has no length.
fn stream(app: &App, body: Pieces) -> (StatusCode, String, bool) {
    let request = choice_request()
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)
        .unwrap();
    let service = app.layer.layer(service_fn(|_: Request<Pieces>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    block_on(async {
        let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (parts.status, body, parts.headers.contains_key("set-cookie"))
    })
}

// covers L01, L17, behaviour 7
#[test]
fn a_grant_needs_a_named_choice_and_covers_what_it_names_alone() {
    let app = App::shop();
    for (form, granted) in [
        ("choice=save", &[][..]),
        ("choice=reject", &[]),
        ("choice=reject&analytics=on&marketing=on", &[]),
        ("choice=save&functional=on", &[Category::Functional]),
        ("choice=save&analytics=on", &[Category::Analytics]),
        ("choice=save&marketing=on", &[Category::Marketing]),
        ("choice=save&necessary=on", &[]),
        (
            "choice=save&analytics=on&analytics=on",
            &[Category::Analytics],
        ),
        (
            "marketing=on&choice=save&functional=on",
            &[Category::Functional, Category::Marketing],
        ),
        ("choice=accept", &Category::OPTIONAL),
        ("choice=accept&analytics=on", &Category::OPTIONAL),
    ] {
        let mut visitor = app.visitor();
        assert_eq!(visitor.choose(form).status, StatusCode::SEE_OTHER, "{form}");
        assert_eq!(visitor.granted(), granted, "{form}");
    }
    for (json, granted) in [
        ("{\"choice\":\"save\"}", &[][..]),
        (
            "{\"choice\":\"reject\",\"categories\":{\"analytics\":true}}",
            &[],
        ),
        (
            "{\"choice\":\"save\",\"categories\":{\"analytics\":false}}",
            &[],
        ),
        (
            "{\"choice\":\"save\",\"categories\":{\"analytics\":true,\"marketing\":false}}",
            &[Category::Analytics],
        ),
        ("{\"choice\":\"accept\"}", &Category::OPTIONAL),
    ] {
        let mut visitor = app.visitor();
        assert_eq!(
            visitor.send(post_json(json)).status,
            StatusCode::OK,
            "{json}"
        );
        assert_eq!(visitor.granted(), granted, "{json}");
    }
}

// covers L01, S27
#[test]
fn what_names_no_choice_is_none_and_says_what_is_missing() {
    let app = App::shop();
    for (form, why) in [
        ("", "`choice` is missing"),
        ("analytics=on", "`choice` is missing"),
        ("next=/", "`choice` is missing"),
        (
            "choice=",
            "must be `accept`, `reject`, `save`, `load`, `opt-out`, `object` or `signal`",
        ),
        (
            "choice=ACCEPT",
            "must be `accept`, `reject`, `save`, `load`, `opt-out`, `object` or `signal`",
        ),
        (
            "choice=close",
            "must be `accept`, `reject`, `save`, `load`, `opt-out`, `object` or `signal`",
        ),
        ("choice=accept&choice=reject", "`choice` is there twice"),
        ("choice=save&analytics=off", "`analytics` must be `on`"),
        ("choice=save&analytics=true", "`analytics` must be `on`"),
        ("choice=save&analytic=on", "unknown field"),
        ("choice=save&Analytics=on", "unknown field"),
        ("choice=save&%00=on", "unknown field"),
        ("choice=save&offered=nobody", "not one of this site"),
        ("choice=save&next=/a&next=/b", "`next` is there twice"),
        ("choice=save&source=mail", "`source` must be"),
        ("{\"choice\":\"accept\"}", "unknown field"),
    ] {
        let answer = app.visitor().choose(form);
        assert_refused(&answer, StatusCode::BAD_REQUEST, why);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    for json in [
        "",
        "null",
        "[]",
        "{}",
        "\"accept\"",
        "{\"choice\":null}",
        "{\"choice\":\"ACCEPT\"}",
        "{\"choice\":\"accept\",\"all\":true}",
        "{\"choice\":\"accept\"}{}",
        "choice=accept",
        "{\"choice\":\"save\",\"categories\":{\"analytics\":\"on\"}}",
        "{\"choice\":\"save\",\"categories\":{\"ads\":true}}",
        "{\"choice\":\"save\",\"categories\":[\"analytics\"]}",
    ] {
        let answer = app.send(post_json(json));
        assert_refused(&answer, StatusCode::BAD_REQUEST, "error");
        assert!(
            answer.json()["error"].as_str().unwrap().contains("choice"),
            "{json}"
        );
    }
}

// covers S30
#[test]
fn only_forms_and_json_are_read() {
    let app = App::shop();
    for (content_type, status) in [
        ("application/x-www-form-urlencoded", StatusCode::SEE_OTHER),
        (
            "APPLICATION/X-WWW-Form-Urlencoded; charset=UTF-8",
            StatusCode::SEE_OTHER,
        ),
        ("text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "multipart/form-data; boundary=x",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("application/xml", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "application/x-www-form-urlencodedx",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let answer = post(
            &app,
            &[SAME, ("content-type", content_type)],
            "choice=accept",
        );
        assert_eq!(answer.status, status, "{content_type}");
        if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            assert_refused(&answer, status, "application/json");
        }
    }
    let without = post(&app, &[SAME], "choice=accept");
    assert_refused(
        &without,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "application/x-www-form-urlencoded",
    );
    let json = post(
        &app,
        &[SAME, ("content-type", "application/json; charset=utf-8")],
        "{\"choice\":\"accept\"}",
    );
    assert_eq!(json.status, StatusCode::OK);
}

// covers S30, behaviour 107
#[test]
fn four_kibibytes_are_read_and_not_one_more() {
    let app = App::shop();
    let form = |length: usize| {
        let start = "choice=accept&next=/";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    for (length, status) in [
        (2000, StatusCode::SEE_OTHER),
        (4096, StatusCode::SEE_OTHER),
        (4097, StatusCode::PAYLOAD_TOO_LARGE),
        (1_000_000, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        // Whole, with and without its length, and in small pieces.
        let body = form(length);
        let declared = post(
            &app,
            &[SAME, FORM, ("content-length", &length.to_string())],
            &body,
        );
        let silent = post(&app, &[SAME, FORM], &body);
        let pieces: &'static str = body.leak();
        let pieces = (0..length)
            .step_by(100)
            .map(|at| &pieces[at..length.min(at + 100)]);
        let (streamed, why, stored) = stream(&app, Pieces::of(pieces));
        for answer in [&declared, &silent] {
            assert_eq!(answer.status, status, "{length}");
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                assert_refused(answer, status, "at most 4096 bytes");
            }
        }
        assert_eq!(
            (streamed, stored),
            (status, status == StatusCode::SEE_OTHER)
        );
        assert!(stored || why.contains("at most 4096 bytes"));
    }
    // A length that is announced and too long is refused without reading; one that lies is not believed.
    let announced = post(
        &app,
        &[SAME, FORM, ("content-length", "4097")],
        "choice=accept",
    );
    assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE);
    let lies = post(&app, &[SAME, FORM, ("content-length", "1")], &form(5000));
    assert_eq!(lies.status, StatusCode::PAYLOAD_TOO_LARGE);
    let absurd = post(
        &app,
        &[SAME, FORM, ("content-length", "x")],
        "choice=accept",
    );
    assert_eq!(absurd.status, StatusCode::SEE_OTHER);
}

// covers S30
#[test]
fn a_body_in_pieces_is_one_body_and_a_broken_one_is_none() {
    let app = App::shop();
    let (status, _, stored) = stream(&app, Pieces::of(["cho", "", "ice=acc", "ept"]));
    assert_eq!((status, stored), (StatusCode::SEE_OTHER, true));

    let mut broken = Pieces::of(["choice=accept"]);
    broken.0.push_back(Err("connection lost"));
    let (status, why, stored) = stream(&app, broken);
    assert_eq!((status, stored), (StatusCode::BAD_REQUEST, false));
    assert!(why.contains("before the whole choice had arrived"), "{why}");

    let mut trailed = Pieces::of(["choice=accept"]);
    trailed
        .0
        .push_back(Ok(Frame::trailers(http::HeaderMap::new())));
    assert_eq!(stream(&app, trailed).0, StatusCode::SEE_OTHER);
}

/// The length header is part of what `post` may set, so it must not be added behind its back.
#[test]
fn the_fixture_sends_no_length_of_its_own() {
    let request = post_form("choice=accept");
    assert!(!request.headers().contains_key(CONTENT_LENGTH));
}
