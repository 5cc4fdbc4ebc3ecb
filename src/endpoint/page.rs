//! What does the visitor see?
//!
//! The banner, the settings link and their assets, as plain strings.
//! Every value is escaped. Nothing needs a script, an inline style or an
//! inline handler, so the page's own Content-Security-Policy can stay strict.
//!
//! Reject, accept and the third control are drawn by one rule, and reject
//! comes first: taking back is never harder than giving.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use super::look::{BannerPlacement, GuardMode, Look};
use super::markup::{Button, Checked, Esc, Form, Hidden, Language, Long, Nonce, Summary};
use crate::asset;
use crate::category::Category;
use crate::consent::Consent;
use crate::gate::csp::{Allowance, PageMarks};
use crate::gate::html::Injection;
use crate::policy::catalog::Known;
use crate::policy::{Policy, Texts};

/// What goes into a page of the app: the guard where something is denied, the
/// banner where something is to be asked, the settings link where it is wanted,
/// and the script. `next` is the path to come back to; `own` says that the page
/// brings its own banner.
pub(crate) fn injection(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    look: Look,
    own: bool,
) -> Injection {
    let mut injection = Injection::default();
    // A site that declares nothing optional is spared the guard: known trackers in its markup are
    // blocked all the same, and only further classifiers make it expect any.
    let nothing_asked = consent.policy().asked().is_empty();
    if nothing_asked && !allowance.marks.verdicts {
        return injection;
    }
    let tag = guard(consent, allowance, look);
    if is_guarded(consent, allowance, look) {
        injection.head_start = tag;
    } else {
        // It guards nothing and only adds the banner.
        injection.body_end = tag;
    }
    if nothing_asked || look.placement == BannerPlacement::Script {
        return injection;
    }
    let (consent, allowance, next) = (consent.clone(), allowance.clone(), next.to_owned());
    injection.due = Some(Arc::new(move |language| {
        body(&consent, &allowance, &next, look, own, language)
    }));
    injection
}

/// What goes to the start and the end of the body of a page in `language`.
fn body(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    look: Look,
    own: bool,
    language: Option<&str>,
) -> (String, String) {
    let policy = consent.policy();
    // A page in a language that is not spoken here does not stop the visitor's own from being used.
    let locale = language.and_then(|tag| policy.spoken().lookup(tag));
    let consent = &consent.clone().speaking(locale.unwrap_or(consent.locale()));
    let texts = consent.texts();
    let address = preferences_url(policy, next, locale.map(|_| &*texts.language));
    let (mut start, mut end) = (String::new(), String::new());
    let asks = consent.needs_banner();
    if asks && !own {
        let banner = match look.placement {
            BannerPlacement::BodyStart => &mut start,
            BannerPlacement::BodyEnd | BannerPlacement::Script => &mut end,
        };
        *banner += &style(policy, allowance, asset::banner_rules());
        *banner += &section(consent, next, &address, "");
    }
    if look.settings_link {
        if !asks {
            end = style(policy, allowance, asset::link_rules());
        }
        end += &settings(texts, &address);
    }
    end += &script(consent, &allowance.script_nonce, allowance.marks);
    (start, end)
}

/// The digests of the scripts that pages get.
pub(crate) fn script_digests(policy: &Policy) -> Vec<&str> {
    let guard = policy.guard().map(|guard| &*guard.integrity);
    let modes = policy.modes().map(|modes| &*modes.integrity);
    guard
        .into_iter()
        .chain(modes)
        .chain([&*asset::script().integrity])
        .collect()
}

/// Whether the page's scripts are watched: while something is denied that the
/// visitor was asked about, or that only the server can tell.
fn is_guarded(consent: &Consent, allowance: &Allowance, look: Look) -> bool {
    look.guard != GuardMode::Off
        && !consent.permits_everything()
        && (allowance.marks.verdicts || !consent.grants_all_asked())
}

/// The guard's tag; empty where everything is granted, unless the page needs
/// it to add the banner. It blocks parsing, so that nothing acts before it.
fn guard(consent: &Consent, allowance: &Allowance, look: Look) -> String {
    let policy = consent.policy();
    let asks = !policy.asked().is_empty();
    let builds = look.placement == BannerPlacement::Script && asks;
    let guards = is_guarded(consent, allowance, look);
    let Some(asset) = policy.guard().filter(|_| guards || builds) else {
        return String::new();
    };
    let banner = asset::script();
    let mut tag = format!(
        "<script src=\"{}/assets/{}\" integrity=\"{}\" data-tc-state=\"{}\"",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity,
        Esc(&state(consent))
    );
    tag += match look.guard {
        _ if !guards => " data-tc-off",
        GuardMode::Full => " data-tc-full",
        GuardMode::Off | GuardMode::Core => "",
    };
    if guards && !allowance.site.is_empty() {
        let _ = write!(tag, " data-tc-site=\"{}\"", Esc(&allowance.site));
    }
    if asks {
        let _ = write!(
            tag,
            " data-tc-load=\"{} {}\"",
            banner.name, banner.integrity
        );
    }
    let (marks, nonce) = (allowance.marks, Nonce(&allowance.script_nonce));
    let _ = write!(tag, "{marks}{nonce}></script>");
    tag
}

/// The banner alone, with its stylesheet, for a page that places it itself.
pub(crate) fn banner_html(consent: &Consent, next: &str) -> String {
    let policy = consent.policy();
    let address = preferences_url(policy, next, Some(&consent.texts().language));
    section(consent, next, &address, &sheet(policy))
}

/// The banner as every page has it, apart from the path to come back to and
/// from the boxes that are ticked: the text that a record names.
pub(crate) fn banner_text(consent: &Consent) -> String {
    let address = preferences_url(consent.policy(), "/", None);
    section(consent, "/", &address, "")
}

/// The banner and the settings link as a document of their own, for a script to take over.
pub(super) fn banner_page(consent: &Consent, next: &str, settings_link: bool) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    let address = preferences_url(policy, next, Some(&texts.language));
    let mut page = format!("<!doctype html><title>{}</title>", Esc(&texts.title));
    if policy.asked().is_empty() {
        return page;
    }
    page += &sheet(policy);
    page += "<body>";
    if consent.needs_banner() {
        page += &section(consent, next, &address, "");
    }
    if settings_link {
        page += &settings(texts, &address);
    }
    page
}

/// The banner. `address` is the preferences page; `style` goes inside.
fn section(consent: &Consent, next: &str, address: &str, style: &str) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    let services = match service_count(policy) {
        0 => String::new(),
        count => format!(" ({count})"),
    };
    let privacy = match policy.privacy_url() {
        "" => String::new(),
        _ => privacy_link(policy, texts),
    };
    let mut rows = format!(
        "<li class=\"tc-row\">{}<small>{}</small></li>",
        Summary(texts.category(Category::Necessary)),
        Esc(&texts.always_on)
    );
    for category in policy.asked().iter() {
        let _ = write!(
            rows,
            "<li><label class=\"tc-row\">{}<input type=\"checkbox\" name=\"{category}\"{}></label></li>",
            Summary(texts.category(category)),
            Checked(consent.allows(category))
        );
    }
    format!(
        "<section class=\"tc tc-banner\" data-tc-banner role=\"region\" aria-labelledby=\"tc-title\" \
         {lang}>{style}<h2 id=\"tc-title\">{title}</h2><p>{body}</p>\
         <p><a href=\"{details_url}\">{details}{services}</a>{privacy}</p>\
         <div class=\"tc-actions{long}\">{open}>{hidden}{reject}{accept}</form>\
         <details><summary>{choose}</summary></details>\
         {open} class=\"tc-panel\">{hidden}<ul>{rows}</ul>{save}</form></div></section>",
        lang = Language(texts),
        title = Esc(&texts.title),
        body = Esc(&texts.body),
        details_url = Esc(address),
        details = Esc(&texts.details),
        long = Long(texts),
        open = Form(policy),
        hidden = Hidden(next, "banner", &texts.language),
        reject = Button("reject", &texts.reject, ""),
        accept = Button("accept", &texts.accept, ""),
        choose = Esc(&texts.choose),
        save = Button("save", &texts.save, ""),
    )
}

fn settings(texts: &Texts, address: &str) -> String {
    format!(
        "<nav class=\"tc tc-link\" aria-label=\"{label}\" {lang}><a data-tc-settings href=\"{href}\">{label}</a></nav>",
        label = Esc(&texts.settings),
        lang = Language(texts),
        href = Esc(address),
    )
}

/// The script's tag, which also says where the guard is that a withdrawal needs.
/// `data-tc-locked` stands where a grant takes effect only after a reload,
/// `data-tc-verdicts` where single addresses can be asked about.
pub(super) fn script(consent: &Consent, nonce: &str, marks: PageMarks) -> String {
    let policy = consent.policy();
    let asset = asset::script();
    let guard = policy.guard().map_or_else(String::new, |guard| {
        format!(" data-tc-guard=\"{} {}\"", guard.name, guard.integrity)
    });
    format!(
        "<script src=\"{}/assets/{}\" defer integrity=\"{}\" data-tc-state=\"{}\"{guard}{marks}{}></script>",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity,
        Esc(&state(consent)),
        Nonce(nonce)
    )
}

/// What a page was made for: `?` while something is to be asked, the granted
/// categories, with a `!` the vendors refused within them, with a `+` those
/// granted alone, each behind its category and a colon; `*` alone where the
/// page is the same for everybody.
pub(super) fn state(consent: &Consent) -> String {
    let policy = consent.policy();
    let mut state: Vec<String> = Vec::new();
    if consent.needs_banner() {
        state.push("?".to_owned());
    }
    for category in consent.granted().iter() {
        state.push(category.to_string());
        let refused = consent.refused_vendors(category);
        let vendors = policy.vendors_of(category);
        state.extend(
            vendors
                .filter(|(position, _)| refused.contains(*position))
                .map(|(_, vendor)| format!("!{}", vendor.id())),
        );
    }
    let alone = consent.granted_vendor_ids().into_iter();
    state.extend(alone.map(|(category, id)| format!("+{category}:{id}")));
    if consent.is_for_everybody() {
        // The script asks.
        state.push("*".to_owned());
    }
    state.sort_unstable();
    state.join(" ")
}

/// The rules as the page lets them in: inline where it does, so that the
/// banner is there at first paint, else as a file.
fn style(policy: &Policy, allowance: &Allowance, rules: &str) -> String {
    if allowance.inline_style {
        format!("<style{}>{rules}</style>", Nonce(&allowance.style_nonce))
    } else {
        sheet(policy)
    }
}

pub(super) fn sheet(policy: &Policy) -> String {
    let asset = asset::style();
    format!(
        "<link rel=\"stylesheet\" href=\"{}/assets/{}\" integrity=\"{}\">",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build or parse fails the test")]
mod tests;
