//! Where does a request go?

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::answer;
use crate::body::ConsentBody;
use crate::config::Config;
use crate::endpoint::choice::MAX_BODY;
use crate::endpoint::reply::Answer;
use crate::exchange::{self, Entry};
use crate::future::ResponseFuture;

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

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        match exchange::enter(&self.config, &mut parts) {
            Entry::Pass(consent, passage) => {
                parts.extensions.insert(consent);
                let future = self.inner.call(Request::from_parts(parts, body));
                ResponseFuture::gated(future, passage)
            }
            Entry::Bypass(consent) => {
                parts.extensions.insert(consent);
                ResponseFuture::bypassed(self.inner.call(Request::from_parts(parts, body)))
            }
            Entry::Answer(answer) => ResponseFuture::answered(answer),
            Entry::Choice => {
                ResponseFuture::choosing(Box::pin(choose(self.config.clone(), parts, body)))
            }
        }
    }
}

/// Reads a posted choice, at most [`MAX_BODY`] bytes of it, and records it.
async fn choose<B: Body>(config: Arc<Config>, parts: Parts, body: B) -> Answer {
    if let Some(answer) = answer::turn_down(&config, &parts) {
        return answer;
    }
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(frame) = frame else {
            return answer::unreadable(&config, &parts.headers);
        };
        if let Ok(mut data) = frame.into_data() {
            if bytes.len() + data.remaining() > MAX_BODY {
                return answer::too_large(&config, &parts.headers);
            }
            while data.has_remaining() {
                let length = data.chunk().len();
                bytes.extend_from_slice(data.chunk());
                data.advance(length);
            }
        }
    }
    answer::choose(&config, &parts, &bytes)
}

impl<S: fmt::Debug> fmt::Debug for ConsentService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
