//! Which cookies store a choice?

use std::fmt::Write as _;

use cookie::{Cookie, SameSite};
use http::HeaderValue;
use time::Duration;

use crate::category::Category;
use crate::clock::Timestamp;
use crate::cookie::Naming;
use crate::decide::lifetime;
use crate::policy::Policy;
use crate::signal::Circumstances;
use crate::token::{Grant, MAX_TEXT, TokenKeys};

/// Browsers keep no cookie longer (RFC 6265bis, section 5.5): 400 days.
const MAX_COOKIE_SECONDS: u64 = 400 * 86_400;
/// As many digits as that has.
const MAX_DIGITS: usize = 8;

/// How consent cookies are written, and how they are found again.
#[derive(Clone, Debug)]
pub(crate) struct CookieStyle {
    pub(crate) naming: Naming,
    pub(crate) domain: Option<String>,
    /// What stands behind the value of a consent cookie, up to the seconds that it lasts.
    attributes: Option<String>,
}

impl CookieStyle {
    pub(crate) fn new(policy: &Policy, insecure: bool) -> Self {
        let domain = policy.cookie_domain().map(str::to_owned);
        let naming = match (insecure, &domain) {
            (true, _) => Naming::Insecure,
            (false, Some(_)) => Naming::Secure,
            (false, None) => Naming::Host,
        };
        let mut style = Self {
            naming,
            domain,
            attributes: None,
        };
        let cookie = style.set_cookie("n".to_owned(), "v".to_owned(), 0);
        style.attributes = cookie.as_ref().and_then(|cookie| {
            let attributes = cookie.to_str().ok()?.strip_prefix("n=v")?;
            Some(attributes.strip_suffix('0')?.to_owned())
        });
        style
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.naming != Naming::Insecure
    }

    /// The `Set-Cookie` values that store `parts`. They last as long as the
    /// choice counts, from the moment it was made: all of them as long as the part
    /// that counts longest, so that none goes before the server has seen it end.
    pub(super) fn set_cookies(
        &self,
        policy: &Policy,
        keys: &TokenKeys,
        parts: &[(Category, Grant)],
        now: Timestamp,
        at: &Circumstances,
    ) -> Vec<HeaderValue> {
        let longest = parts.iter().map(|(_, grant)| lifetime(policy, at, grant));
        let longest = longest.max().unwrap_or_default();
        let left = |grant: &Grant| {
            let age = now
                .unix_seconds()
                .saturating_sub(grant.stamp.unix_seconds());
            longest.saturating_sub(age).min(MAX_COOKIE_SECONDS)
        };
        parts
            .iter()
            .filter_map(|(category, grant)| {
                let attributes = self.attributes.as_deref()?;
                let (prefix, name) = (self.naming.prefix(), category.as_str());
                let rest = attributes.len() + MAX_DIGITS;
                let length = prefix.len() + name.len() + 1 + MAX_TEXT + rest;
                let mut line = String::with_capacity(length);
                line.extend([prefix, name, "="]);
                keys.sign(*category, grant, &mut line);
                // A string takes whatever is written into it.
                let _ = write!(line, "{attributes}{}", left(grant));
                HeaderValue::from_str(&line).ok()
            })
            .collect()
    }

    /// The `Set-Cookie` value of one of the layer's own cookies.
    pub(crate) fn set_cookie(
        &self,
        name: String,
        value: String,
        seconds: u64,
    ) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((name, value))
            .max_age(Duration::seconds(
                i64::try_from(seconds).unwrap_or_default(),
            ))
            .path("/")
            .http_only(true)
            .secure(self.is_secure())
            .same_site(SameSite::Lax);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        HeaderValue::try_from(cookie.build().to_string()).ok()
    }
}
