//! Do the words of a language hold together?

use std::collections::BTreeMap;

use super::keys::{ENGLISH, Texts};
use super::lookup::is_tag;
use super::plural::forms;

/// What is wrong with the texts of one language: the field, and why.
pub(crate) fn faults(texts: &Texts) -> Vec<(&'static str, String)> {
    let pairs = ENGLISH.pairs().into_iter().zip(texts.pairs());
    let faults = pairs.filter_map(|((key, english), (_, text))| {
        Some((key, fault(key, english, text, &texts.language)?))
    });
    faults.collect()
}

/// Whether these texts in several languages can be told apart and read.
pub(crate) fn faults_of_purposes(purposes: &BTreeMap<String, String>) -> Option<String> {
    purposes.iter().find_map(|(language, text)| {
        if !is_tag(language) {
            Some(format!("the language `{language}` is not a BCP 47 tag"))
        } else if text.trim().is_empty() {
            Some(format!("its purpose in `{language}` is blank"))
        } else {
            None
        }
    })
}

fn fault(key: &str, english: &str, text: &str, language: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("is blank".to_owned());
    }
    let found = text.split('|').count();
    if key == "month_names" {
        return (found != 12).then(|| format!("has {found} names of months"));
    }
    if key == "date" {
        let any = text.contains("{m}") || text.contains("{month}");
        return missing("{d}{y}", text)
            .or_else(|| (!any).then(|| "lacks `{month}` or `{m}`".to_owned()));
    }
    if english.contains('|') {
        let wanted = forms(language);
        let last = text.split('|').next_back().unwrap_or_default();
        return missing(english, last).or_else(|| {
            (found != 1 && found != wanted)
                .then(|| format!("has {found} forms, and its language {wanted}"))
        });
    }
    missing(english, text)
}

/// The first placeholder of `from` that `text` lacks.
fn missing(from: &str, text: &str) -> Option<String> {
    let names = from.split('{').skip(1);
    let mut names = names.filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let lost = names.find(|name| !text.contains(&format!("{{{name}}}")))?;
    Some(format!("lacks `{{{lost}}}`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed look-up fails the test")]
mod tests {
    use super::*;
    use crate::policy::texts::languages;

    // covers T43
    #[test]
    fn every_built_in_language_holds_together() {
        for texts in languages::all() {
            assert_eq!(faults(texts), [], "{}", texts.language);
        }
    }

    // covers T43
    #[test]
    fn no_language_keeps_english_words_by_accident() {
        // These are the words in several languages.
        let same = ["cookies", "date", "marketing", "service"];
        for texts in languages::all().filter(|texts| texts.language != "en") {
            for ((key, english), (_, text)) in ENGLISH.pairs().into_iter().zip(texts.pairs()) {
                assert!(
                    english != text || same.contains(&key),
                    "{} keeps `{key}`: {text}",
                    texts.language
                );
            }
        }
    }

    /// How much room a text takes, in narrow letters.
    fn room(text: &str) -> usize {
        let wide = |c: char| {
            ('\u{1100}'..'\u{a4d0}').contains(&c) || ('\u{ac00}'..'\u{ff61}').contains(&c)
        };
        text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
    }

    // covers T43
    #[test]
    fn no_text_is_longer_than_the_layout_holds() {
        let labels = ["accept", "choose", "dismiss", "reject", "save"];
        let links = [
            "back",
            "close",
            "details",
            "object",
            "privacy",
            "settings",
            "us_settings",
        ];
        for texts in languages::all() {
            for (key, text) in texts.pairs() {
                let most = match key {
                    "month_names" => continue,
                    _ if labels.contains(&key) => 24,
                    "title" => 36,
                    _ if links.contains(&key) => 44,
                    _ => 260,
                };
                let room = room(text);
                assert!(
                    room <= most,
                    "{} `{key}` takes {room}: {text}",
                    texts.language
                );
                // Longer ones would not fit between the edges of a narrow phone.
                let longest = text
                    .split([' ', '\u{a0}', '-', '|', '/'])
                    .map(str::chars)
                    .map(Iterator::count)
                    .max();
                assert!(
                    room > text.chars().count() || longest <= Some(26),
                    "{} `{key}`: {text}",
                    texts.language
                );
            }
        }
    }

    // covers L15
    #[test]
    fn accepting_and_refusing_are_said_in_the_same_form() {
        // Their verbs ask for different cases of the same word.
        let cases = ["et", "is"];
        for texts in languages::all() {
            let words = |text: &str| text.split_whitespace().count();
            let (accept, reject) = (words(&texts.accept), words(&texts.reject));
            assert!(accept.abs_diff(reject) <= 1, "{}", texts.language);
            let (first, second) = (texts.accept.split(' '), texts.reject.split(' '));
            let shared = first
                .clone()
                .any(|word| second.clone().any(|other| word == other));
            let chinese = texts.accept.chars().next() == texts.reject.chars().next();
            assert!(
                shared || chinese || cases.contains(&&*texts.language),
                "{}",
                texts.language
            );
        }
    }

    #[test]
    fn what_a_text_lacks_is_found() {
        for (key, text, why) in [
            ("load", "Laden", "lacks `{name}`"),
            ("days", "{n} Tag|Tage", "lacks `{n}`"),
            ("days", "{n}|{n}|{n}", "has 3 forms, and its language 2"),
            ("month_names", "Januar", "has 1 names of months"),
            ("date", "{d}. {y}", "lacks `{month}` or `{m}`"),
            ("date", "{month} {y}", "lacks `{d}`"),
            ("title", " ", "is blank"),
        ] {
            let mut german = Texts::of("de").unwrap();
            german.set(key, text);
            assert_eq!(faults(&german), [(key, why.to_owned())]);
        }
    }
}
