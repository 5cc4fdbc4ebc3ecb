//! What asks the visitor?
//!
//! The banner and the settings link, as plain strings. Every value is
//! escaped. Nothing needs a script, an inline style or an inline handler, so
//! the page's own Content-Security-Policy can stay strict.
//!
//! Reject, accept and the third control are drawn by one rule, and reject
//! comes first: taking back is never harder than giving.

use std::fmt::Write;
use std::sync::OnceLock;

use super::look::{BannerShape, Look, SettingsEntry};
use super::markup::{Button, Esc, Form, Hidden, Language, Long, Scheme};
use crate::category::Category;
use crate::consent::Consent;
use crate::policy::Policy;
use crate::policy::catalog::Known;

/// The banner. `style` goes inside.
pub(super) fn section(consent: &Consent, next: &str, look: Look, style: &str) -> String {
    let policy = consent.policy();
    let texts = policy.texts();
    let shape = match look.shape {
        BannerShape::Corner => "",
        BannerShape::Bar => " tc-wide",
        BannerShape::Card => " tc-card",
    };
    let services = match service_count(policy) {
        0 => String::new(),
        count => format!(" ({count})"),
    };
    let privacy = match policy.privacy_url() {
        "" => String::new(),
        _ => privacy_link(policy),
    };
    let preferences = preferences_url(policy, next);
    format!(
        "<section class=\"tc tc-banner{shape}\" data-tc-banner aria-labelledby=\"tc-title\" \
         data-tc-said=\"{said}\" {lang}{scheme}>{style}<h2 id=\"tc-title\">{title}</h2><p>{body}</p>\
         <p class=\"tc-more\">{purposes}<a href=\"{href}\">{details}{services}</a>{privacy}</p>\
         {open} class=\"tc-actions{long}\">{hidden}{reject}{accept}\
         <a class=\"tc-choose\" href=\"{href}\">{choose}</a></form></section>",
        said = Esc(&texts.chosen_on),
        lang = Language(texts),
        scheme = Scheme(look.scheme),
        title = Esc(&texts.title),
        body = Esc(&texts.body),
        purposes = purposes(policy),
        href = Esc(&preferences),
        details = Esc(&texts.details),
        long = Long(texts),
        open = Form(policy),
        hidden = Hidden(next, "banner"),
        reject = Button("reject", &texts.reject, ""),
        accept = Button("accept", &texts.accept, ""),
        choose = Esc(&texts.choose),
    )
}

/// The link to the preferences that stands on every page without one.
pub(super) fn settings(policy: &Policy, next: &str, look: Look) -> String {
    let texts = policy.texts();
    let entry = match look.entry {
        SettingsEntry::Floating => "tc-float",
        SettingsEntry::Quiet => "tc-quiet",
    };
    format!(
        "<nav class=\"tc tc-link {entry}\" aria-label=\"{label}\" {lang}{scheme}><a data-tc-settings href=\"{href}\">{label}</a></nav>",
        label = Esc(&texts.settings),
        lang = Language(texts),
        scheme = Scheme(look.scheme),
        href = Esc(&preferences_url(policy, next)),
    )
}

/// The rule that hides the settings link where the page has its own entry, or the banner asks.
pub(super) fn slot_rule(policy: &Policy) -> String {
    let prefix = policy.prefix();
    // A path that CSS would read otherwise is left to the attribute.
    let plain = prefix
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/_-.~".contains(&b));
    let link = if plain {
        format!(",a[href^=\"{prefix}\"]:not(.tc *)")
    } else {
        String::new()
    };
    format!(
        "@layer tower-consent{{:root:has([data-tc-settings]:not(.tc *){link},[data-tc-banner]:not([hidden])) .tc-link{{display:none!important}}}}"
    )
}

pub(super) fn preferences_url(policy: &Policy, next: &str) -> String {
    let mut url = format!("{}?next=", policy.prefix());
    url.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    url
}

pub(super) fn privacy_link(policy: &Policy) -> String {
    format!(
        "<a href=\"{}\">{}</a>",
        Esc(policy.privacy_url()),
        Esc(&policy.texts().privacy)
    )
}

/// What the visitor is asked about, by the categories' names.
fn purposes(policy: &Policy) -> String {
    let texts = policy.texts();
    let mut list = String::new();
    for category in policy.asked().iter() {
        let separator = if list.is_empty() { "" } else { " · " };
        let _ = write!(list, "{separator}{}", Esc(texts.category(category).0));
    }
    format!("<b>{list}</b>")
}

/// How many services the visitor is asked about. A vendor that stands for the
/// catalog counts for everything in it.
fn service_count(policy: &Policy) -> usize {
    static KNOWN: OnceLock<[usize; 4]> = OnceLock::new();
    let known =
        || KNOWN.get_or_init(|| Category::ALL.map(|category| Known::get().names(category).len()));
    policy
        .vendors()
        .iter()
        .filter(|vendor| vendor.category() != Category::Necessary)
        .map(|vendor| match vendor.umbrella {
            true => known().get(vendor.category().index()).copied().unwrap_or(1),
            false => 1,
        })
        .sum()
}
