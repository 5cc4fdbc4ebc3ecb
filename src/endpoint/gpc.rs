//! What does the site say about Global Privacy Control, and what does it store?

use http::header::{ALLOW, CACHE_CONTROL, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;

use super::reply::{self, Answer};
use crate::consent::Consent;
use crate::policy::Policy;

/// Where sites say that they honour the signal (W3C Global Privacy Control, section 4).
pub(crate) const RESOURCE: &str = "/.well-known/gpc.json";

/// The answer at [`RESOURCE`]; `None` where the policy has no date, so that the app answers.
pub(crate) fn resource(policy: &Policy, method: &Method) -> Option<Answer> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Support<'a> {
        gpc: bool,
        last_update: &'a str,
    }
    let last_update = policy.version().effective_date()?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let headers = answer.headers_mut();
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Some(answer);
    }
    let support = Support {
        gpc: true,
        last_update,
    };
    let mut answer = reply::json(StatusCode::OK, &support);
    let headers = answer.headers_mut();
    headers.remove(http::header::VARY);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    Some(if method == Method::HEAD {
        reply::without_body(answer)
    } else {
        answer
    })
}

/// Whether the signal is to be stored in place of a grant that it overrules:
/// once, in the United States, so that its absence later grants nothing
/// (11 CCR 7025(c)). A page that is only fetched ahead stores nothing.
pub(crate) fn is_to_be_stored(consent: &Consent, headers: &HeaderMap) -> bool {
    consent.is_overruled()
        && consent.jurisdiction().is_us()
        && consent.circumstances().never.is_empty()
        && !headers.contains_key("sec-purpose")
        && !headers.contains_key("purpose")
}
