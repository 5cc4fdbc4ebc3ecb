//! What is said about the catalog's services in other languages?
//!
//! The catalog says it in English. Each language has the same sentences in the
//! same order, as many as English has, or it does not compile.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod ja;

/// What the catalog says in English, in the language with this tag; `None`
/// where it does not say that, or the language has no words for it.
pub(crate) fn translated(english: &str, language: &str) -> Option<&'static str> {
    let place = place(english)?;
    let sentences = match language {
        "de" => &de::PURPOSES,
        "en" => &en::PURPOSES,
        "es" => &es::PURPOSES,
        "fr" => &fr::PURPOSES,
        "it" => &it::PURPOSES,
        "ja" => &ja::PURPOSES,
        _ => return None,
    };
    sentences.get(place).copied()
}

/// Whether the catalog says this.
pub(crate) fn is_known(english: &str) -> bool {
    place(english).is_some()
}

fn place(english: &str) -> Option<usize> {
    en::PURPOSES.iter().position(|known| *known == english)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::catalog;

    // covers T43
    #[test]
    fn whatever_the_catalog_says_is_said_in_six_languages() {
        for vendor in catalog::vendors().chain(catalog::defaults()) {
            let mut told = vec![vendor.purpose()];
            if vendor.umbrella {
                told.push(vendor.name());
            }
            for text in told {
                for language in ["en", "de", "es", "fr", "it", "ja"] {
                    let said = translated(text, language);
                    assert!(
                        said.is_some_and(|said| (said == text) == (language == "en")),
                        "{text}: {language}"
                    );
                }
                assert!(is_known(text) && translated(text, "sv").is_none());
            }
        }
        assert_eq!(translated("Counts beans", "de"), None);
    }

    #[test]
    fn no_two_sentences_of_a_language_are_the_same() {
        for sentences in [
            de::PURPOSES,
            en::PURPOSES,
            es::PURPOSES,
            fr::PURPOSES,
            it::PURPOSES,
            ja::PURPOSES,
        ] {
            let mut sorted = sentences.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), sentences.len());
        }
    }
}
