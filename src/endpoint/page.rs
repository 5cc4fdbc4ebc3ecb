//! What goes into a page of the app?
//!
//! The guard, the banner, the settings link, the script and the rules, each
//! only where it is needed, and in the form that the page's
//! Content-Security-Policy lets in.

use std::fmt::Write;
use std::sync::Arc;

use super::banner::{section, settings, slot_rule};
use super::look::{BannerPlacement, GuardMode, Look};
use super::markup::{Esc, Nonce};
use super::place;
use super::tail::Key;
use super::tally::preferences_url;
use crate::asset::{self, Asset, Part, SHARED};
use crate::category::Category;
use crate::consent::Consent;
use crate::gate::csp::{Allowance, PageMarks};
use crate::gate::html::Injection;
use crate::policy::{Locale, Policy};

/// What goes into a page of the app: the guard where something is denied, the
/// banner where something is to be asked, the settings link where it is wanted,
/// and the script. `next` is the path to come back to; `own` says that the page
/// brings its own banner.
pub(crate) fn injection(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    look: &Look,
    own: bool,
) -> Injection {
    let mut injection = Injection::default();
    // A site that declares nothing optional is spared the guard: known trackers in its markup are
    // blocked all the same, and only further classifiers make it expect any.
    let nothing_asked = consent.policy().asked().is_empty();
    if nothing_asked && !allowance.marks.verdicts {
        return injection;
    }
    let guards = is_guarded(consent, allowance, look);
    let tag = guard(consent, allowance, look, guards);
    if guards {
        injection.head_start = tag;
    } else {
        // It guards nothing and only adds the banner.
        injection.body_end = tag;
    }
    if nothing_asked || look.placement == BannerPlacement::Script {
        return injection;
    }
    let (consent, allowance, next) = (consent.clone(), allowance.clone(), next.to_owned());
    let look = look.clone();
    injection.due = Some(Arc::new(move |language| {
        // A page in a language that is not spoken here does not stop the visitor's own from being used.
        let locale = language.and_then(|tag| consent.policy().spoken().lookup(tag));
        let write = |next: &str| body(&consent, &allowance, next, &look, own, locale);
        match key(&consent, &allowance, &look, locale) {
            Some(key) => (
                String::new(),
                look.tails.end(key, &next, |next| write(next).1),
            ),
            None => write(&next),
        }
    }));
    injection
}

/// The key of what goes to a page's end; `None` where that holds anything for
/// one visitor or one response alone. `told` is the language of the page.
fn key(consent: &Consent, allowance: &Allowance, look: &Look, told: Option<Locale>) -> Option<Key> {
    let is_common = consent.permits_everything()
        && !consent.needs_banner()
        && !consent.is_for_everybody()
        && consent.notice().is_none()
        && consent.exempt_vendors().is_none()
        && allowance.script_nonce.is_empty()
        && allowance.style_nonce.is_empty();
    is_common.then(|| Key {
        policy: *consent.policy().digest(),
        look: look.digest(),
        marks: allowance.marks,
        inline_style: allowance.inline_style,
        is_us: consent.jurisdiction().is_us(),
        locale: told.unwrap_or(consent.locale()),
        told: told.is_some(),
    })
}

/// What goes to the start and the end of the body of a page in the language `locale`.
fn body(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    look: &Look,
    own: bool,
    locale: Option<Locale>,
) -> (String, String) {
    let policy = consent.policy();
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
        *banner += &style(policy, allowance, look, true);
        *banner += &section(consent, next, &address, look, "");
    }
    if look.settings_link {
        if !asks || own {
            end = style(policy, allowance, look, false);
        }
        end += &settings(consent, &address, look);
    }
    let footer = place::footer(consent, next, &address, look);
    if !footer.is_empty() {
        end += &rules(
            policy,
            allowance,
            [Part::Base, Part::Controls, Part::Duty, Part::Place].map(Part::rules),
        );
        end += &footer;
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
        .chain([&*asset::script().integrity, &*asset::wake().integrity])
        .collect()
}

/// Whether the page's scripts are watched: while something is denied that the
/// visitor was asked about, or that only the server can tell.
fn is_guarded(consent: &Consent, allowance: &Allowance, look: &Look) -> bool {
    look.guard != GuardMode::Off
        && !consent.permits_everything()
        && (allowance.marks.verdicts || !consent.grants_all_asked())
}

/// The guard's tag; empty where everything is granted, unless the page needs
/// it to add the banner. It blocks parsing, so that nothing acts before it.
fn guard(consent: &Consent, allowance: &Allowance, look: &Look, guards: bool) -> String {
    let policy = consent.policy();
    let asks = !policy.asked().is_empty();
    let builds = look.placement == BannerPlacement::Script && asks;
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
    let ahead = consent.ahead_vendor_ids();
    if guards && !ahead.is_empty() {
        let word = |(category, id): &(Category, &str)| format!("{category}:{id}");
        let ahead: Vec<String> = ahead.iter().map(word).collect();
        let _ = write!(tag, " data-tc-ahead=\"{}\"", Esc(&ahead.join(" ")));
    }
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
    section(consent, next, &address, &Look::default(), &sheet(policy))
}

/// The banner as every page has it, apart from the path to come back to and
/// from the boxes that are ticked: the text that a record names.
pub(crate) fn banner_text(consent: &Consent, look: &Look) -> String {
    let address = preferences_url(consent.policy(), "/", None);
    section(consent, "/", &address, look, "")
}

/// The banner and the settings link as a document of their own, for a script to take over.
pub(super) fn banner_page(consent: &Consent, next: &str, look: &Look) -> String {
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
        page += &section(consent, next, &address, look, "");
    }
    if look.settings_link {
        page += &settings(consent, &address, look);
    }
    page += &place::footer(consent, next, &address, look);
    page
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

/// What a page was made for: `?` while something is to be asked, the categories
/// that may run, with a `!` what may not within them, with a `+` the vendors
/// granted alone, each behind its category and a colon, with a `-` the categories
/// that this page never allows; `*` alone where the page is the same for everybody.
pub(super) fn state(consent: &Consent) -> String {
    let mut state: Vec<String> = Vec::new();
    if consent.needs_banner() {
        state.push("?".to_owned());
    }
    state.extend(consent.covered().iter().map(|covered| covered.to_string()));
    state.extend(consent.barred().iter().map(|barred| format!("!{barred}")));
    let alone = consent.alone_vendor_ids().into_iter();
    state.extend(alone.map(|(category, id)| format!("+{category}:{id}")));
    let never = consent.circumstances().never;
    state.extend(never.iter().map(|category| format!("-{category}")));
    if consent.is_for_everybody() {
        // The script asks.
        state.push("*".to_owned());
    }
    state.sort_unstable();
    state.join(" ")
}

/// Tells the script that the page has the rules which the preferences share.
const RULES: &str = " data-tc-rules";

/// The rules as the page lets them in: inline where it does, so that the
/// banner is there at first paint, else as a file.
fn style(policy: &Policy, allowance: &Allowance, look: &Look, banner: bool) -> String {
    if allowance.inline_style {
        let parts = look.parts(banner);
        let has_shared = SHARED.iter().all(|part| parts.contains(part));
        let mark = if has_shared { RULES } else { "" };
        let mut style = format!("<style{mark}{}>", Nonce(&allowance.style_nonce));
        for part in parts {
            style += part.rules();
        }
        if banner && look.template.is_some() {
            style += asset::OWN_MARKUP;
        }
        if look.settings_link {
            style += &slot_rule(policy);
        }
        style + "</style>"
    } else {
        sheet(policy)
    }
}

/// The same for rules of a kind of their own.
fn rules(policy: &Policy, allowance: &Allowance, rules: [&str; 4]) -> String {
    if allowance.inline_style {
        let nonce = Nonce(&allowance.style_nonce);
        format!("<style{RULES}{nonce}>{}</style>", rules.concat())
    } else {
        sheet(policy)
    }
}

fn sheet(policy: &Policy) -> String {
    marked_stylesheet(policy, asset::style(), RULES)
}

/// The tag that loads a stylesheet.
pub(super) fn stylesheet(policy: &Policy, asset: &Asset) -> String {
    marked_stylesheet(policy, asset, "")
}

/// The same with `mark`, an attribute behind a space.
fn marked_stylesheet(policy: &Policy, asset: &Asset, mark: &str) -> String {
    format!(
        "<link rel=\"stylesheet\" href=\"{}/assets/{}\" integrity=\"{}\"{mark}>",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build or parse fails the test")]
mod tests;
