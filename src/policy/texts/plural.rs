//! Which form does a number ask for?
//!
//! The rules of CLDR for whole numbers, for the built-in languages. A text has
//! a form for each of its language's plurals, with `|` between them.
//!
//! Source: <https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html>

/// How many forms a language has, and which of them `n` takes.
fn form(language: &str, n: u64) -> (usize, usize) {
    let (tens, hundreds) = (n % 10, n % 100);
    let one_or_other = |one: bool| (2, usize::from(!one));
    match language {
        "ja" | "ko" | "zh-Hans" | "zh-Hant" => (1, 0),
        "fr" | "pt-BR" | "hi" => one_or_other(n <= 1),
        "is" => one_or_other(tens == 1 && hundreds != 11),
        "he" => (3, if n == 0 { 2 } else { n.min(3) as usize - 1 }),
        "cs" | "sk" => (
            3,
            match n {
                1 => 0,
                2..=4 => 1,
                _ => 2,
            },
        ),
        "hr" | "uk" => (
            3,
            match (tens, hundreds) {
                (1, h) if h != 11 => 0,
                (2..=4, h) if !(12..=14).contains(&h) => 1,
                _ => 2,
            },
        ),
        "pl" => (
            3,
            match (n, tens, hundreds) {
                (1, ..) => 0,
                (_, 2..=4, h) if !(12..=14).contains(&h) => 1,
                _ => 2,
            },
        ),
        "sl" => (
            4,
            match hundreds {
                1 => 0,
                2 => 1,
                3 | 4 => 2,
                _ => 3,
            },
        ),
        "lt" => (
            3,
            match (tens, hundreds) {
                (0, _) | (_, 11..=19) => 2,
                (1, _) => 0,
                _ => 1,
            },
        ),
        "lv" => (
            3,
            match (tens, hundreds) {
                (0, _) | (_, 11..=19) => 0,
                (1, _) => 1,
                _ => 2,
            },
        ),
        "ro" => (
            3,
            match (n, hundreds) {
                (1, _) => 0,
                (0, _) | (_, 1..=19) => 1,
                _ => 2,
            },
        ),
        "ga" => (
            5,
            match n {
                1 => 0,
                2 => 1,
                3..=6 => 2,
                7..=10 => 3,
                _ => 4,
            },
        ),
        "mt" => (
            5,
            match (n, hundreds) {
                (1, _) => 0,
                (2, _) => 1,
                (0, _) | (_, 3..=10) => 2,
                (_, 11..=19) => 3,
                _ => 4,
            },
        ),
        "ar" => (
            6,
            match (n, hundreds) {
                (0..=2, _) => n as usize,
                (_, 3..=10) => 3,
                (_, 11..=99) => 4,
                _ => 5,
            },
        ),
        _ => one_or_other(n == 1),
    }
}

/// How many forms a text has in this language.
pub(crate) fn forms(language: &str) -> usize {
    form(language, 0).0
}

/// The form of `text` for `n`, with `number` in place of `{n}`. A text with
/// fewer forms than its language has ends in the one for all the rest.
pub(crate) fn counted(text: &str, language: &str, n: u64, number: &str) -> String {
    let (_, wanted) = form(language, n);
    let form = text.split('|').nth(wanted);
    let form = form.or_else(|| text.split('|').next_back());
    form.unwrap_or_default().replace("{n}", number)
}

/// What stands between groups of three digits, and from how many digits on.
fn grouping(language: &str) -> (&'static str, usize) {
    match language {
        "en" | "ga" | "he" | "hi" | "ja" | "ko" | "mt" | "zh-Hans" | "zh-Hant" | "ar" => (",", 4),
        "da" | "de" | "el" | "hr" | "is" | "nl" | "pt-BR" | "ro" | "sl" | "tr" | "it" => (".", 4),
        "es" => (".", 5),
        "fr" => ("\u{202f}", 4),
        "bg" | "hu" | "pl" | "pt" | "et" | "lv" => ("\u{a0}", 5),
        _ => ("\u{a0}", 4),
    }
}

/// A whole number as the language writes it.
pub(crate) fn number(language: &str, n: u64) -> String {
    let digits = n.to_string();
    let (separator, from) = grouping(language);
    if digits.len() < from {
        return digits;
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out += separator;
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms that 0 and up take in one language, as digits.
    fn taken(language: &str, numbers: impl IntoIterator<Item = u64>) -> String {
        let all = numbers.into_iter().map(|n| form(language, n).1.to_string());
        all.collect()
    }

    // covers T43
    #[test]
    fn numbers_take_the_forms_that_cldr_gives_them() {
        for (language, expected) in [
            ("en", "101111111111"),
            ("fr", "001111111111"),
            ("ja", "000000000000"),
            ("pl", "201112222222"),
            ("cs", "201112222222"),
            ("lt", "201111111122"),
            ("lv", "012222222200"),
            ("ro", "101111111111"),
            ("sl", "301223333333"),
            ("ga", "401222233334"),
            ("mt", "201222222223"),
            ("ar", "012333333334"),
            ("he", "201222222222"),
            ("is", "101111111111"),
        ] {
            assert_eq!(taken(language, 0..12), expected, "{language}");
        }
        let more = [20, 21, 22, 25, 100, 101, 102, 103, 111, 112, 121];
        for (language, expected) in [
            ("pl", "22122211222"),
            ("uk", "20122011220"),
            ("ro", "22222111112"),
            ("sl", "33333012333"),
            ("is", "10111011110"),
            ("ar", "44445553444"),
        ] {
            assert_eq!(taken(language, more), expected, "{language}");
        }
    }

    #[test]
    fn a_text_with_one_form_serves_every_number() {
        assert_eq!(counted("{n} ay", "tr", 7, "7"), "7 ay");
        assert_eq!(counted("{n} day|{n} days", "en", 1, "1"), "1 day");
        assert_eq!(counted("{n} day|{n} days", "en", 90, "90"), "90 days");
        assert_eq!(
            counted("يوم|يوم واحد|يومان|{n} أيام|{n} يومًا|{n} يوم", "ar", 2, "2"),
            "يومان"
        );
    }

    #[test]
    fn long_numbers_are_grouped_as_the_language_does() {
        for (language, expected) in [
            ("en", "1,234,567"),
            ("de", "1.234.567"),
            ("fr", "1\u{202f}234\u{202f}567"),
            ("pl", "1\u{a0}234\u{a0}567"),
        ] {
            assert_eq!(number(language, 1_234_567), expected);
            assert_eq!(number(language, 184), "184");
        }
        assert_eq!(
            (number("es", 1234), number("de", 1234)),
            ("1234".into(), "1.234".into())
        );
    }
}
