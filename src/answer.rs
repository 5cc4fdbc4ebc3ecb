//! What does the layer answer at its own addresses?

use std::net::IpAddr;
use std::sync::Arc;

use bytes::BytesMut;
use http::header::{CONTENT_LENGTH, HeaderMap, SET_COOKIE};
use http::request::Parts;
use http::{StatusCode, Uri};

use crate::choice::Recorded;
use crate::config::Config;
use crate::consent::Consent;
use crate::endpoint::choice::{Format, MAX_BODY, Submission, parse};
use crate::endpoint::dismiss;
use crate::endpoint::preferences::{ChoiceCookies, PreferencesForm};
use crate::endpoint::reply::{self, Answer};
use crate::endpoint::target::target;
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
use crate::endpoint::verdict;
use crate::endpoint::{Route, is_own, origin};
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
use crate::gate::address::Base;
use crate::gate::cache::{CacheMode, EDGE_STATE};
use crate::gate::edge;
use crate::gate::expire::expire;
use crate::gate::request::find;
use crate::gate::warn::printable;
use crate::journal::write::Method;
use crate::jurisdiction::RequestHead;
use crate::settle::{Settled, settle};

/// Answers a request to one of the layer's own addresses, or tells that it cannot.
pub(crate) fn answer(
    config: &Config,
    route: Route<'_>,
    method: &http::Method,
    uri: &Uri,
    head: &RequestHead<'_>,
) -> Answer {
    let headers = head.headers();
    let policy = &config.policy;
    let as_json = reply::wants_json(headers);
    let asked = query(uri, "lang");
    let locale = config.locale_in(config.jurisdiction(head), asked.as_deref(), headers);
    let texts = policy.texts(locale);
    let answer = match route {
        Route::Preferences => preferences(config, uri, head, None).0,
        Route::Banner => {
            let next = query(uri, "next");
            let host = origin::authority(uri, headers);
            let next = target(next.as_deref(), headers, host);
            let consent = config.decide(head).speaking(locale);
            reply::banner(&consent, &next, &config.look)
        }
        Route::Embed => {
            let vendor = query(uri, "vendor").and_then(|id| policy.embed(&id));
            let next = query(uri, "next");
            let host = origin::authority(uri, headers);
            let next = target(next.as_deref(), headers, host);
            match vendor {
                Some(vendor) => reply::embed(policy, texts, vendor, &next),
                None => reply::error(
                    policy,
                    texts,
                    StatusCode::NOT_FOUND,
                    "There is no such service that could be loaded here.",
                    as_json,
                ),
            }
        }
        Route::State => {
            let consent = config.decide(head);
            let mut answer = reply::state(&consent);
            if config.cache_mode == CacheMode::EdgeKey
                && let Some(key) = edge::key_value(&consent)
            {
                answer.headers_mut().insert(EDGE_STATE, key);
            }
            answer
        }
        Route::Asset(asset) => reply::asset(asset, headers),
        Route::Types => reply::types(),
        Route::WrongMethod(allowed) => reply::wrong_method(policy, texts, allowed, method, as_json),
        _ => reply::error(
            policy,
            texts,
            StatusCode::NOT_FOUND,
            "There is nothing at this address.",
            as_json,
        ),
    };
    if method == http::Method::HEAD {
        reply::without_body(answer)
    } else {
        answer
    }
}

pub(crate) fn head_of(parts: &Parts) -> RequestHead<'_> {
    RequestHead::new(&parts.uri, &parts.headers, &parts.extensions)
}

/// The preferences page, for `consent` where a request has changed it, and whose it is.
pub(crate) fn preferences(
    config: &Config,
    uri: &Uri,
    head: &RequestHead<'_>,
    consent: Option<Consent>,
) -> (Answer, Consent) {
    let headers = head.headers();
    let next = query(uri, "next");
    let host = origin::authority(uri, headers);
    let next = target(next.as_deref(), headers, host);
    let next = if is_own(&next, config.policy.prefix()) {
        "/"
    } else {
        &next
    };
    let consent = consent.unwrap_or_else(|| {
        let consent = config.decide(head);
        let asked = query(uri, "lang");
        let locale = config.locale_in(consent.jurisdiction(), asked.as_deref(), headers);
        consent.speaking(locale)
    });
    let own = ChoiceCookies::new(config.style.naming, config.journal.is_some());
    let form = match query(uri, "dialog") {
        None => PreferencesForm::Page,
        Some(has) => PreferencesForm::Dialog {
            has_shared: has == "shared",
        },
    };
    let answer = reply::preferences(&consent, own, next, &config.look, form);
    (answer, consent)
}

/// The language that a posted form names.
pub(crate) fn language_of(body: &[u8]) -> Option<String> {
    form_urlencoded::parse(body)
        .find(|(name, _)| name == "language")
        .map(|(_, value)| value.into_owned())
}

/// The first value of a field in the address.
fn query(uri: &Uri, field: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(name, _)| name == field)
        .map(|(_, value)| value.into_owned())
}

/// What can be posted, as far as turning it down goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posted {
    name: &'static str,
    /// The most that it may take, in bytes.
    pub(crate) most: usize,
    form: bool,
}

pub(crate) const CHOICE: Posted = Posted {
    name: "choice",
    most: MAX_BODY,
    form: true,
};

pub(crate) const DISMISSAL: Posted = Posted {
    name: "dismissal",
    most: dismiss::MAX_BODY,
    form: true,
};

pub(crate) const ERASURE: Posted = Posted {
    name: "request",
    most: MAX_BODY,
    form: true,
};

#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
pub(crate) const QUESTION: Posted = Posted {
    name: "question",
    most: verdict::MAX_BODY,
    form: false,
};

/// Why what was posted is turned down before its body is read.
pub(crate) fn turn_down(config: &Config, parts: &Parts, posted: Posted) -> Option<Answer> {
    let Parts { uri, headers, .. } = parts;
    let refuse = |status, message: &str| {
        Some(reply::error(
            &config.policy,
            config.policy.texts(config.locale(None, headers)),
            status,
            message,
            reply::wants_json(headers),
        ))
    };
    if let Err(foreign) = origin::check(headers, origin::authority(uri, headers)) {
        return refuse(StatusCode::FORBIDDEN, foreign.message());
    }
    match Format::of(headers) {
        Some(Format::Json) => {}
        Some(Format::Form) if posted.form => {}
        _ => {
            let form = if posted.form {
                "as a form (application/x-www-form-urlencoded) or "
            } else {
                ""
            };
            let message = format!("Send the {} {form}as JSON (application/json).", posted.name);
            return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message);
        }
    }
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > posted.most as u64) {
        return Some(too_large(config, headers, posted));
    }
    None
}

pub(crate) fn too_large(config: &Config, headers: &HeaderMap, posted: Posted) -> Answer {
    let message = format!("A {} is at most {} bytes long.", posted.name, posted.most);
    reply::error(
        &config.policy,
        config.policy.texts(config.locale(None, headers)),
        StatusCode::PAYLOAD_TOO_LARGE,
        &message,
        reply::wants_json(headers),
    )
}

pub(crate) fn unreadable(config: &Config, headers: &HeaderMap, posted: Posted) -> Answer {
    let message = format!(
        "The request ended before the whole {} had arrived.",
        posted.name
    );
    reply::error(
        &config.policy,
        config.policy.texts(config.locale(None, headers)),
        StatusCode::BAD_REQUEST,
        &message,
        reply::wants_json(headers),
    )
}

/// Says what the addresses need that a page asks about.
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
pub(crate) fn judge(config: &Config, parts: &Parts, body: &[u8]) -> Answer {
    let Parts { uri, headers, .. } = parts;
    match verdict::parse(body) {
        Ok(question) => {
            let host = origin::authority(uri, headers).unwrap_or_default();
            let base = Base::new(host, &question.page).judging_by(config.beyond_asked());
            reply::verdict(&verdict::verdict(
                &question,
                &base,
                &config.decide(&head_of(parts)),
            ))
        }
        Err(why) => {
            let texts = config.policy.texts(config.locale(None, headers));
            reply::error(&config.policy, texts, StatusCode::BAD_REQUEST, &why, true)
        }
    }
}

/// Remembers that a bar was closed.
pub(crate) fn dismiss(config: &Config, parts: &Parts, body: &[u8]) -> Answer {
    let Parts { uri, headers, .. } = parts;
    let policy = &config.policy;
    let Some((notice, next)) = dismiss::parse(body, policy) else {
        let texts = policy.texts(config.locale(None, headers));
        let message = "The form names no notice of this site.";
        let as_json = reply::wants_json(headers);
        return reply::error(policy, texts, StatusCode::BAD_REQUEST, message, as_json);
    };
    let next = target(next.as_deref(), headers, origin::authority(uri, headers));
    let mut answer = reply::back_to(&next);
    let cookie = dismiss::cookie(policy, notice, &config.style);
    answer
        .headers_mut()
        .extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    answer
}

/// Records a posted choice.
pub(crate) async fn choose(config: Arc<Config>, parts: Parts, body: BytesMut) -> Answer {
    let Parts { uri, headers, .. } = &parts;
    let as_json = reply::wants_json(headers);
    let format = Format::of(headers).unwrap_or(Format::Form);
    let submission = match parse(format, &body, &config.policy) {
        Ok(submission) => submission,
        Err(why) => {
            return reply::error(
                &config.policy,
                config.policy.texts(config.locale(None, headers)),
                StatusCode::BAD_REQUEST,
                &why.to_string(),
                as_json,
            );
        }
    };
    let head = head_of(&parts);
    let Submission {
        choice, next, gpc, ..
    } = submission;
    let before = config.decide_hearing(&head, gpc);
    let at = before.jurisdiction();
    let locale = config.locale_in(at, submission.language.as_deref(), headers);
    let (held, method) = match format {
        _ if choice.is_signal() => (Some(config.decide_unheard(&head)), Method::Signal),
        Format::Form => (gpc.then(|| config.decide(&head)), Method::Form),
        Format::Json => (gpc.then(|| config.decide(&head)), Method::Script),
    };
    let held = held.map(|held| held.speaking(locale));
    let before = before.speaking(locale);
    let settled = settle(config.clone(), choice, before, held, method).await;
    let Settled {
        mut recorded,
        unstored,
    } = settled;
    let host = origin::authority(uri, headers);
    let next = target(next.as_deref(), headers, host);
    warn_insecure(&config, host.unwrap_or_default());
    let answer = if unstored {
        reply::unstored(&recorded, as_json)
    } else {
        reply::recorded(&recorded, &next, as_json)
    };
    finish(&config, &parts, &mut recorded, answer)
}

/// Puts the cookies into an answer that a choice leaves behind, and those that it takes away.
pub(crate) fn finish(
    config: &Config,
    parts: &Parts,
    recorded: &mut Recorded,
    mut answer: Answer,
) -> Answer {
    let Parts { uri, headers, .. } = parts;
    for cookie in std::mem::take(&mut recorded.cookies) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    let mut due = find(headers, &recorded.consent, config.style.naming, None).leftovers;
    due.retain(|leftover| recorded.consent.expires(leftover.owner));
    let host = origin::authority(uri, headers).unwrap_or_default();
    let place = config.place(host, uri.path());
    let now = config.clock.now();
    expire(answer.headers_mut(), &due, place, &config.policy, now);
    answer
}

/// Tells once that choices of a public site travel unprotected.
fn warn_insecure(config: &Config, host: &str) {
    let host = origin::without_port(host);
    let is_loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if !config.style.is_secure() && !is_loopback && config.told.is_first(b"insecure cookies") {
        tracing::warn!(
            target: "tower_consent::policy",
            host = %printable(host.as_bytes()),
            "consent cookies are written without Secure outside of the loopback address; serve the site over https and remove .with_insecure_cookies(true)"
        );
    }
}
