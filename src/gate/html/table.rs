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
const RULED: &[&str] = &["meta", "script", "style"];

/// Elements whose place in the document matters, whatever they do themselves.
const PLACED: &[&str] = &["base", "body", "head", "html", "math", "noscript", "svg"];

/// Elements that may do something before the page has been read, besides those.
const EAGER: &[&str] = &[
    "a", "area", "button", "embed", "form", "frame", "frameset", "iframe", "input", "object",
    "template",
];

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
    "next", // Firefox fetches it ahead
    "prerender",
    "preconnect",
    "dns-prefetch",
    "compression-dictionary",
    "import",
    "pingback",
];

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

/// What is known of an element by its name.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    rows: Vec<&'static Row>,
    /// A bit for each length that the names of their attributes have.
    lengths: u32,
    /// Whether it may act by its content or has rules of its own.
    pub(super) has_rules: bool,
    /// Whether its place in the document matters.
    pub(super) has_place: bool,
    /// Whether it, or a click on it, may do something before the page has been read.
    pub(super) may_act_at_once: bool,
}

impl Known {
    /// The rows whose [`bit`](Self::bit) is set.
    pub(super) fn rows(&self, bits: u32) -> impl Iterator<Item = &'static Row> {
        let rows = self.rows.iter().enumerate();
        rows.filter_map(move |(at, row)| (bits & (1 << at) != 0).then_some(*row))
    }

    /// Whether these are rows of nothing but single addresses.
    pub(super) fn holds_address(&self, bits: u32) -> bool {
        self.rows(bits).all(|row| row.holds == Holds::Address)
    }

    /// The bit of an attribute's row, in any case; none where it fetches nothing.
    pub(super) fn bit(&self, attribute: &[u8]) -> u32 {
        if attribute.len() >= 32 || self.lengths & (1 << attribute.len()) == 0 {
            return 0;
        }
        self.rows
            .iter()
            .position(|row| attribute.eq_ignore_ascii_case(row.attribute.as_bytes()))
            .map_or(0, |at| 1 << at)
    }
}

/// What is known of the element with this tag name, in any case.
pub(super) fn known(name: &[u8]) -> Option<&'static Known> {
    index().find(name)
}

/// The names of all elements of which something is known.
pub(super) fn index() -> &'static Index {
    static INDEX: LazyLock<Index> = LazyLock::new(Index::new);
    &INDEX
}

/// All that is known. Asked for every element of every page, so most names are
/// turned away by their length and their first two letters.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By first letter.
    known: [Vec<Known>; 26],
    /// By first letter and length: a bit for each second letter that their names have.
    seconds: [[u32; MAX_NAME]; 26],
}

/// No name is as long as that.
const MAX_NAME: usize = 20;

impl Index {
    fn new() -> Self {
        let mut index = Self::default();
        let names = ROWS.iter().flat_map(|row| row.tags);
        for name in names.chain(RULED).chain(PLACED).chain(EAGER) {
            let stands = index.find(name.as_bytes()).is_some();
            let (Some(at), Some(bit)) = (first(name.as_bytes()), second(name.as_bytes())) else {
                continue;
            };
            let place = (index.known.get_mut(at)).zip(index.seconds.get_mut(at));
            let place =
                place.and_then(|(known, seconds)| Some((known, seconds.get_mut(name.len())?)));
            if let (false, Some((known, seconds))) = (stands, place) {
                *seconds |= bit;
                let rows: Vec<&Row> = ROWS.iter().filter(|row| row.tags.contains(name)).collect();
                known.push(Known {
                    name,
                    lengths: rows
                        .iter()
                        .fold(0, |bits, row| bits | 1 << row.attribute.len()),
                    rows,
                    has_rules: RULED.contains(name),
                    has_place: PLACED.contains(name),
                    may_act_at_once: EAGER.contains(name),
                });
            }
        }
        index
    }

    /// What is known of the element with this tag name, in any case.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<&Known> {
        let at = first(name)?;
        if self.seconds.get(at)?.get(name.len())? & second(name)? == 0 {
            return None;
        }
        self.named(at, name)
    }

    #[inline(never)]
    fn named(&self, first: usize, name: &[u8]) -> Option<&Known> {
        self.known
            .get(first)?
            .iter()
            .find(|known| name.eq_ignore_ascii_case(known.name.as_bytes()))
    }
}

/// The number of a name's first letter.
fn first(name: &[u8]) -> Option<usize> {
    letter(*name.first()?).map(usize::from)
}

/// A bit for a name's second letter; one of their own for names that have none.
fn second(name: &[u8]) -> Option<u32> {
    match name.get(1) {
        Some(byte) => letter(*byte).map(|at| 1 << at),
        None => Some(1 << 26),
    }
}

fn letter(byte: u8) -> Option<u8> {
    let at = byte.to_ascii_lowercase().checked_sub(b'a')?;
    (at < 26).then_some(at)
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_element_of_a_row_is_known_and_no_row_stands_twice() {
        let mut seen = HashSet::new();
        for row in ROWS {
            for tag in row.tags {
                let known = known(tag.to_ascii_uppercase().as_bytes()).unwrap();
                let bit = known.bit(row.attribute.to_ascii_uppercase().as_bytes());
                let rows: Vec<&Row> = known.rows(bit).collect();
                assert_eq!(rows[0].attribute, row.attribute, "{tag}");
                assert!(rows.len() == 1 && known.rows(u32::MAX).count() < 32);
                assert!(known.bit(b"class") == 0 && known.bit(&[b'x'; 40]) == 0);
                assert!(seen.insert((tag, row.attribute)), "{tag} {}", row.attribute);
            }
            assert!(is_put_aside(row.attribute));
        }
        for name in RULED.iter().chain(PLACED).chain(EAGER) {
            assert_eq!(known(name.as_bytes()).unwrap().name, *name);
        }
        assert!(known(b"script").unwrap().has_rules && known(b"HEAD").unwrap().has_place);
        assert!(known(b"p").is_none() && known(b"").is_none() && known(&[b'i'; 40]).is_none());
        assert!(known(b"strong").is_none() && known(b"i-g").is_none());
    }
}
