//! What is a country called?
//!
//! Names from the Unicode CLDR, version 47, whose data is under the Unicode
//! License v3: every country in English and Japanese, and in the other
//! languages those that services and their servers are usually in.

use super::keys::{ENGLISH, Texts};

/// A line for each language: its tag, a tab, and `code=name` with `|` between.
const NAMES: &str = include_str!("data/countries.tsv");

impl Texts {
    /// The name of a country by its two letters: in this language, else in
    /// English, else the letters.
    pub(crate) fn country<'a>(&self, code: &'a str) -> &'a str {
        name(&self.language, code)
            .or_else(|| name(&ENGLISH.language, code))
            .unwrap_or(code)
    }
}

fn name(language: &str, code: &str) -> Option<&'static str> {
    let line = NAMES
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(tag, _)| tag.eq_ignore_ascii_case(language))?;
    let entry = |entry: &'static str| entry.strip_prefix(code)?.strip_prefix('=');
    line.1.split('|').find_map(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed look-up fails the test")]
mod tests {
    use super::*;
    use crate::policy::catalog;
    use crate::policy::texts::languages;

    // covers S20
    #[test]
    fn countries_are_called_what_the_reader_calls_them() {
        let english = Texts::default();
        assert_eq!(english.country("IE"), "Ireland");
        assert_eq!(Texts::of("de").unwrap().country("DE"), "Deutschland");
        assert_eq!(name("ja", "IE"), Some("アイルランド"));
        assert_eq!(name("pt-br", "US"), Some("Estados Unidos"));
        // Not in the German list.
        assert_eq!(Texts::of("de").unwrap().country("VU"), "Vanuatu");
        assert_eq!(name("ja", "VU"), Some("バヌアツ"));
        for none in ["", "XX", "ie", "I", "IE=Ire"] {
            assert_eq!(english.country(none), none);
        }
    }

    // covers S20
    #[test]
    fn every_country_of_the_catalog_has_a_name_in_every_language() {
        for texts in languages::all() {
            for vendor in catalog::vendors().filter(|vendor| !vendor.country().is_empty()) {
                let found = name(&texts.language, vendor.country());
                assert!(found.is_some(), "{} {}", texts.language, vendor.country());
            }
        }
    }
}
