//! Proves that refusing and withdrawing work on the very next response: nothing
//! is read or stored any more, what was stored goes, and cart and login stay.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::*;
use http::StatusCode;
use tower_consent::{Category, Policy, Reason, SiteCookie, State, Vendor, catalog};

/// A visitor who accepted, with the cookies that a page's scripts and the app stored.
fn tracked(app: &App) -> Visitor {
    let mut visitor = app.visitor();
    visitor.accept();
    for line in [
        "sid=s; Path=/; HttpOnly",
        "cart=k; Path=/",
        "_ga=1; Path=/; Domain=shop.example",
        "_ga_X=2; Path=/; Domain=shop.example",
        "_gid=3; Path=/; Domain=www.shop.example",
        "_stats_a=4; Path=/",
        "_fbp=5; Path=/; Domain=shop.example; Secure",
        "theme=6; Path=/",
        "lang=7; Path=/",
    ] {
        visitor.plant(line);
    }
    visitor
}

fn names(visitor: &Visitor) -> Vec<String> {
    let mut names = visitor.jar.names();
    names.retain(|name| !name.contains("consent"));
    names
}

fn seen(answer: &Answer) -> String {
    String::from_utf8(answer.cookies_seen().concat()).unwrap()
}

// covers behaviours 31, 89, L05, S31, T28
#[test]
fn after_a_withdrawal_the_next_page_reads_nothing_and_stores_nothing() {
    let app =
        App::shop().answering(|_| setting(page(PAGE), ["_ga=again; Path=/", "cart=k2; Path=/"]));
    let mut visitor = tracked(&app);
    let before = visitor.get("/");
    assert!(seen(&before).contains("_ga=1") && seen(&before).contains("theme=6"));
    assert!(loads(before.text(), "https://connect.facebook.net"));

    visitor.reject();
    assert_eq!(
        names(&visitor),
        ["cart", "lang", "sid"],
        "gone with the answer to the click"
    );
    let after = visitor.get("/");
    let seen = seen(&after);
    for gone in ["_ga", "_gid", "_stats", "_fbp", "theme"] {
        assert!(!seen.contains(gone), "{gone} in {seen}");
    }
    assert!(seen.contains("sid=s") && seen.contains("lang=7"));
    assert!(!loads(after.text(), "https://connect.facebook.net"));
    assert!(!loads(after.text(), "https://www.googletagmanager.com"));
    assert_eq!(after.stored(), ["cart=k2; Path=/"]);
    assert_eq!(names(&visitor), ["cart", "lang", "sid"]);
    assert!(!visitor.consent().needs_banner());
}

// covers behaviour 89, L05
#[test]
fn a_narrower_choice_deletes_what_it_no_longer_grants_and_keeps_the_rest() {
    for (granted, kept) in [
        (Category::Functional, &["cart", "lang", "sid", "theme"][..]),
        (
            Category::Analytics,
            &["_ga", "_ga_X", "_gid", "_stats_a", "cart", "lang", "sid"],
        ),
        (Category::Marketing, &["_fbp", "cart", "lang", "sid"]),
    ] {
        let mut visitor = tracked(&App::shop());
        visitor.save(&[granted]);
        assert_eq!(names(&visitor), kept, "{granted}");
    }
}

// covers behaviour 89
#[test]
fn a_vendor_refused_inside_a_granted_category_loses_its_cookies() {
    let mut visitor = tracked(&App::shop());
    visitor.choose(
        "choice=save&functional=on&analytics=on&marketing=on\
         &offered=google-analytics&offered=shop-stats&vendor=shop-stats",
    );
    let page = visitor.get("/");
    assert!(!seen(&page).contains("_ga=") && seen(&page).contains("_stats_a=4"));
    assert_eq!(
        names(&visitor),
        ["_fbp", "_stats_a", "cart", "lang", "sid", "theme"]
    );
}

// covers behaviour 90, T28
#[test]
fn a_cookie_is_deleted_wherever_it_could_be_stored() {
    for place in [
        "_ga=1; Path=/",
        "_ga=1; Path=/; Domain=www.shop.example",
        "_ga=1; Path=/; Domain=shop.example; Secure",
        "_ga=1; Path=/; Secure; Partitioned",
        "_ga=1; Path=/; Domain=shop.example; Secure; Partitioned",
        "_ga=1; Path=/shop",
        "_ga=1; Path=/shop/socks",
        "_ga=1; Path=/shop/socks; Domain=shop.example",
    ] {
        let mut visitor = App::shop().visitor();
        visitor.reject();
        visitor.plant(place);
        let page = visitor.get("/shop/socks/red");
        assert_eq!(page.expired(), ["_ga"], "{place}");
        assert_eq!(names(&visitor), [""; 0], "{place}");
    }
    // A place below the page cannot be seen from it; the policy names it.
    let policy = shop().expiry_paths(["/account"]).build().unwrap();
    let mut visitor = App::new(policy).visitor();
    visitor.reject();
    visitor.plant("_ga=1; Path=/account");
    visitor.plant("_ga=2; Path=/");
    visitor.get("/");
    assert_eq!(names(&visitor), [""; 0]);
    // On plain http nothing is Secure, so a deletion is not either, or the browser would drop it.
    let app = App::shop().set(|layer| layer.with_insecure_cookies(true));
    let mut visitor = app.visitor();
    visitor.reject();
    visitor.plant("_ga=1; Path=/");
    let page = visitor.get("/");
    assert!(
        page.set_cookies()
            .iter()
            .all(|line| !line.contains("Secure"))
    );
    assert_eq!(names(&visitor), [""; 0]);
}

// covers behaviours 91, 93, T28
#[test]
fn a_deletion_names_the_cookie_exactly_and_nothing_beside_it() {
    let mut visitor = App::shop().visitor();
    visitor.reject();
    for line in [
        "_ga=1",
        "my_gallery=2",
        "photo_gate=3",
        "_GA=4",
        "x_ga=5",
        "_gaa=6",
        "sid=7",
        "csrf=8",
    ] {
        visitor.plant(&format!("{line}; Path=/"));
    }
    let page = visitor.get("/");
    assert_eq!(page.expired(), ["_ga"]);
    assert_eq!(
        names(&visitor),
        [
            "_GA",
            "_gaa",
            "csrf",
            "my_gallery",
            "photo_gate",
            "sid",
            "x_ga"
        ]
    );
    assert!(!page.headers.contains_key("clear-site-data"));
}

// covers behaviour 92
#[test]
fn a_name_with_dots_and_odd_letters_is_deleted_under_its_real_name() {
    let odd = Vendor::new("odd", Category::Marketing)
        .with_purpose("Advertises")
        .with_retention("1 day")
        .first_party()
        .cookies(["intercom.id-*", "a!b", "v~1|x", "__utm.z"]);
    let policy = Policy::builder("1").vendor(odd).build().unwrap();
    let mut visitor = App::new(policy).visitor();
    visitor.reject();
    let lines = [
        "intercom.id-1=1",
        "a!b=2",
        "v~1|x=3",
        "__utm.z=4",
        "intercomid-1=5",
    ];
    lines
        .iter()
        .for_each(|line| visitor.plant(&format!("{line}; Path=/")));
    assert_eq!(
        visitor.get("/").expired(),
        ["__utm.z", "a!b", "intercom.id-1", "v~1|x"]
    );
    assert_eq!(names(&visitor), ["intercomid-1"]);
}

// covers behaviours 22, 93, 94
#[test]
fn undecided_visitors_lose_nothing_unless_the_policy_says_so() {
    let left = |policy: Policy| {
        let mut visitor = App::new(policy).visitor();
        for line in [
            "_ga=1; Path=/",
            "_fbp=2; Path=/",
            "theme=3; Path=/",
            "sid=4; Path=/",
        ] {
            visitor.plant(line);
        }
        let page = visitor.get("/");
        assert_eq!(seen(&page), "sid=4", "stripped in any case");
        names(&visitor)
    };
    assert_eq!(left(shop_policy()), ["_fbp", "_ga", "sid", "theme"]);
    assert_eq!(left(shop().expire_undecided().build().unwrap()), ["sid"]);
}

// covers behaviour 95
#[test]
fn a_stale_choice_cleans_up_too() {
    // Expired.
    let app = App::shop();
    let mut visitor = tracked(&app);
    app.clock.advance(LIFETIME);
    visitor.get("/");
    assert_eq!(names(&visitor), ["cart", "lang", "sid"]);
    // Another policy revision.
    let mut visitor = tracked(&App::shop());
    let policy = Policy::builder("2026-12-01")
        .site(SITE)
        .vendor(catalog::google_analytics());
    visitor.app = App::new(policy.build().unwrap());
    visitor.get("/");
    assert!(!names(&visitor).iter().any(|name| name.starts_with("_ga")));
    // One category stale, the others as they were.
    let mut visitor = tracked(&App::shop());
    visitor.app = App::new(shop().vendor(catalog::tiktok_pixel()).build().unwrap());
    visitor.get("/");
    assert_eq!(
        names(&visitor),
        [
            "_ga", "_ga_X", "_gid", "_stats_a", "cart", "lang", "sid", "theme"
        ]
    );
}

// covers behaviour 96, L04
#[test]
fn a_refusal_overwrites_every_earlier_grant() {
    let mut visitor = App::shop().visitor();
    visitor.accept();
    let before = Category::ALL.map(|category| visitor.token(category));
    visitor.app.clock.advance(1);
    let answer = visitor.reject();
    let written: Vec<&str> = answer
        .stored()
        .iter()
        .filter_map(|line| line.split('=').next())
        .collect();
    assert_eq!(written, CONSENT_COOKIES);
    for (category, before) in Category::ALL.into_iter().zip(before) {
        assert_ne!(visitor.token(category), before, "{category}");
    }
    for category in Category::OPTIONAL {
        let consent = visitor.consent();
        assert_eq!(
            standing(&consent, category),
            (State::Refused, Reason::ExplicitRefusal)
        );
    }
    // None of the four is left of the old choice, so none can be mixed into the new one.
    assert_eq!(visitor.jar.names().len(), 4);
}

// covers behaviour 97
#[test]
fn deletions_are_capped_in_one_response_and_the_rest_follows() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.reject();
    for number in 0..50 {
        visitor.plant(&format!("_ga_{number}=1; Path=/; Domain=shop.example"));
    }
    let mut pages = 0;
    while !names(&visitor).is_empty() {
        let page = visitor.get("/");
        assert!(page.set_cookies().len() <= 30);
        let bytes: usize = page.set_cookies().iter().map(|line| line.len()).sum();
        assert!(bytes <= 4096, "{bytes}");
        pages += 1;
        assert!(pages <= 10, "{:?}", names(&visitor));
    }
    assert!(pages > 1);
    assert_eq!(visitor.get("/").set_cookies(), [""; 0], "and then no more");
}

// covers behaviour 97
#[test]
fn the_cap_starves_no_cookie_wherever_it_is_stored() {
    let app = App::shop();
    for path in ["/shop", "/shop/socks"] {
        let mut visitor = app.visitor();
        visitor.reject();
        for number in 0..12 {
            visitor.plant(&format!("_ga_{number}=1; Path={path}; Domain=shop.example"));
        }
        for round in 0..60 {
            app.clock.advance(1 + round % 5);
            let page = visitor.get("/shop/socks/red");
            assert!(page.set_cookies().len() <= 30);
        }
        assert_eq!(names(&visitor), [""; 0], "{path}");
    }
}

// covers L05
#[test]
fn a_response_that_a_cache_may_share_carries_no_deletion() {
    let mut visitor = App::shop().visitor();
    visitor.reject();
    visitor.plant("_ga=1; Path=/");
    for (cache_control, expires) in [
        ("public, max-age=60", false),
        ("max-age=60", false),
        ("private, max-age=60", true),
        ("no-store", true),
    ] {
        visitor.app = App::shop().answering(move |_| {
            let mut response = json("{}");
            response
                .headers_mut()
                .insert("cache-control", cache_control.parse().unwrap());
            response
        });
        let answer = visitor.clone().get("/api");
        assert_eq!(!answer.expired().is_empty(), expires, "{cache_control}");
        assert_eq!(answer.header("cache-control"), cache_control);
        assert!(!seen(&answer).contains("_ga"), "stripped in any case");
    }
}

// covers L04, S12, S31
#[test]
fn withdrawing_takes_as_many_steps_as_granting_and_no_script() {
    let app = App::shop();
    let mut visitor = app.visitor();
    // One request each, the same in form, without login, address or script.
    let granted = visitor.choose("choice=accept&next=%2Fcart");
    let withdrawn = visitor.choose("choice=reject&next=%2Fcart");
    assert_eq!(granted.status, StatusCode::SEE_OTHER);
    assert_eq!(granted.status, withdrawn.status);
    assert_eq!(granted.location(), withdrawn.location());
    assert_eq!(granted.stored().len(), withdrawn.stored().len());
    // What makes a browser forget the pages of the wider choice comes with the narrower one alone.
    assert!(!granted.headers.contains_key("clear-site-data"));
    assert_eq!(withdrawn.header("clear-site-data"), "\"cache\"");
}

// covers behaviour 93, S34
#[test]
fn what_is_necessary_survives_every_choice() {
    let policy = shop()
        .cookie(SiteCookie::new(
            "lb*",
            Category::Necessary,
            "Chooses a server",
        ))
        .build()
        .unwrap();
    for form in [
        "choice=reject",
        "choice=accept",
        "choice=save",
        "choice=save&marketing=on",
    ] {
        let mut visitor = App::new(policy.clone()).visitor();
        for line in ["sid=1", "cart=2", "csrf=3", "lb1=4", "lang=5"] {
            visitor.plant(&format!("{line}; Path=/"));
        }
        visitor.choose(form);
        let page = visitor.get("/");
        assert_eq!(names(&visitor), ["cart", "csrf", "lang", "lb1", "sid"]);
        assert!(page.expired().is_empty());
    }
    // Even a form that says otherwise.
    let mut visitor = App::shop().visitor();
    assert_eq!(
        visitor.choose("choice=save&necessary=off").status,
        StatusCode::BAD_REQUEST
    );
    visitor.choose("choice=save&necessary=on");
    assert!(visitor.consent().allows(Category::Necessary));
}
