//! Which state does a shared cache keep a page under?
//!
//! The key of a state is `?` if the banner asks, a letter for each granted
//! category (`f`, `a`, `m`), for each vendor refused within them a `!` with its
//! id, and for each vendor granted alone a `+` with its id: `?`, `fam`, `?a`,
//! `am!heat`, `?+youtube`; `0` where nothing is granted or asked.
//! Behind an `@` each follow the jurisdiction where it is known, `gpc` under Global
//! Privacy Control, `~` with the letter of a category within which that signal denies, `-` with that of one
//! which the address never allows, and what a bar tells: `?@it`, `fa@us-strict@gpc`.
//! It holds all that a page depends on, and nothing else about the visitor.

use http::header::{HeaderMap, HeaderValue};

use super::cache::EDGE_STATE;
use crate::category::{Category, CategorySet};
use crate::consent::{Consent, Notice};
use crate::jurisdiction::Jurisdiction;
use crate::standing::Vendors;

const NOTHING: &str = "0";
const APART: char = '@';

const fn letter(category: Category) -> char {
    match category {
        Category::Necessary => 'n',
        Category::Functional => 'f',
        Category::Analytics => 'a',
        Category::Marketing => 'm',
    }
}

/// The key of this state.
pub(crate) fn key(consent: &Consent) -> String {
    let mut key = String::new();
    if consent.needs_banner() {
        key.push('?');
    }
    key.extend(consent.covered().iter().map(letter));
    let mut refused = consent.refused_vendor_ids();
    refused.sort_unstable();
    for vendor in refused {
        key.push('!');
        key.push_str(vendor);
    }
    let mut alone = consent.alone_vendor_ids();
    alone.sort_unstable_by_key(|(_, vendor)| *vendor);
    for (_, vendor) in alone {
        key.push('+');
        key.push_str(vendor);
    }
    if key.is_empty() {
        key.push_str(NOTHING);
    }
    surroundings(consent, &mut key);
    key
}

/// What a page depends on besides what may run.
fn surroundings(consent: &Consent, key: &mut String) {
    let at = consent.circumstances();
    if at.jurisdiction != Jurisdiction::Global {
        key.push(APART);
        key.push_str(at.jurisdiction.as_str());
    }
    if at.signals.gpc {
        key.push(APART);
        key.push_str("gpc");
    }
    let covered = consent.covered();
    let signalled = consent.signalled().iter();
    let signalled = signalled.filter(|category| covered.contains(*category));
    for (mark, categories) in [('~', signalled.collect()), ('-', at.never)] {
        for category in categories.iter() {
            key.extend([APART, mark, letter(category)]);
        }
    }
    if let Some(notice) = consent.notice() {
        key.push(APART);
        key.push_str(match notice {
            Notice::Amendment => "news",
            Notice::OptOut => "opt-out",
            Notice::Statistics => "statistics",
        });
    }
}

/// The same as a header.
pub(crate) fn key_value(consent: &Consent) -> Option<HeaderValue> {
    HeaderValue::try_from(key(consent)).ok()
}

/// The key that a request came with; none where it came without one, or with several.
pub(crate) fn claimed(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(EDGE_STATE).iter();
    let only = values.next()?;
    values.next().is_none().then(|| only.clone())
}

/// What `consent` still allows within `key`; `None` where that is no key.
pub(crate) fn narrowed(consent: &Consent, key: &HeaderValue) -> Option<Consent> {
    let policy = consent.policy();
    let claim = parse(consent, key.to_str().ok()?)?;
    let mut granted = CategorySet::EMPTY;
    let vendors = Category::OPTIONAL.map(|category| {
        let both = claim.covers(category) && consent.covers(category);
        if both {
            granted = granted.with(category);
        }
        let mut vendors = Vendors::NONE;
        for (position, _) in policy.vendors_of(category) {
            let permitted = consent.permits_vendor(category, position)
                && claim.permits_vendor(category, position);
            match (both, permitted) {
                (true, false) => vendors.refused.insert(position),
                (false, true) => vendors.granted.insert(position),
                _ => {}
            }
        }
        vendors
    });
    let asks = consent.needs_banner();
    Some(Consent::assumed(consent, granted, vendors, asks))
}

/// The consent that everybody has whose key is that of `consent`.
pub(crate) fn shared(consent: &Consent) -> Consent {
    let vendors = Category::OPTIONAL.map(|category| consent.vendors(category));
    Consent::assumed(consent, consent.covered(), vendors, consent.needs_banner())
}

/// The consent that a key stands for, in the surroundings of `like`.
fn parse(like: &Consent, key: &str) -> Option<Consent> {
    let policy = like.policy();
    let key = key.split(APART).next()?;
    let end = key.find(['!', '+']).unwrap_or(key.len());
    let (state, mut rest) = key.split_at_checked(end)?;
    let letters = state.strip_prefix('?').unwrap_or(state);
    let mut granted = CategorySet::EMPTY;
    if state != NOTHING {
        for sign in letters.chars() {
            let category = Category::OPTIONAL
                .into_iter()
                .find(|category| letter(*category) == sign)?;
            granted = granted.with(category);
        }
    }
    let mut vendors = [Vendors::NONE; 3];
    while let Some(sign) = rest.chars().next() {
        let name = rest.get(1..)?;
        let end = name.find(['!', '+']).unwrap_or(name.len());
        let (id, after) = name.split_at_checked(end)?;
        let (category, position) = policy.vendor_position(id)?;
        let slot = Category::OPTIONAL.iter().position(|of| *of == category);
        if let Some(vendors) = slot.and_then(|slot| vendors.get_mut(slot)) {
            match sign {
                '!' => vendors.refused.insert(position),
                _ => vendors.granted.insert(position),
            }
        }
        rest = after;
    }
    let asks = state.starts_with('?');
    Some(Consent::assumed(like, granted, vendors, asks))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;
    use crate::policy::{Policy, Vendor};

    fn policy() -> Policy {
        let vendor = |id: &str, category| {
            Vendor::new(id, category)
                .first_party()
                .with_purpose("p")
                .with_retention("r")
                .hosts([format!("{id}.test")])
        };
        Policy::builder("1")
            .vendor(vendor("stats", Category::Analytics))
            .vendor(vendor("heat", Category::Analytics))
            .vendor(vendor("ads", Category::Marketing))
            .vendor(vendor("video", Category::Functional))
            .build()
            .unwrap()
    }

    fn of(text: &str) -> Option<Consent> {
        parse(&Consent::plain(&policy()), text)
    }

    #[test]
    fn a_key_holds_all_that_a_page_depends_on() {
        for text in [
            "0",
            "?",
            "f",
            "a",
            "m",
            "fam",
            "?fa",
            "am!heat",
            "a!heat!stats",
            "+video",
            "?a!heat+ads+video",
        ] {
            let consent = of(text).unwrap();
            assert_eq!(key(&consent), text);
            assert_eq!(key(&shared(&consent)), text);
        }
        for text in [
            "x", "00", "0a", "a?", "A", "a!", "a!nobody", "n", " a", "", "+", "a+heat", "+nobody",
            "video", "+video!",
        ] {
            assert!(
                of(text).is_none_or(|consent| key(&consent) != text),
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_only_narrows() {
        let all = [
            "0",
            "?",
            "a",
            "m",
            "fam",
            "?fa",
            "am!heat",
            "a!heat!stats",
            "+heat",
            "?f+ads+stats",
        ];
        for proven in all {
            for claim in all {
                let proven = of(proven).unwrap();
                let value = HeaderValue::from_static(claim);
                let kept = narrowed(&proven, &value).unwrap();
                assert!(!kept.is_narrowed_by(&proven), "{proven:?} under {claim}");
                assert!(
                    !kept.is_narrowed_by(&of(claim).unwrap()),
                    "{proven:?} {claim}"
                );
                assert_eq!(kept.needs_banner(), proven.needs_banner());
            }
        }
        let wide = of("fam").unwrap();
        for broken in ["x", "a!nobody", "fam,fam"] {
            assert!(narrowed(&wide, &HeaderValue::from_static(broken)).is_none());
        }
    }

    #[test]
    fn two_headers_are_none() {
        let mut headers = HeaderMap::new();
        assert!(claimed(&headers).is_none());
        headers.append(EDGE_STATE, HeaderValue::from_static("a"));
        assert_eq!(claimed(&headers).unwrap(), "a");
        headers.append(EDGE_STATE, HeaderValue::from_static("a"));
        assert!(claimed(&headers).is_none());
    }
}
