//! How does a visitor take the own record along?
//!
//! As JSON, the events as they are stored, or as JSON-LD in the DPV's profile
//! of ISO/IEC TS 27560:2023, one consent record an event. What the law wants
//! told beyond the event itself comes from the declarations that the event
//! names in the archive, as they were then.
//!
//! Source: <https://w3id.org/dpv/guides/consent-27560> (fields and their terms).

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::record::{ArtefactId, Event, EventKind, Outcome};
use crate::standing::State;

/// A record as it is given to its visitor.
#[derive(Debug)]
pub(crate) struct Export<'a> {
    /// Each event, and why it is kept where that is so.
    pub(crate) events: &'a [(Event, Option<String>)],
    /// The declarations that the events name.
    pub(crate) policies: &'a HashMap<ArtefactId, Value>,
    /// Where consent is withdrawn.
    pub(crate) preferences: &'a str,
    /// What may be left after an erasure.
    pub(crate) backups: &'a str,
}

impl Export<'_> {
    pub(crate) fn json(&self) -> Value {
        let events = self.events.iter().map(|(event, held)| {
            let mut value = json!(event);
            if let (Value::Object(fields), Some(reason)) = (&mut value, held) {
                fields.insert("held".to_owned(), json!(reason));
            }
            if let Value::Object(fields) = &mut value {
                fields.insert("time".to_owned(), json!(event.at.rfc3339()));
            }
            value
        });
        json!({ "events": events.collect::<Vec<_>>(), "backups": self.backups })
    }

    pub(crate) fn json_ld(&self) -> Value {
        let nothing = Value::Null;
        let records = self.events.iter().map(|(event, _)| {
            let policy = self.policies.get(&event.policy).unwrap_or(&nothing);
            Record {
                event,
                policy,
                preferences: self.preferences,
            }
            .json_ld()
        });
        json!({
            "@context": {
                "dpv": "https://w3id.org/dpv#",
                "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
                "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
                "loc": "https://w3id.org/dpv/loc#",
                "dct": "http://purl.org/dc/terms/",
                "schema": "https://schema.org/",
                "xsd": "http://www.w3.org/2001/XMLSchema#",
            },
            "@graph": records.collect::<Vec<_>>(),
        })
    }
}

struct Record<'a> {
    event: &'a Event,
    policy: &'a Value,
    preferences: &'a str,
}

impl Record<'_> {
    fn json_ld(&self) -> Value {
        let event = self.event;
        let subject = urn(event.receipt.as_bytes());
        let processes = event.outcomes.iter().map(|outcome| self.process(outcome));
        json!({
            "@id": urn(event.id.as_bytes()),
            "@type": "dpv:ConsentRecord",
            "dct:conformsTo": "dpv-27560:record-eu-gdpr",
            "dct:identifier": event.id.to_hex(),
            "dct:created": event.at.rfc3339(),
            "dct:language": event.locale,
            "dpv:hasDataSubject": { "@id": subject },
            "dpv:hasDataController": { "@id": CONTROLLER },
            "dpv:hasJurisdiction": self.jurisdiction(),
            "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
            "dpv:hasNotice": [self.notice("dpv:ConsentNotice", event.banner), self.notice("dpv:PrivacyNotice", event.preferences)],
            "dpv:hasProcess": processes.collect::<Vec<_>>(),
            "dpv:hasEntity": self.entities(&subject),
        })
    }

    /// The text shown, by its digest, and where the policy stands.
    fn notice(&self, kind: &str, text: ArtefactId) -> Value {
        let mut notice = Map::new();
        notice.insert("@type".to_owned(), json!(kind));
        notice.insert("dct:language".to_owned(), json!(self.event.locale));
        notice.insert(
            "dct:identifier".to_owned(),
            json!(format!("sha256:{}", text.to_hex())),
        );
        let url = self.text("privacy_url");
        if !url.is_empty() {
            notice.insert("schema:url".to_owned(), json!(url));
        }
        Value::Object(notice)
    }

    /// What may be done with one category's data, and whether.
    fn process(&self, outcome: &Outcome) -> Value {
        let vendors: Vec<&Value> = self.of("vendors", outcome).collect();
        let cookies: Vec<&Value> = self.of("cookies", outcome).collect();
        let all = || vendors.iter().chain(&cookies);
        let purposes = all().map(|item| {
            json!({ "@type": "dpv:Purpose", "dct:title": outcome.category, "dct:description": text(item, "purpose") })
        });
        let own = cookies.iter().map(|cookie| text(cookie, "name"));
        let stored = vendors
            .iter()
            .flat_map(|vendor| vendor.get("cookies").and_then(Value::as_array))
            .flatten()
            .filter_map(Value::as_str);
        let mut data: Vec<Value> = stored
            .chain(own)
            .map(|name| json!({ "@type": "dpv:PersonalData", "dct:title": format!("Online identifier in the cookie {name}") }))
            .collect();
        data.push(json!({ "@type": "dpv:PersonalData", "dct:title": "Online identifiers and usage data" }));
        let recipients = vendors
            .iter()
            .filter(|vendor| !is_first_party(vendor))
            .map(|vendor| json!({ "@id": party(vendor) }));
        let mut recipients: Vec<Value> = recipients.collect();
        if recipients.is_empty() {
            recipients.push(json!({ "@id": CONTROLLER }));
        }
        let mut conditions = self.locations(&vendors);
        conditions.extend(all().map(|item| {
            json!({ "@type": "dpv:StorageDuration", "dpv:hasDuration": text(item, "retention") })
        }));
        json!({
            "@type": "dpv:Process",
            "dct:title": outcome.category,
            "dpv:hasPurpose": purposes.collect::<Vec<_>>(),
            "dpv:hasPersonalData": data,
            "dpv:hasDataController": { "@id": CONTROLLER },
            "dpv:hasRecipient": recipients,
            "dpv:hasStorageCondition": conditions,
            "dpv:hasLegalBasis": ["eu-gdpr:A6-1-a", "dpv:ExplicitlyExpressedConsent"],
            "dpv:hasConsentStatus": self.status(outcome),
            "dpv:hasConsentControl": { "@type": "dpv:WithdrawConsent", "schema:url": self.preferences },
        })
    }

    /// When, by whom and how it was said, and until when it counts.
    fn status(&self, outcome: &Outcome) -> Value {
        let event = self.event;
        let lifetime = self.policy.get("lifetime_seconds").and_then(Value::as_u64);
        let until = event.at.plus(lifetime.unwrap_or_default());
        json!({
            "@type": status(outcome),
            "dct:date": event.at.rfc3339(),
            "dct:valid": format!("{}/{}", event.at.rfc3339(), until.rfc3339()),
            "dpv:isIndicatedAtTime": event.at.rfc3339(),
            "dpv:hasDuration": format!("P{}D", lifetime.unwrap_or_default() / 86_400),
            "dpv:isIndicatedBy": { "@id": urn(event.receipt.as_bytes()) },
            "dpv:hasIndicationMethod": format!("{}, {}", event.layer, event.method),
            "dpv:isImplementedByEntity": { "@id": CONTROLLER },
        })
    }

    /// Where this record and what the services store is kept.
    fn locations(&self, vendors: &[&Value]) -> Vec<Value> {
        let kept = self
            .policy
            .get("records")
            .and_then(|records| records.get("stored_in"));
        let own = kept.and_then(Value::as_array).into_iter().flatten();
        let theirs = vendors.iter().filter_map(|vendor| vendor.get("country"));
        let mut countries: Vec<&str> = own
            .chain(theirs)
            .filter_map(Value::as_str)
            .filter(|country| !country.is_empty())
            .collect();
        countries.sort_unstable();
        countries.dedup();
        let places: Vec<String> = countries
            .iter()
            .map(|country| format!("loc:{country}"))
            .collect();
        vec![json!({ "@type": "dpv:StorageLocation", "dpv:hasLocation": places })]
    }

    fn entities(&self, subject: &str) -> Value {
        let nothing = Value::Null;
        let controller = self.policy.get("controller").unwrap_or(&nothing);
        let mut entities = vec![
            json!({ "@id": subject, "@type": "dpv:DataSubject", "dct:identifier": self.event.receipt.to_hex() }),
            json!({
                "@id": CONTROLLER,
                "@type": "dpv:DataController",
                "dct:identifier": CONTROLLER,
                "schema:name": text(controller, "name"),
                "schema:address": { "@type": "schema:PostalAddress", "schema:streetAddress": text(controller, "address"), "schema:addressCountry": text(controller, "country") },
                "schema:contactPoint": { "@type": "schema:ContactPoint", "schema:description": text(controller, "contact") },
            }),
        ];
        let vendors = self.policy.get("vendors").and_then(Value::as_array);
        for vendor in vendors.into_iter().flatten() {
            if !is_first_party(vendor) && text(vendor, "category") != "necessary" {
                entities.push(json!({
                    "@id": party(vendor),
                    "@type": ["dpv:ThirdParty", "dpv:Recipient"],
                    "dct:identifier": text(vendor, "id"),
                    "schema:name": text(vendor, "provider"),
                    "schema:address": { "@type": "schema:PostalAddress", "schema:addressCountry": text(vendor, "country") },
                    "schema:contactPoint": { "@type": "schema:ContactPoint", "schema:url": text(vendor, "policy_url") },
                }));
            }
        }
        Value::Array(entities)
    }

    fn jurisdiction(&self) -> Value {
        let controller = self.policy.get("controller");
        let country = controller.map_or("", |controller| text(controller, "country"));
        json!([format!("loc:{country}"), self.event.jurisdiction])
    }

    /// What the policy declares in one category.
    fn of(&self, list: &str, outcome: &Outcome) -> impl Iterator<Item = &Value> {
        let category = outcome.category.as_str();
        let items = self.policy.get(list).and_then(Value::as_array);
        let mine = move |item: &&Value| {
            text(item, "category") == category && text(item, "user_requested").is_empty()
        };
        items.into_iter().flatten().filter(mine)
    }

    fn text(&self, field: &str) -> &str {
        text(self.policy, field)
    }
}

const CONTROLLER: &str = "urn:tower-consent:controller";

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn is_first_party(vendor: &Value) -> bool {
    vendor
        .get("first_party")
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

fn party(vendor: &Value) -> String {
    format!("urn:tower-consent:vendor:{}", text(vendor, "id"))
}

/// The DPV's term for where a category stands after an event.
fn status(outcome: &Outcome) -> &'static str {
    match (outcome.change, outcome.state) {
        (Some(EventKind::Expired), _) => "dpv:ConsentExpired",
        (Some(EventKind::Invalidated), _) => "dpv:ConsentInvalidated",
        (_, State::Granted) => "dpv:ConsentGiven",
        (Some(EventKind::Withdrawn | EventKind::Signal | EventKind::Objected), _) => {
            "dpv:ConsentWithdrawn"
        }
        (_, State::Refused) => "dpv:ConsentRefused",
        (_, _) => "dpv:ConsentUnknown",
    }
}

/// 128 bits as a name that is unique anywhere (RFC 9562).
fn urn(bytes: &[u8; 16]) -> String {
    let mut urn = "urn:uuid:".to_owned();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            urn.push('-');
        }
        urn += &format!("{byte:02x}");
    }
    urn
}
