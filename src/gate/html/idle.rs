//! How far does a page do nothing?
//!
//! Most of a page is text, between start tags that fetch nothing and end tags
//! that change nothing about how the rest is read. Where the tokenizer is known
//! to stand in such text, a stretch of it needs no tokenizer and goes out as it
//! is. Whatever is not plainly of that kind ends the stretch: a comment, a tag
//! that is cut off, a name that is not in the list or not in lower case.

use super::hold;
use super::marks::{is_bare, tag_name};
use super::table::{Index, index};

/// What is known where a start tag stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    index: &'static Index,
    /// Whether the guard has to come before the next element that acts at once.
    leads: bool,
    /// Whether what stays on the document's own host is nobody's.
    own: bool,
}

impl Idle {
    pub(super) fn new(leads: bool, own: bool) -> Self {
        Self {
            index: index(),
            leads,
            own,
        }
    }

    /// Whether the raw bytes of an HTML element's start tag tell that it does
    /// nothing, or while the guard leads nothing that the guard has to precede.
    pub(super) fn is_idle(self, tag: &[u8]) -> bool {
        let name = tag_name(tag);
        let known = self.index.find(name);
        if known.is_some_and(|known| {
            known.has_rules || known.has_place || self.leads && known.may_act_at_once
        }) {
            return false;
        }
        // The brackets may be all that stands beside the name.
        tag.len() <= name.len() + 2 || is_bare(tag, known, self.own)
    }

    /// How many bytes from the start of `text` do nothing, where an HTML
    /// tokenizer in its data state reads it.
    pub(super) fn stretch(self, text: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(open) = memchr::memchr(b'<', rest) else {
                return text.len();
            };
            let tag = rest.get(open..).unwrap_or_default();
            let Some(length) = end_tag(tag).or_else(|| self.start_tag(tag)) else {
                return at + open;
            };
            at += open + length;
        }
    }

    /// The length of the plain start tag that does nothing and starts `text`.
    fn start_tag(self, text: &[u8]) -> Option<usize> {
        let name = tag_name(text);
        if !is_plain(name) {
            return None;
        }
        let end = match text.get(name.len() + 1) {
            Some(b'>') => name.len() + 2,
            _ => hold::tag_end(text)?,
        };
        self.is_idle(text.get(..end)?).then_some(end)
    }
}

/// The length of the plain end tag that starts `text`.
fn end_tag(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"</") {
        return None;
    }
    let name = tag_name(text.get(1..)?);
    let end = name.len() + 2;
    (text.get(end) == Some(&b'>') && is_plain(name)).then_some(end + 1)
}

/// The next start tag in `text` that has arrived whole: where it begins and
/// where it ends, as far as its bytes tell.
pub(super) fn next_tag(text: &[u8]) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'<', text)
        .find(|at| text.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
        .and_then(|at| Some((at, at + hold::tag_end(text.get(at..)?)?)))
}

/// Whether elements of this name are HTML's, hold no text of another kind and
/// have no part in where SVG or MathML begins or ends. In lower case.
pub(super) fn is_plain(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"abbr"
            | b"address"
            | b"article"
            | b"aside"
            | b"b"
            | b"bdi"
            | b"bdo"
            | b"blockquote"
            | b"br"
            | b"button"
            | b"caption"
            | b"center"
            | b"cite"
            | b"code"
            | b"col"
            | b"colgroup"
            | b"dd"
            | b"del"
            | b"details"
            | b"dfn"
            | b"div"
            | b"dl"
            | b"dt"
            | b"em"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"i"
            | b"img"
            | b"input"
            | b"ins"
            | b"kbd"
            | b"label"
            | b"legend"
            | b"li"
            | b"main"
            | b"mark"
            | b"menu"
            | b"nav"
            | b"ol"
            | b"p"
            | b"picture"
            | b"pre"
            | b"q"
            | b"s"
            | b"samp"
            | b"section"
            | b"small"
            | b"span"
            | b"strong"
            | b"sub"
            | b"summary"
            | b"sup"
            | b"table"
            | b"tbody"
            | b"td"
            | b"tfoot"
            | b"th"
            | b"thead"
            | b"time"
            | b"tr"
            | b"u"
            | b"ul"
            | b"var"
            | b"wbr"
    )
}

/// Whether elements of this plain name have an end tag.
pub(super) fn has_end(name: &[u8]) -> bool {
    is_plain(name) && !matches!(name, b"br" | b"col" | b"hr" | b"img" | b"input" | b"wbr")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(text: &str) -> usize {
        Idle::new(false, true).stretch(text.as_bytes())
    }

    #[test]
    fn text_and_plain_tags_are_a_stretch() {
        for text in [
            "",
            "a > b & c",
            "<p>a</p><p class=\"x y\">b<br/>c</p>",
            "</div></div><div\nid = 'a>b'>",
            "<img alt=\"<script>\" src=\"/own.png\">",
            "<a href=\"https://ads.test/\">",
        ] {
            assert_eq!(stretch(text), text.len(), "{text}");
        }
    }

    #[test]
    fn whatever_else_stands_there_ends_it() {
        for end in [
            "<img src=\"https://ads.test/x\">",
            "<p style=\"background:url(//ads.test/x)\">",
            "<p onclick=\"x()\">",
            "<script>",
            "<style>",
            "<textarea>",
            "<title>",
            "<svg>",
            "<math>",
            "<select>",
            "<template>",
            "<body>",
            "<P>",
            "<my-part>",
            "<p",
            "<p class=\"x>",
            "<",
            "< p>",
            "<!-- <p> -->",
            "<?x?>",
            "</body>",
            "</svg>",
            "</title>",
            "</desc>",
            "</P>",
            "</p >",
            "</p class=\">\">",
            "</p",
            "</",
            "</>",
        ] {
            let text = format!("<p>before</p>{end}<i>after</i>");
            assert_eq!(stretch(&text), 13, "{text}");
        }
    }

    #[test]
    fn an_element_that_acts_at_once_ends_it_while_the_guard_is_to_come() {
        let tag = b"<input autofocus>";
        assert_eq!(Idle::new(false, true).stretch(tag), tag.len());
        assert_eq!(Idle::new(true, true).stretch(tag), 0);
    }

    #[test]
    fn what_is_void_has_no_end() {
        assert!(has_end(b"td") && !has_end(b"img") && !has_end(b"svg"));
    }

    #[test]
    fn the_next_tag_is_one_that_has_arrived_whole() {
        assert_eq!(next_tag(b"a </b><!-- --><i a='>'>b"), Some((14, 23)));
        assert_eq!(next_tag(b"a </b>"), None);
        assert_eq!(next_tag(b"a <b c='>"), None);
    }
}
