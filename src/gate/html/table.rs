//! Which attributes of which elements make a browser fetch something?
//!
//! One row for each. To gate another vector, add a row.

use std::sync::LazyLock;

use crate::policy::RequestKind;

/// How an attribute names what it fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// One address.
    Address,
    /// Several addresses, separated by white space.
    Addresses,
    /// Several addresses, separated by semicolons.
    Values,
    /// Candidates with descriptors.
    Srcset,
    /// A whole document.
    Document,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) tags: &'static [&'static str],
    pub(super) attribute: &'static str,
    pub(super) holds: Holds,
}

const fn row(tags: &'static [&'static str], attribute: &'static str, holds: Holds) -> Row {
    Row {
        tags,
        attribute,
        holds,
    }
}

/// Elements whose addresses lazy-loading scripts keep elsewhere until they are needed.
const LAZY: &[&str] = &[
    "script", "iframe", "frame", "img", "image", "input", "source", "video", "audio", "track",
    "embed", "object",
];

/// SVG elements that may set an address.
const ANIMATIONS: &[&str] = &["set", "animate"];

pub(super) const ROWS: &[Row] = &[
    row(
        &[
            "iframe", "frame", "img", "image", "input", "video", "audio", "source", "track",
            "embed",
        ],
        "src",
        Holds::Address,
    ),
    row(&["img", "image", "source"], "srcset", Holds::Srcset),
    row(&["video"], "poster", Holds::Address),
    row(&["object"], "data", Holds::Address),
    row(&["iframe"], "srcdoc", Holds::Document),
    row(&["link"], "href", Holds::Address),
    row(&["link"], "imagesrcset", Holds::Srcset),
    row(
        &["script", "image", "use", "feimage", "mpath"],
        "href",
        Holds::Address,
    ),
    row(
        &["script", "image", "use", "feimage", "mpath"],
        "xlink:href",
        Holds::Address,
    ),
    row(
        &["body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"],
        "background",
        Holds::Address,
    ),
    row(&["a", "area"], "ping", Holds::Addresses),
    row(
        &["a", "area", "img", "script"],
        "attributionsrc",
        Holds::Addresses,
    ),
    row(ANIMATIONS, "to", Holds::Values),
    row(ANIMATIONS, "from", Holds::Values),
    row(ANIMATIONS, "by", Holds::Values),
    row(ANIMATIONS, "values", Holds::Values),
    row(LAZY, "data-src", Holds::Address),
    row(LAZY, "data-lazy-src", Holds::Address),
    row(LAZY, "data-original", Holds::Address),
    row(LAZY, "data-srcset", Holds::Srcset),
    row(LAZY, "data-lazy-srcset", Holds::Srcset),
];

/// Elements that have rules of their own besides the rows.
const OTHERS: &[&str] = &["meta", "script", "style"];

/// SVG attributes whose value may be `url(…)` (SVG 2, "presentation attributes").
const PAINTS: &[&str] = &[
    "clip-path",
    "cursor",
    "fill",
    "filter",
    "marker",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "stroke",
];

/// The relations under which a browser fetches or connects to a link's address.
pub(super) const FETCHING_RELATIONS: &[&str] = &[
    "stylesheet",
    "icon",
    "apple-touch-icon",
    "apple-touch-icon-precomposed",
    "apple-touch-startup-image",
    "mask-icon",
    "fluid-icon",
    "manifest",
    "preload",
    "modulepreload",
    "prefetch",
    "prerender",
    "preconnect",
    "dns-prefetch",
    "compression-dictionary",
    "import",
    "pingback",
];

/// The rows for one element, by its lower-case tag name.
pub(super) fn rows(tag: &str) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.tags.contains(&tag))
}

/// What kind of request an attribute of an element makes, links apart: theirs
/// depends on other attributes.
pub(super) fn kind(tag: &str, attribute: &str) -> RequestKind {
    match (tag, attribute) {
        (_, "ping" | "attributionsrc") => RequestKind::Ping,
        (_, "poster" | "background") => RequestKind::Image,
        (_, srcset) if srcset.ends_with("srcset") => RequestKind::Image,
        ("script", _) => RequestKind::Script,
        ("iframe" | "frame", _) => RequestKind::Frame,
        ("embed" | "object", _) => RequestKind::Object,
        ("img" | "image" | "input" | "use" | "feimage" | "mpath" | "set" | "animate", _) => {
            RequestKind::Image
        }
        ("video" | "audio" | "source" | "track", _) => RequestKind::Media,
        _ => RequestKind::Other,
    }
}

/// Whether the gate moves this attribute to a private name, or marks with it.
pub(super) fn is_put_aside(attribute: &str) -> bool {
    matches!(attribute, "type" | "http-equiv" | "name" | "style" | "css")
        || attribute.starts_with("on")
        || paints(attribute)
        || ROWS.iter().any(|row| row.attribute == attribute)
}

/// Whether an SVG attribute takes `url(…)`.
pub(super) fn paints(attribute: &str) -> bool {
    PAINTS.contains(&attribute)
}

/// Whether an element with this lower-case tag name may act by itself.
pub(super) fn is_known(tag: &str) -> bool {
    static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);
    KNOWN.contains(tag)
}

/// The names of elements that may act. Asked for every element of every page,
/// so most names are turned away by their first letter and length.
struct Known {
    names: Vec<&'static str>,
    /// By first letter, a bit for each length.
    lengths: [u32; 26],
}

impl Known {
    fn new() -> Self {
        let mut known = Self {
            names: ROWS
                .iter()
                .flat_map(|row| row.tags)
                .chain(OTHERS)
                .copied()
                .collect(),
            lengths: [0; 26],
        };
        known.names.sort_unstable();
        known.names.dedup();
        for name in &known.names {
            if let Some(lengths) = letter(name).and_then(|letter| known.lengths.get_mut(letter)) {
                *lengths |= 1 << name.len();
            }
        }
        known
    }

    fn contains(&self, tag: &str) -> bool {
        let lengths = letter(tag).and_then(|letter| self.lengths.get(letter));
        tag.len() < 32
            && lengths.is_some_and(|lengths| lengths & (1 << tag.len()) != 0)
            && self.names.binary_search(&tag).is_ok()
    }
}

fn letter(name: &str) -> Option<usize> {
    let first = name.bytes().next()?.checked_sub(b'a')?;
    Some(usize::from(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_element_of_a_row_is_known_and_no_row_stands_twice() {
        let mut seen = HashSet::new();
        for row in ROWS {
            for tag in row.tags {
                assert!(is_known(tag) && rows(tag).any(|found| found.attribute == row.attribute));
                assert!(seen.insert((tag, row.attribute)), "{tag} {}", row.attribute);
            }
            assert!(is_put_aside(row.attribute));
        }
        assert!(is_known("script") && !is_known("p"));
    }
}
