//! Is this start tag worth taking apart?
//!
//! Most are not, and their bytes tell so faster than their attributes.

/// What a start tag may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// A style.
    pub(super) style: bool,
    /// An event handler.
    pub(super) handler: bool,
    /// A function, as in `mask="url(…)"`.
    pub(super) function: bool,
}

impl Marks {
    pub(super) const ALL: Self = Self {
        style: true,
        handler: true,
        function: true,
    };

    /// Looks at the raw bytes of a tag. Functions only matter in SVG.
    pub(super) fn of(tag: &[u8], in_html: bool) -> Self {
        let mut marks = Self::default();
        for at in memchr::memchr_iter(b'=', tag) {
            let before = tag.get(..at).unwrap_or_default().trim_ascii_end();
            let name = before
                .iter()
                .rposition(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
                .and_then(|at| before.get(at + 1..))
                .unwrap_or_default();
            match name {
                [b'o' | b'O', b'n' | b'N', ..] => marks.handler = true,
                _ => marks.style |= name.eq_ignore_ascii_case(b"style"),
            }
        }
        marks.function = !in_html && memchr::memchr3(b'(', b'&', b'\\', tag).is_some();
        marks
    }

    pub(super) const fn any(self) -> bool {
        self.style || self.handler || self.function
    }
}

/// What the page has shown so far that makes every tag worth a closer look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// An annotation by the page's author.
    pub(super) annotation: bool,
    /// An attribute that only the gate may write.
    pub(super) private: bool,
    /// The last bytes, in which one may have begun.
    tail: [u8; 4],
}

impl Seen {
    /// Looks at the next chunk.
    pub(super) fn look(&mut self, chunk: &[u8]) {
        if self.annotation && self.private {
            return;
        }
        let start: Vec<u8> = self
            .tail
            .iter()
            .chain(chunk.iter().take(4))
            .copied()
            .collect();
        self.search(&start);
        self.search(chunk);
        for byte in chunk.iter().rev().take(4).rev() {
            self.tail.rotate_left(1);
            if let Some(last) = self.tail.last_mut() {
                *last = *byte;
            }
        }
    }

    fn search(&mut self, text: &[u8]) {
        for at in memchr::memchr_iter(b'-', text) {
            let name = text.get(at + 1..).unwrap_or_default();
            let starts = |word: &[u8]| {
                name.get(..word.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(word))
            };
            self.private |= starts(b"tc");
            self.annotation |= starts(b"con");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_noticed_in_every_spelling() {
        let style = |tag: &str| Marks::of(tag.as_bytes(), true).style;
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
        assert!(Marks::of(b"<p ONload=x>", true).handler);
        assert!(Marks::of(b"<path fill='url(x)'>", false).any());
        assert!(!Marks::of(b"<a href='x()' class=\"y z\">", true).any());
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
        seen.look(b"<p class=a-b-c data-t");
        assert!(!seen.private && !seen.annotation);
        seen.look(b"c-src=x>");
        assert!(seen.private && !seen.annotation);
    }
}
