//! How does a request reach the upstream, and its answer the visitor?
//!
//! Piece by piece, both ways: nothing is collected, and what breaks off on one
//! side breaks off on the other.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::copy_bidirectional;
use tower::Service;

use super::forward;
use super::options::Options;
use super::serve::Visitor;

/// How long the upstream may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// The upstream's bytes, or the gateway's own answer.
pub(crate) type Body = Either<Incoming, Full<Bytes>>;

/// Hands requests on to the upstream. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    client: Client<HttpConnector, Incoming>,
    options: Arc<Options>,
}

impl Relay {
    pub(crate) fn new(options: &Options) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build(connector),
            options: Arc::new(options.clone()),
        }
    }

    async fn relay(self, mut request: Request<Incoming>) -> Response<Body> {
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            let mut answer = say(
                StatusCode::METHOD_NOT_ALLOWED,
                "The gateway does not answer this method.",
            );
            answer.headers_mut().insert(
                ALLOW,
                HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
            );
            return answer;
        }
        let visitor_side = hyper::upgrade::on(&mut request);
        let (mut parts, body) = request.into_parts();
        let Some(Visitor(visitor)) = parts.extensions.remove() else {
            return say(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The gateway does not know who asked.",
            );
        };
        let wanted = forward::request(&mut parts, visitor, &self.options);
        match self.client.request(Request::from_parts(parts, body)).await {
            Err(error) => self.failed(&error),
            Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                if wanted.is_none() {
                    return say(
                        StatusCode::BAD_GATEWAY,
                        "The site changed to a protocol that nobody asked for.",
                    );
                }
                switch(answer, visitor_side)
            }
            Ok(mut answer) => {
                forward::answer(answer.headers_mut(), &self.options);
                // The visitor's connection is of its own version.
                *answer.version_mut() = Version::HTTP_11;
                answer.map(Either::Left)
            }
        }
    }

    /// Tells the operator everything and the visitor enough.
    fn failed(&self, error: &Error) -> Response<Body> {
        let upstream = &self.options.upstream;
        let cause = causes(error);
        tracing::warn!("no answer from http://{upstream}: {cause}");
        let what = if error.is_connect() {
            "The site behind this gateway cannot be reached: it accepts no connection."
        } else {
            "The site behind this gateway broke the connection off before it had answered."
        };
        say(StatusCode::BAD_GATEWAY, what)
    }
}

impl Service<Request<Incoming>> for Relay {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let relay = self.clone();
        let is_head = request.method() == Method::HEAD;
        Box::pin(async move {
            let answer = relay.relay(request).await;
            Ok(answer.map(|body| match body {
                // In HTTP/2 nobody else keeps an answer to HEAD from having a body.
                Either::Right(_) if is_head => Either::Right(Full::default()),
                body => body,
            }))
        })
    }
}

/// Lets bytes pass both ways between visitor and upstream, once both have changed the protocol.
fn switch(mut answer: Response<Incoming>, visitor_side: OnUpgrade) -> Response<Body> {
    let upstream_side = hyper::upgrade::on(&mut answer);
    tokio::spawn(async move {
        let (visitor, upstream) = match tokio::try_join!(visitor_side, upstream_side) {
            Ok(sides) => sides,
            Err(error) => {
                tracing::debug!(%error, "an upgrade failed");
                return;
            }
        };
        let (mut visitor, mut upstream) = (TokioIo::new(visitor), TokioIo::new(upstream));
        if let Err(error) = copy_bidirectional(&mut visitor, &mut upstream).await {
            tracing::debug!(%error, "an upgraded connection broke off");
        }
    });
    let protocol = forward::upgrade(answer.version(), answer.headers());
    forward::end_hop(answer.headers_mut());
    if let Some(protocol) = &protocol {
        forward::restore_upgrade(answer.headers_mut(), protocol);
    }
    answer.map(Either::Left)
}

/// A page of the gateway's own.
fn say(status: StatusCode, what: &str) -> Response<Body> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><title>{status}</title><h1>{status}</h1><p>{what}</p></html>"
    );
    let mut answer = Response::new(Either::Right(Full::from(page)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An error and what led to it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
