//! How do a response's bytes leave?
//!
//! Unchanged, rewritten chunk by chunk, with something appended, or as one
//! answer of the layer's own; what was compressed is decompressed first, where
//! it is edited. Nothing is collected: one frame in, at most one
//! frame out, and an error of the app's body stays an error, so that a
//! truncated page is never made to look complete.

mod error;
mod source;

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::gate::cache::forget_bytes;
use crate::gate::coding::Codings;
use crate::gate::html::{Home, HtmlGate, Injection, Moved, Sniff};
pub use error::BodyError;
use error::BoxError;
use source::{MAX_SILENT_CHUNKS, Polled, Source, next};

pin_project! {
    /// The body of a response that came through the layer.
    #[derive(Debug)]
    pub struct ConsentBody<B> {
        #[pin]
        inner: Option<B>,
        kind: Kind,
    }
}

#[derive(Debug)]
enum Kind {
    /// The app's bytes as they are.
    Passthrough,
    /// An answer of the layer itself.
    Full(Box<Bytes>),
    Rewrite(Box<Rewrite>),
    Append(Box<Append>),
    Done,
}

#[derive(Debug)]
struct Rewrite {
    source: Source,
    /// A mutex only because the rewriter is not `Sync`; never locked by two.
    gate: Mutex<HtmlGate>,
    ended: bool,
    trailers: Option<HeaderMap>,
}

/// Markup for the end of a document that is otherwise left alone.
#[derive(Debug)]
struct Append {
    source: Source,
    injection: Option<Injection>,
    /// The language of the page, where its headers tell one.
    language: Option<String>,
    sniff: Sniff,
    home: Home,
    moved: Moved,
    ended: bool,
    trailers: Option<HeaderMap>,
}

impl<B> ConsentBody<B> {
    pub(crate) const fn passthrough(inner: B) -> Self {
        Self {
            inner: Some(inner),
            kind: Kind::Passthrough,
        }
    }

    pub(crate) fn full(bytes: Bytes) -> Self {
        Self {
            inner: None,
            kind: Kind::Full(Box::new(bytes)),
        }
    }

    pub(crate) fn rewrite(inner: B, gate: HtmlGate) -> Self {
        Self {
            inner: Some(inner),
            kind: Kind::Rewrite(Box::new(Rewrite {
                source: Source::default(),
                gate: Mutex::new(gate),
                ended: false,
                trailers: None,
            })),
        }
    }

    /// Undoes `codings` before anything else is done, for as much as `max`
    /// bytes of plain text. Bodies that are not edited stay as they are.
    pub(crate) fn decoding(mut self, codings: Codings, max: u64) -> Self {
        match &mut self.kind {
            Kind::Rewrite(rewrite) => rewrite.source = Source::new(codings, max),
            Kind::Append(append) => append.source = Source::new(codings, max),
            Kind::Passthrough | Kind::Full(_) | Kind::Done => {}
        }
        self
    }

    pub(crate) fn append(
        inner: B,
        injection: Injection,
        language: Option<String>,
        home: Home,
    ) -> Self {
        Self {
            inner: Some(inner),
            kind: Kind::Append(Box::new(Append {
                source: Source::default(),
                injection: Some(injection),
                language,
                sniff: Sniff::default(),
                home,
                moved: Moved::default(),
                ended: false,
                trailers: None,
            })),
        }
    }
}

impl<B> Body for ConsentBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let mut this = self.project();
        let polled = match this.kind {
            Kind::Done => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(&mut **bytes);
                *this.kind = Kind::Done;
                return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
            }
            Kind::Passthrough => return next(this.inner.as_mut(), cx),
            Kind::Rewrite(rewrite) => rewrite.poll(this.inner.as_mut(), cx),
            Kind::Append(append) => append.poll(this.inner.as_mut(), cx),
        };
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            *this.kind = Kind::Done;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Done => true,
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Passthrough => self.inner.as_ref().is_none_or(Body::is_end_stream),
            Kind::Rewrite(_) | Kind::Append(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Done => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Passthrough => self
                .inner
                .as_ref()
                .map_or_else(|| SizeHint::with_exact(0), Body::size_hint),
            Kind::Rewrite(_) | Kind::Append(_) => SizeHint::new(),
        }
    }
}

impl Rewrite {
    fn poll<B>(&mut self, mut inner: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Polled
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let gate = self.gate.get_mut().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..MAX_SILENT_CHUNKS {
            if self.ended {
                return Poll::Ready(self.trailers.take().map(|map| Ok(Frame::trailers(map))));
            }
            let output = match ready!(self.source.next(inner.as_mut(), cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => gate.push(data),
                    Err(frame) => {
                        self.ended = true;
                        self.trailers = frame.into_trailers().ok().map(without_digests);
                        gate.finish()
                    }
                },
                None => {
                    self.ended = true;
                    gate.finish()
                }
            };
            match output {
                Err(error) => return Poll::Ready(Some(Err(BodyError::html(error)))),
                Ok(bytes) if !bytes.is_empty() => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Ok(_) => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Append {
    fn poll<B>(&mut self, inner: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Polled
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        if self.ended {
            return Poll::Ready(self.trailers.take().map(|map| Ok(Frame::trailers(map))));
        }
        match ready!(self.source.next(inner, cx)) {
            Some(Ok(frame)) if frame.is_data() => {
                if let Some(data) = frame.data_ref() {
                    self.sniff.add(data);
                    self.moved.look(data);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            end => {
                self.ended = true;
                self.trailers = end
                    .and_then(Result::ok)
                    .and_then(|frame| frame.into_trailers().ok())
                    .map(without_digests);
                let injection = self.injection.take();
                if let Some(mut injection) = injection.filter(|_| self.sniff.is_document()) {
                    let language = self.sniff.language().or(self.language.as_deref());
                    self.moved.settle(&mut injection, language, &self.home);
                    let markup = injection.whole(language);
                    Poll::Ready(Some(Ok(Frame::data(markup.into()))))
                } else {
                    Poll::Ready(self.trailers.take().map(|map| Ok(Frame::trailers(map))))
                }
            }
        }
    }
}

/// The trailers of a body whose bytes have changed.
fn without_digests(mut trailers: HeaderMap) -> HeaderMap {
    forget_bytes(&mut trailers);
    trailers
}
