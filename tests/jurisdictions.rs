//! Proves which rule each visitor is under: every cell of place, signal, earlier
//! choice, category and role of the vendor, and that nothing but a click ever grants.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::*;
use http::{HeaderName, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tower_consent::marker::{Analytics, Functional, Marketing};
use tower_consent::{
    Audience, Category, CategorySet, Choice, Consent, CountryHeader, Dnt, ExemptStatistics,
    Jurisdiction, Objection, Policy, PolicyBuilder, PolicyVersion, Reason, RequestHead,
    SignalSource, State, StatisticsRegime, UsRule, Vendor, catalog,
};

const DAY: u64 = 86_400;

const PLACES: [Jurisdiction; 10] = [
    Jurisdiction::Global,
    Jurisdiction::Eu,
    Jurisdiction::Fr,
    Jurisdiction::It,
    Jurisdiction::Uk,
    Jurisdiction::Us(UsRule::Strict),
    Jurisdiction::Us(UsRule::OptOut),
    Jurisdiction::Br,
    Jurisdiction::Jp,
    Jurisdiction::Ch,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Site,
    Processor,
    Controller,
    Seller,
}

const ROLES: [Role; 4] = [Role::Site, Role::Processor, Role::Controller, Role::Seller];

fn id(category: Category, role: Role) -> String {
    format!("{category}-{role:?}").to_lowercase()
}

fn vendor(category: Category, role: Role) -> Vendor {
    let name = id(category, role);
    let vendor = Vendor::new(&*name, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .cookies([format!("_{name}")])
        .hosts([format!("{name}.test")]);
    let foreign = || {
        vendor
            .clone()
            .with_provider("Example Ltd", "IE")
            .with_policy_url("https://vendor.example/privacy")
    };
    match role {
        Role::Site => vendor.first_party(),
        Role::Processor => foreign().processor(),
        Role::Controller => foreign(),
        Role::Seller => foreign().selling_or_sharing(),
    }
}

/// A vendor of each role in each category.
fn site() -> PolicyBuilder {
    let vendors = Category::OPTIONAL
        .into_iter()
        .flat_map(|category| ROLES.map(|role| vendor(category, role)));
    Policy::builder(REVISION).site(SITE).vendors(vendors)
}

fn app(policy: PolicyBuilder, place: Jurisdiction) -> App {
    App::new(policy.build().unwrap()).set(|layer| layer.with_jurisdiction(move |_| place))
}

/// What the visitor did before, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    /// Granted everything while there was no signal.
    Granted,
    /// Granted everything while the browser sent the signal.
    GrantedInView,
    /// The same after a notice that it is in conflict.
    GrantedAfterNotice,
    /// Granted everything, then sent the signal for one page, then no longer.
    SignalCameAndWent,
    Refused,
    /// Granted everything, too long ago.
    Expired,
}

const BEFORE: [Before; 7] = [
    Before::Nothing,
    Before::Granted,
    Before::GrantedInView,
    Before::GrantedAfterNotice,
    Before::SignalCameAndWent,
    Before::Refused,
    Before::Expired,
];

fn visitor(app: &App, before: Before) -> Visitor {
    let mut visitor = app.visitor();
    match before {
        Before::Nothing => {}
        Before::Granted => drop(visitor.accept()),
        Before::GrantedInView => {
            visitor.gpc = true;
            visitor.accept();
        }
        Before::GrantedAfterNotice => {
            visitor.gpc = true;
            visitor.choose("choice=accept&conflict=told");
        }
        Before::SignalCameAndWent => {
            visitor.accept();
            visitor.gpc = true;
            visitor.get("/");
            visitor.gpc = false;
        }
        Before::Refused => drop(visitor.reject()),
        Before::Expired => {
            visitor.accept();
            app.clock.advance(184 * DAY);
        }
    }
    visitor
}

/// The rule as it is written, for one vendor: what a visitor from `place` with these signals is
/// given of it.
fn allowed(
    place: Jurisdiction,
    gpc: bool,
    dnt: bool,
    before: Before,
    category: Category,
    role: Role,
) -> bool {
    let us = matches!(place, Jurisdiction::Us(_));
    let shares = category == Category::Marketing
        || role == Role::Seller
        || category == Category::Analytics && role == Role::Controller;
    match before {
        Before::Refused | Before::Expired => false,
        Before::Nothing => place == Jurisdiction::Us(UsRule::OptOut) && !dnt && !(gpc && shares),
        Before::Granted => !(gpc && shares),
        Before::GrantedInView => !(us && shares),
        Before::GrantedAfterNotice => true,
        Before::SignalCameAndWent => !(shares && (us || gpc)),
    }
}

// covers T01, T05, L32, L34, L35, L40, L42, L43, L45, L46, S01, S10, S50, behaviour 105
#[test]
fn every_cell_of_the_table_is_as_the_rule_says() {
    let mut cells = 0;
    for place in PLACES {
        for before in BEFORE {
            for gpc in [false, true] {
                for dnt in [false, true] {
                    let app = app(site(), place);
                    let mut visitor = visitor(&app, before);
                    visitor.gpc = gpc;
                    let mut request = get("/");
                    if dnt {
                        request.headers_mut().insert("dnt", "1".parse().unwrap());
                    }
                    let consent = visitor.send(request).consent().clone();
                    for category in Category::OPTIONAL {
                        for role in ROLES {
                            let cell = format!(
                                "{place} {before:?} gpc {gpc} dnt {dnt} {category} {role:?}"
                            );
                            let expected = allowed(place, gpc, dnt, before, category, role);
                            let id = id(category, role);
                            assert_eq!(consent.allows_vendor(&id), expected, "{cell}");
                            let state = consent.vendor_state(&id);
                            // What runs without a choice is never called granted.
                            let chosen = !matches!(before, Before::Nothing);
                            let granted = expected && chosen;
                            assert_eq!(state == State::Granted, granted, "{cell}: {state:?}");
                            assert_eq!(state == State::Exempt, expected && !chosen, "{cell}");
                            cells += 1;
                        }
                    }
                    if before == Before::Nothing {
                        assert!(consent.granted().is_empty());
                        assert!(consent.proof::<Functional>().is_none());
                        assert!(consent.proof::<Analytics>().is_none());
                        assert!(consent.proof::<Marketing>().is_none());
                    }
                }
            }
        }
    }
    assert_eq!(cells, 10 * 7 * 2 * 2 * 3 * 4);
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

// covers L38, T25, L51
#[test]
fn nobody_in_the_united_states_is_asked_again_within_a_year_of_a_refusal() {
    for (place, days) in [
        (Jurisdiction::Us(UsRule::Strict), 366),
        (Jurisdiction::Us(UsRule::OptOut), 366),
        (Jurisdiction::Eu, 184),
    ] {
        let app = app(site(), place);
        let mut visitor = app.visitor();
        let lines = visitor.save(&[Category::Functional]);
        let lasts = format!("; Max-Age={}", days * DAY);
        assert!(
            lines.stored().iter().all(|line| line.ends_with(&lasts)),
            "{place}: {:?}",
            lines.stored()
        );
        app.clock.advance(184 * DAY - 1);
        assert!(visitor.consent().allows(Category::Functional), "{place}");
        app.clock.advance(1);
        // A grant ends when it does everywhere.
        assert!(visitor.granted().is_empty(), "{place}");
        assert_eq!(visitor.consent().needs_banner(), days == 184, "{place}");
        app.clock.advance(182 * DAY - 1);
        assert!(!visitor.consent().allows(Category::Marketing), "{place}");
        assert_eq!(visitor.consent().needs_banner(), days == 184, "{place}");
    }
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
        let consent = older.consent();
        assert!(!consent.allows(Category::Marketing), "{place}");
        assert!(!consent.allows_vendor("analytics-seller"), "{place}");
        assert!(consent.allows_vendor("analytics-processor"), "{place}");
        assert!(consent.allows_vendor("functional-site"), "{place}");
        assert_eq!(older.choose("choice=signal").stored(), [""; 0], "{place}");
        // A grant in view of it stands; in the United States no notice told of the conflict.
        older.choose("choice=accept&gpc=1");
        assert_eq!(older.consent().allows(Category::Marketing), !us, "{place}");
        assert_eq!(older.choose("choice=signal").stored(), [""; 0], "{place}");
        assert_eq!(older.consent().allows(Category::Marketing), !us, "{place}");
        // Nobody who has not chosen is taken to have; what ran until an opt-out is opted out of.
        let mut new = app.visitor();
        let runs = place == Jurisdiction::Us(UsRule::OptOut);
        let answer = new.choose("choice=signal");
        assert_eq!(answer.stored().len(), if runs { 4 } else { 0 }, "{place}");
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
        assert_eq!(refused.choose("choice=signal").stored(), [""; 0], "{place}");
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

// covers L46
#[test]
fn in_switzerland_statistics_may_run_until_somebody_objects_and_marketing_never() {
    let exempt = |place| app(counted(&[StatisticsRegime::Ch]), place);
    let app = exempt(Jurisdiction::Ch);
    let mut visitor = app.visitor();
    let answer = visitor.get("/");
    assert!(answer.consent().allows_vendor("analytics-processor"));
    assert!(!answer.consent().allows_vendor("analytics-controller"));
    assert!(!answer.consent().allows(Category::Marketing));
    assert!(
        answer.text().contains("value=\"object\""),
        "{}",
        answer.text()
    );
    visitor.choose("choice=object");
    assert!(!visitor.consent().allows_vendor("analytics-processor"));
    // It is the site's to ask for, and ends at the border.
    assert!(
        !self::app(site(), Jurisdiction::Ch)
            .visitor()
            .consent()
            .allows_vendor("analytics-processor")
    );
    assert!(
        !exempt(Jurisdiction::Eu)
            .visitor()
            .consent()
            .allows_vendor("analytics-processor")
    );
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
    let posted = request(http::Method::POST, "/.well-known/gpc.json");
    assert_eq!(
        App::shop().send(empty(posted)).status,
        StatusCode::METHOD_NOT_ALLOWED
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

// covers L01, S27
#[test]
fn what_ran_without_a_choice_is_not_granted_by_saving_what_was_ticked_already() {
    let app = app(site(), Jurisdiction::Us(UsRule::OptOut));
    let mut visitor = app.visitor();
    visitor.choose("choice=save&functional=on&analytics=on");
    let consent = visitor.consent();
    assert!(consent.granted().is_empty());
    assert_eq!(consent.exempt().iter().count(), 2);
    assert_eq!(consent.state(Category::Marketing), State::Refused);
    // Elsewhere it counts for nothing.
    visitor.app = self::app(site(), Jurisdiction::Eu);
    assert!(!visitor.consent().allows(Category::Analytics));
    // A click on the button that grants is a grant.
    visitor.app = self::app(site(), Jurisdiction::Us(UsRule::OptOut));
    visitor.accept();
    assert_eq!(visitor.granted().len(), 3);
}

/// A site whose analytics is exempt altogether.
fn counted(regimes: &[StatisticsRegime]) -> PolicyBuilder {
    Policy::builder(REVISION)
        .site(SITE)
        .vendor(vendor(Category::Analytics, Role::Processor))
        .exempt_statistics(
            ExemptStatistics::new("Assessed on 2026-09-01")
                .under(regimes.iter().copied())
                .vendor("analytics-processor")
                .cookie_days(393)
                .data_months(25),
        )
}

// covers L22, L28, L29, T05
#[test]
fn exempt_statistics_run_where_the_law_says_so_until_somebody_objects() {
    let regimes = [StatisticsRegime::Uk, StatisticsRegime::Fr];
    for place in PLACES {
        let runs = matches!(place, Jurisdiction::Uk | Jurisdiction::Fr);
        let app = app(counted(&regimes), place);
        let mut visitor = app.visitor();
        let consent = visitor.consent();
        let opt_out = place == Jurisdiction::Us(UsRule::OptOut);
        assert_eq!(
            consent.allows(Category::Analytics),
            runs || opt_out,
            "{place}"
        );
        if !runs {
            continue;
        }
        assert_eq!(
            standing(&consent, Category::Analytics),
            (State::Exempt, Reason::Statistics)
        );
        assert!(consent.proof::<Analytics>().is_none() && !consent.needs_banner());
        // What the catalog knows and nobody declared is not exempt with it.
        let page = visitor.get("/");
        assert!(!loads(
            page.text(),
            "https://www.googletagmanager.com/gtag/"
        ));
        // Do Not Track objects, and stores nothing.
        let mut request = get("/");
        request.headers_mut().insert("dnt", "1".parse().unwrap());
        let answer = visitor.send(request);
        assert_eq!(
            standing(answer.consent(), Category::Analytics),
            (State::Refused, Reason::Objection)
        );
        assert_eq!(answer.stored(), [""; 0]);
        // One click objects, and that lasts as long as a refusal.
        visitor.choose("choice=object");
        app.clock.advance(184 * DAY - 1);
        assert!(!visitor.consent().allows_vendor("analytics-processor"));
        // A refusal of everything objects, too.
        let mut refuser = app.visitor();
        refuser.reject();
        assert!(!refuser.consent().allows(Category::Analytics));
    }
}

// covers L22
#[test]
fn a_cookie_of_exempt_statistics_is_stored_once_and_never_prolonged() {
    let app = app(counted(&[StatisticsRegime::Fr]), Jurisdiction::Fr).answering(|request| {
        let line = match request.uri().path() {
            "/long" => "_analytics-processor=1; Max-Age=33955201",
            "/gone" => "_analytics-processor=; Max-Age=0",
            _ => "_analytics-processor=1; Max-Age=33955200",
        };
        setting(page(PAGE), [line])
    });
    let mut visitor = app.visitor();
    assert_eq!(visitor.get("/long").stored(), [""; 0]);
    assert_eq!(visitor.get("/").stored().len(), 1);
    assert_eq!(visitor.get("/").stored(), [""; 0]);
    assert_eq!(visitor.get("/gone").expired(), ["_analytics-processor"]);
    assert_eq!(visitor.get("/").stored().len(), 1);
    // Whoever granted it gets it as the site likes.
    visitor.accept();
    assert_eq!(visitor.get("/").stored().len(), 1);
}

// covers L22, L29, S06
#[test]
fn exempt_statistics_that_do_not_meet_the_conditions_are_no_policy() {
    let valid = || {
        ExemptStatistics::new("Assessed")
            .under([StatisticsRegime::Uk])
            .cookie_days(393)
            .data_months(25)
    };
    let build = |statistics: ExemptStatistics| site().exempt_statistics(statistics).build();
    assert!(
        build(
            valid()
                .vendor("analytics-processor")
                .vendor("analytics-site")
        )
        .is_ok()
    );
    for (why, statistics) in [
        ("decides itself", valid().vendor("analytics-controller")),
        ("sells or shares", valid().vendor("analytics-seller")),
        ("no declared vendor", valid().vendor("functional-site")),
        ("no declared vendor", valid().vendor("nobody")),
        ("have no vendor", valid()),
        (
            "cookies of 394 days",
            valid().vendor("analytics-site").cookie_days(394),
        ),
        (
            "cookies of 0 days",
            valid().vendor("analytics-site").cookie_days(0),
        ),
        (
            "26 months",
            valid().vendor("analytics-site").data_months(26),
        ),
        (
            "apply nowhere",
            ExemptStatistics::new("x")
                .vendor("analytics-site")
                .cookie_days(1)
                .data_months(1),
        ),
        (
            "nobody says why",
            ExemptStatistics::new(" ")
                .under([StatisticsRegime::It])
                .vendor("analytics-site")
                .cookie_days(1)
                .data_months(1),
        ),
    ] {
        let error = build(statistics).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

// covers S21, L11, L41
#[test]
fn children_are_not_asked_about_marketing_and_cannot_grant_it() {
    let policy = Policy::builder(REVISION)
        .site(SITE)
        .vendor(vendor(Category::Analytics, Role::Site))
        .vendor(vendor(Category::Marketing, Role::Seller));
    let mut visitor = app(policy.clone(), Jurisdiction::Global).visitor();
    visitor.accept();
    assert!(visitor.consent().allows(Category::Marketing));
    // The same valid choice on a site for children.
    let children = policy.clone().audience(Audience::Children);
    visitor.app = app(children, Jurisdiction::Global);
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Refused, Reason::Children)
    );
    assert!(!consent.allows_vendor("marketing-seller"));
    assert!(consent.allows(Category::Analytics));
    assert!(!consent.policy().asked().contains(Category::Marketing));
    visitor.accept();
    assert_eq!(visitor.granted(), [Category::Analytics]);
    assert_eq!(
        visitor.choose("choice=save&marketing=on").status,
        StatusCode::BAD_REQUEST
    );
    let sells = policy
        .vendor(vendor(Category::Functional, Role::Seller))
        .audience(Audience::Children);
    let error = sells.build().unwrap_err().to_string();
    assert!(error.contains("for children"), "{error}");
}

// covers S39
#[test]
fn a_page_that_never_allows_marketing_has_none_whatever_was_granted() {
    let policy = site()
        .never("/oauth", Category::Marketing)
        .never("/oauth/app", Category::Analytics);
    let app = app(policy, Jurisdiction::Global).answering(|_| {
        setting(
            page("<!doctype html><script src=\"https://marketing-seller.test/a.js\"></script>"),
            ["_marketing-seller=1"],
        )
    });
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.plant("_marketing-seller=1");
    for (path, marketing, analytics) in [
        ("/", true, true),
        ("/oauth", false, true),
        ("/oauth/", false, true),
        ("/%6Fauth/x", false, true),
        ("/oauth/app", false, false),
        ("/oauthed", true, true),
    ] {
        let answer = visitor.get(path);
        let consent = answer.consent();
        assert_eq!(consent.allows(Category::Marketing), marketing, "{path}");
        assert_eq!(consent.allows(Category::Analytics), analytics, "{path}");
        assert_eq!(
            loads(answer.text(), "https://marketing-seller.test"),
            marketing,
            "{path}"
        );
        let seen = answer.cookies_seen().concat();
        let seen = String::from_utf8(seen).unwrap();
        assert_eq!(seen.contains("_marketing-seller"), marketing, "{path}");
        assert_eq!(answer.stored().len(), usize::from(marketing), "{path}");
        // The visitor took nothing back, so nothing is deleted.
        assert_eq!(answer.expired(), [""; 0], "{path}");
        if !marketing {
            assert_eq!(consent.reason(Category::Marketing), Reason::NeverHere);
            // No later grant wakes it in this page either.
            assert!(
                answer.text().contains("data-tc=\"unknown\""),
                "{}",
                answer.text()
            );
            assert!(answer.text().contains("-marketing"), "{}", answer.text());
        }
    }
    for (path, category) in [
        ("oauth", Category::Marketing),
        ("/", Category::Marketing),
        ("/oauth", Category::Necessary),
    ] {
        assert!(site().never(path, category).build().is_err(), "{path}");
    }
}

// covers S24, S07, L31, L16
#[test]
fn a_new_version_asks_again_about_what_it_touches_and_about_nothing_else() {
    let now = |visitor: &mut Visitor, policy: PolicyBuilder| {
        visitor.app = app(policy, Jurisdiction::Global);
        visitor.consent()
    };
    let mut visitor = app(site(), Jurisdiction::Global).visitor();
    visitor.accept();
    let wording = site().amended("2026-12-01");
    let consent = now(&mut visitor, wording);
    assert_eq!(consent.granted().iter().count(), 3);
    assert!(!consent.needs_banner());
    let marketing = PolicyVersion::new("2026-11-01").material([Category::Marketing]);
    let consent = now(
        &mut visitor,
        site().amended(marketing.clone()).amended("2026-12-01"),
    );
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Stale, Reason::RevisionChanged)
    );
    assert_eq!(consent.granted().iter().count(), 2);
    assert!(consent.needs_banner());
    assert_eq!(consent.policy().version().id(), "2026-12-01");
    // Another controller: everything.
    let controller = PolicyVersion::new("2027-01-01").material([Category::Necessary]);
    let consent = now(&mut visitor, site().amended(controller));
    assert!(consent.granted().is_empty() && consent.decided_at().is_none());
    for broken in [
        site().amended(REVISION),
        site().amended(""),
        site().amended(PolicyVersion::new("v2").effective("soon")),
    ] {
        assert!(broken.build().is_err());
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

// covers S25, S42
#[test]
fn two_sites_are_two_consents() {
    let mut visitor = app(site(), Jurisdiction::Global).visitor();
    visitor.accept();
    visitor.app = app(site().site("other.example"), Jurisdiction::Global);
    assert!(visitor.granted().is_empty());
}

// covers L40, S32
#[test]
fn the_country_is_the_proxys_word_and_unknown_ones_wait_for_consent() {
    let countries = CountryHeader::cloudflare().with_us(UsRule::OptOut);
    let app = App::new(site().build().unwrap())
        .set(|layer| layer.with_jurisdiction(move |request| countries.jurisdiction(request)));
    let of = |country: &str| -> Consent {
        let mut request = get("/");
        let value = country.parse().unwrap();
        request.headers_mut().insert("cf-ipcountry", value);
        app.send(request).consent().clone()
    };
    assert_eq!(of("US").jurisdiction(), Jurisdiction::Us(UsRule::OptOut));
    assert!(of("US").allows(Category::Analytics));
    for country in ["DE", "XX", "T1", "us", ""] {
        assert!(!of(country).allows(Category::Analytics), "{country}");
    }
}

/// Whatever happens to a visitor who never clicks on anything that grants.
#[derive(Clone, Debug)]
enum Happening {
    Visit(&'static str),
    Prefetch,
    Signal(bool, bool),
    Move(usize),
    Wait(u64),
    Amend(usize),
    Post(&'static str),
    Dismiss,
}

fn happening() -> impl Strategy<Value = Happening> {
    let paths = prop::sample::select(vec![
        "/",
        "/oauth",
        "/_consent",
        "/_consent/state",
        "/_consent/banner",
        "/?choice=accept",
    ]);
    // Explicit acts that refuse, and one that only saves what was ticked already.
    let posts = prop::sample::select(vec![
        "choice=reject",
        "choice=opt-out",
        "choice=object",
        "choice=save",
        "choice=bad",
        "analytics=on",
    ]);
    prop_oneof![
        4 => paths.prop_map(Happening::Visit),
        1 => Just(Happening::Prefetch),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(gpc, dnt)| Happening::Signal(gpc, dnt)),
        2 => (0..PLACES.len()).prop_map(Happening::Move),
        1 => (0..500 * DAY).prop_map(Happening::Wait),
        1 => (0..4usize).prop_map(Happening::Amend),
        2 => posts.prop_map(Happening::Post),
        1 => Just(Happening::Dismiss),
    ]
}

fn version(of: usize) -> PolicyBuilder {
    let policy = site().never("/oauth", Category::Marketing);
    let policy = policy.exempt_statistics(
        ExemptStatistics::new("Assessed")
            .under([
                StatisticsRegime::Uk,
                StatisticsRegime::Fr,
                StatisticsRegime::It,
            ])
            .vendor("analytics-site")
            .cookie_days(1)
            .data_months(1),
    );
    match of {
        0 => policy,
        1 => policy.amended("2027-01-01"),
        2 => policy.amended(PolicyVersion::new("2027-02-01").material([Category::Analytics])),
        _ => policy.audience(Audience::General).dnt(Dnt::Ignore),
    }
}

// covers S27, S36, L01, L48
#[test]
fn nothing_but_an_explicit_act_ever_grants() {
    let policies: Vec<Policy> = (0..4).map(|of| version(of).build().unwrap()).collect();
    TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    })
    .run(&prop::collection::vec(happening(), 1..25), |story| {
        let clock = clock();
        let at = |policy: usize, place: usize| {
            let (place, clock) = (PLACES[place], clock.clone());
            App::new(policies[policy].clone())
                .set(|layer| layer.with_jurisdiction(move |_| place).with_clock(clock))
        };
        let (mut policy, mut place, mut dnt) = (0, 0, false);
        let mut visitor = at(0, 0).visitor();
        for happened in story {
            let mut request = get("/");
            match happened {
                Happening::Visit(path) => request = get(path),
                Happening::Prefetch => {
                    let headers = request.headers_mut();
                    headers.insert("sec-purpose", "prefetch".parse().unwrap());
                }
                Happening::Signal(gpc, on) => {
                    visitor.gpc = gpc;
                    dnt = on;
                }
                Happening::Move(to) => place = to,
                Happening::Wait(seconds) => clock.advance(seconds),
                Happening::Amend(to) => policy = to,
                Happening::Post(form) => request = post_form(form),
                Happening::Dismiss => {
                    request = common::request(http::Method::POST, "/_consent/notice")
                        .header("sec-fetch-site", "same-origin")
                        .header("content-type", "application/x-www-form-urlencoded")
                        .body("notice=opt-out".to_owned().into())
                        .unwrap();
                }
            }
            visitor.app = at(policy, place);
            if dnt {
                request.headers_mut().insert("dnt", "1".parse().unwrap());
            }
            visitor.send(request);
            let consent = visitor.consent();
            prop_assert!(consent.granted().is_empty(), "{consent:?}");
            prop_assert!(consent.proof::<Functional>().is_none());
            prop_assert!(consent.proof::<Analytics>().is_none());
            prop_assert!(consent.proof::<Marketing>().is_none());
            for vendor in consent.policy().vendors() {
                prop_assert!(consent.vendor_state(vendor.id()) != State::Granted);
            }
            let may_run = matches!(
                PLACES[place],
                Jurisdiction::Us(UsRule::OptOut)
                    | Jurisdiction::Uk
                    | Jurisdiction::Fr
                    | Jurisdiction::It
            );
            for category in Category::OPTIONAL {
                prop_assert!(may_run || !consent.allows(category), "{consent:?}");
            }
        }
        Ok(())
    })
    .unwrap();
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
