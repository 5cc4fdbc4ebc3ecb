//! Where do the tokenizer's bytes go?
//!
//! It hands out text and tags one by one, nearly all of them pieces of the very
//! bytes it was given, one behind the other. Such a run is only measured, and
//! copied in one go where it ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::OutputSink;

use super::state::lock;

/// What one document has to send, shared by the gate and its tokenizer. They
/// run one after the other, so that relaxed numbers are enough.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Where in memory the bytes in hand begin, and how many they are.
    address: AtomicUsize,
    length: AtomicUsize,
    /// The run of them that was handed out and is still to be copied.
    start: AtomicUsize,
    end: AtomicUsize,
    buffer: Mutex<Buffer>,
}

#[derive(Debug, Default)]
struct Buffer {
    input: Bytes,
    ready: Vec<u8>,
}

/// The tokenizer's end of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sink(pub(super) Arc<Output>);

impl OutputSink for Sink {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.take_in(chunk);
    }
}

impl Output {
    /// Says what the tokenizer is given next.
    pub(super) fn begin(&self, input: Bytes) {
        self.address.store(input.as_ptr().addr(), Ordering::Relaxed);
        self.length.store(input.len(), Ordering::Relaxed);
        let mut buffer = lock(&self.buffer);
        buffer.ready.reserve(input.len());
        buffer.input = input;
    }

    /// Says that the tokenizer is through with it.
    pub(super) fn finish(&self) {
        let mut buffer = lock(&self.buffer);
        self.flush(&mut buffer, 0);
        self.length.store(0, Ordering::Relaxed);
        buffer.input = Bytes::new();
    }

    /// What is ready to be sent.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.buffer).ready)
    }

    /// Puts bytes behind what is ready.
    pub(super) fn add(&self, bytes: &[u8]) {
        lock(&self.buffer).ready.extend_from_slice(bytes);
    }

    /// How much is ready to be sent.
    pub(super) fn len(&self) -> usize {
        lock(&self.buffer).ready.len()
    }

    /// Drops what came after the first `length` bytes.
    pub(super) fn truncate(&self, length: usize) {
        lock(&self.buffer).ready.truncate(length);
    }

    fn take_in(&self, chunk: &[u8]) {
        let at = chunk
            .as_ptr()
            .addr()
            .wrapping_sub(self.address.load(Ordering::Relaxed));
        let end = at.saturating_add(chunk.len());
        if chunk.is_empty() {
            // Stands nowhere.
        } else if end <= self.length.load(Ordering::Relaxed) {
            if at != self.end.load(Ordering::Relaxed) {
                self.jump(at);
            }
            self.end.store(end, Ordering::Relaxed);
        } else {
            self.append(chunk);
        }
    }

    /// Begins another run at `at`.
    #[cold]
    fn jump(&self, at: usize) {
        self.flush(&mut lock(&self.buffer), at);
    }

    /// Puts bytes that are no piece of the input behind the run.
    #[cold]
    fn append(&self, chunk: &[u8]) {
        let mut buffer = lock(&self.buffer);
        self.flush(&mut buffer, 0);
        buffer.ready.extend_from_slice(chunk);
    }

    /// Copies the run. The next one starts at `at`.
    fn flush(&self, buffer: &mut Buffer, at: usize) {
        let run = self.start.load(Ordering::Relaxed)..self.end.load(Ordering::Relaxed);
        let run = buffer.input.get(run).unwrap_or_default();
        buffer.ready.extend_from_slice(run);
        self.start.store(at, Ordering::Relaxed);
        self.end.store(at, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a slip fails the test")]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_tokenizer_hands_out_arrives_in_its_order() {
        let output = Output::default();
        let input = Bytes::from_static(b"one two three four");
        output.begin(input.clone());
        for piece in [&input[..3], &input[3..8], b"<new>", b"", &input[8..13]] {
            output.take_in(piece);
        }
        // What is left out leaves a gap.
        output.take_in(&input[14..]);
        output.finish();
        assert_eq!(output.take(), b"one two <new>threefour");
        // Between two inputs nothing is a piece of one.
        output.take_in(&input[..3]);
        let mark = output.len();
        output.take_in(b"lost");
        output.truncate(mark);
        output.begin(input.slice(4..));
        output.take_in(&input[4..8]);
        output.take_in(&input[..4]);
        output.finish();
        assert_eq!(output.take(), b"onetwo one ");
    }
}
