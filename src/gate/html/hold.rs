//! What has to arrive whole before its start tag can be judged?
//!
//! A start tag is out before its content is seen, so the content of inline
//! scripts, of `<style>` and of `<noscript>` is held back until its end tag has
//! arrived, and while the guard's place is open that of `<svg>`, `<math>` and
//! `<template>`. This looks for raw byte sequences and not for structure: a match
//! inside of a comment or a string only delays bytes, it decides nothing.

use std::sync::LazyLock;

use memchr::{memchr2, memmem};

use super::starts::Starts;

/// How much is held back for an inline script. Longer ones are no snippets.
pub(super) const MAX_SCRIPT: usize = 16 * 1024;
/// How much is held back to learn whether an `<svg>`, a `<math>` or a
/// `<template>` does anything, while the guard's place is open.
pub(super) const MAX_CLOSED: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Script,
    Style,
    Noscript,
    Svg,
    Math,
    Template,
}

impl Kind {
    /// Whether where its start tag ends must be known to the byte.
    pub(super) const fn is_foreign(self) -> bool {
        matches!(self, Self::Svg | Self::Math)
    }

    /// How an end tag begins.
    const fn close(self) -> &'static [u8] {
        match self {
            Self::Script => b"</script",
            Self::Style => b"</style",
            Self::Noscript => b"</noscript",
            Self::Svg => b"</svg",
            Self::Math => b"</math",
            Self::Template => b"</template",
        }
    }
}

const OPENS: [(&[u8], Kind); 6] = [
    (b"<script", Kind::Script),
    (b"<style", Kind::Style),
    (b"<noscript", Kind::Noscript),
    (b"<svg", Kind::Svg),
    (b"<math", Kind::Math),
    (b"<template", Kind::Template),
];
/// How they begin.
static STARTS: LazyLock<Starts> =
    LazyLock::new(|| Starts::new(&[*b"<sc", *b"<st", *b"<no", *b"<sv", *b"<ma", *b"<te"]));
/// The length of the longest of them.
pub(super) const LONGEST: usize = 9;

/// A place that may be a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: usize,
    /// How long the start of the tag is, with its name.
    pub(super) open: usize,
    pub(super) kind: Kind,
}

/// The first place that may be a start tag to hold back for.
pub(super) fn next(window: &[u8]) -> Option<Found> {
    STARTS.all(window).find_map(|at| {
        let rest = window.get(at..)?;
        OPENS
            .into_iter()
            .find(|(open, _)| starts_with(rest, open))
            .map(|(open, kind)| Found {
                at,
                open: open.len(),
                kind,
            })
    })
}

/// How many bytes at the end may be the start of such a tag.
pub(super) fn unfinished(window: &[u8]) -> usize {
    let from = window.len().saturating_sub(LONGEST - 1);
    let tail = window.get(from..).unwrap_or_default();
    (0..tail.len())
        .filter_map(|at| tail.get(at..))
        .find(|end| OPENS.iter().any(|(open, _)| starts_with(open, end)))
        .map_or(0, <[u8]>::len)
}

/// The end of the start tag that begins the window, as the HTML standard finds
/// it (from "tag name state" on): its first `>` outside of a quoted value.
pub(super) fn tag_end(window: &[u8]) -> Option<usize> {
    // Where there is none at all, many starts of tags must not each look for it at length.
    memchr::memchr(b'>', window)?;
    let mut place = Place::Name;
    let mut at = 1;
    loop {
        let byte = *window.get(at)?;
        at += 1;
        place = match (place, byte) {
            (_, b'>') => return Some(at),
            (Place::BeforeValue, b'"' | b'\'') => {
                at += memchr::memchr(byte, window.get(at..)?)? + 1;
                Place::Between
            }
            (Place::BeforeValue, byte) if byte.is_ascii_whitespace() => Place::BeforeValue,
            (Place::BeforeValue | Place::Unquoted, byte) if !byte.is_ascii_whitespace() => {
                Place::Unquoted
            }
            // The solidus ends a name and stands for nothing.
            (Place::Name | Place::Between | Place::Attribute | Place::AfterAttribute, b'/') => {
                Place::Between
            }
            (Place::Name, byte) if !byte.is_ascii_whitespace() => Place::Name,
            (Place::Attribute | Place::AfterAttribute, b'=') => Place::BeforeValue,
            (Place::Attribute | Place::AfterAttribute, byte) if byte.is_ascii_whitespace() => {
                Place::AfterAttribute
            }
            (Place::Between, byte) if byte.is_ascii_whitespace() => Place::Between,
            // An equals sign in front of a name is its first letter.
            (Place::Between | Place::Attribute | Place::AfterAttribute, _) => Place::Attribute,
            (Place::Name | Place::Unquoted | Place::BeforeValue, _) => Place::Between,
        };
    }
}

#[derive(Clone, Copy)]
enum Place {
    Name,
    /// In front of an attribute's name.
    Between,
    Attribute,
    AfterAttribute,
    BeforeValue,
    Unquoted,
}

/// Where the text of a script ends, at its end tag; `None` where that has not
/// arrived. Inside of a comment an inner start tag makes the next end tag part
/// of the text (HTML, "script data double escaped state").
fn script_end(content: &[u8]) -> Option<usize> {
    let (mut commented, mut doubled) = (false, false);
    let mut at = 0;
    loop {
        at += memchr2(b'<', b'-', content.get(at..)?)?;
        let rest = content.get(at..)?;
        if starts_with(rest, b"<!--") {
            commented = true;
            // The dashes may also end the comment at once: `<!-->`.
            at += 2;
        } else if commented && starts_with(rest, b"-->") {
            (commented, doubled) = (false, false);
            at += 3;
        } else if is_tag(rest, Kind::Script.close()) {
            if !doubled {
                return Some(at);
            }
            doubled = false;
            at += 2;
        } else {
            doubled |= commented && is_tag(rest, b"<script");
            at += 1;
        }
    }
}

/// Where the content of an element ends, at its end tag; `None` where that has not arrived.
pub(super) fn content_end(kind: Kind, content: &[u8]) -> Option<usize> {
    if kind == Kind::Script {
        return script_end(content);
    }
    memmem::find_iter(content, b"</").find(|at| {
        content
            .get(*at..)
            .is_some_and(|rest| is_tag(rest, kind.close()))
    })
}

/// The same for an element that is held back only for the sake of the guard's
/// place, and only so far.
pub(super) fn closed_end(kind: Kind, content: &[u8]) -> Option<usize> {
    content_end(kind, content.get(..MAX_CLOSED).unwrap_or(content))
}

/// Whether an end tag of this kind may begin somewhere in `text`.
pub(super) fn may_end(kind: Kind, text: &[u8]) -> bool {
    memmem::find_iter(text, b"</").any(|at| {
        text.get(at..)
            .is_some_and(|rest| starts_with(rest, kind.close()))
    })
}

/// Whether a tag with exactly this name starts the text.
fn is_tag(text: &[u8], start: &[u8]) -> bool {
    starts_with(text, start)
        && text
            .get(start.len())
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
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
        let found = |at, open, kind| Some(Found { at, open, kind });
        assert_eq!(next(b"a<b><ScRiPt>"), found(4, 7, Kind::Script));
        assert_eq!(next(b"<noscript><script>"), found(0, 9, Kind::Noscript));
        assert_eq!(next(b"<STYLE><svg>"), found(0, 6, Kind::Style));
        assert_eq!(next(b"</svg><MATH>"), found(6, 5, Kind::Math));
        assert_eq!(next(b"<text><Template>"), found(6, 9, Kind::Template));
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
            (b"abc<m", 2),
            (b"abc<TEM", 4),
        ] {
            assert_eq!(unfinished(text), kept, "{text:?}");
        }
    }

    #[test]
    fn a_start_tag_ends_where_browsers_end_it() {
        for tag in [
            "<script>",
            "<script a='>' b=\"</script>\">",
            "<script it's>",
            "<script =\">",
            "<script a ==\">",
            "<script a=b\">",
            "<script \">",
            "<script a/=\">",
            "<script a=\"\"\">",
            "<script/>",
            "<script a = '>'>",
            "<script a=>",
            "<script a=b'>",
            "<script a='b'c='>'>",
        ] {
            let text = format!("{tag}x>\">'>");
            assert_eq!(tag_end(text.as_bytes()), Some(tag.len()), "{tag}");
        }
        for open in ["<script", "<script a='>", "<script a=\">'"] {
            assert_eq!(tag_end(open.as_bytes()), None, "{open}");
        }
    }

    #[test]
    fn a_script_ends_at_the_end_tag_that_browsers_take() {
        for text in [
            "",
            "a < b",
            "<!-- <script> </script> x -->",
            "<!-- <script></script><script></script>",
            "</scripty> </ script>",
            "<!--> ",
            "<!-- <scripty> ",
        ] {
            let content = format!("{text}</SCRIPT ></script>");
            assert_eq!(script_end(content.as_bytes()), Some(text.len()), "{text}");
        }
        assert_eq!(script_end(b"x</script"), None);
        assert_eq!(script_end(b"<!-- <script> </script> x"), None);
        assert_eq!(
            content_end(Kind::Noscript, b"<p></noscripts></NOSCRIPT>"),
            Some(15)
        );
    }
}
