//! Did this site itself record this choice, for this category?
//!
//! A token is one category's signed grant or refusal: untrusted bytes in, a
//! [`Grant`] or the reason why not out. Its text is base64url without padding of
//!
//! ```text
//! byte  0      schema, 1
//!       1..5   key id
//!       5      flags: 1 granted, 2 given while the browser sent GPC, and where it is not granted
//!              4 the vendors named are, 8 the category as a whole was not asked about yet;
//!              16 in the anchor's, a record's name follows; 32 given after a notice that it
//!              overrides GPC
//!       6      how it was given: 1 banner, 2 preferences, 3 application, 4 embed, 5 no choice but GPC
//!       7..15  stamp: seconds since 1970, big-endian, the same in all cookies of one choice
//!      15..23  revision: a digest of what the visitor was asked
//!      23..n   vendors, a bit each, no zero byte at the end (n <= 39): those refused inside a granted
//!              category, with flag 4 those granted alone; in the anchor's, which has none, the 16
//!              bytes of the receipt where a record is kept
//!       n..    the first 16 bytes of HMAC-SHA-256 over all that stands before
//! ```
//!
//! Each category of each site has a signing key of its own, derived from the
//! keyring's, so a value moved to another category's cookie or to another site
//! does not verify, though neither name is in the message. The message is at
//! most 39 bytes, so one check is two SHA-256 compressions. A tag of half the hash's length is RFC 2104's
//! lower bound (section 5), here 128 bits.
//!
//! # What this does not protect against
//!
//! A signature proves that the site issued the value, not that it is the
//! latest: a visitor who keeps an old cookie can put it back. That only ever
//! restores the visitor's own earlier choice.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::category::Category;
use crate::clock::Timestamp;
use crate::id::ReceiptId;
use crate::keys::Keyring;
use crate::mac::{MAX_MESSAGE, ShortMac};
use crate::policy::{MAX_VENDORS, Revision};

const SCHEMA: u8 = 1;
const FIXED: usize = 23;
const TAG: usize = 16;
/// Bytes of the bit set of refused vendors.
const VENDOR_BYTES: usize = MAX_VENDORS / 8;
const RECEIPT: usize = 16;
const MAX_BYTES: usize = FIXED + VENDOR_BYTES + TAG;
const _: () = assert!(FIXED + VENDOR_BYTES <= MAX_MESSAGE && RECEIPT <= VENDOR_BYTES);
/// The longest text of a token.
pub(crate) const MAX_TEXT: usize = MAX_BYTES.div_ceil(3) * 4;

const FLAG_GRANTED: u8 = 1;
const FLAG_GPC: u8 = 2;
const FLAG_ALONE: u8 = 4;
const FLAG_OPEN: u8 = 8;
const FLAG_RECEIPT: u8 = 16;
const FLAG_TOLD: u8 = 32;

/// Vendors of one category, by their position in it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct VendorSet(u128);

impl VendorSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn insert(&mut self, position: u8) {
        self.0 |= 1u128.checked_shl(position.into()).unwrap_or(0);
    }

    pub(crate) fn remove(&mut self, position: u8) {
        self.0 &= !1u128.checked_shl(position.into()).unwrap_or(0);
    }

    pub(crate) fn contains(self, position: u8) -> bool {
        self.0 & 1u128.checked_shl(position.into()).unwrap_or(0) != 0
    }

    /// The set with these bits.
    pub(crate) const fn of_bits(bits: u128) -> Self {
        Self(bits)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in either.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Those that are not in `other`.
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for VendorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VendorSet({:#b})", self.0)
    }
}

/// Where a visitor's choice was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The banner's first layer.
    Banner,
    /// The preferences page.
    Preferences,
    /// A page of the application, through a `Choice` in its response.
    Application,
    /// The placeholder of something embedded.
    Embed,
    /// The browser's signal, which took a grant away.
    Signal,
}

impl Source {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Banner => 1,
            Self::Preferences => 2,
            Self::Application => 3,
            Self::Embed => 4,
            Self::Signal => 5,
        }
    }

    /// As records name it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Preferences => "preferences",
            Self::Application => "application",
            Self::Embed => "embed",
            Self::Signal => "signal",
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Banner),
            2 => Some(Self::Preferences),
            3 => Some(Self::Application),
            4 => Some(Self::Embed),
            5 => Some(Self::Signal),
            _ => None,
        }
    }
}

/// One category's part of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) granted: bool,
    /// Whether the category as a whole was not asked about yet. Then it is not granted.
    pub(crate) open: bool,
    /// Whether the browser sent Global Privacy Control when the choice was made.
    pub(crate) gpc: bool,
    /// Whether the visitor was told then that a grant overrides it.
    pub(crate) told: bool,
    pub(crate) source: Source,
    pub(crate) stamp: Timestamp,
    pub(crate) revision: Revision,
    /// Those refused although the category is granted.
    pub(crate) refused_vendors: VendorSet,
    /// Those granted although the category is not.
    pub(crate) granted_vendors: VendorSet,
    /// The record that the choice is in. Only the anchor names it.
    pub(crate) receipt: Option<ReceiptId>,
}

/// Why a token counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    Malformed,
    UnknownKey,
    BadSignature,
}

/// The derived keys of one site: for every key of the ring, one for each category.
#[derive(Clone)]
pub(crate) struct TokenKeys {
    signing: SiteKey,
    previous: Vec<SiteKey>,
}

#[derive(Clone)]
struct SiteKey {
    id: [u8; 4],
    /// In the order of [`Category::ALL`].
    macs: [ShortMac; 4],
}

impl SiteKey {
    const fn mac(&self, category: Category) -> &ShortMac {
        let [necessary, functional, analytics, marketing] = &self.macs;
        match category {
            Category::Necessary => necessary,
            Category::Functional => functional,
            Category::Analytics => analytics,
            Category::Marketing => marketing,
        }
    }
}

impl TokenKeys {
    /// Derives the keys for the site that the policy names.
    pub(crate) fn derive(keyring: &Keyring, site: &str) -> Self {
        let mut keys = keyring.keys().map(|key| SiteKey {
            id: key.id(),
            macs: Category::ALL.map(|category| {
                let context = [
                    &b"tower-consent v1 consent cookie"[..],
                    site.as_bytes(),
                    category.as_str().as_bytes(),
                ];
                ShortMac::new(&key.derive(&context))
            }),
        });
        #[allow(clippy::expect_used, reason = "a keyring is made with its signing key")]
        let signing = keys.next().expect("a keyring holds a signing key");
        Self {
            signing,
            previous: keys.collect(),
        }
    }

    /// Writes the token's text behind `text`.
    pub(crate) fn sign(&self, category: Category, grant: &Grant, text: &mut String) {
        let mut bytes = Vec::with_capacity(MAX_BYTES);
        bytes.push(SCHEMA);
        bytes.extend_from_slice(&self.signing.id);
        let mut flags = 0;
        if grant.granted {
            flags |= FLAG_GRANTED;
        }
        if grant.gpc {
            flags |= FLAG_GPC;
        }
        if grant.told {
            flags |= FLAG_TOLD;
        }
        let mut vendors = grant.refused_vendors;
        if !grant.granted && !grant.granted_vendors.is_empty() {
            flags |= FLAG_ALONE;
            vendors = grant.granted_vendors;
        }
        if !grant.granted && grant.open {
            flags |= FLAG_OPEN;
        }
        let receipt = grant.receipt.filter(|_| category == Category::Necessary);
        if receipt.is_some() {
            flags |= FLAG_RECEIPT;
        }
        bytes.push(flags);
        bytes.push(grant.source.to_byte());
        bytes.extend_from_slice(&grant.stamp.unix_seconds().to_be_bytes());
        bytes.extend_from_slice(&grant.revision.0);
        if let Some(receipt) = receipt {
            bytes.extend_from_slice(receipt.as_bytes());
        } else {
            let vendors = vendors.0.to_le_bytes();
            let used = vendors
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            bytes.extend(vendors.iter().take(used));
        }
        let mac = self.signing.mac(category);
        #[allow(clippy::expect_used, reason = "the longest payload is shorter")]
        let tag = mac.tag(&bytes).expect("a payload fits one block");
        bytes.extend(tag.iter().take(TAG));
        URL_SAFE_NO_PAD.encode_string(bytes, text);
    }

    /// Reads a token that claims to be `category`'s. Its signature is checked
    /// before anything but the key id is looked at.
    pub(crate) fn verify(&self, category: Category, text: &[u8]) -> Result<Grant, TokenError> {
        if text.len() > MAX_TEXT {
            return Err(TokenError::Malformed);
        }
        let mut buffer = [0; MAX_TEXT];
        let length = URL_SAFE_NO_PAD
            .decode_slice(text, &mut buffer)
            .map_err(|_| TokenError::Malformed)?;
        let bytes = buffer.get(..length).ok_or(TokenError::Malformed)?;
        let (payload, tag) = bytes
            .split_last_chunk::<TAG>()
            .ok_or(TokenError::Malformed)?;
        let (fixed, vendors) = payload
            .split_first_chunk::<FIXED>()
            .ok_or(TokenError::Malformed)?;
        let [schema, id0, id1, id2, id3, flags, source, rest @ ..] = fixed;
        if *schema != SCHEMA || vendors.len() > VENDOR_BYTES {
            return Err(TokenError::Malformed);
        }
        self.verify_tag(category, [*id0, *id1, *id2, *id3], payload, tag)?;

        let [s0, s1, s2, s3, s4, s5, s6, s7, revision @ ..] = *rest;
        let has = |flag: u8| flags & flag != 0;
        let flags_known =
            FLAG_GRANTED | FLAG_GPC | FLAG_ALONE | FLAG_OPEN | FLAG_RECEIPT | FLAG_TOLD;
        let known = flags & !flags_known == 0;
        let (receipt, vendors) = if has(FLAG_RECEIPT) {
            let whole = <[u8; RECEIPT]>::try_from(vendors).map_err(|_| TokenError::Malformed)?;
            if category != Category::Necessary {
                return Err(TokenError::Malformed);
            }
            (Some(ReceiptId::from_bytes(whole)), &[][..])
        } else {
            (None, vendors)
        };
        let mut named = [0; VENDOR_BYTES];
        named
            .iter_mut()
            .zip(vendors)
            .for_each(|(to, from)| *to = *from);
        let exceptional = has(FLAG_ALONE | FLAG_OPEN);
        let contradicts = exceptional && (has(FLAG_GRANTED) || category == Category::Necessary)
            || has(FLAG_ALONE) && vendors.is_empty();
        if !known || contradicts || vendors.last() == Some(&0) {
            return Err(TokenError::Malformed);
        }
        let named = VendorSet(u128::from_le_bytes(named));
        let (refused_vendors, granted_vendors) = if has(FLAG_ALONE) {
            (VendorSet::EMPTY, named)
        } else {
            (named, VendorSet::EMPTY)
        };
        Ok(Grant {
            granted: has(FLAG_GRANTED),
            open: has(FLAG_OPEN),
            gpc: has(FLAG_GPC),
            told: has(FLAG_TOLD),
            source: Source::from_byte(*source).ok_or(TokenError::Malformed)?,
            stamp: Timestamp::from_unix_seconds(u64::from_be_bytes([
                s0, s1, s2, s3, s4, s5, s6, s7,
            ])),
            revision: Revision(revision),
            refused_vendors,
            granted_vendors,
            receipt,
        })
    }

    fn verify_tag(
        &self,
        category: Category,
        id: [u8; 4],
        payload: &[u8],
        tag: &[u8; TAG],
    ) -> Result<(), TokenError> {
        let mut outcome = TokenError::UnknownKey;
        // Two keys may share an id by chance, so a failed one does not end the search.
        for key in std::iter::once(&self.signing).chain(&self.previous) {
            if key.id == id {
                if key.mac(category).verify(payload, tag) {
                    return Ok(());
                }
                outcome = TokenError::BadSignature;
            }
        }
        Err(outcome)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys(redacted)")
    }
}
