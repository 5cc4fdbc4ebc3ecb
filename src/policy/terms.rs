//! Who answers for a record of consent, and how long is it kept?

use serde::Deserialize;

use super::error::Problems;

/// Nobody needs the proof of a consent ten years after it was given.
const MAX_RETENTION_DAYS: u32 = 3_660;
const SECONDS_PER_DAY: u64 = 86_400;

/// Who decides what visitors' data is used for (GDPR Article 4(7)), as every
/// exported record names them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Controller {
    name: String,
    address: String,
    contact: String,
    country: String,
}

impl Controller {
    /// The legal name, the postal address, an e-mail address or telephone
    /// number for questions, and the country as two letters (ISO 3166-1).
    pub fn new(
        name: impl Into<String>,
        address: impl Into<String>,
        contact: impl Into<String>,
        country: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            contact: contact.into(),
            country: country.into(),
        }
    }

    /// The legal name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The postal address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where questions go.
    #[must_use]
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// The country, as two letters.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    fn check(&self, problems: &mut Problems) {
        let blank = [
            ("name", &self.name),
            ("address", &self.address),
            ("contact", &self.contact),
        ];
        for (field, value) in blank {
            if value.trim().is_empty() {
                problems.add(
                    format!("the controller's {field} is blank"),
                    "Controller::new(\"Shop Ltd\", \"1 Main Street, Dublin\", \"privacy@shop.example\", \"IE\")",
                );
            }
        }
        check_country(&self.country, "the controller's country", problems);
    }
}

/// How records are kept. See [`PolicyBuilder::records`](crate::PolicyBuilder::records).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct RecordTerms {
    retention_days: u32,
    stored_in: Vec<String>,
}

impl RecordTerms {
    /// Records are kept for so many days from each event, which must be at
    /// least as long as a choice counts and at most 3660, in these countries,
    /// each as two letters (ISO 3166-1). There is no statute: the time in which
    /// a consent may be disputed after it ended is a sound measure, often 24
    /// months, so 184 + 730 days.
    pub fn new<S: Into<String>>(
        retention_days: u32,
        stored_in: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            retention_days,
            stored_in: stored_in.into_iter().map(Into::into).collect(),
        }
    }

    /// Days for which a record is kept after each event.
    #[must_use]
    pub const fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// The same in seconds.
    #[must_use]
    pub fn retention_seconds(&self) -> u64 {
        u64::from(self.retention_days) * SECONDS_PER_DAY
    }

    /// The countries that records are kept in.
    #[must_use]
    pub fn stored_in(&self) -> &[String] {
        &self.stored_in
    }

    fn check(&self, lifetime_days: u32, problems: &mut Problems) {
        if self.retention_days < lifetime_days || self.retention_days > MAX_RETENTION_DAYS {
            problems.add(
                format!(
                    "records are kept for {} days, which is not between a choice's {lifetime_days} and {MAX_RETENTION_DAYS}",
                    self.retention_days
                ),
                ".records(RecordTerms::new(184 + 730, [\"IE\"]))",
            );
        }
        if self.stored_in.is_empty() {
            problems.add(
                "nothing says in which countries records are kept",
                ".records(RecordTerms::new(184 + 730, [\"IE\"]))",
            );
        }
        for country in &self.stored_in {
            check_country(country, "a country that records are kept in", problems);
        }
    }
}

/// Collects what is wrong with both together.
pub(super) fn check(
    controller: Option<&Controller>,
    records: Option<&RecordTerms>,
    lifetime_days: u32,
    problems: &mut Problems,
) {
    match (controller, records) {
        (Some(controller), _) => controller.check(problems),
        (None, Some(_)) => problems.add(
            "records are kept and nothing says who answers for them",
            ".controller(Controller::new(\"Shop Ltd\", \"1 Main Street, Dublin\", \"privacy@shop.example\", \"IE\"))",
        ),
        (None, None) => {}
    }
    if let Some(terms) = records {
        terms.check(lifetime_days, problems);
    }
}

fn check_country(country: &str, what: &str, problems: &mut Problems) {
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        problems.add(
            format!("{what}, `{country}`, is not two capital letters"),
            "use the code of ISO 3166-1, such as \"IE\"",
        );
    }
}
