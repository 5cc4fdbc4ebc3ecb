//! Whose is an address that the policy does not name?
//!
//! Two further classifiers, each a feature and switched on by the site: filter
//! lists, and the rule that other sites' active content waits for consent.
//! Both stand below the policy and the catalog, and without either this says
//! what they said.

#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
use std::sync::Arc;

use url::Url;

#[cfg(feature = "strict-third-parties")]
use super::warn::Told;
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
use crate::policy::literals;
use crate::policy::{Owner, Policy, RequestKind};

/// How long a vendor's id may be.
#[cfg(feature = "strict-third-parties")]
const MAX_ID: usize = 64;

/// What addresses are judged by besides the policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beyond {
    #[cfg(feature = "filter-lists")]
    pub(crate) lists: Option<Arc<crate::policy::Loaded>>,
    /// Where the hosts that were held back are noted.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) told: Option<Arc<Told>>,
}

impl Beyond {
    /// The same, with the hosts that are held back noted in `told`.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) fn telling(mut self, told: Arc<Told>) -> Self {
        self.told = Some(told);
        self
    }

    /// Whether it may have something to say about the site's own addresses.
    pub(super) const fn knows_own_addresses(&self) -> bool {
        #[cfg(feature = "filter-lists")]
        {
            self.lists.is_some()
        }
        #[cfg(not(feature = "filter-lists"))]
        {
            false
        }
    }

    /// Whose `url` is, which a document on `own_host` names and which belongs
    /// to `named` by policy and catalog.
    #[cfg_attr(
        not(any(feature = "filter-lists", feature = "strict-third-parties")),
        allow(unused_variables, reason = "there is nothing besides the policy")
    )]
    pub(super) fn judge(
        &self,
        policy: &Policy,
        named: Option<Owner>,
        url: &Url,
        own_host: &str,
        kind: RequestKind,
    ) -> Option<Owner> {
        #[cfg(feature = "filter-lists")]
        let named = named.or_else(|| self.listed(policy, url, own_host, kind));
        #[cfg(feature = "strict-third-parties")]
        let named = self.foreign(policy, named, url, own_host, kind);
        named
    }

    /// Adds whose addresses an inline script loads from.
    #[cfg_attr(
        not(any(feature = "filter-lists", feature = "strict-third-parties")),
        allow(
            unused_variables,
            clippy::ptr_arg,
            reason = "there is nothing besides the policy"
        )
    )]
    pub(super) fn judge_script(
        &self,
        policy: &Policy,
        script: &[u8],
        own_host: &str,
        owners: &mut Vec<Owner>,
    ) {
        #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
        if self.is_on(policy) && (policy.is_loading_snippet(script) || literals::is_loader(script))
        {
            let kinds = literals::kinds(script);
            for address in literals::addresses(script) {
                let Ok(url) = Url::parse(&address) else {
                    continue;
                };
                let Some(host) = url.host_str() else {
                    continue;
                };
                let named = policy.url_owner(host, url.path());
                let judged = kinds.iter().find_map(|kind| {
                    // What the policy names it knows by its own signatures.
                    self.judge(policy, named, &url, own_host, *kind)
                        .filter(|owner| Some(*owner) != named)
                });
                #[cfg(feature = "strict-third-parties")]
                let judged = judged.filter(|owner| {
                    !matches!(owner, Owner::Foreign { .. }) || literals::is_loader(script)
                });
                owners.extend(judged);
            }
        }
    }

    /// Whether anything besides the policy is to be asked.
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    pub(crate) fn is_on(&self, policy: &Policy) -> bool {
        #[cfg(feature = "filter-lists")]
        if self.lists.is_some() {
            return true;
        }
        #[cfg(feature = "strict-third-parties")]
        if policy.is_strict_about_third_parties() {
            return true;
        }
        let _ = policy;
        false
    }

    #[cfg(feature = "filter-lists")]
    fn listed(
        &self,
        policy: &Policy,
        url: &Url,
        own_host: &str,
        kind: RequestKind,
    ) -> Option<Owner> {
        let lists = self.lists.as_ref()?;
        let is_layers_own = url.host_str() == Some(own_host)
            && crate::policy::pattern::is_path_below(url.path(), policy.prefix());
        if is_layers_own {
            return None;
        }
        lists
            .category(url.as_str(), own_host, kind)
            .map(|category| Owner::Listed { category })
    }

    /// Gives what another site serves and the policy does not declare to nobody
    /// but the visitor who accepts everything.
    #[cfg(feature = "strict-third-parties")]
    fn foreign(
        &self,
        policy: &Policy,
        named: Option<Owner>,
        url: &Url,
        own_host: &str,
        kind: RequestKind,
    ) -> Option<Owner> {
        use crate::category::Category;
        use crate::policy::site;

        let is_held = policy.is_strict_about_third_parties()
            && (kind.is_active()
                || kind == RequestKind::Image && policy.is_strict_about_third_party_images());
        let category = match named {
            Some(Owner::Exempt | Owner::Vendor { .. } | Owner::Site { .. }) => return named,
            Some(owner) => owner.category(),
            None => Category::Marketing,
        };
        let Some(host) = url.host_str().filter(|_| is_held) else {
            return named;
        };
        if site::is_same(own_host, host) {
            return named;
        }
        self.tell(host, named.and_then(|owner| policy.declaration_of(owner)));
        Some(Owner::Foreign { category })
    }

    /// Tells the owner about a host that is held back, once. `known` declares it where the catalog can.
    #[cfg(feature = "strict-third-parties")]
    fn tell(&self, host: &str, known: Option<String>) {
        let Some(told) = &self.told else { return };
        if !told.is_first(host.as_bytes()) {
            return;
        }
        let declaration = known.unwrap_or_else(|| {
            let id = host.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            let id = id.get(..MAX_ID).unwrap_or(&id);
            format!(
                ".vendor(Vendor::new(\"{id}\", Category::Necessary).with_purpose(\"...\")\
                 .with_provider(\"...\", \"..\").with_policy_url(\"https://{host}/\")\
                 .with_retention(\"...\").hosts([\"{host}\"]))"
            )
        });
        tracing::warn!(
            target: "tower_consent::policy",
            %host,
            "held back {host}, another site that the policy does not declare; if the site needs it, declare it with {declaration}"
        );
    }
}
