//! Does this inline script load a tracker?
//!
//! A script is taken for a loader when it names a piece of a tracker's address
//! *and* uses something that loads. Either alone is common in code that does
//! neither: a page's state names hosts, and calls such as `gtag(...)` do
//! nothing without their loader. Scripts over 8 KiB are bundles, not snippets.

use aho_corasick::{AhoCorasick, MatchKind};

use super::owner::Owner;

/// The largest script that can be a vendor's snippet.
pub(crate) const MAX_SNIPPET: usize = 8 * 1024;

/// How far apart two pieces of a signature may stand.
const MAX_GAP: usize = 64;

/// What inserts, fetches or writes something.
const LOADERS: [&str; 24] = [
    "createElement",
    ".src",
    "new Image",
    "document.write",
    "import(",
    "importScripts",
    "appendChild",
    "insertBefore",
    "insertAdjacentHTML",
    "innerHTML",
    "setAttribute",
    "sendBeacon",
    "fetch(",
    "XMLHttpRequest",
    "WebSocket(",
    "EventSource(",
    "import '",
    "import \"",
    "import'",
    "import\"",
    "from '",
    "from \"",
    "from'",
    "from\"",
];

/// What an inline loader is recognised by.
#[derive(Clone, Debug)]
pub(crate) enum Signature {
    /// A literal piece of an address; `*` stands for a short gap.
    Address(String),
    /// A whole host in an address or a string.
    Host(String),
}

impl Signature {
    /// Reads a signature that a vendor declares; `Err` says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.split('*').any(|piece| piece.len() < 4) {
            return Err("has a piece under four characters, which would match by chance");
        }
        if !text.contains(['.', '/']) {
            return Err("has neither `.` nor `/`; write a piece of the address that is loaded");
        }
        Ok(Self::Address(text.to_owned()))
    }

    /// Its first piece.
    pub(crate) fn start(&self) -> &str {
        match self {
            Self::Address(text) => text.split('*').next().unwrap_or(text),
            Self::Host(host) => host,
        }
    }

    /// Whether the rest of the signature stands around its `start`, found at `at`.
    fn holds(&self, script: &[u8], at: usize, end: usize) -> bool {
        match self {
            Self::Address(text) => {
                let mut rest = script.get(end..).unwrap_or_default();
                text.split('*').skip(1).all(|piece| {
                    let window = rest.get(..MAX_GAP + piece.len()).unwrap_or(rest);
                    let found = window
                        .windows(piece.len())
                        .position(|bytes| bytes.eq_ignore_ascii_case(piece.as_bytes()));
                    found.is_some_and(|offset| {
                        rest = rest.get(offset + piece.len()..).unwrap_or_default();
                        true
                    })
                })
            }
            Self::Host(_) => {
                let before = at.checked_sub(1).and_then(|at| script.get(at));
                let after = script.get(end);
                matches!(before, Some(b'/' | b'.' | b'\'' | b'"' | b'`'))
                    && matches!(
                        after,
                        Some(b'/' | b'\\' | b'\'' | b'"' | b'`' | b':' | b'?')
                    )
            }
        }
    }
}

/// All signatures of a policy in one automaton.
#[derive(Debug)]
pub(crate) struct InlineIndex {
    starts: AhoCorasick,
    loaders: AhoCorasick,
    signatures: Vec<(Signature, Owner)>,
}

impl InlineIndex {
    /// `None` only where the automaton would outgrow its own limits.
    pub(crate) fn new(signatures: Vec<(Signature, Owner)>) -> Option<Self> {
        let starts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(signatures.iter().map(|(signature, _)| signature.start()))
            .ok()?;
        let loaders = AhoCorasick::new(LOADERS).ok()?;
        Some(Self {
            starts,
            loaders,
            signatures,
        })
    }

    /// Whether `script` is short enough to be a snippet and uses something that loads.
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    pub(crate) fn is_loading_snippet(&self, script: &[u8]) -> bool {
        script.len() <= MAX_SNIPPET && self.loaders.is_match(script)
    }

    /// Whose loaders `script` holds. What the policy declares covers what the
    /// catalog would say about the same place.
    pub(crate) fn owners(&self, script: &[u8]) -> Vec<Owner> {
        if script.len() > MAX_SNIPPET || !self.loaders.is_match(script) {
            return Vec::new();
        }
        let mut found: Vec<(usize, Owner)> = self
            .starts
            .find_overlapping_iter(script)
            .filter_map(|at| {
                let (signature, owner) = self.signatures.get(at.pattern().as_usize())?;
                signature
                    .holds(script, at.start(), at.end())
                    .then_some((at.end(), *owner))
            })
            .collect();
        let is_known = |owner: &Owner| matches!(owner, Owner::Known { .. });
        let declared: Vec<usize> = found
            .iter()
            .filter(|(_, owner)| !is_known(owner))
            .map(|(end, _)| *end)
            .collect();
        found.retain(|(end, owner)| {
            !is_known(owner) || !declared.iter().any(|other| other.abs_diff(*end) <= MAX_GAP)
        });
        found.into_iter().map(|(_, owner)| owner).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;
    use crate::category::Category;

    const SITE: Owner = Owner::Site {
        category: Category::Analytics,
    };

    fn index(address: &str) -> InlineIndex {
        InlineIndex::new(vec![
            (Signature::parse(address).unwrap(), SITE),
            (Signature::Host("ads.example".to_owned()), SITE),
        ])
        .unwrap()
    }

    #[test]
    fn a_loader_is_an_address_together_with_something_that_loads() {
        let index = index("cdn.example/*/pixel.js");
        for script in [
            "s=d.createElement('script');s.src='https://cdn.example/en_US/pixel.js'",
            "document.write('<img src=//CDN.EXAMPLE/v1/PIXEL.JS>')",
            "new Image().src = \"https://a.ads.example/1\"",
            "fetch('//ads.example')",
            "import 'https://cdn.example/1/pixel.js'",
            "import a from \"https://ads.example/a.js\"",
            "new WebSocket('wss://ads.example/')",
        ] {
            assert_eq!(index.owners(script.as_bytes()), [SITE], "{script}");
        }
        for script in [
            "window.state={cdn:'https://cdn.example/en_US/pixel.js'}",
            "s.src='https://cdn.example/other.js'",
            "s.src='/local.js'; // loads.example/x",
            "fetch('https://ads.example.com/')",
            "fetch('https://bads.example/')",
        ] {
            assert!(index.owners(script.as_bytes()).is_empty(), "{script}");
        }
    }

    #[test]
    fn a_bundle_is_never_taken_for_a_snippet() {
        let mut script = "fetch('//ads.example/')".to_owned();
        script.push_str(&" ".repeat(MAX_SNIPPET));
        assert!(
            index("cdn.example/x.js")
                .owners(script.as_bytes())
                .is_empty()
        );
    }
}
