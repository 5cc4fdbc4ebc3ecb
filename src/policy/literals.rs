//! Which addresses does this inline script write out?
//!
//! An address counts where a loader could take it from: at the start of a
//! string, or of an attribute in a string of markup. What stands in comments,
//! prose or links names a place and loads nothing. A host that follows in a
//! string of its own after a lone `https://` is put together, as old snippets
//! build their address.

use super::inline::MAX_SNIPPET;
use super::kind::RequestKind;

/// How many addresses of one script are looked at.
const MAX_ADDRESSES: usize = 64;

/// What takes an address to point to it and not to fetch it.
const LINKS: &[&str] = &[
    "href",
    "location",
    "open",
    "assign",
    "action",
    "cite",
    "xmlns",
    "createElementNS",
    "setAttributeNS",
];

/// What only loads. A key `"src"` alone is the state of a page.
const LOADERS: &[&str] = &[
    ".src",
    "(\"src\"",
    "('src'",
    "[\"src\"]",
    "['src']",
    " src=",
    "document.write",
    "import(",
    "importScripts",
    "fetch(",
    "XMLHttpRequest",
    "sendBeacon",
    "new Worker",
    "new SharedWorker",
    "new WebSocket",
    "new EventSource",
    "getScript",
    ".ajax",
];

/// What may make a script of an address.
const INSERTS: &[&str] = &[
    "createElement",
    "document.write",
    "innerHTML",
    "insertAdjacentHTML",
    "import(",
    "importScripts",
    "Worker",
    "getScript",
    ".ajax",
];

/// Hosts whose addresses are names of vocabularies.
const VOCABULARIES: &[&str] = &["www.w3.org", "w3.org", "schema.org", "ogp.me"];

/// The absolute and protocol-relative addresses that a script may load from, each once.
pub(crate) fn addresses(script: &[u8]) -> Vec<String> {
    // The escapes under which markup and JSON hide a slash.
    let mut text = String::from_utf8_lossy(script);
    if text.contains('\\') {
        for slash in ["\\/", "\\u002F", "\\u002f", "\\x2F", "\\x2f"] {
            text = text.replace(slash, "/").into();
        }
    }
    let mut found: Vec<String> = Vec::new();
    let mut add = |address: &str| {
        let address = format!("https://{address}");
        if !found.contains(&address) && found.len() < MAX_ADDRESSES {
            found.push(address);
        }
    };
    for (at, _) in text.match_indices("//") {
        let (before, rest) = text.split_at(at);
        let before = without_scheme(before);
        let address = rest
            .split(|c: char| c.is_whitespace() || "\"'`<>\\,;|^{}".contains(c))
            .next()
            .unwrap_or_default();
        let host = address.trim_start_matches('/');
        if !starts_something_loaded(before) || VOCABULARIES.contains(&first_segment(host)) {
            continue;
        }
        if starts_like_a_host(host) && host.contains(['.', ':', '[']) {
            add(host);
        } else if host.is_empty() || !host.contains('.') {
            // `'https://' + 'host/path'`, `'https://www' : 'http://ssl') + '.host/path'`
            for host in lone_hosts(rest) {
                add(host);
            }
        }
    }
    found
}

fn first_segment(text: &str) -> &str {
    text.split('/').next().unwrap_or_default()
}

/// What the verbs in a script can make of an address.
pub(crate) fn kinds(script: &[u8]) -> Vec<RequestKind> {
    let mut kinds = Vec::new();
    if has_any(script, &["Image", "img", "IMG"]) {
        kinds.push(RequestKind::Image);
    }
    if has_any(script, &["iframe", "IFRAME"]) {
        kinds.push(RequestKind::Frame);
    }
    if has_any(script, &["fetch", "XMLHttpRequest", "sendBeacon"]) {
        kinds.push(RequestKind::Fetch);
    }
    if kinds.is_empty() || has_any(script, INSERTS) {
        kinds.insert(0, RequestKind::Script);
    }
    kinds
}

fn has_any(script: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| memchr::memmem::find(script, word.as_bytes()).is_some())
}

/// Whether a script is short enough to be a snippet and does something that
/// only loads, as opposed to building the page.
pub(crate) fn is_loader(script: &[u8]) -> bool {
    script.len() <= MAX_SNIPPET && has_any(script, LOADERS)
}

/// The text before the address's scheme.
fn without_scheme(before: &str) -> &str {
    ["https:", "http:", "wss:", "ws:"]
        .iter()
        .find_map(|scheme| {
            let split = before.len().checked_sub(scheme.len())?;
            let (rest, tail) = before.split_at_checked(split)?;
            tail.eq_ignore_ascii_case(scheme).then_some(rest)
        })
        .unwrap_or(before)
}

/// Whether an address after `before` starts a string, or an attribute in a string, that may be loaded.
fn starts_something_loaded(before: &str) -> bool {
    let bare = before.strip_suffix(['"', '\'', '`']);
    // An attribute without quotes, in markup: `src=//host`.
    let Some(context) = bare.or_else(|| before.ends_with('=').then_some(before)) else {
        return false;
    };
    let context = context.trim_end_matches('\\').trim_end();
    let named = context.strip_suffix(['=', ':', '(']).map(str::trim_end);
    let word = named.unwrap_or_default();
    let word = word.trim_end_matches(['"', '\'']);
    let last = word
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default();
    !LINKS.iter().any(|link| last.eq_ignore_ascii_case(link))
}

fn starts_like_a_host(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || !c.is_ascii())
}

/// The hosts that stand alone at the start of the next two strings.
fn lone_hosts(rest: &str) -> impl Iterator<Item = &str> {
    rest.split(['"', '\'', '`'])
        .skip(1)
        .take(4)
        .map(|text| text.trim_start_matches('.'))
        .filter(|text| {
            let host = first_segment(text);
            let is_host = host.contains('.')
                && !host.ends_with('.')
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
            is_host && text.contains('/')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loading(script: &str) -> Vec<String> {
        addresses(script.as_bytes())
    }

    #[test]
    fn addresses_are_found_where_a_loader_takes_them_from() {
        for script in [
            "s.src='https://t.test/a.js'",
            "s.src = \"//t.test/a.js\"",
            "s.src=`https://t.test/a.js`",
            "f(\"https:\\/\\/t.test\\/a.js\")",
            "f('https:\\u002F\\u002Ft.test\\u002Fa.js')",
            "document.write('<script src=\"https://t.test/a.js\"></'+'script>')",
            "document.write(\"<script src=\\\"//t.test/a.js\\\">\")",
            "document.write('<script src=//t.test/a.js></'+'script>')",
            "{\"href\":1,\"url\":\"HTTPS://t.test/a.js\"}",
            "s.src=('https:'==p?'https://':'http://')+'t.test/a.js'",
            "s.src=(a?'https://ssl':'http://www')+'.t.test/a.js'",
        ] {
            assert_eq!(loading(script), ["https://t.test/a.js"], "{script}");
        }
        assert_eq!(
            loading("a('//t.test'),b('//u.test:8443/x?y=1')"),
            ["https://t.test", "https://u.test:8443/x?y=1"]
        );
    }

    #[test]
    fn what_names_a_place_and_loads_nothing_is_no_address() {
        for script in [
            "// https://t.test/a.js",
            "//t.test/a.js",
            "/* see //t.test/a.js */",
            "var a = 'see https://t.test/a.js'",
            "a.href = 'https://t.test/a.js'",
            "x.innerHTML = '<a href=\"https://t.test/a\">'",
            "window.open(\"https://t.test/a\")",
            "location = '//t.test/a'",
            "d.createElementNS('http://www.w3.org/2000/svg', 'svg')",
            "ns = 'http://www.w3.org/1999/xhtml'",
            "s.src = '/a//b.js'",
            "s.src = '//' + host",
            "s.src = '///'",
        ] {
            assert_eq!(loading(script), Vec::<String>::new(), "{script}");
        }
    }

    #[test]
    fn what_becomes_of_an_address_is_told_by_the_verbs() {
        use RequestKind::{Fetch, Frame, Image, Script};
        for (script, expected) in [
            ("s.src=a", &[Script][..]),
            ("new Image().src=a", &[Image]),
            ("fetch(a)", &[Fetch]),
            ("d.createElement('script').src=a", &[Script]),
            ("d.createElement('iframe').src=a", &[Script, Frame]),
            ("d.write('<img src=a>')", &[Image]),
        ] {
            assert_eq!(kinds(script.as_bytes()), expected, "{script}");
        }
        assert!(is_loader(b"document.write('<script src=//a.test>')"));
        assert!(!is_loader(
            b"state={\"src\":\"//a.test\",\"q\":\"/?src=1\"}"
        ));
        let bundle = format!("fetch(a){}", " ".repeat(MAX_SNIPPET));
        assert!(!is_loader(bundle.as_bytes()));
    }

    #[test]
    fn the_number_of_addresses_is_bounded() {
        let script: String = (0..500).map(|n| format!("a('//t{n}.test/');")).collect();
        assert_eq!(addresses(script.as_bytes()).len(), MAX_ADDRESSES);
    }
}
