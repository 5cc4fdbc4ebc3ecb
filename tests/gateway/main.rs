//! Proves that the gateway puts the gate in front of a site that knows nothing of it, and changes nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod command_line;
mod failures;
mod gated;
mod protocols;
mod streams;
mod told;

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the command uses what the tests leave out"
)]
#[path = "../../examples/gateway/proxy/mod.rs"]
mod proxy;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::{Body, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tower_layer::Layer;

use proxy::options::Options;
use proxy::relay::Relay;
use proxy::{Problems, pack, serve, site};

const PAGE: &str = "<!doctype html><html><head><title>Old shop</title>\
    <script src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script></head>\
    <body><main>Welcome</main></body></html>";
/// A file that no rewriter would leave alone by chance.
const STATIC: &[u8] = b"\x1f\x8b\x00<script src=https://www.google-analytics.com/a.js>\xff\xfe";

type AnyBody = BoxBody<Bytes, Infallible>;

// ---- Bodies written by hand ----

/// A body whose pieces are sent while it is read.
struct Written(mpsc::UnboundedReceiver<Frame<Bytes>>);

impl Written {
    fn open() -> (mpsc::UnboundedSender<Frame<Bytes>>, AnyBody) {
        let (pieces, body) = mpsc::unbounded_channel();
        (pieces, BodyExt::boxed(Self(body)))
    }
}

impl Body for Written {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

fn piece(text: &str) -> Frame<Bytes> {
    Frame::data(Bytes::copy_from_slice(text.as_bytes()))
}

fn full(bytes: impl Into<Bytes>) -> AnyBody {
    Full::new(bytes.into()).boxed()
}

async fn next(body: &mut Incoming) -> String {
    let frame = body.frame().await.expect("a piece").unwrap();
    String::from_utf8(frame.into_data().expect("data").to_vec()).unwrap()
}

// ---- A site, the gateway, visitors ----

/// What the site was asked, with its headers as they came.
type Asked = Arc<Mutex<Vec<(Method, String, HeaderMap)>>>;
type Answer = dyn Fn(Request<Incoming>) -> Response<AnyBody> + Send + Sync;

/// A site behind the gateway, both on loopback ports of their own.
struct Stage {
    upstream: SocketAddr,
    gateway: SocketAddr,
    asked: Asked,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Stage {
    async fn new(
        answer: impl Fn(Request<Incoming>) -> Response<AnyBody> + Send + Sync + 'static,
    ) -> Self {
        Self::with(|_| {}, answer).await
    }

    async fn with(
        change: impl FnOnce(&mut Options),
        answer: impl Fn(Request<Incoming>) -> Response<AnyBody> + Send + Sync + 'static,
    ) -> Self {
        let asked = Asked::default();
        let upstream = open_site(asked.clone(), Arc::new(answer)).await;
        Self::before(upstream, asked, change).await
    }

    async fn before(upstream: SocketAddr, asked: Asked, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(upstream.to_string().parse().unwrap());
        change(&mut options);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let gateway = listener.local_addr().unwrap();
        let layer = site::layer(&options, Problems::default()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve::serve(
            listener,
            pack::packed(layer.layer(Relay::new(&options))),
            async {
                let _ = stopped.await;
            },
        ));
        Self {
            upstream,
            gateway,
            asked,
            stop: Some(stop),
            served,
        }
    }

    async fn send(&self, request: Request<AnyBody>) -> Response<Incoming> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        client.request(request).await.unwrap()
    }

    fn get(&self, path: &str) -> http::request::Builder {
        Request::get(format!("http://{}{path}", self.gateway)).header("accept", "text/html,*/*")
    }

    async fn page(&self) -> (http::response::Parts, String) {
        let request = self.get("/").body(full("")).unwrap();
        text(self.send(request).await).await
    }

    fn last(&self) -> (Method, String, HeaderMap) {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

async fn open_site(asked: Asked, answer: Arc<Answer>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (asked, answer) = (asked.clone(), answer.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                asked.lock().unwrap().push((
                    request.method().clone(),
                    request.uri().to_string(),
                    request.headers().clone(),
                ));
                let response = answer(request);
                async move { Ok::<_, Infallible>(response) }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades(),
            );
        }
    });
    address
}

fn answer(content_type: &'static str, body: impl Into<Bytes>) -> Response<AnyBody> {
    let mut response = Response::new(full(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn text(response: Response<Incoming>) -> (http::response::Parts, String) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}
