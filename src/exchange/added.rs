//! What is added to a page, as far as the page's own policy lets it in?

use http::HeaderMap;
#[cfg(feature = "strict-third-parties")]
use http::header::CONTENT_SECURITY_POLICY;

use super::treatment::Treatment;
use crate::endpoint::look::{BannerPlacement, GuardMode, Look};
#[cfg(feature = "strict-third-parties")]
use crate::endpoint::origin::without_port;
use crate::endpoint::target::is_safe;
use crate::endpoint::{modes, page};
use crate::gate::csp::{self, Allowance, PageMarks};
use crate::gate::html::Injection;

impl Treatment<'_> {
    /// How much of what was asked for this page lets in.
    pub(super) fn look(&self, headers: &mut HeaderMap) -> Look {
        let policy = &self.config.policy;
        let mut look = self.config.look.clone();
        if !self.has_policy {
            // Everything is let in.
        } else if look.admits {
            let digests = page::script_digests(policy);
            csp::admit_own_scripts(headers, self.trail.host(), policy.prefix(), &digests);
        } else if !csp::lets_own_script(headers, self.trail.host()) {
            // What cannot run must not be relied on.
            look.guard = GuardMode::Off;
            if look.placement == BannerPlacement::Script {
                look.placement = BannerPlacement::BodyStart;
            }
        }
        #[cfg(feature = "strict-third-parties")]
        if policy.is_strict_about_third_parties() && look.guard == GuardMode::Core {
            look.guard = GuardMode::Full;
        }
        look
    }

    /// Tells the browser, too, that other sites wait; whether there was something to tell.
    #[cfg(feature = "strict-third-parties")]
    pub(super) fn confine(&self, headers: &mut HeaderMap, look: &Look) -> bool {
        if !self.config.policy.is_strict_about_third_parties() {
            return false;
        }
        let host = without_port(self.trail.host());
        let guarded = look.guard != GuardMode::Off;
        let policy = crate::gate::confine::policy(&self.edition.consent, host, guarded);
        let locked = policy.is_some();
        if let Some(policy) = policy {
            headers.append(CONTENT_SECURITY_POLICY, policy);
        }
        locked
    }

    #[cfg(not(feature = "strict-third-parties"))]
    #[allow(clippy::unused_self, reason = "there is nothing to tell")]
    pub(super) fn confine(&self, _: &mut HeaderMap, _: &Look) -> bool {
        false
    }

    /// What is added, once it is known whether the browser was told to hold back other sites.
    pub(super) fn injection(&self, headers: &HeaderMap, look: &Look, locked: bool) -> Injection {
        #[cfg(feature = "strict-third-parties")]
        let policy = &self.config.policy;
        let next = self.next();
        let mut allowance = if self.has_policy || locked {
            Allowance::read(headers)
        } else {
            Allowance::OPEN
        };
        allowance.marks = PageMarks {
            locked,
            verdicts: self.config.gives_verdicts(),
            gpc: self.edition.consent.gpc(),
        };
        #[cfg(feature = "strict-third-parties")]
        if policy.is_strict_about_third_parties() {
            let host = without_port(self.trail.host());
            let site = crate::policy::site::registrable(host).unwrap_or(host);
            site.clone_into(&mut allowance.site);
        }
        let consent = &self.edition.consent;
        let mut injection = page::injection(consent, &allowance, next, look, self.own_banner);
        if consent.policy().modes().is_some() {
            let fetches = look.admits || csp::lets_own_script(headers, self.trail.host());
            injection.first = modes::tag(consent, &allowance, fetches);
            self.tell_unspoken(&injection);
        }
        injection
    }

    /// Says once that a page could not be given what vendors' tags are to be told.
    fn tell_unspoken(&self, injection: &Injection) {
        if injection.first.is_empty() && self.config.told.is_first(b"consent modes") {
            tracing::warn!(
                target: "tower_consent::gate",
                "a page's Content-Security-Policy lets none of the layer's scripts run, so vendors' tags are not told of consent; add .with_csp_admission(true)"
            );
        }
    }

    /// The path of the page, to come back to after a choice.
    pub(super) fn next(&self) -> &str {
        let next = self.trail.uri.path_and_query();
        let next = next.map_or("/", http::uri::PathAndQuery::as_str);
        if is_safe(next) { next } else { "/" }
    }
}
