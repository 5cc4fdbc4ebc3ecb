//! What comes back after a choice?

use http::StatusCode;
use tower_consent::Category;

use crate::common::*;
use crate::{FORM, SAME, assert_uncacheable, field, post};

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
