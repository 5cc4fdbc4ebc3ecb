//! Which site do the searches visit?

use tower_consent::{Category, Keyring, Policy, SiteCookie, Vendor};

use crate::common::mint;
use crate::common::*;

/// A vendor of the site's own.
pub(crate) fn vendor(id: &str, category: Category, cookie: &str) -> Vendor {
    Vendor::new(id, category)
        .with_purpose("Does something")
        .with_retention("1 day")
        .first_party()
        .cookies([cookie])
}

/// A site that recognises what it declares and nothing else, so that a model
/// of a few lines knows every name.
pub(crate) fn site() -> Policy {
    Policy::builder(REVISION)
        .site(SITE)
        .without_catalog()
        .necessary("sid", "Session")
        .necessary("nec*", "Pieces")
        .vendor(vendor("prefs", Category::Functional, "fun_*"))
        .vendor(vendor("a-stats", Category::Analytics, "ana"))
        .vendor(vendor("b-stats", Category::Analytics, "ana_*"))
        .vendor(vendor("ads", Category::Marketing, "mar_*"))
        .cookie(
            SiteCookie::new("mar_exempt", Category::Functional, "Clicked")
                .user_requested("Clicked"),
        )
        .build()
        .unwrap()
}

/// Whose cookie `name` is, by the declarations above: the category and the
/// vendor's place in it.
pub(crate) fn owner(name: &[u8]) -> Option<(Category, u8)> {
    match name {
        b"mar_exempt" => None,
        b"ana" => Some((Category::Analytics, 0)),
        _ if name.starts_with(b"ana_") => Some((Category::Analytics, 1)),
        _ if name.starts_with(b"fun_") => Some((Category::Functional, 0)),
        _ if name.starts_with(b"mar_") => Some((Category::Marketing, 0)),
        _ => None,
    }
}

pub(crate) fn revisions() -> [[u8; 8]; 4] {
    [
        mint::revision(REVISION, "necessary", None),
        mint::revision(REVISION, "functional", Some((&["prefs"], &[]))),
        mint::revision(REVISION, "analytics", Some((&["a-stats", "b-stats"], &[]))),
        mint::revision(REVISION, "marketing", Some((&["ads"], &[]))),
    ]
}

pub(crate) fn ring() -> Keyring {
    keyring(FIRST_KEY).with_previous(signing_key(OTHER_KEY))
}
