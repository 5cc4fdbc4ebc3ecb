//! Which of a site's languages serves this reader best?
//!
//! Tags are matched as RFC 4647, section 3.4, looks them up: from the whole tag
//! to its first part. Chinese is told apart by its script, which most tags name
//! only by a region, and Norwegian has several names.

/// How much of a header is read, in bytes, so that nobody can make it costly.
const MAX_HEADER: usize = 512;
/// The weight of a range that names none, in thousandths.
const MOST: u16 = 1000;

/// The position of the tag in `spoken` that serves a reader of `wanted`.
pub(crate) fn lookup<'a>(
    wanted: &str,
    spoken: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<usize> {
    if !is_tag(wanted) {
        return None;
    }
    let find = |tag: &str| {
        spoken
            .clone()
            .position(|known| known.eq_ignore_ascii_case(tag))
    };
    let mut range = wanted;
    loop {
        if let Some(found) = find(range).or_else(|| find(other_name(range)?)) {
            return Some(found);
        }
        let Some((shorter, _)) = range.rsplit_once('-') else {
            break;
        };
        range = shorter;
        // A part of one letter introduces the next one and means nothing alone.
        if let Some((before, last)) = range.rsplit_once('-')
            && last.len() == 1
        {
            range = before;
        }
    }
    // Another country's form is read more easily than another language.
    let primary = first_part(range);
    spoken
        .clone()
        .position(|known| first_part(known).eq_ignore_ascii_case(primary))
}

/// The position of the tag in `spoken` that an `Accept-Language` asks for first.
pub(crate) fn accepted<'a>(
    header: &[u8],
    spoken: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<usize> {
    let header = header.get(..MAX_HEADER).unwrap_or(header);
    let mut best = None;
    let mut most = 0;
    for range in header.split(|byte| *byte == b',') {
        let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let tag = parts.next().and_then(|tag| std::str::from_utf8(tag).ok());
        let weight = parts.find_map(weight).unwrap_or(MOST);
        if weight <= most {
            continue;
        }
        let found = match tag {
            Some("*") => Some(0),
            Some(tag) => lookup(tag, spoken),
            None => None,
        };
        if found.is_some() {
            (best, most) = (found, weight);
        }
        if most == MOST {
            break;
        }
    }
    best
}

/// Whether this is shaped as a language tag, and so safe in markup and addresses.
pub(crate) fn is_tag(text: &str) -> bool {
    text.len() <= 35
        && text.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
}

/// The weight in thousandths (RFC 9110, section 12.4.2); 0 where it cannot be read.
fn weight(parameter: &[u8]) -> Option<u16> {
    let (name, value) = parameter.split_at_checked(2)?;
    if !name.eq_ignore_ascii_case(b"q=") {
        return None;
    }
    let text = std::str::from_utf8(value).ok()?;
    let weight: f32 = text.parse().unwrap_or(0.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    Some((weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

fn first_part(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// The tag that our languages have for what others call otherwise.
fn other_name(tag: &str) -> Option<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("zh-tw", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
        ("zh-mo", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("yue", "zh-Hant"),
        ("cmn-hant", "zh-Hant"),
        ("cmn", "zh-Hans"),
        ("no", "nb"),
        ("nn", "nb"),
        ("iw", "he"),
        ("mo", "ro"),
        ("gsw", "de"),
    ];
    let other = NAMES
        .iter()
        .find(|(name, _)| tag.eq_ignore_ascii_case(name));
    other.map(|(_, tag)| *tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOKEN: &[&str] = &["en", "de", "fr", "nb", "pt", "pt-BR", "zh-Hans", "zh-Hant"];

    fn find(wanted: &str) -> Option<&'static str> {
        let found = lookup(wanted, &SPOKEN.iter().copied())?;
        SPOKEN.get(found).copied()
    }

    fn accept(header: &str) -> Option<&'static str> {
        let found = accepted(header.as_bytes(), &SPOKEN.iter().copied())?;
        SPOKEN.get(found).copied()
    }

    // covers T43
    #[test]
    fn a_tag_finds_the_nearest_language() {
        for (wanted, found) in [
            ("de", "de"),
            ("DE-at", "de"),
            ("de-Latn-DE-1996-x-twain", "de"),
            ("pt-BR", "pt-BR"),
            ("pt-PT", "pt"),
            ("pt", "pt"),
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-Hant-HK", "zh-Hant"),
            ("zh-HK", "zh-Hant"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("en-x-a", "en"),
        ] {
            assert_eq!(find(wanted), Some(found), "{wanted}");
        }
        for wanted in [
            "",
            "ca",
            "d",
            "de\"",
            "-de",
            "de-",
            "*",
            "de_AT",
            "deutsch-lang",
        ] {
            assert_eq!(find(wanted), None, "{wanted}");
        }
        assert_eq!(lookup("pt", &["en", "pt-BR"].into_iter()), Some(1));
        assert_eq!(lookup("zh-TW", &["en", "zh-Hans"].into_iter()), Some(1));
    }

    // covers T43
    #[test]
    fn the_heaviest_range_that_is_spoken_wins() {
        for (header, found) in [
            ("de-DE,de;q=0.9,en;q=0.8", "de"),
            ("ca, fr;q=0.5, en;q=0.4", "fr"),
            ("en;q=0.1, de;q=0.2", "de"),
            ("de;q=0, fr;q=0.001", "fr"),
            ("ca,*;q=0.5", "en"),
            ("fr;Q=0.7 , de ; q=0.8", "de"),
            ("de, fr", "de"),
        ] {
            assert_eq!(accept(header), Some(found), "{header}");
        }
        for header in ["", "ca", "de;q=0", "de;q=x", ",;", "\u{e9}"] {
            assert_eq!(accept(header), None, "{header}");
        }
        let long = format!("{}de", "ca,".repeat(400));
        assert_eq!(accept(&long), None);
    }
}
