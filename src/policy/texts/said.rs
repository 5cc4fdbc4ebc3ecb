//! What is said about a service or a cookie, and in which language?

use std::collections::BTreeMap;

use super::keys::Texts;
use super::lookup::lookup;
use super::purposes;
use crate::policy::site_cookie::SiteCookie;
use crate::policy::vendor::Vendor;

/// A text and whether it is English among texts in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    pub(crate) foreign: bool,
}

impl Texts {
    /// What is said of the cookies that hold the choice: where records are
    /// kept, one of them names the visitor's.
    pub(crate) fn on_choice_cookies(&self, recorded: bool) -> &str {
        if recorded {
            &self.history_body
        } else {
            &self.choice_cookies
        }
    }

    /// What a service is for: in the site's own words, else in the catalog's.
    pub(crate) fn purpose<'a>(&self, vendor: &'a Vendor) -> Said<'a> {
        self.said(&vendor.purpose, self.own(&vendor.purposes))
    }

    /// The name of a service. Only what stands for the whole catalog has one in each language.
    pub(crate) fn name<'a>(&self, vendor: &'a Vendor) -> Said<'a> {
        if vendor.umbrella {
            return self.said(vendor.name(), None);
        }
        Said {
            text: vendor.name(),
            foreign: false,
        }
    }

    /// What one of the site's own cookies is for.
    pub(crate) fn cookie_purpose<'a>(&self, cookie: &'a SiteCookie) -> Said<'a> {
        self.said(&cookie.purpose, self.own(&cookie.purposes))
    }

    /// The site's words for readers of this language.
    fn own<'a>(&self, words: &'a BTreeMap<String, String>) -> Option<&'a str> {
        let tags = words.keys().map(String::as_str);
        let place = lookup(&self.language, &tags)?;
        words.values().nth(place).map(String::as_str)
    }

    fn said<'a>(&self, text: &'a str, own: Option<&'a str>) -> Said<'a> {
        let translated = own.or_else(|| purposes::translated(text, &self.language));
        Said {
            text: translated.unwrap_or(text),
            foreign: translated.is_none() && purposes::is_known(text),
        }
    }

    /// What ends a sentence.
    pub(crate) fn full_stop(&self) -> &'static str {
        match self.language.split('-').next() {
            Some("ja" | "zh") => "。",
            Some("hi") => "।",
            _ => ".",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed look-up fails the test")]
mod tests {
    use super::*;
    use crate::category::Category;
    use crate::policy::catalog;

    fn said(text: &str, foreign: bool) -> Said<'_> {
        Said { text, foreign }
    }

    // covers T43, L03
    #[test]
    fn a_purpose_falls_back_to_english_visibly() {
        let (german, swedish) = (Texts::of("de").unwrap(), Texts::of("sv").unwrap());
        let vendor = catalog::youtube();
        assert_eq!(
            german.purpose(&vendor),
            said("Spielt Videos von YouTube ab", false)
        );
        assert_eq!(
            swedish.purpose(&vendor),
            said("Plays videos from YouTube", true)
        );
        assert_eq!(
            Texts::default().purpose(&vendor),
            said("Plays videos from YouTube", false)
        );
    }

    #[test]
    fn the_sites_own_words_come_first() {
        let vendor = catalog::youtube()
            .with_purpose("Our films")
            .with_purpose_in("de", "Unsere Filme")
            .with_purpose_in("pt-BR", "Nossos filmes");
        for (language, text) in [
            ("de", "Unsere Filme"),
            ("en", "Our films"),
            ("pt-BR", "Nossos filmes"),
            ("pt", "Nossos filmes"),
            ("sv", "Our films"),
        ] {
            let texts = Texts::of(language).unwrap();
            assert_eq!(texts.purpose(&vendor), said(text, false), "{language}");
        }
        let cookie = SiteCookie::new("sid", Category::Necessary, "Keeps you signed in")
            .with_purpose_in("de", "Hält Sie angemeldet");
        let german = Texts::of("de").unwrap();
        assert_eq!(
            german.cookie_purpose(&cookie),
            said("Hält Sie angemeldet", false)
        );
        let english = Texts::default();
        assert_eq!(
            english.cookie_purpose(&cookie),
            said("Keeps you signed in", false)
        );
    }
}
