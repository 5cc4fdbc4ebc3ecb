//! Which addresses are the layer's, by which methods, and with which errors?

use http::{Method, StatusCode};
use http_body_util::Full;

use crate::common::*;
use crate::{FORM, JSON, SAME, assert_refused, assert_uncacheable, field, post};

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
