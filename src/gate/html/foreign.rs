//! Is this element inside of SVG or MathML?
//!
//! lol_html counts those roughly: it takes `<svg/>` for open, and where an HTML
//! element ends several nested ones at once, it ends only the innermost. It
//! would then read what follows by the rules of SVG, in which a comment or a
//! CDATA section may hide what a browser sees. It is told what it missed.

use lol_html::send::Element;

use super::state::Shared;

const HTML: &str = "http://www.w3.org/1999/xhtml";
/// How many nested elements are ended at most.
const MAX_NESTED: usize = 64;

/// HTML elements that end all foreign ones (HTML, "rules for parsing tokens in foreign content").
const BREAKING_OUT: &[&str] = &[
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// Whether the tokenizer takes it for an HTML element.
pub(super) fn is_html(element: &Element<'_, '_>) -> bool {
    // Of the three that there are, each has its own length.
    element.namespace_uri().len() == HTML.len()
}

/// Follows one start tag; whether it is an HTML element.
pub(super) fn follow(element: &Element<'_, '_>, tag: &str, shared: &mut Shared) -> bool {
    let mut in_html = is_html(element);
    match tag {
        "svg" | "math" => {
            shared.foreign += 1;
            // Whether the one before has ended is not known.
            shared.nested |= shared.in_foreign;
            if element.is_self_closing() {
                shared.close = format!("</{tag}>");
            }
            shared.in_foreign = !element.is_self_closing();
        }
        _ => {
            if !in_html && breaks_out(element, tag) {
                shared.close = "</svg></math>".repeat(shared.foreign.min(MAX_NESTED));
                in_html = true;
            }
            shared.in_foreign = !in_html;
        }
    }
    in_html
}

fn breaks_out(element: &Element<'_, '_>, tag: &str) -> bool {
    BREAKING_OUT.contains(&tag)
        || (tag == "font"
            && ["color", "face", "size"]
                .iter()
                .any(|name| element.has_attribute(name)))
}
