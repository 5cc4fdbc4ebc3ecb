//! Proves which rule each visitor is under: every cell of place, signal, earlier
//! choice, category and role of the vendor, and what each place has of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::roles::*;
use common::*;
use http::StatusCode;
use tower_consent::marker::{Analytics, Functional, Marketing};
use tower_consent::{
    Audience, Category, Consent, CountryHeader, ExemptStatistics, Jurisdiction, Policy,
    PolicyBuilder, PolicyVersion, Reason, State, StatisticsRegime, UsRule,
};

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
