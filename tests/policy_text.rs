//! Proves that the written policy says everything that the declaration holds,
//! in each language, and that nothing declared can become markup.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use tower_consent::{
    Category, Controller, Dnt, Policy, PolicyVersion, RecordTerms, Vendor, catalog,
};

/// Everything that the catalog has.
fn everything() -> Policy {
    let vendors = catalog::ids()
        .into_iter()
        .filter_map(|id| catalog::by_id(&id));
    shop_without_vendors().vendors(vendors).build().unwrap()
}

fn shop_without_vendors() -> tower_consent::PolicyBuilder {
    Policy::builder(REVISION)
        .site(SITE)
        .necessary("sid", "Keeps you signed in")
        .functional("theme", "Remembers light or dark")
}

/// What a reader sees of the HTML, and every element with its attributes.
struct Read {
    text: String,
    elements: Vec<(String, Vec<(String, String)>)>,
}

fn read(html: &str) -> Read {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let mut read = Read {
        text: String::new(),
        elements: Vec::new(),
    };
    walk(&dom.document, &mut read);
    read
}

fn walk(node: &Handle, into: &mut Read) {
    match &node.data {
        NodeData::Text { contents } => into.text += &contents.borrow(),
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let attributes = attributes.iter().map(|attribute| {
                (
                    attribute.name.local.to_string(),
                    attribute.value.to_string(),
                )
            });
            into.elements
                .push((name.local.to_string(), attributes.collect()));
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, into);
    }
}

// covers L07, S20, S24
#[test]
fn every_vendor_cookie_country_and_duration_is_told_in_every_language() {
    let policy = everything();
    let english = policy.text("en").markdown();
    for language in policy.languages() {
        let text = policy.text(language);
        assert_eq!(text.language(), language);
        let markdown = text.markdown().replace('\\', "");
        // The same content in another form, read as a browser does.
        let html = ["en", "ja", "ar"].contains(&language).then(|| text.html());
        let shown = html.as_deref().map(|html| read(html).text);
        let told = |what: &str| {
            assert!(markdown.contains(what), "{language}: {what}");
            let shown = shown.as_ref().is_none_or(|shown| shown.contains(what));
            assert!(shown, "{language}: {what}");
        };
        for vendor in policy.vendors() {
            told(vendor.name());
            if vendor.is_first_party() {
                continue;
            }
            told(vendor.provider());
            for cookie in vendor.cookie_patterns() {
                told(cookie);
            }
            assert!(markdown.contains(vendor.policy_url()), "{}", vendor.id());
        }
        for cookie in policy.site_cookies() {
            told(cookie.name());
        }
        for name in CONSENT_COOKIES {
            told(name);
        }
        // No duration or country is left in English.
        if language != "en" {
            for left in [
                "13 months",
                "up to ",
                "until the browser",
                "(United States)",
                "(Ireland)",
            ] {
                assert!(!markdown.contains(left), "{language}: {left}");
            }
            assert_ne!(text.markdown(), english);
        }
    }
}

// covers L07, S20
#[test]
fn countries_and_durations_are_told_in_english_and_japanese() {
    let policy = everything();
    let (english, japanese) = (policy.text("en").html(), policy.text("ja-JP").html());
    let countries = [
        ("IE", "Ireland", "アイルランド"),
        ("US", "United States", "アメリカ合衆国"),
        ("DE", "Germany", "ドイツ"),
        ("DK", "Denmark", "デンマーク"),
        ("CA", "Canada", "カナダ"),
    ];
    for vendor in policy
        .vendors()
        .iter()
        .filter(|vendor| !vendor.is_first_party())
    {
        let country = countries
            .iter()
            .find(|(code, ..)| *code == vendor.country());
        if let Some((_, en, ja)) = country {
            let provider = vendor
                .provider()
                .replace('&', "&amp;")
                .replace('\'', "&#39;");
            assert!(
                english.contains(&format!("{provider} ({en})")),
                "{provider}"
            );
            assert!(
                japanese.contains(&format!("{provider} ({ja})")),
                "{provider}"
            );
        }
    }
    for (en, ja) in [("up to 13 months", "13"), ("184 days", "184日")] {
        assert!(english.contains(en) && japanese.contains(ja), "{en} {ja}");
    }
    assert!(!english.contains("184日"));
}

// covers L44
#[test]
fn japanese_readers_get_the_list_of_what_is_sent_to_whom_and_what_for() {
    let policy = everything();
    let japanese = policy.text("ja");
    let list = |html: &str| {
        let at = html.rfind("利用者情報の外部送信について</h2>").unwrap();
        html[at..].to_owned()
    };
    let list = read(&list(&japanese.html()));
    let rows = list
        .elements
        .iter()
        .filter(|(name, _)| name == "tr")
        .count();
    let others = policy
        .vendors()
        .iter()
        .filter(|vendor| !vendor.is_first_party());
    assert_eq!(rows, 1 + others.clone().count());
    for vendor in others {
        assert!(list.text.contains(vendor.provider()), "{}", vendor.id());
    }
    assert!(!policy.text("en").html().contains("sent from your device"));
    let asked = policy.text("en").with_transmission_list(true).html();
    assert!(asked.contains("Information sent from your device to other companies</h2>"));
    assert!(
        !japanese
            .with_transmission_list(false)
            .html()
            .contains("外部送信")
    );
}

// covers S24
#[test]
fn the_day_from_which_the_newest_version_applies_is_told_in_every_language() {
    let told = |builder: tower_consent::PolicyBuilder| builder.build().unwrap();
    let first = told(shop());
    let amended = told(shop().amended(PolicyVersion::new("v2").effective("2026-12-24")));
    let undated = told(Policy::builder("v1"));
    for language in first.languages() {
        for (policy, year, day) in [(&first, "2026", "1"), (&amended, "2026", "24")] {
            let markdown = policy.text(language).markdown();
            let line = markdown.lines().next().unwrap();
            assert!(
                line.contains(year) && line.contains(day),
                "{language}: {line}"
            );
            let html = read(&policy.text(language).html()).text;
            let start: String = html.chars().take(line.chars().count()).collect();
            assert_eq!(start, line.replace('\\', ""), "{language}");
        }
        let markdown = undated.text(language).markdown();
        assert!(!markdown.contains("{date}"), "{language}: {markdown}");
        assert!(markdown.starts_with("## "), "{language}: {markdown}");
    }
    let line = |policy: &Policy, language| {
        let markdown = policy.text(language).markdown();
        markdown.lines().next().unwrap().to_owned()
    };
    assert_eq!(line(&first, "en"), "Effective date: 1 September 2026");
    assert_eq!(line(&first, "de"), "Gültig ab: 1. September 2026");
    assert_eq!(line(&amended, "ja"), "施行日：2026年12月24日");
}

// covers S24, L07
#[test]
fn the_form_of_a_small_shops_text_is_as_it_was() {
    let policy = shop()
        .controller(Controller::new(
            "Shop Ltd",
            "1 Main Street, Dublin",
            "privacy@shop.example",
            "IE",
        ))
        .records(RecordTerms::new(914, ["IE", "DE"]))
        .build()
        .unwrap();
    for (language, golden) in [
        ("en", include_str!("data/policy_text.en.md")),
        ("ja", include_str!("data/policy_text.ja.md")),
    ] {
        let found = policy.text(language).markdown();
        assert_eq!(found, golden, "<<<{language}\n{found}>>>");
    }
}

#[test]
fn tables_are_told_apart_by_caption_and_headings() {
    let html = everything().text("de").with_heading_level(3).html();
    let read = read(&html);
    let count = |wanted: &str| {
        let named = read.elements.iter().filter(|(name, _)| name == wanted);
        named.count()
    };
    assert!(count("table") > 4 && count("table") == count("caption"));
    assert_eq!((count("h2"), count("script"), count("style")), (0, 0, 0));
    assert!(count("h3") >= 3 && count("h4") == 4);
    for (name, attributes) in &read.elements {
        let has = |wanted: &str| attributes.iter().any(|(name, _)| name == wanted);
        assert!(name != "th" || has("scope"));
        let acts = |name: &String| name == "style" || name.starts_with("on");
        assert!(!attributes.iter().any(|(name, _)| acts(name)), "{name}");
    }
    assert!(html.starts_with("<section class=\"tc-policy\" lang=\"de\" dir=\"ltr\">"));
    assert!(
        everything()
            .text("ar")
            .html()
            .contains("lang=\"ar\" dir=\"rtl\"")
    );
}

#[test]
fn what_a_site_declares_never_becomes_markup() {
    let hostile = "<script>alert(1)</script>\"'&|`*_[x](javascript:y)";
    let vendor = Vendor::new("evil", Category::Marketing)
        .with_name(hostile)
        .with_purpose(hostile)
        .with_provider(hostile, "US")
        .with_policy_url("https://x.test/?a=\"><script>|")
        .with_retention(hostile)
        .cookies(["a|b`c"])
        .hosts(["evil.test"]);
    let policy = Policy::builder("1").vendor(vendor).build().unwrap();
    let html = policy.text("en").with_transmission_list(true).html();
    let read = read(&html);
    assert!(
        !read.elements.iter().any(|(name, _)| name == "script"),
        "{html}"
    );
    assert!(read.text.matches(hostile).count() > 4);
    let markdown = policy.text("en").markdown();
    assert!(
        !markdown.contains("<script") && markdown.contains("``` a\\|b`c ```")
            || markdown.contains("```a\\|b`c```"),
        "{markdown}"
    );
    let columns = markdown
        .lines()
        .filter(|line| line.contains("evil") || line.contains("alert"));
    for line in columns {
        let bars = line.replace("\\|", "").matches('|').count();
        assert!([4, 6].contains(&bars), "{line}");
    }
}

#[test]
fn an_unknown_language_gets_the_policys_own() {
    let policy = shop().default_language("de").build().unwrap();
    assert_eq!(policy.text("tlh").language(), "de");
    assert_eq!(policy.text("").language(), "de");
    assert_eq!(policy.text("pt-BR").language(), "pt-BR");
    assert_eq!(policy.text("de-CH").language(), "de");
}

// covers S18, S23
#[test]
fn signals_are_told_as_they_are_honoured() {
    let ignores = "We do not respond to Do Not Track signals.";
    let objects = "If your browser sends Do Not Track, we take it as your objection";
    let text = everything().text("en").markdown();
    assert!(text.contains("Global Privacy Control"));
    assert!(text.contains(objects) && !text.contains(ignores));
    let builder = Policy::builder("1").dnt(Dnt::Ignore);
    let text = builder.build().unwrap().text("en").markdown();
    assert!(text.contains(ignores) && !text.contains(objects));
}
