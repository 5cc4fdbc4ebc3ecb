//! What has to arrive whole before its start tag can be judged?
//!
//! A start tag is out before its content is seen, so the content of inline
//! scripts and of `<noscript>` is held back until its end tag has arrived. This
//! looks for raw byte sequences and not for structure: a match inside of a
//! comment or a string only delays bytes, it decides nothing.

use memchr::{memchr_iter, memmem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Script,
    Noscript,
}

impl Kind {
    const fn open(self) -> &'static [u8] {
        match self {
            Self::Script => b"<script",
            Self::Noscript => b"<noscript",
        }
    }

    const fn close(self) -> &'static [u8] {
        match self {
            Self::Script => b"</script",
            Self::Noscript => b"</noscript",
        }
    }
}

const KINDS: [Kind; 2] = [Kind::Script, Kind::Noscript];

/// A place that may be a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// The first place that may be a start tag to hold back for.
pub(super) fn next(window: &[u8]) -> Option<Found> {
    memchr_iter(b'<', window).find_map(|at| {
        let rest = window.get(at..)?;
        KINDS
            .into_iter()
            .find(|kind| starts_with(rest, kind.open()))
            .map(|kind| Found { at, kind })
    })
}

/// How many bytes at the end may be the start of such a tag.
pub(super) fn unfinished(window: &[u8]) -> usize {
    let longest = Kind::Noscript.open().len() - 1;
    let from = window.len().saturating_sub(longest);
    let tail = window.get(from..).unwrap_or_default();
    (0..tail.len())
        .filter_map(|at| tail.get(at..))
        .find(|end| KINDS.iter().any(|kind| starts_with(kind.open(), end)))
        .map_or(0, <[u8]>::len)
}

/// How far an element reaches that starts the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Its start tag ends at `tag_end` and its end tag starts at `close`.
    Closed { tag_end: usize, close: usize },
    /// Its end tag has not arrived, or not even the end of its start tag.
    Open { tag_end: Option<usize> },
}

pub(super) fn extent(window: &[u8], kind: Kind) -> Extent {
    let Some(tag_end) = tag_end(window) else {
        return Extent::Open { tag_end: None };
    };
    let content = window.get(tag_end..).unwrap_or_default();
    match close(content, kind) {
        Some(close) => Extent::Closed {
            tag_end,
            close: tag_end + close,
        },
        None => Extent::Open {
            tag_end: Some(tag_end),
        },
    }
}

/// Where the content ends, at its end tag.
pub(super) fn close(content: &[u8], kind: Kind) -> Option<usize> {
    memmem::find_iter(content, b"</").find(|at| {
        content
            .get(*at..)
            .is_some_and(|rest| starts_with(rest, kind.close()))
    })
}

/// The end of the start tag at the window's start: its first `>` outside of a quoted value.
fn tag_end(window: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in window.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if after_equals => quote = Some(*byte),
            (None, b'>') => return Some(at + 1),
            (None, _) => {}
        }
        // A quote opens a value only right after the equals sign (HTML, "before attribute value state").
        after_equals =
            quote.is_none() && (*byte == b'=' || after_equals && byte.is_ascii_whitespace());
    }
    None
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_any_case_and_the_first_counts() {
        assert_eq!(
            next(b"a<b><ScRiPt>"),
            Some(Found {
                at: 4,
                kind: Kind::Script
            })
        );
        assert_eq!(
            next(b"<noscript><script>"),
            Some(Found {
                at: 0,
                kind: Kind::Noscript
            })
        );
        assert_eq!(next(b"<scrip"), None);
    }

    #[test]
    fn a_split_start_is_kept_back() {
        for (text, kept) in [
            (&b"abc<"[..], 1),
            (b"abc<SCR", 4),
            (b"abc<noscrip", 8),
            (b"<no<", 1),
            (b"abc", 0),
            (b"abc<p", 0),
        ] {
            assert_eq!(unfinished(text), kept, "{text:?}");
        }
    }

    #[test]
    fn an_extent_minds_quotes_and_needs_its_own_end_tag() {
        assert_eq!(
            extent(b"<script a='>' b=\"</script>\">x</SCRIPT>", Kind::Script),
            Extent::Closed {
                tag_end: 28,
                close: 29
            }
        );
        assert_eq!(
            extent(b"<script>x</noscript>", Kind::Script),
            Extent::Open { tag_end: Some(8) }
        );
        assert_eq!(
            extent(b"<script a='>", Kind::Script),
            Extent::Open { tag_end: None }
        );
        assert_eq!(
            extent(b"<script it's>x</script>", Kind::Script),
            Extent::Closed {
                tag_end: 13,
                close: 14
            }
        );
    }
}
