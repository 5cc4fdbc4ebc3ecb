//! Which response headers make the browser fetch or report something?
//!
//! `Link` hints, `Refresh`, speculation rules and reporting endpoints reach a
//! tracker without any markup. Each is filtered by address.

use std::borrow::Cow;
use std::cell::Cell;

use http::header::{HeaderMap, HeaderName, HeaderValue, LINK, REFRESH};

use super::address::Base;
use crate::category::Category;
use crate::consent::Consent;
use crate::policy::{Owner, RequestKind};

/// Headers that name reporting endpoints in quotes.
const REPORTING: [HeaderName; 3] = [
    HeaderName::from_static("reporting-endpoints"),
    HeaderName::from_static("report-to"),
    HeaderName::from_static("nel"),
];
const SPECULATION_RULES: HeaderName = HeaderName::from_static("speculation-rules");
/// What serves advertising alone.
const ADVERTISING: [HeaderName; 3] = [
    HeaderName::from_static("observe-browsing-topics"),
    HeaderName::from_static("attribution-reporting-register-source"),
    HeaderName::from_static("attribution-reporting-register-trigger"),
];

/// Filters the headers of a response to a document at `base`. Answers whether
/// there was anything to judge by what the visitor granted.
pub(crate) fn filter(headers: &mut HeaderMap, consent: &Consent, base: impl Fn() -> Base) -> bool {
    let policy = consent.policy();
    if headers.contains_key(LINK) {
        // A hint to a tracker goes even where it is granted: shared caches keep
        // Link headers and replay them to everybody as 103 Early Hints.
        let base = base();
        keep_values(headers, &LINK, |value| {
            filter_links(value, &|address, kind| {
                base.owner(policy, address, kind)
                    .is_some_and(|owner| owner != Owner::Exempt)
            })
        });
    }
    // Set once an address was met whose fate the visitor decides.
    let judged = Cell::new(false);
    let denied = |base: &Base, address: &str, kind: RequestKind| {
        let owner = base.owner(policy, address, kind);
        judged.set(judged.get() || owner.is_some_and(|owner| owner != Owner::Exempt));
        owner.is_some_and(|owner| !consent.permits(owner))
    };
    if headers.contains_key(REFRESH) || headers.contains_key(SPECULATION_RULES) {
        let base = base();
        let denied = |address: &str, kind| denied(&base, address, kind);
        keep_values(headers, &REFRESH, |value| {
            let address = refresh_address(value);
            (!address.is_some_and(|address| denied(address, RequestKind::Document)))
                .then(|| value.to_owned())
        });
        keep_values(headers, &SPECULATION_RULES, |value| {
            (!quoted(value).any(|address| denied(&address, RequestKind::Fetch)))
                .then(|| value.to_owned())
        });
    }
    for name in REPORTING {
        if headers.contains_key(&name) {
            let base = base();
            let denied = |address: &str| denied(&base, address, RequestKind::Ping);
            keep_values(headers, &name, |value| {
                (!quoted(value).any(|address| denied(&address))).then(|| value.to_owned())
            });
        }
    }
    for name in ADVERTISING {
        if headers.contains_key(&name) {
            judged.set(true);
            if !consent.allows(Category::Marketing) {
                headers.remove(name);
            }
        }
    }
    judged.get()
}

/// Replaces each value of `name` by what `keep` leaves of it. A value that is
/// not readable text goes: it cannot be judged.
fn keep_values(headers: &mut HeaderMap, name: &HeaderName, keep: impl Fn(&str) -> Option<String>) {
    let old: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
    let new: Vec<HeaderValue> = old
        .iter()
        .filter_map(|value| {
            let kept = keep(value.to_str().ok()?)?;
            HeaderValue::try_from(kept).ok()
        })
        .collect();
    if old == new {
        return;
    }
    tracing::debug!(target: "tower_consent::gate", act = "filter", header = %name, "filtered a response header");
    headers.remove(name);
    for value in new {
        headers.append(name.clone(), value);
    }
}

/// The links of a `Link` value that do not fetch or connect to a tracker; `None` if none is left.
fn filter_links(value: &str, is_tracker: &dyn Fn(&str, RequestKind) -> bool) -> Option<String> {
    let (links, closed) = split_outside(value, b',');
    // Browsers differ in where a link ends that has an open quote.
    if !closed && bracketed(value).any(|address| is_tracker(address, RequestKind::Other)) {
        return None;
    }
    let kept: Vec<&str> = links
        .iter()
        .copied()
        .filter(|link| {
            let split = link
                .trim_start()
                .strip_prefix('<')
                .and_then(|rest| rest.split_once('>'));
            !split.is_some_and(|(address, parameters)| is_tracker(address, link_kind(parameters)))
        })
        .collect();
    if kept.len() == links.len() {
        return Some(value.to_owned());
    }
    let kept: Vec<&str> = kept.into_iter().map(str::trim).collect();
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// What a link with these parameters fetches.
fn link_kind(parameters: &str) -> RequestKind {
    let parameter = |wanted: &str| {
        split_outside(parameters, b';')
            .0
            .into_iter()
            .find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case(wanted)
                    .then(|| value.trim().trim_matches('"'))
            })
    };
    RequestKind::of_link(
        parameter("rel").unwrap_or_default(),
        parameter("as").unwrap_or_default(),
    )
}

/// Splits at `separator` outside of quotes and of angle brackets; whether all of those end.
fn split_outside(value: &str, separator: u8) -> (Vec<&str>, bool) {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if !bracketed => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            _ if byte == separator && !quoted && !bracketed => {
                parts.extend(value.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(value.get(start..));
    (parts, !quoted && !bracketed)
}

/// The address of `5; url=https://…`, with or without quotes; none where the page reloads itself.
pub(crate) fn refresh_address(value: &str) -> Option<&str> {
    let rest = value
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
        .trim_start()
        .trim_start_matches([';', ','])
        .trim_start();
    let named = rest
        .get(..3)
        .filter(|word| word.eq_ignore_ascii_case("url"))
        .and_then(|_| rest.get(3..)?.trim_start().strip_prefix('='));
    let address = named.unwrap_or(rest).trim_start();
    let address = match address.chars().next() {
        Some(quote @ ('"' | '\'')) => address
            .get(1..)
            .and_then(|inner| inner.split(quote).next())
            .unwrap_or_default(),
        _ => address,
    };
    (!address.is_empty()).then_some(address)
}

/// The texts in angle brackets.
pub(crate) fn bracketed(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
}

/// The texts in double quotes, as JSON and structured headers write them.
pub(crate) fn quoted(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let (_, text) = rest.split_once('"')?;
        let mut escaped = false;
        let end = text.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(text.len());
        rest = text.get(end + 1..).unwrap_or_default();
        text.get(..end).map(unescaped)
    })
}

/// A text without its escapes; as it is where it has none, or some that nobody reads.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    // Browsers take half a surrogate pair for a character, too. A backslash that is itself escaped begins none.
    let whole = text.replace(r"\\", r"\u005c");
    let whole = whole.replace(r"\ud", r"\uf").replace(r"\uD", r"\uf");
    serde_json::from_str(&format!("\"{whole}\"")).map_or(text.into(), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_split_outside_of_brackets_and_quotes() {
        let tracker = |address: &str, _| address.contains("tracker");
        let kept = |value| filter_links(value, &tracker);
        assert_eq!(
            kept(
                "</a.css>; rel=preload, <//tracker/x,y>; rel=preconnect, </b>; title=\"a, <//tracker>\""
            ),
            Some("</a.css>; rel=preload, </b>; title=\"a, <//tracker>\"".to_owned())
        );
        assert_eq!(kept("<//tracker>; rel=dns-prefetch"), None);
        // A quote that nothing closes is one to some browsers and none to others.
        for open in [
            r#"</a>; title="b, <//tracker>; rel=preload"#,
            r#"</a>; title="b\", <//tracker>; rel=preload"#,
        ] {
            assert_eq!(kept(open), None, "{open}");
        }
        let own = r#"</a>; title="b, </c>; rel=preload"#;
        assert_eq!(kept(own), Some(own.to_owned()));
        assert_eq!(
            kept("</a>;rel=x,</b>;rel=y"),
            Some("</a>;rel=x,</b>;rel=y".to_owned())
        );
    }

    #[test]
    fn what_is_quoted_is_read_with_its_escapes() {
        let read = |value| quoted(value).collect::<Vec<_>>();
        assert_eq!(read(r#"a="b", c="//t/x""#), ["b", "//t/x"]);
        assert_eq!(read(r#"a="b\"c", d="//t/x""#), [r#"b"c"#, "//t/x"]);
        assert_eq!(read(r#""\\", "\/\/t", "\u002f/t""#), [r"\", "//t", "//t"]);
        assert_eq!(read(r#""https:\\udon.test/x""#), [r"https:\udon.test/x"]);
        assert_eq!(read(r#""\\\ud800//t""#), ["\\\u{f800}//t"]);
        assert_eq!(read(r#""open"#), ["open"]);
        assert_eq!(read(r#""\q", "t""#), [r"\q", "t"]);
    }

    #[test]
    fn what_a_link_fetches_is_read_from_its_parameters() {
        for (parameters, kind) in [
            ("; rel=preload; as=script", RequestKind::Script),
            ("; AS=\"script\"; REL=\"preload\"", RequestKind::Script),
            (
                ";title=\"; rel=preload\";rel=stylesheet",
                RequestKind::Style,
            ),
            ("", RequestKind::Other),
        ] {
            assert_eq!(link_kind(parameters), kind, "{parameters}");
        }
    }

    #[test]
    fn the_address_of_a_refresh_is_found_in_every_spelling() {
        for value in [
            "0;url=//t/x",
            "5; URL = '//t/x' ",
            "0.5,url=\"//t/x\"",
            "1 //t/x",
            " 3 ; url=//t/x",
        ] {
            assert_eq!(
                refresh_address(value).map(str::trim),
                Some("//t/x"),
                "{value}"
            );
        }
        assert_eq!(refresh_address("30"), None);
    }
}
