//! What is a text made from, and what of?

use crate::policy::{Policy, Said, Texts};

/// What is written, and how.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) policy: &'a Policy,
    pub(super) texts: &'a Texts,
    /// Of the headings.
    pub(super) level: u8,
    /// Whether it ends with the list of external transmissions.
    pub(super) transmission: bool,
}

/// A piece of the text.
pub(super) enum Block {
    /// One level below the text's own, or `0` for that.
    Heading(u8, String),
    Paragraph(Cell),
    Table {
        caption: String,
        head: Vec<String>,
        rows: Vec<Vec<Cell>>,
    },
}

/// Lines of a paragraph or of a table's cell.
pub(super) type Cell = Vec<Line>;
pub(super) type Line = Vec<Inline>;

pub(super) enum Inline {
    Text(String),
    /// English among texts in another language.
    Foreign(String),
    Code(String),
    Link {
        url: String,
        text: String,
    },
}

impl Inline {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// A cell of what is said about a service or a cookie.
pub(super) fn told(said: Said<'_>) -> Cell {
    let text = said.text.to_owned();
    vec![vec![match said.foreign {
        true => Inline::Foreign(text),
        false => Inline::Text(text),
    }]]
}

/// A cell of one line of text.
pub(super) fn plain(text: impl Into<String>) -> Cell {
    vec![vec![Inline::text(text)]]
}
