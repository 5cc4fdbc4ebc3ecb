//! What is known about one choice?

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::category::Category;
use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId, ReceiptId};
use crate::standing::State;

/// The form of an event's text. A reader of this version reads 1.
const SCHEMA: u8 = 1;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EventKind {
    /// The visitor granted something that was not granted before.
    Given,
    /// The visitor refused, where nothing had been granted.
    Refused,
    /// The visitor took something back.
    Withdrawn,
    /// A choice outlived its time.
    Expired,
    /// A choice ended because what had been asked changed.
    Invalidated,
    /// The visitor objected to what runs without consent.
    Objected,
    /// The browser's signal took something away.
    Signal,
}

impl EventKind {
    /// The lower-case English name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Invalidated => "invalidated",
            Self::Objected => "objected",
            Self::Signal => "signal",
        }
    }
}

/// What came of an event in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The category.
    pub category: Category,
    /// Where the visitor stands in it after the event.
    pub state: State,
    /// What the event did to it; `None` where it stands as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<EventKind>,
    /// A digest, in hexadecimal, of what was asked about it.
    pub asked: String,
    /// The vendors refused although the category is granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_vendors: Vec<String>,
    /// The vendors granted although the category is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted_vendors: Vec<String>,
}

impl Outcome {
    /// An outcome without vendors that stand otherwise.
    #[must_use]
    pub fn new(category: Category, state: State) -> Self {
        Self {
            category,
            state,
            change: None,
            asked: String::new(),
            refused_vendors: Vec::new(),
            granted_vendors: Vec::new(),
        }
    }
}

/// One event of a visitor's record: who (a random id), when, what was asked in
/// which words, how it was answered, and what came of it. Never an address, a
/// user agent or a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The form of this text: 1.
    pub schema: u8,
    /// The event's own name.
    pub id: EventId,
    /// The visitor's record.
    pub receipt: ReceiptId,
    /// The server's time, in seconds since 1970.
    #[serde(serialize_with = "seconds", deserialize_with = "from_seconds")]
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The site, as the policy names it.
    pub site: String,
    /// The policy's revision.
    pub revision: String,
    /// What came of it, for each optional category.
    pub outcomes: Vec<Outcome>,
    /// The language of the texts shown, as a BCP 47 tag.
    pub locale: String,
    /// The banner's text, in the archive.
    pub banner: ArtefactId,
    /// The preferences page's text, in the archive.
    pub preferences: ArtefactId,
    /// Everything that the policy declares, in the archive.
    pub policy: ArtefactId,
    /// How the banner was put into the page.
    pub variant: String,
    /// Where the visitor clicked: `banner`, `preferences`, `embed` or
    /// `application`; `signal` or `none` where nobody clicked.
    pub layer: String,
    /// How the choice was sent: `form`, `script` or `application`; `signal` or
    /// `none` where nobody clicked.
    pub method: String,
    /// The privacy signals of the request, such as `gpc`.
    pub signals: Vec<String>,
    /// The rules that applied, by the name of their jurisdiction.
    pub jurisdiction: String,
}

impl Event {
    /// An event of which only these things are known; the rest is blank.
    #[must_use]
    pub fn new(id: EventId, receipt: ReceiptId, at: Timestamp, kind: EventKind) -> Self {
        let nothing = ArtefactId::OF_NOTHING;
        Self {
            schema: SCHEMA,
            id,
            receipt,
            at,
            kind,
            site: String::new(),
            revision: String::new(),
            outcomes: Vec::new(),
            locale: String::new(),
            banner: nothing,
            preferences: nothing,
            policy: nothing,
            variant: String::new(),
            layer: "none".to_owned(),
            method: "none".to_owned(),
            signals: Vec::new(),
            jurisdiction: String::new(),
        }
    }

    /// The texts and settings that the event names, each once.
    #[must_use]
    pub fn artefacts(&self) -> Vec<ArtefactId> {
        each_once([self.banner, self.preferences, self.policy])
    }
}

pub(super) fn each_once(named: [ArtefactId; 3]) -> Vec<ArtefactId> {
    let mut named = named.to_vec();
    named.sort_unstable();
    named.dedup();
    named
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn seconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.unix_seconds())
}

fn from_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    u64::deserialize(deserializer).map(Timestamp::from_unix_seconds)
}
