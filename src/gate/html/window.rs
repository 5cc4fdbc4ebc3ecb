//! What has arrived and was not written yet?

use bytes::{Bytes, BytesMut};

use super::hold::{self, Kind};

/// The longest piece of an end tag that may stand at the end of a chunk.
const OVERLAP: usize = 12;

/// The bytes between the app and the tokenizer. What is held back is looked at
/// again only when its end may have arrived, so that many small chunks take no
/// longer than one large one.
#[derive(Debug, Default)]
pub(super) struct Window {
    front: Bytes,
    /// What arrived while `front` was held back, after its last bytes.
    back: BytesMut,
    /// What has to arrive before another look: this end tag, or any `>`.
    end: Option<Option<Kind>>,
    /// How long it is waited for.
    most: usize,
}

impl Window {
    /// Takes the next chunk; whether another look is due.
    pub(super) fn add(&mut self, chunk: Bytes) -> bool {
        if self.is_empty() {
            self.front = chunk;
            return true;
        }
        if self.back.is_empty() {
            let cut = self.front.len().saturating_sub(OVERLAP);
            self.back.extend_from_slice(&self.front.split_off(cut));
        }
        let from = self.back.len().saturating_sub(OVERLAP);
        self.back.extend_from_slice(&chunk);
        let news = self.back.get(from..).unwrap_or_default();
        let due = self.front.len() + self.back.len() > self.most
            || match self.end {
                None => true,
                Some(None) => news.contains(&b'>'),
                Some(Some(kind)) => hold::may_end(kind, news),
            };
        if due {
            self.settle();
        }
        due
    }

    /// Says what another look has to wait for: the end tag of `end`, or without
    /// one the end of a start tag, for at most `most` bytes.
    pub(super) fn wait(&mut self, end: Option<Kind>, most: usize) {
        self.end = Some(end);
        self.most = most;
    }

    /// Puts the pieces together.
    pub(super) fn settle(&mut self) {
        if !self.back.is_empty() {
            let back = std::mem::take(&mut self.back);
            self.front = if self.front.is_empty() {
                back.freeze()
            } else {
                [&*self.front, &*back].concat().into()
            };
        }
        self.end = None;
    }

    /// The bytes, all of them after [`settle`](Self::settle).
    pub(super) fn bytes(&self) -> &[u8] {
        &self.front
    }

    pub(super) fn snapshot(&self) -> Bytes {
        self.front.clone()
    }

    pub(super) fn split_to(&mut self, length: usize) -> Bytes {
        self.end = None;
        self.front.split_to(length.min(self.front.len()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.front.is_empty() && self.back.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.front.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_looked_at_again_when_its_end_may_have_come() {
        let mut window = Window::default();
        assert!(window.add("<script>one".into()));
        window.wait(Some(Kind::Script), 40);
        for piece in [" two", " </scrip", "x", " </SCRI"] {
            assert!(!window.add(piece.into()), "{piece}");
        }
        assert!(window.add("PT".into()));
        assert_eq!(window.bytes(), b"<script>one two </scripx </SCRIPT");
        window.wait(None, 40);
        assert!(!window.add(" a".into()));
        assert!(window.add(">".into()));
        window.wait(Some(Kind::Noscript), 40);
        assert!(window.add("12345".into()), "it waits no longer than told");
        assert_eq!(window.len(), 41);
    }
}
