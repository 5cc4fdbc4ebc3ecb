//! How are numbers, times and dates said?

use std::borrow::Cow;

use time::{Date, OffsetDateTime};

use super::keys::Texts;
use super::plural::{counted, number};

impl Texts {
    /// The form of `text`, one of these texts, for `n`.
    pub(crate) fn count(&self, text: &str, n: u64) -> String {
        counted(text, &self.language, n, &number(&self.language, n))
    }

    /// A day as the language writes it out.
    pub(crate) fn day(&self, date: Date) -> String {
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let first = self.date.split('|').nth(1).filter(|_| day == 1);
        let form = first.or_else(|| self.date.split('|').next());
        let name = self.month_names.split('|').nth(usize::from(month) - 1);
        form.unwrap_or_default()
            .replace("{d}", &day.to_string())
            .replace("{month}", name.unwrap_or_default())
            .replace("{m}", &month.to_string())
            .replace("{y}", &year.to_string())
    }

    /// Says that the present choice was made at this time, in seconds since 1970.
    pub(crate) fn chosen_at(&self, seconds: u64) -> Option<String> {
        let day = self.day(day_at(seconds)?);
        Some(self.chosen_on.replace("{date}", &day))
    }

    /// How long something is kept, told as the catalog tells it in English, such
    /// as `up to 13 months`. What is not understood is the site's own and stays.
    pub(crate) fn retention<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let parts: Option<Vec<String>> = text.split("; ").map(|part| self.kept(part)).collect();
        parts.map_or(Cow::Borrowed(text), |parts| parts.join("; ").into())
    }

    fn kept(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let fixed = match text {
            "until the browser closes" => Some(&self.until_closed),
            "until the browser's data is deleted" => Some(&self.until_deleted),
            "no cookies" => Some(&self.no_cookies),
            "as long as this site keeps its statistics" => Some(&self.site_decides),
            "as each service states" => Some(&self.as_stated),
            _ => None,
        };
        if let Some(fixed) = fixed {
            return Some(fixed.to_string());
        }
        if let Some(most) = text.strip_prefix("up to ") {
            return Some(self.up_to.replace("{time}", &self.time(most)?));
        }
        self.time(text)
    }

    /// A length of time in English, such as `13 months`.
    fn time(&self, text: &str) -> Option<String> {
        let (count, unit) = text.split_once(' ')?;
        let unit = match unit {
            "hour" | "hours" => &self.hours,
            "day" | "days" => &self.days,
            "month" | "months" => &self.months,
            "year" | "years" => &self.years,
            _ => return None,
        };
        Some(self.count(unit, count.parse().ok()?))
    }
}

/// The day, in UTC, of a time in seconds since 1970.
pub(crate) fn day_at(seconds: u64) -> Option<Date> {
    let seconds = i64::try_from(seconds).ok()?;
    Some(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed look-up fails the test")]
mod tests {
    use super::*;
    use crate::policy::catalog;

    // covers T43
    #[test]
    fn times_are_said_in_the_readers_language() {
        let german = Texts::of("de").unwrap();
        for (english, said) in [
            ("up to 13 months", "höchstens 13 Monate"),
            ("up to 1 year", "höchstens 1 Jahr"),
            ("1 day", "1 Tag"),
            ("184 days", "184 Tage"),
            (
                "until the browser closes",
                "bis der Browser geschlossen wird",
            ),
            (
                "no cookies; up to 4 hours",
                "keine Cookies; höchstens 4 Stunden",
            ),
            ("solange das Konto besteht", "solange das Konto besteht"),
            ("up to a year", "up to a year"),
        ] {
            assert_eq!(german.retention(english), said);
            assert_eq!(Texts::default().retention(english), english);
        }
    }

    #[test]
    fn every_time_in_the_catalog_is_understood() {
        let german = Texts::of("de").unwrap();
        for vendor in catalog::vendors().chain(catalog::defaults()) {
            let told = vendor.retention();
            assert_ne!(german.retention(told), told, "{}", vendor.id());
            assert_eq!(Texts::default().retention(told), told, "{}", vendor.id());
        }
    }

    // covers T43
    #[test]
    fn dates_are_written_out() {
        let day = |day| Date::from_calendar_date(2026, time::Month::September, day).unwrap();
        assert_eq!(Texts::default().day(day(1)), "1 September 2026");
        assert_eq!(Texts::of("de").unwrap().day(day(22)), "22. September 2026");
    }
}
