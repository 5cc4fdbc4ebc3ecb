//! What do the banner, the preferences and the state show?

use http::StatusCode;
use tower_consent::Category;

use crate::common::*;

// covers S47
#[test]
fn the_state_and_the_preferences_show_exactly_what_was_chosen() {
    let app = App::shop();
    let ticked = |visitor: &mut Visitor| -> Vec<String> {
        let page = visitor.get("/_consent");
        let boxes = page
            .text()
            .split('<')
            .filter(|tag| tag.starts_with("input type=\"checkbox\""));
        let named = |tag: &str, key: &str| {
            let rest = tag
                .split_once(&format!(" {key}=\""))
                .map(|(_, rest)| rest)?;
            rest.split('"').next().map(str::to_owned)
        };
        let mut ticked: Vec<String> = boxes
            .filter(|tag| tag.contains(" checked"))
            .filter_map(|tag| named(tag, "value").or_else(|| named(tag, "name")))
            .collect();
        ticked.sort_unstable();
        ticked
    };
    let state = |visitor: &mut Visitor| visitor.get("/_consent/state").json();

    // Nothing is ticked beforehand.
    let mut visitor = app.visitor();
    assert_eq!(ticked(&mut visitor), [""; 0]);
    assert_eq!(
        state(&mut visitor),
        serde_json::json!({
            "decided": false, "granted": [], "refused_vendors": [], "narrowed": false,
            "granted_vendors": [], "alone": [], "covered": [], "barred": [],
            "categories": {"functional": "undecided", "analytics": "undecided", "marketing": "undecided"},
            "decided_at": null, "gpc": false
        })
    );

    visitor.choose("choice=save&functional=on&analytics=on&offered=google-analytics&offered=shop-stats&vendor=shop-stats");
    assert_eq!(
        ticked(&mut visitor),
        ["analytics", "functional", "shop-stats"]
    );
    app.clock.advance(1000);
    assert_eq!(
        state(&mut visitor),
        serde_json::json!({
            "decided": true, "granted": ["functional", "analytics"],
            "refused_vendors": ["google-analytics"], "narrowed": false,
            "granted_vendors": [], "alone": [],
            "covered": ["functional", "analytics"], "barred": ["google-analytics"],
            "categories": {"functional": "granted", "analytics": "granted", "marketing": "refused"},
            "decided_at": NOW, "gpc": false
        })
    );
    visitor.gpc = true;
    assert_eq!(state(&mut visitor)["gpc"], true);
    visitor.gpc = false;

    visitor.accept();
    let all = [
        "analytics",
        "functional",
        "google-analytics",
        "marketing",
        "meta-pixel",
        "shop-stats",
    ];
    assert_eq!(ticked(&mut visitor), all);
    visitor.reject();
    assert_eq!(ticked(&mut visitor), [""; 0]);
    assert_eq!(state(&mut visitor)["categories"]["analytics"], "refused");
    // A narrower choice says so, since pages already open have to be reloaded.
    visitor.accept();
    assert_eq!(
        visitor.send(post_json("{\"choice\":\"reject\"}")).json()["narrowed"],
        true
    );
    assert_eq!(
        visitor.send(post_json("{\"choice\":\"accept\"}")).json()["narrowed"],
        false
    );
}

// covers L01, L15, T41, behaviour 102
#[test]
fn the_banner_is_a_form_with_nothing_ticked_and_equal_buttons() {
    let page = App::shop().get("/");
    let text = page.text();
    let start = text.find("<section").unwrap();
    let banner = &text[start..start + text[start..].find("</section>").unwrap()];
    assert!(banner.contains("data-tc-banner"));
    let label = banner
        .split("aria-labelledby=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(banner.contains(&format!("id=\"{label}\"")));
    assert!(banner.contains("<form method=\"post\" action=\"/_consent/choice\""));
    for banned in [
        " checked",
        "<script",
        " onclick=",
        " onsubmit=",
        " onchange=",
        "disabled",
    ] {
        assert!(!banner.contains(banned), "{banned}");
    }
    // Accept and reject are the same but for what they say.
    let button = |act: &str| {
        let at = banner
            .find(&format!("<button name=\"choice\" value=\"{act}\""))
            .expect(act);
        let tag = &banner[at..at + banner[at..].find('>').unwrap()];
        tag.replace(act, "")
    };
    assert_eq!(button("accept"), button("reject"));
    // Every category that is asked about can be chosen by itself, one link away.
    assert!(banner.contains("<a class=\"tc-choose\" href=\"/_consent?next=%2F"));
    let preferences = App::shop().get("/_consent?next=%2F");
    for category in Category::OPTIONAL {
        let input = format!("name=\"{category}\"");
        assert!(preferences.text().contains(&input), "{input}");
    }
}

// covers S16, L04, S47
#[test]
fn every_page_links_to_the_settings_whatever_was_chosen() {
    let app = App::shop();
    for form in [
        None,
        Some("choice=accept"),
        Some("choice=reject"),
        Some("choice=save&analytics=on"),
    ] {
        let mut visitor = app.visitor();
        form.map(|form| visitor.choose(form));
        for path in ["/", "/cart", "/a/b?c=d"] {
            let page = visitor.get(path);
            assert!(
                page.text().contains("<a data-tc-settings href=\"/_consent"),
                "{form:?} {path}"
            );
        }
    }
    // Where the site has a link of its own, it can have this one left out.
    let without = App::shop().set(|layer| layer.with_settings_link(false));
    let mut visitor = without.visitor();
    visitor.accept();
    assert!(!visitor.get("/").text().contains("data-tc-settings"));
    assert_eq!(visitor.get("/_consent").status, StatusCode::OK);
}

// covers L07, S06
#[test]
fn the_preferences_list_every_vendor_with_what_a_visitor_must_know() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    let app = App::new(policy.clone());
    let page = app.get("/_consent");
    let text = page.text();
    assert_eq!(page.status, StatusCode::OK);
    assert!(text.contains("href=\"/privacy\""));
    for vendor in policy.vendors() {
        for fact in [
            vendor.name(),
            vendor.purpose(),
            vendor.provider(),
            vendor.retention(),
            vendor.policy_url(),
        ] {
            let escaped = fact.replace('&', "&amp;").replace('\'', "&#39;");
            assert!(text.contains(&escaped), "{fact} of {}", vendor.id());
        }
        for name in vendor.cookie_patterns() {
            assert!(text.contains(&format!("<code>{name}</code>")), "{name}");
        }
    }
    for cookie in policy.site_cookies() {
        for fact in [
            cookie.name(),
            cookie.purpose(),
            cookie.retention(),
            cookie.user_requested_reason(),
        ] {
            assert!(text.contains(fact), "{fact}");
        }
    }
}
