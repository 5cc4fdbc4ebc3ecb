//! Proves what a visitor's cookies, signals and choices amount to: five states,
//! each with its reason, of which one grants.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::mint::{self, Claims};
use common::*;
use http::StatusCode;
use tower_consent::marker::Analytics;
use tower_consent::{
    Category, Choice, Consent, Policy, Reason, SiteCookie, State, Timestamp, Vendor, catalog,
};

/// A vendor with what visitors must be told.
fn vendor(id: &str, category: Category, cookie: &str) -> Vendor {
    Vendor::new(id, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .first_party()
        .cookies([cookie])
}

// covers behaviours 1, 2, S35, S01
#[test]
fn without_a_cookie_everything_optional_is_denied_and_necessary_is_not() {
    let consent = App::shop().get("/").consent().clone();
    for category in Category::OPTIONAL {
        assert_eq!(
            standing(&consent, category),
            (State::Undecided, Reason::NoChoice)
        );
        assert!(!consent.allows(category));
    }
    assert!(consent.allows(Category::Necessary) && consent.needs_banner());
    assert!(consent.granted().is_empty() && consent.decided_at().is_none());
    assert!(consent.proof::<Analytics>().is_none());
    for id in ["google-analytics", "shop-stats", "meta-pixel", "nobody", ""] {
        assert!(!consent.allows_vendor(id), "{id}");
    }
}

// covers S01, S02, T50
#[test]
fn before_a_choice_no_surface_of_a_response_reaches_a_tracker() {
    let trackers = [
        "<script src=\"https://www.googletagmanager.com/gtag/js\"></script>",
        "<script type=\"module\" src=\"//connect.facebook.net/m.js\"></script>",
        "<script>var s=document.createElement('script');s.src='https://www.google-analytics.com/analytics.js'</script>",
        "<img src=\"https://www.facebook.com/tr?id=1\">",
        "<img src=\"/a.png\" srcset=\"https://www.google-analytics.com/collect 2x\">",
        "<iframe src=\"https://www.googletagmanager.com/ns.html\"></iframe>",
        "<link rel=\"preconnect\" href=\"https://connect.facebook.net\">",
        "<link rel=\"dns-prefetch\" href=\"//www.google-analytics.com\">",
        "<noscript><img src=\"https://www.facebook.com/tr?id=1&noscript=1\"></noscript>",
        "<meta http-equiv=\"refresh\" content=\"0;url=https://www.facebook.com/tr\">",
        "<video poster=\"https://www.facebook.com/tr\"></video>",
        "<a href=\"/a\" ping=\"https://www.google-analytics.com/collect\">a</a>",
        "<script src=\"/collect/loader.js\"></script>",
    ];
    let headers = [
        (
            "link",
            "<https://connect.facebook.net/en_US/fbevents.js>; rel=preload; as=script",
        ),
        ("refresh", "0; url=https://www.facebook.com/tr"),
        (
            "reporting-endpoints",
            "a=\"https://www.google-analytics.com/report\"",
        ),
        (
            "report-to",
            "{\"endpoints\":[{\"url\":\"https://www.google-analytics.com/r\"}]}",
        ),
        (
            "speculation-rules",
            "\"https://www.googletagmanager.com/rules.json\"",
        ),
        ("observe-browsing-topics", "?1"),
        ("attribution-reporting-register-source", "{}"),
        ("attribution-reporting-register-trigger", "{}"),
    ];
    let app = App::shop().answering(move |_| {
        let body: String = trackers.concat();
        let mut response = setting(
            page(&format!("<!doctype html><body>{body}</body>")),
            ["_ga=1", "_fbp=2"],
        );
        for (name, value) in headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    });
    let mut visitor = app.visitor();
    visitor.plant("_ga=1");
    for refused in [false, true] {
        if refused {
            visitor.reject();
        }
        let page = visitor.get("/");
        for tag in trackers {
            assert!(!page.text().contains(tag), "{tag} in {}", page.text());
        }
        for (name, _) in headers {
            assert!(!page.headers.contains_key(name), "{name}");
        }
        assert_eq!(page.stored(), [""; 0]);
        assert!(!String::from_utf8_lossy(&page.cookies_seen().concat()).contains("_ga"));
        assert!(visitor.get("/collect").seen.is_none());
    }
    // After a grant all of it is there, byte for byte: nothing was mistaken.
    visitor.accept();
    let page = visitor.get("/");
    for tag in trackers {
        assert!(page.text().contains(tag), "{tag} in {}", page.text());
    }
    assert_eq!(page.stored(), ["_ga=1", "_fbp=2"]);
    // Shared caches replay preload hints to everybody, so those stay out.
    for (name, _) in headers.iter().filter(|(name, _)| *name != "link") {
        assert!(page.headers.contains_key(*name), "{name}");
    }
    assert!(visitor.get("/collect").seen.is_some());
}

// covers behaviours 2, 8, S24
#[test]
fn each_state_is_reached_for_its_reason_and_only_one_grants() {
    let app = App::shop();
    let mut accepted = app.visitor();
    accepted.accept();
    let mut rejected = app.visitor();
    rejected.reject();

    let now = |visitor: &mut Visitor| visitor.consent();
    let later = |visitor: &mut Visitor| {
        let app = App::shop();
        app.clock.advance(LIFETIME);
        visitor.app = app;
        visitor.consent()
    };
    let bumped = |visitor: &mut Visitor| {
        let policy = Policy::builder("2027-01-01").site(SITE);
        let policy = policy
            .vendor(catalog::google_analytics())
            .vendor(shop_stats());
        visitor.app = App::new(policy.build().unwrap());
        visitor.consent()
    };
    let withdrawn = |visitor: &mut Visitor| {
        visitor.jar.remove(&consent_cookie(Category::Analytics));
        visitor.consent()
    };
    let signalled = |visitor: &mut Visitor| {
        visitor.gpc = true;
        visitor.consent()
    };
    let foreign = |visitor: &mut Visitor| {
        visitor.app = App::with_keys(shop_policy(), keyring(OTHER_KEY));
        visitor.consent()
    };
    let early = |visitor: &mut Visitor| {
        let app = App::shop();
        app.clock.set(Timestamp::from_unix_seconds(NOW - 121));
        visitor.app = app;
        visitor.consent()
    };
    let garbage = |visitor: &mut Visitor| {
        let line = format!(
            "{}=1|2; Secure; HttpOnly; Path=/",
            consent_cookie(Category::Necessary)
        );
        visitor.plant(&line);
        visitor.consent()
    };
    let swapped = |visitor: &mut Visitor| {
        let token = visitor.token(Category::Marketing);
        let name = consent_cookie(Category::Analytics);
        visitor.plant(&format!("{name}={token}; Secure; HttpOnly; Path=/"));
        visitor.consent()
    };
    type Change<'a> = &'a dyn Fn(&mut Visitor) -> Consent;
    let (analytics, marketing) = (Category::Analytics, Category::Marketing);
    let cases: [(&str, &Visitor, Change<'_>, Category, State, Reason); 12] = [
        (
            "accepted",
            &accepted,
            &now,
            analytics,
            State::Granted,
            Reason::Explicit,
        ),
        (
            "rejected",
            &rejected,
            &now,
            analytics,
            State::Refused,
            Reason::ExplicitRefusal,
        ),
        (
            "deleted",
            &accepted,
            &withdrawn,
            analytics,
            State::Refused,
            Reason::WithdrawnInBrowser,
        ),
        (
            "signalled",
            &accepted,
            &signalled,
            marketing,
            State::Refused,
            Reason::Gpc,
        ),
        (
            "old",
            &accepted,
            &later,
            analytics,
            State::Stale,
            Reason::Expired,
        ),
        (
            "old refusal",
            &rejected,
            &later,
            analytics,
            State::Stale,
            Reason::Expired,
        ),
        (
            "another policy",
            &accepted,
            &bumped,
            analytics,
            State::Stale,
            Reason::RevisionChanged,
        ),
        (
            "garbage",
            &accepted,
            &garbage,
            analytics,
            State::Undecided,
            Reason::Malformed,
        ),
        (
            "another key",
            &accepted,
            &foreign,
            analytics,
            State::Undecided,
            Reason::UnknownKey,
        ),
        (
            "from the future",
            &accepted,
            &early,
            analytics,
            State::Invalid,
            Reason::FutureStamp,
        ),
        (
            "swapped",
            &accepted,
            &swapped,
            analytics,
            State::Invalid,
            Reason::BadSignature,
        ),
        (
            "signal on refusal",
            &rejected,
            &signalled,
            marketing,
            State::Refused,
            Reason::ExplicitRefusal,
        ),
    ];
    for (case, visitor, change, category, state, reason) in cases {
        let consent = change(&mut visitor.clone());
        assert_eq!(standing(&consent, category), (state, reason), "{case}");
        assert_eq!(consent.allows(category), state == State::Granted, "{case}");
        assert!(consent.allows(Category::Necessary), "{case}");
        let asks = !matches!(state, State::Granted | State::Refused);
        assert_eq!(consent.needs_banner(), asks, "{case}");
    }
    // `Duplicate` and `MixedChoices` need cookies that no browser keeps: see `signed_cookies.rs`.
}

// covers behaviours 3, 4, 5, 14, T24
#[test]
fn garbage_in_place_of_a_choice_is_no_choice() {
    let app = App::shop();
    let values: [&[u8]; 18] = [
        b"",
        b"1",
        b"1|",
        b"1|x",
        b"|",
        b"true",
        b"accept",
        b"%",
        b"%2",
        b"%zz",
        b"%00",
        b"null",
        b"{\"analytics\":true}",
        b"analytics",
        b"\xff\xfe",
        b"\"\"",
        b"=",
        b"AAAA.AAAA",
    ];
    for value in values {
        let pairs: Vec<Vec<u8>> = CONSENT_COOKIES
            .iter()
            .map(|name| [name.as_bytes(), b"=", value].concat())
            .collect();
        let consent = app.consent_of([pairs.join(&b"; "[..])]);
        for category in Category::OPTIONAL {
            assert_eq!(consent.state(category), State::Undecided, "{value:?}");
        }
        assert!(consent.granted().is_empty() && consent.needs_banner());
    }
    // A name as a value or a value as a name invents nothing.
    let mut visitor = app.visitor();
    visitor.accept();
    let anchor = visitor.token(Category::Necessary);
    let odd =
        format!("x=__Host-Http-consent-necessary={anchor}; {anchor}=__Host-Http-consent-necessary");
    assert_eq!(
        app.consent_of([odd]).reason(Category::Analytics),
        Reason::NoChoice
    );
}

// covers behaviour 6, L20, L51, T25, L16
#[test]
fn a_refusal_is_a_decision_that_lasts_as_long_as_a_grant() {
    let app = App::shop();
    let mut visitor = app.visitor();
    let answer = visitor.reject();
    assert!(
        answer
            .stored()
            .iter()
            .all(|line| line.ends_with("; Max-Age=15897600"))
    );
    assert_eq!(answer.stored().len(), 4);
    for (age, asked) in [(0, false), (LIFETIME - 1, false), (LIFETIME, true)] {
        app.clock.set(Timestamp::from_unix_seconds(NOW + age));
        let page = visitor.get("/");
        assert!(page.consent().granted().is_empty());
        assert_eq!(page.consent().needs_banner(), asked, "{age}");
        assert_eq!(page.text().contains("data-tc-banner"), asked, "{age}");
    }
}

// covers T25, L20
#[test]
fn the_lifetime_is_the_policys_and_is_not_renewed_by_visits() {
    let app = App::new(shop().lifetime_days(10).build().unwrap());
    let mut visitor = app.visitor();
    let answer = visitor.accept();
    assert!(
        answer
            .stored()
            .iter()
            .all(|line| line.ends_with("; Max-Age=864000"))
    );
    for _ in 0..9 {
        app.clock.advance(86_400);
        let page = visitor.get("/");
        assert_eq!(page.set_cookies(), [""; 0]);
        assert_eq!(page.consent().granted().iter().count(), 3);
    }
    app.clock.advance(86_400);
    assert!(visitor.granted().is_empty());
}

// covers behaviour 7, S38, S36
#[test]
fn a_category_that_nobody_was_asked_about_cannot_be_granted() {
    let policy = Policy::builder("1")
        .vendor(catalog::google_analytics())
        .build()
        .unwrap();
    let app = App::new(policy).answering(|request| {
        let mut response = page(PAGE);
        if request.uri().path() == "/app" {
            response.extensions_mut().insert(Choice::accept_all());
        }
        response
    });
    let mut by_banner = app.visitor();
    by_banner.accept();
    let mut by_app = app.visitor();
    by_app.get("/app");
    for visitor in [&mut by_banner, &mut by_app] {
        assert_eq!(visitor.granted(), [Category::Analytics]);
        assert_eq!(visitor.consent().state(Category::Marketing), State::Refused);
        // Neither what the catalog knows of that category nor a fifth one passes.
        visitor.plant("_fbp=1");
        assert!(
            !visitor
                .get("/")
                .cookies_seen()
                .concat()
                .windows(4)
                .any(|w| w == b"_fbp")
        );
    }
    // Asking for it is an error, not a silent refusal.
    let answer = app.visitor().choose("choice=save&marketing=on");
    assert_eq!(
        (answer.status, answer.set_cookies().len()),
        (StatusCode::BAD_REQUEST, 0)
    );

    // A grant signed before the vendor was removed does not count either.
    let mut visitor = App::new(shop().site("").build().unwrap()).visitor();
    visitor.accept();
    let fewer = Policy::builder(REVISION)
        .vendor(catalog::google_analytics())
        .build()
        .unwrap();
    visitor.app = App::new(fewer);
    assert!(!visitor.consent().allows(Category::Marketing));
}

// covers S38
#[test]
fn a_site_with_nothing_to_ask_about_asks_nothing() {
    let policy = Policy::builder("1")
        .necessary("sid", "Keeps you signed in")
        .build()
        .unwrap();
    assert!(policy.asked().is_empty());
    let app = App::new(policy).answering(|_| page("<!doctype html><title>x</title><p>hello"));
    let answer = app.get("/");
    assert!(!answer.consent().needs_banner());
    assert_eq!(answer.text(), "<!doctype html><title>x</title><p>hello");
    assert!(answer.set_cookies().is_empty());
}

// covers behaviour 9, L31
#[test]
fn a_new_vendor_asks_about_its_own_category_again_and_no_other() {
    let mut visitor = App::shop().visitor();
    visitor.accept();
    fn more(vendor: Vendor) -> App {
        App::new(shop().vendor(vendor).build().unwrap())
    }

    visitor.app = more(catalog::tiktok_pixel());
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Stale, Reason::RevisionChanged)
    );
    assert!(consent.needs_banner());
    for category in [Category::Functional, Category::Analytics] {
        assert_eq!(
            standing(&consent, category),
            (State::Granted, Reason::Explicit)
        );
    }
    // The old vendor of the category waits as well: its place among the others has changed.
    assert!(!consent.allows_vendor("meta-pixel"));

    // A new cookie of the site is a new question in its category too.
    let own = SiteCookie::new("wishlist", Category::Functional, "Remembers your wishes");
    visitor.app = App::new(shop().cookie(own).build().unwrap());
    let consent = visitor.consent();
    assert_eq!(
        consent.reason(Category::Functional),
        Reason::RevisionChanged
    );
    assert!(consent.allows(Category::Analytics) && consent.allows(Category::Marketing));

    // What needs no consent asks nobody.
    visitor.app = App::new(
        shop()
            .necessary("lb", "Chooses a server")
            .cookie(
                SiteCookie::new("tz", Category::Functional, "Time zone")
                    .user_requested("Set on request"),
            )
            .build()
            .unwrap(),
    );
    assert_eq!(visitor.granted().len(), 3);
    assert!(!visitor.consent().needs_banner());
}

// covers S24, L16
#[test]
fn wording_and_order_ask_nobody_again() {
    let mut visitor = App::shop().visitor();
    visitor.save(&[Category::Analytics]);
    let mut texts = tower_consent::Texts::default();
    texts.title = "Deine Wahl".into();
    texts.accept = "Alles annehmen".into();
    let reworded = Policy::builder(REVISION)
        .site(SITE)
        .texts(texts)
        .privacy_url("/datenschutz")
        .vendor(catalog::meta_pixel().with_purpose("Wirbt"))
        .vendor(shop_stats().with_name("Statistik").cookies(["_stats2"]))
        .functional("theme", "Hell oder dunkel")
        .vendor(catalog::google_analytics().with_retention("14 Monate"))
        .lifetime_days(90)
        .strict()
        .build()
        .unwrap();
    visitor.app = App::new(reworded);
    let consent = visitor.consent();
    assert!(!consent.needs_banner());
    assert_eq!(visitor.granted(), [Category::Analytics]);
}

// covers behaviour 8, S24
#[test]
fn a_new_policy_revision_asks_everybody_about_everything() {
    for choice in ["choice=accept", "choice=reject", "choice=save&analytics=on"] {
        let mut visitor = App::shop().visitor();
        visitor.choose(choice);
        let policy = Policy::builder("2026-10-01")
            .site(SITE)
            .functional("theme", "Remembers light or dark")
            .vendor(catalog::google_analytics())
            .vendor(shop_stats())
            .vendor(catalog::meta_pixel());
        visitor.app = App::new(policy.build().unwrap());
        let page = visitor.get("/");
        for category in Category::OPTIONAL {
            let expected = (State::Stale, Reason::RevisionChanged);
            assert_eq!(standing(page.consent(), category), expected, "{choice}");
        }
        assert!(page.consent().granted().is_empty() && page.text().contains("data-tc-banner"));
    }
}

// covers S31, L04
#[test]
fn deleting_one_category_in_the_browser_withdraws_it_alone_and_asks_nobody() {
    let app = App::shop();
    for category in Category::OPTIONAL {
        let mut visitor = app.visitor();
        visitor.accept();
        visitor.jar.remove(&consent_cookie(category));
        let page = visitor.get("/");
        let consent = page.consent();
        assert_eq!(
            standing(consent, category),
            (State::Refused, Reason::WithdrawnInBrowser)
        );
        assert!(!consent.needs_banner() && !page.text().contains("data-tc-banner"));
        for other in Category::OPTIONAL
            .into_iter()
            .filter(|other| *other != category)
        {
            assert!(consent.allows(other), "{other}");
        }
    }
    // Deleting the anchor, or all of them, forgets the choice.
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.jar.remove(&consent_cookie(Category::Necessary));
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Analytics),
        (State::Undecided, Reason::NoChoice)
    );
    assert!(consent.granted().is_empty() && consent.needs_banner());
}

// covers L17, L31
#[test]
fn one_vendor_can_be_refused_inside_a_granted_category() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.choose(
        "choice=save&analytics=on&offered=google-analytics&offered=shop-stats&vendor=shop-stats",
    );
    visitor.plant("_ga=1");
    visitor.plant("_stats_a=2");
    let page = visitor.get("/");
    let consent = page.consent();
    assert!(consent.allows(Category::Analytics) && consent.proof::<Analytics>().is_some());
    assert!(consent.allows_vendor("shop-stats"));
    for denied in ["google-analytics", "meta-pixel", "nobody", "Shop-Stats", ""] {
        assert!(!consent.allows_vendor(denied), "{denied}");
    }
    let cookies = page.cookies_seen().concat();
    assert!(cookies.windows(8).any(|name| name == b"_stats_a"));
    assert!(!cookies.windows(4).any(|name| name == b"_ga="));
    assert!(!loads(page.text(), "https://www.googletagmanager.com"));

    // A refused vendor counts for nothing in a refused category, and accepting all takes it back.
    visitor.choose("choice=reject&offered=shop-stats");
    assert!(!visitor.consent().allows_vendor("shop-stats"));
    visitor.accept();
    assert!(visitor.consent().allows_vendor("google-analytics"));
}

#[test]
fn a_strict_policy_denies_what_it_does_not_declare() {
    let undeclared = |policy: Policy| {
        let app = App::new(policy).answering(|_| {
            setting(
                page(PAGE),
                ["_fbp=1", "_ga=2", "odd=3", "sid=4", "odd=; Max-Age=0"],
            )
        });
        let mut visitor = app.visitor();
        visitor.accept();
        for line in ["_fbp=1", "_ga=2", "odd=3", "sid=4"] {
            visitor.plant(line);
        }
        let page = visitor.get("/");
        let mut stored = page.stored().join(" ");
        stored.push_str(if page.set_cookies().contains(&"odd=; Max-Age=0") {
            " -odd"
        } else {
            ""
        });
        (
            String::from_utf8(page.cookies_seen().concat()).unwrap(),
            stored,
        )
    };
    let policy = || {
        Policy::builder("1")
            .necessary("sid", "Keeps you signed in")
            .vendor(catalog::google_analytics())
            .vendor(vendor("ads", Category::Marketing, "my_ads"))
    };
    let (request, response) = undeclared(policy().build().unwrap());
    assert!(request.contains("_fbp=1") && request.contains("odd=3"));
    assert_eq!(response, "_fbp=1 _ga=2 odd=3 sid=4 -odd");

    let (request, response) = undeclared(policy().strict().build().unwrap());
    assert!(
        !request.contains("_fbp=1"),
        "a tracker that only the catalog knows"
    );
    assert!(request.contains("_ga=2") && request.contains("sid=4"));
    assert_eq!(response, "_ga=2 sid=4 -odd");
}

// covers behaviour 13
#[test]
fn a_category_that_does_not_exist_is_an_error_everywhere() {
    for name in ["ads", "Analytics", "statistics", ""] {
        assert!(name.parse::<Category>().is_err(), "{name}");
        let toml =
            format!("revision = '1'\n[[cookie]]\nname = 'x'\ncategory = '{name}'\npurpose = 'y'");
        assert!(toml::from_str::<Policy>(&toml).is_err(), "{name}");
        let mut visitor = App::shop().visitor();
        let answer = visitor.choose(&format!("choice=save&{name}=on"));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
    let toml = "revision = '1'\n[[cookie]]\nname = 'x'\ncategory = 'analytics'\npurpose = 'y'";
    assert!(toml::from_str::<Policy>(toml).is_ok());
}

// covers behaviour 15
#[test]
fn a_bypassed_request_is_left_alone_and_may_nothing_optional() {
    let app = App::shop()
        .set(|layer| layer.with_bypass(|_, uri, _| uri.path() == "/health"))
        .answering(|_| setting(page(PAGE), ["_ga=1"]));
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.reject();
    visitor.plant("_ga=1");

    let bypassed = visitor.clone().get("/health");
    assert_eq!(bypassed.text(), PAGE);
    assert_eq!(bypassed.set_cookies(), ["_ga=1"]);
    assert!(!bypassed.headers.contains_key("vary"));
    assert!(
        bypassed
            .cookies_seen()
            .concat()
            .windows(5)
            .any(|pair| pair == b"_ga=1")
    );
    assert!(bypassed.consent().granted().is_empty());

    let gated = visitor.get("/");
    assert_ne!(gated.text(), PAGE);
    assert_eq!(gated.stored(), [""; 0]);
    assert!(
        !gated
            .cookies_seen()
            .concat()
            .windows(5)
            .any(|pair| pair == b"_ga=1")
    );

    // Even a visitor who granted everything has no consent there.
    visitor.accept();
    assert!(visitor.get("/health").consent().granted().is_empty());
    // And the layer's own addresses cannot be bypassed.
    let app = app.set(|layer| layer.with_bypass(|_, _, _| true));
    assert_eq!(app.get("/_consent/state").status, StatusCode::OK);
}

// covers behaviour 22
#[test]
fn what_cannot_be_read_closes_the_gate_and_deletes_nothing() {
    let app = App::shop();
    let mut accepted = app.visitor();
    accepted.accept();
    let name = consent_cookie(Category::Necessary);
    let bad = mint::token(&OTHER_KEY, SITE, "necessary", &Claims::granted(NOW, [0; 8]));
    let future = Claims::granted(NOW + 121, mint::shop_revisions(REVISION)[0]);
    let future = mint::token(&FIRST_KEY, SITE, "necessary", &future);
    for line in [
        String::new(),
        format!("{name}=garbage"),
        format!("{name}={bad}"),
        format!("{name}={future}"),
        format!("{name}=a; {name}=b"),
        format!("{name}={}x", accepted.token(Category::Necessary)),
    ] {
        let answer = app.with_cookies([format!("{line}; _ga=1; sid=2; _fbp=3")]);
        assert!(answer.consent().granted().is_empty(), "{line}");
        assert!(
            !answer
                .cookies_seen()
                .concat()
                .windows(4)
                .any(|pair| pair == b"_ga=")
        );
        assert_eq!(answer.set_cookies(), [""; 0], "{line}");
    }
    // A refusal, in contrast, is readable and deletes.
    let mut refused = app.visitor();
    refused.reject();
    refused.plant("_ga=1");
    assert_eq!(refused.get("/").expired(), ["_ga"]);
}

// covers behaviour 23
#[test]
fn denied_with_nothing_stored_leaves_a_response_alone() {
    let app = App::shop().answering(|_| {
        let mut response = json("{\"ok\":true}");
        response
            .headers_mut()
            .insert("etag", "\"1\"".parse().unwrap());
        response
    });
    let mut refused = app.visitor();
    refused.reject();
    for answer in [app.get("/api"), refused.get("/api")] {
        assert_eq!(answer.text(), "{\"ok\":true}");
        let names: Vec<&str> = answer
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .collect();
        assert_eq!(names, ["content-type", "etag"]);
    }
}

// covers behaviour 106
#[test]
fn what_an_expired_choice_carried_expires_with_it() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.gpc = true;
    visitor.choose("choice=save&analytics=on&marketing=on&offered=google-analytics");
    assert!(
        visitor.consent().allows(Category::Marketing),
        "given under the signal"
    );
    app.clock.advance(LIFETIME);
    let consent = visitor.consent();
    for category in Category::OPTIONAL {
        assert_eq!(
            standing(&consent, category),
            (State::Stale, Reason::Expired)
        );
    }
    // The vendor refused back then is not refused in the choice that follows.
    visitor.accept();
    assert!(visitor.consent().allows_vendor("google-analytics"));
}

// covers S12
#[test]
fn the_decision_needs_no_login_and_no_other_cookie() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.accept();
    assert_eq!(visitor.jar.names(), {
        let mut names = CONSENT_COOKIES.map(str::to_owned);
        names.sort_unstable();
        names
    });
    visitor.reject();
    assert!(visitor.granted().is_empty());
}

// covers L06, S17
#[test]
fn refusing_costs_a_visitor_nothing_of_the_page() {
    let app = App::shop();
    let (mut yes, mut no) = (app.visitor(), app.visitor());
    yes.accept();
    no.reject();
    for path in ["/", "/cart", "/product/1?x=2"] {
        let (granted, refused) = (yes.get(path), no.get(path));
        assert_eq!(granted.status, refused.status);
        let main = "<main>Welcome to the shop</main>";
        assert!(granted.text().contains(main) && refused.text().contains(main));
    }
}
