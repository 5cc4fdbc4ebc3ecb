//! How many services are there, and where are they listed?

use std::sync::OnceLock;

use crate::category::Category;
use crate::policy::Policy;
use crate::policy::catalog::Known;

/// The address of the preferences page, in `language` where that is settled.
pub(super) fn preferences_url(policy: &Policy, next: &str, language: Option<&str>) -> String {
    let mut url = format!("{}?next=", policy.prefix());
    url.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    if let Some(language) = language.filter(|_| !policy.spoken().is_one()) {
        url += "&lang=";
        url += language;
    }
    url
}

/// How many services these categories have. A vendor that stands for the catalog counts for
/// everything in it.
pub(super) fn service_count(policy: &Policy, of: impl IntoIterator<Item = Category>) -> usize {
    static KNOWN: OnceLock<[usize; 4]> = OnceLock::new();
    let known =
        || KNOWN.get_or_init(|| Category::ALL.map(|category| Known::get().names(category).len()));
    of.into_iter()
        .flat_map(|category| policy.vendors_of(category))
        .map(|(_, vendor)| match vendor.umbrella {
            true => known().get(vendor.category().index()).copied().unwrap_or(1),
            false => 1,
        })
        .sum()
}
