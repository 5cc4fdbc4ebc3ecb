//! May a site write all of the banner's markup itself?
//!
//! It may, with a function that is given the words and addresses. What it
//! writes is checked once for every language, when the layer is built: a banner
//! without a way to refuse must not reach a visitor.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::banner::preferences_url;
use super::markup::{Hidden, direction};
use crate::category::Category;
use crate::policy::{Policy, Texts};

/// What a template writes the banner with. See
/// [`with_banner_template`](crate::ConsentLayer::with_banner_template).
///
/// Texts and addresses are plain: a template escapes them like everything else
/// that it writes. [`hidden`](Self::hidden) alone is markup.
#[derive(Clone, Copy)]
pub struct BannerParts<'a> {
    policy: &'a Policy,
    texts: &'a Texts,
    next: &'a str,
    preferences: &'a str,
}

impl<'a> BannerParts<'a> {
    pub(super) const fn new(
        policy: &'a Policy,
        texts: &'a Texts,
        next: &'a str,
        preferences: &'a str,
    ) -> Self {
        Self {
            policy,
            texts,
            next,
            preferences,
        }
    }

    /// The words in the visitor's language, [`Texts::language`] among them for `lang`.
    #[must_use]
    pub const fn texts(&self) -> &'a Texts {
        self.texts
    }

    /// The direction of that language for `dir`: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        direction(self.texts)
    }

    /// Where the form posts to, for `action`.
    #[must_use]
    pub fn action(&self) -> String {
        format!("{}/choice", self.policy.prefix())
    }

    /// The form's hidden fields, as markup.
    #[must_use]
    pub fn hidden(&self) -> String {
        Hidden(self.next, "banner", &self.texts.language).to_string()
    }

    /// The address of the preferences.
    #[must_use]
    pub const fn preferences(&self) -> &'a str {
        self.preferences
    }

    /// The address of the site's privacy policy; empty where the policy names none.
    #[must_use]
    pub fn privacy_url(&self) -> &'a str {
        self.policy.privacy_url()
    }

    /// What the visitor is asked about.
    pub fn categories(&self) -> impl Iterator<Item = Category> + 'a {
        let asked = self.policy.asked();
        Category::ALL
            .into_iter()
            .filter(move |category| asked.contains(*category))
    }

    /// How many services these categories have.
    #[must_use]
    pub fn services(&self) -> usize {
        super::banner::service_count(self.policy, Category::OPTIONAL)
    }
}

impl fmt::Debug for BannerParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BannerParts")
            .field("language", &self.texts.language)
            .finish_non_exhaustive()
    }
}

type Write = dyn Fn(&BannerParts<'_>) -> String + Send + Sync;

/// A site's own banner.
#[derive(Clone)]
pub(crate) struct Template(Arc<Write>);

impl Template {
    /// Takes a template over if what it writes has everything that a banner needs, in every language.
    pub(crate) fn checked(
        policy: &Policy,
        write: impl Fn(&BannerParts<'_>) -> String + Send + Sync + 'static,
    ) -> Result<Self, TemplateError> {
        let mut problems = Vec::new();
        let spoken = policy.spoken();
        for locale in spoken.tags().filter_map(|tag| spoken.lookup(tag)) {
            let texts = policy.texts(locale);
            let preferences = preferences_url(policy, "/", Some(&texts.language));
            let parts = BannerParts::new(policy, texts, "/", &preferences);
            for problem in missing(policy, &write(&parts)) {
                problems.push(format!("{}: {problem}", texts.language));
            }
        }
        if problems.is_empty() {
            Ok(Self(Arc::new(write)))
        } else {
            Err(TemplateError { problems })
        }
    }

    pub(super) fn write(&self, parts: &BannerParts<'_>) -> String {
        (self.0)(parts)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template")
    }
}

/// Why a template was turned down. Names everything that its markup lacks, by language.
#[derive(Debug)]
pub struct TemplateError {
    problems: Vec<String>,
}

impl TemplateError {
    /// One sentence for each problem, behind the language in which it shows.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the banner's template lacks something: {}",
            self.problems.join("; ")
        )
    }
}

impl std::error::Error for TemplateError {}

/// What was found in a template's markup.
#[derive(Debug, Default)]
struct Found {
    banners: usize,
    forms: usize,
    next: usize,
    links: usize,
    /// `choice` buttons in their order: value, tag and class, whether they can be pressed.
    buttons: Vec<(String, String, bool)>,
    alive: Vec<String>,
    ticked: bool,
}

fn missing(policy: &Policy, html: &str) -> Vec<String> {
    let found = RefCell::new(Found::default());
    let (action, prefix) = (format!("{}/choice", policy.prefix()), policy.prefix());
    let of =
        |element: &Element<'_, '_>, name: &str| element.get_attribute(name).unwrap_or_default();
    let handlers = vec![
        element!("[data-tc-banner]", |_| {
            found.borrow_mut().banners += 1;
            Ok(())
        }),
        element!("[data-tc-banner] form", |form| {
            if of(form, "method").eq_ignore_ascii_case("post") && of(form, "action") == action {
                found.borrow_mut().forms += 1;
            }
            Ok(())
        }),
        element!("[data-tc-banner] form input[name=next]", |_| {
            found.borrow_mut().next += 1;
            Ok(())
        }),
        element!("[data-tc-banner] a[href]", |link| {
            let href = of(link, "href");
            let rest = href.strip_prefix(prefix);
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('?')) {
                found.borrow_mut().links += 1;
            }
            Ok(())
        }),
        element!("[data-tc-banner] form button[name=choice]", |button| {
            let kind = of(button, "type");
            let works = (kind.is_empty() || kind.eq_ignore_ascii_case("submit"))
                && !["disabled", "hidden", "inert", "formaction", "formmethod"]
                    .iter()
                    .any(|name| button.has_attribute(name));
            let look = format!("{} {}", of(button, "class"), of(button, "style"));
            found
                .borrow_mut()
                .buttons
                .push((of(button, "value"), look, works));
            Ok(())
        }),
        element!("*", |element| {
            let mut found = found.borrow_mut();
            let handlers = element
                .attributes()
                .iter()
                .any(|attribute| attribute.name().starts_with("on"));
            if handlers || element.tag_name() == "script" {
                found.alive.push(element.tag_name());
            }
            found.ticked |= element.has_attribute("checked");
            Ok(())
        }),
    ];
    let settings = handlers
        .into_iter()
        .fold(RewriteStrSettings::new(), |settings, handler| {
            settings.append_element_content_handler(handler)
        });
    let read = rewrite_str(html, settings);
    let found = found.into_inner();
    let mut problems = Vec::new();
    let mut need = |holds: bool, what: String| {
        if !holds {
            problems.push(what);
        }
    };
    need(read.is_ok(), "markup that can be read".to_owned());
    need(
        found.banners == 1,
        "one element with `data-tc-banner` around everything".to_owned(),
    );
    need(
        found.forms > 0,
        format!("a `<form method=\"post\" action=\"{action}\">`"),
    );
    need(
        found.next > 0,
        "the form's hidden fields (`BannerParts::hidden`)".to_owned(),
    );
    need(
        found.links > 0,
        format!("a link to the preferences at {prefix}"),
    );
    let button = |value: &str| {
        let at = found
            .buttons
            .iter()
            .position(|(of, _, works)| of == value && *works);
        at.and_then(|at| Some((at, found.buttons.get(at)?)))
    };
    match (button("reject"), button("accept")) {
        (Some((first, reject)), Some((second, accept))) => {
            need(
                first < second,
                "the button that refuses before the one that grants".to_owned(),
            );
            need(
                reject.1 == accept.1,
                "the same class on both buttons, so that neither stands out".to_owned(),
            );
        }
        (reject, accept) => {
            for (there, value) in [(reject, "reject"), (accept, "accept")] {
                need(
                    there.is_some(),
                    format!(
                        "a `<button name=\"choice\" value=\"{value}\">` in the form that can be pressed"
                    ),
                );
            }
        }
    }
    need(!found.ticked, "boxes that nobody has ticked yet".to_owned());
    need(
        found.alive.is_empty(),
        "markup without scripts and `on…` attributes".to_owned(),
    );
    problems
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;
    use crate::policy::Locale;

    fn policy() -> Policy {
        let vendor = crate::policy::catalog::google_analytics();
        Policy::builder("1").vendor(vendor).build().unwrap()
    }

    fn good(parts: &BannerParts<'_>) -> String {
        format!(
            "<aside data-tc-banner lang=\"{}\" dir=\"{}\"><form method=\"post\" action=\"{}\">{}\
             <button name=\"choice\" value=\"reject\" class=\"b\">{}</button>\
             <button name=\"choice\" value=\"accept\" class=\"b\">{}</button></form>\
             <a href=\"{}\">{} {}</a></aside>",
            parts.texts().language,
            parts.direction(),
            parts.action(),
            parts.hidden(),
            parts.texts().reject,
            parts.texts().accept,
            parts.preferences().replace('&', "&amp;"),
            parts.texts().choose,
            parts.services(),
        )
    }

    // covers L15
    #[test]
    fn a_banner_with_everything_is_taken_and_each_lack_is_named() {
        let policy = policy();
        let template = Template::checked(&policy, good).unwrap();
        let texts = policy.texts(Locale::default());
        let parts = BannerParts::new(&policy, texts, "/a?b", "/_consent?next=%2Fa");
        assert!(template.write(&parts).contains("value=\"/a?b\""));
        assert_eq!(
            parts.categories().collect::<Vec<_>>(),
            [Category::Analytics]
        );

        for (from, to, named) in [
            ("data-tc-banner", "data-banner", "data-tc-banner"),
            ("method=\"post\"", "method=\"get\"", "<form"),
            ("/_consent/choice", "/elsewhere", "<form"),
            ("name=\"next\"", "name=\"other\"", "hidden"),
            ("value=\"reject\"", "value=\"no\"", "value=\"reject\""),
            (
                "value=\"accept\"",
                "value=\"accept\" disabled",
                "value=\"accept\"",
            ),
            (
                "value=\"reject\" class=\"b\"",
                "value=\"reject\" class=\"faint\"",
                "class",
            ),
            ("href=\"/_consent?", "href=\"/elsewhere?", "preferences"),
            ("<a ", "<input type=\"checkbox\" checked><a ", "ticked"),
            ("<a ", "<a onclick=\"x()\" ", "on…"),
            ("<a ", "<script>x()</script><a ", "scripts"),
        ] {
            let error =
                Template::checked(&policy, move |parts| good(parts).replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(named), "{from}: {error}");
            assert!(
                error
                    .problems()
                    .iter()
                    .any(|problem| problem.starts_with("en: ")),
                "{error}"
            );
        }
        let swapped = |parts: &BannerParts<'_>| {
            let html = good(parts)
                .replace("\"reject\"", "\"x\"")
                .replace("\"accept\"", "\"reject\"");
            html.replace("\"x\"", "\"accept\"")
        };
        let error = Template::checked(&policy, swapped).unwrap_err();
        assert!(error.to_string().contains("before"), "{error}");
    }
}
