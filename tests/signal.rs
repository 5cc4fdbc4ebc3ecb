//! Proves what browsers' signals do: they only ever take away, each what it is about, and the site says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::roles::*;
use common::*;
use http::{HeaderName, Method, StatusCode};
use tower_consent::{
    Audience, Category, CategorySet, Choice, Dnt, Jurisdiction, Objection, Policy, PolicyVersion,
    Reason, RequestHead, SignalSource, State, UsRule, Vendor, catalog,
};

// covers T01, behaviour 105, L35
#[test]
fn the_browsers_signal_only_takes_away() {
    let app = App::shop();
    // No choice: nothing is granted with it that was not granted without it.
    let mut visitor = app.visitor();
    visitor.gpc = true;
    let consent = visitor.consent();
    assert!(consent.gpc() && consent.granted().is_empty() && consent.needs_banner());

    // An older grant: marketing is denied and not asked about, the rest is kept.
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.gpc = true;
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Refused, Reason::Gpc)
    );
    assert_eq!(
        visitor.granted(),
        [Category::Functional, Category::Analytics]
    );
    assert!(!consent.needs_banner());
    assert_eq!(
        visitor.get("/").set_cookies(),
        [""; 0],
        "a signal writes nothing"
    );

    // A grant given while the signal was on is one given in full view of it.
    visitor.accept();
    assert_eq!(visitor.granted().len(), 3);
    visitor.gpc = false;
    assert_eq!(visitor.granted().len(), 3);

    // A refusal stays one, with the signal and without it.
    visitor.reject();
    for gpc in [true, false] {
        visitor.gpc = gpc;
        assert!(visitor.granted().is_empty());
    }
}

// covers T01, behaviour 105
#[test]
fn only_an_exact_one_is_the_signal_and_the_app_still_sees_it() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.accept();
    let cookies = visitor.jar.header(SITE_HOST, "/").unwrap();
    let with = |values: &[&str]| {
        let mut request = request(Method::GET, "/").header("cookie", &cookies[..]);
        for value in values {
            request = request.header("sec-gpc", *value);
        }
        app.send(empty(request))
    };
    for values in [&["1"][..], &["0", "1"], &["1", "0"]] {
        let answer = with(values);
        assert!(answer.consent().gpc() && !answer.consent().allows(Category::Marketing));
        let seen: Vec<_> = answer
            .seen
            .as_ref()
            .unwrap()
            .headers
            .get_all("sec-gpc")
            .iter()
            .collect();
        assert_eq!(seen, values);
    }
    for values in [
        &[][..],
        &["0"],
        &["true"],
        &["1,1"],
        &["1, 1"],
        &["1x"],
        &["x1"],
        &["?1"],
        &[""],
    ] {
        let answer = with(values);
        assert!(
            !answer.consent().gpc() && answer.consent().allows(Category::Marketing),
            "{values:?}"
        );
    }
}

// covers S05, L35
#[test]
fn under_the_signal_no_marketing_reaches_the_page_or_its_headers() {
    let app = App::shop().answering(|_| {
        let mut response = setting(page(PAGE), ["_fbp=1", "_ga=1"]);
        let link = "<https://connect.facebook.net/x.js>; rel=preload, </a.css>; rel=preload";
        response.headers_mut().insert("link", link.parse().unwrap());
        response
    });
    let mut visitor = app.visitor();
    visitor.accept();
    let open = visitor.get("/");
    assert!(loads(open.text(), "https://connect.facebook.net"));
    assert_eq!(open.stored(), ["_fbp=1", "_ga=1"]);

    visitor.gpc = true;
    let page = visitor.get("/");
    assert!(!loads(page.text(), "https://connect.facebook.net"));
    // A vendor of analytics that measures on its own account goes with it.
    assert!(!loads(
        page.text(),
        "https://www.googletagmanager.com/gtag/"
    ));
    assert_eq!(page.stored(), [""; 0]);
    assert!(page.consent().allows_vendor("shop-stats"));
    assert!(!page.header("link").contains("facebook"));
    assert!(
        !page
            .cookies_seen()
            .concat()
            .windows(4)
            .any(|name| name == b"_fbp")
    );
}

// covers L37, S27
#[test]
fn refusing_something_lets_nothing_run_that_had_expired() {
    for form in ["choice=opt-out", "choice=object"] {
        let app = app(site(), Jurisdiction::Us(UsRule::OptOut));
        let mut visitor = visitor(&app, Before::Expired);
        let before = visitor.consent();
        assert!(!before.allows(Category::Functional) && before.exempt().is_empty());
        visitor.choose(form);
        let after = visitor.consent();
        for category in Category::OPTIONAL {
            assert!(!after.allows(category), "{form} {category}");
        }
    }
}

// covers L32, L33, L35, T26
#[test]
fn in_the_united_states_an_overruled_grant_is_rewritten_once_and_nowhere_else() {
    for place in PLACES {
        let us = matches!(place, Jurisdiction::Us(_));
        let app = app(site(), place);
        let mut visitor = visitor(&app, Before::Granted);
        visitor.gpc = true;
        app.clock.advance(DAY);
        let first = visitor.get("/");
        let second = visitor.get("/");
        assert_eq!(first.stored().len(), if us { 4 } else { 0 }, "{place}");
        assert_eq!(second.stored(), [""; 0], "{place}");
        assert_eq!(first.consent().reason(Category::Marketing), Reason::Gpc);
        if us {
            // What is left keeps its time.
            assert_eq!(
                visitor.consent().decided_at().unwrap().unix_seconds(),
                NOW,
                "{place}"
            );
            assert!(first.header("cache-control").contains("no-store"));
        }
        visitor.gpc = false;
        assert_eq!(
            visitor.consent().allows(Category::Marketing),
            !us,
            "{place}"
        );
        assert!(visitor.consent().allows(Category::Functional), "{place}");
    }
    // A page that is only fetched ahead stores nothing, and neither does another answer.
    let app = app(site(), Jurisdiction::Us(UsRule::Strict));
    let mut visitor = visitor(&app, Before::Granted);
    visitor.gpc = true;
    let mut ahead = get("/");
    let headers = ahead.headers_mut();
    headers.insert("sec-purpose", "prefetch".parse().unwrap());
    assert_eq!(visitor.send(ahead).stored(), [""; 0]);
    let mut image = get("/");
    let headers = image.headers_mut();
    headers.insert("sec-fetch-dest", "image".parse().unwrap());
    assert_eq!(visitor.send(image).stored(), [""; 0]);
    assert_eq!(visitor.get("/").stored().len(), 4);
}

// covers T02, L32, L35
#[test]
fn where_the_header_is_lost_the_pages_script_says_it_and_takes_away_as_the_header_would() {
    for place in PLACES {
        let us = matches!(place, Jurisdiction::Us(_));
        let app = app(site(), place);
        // An older grant is overridden, for good: the server hears of the signal in no other way.
        let mut older = visitor(&app, Before::Granted);
        let answer = older.choose("choice=signal");
        assert_eq!(answer.stored().len(), 4, "{place}");
        // Stored pages were made for the grant, and going back would show them.
        assert_eq!(answer.header("clear-site-data"), "\"cache\"", "{place}");
        let consent = older.consent();
        assert!(!consent.allows(Category::Marketing), "{place}");
        assert!(!consent.allows_vendor("analytics-seller"), "{place}");
        assert!(consent.allows_vendor("analytics-processor"), "{place}");
        assert!(consent.allows_vendor("functional-site"), "{place}");
        assert_eq!(older.choose("choice=signal").stored(), [""; 0], "{place}");
        // A grant in view of it stands; in the United States no notice told of the conflict.
        older.choose("choice=accept&gpc=1");
        assert_eq!(older.consent().allows(Category::Marketing), !us, "{place}");
        let again = older.choose("choice=signal");
        assert_eq!(again.stored(), [""; 0], "{place}");
        // A page that heard of something taken away would come anew, and tell of the signal again.
        assert!(!again.headers.contains_key("clear-site-data"), "{place}");
        assert_eq!(older.consent().allows(Category::Marketing), !us, "{place}");
        // Nobody who has not chosen is taken to have; what ran until an opt-out is opted out of.
        let mut new = app.visitor();
        let runs = place == Jurisdiction::Us(UsRule::OptOut);
        let answer = new.choose("choice=signal");
        assert_eq!(answer.stored().len(), if runs { 4 } else { 0 }, "{place}");
        let clears = answer.headers.contains_key("clear-site-data");
        assert_eq!(clears, runs, "{place}");
        let consent = new.consent();
        assert!(consent.granted().is_empty(), "{place}");
        assert!(!consent.allows(Category::Marketing), "{place}");
        assert!(!consent.allows_vendor("analytics-seller"), "{place}");
        assert_eq!(
            consent.allows_vendor("analytics-processor"),
            runs,
            "{place}"
        );
        // A refusal and a foreign site's word change nothing.
        let mut refused = visitor(&app, Before::Refused);
        let answer = refused.choose("choice=signal");
        assert_eq!(answer.stored(), [""; 0], "{place}");
        assert!(!answer.headers.contains_key("clear-site-data"), "{place}");
        // A script reads the same in the answer's body.
        let mut older = visitor(&app, Before::Granted);
        for narrowed in [true, false] {
            let answer = older.send(post_json("{\"choice\":\"signal\"}"));
            assert_eq!(answer.json()["narrowed"], narrowed, "{place}");
        }
    }
    let app = app(site(), Jurisdiction::Eu);
    let mut visitor = visitor(&app, Before::Granted);
    let mut foreign = post_form("choice=signal");
    let headers = foreign.headers_mut();
    headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(visitor.send(foreign).status, StatusCode::FORBIDDEN);
    assert_eq!(
        visitor.choose("choice=accept&gpc=yes").status,
        StatusCode::BAD_REQUEST
    );
    assert!(visitor.consent().allows(Category::Marketing));
    // A page that was made under the signal says so, and its script need not.
    let is_marked = |answer: &Answer| answer.text().contains(" data-tc-gpc");
    assert!(!is_marked(&visitor.get("/")));
    visitor.gpc = true;
    assert!(is_marked(&visitor.get("/")));
}

// covers L32, L35
#[test]
fn a_choice_that_brings_the_scripts_word_of_the_signal_is_weighed_against_what_held_without_it() {
    let all_but_marketing = "choice=save&functional=on&analytics=on&gpc=1";
    for place in PLACES {
        let us = matches!(place, Jurisdiction::Us(_));
        let app = app(site(), place);
        let answer_to = |held: Before, gpc: bool, choice: &str| {
            let mut visitor = visitor(&app, held);
            visitor.gpc = gpc;
            visitor.choose(choice)
        };
        let narrows = |answer: &Answer| {
            assert!(!answer.stored().is_empty(), "{place}");
            answer.headers.contains_key("clear-site-data")
        };
        // The page ran what was granted: its server had not heard of the signal.
        let answer = answer_to(Before::Granted, false, all_but_marketing);
        assert!(narrows(&answer), "{place}");
        // Under the header nothing of it ran, and nothing is taken back.
        let answer = answer_to(Before::Refused, false, all_but_marketing);
        assert!(!narrows(&answer), "{place}");
        // What is granted in view of the signal stays; in the United States no notice told of it.
        let answer = answer_to(Before::Granted, false, "choice=accept&gpc=1");
        assert_eq!(narrows(&answer), us, "{place}");
        let answer = answer_to(Before::Granted, false, "choice=accept&conflict=told&gpc=1");
        assert!(!narrows(&answer), "{place}");
        // A script reads the same in the answer's body.
        let json =
            r#"{"choice":"save","categories":{"functional":true,"analytics":true},"gpc":true}"#;
        let answer = visitor(&app, Before::Granted).send(post_json(json));
        assert_eq!(answer.json()["narrowed"], true, "{place}");
    }
}

// covers L38, L35, T25
#[test]
fn an_opt_out_by_the_signal_counts_a_year_from_the_day_it_came_and_what_is_left_no_longer() {
    let days = |days: u64| days * DAY;
    for granted_for in [0, 1, 100, 183] {
        let app = app(site(), Jurisdiction::Us(UsRule::Strict));
        let mut visitor = visitor(&app, Before::Granted);
        app.clock.advance(days(granted_for));
        visitor.gpc = true;
        let written = visitor.get("/");
        assert_eq!(written.stored().len(), 4, "{granted_for}");
        // Browsers cut longer lifetimes, and none is needed.
        for line in written.stored() {
            let seconds = line.split("Max-Age=").nth(1).unwrap();
            let seconds: u64 = seconds.split(';').next().unwrap().parse().unwrap();
            assert!((days(366)..=days(400)).contains(&seconds), "{line}");
        }
        visitor.gpc = false;
        // What is left ends with the choice that granted it.
        app.clock.advance(days(184 - granted_for) - 1);
        assert!(
            visitor.consent().allows(Category::Functional),
            "{granted_for}"
        );
        app.clock.advance(1);
        assert!(visitor.granted().is_empty(), "{granted_for}");
        // Nobody asks for a year from the day of the signal on.
        app.clock.advance(days(366) - days(184 - granted_for) - 1);
        let consent = visitor.consent();
        assert_eq!(
            consent.state(Category::Marketing),
            State::Refused,
            "{granted_for}"
        );
        assert!(!consent.needs_banner(), "{granted_for}");
    }
}

// covers L34, L33, T03, S10
#[test]
fn under_the_signal_no_banner_opens_by_itself_in_the_united_states() {
    for place in PLACES {
        let us = matches!(place, Jurisdiction::Us(_));
        let app = app(site(), place);
        let mut visitor = app.visitor();
        visitor.gpc = true;
        assert_eq!(visitor.consent().needs_banner(), !us, "{place}");
        let asks = place != Jurisdiction::Us(UsRule::OptOut);
        visitor.gpc = false;
        assert_eq!(visitor.consent().needs_banner(), asks, "{place}");
    }
}

// covers T03
#[test]
fn the_site_says_that_it_honours_the_signal_since_the_day_of_its_policy() {
    let answer = App::shop().get("/.well-known/gpc.json");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.json(),
        serde_json::json!({"gpc": true, "lastUpdate": "2026-09-01"})
    );
    assert!(answer.seen.is_none());
    let amended = shop().amended(PolicyVersion::new("v2").effective("2026-11-01"));
    let answer = App::new(amended.build().unwrap()).get("/.well-known/gpc.json");
    assert_eq!(answer.json()["lastUpdate"], "2026-11-01");
    // Without a date it is the app's to say.
    let undated = Policy::builder("v1").build().unwrap();
    assert!(
        App::new(undated)
            .get("/.well-known/gpc.json")
            .seen
            .is_some()
    );
    let posted = request(Method::POST, "/.well-known/gpc.json");
    assert_eq!(
        App::shop().send(empty(posted)).status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

// covers L35
#[test]
fn a_choice_of_the_application_against_the_signal_counts_after_a_notice() {
    let app = app(site(), Jurisdiction::Us(UsRule::Strict)).answering(|request| {
        let mut response = page(PAGE);
        let choice = match request.uri().path() {
            "/plain" => Choice::accept_all(),
            "/told" => Choice::accept_all().after_conflict_notice(),
            _ => return response,
        };
        response.extensions_mut().insert(choice);
        response
    });
    let mut visitor = app.visitor();
    visitor.gpc = true;
    visitor.get("/plain");
    assert!(!visitor.consent().allows(Category::Marketing));
    assert!(!visitor.consent().allows_vendor("analytics-seller"));
    assert!(visitor.consent().allows_vendor("analytics-processor"));
    visitor.get("/told");
    assert!(visitor.consent().allows(Category::Marketing));
    assert!(visitor.consent().allows_vendor("analytics-seller"));
}

// covers S05, S18, L32
#[test]
fn the_signal_stops_no_vendor_whose_own_terms_make_it_a_processor() {
    let processors = ["plausible", "simple-analytics", "matomo-cloud", "piwik-pro"];
    for id in catalog::ids() {
        let vendor = catalog::by_id(&id).unwrap();
        assert_eq!(vendor.is_processor(), processors.contains(&&*id), "{id}");
    }
    let of = |vendor: Vendor| {
        let id = vendor.id().to_owned();
        let app = app(
            Policy::builder("1").vendor(vendor),
            Jurisdiction::Us(UsRule::Strict),
        );
        let mut visitor = app.visitor();
        visitor.accept();
        assert!(visitor.consent().allows_vendor(&id), "{id}");
        visitor.gpc = true;
        visitor.consent().allows_vendor(&id)
    };
    for id in processors {
        assert!(of(catalog::by_id(id).unwrap()), "{id}");
    }
    assert!(of(catalog::matomo("stats.shop.example")));
    assert!(!of(catalog::google_analytics()));
    // Whoever has such a contract says so.
    assert!(!of(catalog::fathom()));
    assert!(of(catalog::fathom().processor()));
    // A processor that sells is none.
    assert!(!of(catalog::plausible().selling_or_sharing()));
}

// covers S05, S34
#[test]
fn what_sells_or_shares_is_never_strictly_necessary() {
    let seller = vendor(Category::Necessary, Role::Seller);
    let error = site().vendor(seller).build().unwrap_err().to_string();
    assert!(error.contains("1 problem:"), "{error}");
    assert!(
        error.contains("`necessary-seller` is strictly necessary and sells or shares"),
        "{error}"
    );
    let site = site().audience(Audience::Children);
    let error = site
        .vendor(vendor(Category::Necessary, Role::Seller))
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`necessary-seller` is strictly necessary"),
        "{error}"
    );
    assert!(
        self::site()
            .vendor(vendor(Category::Necessary, Role::Processor))
            .build()
            .is_ok()
    );
}

// covers S05, L36, L37, S12
#[test]
fn opting_out_of_sharing_takes_that_away_and_leaves_the_rest() {
    for place in [
        Jurisdiction::Us(UsRule::OptOut),
        Jurisdiction::Us(UsRule::Strict),
    ] {
        let opt_out = place == Jurisdiction::Us(UsRule::OptOut);
        let app = app(site(), place);
        let mut visitor = app.visitor();
        let answer = visitor.choose("choice=opt-out");
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let consent = visitor.consent();
        for category in Category::OPTIONAL {
            for role in ROLES {
                let shares = category == Category::Marketing
                    || role == Role::Seller
                    || category == Category::Analytics && role == Role::Controller;
                assert_eq!(
                    consent.allows_vendor(&id(category, role)),
                    opt_out && !shares,
                    "{place} {category} {role:?}"
                );
            }
        }
        assert_eq!(standing(&consent, Category::Marketing).0, State::Refused);
        assert!(consent.granted().is_empty() && !consent.needs_banner());
        // What was granted stays granted.
        visitor.accept();
        visitor.choose("choice=opt-out");
        assert_eq!(
            visitor.granted(),
            [Category::Functional, Category::Analytics]
        );
        assert!(!visitor.consent().allows_vendor("analytics-seller"));
    }
}

/// A signal that a consent service could send.
struct Service;

impl SignalSource for Service {
    fn read(&self, request: &RequestHead<'_>) -> Objection {
        let says = |what| {
            request
                .headers()
                .get("x-service")
                .is_some_and(|v| v == what)
        };
        let analytics = CategorySet::EMPTY.with(Category::Analytics);
        if says("withdraw") {
            Objection::NONE.withdrawing(analytics)
        } else if says("object") {
            Objection::NONE.objecting(analytics)
        } else {
            Objection::NONE
        }
    }

    fn headers(&self) -> Vec<HeaderName> {
        vec![HeaderName::from_static("x-service")]
    }
}

// covers L48, T21, L24
#[test]
fn a_further_signal_takes_away_and_never_gives() {
    let at = |place: Jurisdiction| app(site(), place).set(|l| l.with_signal_source(Service));
    let with = |visitor: &mut Visitor, value: &'static str| {
        let mut request = get("/");
        request
            .headers_mut()
            .insert("x-service", value.parse().unwrap());
        visitor.send(request)
    };
    let mut visitor = at(Jurisdiction::Eu).visitor();
    assert!(with(&mut visitor, "grant").consent().granted().is_empty());
    visitor.accept();
    let withdrawn = with(&mut visitor, "withdraw");
    assert_eq!(
        standing(withdrawn.consent(), Category::Analytics),
        (State::Refused, Reason::Signal)
    );
    assert!(withdrawn.consent().allows(Category::Marketing));
    assert_eq!(withdrawn.stored(), [""; 0]);
    let vary: Vec<_> = withdrawn.headers.get_all("vary").iter().collect();
    assert!(vary.iter().any(|value| *value == "x-service"), "{vary:?}");
    // An objection leaves what was granted, and ends what was not.
    assert!(
        with(&mut visitor, "object")
            .consent()
            .allows(Category::Analytics)
    );
    let mut visitor = at(Jurisdiction::Us(UsRule::OptOut)).visitor();
    let answer = with(&mut visitor, "object");
    assert_eq!(
        answer.consent().reason(Category::Analytics),
        Reason::Objection
    );
    assert!(answer.consent().allows(Category::Functional));
    assert!(visitor.consent().allows(Category::Analytics));
}

// covers T05, S23
#[test]
fn do_not_track_does_what_the_policy_says_that_it_does() {
    for (dnt, runs) in [(Dnt::Objection, false), (Dnt::Ignore, true)] {
        let policy = site().dnt(dnt);
        assert_eq!(policy.clone().build().unwrap().dnt(), dnt);
        let mut visitor = app(policy, Jurisdiction::Us(UsRule::OptOut)).visitor();
        let mut request = get("/");
        request.headers_mut().insert("dnt", "1".parse().unwrap());
        let answer = visitor.send(request);
        assert_eq!(
            answer.consent().allows(Category::Analytics),
            runs,
            "{dnt:?}"
        );
        let mut other = get("/");
        other.headers_mut().insert("dnt", "0".parse().unwrap());
        assert!(visitor.send(other).consent().allows(Category::Analytics));
    }
}
