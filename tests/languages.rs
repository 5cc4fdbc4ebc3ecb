//! Proves that visitors are spoken to in their language: the page's, else the one that their browser asks for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken fixture fails its test"
)]

mod html_common;

use html_common::{Site, builder, exchange, get_with, read};
use http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderMap, VARY};
use http::{HeaderValue, Response};
use tower_consent::{
    CacheMode, ConsentLayer, Keyring, OwnBanner, Policy, PolicyBuilder, Texts, banner_html_in,
};

const ENGLISH: &str = ">Reject all<";
const GERMAN: &str = ">Alle ablehnen<";

fn many() -> PolicyBuilder {
    builder().languages(["en", "de"])
}

fn layer(policy: PolicyBuilder) -> ConsentLayer {
    ConsentLayer::new(policy.build().unwrap(), Keyring::ephemeral().unwrap())
}

/// A page of the app, as a visitor receives it whose request has these headers.
fn page(
    layer: &ConsentLayer,
    request: &[(&'static str, &str)],
    response: &[(&'static str, &'static str)],
    html: &'static str,
) -> (HeaderMap, String) {
    let answer = exchange(layer, get_with("/shop", request), |_| {
        let mut answer = Response::new(html_common::Pieces::of(&[html]));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        headers.insert(ETAG, HeaderValue::from_static("\"v1\""));
        for (name, value) in response {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        answer
    });
    let headers = answer.headers().clone();
    let text = String::from_utf8(read(answer.into_body()).unwrap()).unwrap();
    (headers, text)
}

/// An answer of the layer itself.
fn own(layer: &ConsentLayer, path: &str, request: &[(&'static str, &str)]) -> String {
    let answer = exchange(layer, get_with(path, request), |_| {
        Response::new(html_common::Pieces::of(&["the app"]))
    });
    String::from_utf8(read(answer.into_body()).unwrap()).unwrap()
}

const PLAIN: &str = "<!doctype html><html><head></head><body><p>Shop</body></html>";
const DE: &str = "<!doctype html><html lang=\"de-AT\"><head></head><body><p>Laden</body></html>";
const EN: &str = "<!doctype html><html lang=\"en\"><head></head><body><p>Shop</body></html>";
const CA: &str = "<!doctype html><html lang=\"ca\"><head></head><body><p>Botiga</body></html>";

// covers T43, L03
#[test]
fn the_pages_own_language_comes_first_then_its_header_then_the_browsers() {
    let layer = layer(many());
    let told = [("content-language", "de")];
    for (browser, response, html, expected) in [
        ("en", &[][..], DE, GERMAN),
        ("de", &[], EN, ENGLISH),
        ("en", &told, PLAIN, GERMAN),
        ("en", &told, EN, ENGLISH),
        ("de-DE,de;q=0.9,en;q=0.8", &[], PLAIN, GERMAN),
        ("ca,de;q=0.5", &[], CA, GERMAN),
        ("ca", &[], CA, ENGLISH),
        ("", &[], PLAIN, ENGLISH),
    ] {
        let request = [(ACCEPT_LANGUAGE.as_str(), browser)];
        let (_, text) = page(&layer, &request, response, html);
        for (words, there) in [(ENGLISH, expected == ENGLISH), (GERMAN, expected == GERMAN)] {
            assert_eq!(text.contains(words), there, "{browser} {html}: {words}");
        }
        let tag = if expected == GERMAN { "de" } else { "en" };
        assert!(
            text.contains(&format!("lang=\"{tag}\" dir=\"ltr\">")),
            "{text}"
        );
    }
    assert_eq!(CONTENT_LANGUAGE.as_str(), told[0].0);
}

// covers T43
#[test]
fn a_page_without_a_body_tag_and_one_that_is_left_alone_speak_its_language_too() {
    let layer = layer(many());
    let (_, text) = page(&layer, &[], &[], "<!doctype html><html lang=de><p>Laden");
    assert!(text.contains(GERMAN), "{text}");
    // With everything granted a page is not read but for its first tag.
    let site = Site::with(many());
    let text = site.text(&site.granted(), DE);
    assert!(text.starts_with(DE), "{text}");
    let added = site.text(&site.granted(), EN);
    assert!(added.starts_with(EN), "{added}");
    let layer = site.layer.clone().with_settings_link(true);
    let cookies = site.granted();
    let (_, text) = page(&layer, &[("cookie", &cookies)], &[], DE);
    assert!(
        text.starts_with(DE) && text.contains("Datenschutz-Einstellungen"),
        "{text}"
    );
}

#[test]
fn links_carry_the_pages_language_and_the_layers_pages_obey_them() {
    let layer = layer(many());
    let (_, text) = page(&layer, &[], &[], DE);
    assert!(
        text.contains("href=\"/_consent?next=%2Fshop&amp;lang=de\""),
        "{text}"
    );
    assert!(text.contains("name=\"lang\" value=\"de\""), "{text}");
    let (_, text) = page(&layer, &[("accept-language", "de")], &[], PLAIN);
    assert!(text.contains("href=\"/_consent?next=%2Fshop\""), "{text}");
    let en = [("accept-language", "en")];
    for path in ["/_consent?lang=de", "/_consent/banner?lang=de-CH"] {
        assert!(own(&layer, path, &en).contains(GERMAN), "{path}");
    }
    for path in [
        "/_consent",
        "/_consent?lang=ca",
        "/_consent?lang=%22",
        "/_consent/banner",
    ] {
        let text = own(&layer, path, &en);
        assert!(
            text.contains(ENGLISH) && !text.contains("lang=\"\""),
            "{path}"
        );
        let german = own(&layer, path, &[("accept-language", "de")]);
        assert!(german.contains(GERMAN), "{path}");
    }
    let missing = own(&layer, "/_consent/nothing", &[("accept-language", "de")]);
    assert!(missing.contains("Datenschutz-Einstellungen"), "{missing}");
}

// covers behaviour 80
#[test]
fn caches_are_told_that_a_page_depends_on_the_browsers_languages() {
    let layer = layer(many());
    let varies = |headers: &HeaderMap| {
        let lines = headers.get_all(VARY).iter();
        let all = lines.flat_map(|line| line.to_str().unwrap().split(','));
        all.filter(|field| field.trim() == "Accept-Language")
            .count()
    };
    let (german, _) = page(&layer, &[("accept-language", "de")], &[], PLAIN);
    let (english, _) = page(&layer, &[("accept-language", "en")], &[], PLAIN);
    assert_eq!((varies(&german), varies(&english)), (1, 1));
    assert_ne!(german[ETAG], english[ETAG]);
    let (again, _) = page(&layer, &[("accept-language", "de-DE")], &[], PLAIN);
    assert_eq!(german[ETAG], again[ETAG]);
    let one = ConsentLayer::new(builder().build().unwrap(), Keyring::ephemeral().unwrap());
    let (headers, _) = page(&one, &[("accept-language", "de")], &[], PLAIN);
    assert_eq!(varies(&headers), 0);
}

// covers T43
#[test]
fn what_a_shared_cache_keeps_is_the_same_whatever_browsers_ask_for() {
    for mode in [CacheMode::Uniform, CacheMode::EdgeKey] {
        let layer = layer(many().default_language("en")).with_cache_mode(mode);
        for (html, settings) in [
            (PLAIN, "Privacy settings"),
            (DE, "Datenschutz-Einstellungen"),
        ] {
            let shared = [("cache-control", "max-age=60")];
            let pages = ["en", "de", "ca"].map(|browser| {
                let request = [("accept-language", browser), ("x-consent-state", "?")];
                page(&layer, &request, &shared, html)
            });
            assert_eq!(pages[0], pages[1], "{mode:?}");
            assert_eq!(pages[1], pages[2], "{mode:?}");
            assert!(pages[0].1.contains(settings), "{mode:?} {html}");
            assert!(
                pages[0]
                    .0
                    .get_all(VARY)
                    .iter()
                    .all(|value| value != "Accept-Language")
            );
        }
    }
}

#[test]
fn a_handler_can_render_the_banner_in_the_language_of_its_page() {
    let layer = layer(many());
    let answer = exchange(
        &layer,
        get_with("/", &[("accept-language", "en")]),
        |request| {
            let consent = request
                .extensions()
                .get::<tower_consent::Consent>()
                .unwrap();
            assert_eq!(consent.language(), "en");
            let html = format!(
                "<!doctype html><body>{}",
                banner_html_in(consent, "/", "de-CH")
            );
            let mut answer = Response::new(html_common::Pieces::of(&[&html]));
            answer.extensions_mut().insert(OwnBanner);
            answer
        },
    );
    let text = String::from_utf8(read(answer.into_body()).unwrap()).unwrap();
    assert!(text.contains(GERMAN) && !text.contains(ENGLISH), "{text}");
}

// covers behaviour 13
#[test]
fn a_site_restricts_its_languages_and_changes_their_words_in_code_and_in_files() {
    let tags = |policy: PolicyBuilder| -> Vec<String> {
        let policy = policy.build().unwrap();
        policy.languages().map(str::to_owned).collect()
    };
    let plain = || Policy::builder("1");
    assert_eq!(tags(plain())[0], "en");
    assert!(tags(plain()).len() > 1);
    assert_eq!(tags(plain().languages(["de", "en", "DE"])), ["de", "en"]);
    assert_eq!(
        tags(plain().languages(["en", "de"]).default_language("de")),
        ["de", "en"]
    );
    assert_eq!(tags(plain().default_language("de"))[0], "de");
    assert_eq!(tags(plain().texts(Texts::of("de").unwrap())), ["de"]);
    assert_eq!(tags(plain().texts(Texts::default())), ["en"]);
    let mut catalan = Texts::default();
    catalan.language = "ca".into();
    assert_eq!(
        tags(plain().texts(catalan.clone()).languages(["ca", "de"])),
        ["ca", "de"]
    );

    let code = many().texts_in("de", |texts| texts.reject = "Nein".into());
    let text = own(&layer(code), "/_consent?lang=de", &[]);
    assert!(text.contains(">Nein<") && text.contains(">Alle akzeptieren<"));
    let file: Policy = toml::from_str(
        "revision = '1'\nlanguages = ['de', 'en']\n[texts.de]\nreject = 'Nein'\n[texts.en]\naccept = 'Yes'\n[[vendor]]\nid = 'a'\ncategory = 'analytics'\npurpose = 'p'\nretention = 'r'\nfirst_party = true\ncookies = ['_a_']",
    )
    .unwrap();
    let file = ConsentLayer::new(file, Keyring::ephemeral().unwrap());
    let german = own(&file, "/_consent", &[]);
    assert!(german.contains(">Nein<") && german.contains(">Alle akzeptieren<"));
    let english = own(&file, "/_consent?lang=en", &[]);
    assert!(english.contains(">Reject all<") && english.contains(">Yes<"));
}

// covers behaviour 13
#[test]
fn every_mistake_in_the_words_is_told_at_once() {
    let wrong = "revision = '1'\nlanguages = ['de', 'no way', 'ca']\ndefault_language = 'fr'\n[texts.de]\ntitel = 'x'\nreject = ' '\n[texts.ca]\nreject = 'Rebutja-ho tot'";
    let error = toml::from_str::<Policy>(wrong).unwrap_err().to_string();
    for part in [
        "no text called `titel` (in `de`)",
        "the text `reject` in `de` is blank",
        "`no way` is not a BCP 47 tag",
        "no built-in texts in `ca`",
        "the default language `fr` is not one of the site's",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(toml::from_str::<Policy>("revision = '1'\n[texts.de]\nreject = 3").is_err());
}
