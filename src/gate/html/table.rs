//! Which attributes of which elements make a browser fetch something?
//!
//! One row for each. To gate another vector, add a row.

use crate::policy::RequestKind;

/// How an attribute names what it fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// One address.
    Address,
    /// Several addresses, separated by white space.
    Addresses,
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
    row(LAZY, "data-src", Holds::Address),
    row(LAZY, "data-lazy-src", Holds::Address),
    row(LAZY, "data-original", Holds::Address),
    row(LAZY, "data-srcset", Holds::Srcset),
    row(LAZY, "data-lazy-srcset", Holds::Srcset),
];

/// Elements that have rules of their own besides the rows.
const OTHERS: &[&str] = &["html", "head", "body", "base", "noscript", "meta", "script"];

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
        ("img" | "image" | "input" | "use" | "feimage" | "mpath", _) => RequestKind::Image,
        ("video" | "audio" | "source" | "track", _) => RequestKind::Media,
        _ => RequestKind::Other,
    }
}

/// Whether the gate moves this attribute to a private name.
pub(super) fn is_put_aside(attribute: &str) -> bool {
    matches!(attribute, "type" | "http-equiv" | "name")
        || ROWS.iter().any(|row| row.attribute == attribute)
}

/// Every element that is looked at.
pub(super) fn tags() -> Vec<&'static str> {
    let mut tags: Vec<&str> = ROWS
        .iter()
        .flat_map(|row| row.tags)
        .chain(OTHERS)
        .copied()
        .collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_a_selector_of_its_own() {
        assert!(tags().join(",").parse::<lol_html::Selector>().is_ok());
        assert!(tags().windows(2).all(|pair| pair.first() != pair.last()));
    }
}
