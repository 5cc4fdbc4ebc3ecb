//! What does a blocked frame show?
//!
//! Nothing, unless its vendor is one that the visitor can load alone: then a
//! page of the layer that asks. The frame keeps its size and place, since
//! nothing but its `src` changes.

use std::sync::Mutex;

use lol_html::send::Element;

use super::state::{Plan, Shared, lock};
use crate::gate::address::decode;

/// Shows the placeholder in a blocked frame that waits for `wanted` alone, where there is one.
pub(super) fn place(
    element: &mut Element<'_, '_>,
    wanted: &[String],
    plan: &Plan,
    shared: &Mutex<Shared>,
) {
    let ([wanted], Some(next)) = (wanted, &plan.placeholders) else {
        return;
    };
    let policy = plan.consent.policy();
    let Some(vendor) = wanted
        .split_once(':')
        .and_then(|(_, vendor)| policy.embed(vendor))
    else {
        return;
    };
    let (moved, language) = {
        let shared = lock(shared);
        let moved = shared.base.as_ref().unwrap_or(&plan.base).is_moved();
        (moved, shared.language.clone())
    };
    if moved || !element.has_attribute("data-tc-src") || !can_show(element) {
        return;
    }
    let mut address = format!("{}/embed?vendor={}&next=", policy.prefix(), vendor.id());
    address.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    if let Some(language) = language {
        address += "&lang=";
        address += &language;
    }
    let _ = element.set_attribute("src", &address.replace('&', "&amp;"));
}

/// Whether the frame's other attributes let the placeholder be seen and its
/// button work: no document in the way, no storage of the frame's own, and a
/// sandbox, if there is one, that sends forms to the whole page.
fn can_show(element: &Element<'_, '_>) -> bool {
    if ["srcdoc", "credentialless"]
        .iter()
        .any(|name| element.has_attribute(name))
    {
        return false;
    }
    let Some(sandbox) = element.get_attribute("sandbox") else {
        return true;
    };
    let sandbox = decode(&sandbox).to_ascii_lowercase();
    let allows = |token: &str| sandbox.split_ascii_whitespace().any(|word| word == token);
    allows("allow-forms")
        && allows("allow-same-origin")
        && (allows("allow-top-navigation") || allows("allow-top-navigation-by-user-activation"))
}
