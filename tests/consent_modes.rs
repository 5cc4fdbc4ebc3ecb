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
    Audience, CacheMode, Category, CategorySet, ConsentMode, Dnt, GoogleAdvancedConsentMode,
    GoogleConsentMode, Jurisdiction, Objection, Policy, PolicyBuilder, UsRule, Vendor, catalog,
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
    let advanced = GoogleAdvancedConsentMode::only_in([Jurisdiction::Jp]);
    let modes: [(&str, ConsentMode); 7] = [
        ("Google", GoogleConsentMode::basic().into()),
        ("Google with every option", google.into()),
        ("Google in its advanced form", advanced.into()),
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
        <svg><script href=x></svg><p style='background:url(https://connect.facebook.net/x)'>Hi</p>\
        <p data-tc-src=x><noscript><img src=https://www.facebook.com/tr></noscript></body></html><";
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

const US: Jurisdiction = Jurisdiction::Us(UsRule::Strict);

/// Google's loader as a script and inline, a pixel of its, and another vendor's loader.
const TAGS: &str = "<!doctype html><html><head><title>Shop</title>\
    <script src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\
    <script>(function(d){var s=d.createElement('script');s.src='https://www.googletagmanager.com/gtm.js?id=GTM-1';d.head.appendChild(s)})(document)</script>\
    <script src=\"https://connect.facebook.net/en_US/fbevents.js\"></script>\
    </head><body><img alt=\"\" src=\"https://googleads.g.doubleclick.net/pagead/viewthroughconversion/1\">Hi</body></html>";

fn ahead(place: Jurisdiction, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> App {
    let mode = GoogleAdvancedConsentMode::only_in([US, Jurisdiction::Br]);
    let policy = vendors().vendor(catalog::google_tag_manager());
    app(change(policy.consent_mode(mode)))
        .set(|layer| layer.with_jurisdiction(move |_| place))
        .answering(|_| setting(page(TAGS), ["_ga=GA1.1; Max-Age=9"]))
}

/// Whether Google's script loads, and what the page's guard lets load.
fn loads_ahead(answer: &Answer) -> (bool, bool) {
    let html = answer.text();
    let inline = !html.contains("type=\"text/plain\" data-tc=\"marketing:google-tag-manager\"");
    let script = loads(html, "https://www.googletagmanager.com/gtag/js");
    assert_eq!(script, inline, "{html}");
    // Whatever happens, no pixel and nobody else goes along, and no cookie is stored.
    assert!(
        !loads(html, "https://googleads.g.doubleclick.net"),
        "{html}"
    );
    assert!(!loads(html, "https://connect.facebook.net"), "{html}");
    assert_eq!(answer.stored(), [""; 0], "{html}");
    let told = " data-tc-ahead=\"analytics:google-analytics marketing:google-ads marketing:google-tag-manager\"";
    (script, html.contains(told))
}

// covers T10
#[test]
fn in_the_advanced_form_googles_script_loads_denied_before_a_choice_in_the_places_named_alone() {
    for (place, named) in [
        (US, true),
        (Jurisdiction::Br, true),
        (Jurisdiction::Jp, false),
        (Jurisdiction::Global, false),
        (Jurisdiction::Eu, false),
        (Jurisdiction::Uk, false),
        (Jurisdiction::Ch, false),
    ] {
        let app = ahead(place, |policy| policy);
        let mut visitor = app.visitor();
        let first = visitor.get("/");
        assert_eq!(loads_ahead(&first), (named, named), "{place}");
        // What it is told comes first, and is that all is denied; the guard stands before it, too.
        let html = first.text();
        if named {
            let google = html.find("src=\"https://www.googletagmanager").unwrap();
            assert!(html.find("__tcSay").unwrap() < google, "{html}");
            let guard = html.find("<script src=\"/_consent/assets/guard-").unwrap();
            assert!(guard < google, "{html}");
        }
        let (tag, table) = script(html).unwrap();
        assert_eq!(table[0]["d"][0][2]["analytics_storage"], "denied");
        assert!(tag.contains("data-tc-state=\"?\""), "{tag}");
        // Nothing is granted by it.
        let consent = visitor.consent();
        assert!(consent.granted().is_empty() && consent.exempt().is_empty());
        assert!(!consent.allows_vendor("google-analytics"));
        // A refusal ends it, and so does the signal, for that visitor.
        visitor.reject();
        assert_eq!(loads_ahead(&visitor.get("/")), (false, false), "{place}");
        let mut signalling = app.visitor();
        signalling.gpc = true;
        assert_eq!(loads_ahead(&signalling.get("/")), (false, false), "{place}");
    }
}

// covers T10, T05, S21, S39, T30
#[test]
fn what_speaks_against_it_keeps_the_advanced_form_from_loading_ahead() {
    let objecting = |app: &App| {
        let mut request = get("/");
        let headers = request.headers_mut();
        headers.insert("dnt", HeaderValue::from_static("1"));
        loads_ahead(&app.send(request))
    };
    assert_eq!(objecting(&ahead(US, |policy| policy)), (false, false));
    let ignoring = ahead(US, |policy| policy.dnt(Dnt::Ignore));
    assert_eq!(objecting(&ignoring), (true, true));
    // Nor does a stored page come back that was made before the objection.
    let tagged = ahead(US, |policy| policy).answering(|_| {
        let mut response = page(TAGS);
        let headers = response.headers_mut();
        headers.insert("etag", HeaderValue::from_static("\"v1\""));
        response
    });
    let tag = |dnt: &'static str| {
        let mut request = get("/");
        let headers = request.headers_mut();
        headers.insert("dnt", HeaderValue::from_static(dnt));
        tagged.send(request).header("etag").to_owned()
    };
    assert_ne!(tag("0"), tag("1"));
    assert_eq!(tag("0"), tag("0"));
    // A further signal.
    struct Away;
    impl tower_consent::SignalSource for Away {
        fn read(&self, _: &tower_consent::RequestHead<'_>) -> Objection {
            Objection::NONE.withdrawing(CategorySet::from_iter(Category::OPTIONAL))
        }
    }
    let signalled = ahead(US, |policy| policy).set(|layer| layer.with_signal_source(Away));
    assert_eq!(loads_ahead(&signalled.get("/")), (false, false));
    // Children, and an address that never allows it: what belongs to marketing waits.
    let waits = |app: &App| {
        let answer = app.get("/oauth");
        let html = answer.text();
        let told = " data-tc-ahead=\"analytics:google-analytics\"";
        assert!(html.contains(told), "{html}");
        assert!(
            loads(html, "https://www.googletagmanager.com/gtag/js"),
            "{html}"
        );
        let manager = html.find("(function(d)").unwrap();
        assert!(html[..manager].ends_with("\">"), "{html}");
    };
    waits(&ahead(US, |policy| policy.audience(Audience::Children)));
    waits(&ahead(US, |policy| {
        policy.never("/oauth", Category::Marketing)
    }));
    // A page that many visitors share was made for nobody in particular.
    for mode in [CacheMode::Uniform, CacheMode::EdgeKey] {
        let app = ahead(US, |policy| policy).set(|layer| layer.with_cache_mode(mode));
        let mut visitor = app.visitor();
        let state = visitor.get("/_consent/state");
        let mut request = get("/");
        if let Some(key) = state.headers.get("x-consent-state") {
            request.headers_mut().insert("x-consent-state", key.clone());
        }
        assert_eq!(
            loads_ahead(&visitor.send(request)),
            (false, false),
            "{mode:?}"
        );
    }
}

// covers T10
#[test]
fn the_advanced_form_is_no_policy_where_loading_ahead_needs_consent() {
    use Jurisdiction::{Br, Ch, Eu, Fr, Global, It, Jp, Uk, Us};
    for place in [Global, Eu, Fr, It, Uk, Ch] {
        let mode = GoogleAdvancedConsentMode::only_in([US, place]);
        let found = problem(vendors().consent_mode(mode));
        let said = format!("would load tags before consent at `{place}`");
        assert!(
            found.contains(&said) && found.contains("1 problem:"),
            "{found}"
        );
        let file = format!(
            "revision = '1'\ncatalog = ['google-analytics']\n[consent_modes.google]\nadvanced_in = ['{place}']"
        );
        let found = toml::from_str::<Policy>(&file).unwrap_err().to_string();
        assert!(found.contains(&said), "{found}");
    }
    let mode = GoogleAdvancedConsentMode::only_in([US, Us(UsRule::OptOut), Br, Jp]);
    assert!(vendors().consent_mode(mode).build().is_ok());
    let nowhere = problem(vendors().consent_mode(GoogleAdvancedConsentMode::only_in([])));
    assert!(nowhere.contains("holds nowhere"), "{nowhere}");
    let nobody = Policy::builder("1").vendor(catalog::google_adsense());
    let nobody = problem(nobody.consent_mode(GoogleAdvancedConsentMode::only_in([US])));
    assert!(
        nobody.contains("has no tag that may load ahead"),
        "{nobody}"
    );
    let file = "revision = '1'\n[consent_modes.google]\nadvanced_in = ['atlantis']";
    let unknown = toml::from_str::<Policy>(file).unwrap_err().to_string();
    assert!(
        unknown.contains("there is no place `atlantis`"),
        "{unknown}"
    );
    // The basic form is what nobody has to ask for.
    let app = app(every_mode()).set(|layer| layer.with_jurisdiction(|_| US));
    assert!(!app.get("/").text().contains("data-tc-ahead"));
}

#[test]
fn a_file_says_the_same_as_code() {
    let file = "
        revision = '1'
        catalog = ['google-analytics', 'clarity', 'tiktok-pixel']
        [consent_modes.google]
        wait_for_update = 800
        advanced_in = ['us-strict', 'jp']
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
        .consent_mode(
            GoogleAdvancedConsentMode::only_in([US, Jurisdiction::Jp]).with_settings(google),
        )
        .consent_mode(ConsentMode::clarity())
        .consent_mode(ConsentMode::tiktok())
        .build()
        .unwrap();
    let said = |policy: Policy| script(App::new(policy).get("/").text()).unwrap().1;
    assert_eq!(said(file), said(code));
    let wrong = "revision = '1'\n[consent_modes.google]\nwait = 1";
    assert!(toml::from_str::<Policy>(wrong).is_err());
}
