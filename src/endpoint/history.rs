//! What does the visitor see of the own record?
//!
//! A section of the preferences page: what was decided when, the downloads, and
//! the button that erases it all. Nothing of it needs a script.

use std::fmt::Write;

use time::OffsetDateTime;

use super::markup::Esc;
use super::preferences::BAR;
use crate::policy::{Policy, Texts, day_at};
use crate::record::{Event, EventKind};

/// What is known of a visitor's record.
#[derive(Clone, Debug)]
pub(crate) enum History {
    /// The log does not answer.
    Unavailable,
    /// What happened, oldest first.
    Events(Vec<Event>),
}

/// A notice under the page's title.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    Erased,
    /// Why the record is kept.
    Held(String),
}

/// The preferences page with what there is to say about the record.
pub(crate) fn within(page: &str, section: &str, notice: &str) -> String {
    let Some(end) = page.rfind(BAR).or_else(|| page.rfind("</main>")) else {
        return page.to_owned();
    };
    let (before, after) = page.split_at(end);
    let before = match before.split_once("</h1>") {
        Some((title, rest)) => format!("{title}</h1>{notice}{rest}"),
        None => before.to_owned(),
    };
    format!("{before}{section}{after}")
}

/// The section about the record.
pub(crate) fn section(policy: &Policy, texts: &Texts, history: &History) -> String {
    let mut section = format!(
        "<section class=\"tc-group tc-history\" aria-labelledby=\"tc-history\">\
         <h2 id=\"tc-history\">{}</h2>",
        Esc(&texts.history)
    );
    match history {
        History::Unavailable => {
            let _ = write!(section, "<p>{}</p>", Esc(&texts.history_unavailable));
        }
        History::Events(events) => {
            let _ = write!(section, "<p>{}</p><ol>", Esc(&texts.history_body));
            for event in events {
                section += &entry(texts, event);
            }
            let prefix = Esc(policy.prefix());
            let _ = write!(
                section,
                "</ol><p>{}: <a href=\"{prefix}/record.json\" download>JSON</a>, \
                 <a href=\"{prefix}/record.jsonld\" download>JSON-LD</a></p>\
                 <form method=\"post\" action=\"{prefix}/erase\" class=\"tc-duty\">\
                 <input type=\"hidden\" name=\"language\" value=\"{}\"><button>{}</button></form>",
                Esc(&texts.history_download),
                Esc(&texts.language),
                Esc(&texts.history_erase)
            );
        }
    }
    section + "</section>"
}

/// What the page says first.
pub(crate) fn notice(texts: &Texts, notice: &Notice) -> String {
    match notice {
        Notice::Erased => format!(
            "<p role=\"status\" class=\"tc-note\"><b>{}</b> {}</p>",
            Esc(&texts.erased),
            Esc(&texts.erased_backups)
        ),
        Notice::Held(reason) => format!(
            "<p role=\"status\" class=\"tc-note\"><b>{}</b> {}</p>",
            Esc(&texts.erase_held),
            Esc(reason)
        ),
    }
}

fn entry(texts: &Texts, event: &Event) -> String {
    let at = event.at.unix_seconds();
    let day = day_at(at).map_or_else(String::new, |day| texts.day(day));
    let clock = i64::try_from(at)
        .ok()
        .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok())
        .map_or_else(String::new, |at| {
            format!("{:02}:{:02}", at.hour(), at.minute())
        });
    let mut entry = format!("<li>{}, {clock} UTC – ", Esc(&day));
    let mut kinds: Vec<EventKind> = Vec::new();
    for kind in event.outcomes.iter().filter_map(|outcome| outcome.change) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() {
        let _ = write!(entry, "<b>{}</b>", Esc(word(texts, event.kind)));
    }
    for (index, kind) in kinds.into_iter().enumerate() {
        if index > 0 {
            entry += "; ";
        }
        let _ = write!(entry, "<b>{}</b>: ", Esc(word(texts, kind)));
        let names = event
            .outcomes
            .iter()
            .filter(|outcome| outcome.change == Some(kind));
        let names: Vec<String> = names
            .map(|outcome| Esc(texts.category(outcome.category).0).to_string())
            .collect();
        entry += &names.join(", ");
    }
    entry + "</li>"
}

fn word(texts: &Texts, kind: EventKind) -> &str {
    match kind {
        EventKind::Given => &texts.event_given,
        EventKind::Refused => &texts.event_refused,
        EventKind::Withdrawn => &texts.event_withdrawn,
        EventKind::Expired => &texts.event_expired,
        EventKind::Invalidated => &texts.event_invalidated,
        EventKind::Objected => &texts.event_objected,
        EventKind::Signal => &texts.event_signal,
    }
}
