//! How is what was put aside kept, so that a grant can put it back?

use lol_html::send::Element;

use super::spell::spell_out;
use super::table::is_put_aside;

/// Moves an attribute to its private name. Every copy of a repeated one goes.
pub(super) fn rename(element: &mut Element<'_, '_>, attribute: &str, value: &str) {
    element.remove_attribute(attribute);
    let _ = element.set_attribute(&format!("data-tc-{attribute}"), value);
}

/// Notes the type of a blocked script that never ran, so that a grant does not make it run.
pub(super) fn keep_type(element: &mut Element<'_, '_>) {
    if let Some(kind) = element.get_attribute("type") {
        let _ = element.set_attribute("data-tc-type", &kind);
    }
}

/// Gives a blocked frame a name that no other response uses. When a visitor
/// goes back, Chromium loads into a frame what it finds in its history under
/// the frame's name or place, whatever the markup says; under a fresh name
/// there is nothing, not even of a page that was woken in place.
pub(super) fn rename_frame(element: &mut Element<'_, '_>, fresh: &str) {
    if let Some(name) = element.get_attribute("name") {
        let _ = element.set_attribute("data-tc-name", &name);
    }
    let _ = element.set_attribute("name", fresh);
}

/// Drops private attributes that came with the page: only the gate's own may wake an element.
pub(super) fn disown(element: &mut Element<'_, '_>) {
    let foreign: Vec<String> = element
        .attributes()
        .iter()
        .map(|attribute| attribute.name())
        .filter(|name| {
            name.strip_prefix("data-tc").is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix('-').is_some_and(is_put_aside)
            })
        })
        .collect();
    for name in &foreign {
        element.remove_attribute(name);
    }
    if !foreign.is_empty() {
        spell_out(element);
    }
}
