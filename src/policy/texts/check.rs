//! Do the words of a language hold together?

use super::keys::{ENGLISH, Texts};
use super::plural::forms;

/// What is wrong with the texts of one language: the field, and why.
pub(crate) fn faults(texts: &Texts) -> Vec<(&'static str, String)> {
    let pairs = ENGLISH.pairs().into_iter().zip(texts.pairs());
    let faults = pairs.filter_map(|((key, english), (_, text))| {
        Some((key, fault(key, english, text, &texts.language)?))
    });
    faults.collect()
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
