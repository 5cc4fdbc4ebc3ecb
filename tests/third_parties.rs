//! Proves that in strict mode other sites' active content waits, in markup, headers and the browser alike.

#![cfg(feature = "strict-third-parties")]
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
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LINK};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::Full;
use tower_consent::{Category, GuardMode, Policy, PolicyBuilder, Vendor, catalog};

fn vendor(id: &str, category: Category, host: &str) -> Vendor {
    Vendor::new(id, category)
        .with_purpose("p")
        .with_retention("r")
        .first_party()
        .hosts([host])
}

fn declared() -> PolicyBuilder {
    Policy::builder(REVISION)
        .vendor(catalog::google_analytics())
        .vendor(vendor("pay", Category::Necessary, "pay.test"))
        .vendor(vendor("chat", Category::Functional, "chat.test"))
        .vendor(vendor("ads", Category::Marketing, "ads.test"))
}

fn strict() -> App {
    App::new(declared().strict_third_parties().build().unwrap())
}

// covers S02
#[test]
fn active_content_of_other_sites_waits_for_marketing() {
    let app = strict();
    for markup in [
        "<script src=\"https://cdn.test/a.js\"></script>",
        "<script type=\"module\" src=\"//cdn.test/a.js\"></script>",
        "<iframe src=\"https://maps.test/embed\"></iframe>",
        "<embed src=\"https://cdn.test/a\">",
        "<object data=\"https://cdn.test/a\"></object>",
        "<link rel=\"preload\" as=\"script\" href=\"https://cdn.test/a.js\">",
        "<link rel=\"modulepreload\" href=\"https://cdn.test/a.js\">",
        "<link rel=\"preload\" as=\"fetch\" href=\"https://cdn.test/a.json\">",
        "<a ping=\"https://cdn.test/\" href=\"/\">x</a>",
        "<script src=\"https://shop.example.cdn.test/a.js\"></script>",
        "<script src=\"https://127.0.0.1/a.js\"></script>",
        "<iframe srcdoc=\"<script src='https://cdn.test/a.js'></script>\"></iframe>",
    ] {
        assert_waits(&app, markup, "marketing");
    }
}

#[test]
fn the_site_itself_and_passive_content_are_left_alone() {
    let app = strict();
    for markup in [
        "<script src=\"/a.js\"></script>",
        "<script src=\"https://cdn.shop.example/a.js\"></script>",
        "<script src=\"//shop.example:8443/a.js\"></script>",
        "<link rel=\"stylesheet\" href=\"https://fonts.test/a.css\">",
        "<link rel=\"preload\" as=\"font\" href=\"https://fonts.test/a.woff2\">",
        "<img src=\"https://cdn.test/a.png\" srcset=\"https://cdn.test/b.png 2x\">",
        "<video src=\"https://cdn.test/a.mp4\"></video>",
        "<a href=\"https://other.test/\">x</a>",
        "<script type=\"application/json\">{\"src\":\"https://cdn.test/a.js\"}</script>",
        "<script data-consent=\"necessary\" src=\"https://cdn.test/a.js\"></script>",
    ] {
        assert_untouched(&app, markup);
    }
    let lenient = App::new(declared().build().unwrap());
    assert_untouched(&lenient, "<script src=\"https://cdn.test/a.js\"></script>");
}

#[test]
fn what_the_policy_declares_keeps_its_own_rule() {
    let app = strict();
    assert_untouched(&app, "<script src=\"https://js.pay.test/a.js\"></script>");
    assert_waits(
        &app,
        "<script src=\"https://chat.test/a.js\"></script>",
        "functional:chat",
    );
    assert_waits(
        &app,
        "<script src=\"https://ads.test/a.js\"></script>",
        "marketing:ads",
    );
}

#[test]
fn what_only_the_catalog_knows_waits_for_its_category_and_for_marketing() {
    let app = strict();
    assert_waits(
        &app,
        "<script src=\"https://static.hotjar.com/c/hotjar.js\"></script>",
        "analytics marketing",
    );
    let app =
        app.answering(|_| page("<script src=\"https://static.hotjar.com/c/hotjar.js\"></script>"));
    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    assert!(visitor.get("/").text().contains("data-tc="));
    visitor.save(&[Category::Marketing]);
    assert!(visitor.get("/").text().contains("data-tc="));
    visitor.accept();
    assert!(!visitor.get("/").text().contains("data-tc="));
}

#[test]
fn images_wait_where_that_is_asked_for() {
    let policy = declared()
        .strict_third_parties()
        .strict_third_party_images();
    let app = App::new(policy.build().unwrap());
    for markup in [
        "<img src=\"https://cdn.test/a.png\">",
        "<img srcset=\"/a.png 1x, https://cdn.test/b.png 2x\">",
        "<video poster=\"https://cdn.test/a.png\"></video>",
        "<link rel=\"icon\" href=\"https://cdn.test/a.ico\">",
    ] {
        assert_waits(&app, markup, "marketing");
    }
    assert_waits(
        &app,
        "<p style=\"background:url(//cdn.test/a.png)\">",
        "marketing",
    );
    for markup in [
        "<img src=\"https://pay.test/a.png\"><img src=\"/b.png\">",
        "<style>@font-face{src:url(//fonts.test/a.woff2)}@import '//fonts.test/css';</style>",
    ] {
        assert_untouched(&app, markup);
    }
    let error = declared().strict_third_party_images().build().unwrap_err();
    assert!(
        error.to_string().contains(".strict_third_parties()"),
        "{error}"
    );
}

#[test]
fn an_inline_script_that_loads_from_another_site_waits() {
    let mut app = strict();
    // With the guard in the page, a script that does more than load is left to it.
    app.layer = app.layer.with_guard(GuardMode::Off);
    for script in [
        "<script>s.src='https://cdn.test/a.js'</script>",
        "<script>document.write('<script src=\"//cdn.test/a.js\"><\\/script>')</script>",
        "<script>import('https://cdn.test/a.js')</script>",
        "<script>$.getScript(\"//cdn.test/a.js\")</script>",
        "<script>new Worker('https://cdn.test/w.js')</script>",
    ] {
        assert_waits(&app, script, "marketing");
    }
    for script in [
        "<script>s.src='/a.js'</script>",
        "<script>state={\"src\":\"https://cdn.test/a.png\",\"html\":x.appendChild(y)}</script>",
        "<script>new Image().src='https://cdn.test/a.png'</script>",
        "<script>s.src='https://cdn.shop.example/a.js'</script>",
        "<script>s.src='https://pay.test/a.js'</script>",
        "<script>el.innerHTML='<a href=\"https://other.test/\">x</a>';el.appendChild(y)</script>",
        "<script>// https://docs.test/\nfetch('/api')</script>",
        "<script>d.createElementNS('http://www.w3.org/2000/svg','svg').src='/x'</script>",
        "<script>location='https://other.test/';x.src='/a'</script>",
        "<script>config={url:'https://other.test/'}</script>",
    ] {
        assert_untouched(&app, script);
    }
    let bundle = format!(
        "<script>s.src='https://cdn.test/a.js';{}</script>",
        " ".repeat(9000)
    );
    assert_untouched(&app, bundle.leak());
}

const DOCUMENT: &str =
    "<!doctype html><body><script src=\"https://cdn.test/a.js\"></script></body>";

fn policies(answer: &Answer) -> Vec<String> {
    let headers = answer.headers.get_all(CONTENT_SECURITY_POLICY);
    headers
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

// covers T33
#[test]
fn a_refusal_is_told_to_the_browser_until_marketing_is_granted() {
    let app = strict().answering(|_| page(DOCUMENT));
    // Who is still asked may agree without a reload: the page's script holds back, all of it.
    let answer = app.get("/");
    assert!(policies(&answer).is_empty());
    assert!(!answer.text().contains(" data-tc-locked"));
    assert!(
        answer
            .text()
            .contains(" data-tc-full data-tc-site=\"shop.example\"")
    );
    assert!(answer.text().contains(" data-tc-verdicts"));
    let hosts = " pay.test:* *.pay.test:* shop.example:* *.shop.example:*";
    let expected = format!(
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:{hosts}; \
         frame-src 'self' blob: data:{hosts}; worker-src 'self' blob: data:{hosts}; \
         connect-src 'self' blob: data:{hosts}; object-src 'self' blob: data:{hosts}"
    );
    let mut visitor = app.visitor();
    visitor.reject();
    let answer = visitor.get("/");
    assert_eq!(policies(&answer), [expected]);
    assert!(answer.text().contains(" data-tc-locked"));
    visitor.save(&[Category::Functional]);
    let partly = policies(&visitor.get("/")).concat();
    assert!(partly.contains(" chat.test:* *.chat.test:*"), "{partly}");
    assert!(
        !partly.contains("ads.test") && !partly.contains("google"),
        "{partly}"
    );
    visitor.save(&[Category::Marketing]);
    let answer = visitor.get("/");
    assert!(policies(&answer).is_empty());
    assert!(!answer.text().contains("data-tc-locked"));
    visitor.accept();
    let answer = visitor.get("/");
    assert!(policies(&answer).is_empty());
    assert!(
        answer
            .text()
            .contains(DOCUMENT.strip_suffix("</body>").unwrap())
    );
}

// covers T33
#[test]
fn without_a_guard_the_browser_is_told_before_any_choice() {
    let mut app = strict().answering(|_| page(DOCUMENT));
    app.layer = app.layer.clone().with_guard(GuardMode::Off);
    let answer = app.get("/");
    assert_eq!(policies(&answer).len(), 1);
    assert!(answer.text().contains(" data-tc-locked"));
    // A page that lets no script of the layer run has no guard, either.
    let app = strict().answering(|_| {
        let mut response = page(DOCUMENT);
        let own = HeaderValue::from_static("script-src 'none'");
        response.headers_mut().append(CONTENT_SECURITY_POLICY, own);
        response
    });
    assert_eq!(policies(&app.get("/")).len(), 2);
}

// covers T33
#[test]
fn the_apps_own_policy_stays_and_nothing_else_gets_one() {
    let app = strict().answering(|request| {
        let mut response = match request.uri().path() {
            "/data" => json("{}"),
            _ => page(DOCUMENT),
        };
        let own = HeaderValue::from_static("script-src 'nonce-abc'");
        response.headers_mut().append(CONTENT_SECURITY_POLICY, own);
        response
    });
    let mut visitor = app.visitor();
    visitor.reject();
    let answer = visitor.get("/");
    let policies_of_page = policies(&answer);
    assert_eq!(policies_of_page[0], "script-src 'nonce-abc'");
    assert_eq!(policies_of_page.len(), 2);
    assert!(answer.text().contains("nonce=\"abc\""));
    assert_eq!(policies(&visitor.get("/data")).len(), 1);
    let lenient = App::new(declared().build().unwrap()).answering(|_| page(DOCUMENT));
    let answer = lenient.get("/");
    assert!(policies(&answer).is_empty() && !answer.text().contains("data-tc-locked"));
}

#[test]
fn a_page_that_is_renewed_from_a_store_keeps_the_policy() {
    let app = strict().answering(|request| {
        let mut response = page("");
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        if request.uri().path() == "/own" {
            let own = HeaderValue::from_static("script-src 'self'");
            response.headers_mut().append(CONTENT_SECURITY_POLICY, own);
        }
        response
    });
    let mut visitor = app.visitor();
    visitor.reject();
    let mut renew = |path| {
        let request = request(Method::GET, path).header(ACCEPT, "text/html");
        policies(&visitor.send(empty(request))).len()
    };
    assert_eq!(renew("/own"), 2);
    assert_eq!(renew("/"), 0);
}

#[test]
fn a_site_without_a_domain_is_its_host_on_any_port() {
    let app = strict().answering(|_| {
        page("<!doctype html><script src=\"//localhost:9000/a.js\"></script><script src=\"//127.0.0.1/b.js\"></script>")
    });
    let mut visitor = app.visitor();
    visitor.host = "localhost:8080".to_owned();
    visitor.reject();
    let request = http::Request::builder()
        .uri("/")
        .header(HOST, "localhost:8080");
    let answer = visitor.send(request.body(Full::default()).unwrap());
    let text = answer.text();
    assert!(
        text.contains("<script src=\"//localhost:9000/a.js\"></script>"),
        "{text}"
    );
    assert!(
        text.contains("<script src=\"//127.0.0.1/b.js\" type=\"text/plain\""),
        "{text}"
    );
    assert!(policies(&answer)[0].contains(" localhost:*"), "{answer:?}");
}

#[test]
fn granted_vendors_that_cannot_be_named_leave_it_to_the_markup() {
    let policy = Policy::builder(REVISION)
        .vendors(catalog::defaults())
        .strict_third_parties();
    let app = App::new(policy.build().unwrap()).answering(|_| page(DOCUMENT));
    let mut visitor = app.visitor();
    visitor.reject();
    assert_eq!(policies(&visitor.get("/")).len(), 1);
    visitor.save(&[Category::Analytics]);
    let answer = visitor.get("/");
    assert!(policies(&answer).is_empty());
    assert!(answer.text().contains(" data-tc=\"marketing\""));
}

#[test]
fn with_strict_names_no_grant_covers_what_is_not_declared() {
    let policy = declared().strict().strict_third_parties();
    let app = App::new(policy.build().unwrap()).answering(|_| page(DOCUMENT));
    let mut visitor = app.visitor();
    visitor.accept();
    let answer = visitor.get("/");
    assert!(answer.text().contains("data-tc=\"unknown\""));
    let policy = policies(&answer).concat();
    assert!(
        policy.contains("ads.test") && policy.contains("google"),
        "{policy}"
    );
}

// covers T50
#[test]
fn preloads_in_headers_wait_too() {
    let app = strict().answering(|_| {
        let mut response = page("x");
        let link = HeaderValue::from_static(
            "<https://cdn.test/a.js>; rel=preload; as=script, <https://cdn.test/a.css>; rel=preload; as=style",
        );
        response.headers_mut().append(LINK, link);
        response
    });
    assert_eq!(
        app.get("/").header("link"),
        "<https://cdn.test/a.css>; rel=preload; as=style"
    );
}

#[test]
fn the_guard_can_ask_about_other_sites() {
    let question = "{\"page\":\"/\",\"urls\":[{\"url\":\"https://cdn.test/a.js\",\"type\":\"script\"},\
        {\"url\":\"https://cdn.test/a.png\",\"type\":\"image\"},{\"url\":\"/a.js\",\"type\":\"script\"}]}";
    let ask = || {
        request(Method::POST, "/_consent/verdict")
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(question))
            .unwrap()
    };
    let denied = serde_json::json!({"category": "marketing", "needs": "marketing"});
    let expected = serde_json::json!({"denied": [denied, null, null]});
    let app = strict();
    assert_eq!(app.send(ask()).json(), expected);
    let mut visitor = app.visitor();
    visitor.accept();
    assert_eq!(
        visitor.send(ask()).json(),
        serde_json::json!({"denied": [null, null, null]})
    );
    let lenient = App::new(declared().build().unwrap());
    assert_eq!(lenient.send(ask()).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_file_says_it_like_code() {
    let text = "revision = \"1\"\nstrict_third_parties = true\nstrict_third_party_images = true\n";
    let app = App::new(toml::from_str(text).unwrap());
    assert_waits(
        &app,
        "<script src=\"https://cdn.test/a.js\"></script>",
        "marketing",
    );
    assert_waits(&app, "<img src=\"https://cdn.test/a.png\">", "marketing");
}
