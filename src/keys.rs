//! Which secret signs a choice, and which ones are still honoured?
//!
//! A [`Keyring`] holds one key that signs and any number that only verify, so
//! that keys can be rotated without asking anyone again: put the new key
//! first, keep the old one behind it until the last choice signed with it has
//! expired (184 days by default), then drop it. Choices signed with a dropped
//! key read as undecided.
//!
//! # What this does not protect against
//!
//! Whoever holds a key can forge a consent. A key that may have leaked must be
//! dropped at once, not rotated: every visitor is then asked again.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The least that a key may have: as much as the hash gives out (RFC 2104, section 3).
const MIN_KEY_BYTES: usize = 32;

/// A secret of at least 32 random bytes. Wiped from memory when dropped; never shown by `Debug`.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl SigningKey {
    /// Takes the key's bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] under 32 bytes, or where one byte repeats throughout.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() < MIN_KEY_BYTES {
            return Err(KeyError(Kind::TooShort(bytes.len())));
        }
        if bytes.windows(2).all(|pair| pair.first() == pair.last()) {
            return Err(KeyError(Kind::Repetitive));
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Reads base64, standard or URL-safe, padded or not, as `openssl rand -base64 32` prints it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the text is not base64, or as [`from_bytes`](Self::from_bytes).
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let alphabet = if text.contains(['-', '_']) {
            alphabet::URL_SAFE
        } else {
            alphabet::STANDARD
        };
        let config =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let bytes = GeneralPurpose::new(&alphabet, config)
            .decode(text)
            .map(Zeroizing::new)
            .map_err(|_| KeyError(Kind::NotBase64))?;
        Self::from_bytes(&bytes)
    }

    /// Makes a fresh key from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where that source fails.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new(vec![0; MIN_KEY_BYTES]);
        getrandom::fill(&mut bytes).map_err(|error| KeyError(Kind::Random(error)))?;
        Self::from_bytes(&bytes)
    }

    /// Four bytes that name the key in public and tell nothing about it.
    pub(crate) fn id(&self) -> [u8; 4] {
        let tag = self.derive(&[b"tower-consent v1 key id"]);
        let mut id = [0; 4];
        id.iter_mut()
            .zip(tag.iter())
            .for_each(|(to, from)| *to = *from);
        id
    }

    /// A key of its own for one use, named by `context`; each part is preceded
    /// by its length, so that no two contexts read alike.
    pub(crate) fn derive(&self, context: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = keyed(&self.0);
        for part in context {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// HMAC-SHA-256 takes a key of any length, so this cannot fail.
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[allow(
        clippy::expect_used,
        reason = "HMAC accepts keys of every length (RFC 2104)"
    )]
    Hmac::new_from_slice(key).expect("HMAC accepts keys of every length")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// One key that signs and the earlier ones that still verify.
///
/// ```
/// use tower_consent::{Keyring, SigningKey};
///
/// # fn main() -> Result<(), tower_consent::KeyError> {
/// let new = SigningKey::from_base64("vZ5xrn2fBkVQNzTFmW0s0yZpYqRrSxVjM8tVh8J3mT0=")?;
/// let old = SigningKey::generate()?;
/// let keys = Keyring::new(new).with_previous(old);
/// # let _ = keys;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<SigningKey>,
}

impl Keyring {
    /// A keyring that signs and verifies with `signing`.
    #[must_use]
    pub fn new(signing: SigningKey) -> Self {
        Self {
            keys: vec![signing],
        }
    }

    /// Adds a key that only verifies.
    #[must_use]
    pub fn with_previous(mut self, key: SigningKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Reads keys in base64 from an environment variable, separated by commas
    /// or white space. The first signs, the others only verify.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the variable is missing or empty or one of its keys
    /// is unusable. The message names the variable and the key's position,
    /// never the key.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        let text = std::env::var(variable)
            .map(Zeroizing::new)
            .map_err(|_| KeyError(Kind::Missing(variable.to_owned())))?;
        Self::from_list(&text, variable)
    }

    fn from_list(text: &str, variable: &str) -> Result<Self, KeyError> {
        let keys = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|part| !part.is_empty())
            .enumerate()
            .map(|(position, part)| {
                SigningKey::from_base64(part).map_err(|source| {
                    KeyError(Kind::InVariable {
                        variable: variable.to_owned(),
                        position: position + 1,
                        source: Box::new(source),
                    })
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(KeyError(Kind::Missing(variable.to_owned())));
        }
        Ok(Self { keys })
    }

    /// A fresh key for this process alone: every choice is forgotten when it
    /// restarts, and two instances do not honour each other's. For development.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the operating system gives no random bytes.
    pub fn ephemeral() -> Result<Self, KeyError> {
        SigningKey::generate().map(Self::new)
    }

    /// The keys, the signing one first; never empty.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys, redacted)", self.keys.len())
    }
}

/// Why a key cannot be used. Never shows the key.
#[derive(Debug)]
pub struct KeyError(Kind);

#[derive(Debug)]
enum Kind {
    TooShort(usize),
    Repetitive,
    NotBase64,
    Missing(String),
    Random(getrandom::Error),
    InVariable {
        variable: String,
        position: usize,
        source: Box<KeyError>,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FIX: &str = "make one with `openssl rand -base64 32`";
        match &self.0 {
            Kind::TooShort(bytes) => write!(
                f,
                "the key has {bytes} bytes and needs at least {MIN_KEY_BYTES}; {FIX}"
            ),
            Kind::Repetitive => write!(f, "the key repeats one byte; {FIX}"),
            Kind::NotBase64 => write!(f, "the key is not base64; {FIX}"),
            Kind::Missing(variable) => write!(
                f,
                "the environment variable {variable} holds no signing key; {FIX}"
            ),
            Kind::Random(_) => f.write_str("the operating system gave no random bytes"),
            Kind::InVariable {
                variable,
                position,
                source,
            } => write!(f, "key {position} in {variable}: {source}"),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Random(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]
mod tests {
    use super::*;

    const KEY: &str = "vZ5xrn2fBkVQNzTFmW0s0yZpYqRrSxVjM8tVh8J3mT0=";

    // covers S49
    #[test]
    fn short_weak_and_malformed_keys_are_refused_with_the_command_that_makes_one() {
        for error in [
            SigningKey::from_bytes(&[7; 31]).unwrap_err(),
            SigningKey::from_bytes(&[7; 32]).unwrap_err(),
            SigningKey::from_bytes(&[]).unwrap_err(),
            SigningKey::from_base64("not base64 at all!").unwrap_err(),
            SigningKey::from_base64("c2hvcnQ=").unwrap_err(),
            Keyring::from_env("TOWER_CONSENT_NO_SUCH_VARIABLE").unwrap_err(),
            Keyring::from_list(" , ", "KEYS").unwrap_err(),
        ] {
            assert!(error.to_string().contains("openssl rand"), "{error}");
        }
    }

    #[test]
    fn a_list_names_the_bad_key_by_position_and_shows_none() {
        let error = Keyring::from_list(&format!("{KEY} c2hvcnQ="), "KEYS").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("key 2 in KEYS: the key has 5 bytes")
        );
        assert!(!format!("{error:?}").contains("c2hvcnQ"));
        assert_eq!(
            Keyring::from_list(&format!("{KEY},\n{KEY}"), "KEYS")
                .unwrap()
                .keys
                .len(),
            2
        );
    }

    #[test]
    fn base64_in_every_common_form_gives_the_same_key() {
        let standard = "+/+/vZ5xrn2fBkVQNzTFmW0s0yZpYqRrSxVjM8tVh8I=";
        let forms = [
            standard.to_owned(),
            standard.trim_end_matches('=').to_owned(),
            standard.replace('+', "-").replace('/', "_"),
            format!("  {standard}\n"),
        ];
        let ids: Vec<_> = forms
            .iter()
            .map(|form| SigningKey::from_base64(form).unwrap().id())
            .collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    }

    // covers S40
    #[test]
    fn debug_shows_no_key() {
        let key = SigningKey::from_base64(KEY).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
        assert_eq!(
            format!("{:?}", Keyring::new(key)),
            "Keyring(1 keys, redacted)"
        );
    }

    #[test]
    fn derived_keys_differ_by_every_part_and_by_where_parts_end() {
        let key = SigningKey::from_base64(KEY).unwrap();
        let contexts: [&[&[u8]]; 4] = [&[b"a", b"bc"], &[b"ab", b"c"], &[b"abc"], &[b"a", b"bd"]];
        for (i, a) in contexts.iter().enumerate() {
            for b in &contexts[i + 1..] {
                assert_ne!(*key.derive(a), *key.derive(b));
            }
        }
    }
}
