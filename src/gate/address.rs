//! Whose is the address in this attribute or header?
//!
//! Addresses are read as browsers read them before hosts are compared:
//! character references decoded, tabs and line breaks dropped, backslashes
//! taken for slashes, resolved against the document's base.

use std::borrow::Cow;

use url::Url;

use super::beyond::Beyond;
use crate::policy::{Owner, Policy, RequestKind};

/// What relative addresses of a document are resolved against.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The host that the document came from, lower-case, without port.
    own_host: String,
    url: Url,
    /// Whether a `<base>` moved relative addresses away from the document's own host.
    moved: bool,
    beyond: Beyond,
}

impl Base {
    /// The base of a document at `path` of `host`. A host that is none reads as `invalid`.
    pub(crate) fn new(host: &str, path: &str) -> Self {
        let fallback = || {
            #[allow(clippy::expect_used, reason = "a constant address that a test parses")]
            Url::parse("https://invalid/").expect("a constant address")
        };
        let mut url = Url::parse(&format!("https://{host}/")).unwrap_or_else(|_| fallback());
        let own_host = url.host_str().unwrap_or_default().to_owned();
        if path.starts_with('/') {
            url.set_path(path);
        }
        Self {
            own_host,
            url,
            moved: false,
            beyond: Beyond::default(),
        }
    }

    /// The same base, which judges what the policy does not name by `beyond`.
    pub(crate) fn judging_by(self, beyond: Beyond) -> Self {
        Self { beyond, ..self }
    }

    /// The host, and the port where it is not the usual one, that relative addresses lead to.
    pub(crate) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Applies the first `<base href>` of a document, already decoded.
    pub(crate) fn rebase(&mut self, href: &str) {
        if let Ok(url) = self.url.join(href)
            && matches!(url.scheme(), "http" | "https")
        {
            self.moved = url.host_str() != Some(&*self.own_host);
            self.url = url;
        }
    }

    /// Whether a `<base>` leads relative addresses to another site.
    pub(crate) const fn is_moved(&self) -> bool {
        self.moved
    }

    /// Whether nothing at the document's own host is anybody's, and plain paths lead there.
    pub(crate) fn leaves_own_alone(&self, policy: &Policy) -> bool {
        !self.moved && !policy.has_paths() && !self.beyond.knows_own_addresses()
    }

    /// Whose `address` is, where it names somebody; the text is decoded already.
    pub(crate) fn owner(&self, policy: &Policy, address: &str, kind: RequestKind) -> Option<Owner> {
        if !self.moved
            && let Some(path) = plain_own_path(address)
        {
            let named = policy.path_owner(path);
            if named.is_some() || !self.beyond.knows_own_addresses() {
                return named;
            }
        }
        self.parsed_owner(policy, address, kind)
    }

    fn parsed_owner(&self, policy: &Policy, address: &str, kind: RequestKind) -> Option<Owner> {
        let joined = self.url.join(address).ok();
        // Whether `https:host` is relative depends on the page's own scheme, which a proxy may hide.
        let absolute = || Url::parse(address).ok();
        joined
            .and_then(|url| self.owner_of(policy, &url, kind))
            .or_else(|| self.owner_of(policy, &absolute()?, kind))
    }

    fn owner_of(&self, policy: &Policy, url: &Url, kind: RequestKind) -> Option<Owner> {
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return None;
        }
        let host = url.host_str()?;
        let own = || {
            (host == self.own_host)
                .then(|| policy.path_owner(url.path()))
                .flatten()
        };
        let named = own().or_else(|| policy.url_owner(host, url.path()));
        self.beyond.judge(policy, named, url, &self.own_host, kind)
    }

    /// Whose loaders an inline script holds.
    pub(crate) fn inline_owners(&self, policy: &Policy, script: &[u8]) -> Vec<Owner> {
        let mut owners = policy.inline_owners(script);
        self.beyond
            .judge_script(policy, script, &self.own_host, &mut owners);
        owners
    }

    /// The owners of all candidates of a `srcset`.
    pub(crate) fn srcset_owners(&self, policy: &Policy, srcset: &str) -> Vec<Owner> {
        candidates(srcset)
            .filter_map(|address| self.owner(policy, address, RequestKind::Image))
            .collect()
    }
}

/// The path of an address that plainly stays on the document's own host: it
/// starts with one slash and holds nothing that a browser would drop or turn.
fn plain_own_path(address: &str) -> Option<&str> {
    let second = address.strip_prefix('/')?.as_bytes().first();
    if matches!(second, Some(b'/' | b'\\' | b'\t' | b'\n' | b'\r')) {
        return None;
    }
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.bytes()
        .all(|b| b.is_ascii_graphic() && b != b'\\')
        .then_some(path)
}

/// Whether the raw value of an attribute plainly stays on the document's own host.
pub(crate) fn is_plainly_own(value: &[u8]) -> bool {
    let path = std::str::from_utf8(value).ok().and_then(plain_own_path);
    // What stands for other characters might turn it.
    path.is_some_and(|path| !path.contains('&'))
}

/// The addresses of a `srcset`: runs without white space, commas at their ends
/// dropped, each up to the comma that ends its descriptors (HTML, "parse a srcset attribute").
fn candidates(srcset: &str) -> impl Iterator<Item = &str> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let mut rest = srcset;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| is_space(c) || c == ',');
        if rest.is_empty() {
            return None;
        }
        let (address, tail) = rest.split_at(rest.find(is_space).unwrap_or(rest.len()));
        if let Some(bare) = address.strip_suffix(',') {
            rest = tail;
            return Some(bare.trim_end_matches(','));
        }
        rest = tail.split_once(',').map_or("", |(_, next)| next);
        Some(address)
    })
}

/// Decodes the character references of an attribute value.
pub(crate) fn decode(value: &str) -> Cow<'_, str> {
    if value.contains('&') {
        htmlize::unescape_attribute(value)
    } else {
        Cow::Borrowed(value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;
    use crate::category::Category;
    use crate::policy::Vendor;

    fn policy() -> Policy {
        Policy::builder("1")
            .vendor(
                Vendor::new("t", Category::Analytics)
                    .first_party()
                    .with_purpose("p")
                    .with_retention("r")
                    .hosts(["tracker.test", "mixed.test/ads"])
                    .paths(["/collect"]),
            )
            .build()
            .unwrap()
    }

    fn is_tracker(base: &Base, address: &str) -> bool {
        base.owner(&policy(), &decode(address), RequestKind::Script)
            .is_some()
    }

    // covers behaviour 63
    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let base = Base::new("shop.test:8080", "/a/b");
        for address in [
            "https://tracker.test/x",
            "//tracker.test",
            "HTTPS://A.TRACKER.TEST/x",
            "\\\\tracker.test\\x",
            "/\\tracker.test",
            "/\t/tracker.test",
            " https://tracker.test/x",
            "ht\ntps://tracker.test/x",
            "https:tracker.test",
            "https://user:pass@tracker.test:8443/x",
            "https://%74racker.test/x",
            "https://tracker.test./x",
            "https&colon;&sol;&#x2F;tracker&period;test",
            "https://tracker&#46;test/x",
            "wss://tracker.test/live",
            "https://mixed.test/ads/1",
            "/collect?x",
            "../collect/v1",
            "https://shop.test:8080/collect",
            "/%63ollect",
        ] {
            assert!(is_tracker(&base, address), "{address:?}");
        }
        for address in [
            "",
            "/",
            "/collection",
            "collect",
            "https://shop.test/",
            "https://tracker.test.shop.test/",
            "https://mixed.test/other",
            "https://nottracker.test/",
            "/tracker.test",
            "#tracker.test",
            "?u=https://tracker.test",
            "data:text/plain,tracker.test",
            "javascript:void(0)",
            "https://",
        ] {
            assert!(!is_tracker(&base, address), "{address:?}");
        }
    }

    #[test]
    fn a_base_element_moves_relative_addresses() {
        let mut base = Base::new("shop.test", "/");
        assert!(!is_tracker(&base, "/x.js"));
        base.rebase("//tracker.test/lib/");
        assert!(is_tracker(&base, "/x.js") && is_tracker(&base, "x.js"));
        assert!(!is_tracker(&base, "https://shop.test/x.js"));
        base.rebase("javascript:alert(1)");
        assert!(is_tracker(&base, "x.js"));
    }

    #[test]
    fn every_candidate_of_a_srcset_counts() {
        let found = |srcset| candidates(srcset).collect::<Vec<_>>();
        assert_eq!(found("a.png 1x, b.png 2x"), ["a.png", "b.png"]);
        assert_eq!(
            found(" a.png , b.png,c.png 2x,,d.png"),
            ["a.png", "b.png,c.png", "d.png"]
        );
        assert_eq!(
            found("data:image/png;base64,AA== 1x,b.png"),
            ["data:image/png;base64,AA==", "b.png"]
        );
        assert_eq!(found(""), Vec::<&str>::new());
    }

    #[test]
    fn a_host_that_is_none_still_resolves() {
        assert!(is_tracker(&Base::new("<>", "/"), "//tracker.test/x"));
        assert!(is_tracker(&Base::new("", "*"), "//tracker.test/x"));
    }
}
