//! Proves that the app cannot read a cookie that its visitor did not grant, and
//! that all other cookies reach it byte for byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::*;
use http::header::COOKIE;
use http::{HeaderValue, Method};
use tower_consent::{Category, Policy, SiteCookie, Vendor, catalog};

/// What the app gets to read of these lines before any choice.
fn stripped<C: AsRef<[u8]>>(lines: impl IntoIterator<Item = C>) -> Vec<Vec<u8>> {
    let answer = App::shop().with_cookies(lines);
    answer
        .cookies_seen()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect()
}

fn text<C: AsRef<[u8]>>(lines: impl IntoIterator<Item = C>) -> Vec<String> {
    stripped(lines)
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap())
        .collect()
}

// covers behaviour 24, L05
#[test]
fn denied_cookies_go_and_the_others_keep_their_order() {
    for (sent, seen) in [
        (
            "_ga=GA1.1.5; sid=a; _fbp=fb.1; cart=b; theme=dark",
            "sid=a; cart=b",
        ),
        ("sid=a; _ga=1", "sid=a"),
        ("_ga=1; sid=a", "sid=a"),
        ("sid=a; _ga=1; cart=b", "sid=a; cart=b"),
        ("_ga=1; sid=a; _ga=2; cart=b; _gid=3", "sid=a; cart=b"),
        ("cart=b; sid=a; sid=c", "cart=b; sid=a; sid=c"),
        ("_ga_ABC=1; _stats_x=2; sid=a", "sid=a"),
        ("sid=a;_ga=1;cart=b", "sid=a; cart=b"),
        ("  sid=a ;\t_ga=1 ; cart=b  ", "sid=a; cart=b"),
        ("_ga = 1; sid=a", "sid=a"),
        ("_ga=; sid=a", "sid=a"),
    ] {
        assert_eq!(text([sent]), [seen], "{sent}");
    }
    // A line that loses nothing is not even respaced.
    for untouched in [
        "sid=a;cart=b",
        "sid=a ;; cart=b;",
        "  sid = a",
        "lang=de",
        "\"q\"=1",
    ] {
        assert_eq!(text([untouched]), [untouched], "{untouched}");
    }
}

// covers behaviour 25, T35
#[test]
fn a_line_that_loses_everything_is_absent_and_not_empty() {
    assert!(stripped(["_ga=1"]).is_empty());
    assert!(stripped(["_ga=1; _fbp=2;"]).is_empty());
    assert_eq!(text(["_ga=1", "sid=a", "_fbp=2"]), ["sid=a"]);
    let answer = App::shop().with_cookies(["_ga=1"]);
    assert!(!answer.seen.unwrap().headers.contains_key(COOKIE));
}

// covers behaviour 26, T35
#[test]
fn several_lines_are_each_stripped_and_stay_apart() {
    assert_eq!(
        text(["sid=a; _ga=1", "_fbp=2; cart=b", "lang=de", "_gid=3"]),
        ["sid=a", "cart=b", "lang=de"]
    );
    // HTTP/2 may send one line for each cookie.
    assert_eq!(
        text(["_ga=1", "sid=a", "theme=x", "cart=b"]),
        ["sid=a", "cart=b"]
    );
}

// covers behaviours 27, 30
#[test]
fn equal_signs_commas_and_quotes_belong_to_the_value() {
    for kept in [
        "sid=a=b==",
        "prefs=x,y,z",
        "prefs=_ga=1,_fbp=2",
        "cart=\"a; sid=b\"",
        "x={\"_ga\":1}",
        "path=/_ga=1/",
    ] {
        assert_eq!(text([format!("{kept}; _ga=1")]), [kept], "{kept}");
    }
    // One of them is a tracker only where it is the name.
    assert_eq!(text(["_ga=sid=a,b; sid=_ga"]), ["sid=_ga"]);
}

// covers behaviour 28
#[test]
fn bytes_that_are_not_text_pass_unchanged() {
    let name = b"\xff\xfe=1; sid=\x80\x81\xfe";
    assert_eq!(stripped([&name[..]]), [name]);
    let mixed = [&b"_ga=\xff; "[..], name, b"; _fbp=2"].concat();
    assert_eq!(stripped([mixed]), [name]);
    // A tracker with such a value goes as any other.
    assert!(stripped([&b"_ga=\xc3\x28"[..]]).is_empty());
    assert_eq!(
        text(["sid=\u{fc}\u{1f36a}; _ga=1"]),
        ["sid=\u{fc}\u{1f36a}"]
    );
}

// covers behaviour 29
#[test]
fn no_cookies_and_empty_lines_change_nothing() {
    assert!(stripped::<&str>([]).is_empty());
    for blank in ["", ";", " ; ; ", "=", "=;="] {
        assert_eq!(text([blank]), [blank], "{blank:?}");
    }
    assert!(
        App::shop()
            .get("/")
            .seen
            .unwrap()
            .headers
            .get(COOKIE)
            .is_none()
    );
}

// covers behaviour 31
#[test]
fn session_csrf_cart_and_consent_cookies_survive_without_consent() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.reject();
    for line in ["sid=s", "csrf=c", "cart=k", "_ga=1", "theme=dark"] {
        visitor.plant(line);
    }
    let answer = visitor.get("/");
    let seen = String::from_utf8(answer.cookies_seen().concat()).unwrap();
    for kept in ["sid=s", "csrf=c", "cart=k"]
        .into_iter()
        .chain(CONSENT_COOKIES)
    {
        assert!(seen.contains(kept), "{kept} in {seen}");
    }
    for gone in ["_ga=", "theme="] {
        assert!(!seen.contains(gone), "{gone} in {seen}");
    }
}

// covers behaviours 12, 32
#[test]
fn a_name_counts_whole_and_never_as_a_part_of_another() {
    let near = "ga=1; my_ga=2; _gallery=3; x_ga=4; _GA=5; _fbpx=6; stats_a=7; _stats=8";
    assert_eq!(text([near]), [near]);
    // And a consent for one name is none for a part of it.
    let policy = Policy::builder("1")
        .vendor(
            Vendor::new("gallery", Category::Analytics)
                .with_purpose("Counts pictures")
                .with_retention("1 day")
                .first_party()
                .cookies(["analytics_gallery"]),
        )
        .cookie(SiteCookie::new(
            "ga",
            Category::Functional,
            "Shows the gallery",
        ))
        .build()
        .unwrap();
    let mut visitor = App::new(policy).visitor();
    visitor.save(&[Category::Analytics]);
    visitor.plant("analytics_gallery=1");
    visitor.plant("ga=2");
    let answer = visitor.get("/");
    let seen = String::from_utf8(answer.cookies_seen().concat()).unwrap();
    assert!(seen.contains("analytics_gallery=1") && !seen.contains("; ga=2"));
}

// covers behaviours 1, 7, S36
#[test]
fn each_category_lets_its_own_cookies_through_and_no_others() {
    let all = [
        "theme=1",
        "_ga=2",
        "_stats_a=3",
        "_fbp=4",
        "lang=5",
        "sid=6",
    ];
    let of = |category: Category| match category {
        Category::Functional => &["theme"][..],
        Category::Analytics => &["_ga", "_stats_a"],
        _ => &["_fbp"],
    };
    let app = App::shop();
    for granted in Category::OPTIONAL {
        let mut visitor = app.visitor();
        visitor.save(&[granted]);
        all.iter().for_each(|line| visitor.plant(line));
        let answer = visitor.get("/");
        let seen = String::from_utf8(answer.cookies_seen().concat()).unwrap();
        for category in Category::OPTIONAL {
            for name in of(category) {
                assert_eq!(
                    seen.contains(&format!("{name}=")),
                    category == granted,
                    "{name}: {seen}"
                );
            }
        }
        assert!(seen.contains("lang=5") && seen.contains("sid=6"));
    }
}

// covers S37
#[test]
fn a_functional_cookie_waits_unless_the_visitor_asked_for_it() {
    assert_eq!(text(["theme=dark; lang=de"]), ["lang=de"]);
    let app = App::shop().answering(|_| setting(page(PAGE), ["theme=dark", "lang=de"]));
    assert_eq!(app.get("/").stored(), ["lang=de"]);
    let mut visitor = app.visitor();
    visitor.save(&[Category::Functional]);
    assert_eq!(visitor.get("/").stored(), ["theme=dark", "lang=de"]);
}

// covers T16, L14, S18
#[test]
fn known_trackers_are_stripped_though_nobody_declared_them() {
    let app = App::new(
        Policy::builder("1")
            .necessary("sid", "Session")
            .build()
            .unwrap(),
    );
    let trackers = [
        "_ga",
        "_ga_X1",
        "_gid",
        "_gat_UA1",
        "_gcl_au",
        "_fbp",
        "_fbc",
        "_uetsid",
        "_uetvid",
        "MUID",
        "_clck",
        "_clsk",
        "_ttp",
        "_hjSessionUser_1",
        "li_sugr",
        "_pin_unauth",
    ];
    for name in trackers {
        let line = format!("sid=1; {name}=2");
        assert_eq!(
            app.with_cookies([line]).cookies_seen(),
            [b"sid=1"],
            "{name}"
        );
    }
    // The app's own word is stronger than the table, where it gives its reason.
    let own = SiteCookie::new("MUID", Category::Necessary, "Names the machine that packs")
        .overriding_catalog("Our own cookie, older than theirs");
    let app = App::new(Policy::builder("1").cookie(own).build().unwrap());
    assert_eq!(
        app.with_cookies(["MUID=2; _fbp=1"]).cookies_seen(),
        [b"MUID=2"]
    );
    // What exempts by nature is no tracker.
    for name in [
        "session",
        "PHPSESSID",
        "csrftoken",
        "XSRF-TOKEN",
        "cart",
        "AWSALB",
        "lang",
    ] {
        let line = format!("{name}=2");
        assert_eq!(
            app.with_cookies([&line]).cookies_seen(),
            [line.as_bytes()],
            "{name}"
        );
    }
    // Switched off, the table strips nothing.
    let app = App::new(Policy::builder("1").without_catalog().build().unwrap());
    assert_eq!(app.with_cookies(["_fbp=1"]).cookies_seen(), [b"_fbp=1"]);
}

#[test]
fn a_catalog_that_stands_for_everything_can_be_granted_as_one() {
    let app = App::new(
        Policy::builder("1")
            .vendors(catalog::defaults())
            .build()
            .unwrap(),
    );
    let mut visitor = app.visitor();
    visitor.save(&[Category::Marketing]);
    visitor.plant("_fbp=1");
    visitor.plant("_ga=2");
    let answer = visitor.get("/");
    let seen = String::from_utf8(answer.cookies_seen().concat()).unwrap();
    assert!(seen.contains("_fbp=1") && !seen.contains("_ga=2"));
}

#[test]
fn every_method_and_every_kind_of_request_is_stripped() {
    let app = App::shop();
    for method in [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::OPTIONS,
        Method::DELETE,
    ] {
        for (name, value) in [
            ("accept", "application/json"),
            ("upgrade", "websocket"),
            ("x-a", "b"),
        ] {
            let mut sent = empty(request(method.clone(), "/any").header(name, value));
            let cookies = HeaderValue::from_static("_ga=1; sid=2");
            sent.headers_mut().insert(COOKIE, cookies);
            assert_eq!(app.send(sent).cookies_seen(), [b"sid=2"], "{method} {name}");
        }
    }
}
