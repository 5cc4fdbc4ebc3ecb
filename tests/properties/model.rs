//! What may a request do, by a model of a few lines?

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_consent::{Category, CategorySet, Reason, Timestamp};

use crate::common::mint::{self, Claims};
use crate::common::*;
use crate::site::{owner, revisions, ring, site};

/// The bytes that name the refused vendors, by category.
pub(crate) type Refused = [Vec<u8>; 4];

fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = text
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |at| at + 1);
    &text[start..end]
}

/// The cookies of one line: name, value and the text that they stand in.
pub(crate) fn cookies_of(line: &[u8]) -> Vec<(&[u8], &[u8], &[u8])> {
    line.split(|byte| *byte == b';')
        .map(trim)
        .filter(|text| !text.is_empty())
        .map(|text| match text.iter().position(|byte| *byte == b'=') {
            Some(at) => (trim(&text[..at]), trim(&text[at + 1..]), text),
            None => (&b""[..], text, text),
        })
        .collect()
}

/// Whether these flags say something: 4 names vendors and 8 leaves open, both
/// where an optional category is not granted.
fn is_sound(category: Category, flags: u8, vendors: &[u8]) -> bool {
    // 32 says that a notice came before the choice, which goes with all of them.
    let flags = flags & !32;
    flags < 4
        || flags < 16
            && flags & 1 == 0
            && category != Category::Necessary
            && (flags & 4 == 0 || !vendors.is_empty())
}

/// What one token truly says, if a key of the ring signed it for this category of this site.
fn claims_of(category: Category, text: &[u8]) -> Option<Claims> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    if !(39..=55).contains(&bytes.len()) {
        return None;
    }
    let payload = bytes[..bytes.len() - 16].to_vec();
    let signed = [FIRST_KEY, OTHER_KEY].iter().any(|key| {
        payload[1..5] == mint::key_id(key)
            && mint::sealed(key, SITE, category.as_str(), payload.clone()) == bytes
    });
    let claims = Claims {
        schema: payload[0],
        flags: payload[5],
        source: payload[6],
        stamp: u64::from_be_bytes(payload[7..15].try_into().unwrap()),
        revision: payload[15..23].try_into().unwrap(),
        refused_vendors: payload[23..].to_vec(),
    };
    let sound = claims.schema == 1
        && is_sound(category, claims.flags, &claims.refused_vendors)
        && (1..=5).contains(&claims.source)
        && claims.refused_vendors.last() != Some(&0);
    (signed && sound).then_some(claims)
}

/// What a request may do: the granted categories, and the vendors of each that
/// stand otherwise: refused where it is granted, granted where it is not.
pub(crate) fn model(lines: &[Vec<u8>], now: u64, gpc: bool) -> (CategorySet, Refused) {
    let tokens: Vec<Option<Claims>> = Category::ALL
        .into_iter()
        .map(|category| {
            let name = consent_cookie(category);
            let mut found = lines
                .iter()
                .flat_map(|line| cookies_of(line))
                .filter(|(known, ..)| *known == name.as_bytes());
            match (found.next(), found.next()) {
                (Some((_, value, _)), None) => claims_of(category, value),
                _ => None,
            }
        })
        .collect();
    let current = |category: Category| revisions()[category as usize];
    let nothing = (CategorySet::EMPTY, Refused::default());
    let Some(anchor) = &tokens[0] else {
        return nothing;
    };
    let alive = anchor.stamp <= now + 120
        && now < anchor.stamp.saturating_add(LIFETIME)
        && anchor.revision == current(Category::Necessary);
    if !alive {
        return nothing;
    }
    let mut granted = CategorySet::EMPTY;
    let mut refused = Refused::default();
    for category in Category::OPTIONAL {
        if let Some(claims) = &tokens[category as usize]
            && claims.stamp == anchor.stamp
            && claims.revision == current(category)
            && claims.flags & (1 | 4) != 0
            && !(category == Category::Marketing && gpc && claims.flags & 2 == 0)
        {
            if claims.flags & 1 == 1 {
                granted = granted.with(category);
            }
            refused[category as usize].clone_from(&claims.refused_vendors);
        }
    }
    (granted, refused)
}

pub(crate) fn permits(granted: CategorySet, refused: &Refused, name: &[u8]) -> bool {
    owner(name).is_none_or(|(category, place)| {
        let bits = refused[category as usize].first();
        let named = bits.is_some_and(|bits| bits & (1 << place) != 0);
        granted.contains(category) != named
    })
}

/// The model and the layer agree on the plain cases, or the searches above prove nothing.
#[test]
fn the_model_knows_a_grant_when_it_sees_one() {
    let app = App::with_keys(site(), ring());
    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    let line = visitor.jar.header(SITE_HOST, "/").unwrap();
    let granted = CategorySet::EMPTY.with(Category::Analytics);
    assert_eq!(model(std::slice::from_ref(&line), NOW, false).0, granted);
    assert_eq!(app.consent_of([&line]).granted(), granted);
    assert!(model(&[line], NOW + LIFETIME, false).0.is_empty());
    assert_eq!(
        app.get("/").consent().reason(Category::Analytics),
        Reason::NoChoice
    );
    assert_eq!(app.get("/").consent().decided_at(), None::<Timestamp>);
}
