//! Where does a request go?

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::answer::{self, Posted};
use crate::body::ConsentBody;
use crate::config::Config;
use crate::endpoint::reply::Answer;
use crate::exchange::{self, Entry};
use crate::future::ResponseFuture;
use crate::rights;

/// The service that [`ConsentLayer`](crate::ConsentLayer) makes.
#[derive(Clone)]
pub struct ConsentService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> ConsentService<S> {
    pub(crate) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ConsentService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
{
    type Response = Response<ConsentBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        // Taken out and put back, which is cheaper than taking the whole request apart.
        let mut headers = std::mem::take(request.headers_mut());
        let entry = exchange::enter(&self.config, request.method(), request.uri(), &mut headers);
        *request.headers_mut() = headers;
        match entry {
            Entry::Pass(consent, passage) => {
                request.extensions_mut().insert(consent);
                ResponseFuture::gated(self.inner.call(request), passage)
            }
            Entry::Bypass(consent) => {
                request.extensions_mut().insert(consent);
                ResponseFuture::bypassed(self.inner.call(request))
            }
            Entry::Record(wanted) => {
                let (parts, _) = request.into_parts();
                let answer = rights::look(self.config.clone(), parts, wanted);
                ResponseFuture::choosing(Box::pin(answer))
            }
            Entry::Erase => ResponseFuture::choosing(Box::pin(erase(self.config.clone(), request))),
            Entry::Answer(answer) => ResponseFuture::answered(answer),
            Entry::Choice => {
                ResponseFuture::choosing(Box::pin(choose(self.config.clone(), request)))
            }
            #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
            Entry::Verdict => {
                ResponseFuture::choosing(Box::pin(judge(self.config.clone(), request)))
            }
        }
    }
}

/// Reads a choice and settles it.
async fn choose<B: Body>(config: Arc<Config>, request: Request<B>) -> Answer {
    let (parts, body) = request.into_parts();
    match read(&config, &parts, body, answer::CHOICE).await {
        Ok(body) => answer::choose(config, parts, body).await,
        Err(answer) => *answer,
    }
}

/// Reads that a record is to be erased, and erases it.
async fn erase<B: Body>(config: Arc<Config>, request: Request<B>) -> Answer {
    let (parts, body) = request.into_parts();
    match read(&config, &parts, body, answer::ERASURE).await {
        Ok(body) => rights::erase(config, parts, answer::language_of(&body)).await,
        Err(answer) => *answer,
    }
}

/// Reads a question and answers it.
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
async fn judge<B: Body>(config: Arc<Config>, request: Request<B>) -> Answer {
    let (parts, body) = request.into_parts();
    match read(&config, &parts, body, answer::QUESTION).await {
        Ok(body) => answer::judge(&config, &parts, &body),
        Err(answer) => *answer,
    }
}

/// Reads what was posted, no more of it than it may have, or says why not.
async fn read<B: Body>(
    config: &Config,
    parts: &Parts,
    body: B,
    posted: Posted,
) -> Result<BytesMut, Box<Answer>> {
    if let Some(answer) = answer::turn_down(config, parts, posted) {
        return Err(Box::new(answer));
    }
    let headers = &parts.headers;
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(frame) = frame else {
            return Err(Box::new(answer::unreadable(config, headers, posted)));
        };
        if let Ok(mut data) = frame.into_data() {
            if bytes.len() + data.remaining() > posted.most {
                return Err(Box::new(answer::too_large(config, headers, posted)));
            }
            while data.has_remaining() {
                let length = data.chunk().len();
                bytes.extend_from_slice(data.chunk());
                data.advance(length);
            }
        }
    }
    Ok(bytes)
}

impl<S: fmt::Debug> fmt::Debug for ConsentService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
