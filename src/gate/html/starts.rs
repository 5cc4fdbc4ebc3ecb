//! Where does one of these words begin, in any case?
//!
//! Pages are searched for a few rare beginnings of three bytes, many bytes at a
//! time where the processor can. What follows them is for the caller to compare.

use aho_corasick::{AhoCorasick, packed};

/// Three bytes in lower case.
pub(super) type Start = [u8; 3];

#[derive(Debug)]
pub(super) enum Starts {
    /// Compares 16 or 32 bytes at once.
    Packed(packed::Searcher),
    Plain(AhoCorasick),
}

impl Starts {
    pub(super) fn new(starts: &[Start]) -> Self {
        let spellings = starts.iter().flat_map(|[first, second, third]| {
            let (upper_second, upper_third) =
                (second.to_ascii_uppercase(), third.to_ascii_uppercase());
            [
                [*first, *second, *third],
                [*first, upper_second, *third],
                [*first, *second, upper_third],
                [*first, upper_second, upper_third],
            ]
        });
        packed::Searcher::new(spellings.clone())
            .map_or_else(|| Self::plain(spellings), Self::Packed)
    }

    fn plain(spellings: impl Iterator<Item = Start>) -> Self {
        #[allow(clippy::expect_used, reason = "a few constants that a test builds")]
        Self::Plain(AhoCorasick::new(spellings).expect("a few words of three bytes"))
    }

    /// The first place from `from` on where one of them stands.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let found = match self {
            Self::Packed(searcher) => searcher.find(rest)?.start(),
            Self::Plain(searcher) => searcher.find(rest)?.start(),
        };
        Some(from + found)
    }

    /// Every place where one of them stands.
    pub(super) fn all<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.find(text, from)?;
            from = found + 1;
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_wherever_it_stands() {
        let filler = "x <p> < s".repeat(20);
        let text = format!("<sc{filler}<Sc<sT{filler}<SC<x<s");
        let at = 3 + filler.len();
        for starts in [
            Starts::new(&[*b"<sc", *b"<st"]),
            Starts::plain(
                ["<sc", "<Sc", "<SC", "<sT"]
                    .map(|start| {
                        let mut bytes = Start::default();
                        bytes.copy_from_slice(start.as_bytes());
                        bytes
                    })
                    .into_iter(),
            ),
        ] {
            let found: Vec<usize> = starts.all(text.as_bytes()).collect();
            assert_eq!(found, [0, at, at + 3, 2 * at + 3]);
            assert_eq!(starts.all(b"<s").count(), 0);
        }
    }
}
