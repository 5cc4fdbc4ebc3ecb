//! Which cookies may the app read?
//!
//! Denied cookies are stripped from every `Cookie` header before the app sees
//! the request; all others keep their bytes and their order. A header that
//! loses nothing is not touched, one that loses everything goes.

use http::header::{COOKIE, HeaderMap, HeaderValue};

use super::warn::{Told, printable};
use crate::category::Category;
use crate::consent::Consent;
use crate::cookie::{Naming, pairs_in};
use crate::policy::Owner;

/// A denied cookie that the browser still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leftover {
    pub(crate) name: Vec<u8>,
    pub(crate) owner: Owner,
}

impl Leftover {
    pub(crate) fn category(&self) -> Category {
        self.owner.category()
    }
}

/// What the cookies of a request amount to under a consent.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The denied ones, each name once.
    pub(crate) leftovers: Vec<Leftover>,
    /// Whether any of them needs consent, granted or not.
    pub(crate) gated: bool,
}

/// Looks through the cookies of a request.
pub(crate) fn find(
    headers: &HeaderMap,
    consent: &Consent,
    naming: Naming,
    told: Option<&Told>,
) -> Found {
    let mut found = Found::default();
    if consent.permits_everything() {
        found.gated = headers.contains_key(COOKIE);
        return found;
    }
    let policy = consent.policy();
    for pair in crate::cookie::pairs(headers) {
        if pair.name.is_empty() || naming.is_own(pair.name) {
            continue;
        }
        match policy.cookie_owner(pair.name) {
            Some(Owner::Exempt) => {}
            Some(owner) => {
                found.gated = true;
                let known = |leftover: &Leftover| leftover.name == pair.name;
                if !consent.permits(owner) && !found.leftovers.iter().any(known) {
                    found.leftovers.push(Leftover {
                        name: pair.name.to_vec(),
                        owner,
                    });
                }
            }
            None => {
                if told.is_some_and(|told| told.is_first(pair.name)) {
                    warn_undeclared(pair.name, "a request brought");
                }
            }
        }
    }
    found
}

/// Takes the leftovers out of a request.
pub(crate) fn strip(headers: &mut HeaderMap, leftovers: &[Leftover]) {
    if leftovers.is_empty() {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| survivors(header, leftovers))
        .collect();
    headers.remove(COOKIE);
    for header in kept {
        headers.append(COOKIE, header);
    }
    for leftover in leftovers {
        tracing::debug!(
            target: "tower_consent::gate",
            act = "strip",
            cookie = %printable(&leftover.name),
            category = %leftover.category(),
            "stripped a request cookie"
        );
    }
}

/// One line for each undeclared name, with the line to paste into the policy.
pub(crate) fn warn_undeclared(name: &[u8], what: &str) {
    let name = printable(name);
    tracing::warn!(
        target: "tower_consent::policy",
        cookie = %name,
        "{what} an undeclared cookie, which passes; declare it with .necessary({name:?}, \"why the site cannot work without it\") or .cookie(SiteCookie::new({name:?}, Category::Analytics, \"what it is for\"))"
    );
}

/// The header without what is stripped; `None` where nothing is left of it.
fn survivors(header: &HeaderValue, stripped: &[Leftover]) -> Option<HeaderValue> {
    let is_stripped = |name: &[u8]| stripped.iter().any(|leftover| leftover.name == name);
    let bytes = header.as_bytes();
    if !pairs_in(bytes).any(|pair| is_stripped(pair.name)) {
        return Some(header.clone());
    }
    let mut kept = Vec::with_capacity(bytes.len());
    for pair in pairs_in(bytes).filter(|pair| !is_stripped(pair.name)) {
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair.text);
    }
    if kept.is_empty() {
        return None;
    }
    // The bytes come from a valid header value, so this cannot fail; if it did, nothing would pass.
    HeaderValue::from_bytes(&kept).ok()
}
