//! Is this a document, or a piece of one?

/// How much of a body is looked at.
const MAX_SNIFFED: usize = 1024;

/// Reads the start of a body, in whatever pieces it comes.
#[derive(Debug, Default)]
pub(crate) struct Sniff {
    start: Vec<u8>,
}

impl Sniff {
    /// Takes the next piece.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        let missing = MAX_SNIFFED.saturating_sub(self.start.len());
        self.start
            .extend_from_slice(piece.get(..missing).unwrap_or(piece));
    }

    /// Whether there is nothing more to read.
    pub(crate) fn is_over(&self) -> bool {
        self.start.len() >= MAX_SNIFFED
    }

    /// Whether what came so far starts as a document does: a doctype or one of
    /// its outer elements, after white space, a byte order mark and comments.
    pub(crate) fn is_document(&self) -> bool {
        let mut html = self.start.as_slice();
        html = html.strip_prefix(b"\xef\xbb\xbf").unwrap_or(html);
        loop {
            html = html.trim_ascii_start();
            // Browsers take `<?xml … ?>` for a comment.
            let (start, end) = if html.starts_with(b"<?") {
                (2, &b">"[..])
            } else if html.starts_with(b"<!--") {
                (4, &b"-->"[..])
            } else {
                break;
            };
            let comment = html.get(start..).unwrap_or_default();
            let Some(at) = memchr::memmem::find(comment, end) else {
                return false;
            };
            html = comment.get(at + end.len()..).unwrap_or_default();
        }
        [&b"<!doctype"[..], b"<html", b"<head", b"<body"]
            .iter()
            .any(|start| {
                html.get(..start.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(start))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_document(html: &[u8]) -> bool {
        let mut sniff = Sniff::default();
        html.chunks(3).for_each(|piece| sniff.add(piece));
        sniff.is_document()
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
}
