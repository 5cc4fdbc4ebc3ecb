//! What does the shop know of the visitor behind a request?
//!
//! What the layer lets it know: the cookies that this reads are those that are
//! left after stripping.

use std::sync::{Arc, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use tower_consent::{Consent, ConsentRejection};

use super::Shop;
use super::goods::{self, Good};

/// One request, as the handlers see it.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) shop: Arc<Shop>,
    pub(crate) consent: Consent,
    cookies: Vec<(String, String)>,
}

impl Visit {
    /// The names of the cookies that reached the shop's code.
    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.cookies.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The name of who is signed in.
    pub(crate) fn user(&self) -> Option<String> {
        let session = self.cookie("session")?;
        let sessions = self
            .shop
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        sessions.get(session).cloned()
    }

    /// What is in the cart, which is a list of ids such as `1.3.3`.
    pub(crate) fn cart(&self) -> Vec<&'static Good> {
        let ids = self.cookie("cart").unwrap_or_default().split('.');
        ids.filter_map(|id| goods::find(id.parse().ok()?)).collect()
    }

    pub(crate) fn is_german(&self) -> bool {
        self.cookie("lang") == Some("de")
    }

    /// One of two wordings, by the visitor's language.
    pub(crate) fn say(&self, english: &'static str, german: &'static str) -> &'static str {
        if self.is_german() { german } else { english }
    }
}

impl FromRequestParts<Arc<Shop>> for Visit {
    type Rejection = ConsentRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        shop: &Arc<Shop>,
    ) -> Result<Self, ConsentRejection> {
        let cookies = parts
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split("; "))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Self {
            shop: shop.clone(),
            consent: Consent::from_request_parts(parts, shop).await?,
            cookies,
        })
    }
}
