//! What would have to be granted for this to act?
//!
//! An address wants what its owner wants; a script, a style or a document that
//! an attribute holds wants what it loads itself.

use bytes::Bytes;

use super::element::{Judge, UNKNOWN};
use super::embedded::{Embedded, embedded};
use super::state::lock;
use super::table::Holds;
use crate::consent::Consent;
use crate::gate::address::decode;
use crate::policy::{Owner, RequestKind};

impl Judge<'_> {
    /// What would have to be granted for an attribute to act.
    pub(super) fn wanted(
        &self,
        holds: Holds,
        kind: RequestKind,
        value: &str,
        granted: bool,
    ) -> Vec<String> {
        let value = decode(value);
        let owners = match holds {
            Holds::Address => match embedded(&value) {
                Some(content) => return self.embedded(&content, granted),
                None => {
                    let owner = self.owner(&value, kind);
                    let waits = |owner: &Owner| kind != RequestKind::Script || self.waits(*owner);
                    owner.filter(waits).into_iter().collect()
                }
            },
            Holds::Addresses => value
                .split_ascii_whitespace()
                .filter_map(|address| self.owner(address, kind))
                .collect(),
            Holds::Values => value
                .split(';')
                .filter_map(|address| self.owner(address.trim(), kind))
                .collect(),
            Holds::Srcset => lock(self.shared)
                .base
                .as_ref()
                .unwrap_or(&self.plan.base)
                .srcset_owners(self.plan.consent.policy(), &value),
            Holds::Document => return self.document(&value),
        };
        self.denied(owners, granted)
    }

    /// The same for what an address holds itself.
    fn embedded(&self, content: &Embedded, granted: bool) -> Vec<String> {
        match content {
            Embedded::Script(script) => {
                let mut wanted = self.loaders(script, granted);
                // What a `javascript:` address comes to is shown as a document.
                if script.contains(&b'<') {
                    wanted.extend(self.document(&String::from_utf8_lossy(script)));
                }
                wanted
            }
            Embedded::Document(html) => self.document(html),
            Embedded::Style(css) => self.style_wants(css, granted),
        }
    }

    /// What a document needs that an address holds.
    fn document(&self, html: &str) -> Vec<String> {
        self.gated_document(html).1
    }

    /// A document as this visitor may see it, where any of it may be seen, and
    /// what the rest needs.
    pub(super) fn gated_document(&self, html: &str) -> (Option<Bytes>, Vec<String>) {
        let content = html.as_bytes().to_vec().into();
        match (self.nested)(self.plan, self.shared, content, self.depth) {
            Ok((_, 0)) => (None, Vec::new()),
            Ok((rewritten, _)) => match wants_in(&rewritten) {
                // What stands too deep to be judged names nothing that could be granted.
                wanted if wanted.is_empty() => (None, vec![UNKNOWN.to_owned()]),
                wanted => (Some(rewritten), wanted),
            },
            Err(_) => (None, vec![UNKNOWN.to_owned()]),
        }
    }

    /// What the loaders in a script need.
    pub(super) fn loaders(&self, script: &[u8], granted: bool) -> Vec<String> {
        let policy = self.plan.consent.policy();
        let mut owners = self.plan.base.inline_owners(policy, script);
        owners.retain(|owner| self.waits(*owner));
        self.denied(owners, granted)
    }

    /// Whether a script of `owner` waits for a choice like everything else.
    fn waits(&self, owner: Owner) -> bool {
        !self.plan.consent.goes_ahead(owner)
    }

    pub(super) fn owner(&self, address: &str, kind: RequestKind) -> Option<Owner> {
        lock(self.shared)
            .base
            .as_ref()
            .unwrap_or(&self.plan.base)
            .owner(self.plan.consent.policy(), address, kind)
    }

    /// What those of `owners` need that may not act. `granted`: see [`Verdict::granted`].
    pub(super) fn denied(&self, owners: Vec<Owner>, granted: bool) -> Vec<String> {
        let (consent, told) = (&self.plan.consent, &self.plan.told);
        let policy = consent.policy();
        owners
            .into_iter()
            .filter(|owner| !consent.permits(*owner))
            .filter(|owner| !granted || is_refused_vendor(consent, *owner))
            .map(|owner| {
                let name = policy.owner_name(owner);
                if let Some(declaration) = policy.declaration_of(owner)
                    && told.is_first(format!("vendor {name}").as_bytes())
                {
                    tracing::warn!(
                        target: "tower_consent::policy",
                        vendor = %name,
                        "blocked {name}, which the policy does not declare; declare it with {declaration}"
                    );
                }
                consent.needs(owner)
            })
            .collect()
    }
}

/// Whether the visitor refused this very vendor inside a category that is granted.
fn is_refused_vendor(consent: &Consent, owner: Owner) -> bool {
    matches!(owner, Owner::Vendor { category, .. } if consent.allows(category))
}

/// What the blocked elements of a rewritten document need.
fn wants_in(html: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(html)
        .split(" data-tc=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|wanted| wanted.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}
