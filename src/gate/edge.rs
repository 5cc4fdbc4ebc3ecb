//! Which state does a shared cache keep a page under?
//!
//! The key of a state is `?` if the banner asks, a letter for each granted
//! category (`f`, `a`, `m`), and for each vendor refused within them a `!` with
//! its id: `?`, `fam`, `?a`, `am!heat`; `0` where nothing is granted or asked.
//! It holds all that a page depends on, and nothing else about the visitor.

use http::header::{HeaderMap, HeaderValue};

use super::cache::EDGE_STATE;
use crate::category::{Category, CategorySet};
use crate::consent::Consent;
use crate::policy::Policy;
use crate::token::VendorSet;

const NOTHING: &str = "0";

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
    key.extend(consent.granted().iter().map(letter));
    let mut refused = consent.refused_vendor_ids();
    refused.sort_unstable();
    for vendor in refused {
        key.push('!');
        key.push_str(vendor);
    }
    if key.is_empty() {
        key.push_str(NOTHING);
    }
    key
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
    let (granted, claimed_refusals) = parse(consent.policy(), key.to_str().ok()?)?;
    let granted = Category::OPTIONAL
        .into_iter()
        .filter(|category| granted.contains(*category) && consent.allows(*category))
        .fold(CategorySet::EMPTY, CategorySet::with);
    let mut refused = Category::OPTIONAL.map(|category| consent.refused_vendors(category));
    for (category, position) in claimed_refusals {
        let slot = Category::OPTIONAL
            .iter()
            .position(|known| *known == category);
        if let Some(set) = slot.and_then(|slot| refused.get_mut(slot)) {
            set.insert(position);
        }
    }
    Some(Consent::assumed(
        consent.policy(),
        granted,
        refused,
        consent.needs_banner(),
    ))
}

/// The consent that everybody has whose key is that of `consent`.
pub(crate) fn shared(consent: &Consent) -> Consent {
    let refused: [VendorSet; 3] =
        Category::OPTIONAL.map(|category| consent.refused_vendors(category));
    Consent::assumed(
        consent.policy(),
        consent.granted(),
        refused,
        consent.needs_banner(),
    )
}

/// What a key grants, and whom it refuses within that.
fn parse(policy: &Policy, key: &str) -> Option<(CategorySet, Vec<(Category, u8)>)> {
    let mut parts = key.split('!');
    let state = parts.next()?;
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
    let refused = parts
        .map(|vendor| policy.vendor_position(vendor))
        .collect::<Option<Vec<_>>>()?;
    Some((granted, refused))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;
    use crate::policy::Vendor;

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

    /// The consent that a key stands for.
    fn of(text: &str) -> Option<Consent> {
        let policy = policy();
        let (granted, refusals) = parse(&policy, text)?;
        let mut refused = [VendorSet::EMPTY; 3];
        for (category, position) in refusals {
            refused.get_mut(category.index() - 1)?.insert(position);
        }
        Some(Consent::assumed(
            &policy,
            granted,
            refused,
            text.starts_with('?'),
        ))
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
        ] {
            let consent = of(text).unwrap();
            assert_eq!(key(&consent), text);
            assert_eq!(key(&shared(&consent)), text);
        }
        for text in ["x", "00", "0a", "a?", "A", "a!", "a!nobody", "n", " a", ""] {
            assert!(
                of(text).is_none_or(|consent| key(&consent) != text),
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_only_narrows() {
        let all = ["0", "?", "a", "m", "fam", "?fa", "am!heat", "a!heat!stats"];
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
