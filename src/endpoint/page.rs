//! What does the visitor see?
//!
//! The banner, the preferences page and the error page, as plain strings.
//! Every value is escaped. Nothing needs a script, an inline style or an
//! inline handler, so the page's own Content-Security-Policy can stay strict.
//!
//! Reject, accept and the third control are drawn by one rule, and reject
//! comes first: taking back is never harder than giving.

use std::fmt::{self, Write};
use std::sync::OnceLock;

use http::StatusCode;
use time::{Date, OffsetDateTime};

use crate::asset;
use crate::category::Category;
use crate::consent::Consent;
use crate::gate::csp::Allowance;
use crate::gate::html::Injection;
use crate::policy::catalog::Known;
use crate::policy::{Policy, SiteCookie, Texts, Vendor};

/// What goes into a page of the app: the banner where something is to be
/// asked, the settings link where it is wanted, and the script. `next` is the
/// path to come back to.
pub(crate) fn injection(
    consent: &Consent,
    allowance: &Allowance,
    next: &str,
    settings_link: bool,
) -> Injection {
    let mut injection = Injection::default();
    let asks = consent.needs_banner();
    if asks {
        injection.body_start = style(consent.policy(), allowance, asset::banner_rules());
        injection.body_start += &section(consent, next, "");
    }
    if settings_link {
        if !asks {
            injection.body_end = style(consent.policy(), allowance, asset::link_rules());
        }
        injection.body_end += &settings(consent.policy(), next);
    }
    injection.body_end += &script(consent, &allowance.script_nonce);
    injection
}

/// The banner alone, with its stylesheet, for a page that places it itself.
pub(crate) fn banner_html(consent: &Consent, next: &str) -> String {
    section(consent, next, &sheet(consent.policy()))
}

/// The whole preferences page.
pub(crate) fn preferences(consent: &Consent, next: &str) -> String {
    let policy = consent.policy();
    let texts = policy.texts();
    let mut main = format!(
        "<p><a href=\"{}\">{}</a></p><h1>{}</h1><p>{}</p>",
        Esc(next),
        Esc(&texts.back),
        Esc(&texts.title),
        Esc(&texts.body)
    );
    if !policy.privacy_url().is_empty() {
        let _ = write!(main, "<p>{}</p>", privacy_link(policy));
    }
    let _ = match consent.decided_at().and_then(|at| date(at.unix_seconds())) {
        Some(date) => write!(
            main,
            "<p class=\"tc-note\">{} <time datetime=\"{date}\">{date}</time></p>",
            Esc(&texts.chosen_on)
        ),
        None => write!(main, "<p class=\"tc-note\">{}</p>", Esc(&texts.undecided)),
    };
    if consent.gpc() {
        let _ = write!(main, "<p class=\"tc-note\">{}</p>", Esc(&texts.gpc));
    }
    // Two forms, so that the Enter key in a box saves what is ticked.
    let _ = write!(
        main,
        "{open} id=\"tc-all\">{hidden}</form>{open} id=\"tc-save\">{hidden}",
        open = Form(policy),
        hidden = Hidden(next, "preferences")
    );
    for category in Category::ALL {
        if category == Category::Necessary || policy.asked().contains(category) {
            main += &group(consent, category);
        }
    }
    let _ = write!(
        main,
        "<div class=\"tc-bar tc-actions\">{}{}{}</div></form>",
        Button("reject", &texts.reject, " form=\"tc-all\""),
        Button("accept", &texts.accept, " form=\"tc-all\""),
        Button("save", &texts.save, "")
    );
    page(policy, &texts.settings, &main, &script(consent, ""))
}

/// A page that says what went wrong.
pub(crate) fn error(policy: &Policy, status: StatusCode, message: &str) -> String {
    let title = status.to_string();
    let main = format!(
        "<h1 lang=\"en\">{}</h1><p lang=\"en\">{}</p><p><a href=\"{}\">{}</a></p>",
        Esc(&title),
        Esc(message),
        Esc(policy.prefix()),
        Esc(&policy.texts().settings)
    );
    page(policy, &title, &main, "")
}

fn page(policy: &Policy, title: &str, main: &str, script: &str) -> String {
    let texts = policy.texts();
    let site = match policy.site() {
        "" => String::new(),
        site => format!(" · {}", Esc(site)),
    };
    format!(
        "<!doctype html><html {lang}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}{site}</title>{sheet}{script}</head>\
         <body class=\"tc tc-page\" {lang}><main>{main}</main></body></html>",
        lang = Language(texts),
        title = Esc(title),
        sheet = sheet(policy),
    )
}

/// The banner. `style` goes inside.
fn section(consent: &Consent, next: &str, style: &str) -> String {
    let policy = consent.policy();
    let texts = policy.texts();
    let services = match service_count(policy) {
        0 => String::new(),
        count => format!(" ({count})"),
    };
    let privacy = match policy.privacy_url() {
        "" => String::new(),
        _ => privacy_link(policy),
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
         data-tc-said=\"{said}\" {lang}>{style}<h2 id=\"tc-title\">{title}</h2><p>{body}</p>\
         <p><a href=\"{details_url}\">{details}{services}</a>{privacy}</p>\
         <div class=\"tc-actions\">{open}>{hidden}{reject}{accept}</form>\
         <details><summary>{choose}</summary></details>\
         {open} class=\"tc-panel\">{hidden}<ul>{rows}</ul>{save}</form></div></section>",
        said = Esc(&texts.chosen_on),
        lang = Language(texts),
        title = Esc(&texts.title),
        body = Esc(&texts.body),
        details_url = Esc(&preferences_url(policy, next)),
        details = Esc(&texts.details),
        open = Form(policy),
        hidden = Hidden(next, "banner"),
        reject = Button("reject", &texts.reject, ""),
        accept = Button("accept", &texts.accept, ""),
        choose = Esc(&texts.choose),
        save = Button("save", &texts.save, ""),
    )
}

/// One category of the preferences page: its box, its site cookies, its vendors.
fn group(consent: &Consent, category: Category) -> String {
    let policy = consent.policy();
    let texts = policy.texts();
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
    let mut items = site_cookies(policy, category);
    for (_, vendor) in policy.vendors_of(category) {
        items += &entry(consent, vendor);
    }
    if !items.is_empty() {
        items = format!("<ul>{items}</ul>");
    }
    format!(
        "<section class=\"tc-group\"><div class=\"tc-row\">{head}</div>\
         <p id=\"tc-{category}-is\">{}</p>{items}</section>",
        Esc(purpose)
    )
}

/// The site's own cookies that stand and fall with `category`. What the
/// visitor asked for needs no consent, so it is listed as necessary.
fn site_cookies(policy: &Policy, category: Category) -> String {
    let of = |cookie: &&SiteCookie| {
        let exempt = !cookie.user_requested_reason().is_empty();
        category
            == if exempt {
                Category::Necessary
            } else {
                cookie.category()
            }
    };
    let texts = policy.texts();
    let mut rows = String::new();
    for cookie in policy.site_cookies().iter().filter(of) {
        let _ = write!(
            rows,
            "<dt><code>{}</code></dt><dd>{}",
            Esc(cookie.name()),
            Esc(cookie.purpose())
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
            Esc(cookie.retention())
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
    let texts = consent.policy().texts();
    let id = Esc(vendor.id());
    let head = if vendor.category() == Category::Necessary {
        format!("<div class=\"tc-row\"><b>{}</b></div>", Esc(vendor.name()))
    } else {
        format!(
            "<label class=\"tc-row\"><b>{}</b><input type=\"checkbox\" name=\"vendor\" value=\"{id}\"{}></label>\
             <input type=\"hidden\" name=\"offered\" value=\"{id}\">",
            Esc(vendor.name()),
            Checked(consent.allows_vendor(vendor.id()))
        )
    };
    let mut facts = String::new();
    let mut fact = |term: &str, what: &dyn fmt::Display| {
        let _ = write!(facts, "<dt>{}</dt><dd>{what}</dd>", Esc(term));
    };
    if vendor.is_first_party() {
        fact(&texts.provider, &Esc(&texts.this_site));
    } else if !vendor.provider().is_empty() {
        let mut provider = format!("{} ({})", Esc(vendor.provider()), Esc(vendor.country()));
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
    fact(&texts.retention, &Esc(vendor.retention()));
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
            Esc(vendor.name()),
            names.len()
        );
        for name in names {
            let _ = write!(more, "<li>{}</li>", Esc(name));
        }
        more += "</ul></details>";
    }
    format!(
        "<li>{head}<p>{}</p><dl>{facts}</dl>{more}</li>",
        Esc(vendor.purpose())
    )
}

fn settings(policy: &Policy, next: &str) -> String {
    let texts = policy.texts();
    format!(
        "<nav class=\"tc tc-link\" aria-label=\"{label}\" {lang}><a data-tc-settings href=\"{href}\">{label}</a></nav>",
        label = Esc(&texts.settings),
        lang = Language(texts),
        href = Esc(&preferences_url(policy, next)),
    )
}

/// The script's tag. `data-tc-state` says what the page was made for: the
/// granted categories, and with a `!` the vendors refused within them.
fn script(consent: &Consent, nonce: &str) -> String {
    let policy = consent.policy();
    let asset = asset::script();
    let mut state: Vec<String> = Vec::new();
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
    state.sort_unstable();
    format!(
        "<script src=\"{}/assets/{}\" defer integrity=\"{}\" data-tc-state=\"{}\"{}></script>",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity,
        Esc(&state.join(" ")),
        Nonce(nonce)
    )
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

fn sheet(policy: &Policy) -> String {
    let asset = asset::style();
    format!(
        "<link rel=\"stylesheet\" href=\"{}/assets/{}\" integrity=\"{}\">",
        Esc(policy.prefix()),
        asset.name,
        asset.integrity
    )
}

fn preferences_url(policy: &Policy, next: &str) -> String {
    let mut url = format!("{}?next=", policy.prefix());
    url.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    url
}

fn privacy_link(policy: &Policy) -> String {
    format!(
        "<a href=\"{}\">{}</a>",
        Esc(policy.privacy_url()),
        Esc(&policy.texts().privacy)
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

fn date(seconds: u64) -> Option<Date> {
    let seconds = i64::try_from(seconds).ok()?;
    Some(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
}

/// Text that is safe between tags and in a quoted attribute.
struct Esc<'a>(&'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((plain, found, after)) = next_special(rest) {
            f.write_str(plain)?;
            f.write_str(found)?;
            rest = after;
        }
        f.write_str(rest)
    }
}

/// The text before the next special character, what stands for it, and the text after it.
fn next_special(text: &str) -> Option<(&str, &'static str, &str)> {
    let at = text.find(['&', '<', '>', '"', '\''])?;
    let (plain, rest) = text.split_at_checked(at)?;
    let mut rest = rest.chars();
    let reference = match rest.next()? {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        _ => "&#39;",
    };
    Some((plain, reference, rest.as_str()))
}

struct Nonce<'a>(&'a str);

impl fmt::Display for Nonce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            nonce => write!(f, " nonce=\"{}\"", Esc(nonce)),
        }
    }
}

/// `lang` and `dir`.
struct Language<'a>(&'a Texts);

impl fmt::Display for Language<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = &self.0.language;
        let primary = tag
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let right_to_left =
            ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"].contains(&&*primary);
        let direction = if right_to_left { "rtl" } else { "ltr" };
        write!(f, "lang=\"{}\" dir=\"{direction}\"", Esc(tag))
    }
}

/// The start of a form's tag; whoever writes it closes it.
struct Form<'a>(&'a Policy);

impl fmt::Display for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<form method=\"post\" action=\"{}/choice\"",
            Esc(self.0.prefix())
        )
    }
}

/// The path to come back to, and where the choice is made.
struct Hidden<'a>(&'a str, &'static str);

impl fmt::Display for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<input type=\"hidden\" name=\"next\" value=\"{}\"><input type=\"hidden\" name=\"source\" value=\"{}\">",
            Esc(self.0),
            self.1
        )
    }
}

/// A button that makes a choice. All are drawn alike.
struct Button<'a>(&'static str, &'a str, &'static str);

impl fmt::Display for Button<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(choice, label, attributes) = self;
        write!(
            f,
            "<button name=\"choice\" value=\"{choice}\" data-tc-{choice}{attributes}>{}</button>",
            Esc(label)
        )
    }
}

/// A category's name and purpose.
struct Summary<'a>((&'a str, &'a str));

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, purpose) = self.0;
        write!(
            f,
            "<span><b>{}</b> <span>{}</span></span>",
            Esc(name),
            Esc(purpose)
        )
    }
}

struct Checked(bool);

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { " checked" } else { "" })
    }
}
