//! How is an event written?
//!
//! As the very JSON that `serde_json` makes of it, which the tests hold it to.
//! Every choice writes one, and most of what it says are digits and names that
//! need no look at each byte.

use std::fmt::Write as _;

use super::event::{Event, Outcome};

/// About how long an event's text is, in bytes.
const USUAL: usize = 1024;

/// The text of an event.
pub(super) fn text(event: &Event) -> String {
    let mut out = String::with_capacity(USUAL);
    // A string takes whatever is written into it.
    let _ = write!(out, "{{\"schema\":{}", event.schema);
    out.push_str(",\"id\":\"");
    event.id.write_to(&mut out);
    out.push_str("\",\"receipt\":\"");
    event.receipt.write_to(&mut out);
    let _ = write!(out, "\",\"at\":{}", event.at.unix_seconds());
    out.push_str(",\"kind\":\"");
    out.push_str(event.kind.as_str());
    out.push_str("\",\"site\":");
    quote(&mut out, &event.site);
    out.push_str(",\"revision\":");
    quote(&mut out, &event.revision);
    out.push_str(",\"outcomes\":");
    list(&mut out, &event.outcomes, outcome);
    out.push_str(",\"locale\":");
    quote(&mut out, &event.locale);
    out.push_str(",\"banner\":\"");
    event.banner.write_to(&mut out);
    out.push_str("\",\"preferences\":\"");
    event.preferences.write_to(&mut out);
    out.push_str("\",\"policy\":\"");
    event.policy.write_to(&mut out);
    out.push_str("\",\"variant\":");
    quote(&mut out, &event.variant);
    out.push_str(",\"layer\":");
    quote(&mut out, &event.layer);
    out.push_str(",\"method\":");
    quote(&mut out, &event.method);
    out.push_str(",\"signals\":");
    list(&mut out, &event.signals, |out, signal| quote(out, signal));
    out.push_str(",\"jurisdiction\":");
    quote(&mut out, &event.jurisdiction);
    out.push('}');
    out
}

fn outcome(out: &mut String, outcome: &Outcome) {
    out.push_str("{\"category\":\"");
    out.push_str(outcome.category.as_str());
    out.push_str("\",\"state\":\"");
    out.push_str(outcome.state.as_str());
    if let Some(change) = outcome.change {
        out.push_str("\",\"change\":\"");
        out.push_str(change.as_str());
    }
    out.push_str("\",\"asked\":");
    quote(out, &outcome.asked);
    for (name, vendors) in [
        (",\"refused_vendors\":", &outcome.refused_vendors),
        (",\"granted_vendors\":", &outcome.granted_vendors),
    ] {
        if !vendors.is_empty() {
            out.push_str(name);
            list(out, vendors, |out, vendor| quote(out, vendor));
        }
    }
    out.push('}');
}

fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// A string in quotes. What has to be escaped in it, which is rare, is left to `serde_json`.
fn quote(out: &mut String, text: &str) {
    let odd = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // Without a way out, so that many bytes are looked at at once.
    if text.bytes().fold(false, |found, byte| found | odd(byte)) {
        // Strings always serialise.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;
    use crate::category::Category;
    use crate::clock::Timestamp;
    use crate::id::{ArtefactId, EventId, ReceiptId};
    use crate::record::EventKind;
    use crate::standing::State;

    fn event(kind: EventKind) -> Event {
        let (receipt, id) = (ReceiptId::random().unwrap(), EventId::random().unwrap());
        let at = Timestamp::from_unix_seconds(u64::MAX);
        let mut event = Event::new(id, receipt, at, kind);
        event.banner = ArtefactId::of(b"banner");
        event.preferences = ArtefactId::of(b"preferences");
        event
    }

    fn same(event: &Event) {
        let text = text(event);
        assert_eq!(text, serde_json::to_string(event).unwrap());
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), *event);
    }

    #[test]
    fn every_event_is_written_as_serde_json_writes_it() {
        let kinds = [
            EventKind::Given,
            EventKind::Refused,
            EventKind::Withdrawn,
            EventKind::Expired,
            EventKind::Invalidated,
            EventKind::Objected,
            EventKind::Signal,
        ];
        let states = [
            State::Undecided,
            State::Granted,
            State::Exempt,
            State::Refused,
            State::Stale,
            State::Invalid,
        ];
        for kind in kinds {
            let mut event = event(kind);
            same(&event);
            for state in states {
                for category in Category::ALL {
                    let mut outcome = Outcome::new(category, state);
                    event.outcomes.push(outcome.clone());
                    outcome.change = Some(kind);
                    outcome.asked = "0123456789abcdef".to_owned();
                    outcome.refused_vendors = vec!["one".to_owned()];
                    event.outcomes.push(outcome.clone());
                    outcome.granted_vendors = vec!["two".to_owned(), "three".to_owned()];
                    event.outcomes.push(outcome);
                }
            }
            event.signals = vec!["gpc".to_owned(), "other".to_owned()];
            same(&event);
        }
    }

    #[test]
    fn no_text_breaks_out_of_its_quotes() {
        for letter in ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{fffd}', '\u{10ffff}']) {
            let said = format!("so{letter}that");
            let mut event = event(EventKind::Given);
            for field in [
                &mut event.site,
                &mut event.revision,
                &mut event.locale,
                &mut event.variant,
                &mut event.layer,
                &mut event.method,
                &mut event.jurisdiction,
            ] {
                field.clone_from(&said);
            }
            let mut outcome = Outcome::new(Category::Marketing, State::Refused);
            outcome.asked.clone_from(&said);
            outcome.refused_vendors = vec![said.clone(), String::new()];
            event.outcomes = vec![outcome];
            event.signals = vec![said];
            same(&event);
        }
    }
}
