//! Which elements does the tokenizer take for open?
//!
//! Many end tags may be left out, and browsers know which. lol_html waits for
//! them, and remembers each element until then: a long table without `</td>`
//! would outgrow its memory. So it is told of ends now and then, in bulk; the
//! gate needs nothing of what it remembers but the body.

use std::collections::BTreeMap;

/// How many elements are remembered before the tokenizer is told to forget some.
const MANY: usize = 4096;

/// Elements whose content is no markup, or whose end the gate waits for.
const KEPT: &[&str] = &[
    "body",
    "frameset",
    "head",
    "html",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// The elements met since the last time.
#[derive(Debug, Default)]
pub(super) struct Open {
    count: usize,
    names: BTreeMap<String, usize>,
    /// Whether the last element was an ordinary one.
    calm: bool,
}

impl Open {
    /// Notes one start tag.
    pub(super) fn note(&mut self, tag: &str, in_html: bool) {
        self.count += 1;
        // The first ones may stay: most pages have no more.
        if self.count <= MANY {
            return;
        }
        self.calm = in_html && !KEPT.contains(&tag);
        if !self.calm {
            return;
        }
        match self.names.get_mut(tag) {
            Some(count) => *count += 1,
            None => {
                self.names.insert(tag.to_owned(), 1);
            }
        }
    }

    /// Notes start tags of ordinary elements, as many as there is [room](Self::room) for.
    pub(super) const fn pass(&mut self, count: usize) {
        self.count += count;
    }

    /// How many more elements need not be told apart.
    pub(super) const fn room(&self) -> usize {
        MANY.saturating_sub(self.count)
    }

    /// Whether the tokenizer should forget some.
    pub(super) const fn is_due(&self) -> bool {
        self.count > 2 * MANY
    }

    /// The end tags of all that was noted, where they would be read as such.
    pub(super) fn ends(&mut self) -> Option<String> {
        if !self.is_due() || !self.calm {
            return None;
        }
        self.count = MANY;
        let names = std::mem::take(&mut self.names);
        let ends = names
            .iter()
            .map(|(name, count)| format!("</{name}>").repeat(*count));
        Some(ends.collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_usual_size_is_left_alone_and_a_long_one_is_cleared_in_turns() {
        let mut open = Open::default();
        for _ in 0..2 * MANY {
            open.note("td", true);
            assert!(open.ends().is_none());
        }
        open.note("textarea", true);
        assert!(
            open.is_due() && open.ends().is_none(),
            "its content is text"
        );
        open.note("p", true);
        let ends = open.ends().unwrap();
        assert_eq!(ends.matches("</td>").count(), MANY);
        assert!(ends.ends_with("</td>") && ends.starts_with("</p>"));
        assert!(!open.is_due());
        (0..=MANY).for_each(|_| open.note("p", true));
        assert_eq!(open.ends().unwrap().matches("</p>").count(), MANY + 1);
    }
}
