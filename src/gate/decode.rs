//! What did a page say before it was compressed?
//!
//! Bytes in, bytes out, a piece at a time: nothing is collected, and each
//! piece is at most [`PIECE`] long however well it was compressed.
//!
//! # Bounds
//!
//! * A page may be as long as the layer says, 64 MiB by default; a longer one
//!   ends in an error. Where two codings were applied, what lies between them
//!   may be as long.
//! * A decoder looks back over at most 4 MiB, for which Brotli takes 8 MiB of
//!   memory and Zstandard 5. Both can ask for more (RFC 7932, section 9.1; RFC
//!   9659 sets 8 MiB as the limit), which their usual settings do not, and such a
//!   page ends in an error.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_compression::futures::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use bytes::{Buf, Bytes};
use futures_io::{AsyncBufRead, AsyncRead};

use super::coding::{Coding, Codings};

/// The most that comes out at once, in bytes.
const PIECE: usize = 16 * 1024;
/// How far a decoder looks back, as a power of two.
const WINDOW_LOG: u32 = 22;

/// Why a page could not be decompressed.
#[derive(Debug)]
pub(crate) enum DecodeError {
    /// It is not what its `Content-Encoding` says, or is cut short.
    Broken(io::Error),
    /// It is longer than it may be.
    TooLong(u64),
    /// It needs more memory than it may have.
    WideWindow,
}

impl DecodeError {
    pub(crate) fn cut_short() -> Self {
        Self::Broken(io::ErrorKind::UnexpectedEof.into())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "it is broken or cut short: {error}"),
            Self::TooLong(max) => write!(f, "it is longer than {max} bytes"),
            Self::WideWindow => write!(f, "it was compressed with a window of more than 4 MiB"),
        }
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(error) => Some(error),
            Self::TooLong(_) | Self::WideWindow => None,
        }
    }
}

/// What a decoder answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Data(Bytes),
    /// It needs more.
    Wants,
    /// It has said everything.
    Done,
}

/// Undoes the codings of one body.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// The stage that takes in what arrives comes first.
    stages: Vec<Stage>,
}

impl Decoder {
    pub(crate) fn new(codings: Codings, max: u64) -> Self {
        let last_applied_first = [codings.second, codings.first];
        Self {
            stages: last_applied_first
                .into_iter()
                .flatten()
                .map(|coding| Stage::new(coding, max))
                .collect(),
        }
    }

    /// Takes in what has arrived. Only for when it wants more.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        if let Some(stage) = self.stages.first_mut() {
            stage.push(chunk);
        }
    }

    /// Learns that nothing more arrives.
    pub(crate) fn end(&mut self) {
        if let Some(stage) = self.stages.first_mut() {
            stage.end();
        }
    }

    pub(crate) fn next(&mut self) -> Result<Step, DecodeError> {
        pull(&mut self.stages)
    }
}

/// The next step of the last stage, which reads what those before it say.
fn pull(stages: &mut [Stage]) -> Result<Step, DecodeError> {
    let Some((last, before)) = stages.split_last_mut() else {
        return Ok(Step::Wants);
    };
    loop {
        let step = last.next()?;
        if matches!(step, Step::Data(_)) || before.is_empty() {
            return Ok(step);
        }
        // Even when the last has said everything: a checksum may follow.
        match (pull(before)?, step) {
            (Step::Data(data), Step::Wants) => last.push(data),
            (Step::Done, Step::Wants) => last.end(),
            (Step::Data(_), _) => {}
            (step, _) => return Ok(step),
        }
    }
}

/// Undoes one coding.
#[derive(Debug)]
struct Stage {
    coding: Coding,
    state: State,
    /// How much has come out, in bytes.
    length: u64,
    max: u64,
    piece: Box<[u8]>,
}

enum State {
    /// Before the first part, or between two: both gzip and Zstandard allow
    /// several, one after the other.
    Before {
        feed: Feed,
        is_first: bool,
    },
    Inside(Box<dyn Reader>),
    /// What comes after the last part is padding, which browsers ignore too.
    After,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before { .. } => "Before",
            Self::Inside(_) => "Inside",
            Self::After => "After",
        })
    }
}

impl Stage {
    fn new(coding: Coding, max: u64) -> Self {
        Self {
            coding,
            state: State::Before {
                feed: Feed::default(),
                is_first: true,
            },
            length: 0,
            max,
            piece: vec![0; PIECE].into(),
        }
    }

    fn feed(&mut self) -> Option<&mut Feed> {
        match &mut self.state {
            State::Before { feed, .. } => Some(feed),
            State::Inside(reader) => Some(reader.feed()),
            State::After => None,
        }
    }

    fn push(&mut self, chunk: Bytes) {
        if let Some(feed) = self.feed() {
            feed.push(chunk);
        }
    }

    fn end(&mut self) {
        if let Some(feed) = self.feed() {
            feed.ended = true;
        }
    }

    fn next(&mut self) -> Result<Step, DecodeError> {
        loop {
            match &mut self.state {
                State::After => return Ok(Step::Done),
                State::Before { feed, is_first } => {
                    self.state = match opening(self.coding, feed, *is_first)? {
                        Opening::Unclear => return Ok(Step::Wants),
                        Opening::None => State::After,
                        Opening::Of(make) => State::Inside(make(std::mem::take(feed))),
                    };
                }
                State::Inside(reader) => {
                    let mut cx = Context::from_waker(Waker::noop());
                    match Pin::new(&mut **reader).poll_read(&mut cx, &mut self.piece) {
                        Poll::Pending => return Ok(Step::Wants),
                        Poll::Ready(Err(error)) => return Err(DecodeError::Broken(error)),
                        Poll::Ready(Ok(0)) => {
                            self.state = State::Before {
                                feed: std::mem::take(reader.feed()),
                                is_first: false,
                            };
                        }
                        Poll::Ready(Ok(length)) => {
                            self.length += length as u64;
                            if self.length > self.max {
                                return Err(DecodeError::TooLong(self.max));
                            }
                            let piece = self.piece.get(..length).unwrap_or_default();
                            return Ok(Step::Data(Bytes::copy_from_slice(piece)));
                        }
                    }
                }
            }
        }
    }
}

/// What begins with the next bytes.
enum Opening {
    /// That takes more bytes to tell.
    Unclear,
    /// Nothing.
    None,
    Of(fn(Feed) -> Box<dyn Reader>),
}

fn opening(coding: Coding, feed: &Feed, is_first: bool) -> Result<Opening, DecodeError> {
    let bytes = &*feed.bytes;
    if bytes.is_empty() && feed.ended {
        // An empty body is an empty page, whatever its headers say.
        return Ok(Opening::None);
    }
    let enough = match (coding, is_first) {
        (Coding::Gzip | Coding::Zstd, true) | (Coding::Brotli, _) => 1,
        (Coding::Gzip, false) | (Coding::Deflate, _) => 2,
        (Coding::Zstd, false) => 4,
    };
    if bytes.len() < enough && !feed.ended {
        return Ok(Opening::Unclear);
    }
    Ok(match coding {
        Coding::Gzip if is_first || bytes.starts_with(b"\x1f\x8b") => {
            Opening::Of(|feed| Box::new(GzipDecoder::new(feed)))
        }
        Coding::Zstd if is_first || is_frame(bytes) => Opening::Of(|feed| {
            let window = DParameter::window_log_max(WINDOW_LOG);
            Box::new(ZstdDecoder::with_params(feed, &[window]))
        }),
        Coding::Deflate if is_first && is_zlib(bytes) => {
            Opening::Of(|feed| Box::new(ZlibDecoder::new(feed)))
        }
        Coding::Deflate if is_first => Opening::Of(|feed| Box::new(DeflateDecoder::new(feed))),
        Coding::Brotli if is_first => {
            if bytes.first().is_some_and(|byte| is_wide(*byte)) {
                return Err(DecodeError::WideWindow);
            }
            Opening::Of(|feed| Box::new(BrotliDecoder::new(feed)))
        }
        Coding::Gzip | Coding::Zstd | Coding::Deflate | Coding::Brotli => Opening::None,
    })
}

/// Whether a Zstandard frame begins, or one that decoders skip (RFC 8878, section 3.1).
fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x28\xb5\x2f\xfd")
        || matches!(bytes, [first, 0x2a, 0x4d, 0x18, ..] if first & 0xf0 == 0x50)
}

/// Whether a zlib header begins (RFC 1950, section 2.2). "deflate" means that,
/// but some servers send the bare stream, and browsers take both.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// Whether a Brotli stream looks back further than 4 MiB (RFC 7932, section 9.1).
fn is_wide(first: u8) -> bool {
    matches!(first & 0x0f, 0x0d | 0x0f)
}

/// What has arrived and was not decoded yet.
#[derive(Debug, Default)]
struct Feed {
    bytes: Bytes,
    ended: bool,
}

impl Feed {
    fn push(&mut self, chunk: Bytes) {
        self.bytes = if self.bytes.is_empty() {
            chunk
        } else {
            [&*self.bytes, &*chunk].concat().into()
        };
    }
}

impl AsyncRead for Feed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let available = std::task::ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = available.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(length);
        Poll::Ready(Ok(length))
    }
}

impl AsyncBufRead for Feed {
    /// Nothing is woken: whoever pushes polls again.
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.bytes.is_empty() && !this.ended {
            return Poll::Pending;
        }
        Poll::Ready(Ok(&this.bytes))
    }

    fn consume(self: Pin<&mut Self>, length: usize) {
        let bytes = &mut self.get_mut().bytes;
        bytes.advance(length.min(bytes.len()));
    }
}

/// A decoder and what it reads.
trait Reader: AsyncRead + Send + Sync + Unpin {
    fn feed(&mut self) -> &mut Feed;
}

macro_rules! readers {
    ($($decoder:ident)*) => {
        $(impl Reader for $decoder<Feed> {
            fn feed(&mut self) -> &mut Feed {
                self.get_mut()
            }
        })*
    };
}

readers!(GzipDecoder ZlibDecoder DeflateDecoder BrotliDecoder ZstdDecoder);
