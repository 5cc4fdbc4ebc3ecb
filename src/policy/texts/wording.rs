//! Which languages and words did the site choose?
//!
//! Without a word of the site's own it speaks every built-in language. Where it
//! brings a whole set of texts, it speaks the languages of those alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde::{Deserialize, Deserializer};

use super::check::faults;
use super::keys::{ENGLISH, KEYS, Texts};
use super::languages;
use super::lookup::{accepted, is_tag, lookup};
use crate::policy::error::Problems;

/// One of a policy's languages; the default one by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Locale(u8);

/// The languages of a policy, the default one first.
#[derive(Debug)]
pub(crate) struct Languages {
    default: Cow<'static, Texts>,
    others: Vec<Cow<'static, Texts>>,
}

impl Languages {
    /// The words in one language.
    pub(crate) fn texts(&self, locale: Locale) -> &Texts {
        let other = usize::from(locale.0).checked_sub(1);
        let other = other.and_then(|other| self.others.get(other));
        other.unwrap_or(&self.default)
    }

    /// The tags of all languages.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(&self.default)
            .chain(&self.others)
            .map(|texts| &*texts.language)
    }

    /// The language for a reader of `tag`; none where another one has to do.
    pub(crate) fn lookup(&self, tag: &str) -> Option<Locale> {
        locale(lookup(tag, &self.tags())?)
    }

    /// The language that a request asks for first.
    pub(crate) fn accepted(&self, headers: &HeaderMap) -> Option<Locale> {
        if self.others.is_empty() {
            return None;
        }
        let header = headers.get(ACCEPT_LANGUAGE)?;
        locale(accepted(header.as_bytes(), &self.tags())?)
    }

    pub(crate) const fn is_one(&self) -> bool {
        self.others.is_empty()
    }
}

fn locale(position: usize) -> Option<Locale> {
    u8::try_from(position).ok().map(Locale)
}

impl Texts {
    /// The built-in texts in the language with this BCP 47 tag, such as `de` or
    /// `pt-BR`; `None` where there are none.
    #[must_use]
    pub fn of(language: &str) -> Option<Self> {
        built_in(language).cloned()
    }
}

fn built_in(language: &str) -> Option<&'static Texts> {
    languages::all().find(|texts| texts.language.eq_ignore_ascii_case(language))
}

/// What a site says about its languages and words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wording {
    /// Whole sets of texts, in the order in which they were given.
    whole: Vec<Texts>,
    /// Single texts: the language, the field, the text.
    single: Vec<[String; 3]>,
    /// The language of the texts in a file that name none.
    alone: Option<String>,
}

impl Wording {
    /// Takes a whole set.
    pub(crate) fn give(&mut self, texts: Texts) {
        self.whole
            .retain(|known| !known.language.eq_ignore_ascii_case(&texts.language));
        self.whole.push(texts);
    }

    /// Takes what `change` changes in one language.
    pub(crate) fn change(&mut self, language: &str, change: impl FnOnce(&mut Texts)) {
        let before = built_in(language).unwrap_or(&ENGLISH);
        let mut after = before.clone();
        change(&mut after);
        for ((key, before), (_, after)) in before.pairs().into_iter().zip(after.pairs()) {
            if before != after {
                self.say(language, key, after);
            }
        }
    }

    fn say(&mut self, language: &str, key: &str, text: &str) {
        self.single.push([language, key, text].map(str::to_owned));
    }

    /// Puts everything together. `only` are the languages that the site wants,
    /// and `default` is the one for whoever asks for none of them.
    pub(crate) fn build(
        self,
        only: &[String],
        default: Option<&str>,
        problems: &mut Problems,
    ) -> Languages {
        let wanted = self.wanted(only);
        let own = self.whole.first().map(|texts| &*texts.language);
        let own = self.alone.as_deref().or(own);
        let first = only.first().map(String::as_str).or(own);
        let default = default.or(first).unwrap_or(&ENGLISH.language).to_owned();
        let mut spoken: Vec<Cow<'static, Texts>> = Vec::new();
        for tag in wanted {
            let texts = self.texts(&tag, problems);
            if texts.language.eq_ignore_ascii_case(&default) {
                spoken.insert(0, texts);
            } else {
                spoken.push(texts);
            }
        }
        let speaks_default = spoken
            .first()
            .is_some_and(|texts| texts.language.eq_ignore_ascii_case(&default));
        if !speaks_default {
            problems.add(
                format!("the default language `{default}` is not one of the site's"),
                ".default_language(\"en\"), or add it to .languages([..])",
            );
        }
        if spoken.len() > usize::from(u8::MAX) {
            problems.add("more than 255 languages", ".languages([\"en\", \"de\"])");
        }
        let mut spoken = spoken.into_iter();
        Languages {
            default: spoken.next().unwrap_or(Cow::Borrowed(&ENGLISH)),
            others: spoken.collect(),
        }
    }

    /// The tags of the languages that the site speaks, each once.
    fn wanted(&self, only: &[String]) -> Vec<String> {
        let mentioned = self
            .whole
            .iter()
            .map(|texts| &*texts.language)
            .chain(self.alone.as_deref())
            .chain(self.single.iter().map(|[language, ..]| &**language));
        let restricted = !self.whole.is_empty() || self.alone.is_some();
        let all: Vec<&str> = match (only, restricted) {
            ([], false) => {
                let built_in = languages::all().map(|texts| &*texts.language);
                built_in.chain(mentioned).collect()
            }
            ([], true) => mentioned.collect(),
            (only, _) => only.iter().map(String::as_str).collect(),
        };
        let mut wanted: Vec<String> = Vec::new();
        for tag in all {
            if !wanted.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
                wanted.push(tag.to_owned());
            }
        }
        wanted
    }

    /// The words in one language, with the site's changes.
    fn texts(&self, tag: &str, problems: &mut Problems) -> Cow<'static, Texts> {
        if !is_tag(tag) {
            problems.add(
                format!("the language `{tag}` is not a BCP 47 tag"),
                "write it as in HTML: \"de\", \"pt-BR\", \"zh-Hant\"",
            );
        }
        let same = |other: &str| other.eq_ignore_ascii_case(tag);
        let whole = self.whole.iter().find(|texts| same(&texts.language));
        let single: Vec<(&str, &str)> = self
            .single
            .iter()
            .filter(|[language, ..]| same(language))
            .map(|[_, key, text]| (&**key, &**text))
            .collect();
        let mut texts = match (whole, built_in(tag)) {
            (Some(texts), _) => texts.clone(),
            (None, Some(texts)) if single.is_empty() => return Cow::Borrowed(texts),
            (None, Some(texts)) => texts.clone(),
            (None, None) => {
                let given = |key: &str| key == "language" || single.iter().any(|(k, _)| *k == key);
                let missing: Vec<&str> = KEYS.iter().copied().filter(|key| !given(key)).collect();
                // A file that gives texts without a table of their own gives what differs from English.
                if !missing.is_empty() && self.alone.as_deref() != Some(tag) {
                    problems.add(
                        format!("there are no built-in texts in `{tag}`, and some are not given"),
                        format!("add {} in `{tag}`", missing.join(", ")),
                    );
                }
                let mut texts = ENGLISH.clone();
                texts.language = Cow::Owned(tag.to_owned());
                texts
            }
        };
        for (key, text) in single {
            if key != "language" && !texts.set(key, text) {
                problems.add(
                    format!("there is no text called `{key}` (in `{tag}`)"),
                    format!("use one of: {}", KEYS.join(", ")),
                );
            }
        }
        for (key, why) in faults(&texts) {
            problems.add(
                format!("the text `{key}` in `{tag}` {why}"),
                format!("leave `{key}` at its default or write one"),
            );
        }
        Cow::Owned(texts)
    }
}

/// As a file has it: `[texts]` with texts in the site's only language, or a
/// table for each language, such as `[texts.de]`.
impl<'de> Deserialize<'de> for Wording {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a text, or a table of texts in one language")]
        enum Entry {
            Text(String),
            Language(BTreeMap<String, String>),
        }
        let mut wording = Self::default();
        let mut alone = BTreeMap::new();
        for (key, entry) in BTreeMap::<String, Entry>::deserialize(deserializer)? {
            match entry {
                Entry::Text(text) => {
                    alone.insert(key, text);
                }
                Entry::Language(texts) => {
                    for (name, text) in texts {
                        wording.say(&key, &name, &text);
                    }
                }
            }
        }
        if !alone.is_empty() {
            let language = alone.remove("language");
            let language = language.unwrap_or_else(|| ENGLISH.language.to_string());
            for (key, text) in alone {
                wording.say(&language, &key, &text);
            }
            wording.alone = Some(language);
        }
        Ok(wording)
    }
}
