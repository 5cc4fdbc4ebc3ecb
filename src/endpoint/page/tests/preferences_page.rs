//! Do the preferences offer what is asked and show what was chosen?

use super::*;

// covers L01
#[test]
fn nothing_is_ticked_before_the_visitor_ticked_it() {
    let policy = shop().build().unwrap();
    let html = preferences(&undecided(&policy), "/");
    assert!(tags(&html, "checkbox").len() >= 2);
    assert!(tags(&html, "checked").is_empty(), "{html}");
    assert!(tags(&banner_html(&undecided(&policy), "/"), "checkbox").is_empty());
    let rejected = decided(&policy, &Choice::reject_all(), Signals::default());
    assert!(tags(&preferences(&rejected, "/"), "checked").is_empty());
}

// covers S47
#[test]
fn the_boxes_show_the_present_state() {
    let policy = shop().build().unwrap();
    let choice = Choice::only([Category::Analytics]).refusing_vendor("matomo");
    let consent = decided(&policy, &choice, Signals::default());
    let html = preferences(&consent, "/");
    let ticked = tags(&html, " checked");
    assert_eq!(ticked.len(), 2, "{ticked:?}");
    assert!(ticked.iter().any(|tag| tag.contains("name=\"analytics\"")));
    assert!(
        ticked
            .iter()
            .any(|tag| tag.contains("value=\"google-analytics\""))
    );
    assert!(html.contains("<time datetime=\"2026-09-01\">1 September 2026</time>"));
    assert!(!html.contains(&*policy.texts(Locale::default()).undecided));
    assert!(
        script(&consent, "", PageMarks::default()).contains(" data-tc-state=\"!matomo analytics\"")
    );
    assert!(script(&undecided(&policy), "", PageMarks::default()).contains(" data-tc-state=\"?\""));
}

#[test]
fn the_signal_is_told_only_where_it_was_sent() {
    let policy = shop().build().unwrap();
    let told = &policy.texts(Locale::default()).gpc;
    for on in [true, false] {
        let html = preferences(&decided(&policy, &Choice::reject_all(), gpc(on)), "/");
        assert_eq!(html.contains(&**told), on);
    }
}

#[test]
fn only_what_the_policy_asks_is_shown() {
    let policy = Policy::builder("1")
        .vendor(catalog::google_analytics())
        .build()
        .unwrap();
    let html = preferences(&undecided(&policy), "/");
    assert!(!tags(&html, "name=\"analytics\"").is_empty());
    for absent in ["marketing", "functional", "necessary"] {
        assert!(tags(&html, &format!("name=\"{absent}\"")).is_empty());
    }
    let banner = banner_html(&undecided(&policy), "/");
    assert!(banner.contains("<b>Analytics</b>"), "{banner}");
    for html in [html, banner] {
        assert!(!html.contains(&*policy.texts(Locale::default()).privacy));
    }
    let linked = shop().privacy_url("/privacy").build().unwrap();
    let banner = banner_html(&undecided(&linked), "/");
    assert!(
        banner.contains("href=\"/privacy\"") && banner.contains("All services and cookies (3)")
    );
}

#[test]
fn where_nothing_is_asked_there_is_nothing_to_press() {
    let policy = Policy::builder("1")
        .necessary("session", "Keeps you signed in")
        .build()
        .unwrap();
    let html = preferences(&undecided(&policy), "/");
    assert!(html.contains("<code>session</code>"), "{html}");
    for absent in ["<button name", "tc-bar", "consent-analytics"] {
        assert!(!html.contains(absent), "{absent} in {html}");
    }
    assert!(!html.contains(&*policy.texts(Locale::default()).undecided));
    let asked = preferences(&undecided(&shop().build().unwrap()), "/");
    for there in ["<button name", "tc-bar", "consent-analytics"] {
        assert!(asked.contains(there), "{there}");
    }
}

#[test]
fn each_vendor_is_offered_and_told_in_full() {
    let policy = shop().build().unwrap();
    let html = preferences(&undecided(&policy), "/");
    for vendor in policy.vendors() {
        assert_eq!(
            tags(
                &html,
                &format!("name=\"offered\" value=\"{}\"", vendor.id())
            )
            .len(),
            1
        );
        assert_eq!(
            tags(&html, &format!("name=\"vendor\" value=\"{}\"", vendor.id())).len(),
            1
        );
        let told = [
            vendor.name(),
            vendor.purpose(),
            vendor.provider(),
            vendor.retention(),
            vendor.policy_url(),
        ];
        for text in told.into_iter().chain(vendor.cookie_patterns()) {
            assert!(html.contains(&Esc(text).to_string()), "{text}");
        }
    }
    assert!(html.contains("Keeps you signed in"));
}

// covers L07
#[test]
fn the_cookies_that_hold_the_choice_are_listed_with_their_lifetime() {
    let policy = shop().lifetime_days(90).build().unwrap();
    let html = preferences(&undecided(&policy), "/");
    for name in ["necessary", "functional", "analytics", "marketing"] {
        assert!(html.contains(&format!("<dt><code>__Host-Http-consent-{name}</code></dt>")));
    }
    assert!(html.contains("Kept for: 90 days"));
    let plain = preferences_named(Naming::Insecure, &undecided(&policy), "/");
    assert!(plain.contains("<code>consent-necessary</code>") && !plain.contains("__Host-"));
}

#[test]
fn what_stands_for_the_catalog_names_all_of_it() {
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let html = preferences(&undecided(&policy), "/");
    let names: Vec<&str> = Category::OPTIONAL
        .into_iter()
        .flat_map(|category| Known::get().names(category))
        .collect();
    assert!(
        names
            .iter()
            .all(|name| html.contains(&format!("<li>{}</li>", Esc(name))))
    );
    let banner = banner_html(&undecided(&policy), "/");
    assert!(
        banner.contains(&format!("({})", names.len())),
        "{}",
        names.len()
    );
}
