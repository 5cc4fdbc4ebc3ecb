//! Is this a document, or a piece of one, and in which language?

use crate::policy::is_tag;

/// How much of a body is looked at.
const MAX_SNIFFED: usize = 1024;

/// Reads the start of a body, in whatever pieces it comes.
#[derive(Debug, Default)]
pub(crate) struct Sniff {
    start: Vec<u8>,
    /// What the start says, where the first piece held all of it.
    said: Option<Said>,
}

/// What the start of a body says.
#[derive(Debug)]
struct Said {
    is_document: bool,
    language: Option<String>,
}

impl Sniff {
    /// Takes the next piece.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        if self.is_over() {
            return;
        }
        if let (true, Some(start)) = (self.start.is_empty(), piece.get(..MAX_SNIFFED)) {
            let first = first_tag(start);
            self.said = Some(Said {
                is_document: first.is_some_and(starts_document),
                language: first.and_then(language).map(str::to_owned),
            });
            return;
        }
        let missing = MAX_SNIFFED.saturating_sub(self.start.len());
        self.start
            .extend_from_slice(piece.get(..missing).unwrap_or(piece));
    }

    /// Whether there is nothing more to read.
    pub(crate) fn is_over(&self) -> bool {
        self.said.is_some() || self.start.len() >= MAX_SNIFFED
    }

    /// Whether what came so far starts as a document does: a doctype or one of
    /// its outer elements, after white space, a byte order mark and comments.
    pub(crate) fn is_document(&self) -> bool {
        match &self.said {
            Some(said) => said.is_document,
            None => first_tag(&self.start).is_some_and(starts_document),
        }
    }

    /// The language that the document's own start tag names.
    pub(crate) fn language(&self) -> Option<&str> {
        match &self.said {
            Some(said) => said.language.as_deref(),
            None => language(first_tag(&self.start)?),
        }
    }
}

fn starts_document(html: &[u8]) -> bool {
    [&b"<!doctype"[..], b"<html", b"<head", b"<body"]
        .iter()
        .any(|start| starts_with(html, start))
}

/// `html` begins with the first tag.
fn language(mut html: &[u8]) -> Option<&str> {
    if starts_with(html, b"<!doctype") {
        html = after_comments(html.get(memchr::memchr(b'>', html)? + 1..)?)?;
    }
    if !starts_with(html, b"<html") {
        return None;
    }
    let tag = html.get(5..memchr::memchr(b'>', html)?)?;
    let language = std::str::from_utf8(attribute(tag, b"lang")?).ok()?.trim();
    is_tag(language).then_some(language)
}

/// What stands behind a byte order mark and comments.
fn first_tag(html: &[u8]) -> Option<&[u8]> {
    after_comments(html.strip_prefix(b"\xef\xbb\xbf").unwrap_or(html))
}

fn starts_with(html: &[u8], start: &[u8]) -> bool {
    html.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// The value of an attribute of a start tag that holds nothing unusual.
pub(super) fn attribute<'a>(mut tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    loop {
        tag = tag.trim_ascii_start();
        let end = tag
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || *byte == b'=')
            .unwrap_or(tag.len());
        if end == 0 {
            return None;
        }
        let (found, rest) = tag.split_at_checked(end)?;
        let rest = rest.trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else {
            tag = rest;
            continue;
        };
        let value = value.trim_ascii_start();
        let (value, rest) = match value.split_first()? {
            (quote @ (b'"' | b'\''), quoted) => {
                let end = memchr::memchr(*quote, quoted)?;
                (quoted.get(..end)?, quoted.get(end + 1..)?)
            }
            _ => {
                let end = value.iter().position(u8::is_ascii_whitespace);
                value.split_at_checked(end.unwrap_or(value.len()))?
            }
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        tag = rest;
    }
}

/// What stands behind white space and comments; none where a comment is cut off.
fn after_comments(mut html: &[u8]) -> Option<&[u8]> {
    loop {
        html = html.trim_ascii_start();
        // Browsers take `<?xml … ?>` for a comment.
        let (start, end) = if html.starts_with(b"<?") {
            (2, &b">"[..])
        } else if html.starts_with(b"<!--") {
            (4, &b"-->"[..])
        } else {
            return Some(html);
        };
        let comment = html.get(start..).unwrap_or_default();
        let at = memchr::memmem::find(comment, end)?;
        html = comment.get(at + end.len()..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By a reader that gets it in small pieces and by one that gets it with what follows.
    fn read(html: &[u8]) -> [Sniff; 2] {
        let mut pieces = Sniff::default();
        html.chunks(3).for_each(|piece| pieces.add(piece));
        let mut whole = Sniff::default();
        whole.add(&[html, &[b' '; MAX_SNIFFED]].concat());
        assert!(whole.is_over() && !pieces.is_over());
        [pieces, whole]
    }

    fn is_document(html: &[u8]) -> bool {
        let [one, other] = read(html).map(|sniff| sniff.is_document());
        assert_eq!(one, other);
        one
    }

    // covers behaviours 50, 52
    #[test]
    fn a_document_is_told_from_a_fragment() {
        for document in [
            &b"<!DOCTYPE html>"[..],
            b"\xef\xbb\xbf <!-- made by x --> <!-- y -->\n<html lang=en>",
            b"<Head><title>x",
            b"<?xml version=\"1.0\"?>\n<!doctype html>",
        ] {
            assert!(is_document(document), "{document:?}");
        }
        for fragment in [
            &b"<p>hello"[..],
            b"",
            b"<!-- <html>",
            b"text <html>",
            b"<tr><td>",
        ] {
            assert!(!is_document(fragment), "{fragment:?}");
        }
    }

    // covers T43
    #[test]
    fn the_language_of_a_page_is_read_from_its_first_tag() {
        let language = |html: &str| {
            let [one, other] =
                read(html.as_bytes()).map(|sniff| sniff.language().map(str::to_owned));
            assert_eq!(one, other);
            one
        };
        for (html, tag) in [
            ("<!doctype html><html lang=\"de\"><head>", "de"),
            (
                "<!DOCTYPE html>\n<!-- a --><HTML class=x LANG='pt-BR' id=y>",
                "pt-BR",
            ),
            ("<html hidden lang = fr>", "fr"),
        ] {
            assert_eq!(language(html).as_deref(), Some(tag), "{html}");
        }
        for html in [
            "<!doctype html><html><body lang=de>",
            "<html data-lang=\"de\">",
            "<html lang>",
            "<html lang=\"de",
            "<html lang=\"\">",
            "<html lang=\"d&quot;e\">",
            "<p lang=de>",
        ] {
            assert_eq!(language(html), None, "{html}");
        }
    }
}
