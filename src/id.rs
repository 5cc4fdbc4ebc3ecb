//! How is a visitor's record named, an event, a text?

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Random bytes from the operating system; `None` where it has none.
fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// As much of `bytes` as fits, with zeros behind it.
fn lossy<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut fitted = [0; N];
    fitted
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    fitted
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    let (whole, rest) = bytes.as_chunks::<8>();
    for some in whole {
        push_hex::<16>(some, &mut text);
    }
    for byte in rest {
        push_hex::<2>(&[*byte], &mut text);
    }
    text
}

/// A row holds some 300 digits, so no formatter is asked for each.
fn write_hex(bytes: &[u8], digits: &mut [u8]) {
    let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        if let [high, low] = pair {
            *high = digit(byte >> 4);
            *low = digit(byte & 15);
        }
    }
}

/// The same behind a text.
fn push_hex<const DIGITS: usize>(bytes: &[u8], text: &mut String) {
    let mut digits = [0; DIGITS];
    write_hex(bytes, &mut digits);
    // Digits are always text.
    text.push_str(std::str::from_utf8(&digits).unwrap_or_default());
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $bytes:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Takes the bytes as they are.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Reads a column that ought to have the right length. What is too
            /// long is cut and what is too short filled with zeros, so that a
            /// damaged row can still be read, and named.
            #[must_use]
            pub fn from_column(bytes: &[u8]) -> Self {
                Self(lossy(bytes))
            }

            /// Reads lower- or upper-case hexadecimal of exactly the right length.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                from_hex(text).map(Self)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// Lower-case hexadecimal.
            #[must_use]
            pub fn to_hex(&self) -> String {
                hex(&self.0)
            }

            /// The same behind a text.
            pub(crate) fn write_to(&self, text: &mut String) {
                push_hex::<{ 2 * $bytes }>(&self.0, text);
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut digits = [0; 2 * $bytes];
                write_hex(&self.0, &mut digits);
                // Digits are always text.
                serializer.serialize_str(std::str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::from_hex(&text).ok_or_else(|| {
                    serde::de::Error::custom(concat!("expected ", $bytes, " bytes as hexadecimal"))
                })
            }
        }
    )*};
}

ids! {
    /// Names one visitor's record: 128 random bits, made with the first choice
    /// and kept in the visitor's own signed cookie. Whoever has the cookie can
    /// read, export and erase the record, so `Debug` does not show it.
    ReceiptId: 16,
    /// Names one event: 128 bits, random but where the browser's signal is noted,
    /// which comes with many requests at once. A log stores each once.
    EventId: 16,
    /// Names an [`Artefact`](crate::record::Artefact): the SHA-256 of its bytes.
    ArtefactId: 32,
}

impl ReceiptId {
    /// A fresh one; `None` where the operating system gives no random bytes.
    #[must_use]
    pub fn random() -> Option<Self> {
        random().map(Self)
    }
}

/// Names a record and its first event, for which the operating system is asked once.
pub(crate) fn fresh() -> Option<(ReceiptId, EventId)> {
    let bytes = random::<32>()?;
    let (receipt, event) = bytes.split_at(16);
    Some((ReceiptId(lossy(receipt)), EventId(lossy(event))))
}

impl EventId {
    /// The same name for the same things, so that what is noted again is stored once.
    pub(crate) fn derived(receipt: ReceiptId, what: &str, times: [u64; 2]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"tower-consent v1 event");
        hasher.update(receipt.as_bytes());
        for time in times {
            hasher.update(time.to_be_bytes());
        }
        hasher.update(what);
        Self(lossy(&hasher.finalize()))
    }

    /// A fresh one; `None` where the operating system gives no random bytes.
    #[must_use]
    pub fn random() -> Option<Self> {
        random().map(Self)
    }
}

impl ArtefactId {
    /// The name of no bytes at all.
    pub(crate) const OF_NOTHING: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The name of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptId(redacted)")
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({})", self.to_hex())
    }
}

impl fmt::Debug for ArtefactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArtefactId({})", self.to_hex())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_round_trips_and_nothing_else_is_read() {
        let id = EventId::from_bytes(std::array::from_fn(|at| (at * 17) as u8));
        assert_eq!(EventId::from_hex(&id.to_hex()), Some(id));
        assert_eq!(EventId::from_hex(&id.to_hex().to_uppercase()), Some(id));
        let text = id.to_hex();
        assert_eq!(text, "00112233445566778899aabbccddeeff");
        for bad in [
            "",
            "00",
            "zz",
            text.trim_start_matches('0'),
            &format!("{text}0"),
            "é0000000000000000000000000000000",
        ] {
            assert_eq!(EventId::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_has_its_own_digest() {
        assert_eq!(ArtefactId::of(b""), ArtefactId::OF_NOTHING);
    }

    // covers S13, S40
    #[test]
    fn receipts_are_random_and_shown_nowhere() {
        let receipt = ReceiptId::random().unwrap();
        assert_ne!(receipt, ReceiptId::random().unwrap());
        let (one, event) = fresh().unwrap();
        let (other, next) = fresh().unwrap();
        assert!(one != other && event != next);
        assert_ne!(one.as_bytes(), event.as_bytes());
        assert_eq!(format!("{receipt:?}"), "ReceiptId(redacted)");
    }
}
