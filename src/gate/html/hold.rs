//! What has to arrive whole before its start tag can be judged?
//!
//! A start tag is out before its content is seen, so the content of inline
//! scripts and of `<noscript>` is held back until its end tag has arrived. This
//! looks for raw byte sequences and not for structure: a match inside of a
//! comment or a string only delays bytes, it decides nothing.

use memchr::{memchr_iter, memchr2, memmem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Script,
    Noscript,
}

impl Kind {
    pub(super) const fn open(self) -> &'static [u8] {
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

/// The end of the start tag that begins the window, as the HTML standard finds
/// it (from "tag name state" on): its first `>` outside of a quoted value.
pub(super) fn tag_end(window: &[u8]) -> Option<usize> {
    let mut place = Place::Name;
    for (at, byte) in window.iter().enumerate().skip(1) {
        place = match (place, byte) {
            (Place::Quoted(quote), byte) if quote == *byte => Place::Between,
            (Place::Quoted(quote), _) => Place::Quoted(quote),
            (_, b'>') => return Some(at + 1),
            (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(*byte),
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
    None
}

#[derive(Clone, Copy)]
enum Place {
    Name,
    /// In front of an attribute's name.
    Between,
    Attribute,
    AfterAttribute,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

/// Where the text of a script ends, at its end tag; `None` where that has not
/// arrived. Inside of a comment an inner start tag makes the next end tag part
/// of the text (HTML, "script data double escaped state").
pub(super) fn script_end(content: &[u8]) -> Option<usize> {
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
            doubled |= commented && is_tag(rest, Kind::Script.open());
            at += 1;
        }
    }
}

/// Where the content of a `<noscript>` ends, at its end tag.
pub(super) fn noscript_end(content: &[u8]) -> Option<usize> {
    memmem::find_iter(content, b"</").find(|at| {
        content
            .get(*at..)
            .is_some_and(|rest| is_tag(rest, Kind::Noscript.close()))
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
        let found = |at, kind| Some(Found { at, kind });
        assert_eq!(next(b"a<b><ScRiPt>"), found(4, Kind::Script));
        assert_eq!(next(b"<noscript><script>"), found(0, Kind::Noscript));
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
        assert_eq!(noscript_end(b"<p></noscripts></NOSCRIPT>"), Some(15));
    }
}
