//! When may a stored page be used again?
//!
//! The app names the bytes of its page by an `ETag`. The page that leaves is
//! another one, so its tag becomes weak and says besides what it was made for:
//!
//! ```text
//! "v1"  becomes  W/"v1;tc-s-0123456789abcdef"
//! ```
//!
//! `s` or `w` remembers whether the app's tag was strong. The digest stands for
//! what was granted and for everything else that shapes a page, and so is the
//! same for all visitors of one state. A request's tag goes back to the app
//! only if it was made for the state of that request: no answer of "304 Not
//! Modified" can bring back a page of another one.

use std::fmt::Write;

use http::header::{
    CONTENT_SECURITY_POLICY, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, RANGE,
};
use memchr::memmem;
use sha2::{Digest, Sha256};

/// Starts what is added to a tag.
const MARK: &[u8] = b";tc-";
/// How long that is: the mark, a letter, a dash and sixteen digits.
const ADDED: usize = MARK.len() + 2 + 16;

/// What a page was made for, as it stands in its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope(String);

impl Scope {
    /// The scope of pages that these parts shape.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut text = String::with_capacity(16);
        for byte in hash.finalize().iter().take(8) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

/// One entity tag (RFC 9110, section 8.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Reads a tag at the start of `text`, and answers what follows it.
    fn read(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let rest = text.strip_prefix(b"W/");
        let weak = rest.is_some();
        let quoted = rest.unwrap_or(text).strip_prefix(b"\"")?;
        let end = memchr::memchr(b'"', quoted)?;
        let opaque = quoted.get(..end)?;
        let plain = opaque.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
        plain.then_some((Self { weak, opaque }, quoted.get(end + 1..)?))
    }

    /// The only tag of `text`.
    fn alone(text: &'a [u8]) -> Option<Self> {
        let (tag, rest) = Self::read(text.trim_ascii())?;
        rest.is_empty().then_some(tag)
    }

    /// The tag of a page in `scope` that was made from the page with this tag.
    fn scoped(self, scope: &Scope) -> Option<HeaderValue> {
        let mut text = b"W/\"".to_vec();
        text.extend_from_slice(self.opaque);
        text.extend_from_slice(MARK);
        text.extend_from_slice(if self.weak { b"w-" } else { b"s-" });
        text.extend_from_slice(scope.0.as_bytes());
        text.push(b'"');
        HeaderValue::from_bytes(&text).ok()
    }

    /// The app's own tag and the scope that was added to it.
    fn split(self) -> Option<(Self, &'a [u8])> {
        let at = self.opaque.len().checked_sub(ADDED)?;
        let (opaque, added) = self.opaque.split_at_checked(at)?;
        let added = added.strip_prefix(MARK)?;
        let (weak, scope) = match added {
            [b'w', b'-', scope @ ..] => (true, scope),
            [b's', b'-', scope @ ..] => (false, scope),
            _ => return None,
        };
        let is_digest = scope.iter().all(u8::is_ascii_hexdigit);
        is_digest.then_some((Self { weak, opaque }, scope))
    }

    fn written(self) -> Vec<u8> {
        let mut text = if self.weak {
            b"W/\"".to_vec()
        } else {
            b"\"".to_vec()
        };
        text.extend_from_slice(self.opaque);
        text.push(b'"');
        text
    }
}

/// The tags of a list; `None` where it is `*` or no list of tags.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Vec<Tag<'a>>> {
    let mut tags = Vec::new();
    for line in headers.get_all(name) {
        let mut rest = line.as_bytes().trim_ascii();
        while !rest.is_empty() {
            let (tag, behind) = Tag::read(rest)?;
            tags.push(tag);
            rest = behind.trim_ascii_start();
            if !rest.is_empty() {
                rest = rest.strip_prefix(b",")?.trim_ascii_start();
            }
        }
    }
    Some(tags)
}

/// The tag for the page in `scope` that is made from the page that these
/// headers describe; none where it has no tag or a broken one.
pub(crate) fn scoped(headers: &HeaderMap, scope: &Scope) -> Option<HeaderValue> {
    let mut tags = headers.get_all(ETAG).iter();
    let (Some(only), None) = (tags.next(), tags.next()) else {
        return None;
    };
    Tag::alone(only.as_bytes())?.scoped(scope)
}

/// Completes an answer of "not modified" to a tag that was made for `scope`.
///
/// The stored page keeps the policy that it came with: a fresh nonce would fit
/// none of its scripts.
pub(crate) fn renew(headers: &mut HeaderMap, scope: &Scope) {
    match scoped(headers, scope) {
        Some(tag) => headers.insert(ETAG, tag),
        None => headers.remove(ETAG),
    };
    let has_nonce = |value: &HeaderValue| memmem::find(value.as_bytes(), b"'nonce-").is_some();
    if headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .any(has_nonce)
    {
        headers.remove(CONTENT_SECURITY_POLICY);
    }
}

/// Makes the app answer a request for a page with the whole page, or say that
/// the page made for `scope` has not changed. Answers whether it may say so.
///
/// Requests that change something keep their conditions, which protect the
/// app's data, in the app's own words.
pub(crate) fn ask_for_page(
    headers: &mut HeaderMap,
    only_reads: bool,
    scope: impl FnOnce() -> Scope,
) -> bool {
    if headers.contains_key(IF_MATCH) {
        restate(headers, &IF_MATCH);
    }
    if !only_reads {
        if headers.contains_key(IF_NONE_MATCH) {
            restate(headers, &IF_NONE_MATCH);
        }
        return false;
    }
    for name in [IF_MODIFIED_SINCE, IF_RANGE, RANGE] {
        headers.remove(name);
    }
    if !headers.contains_key(IF_NONE_MATCH) {
        return false;
    }
    let scope = scope();
    let known: Vec<Vec<u8>> = list(headers, &IF_NONE_MATCH)
        .unwrap_or_default()
        .into_iter()
        .filter_map(Tag::split)
        .filter(|(_, made_for)| *made_for == scope.0.as_bytes())
        .map(|(tag, _)| tag.written())
        .collect();
    headers.remove(IF_NONE_MATCH);
    match HeaderValue::from_bytes(&known.join(&b", "[..])) {
        Ok(tags) if !known.is_empty() => {
            headers.insert(IF_NONE_MATCH, tags);
            true
        }
        _ => false,
    }
}

/// Puts the app's own tags in place of those that its pages left with.
fn restate(headers: &mut HeaderMap, name: &HeaderName) {
    let Some(tags) = list(headers, name) else {
        return;
    };
    let own: Vec<Vec<u8>> = tags
        .into_iter()
        .map(|tag| tag.split().map_or(tag, |(tag, _)| tag).written())
        .collect();
    if let Ok(tags) = HeaderValue::from_bytes(&own.join(&b", "[..])) {
        headers.insert(name.clone(), tags);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes());
            headers.extend(line.ok().map(|line| (name.clone(), line)));
        }
        headers
    }

    fn lines(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
            .collect()
    }

    fn made(tag: &str, scope: &Scope) -> String {
        scoped(&with(&ETAG, &[tag]), scope)
            .map(|tag| String::from_utf8_lossy(tag.as_bytes()).into_owned())
            .unwrap_or_default()
    }

    // covers behaviours 80, 83, T31
    #[test]
    fn a_tag_comes_back_as_it_was_and_only_in_its_own_scope() {
        let (here, there) = (Scope::of(&[b"a"]), Scope::of(&[b"b"]));
        for tag in ["\"v1\"", "W/\"v1\"", "\"\"", "\"a,b;tc-s-x\"", "\"\u{e9}\""] {
            let out = made(tag, &here);
            assert!(out.starts_with("W/\"") && out.contains(";tc-"), "{out}");
            for (scope, back) in [(&here, vec![tag.to_owned()]), (&there, Vec::new())] {
                let mut headers = with(&IF_NONE_MATCH, &[&out]);
                assert_eq!(
                    ask_for_page(&mut headers, true, || scope.clone()),
                    !back.is_empty()
                );
                assert_eq!(lines(&headers, &IF_NONE_MATCH), back, "{tag}");
            }
        }
        // A layer inside of another: each takes off its own.
        let twice = made(&made("\"v1\"", &there), &here);
        let mut headers = with(&IF_NONE_MATCH, &[&twice]);
        ask_for_page(&mut headers, true, || here.clone());
        ask_for_page(&mut headers, true, || there.clone());
        assert_eq!(lines(&headers, &IF_NONE_MATCH), ["\"v1\""]);
    }

    // covers behaviour 83
    #[test]
    fn of_a_list_only_what_was_made_for_this_state_goes_on() {
        let (here, there) = (Scope::of(&[b"a"]), Scope::of(&[b"b"]));
        let (mine, other) = (made("\"1\"", &here), made("\"2\"", &there));
        let weak = made("W/\"3\"", &here);
        let mut headers = with(
            &IF_NONE_MATCH,
            &[&format!("{other}, {mine} ,\"4\""), &weak, "W/\"5\""],
        );
        assert!(ask_for_page(&mut headers, true, || here.clone()));
        assert_eq!(lines(&headers, &IF_NONE_MATCH), ["\"1\", W/\"3\""]);
        let cut = mine.replace('"', "");
        let broken = format!("{mine}, nonsense");
        let upper = mine.to_uppercase();
        for none in ["*", "\"1\"", "", &other, &cut, &broken, "\"a b\"", &upper] {
            let mut headers = with(&IF_NONE_MATCH, &[none]);
            assert!(!ask_for_page(&mut headers, true, || here.clone()), "{none}");
            assert!(!headers.contains_key(IF_NONE_MATCH), "{none}");
        }
    }

    #[test]
    fn what_changes_something_keeps_its_conditions() {
        let (here, there) = (Scope::of(&[b"a"]), Scope::of(&[b"b"]));
        let old = made("\"1\"", &there);
        for name in [IF_MATCH, IF_NONE_MATCH] {
            for (before, after) in [
                ("*", "*"),
                (&*old, "\"1\""),
                ("\"x\", W/\"y\"", "\"x\", W/\"y\""),
                ("broken", "broken"),
            ] {
                let mut headers = with(&name, &[before]);
                headers.insert(RANGE, HeaderValue::from_static("bytes=0-1"));
                assert!(!ask_for_page(&mut headers, false, || here.clone()));
                assert_eq!(lines(&headers, &name), [after]);
                assert!(headers.contains_key(RANGE));
            }
        }
        let mut read = with(&IF_MATCH, &[&old]);
        ask_for_page(&mut read, true, || here.clone());
        assert_eq!(lines(&read, &IF_MATCH), ["\"1\""]);
    }

    #[test]
    fn broken_or_doubled_tags_are_not_carried_on() {
        let scope = Scope::of(&[b"a"]);
        for bad in ["v1", "\"v1", "\"a\" \"b\"", "\"a b\"", "w/\"a\"", ""] {
            assert_eq!(made(bad, &scope), "", "{bad}");
        }
        assert!(scoped(&with(&ETAG, &["\"a\"", "\"b\""]), &scope).is_none());
        let mut headers = with(&ETAG, &["nonsense"]);
        renew(&mut headers, &scope);
        assert!(!headers.contains_key(ETAG));
    }

    // covers behaviour 65
    #[test]
    fn a_renewed_page_keeps_the_nonce_that_it_came_with() {
        let scope = Scope::of(&[b"a"]);
        let policy = |value| with(&CONTENT_SECURITY_POLICY, &[value]);
        let mut fresh = policy("script-src 'nonce-abc'");
        renew(&mut fresh, &scope);
        assert!(!fresh.contains_key(CONTENT_SECURITY_POLICY));
        let mut fixed = policy("script-src 'self'");
        renew(&mut fixed, &scope);
        assert!(fixed.contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Scope::of(&[b"ab", b"c"]), Scope::of(&[b"a", b"bc"]));
        assert_ne!(Scope::of(&[b"a"]), Scope::of(&[b"a", b""]));
    }
}
