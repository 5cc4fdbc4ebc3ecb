//! Is this start tag worth taking apart?

/// What the bytes of a start tag may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// An annotation by the page's author.
    pub(super) annotated: bool,
    /// An attribute of the gate's own.
    pub(super) private: bool,
    /// A style.
    pub(super) style: bool,
    /// An event handler.
    pub(super) handler: bool,
    /// A function, as in `mask="url(…)"`.
    pub(super) function: bool,
}

impl Marks {
    pub(super) const ALL: Self = Self {
        annotated: true,
        private: true,
        style: true,
        handler: true,
        function: true,
    };

    /// Looks at the raw bytes, which is cheaper than taking the attributes apart.
    pub(super) fn of(tag: &[u8]) -> Self {
        let mut marks = Self::default();
        let mut at_name = false;
        for (at, byte) in tag.iter().enumerate() {
            if at_name && byte.is_ascii_alphabetic() {
                let name = tag.get(at..).unwrap_or_default();
                let starts = |text: &[u8]| {
                    name.get(..text.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(text))
                };
                match byte {
                    b'd' | b'D' => {
                        marks.annotated |= starts(b"data-consent");
                        marks.private |= starts(b"data-tc");
                    }
                    b's' | b'S' => marks.style |= starts(b"style"),
                    b'o' | b'O' => marks.handler |= starts(b"on"),
                    _ => {}
                }
            }
            marks.function |= matches!(byte, b'(' | b'&' | b'\\');
            at_name = byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'');
        }
        marks
    }

    /// Whether any of it concerns the gate; `function` only does in SVG.
    pub(super) const fn any(self, in_html: bool) -> bool {
        self.annotated || self.style || self.handler || (self.function && !in_html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_noticed_in_every_spelling() {
        let annotated = |tag: &str| Marks::of(tag.as_bytes()).annotated;
        for tag in [
            "<p data-consent=x>",
            "<p a='b'DATA-consent>",
            "<p/data-consent>",
            "<p\n\tdata-consent=\"x\">",
        ] {
            assert!(annotated(tag), "{tag}");
        }
        assert!(!annotated("<p xdata-consent>") && !annotated("<p>"));
        assert!(Marks::of(b"<p STYLE=x>").style && Marks::of(b"<p onload=x>").handler);
        assert!(Marks::of(b"<p data-tc-src=x>").private);
        assert!(Marks::of(b"<path fill='url(x)'>").any(false));
        assert!(!Marks::of(b"<a href='x' class=\"y z\">").any(false));
    }
}
