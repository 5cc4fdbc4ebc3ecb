//! How does a page place the banner itself?

use crate::consent::Consent;
use crate::endpoint::page;
use crate::endpoint::target::is_safe;

/// Put into a response's extensions by a handler that renders the banner
/// itself, with [`banner_html`]: the layer then adds none.
///
/// ```
/// let mut response = http::Response::new(());
/// response.extensions_mut().insert(tower_consent::OwnBanner);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a mark, made by naming it")]
pub struct OwnBanner;

/// The banner as HTML, for a page that places it itself; empty where nothing
/// needs asking, in the visitor's [`language`](Consent::language). `next` is the
/// path to return to after a choice made without scripts. Add [`OwnBanner`] to
/// the response.
#[must_use]
pub fn banner_html(consent: &Consent, next: &str) -> String {
    let next = if is_safe(next) { next } else { "/" };
    if consent.needs_banner() {
        page::banner_html(consent, next)
    } else {
        String::new()
    }
}

/// The same in the language of the page, named by its BCP 47 tag; in the
/// visitor's where the policy has none that serves its readers.
#[must_use]
pub fn banner_html_in(consent: &Consent, next: &str, language: &str) -> String {
    let locale = consent.policy().spoken().lookup(language);
    let locale = locale.unwrap_or(consent.locale());
    banner_html(&consent.clone().speaking(locale), next)
}
