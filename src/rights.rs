//! What may a visitor do with the own record?
//!
//! See it, take it along, erase it. The signed cookie is the only key to it: an
//! address names no record, so a guessed one leads nowhere, and a record that
//! is not there is answered as if there had never been one.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::answer::{finish, head_of, preferences};
use crate::choice::{Choice, record};
use crate::config::Config;
use crate::consent::Consent;
use crate::endpoint::history::{self, History, Notice};
use crate::endpoint::reply::{self, Answer};
use crate::journal::Journal;
use crate::journal::export::Export;
use crate::record::{ArtefactId, LogError, ReceiptId, Stored};
use crate::settle;

/// What is asked about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The preferences page, which shows it.
    Preferences,
    Json,
    JsonLd,
}

/// Answers a question about the visitor's record.
pub(crate) async fn look(config: Arc<Config>, parts: Parts, wanted: Wanted) -> Answer {
    let answer = match wanted {
        Wanted::Preferences => shown(&config, &parts).await,
        Wanted::Json => taken(&config, &parts, false).await,
        Wanted::JsonLd => taken(&config, &parts, true).await,
    };
    if parts.method == http::Method::HEAD {
        reply::without_body(answer)
    } else {
        answer
    }
}

/// Erases the visitor's record, and with it all that it proved.
pub(crate) async fn erase(config: Arc<Config>, parts: Parts, language: Option<String>) -> Answer {
    let headers = &parts.headers;
    let as_json = reply::wants_json(headers);
    let locale = config.locale(language.as_deref(), headers);
    let consent = config.decide(&head_of(&parts)).speaking(locale);
    let (Some(journal), Some(receipt)) = (&config.journal, consent.receipt()) else {
        return missing(&config, &consent, as_json);
    };
    let texts = consent.texts();
    let Ok(erased) = journal.erase(receipt).await else {
        return unavailable(&config, &consent, as_json);
    };
    if let Some(reason) = erased.held {
        if as_json {
            let value = serde_json::json!({ "erased": 0, "held": reason });
            return reply::json_value(StatusCode::CONFLICT, &value);
        }
        let notice = history::notice(texts, &Notice::Held(reason));
        return noted(&config, &parts, consent, StatusCode::CONFLICT, &notice);
    }
    if erased.rows == 0 {
        return missing(&config, &consent, as_json);
    }
    // Without proof nothing may stay granted; that it was refused is remembered without a record.
    let choice = Choice::reject_all();
    let now = config.clock.now();
    let mut recorded = record(&choice, &consent, &config.keys, &config.style, None, now);
    settle::tell(&config, &consent, &recorded);
    let answer = if as_json {
        let value = serde_json::json!({ "erased": erased.rows, "backups": texts.erased_backups });
        reply::json_value(StatusCode::OK, &value)
    } else {
        let notice = history::notice(texts, &Notice::Erased);
        noted(
            &config,
            &parts,
            recorded.consent.clone(),
            StatusCode::OK,
            &notice,
        )
    };
    finish(&config, &parts, &mut recorded, answer)
}

/// The preferences page with the history.
async fn shown(config: &Arc<Config>, parts: &Parts) -> Answer {
    let (answer, consent) = preferences(config, &parts.uri, &head_of(parts), None);
    let (Some(journal), Some(receipt)) = (&config.journal, consent.receipt()) else {
        return answer;
    };
    let history = match journal.rows_of(receipt).await {
        Ok(rows) if rows.is_empty() => return answer,
        Ok(rows) => History::Events(events(&rows).into_iter().map(|(event, _)| event).collect()),
        Err(_) => History::Unavailable,
    };
    let section = history::section(&config.policy, consent.texts(), &history);
    within(answer, &section, "")
}

/// The preferences page with a notice.
fn noted(
    config: &Arc<Config>,
    parts: &Parts,
    consent: Consent,
    status: StatusCode,
    notice: &str,
) -> Answer {
    let (answer, _) = preferences(config, &parts.uri, &head_of(parts), Some(consent));
    let mut answer = within(answer, "", notice);
    *answer.status_mut() = status;
    answer
}

fn within(mut answer: Answer, section: &str, notice: &str) -> Answer {
    let page = String::from_utf8_lossy(answer.body());
    let page = history::within(&page, section, notice);
    let length = HeaderValue::from(page.len());
    answer.headers_mut().insert(CONTENT_LENGTH, length);
    *answer.body_mut() = Bytes::from(page);
    answer
}

/// The record as a file.
async fn taken(config: &Arc<Config>, parts: &Parts, linked: bool) -> Answer {
    let consent = config.decide(&head_of(parts));
    let (Some(journal), Some(receipt)) = (&config.journal, consent.receipt()) else {
        return missing(config, &consent, true);
    };
    let Ok((rows, policies)) = gather(journal, receipt).await else {
        return unavailable(config, &consent, true);
    };
    let events = events(&rows);
    if events.is_empty() {
        return missing(config, &consent, true);
    }
    let export = Export {
        events: &events,
        policies: &policies,
        preferences: config.policy.prefix(),
        backups: &consent.texts().erased_backups,
    };
    if linked {
        let value = export.json_ld();
        reply::download(&value, "application/ld+json", "consent-record.jsonld")
    } else {
        reply::download(&export.json(), "application/json", "consent-record.json")
    }
}

type Gathered = (Vec<Stored>, HashMap<ArtefactId, serde_json::Value>);

/// The rows of a record and the declarations that they name.
async fn gather(journal: &Journal, receipt: ReceiptId) -> Result<Gathered, LogError> {
    let rows = journal.rows_of(receipt).await?;
    let mut policies = HashMap::new();
    for (event, _) in events(&rows) {
        if policies.contains_key(&event.policy) {
            continue;
        }
        let artefact = journal.ask(|log| log.artefact(event.policy)).await?;
        let declared = artefact.and_then(|artefact| serde_json::from_slice(artefact.bytes()).ok());
        policies.insert(event.policy, declared.unwrap_or_default());
    }
    Ok((rows, policies))
}

fn events(rows: &[Stored]) -> Vec<(crate::record::Event, Option<String>)> {
    rows.iter()
        .filter_map(|stored| Some((stored.row.event()?, stored.held.clone())))
        .collect()
}

/// There is no record, or none of this visitor's.
fn missing(config: &Config, consent: &Consent, as_json: bool) -> Answer {
    let message = "There is nothing at this address.";
    let status = StatusCode::NOT_FOUND;
    reply::error(&config.policy, consent.texts(), status, message, as_json)
}

fn unavailable(config: &Config, consent: &Consent, as_json: bool) -> Answer {
    let texts = consent.texts();
    let status = StatusCode::GATEWAY_TIMEOUT;
    reply::error(
        &config.policy,
        texts,
        status,
        &texts.history_unavailable,
        as_json,
    )
}
