//! For whom is a page made?
//!
//! For its visitor alone, for everybody alike, or for all who stand as this
//! visitor does. What a page is made from, the name it has in caches and who
//! may keep it follow from that, so it is settled once, before the app is asked.

use http::header::{HeaderMap, HeaderValue};

use crate::config::Config;
use crate::consent::Consent;
use crate::gate::cache::{self, CacheMode, EDGE_STATE};
use crate::gate::edge;
use crate::gate::validator::Scope;

/// Who may keep a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// Its visitor, who asks again each time.
    Visitor,
    /// Nobody: the request was labelled with another state than it is in.
    Nobody,
    /// Everybody with the same key.
    SameKey,
    Everybody,
}

/// What a page is made for.
#[derive(Clone, Debug)]
pub(crate) struct Edition {
    /// What the page may hold.
    pub(crate) consent: Consent,
    audience: Audience,
    mode: CacheMode,
}

impl Edition {
    /// The edition for a visitor with this consent, whose request came with this key.
    pub(crate) fn of(mode: CacheMode, consent: &Consent, claimed: Option<&HeaderValue>) -> Self {
        let (consent, audience) = match (mode, claimed) {
            (CacheMode::PerState, _) => (consent.clone(), Audience::Visitor),
            (CacheMode::Uniform, _) => (
                Consent::for_everybody(consent.policy()),
                Audience::Everybody,
            ),
            (CacheMode::EdgeKey, Some(claim)) if *claim == edge::key(consent) => {
                (edge::shared(consent), Audience::SameKey)
            }
            (CacheMode::EdgeKey, claim) => {
                match claim.and_then(|claim| edge::narrowed(consent, claim)) {
                    Some(narrowed) => (narrowed, Audience::Nobody),
                    // No state was told, so the page holds what it holds for everybody.
                    None => (Consent::for_everybody(consent.policy()), Audience::Visitor),
                }
            }
        };
        Self {
            consent,
            audience,
            mode,
        }
    }

    /// What validators of its pages stand for. Each option that shapes a page
    /// belongs here, or a page that was made without it would be renewed.
    pub(crate) fn scope(&self, config: &Config) -> Scope {
        let key = if self.consent.is_for_everybody() {
            "*".to_owned()
        } else {
            edge::key(&self.consent)
        };
        let (guard, modes) = (config.policy.guard(), config.policy.modes());
        Scope::of(&[
            key.as_bytes(),
            self.consent.texts().language.as_bytes(),
            config.policy.digest(),
            env!("CARGO_PKG_VERSION").as_bytes(),
            crate::asset::script().name.as_bytes(),
            crate::asset::style().name.as_bytes(),
            guard.map_or("", |guard| &*guard.name).as_bytes(),
            modes.map_or("", |modes| &*modes.name).as_bytes(),
            self.ahead().as_bytes(),
            &config.look.digest(),
            &config.lists_digest(),
        ])
    }

    /// What loads on its pages before a choice. A signal that no key holds can end that.
    fn ahead(&self) -> String {
        let ids = self.consent.ahead_vendor_ids().into_iter();
        ids.map(|(_, id)| id).collect::<Vec<_>>().join(" ")
    }

    /// Whether the page has the same bytes for others.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.audience, Audience::SameKey | Audience::Everybody)
    }

    /// Tells caches who may keep a page. `personal`: whether its headers are for this visitor.
    pub(crate) fn tell_caches(&self, headers: &mut HeaderMap, personal: bool) {
        let shares = !personal
            && match self.audience {
                Audience::Visitor | Audience::Nobody => false,
                Audience::Everybody => true,
                Audience::SameKey => cache::share_by_key(headers),
            };
        if self.audience == Audience::Nobody {
            cache::forbid_storing(headers);
        } else if !shares {
            cache::make_private(headers);
        }
        if self.mode == CacheMode::PerState && !self.consent.policy().spoken().is_one() {
            cache::vary_by_language(headers);
        }
        if self.mode == CacheMode::EdgeKey {
            cache::vary_by_key(headers);
            if let (false, Some(key)) = (
                self.consent.is_for_everybody(),
                edge::key_value(&self.consent),
            ) {
                headers.insert(EDGE_STATE, key);
            }
        }
    }
}
