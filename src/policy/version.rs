//! Which version of its privacy policy does a site have, and whom does a change concern?
//!
//! A change that matters asks again about what it touches and about nothing
//! else; a change of wording asks nobody and is told by a bar that can be closed.

use serde::Deserialize;
use time::{Date, Month};

use super::error::Problems;
use crate::category::{Category, CategorySet};

/// One version of the site's privacy policy.
///
/// ```
/// use tower_consent::{Category, Policy, PolicyVersion};
///
/// # fn main() -> Result<(), tower_consent::PolicyError> {
/// let policy = Policy::builder("2026-09-01")
///     // Marketing alone is asked about again.
///     .amended(PolicyVersion::new("2026-11-01").material([Category::Marketing]))
///     // Better wording: a bar tells of it, and nobody is asked again.
///     .amended(PolicyVersion::new("2026-12-01"))
///     .build()?;
/// assert_eq!(policy.version().id(), "2026-12-01");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyVersion {
    pub(super) id: String,
    #[serde(default)]
    pub(super) effective_date: String,
    #[serde(default)]
    pub(super) material: Vec<Category>,
}

impl PolicyVersion {
    /// A version with a short id, such as its date. It is material to nothing
    /// until [`material`](Self::material) says so. An id that is a date
    /// (`YYYY-MM-DD`) is the effective date, too.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            effective_date: String::new(),
            material: Vec::new(),
        }
    }

    /// The day from which it applies, `YYYY-MM-DD`. Default: the id, where that is a date.
    #[must_use]
    pub fn effective(mut self, date: impl Into<String>) -> Self {
        self.effective_date = date.into();
        self
    }

    /// Asks again about these categories, whose earlier choices no longer
    /// count. [`Category::Necessary`] stands for everything, such as another
    /// controller. Default: none.
    #[must_use]
    pub fn material(mut self, categories: impl IntoIterator<Item = Category>) -> Self {
        self.material.extend(categories);
        self
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The day from which it applies, `YYYY-MM-DD`; `None` where none was given.
    #[must_use]
    pub fn effective_date(&self) -> Option<&str> {
        [&*self.effective_date, &*self.id]
            .into_iter()
            .find(|text| date(text).is_some())
    }

    /// The categories that it asks about again.
    #[must_use]
    pub fn material_to(&self) -> CategorySet {
        if self.material.contains(&Category::Necessary) {
            return Category::ALL.into_iter().collect();
        }
        self.material.iter().copied().collect()
    }

    /// When it begins to apply, in seconds since 1970.
    pub(crate) fn applies_from(&self) -> Option<u64> {
        let day = date(self.effective_date()?)?;
        u64::try_from(day.midnight().assume_utc().unix_timestamp()).ok()
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if self.id.trim().is_empty() || self.id.len() > 64 {
            problems.add(
                "the id of a policy version is empty or over 64 bytes",
                "PolicyVersion::new(\"2026-11-01\")",
            );
        }
        if !self.effective_date.is_empty() && date(&self.effective_date).is_none() {
            problems.add(
                format!(
                    "the effective date `{}` is not a day written as YYYY-MM-DD",
                    self.effective_date
                ),
                ".effective(\"2026-11-01\")",
            );
        }
    }
}

impl<S: Into<String>> From<S> for PolicyVersion {
    fn from(id: S) -> Self {
        Self::new(id)
    }
}

/// The id of the newest version that is material to `category`.
pub(super) fn material_revision<'a>(
    first: &'a str,
    amendments: &'a [PolicyVersion],
    category: Category,
) -> &'a str {
    amendments
        .iter()
        .rev()
        .find(|version| version.material_to().contains(category))
        .map_or(first, |version| &version.id)
}

/// Reads a day written as `YYYY-MM-DD`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = (year.len(), month.len(), day.len()) == (4, 2, 2)
        && parts.next().is_none()
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !plain {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_calendar_and_nothing_else() {
        let applies = |id: &str| PolicyVersion::new(id).applies_from();
        assert_eq!(applies("2026-09-01"), Some(1_788_220_800));
        for id in [
            "v2",
            "2026-02-30",
            "2026-9-1",
            "+026-09-01",
            "2026-09-01T00",
            "2026-09",
            "",
        ] {
            assert_eq!(applies(id), None, "{id}");
        }
        let named = PolicyVersion::new("v2").effective("2026-09-01");
        assert_eq!(named.effective_date(), Some("2026-09-01"));
    }
}
