//! Which language a visitor reads, and in whose words.
//!
//! The banner, the preferences, placeholders and errors speak the language of
//! the page that they stand in. [`Texts`](crate::Texts) are built in for the 24
//! languages of the European Union and for Norwegian (`nb`), Icelandic (`is`),
//! Ukrainian (`uk`), Turkish (`tr`), Japanese (`ja`), Korean (`ko`), Chinese
//! (`zh-Hans`, `zh-Hant`), Brazilian Portuguese (`pt-BR`), Arabic (`ar`),
//! Hebrew (`he`) and Hindi (`hi`).
//!
//! # Which language a visitor reads
//!
//! 1. The page's own: `<html lang="…">`.
//! 2. Where the page does not say, its `Content-Language` header.
//! 3. Where neither says, or says a language that the policy does not speak,
//!    the first that the browser asks for with `Accept-Language`.
//! 4. The policy's default language.
//!
//! Tags are looked up from the whole to the first part (RFC 4647, section 3.4),
//! so `de-AT` reads German; `zh-TW` and `zh-HK` read traditional characters,
//! `no` and `nn` Bokmål. Links to the preferences carry the page's language as
//! `lang=`, and choices carry it back. What the layer writes says `lang` and
//! `dir` on itself, so it is right in a page of any other language.
//!
//! A page that depends on the browser's languages says `Vary: Accept-Language`,
//! and its `ETag` differs with them. Pages that shared caches keep
//! ([`CacheMode::Uniform`](crate::CacheMode::Uniform) and
//! [`CacheMode::EdgeKey`](crate::CacheMode::EdgeKey)) go by the first two rules
//! and the last, so that everybody gets the same bytes.
//!
//! A handler that renders the banner itself asks
//! [`Consent::language`](crate::Consent::language), or names the page's language
//! with [`banner_html_in`](crate::banner_html_in).
//!
//! # Fewer languages, other words
//!
//! ```
//! use tower_consent::{Policy, Texts, Vendor, catalog};
//!
//! let policy = Policy::builder("2026-09-01")
//!     .languages(["de", "fr", "it", "en"])          // the first is the default
//!     .texts_in("de", |texts| texts.title = "Cookies bei uns".into())
//!     .vendor(catalog::youtube().with_purpose_in("fr", "Montre nos films"))
//!     .build()?;
//! assert_eq!(policy.languages().next(), Some("de"));
//! # Ok::<(), tower_consent::PolicyError>(())
//! ```
//!
//! The same in a file:
//!
//! ```toml
//! languages = ["de", "fr", "it", "en"]
//!
//! [texts.de]
//! title = "Cookies bei uns"
//!
//! [[cookie]]
//! name = "sid"
//! category = "necessary"
//! purpose = "Keeps you signed in"
//! purposes = { de = "Hält Sie angemeldet", fr = "Vous garde connecté" }
//! ```
//!
//! A site in one language gives its texts alone, with
//! [`PolicyBuilder::texts`](crate::PolicyBuilder::texts), or in a file as
//! `[texts]` without a language: nobody is then spoken to in another. A language
//! that is not built in needs all of its texts; the build names those that are
//! missing, and those that have lost a placeholder or a plural.
//!
//! # Numbers, times and what services are for
//!
//! Counts take the plural forms of CLDR; a text has one for each, with `|`
//! between them, such as `{n} day|{n} days`. Dates are written out. How long
//! something is kept is understood where it is said as the catalog says it:
//! `13 months`, `up to 1 year`, `until the browser closes`. Any other words are
//! shown as they stand.
//!
//! The catalog's purposes are known in English, German, French, Spanish, Italian
//! and Japanese. In other languages they are shown in English and marked as such
//! (`lang="en"`), until the site says them with
//! [`Vendor::with_purpose_in`](crate::Vendor::with_purpose_in).
