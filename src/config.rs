//! What was a layer given?

use std::sync::Arc;

use http::{HeaderMap, Method, Uri};

use crate::choice::CookieStyle;
use crate::clock::Clock;
use crate::consent::{Consent, decide};
use crate::cookie;
use crate::endpoint::origin;
use crate::gate::expire::Place;
use crate::gate::response::RuleFn;
use crate::gate::warn::Told;
use crate::policy::Policy;
use crate::signal::Signals;
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
    pub(crate) settings_link: bool,
    pub(crate) told: Arc<Told>,
}

impl Config {
    pub(crate) fn decide(&self, headers: &HeaderMap) -> Consent {
        decide(
            &self.policy,
            &self.keys,
            cookie::stored(headers, self.style.naming),
            Signals::read(headers),
            self.clock.now(),
        )
    }

    pub(crate) fn place<'a>(&self, host: &'a str, path: &'a str) -> Place<'a> {
        Place {
            host: origin::without_port(host),
            path,
            secure: self.style.is_secure(),
        }
    }
}
