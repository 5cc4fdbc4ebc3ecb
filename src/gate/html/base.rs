//! Where do a document's addresses start from?

use std::sync::Mutex;

use lol_html::send::Element;

use super::state::{Plan, Shared, lock};
use crate::gate::address::decode;

/// The first `<base>` with an address counts.
pub(super) fn rebase(element: &Element<'_, '_>, plan: &Plan, shared: &Mutex<Shared>) {
    let mut shared = lock(shared);
    if let Some(href) = element.get_attribute("href")
        && !shared.rebased
    {
        shared.rebased = true;
        let Some(base) = &mut shared.base else {
            return;
        };
        let own = base.authority();
        base.rebase(&decode(&href));
        if base.authority() != own {
            // What the layer adds would be asked for at that other host.
            let scheme = if plan.secure { "https" } else { "http" };
            let prefix = plan.consent.policy().prefix();
            let language = shared.language.clone();
            shared.injection.write(language.as_deref());
            shared
                .injection
                .settle(prefix, &format!("{scheme}://{own}"));
        }
    }
}
