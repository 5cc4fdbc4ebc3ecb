//! Does a tag still say the same once it is written anew?
//!
//! Browsers take an equals sign for the start of a name where nothing stands in
//! front that could have a value: `<img src/=/x>` has an attribute of the name
//! `=`. Written anew, with white space between all attributes, `src =` would
//! take what follows for its value. Such a name means nothing, so it goes.

use std::fmt::Write;

use lol_html::html_content::ContentType;
use lol_html::send::Element;

/// Spells the start tag of a changed element out where the tokenizer would not.
pub(super) fn spell_out(element: &mut Element<'_, '_>) {
    let is_odd = |name: &str| name.starts_with('=');
    if !element
        .attributes()
        .iter()
        .any(|attribute| is_odd(&attribute.name()))
    {
        return;
    }
    let mut tag = format!("<{}", element.tag_name_preserve_case());
    for attribute in element.attributes() {
        let (name, value) = (attribute.name_preserve_case(), attribute.value());
        if !is_odd(&name) {
            let _ = write!(tag, " {name}=\"{}\"", value.replace('"', "&quot;"));
        }
    }
    tag += if element.is_self_closing() {
        " />"
    } else {
        ">"
    };
    element.start_tag().replace(&tag, ContentType::Html);
}
