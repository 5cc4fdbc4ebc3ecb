//! Which bar did the visitor close?
//!
//! A bar tells something and asks nothing. That it was closed is kept in a
//! cookie of its own, which says which bar it was and nothing about the visitor.

use http::HeaderValue;
use http::header::HeaderMap;

use crate::choice::CookieStyle;
use crate::consent::{Consent, Notice};
use crate::cookie::pairs;
use crate::policy::Policy;

/// The most that a form may take that closes a bar, in bytes.
pub(crate) const MAX_BODY: usize = 4 * 1024;

/// What the cookie says once this bar is closed.
pub(crate) fn id(policy: &Policy, notice: Notice) -> &str {
    match notice {
        Notice::Amendment => policy.amendment_id(),
        Notice::OptOut => "opt-out",
        Notice::Statistics => "statistics",
    }
}

/// Whether the visitor closed this bar before.
pub(crate) fn is_dismissed(
    policy: &Policy,
    notice: Notice,
    style: &CookieStyle,
    headers: &HeaderMap,
) -> bool {
    let name = style.naming.notice();
    pairs(headers)
        .any(|pair| pair.name == name.as_bytes() && pair.value == id(policy, notice).as_bytes())
}

/// What the form that closes a bar says: which one, and where to go after it.
pub(crate) fn parse(body: &[u8], policy: &Policy) -> Option<(Notice, Option<String>)> {
    let field = |name: &str| {
        form_urlencoded::parse(body)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let closed = field("notice")?;
    let notice = [Notice::Amendment, Notice::OptOut, Notice::Statistics]
        .into_iter()
        .find(|notice| id(policy, *notice) == closed)?;
    Some((notice, field("next")))
}

/// The `Set-Cookie` value that remembers it.
pub(crate) fn cookie(policy: &Policy, notice: Notice, style: &CookieStyle) -> Option<HeaderValue> {
    style.set_cookie(
        style.naming.notice(),
        id(policy, notice).to_owned(),
        policy.lifetime_seconds(),
    )
}

/// What a visitor with this consent has to be told, unless they closed it before.
pub(crate) fn due(consent: &Consent) -> Option<Notice> {
    if consent.needs_banner() {
        return None;
    }
    let amendment = consent
        .policy()
        .amendment()
        .and_then(|version| version.applies_from());
    let chosen = consent.decided_at().map(|at| at.unix_seconds());
    match (amendment, chosen) {
        (Some(applies), Some(chosen)) if chosen < applies => return Some(Notice::Amendment),
        _ => {}
    }
    // Under the signal nothing opens by itself.
    if consent.jurisdiction().is_opt_out() && !consent.gpc() && !consent.exempt().is_empty() {
        return Some(Notice::OptOut);
    }
    consent.exempt_vendors().map(|_| Notice::Statistics)
}
