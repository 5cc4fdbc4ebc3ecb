//! What becomes of a page on its way out?
//!
//! Its body is gated or completed, and the headers that describe the body are
//! corrected. What is added to it is worked out in [`added`](super::added),
//! what becomes of one that cannot be read in [`unreadable`](super::unreadable).

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG};

use super::trail::Trail;
use crate::body::ConsentBody;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::edition::Edition;
use crate::gate::csp::{self, LOCKDOWN};
use crate::gate::html::{Home, HtmlGate, Plan};
use crate::gate::media::{Body, Unrewritable, language};
use crate::gate::{cache, validator};

/// Everything that a page's treatment depends on.
pub(super) struct Treatment<'a> {
    pub(super) config: &'a Config,
    pub(super) edition: &'a Edition,
    pub(super) trail: &'a Trail,
    pub(super) only_reads: bool,
    pub(super) own_banner: bool,
    /// Whether the app sent a Content-Security-Policy.
    pub(super) has_policy: bool,
}

impl Treatment<'_> {
    /// Gates or completes a response's body, and corrects the headers that describe it.
    pub(super) fn apply<B>(
        &self,
        headers: &mut HeaderMap,
        treated: Body,
        body: B,
    ) -> ConsentBody<B> {
        let (config, consent) = (self.config, &self.edition.consent);
        match treated {
            Body::Other => ConsentBody::passthrough(body),
            Body::Opaque(why) => {
                if !consent.permits_everything() {
                    self.warn(why);
                    if config.unrewritable != Unrewritable::Pass {
                        headers.append(CONTENT_SECURITY_POLICY, LOCKDOWN);
                    }
                }
                ConsentBody::passthrough(body)
            }
            Body::Html {
                codings,
                encoding,
                declared,
                head,
            } => {
                let look = self.look(headers);
                let locked = self.confine(headers, &look);
                let injection = self.injection(headers, &look, locked);
                let open = consent.permits_everything();
                if open && injection.is_empty() {
                    return ConsentBody::passthrough(body);
                }
                self.describe(headers);
                if !codings.is_empty() {
                    headers.remove(CONTENT_ENCODING);
                }
                let max = config.max_decompressed;
                if head {
                    ConsentBody::passthrough(body)
                } else if open && injection.first.is_empty() {
                    let home = Home {
                        host: self.trail.host_value(),
                        secure: config.style.is_secure(),
                        policy: config.policy.clone(),
                    };
                    ConsentBody::append(body, injection, language(headers), home)
                        .decoding(codings, max)
                } else {
                    let frames = csp::lets_own_frame(headers, self.trail.host());
                    let plan = Plan {
                        consent: consent.clone(),
                        base: self.trail.base(config),
                        encoding,
                        charset_declared: declared,
                        injection,
                        language: language(headers),
                        told: config.told.clone(),
                        secure: config.style.is_secure(),
                        frame_name: self.frame_name(),
                        placeholders: frames.then(|| self.next().to_owned()),
                    };
                    ConsentBody::rewrite(body, HtmlGate::new(plan)).decoding(codings, max)
                }
            }
        }
    }

    /// Takes away what described the app's bytes, and puts a tag on the new page
    /// where some cache may keep it.
    fn describe(&self, headers: &mut HeaderMap) {
        let keeps = self.trail.may_be_page
            && self.only_reads
            && headers.contains_key(ETAG)
            && !cache::forbids_storing(headers);
        let tag = keeps
            .then(|| validator::scoped(headers, &self.edition.scope(self.config)))
            .flatten();
        cache::forget_bytes(headers);
        if let Some(tag) = tag {
            headers.insert(ETAG, tag);
        }
    }

    /// A name for blocked frames that differs from every page of the same visitor
    /// before: by the choice it was made for, and without one by the time. Where
    /// the page is the same for others, so is the name; the script gives each frame
    /// that it wakes a place of its own in the browser's history.
    fn frame_name(&self) -> String {
        if self.edition.is_shared() {
            return "tc-0".to_owned();
        }
        let chosen = self.edition.consent.decided_at();
        let chosen = chosen.map_or(0, Timestamp::unix_seconds);
        let now = self.config.clock.now();
        format!("tc-{:x}-{chosen:x}", now.unix_seconds())
    }
}
