//! Which declared name does this cookie, host or path belong to?
//!
//! Patterns are parsed once, when a policy is built, into indexes that cost
//! the same for ten entries as for ten thousand. There are no regular
//! expressions and no substring matches: `gallery` is never taken for `ga`.

use std::collections::HashMap;

/// A cookie name, or the start of one where `prefix` is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookiePattern {
    text: String,
    prefix: bool,
}

impl CookiePattern {
    /// Reads `name` or `name*`; `Err` says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, prefix) = match text.strip_suffix('*') {
            Some(start) => (start, true),
            None => (text, false),
        };
        if name.is_empty() {
            return Err("is empty");
        }
        if prefix && name.len() < 2 {
            return Err(
                "would match almost every cookie; write at least two characters before `*`",
            );
        }
        if name.contains('*') {
            return Err("has a `*` that is not at the end");
        }
        if !name.bytes().all(is_cookie_name_byte) {
            return Err("has a character that no cookie name can hold");
        }
        Ok(Self {
            text: name.to_owned(),
            prefix,
        })
    }

    pub(crate) fn matches(&self, name: &[u8]) -> bool {
        if self.prefix {
            name.starts_with(self.text.as_bytes())
        } else {
            name == self.text.as_bytes()
        }
    }

    /// Whether some name matches both patterns.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self.prefix, other.prefix) {
            (true, true) => {
                self.text.starts_with(&other.text) || other.text.starts_with(&self.text)
            }
            (true, false) => self.matches(other.text.as_bytes()),
            (false, _) => other.matches(self.text.as_bytes()),
        }
    }
}

fn is_cookie_name_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'=' | b';' | b',' | b'"')
}

/// Cookie patterns by their first two bytes; the most specific match wins.
#[derive(Debug)]
pub(crate) struct CookieIndex<T> {
    /// [`BUCKETS`] lists, or none while the index is empty.
    buckets: Vec<Vec<(CookiePattern, T)>>,
}

const BUCKETS: usize = 256;

impl<T> Default for CookieIndex<T> {
    fn default() -> Self {
        Self {
            buckets: Vec::new(),
        }
    }
}

impl<T: Copy> CookieIndex<T> {
    pub(crate) fn insert(&mut self, pattern: CookiePattern, target: T) {
        self.buckets.resize_with(BUCKETS, Vec::new);
        if let Some(bucket) = self.buckets.get_mut(bucket_of(pattern.text.as_bytes())) {
            bucket.push((pattern, target));
            // Exact names first, then longer prefixes; a stable sort keeps the order of declaration.
            bucket.sort_by_key(|(pattern, _)| (pattern.prefix, usize::MAX - pattern.text.len()));
        }
    }

    pub(crate) fn find(&self, name: &[u8]) -> Option<T> {
        self.buckets
            .get(bucket_of(name))?
            .iter()
            .find(|(pattern, _)| pattern.matches(name))
            .map(|(_, target)| *target)
    }

    /// The targets whose patterns share a name with `pattern`.
    pub(crate) fn overlapping(&self, pattern: &CookiePattern) -> impl Iterator<Item = (&str, T)> {
        self.buckets
            .get(bucket_of(pattern.text.as_bytes()))
            .into_iter()
            .flatten()
            .filter(move |(known, _)| known.overlaps(pattern))
            .map(|(known, target)| (known.text.as_str(), *target))
    }
}

/// Names that share their first two bytes share a bucket; a prefix has at least two.
fn bucket_of(name: &[u8]) -> usize {
    let (first, second) = match name {
        [first, second, ..] => (*first, *second),
        [first] => (*first, 0),
        [] => (0, 0),
    };
    usize::from(first.wrapping_mul(37) ^ second)
}

/// A host with all of its subdomains, and optionally a path below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPattern {
    pub(crate) host: String,
    pub(crate) path: String,
}

impl HostPattern {
    /// Reads `host` or `host/path`; `Err` says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains("://") {
            return Err("has a scheme; write the host alone");
        }
        if text.contains('*') {
            return Err("has a `*`; a host covers its subdomains already");
        }
        let (host, path) = match text.find('/') {
            Some(slash) => text.split_at(slash),
            None => (text, ""),
        };
        if host.contains([':', '@', '?', '#']) {
            return Err("has a port, user or query; write the host alone");
        }
        match url::Host::parse(host) {
            Ok(host) => Ok(Self {
                host: host.to_string(),
                path: path.to_owned(),
            }),
            Err(_) => Err("is not a host name"),
        }
    }
}

/// Hosts by suffix of whole labels, then by path prefix; the longest match wins.
#[derive(Debug)]
pub(crate) struct HostIndex<T> {
    hosts: HashMap<Box<str>, Vec<(Box<str>, T)>>,
}

impl<T> Default for HostIndex<T> {
    fn default() -> Self {
        Self {
            hosts: HashMap::new(),
        }
    }
}

impl<T: Copy> HostIndex<T> {
    pub(crate) fn insert(&mut self, pattern: HostPattern, target: T) {
        let paths = self.hosts.entry(pattern.host.into()).or_default();
        paths.push((pattern.path.into(), target));
        paths.sort_by_key(|(path, _)| usize::MAX - path.len());
    }

    /// `host` in lower-case ASCII, `path` as it stands in the URL.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<T> {
        let mut suffix = host.strip_suffix('.').unwrap_or(host);
        loop {
            if let Some(paths) = self.hosts.get(suffix)
                && let Some((_, target)) =
                    paths.iter().find(|(prefix, _)| path.starts_with(&**prefix))
            {
                return Some(*target);
            }
            (_, suffix) = suffix.split_once('.')?;
        }
    }

    /// The hosts that `pattern` covers or that cover it.
    pub(crate) fn overlapping(&self, pattern: &HostPattern) -> impl Iterator<Item = (&str, T)> {
        self.hosts
            .iter()
            .filter(|(host, _)| covers(&pattern.host, host) || covers(host, &pattern.host))
            .flat_map(|(host, paths)| paths.iter().map(move |(path, target)| (host, path, target)))
            .filter(|(_, path, _)| {
                path.starts_with(&pattern.path) || pattern.path.starts_with(&***path)
            })
            .map(|(host, _, target)| (&**host, *target))
    }
}

fn covers(suffix: &str, host: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Path prefixes on the site itself, matched by whole segments.
#[derive(Debug)]
pub(crate) struct PathIndex<T> {
    prefixes: Vec<(Box<str>, T)>,
}

impl<T> Default for PathIndex<T> {
    fn default() -> Self {
        Self {
            prefixes: Vec::new(),
        }
    }
}

/// Reads a path prefix such as `/collect`; `Err` says what is wrong.
pub(crate) fn parse_path_prefix(text: &str) -> Result<String, &'static str> {
    if !text.starts_with('/') {
        return Err("does not start with `/`");
    }
    if text.contains(['?', '#', '*', '%', '\\']) || text.bytes().any(|b| !b.is_ascii_graphic()) {
        return Err("has a character that a plain path prefix cannot hold");
    }
    let prefix = text.trim_end_matches('/');
    if prefix.is_empty() {
        return Err("covers the whole site");
    }
    if normalize_path(prefix) != prefix {
        return Err("has an empty or a dot segment");
    }
    Ok(prefix.to_owned())
}

impl<T: Copy> PathIndex<T> {
    pub(crate) fn insert(&mut self, prefix: String, target: T) {
        self.prefixes.push((prefix.into(), target));
        self.prefixes
            .sort_by_key(|(prefix, _)| usize::MAX - prefix.len());
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    /// Looks `path` up as it stands and, where that differs, in the form that
    /// a lenient router may give it: percent-decoded, without empty and dot segments.
    pub(crate) fn find(&self, path: &str) -> Option<T> {
        if self.prefixes.is_empty() {
            return None;
        }
        self.find_exactly(path).or_else(|| {
            let plain = !path.contains('%')
                && !path.contains("//")
                && !path.contains("/.")
                && !path.contains('\\');
            (!plain)
                .then(|| normalize_path(path))
                .and_then(|path| self.find_exactly(&path))
        })
    }

    fn find_exactly(&self, path: &str) -> Option<T> {
        self.prefixes
            .iter()
            .find(|(prefix, _)| is_path_below(path, prefix))
            .map(|(_, target)| *target)
    }
}

/// Whether `path` is `prefix` or below it, by whole segments.
pub(crate) fn is_path_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn normalize_path(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let mut segments = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;

    fn cookie_index(patterns: &[&str]) -> CookieIndex<usize> {
        let mut index = CookieIndex::default();
        for (target, pattern) in patterns.iter().enumerate() {
            index.insert(CookiePattern::parse(pattern).unwrap(), target);
        }
        index
    }

    fn host_index(patterns: &[&str]) -> HostIndex<usize> {
        let mut index = HostIndex::default();
        for (target, pattern) in patterns.iter().enumerate() {
            index.insert(HostPattern::parse(pattern).unwrap(), target);
        }
        index
    }

    // covers behaviours 12, 32, 91
    #[test]
    fn cookie_names_match_exactly_or_by_declared_prefix_never_by_substring() {
        let index = cookie_index(&["_ga", "_ga_*", "_ga_special", "ga"]);
        assert_eq!(index.find(b"_ga"), Some(0));
        assert_eq!(index.find(b"_ga_X1"), Some(1));
        assert_eq!(index.find(b"_ga_special"), Some(2));
        for name in [
            &b"my_ga"[..],
            b"_GA",
            b"_gallery",
            b"gallery",
            b"photo_gate",
            b"",
            b"_",
        ] {
            assert_eq!(index.find(name), None, "{name:?}");
        }
    }

    // covers behaviour 92
    #[test]
    fn names_with_dots_keep_their_real_name() {
        let index = cookie_index(&["intercom.id-*"]);
        assert_eq!(index.find(b"intercom.id-1"), Some(0));
        assert_eq!(index.find(b"intercomid-1"), None);
    }

    // covers behaviour 20
    #[test]
    fn impossible_cookie_patterns_are_refused() {
        for text in ["", "*", "a*", "_ga*x*", "a b", "a=b", "a;b", "a,b", "é"] {
            assert!(CookiePattern::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hosts_match_by_whole_labels_and_path() {
        let index = host_index(&["example.com", "stats.example.com", "www.google.com/maps"]);
        assert_eq!(index.find("example.com", "/"), Some(0));
        assert_eq!(index.find("a.b.stats.example.com.", "/"), Some(1));
        assert_eq!(index.find("www.google.com", "/maps/embed"), Some(2));
        assert_eq!(index.find("www.google.com", "/search"), None);
        assert_eq!(index.find("badexample.com", "/"), None);
        assert_eq!(index.find("com", "/"), None);
    }

    #[test]
    fn impossible_host_patterns_are_refused() {
        for text in [
            "",
            "https://example.com",
            "*.example.com",
            "example.com:80",
            "a b",
            "/x",
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            HostPattern::parse("BÜCHER.example").unwrap().host,
            "xn--bcher-kva.example"
        );
    }

    #[test]
    fn paths_match_by_whole_segments_however_they_are_written() {
        let mut index = PathIndex::default();
        index.insert(parse_path_prefix("/collect/").unwrap(), ());
        for path in [
            "/collect",
            "/collect/",
            "/collect/v1",
            "/%63ollect",
            "//collect",
            "/./collect",
            "/a/../collect",
            "/%2e/collect",
            "/\\collect",
        ] {
            assert!(index.find(path).is_some(), "{path}");
        }
        for path in ["/", "/collection", "/a/collect", "/Collect"] {
            assert!(index.find(path).is_none(), "{path}");
        }
        for text in ["", "collect", "/", "//", "/a/../b", "/a?b", "/a b", "/a*"] {
            assert!(parse_path_prefix(text).is_err(), "{text:?}");
        }
    }
}
