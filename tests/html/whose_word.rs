//! Whose word counts: the author's, the visitor's, the policy's or the catalog's?

use tower_consent::{Category, Choice, Policy, catalog};

use crate::html_common::{Site, builder, count, vendor};
use crate::{assert_same, refused};

#[test]
fn the_authors_annotation_names_the_category_that_must_be_granted() {
    let site = Site::new();
    let analytics = site.only([Category::Analytics]);
    let iframe =
        |category: &str| format!("<iframe data-consent=\"{category}\" src=\"/own\"></iframe>");
    for (category, cookies, awake) in [
        ("analytics", &analytics, true),
        ("marketing", &analytics, false),
        (" analytics ", &analytics, true),
        ("analyti&#99;s", &analytics, true),
        ("necessary", &String::new(), true),
        ("analytics", &String::new(), false),
        ("Analytics", &analytics, false),
        ("statistics", &analytics, false),
        ("", &analytics, false),
        ("analytics marketing", &analytics, false),
    ] {
        let page = iframe(category);
        let gated = site.gated(cookies, &page);
        assert_eq!(gated == page, awake, "{category:?}: {gated}");
    }
    let proof = "<img data-consent=\"necessary\" src=\"//ads.test/proof\">";
    assert_eq!(refused(proof), proof);
}

#[test]
fn a_category_that_does_not_exist_cannot_be_granted() {
    let site = Site::new();
    let page = "<iframe data-consent=\"everything\" src=\"/own\"></iframe>";
    // Where everything is granted a page is not read at all.
    let most = site.only(vec![Category::Functional, Category::Analytics]);
    for visitor in [most, site.refused()] {
        assert!(!site.gated(&visitor, page).contains(" src="));
    }
}

#[test]
fn a_visitor_who_refused_one_vendor_does_not_get_it_by_an_annotation() {
    let site = Site::new();
    let without_heat = site.cookies(&Choice::accept_all().refusing_vendor("heat"));
    let page = "<script data-consent=\"analytics\" src=\"//heat.test/x\"></script>";
    assert!(site.gated(&without_heat, page).contains("text/plain"));
}

#[test]
fn an_annotated_noscript_sleeps_with_all_that_it_holds() {
    let page = "<noscript data-consent=\"marketing\"><img src=\"/own/pixel.gif\"></noscript>";
    let gated = refused(page);
    assert!(!gated.contains(" src="), "{gated}");
}

#[test]
fn a_partial_grant_wakes_its_own_part_and_no_other() {
    let site = Site::new();
    let page = "<img src=\"//stats.test/a\"><img src=\"//ads.test/b\"><iframe src=\"//video.test/c\"></iframe><script>fetch('//stats.test/d')</script>";
    for (granted, awake) in [
        (vec![], [false, false, false, false]),
        (vec![Category::Analytics], [true, false, false, true]),
        (vec![Category::Marketing], [false, true, false, false]),
        (vec![Category::Functional], [false, false, true, false]),
        (
            vec![Category::Functional, Category::Analytics],
            [true, false, true, true],
        ),
    ] {
        let gated = site.gated(&site.only(granted.clone()), page);
        let found = [
            gated.contains("<img src=\"//stats.test/a\">"),
            gated.contains("<img src=\"//ads.test/b\">"),
            gated.contains("<iframe src=\"//video.test/c\">"),
            gated.contains("<script>"),
        ];
        assert_eq!(found, awake, "{granted:?}: {gated}");
    }
}

#[test]
fn a_refused_vendor_sleeps_inside_of_a_granted_category() {
    let site = Site::new();
    let cookies = site.cookies(&Choice::accept_all().refusing_vendor("heat"));
    let page = "<img src=\"//stats.test/a\"><img src=\"//heat.test/b\"><img src=\"//ads.test/c\"><script>fetch('//heat.test/d')</script>";
    assert_same(
        site.gated(&cookies, page),
        "<img src=\"//stats.test/a\"><img data-tc-src=\"//heat.test/b\" data-tc=\"analytics:heat\"><img src=\"//ads.test/c\"><script type=\"text/plain\" data-tc=\"analytics:heat\">fetch('//heat.test/d')</script>",
    );
}

#[test]
fn one_element_that_needs_two_grants_sleeps_until_both_are_given() {
    let site = Site::new();
    let page = "<img src=\"//stats.test/a\" srcset=\"//ads.test/b 2x\">";
    assert_same(
        site.gated(&site.refused(), page),
        "<img data-tc-src=\"//stats.test/a\" data-tc-srcset=\"//ads.test/b 2x\" data-tc=\"analytics:stats marketing:ads\">",
    );
    assert_same(
        site.gated(&site.only([Category::Analytics]), page),
        "<img src=\"//stats.test/a\" data-tc-srcset=\"//ads.test/b 2x\" data-tc=\"marketing:ads\">",
    );
}

const UNDECLARED: &str = "<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script><img src=\"https://www.facebook.com/tr?id=1\"><iframe src=\"https://www.youtube.com/embed/1\"></iframe>";

#[test]
fn a_known_tracker_that_nobody_declared_sleeps_until_its_category_is_granted() {
    let site = Site::new();
    let refused = site.gated(&site.refused(), UNDECLARED);
    assert_eq!(count(&refused, " data-tc=\""), 3, "{refused}");
    assert!(refused.contains("data-tc=\"analytics\"") && refused.contains("data-tc=\"marketing\""));
    assert_eq!(site.gated(&site.granted(), UNDECLARED), UNDECLARED);
    let analytics = site.gated(&site.only([Category::Analytics]), UNDECLARED);
    assert_eq!(count(&analytics, " data-tc=\""), 2, "{analytics}");
}

#[test]
fn under_strict_what_is_not_declared_sleeps_whatever_was_granted() {
    let site = Site::with(builder().strict());
    let gated = site.gated(&site.granted(), UNDECLARED);
    assert_eq!(count(&gated, " data-tc=\""), 3, "{gated}");
    let declared = "<img src=\"//ads.test/x\"><iframe src=\"//video.test/y\"></iframe>";
    assert_eq!(site.gated(&site.granted(), declared), declared);
}

#[test]
fn without_the_catalog_only_what_is_declared_sleeps() {
    let site = Site::with(builder().without_catalog());
    let refused = site.refused();
    assert_eq!(site.gated(&refused, UNDECLARED), UNDECLARED);
    assert!(
        site.gated(&refused, "<img src=\"//ads.test/x\">")
            .contains("data-tc-src")
    );
}

#[test]
fn a_vendor_of_the_catalog_is_named_once_it_is_declared() {
    let site = Site::with(
        Policy::builder("1")
            .vendor(catalog::google_analytics())
            .vendor(catalog::youtube()),
    );
    let gated = site.gated(&site.refused(), UNDECLARED);
    assert!(
        gated.contains("data-tc=\"analytics:google-analytics\""),
        "{gated}"
    );
    assert!(gated.contains("data-tc=\"marketing:youtube\""), "{gated}");
    assert_eq!(
        site.gated(&site.only([Category::Analytics]), UNDECLARED)
            .matches(" data-tc=\"")
            .count(),
        2
    );
}

#[test]
fn a_strictly_necessary_vendor_is_never_touched() {
    let site = Site::with(builder().vendor(vendor("pay", Category::Necessary).hosts(["pay.test"])));
    let page =
        "<script src=\"https://js.pay.test/v3\"></script><script>fetch('//pay.test/x')</script>";
    assert_eq!(site.gated(&site.refused(), page), page);
}
