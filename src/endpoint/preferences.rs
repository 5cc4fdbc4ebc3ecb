//! What does the visitor see who wants to know everything?
//!
//! The preferences page lists every category, service and cookie with the
//! present choice, and the error page says what went wrong.

use std::fmt::{self, Write};

use http::StatusCode;

use super::banner::{privacy_link, services};
use super::look::ColorScheme;
use super::markup::{Button, Checked, Esc, Form, Hidden, Language, Long, Told};
use super::page::{script, stylesheet};
use super::place;
use super::scheme::Scheme;
use crate::asset;
use crate::category::Category;
use crate::consent::Consent;
use crate::cookie::Naming;
use crate::gate::csp::PageMarks;
use crate::policy::catalog::Known;
use crate::policy::{Policy, SiteCookie, Texts, Vendor, day_at};
use crate::standing::State;

const SECONDS_PER_DAY: u64 = 86_400;

/// The cookies that hold the choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChoiceCookies {
    pub(crate) naming: Naming,
    /// Whether one of them names the visitor's record.
    pub(crate) recorded: bool,
}

impl ChoiceCookies {
    pub(crate) const fn new(naming: Naming, recorded: bool) -> Self {
        Self { naming, recorded }
    }
}

/// What the preferences are fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PreferencesForm {
    Page,
    /// For the script to show in a page; `has_shared` says that it has the rules
    /// which the preferences share with the banner.
    Dialog {
        has_shared: bool,
    },
}

/// How the bar with the answers begins, the last of the page.
pub(super) const BAR: &str = "<div class=\"tc-bar\">";

/// The whole preferences page, or what of it the script shows in a dialog.
pub(crate) fn preferences(
    consent: &Consent,
    own: ChoiceCookies,
    next: &str,
    scheme: ColorScheme,
    form: PreferencesForm,
) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    let mut main = format!(
        "<header class=\"tc-head\"><a class=\"tc-back\" href=\"{}\">{back}</a>\
         <h1 id=\"tc-heading\" tabindex=\"-1\">{}</h1>\
         <button type=\"button\" class=\"tc-close\" aria-label=\"{back}\" hidden>\u{d7}</button></header><p>{}</p>",
        Esc(next),
        Esc(&texts.title),
        Esc(&texts.body),
        back = Esc(&texts.back),
    );
    if !policy.privacy_url().is_empty() {
        let _ = write!(main, "<p>{}</p>", privacy_link(policy, texts));
    }
    main += &standing(consent);
    main += &place::preferences(consent, next);
    // Two forms, so that the Enter key in a box saves what is ticked. Their buttons stand behind
    // both, at the end: only so do they stick to the lower edge wherever the visitor is.
    let _ = write!(
        main,
        "{open} id=\"tc-all\">{hidden}{told}</form>{open} id=\"tc-save\">{hidden}{told}",
        open = Form(policy),
        hidden = Hidden(next, "preferences", &texts.language),
        told = place::told(consent),
    );
    for category in Category::ALL {
        if category == Category::Necessary || policy.asked().contains(category) {
            main += &group(consent, own, category);
        }
    }
    main += "</form>";
    if !policy.asked().is_empty() {
        let _ = write!(
            main,
            "{BAR}<div class=\"tc-actions{}\">{}{}{}</div></div>",
            Long(texts),
            Button("reject", &texts.reject, " form=\"tc-all\""),
            Button("accept", &texts.accept, " form=\"tc-all\""),
            Button("save", &texts.save, " form=\"tc-save\"")
        );
    }
    match form {
        PreferencesForm::Page => page(
            policy,
            scheme,
            texts,
            &texts.settings,
            &main,
            &script(consent, "", PageMarks::default()),
        ),
        PreferencesForm::Dialog { has_shared } => {
            let shared = match has_shared {
                true => String::new(),
                false => stylesheet(policy, asset::shared_style()),
            };
            format!(
                "<!doctype html><html {lang}{scheme}>{shared}{rules}<main class=\"tc-sheet\">{main}</main>",
                lang = Language(texts),
                scheme = Scheme(scheme),
                rules = stylesheet(policy, asset::preferences_style()),
            )
        }
    }
}

/// Where the visitor stands: what was chosen when, and what the browser asks for.
fn standing(consent: &Consent) -> String {
    let texts = consent.texts();
    let chosen = consent
        .decided_at()
        .and_then(|at| day_at(at.unix_seconds()));
    let mut notes = match chosen {
        Some(date) => format!(
            "<p class=\"tc-note\">{}</p>",
            Esc(&texts.chosen_on).to_string().replace(
                "{date}",
                &format!("<time datetime=\"{date}\">{}</time>", Esc(&texts.day(date)))
            )
        ),
        // Some places let things run without a choice, and an embed may have been loaded alone.
        None if !consent.covered().is_empty() || !consent.alone_vendor_ids().is_empty() => {
            String::new()
        }
        // There is nothing to choose.
        None if consent.policy().asked().is_empty() => String::new(),
        None => format!("<p class=\"tc-note\">{}</p>", Esc(&texts.undecided)),
    };
    if consent.gpc() {
        let _ = write!(notes, "<p class=\"tc-note\">{}</p>", Esc(&texts.gpc));
    }
    notes
}

/// A page that says what went wrong.
pub(crate) fn error(policy: &Policy, texts: &Texts, status: StatusCode, message: &str) -> String {
    let said = match status {
        StatusCode::NOT_FOUND => &*texts.not_found,
        StatusCode::BAD_GATEWAY => &texts.page_blocked,
        StatusCode::SERVICE_UNAVAILABLE => &texts.not_stored,
        StatusCode::GATEWAY_TIMEOUT => &texts.history_unavailable,
        StatusCode::BAD_REQUEST
        | StatusCode::FORBIDDEN
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => &texts.not_saved,
        _ => "",
    };
    let main = format!(
        "<h1>{}</h1><p>{}</p><p><a href=\"{}\">{}</a></p>\
         <p lang=\"en\" dir=\"ltr\"><small>{}: {}</small></p>",
        Esc(&texts.error),
        Esc(said),
        Esc(policy.prefix()),
        Esc(&texts.settings),
        Esc(&status.to_string()),
        Esc(message)
    );
    page(policy, ColorScheme::Auto, texts, &texts.error, &main, "")
}

fn page(
    policy: &Policy,
    scheme: ColorScheme,
    texts: &Texts,
    title: &str,
    main: &str,
    script: &str,
) -> String {
    let site = match policy.site() {
        "" => String::new(),
        site => format!(" · {}", Esc(site)),
    };
    format!(
        "<!doctype html><html {lang}{scheme}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"{known}\">\
         <title>{title}{site}</title>{shared}{sheet}{script}</head>\
         <body class=\"tc tc-page\" {lang}><main class=\"tc-sheet\">{main}</main></body></html>",
        lang = Language(texts),
        scheme = Scheme(scheme),
        known = match scheme {
            ColorScheme::Auto => "light dark",
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        },
        title = Esc(title),
        shared = stylesheet(policy, asset::shared_style()),
        sheet = stylesheet(policy, asset::preferences_style()),
    )
}

/// One category of the preferences page: its box, its site cookies, its vendors.
fn group(consent: &Consent, own: ChoiceCookies, category: Category) -> String {
    let policy = consent.policy();
    let texts = consent.texts();
    let (name, purpose) = texts.category(category);
    let head = if category == Category::Necessary {
        format!(
            "<h2>{}</h2><small>{}</small>",
            Esc(name),
            Esc(&texts.always_on)
        )
    } else {
        format!(
            "<h2><label for=\"tc-{category}\">{}</label></h2>\
             <input type=\"checkbox\" id=\"tc-{category}\" name=\"{category}\" \
             aria-describedby=\"tc-{category}-is\"{}>",
            Esc(name),
            Checked(consent.allows(category))
        )
    };
    let mut items = site_cookies(policy, texts, own, category);
    for (_, vendor) in policy.vendors_of(category) {
        items += &entry(consent, vendor);
    }
    if !items.is_empty() {
        // Open where a service stands otherwise than its category, so that the page shows how things are.
        let mixed = policy
            .vendors_of(category)
            .any(|(_, vendor)| consent.allows_vendor(vendor.id()) != consent.allows(category));
        items = format!(
            "<details{}><summary>{}{}</summary><ul>{items}</ul></details>",
            if mixed { " open" } else { "" },
            Esc(&texts.services),
            services(policy, [category]),
        );
    }
    if category != Category::Necessary && !consent.allows(category) {
        // Tells the server that the boxes below were not unticked by the visitor.
        let _ = write!(
            items,
            "<input type=\"hidden\" name=\"fresh\" value=\"{category}\">"
        );
    }
    format!(
        "<section class=\"tc-group\"><div class=\"tc-row\">{head}</div>\
         <p id=\"tc-{category}-is\">{}</p>{exempt}{items}</section>",
        Esc(purpose),
        exempt = place::exempt(consent, category),
    )
}

/// The site's own cookies that stand and fall with `category`. What the
/// visitor asked for needs no consent, so it is listed as necessary, and so are
/// the cookies that hold the choice.
fn site_cookies(policy: &Policy, texts: &Texts, own: ChoiceCookies, category: Category) -> String {
    let of = |cookie: &&SiteCookie| {
        let exempt = !cookie.user_requested_reason().is_empty();
        category
            == if exempt {
                Category::Necessary
            } else {
                cookie.category()
            }
    };
    let mut rows = String::new();
    for cookie in policy.site_cookies().iter().filter(of) {
        let _ = write!(
            rows,
            "<dt><code>{}</code></dt><dd>{}",
            Esc(cookie.name()),
            Told(texts.cookie_purpose(cookie))
        );
        for reason in [
            cookie.user_requested_reason(),
            cookie.overrides_catalog.as_str(),
        ] {
            if !reason.is_empty() {
                let _ = write!(rows, "<br>{}", Esc(reason));
            }
        }
        let _ = write!(
            rows,
            "<br><span>{}: {}</span></dd>",
            Esc(&texts.retention),
            Esc(&texts.retention(cookie.retention()))
        );
    }
    // Where nothing is asked, no choice is stored.
    if category == Category::Necessary && !policy.asked().is_empty() {
        for category in Category::ALL {
            let _ = write!(
                rows,
                "<dt><code>{}</code></dt>",
                Esc(&own.naming.name(category))
            );
        }
        let _ = write!(
            rows,
            "<dd>{}<br><span>{}: {}</span></dd>",
            Esc(texts.on_choice_cookies(own.recorded)),
            Esc(&texts.retention),
            Esc(&texts.count(&texts.days, policy.lifetime_seconds() / SECONDS_PER_DAY))
        );
    }
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<li><div class=\"tc-row\"><b>{}</b></div><dl>{rows}</dl></li>",
        Esc(&texts.own_cookies)
    )
}

/// One vendor of the preferences page.
fn entry(consent: &Consent, vendor: &Vendor) -> String {
    let texts = consent.texts();
    let id = Esc(vendor.id());
    let head = if vendor.category() == Category::Necessary {
        format!(
            "<div class=\"tc-row\"><b>{}</b></div>",
            Told(texts.name(vendor))
        )
    } else {
        let allowed = consent.allows_vendor(vendor.id());
        let chosen = consent.vendor_state(vendor.id()) == State::Granted;
        let loaded = if chosen && !consent.allows(vendor.category()) {
            // Tells the server that it was ticked alone.
            format!("<input type=\"hidden\" name=\"loaded\" value=\"{id}\">")
        } else {
            String::new()
        };
        format!(
            "<label class=\"tc-row\"><b>{}</b><input type=\"checkbox\" name=\"vendor\" value=\"{id}\"{}></label>\
             <input type=\"hidden\" name=\"offered\" value=\"{id}\">{loaded}",
            Told(texts.name(vendor)),
            Checked(allowed)
        )
    };
    let mut facts = String::new();
    let mut fact = |term: &str, what: &dyn fmt::Display| {
        let _ = write!(facts, "<dt>{}</dt><dd>{what}</dd>", Esc(term));
    };
    if vendor.is_first_party() {
        fact(&texts.provider, &Esc(&texts.this_site));
    } else if !vendor.provider().is_empty() {
        let mut provider = format!(
            "{} ({})",
            Esc(vendor.provider()),
            Esc(texts.country(vendor.country()))
        );
        if !vendor.policy_url().is_empty() {
            let _ = write!(
                provider,
                "<br><a href=\"{}\" rel=\"noreferrer\">{}</a>",
                Esc(vendor.policy_url()),
                Esc(&texts.provider_policy)
            );
        }
        fact(&texts.provider, &provider);
    }
    fact(&texts.retention, &Esc(&texts.retention(vendor.retention())));
    let cookies: Vec<String> = vendor
        .cookie_patterns()
        .map(|name| format!("<code>{}</code>", Esc(name)))
        .collect();
    if !cookies.is_empty() {
        fact(&texts.cookies, &cookies.join(", "));
    }
    let mut more = String::new();
    if !vendor.overrides_catalog.is_empty() {
        let _ = write!(more, "<p>{}</p>", Esc(&vendor.overrides_catalog));
    }
    if vendor.umbrella {
        let names = Known::get().names(vendor.category());
        let _ = write!(
            more,
            "<details><summary>{} ({})</summary><ul>",
            Told(texts.name(vendor)),
            names.len()
        );
        for name in names {
            let _ = write!(more, "<li>{}</li>", Esc(name));
        }
        more += "</ul></details>";
    }
    format!(
        "<li>{head}<p>{}</p><dl>{facts}</dl>{more}</li>",
        Told(texts.purpose(vendor))
    )
}
