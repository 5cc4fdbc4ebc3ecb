//! A second implementation of the signed cookies, written from their description alone.
//!
//! It lets the tests check what the layer writes, and write what the layer
//! would never write.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What a token says.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) schema: u8,
    /// 1 granted, 2 given while the browser sent Global Privacy Control; where
    /// it is not granted, 4 the vendors named are, 8 it was not asked about yet;
    /// 32 a notice came before it that a grant overrides the signal.
    pub(crate) flags: u8,
    /// 1 banner, 2 preferences, 3 application, 4 embed, 5 the signal.
    pub(crate) source: u8,
    pub(crate) stamp: u64,
    pub(crate) revision: [u8; 8],
    /// A bit for each refused vendor, by the order of the ids; with flag 4 for each granted one.
    pub(crate) refused_vendors: Vec<u8>,
}

impl Claims {
    /// A plain grant from the banner.
    pub(crate) fn granted(stamp: u64, revision: [u8; 8]) -> Self {
        Self {
            schema: 1,
            flags: 1,
            source: 1,
            stamp,
            revision,
            refused_vendors: Vec::new(),
        }
    }
}

/// The bytes of a token that `key` signs for one category of one site.
pub(crate) fn token_bytes(key: &[u8], site: &str, category: &str, claims: &Claims) -> Vec<u8> {
    let mut bytes = vec![claims.schema];
    bytes.extend(key_id(key));
    bytes.extend([claims.flags, claims.source]);
    bytes.extend(claims.stamp.to_be_bytes());
    bytes.extend(claims.revision);
    bytes.extend(&claims.refused_vendors);
    sealed(key, site, category, bytes)
}

/// `payload` with the tag behind it.
pub(crate) fn sealed(key: &[u8], site: &str, category: &str, mut payload: Vec<u8>) -> Vec<u8> {
    let key = derived(
        key,
        &[
            b"tower-consent v1 consent cookie",
            site.as_bytes(),
            category.as_bytes(),
        ],
    );
    let tag = hmac(&key, &payload);
    payload.extend(&tag[..16]);
    payload
}

pub(crate) fn token(key: &[u8], site: &str, category: &str, claims: &Claims) -> String {
    encode(&token_bytes(key, site, category, claims))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// The four bytes that name a key.
pub(crate) fn key_id(key: &[u8]) -> [u8; 4] {
    let tag = derived(key, &[b"tower-consent v1 key id"]);
    [tag[0], tag[1], tag[2], tag[3]]
}

/// What a visitor was asked about a category: the policy's revision, and for an
/// optional category the ids of its vendors and the names of its site cookies.
pub(crate) fn revision(
    revision: &str,
    category: &str,
    asked: Option<(&[&str], &[&str])>,
) -> [u8; 8] {
    let mut parts = vec!["tower-consent v1 revision", revision, category];
    if let Some((vendors, cookies)) = asked {
        let (mut vendors, mut cookies) = (vendors.to_vec(), cookies.to_vec());
        vendors.sort_unstable();
        cookies.sort_unstable();
        parts.push("vendors");
        parts.extend(vendors);
        parts.push("cookies");
        parts.extend(cookies);
    }
    let mut message = Vec::new();
    for part in parts {
        message.extend((part.len() as u64).to_be_bytes());
        message.extend(part.as_bytes());
    }
    let digest = Sha256::digest(&message);
    let mut revision = [0; 8];
    revision.copy_from_slice(&digest[..8]);
    revision
}

/// The revisions of the test shop, in the order of the consent cookies.
pub(crate) fn shop_revisions(of: &str) -> [[u8; 8]; 4] {
    [
        revision(of, "necessary", None),
        revision(of, "functional", Some((&[], &["theme"]))),
        revision(
            of,
            "analytics",
            Some((&["shop-stats", "google-analytics"], &[])),
        ),
        revision(of, "marketing", Some((&["meta-pixel"], &[]))),
    ]
}

/// Each part behind its length, through HMAC-SHA-256.
fn derived(key: &[u8], context: &[&[u8]]) -> [u8; 32] {
    let mut message = Vec::new();
    for part in context {
        message.extend((part.len() as u64).to_be_bytes());
        message.extend(*part);
    }
    hmac(key, &message)
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
