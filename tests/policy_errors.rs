//! Proves that a faulty declaration fails at build with every problem and its
//! fix at once, and that code, TOML and JSON say the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::*;
use http::StatusCode;
use tower_consent::{Category, Policy, PolicyBuilder, SiteCookie, Texts, Vendor, catalog};

/// A vendor that is complete but for what a test leaves out.
fn vendor(id: &str, category: Category) -> Vendor {
    Vendor::new(id, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .first_party()
}

fn problems(policy: PolicyBuilder) -> String {
    policy.build().unwrap_err().to_string()
}

fn everything_wrong() -> PolicyBuilder {
    let mut texts = Texts::default();
    texts.title = "  ".into();
    Policy::builder(" ")
        .site("s".repeat(256))
        .privacy_url("javascript:alert(1)")
        .texts(texts)
        .lifetime_days(401)
        .prefix("/privacy/")
        .cookie_domain("localhost")
        .expiry_paths(["shop"])
        .refused_status(StatusCode::FOUND)
        .vendor(Vendor::new("Stats!", Category::Analytics))
        .vendor(
            vendor("stats", Category::Analytics)
                .cookies(["", "*", "a b", "_ga*x"])
                .hosts([
                    "https://stats.example",
                    "*.stats.example",
                    "stats.example:80",
                ])
                .paths(["collect", "/", "/a/../b"])
                .inline(["gtag", "abc"]),
        )
        .vendor(vendor("stats", Category::Marketing).hosts(["ads.example"]))
        .vendor(
            vendor("far", Category::Marketing)
                .with_provider("Far Ltd", "Ireland")
                .with_policy_url("/privacy")
                .hosts(["ads.example"]),
        )
        .vendor(vendor("near", Category::Functional).hosts(["ads.example"]))
        .vendor(vendor("vague", Category::Functional))
        .vendor(vendor("tag", Category::Necessary).hosts(["www.googletagmanager.com"]))
        .necessary("_ga", "We like numbers")
        .necessary("__Host-Http-consent-analytics", "Ours")
        .cookie(SiteCookie::new("lang", Category::Analytics, "Language").user_requested("Clicked"))
        .cookie(SiteCookie::new("cart", Category::Necessary, " ").with_retention(" "))
}

// covers behaviour 20, S06, S34, T25
#[test]
fn all_problems_are_told_at_once_each_with_its_fix() {
    let error = everything_wrong().build().unwrap_err();
    let text = error.to_string();
    let golden = include_str!("data/policy_errors.txt");
    assert_eq!(text, golden.trim_end(), "\n{text}\n");
    assert_eq!(text.matches("\n     fix: ").count(), error.problem_count());
    assert!(text.starts_with(&format!(
        "the consent policy has {} problems:",
        error.problem_count()
    )));
}

#[test]
fn a_sound_declaration_has_no_problem_and_one_fault_is_one_problem() {
    assert!(shop().build().is_ok());
    let error = shop().lifetime_days(0).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the consent policy has 1 problem:\n  1. a lifetime of 0 days is outside 1 to 400\n     fix: .lifetime_days(184)"
    );
}

// covers T25
#[test]
fn a_choice_counts_for_one_to_four_hundred_days() {
    for (days, sound) in [
        (0, false),
        (1, true),
        (184, true),
        (400, true),
        (401, false),
        (u32::MAX, false),
    ] {
        let policy = shop().lifetime_days(days).build();
        assert_eq!(policy.is_ok(), sound, "{days}");
        if let Ok(policy) = policy {
            assert_eq!(policy.lifetime_seconds(), u64::from(days) * 86_400);
        }
    }
    assert_eq!(shop_policy().lifetime_seconds(), 15_897_600);
}

// covers S34, L14
#[test]
fn a_known_tracker_is_not_necessary_without_a_written_reason() {
    let analytics = "is a known analytics name and cannot be exempt from consent";
    for (name, tracker) in [
        ("_ga", "_ga"),
        ("_ga_*", "_ga_"),
        ("_g*", "_g"),
        ("_gid", "_gid"),
    ] {
        let error = problems(Policy::builder("1").necessary(name, "We need it"));
        assert!(
            error.contains(&format!("covers `{tracker}")),
            "{name}: {error}"
        );
        assert!(error.contains(analytics) && error.contains(".overriding_catalog(\"reason\")"));
    }
    for name in ["_fbp", "_gcl_au", "MUID"] {
        assert!(
            problems(Policy::builder("1").necessary(name, "x")).contains("known marketing name")
        );
    }
    // Neither as what the visitor asked for, nor by a vendor that calls itself necessary.
    let cookie = SiteCookie::new("_ga", Category::Functional, "x").user_requested("clicked");
    assert!(problems(Policy::builder("1").cookie(cookie)).contains(analytics));
    let exempt = || vendor("tag", Category::Necessary);
    for exempt in [
        exempt().cookies(["_ga"]),
        exempt().hosts(["google-analytics.com"]),
    ] {
        assert!(problems(Policy::builder("1").vendor(exempt)).contains("cannot be exempt"));
    }

    // With a reason it passes and the reason is shown; a blank one is none.
    let own = |reason: &str| {
        let cookie = SiteCookie::new("_ga", Category::Necessary, "Golf arrangements");
        Policy::builder("1")
            .cookie(cookie.overriding_catalog(reason))
            .build()
    };
    assert!(own(" ").is_err());
    let app = App::new(own("Our own cookie, no analytics").unwrap());
    assert_eq!(app.with_cookies(["_ga=1"]).cookies_seen(), [b"_ga=1"]);
    assert!(
        app.get("/_consent")
            .text()
            .contains("Our own cookie, no analytics")
    );
    // Names that are not known need none.
    assert!(
        Policy::builder("1")
            .necessary("sid", "Session")
            .build()
            .is_ok()
    );
    // In the category that it belongs to, a tracker may be declared by hand.
    let own = SiteCookie::new("_ga", Category::Analytics, "Counts visits");
    assert!(Policy::builder("1").cookie(own).build().is_ok());
}

// covers S34
#[test]
fn a_known_loader_is_not_necessary_without_a_written_reason() {
    let exempt = || vendor("tag", Category::Necessary).inline(["googletagmanager.com/gtag/js"]);
    let error = Policy::builder("1")
        .vendor(exempt())
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot be exempt"), "{error}");
    let reasoned = exempt().overriding_catalog("Only our own container, without tags");
    assert!(Policy::builder("1").vendor(reasoned).build().is_ok());
}

// covers S06, L07
#[test]
fn a_vendor_must_say_what_visitors_have_to_know() {
    let whole = || {
        Vendor::new("stats", Category::Analytics)
            .with_purpose("Counts page views")
            .with_provider("Stats Ltd", "IE")
            .with_retention("13 months")
            .with_policy_url("https://stats.example/privacy")
            .hosts(["stats.example"])
    };
    assert!(Policy::builder("1").vendor(whole()).build().is_ok());
    for (missing, fix) in [
        (whole().with_purpose(" "), ".with_purpose("),
        (whole().with_provider("", ""), ".with_provider("),
        (
            whole().with_provider("Stats Ltd", ""),
            "two-letter country code",
        ),
        (
            whole().with_provider("Stats Ltd", "ie"),
            "two-letter country code",
        ),
        (
            whole().with_provider("Stats Ltd", "IRL"),
            "two-letter country code",
        ),
        (whole().with_retention(""), ".with_retention("),
        (whole().with_policy_url(""), ".with_policy_url("),
        (
            whole().with_policy_url("stats.example/privacy"),
            "not an http(s) address",
        ),
        (
            whole().with_policy_url("javascript:alert(1)"),
            "not an http(s) address",
        ),
    ] {
        let error = problems(Policy::builder("1").vendor(missing));
        assert!(error.contains(fix), "{fix}: {error}");
    }
    // The site itself needs no provider, country or policy of its own.
    assert!(Policy::builder("1").vendor(shop_stats()).build().is_ok());
    // The catalog's vendors are complete.
    for id in catalog::ids() {
        let policy = Policy::builder("1")
            .vendor(catalog::by_id(&id).unwrap())
            .build();
        assert!(policy.is_ok(), "{id}: {policy:?}");
    }
}

// covers behaviour 13
#[test]
fn an_unknown_field_vendor_or_category_is_an_error_and_not_ignored() {
    let sound = "revision = '1'\n[[vendor]]\nid = 'a'\ncategory = 'analytics'\npurpose = 'p'\nretention = 'r'\nfirst_party = true\ncookies = ['_a_']\n[[cookie]]\nname = 'sid'\ncategory = 'necessary'\npurpose = 'p'\n[texts]\ntitle = 't'";
    assert!(toml::from_str::<Policy>(sound).is_ok());
    for (from, to, named) in [
        ("revision = '1'", "revision = '1'\nlifetime = 3", "lifetime"),
        ("revision = '1'", "revison = '1'", "revison"),
        ("cookies = ", "cookie = ", "cookie"),
        ("first_party", "firstparty", "firstparty"),
        ("name = 'sid'", "name = 'sid'\nreason = 'x'", "reason"),
        ("title = 't'", "titel = 't'", "titel"),
        ("'analytics'", "'statistics'", "statistics"),
        ("'necessary'", "'Necessary'", "Necessary"),
        ("[texts]", "[text]", "text"),
    ] {
        let error = toml::from_str::<Policy>(&sound.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
    // What only code may say cannot be said in a file.
    let umbrella = sound.replace("first_party = true", "first_party = true\numbrella = true");
    assert!(toml::from_str::<Policy>(&umbrella).is_err());

    let error =
        toml::from_str::<Policy>("revision = '1'\ncatalog = ['google-analitycs']").unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("the catalog has no vendor `google-analitycs`"),
        "{error}"
    );
    assert!(error.contains("google-analytics,"), "the fix lists the ids");
}

const TOML: &str = include_str!("data/policy.toml");
const JSON: &str = include_str!("data/policy.json");

/// What `policy.toml` and `policy.json` say.
fn in_code() -> PolicyBuilder {
    let mut texts = Texts::of("de").unwrap();
    texts.title = "Deine Wahl".into();
    Policy::builder("2026-09-01")
        .site("shop.example")
        .privacy_url("/datenschutz")
        .texts(texts)
        .vendor(
            Vendor::new("shop-stats", Category::Analytics)
                .with_name("Statistik")
                .with_purpose("Counts page views")
                .with_provider("Stats Ltd", "IE")
                .with_retention("13 months")
                .with_policy_url("https://stats.example/privacy")
                .cookies(["_stats_*"])
                .hosts(["stats.example"])
                .paths(["/collect"])
                .inline(["stats.example/loader.js"]),
        )
        .vendor(
            Vendor::new("gauge", Category::Necessary)
                .with_purpose("Measures load")
                .with_retention("1 day")
                .first_party()
                .cookies(["_ga_load"])
                .overriding_catalog("Counts requests, not visitors"),
        )
        .vendor(catalog::google_analytics())
        .vendor(catalog::youtube())
        .cookie(SiteCookie::new(
            "sid",
            Category::Necessary,
            "Keeps you signed in",
        ))
        .cookie(
            SiteCookie::new("lang", Category::Functional, "Remembers your language")
                .with_retention("1 year")
                .user_requested("Set when you pick a language"),
        )
        .lifetime_days(90)
        .prefix("/privacy")
        .cookie_domain("shop.example")
        .expiry_paths(["/account"])
        .expire_undecided()
        .strict()
        .refused_status(StatusCode::FORBIDDEN)
}

#[test]
fn toml_and_json_say_the_same_as_code() {
    let code = in_code().build().unwrap();
    let toml: Policy = toml::from_str(TOML).unwrap();
    let json: Policy = serde_json::from_str(JSON).unwrap();
    for policy in [&toml, &json] {
        assert_eq!(format!("{policy:?}"), format!("{code:?}"));
        assert_eq!(policy.vendors(), code.vendors());
        assert_eq!(policy.site_cookies(), code.site_cookies());
        assert_eq!(policy.asked(), code.asked());
        assert_eq!(
            (
                policy.revision(),
                policy.site(),
                policy.privacy_url(),
                policy.prefix()
            ),
            (
                code.revision(),
                code.site(),
                code.privacy_url(),
                code.prefix()
            )
        );
        assert_eq!(policy.lifetime_seconds(), code.lifetime_seconds());
    }

    // Alike in all they do, too: pages, cookies, expiry, refusals, stored choices.
    let apps = [code, toml, json].map(|policy| {
        App::new(policy).answering(|_| setting(page(PAGE), ["odd=1", "sid=2", "_ga=3"]))
    });
    let told: Vec<String> = apps
        .iter()
        .map(|app| {
            let mut visitor = app.visitor();
            visitor.plant("_ga=1; Path=/account");
            let mut answers = vec![
                visitor.get("/"),
                visitor.get("/privacy"),
                visitor.get("/collect"),
            ];
            let mut choice = post_form("choice=save&analytics=on&offered=shop-stats");
            *choice.uri_mut() = "/privacy/choice".parse().unwrap();
            answers.push(visitor.send(choice));
            answers.push(visitor.get("/"));
            answers.push(visitor.get("/privacy/state"));
            answers
                .iter()
                .map(|answer| format!("{} {:?} {}\n", answer.status, answer.headers, answer.text()))
                .collect()
        })
        .collect();
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    for expected in [
        "403",
        "Domain=shop.example",
        "Max-Age=7776000",
        "Deine Wahl",
        "\"granted\":[\"analytics\"]",
    ] {
        assert!(told[0].contains(expected), "{expected}");
    }
}

#[test]
fn a_faulty_file_tells_the_same_problems_as_faulty_code() {
    let code = problems(
        Policy::builder("")
            .lifetime_days(900)
            .prefix("x")
            .necessary("_ga", ""),
    );
    let toml = "revision = ''\nlifetime_days = 900\nprefix = 'x'\n[[cookie]]\nname = '_ga'\ncategory = 'necessary'\npurpose = ''";
    let json = "{\"revision\":\"\",\"lifetime_days\":900,\"prefix\":\"x\",\"cookie\":[{\"name\":\"_ga\",\"category\":\"necessary\",\"purpose\":\"\"}]}";
    let from_toml = toml::from_str::<Policy>(toml).unwrap_err().to_string();
    let from_json = serde_json::from_str::<Policy>(json)
        .unwrap_err()
        .to_string();
    assert!(from_toml.contains(&code), "{from_toml}\n\n{code}");
    assert!(from_json.contains(&code), "{from_json}\n\n{code}");
    assert_eq!(code.matches("fix:").count(), 5);
}

// covers behaviour 20
#[test]
fn names_that_no_cookie_can_have_are_refused() {
    for name in [
        "", "*", "a*", "a b", "a=b", "a;b", "a,b", "\"a\"", "a\r\nb", "\u{e9}", "_*_", "\0",
    ] {
        let error = Policy::builder("1")
            .necessary(name, "x")
            .build()
            .unwrap_err();
        assert!(
            error.to_string().contains("cookie name"),
            "{name:?}: {error}"
        );
    }
    for name in ["a", "zz*", "__Secure-a", "a.b-c_d!", "%20"] {
        assert!(
            Policy::builder("1").necessary(name, "x").build().is_ok(),
            "{name:?}"
        );
    }
    // The layer's own names are its own, also by prefix.
    for name in [
        "consent-analytics",
        "__Host-Http-consent-x",
        "__Secure-consent-*",
        "__Host*",
        "con*",
    ] {
        let error = problems(Policy::builder("1").necessary(name, "x"));
        assert!(error.contains("the layer's own cookies"), "{name}: {error}");
    }
}

#[test]
fn what_two_declarations_claim_in_different_categories_is_told() {
    let one = || vendor("one", Category::Analytics);
    let two = || vendor("two", Category::Marketing);
    for (one, two) in [
        (one().cookies(["_x_"]), two().cookies(["_x_"])),
        (one().hosts(["x.example"]), two().hosts(["x.example"])),
        (one().paths(["/x"]), two().paths(["/x/"])),
    ] {
        let error = problems(Policy::builder("1").vendor(one).vendor(two));
        assert!(
            error.contains("is analytics by vendor `one` and marketing by vendor `two`"),
            "{error}"
        );
    }
    let two = vendor("two", Category::Analytics).cookies(["_x_"]);
    assert!(
        Policy::builder("1")
            .vendor(one().cookies(["_x_"]))
            .vendor(two)
            .build()
            .is_ok()
    );
}

#[test]
fn a_path_of_the_layers_own_cannot_belong_to_a_vendor() {
    for path in ["/privacy", "/privacy/stats", "/privacy/"] {
        let policy = Policy::builder("1").prefix("/privacy");
        let error = problems(policy.vendor(vendor("stats", Category::Analytics).paths([path])));
        assert!(
            error.contains("overlaps the layer's own pages at `/privacy`"),
            "{error}"
        );
    }
    let below = Policy::builder("1").prefix("/my/privacy");
    assert!(
        problems(below.vendor(vendor("my", Category::Analytics).paths(["/my"])))
            .contains("overlaps")
    );
    let beside = Policy::builder("1").prefix("/privacy");
    assert!(
        beside
            .vendor(vendor("stats", Category::Analytics).paths(["/privacy2"]))
            .build()
            .is_ok()
    );
}

#[test]
fn a_category_holds_128_vendors() {
    let with = |count: usize| {
        (0..count).fold(Policy::builder("1"), |policy, number| {
            let id = format!("v{number}");
            policy.vendor(vendor(&id, Category::Marketing).cookies([format!("c_{id}")]))
        })
    };
    assert!(with(128).build().is_ok());
    let error = problems(with(129));
    assert!(
        error.contains("marketing has 129 vendors and can hold 128"),
        "{error}"
    );
}

#[test]
fn names_of_storage_and_globals_are_checked() {
    let with = |storage: &str, global: &str| {
        Policy::builder("1").vendor(
            vendor("stats", Category::Analytics)
                .cookies(["_stats"])
                .storage([storage])
                .globals([global]),
        )
    };
    for storage in ["_stats", "stats_*", "stats global:*", "$$"] {
        for global in ["st", "$st", "_st[]", "stApi.track"] {
            assert!(with(storage, global).build().is_ok(), "{storage} {global}");
        }
    }
    for storage in ["", "*", "s*", "a*b", "a\nb"] {
        let told = problems(with(storage, "st"));
        assert!(
            told.contains("storage name") && told.contains(".storage(["),
            "{told}"
        );
    }
    for global in ["", "1st", "a b", "a.b.c", "a-b", "[]", "st()"] {
        let told = problems(with("_stats", global));
        assert!(
            told.contains("global `") && told.contains(".globals(["),
            "{told}"
        );
    }
}
