//! Which cookies may the app store?
//!
//! Every `Set-Cookie` line is looked at by name, wherever in the app it was
//! written. Denied ones are suppressed; deletions always pass, since they
//! store nothing.

use cookie::Cookie;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};

use super::request::warn_undeclared;
use super::statistics::may_store;
use super::warn::{Told, printable};
use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::cookie::{Naming, set_cookie_name};

/// What a site's own rule says of one `Set-Cookie` line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieRule {
    /// The policy decides.
    #[default]
    Policy,
    /// The line passes, whatever the policy says. **This weakens the promise.**
    Allow,
    /// The line is suppressed, even a deletion.
    Deny,
}

/// A site's own rule over cookie names.
pub(crate) type RuleFn = dyn Fn(&[u8], &Consent) -> CookieRule + Send + Sync;

/// Everything that the verdict over a `Set-Cookie` line depends on.
#[derive(Clone, Copy)]
pub(crate) struct SetCookieGate<'a> {
    pub(crate) consent: &'a Consent,
    pub(crate) naming: Naming,
    pub(crate) rule: Option<&'a RuleFn>,
    pub(crate) told: &'a Told,
    pub(crate) now: Timestamp,
    /// The cookies of exempt statistics that the browser holds already.
    pub(crate) held: &'a [Vec<u8>],
}

/// Whether the response carried a cookie that needs consent, so that it must not be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gated(pub(crate) bool);

impl SetCookieGate<'_> {
    /// Suppresses what is denied. The other lines stay separate and in order.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) -> Gated {
        if !headers.contains_key(SET_COOKIE) {
            return Gated(false);
        }
        let mut gated = false;
        let verdicts: Vec<bool> = headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|line| {
                let verdict = self.verdict(line);
                gated |= verdict.needs_consent;
                verdict.passes
            })
            .collect();
        if verdicts.contains(&false)
            && let http::header::Entry::Occupied(entry) = headers.entry(SET_COOKIE)
        {
            let (name, lines) = entry.remove_entry_mult();
            let kept: Vec<HeaderValue> = lines
                .zip(verdicts)
                .filter_map(|(line, passes)| passes.then_some(line))
                .collect();
            for line in kept {
                headers.append(name.clone(), line);
            }
        }
        Gated(gated)
    }

    fn verdict(&self, line: &HeaderValue) -> Verdict {
        let name = set_cookie_name(line.as_bytes());
        match self
            .rule
            .map_or(CookieRule::Policy, |rule| rule(name, self.consent))
        {
            CookieRule::Allow => return Verdict::pass(true),
            CookieRule::Deny => return self.suppress(name, line, true),
            CookieRule::Policy => {}
        }
        if self.naming.is_own(name) {
            // Only the layer writes consent; an app may delete it, which withdraws.
            return self.suppress(name, line, false);
        }
        match self.consent.policy().cookie_owner(name) {
            Some(owner) if self.consent.permits(owner) => {
                if let Some(seconds) = self.consent.exempt_seconds(owner)
                    && !may_store(name, line, seconds, self.held, self.now)
                {
                    return self.suppress(name, line, false);
                }
                Verdict::pass(owner != crate::policy::Owner::Exempt)
            }
            Some(_) => self.suppress(name, line, false),
            None => {
                if self.consent.policy().is_strict() {
                    return self.suppress(name, line, false);
                }
                if self.told.is_first(name) {
                    warn_undeclared(name, "the app set");
                }
                Verdict::pass(false)
            }
        }
    }

    fn suppress(&self, name: &[u8], line: &HeaderValue, deletions_too: bool) -> Verdict {
        if !deletions_too && is_deletion(line, self.now) {
            return Verdict::pass(true);
        }
        tracing::debug!(
            target: "tower_consent::gate",
            act = "suppress",
            cookie = %printable(name),
            "suppressed a Set-Cookie line"
        );
        Verdict {
            passes: false,
            needs_consent: true,
        }
    }
}

#[derive(Clone, Copy)]
struct Verdict {
    passes: bool,
    needs_consent: bool,
}

impl Verdict {
    const fn pass(needs_consent: bool) -> Self {
        Self {
            passes: true,
            needs_consent,
        }
    }
}

/// Whether the line removes the cookie: `Max-Age` of zero or less, or else
/// `Expires` in the past. `Max-Age` wins over `Expires`, and of several the
/// last counts (RFC 6265bis, section 5.6). What cannot be read is no deletion.
fn is_deletion(line: &HeaderValue, now: Timestamp) -> bool {
    let text = String::from_utf8_lossy(line.as_bytes());
    let mut max_age = None;
    for attribute in text.split(';').skip(1) {
        if let Some((key, value)) = attribute.split_once('=')
            && key.trim().eq_ignore_ascii_case("max-age")
        {
            let digits = value.trim().strip_prefix('-');
            let number = digits.unwrap_or(value.trim());
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
                max_age = Some(digits.is_some() || number.bytes().all(|b| b == b'0'));
            }
        }
    }
    if let Some(deletes) = max_age {
        return deletes;
    }
    Cookie::parse(&*text)
        .ok()
        .and_then(|cookie| cookie.expires_datetime())
        .is_some_and(|expires| {
            i128::from(expires.unix_timestamp()) <= i128::from(now.unix_seconds())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers behaviour 35
    #[test]
    fn a_deletion_is_recognised_as_browsers_do() {
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        for line in [
            "a=; Max-Age=0",
            "a=x; max-age = -1",
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=; expires=Thu, 01-Jan-1970 00:00:00 GMT; Path=/",
            "a=; Max-Age=0; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
            "a=; Max-Age=60; Max-Age=0",
        ] {
            assert!(is_deletion(&HeaderValue::from_static(line), now), "{line}");
        }
        for line in [
            "a=",
            "a=1; Max-Age=1",
            "a=1; Max-Age=0; Max-Age=60",
            "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=1; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
            "a=1; Expires=soon",
            "a=1; Max-Age=",
            "a=Max-Age=0",
        ] {
            assert!(!is_deletion(&HeaderValue::from_static(line), now), "{line}");
        }
    }
}
