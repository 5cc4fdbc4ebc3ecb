//! How are the layer's own answers written?
//!
//! Every answer says how it may be cached and is safe to embed nowhere. An
//! error is visible: a page for a form, JSON for a script.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION, REFERRER_POLICY,
    RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method, Response, StatusCode};
use serde::Serialize;
use std::collections::BTreeMap;

use super::look::Look;
use super::preferences::{self, ChoiceCookies, PreferencesForm};
use super::{embed, page};
use crate::asset::{self, Asset};
use crate::category::Category;
use crate::choice::Recorded;
use crate::consent::Consent;
use crate::gate::cache;
use crate::policy::{Policy, Texts, Vendor};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN_EMBEDDER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-embedder-policy");
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// What the layer's own pages may load and who may frame them.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The same for a placeholder, which stands in the site's own frames.
const EMBED_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
);

/// An answer that the layer gives itself.
pub(crate) type Answer = Response<Bytes>;

/// Whether the client wants JSON rather than a page: it sent JSON, or asks for it and not for HTML.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let mentions = |name: HeaderName, what: &[u8]| {
        headers.get_all(name).iter().any(|value| {
            memchr::memmem::find(&value.as_bytes().to_ascii_lowercase(), what).is_some()
        })
    };
    let accept = http::header::ACCEPT;
    mentions(CONTENT_TYPE, JSON.as_bytes())
        || mentions(accept.clone(), JSON.as_bytes()) && !mentions(accept, b"text/html")
}

/// The preferences page.
pub(crate) fn preferences(
    consent: &Consent,
    own: ChoiceCookies,
    next: &str,
    look: &Look,
    form: PreferencesForm,
) -> Answer {
    html(
        StatusCode::OK,
        preferences::preferences(consent, own, next, look.scheme, form),
    )
}

/// The banner and the settings link alone.
pub(crate) fn banner(consent: &Consent, next: &str, look: &Look) -> Answer {
    html(StatusCode::OK, page::banner_page(consent, next, look))
}

/// The placeholder for a blocked frame of `vendor`. It alone may stand in a
/// frame of this site, also on pages that demand it of what they embed.
pub(crate) fn embed(policy: &Policy, texts: &Texts, vendor: &Vendor, next: &str) -> Answer {
    let mut answer = html(
        StatusCode::OK,
        embed::placeholder(policy, texts, vendor, next),
    );
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, EMBED_POLICY);
    headers.insert(
        CROSS_ORIGIN_EMBEDDER_POLICY,
        HeaderValue::from_static("require-corp"),
    );
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    answer
}

/// The present state.
pub(crate) fn state(consent: &Consent) -> Answer {
    json(StatusCode::OK, &State::of(consent, false))
}

/// One embedded file. Its name changes with its bytes, so it never goes stale.
pub(crate) fn asset(asset: &Asset, headers: &HeaderMap) -> Answer {
    let tag = format!("\"{}\"", asset.name);
    let fresh = headers.get_all(IF_NONE_MATCH).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(|known| known.trim_ascii())
            .any(|known| {
                known == b"*" || known.strip_prefix(b"W/").unwrap_or(known) == tag.as_bytes()
            })
    });
    let mut answer = if fresh {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer
    } else {
        with_body(
            StatusCode::OK,
            asset.content_type,
            asset.text.clone().into(),
        )
    };
    let headers = answer.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    answer
}

/// The declarations of what the banner's script gives to pages.
pub(crate) fn types() -> Answer {
    let text = Bytes::from_static(asset::TYPES.as_bytes());
    let mut answer = with_body(StatusCode::OK, "text/plain; charset=utf-8", text);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

/// The answer to a recorded choice: the new state for a script, a redirect for a form.
pub(crate) fn recorded(recorded: &Recorded, next: &str, as_json: bool) -> Answer {
    let mut answer = if as_json {
        let consent = &recorded.consent;
        let said = consent
            .decided_at()
            .and_then(|at| consent.texts().chosen_at(at.unix_seconds()));
        let state = State::of(consent, recorded.narrows);
        json(StatusCode::OK, &State { said, ..state })
    } else {
        back_to(next)
    };
    let headers = answer.headers_mut();
    if recorded.narrows {
        // Stored pages were made for the wider choice, and going back would show them.
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
    answer
}

/// Leads back to where a form was posted.
pub(crate) fn back_to(next: &str) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::from_str(next).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let headers = answer.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    cache::forbid_storing(headers);
    answer
}

/// The answer to a choice that could not be stored, so that nothing of it is granted.
pub(crate) fn unstored(recorded: &Recorded, as_json: bool) -> Answer {
    let consent = &recorded.consent;
    let texts = consent.texts();
    let message = if as_json {
        &*texts.not_stored
    } else {
        "The record of this choice could not be stored, so nothing was granted."
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut answer = error(consent.policy(), texts, status, message, as_json);
    let headers = answer.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    if recorded.narrows {
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
    answer
}

/// A refusal that says why.
pub(crate) fn error(
    policy: &Policy,
    texts: &Texts,
    status: StatusCode,
    message: &str,
    as_json: bool,
) -> Answer {
    if as_json {
        json(status, &BTreeMap::from([("error", message)]))
    } else {
        html(status, preferences::error(policy, texts, status, message))
    }
}

/// What single addresses need.
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
pub(crate) fn verdict(verdict: &super::verdict::Verdict) -> Answer {
    json(StatusCode::OK, verdict)
}

/// Any value as JSON.
pub(crate) fn json_value(status: StatusCode, value: &serde_json::Value) -> Answer {
    json(status, value)
}

/// A file to keep.
pub(crate) fn download(
    value: &serde_json::Value,
    content_type: &'static str,
    name: &'static str,
) -> Answer {
    let text = serde_json::to_vec_pretty(value).unwrap_or_default();
    let mut answer = with_body(StatusCode::OK, content_type, text.into());
    let headers = answer.headers_mut();
    if let Ok(attached) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, attached);
    }
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    cache::forbid_storing(headers);
    answer
}

/// The answer to a method that the address does not know.
pub(crate) fn wrong_method(
    policy: &Policy,
    texts: &Texts,
    allowed: &'static str,
    method: &Method,
    as_json: bool,
) -> Answer {
    let mut answer = if method == Method::OPTIONS {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        cache::forbid_storing(answer.headers_mut());
        answer
    } else {
        let message = format!("This address only answers {allowed}.");
        error(
            policy,
            texts,
            StatusCode::METHOD_NOT_ALLOWED,
            &message,
            as_json,
        )
    };
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// The answer to a request for a declared path whose category is not granted.
pub(crate) fn refused(policy: &Policy) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = policy.refused_status();
    cache::forbid_storing(answer.headers_mut());
    answer
}

/// Leaves the headers of an answer and drops its body, for `HEAD`.
pub(crate) fn without_body(mut answer: Answer) -> Answer {
    *answer.body_mut() = Bytes::new();
    answer
}

fn html(status: StatusCode, page: String) -> Answer {
    let mut answer = with_body(status, HTML, page.into());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
    cache::forbid_storing(headers);
    answer
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    // Maps with text keys and plain values always serialise.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut answer = with_body(status, JSON, body.into());
    cache::forbid_storing(answer.headers_mut());
    answer
        .headers_mut()
        .append(VARY, HeaderValue::from_static("Accept"));
    answer
}

fn with_body(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let length = body.len();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// The state as the banner's script reads it.
#[derive(Debug, Serialize)]
struct State<'a> {
    #[serde(flatten)]
    consent: &'a Consent,
    /// Whether the choice just made took something away.
    narrowed: bool,
    /// The vendors granted alone, each behind its category and a colon.
    alone: Vec<String>,
    /// What may run as a whole, by a choice or without one.
    covered: Vec<Category>,
    /// The vendors that may not all the same; `*` with a category bars what is not declared.
    barred: Vec<String>,
    /// Tells the visitor that there is a choice now.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
}

impl<'a> State<'a> {
    fn of(consent: &'a Consent, narrowed: bool) -> Self {
        let alone = consent.alone_vendor_ids().into_iter();
        Self {
            said: None,
            consent,
            narrowed,
            covered: consent.covered().iter().collect(),
            barred: consent.barred(),
            alone: alone
                .map(|(category, id)| format!("{category}:{id}"))
                .collect(),
        }
    }
}
