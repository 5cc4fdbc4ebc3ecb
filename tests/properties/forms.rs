//! Is what is posted taken for what it says, or turned down?

use std::cell::Cell;

use http::header::COOKIE;
use http::{HeaderValue, Method, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tower_consent::Category;

use crate::common::*;
use crate::config;
use crate::requests::lines;
use crate::site::{ring, site};

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
