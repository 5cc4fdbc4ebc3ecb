//! Does a cookie of exempt statistics keep to its end?
//!
//! Such a cookie lasts thirteen months at most and is not prolonged by visits
//! (CNIL, page of 4 July 2025): while the browser holds it, it is not written again.

use cookie::Cookie;
use http::header::{HeaderMap, HeaderValue};

use crate::clock::Timestamp;
use crate::consent::Consent;
use crate::cookie::pairs;

/// The cookies of exempt statistics that a request brings.
pub(crate) fn held(headers: &HeaderMap, consent: &Consent) -> Vec<Vec<u8>> {
    if consent.exempt_vendors().is_none() {
        return Vec::new();
    }
    let policy = consent.policy();
    pairs(headers)
        .filter(|pair| {
            let owner = policy.cookie_owner(pair.name);
            owner.is_some_and(|owner| consent.exempt_seconds(owner).is_some())
        })
        .map(|pair| pair.name.to_vec())
        .collect()
}

/// Whether a line may store such a cookie for up to `seconds`.
pub(crate) fn may_store(
    name: &[u8],
    line: &HeaderValue,
    seconds: u64,
    held: &[Vec<u8>],
    now: Timestamp,
) -> bool {
    let text = String::from_utf8_lossy(line.as_bytes());
    let Ok(cookie) = Cookie::parse(&*text) else {
        return false;
    };
    let left = cookie.max_age().map(|age| age.whole_seconds()).or_else(|| {
        let expires = cookie.expires_datetime()?.unix_timestamp();
        Some(expires.saturating_sub_unsigned(now.unix_seconds()))
    });
    let lasts = left.is_none_or(|left| u64::try_from(left).is_ok_and(|left| left <= seconds));
    lasts && !held.iter().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers L22
    #[test]
    fn a_cookie_may_be_stored_once_and_not_for_longer() {
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        let most = 393 * 86_400;
        let may = |line: &'static str, held: &[Vec<u8>]| {
            may_store(b"_s", &HeaderValue::from_static(line), most, held, now)
        };
        assert!(may("_s=1", &[]));
        assert!(may("_s=1; Max-Age=33955200", &[]));
        assert!(may("_s=1; Expires=Tue, 01 Jan 2028 00:00:00 GMT", &[]));
        assert!(!may("_s=1; Max-Age=33955201", &[]));
        assert!(!may("_s=1; Expires=Fri, 31 Dec 2100 23:59:59 GMT", &[]));
        assert!(!may("_s=1; Max-Age=60", &[b"_s".to_vec()]));
        assert!(may("_s=1; Max-Age=60", &[b"_t".to_vec()]));
    }
}
