//! What does a page get whose visitor has granted everything?
//!
//! The settings link and the script: in one language the same on every such
//! page, but for the path to come back to. So it is written once, and later
//! pages only get their path put in.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::gate::csp::PageMarks;
use crate::policy::Locale;

/// How many are kept: languages times the ways in which pages differ.
const MOST: usize = 128;
/// A path to come back to that stands for any, and that no escaping changes.
const MARK: &str = "tower-consent.next.goes-here";

/// What was written so far, for every clone of a layer.
#[derive(Clone, Default)]
pub(crate) struct Tails(Arc<RwLock<Written>>);

type Written = Vec<(Key, Arc<Tail>)>;

/// All that such a page's end depends on, besides the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The policy's digest.
    pub(super) policy: [u8; 32],
    /// The look's digest.
    pub(super) look: [u8; 8],
    pub(super) marks: PageMarks,
    pub(super) inline_style: bool,
    pub(super) is_us: bool,
    pub(super) locale: Locale,
    /// Whether the page told its language.
    pub(super) told: bool,
}

/// The markup around the path.
#[derive(Debug)]
struct Tail {
    before: String,
    /// `None` where the path does not occur.
    after: Option<String>,
}

impl Tails {
    /// The end of a page that leads back to `next`, by `write` where it is the first of its kind.
    pub(super) fn end(&self, key: Key, next: &str, write: impl Fn(&str) -> String) -> String {
        let known = {
            let tails = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let known = tails.iter().find(|(known, _)| *known == key);
            known.map(|(_, tail)| tail.clone())
        };
        if let Some(tail) = known {
            return tail.with(next);
        }
        let Some(tail) = Tail::of(&write(MARK)) else {
            return write(next);
        };
        let end = tail.with(next);
        let mut tails = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if tails.len() < MOST {
            tails.push((key, Arc::new(tail)));
        }
        end
    }
}

impl fmt::Debug for Tails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tails").finish_non_exhaustive()
    }
}

impl Tail {
    /// Markup that was written for [`MARK`]; `None` where that occurs more than once.
    fn of(markup: &str) -> Option<Self> {
        let mut parts = markup.split(MARK);
        let before = parts.next()?.to_owned();
        let after = parts.next().map(str::to_owned);
        parts.next().is_none().then_some(Self { before, after })
    }

    fn with(&self, next: &str) -> String {
        let Some(after) = &self.after else {
            return self.before.clone();
        };
        let next = || form_urlencoded::byte_serialize(next.as_bytes());
        let room = next().map(str::len).sum::<usize>() + self.before.len() + after.len();
        // To the byte, so that it need not move once it is a piece of a body.
        let mut markup = String::with_capacity(room);
        markup += &self.before;
        markup.extend(next());
        markup + after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn key(policy: u8) -> Key {
        Key {
            policy: [policy; 32],
            look: [0; 8],
            marks: PageMarks::default(),
            inline_style: true,
            is_us: false,
            locale: Locale::default(),
            told: false,
        }
    }

    #[test]
    fn an_end_is_written_once_and_leads_back_to_each_page() {
        let tails = Tails::default();
        let written = Cell::new(0);
        let write = |next: &str| {
            written.set(written.get() + 1);
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("<a href=\"/_consent?next={next}&amp;lang=en\">")
        };
        for next in ["/", "/a?b=c&d", "/\u{e9}"] {
            let expected = write(next);
            let before = written.get();
            let end = tails.end(key(1), next, write);
            assert_eq!(end, expected);
            assert_eq!(written.get() - before, usize::from(next == "/"));
        }
        let before = written.get();
        tails.end(key(2), "/", write);
        assert_eq!(written.get(), before + 1, "another policy has other texts");
    }

    #[test]
    fn what_names_the_path_twice_or_never_is_right_too() {
        let tails = Tails::default();
        let twice = |next: &str| format!("{next} {next}");
        for next in ["/a", "/b"] {
            let end = tails.end(key(1), next, twice);
            assert_eq!(end, twice(next));
        }
        for next in ["/a", "/b"] {
            let end = tails.end(key(2), next, |_| "x".to_owned());
            assert_eq!(end, "x");
        }
    }
}
