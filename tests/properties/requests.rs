//! What are requests made of?

use http::HeaderValue;
use http::header::COOKIE;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tower_consent::Category;

use crate::common::mint::{self, Claims};
use crate::common::*;
use crate::site::revisions;

pub(crate) fn category() -> impl Strategy<Value = Category> {
    select(Category::ALL.to_vec())
}

/// Mostly `usual`, sometimes one of the others.
pub(crate) fn mostly<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: Vec<T>,
) -> impl Strategy<Value = T> {
    prop_oneof![9 => Just(usual), 1 => select(others)]
}

/// One token for a category: usually a good one, sometimes off in one way or another.
fn token(named: Category) -> impl Strategy<Value = Vec<u8>> {
    let other_category = select(Category::ALL.to_vec());
    let signed_for = prop_oneof![19 => Just(named), 1 => other_category];
    let stamps = vec![
        NOW - 1,
        NOW + 120,
        NOW + 121,
        NOW - LIFETIME,
        NOW - LIFETIME + 1,
        0,
        u64::MAX,
    ];
    let claims = (
        mostly(1u8, vec![0, 2, 255]),
        prop_oneof![6 => Just(1u8), 2 => Just(0), 2 => Just(3), 2 => 0..16u8, 1 => any::<u8>()],
        mostly(1u8, vec![0, 2, 3, 4, 5]),
        mostly(NOW, stamps),
        mostly(
            None,
            vec![Some([0; 8]), Some(revisions()[1]), Some(revisions()[3])],
        ),
        prop_oneof![
            8 => Just(Vec::new()),
            4 => select(vec![vec![1u8], vec![2], vec![3]]),
            1 => vec(any::<u8>(), 0..20),
        ],
    );
    let keys = mostly(FIRST_KEY, vec![OTHER_KEY, OTHER_KEY, THIRD_KEY]);
    let sites = mostly(SITE, vec!["", "shop.test"]);
    let damage = prop_oneof![
        12 => Just(None),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(Some),
    ];
    (signed_for, claims, keys, sites, damage).prop_map(
        move |(
            signed_for,
            (schema, flags, source, stamp, revision, refused_vendors),
            key,
            site,
            damage,
        )| {
            let claims = Claims {
                schema,
                flags,
                source,
                stamp,
                revision: revision.unwrap_or(revisions()[named as usize]),
                refused_vendors,
            };
            let mut text = mint::token(&key, site, signed_for.as_str(), &claims).into_bytes();
            if let Some((at, byte)) = damage {
                let at = at.index(text.len());
                text[at] = printable(byte);
            }
            text
        },
    )
}

/// Bytes that a header value can hold.
pub(crate) fn header_bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_map(printable), 0..most)
}

/// A byte that a header value can hold.
fn printable(byte: u8) -> u8 {
    if byte.is_ascii_control() { b'\t' } else { byte }
}

/// One piece of a `Cookie` line.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "sid",
        "nec",
        "nec1",
        "ana",
        "ana_1",
        "ana_",
        "fun_x",
        "mar_y",
        "mar_exempt",
        "anal",
        "xana",
        "ANA",
        "",
        " ana ",
        "ana\t",
        "consent-analytics",
        "__host-http-consent-analytics",
    ];
    let ours = category().prop_flat_map(|category| {
        token(category)
            .prop_map(move |token| [consent_cookie(category).as_bytes(), b"=", &token].concat())
    });
    prop_oneof![
        4 => ours,
        4 => (select(names.to_vec()), header_bytes(8))
            .prop_map(|(name, value)| [name.as_bytes(), b"=", &value].concat()),
        1 => select(names.to_vec()).prop_map(|name| name.as_bytes().to_vec()),
        1 => header_bytes(24),
    ]
}

/// The four cookies of a choice, usually all there and usually good, with other pieces around them.
pub(crate) fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let kept = prop_oneof![
        6 => Just(vec![0, 1, 2, 3]),
        2 => subsequence(vec![0, 1, 2, 3], 0..=4),
        1 => Just(Vec::new()),
    ];
    let four = (
        token(Category::Necessary),
        token(Category::Functional),
        token(Category::Analytics),
        token(Category::Marketing),
        kept,
    )
        .prop_map(|(a, b, c, d, kept)| {
            let tokens = [a, b, c, d];
            kept.into_iter()
                .map(|at: usize| [CONSENT_COOKIES[at].as_bytes(), b"=", &tokens[at]].concat())
                .collect::<Vec<_>>()
        });
    let separators = vec!["; ", "; ", "; ", ";", " ;\t", ";;", "; ;"];
    (
        four,
        vec(piece(), 0..6),
        vec((select(separators), 0..8u8), 12),
    )
        .prop_flat_map(|(four, extra, glue)| {
            (Just([four, extra].concat()).prop_shuffle(), Just(glue))
        })
        .prop_map(|(pieces, glue)| {
            let mut lines = vec![Vec::new()];
            for (piece, (separator, split)) in pieces.into_iter().zip(glue.into_iter().cycle()) {
                let line = lines.last_mut().unwrap();
                if split == 0 {
                    lines.push(piece);
                } else {
                    if !line.is_empty() {
                        line.extend(separator.as_bytes());
                    }
                    line.extend(piece);
                }
            }
            lines
        })
}

pub(crate) fn send(app: &App, lines: &[Vec<u8>], gpc: bool) -> Answer {
    let mut request = get("/");
    for line in lines {
        let line = HeaderValue::from_bytes(line).unwrap();
        request.headers_mut().append(COOKIE, line);
    }
    if gpc {
        let on = HeaderValue::from_static("1");
        request.headers_mut().insert("sec-gpc", on);
    }
    app.send(request)
}
