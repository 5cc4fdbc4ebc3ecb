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
        "<div class=\"tc-bar tc-actions{}\">{}{}{}</div></form>",
        Long(texts),
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
         <div class=\"tc-actions{long}\">{open}>{hidden}{reject}{accept}</form>\
         <details><summary>{choose}</summary></details>\
         {open} class=\"tc-panel\">{hidden}<ul>{rows}</ul>{save}</form></div></section>",
        said = Esc(&texts.chosen_on),
        lang = Language(texts),
        title = Esc(&texts.title),
        body = Esc(&texts.body),
        details_url = Esc(&preferences_url(policy, next)),
        details = Esc(&texts.details),
        long = Long(texts),
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
    if category != Category::Necessary && !consent.allows(category) {
        // Tells the server that the boxes below were not unticked by the visitor.
        let _ = write!(
            items,
            "<input type=\"hidden\" name=\"fresh\" value=\"{category}\">"
        );
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

/// The script's tag. `data-tc-state` says what the page was made for: `?` while
/// something is to be asked, the granted categories, and with a `!` the vendors
/// refused within them.
fn script(consent: &Consent, nonce: &str) -> String {
    let policy = consent.policy();
    let asset = asset::script();
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

/// Marks controls whose words are too long for three in a row on a phone.
struct Long<'a>(&'a Texts);

impl fmt::Display for Long<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Texts {
            reject,
            accept,
            choose,
            save,
            ..
        } = self.0;
        let long = [reject, accept, choose, save]
            .iter()
            .flat_map(|label| label.split_whitespace())
            .any(|word| word.chars().count() > 8);
        f.write_str(if long { " tc-long" } else { "" })
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build or parse fails the test")]
mod tests {
    use super::*;
    use crate::choice::Choice;
    use crate::clock::Timestamp;
    use crate::consent::decide;
    use crate::cookie::Stored;
    use crate::keys::Keyring;
    use crate::policy::{PolicyBuilder, catalog};
    use crate::signal::Signals;
    use crate::token::TokenKeys;

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

    fn undecided(policy: &Policy) -> Consent {
        let keys = TokenKeys::derive(&Keyring::ephemeral().unwrap(), "");
        decide(policy, &keys, [Stored::Absent; 4], Signals::default(), NOW)
    }

    fn decided(policy: &Policy, choice: &Choice, signals: Signals) -> Consent {
        Consent::after(policy, &choice.grants(policy, signals, NOW), signals)
    }

    fn allowance(inline_style: bool, nonce: &str) -> Allowance {
        Allowance {
            inline_style,
            script_nonce: nonce.to_owned(),
            style_nonce: nonce.to_owned(),
        }
    }

    /// Every page and fragment for one policy, as a new visitor gets them.
    fn everything(policy: &Policy, next: &str) -> Vec<String> {
        let new = undecided(policy);
        let granted = decided(policy, &Choice::accept_all(), Signals { gpc: true });
        let mut all = vec![error(policy, StatusCode::BAD_REQUEST, HOSTILE)];
        for consent in [&new, &granted] {
            all.push(preferences(consent, next));
            all.push(banner_html(consent, next));
            for allowance in [
                allowance(true, ""),
                allowance(true, "abc"),
                allowance(false, "abc"),
            ] {
                let injection = injection(consent, &allowance, next, true);
                all.push(injection.body_start + &injection.body_end);
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
        for text in [
            &mut texts.title,
            &mut texts.body,
            &mut texts.choose,
            &mut texts.accept,
            &mut texts.reject,
            &mut texts.save,
            &mut texts.settings,
            &mut texts.details,
            &mut texts.privacy,
            &mut texts.analytics,
            &mut texts.analytics_body,
            &mut texts.provider,
            &mut texts.this_site,
            &mut texts.cookies,
            &mut texts.retention,
            &mut texts.provider_policy,
            &mut texts.own_cookies,
            &mut texts.always_on,
            &mut texts.undecided,
            &mut texts.chosen_on,
            &mut texts.gpc,
            &mut texts.back,
            &mut texts.language,
        ] {
            HOSTILE.clone_into(text);
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
        for html in [
            preferences(&undecided(&policy), "/"),
            banner_html(&undecided(&policy), "/"),
        ] {
            assert!(tags(&html, "checkbox").len() >= 2);
            assert!(tags(&html, "checked").is_empty(), "{html}");
        }
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
        assert!(html.contains("<time datetime=\"2026-09-01\">2026-09-01</time>"));
        assert!(!html.contains(&policy.texts().undecided));
        assert!(script(&consent, "").contains(" data-tc-state=\"!matomo analytics\""));
        assert!(script(&undecided(&policy), "").contains(" data-tc-state=\"?\""));
    }

    #[test]
    fn the_signal_is_told_only_where_it_was_sent() {
        let policy = shop().build().unwrap();
        let told = &policy.texts().gpc;
        for gpc in [true, false] {
            let html = preferences(
                &decided(&policy, &Choice::reject_all(), Signals { gpc }),
                "/",
            );
            assert_eq!(html.contains(&**told), gpc);
        }
    }

    // covers L15, L36
    #[test]
    fn rejecting_is_one_equal_button_and_comes_first() {
        let policy = shop().build().unwrap();
        for html in [
            banner_html(&undecided(&policy), "/"),
            preferences(&undecided(&policy), "/"),
        ] {
            let buttons = tags(&html, "button ");
            let plain: Vec<String> = buttons
                .iter()
                .map(|tag| {
                    tag.replace("reject", "*")
                        .replace("accept", "*")
                        .replace("save", "*")
                        .replace(" form=\"tc-all\"", "")
                })
                .collect();
            assert_eq!(buttons.len(), 3);
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
        let one_rule = ".tc button, .tc summary {";
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
        for html in [
            banner_html(&undecided(&policy), "/"),
            preferences(&undecided(&policy), "/"),
        ] {
            assert!(!tags(&html, "name=\"analytics\"").is_empty());
            assert!(tags(&html, "name=\"marketing\"").is_empty());
            assert!(tags(&html, "name=\"functional\"").is_empty());
            assert!(tags(&html, "name=\"necessary\"").is_empty());
            assert!(!html.contains(&policy.texts().privacy));
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
        let with = injection(&consent, &allowance(true, "abc"), "/", true);
        let all = with.body_start + &with.body_end;
        let nonced = tags(&all, "nonce");
        assert_eq!(nonced.len(), 2, "{nonced:?}");
        assert!(nonced.iter().all(|tag| tag.ends_with(" nonce=\"abc\"")));
        let without = injection(&consent, &allowance(true, ""), "/", true);
        assert!(!(without.body_start + &without.body_end).contains("nonce"));
        let strict = injection(&consent, &allowance(false, ""), "/", true);
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
        let asked = injection(&undecided(&policy), &open, "/a?b=c&d", true);
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
        let settled = injection(&rejected, &open, "/", true);
        assert!(settled.body_start.is_empty());
        assert!(
            settled.body_end.starts_with("<style>") && !settled.body_end.contains(".tc-banner {")
        );
        let bare = injection(&rejected, &open, "/", false);
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
                language: tag.to_owned(),
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
        "Alle akzeptieren".clone_into(&mut texts.accept);
        assert_eq!(Long(&texts).to_string(), " tc-long");
    }

    #[test]
    fn an_error_says_what_went_wrong_and_leads_back() {
        let html = error(
            &shop().build().unwrap(),
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
        let page = injection(&undecided(&policy), &allowance(true, ""), "/", true);
        assert!(page.body_start.len() + page.body_end.len() < 9_000);
        assert!(asset::script().text.len() < 10_000 && asset::style().text.len() < 9_500);
    }
}
