use super::*;
use crate::category::Category;
use crate::choice::Choice;
use crate::clock::Timestamp;
use crate::cookie::Naming;
use crate::cookie::Stored;
use crate::decide::decide;
use crate::endpoint::look::ColorScheme;
use crate::endpoint::markup::{Language, Long};
use crate::endpoint::preferences::{self, ChoiceCookies, PreferencesForm, error};
use crate::keys::Keyring;
use crate::policy::catalog::Known;
use crate::policy::{Locale, SiteCookie, Texts, Vendor};
use crate::policy::{PolicyBuilder, catalog};
use crate::signal::{Circumstances, Signals};
use crate::token::TokenKeys;
use http::StatusCode;

mod granted;

const HOSTILE: &str = "\"'><script>alert(1)</script>&";
/// 2026-09-01T12:00:00Z
const NOW: Timestamp = Timestamp::from_unix_seconds(1_788_264_000);

fn shop() -> PolicyBuilder {
    Policy::builder("1")
        .vendor(catalog::google_analytics())
        .vendor(catalog::matomo("stats.example.com"))
        .vendor(catalog::meta_pixel())
        .cookie(SiteCookie::new(
            "sid",
            Category::Necessary,
            "Keeps you signed in",
        ))
}

fn keys() -> TokenKeys {
    TokenKeys::derive(&Keyring::ephemeral().unwrap(), "")
}

fn undecided(policy: &Policy) -> Consent {
    decide(
        policy,
        &keys(),
        [Stored::Absent; 4],
        Circumstances::default(),
        NOW,
    )
}

fn decided(policy: &Policy, choice: &Choice, signals: Signals) -> Consent {
    let at = Circumstances {
        signals,
        ..Circumstances::default()
    };
    let before = decide(policy, &keys(), [Stored::Absent; 4], at, NOW);
    Consent::after(policy, &choice.parts(&before, None, NOW), at)
}

fn gpc(gpc: bool) -> Signals {
    Signals {
        gpc,
        ..Signals::default()
    }
}

fn look(settings_link: bool) -> Look {
    Look {
        settings_link,
        ..Look::default()
    }
}

fn allowance(inline_style: bool, nonce: &str) -> Allowance {
    Allowance {
        site: String::new(),
        inline_style,
        inline_script: true,
        script_nonce: nonce.to_owned(),
        style_nonce: nonce.to_owned(),
        marks: PageMarks::default(),
    }
}

fn injected(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    look: &Look,
    own: bool,
) -> Injection {
    let mut injection = injection(consent, allowance, next, look, own);
    injection.write(None);
    injection
}

fn preferences(consent: &Consent, next: &str) -> String {
    preferences_named(Naming::Host, consent, next)
}

fn preferences_named(naming: Naming, consent: &Consent, next: &str) -> String {
    let own = ChoiceCookies::new(naming, false);
    preferences::preferences(consent, own, next, ColorScheme::Auto, PreferencesForm::Page)
}

/// Every page and fragment for one policy, as a new visitor gets them.
fn everything(policy: &Policy, next: &str) -> Vec<String> {
    let new = undecided(policy);
    let granted = decided(policy, &Choice::accept_all(), gpc(true));
    let mut all = vec![error(policy, new.texts(), StatusCode::BAD_REQUEST, HOSTILE)];
    for consent in [&new, &granted] {
        all.push(preferences(consent, next));
        all.push(banner_html(consent, next));
        for allowance in [
            allowance(true, ""),
            allowance(true, "abc"),
            allowance(false, "abc"),
        ] {
            let injection = injection(consent, &allowance, next, &look(true), false);
            all.push(injection.whole(None));
        }
    }
    all
}

/// The start tags of `html` that name `what`.
fn tags<'a>(html: &'a str, what: &str) -> Vec<&'a str> {
    html.split('<')
        .filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| !tag.starts_with('/') && tag.contains(what))
        .collect()
}

#[test]
fn hostile_words_stay_words() {
    let mut texts = Texts::default();
    for (key, text) in Texts::default().pairs() {
        if key != "language" {
            texts.set(key, &format!("{HOSTILE}{text}"));
        }
    }
    let policy = shop()
        .site(HOSTILE)
        .privacy_url(format!("/{HOSTILE}"))
        .texts(texts)
        .vendor(
            Vendor::new("evil", Category::Analytics)
                .with_name(HOSTILE)
                .with_purpose(HOSTILE)
                .with_provider(HOSTILE, "IE")
                .with_policy_url(format!("https://evil.example/{HOSTILE}"))
                .with_retention(HOSTILE)
                .cookies(["_evil"]),
        )
        .cookie(
            SiteCookie::new("theme", Category::Functional, HOSTILE)
                .with_retention(HOSTILE)
                .user_requested(HOSTILE),
        )
        .build()
        .unwrap();
    for html in everything(&policy, &format!("/{HOSTILE}")) {
        assert!(
            !html.contains("<script>") && !html.contains("alert(1)<"),
            "{html}"
        );
        assert!(!html.contains(HOSTILE), "{html}");
        assert_eq!(
            html.matches("<script").count(),
            html.matches("</script>").count()
        );
    }
}

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

// covers L15, L36
#[test]
fn rejecting_is_one_equal_button_and_comes_first() {
    let policy = shop().build().unwrap();
    for (html, count) in [
        (banner_html(&undecided(&policy), "/"), 2),
        (preferences(&undecided(&policy), "/"), 3),
    ] {
        let buttons = tags(&html, "button name");
        let plain: Vec<String> = buttons
            .iter()
            .map(|tag| {
                tag.replace("reject", "*")
                    .replace("accept", "*")
                    .replace("save", "*")
                    .replace(" form=\"tc-all\"", "")
            })
            .collect();
        assert_eq!(buttons.len(), count);
        assert!(
            plain
                .iter()
                .all(|tag| tag == "button name=\"choice\" value=\"*\" data-tc-*"),
            "{plain:?}"
        );
        assert!(
            buttons
                .first()
                .is_some_and(|tag| tag.contains("data-tc-reject"))
        );
    }
    let one_rule = ".tc button,.tc-choose{";
    assert!(asset::style().text.contains(one_rule));
    for apart in [
        "tc-reject",
        "tc-accept",
        "value=",
        "first-child",
        "nth-",
        "first-of-type",
    ] {
        assert!(!asset::style().text.contains(apart), "{apart}");
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

// covers T32
#[test]
fn the_pages_nonce_stands_on_scripts_and_styles_and_nowhere_else() {
    let policy = shop().build().unwrap();
    let consent = undecided(&policy);
    let with = injected(&consent, &allowance(true, "abc"), "/", &look(true), false);
    let all = with.body_start + &with.body_end;
    let nonced = tags(&all, "nonce");
    assert_eq!(nonced.len(), 2, "{nonced:?}");
    assert!(nonced.iter().all(|tag| tag.ends_with(" nonce=\"abc\"")));
    let without = injected(&consent, &allowance(true, ""), "/", &look(true), false);
    assert!(!(without.body_start + &without.body_end).contains("nonce"));
    let strict = injected(&consent, &allowance(false, ""), "/", &look(true), false);
    assert!(
        strict
            .body_start
            .starts_with("<link rel=\"stylesheet\" href=\"/_consent/assets/banner-")
    );
    assert!(!strict.body_start.contains("<style"));
}

#[test]
fn a_page_gets_what_it_needs_and_no_more() {
    let policy = shop().build().unwrap();
    let open = allowance(true, "");
    let asked = injected(&undecided(&policy), &open, "/a?b=c&d", &look(true), false);
    assert!(asked.body_start.contains("data-tc-banner") && !asked.body_end.contains("<style"));
    assert!(
        asked
            .body_end
            .contains("data-tc-settings href=\"/_consent?next=%2Fa%3Fb%3Dc%26d\"")
    );
    assert!(
        asked
            .body_start
            .contains("name=\"next\" value=\"/a?b=c&amp;d\"")
    );
    let rejected = decided(&policy, &Choice::reject_all(), Signals::default());
    let settled = injected(&rejected, &open, "/", &look(true), false);
    assert!(settled.body_start.is_empty());
    assert!(settled.body_end.starts_with("<style>") && !settled.body_end.contains(".tc-banner {"));
    let bare = injected(&rejected, &open, "/", &look(false), false);
    assert!(
        bare.body_end
            .starts_with("<script src=\"/_consent/assets/banner-")
    );
}

// covers T32, T34
#[test]
fn nothing_is_inline_but_rules_and_nothing_comes_from_elsewhere() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    for html in everything(&policy, "/") {
        for tag in tags(&html, "") {
            let attributes = tag.split(' ').skip(1);
            for attribute in attributes.filter_map(|attribute| attribute.split_once('=')) {
                assert!(
                    attribute.0 != "style" && !attribute.0.starts_with("on"),
                    "{tag}"
                );
            }
            let leaves = tag.contains("://");
            assert!(!leaves || tag.starts_with("a href=\"https://"), "{tag}");
        }
        assert!(!html.contains("javascript:") && !html.contains("<script>"));
    }
}

#[test]
fn the_direction_follows_the_language() {
    for (tag, direction) in [
        ("en", "ltr"),
        ("ar-EG", "rtl"),
        ("HE", "rtl"),
        ("arn", "ltr"),
        ("", "ltr"),
    ] {
        let texts = Texts {
            language: tag.to_owned().into(),
            ..Texts::default()
        };
        assert_eq!(
            Language(&texts).to_string(),
            format!("lang=\"{tag}\" dir=\"{direction}\"")
        );
    }
}

#[test]
fn long_words_get_more_room() {
    let mut texts = Texts::default();
    assert_eq!(Long(&texts).to_string(), "");
    texts.accept = "Alle akzeptieren".into();
    assert_eq!(Long(&texts).to_string(), " tc-long");
}

#[test]
fn an_error_says_what_went_wrong_and_leads_back() {
    let html = error(
        &shop().build().unwrap(),
        &Texts::default(),
        StatusCode::BAD_REQUEST,
        "No <field>.",
    );
    assert!(html.contains("400 Bad Request") && html.contains("No &lt;field&gt;."));
    assert!(html.contains("<a href=\"/_consent\">"));
}

// covers T34
#[test]
fn the_banner_stays_small() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    let page = injection(
        &undecided(&policy),
        &allowance(true, ""),
        "/",
        &look(true),
        false,
    );
    assert!(page.body_start.len() + page.body_end.len() < 9_000);
    assert!(asset::script().text.len() < 22_000 && asset::style().text.len() < 16_000);
    let guard = &policy.guard().unwrap().text;
    // The catalog's hosts are half of it.
    assert!(guard.len() < 52_000, "{}", guard.len());
}

// covers S01, T32
#[test]
fn the_guard_stands_in_pages_where_something_is_denied_and_in_no_other() {
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let guarded = |consent: &Consent, nonce: &str, mode| {
        let look = Look {
            guard: mode,
            ..look(true)
        };
        injection(consent, &allowance(true, nonce), "/", &look, false).head_start
    };
    let new = undecided(&policy);
    let tag = guarded(&new, "abc", GuardMode::Core);
    let asset = policy.guard().unwrap();
    assert!(tag.starts_with(&format!(
        "<script src=\"/_consent/assets/{}\" integrity=\"{}\" data-tc-state=\"?\"",
        asset.name, asset.integrity
    )));
    assert!(tag.ends_with(" nonce=\"abc\"></script>"), "{tag}");
    assert!(!tag.contains("data-tc-full") && !tag.contains(" async") && !tag.contains(" defer"));
    assert!(guarded(&new, "", GuardMode::Full).contains(" data-tc-full "));
    assert_eq!(guarded(&new, "abc", GuardMode::Off), "");
    let granted = decided(&policy, &Choice::accept_all(), Signals::default());
    assert_eq!(guarded(&granted, "abc", GuardMode::Full), "");
    let part = decided(
        &policy,
        &Choice::only([Category::Analytics]),
        Signals::default(),
    );
    assert!(guarded(&part, "", GuardMode::Core).contains(" data-tc-state=\"analytics\""));
}

#[test]
fn a_page_that_asks_nothing_is_guarded_only_where_more_is_known_than_the_catalog() {
    let policy = Policy::builder("1").build().unwrap();
    let page = |verdicts| {
        let mut allowance = allowance(true, "");
        allowance.marks.verdicts = verdicts;
        injection(&undecided(&policy), &allowance, "/", &look(true), false)
    };
    let plain = page(false);
    assert!(plain.head_start.is_empty() && plain.body_start.is_empty());
    assert!(plain.body_end.is_empty());
    let judged = page(true);
    assert!(judged.head_start.contains("/guard-") && !judged.head_start.contains("data-tc-load"));
    assert!(judged.body_start.is_empty() && judged.body_end.is_empty());
}

#[test]
fn a_page_where_all_that_was_asked_is_granted_has_no_guard() {
    let policy = shop().build().unwrap();
    assert!(!policy.asked().contains(Category::Functional));
    let head = |choice: &Choice, verdicts| {
        let mut allowance = allowance(true, "");
        allowance.marks.verdicts = verdicts;
        let consent = decided(&policy, choice, Signals::default());
        injection(&consent, &allowance, "/", &look(true), false).head_start
    };
    let all = Choice::accept_all();
    assert!(head(&all, false).is_empty());
    assert!(
        !head(&all, true).is_empty(),
        "lists may deny what was not asked"
    );
    for less in [
        Choice::reject_all(),
        Choice::only([Category::Marketing]),
        all.refusing_vendor("matomo"),
    ] {
        assert!(head(&less, false).contains("/guard-"));
    }
}

#[test]
fn the_banner_goes_where_it_is_wanted() {
    let policy = shop().build().unwrap();
    let placed = |consent: &Consent, placement, own| {
        let look = Look {
            placement,
            ..look(true)
        };
        injected(consent, &allowance(true, ""), "/", &look, own)
    };
    let new = undecided(&policy);
    let start = placed(&new, BannerPlacement::BodyStart, false);
    assert!(
        start.body_start.contains("data-tc-banner>")
            || start.body_start.contains("data-tc-banner ")
    );
    assert!(!start.body_end.contains("data-tc-banner "));
    let end = placed(&new, BannerPlacement::BodyEnd, false);
    assert!(end.body_start.is_empty() && end.body_end.contains("data-tc-banner "));
    for placement in [BannerPlacement::BodyStart, BannerPlacement::BodyEnd] {
        let own = placed(&new, placement, true);
        assert!(!(own.body_start + &own.body_end).contains("data-tc-banner "));
    }
    let granted = decided(&policy, &Choice::accept_all(), Signals::default());
    let script = placed(&new, BannerPlacement::Script, false);
    assert!(script.body_start.is_empty() && script.body_end.is_empty());
    assert!(script.head_start.contains(" data-tc-load=\"banner-"));
    let all_asked = placed(&granted, BannerPlacement::Script, false);
    assert!(all_asked.head_start.is_empty() && all_asked.body_end.contains(" data-tc-off "));
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let open = decided(&policy, &Choice::accept_all(), Signals::default());
    let script = placed(&open, BannerPlacement::Script, false);
    assert!(script.head_start.is_empty() && script.body_end.contains(" data-tc-off "));
    let page = banner_page(&new, "/", &look(true));
    assert!(page.contains("data-tc-banner ") && page.contains("data-tc-settings"));
    let page = banner_page(&granted, "/", &look(true));
    assert!(!page.contains("data-tc-banner ") && page.contains("data-tc-settings"));
    assert!(!banner_page(&new, "/", &look(false)).contains("data-tc-settings"));
}
