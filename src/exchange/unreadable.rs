//! What does a visitor get in place of a page that cannot be read?

use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use super::treatment::Treatment;
use crate::endpoint::reply::{self, Answer};
use crate::gate::media::{Body, Unrewritable};

impl Treatment<'_> {
    /// The answer in place of a page that cannot be read, where that is wanted.
    pub(super) fn blocked(&self, headers: &HeaderMap, treated: Body) -> Option<Answer> {
        let Body::Opaque(why) = treated else {
            return None;
        };
        if self.config.unrewritable != Unrewritable::Block
            || self.edition.consent.permits_everything()
        {
            return None;
        }
        self.warn(why);
        let message = "This page cannot be shown, because it cannot be checked for services that you have not agreed to.";
        let mut answer = reply::error(
            &self.config.policy,
            self.edition.consent.texts(),
            StatusCode::BAD_GATEWAY,
            message,
            false,
        );
        for cookie in headers.get_all(SET_COOKIE) {
            answer.headers_mut().append(SET_COOKIE, cookie.clone());
        }
        Some(answer)
    }

    pub(super) fn warn(&self, why: &str) {
        if !self.config.told.is_first(why.as_bytes()) {
            return;
        }
        let outcome = match self.config.unrewritable {
            Unrewritable::Block => "its visitor got an error instead",
            Unrewritable::CspOnly => {
                "it was confined to the site itself by a Content-Security-Policy"
            }
            Unrewritable::Pass => "it passed with everything that it loads",
        };
        tracing::warn!(
            target: "tower_consent::gate",
            "a page could not be gated, so {outcome}: {why}"
        );
    }
}
