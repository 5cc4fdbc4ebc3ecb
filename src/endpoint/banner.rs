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
use super::template::BannerParts;
use crate::category::Category;
use crate::consent::Consent;
use crate::policy::catalog::Known;
use crate::policy::{Policy, Texts};

/// The banner. `address` is the preferences page; `style` goes inside.
pub(super) fn section(
    consent: &Consent,
    next: &str,
    address: &str,
    look: &Look,
    style: &str,
) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    if let Some(template) = &look.template {
        let parts = BannerParts::new(policy, texts, next, address);
        return style.to_owned() + &template.write(&parts);
    }
    let shape = match look.shape {
        BannerShape::Corner => "",
        BannerShape::Bar => " tc-wide",
        BannerShape::Card => " tc-card",
    };
    let services = services(policy, Category::OPTIONAL);
    let privacy = match policy.privacy_url() {
        "" => String::new(),
        _ => privacy_link(policy, texts),
    };
    format!(
        "<section class=\"tc tc-banner{shape}\" data-tc-banner aria-labelledby=\"tc-title\" \
         {lang}{scheme}>{style}<h2 id=\"tc-title\">{title}</h2><p>{body}</p>\
         <p class=\"tc-more\">{purposes}<a href=\"{href}\">{details}{services}</a>{privacy}</p>\
         {open} class=\"tc-actions{long}\">{hidden}{reject}{accept}\
         <a class=\"tc-choose\" href=\"{href}\">{choose}</a></form></section>",
        lang = Language(texts),
        scheme = Scheme(look.scheme),
        title = Esc(&texts.title),
        body = Esc(&texts.body),
        purposes = purposes(policy, texts),
        href = Esc(address),
        details = Esc(&texts.details),
        long = Long(texts),
        open = Form(policy),
        hidden = Hidden(next, "banner", &texts.language),
        reject = Button("reject", &texts.reject, ""),
        accept = Button("accept", &texts.accept, ""),
        choose = Esc(&texts.choose),
    )
}

/// The link to the preferences that stands on every page without one.
pub(super) fn settings(texts: &Texts, address: &str, look: &Look) -> String {
    let entry = match look.entry {
        SettingsEntry::Floating => "tc-float",
        SettingsEntry::Quiet => "tc-quiet",
    };
    format!(
        "<nav class=\"tc tc-link {entry}\" aria-label=\"{label}\" {lang}{scheme}><a data-tc-settings href=\"{href}\">{label}</a></nav>",
        label = Esc(&texts.settings),
        lang = Language(texts),
        scheme = Scheme(look.scheme),
        href = Esc(address),
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
        "@layer tower-consent{{:root:has([data-tc-settings]:not(.tc *){link},.tc-banner:not([hidden])) .tc-link{{display:none!important}}}}"
    )
}

/// The address of the preferences page, in `language` where that is settled.
pub(super) fn preferences_url(policy: &Policy, next: &str, language: Option<&str>) -> String {
    let mut url = format!("{}?next=", policy.prefix());
    url.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    if let Some(language) = language.filter(|_| !policy.spoken().is_one()) {
        url += "&lang=";
        url += language;
    }
    url
}

pub(super) fn privacy_link(policy: &Policy, texts: &Texts) -> String {
    format!(
        "<a href=\"{}\">{}</a>",
        Esc(policy.privacy_url()),
        Esc(&texts.privacy)
    )
}

/// What the visitor is asked about, by the categories' names.
fn purposes(policy: &Policy, texts: &Texts) -> String {
    let mut list = String::new();
    for category in policy.asked().iter() {
        let separator = if list.is_empty() { "" } else { " · " };
        let _ = write!(list, "{separator}{}", Esc(texts.category(category).0));
    }
    format!("<b>{list}</b>")
}

/// The same number in brackets; nothing where there are none.
pub(super) fn services(policy: &Policy, of: impl IntoIterator<Item = Category>) -> String {
    match service_count(policy, of) {
        0 => String::new(),
        count => format!(" ({count})"),
    }
}

/// How many services these categories have. A vendor that stands for the catalog counts for
/// everything in it.
pub(super) fn service_count(policy: &Policy, of: impl IntoIterator<Item = Category>) -> usize {
    static KNOWN: OnceLock<[usize; 4]> = OnceLock::new();
    let known =
        || KNOWN.get_or_init(|| Category::ALL.map(|category| Known::get().names(category).len()));
    of.into_iter()
        .flat_map(|category| policy.vendors_of(category))
        .map(|(_, vendor)| match vendor.umbrella {
            true => known().get(vendor.category().index()).copied().unwrap_or(1),
            false => 1,
        })
        .sum()
}
