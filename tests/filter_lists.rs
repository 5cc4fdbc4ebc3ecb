//! Proves that filter lists are asked after the policy and the catalog, with the page as their source, and only then.

#![cfg(feature = "filter-lists")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use tower_consent::{Category, FilterLists, Policy, Vendor, catalog};

const EASYPRIVACY: &str = "[Adblock Plus 2.0]\n! Title: EasyPrivacy\n\
    ||measure.test^$third-party\n||pixel.test^$image\n/own-stats.js\n\
    ||frames.test^$subdocument\n||beacons.test^$ping\n||host.test^$domain=www.shop.example\n\
    ||away.test^$domain=elsewhere.example\n||needed.test^\n||stats-vendor.test^\n\
    www.shop.example##.tracked\n||googletagmanager.com^\n||consent.test^\n/_consent/*\n";
const EASYLIST: &str = "[Adblock Plus 2.0]\n! Title: EasyList\n\
    ||banner.test^\n@@||banner.test/licence.js$script\n@@||measure.test/free/\n||hints.test^\n";

fn lists() -> FilterLists {
    FilterLists::builder()
        .named("a.txt", EASYPRIVACY)
        .named("b.txt", EASYLIST)
        .build()
        .unwrap()
}

fn policy() -> Policy {
    let vendor = |id: &str, category| {
        Vendor::new(id, category)
            .first_party()
            .with_purpose("p")
            .with_retention("r")
    };
    Policy::builder(REVISION)
        .vendor(catalog::google_analytics())
        .vendor(vendor("needed", Category::Necessary).hosts(["needed.test"]))
        .vendor(vendor("shop", Category::Marketing).hosts(["stats-vendor.test"]))
        .build()
        .unwrap()
}

fn app() -> App {
    App::new(policy()).set(|layer| layer.with_filter_lists(&lists()))
}

/// What a visitor without a choice gets for this markup.
// covers S02, T45
#[test]
fn what_a_list_blocks_waits_for_its_category() {
    let app = app();
    assert_waits(
        &app,
        "<script src=\"//measure.test/a.js\"></script>",
        "analytics",
    );
    assert_waits(
        &app,
        "<script src=\"//banner.test/a.js\"></script>",
        "marketing",
    );
    assert_waits(&app, "<img src=\"https://pixel.test/1.gif\">", "analytics");
    assert_waits(
        &app,
        "<img srcset=\"/a.png 1x, https://pixel.test/1.gif 2x\">",
        "analytics",
    );
    assert_waits(
        &app,
        "<iframe src=\"https://frames.test/\"></iframe>",
        "analytics",
    );
    assert_waits(
        &app,
        "<a href=\"/\" ping=\"https://beacons.test/\">x</a>",
        "analytics",
    );
    assert_waits(
        &app,
        "<link rel=\"preload\" as=\"image\" href=\"//pixel.test/1\">",
        "analytics",
    );
    assert_waits(
        &app,
        "<script src=\"/js/own-stats.js\"></script>",
        "analytics",
    );
    assert_waits(
        &app,
        "<noscript><img src=\"//banner.test/1\"></noscript>",
        "marketing",
    );
    assert_waits(
        &app,
        "<style>p{background:url(https://pixel.test/1.gif)}</style>",
        "analytics",
    );
    assert_waits(
        &app,
        "<p onclick=\"new Image().src='https://pixel.test/1.gif'\">x</p>",
        "analytics",
    );
    assert_waits(
        &app,
        "<script type=\"rocketlazyloadscript\" data-rocket-src=\"//banner.test/a.js\"></script>",
        "marketing",
    );
    for without in [
        "<style>@import 'https://pixel.test/a.css';</style>",
        "<script src=\"//other.test/a.js\"></script>",
        "<script src=\"/js/stats.js\"></script>",
        "<div class=\"tracked\">x</div>",
        "<a href=\"https://banner.test/\">x</a>",
    ] {
        assert_untouched(&app, without);
    }
}

#[test]
fn the_kind_of_a_request_the_page_and_the_exceptions_count() {
    let app = app();
    assert_waits(
        &app,
        "<script src=\"//host.test/a.js\"></script>",
        "analytics",
    );
    for free in [
        "<script src=\"//pixel.test/a.js\"></script>",
        "<img src=\"//frames.test/a.png\">",
        "<link rel=\"preload\" as=\"script\" href=\"//pixel.test/a.js\">",
        "<script src=\"//away.test/a.js\"></script>",
        "<script src=\"//banner.test/licence.js\"></script>",
        "<script src=\"//measure.test/free/a.js\"></script>",
    ] {
        assert_untouched(&app, free);
    }
    assert_waits(&app, "<img src=\"//banner.test/licence.js\">", "marketing");
}

#[test]
fn a_list_stands_below_policy_catalog_and_author() {
    let app = app();
    assert_untouched(&app, "<script src=\"//needed.test/a.js\"></script>");
    assert_untouched(
        &app,
        "<script data-consent=\"necessary\" src=\"//banner.test/a.js\"></script>",
    );
    assert_waits(
        &app,
        "<script src=\"//stats-vendor.test/a.js\"></script>",
        "marketing:shop",
    );
    assert_waits(
        &app,
        "<script src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>",
        "analytics:google-analytics",
    );
    // The layer's own pages are nobody's to block.
    assert_untouched(&app, "<img src=\"/_consent/assets/x.png\">");
}

#[test]
fn a_loader_in_an_inline_script_is_found_by_the_address_that_it_writes_out() {
    let app = app();
    for script in [
        "<script>var s=document.createElement('script');s.src='https://measure.test/a.js';document.head.appendChild(s)</script>",
        "<script>document.write('<script src=\"//measure.test/a.js\"><\\/script>')</script>",
        "<script>new Image().src=\"https://pixel.test/1.gif?\"+Date.now()</script>",
        "<script>fetch(\"https:\\/\\/measure.test\\/c\")</script>",
    ] {
        assert_waits(&app, script, "analytics");
    }
    for script in [
        "<script>var config={cdn:'https://measure.test/a.js'}</script>",
        "<script>// https://measure.test/a.js\nfetch('/api')</script>",
        "<script>s.src='https://measure.test/free/a.js'</script>",
        "<script>s.src='https://pixel.test/a.js'</script>",
        "<script>s.src='https://needed.test/a.js'</script>",
        "<script type=\"application/json\">{\"src\":\"https://measure.test/a.js\",\"a\":\"fetch(\"}</script>",
    ] {
        assert_untouched(&app, script);
    }
    let bundle = format!(
        "<script>s.src='https://measure.test/a.js';{}</script>",
        " ".repeat(9000)
    );
    assert_untouched(&app, bundle.leak());
}

// covers behaviour 63
#[test]
fn a_grant_of_the_category_frees_it_and_of_another_does_not() {
    const MARKUP: &str =
        "<script src=\"//measure.test/a.js\"></script><img src=\"//banner.test/1\">";
    let app = app().answering(|_| page(MARKUP));
    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    let text = visitor.get("/").text().to_owned();
    assert!(
        text.contains("<script src=\"//measure.test/a.js\"></script>"),
        "{text}"
    );
    assert!(text.contains("data-tc-src=\"//banner.test/1\""), "{text}");
    visitor.accept();
    assert_eq!(visitor.get("/").text(), MARKUP);
    visitor.reject();
    assert_eq!(visitor.get("/").text().matches("data-tc=").count(), 2);
}

// covers T50
#[test]
fn hints_in_headers_are_filtered_by_lists() {
    let app = app().answering(|_| {
        let mut response = page("<p>x");
        let link = "<https://hints.test/>; rel=preconnect, </a.css>; rel=preload; as=style, \
                    <https://pixel.test/a.js>; rel=preload; as=script";
        let link = HeaderValue::from_static(link);
        response.headers_mut().append(LINK, link);
        response
    });
    assert_eq!(
        app.get("/").header("link"),
        "</a.css>; rel=preload; as=style, <https://pixel.test/a.js>; rel=preload; as=script"
    );
}

#[test]
fn lists_are_replaced_while_the_layer_serves() {
    const MARKUP: &str = "<script src=\"//banner.test/a.js\"></script>";
    let lists = lists();
    let app = App::new(policy()).set(|layer| layer.with_filter_lists(&lists));
    assert_waits(&app, MARKUP, "marketing");
    let newer = FilterLists::builder().analytics("||banner.test^").build();
    lists.replace(&newer.unwrap());
    assert_waits(&app, MARKUP, "analytics");
    let other = FilterLists::builder().analytics("||other.test^").build();
    lists.replace(&other.unwrap());
    assert_untouched(&app, MARKUP);
}

fn ask(body: &str) -> Request<Full<bytes::Bytes>> {
    request(Method::POST, "/_consent/verdict")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_owned()))
        .unwrap()
}

const QUESTION: &str = "{\"page\":\"/a/b\",\"urls\":[\
    {\"url\":\"https://measure.test/a.js\",\"type\":\"script\"},\
    {\"url\":\"https://banner.test/1\",\"type\":\"image\"},\
    {\"url\":\"https://pixel.test/a.js\",\"type\":\"script\"},\
    {\"url\":\"own-stats.js\",\"type\":\"script\"},\
    {\"url\":\"https://stats-vendor.test/\",\"type\":\"fetch\"},\
    {\"url\":\"https://needed.test/\",\"type\":\"script\"},\
    {\"url\":\"https://other.test/\"}]}";

// covers S02
#[test]
fn the_guard_is_told_what_an_insertion_needs_under_the_present_consent() {
    let app = app();
    let answer = app.send(ask(QUESTION));
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CACHE_CONTROL.as_str()), "private, no-store");
    assert!(answer.seen.is_none(), "the app is not asked");
    let analytics = serde_json::json!({"category": "analytics", "needs": "analytics"});
    let expected = serde_json::json!({"denied": [
        analytics,
        {"category": "marketing", "needs": "marketing"},
        null,
        analytics,
        {"category": "marketing", "needs": "marketing:shop"},
        null,
        null,
    ]});
    assert_eq!(answer.json(), expected);

    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    let denied = visitor.send(ask(QUESTION)).json();
    assert_eq!(denied["denied"][0], serde_json::Value::Null);
    assert_eq!(denied["denied"][1]["category"], "marketing");
    visitor.accept();
    let denied = visitor.send(ask(QUESTION)).json();
    assert!(
        denied["denied"]
            .as_array()
            .unwrap()
            .iter()
            .all(serde_json::Value::is_null)
    );
}

// covers T22
#[test]
fn only_a_page_of_the_same_origin_may_ask_and_only_so_much() {
    let app = app();
    let status = |request| app.send(request).status;
    let foreign = request(Method::POST, "/_consent/verdict")
        .header("sec-fetch-site", "cross-site")
        .header(CONTENT_TYPE, "application/json");
    assert_eq!(
        status(foreign.body(Full::from(QUESTION)).unwrap()),
        StatusCode::FORBIDDEN
    );
    let silent =
        request(Method::POST, "/_consent/verdict").header(CONTENT_TYPE, "application/json");
    assert_eq!(
        status(silent.body(Full::from(QUESTION)).unwrap()),
        StatusCode::FORBIDDEN
    );
    let form = request(Method::POST, "/_consent/verdict")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(
        status(form.body(Full::from("page=/")).unwrap()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(status(ask("{}")), StatusCode::BAD_REQUEST);
    let url = "{\"url\":\"https://measure.test/\",\"type\":\"script\"}";
    let of = |count| {
        format!(
            "{{\"page\":\"/\",\"urls\":[{}]}}",
            vec![url; count].join(",")
        )
    };
    assert_eq!(status(ask(&of(64))), StatusCode::OK);
    assert_eq!(status(ask(&of(65))), StatusCode::BAD_REQUEST);
    let large = format!("{{\"page\":\"/{}\",\"urls\":[]}}", "x".repeat(16 * 1024));
    assert_eq!(status(ask(&large)), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        status(get("/_consent/verdict")),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[test]
fn without_lists_there_is_nothing_to_ask_and_nothing_waits() {
    let app = App::new(policy());
    assert_eq!(app.send(ask(QUESTION)).status, StatusCode::NOT_FOUND);
    assert_untouched(&app, "<script src=\"//banner.test/a.js\"></script>");
    let document = "<!doctype html><body>x</body>";
    assert!(!gated(&app, document).contains("data-tc-verdicts"));
    let app = app.set(|layer| layer.with_filter_lists(&lists()));
    assert!(gated(&app, document).contains(" data-tc-verdicts"));
}

#[test]
fn in_strict_mode_no_grant_covers_what_only_a_list_knows() {
    let policy = Policy::builder(REVISION)
        .vendor(catalog::google_analytics())
        .strict()
        .build()
        .unwrap();
    let app = App::new(policy)
        .set(|layer| layer.with_filter_lists(&lists()))
        .answering(|_| page("<img src=\"//measure.test/1\">"));
    let mut visitor = app.visitor();
    visitor.accept();
    let text = visitor.get("/").text().to_owned();
    assert!(text.contains("data-tc=\"unknown\""), "{text}");
}
