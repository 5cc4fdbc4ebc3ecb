//! What must be kept of a request until its response comes?

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::Uri;
use http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::config::Config;
use crate::consent::Consent;
use crate::gate::address::Base;
use crate::gate::request::{self, Leftover};

/// What a request leaves behind for the sake of its response.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) uri: Uri,
    pub(super) host: Option<HeaderValue>,
    /// The `Cookie` headers as they came in.
    pub(super) cookies: Vec<HeaderValue>,
    /// What was stripped from them.
    pub(super) leftovers: Vec<Leftover>,
    /// Whether the answer may be a page, and was asked for as a whole.
    pub(super) may_be_page: bool,
    /// Whether the browser would show an answer in XML as a document.
    pub(super) shows_document: bool,
    /// Whether an answer of "not modified" is about the page of this very state.
    pub(super) renews: bool,
    /// The state that an edge says the request is in.
    pub(super) claimed: Option<HeaderValue>,
    /// The cookies of exempt statistics among them.
    pub(super) held: Vec<Vec<u8>>,
    /// What would hold without the browser's signal, where that is to be stored
    /// in place of what it overrules.
    pub(super) overruled: Option<Box<Consent>>,
    /// Set once the app has asked what was decided.
    pub(super) watch: Option<Arc<AtomicBool>>,
}

impl Trail {
    pub(super) fn host(&self) -> &str {
        self.uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| self.host.as_ref()?.to_str().ok())
            .unwrap_or_default()
    }

    /// The same as it can be kept without a copy, mostly.
    pub(super) fn host_value(&self) -> Option<HeaderValue> {
        match self.uri.authority() {
            Some(authority) => HeaderValue::from_str(authority.as_str()).ok(),
            None => self.host.clone(),
        }
    }

    pub(super) fn base(&self, config: &Config) -> Base {
        Base::new(self.host(), self.uri.path()).judging_by(config.beyond())
    }

    /// What the request's cookies leave over under a choice made since.
    pub(super) fn leftovers_under(&self, config: &Config, consent: &Consent) -> Vec<Leftover> {
        let mut headers = HeaderMap::new();
        for cookie in &self.cookies {
            headers.append(COOKIE, cookie.clone());
        }
        request::find(&headers, consent, config.style.naming, None).leftovers
    }
}
