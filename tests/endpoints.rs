//! Proves how the layer answers at its own addresses: who may choose, in which
//! form, what comes back, who may keep a copy, and that every refusal says why.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use common::*;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn};
use tower_consent::{Category, Policy};
use tower_layer::Layer;

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

fn post(app: &App, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = request(Method::POST, "/_consent/choice");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Full::from(body.to_owned())).unwrap())
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// An answer that is the layer's own belongs to one visitor and one moment.
fn assert_uncacheable(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    for field in ["Cookie", "Sec-GPC"] {
        assert_eq!(
            vary.iter().filter(|value| **value == field).count(),
            1,
            "{vary:?}"
        );
    }
}

/// A refusal stores nothing, says why, and never reaches the app.
fn assert_refused(answer: &Answer, status: StatusCode, why: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(why), "{why:?} in {}", answer.text());
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert!(answer.seen.is_none());
    assert_uncacheable(answer);
}

// --- Who may choose ---

// covers T22
#[test]
fn only_a_page_of_this_very_origin_may_choose() {
    let app = App::shop();
    let own = ("origin", "https://www.shop.example");
    for accepted in [
        &[SAME][..],
        &[SAME, own],
        &[SAME, ("origin", "null")],
        &[own],
        &[("origin", "http://www.shop.example")],
        &[("origin", "https://WWW.shop.example")],
    ] {
        let headers = [accepted, &[FORM]].concat();
        let answer = post(&app, &headers, "choice=accept");
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{accepted:?}");
        assert_eq!(answer.stored().len(), 4);
    }
    let elsewhere = "came from another site";
    for (refused, why) in [
        (&[][..], "did not say which site"),
        (
            &[("referer", "https://www.shop.example/")],
            "did not say which site",
        ),
        (&[("sec-fetch-site", "cross-site")], elsewhere),
        (&[("sec-fetch-site", "same-site")], elsewhere),
        (&[("sec-fetch-site", "none")], elsewhere),
        (&[("sec-fetch-site", "Same-Origin")], elsewhere),
        (&[("sec-fetch-site", "")], elsewhere),
        (&[("sec-fetch-site", "cross-site"), own], elsewhere),
        (&[SAME, ("sec-fetch-site", "cross-site")], elsewhere),
        (&[("origin", "https://evil.test")], elsewhere),
        (&[("origin", "https://shop.example")], elsewhere),
        (
            &[("origin", "https://www.shop.example.evil.test")],
            elsewhere,
        ),
        (&[("origin", "https://www.shop.example:8443")], elsewhere),
        (
            &[("origin", "https://evil.test@www.shop.example")],
            elsewhere,
        ),
        (&[("origin", "null")], elsewhere),
        (&[("origin", "www.shop.example")], elsewhere),
        (&[("origin", "")], elsewhere),
        (&[own, own], "did not say which site"),
    ] {
        for (form, body) in [(FORM, "choice=accept"), (JSON, "{\"choice\":\"accept\"}")] {
            let headers = [refused, &[form]].concat();
            let answer = post(&app, &headers, body);
            assert_refused(&answer, StatusCode::FORBIDDEN, why);
        }
    }
    // HTTP/2 names the host in the address instead.
    let request = Request::post("https://www.shop.example/_consent/choice")
        .header("origin", "https://www.shop.example")
        .header(FORM.0, FORM.1)
        .body(Full::from("choice=accept"))
        .unwrap();
    assert_eq!(app.send(request).status, StatusCode::SEE_OTHER);
}

// covers behaviour 101, T22
#[test]
fn the_forms_need_no_token_so_none_can_go_stale() {
    let app = App::shop();
    let page = app.get("/_consent");
    assert_eq!(page.status, StatusCode::OK);
    for name in ["csrf", "token", "_method"] {
        assert!(!page.text().contains(&format!("name=\"{name}")), "{name}");
    }
    // The fields that the page's own forms send are taken, from a page opened long ago.
    app.clock.advance(30 * 86_400);
    let answer = app
        .visitor()
        .choose("next=%2F&source=preferences&choice=accept");
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

// --- In which form ---

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

// --- What comes back ---

// covers behaviour 99, T41
#[test]
fn a_form_is_redirected_and_a_script_gets_the_new_state() {
    let app = App::shop();
    let mut visitor = app.visitor();
    let form = visitor.choose("choice=accept&next=/cart");
    assert_eq!(form.status, StatusCode::SEE_OTHER);
    assert_eq!(
        (form.location(), form.header("content-length")),
        ("/cart", "0")
    );
    assert!(form.body.is_empty());
    assert_uncacheable(&form);

    let mut visitor = app.visitor();
    let script = visitor.send(post_json(
        "{\"choice\":\"save\",\"categories\":{\"analytics\":true},\"next\":\"/cart\"}",
    ));
    assert_eq!(script.status, StatusCode::OK);
    assert!(!script.headers.contains_key("location"));
    assert_eq!(script.header("content-type"), "application/json");
    let state = script.json();
    assert_eq!(state["granted"], serde_json::json!(["analytics"]));
    assert_eq!(state["categories"]["marketing"], "refused");
    assert_eq!(state["decided"], true);
    assert_eq!(state["decided_at"], NOW);
    assert_eq!(script.stored().len(), 4);
    assert_uncacheable(&script);

    // A form that a script sends asks for JSON by `Accept`.
    let accept = |accept: &str| {
        let answer = post(&app, &[SAME, FORM, ("accept", accept)], "choice=reject");
        answer.status
    };
    assert_eq!(accept("application/json"), StatusCode::OK);
    assert_eq!(accept("text/html,application/json"), StatusCode::SEE_OTHER);
    assert_eq!(accept("*/*"), StatusCode::SEE_OTHER);
}

// covers behaviour 98, T41
#[test]
fn the_way_back_never_leaves_the_site() {
    let app = App::shop();
    let location = |next: &str, referer: Option<&str>| {
        let mut form = field("choice", "accept");
        form.push_str(&field("&next", next));
        let mut headers = vec![SAME, FORM];
        headers.extend(referer.map(|referer| ("referer", referer)));
        let answer = post(&app, &headers, &form);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{next:?}");
        assert_eq!(answer.headers.get_all("location").iter().count(), 1);
        answer.location().to_owned()
    };
    for safe in [
        "/",
        "/cart",
        "/a/b?c=d&e=https://evil.test",
        "/a#b",
        "/%2F/evil.test",
        "/@evil.test",
    ] {
        assert_eq!(location(safe, None), safe);
    }
    let long = format!("/{}", "a".repeat(2048));
    for evil in [
        "",
        "cart",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "\\\\evil.test",
        "https://evil.test/",
        "https:/evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "data:,x",
        "/\t/evil.test",
        "\t//evil.test",
        "/\n/evil.test",
        " /cart",
        "/a b",
        "/a\r\nSet-Cookie: x=y",
        "/\0",
        "/\u{7f}",
        "/\u{85}",
        "/\u{e9}",
        "/\u{2028}",
        "?x",
        "#x",
        "@evil.test",
        &long,
    ] {
        assert_eq!(location(evil, None), "/", "{evil:?}");
        // With an unusable `next` the referring page counts, where it is of this very origin.
        assert_eq!(
            location(evil, Some("https://www.shop.example/p?q#f")),
            "/p?q",
            "{evil:?}"
        );
    }
    for foreign in [
        "https://evil.test/x",
        "https://shop.example/x",
        "https://www.shop.example.evil.test/x",
        "https://www.shop.example:8443/x",
        "https://user@www.shop.example/x",
        "https://www.shop.example//evil.test",
        "https://www.shop.example",
        "ftp://www.shop.example/x",
        "/x",
        "",
    ] {
        assert_eq!(location("//evil.test", Some(foreign)), "/", "{foreign}");
    }
}

fn field(name: &str, value: &str) -> String {
    let escaped: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    format!("{name}={escaped}")
}

// covers behaviour 100, T26, T23, S48, T46
#[test]
fn the_cookies_attributes_follow_the_configuration() {
    type Change = fn(App) -> App;
    let plain: Change = |app| app;
    let insecure: Change = |app| app.set(|layer| layer.with_insecure_cookies(true));
    let again: Change = |app| {
        app.set(|layer| {
            layer
                .with_insecure_cookies(true)
                .with_insecure_cookies(false)
        })
    };
    let host = "HttpOnly; SameSite=Lax; Secure; Path=/";
    for (policy, change, prefix, attributes) in [
        (
            shop(),
            plain,
            "__Host-Http-consent-",
            format!("{host}; Max-Age=15897600"),
        ),
        (
            shop(),
            again,
            "__Host-Http-consent-",
            format!("{host}; Max-Age=15897600"),
        ),
        (
            shop().lifetime_days(1),
            plain,
            "__Host-Http-consent-",
            format!("{host}; Max-Age=86400"),
        ),
        (
            shop().lifetime_days(400),
            plain,
            "__Host-Http-consent-",
            format!("{host}; Max-Age=34560000"),
        ),
        (
            shop().cookie_domain("Shop.Example"),
            plain,
            "__Secure-consent-",
            format!("{host}; Domain=shop.example; Max-Age=15897600"),
        ),
        (
            shop(),
            insecure,
            "consent-",
            "HttpOnly; SameSite=Lax; Path=/; Max-Age=15897600".to_owned(),
        ),
        (
            shop().cookie_domain("shop.example"),
            insecure,
            "consent-",
            "HttpOnly; SameSite=Lax; Path=/; Domain=shop.example; Max-Age=15897600".to_owned(),
        ),
    ] {
        let app = change(App::new(policy.build().unwrap()));
        for form in ["choice=accept", "choice=reject", "choice=save&analytics=on"] {
            let mut visitor = app.visitor();
            let answer = visitor.choose(form);
            let lines = answer.stored();
            assert_eq!(lines.len(), 4);
            for (line, category) in lines.iter().zip(Category::ALL) {
                let (pair, rest) = line.split_once("; ").unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                assert_eq!(name, format!("{prefix}{category}"));
                assert!(value.len() >= 52 && !value.contains(['"', ',', ' ', '\\']));
                assert_eq!(rest, attributes);
            }
            // A browser keeps what was written and sends it back: it obeys the prefix's rules.
            assert_eq!(visitor.jar.names().len(), 4);
            assert!(!visitor.consent().needs_banner());
        }
    }
}

// covers T26, S27, behaviour 87
#[test]
fn consent_is_written_on_a_choice_and_at_no_other_time() {
    let app = App::shop();
    let mut visitor = app.visitor();
    for path in [
        "/",
        "/any",
        "/_consent",
        "/_consent/state",
        "/_consent/nothing",
        "/_consent/choice",
    ] {
        assert_eq!(visitor.get(path).set_cookies(), [""; 0], "{path}");
    }
    visitor.gpc = true;
    assert_eq!(visitor.get("/").set_cookies(), [""; 0]);
    assert!(visitor.jar.names().is_empty());
    visitor.accept();
    for path in ["/", "/_consent", "/_consent/state"] {
        assert_eq!(visitor.get(path).set_cookies(), [""; 0], "{path}");
    }
}

// covers S47
#[test]
fn the_state_and_the_preferences_show_exactly_what_was_chosen() {
    let app = App::shop();
    let ticked = |visitor: &mut Visitor| -> Vec<String> {
        let page = visitor.get("/_consent");
        let boxes = page
            .text()
            .split('<')
            .filter(|tag| tag.starts_with("input type=\"checkbox\""));
        let named = |tag: &str, key: &str| {
            let rest = tag
                .split_once(&format!(" {key}=\""))
                .map(|(_, rest)| rest)?;
            rest.split('"').next().map(str::to_owned)
        };
        let mut ticked: Vec<String> = boxes
            .filter(|tag| tag.contains(" checked"))
            .filter_map(|tag| named(tag, "value").or_else(|| named(tag, "name")))
            .collect();
        ticked.sort_unstable();
        ticked
    };
    let state = |visitor: &mut Visitor| visitor.get("/_consent/state").json();

    // Nothing is ticked beforehand.
    let mut visitor = app.visitor();
    assert_eq!(ticked(&mut visitor), [""; 0]);
    assert_eq!(
        state(&mut visitor),
        serde_json::json!({
            "decided": false, "granted": [], "refused_vendors": [], "narrowed": false,
            "granted_vendors": [], "alone": [], "covered": [], "barred": [],
            "categories": {"functional": "undecided", "analytics": "undecided", "marketing": "undecided"},
            "decided_at": null, "gpc": false
        })
    );

    visitor.choose("choice=save&functional=on&analytics=on&offered=google-analytics&offered=shop-stats&vendor=shop-stats");
    assert_eq!(
        ticked(&mut visitor),
        ["analytics", "functional", "shop-stats"]
    );
    app.clock.advance(1000);
    assert_eq!(
        state(&mut visitor),
        serde_json::json!({
            "decided": true, "granted": ["functional", "analytics"],
            "refused_vendors": ["google-analytics"], "narrowed": false,
            "granted_vendors": [], "alone": [],
            "covered": ["functional", "analytics"], "barred": ["google-analytics"],
            "categories": {"functional": "granted", "analytics": "granted", "marketing": "refused"},
            "decided_at": NOW, "gpc": false
        })
    );
    visitor.gpc = true;
    assert_eq!(state(&mut visitor)["gpc"], true);
    visitor.gpc = false;

    visitor.accept();
    let all = [
        "analytics",
        "functional",
        "google-analytics",
        "marketing",
        "meta-pixel",
        "shop-stats",
    ];
    assert_eq!(ticked(&mut visitor), all);
    visitor.reject();
    assert_eq!(ticked(&mut visitor), [""; 0]);
    assert_eq!(state(&mut visitor)["categories"]["analytics"], "refused");
    // A narrower choice says so, since pages already open have to be reloaded.
    visitor.accept();
    assert_eq!(
        visitor.send(post_json("{\"choice\":\"reject\"}")).json()["narrowed"],
        true
    );
    assert_eq!(
        visitor.send(post_json("{\"choice\":\"accept\"}")).json()["narrowed"],
        false
    );
}

// covers L01, L15, T41, behaviour 102
#[test]
fn the_banner_is_a_form_with_nothing_ticked_and_equal_buttons() {
    let page = App::shop().get("/");
    let text = page.text();
    let start = text.find("<section").unwrap();
    let banner = &text[start..start + text[start..].find("</section>").unwrap()];
    assert!(banner.contains("data-tc-banner"));
    let label = banner
        .split("aria-labelledby=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(banner.contains(&format!("id=\"{label}\"")));
    assert!(banner.contains("<form method=\"post\" action=\"/_consent/choice\""));
    for banned in [
        " checked",
        "<script",
        " onclick=",
        " onsubmit=",
        " onchange=",
        "disabled",
    ] {
        assert!(!banner.contains(banned), "{banned}");
    }
    // Accept and reject are the same but for what they say.
    let button = |act: &str| {
        let at = banner
            .find(&format!("<button name=\"choice\" value=\"{act}\""))
            .expect(act);
        let tag = &banner[at..at + banner[at..].find('>').unwrap()];
        tag.replace(act, "")
    };
    assert_eq!(button("accept"), button("reject"));
    // Every category that is asked about can be chosen by itself, one link away.
    assert!(banner.contains("<a class=\"tc-choose\" href=\"/_consent?next=%2F"));
    let preferences = App::shop().get("/_consent?next=%2F");
    for category in Category::OPTIONAL {
        let input = format!("name=\"{category}\"");
        assert!(preferences.text().contains(&input), "{input}");
    }
}

// covers S16, L04, S47
#[test]
fn every_page_links_to_the_settings_whatever_was_chosen() {
    let app = App::shop();
    for form in [
        None,
        Some("choice=accept"),
        Some("choice=reject"),
        Some("choice=save&analytics=on"),
    ] {
        let mut visitor = app.visitor();
        form.map(|form| visitor.choose(form));
        for path in ["/", "/cart", "/a/b?c=d"] {
            let page = visitor.get(path);
            assert!(
                page.text().contains("<a data-tc-settings href=\"/_consent"),
                "{form:?} {path}"
            );
        }
    }
    // Where the site has a link of its own, it can have this one left out.
    let without = App::shop().set(|layer| layer.with_settings_link(false));
    let mut visitor = without.visitor();
    visitor.accept();
    assert!(!visitor.get("/").text().contains("data-tc-settings"));
    assert_eq!(visitor.get("/_consent").status, StatusCode::OK);
}

// covers L07, S06
#[test]
fn the_preferences_list_every_vendor_with_what_a_visitor_must_know() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    let app = App::new(policy.clone());
    let page = app.get("/_consent");
    let text = page.text();
    assert_eq!(page.status, StatusCode::OK);
    assert!(text.contains("href=\"/privacy\""));
    for vendor in policy.vendors() {
        for fact in [
            vendor.name(),
            vendor.purpose(),
            vendor.provider(),
            vendor.retention(),
            vendor.policy_url(),
        ] {
            let escaped = fact.replace('&', "&amp;").replace('\'', "&#39;");
            assert!(text.contains(&escaped), "{fact} of {}", vendor.id());
        }
        for name in vendor.cookie_patterns() {
            assert!(text.contains(&format!("<code>{name}</code>")), "{name}");
        }
    }
    for cookie in policy.site_cookies() {
        for fact in [
            cookie.name(),
            cookie.purpose(),
            cookie.retention(),
            cookie.user_requested_reason(),
        ] {
            assert!(text.contains(fact), "{fact}");
        }
    }
}

// --- Methods, caches, errors ---

// covers S30, T30
#[test]
fn each_address_answers_its_methods_and_tells_which() {
    let app = App::shop();
    let asset = asset_path(&app);
    for (path, allowed) in [
        ("/_consent", "GET, HEAD"),
        ("/_consent/", "GET, HEAD"),
        ("/_consent?next=/a", "GET, HEAD"),
        ("/_consent/state", "GET, HEAD"),
        ("/_consent/choice", "POST"),
        (&*asset, "GET, HEAD"),
    ] {
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "X",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = request(method.clone(), path)
                .header(SAME.0, SAME.1)
                .header(FORM.0, FORM.1)
                .body(Full::from("choice=reject"))
                .unwrap();
            let answer = app.send(request);
            assert!(answer.seen.is_none(), "{method} {path}");
            if allowed.split(", ").any(|known| known == method.as_str()) {
                assert!(
                    answer.status.is_success() || answer.status == StatusCode::SEE_OTHER,
                    "{method} {path}"
                );
                continue;
            }
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
            assert_uncacheable(&answer);
            if method == Method::OPTIONS {
                assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
                assert!(answer.body.is_empty());
            } else {
                let why = if method == Method::HEAD { "" } else { allowed };
                assert_refused(&answer, StatusCode::METHOD_NOT_ALLOWED, why);
            }
            // No other origin is invited.
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control"))
            );
        }
    }
}

// covers behaviour 77
#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let app = App::shop();
    let asset = asset_path(&app);
    for path in ["/_consent", "/_consent/state", "/_consent/nothing", &asset] {
        let get = app.get(path);
        let head = app.send(empty(request(Method::HEAD, path)));
        assert_eq!(
            (get.status, &get.headers),
            (head.status, &head.headers),
            "{path}"
        );
        assert!(head.body.is_empty() && !get.body.is_empty());
        assert_eq!(get.header("content-length"), get.body.len().to_string());
    }
}

fn asset_path(app: &App) -> String {
    let page = app.get("/_consent");
    let at = page
        .text()
        .find("/_consent/assets/")
        .expect("the page has a stylesheet");
    page.text()[at..].split('"').next().unwrap().to_owned()
}

/// The addresses of all assets that the banner and the preferences name.
fn asset_paths(app: &App) -> Vec<String> {
    let texts = [
        app.get("/").text().to_owned(),
        app.get("/_consent").text().to_owned(),
    ];
    let mut paths: Vec<String> = texts
        .iter()
        .flat_map(|text| text.split("\"/_consent/assets/").skip(1))
        .map(|rest| format!("/_consent/assets/{}", rest.split('"').next().unwrap()))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

// covers T34, S03
#[test]
fn assets_never_change_under_one_name_and_name_no_other_site() {
    let app = App::shop();
    let paths = asset_paths(&app);
    assert_eq!(
        paths.len(),
        4,
        "two stylesheets, a script, the guard: {paths:?}"
    );
    for path in &paths {
        let asset = app.get(path);
        assert_eq!(asset.status, StatusCode::OK);
        assert_eq!(
            asset.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
        assert_eq!(asset.header("cross-origin-resource-policy"), "same-origin");
        let expected = if path.ends_with(".js") {
            "text/javascript"
        } else {
            "text/css"
        };
        assert!(asset.header("content-type").starts_with(expected));
        assert!(!asset.headers.contains_key("vary") && asset.set_cookies().is_empty());
        // The only absolute address in it is the name of an XML namespace, which is never fetched.
        let addresses = asset.text().matches("://").count();
        assert_eq!(
            addresses,
            asset.text().matches("http://www.w3.org/1999/xlink").count()
        );

        let tag = asset.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'));
        let conditional = |tags: &str| {
            app.send(empty(
                request(Method::GET, path).header("if-none-match", tags),
            ))
        };
        for known in [&*tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
            let fresh = conditional(known);
            assert_eq!(fresh.status, StatusCode::NOT_MODIFIED, "{known}");
            assert!(fresh.body.is_empty());
            assert_eq!(fresh.header("etag"), tag);
            assert_eq!(fresh.header("cache-control"), asset.header("cache-control"));
            assert!(!fresh.headers.contains_key("content-length"));
        }
        for other in ["\"x\"", "", tag.trim_matches('"'), &tag.to_uppercase()] {
            assert_eq!(conditional(other).status, StatusCode::OK, "{other}");
        }
    }
    // Another name is another file, and there is none.
    for wrong in [
        "",
        "banner.js",
        "../assets",
        "banner-0000000000000000.js",
        "%2e%2e/state",
    ] {
        let answer = app.get(&format!("/_consent/assets/{wrong}"));
        assert_refused(&answer, StatusCode::NOT_FOUND, "nothing at this address");
    }
}

// covers T30, T34
#[test]
fn the_layers_own_pages_are_kept_by_no_cache_and_framed_by_nobody() {
    let app = App::shop();
    for path in ["/_consent", "/_consent/state", "/_consent/nothing"] {
        let answer = app.get(path);
        assert_uncacheable(&answer);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let page = app.get("/_consent");
    let policy = page.header("content-security-policy");
    for directive in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(directive), "{directive}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"));
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("x-robots-tag"), "noindex");
    // The page obeys its own policy: no inline style, script or handler.
    for banned in ["<style", " style=\"", " onclick", "javascript:"] {
        assert!(!page.text().contains(banned), "{banned}");
    }
}

#[test]
fn an_error_is_a_page_for_a_person_and_json_for_a_script() {
    let app = App::shop();
    for (accept, is_json) in [
        ("application/json", true),
        ("APPLICATION/JSON", true),
        ("text/html, application/json", false),
        ("text/html", false),
        ("*/*", false),
    ] {
        for path in ["/_consent/nothing", "/_consent/choice"] {
            let answer = app.send(empty(request(Method::GET, path).header("accept", accept)));
            assert!(answer.status.is_client_error());
            let content_type = answer.header("content-type");
            if is_json {
                assert_eq!(content_type, "application/json", "{accept}");
                assert!(answer.json()["error"].as_str().unwrap().ends_with('.'));
            } else {
                assert_eq!(content_type, "text/html; charset=utf-8", "{accept}");
                // It names the status and the way on.
                assert!(answer.text().contains(answer.status.as_str()));
                assert!(answer.text().contains("href=\"/_consent\""));
            }
        }
    }
    // Who sends JSON gets JSON, whatever else is accepted.
    let answer = post(&app, &[SAME, JSON, ("accept", "text/html")], "{");
    assert!(answer.json()["error"].is_string());
}

#[test]
fn an_error_repeats_nothing_that_was_sent() {
    let app = App::shop();
    let hostile = "<script>alert(1)</script>";
    let escaped = field("x", hostile);
    let answers = [
        app.visitor().choose(&format!("{escaped}&choice=accept")),
        app.visitor().choose(&field("choice", hostile)),
        app.visitor()
            .choose(&format!("choice=save&{}", field("offered", hostile))),
        app.send(post_json(&format!("{{\"choice\":\"{hostile}\"}}"))),
        app.get("/_consent/%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
        app.get("/_consent?next=%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
        app.get("/_consent?next=/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
    ];
    for answer in answers {
        assert!(
            !answer.text().contains("<script>alert"),
            "{}",
            answer.text()
        );
    }
}

#[test]
fn only_whole_addresses_below_the_prefix_are_the_layers() {
    let app = App::new(shop().prefix("/my/choices").build().unwrap());
    for own in [
        "/my/choices",
        "/my/choices/",
        "/my/choices/state",
        "/my/choices/x/y",
    ] {
        assert!(app.get(own).seen.is_none(), "{own}");
    }
    for other in [
        "/my",
        "/my/choicesx",
        "/_consent",
        "/my/Choices",
        "/x/my/choices",
        "/my/choices.html",
    ] {
        assert!(app.get(other).seen.is_some(), "{other}");
    }
    assert!(
        app.get("/")
            .text()
            .contains("action=\"/my/choices/choice\"")
    );
    let mut posted = post_form("choice=accept");
    *posted.uri_mut() = "/my/choices/choice".parse().unwrap();
    assert_eq!(app.send(posted).stored().len(), 4);
}

// covers S32, behaviour 104
#[test]
fn no_address_of_a_visitor_is_read_or_repeated() {
    // The header that would name one changes no byte of any answer.
    let app = App::shop();
    for path in ["/", "/_consent", "/_consent/state"] {
        let plain = app.get(path);
        for name in [
            "x-forwarded-for",
            "forwarded",
            "x-real-ip",
            "cf-connecting-ip",
        ] {
            let named = app.send(empty(
                request(Method::GET, path).header(name, "2001:db8::1"),
            ));
            assert_eq!(
                (&plain.headers, &plain.body),
                (&named.headers, &named.body),
                "{name}"
            );
        }
    }
    let policy = Policy::builder("1").build().unwrap();
    assert!(!format!("{policy:?}").contains("ip"));
}

// covers T49
#[test]
fn a_crawler_or_a_prefetch_gets_the_same_gate_and_records_nothing() {
    let app = App::shop();
    let plain = app.get("/");
    for (name, value) in [
        ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
        ("user-agent", ""),
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
    ] {
        let answer = app.send(empty(request(Method::GET, "/").header(name, value)));
        assert_eq!(
            (&answer.headers, &answer.body),
            (&plain.headers, &plain.body),
            "{name}: {value}"
        );
    }
}

/// The length header is part of what `post` may set, so it must not be added behind its back.
#[test]
fn the_fixture_sends_no_length_of_its_own() {
    let request = post_form("choice=accept");
    assert!(!request.headers().contains_key(CONTENT_LENGTH));
}
