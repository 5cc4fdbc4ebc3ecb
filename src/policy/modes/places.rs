//! Where may tags load before a choice?
//!
//! Nowhere where the law asks for consent to that.

use serde::{Deserialize, Deserializer};

use crate::jurisdiction::Jurisdiction;
use crate::policy::error::Problems;

/// The places where the advanced form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::policy) struct Places(Vec<Jurisdiction>);

impl Places {
    pub(in crate::policy) fn contain(&self, place: Jurisdiction) -> bool {
        self.0.contains(&place) && !place.forbids_loading_ahead()
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if self.0.is_empty() {
            problems.add(
                "Google's advanced consent mode holds nowhere",
                "GoogleConsentMode::basic()",
            );
        }
        for place in self.0.iter().filter(|place| place.forbids_loading_ahead()) {
            problems.add(
                format!("Google's advanced consent mode would load tags before consent at `{place}`, where that needs consent"),
                "GoogleAdvancedConsentMode::only_in([Jurisdiction::Us(UsRule::Strict)])",
            );
        }
    }
}

impl FromIterator<Jurisdiction> for Places {
    fn from_iter<I: IntoIterator<Item = Jurisdiction>>(places: I) -> Self {
        Self(places.into_iter().collect())
    }
}

/// Read by their short names.
impl<'de> Deserialize<'de> for Places {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let place = |name: &String| {
            let unknown = || serde::de::Error::custom(format!("there is no place `{name}`"));
            Jurisdiction::named(name).ok_or_else(unknown)
        };
        let places: Result<Vec<_>, _> = names.iter().map(place).collect();
        places.map(Self)
    }
}
