//! What was a layer given?

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method, Uri};

use crate::choice::CookieStyle;
use crate::clock::{Clock, Timestamp};
use crate::consent::{Consent, Notice};
use crate::cookie::{self, Stored};
use crate::decide::decide;
use crate::endpoint::dismiss;
use crate::endpoint::look::Look;
use crate::endpoint::origin;
use crate::gate::beyond::Beyond;
use crate::gate::cache::CacheMode;
use crate::gate::expire::Place;
use crate::gate::media::Unrewritable;
use crate::gate::response::RuleFn;
use crate::gate::warn::Told;
use crate::hooks::Hooks;
use crate::journal::Journal;
use crate::jurisdiction::{Jurisdiction, RequestHead, ResolveFn};
use crate::policy::{Locale, Policy};
use crate::record::Seal;
use crate::signal::{Circumstances, Glance, SignalSource};
use crate::token::TokenKeys;

/// A site's own word on which requests the layer leaves alone.
pub(crate) type BypassFn = dyn Fn(&Method, &Uri, &HeaderMap) -> bool + Send + Sync;

/// Everything that a layer was given.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) policy: Policy,
    pub(crate) keys: TokenKeys,
    /// Seals records, if they are kept.
    pub(crate) seal: Seal,
    pub(crate) style: CookieStyle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rule: Option<Arc<RuleFn>>,
    pub(crate) bypass: Option<Arc<BypassFn>>,
    pub(crate) resolver: Option<Arc<ResolveFn>>,
    pub(crate) sources: Vec<Arc<dyn SignalSource>>,
    pub(crate) look: Look,
    pub(crate) unrewritable: Unrewritable,
    /// How long a page may be that was compressed, in bytes.
    pub(crate) max_decompressed: u64,
    pub(crate) cache_mode: CacheMode,
    pub(crate) told: Arc<Told>,
    /// Who else hears of choices.
    pub(crate) hooks: Arc<Hooks>,
    /// Where choices are recorded, if they are.
    pub(crate) journal: Option<Arc<Journal>>,
    #[cfg(feature = "filter-lists")]
    pub(crate) lists: Option<crate::policy::FilterLists>,
    /// The hosts of other sites that were held back.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) told_hosts: Arc<Told>,
    /// Those that only visitors' browsers spoke of, so that a visitor who makes up names hides no other.
    #[cfg(feature = "strict-third-parties")]
    pub(crate) told_asked: Arc<Told>,
}

impl Config {
    /// What the request with this head may do.
    pub(crate) fn decide(&self, head: &RequestHead<'_>) -> Consent {
        self.decide_hearing(head, false)
    }

    /// The same where `gpc` may be told otherwise than by the header, which a proxy can lose.
    pub(crate) fn decide_hearing(&self, head: &RequestHead<'_>, gpc: bool) -> Consent {
        let mut glance = Glance::at(head.headers());
        glance.signals.gpc |= gpc;
        let consent = self.decide_at(glance, self.circumstances(glance, head), head.headers());
        let locale = self.locale_in(consent.jurisdiction(), None, head.headers());
        consent.speaking(locale)
    }

    /// What would hold if nobody had told of Global Privacy Control.
    pub(crate) fn decide_unheard(&self, head: &RequestHead<'_>) -> Consent {
        let glance = Glance::at(head.headers());
        let at = self.circumstances(glance, head).without_gpc();
        self.decide_at(glance, at, head.headers())
    }

    /// What is known of a request besides its cookies and its path.
    pub(crate) fn circumstances(&self, glance: Glance, head: &RequestHead<'_>) -> Circumstances {
        let mut at = Circumstances {
            signals: glance.signals,
            ..Circumstances::default()
        };
        at.jurisdiction = self.jurisdiction(head);
        for source in &self.sources {
            at.signals.add(source.read(head));
        }
        at
    }

    /// The rule that the visitor is under.
    pub(crate) fn jurisdiction(&self, head: &RequestHead<'_>) -> Jurisdiction {
        let resolve = self.resolver.as_ref();
        resolve.map_or(Jurisdiction::Global, |resolve| resolve(head))
    }

    /// The language of an answer: the one with the tag that was asked for, else
    /// the one that the browser prefers, else the default one.
    pub(crate) fn locale(&self, asked: Option<&str>, headers: &HeaderMap) -> Locale {
        self.locale_in(Jurisdiction::Global, asked, headers)
    }

    /// The same with the language of the place before the default one.
    pub(crate) fn locale_in(
        &self,
        at: Jurisdiction,
        asked: Option<&str>,
        headers: &HeaderMap,
    ) -> Locale {
        let spoken = self.policy.spoken();
        asked
            .and_then(|tag| spoken.lookup(tag))
            .or_else(|| spoken.accepted(headers))
            .or_else(|| spoken.lookup(at.language()?))
            .unwrap_or_default()
    }

    /// The same for headers that were looked at already.
    pub(crate) fn decide_at(
        &self,
        glance: Glance,
        at: Circumstances,
        headers: &HeaderMap,
    ) -> Consent {
        let stored = if glance.has_cookies {
            cookie::stored(headers, self.style.naming)
        } else {
            [Stored::Absent; 4]
        };
        // Without a stored choice nothing depends on the time, and most requests have none.
        let now = if stored == [Stored::Absent; 4] {
            Timestamp::from_unix_seconds(0)
        } else {
            self.clock.now()
        };
        decide(&self.policy, &self.keys, stored, at, now)
    }

    /// The policy's text promises records then that nobody keeps.
    pub(crate) fn warn_of_missing_records(&self) {
        let promised = self.policy.record_terms().is_some() && self.journal.is_none();
        if promised && self.told.is_first(b"records(") {
            tracing::warn!(
                target: "tower_consent::record",
                "the policy says that records are kept, and the layer keeps none: add .with_records(..), or remove .records(..)"
            );
        }
    }

    /// What a bar has to tell this visitor.
    pub(crate) fn notice(
        &self,
        consent: &Consent,
        glance: Glance,
        headers: &HeaderMap,
    ) -> Option<Notice> {
        let notice = dismiss::due(consent)?;
        let closed =
            glance.has_cookies && dismiss::is_dismissed(&self.policy, notice, &self.style, headers);
        (!closed).then_some(notice)
    }

    /// What addresses are judged by besides the policy.
    pub(crate) fn beyond(&self) -> Beyond {
        Beyond {
            #[cfg(feature = "filter-lists")]
            lists: self.lists.as_ref().map(|lists| lists.loaded()),
            #[cfg(feature = "strict-third-parties")]
            told: Some(self.told_hosts.clone()),
        }
    }

    /// The same for what a visitor's browser asks about.
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    pub(crate) fn beyond_asked(&self) -> Beyond {
        let beyond = self.beyond();
        #[cfg(feature = "strict-third-parties")]
        let beyond = beyond.telling(self.told_asked.clone());
        beyond
    }

    /// Whether the layer answers questions about single addresses.
    pub(crate) fn gives_verdicts(&self) -> bool {
        #[cfg(feature = "filter-lists")]
        if self.lists.is_some() {
            return true;
        }
        #[cfg(feature = "strict-third-parties")]
        if self.policy.is_strict_about_third_parties() {
            return true;
        }
        false
    }

    /// Tells the filter lists from any others; empty without lists.
    #[cfg(feature = "filter-lists")]
    pub(crate) fn lists_digest(&self) -> Vec<u8> {
        let lists = self.lists.as_ref();
        lists.map_or_else(Vec::new, |lists| lists.loaded().digest().to_vec())
    }

    #[cfg(not(feature = "filter-lists"))]
    #[allow(clippy::unused_self, reason = "there are no lists")]
    pub(crate) const fn lists_digest(&self) -> [u8; 0] {
        []
    }

    pub(crate) fn place<'a>(&self, host: &'a str, path: &'a str) -> Place<'a> {
        Place {
            host: origin::without_port(host),
            path,
            secure: self.style.is_secure(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
