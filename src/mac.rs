//! How is a short message signed in two steps of the hash?
//!
//! HMAC-SHA-256 (RFC 2104) of messages that fit one block of the hash. Each
//! key's two blocks are compressed once, when the key is taken in, so that a
//! tag costs two compressions and copies no hasher. The tests hold it to the
//! `hmac` crate for every length that it takes.

use ctutils::CtEq;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

const BLOCK: usize = 64;
/// The longest message: a block without the byte that ends it and its length (FIPS 180-4, section 5.1.1).
pub(crate) const MAX_MESSAGE: usize = BLOCK - 9;

/// What SHA-256 starts from (FIPS 180-4, section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A key that signs messages of at most [`MAX_MESSAGE`] bytes.
#[derive(Clone)]
pub(crate) struct ShortMac {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
}

impl ShortMac {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let absorbed = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK]);
            block
                .iter_mut()
                .zip(key)
                .for_each(|(byte, key)| *byte ^= key);
            let mut state = Zeroizing::new(START);
            compress256(&mut state, &[*block]);
            state
        };
        Self {
            inner: absorbed(0x36),
            outer: absorbed(0x5c),
        }
    }

    /// The message's tag; `None` for a message that is too long.
    pub(crate) fn tag(&self, message: &[u8]) -> Option<[u8; 32]> {
        let digest = finish(*self.inner, message)?;
        finish(*self.outer, &digest)
    }

    /// Whether `tag` is the start of the message's tag, compared in constant time.
    pub(crate) fn verify<const N: usize>(&self, message: &[u8], tag: &[u8; N]) -> bool {
        self.tag(message)
            .and_then(|expected| expected.first_chunk::<N>().copied())
            .is_some_and(|expected| expected.ct_eq(tag).into())
    }
}

/// The digest of one block that was compressed before and `message` after it.
fn finish(mut state: [u32; 8], message: &[u8]) -> Option<[u8; 32]> {
    if message.len() > MAX_MESSAGE {
        return None;
    }
    let mut block = [0; BLOCK];
    block.get_mut(..message.len())?.copy_from_slice(message);
    *block.get_mut(message.len())? = 0x80;
    let bits = ((BLOCK + message.len()) as u64) * 8;
    *block.last_chunk_mut()? = bits.to_be_bytes();
    compress256(&mut state, &[block]);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Some(digest)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    // covers T47
    #[test]
    fn every_message_gets_the_tag_that_rfc_2104_gives_it() {
        for length in 0..=MAX_MESSAGE {
            let key: [u8; 32] = std::array::from_fn(|at| (at * 37 + length) as u8);
            let message: Vec<u8> = (0..length).map(|at| (at * 101 + length) as u8).collect();
            let mut peer = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            peer.update(&message);
            let expected: [u8; 32] = peer.finalize().into_bytes().into();
            let mac = ShortMac::new(&key);
            assert_eq!(mac.tag(&message).unwrap(), expected, "{length} bytes");
            assert!(mac.verify(&message, expected.first_chunk::<16>().unwrap()));
        }
    }

    #[test]
    fn another_message_key_or_tag_does_not_verify() {
        let mac = ShortMac::new(&[7; 32]);
        let tag: [u8; 16] = *mac.tag(b"message").unwrap().first_chunk().unwrap();
        assert!(mac.verify(b"message", &tag));
        assert!(!mac.verify(b"messagf", &tag));
        assert!(!mac.verify(b"message\0", &tag));
        assert!(!ShortMac::new(&[8; 32]).verify(b"message", &tag));
        for bit in 0..128 {
            let mut other = tag;
            *other.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
            assert!(!mac.verify(b"message", &other), "bit {bit}");
        }
        assert!(mac.tag(&[0; MAX_MESSAGE + 1]).is_none());
    }
}
