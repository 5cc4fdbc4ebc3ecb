//! Proves that vendors' own tags are told what the visitor agreed to: denied
//! before anything else, in each vendor's own words, and nobody without need.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use tower_consent::{
    CacheMode, Category, ConsentMode, GoogleConsentMode, Jurisdiction, Policy, PolicyBuilder,
    UsRule, Vendor, catalog,
};

fn vendors() -> PolicyBuilder {
    shop()
        .vendor(catalog::google_ads())
        .vendor(catalog::microsoft_advertising())
        .vendor(catalog::clarity())
        .vendor(catalog::tiktok_pixel())
}

fn every_mode() -> PolicyBuilder {
    vendors()
        .consent_mode(GoogleConsentMode::basic())
        .consent_mode(ConsentMode::microsoft_uet())
        .consent_mode(ConsentMode::clarity())
        .consent_mode(ConsentMode::meta())
        .consent_mode(ConsentMode::tiktok())
}

fn app(policy: PolicyBuilder) -> App {
    App::new(policy.build().unwrap())
}

/// The tag that speaks to vendors' tags, and what it says, as data.
fn script(html: &str) -> Option<(&str, serde_json::Value)> {
    let text = html.find("__tcSay")?;
    let start = html[..text].rfind("<script").unwrap();
    let open = start + html[start..].find('>').unwrap() + 1;
    let end = open + html[open..].find("</script>").unwrap();
    Some((&html[start..open], table(&html[open..end])))
}

fn table(script: &str) -> serde_json::Value {
    let table = script.trim_end().strip_suffix(");").unwrap();
    serde_json::from_str(&table[table.rfind("})([").unwrap() + 3..]).unwrap()
}

/// A row of the table, one call a line: before everything, under GPC, with each decision.
fn words(row: &serde_json::Value) -> String {
    let global = row["n"].as_str().unwrap();
    let mut text = String::new();
    for (when, calls) in [("first", &row["d"]), ("gpc", &row["g"])] {
        for call in calls.as_array().into_iter().flatten() {
            text += &format!("  {when}: {global} {call}\n");
        }
    }
    let update = &row["u"];
    if let Some(types) = update["s"].as_object() {
        text += &format!("  each decision: {global} {}\n", update["c"]);
        for (name, needs) in types {
            text += &format!("    {name} needs {needs}\n");
        }
    } else {
        text += &format!("  with {}: {global} {}\n", update["t"], update["y"]);
        text += &format!("  without: {global} {}\n", update["o"]);
    }
    text
}

fn problem(policy: PolicyBuilder) -> String {
    policy.build().unwrap_err().to_string()
}

// covers T06, T07, T08, T09, T12, T13, T14, T15
#[test]
fn each_vendor_is_told_in_its_own_words() {
    let google = GoogleConsentMode::basic()
        .with_wait_for_update(800)
        .with_ads_data_redaction(false)
        .with_url_passthrough(true)
        .with_data_layer("layer")
        .with_granted_regions(["US-TX", "US-NV"], [Category::Analytics]);
    let modes: [(&str, ConsentMode); 6] = [
        ("Google", GoogleConsentMode::basic().into()),
        ("Google with every option", google.into()),
        ("Microsoft UET", ConsentMode::microsoft_uet()),
        ("Microsoft Clarity", ConsentMode::clarity()),
        ("Meta Pixel", ConsentMode::meta()),
        ("TikTok Pixel", ConsentMode::tiktok()),
    ];
    let mut found = String::new();
    for (name, mode) in modes {
        let answer = app(vendors().consent_mode(mode)).get("/");
        let (_, table) = script(answer.text()).unwrap();
        found += &format!("\n{name}\n");
        found += &words(&table[0]);
    }
    let golden = include_str!("data/consent_modes.txt");
    assert_eq!(found, golden, "{found}");
}

// covers T06
#[test]
fn it_is_the_first_script_of_every_page_before_and_after_a_choice() {
    let app = app(every_mode()).answering(|_| {
        page("<!doctype html><html><head><meta charset=utf-8><title>Shop</title><script>own()</script></head><body>Hi</body></html>")
    });
    let mut visitor = app.visitor();
    let first = visitor.get("/");
    let is_first = |html: &str| {
        let at = html.find("<script").unwrap();
        html[at..].starts_with("<script data-tc-state=") && at < html.find("own()").unwrap()
    };
    assert!(is_first(first.text()), "{}", first.text());
    assert!(first.text().find("__tcSay") < first.text().find("/guard-"));
    for grant in [&[Category::Analytics][..], &Category::OPTIONAL, &[]] {
        visitor.save(grant);
        let html = visitor.get("/").text().to_owned();
        assert!(is_first(&html), "{html}");
        let (tag, _) = script(&html).unwrap();
        for category in Category::OPTIONAL {
            assert_eq!(
                tag.contains(category.as_str()),
                grant.contains(&category),
                "{tag}"
            );
        }
        assert!(!tag.contains('?'), "{tag}");
    }
}

/// Where everything is granted the page is not read to its end, and not a byte of it changes.
#[test]
fn a_page_that_is_granted_everything_changes_in_nothing_else() {
    let own = "<!doctype html><title>Shop</title><body>\
        <script src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\
        <svg><script href=x></svg><p style='background:url(https://connect.facebook.net/x)'>Hi</p>";
    let app = app(every_mode()).answering(move |_| page(own));
    let mut visitor = app.visitor();
    visitor.accept();
    let html = visitor.get("/").text().to_owned();
    let start = html.find("<script data-tc-state").unwrap();
    let end = start + html[start..].find("</script>").unwrap() + "</script>".len();
    let rest = html[..start].to_owned() + &html[end..];
    let added = rest.find("<style").unwrap();
    assert_eq!(&rest[..added], own);
}

#[test]
fn nobody_is_told_anything_unless_the_policy_says_so() {
    for policy in [vendors(), Policy::builder("1")] {
        let answer = app(policy).get("/");
        assert!(script(answer.text()).is_none(), "{}", answer.text());
    }
}

// covers T06, T32
#[test]
fn the_pages_content_security_policy_decides_how_it_comes() {
    let html = |csp: &'static str, admits: bool| {
        let app = app(every_mode())
            .set(|layer| layer.with_csp_admission(admits))
            .answering(move |_| {
                let mut response = page(PAGE);
                let csp = HeaderValue::from_static(csp);
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, csp);
                response
            });
        let answer = app.get("/");
        let csp = answer.header("content-security-policy").to_owned();
        (answer.text().to_owned(), csp)
    };
    for inline in ["img-src *", "script-src 'unsafe-inline'"] {
        let (html, _) = html(inline, false);
        assert!(script(&html).is_some(), "{inline}: {html}");
    }
    let (nonce, _) = html("script-src 'nonce-abc' 'strict-dynamic'", false);
    let (tag, _) = script(&nonce).unwrap();
    assert!(
        tag.contains(" nonce=\"abc\"") && !tag.contains(" src="),
        "{tag}"
    );
    for outside in [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'sha256-x'",
    ] {
        let (html, _) = html(outside, false);
        assert!(script(&html).is_none(), "{html}");
        assert!(
            html.contains("<script src=\"/_consent/assets/modes-"),
            "{html}"
        );
    }
    let hashes = "script-src 'sha256-x'";
    assert!(!html(hashes, false).0.contains("modes-"));
    let (admitted, csp) = html(hashes, true);
    let at = admitted.find("/assets/modes-").unwrap();
    let digest = admitted[at..].split('"').nth(2).unwrap();
    assert!(
        digest.starts_with("sha256-") && csp.contains(digest),
        "{csp}"
    );
}

#[test]
fn the_address_outside_of_the_page_serves_the_same_words() {
    let app = app(every_mode()).answering(|_| {
        let mut response = page(PAGE);
        let csp = HeaderValue::from_static("default-src 'self'");
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, csp);
        response
    });
    let html = app.get("/").text().to_owned();
    let address = html[html.find("/_consent/assets/modes-").unwrap()..]
        .split('"')
        .next()
        .unwrap();
    let answer = app.get(address);
    assert_eq!(
        answer.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(table(answer.text()).as_array().unwrap().len(), 5);
    assert_eq!(app.get(&address.replace("modes-", "modes-0")).status, 404);
}

// covers T08, T11
#[test]
fn what_is_told_follows_single_vendors_where_they_are_declared() {
    let of = |policy: PolicyBuilder| {
        let answer = app(policy.consent_mode(GoogleConsentMode::basic())).get("/");
        script(answer.text()).unwrap().1[0]["u"]["s"].clone()
    };
    let declared = of(vendors());
    assert_eq!(declared["analytics_storage"], "analytics:google-analytics");
    assert_eq!(declared["ad_storage"], "marketing:google-ads");
    assert_eq!(declared["functionality_storage"], "functional");
    assert_eq!(declared["security_storage"], "");
    // A tag manager alone loads what the categories allow.
    let manager = of(Policy::builder("1").vendor(catalog::google_tag_manager()));
    assert_eq!(manager["analytics_storage"], "analytics");
    assert_eq!(manager["ad_user_data"], "marketing");
    let all = of(Policy::builder("1").vendors(catalog::defaults()));
    assert_eq!(all["analytics_storage"], "analytics:known-analytics");
    let moved =
        of(Policy::builder("1")
            .vendor(catalog::google_analytics().with_category(Category::Marketing)));
    assert_eq!(moved["analytics_storage"], "marketing:google-analytics");
}

#[test]
fn a_vendor_of_the_sites_own_can_be_what_a_mode_is_for() {
    let own = Vendor::new("own-bing", Category::Marketing)
        .with_purpose("Measures advertising")
        .with_retention("13 months")
        .first_party()
        .paths(["/uet"]);
    let mode = ConsentMode::microsoft_uet().with_vendor("own-bing");
    let answer = app(Policy::builder("1").vendor(own).consent_mode(mode)).get("/");
    let (_, table) = script(answer.text()).unwrap();
    assert_eq!(table[0]["u"]["s"]["ad_storage"], "marketing:own-bing");
}

// covers T14, L40
#[test]
fn limited_data_use_is_asked_for_under_the_signal_in_the_united_states_alone() {
    let (strict, opt_out) = (UsRule::Strict, UsRule::OptOut);
    let (on, browser) = (" data-tc-limit=\"on\"", " data-tc-limit");
    // What the page says with the signal and without it. Where nobody knows the place the vendor does.
    for (place, signalled, silent) in [
        (Jurisdiction::Us(strict), Some(on), Some(browser)),
        (Jurisdiction::Us(opt_out), Some(on), Some(browser)),
        (Jurisdiction::Global, Some(browser), Some(browser)),
        (Jurisdiction::Eu, None, None),
        (Jurisdiction::Fr, None, None),
        (Jurisdiction::It, None, None),
        (Jurisdiction::Uk, None, None),
        (Jurisdiction::Br, None, None),
        (Jurisdiction::Jp, None, None),
        (Jurisdiction::Ch, None, None),
    ] {
        let app = app(every_mode()).set(|layer| layer.with_jurisdiction(move |_| place));
        let mut visitor = app.visitor();
        for (gpc, expected) in [(true, signalled), (false, silent)] {
            visitor.gpc = gpc;
            let answer = visitor.get("/");
            let (tag, table) = script(answer.text()).unwrap();
            let at = tag.find(" data-tc-limit");
            let found = at.map(|at| tag[at..].trim_end_matches('>'));
            assert_eq!(found, expected, "{place} {gpc}: {tag}");
            assert_eq!(
                table[3]["g"].to_string(),
                "[[\"dataProcessingOptions\",[\"LDU\"],0,0]]"
            );
        }
    }
}

/// Pages under one key are the same bytes, and none of them is told more than its key says.
// covers T06, T14, T30
#[test]
fn a_page_for_one_key_tells_vendors_what_the_key_says_and_no_more() {
    let app = app(every_mode()).set(|layer| {
        layer
            .with_cache_mode(CacheMode::EdgeKey)
            .with_jurisdiction(|request| match request.headers().get("x-place") {
                Some(_) => Jurisdiction::Us(UsRule::Strict),
                None => Jurisdiction::Global,
            })
    });
    let mut pages: Vec<(String, String)> = Vec::new();
    for (choice, gpc, place) in [
        (None, false, false),
        (None, true, false),
        (None, true, true),
        (Some(true), false, false),
        (Some(true), true, false),
        (Some(true), false, true),
        (Some(true), true, true),
        (Some(false), true, false),
        (Some(false), true, true),
    ] {
        let mut visitor = app.visitor();
        match choice {
            Some(true) => drop(visitor.accept()),
            Some(false) => drop(visitor.reject()),
            None => {}
        }
        visitor.gpc = gpc;
        let mut ask = |path: &str, key: Option<&str>| {
            let mut request = get(path);
            let headers = request.headers_mut();
            if place {
                headers.insert("x-place", HeaderValue::from_static("us"));
            }
            if let Some(key) = key {
                let key = HeaderValue::from_str(key).unwrap();
                headers.insert("x-consent-state", key);
            }
            visitor.send(request)
        };
        let state = ask("/_consent/state", None);
        let key = state.header("x-consent-state").to_owned();
        let html = ask("/", Some(&key)).text().to_owned();
        let (tag, _) = script(&html).unwrap();
        let limited = tag.contains(" data-tc-limit=\"on\"");
        assert_eq!(limited, key.contains("@us-strict@gpc"), "{key}: {tag}");
        assert_eq!(html.contains("data-tc-gpc"), key.contains("@gpc"), "{key}");
        for (other, page) in &pages {
            assert!(*other != key || *page == html, "{key}");
        }
        pages.push((key, html));
    }
}

#[test]
fn a_page_for_everybody_tells_only_that_nothing_is_known_yet() {
    let app = app(every_mode()).set(|layer| layer.with_cache_mode(CacheMode::Uniform));
    let mut visitor = app.visitor();
    let before = visitor.get("/").text().to_owned();
    visitor.accept();
    assert_eq!(visitor.get("/").text(), before);
    assert!(script(&before).unwrap().0.contains('*'));
}

// covers T09
#[test]
fn mistakes_are_told_with_the_line_that_fixes_them() {
    let none = problem(Policy::builder("1").consent_mode(ConsentMode::meta()));
    assert!(
        none.contains("the consent mode `meta` is for none of the declared vendors"),
        "{none}"
    );
    assert!(
        none.contains("fix: .vendor(catalog::meta_pixel())"),
        "{none}"
    );
    let twice = problem(
        vendors()
            .consent_mode(ConsentMode::meta())
            .consent_mode(ConsentMode::meta().with_vendor("nobody")),
    );
    assert!(
        twice.contains("2 problems") && twice.contains("`nobody`"),
        "{twice}"
    );
    let google = problem(
        vendors().consent_mode(
            GoogleConsentMode::basic()
                .with_wait_for_update(60_000)
                .with_data_layer("a-b")
                .with_granted_regions(["DE", "GB-SCT", "Texas"], [Category::Analytics]),
        ),
    );
    assert!(google.contains("5 problems"), "{google}");
    assert!(
        google.contains("`GB-SCT` would be granted by default"),
        "{google}"
    );
}

#[test]
fn a_file_says_the_same_as_code() {
    let file = "
        revision = '1'
        catalog = ['google-analytics', 'clarity', 'tiktok-pixel']
        [consent_modes.google]
        wait_for_update = 800
        regions = [{ codes = ['US-TX'], granted = ['analytics'] }]
        [consent_modes.clarity]
        [consent_modes.tiktok]
    ";
    let file: Policy = toml::from_str(file).unwrap();
    let google = GoogleConsentMode::basic()
        .with_wait_for_update(800)
        .with_granted_regions(["US-TX"], [Category::Analytics]);
    let code = Policy::builder("1")
        .vendor(catalog::google_analytics())
        .vendor(catalog::clarity())
        .vendor(catalog::tiktok_pixel())
        .consent_mode(google)
        .consent_mode(ConsentMode::clarity())
        .consent_mode(ConsentMode::tiktok())
        .build()
        .unwrap();
    let said = |policy: Policy| script(App::new(policy).get("/").text()).unwrap().1;
    assert_eq!(said(file), said(code));
    let wrong = "revision = '1'\n[consent_modes.google]\nwait = 1";
    assert!(toml::from_str::<Policy>(wrong).is_err());
}
