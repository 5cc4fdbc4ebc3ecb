//! What does the law of the place want shown besides the banner?
//!
//! An X that refuses, where one is required; in the United States the words of
//! the link, the state of an opt-out, and a form for it that needs no account;
//! a button that objects where statistics run without a choice; a bar for news.

use std::fmt::Write;

use super::dismiss;
use super::look::Look;
use super::markup::{Button, Esc, Form, Hidden, Language};
use super::scheme::Scheme;
use crate::category::Category;
use crate::consent::{Consent, Notice};
use crate::jurisdiction::Jurisdiction;
use crate::policy::{Texts, day_at};
use crate::standing::State;

/// The X at the top of the banner, and what it does (Garante, 10 June 2021, no.
/// 231): it refuses, and is drawn like the other buttons.
pub(super) fn close(consent: &Consent, next: &str) -> (String, String) {
    if consent.jurisdiction() != Jurisdiction::It {
        return (String::new(), String::new());
    }
    let texts = consent.texts();
    let cross = format!(
        "{open} class=\"tc-x\">{hidden}<button name=\"choice\" value=\"reject\" data-tc-reject \
         aria-label=\"{close}\" title=\"{close}\">\u{d7}</button></form>",
        open = Form(consent.policy()),
        hidden = Hidden(next, "banner", &texts.language),
        close = Esc(&texts.close),
    );
    (cross, format!("<p>{}</p>", Esc(&texts.close_body)))
}

/// Says in the banner that the browser refuses marketing already.
pub(super) fn refused_by_signal(consent: &Consent) -> String {
    let asked = consent.policy().asked().contains(Category::Marketing);
    if !consent.gpc() || !asked || consent.allows(Category::Marketing) {
        return String::new();
    }
    let texts = consent.texts();
    let (marketing, _) = texts.category(Category::Marketing);
    format!(
        "<p class=\"tc-signal\"><b>{}</b>: {}</p>",
        Esc(marketing),
        Esc(&texts.gpc_refused)
    )
}

/// The words of the link to the preferences.
pub(super) fn entry(consent: &Consent) -> &str {
    let texts = consent.texts();
    if consent.jurisdiction().is_us() {
        &texts.us_settings
    } else {
        &texts.settings
    }
}

/// What stands at the end of every page besides the link: a bar, the state of
/// an opt-out, a button to object. Empty where there is nothing to say.
pub(super) fn footer(consent: &Consent, next: &str, address: &str, look: &Look) -> String {
    let texts = consent.texts();
    let mut lines = bar(consent, next, address);
    if is_opted_out(consent) {
        let _ = write!(
            lines,
            "<p class=\"tc-status\" role=\"status\">{}</p>",
            Esc(&texts.opt_out_honored)
        );
    }
    lines += &objection(consent, next);
    if lines.is_empty() {
        return lines;
    }
    format!(
        "<aside class=\"tc tc-place\" aria-label=\"{label}\" {lang}{scheme}>{lines}</aside>",
        label = Esc(entry(consent)),
        lang = Language(texts),
        scheme = Scheme(look.scheme),
    )
}

/// The part of the preferences that is about the place.
pub(super) fn preferences(consent: &Consent, next: &str) -> String {
    let texts = consent.texts();
    let mut part = String::new();
    if consent.jurisdiction().is_us() && !consent.policy().asked().is_empty() {
        let state = if is_opted_out(consent) {
            format!(
                "<p class=\"tc-note\"><b>{}</b></p>",
                Esc(&texts.opt_out_honored)
            )
        } else {
            String::new()
        };
        let conflict = if consent.gpc() {
            format!("<p class=\"tc-note\">{}</p>", Esc(&texts.conflict))
        } else {
            String::new()
        };
        let _ = write!(
            part,
            "{open} class=\"tc-duty\">{hidden}{state}<p>{body}</p>{button}{conflict}</form>",
            open = Form(consent.policy()),
            hidden = Hidden(next, "preferences", &texts.language),
            body = Esc(&texts.opt_out_body),
            button = Button("opt-out", &texts.opt_out, ""),
        );
    }
    part += &objection(consent, next);
    part
}

/// Tells the server that the form told of the conflict with the signal.
pub(super) fn told(consent: &Consent) -> &'static str {
    if consent.gpc() && consent.jurisdiction().is_us() {
        "<input type=\"hidden\" name=\"conflict\" value=\"told\">"
    } else {
        ""
    }
}

/// Marks a category that runs without a choice.
pub(super) fn exempt(consent: &Consent, category: Category) -> String {
    if consent.state(category) != State::Exempt {
        return String::new();
    }
    format!("<p class=\"tc-note\">{}</p>", Esc(&consent.texts().exempt))
}

/// The button that objects to statistics which run without a choice.
fn objection(consent: &Consent, next: &str) -> String {
    if consent.exempt_vendors().is_none() {
        return String::new();
    }
    let texts = consent.texts();
    format!(
        "{open} class=\"tc-duty\">{hidden}<p>{body}</p>{button}</form>",
        open = Form(consent.policy()),
        hidden = Hidden(next, "banner", &texts.language),
        body = Esc(&texts.object_body),
        button = Button("object", &texts.object, ""),
    )
}

/// A bar that tells something and can be closed.
fn bar(consent: &Consent, next: &str, address: &str) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    let Some(notice) = consent.notice() else {
        return String::new();
    };
    let said = match notice {
        Notice::Amendment => news(consent, texts),
        Notice::OptOut => texts.opt_out_notice.to_string(),
        // The button to object says it all, and stays.
        Notice::Statistics => return String::new(),
    };
    let privacy = match (notice, policy.privacy_url()) {
        (Notice::Amendment, url) if !url.is_empty() => {
            format!(" <a href=\"{}\">{}</a>", Esc(url), Esc(&texts.privacy))
        }
        _ => String::new(),
    };
    format!(
        "<form method=\"post\" action=\"{prefix}/notice\" class=\"tc-duty\" data-tc-notice>\
         <input type=\"hidden\" name=\"notice\" value=\"{id}\"><input type=\"hidden\" name=\"next\" value=\"{next}\">\
         <p>{said} <a data-tc-settings href=\"{address}\">{entry}</a>{privacy}</p><button>{dismiss}</button></form>",
        prefix = Esc(policy.prefix()),
        id = Esc(dismiss::id(policy, notice)),
        next = Esc(next),
        said = Esc(&said),
        address = Esc(address),
        entry = Esc(entry(consent)),
        dismiss = Esc(&texts.dismiss),
    )
}

/// The news with its date, in the visitor's language.
fn news(consent: &Consent, texts: &Texts) -> String {
    let version = consent.policy().version();
    let day = version.applies_from().and_then(day_at);
    let day = day.map_or_else(String::new, |day| texts.day(day));
    texts.notice.replace("{date}", &day)
}

/// Whether nothing is sold or shared because the visitor, or their browser, said so.
fn is_opted_out(consent: &Consent) -> bool {
    consent.jurisdiction().is_us()
        && consent.policy().asked().contains(Category::Marketing)
        && consent.state(Category::Marketing) == State::Refused
}
