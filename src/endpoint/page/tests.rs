//! What holds for every page and fragment alike, and what the tests beside it share.

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

mod added;
mod granted;
mod guard;
mod preferences_page;

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
                    .replace(" form=\"tc-*\"", "")
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
