//! What does the app's body say in plain bytes?
//!
//! What it says, or what it says decompressed, piece by piece. A compressed
//! body that is cut short, broken or too long ends in an error.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame};

use super::error::{BodyError, BoxError};
use crate::gate::coding::Codings;
#[cfg(feature = "decompress")]
use crate::gate::decode::{DecodeError, Decoder, Step};

/// How many chunks may be taken in without giving one out before other tasks get a turn.
pub(super) const MAX_SILENT_CHUNKS: usize = 32;

pub(super) type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

/// The next frame of the app's body as it is, its data as one piece.
pub(super) fn next<B>(inner: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Polled
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let Some(inner) = inner.as_pin_mut() else {
        return Poll::Ready(None);
    };
    Poll::Ready(ready!(inner.poll_frame(cx)).map(|frame| match frame {
        Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
        Err(error) => Err(BodyError::inner(error)),
    }))
}

/// What stands between the app's body and the gate.
#[derive(Debug, Default)]
pub(super) struct Source {
    #[cfg(feature = "decompress")]
    decoding: Option<Decoding>,
}

#[cfg(feature = "decompress")]
#[derive(Debug)]
struct Decoding {
    decoder: Decoder,
    ended: bool,
    /// What came at the end of the app's body, until all before it has left.
    trailers: Option<Frame<Bytes>>,
}

#[cfg(not(feature = "decompress"))]
impl Source {
    /// A source without codings: the feature is off, so a page with any is not rewritten.
    #[allow(clippy::missing_const_for_fn, reason = "it is none with the feature")]
    pub(super) fn new(_: Codings, _: u64) -> Self {
        Self {}
    }

    pub(super) fn next<B>(&mut self, inner: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Polled
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        next(inner, cx)
    }
}

#[cfg(feature = "decompress")]
impl Source {
    /// Undoes `codings`, for as much as `max` bytes of plain text.
    pub(super) fn new(codings: Codings, max: u64) -> Self {
        let decoding = (!codings.is_empty()).then(|| Decoding {
            decoder: Decoder::new(codings, max),
            ended: false,
            trailers: None,
        });
        Self { decoding }
    }

    /// The next frame in plain bytes.
    pub(super) fn next<B>(&mut self, mut inner: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Polled
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let Some(decoding) = &mut self.decoding else {
            return next(inner, cx);
        };
        for _ in 0..MAX_SILENT_CHUNKS {
            match decoding.decoder.next() {
                Err(error) => return Poll::Ready(Some(Err(BodyError::decode(error)))),
                Ok(Step::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(Step::Wants | Step::Done) if !decoding.ended => {}
                Ok(Step::Done) => return Poll::Ready(decoding.trailers.take().map(Ok)),
                Ok(Step::Wants) => {
                    let error = BodyError::decode(DecodeError::cut_short());
                    return Poll::Ready(Some(Err(error)));
                }
            }
            match ready!(next(inner.as_mut(), cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => decoding.decoder.push(data),
                    Err(trailers) => {
                        decoding.trailers = Some(trailers);
                        decoding.ended = true;
                        decoding.decoder.end();
                    }
                },
                None => {
                    decoding.ended = true;
                    decoding.decoder.end();
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
