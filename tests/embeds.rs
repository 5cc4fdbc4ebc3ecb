//! Proves that something embedded waits behind a placeholder that keeps its
//! place, and that a click on it grants this one vendor and nothing else.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::{mint, *};
use http::{Method, StatusCode};
use tower_consent::{
    CacheMode, Category, Choice, Policy, PolicyBuilder, State, Texts, Vendor, catalog,
};

const VIDEO: &str = "<iframe width=\"560\" height=\"315\" src=\"https://www.youtube.com/embed/a?b=1&amp;c=2\" allowfullscreen></iframe>";
const PIXEL: &str = "<img src=\"https://www.facebook.com/tr?id=1\">";

fn policy() -> PolicyBuilder {
    Policy::builder(REVISION)
        .site(SITE)
        .necessary("sid", "Keeps you signed in")
        .functional("theme", "Remembers light or dark")
        .vendor(catalog::google_analytics())
        .vendor(catalog::meta_pixel())
        .vendor(catalog::youtube())
        .vendor(catalog::vimeo())
        .vendor(
            Vendor::new("shop-map", Category::Necessary)
                .with_purpose("Shows the way")
                .with_retention("never")
                .first_party()
                .hosts(["map.test"])
                .embed(),
        )
}

fn app_of(markup: &'static str) -> App {
    App::new(policy().build().unwrap()).answering(move |_| page(whole(markup)))
}

fn whole(markup: &str) -> &'static str {
    format!("<!doctype html><html><head><title>x</title></head><body>{markup}</body></html>").leak()
}

fn placeholder(vendor: &str, next: &str) -> String {
    format!(" src=\"/_consent/embed?vendor={vendor}&amp;next={next}\"")
}

const LOAD: &str = "choice=load&vendor=youtube";

// ---- Markup ----

#[test]
fn a_blocked_embed_keeps_its_attributes_and_shows_the_placeholder() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    let gated = visitor.get("/shop?a=b").text().to_owned();
    let tag = gated
        .split("<iframe")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    assert!(
        tag.contains(&placeholder("youtube", "%2Fshop%3Fa%3Db")),
        "{tag}"
    );
    for kept in [
        " width=\"560\" height=\"315\"",
        " allowfullscreen",
        " data-tc-src=\"https://www.youtube.com/embed/a?b=1&amp;c=2\"",
        " data-tc=\"marketing:youtube\"",
    ] {
        assert!(tag.contains(kept), "{kept} in {tag}");
    }
    assert!(!tag.contains(" src=\"https:"), "{tag}");
    visitor.accept();
    assert!(visitor.get("/shop").text().contains(VIDEO));
}

#[test]
fn a_frame_that_cannot_show_or_use_a_placeholder_stays_empty() {
    let shows = |markup: &'static str| {
        let gated = app_of(markup).visitor().get("/").text().to_owned();
        assert!(gated.contains("data-tc-src"), "{gated}");
        gated.contains("/_consent/embed")
    };
    let frame = |attributes: &str| -> &'static str {
        format!("<iframe {attributes} src=\"https://www.youtube.com/embed/a\"></iframe>").leak()
    };
    assert!(shows(frame("")));
    assert!(shows(frame(
        "sandbox=\"Allow-Forms allow-same-origin allow-top-navigation-by-user-activation\""
    )));
    for attributes in [
        "sandbox",
        "sandbox=\"allow-scripts allow-same-origin\"",
        "sandbox=\"allow-forms allow-top-navigation\"",
        "credentialless",
        "srcdoc=\"<p>x</p>\"",
        // What the author's word demands is more than the vendor.
        "data-consent=\"marketing\"",
    ] {
        assert!(!shows(frame(attributes)), "{attributes}");
    }
    // No frame, no embed, not declared, or more than one vendor's.
    for markup in [
        "<embed data-tc-src src=\"https://www.youtube.com/embed/a\">",
        "<iframe src=\"https://www.facebook.com/tr?x\"></iframe>",
        "<iframe src=\"https://open.spotify.com/embed/x\"></iframe>",
        "<iframe src=\"https://www.youtube.com/embed/a\" onload=\"new Image().src='https://connect.facebook.net/en_US/fbevents.js'\"></iframe>",
        "<base href=\"https://elsewhere.example/\"><iframe src=\"https://www.youtube.com/embed/a\"></iframe>",
    ] {
        assert!(!shows(markup), "{markup}");
    }
}

#[test]
fn a_page_whose_policy_lets_no_own_frame_in_gets_no_placeholder() {
    let with = |csp: &'static str| {
        let app = App::new(policy().build().unwrap()).answering(move |_| {
            let mut response = page(whole(VIDEO));
            let headers = response.headers_mut();
            headers.insert("content-security-policy", csp.parse().unwrap());
            response
        });
        app.visitor().get("/").text().contains("/_consent/embed")
    };
    for own in [
        "frame-src 'self'",
        "child-src *",
        "script-src 'self'",
        "default-src 'self'",
    ] {
        assert!(with(own), "{own}");
    }
    for other in [
        "frame-src https://www.youtube.com",
        "default-src 'none'",
        "frame-src 'self', frame-src 'none'",
    ] {
        assert!(!with(other), "{other}");
    }
}

#[test]
fn in_noscript_the_placeholder_stands_too() {
    let markup: &str = format!("<noscript>{VIDEO}</noscript>").leak();
    let gated = app_of(markup).visitor().get("/").text().to_owned();
    assert!(gated.contains(&placeholder("youtube", "%2F")), "{gated}");
}

#[test]
fn a_page_for_everybody_has_the_same_bytes_for_everybody() {
    let app = App::new(policy().build().unwrap())
        .set(|layer| layer.with_cache_mode(CacheMode::Uniform))
        .answering(|_| page(whole(VIDEO)));
    let mut loaded = app.visitor();
    loaded.choose(LOAD);
    let mut all = app.visitor();
    all.accept();
    let first = app.visitor().get("/").text().to_owned();
    assert!(first.contains(&placeholder("youtube", "%2F")), "{first}");
    for visitor in [&mut loaded, &mut all] {
        assert_eq!(visitor.get("/").text(), first);
    }
}

// ---- The placeholder's page ----

#[test]
fn the_placeholder_says_who_and_what_for_and_loads_with_one_button() {
    let app = app_of("");
    let answer = app.get("/_consent/embed?vendor=youtube&next=%2Fshop%3Fa%3Db%26c");
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text();
    for part in [
        "<form method=\"post\" action=\"/_consent/choice\" target=\"_top\">",
        "name=\"choice\" value=\"load\"",
        "name=\"vendor\" value=\"youtube\"",
        "name=\"next\" value=\"/shop?a=b&amp;c\"",
        ">Load YouTube</button>",
        "Plays videos from YouTube.",
        "Google Ireland Limited (Ireland)",
        "href=\"https://policies.google.com/privacy\" target=\"_blank\" rel=\"noreferrer noopener\"",
        "href=\"/_consent?next=%2Fshop%3Fa%3Db%26c&amp;lang=en\" target=\"_top\"",
        "<html lang=\"en\" dir=\"ltr\">",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(text.matches("<button").count(), 1);
    assert!(!text.contains("tabindex") && !text.contains("youtube.com"));
    for asset in text.split("/_consent/assets/").skip(1) {
        let asset = asset.split('"').next().unwrap();
        assert_eq!(
            app.get(&format!("/_consent/assets/{asset}")).status,
            StatusCode::OK
        );
    }
}

// covers T34
#[test]
fn the_placeholder_may_be_framed_by_its_own_site_alone_and_is_never_stored() {
    let app = app_of("");
    let answer = app.get("/_consent/embed?vendor=youtube");
    let csp = answer.header("content-security-policy");
    for directive in [
        "default-src 'none';",
        "frame-ancestors 'self'",
        "form-action 'self';",
        "base-uri 'none';",
    ] {
        assert!(csp.contains(directive), "{csp}");
    }
    assert!(!csp.contains("unsafe"), "{csp}");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(
        answer.header("cross-origin-embedder-policy"),
        "require-corp"
    );
    assert_eq!(answer.set_cookies(), [""; 0]);
    // No other page of the layer may be framed.
    for path in ["/_consent", "/_consent/banner", "/_consent/embed?vendor=x"] {
        let csp = app.get(path).header("content-security-policy").to_owned();
        assert!(csp.contains("frame-ancestors 'none'"), "{path}: {csp}");
    }
}

#[test]
fn there_is_a_placeholder_for_declared_embeds_alone() {
    let app = app_of("");
    for query in [
        "",
        "?vendor=",
        "?vendor=nobody",
        "?vendor=YOUTUBE",
        "?vendor=meta-pixel",
        "?vendor=shop-map",
        "?vendor=spotify",
        "?vendor=youtube%00",
        "?next=/&x=youtube",
    ] {
        let answer = app.get(&format!("/_consent/embed{query}"));
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        assert!(!answer.text().contains("data-tc-load"));
    }
    let post = app.send(empty(request(
        Method::POST,
        "/_consent/embed?vendor=youtube",
    )));
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn nothing_declared_or_asked_for_breaks_out_of_the_placeholder() {
    const HOSTILE: &str = "\"'><script>alert(1)</script>&";
    let mut texts = Texts::default();
    texts.load = format!("{HOSTILE} {{name}}").into();
    texts.load_body = HOSTILE.into();
    let vendor = catalog::youtube()
        .with_name(HOSTILE)
        .with_purpose(HOSTILE)
        .with_provider(HOSTILE, "IE")
        .with_policy_url(format!("https://x.example/{HOSTILE}"));
    let app = App::new(
        Policy::builder("1")
            .texts(texts)
            .vendor(vendor)
            .build()
            .unwrap(),
    );
    let next = "%2F%22%27%3E%3Cscript%3E";
    let answer = app.get(&format!("/_consent/embed?vendor=youtube&next={next}"));
    let text = answer.text();
    assert_eq!(text.matches("<script").count(), 1, "{text}");
    assert!(
        text.contains("value=\"/&quot;&#39;&gt;&lt;script&gt;\""),
        "{text}"
    );
    for evil in [
        "%2F%2Fevil.test",
        "https%3A%2F%2Fevil.test",
        "javascript%3Aa",
    ] {
        let answer = app.get(&format!("/_consent/embed?vendor=youtube&next={evil}"));
        assert!(
            answer.text().contains("name=\"next\" value=\"/\""),
            "{evil}"
        );
    }
}

// ---- The choice ----

// covers L17
#[test]
fn loading_one_service_grants_it_and_nothing_else() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    let answer = visitor.choose(&format!("{LOAD}&next=%2Fshop"));
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/shop");

    let consent = visitor.consent();
    assert!(consent.allows_vendor("youtube"));
    for other in ["meta-pixel", "vimeo", "google-analytics"] {
        assert!(!consent.allows_vendor(other), "{other}");
    }
    // The category itself is not granted, so nothing of the site follows either.
    for category in Category::OPTIONAL {
        assert!(!consent.allows(category), "{category}");
        assert_eq!(consent.state(category), State::Undecided, "{category}");
    }
    assert!(consent.granted().is_empty());

    // The rest is still asked about, and the video plays.
    let page = visitor.get("/").text().to_owned();
    assert!(page.contains("data-tc-banner"), "{page}");
    assert!(page.contains(VIDEO), "{page}");
    assert!(
        page.contains("data-tc-state=\"+marketing:youtube ?\""),
        "{page}"
    );
}

#[test]
fn what_the_category_covers_besides_stays_denied() {
    let others: &str = format!(
        "{PIXEL}<img src=\"https://ad.doubleclick.net/x\"><img data-consent=marketing src=/own><iframe src=\"https://player.vimeo.com/video/1\"></iframe>"
    )
    .leak();
    let app = app_of(others);
    let mut visitor = app.visitor();
    visitor.choose(LOAD);
    visitor.choose("choice=load&vendor=vimeo");
    visitor.plant("theme=dark");
    visitor.plant("_fbp=1");
    let answer = visitor.get("/");
    let text = answer.text();
    assert_eq!(text.matches(" data-tc=\"marketing").count(), 3, "{text}");
    assert!(text.contains("<iframe src=\"https://player.vimeo.com/video/1\">"));
    let cookies = answer.cookies_seen().concat();
    assert!(!cookies.windows(5).any(|name| name == b"theme"));
    assert!(!cookies.windows(4).any(|name| name == b"_fbp"));
}

#[test]
fn loading_adds_to_a_choice_and_keeps_it_and_its_time() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose("choice=save&analytics=on");
    app.clock.advance(LIFETIME - 100);
    let answer = visitor.choose(LOAD);
    // One cookie changes, and it ends with the others.
    let set = answer.set_cookies();
    assert_eq!(set.len(), 1, "{set:?}");
    assert!(
        set[0].starts_with("__Host-Http-consent-marketing=") && set[0].ends_with("Max-Age=100")
    );
    let consent = visitor.consent();
    assert!(consent.allows(Category::Analytics) && consent.allows_vendor("youtube"));
    assert_eq!(consent.state(Category::Marketing), State::Refused);
    assert_eq!(consent.state(Category::Functional), State::Refused);
    assert_eq!(consent.decided_at().unwrap().unix_seconds(), NOW);
    assert!(!consent.needs_banner() && !consent.allows_vendor("meta-pixel"));
    // Twice is once.
    assert_eq!(visitor.choose(LOAD).set_cookies(), [""; 0]);

    app.clock.advance(100);
    let consent = visitor.consent();
    assert!(!consent.allows_vendor("youtube") && !consent.allows(Category::Analytics));
}

#[test]
fn loading_lifts_a_refusal_of_this_vendor_within_a_granted_category() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose("choice=save&marketing=on&offered=youtube&offered=meta-pixel");
    assert!(!visitor.consent().allows_vendor("youtube"));
    assert!(visitor.get("/").text().contains("/_consent/embed"));
    visitor.choose(LOAD);
    let consent = visitor.consent();
    assert!(consent.allows_vendor("youtube") && consent.allows(Category::Marketing));
    assert!(!consent.allows_vendor("meta-pixel"));
}

#[test]
fn loading_starts_anew_where_no_choice_counts() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.accept();
    app.clock.advance(LIFETIME);
    assert_eq!(visitor.choose(LOAD).set_cookies().len(), 4);
    let consent = visitor.consent();
    assert!(consent.allows_vendor("youtube") && consent.needs_banner());
    assert!(consent.granted().is_empty() && !consent.allows_vendor("meta-pixel"));
}

#[test]
fn what_is_stored_is_what_the_format_says() {
    let app = app_of(VIDEO);
    let claims = |category: Category, asked: Option<(&[&str], &[&str])>| mint::Claims {
        flags: if category == Category::Necessary {
            1
        } else {
            8
        },
        source: 4,
        ..mint::Claims::granted(NOW, mint::revision(REVISION, category.as_str(), asked))
    };
    let mut visitor = app.visitor();
    visitor.choose(LOAD);
    for (category, asked) in [
        (Category::Necessary, None),
        (Category::Functional, Some((&["vimeo"][..], &["theme"][..]))),
        (
            Category::Analytics,
            Some((&["google-analytics"][..], &[][..])),
        ),
    ] {
        let token = mint::token(
            &FIRST_KEY,
            SITE,
            category.as_str(),
            &claims(category, asked),
        );
        assert_eq!(visitor.token(category), token, "{category}");
    }
    let mut marketing = claims(Category::Marketing, Some((&["meta-pixel", "youtube"], &[])));
    marketing.flags = 4 | 8;
    marketing.refused_vendors = vec![2];
    let token = |claims: &mint::Claims| mint::token(&FIRST_KEY, SITE, "marketing", claims);
    assert_eq!(visitor.token(Category::Marketing), token(&marketing));

    // Refused as a whole before, it stays so.
    visitor.choose("choice=reject");
    visitor.choose(LOAD);
    marketing.flags = 4;
    assert_eq!(visitor.token(Category::Marketing), token(&marketing));
}

// covers S47
#[test]
fn the_preferences_page_shows_what_was_loaded_and_takes_it_back() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose(LOAD);
    let page = visitor.get("/_consent").text().to_owned();
    let ticked: Vec<&str> = page
        .split("<input")
        .filter(|tag| tag.split('>').next().unwrap().ends_with(" checked"))
        .collect();
    assert_eq!(ticked.len(), 1, "{ticked:?}");
    assert!(ticked[0].contains("value=\"youtube\""));
    assert!(page.contains("name=\"loaded\" value=\"youtube\""));

    let offered = "choice=save&offered=youtube&offered=meta-pixel&fresh=marketing&loaded=youtube&source=preferences";
    visitor.choose(&format!("{offered}&vendor=youtube"));
    let consent = visitor.consent();
    assert!(consent.allows_vendor("youtube") && !consent.needs_banner());
    assert!(!consent.allows(Category::Marketing) && !consent.allows_vendor("meta-pixel"));

    let answer = visitor.choose(offered);
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    assert!(!visitor.consent().allows_vendor("youtube"));
    assert!(visitor.get("/").text().contains("/_consent/embed"));
    // Unless it was loaded, a ticked vendor of a refused category is none.
    visitor.choose("choice=save&offered=youtube&vendor=youtube");
    assert!(!visitor.consent().allows_vendor("youtube"));
}

#[test]
fn rejecting_and_accepting_all_replace_what_was_loaded() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose(LOAD);
    assert_eq!(
        visitor.choose("choice=reject").header("clear-site-data"),
        "\"cache\""
    );
    assert!(!visitor.consent().allows_vendor("youtube"));
    visitor.choose(LOAD);
    let answer = visitor.choose("choice=accept");
    assert!(!answer.headers.contains_key("clear-site-data"));
    assert!(visitor.consent().allows_vendor("meta-pixel"));
    visitor.choose("choice=reject");
    assert!(!visitor.consent().allows_vendor("youtube"));
}

// covers T22
#[test]
fn only_the_visitor_loads_and_only_what_is_embedded() {
    let app = app_of(VIDEO);
    let send = |headers: &[(&str, &str)], body: &str| {
        let mut request = request(Method::POST, "/_consent/choice")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(request.body(body.to_owned().into()).unwrap())
    };
    let same: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
    assert_eq!(send(same, LOAD).set_cookies().len(), 4);
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "null")],
        &[("origin", "https://evil.test")],
    ] {
        let answer = send(headers, LOAD);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
    for body in [
        "choice=load",
        "choice=load&vendor=",
        "choice=load&vendor=nobody",
        "choice=load&vendor=meta-pixel",
        "choice=load&vendor=shop-map",
        "choice=load&vendor=spotify",
        "choice=load&vendor=youtube&vendor=vimeo",
        "choice=load&vendor=youtube&marketing=on",
    ] {
        let answer = send(same, body);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.set_cookies(), [""; 0], "{body}");
    }
    let get = app.get("/_consent/choice?choice=load&vendor=youtube");
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn scripts_load_with_json_and_read_what_was_loaded() {
    let app = app_of(VIDEO);
    let load = |body: &'static str| {
        let request = request(Method::POST, "/_consent/choice")
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin");
        app.send(request.body(body.into()).unwrap())
    };
    let answer = load("{\"choice\":\"load\",\"vendor\":\"youtube\"}");
    let state = answer.json();
    assert_eq!(state["decided"], false);
    assert_eq!(state["granted"], serde_json::json!([]));
    assert_eq!(state["granted_vendors"], serde_json::json!(["youtube"]));
    assert_eq!(state["alone"], serde_json::json!(["marketing:youtube"]));
    assert_eq!(state["narrowed"], false);
    for body in [
        "{\"choice\":\"load\"}",
        "{\"choice\":\"load\",\"vendor\":\"nobody\"}",
        "{\"choice\":\"accept\",\"vendor\":\"youtube\"}",
    ] {
        assert_eq!(load(body).status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[test]
fn under_a_privacy_signal_only_what_was_loaded_in_view_of_it_counts() {
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose(LOAD);
    visitor.choose("choice=load&vendor=vimeo");
    visitor.gpc = true;
    let consent = visitor.consent();
    assert!(!consent.allows_vendor("youtube") && consent.allows_vendor("vimeo"));
    visitor.choose(LOAD);
    assert!(visitor.consent().allows_vendor("youtube"));
    visitor.gpc = false;
    assert!(visitor.consent().allows_vendor("youtube"));

    // A grant of the whole category that the signal overrules does not come along.
    let mut visitor = app.visitor();
    visitor.accept();
    visitor.gpc = true;
    visitor.choose(LOAD);
    let consent = visitor.consent();
    assert!(consent.allows_vendor("youtube") && !consent.allows_vendor("meta-pixel"));
    assert!(!consent.allows(Category::Marketing) && consent.allows(Category::Functional));
}

#[test]
fn an_app_can_record_that_one_service_is_wanted() {
    for (id, granted) in [
        ("youtube", true),
        ("meta-pixel", true),
        ("nobody", false),
        ("shop-map", false),
    ] {
        let app = App::new(policy().build().unwrap()).answering(move |request| {
            let mut response = page(whole(VIDEO));
            if request.uri().path() == "/load" {
                response.extensions_mut().insert(Choice::load_vendor(id));
            }
            response
        });
        let mut visitor = app.visitor();
        let answer = visitor.get("/load");
        assert_eq!(
            answer.set_cookies().len(),
            if granted { 4 } else { 0 },
            "{id}"
        );
        let consent = visitor.consent();
        assert_eq!(
            consent.allows_vendor(id),
            granted || id == "shop-map",
            "{id}"
        );
        assert!(consent.needs_banner() && consent.granted().is_empty());
    }
    let app = app_of(VIDEO);
    let mut visitor = app.visitor();
    visitor.choose("choice=reject");
    assert!(!visitor.consent().allows_vendor("youtube"));
}
