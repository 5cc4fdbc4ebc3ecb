//! Is this start tag worth taking apart?
//!
//! Most are not, and their bytes tell so faster than their attributes.

use std::sync::LazyLock;

use super::starts::Starts;
use super::table::Known;
use crate::gate::address::is_plainly_own;

/// How the names begin that make every tag worth a closer look, from their hyphen on.
static NAMES: LazyLock<Starts> = LazyLock::new(|| Starts::new(&[*b"-tc", *b"-co"]));

/// What a start tag may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// A style.
    pub(super) style: bool,
    /// An event handler.
    pub(super) handler: bool,
    /// A function, as in `mask="url(…)"`.
    pub(super) function: bool,
    /// Attributes that fetch, by the bits of their rows.
    pub(super) rows: u32,
}

impl Marks {
    /// All that a tag may hold whose bytes are not at hand.
    pub(super) const fn all(in_html: bool) -> Self {
        Self {
            style: true,
            handler: true,
            function: !in_html,
            rows: u32::MAX,
        }
    }

    /// Looks at the raw bytes of a tag. Functions only matter in SVG.
    pub(super) fn of(tag: &[u8], known: Option<&Known>, in_html: bool) -> Self {
        let mut marks = Self::default();
        for (name, _) in attributes(tag) {
            match name {
                [b'o' | b'O', b'n' | b'N', ..] => marks.handler = true,
                _ => marks.style |= name.eq_ignore_ascii_case(b"style"),
            }
            if let Some(known) = known {
                marks.rows |= known.bit(name);
            }
        }
        marks.function = !in_html && memchr::memchr3(b'(', b'&', b'\\', tag).is_some();
        marks
    }

    pub(super) const fn any(self) -> bool {
        self.style || self.handler || self.function || self.rows != 0
    }
}

/// Whether the raw bytes of an HTML element's start tag hold nothing of all
/// that. `own` says whether what stays on the document's own host is nothing, too.
pub(super) fn is_bare(tag: &[u8], known: Option<&Known>, own: bool) -> bool {
    attributes(tag).all(|(name, rest)| match name {
        [b'o' | b'O', b'n' | b'N', ..] => false,
        _ if name.eq_ignore_ascii_case(b"style") => false,
        _ => known.is_none_or(|known| {
            let row = known.bit(name);
            row == 0 || own && known.holds_address(row) && is_plainly_own(value(rest))
        }),
    })
}

/// The name of a start tag, in its raw bytes.
pub(super) fn tag_name(tag: &[u8]) -> &[u8] {
    let name = tag.get(1..).unwrap_or_default();
    // Letters, which are most of it, are told by one comparison.
    let is_end =
        |byte: &u8| *byte <= b'>' && (byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    let end = name.iter().position(is_end).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// The names in the raw bytes of a start tag that have a value, and perhaps
/// some more, each with what follows its equals sign.
fn attributes(tag: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    memchr::memchr_iter(b'=', tag).map(|at| {
        let before = tag.get(..at).unwrap_or_default().trim_ascii_end();
        let name = before
            .iter()
            .rposition(|byte| {
                *byte <= b'/' && (byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
            })
            .and_then(|at| before.get(at + 1..))
            .unwrap_or_default();
        (name, tag.get(at + 1..).unwrap_or_default())
    })
}

/// The value that starts `rest`, which follows an equals sign.
fn value(rest: &[u8]) -> &[u8] {
    let rest = rest.trim_ascii_start();
    let (value, end) = match rest.split_first() {
        Some((quote @ (b'"' | b'\''), quoted)) => (quoted, memchr::memchr(*quote, quoted)),
        _ => {
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
            (rest, rest.iter().position(is_end))
        }
    };
    end.and_then(|end| value.get(..end)).unwrap_or_default()
}

/// What the page has shown so far that makes every tag worth a closer look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// An annotation by the page's author.
    pub(super) annotation: bool,
    /// An attribute that only the gate may write.
    pub(super) private: bool,
    /// The last bytes, in which one may have begun.
    tail: [u8; ANNOTATION.len() - 1],
}

const PRIVATE: &[u8] = b"data-tc";
/// The longer of the two.
const ANNOTATION: &[u8] = b"data-consent";
/// How both begin, before what is searched for.
const DATA: usize = 4;

impl Seen {
    /// Looks at the next chunk.
    pub(super) fn look(&mut self, chunk: &[u8]) {
        if self.annotation && self.private {
            return;
        }
        let ahead = chunk.iter().take(self.tail.len());
        let start: Vec<u8> = self.tail.iter().chain(ahead).copied().collect();
        self.search(&start);
        self.search(chunk);
        let kept = self.tail.len();
        for byte in chunk.iter().rev().take(kept).rev() {
            self.tail.rotate_left(1);
            if let Some(last) = self.tail.last_mut() {
                *last = *byte;
            }
        }
    }

    fn search(&mut self, text: &[u8]) {
        for found in NAMES.all(text) {
            let name = found.checked_sub(DATA).and_then(|start| text.get(start..));
            let name = name.unwrap_or_default();
            let starts = |word: &[u8]| {
                name.get(..word.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(word))
            };
            self.private |= starts(PRIVATE);
            self.annotation |= starts(ANNOTATION);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::html::table::known;

    #[test]
    fn attributes_are_noticed_in_every_spelling() {
        let style = |tag: &str| Marks::of(tag.as_bytes(), None, true).style;
        for tag in [
            "<p style=x>",
            "<p a='b'STYLE = x>",
            "<p/style=\"x\">",
            "<p\n\tstyle\n='x'>",
            "<p a=\"b=c\"style=x>",
        ] {
            assert!(style(tag), "{tag}");
        }
        assert!(!style("<p xstyle=x>") && !style("<p>") && !style("<p data-style=x>"));
        assert!(Marks::of(b"<p ONload=x>", None, true).handler);
        assert!(Marks::of(b"<path fill='url(x)'>", None, false).any());
        assert!(!Marks::of(b"<a href='x()' class=\"y z\">", known(b"a"), true).any());
    }

    #[test]
    fn attributes_that_fetch_are_told_by_their_element() {
        let rows = |tag: &[u8]| Marks::of(tag, known(tag_name(tag)), true).rows;
        assert_ne!(rows(b"<IMG alt='a'SrcSet = x>"), 0);
        assert_ne!(rows(b"<img/src=x>"), rows(b"<img/srcset=x>"));
        assert_eq!(
            rows(b"<img alt=src>") | rows(b"<p src=x>") | rows(b"<img>"),
            0
        );
    }

    #[test]
    fn what_plainly_stays_on_the_own_host_is_nothing_where_nobody_has_a_part_of_it() {
        let bare = |tag: &str| {
            let name = known(tag_name(tag.as_bytes()));
            is_bare(tag.as_bytes(), name, true)
        };
        for tag in [
            "<p class=x>",
            "<img alt=\"a = b\" src=\"/images/1.webp?a=1&amp;b=2\">",
            "<img/src = '/a'>",
            "<IMG SRC=/a.png>",
        ] {
            assert!(bare(tag), "{tag}");
        }
        for tag in [
            "<img src=//ads.test/x>",
            "<img src=\"/\\ads.test/x\">",
            "<img src='/\t/ads.test/x'>",
            "<img src=\" /a\">",
            "<img src=\"/&#47;ads.test/x\">",
            "<img src=a.png>",
            "<img src=\"\">",
            "<img alt=\"src=/a\" src=//ads.test/>",
            "<img src=/a src=//ads.test/>",
            "<img srcset=\"/a, //ads.test/b 2x\">",
            "<img src=/a onload=x()>",
            "<img src=/a style=x>",
        ] {
            assert!(!bare(tag), "{tag}");
        }
        let tag = b"<img src=/a>";
        assert!(!is_bare(tag, known(b"img"), false));
    }

    #[test]
    fn what_stands_across_two_chunks_is_seen() {
        for pieces in [
            &["<p data-consent=x>"][..],
            &["<p data-", "consent=x>"],
            &["<p data-c", "o", "n", "sent=x>"],
            &["<p DATA", "-CONSENT=x>"],
        ] {
            let mut seen = Seen::default();
            pieces.iter().for_each(|piece| seen.look(piece.as_bytes()));
            assert!(seen.annotation && !seen.private, "{pieces:?}");
        }
        let mut seen = Seen::default();
        seen.look(b"<p class=\"data-content a-tc\" data-t");
        assert!(!seen.private && !seen.annotation);
        seen.look(b"c-src=x>");
        assert!(seen.private && !seen.annotation);
    }
}
