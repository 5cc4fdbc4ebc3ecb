//! What was a layer given?

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method, Uri};

use crate::choice::CookieStyle;
use crate::clock::{Clock, Timestamp};
use crate::consent::{Consent, decide};
use crate::cookie::{self, Stored};
use crate::endpoint::look::Look;
use crate::endpoint::origin;
use crate::gate::expire::Place;
use crate::gate::response::RuleFn;
use crate::gate::warn::Told;
use crate::policy::Policy;
use crate::signal::Glance;
use crate::token::TokenKeys;

/// A site's own word on which requests the layer leaves alone.
pub(crate) type BypassFn = dyn Fn(&Method, &Uri, &HeaderMap) -> bool + Send + Sync;

/// Everything that a layer was given.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) policy: Policy,
    pub(crate) keys: TokenKeys,
    pub(crate) style: CookieStyle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rule: Option<Arc<RuleFn>>,
    pub(crate) bypass: Option<Arc<BypassFn>>,
    pub(crate) look: Look,
    pub(crate) told: Arc<Told>,
}

impl Config {
    /// What the request with these headers may do.
    pub(crate) fn decide(&self, headers: &HeaderMap) -> Consent {
        self.decide_at(Glance::at(headers), headers)
    }

    /// The same for headers that were looked at already.
    pub(crate) fn decide_at(&self, glance: Glance, headers: &HeaderMap) -> Consent {
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
        decide(&self.policy, &self.keys, stored, glance.signals, now)
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
