//! What does the site's privacy policy say about cookies and services?
//!
//! What the policy declares, written out for people: the same registry that the
//! gate goes by, so that what is said and what is done cannot drift apart.
//! [`content`] puts it together, [`html`] and [`markdown`] write it down.

mod block;
mod content;
mod html;
mod markdown;

use std::fmt;

use block::Source;

use crate::policy::Policy;

/// The part of a privacy policy that follows from the declaration: the day from
/// which the newest [version](crate::PolicyVersion) applies, every
/// service and cookie with its purpose, provider, country and duration, the
/// recipients, what the browser's signals do, who is responsible and how long
/// choices and their records are kept.
///
/// [`Policy::text`] makes one. Both forms are fragments for a page of the
/// site's own. They are as complete as the declaration, and no legal advice:
/// what else belongs into a policy, such as the legal bases, the visitors'
/// rights and the supervisory authority, stands around them.
///
/// ```
/// use tower_consent::{Policy, catalog};
///
/// let policy = Policy::builder("2026-09-01").vendor(catalog::google_analytics()).build()?;
/// let page = format!("<h1>Privacy</h1>{}", policy.text("en").html());
/// assert!(page.contains("Google Ireland Limited") && page.contains("up to 2 years"));
/// let japanese = policy.text("ja").markdown();
/// assert!(japanese.contains("アイルランド"));
/// # Ok::<(), tower_consent::PolicyError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PolicyText<'a>(Source<'a>);

impl Policy {
    /// What this policy declares, written out in the language with this BCP 47
    /// tag, such as `"ja"` or `"pt-BR"`. Where the policy does not speak it, in
    /// its default language; [`languages`](Self::languages) lists what it speaks.
    #[must_use]
    pub fn text(&self, language: &str) -> PolicyText<'_> {
        let locale = self.spoken().lookup(language).unwrap_or_default();
        let texts = self.texts(locale);
        PolicyText(Source {
            policy: self,
            texts,
            level: 2,
            transmission: texts.language.eq_ignore_ascii_case("ja"),
        })
    }
}

impl PolicyText<'_> {
    /// The level of its headings, 1 to 5; those of the categories are one lower. Default: 2.
    #[must_use]
    pub fn with_heading_level(mut self, level: u8) -> Self {
        self.0.level = level.clamp(1, 5);
        self
    }

    /// Whether it ends with the list that Japan's Telecommunications Business
    /// Act asks for (external transmission): what is sent, to whom, what for.
    /// Default: in Japanese alone.
    #[must_use]
    pub const fn with_transmission_list(mut self, list: bool) -> Self {
        self.0.transmission = list;
        self
    }

    /// The language that it is written in, as a BCP 47 tag.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.0.texts.language
    }

    /// As one `<section>` of headings, paragraphs and tables, with `lang` and
    /// `dir`, everything escaped, and without styles or scripts. Its classes
    /// are `tc-policy`, and `tc-policy-table` around each table, which is wide.
    #[must_use]
    pub fn html(&self) -> String {
        html::write(&self.0)
    }

    /// As Markdown, with tables as GitHub's flavour has them.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::write(&self.0)
    }
}

impl fmt::Debug for PolicyText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyText")
            .field("policy", self.0.policy)
            .field("language", &self.0.texts.language)
            .finish_non_exhaustive()
    }
}
