//! What document does a gated page come back to?

use std::collections::BTreeMap;
use std::fmt::Write;

use html5ever::Attribute;
use markup5ever_rcdom::{Handle, NodeData};

use crate::browser::{content_of, parsed};
use crate::html_common::is_frame_name;

/// What the gate puts in front of addresses in stylesheets.
const INVALID: &str = "about:invalid#";

/// Elements that hold one text and no elements, to a browser with scripts.
const TEXTS: [&str; 7] = [
    "iframe", "noscript", "script", "style", "textarea", "title", "xmp",
];

/// The document that a browser with scripts makes of `html`, written out with
/// what the gate put aside back in its place, as the banner's script puts it
/// back. Attributes stand in one order. A page that was never gated is written
/// out as it is.
pub(crate) fn undone(html: &str) -> String {
    let mut out = String::new();
    write_node(&parsed(html.as_bytes(), true).document, &mut out);
    out
}

fn write_node(node: &Handle, out: &mut String) {
    match &node.data {
        NodeData::Element {
            name,
            attrs,
            template_contents,
            ..
        } => {
            let (attributes, css) = restored(&name.local, &attrs.borrow());
            write!(out, "<{}|{}", name.ns, name.local).unwrap();
            for (name, value) in attributes {
                write!(out, " {name}={value:?}").unwrap();
            }
            out.push('>');
            if let Some(contents) = &*template_contents.borrow() {
                write_node(contents, out);
            }
            if TEXTS.contains(&&*name.local) {
                let text = content_of(node);
                let text = if css { text.replace(INVALID, "") } else { text };
                // What the gate takes for elements, to be sure, may be text to a browser.
                out.push_str(&undone(&text));
            }
            for child in node.children.borrow().iter() {
                match &child.data {
                    NodeData::Text { .. } if TEXTS.contains(&&*name.local) => {}
                    _ => write_node(child, out),
                }
            }
            writeln!(out, "</{}>", name.local).unwrap();
        }
        NodeData::Text { contents } => out.push_str(&contents.borrow()),
        NodeData::Comment { contents } => write!(out, "<!--{contents}-->").unwrap(),
        NodeData::Doctype { name, .. } => writeln!(out, "<!doctype {name}>").unwrap(),
        NodeData::ProcessingInstruction { target, contents } => {
            write!(out, "<?{target} {contents}>").unwrap();
        }
        NodeData::Document => {
            for child in node.children.borrow().iter() {
                write_node(child, out);
            }
        }
    }
}

/// The attributes of an element of this name once it is awake, and whether
/// addresses in its text were made invalid meanwhile.
fn restored(element: &str, attributes: &[Attribute]) -> (BTreeMap<String, String>, bool) {
    let mut found: BTreeMap<String, String> = attributes
        .iter()
        .map(|Attribute { name, value }| {
            let prefix = name.prefix.as_ref().map(|prefix| format!("{prefix}:"));
            let name = format!("{}{}", prefix.unwrap_or_default(), name.local);
            (name, value.to_string())
        })
        // It means nothing, and may go.
        .filter(|(name, _)| !name.starts_with('='))
        .collect();
    if found.remove("data-tc").is_none() {
        return (found, false);
    }
    let css = found.remove("data-tc-css").is_some();
    if ["script", "style"].contains(&element)
        && found.get("type").is_some_and(|kind| kind == "text/plain")
    {
        found.remove("type");
    }
    if found.get("name").is_some_and(|name| is_frame_name(name)) {
        found.remove("name");
    }
    let asleep: Vec<String> = found
        .keys()
        .filter(|name| name.starts_with("data-tc-"))
        .cloned()
        .collect();
    for name in asleep {
        if let (Some(value), Some(kept)) = (found.remove(&name), name.strip_prefix("data-tc-")) {
            found.insert(kept.to_owned(), value);
        }
    }
    (found, css)
}
