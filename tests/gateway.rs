//! Proves that the gateway puts the gate in front of a site that knows nothing of it, and changes nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the command uses what the tests leave out"
)]
#[path = "../examples/gateway/proxy/mod.rs"]
mod proxy;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE,
    FORWARDED, HOST, SET_COOKIE, TE, TRAILER, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tower_layer::Layer;

use proxy::options::{Command, HELP, Options};
use proxy::relay::Relay;
use proxy::{Problems, options, pack, serve, site};

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

// ---- The gate holds ----

// covers S01, behaviour 73
#[tokio::test]
async fn a_site_that_knows_nothing_of_it_is_gated() {
    let stage = Stage::new(|_| {
        let mut page = answer("text/html", PAGE);
        for cookie in ["_ga=GA1.1.2; Path=/", "sid=s1; Path=/; HttpOnly"] {
            let cookie = HeaderValue::from_static(cookie);
            page.headers_mut().append(SET_COOKIE, cookie);
        }
        page
    })
    .await;
    let request = stage
        .get("/")
        .header(COOKIE, "_ga=GA1.1.1; sid=s1")
        .body(full(""))
        .unwrap();
    let (head, page) = text(stage.send(request).await).await;

    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.version, Version::HTTP_11);
    assert!(page.contains("type=\"text/plain\""), "{page}");
    assert!(
        page.contains("data-tc-accept") && page.contains("data-tc-reject"),
        "{page}"
    );
    assert!(page.contains("<main>Welcome</main>"), "{page}");
    let cookies: Vec<_> = head.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["sid=s1; Path=/; HttpOnly"]);
    assert_eq!(value(&stage.last().2, "cookie"), "sid=s1");
}

#[tokio::test]
async fn a_choice_is_remembered_and_opens_the_site() {
    let stage = Stage::with(
        |options| options.insecure_cookies = true,
        |_| answer("text/html", PAGE),
    )
    .await;
    let choice = Request::post(format!("http://{}/_consent/choice", stage.gateway))
        .header("origin", format!("http://{}", stage.gateway))
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(full("choice=accept"))
        .unwrap();
    let chosen = stage.send(choice).await;
    let cookies: Vec<String> = chosen
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    assert!(
        cookies.len() >= 4,
        "{:?} {:?}",
        chosen.status(),
        chosen.headers()
    );
    let request = stage
        .get("/")
        .header(COOKIE, cookies.join("; "))
        .body(full(""))
        .unwrap();
    let (_, page) = text(stage.send(request).await).await;
    assert!(
        page.starts_with(&PAGE[..PAGE.len() - "</body></html>".len()]),
        "{page}"
    );
}

#[tokio::test]
async fn what_is_no_page_passes_byte_by_byte_with_its_headers() {
    let stage = Stage::new(|_| {
        let mut file = answer("text/css", STATIC);
        let headers = file.headers_mut();
        headers.insert("etag", HeaderValue::from_static("\"v1\""));
        headers.insert(
            "cache-control",
            HeaderValue::from_static("public, max-age=9"),
        );
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        file
    })
    .await;
    let request = Request::get(format!("http://{}/a.css?v=%201", stage.gateway))
        .header("accept", "text/css")
        .header(ACCEPT_ENCODING, "gzip, br")
        .body(full(""))
        .unwrap();
    let (head, body) = stage.send(request).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(body, STATIC);
    assert_eq!(value(&head.headers, "etag"), "\"v1\"");
    assert_eq!(value(&head.headers, "cache-control"), "public, max-age=9");
    assert_eq!(value(&head.headers, "content-encoding"), "gzip");
    assert_eq!(
        value(&head.headers, "content-length"),
        STATIC.len().to_string()
    );
    let (_, path, headers) = stage.last();
    assert_eq!(path, "/a.css?v=%201");
    assert_eq!(value(&headers, "accept-encoding"), "gzip, br");
}

// covers behaviours 69, 70
#[tokio::test]
async fn a_site_that_compresses_is_gated_too() {
    // As most sites do: only for those who can read it.
    let stage = Stage::new(|request| {
        if request.headers().contains_key(ACCEPT_ENCODING) {
            panic!("it was offered what the gate cannot read");
        }
        answer("text/html", PAGE)
    })
    .await;
    let request = stage
        .get("/")
        .header(ACCEPT_ENCODING, "gzip")
        .body(full(""))
        .unwrap();
    let (_, page) = text(stage.send(request).await).await;
    assert!(page.contains("type=\"text/plain\""), "{page}");

    // And as some do: whatever was asked for.
    let encoded = Bytes::from(gzip(PAGE.as_bytes()).await);
    let stage = Stage::new(move |_| {
        let mut page = answer("text/html", encoded.clone());
        let headers = page.headers_mut();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        page
    })
    .await;
    let response = stage.send(stage.get("/").body(full("")).unwrap()).await;
    if cfg!(feature = "decompress") {
        let (head, page) = text(response).await;
        assert!(!head.headers.contains_key(CONTENT_ENCODING));
        assert!(page.contains("type=\"text/plain\""), "{page}");
    } else {
        let policy = value(response.headers(), CONTENT_SECURITY_POLICY.as_str());
        assert!(policy.starts_with("default-src 'self'"), "{policy}");
        assert_eq!(value(response.headers(), "content-encoding"), "gzip");
    }
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut encoder = async_compression::tokio::bufread::GzipEncoder::new(bytes);
    encoder.read_to_end(&mut encoded).await.unwrap();
    encoded
}

// ---- It streams ----

// covers behaviour 73
#[tokio::test]
async fn a_page_arrives_piece_by_piece_as_it_is_written() {
    let (pieces, body) = Written::open();
    let body = Mutex::new(Some(body));
    let stage = Stage::new(move |_| {
        let mut response = Response::new(body.lock().unwrap().take().unwrap());
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        response
    })
    .await;
    pieces
        .send(piece("<!doctype html><html><head></head><body><p>0</p>"))
        .unwrap();
    let mut page = stage
        .send(stage.get("/").body(full("")).unwrap())
        .await
        .into_body();
    // The banner is long enough to be sent in several pieces.
    let mut first = String::new();
    while !first.ends_with("<p>0</p>") {
        first += &next(&mut page).await;
    }
    for number in 1..20 {
        // The next piece is written only after the one before has arrived.
        let text = format!("<p>{number}</p>");
        pieces.send(piece(&text)).unwrap();
        assert_eq!(next(&mut page).await, text);
    }
    drop(pieces);
    assert!(page.collect().await.is_ok());
}

#[tokio::test]
async fn the_gates_own_script_is_packed_and_a_page_is_not() {
    let stage = Stage::new(|_| answer("text/html", PAGE)).await;
    let (_, page) = stage.page().await;
    let start = page.find("/_consent/assets/guard-").unwrap();
    let script = page[start..].split('"').next().unwrap();
    let fetch = async |path: &str, accepted: &str| {
        let request = stage
            .get(path)
            .header("accept-encoding", accepted)
            .body(full(""))
            .unwrap();
        let (head, body) = stage.send(request).await.into_parts();
        let length = body.collect().await.unwrap().to_bytes().len();
        (head.headers.get(CONTENT_ENCODING).cloned(), length)
    };
    let (plain, whole) = fetch(script, "identity").await;
    let (packed, length) = fetch(script, "gzip").await;
    assert!(plain.is_none() && packed.is_some_and(|coding| coding == "gzip"));
    assert!(length * 2 < whole, "{length} of {whole}");
    assert!(fetch("/", "gzip").await.0.is_none());
}

#[tokio::test]
async fn an_upload_arrives_piece_by_piece_while_the_answer_is_under_way() {
    let stage = Stage::new(|request| Response::new(Unfailing::boxed(request.into_body()))).await;
    let (pieces, body) = Written::open();
    let request = Request::post(format!("http://{}/echo", stage.gateway))
        .body(body)
        .unwrap();
    pieces.send(piece("piece 0")).unwrap();
    let mut echo = stage.send(request).await.into_body();
    assert_eq!(next(&mut echo).await, "piece 0");
    for number in 1..10 {
        let text = format!("piece {number}");
        pieces.send(piece(&text)).unwrap();
        assert_eq!(next(&mut echo).await, text);
    }
    drop(pieces);
    assert!(echo.frame().await.is_none());
}

/// A request's body as an answer's.
struct Unfailing(Incoming);

impl Unfailing {
    fn boxed(body: Incoming) -> AnyBody {
        BodyExt::boxed(Self(body))
    }
}

impl Body for Unfailing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = Pin::new(&mut self.0).poll_frame(cx);
        frame.map(|frame| frame.map(|frame| Ok(frame.unwrap())))
    }
}

#[tokio::test]
async fn an_upstream_of_an_older_http_answers_in_the_visitors() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let upstream = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        let answer = b"HTTP/1.0 200 Fine\r\ncontent-type: text/plain\r\n\r\nold";
        stream.write_all(answer).await.unwrap();
    });
    let stage = Stage::before(upstream, Asked::default(), |_| {}).await;
    let (head, body) = stage.page().await;
    assert_eq!((head.version, body.as_str()), (Version::HTTP_11, "old"));
}

// covers behaviour 75
#[tokio::test]
async fn a_page_that_breaks_off_is_not_made_to_look_whole() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let upstream = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        stream
            .write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 900\r\n\r\n<p>half",
            )
            .await
            .unwrap();
    });
    let stage = Stage::before(upstream, Asked::default(), |_| {}).await;
    let response = stage.send(stage.get("/").body(full("")).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test]
async fn trailers_arrive() {
    let stage = Stage::new(|request| {
        assert_eq!(request.headers()[TE], "trailers");
        let (pieces, body) = Written::open();
        pieces.send(piece("data")).unwrap();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", HeaderValue::from_static("4"));
        pieces.send(Frame::trailers(trailers)).unwrap();
        let mut response = Response::new(body);
        response
            .headers_mut()
            .insert(TRAILER, HeaderValue::from_static("x-sum"));
        response
    })
    .await;
    let request = stage
        .get("/data")
        .header(TE, "trailers")
        .header(CONNECTION, "te");
    let response = stage.send(request.body(full("")).unwrap()).await;
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["x-sum"], "4");
}

// ---- Protocols ----

#[tokio::test]
async fn a_websocket_passes_both_ways() {
    let stage = Stage::new(|mut request| {
        assert_eq!(request.headers()[UPGRADE], "websocket");
        assert_eq!(request.headers()["sec-websocket-key"], "k");
        let upgraded = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = split(TokioIo::new(upgraded.await.unwrap()));
            copy(&mut read, &mut write).await.unwrap();
            write.shutdown().await.unwrap();
        });
        let mut response = Response::new(full(""));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        response
    })
    .await;
    let mut stream = TcpStream::connect(stage.gateway).await.unwrap();
    let request = "GET /socket HTTP/1.1\r\nHost: shop.test\r\nConnection: keep-alive, Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Key: k\r\nCookie: _ga=1; sid=2\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("\r\nupgrade: websocket\r\n"), "{head}");
    assert!(head.contains("\r\nconnection: upgrade\r\n"), "{head}");
    for message in ["one", "two"] {
        stream.write_all(message.as_bytes()).await.unwrap();
        let mut echo = [0; 3];
        stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo, message.as_bytes());
    }
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
    // The gate holds there too.
    assert_eq!(value(&stage.last().2, "cookie"), "sid=2");
}

#[tokio::test]
async fn http_2_without_tls_works_and_cookies_reach_the_site_in_one_line() {
    let stage = Stage::new(|_| answer("text/html", PAGE)).await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let mut request = stage.get("/").body(full("")).unwrap();
    for cookie in ["sid=1", "_ga=2", "cart=3"] {
        let cookie = HeaderValue::from_static(cookie);
        request.headers_mut().append(COOKIE, cookie);
    }
    let response = client.request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let (_, page) = text(response).await;
    assert!(page.contains("type=\"text/plain\""), "{page}");
    let (_, _, headers) = stage.last();
    assert_eq!(
        headers.get_all(COOKIE).iter().collect::<Vec<_>>(),
        ["sid=1; cart=3"]
    );
    assert_eq!(value(&headers, "host"), stage.gateway.to_string());
    assert_eq!(value(&headers, "via"), "2.0 tower-consent");
}

// ---- What the upstream is told ----

#[tokio::test]
async fn the_site_learns_who_asked_and_what_visitors_claim_is_replaced() {
    let stage = Stage::new(|_| {
        let mut page = answer("text/plain", "hello");
        let headers = page.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("x-hop"));
        headers.insert("x-hop", HeaderValue::from_static("1"));
        headers.insert("keep-alive", HeaderValue::from_static("timeout=5"));
        page
    })
    .await;
    let lines = [
        ("host", "shop.test"),
        ("connection", "x-mine, x-forwarded-for"),
        ("x-mine", "1"),
        ("te", "gzip"),
        ("proxy-authorization", "Basic eA=="),
        ("upgrade", "h2c"),
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.test"),
        ("x-real-ip", "6.6.6.6"),
        ("forwarded", "for=6.6.6.6"),
        ("via", "1.0 fred"),
    ];
    let ask = |stage: &Stage| {
        let mut request = Request::get(format!("http://{}/x", stage.gateway));
        for (name, value) in lines {
            request = request.header(name, value);
        }
        request.body(full("")).unwrap()
    };
    let response = stage.send(ask(&stage)).await;
    for gone in ["x-hop", "keep-alive", "connection"] {
        assert!(!response.headers().contains_key(gone), "{gone}");
    }
    let (_, _, told) = stage.last();
    for gone in [
        "connection",
        "x-mine",
        "te",
        "proxy-authorization",
        "upgrade",
        "x-real-ip",
    ] {
        assert!(!told.contains_key(gone), "{gone}: {told:?}");
    }
    assert!(!told.contains_key(FORWARDED));
    assert_eq!(told.get_all(HOST).iter().collect::<Vec<_>>(), ["shop.test"]);
    assert_eq!(value(&told, "x-forwarded-for"), "127.0.0.1");
    assert_eq!(value(&told, "x-forwarded-proto"), "http");
    assert_eq!(value(&told, "x-forwarded-host"), "shop.test");
    assert_eq!(
        told.get_all(VIA).iter().collect::<Vec<_>>(),
        ["1.0 fred, 1.1 tower-consent"]
    );

    let stage = Stage::with(
        |options| {
            options.behind_proxy = true;
            options.upstream_host = true;
        },
        |_| answer("text/plain", "hello"),
    )
    .await;
    let mut request = ask(&stage);
    request.headers_mut().remove(CONNECTION);
    stage.send(request).await;
    let (_, _, told) = stage.last();
    assert_eq!(value(&told, "host"), stage.upstream.to_string());
    assert_eq!(value(&told, "x-forwarded-for"), "6.6.6.6, 127.0.0.1");
    assert_eq!(value(&told, "x-forwarded-proto"), "https");
    assert_eq!(value(&told, "x-forwarded-host"), "evil.test");
    assert_eq!(value(&told, "forwarded"), "for=6.6.6.6, for=127.0.0.1");
}

#[tokio::test]
async fn a_redirect_to_the_upstream_itself_leads_to_the_gateway() {
    for (own_host, location, seen) in [
        (true, "http://{upstream}/cart?a=1", "/cart?a=1"),
        (
            true,
            "http://{upstream}//evil.test/",
            "http://{upstream}//evil.test/",
        ),
        (true, "http://{upstream}1/", "http://{upstream}1/"),
        (true, "https://elsewhere.test/", "https://elsewhere.test/"),
        (true, "/relative", "/relative"),
        // It was asked by the visitor's host, so what it says is meant.
        (false, "http://{upstream}/cart", "http://{upstream}/cart"),
    ] {
        let stage = Stage::with(
            |options| options.upstream_host = own_host,
            move |request| {
                let mut response = answer("text/plain", "");
                *response.status_mut() = StatusCode::SEE_OTHER;
                let upstream = value(request.headers(), "x-upstream");
                let location = location.replace("{upstream}", upstream);
                let location = HeaderValue::from_str(&location).unwrap();
                response.headers_mut().insert("location", location);
                response
            },
        )
        .await;
        let upstream = stage.upstream.to_string();
        let request = stage.get("/").header("x-upstream", &upstream);
        let response = stage.send(request.body(full("")).unwrap()).await;
        let expected = seen.replace("{upstream}", &upstream);
        assert_eq!(value(response.headers(), "location"), expected);
    }
}

#[tokio::test]
async fn it_asks_its_upstream_and_nobody_else() {
    let stage = Stage::new(|_| answer("text/plain", "mine")).await;
    for line in [
        "GET http://user@elsewhere.test/x HTTP/1.1\r\nHost: ignored.test\r\n",
        "CONNECT elsewhere.test:443 HTTP/1.1\r\nHost: elsewhere.test:443\r\n",
        "TRACE / HTTP/1.1\r\nHost: elsewhere.test\r\n",
    ] {
        let mut stream = TcpStream::connect(stage.gateway).await.unwrap();
        let request = format!("{line}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        if line.starts_with("GET") {
            assert!(
                answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("mine"),
                "{answer}"
            );
        } else {
            assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        }
    }
    let asked = stage.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].1.as_str(), value(&asked[0].2, "host")),
        ("/x", "elsewhere.test")
    );
}

// ---- When things go wrong, and the end ----

#[tokio::test]
async fn without_an_upstream_a_page_says_so() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let stage = Stage::before(nobody, Asked::default(), |_| {}).await;
    let (head, page) = stage.page().await;
    assert_eq!(head.status, StatusCode::BAD_GATEWAY);
    assert!(page.contains("accepts no connection"), "{page}");
    assert!(!page.contains(&nobody.to_string()), "{page}");
    assert!(value(&head.headers, "cache-control").contains("no-store"));

    for version in [Version::HTTP_11, Version::HTTP_2] {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(version == Version::HTTP_2)
            .build_http();
        for path in ["/", "/_consent"] {
            let mut request = stage.get(path).body(full("")).unwrap();
            *request.method_mut() = Method::HEAD;
            let response = client.request(request).await.unwrap();
            assert_eq!(response.version(), version);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(body.is_empty(), "{version:?} {path}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_hangs_up_is_told_from_one_that_is_not_there() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let upstream = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
        }
    });
    let stage = Stage::before(upstream, Asked::default(), |_| {}).await;
    let (head, page) = stage.page().await;
    assert_eq!(head.status, StatusCode::BAD_GATEWAY);
    assert!(page.contains("broke the connection off"), "{page}");
}

#[tokio::test]
async fn it_ends_after_the_answers_that_are_under_way() {
    let (pieces, body) = Written::open();
    let body = Mutex::new(Some(body));
    let mut stage = Stage::new(move |_| Response::new(body.lock().unwrap().take().unwrap())).await;
    pieces.send(piece("begun")).unwrap();
    let mut answer = stage
        .send(stage.get("/file").body(full("")).unwrap())
        .await
        .into_body();
    assert_eq!(next(&mut answer).await, "begun");
    stage.stop.take().unwrap().send(()).unwrap();
    // It takes nobody new.
    while TcpStream::connect(stage.gateway).await.is_ok() {
        tokio::task::yield_now().await;
    }
    pieces.send(piece("ended")).unwrap();
    drop(pieces);
    assert_eq!(next(&mut answer).await, "ended");
    assert!(answer.frame().await.is_none());
    stage.served.await.unwrap();
}

// ---- The command line ----

fn read(line: &str) -> Result<Command, String> {
    let (command, problems) = options::read(line.split_ascii_whitespace().map(str::to_owned));
    problems
        .none_or(command)
        .map_err(|problems| problems.to_string())
}

#[test]
fn the_command_line_is_read_as_the_help_says() {
    let line = "--upstream http://127.0.0.1:8080 --listen=127.0.0.1:9000 --policy consent.toml \
        --list a.txt --list b.txt --strict --insecure-cookies --upstream-host --behind-proxy";
    let Ok(Command::Run(options)) = read(line) else {
        panic!("{:?}", read(line));
    };
    assert_eq!(options.upstream, "127.0.0.1:8080");
    assert_eq!(options.listen, "127.0.0.1:9000");
    assert_eq!(options.policy.unwrap().to_str(), Some("consent.toml"));
    assert_eq!(options.lists.len(), 2);
    assert!(options.strict && options.insecure_cookies);
    assert!(options.upstream_host && options.behind_proxy);
    assert!(matches!(read("--help"), Ok(Command::Help)));
    for word in line.split([' ', '=']).filter(|word| word.starts_with("--")) {
        assert!(HELP.contains(&format!("  {word} ")), "{word}");
    }
    assert!(matches!(
        read("--upstream http://[::1]:80"),
        Ok(Command::Run(_))
    ));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let line = "--upstream https://shop.test --listen nowhere --fast --strict=yes --policy --policy a --policy b";
    let told = read(line).unwrap_err();
    for part in [
        "must begin with http://",
        "--listen nowhere is not an address",
        "no option --fast",
        "--strict takes no value",
        "--policy needs a value",
        "--policy is given 2 times",
        "--help",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for (line, part) in [
        ("", "--upstream is missing"),
        ("--upstream shop.test", "must begin with http://"),
        ("--upstream http://a.test/shop", "must end after the port"),
        ("--upstream http://u:p@a.test", "no password"),
        ("--upstream http://:", "--upstream http://:"),
        ("--upstream http://127.0.0.1:8000", "ask itself"),
        ("8080", "no option 8080"),
    ] {
        let told = read(line).unwrap_err();
        assert!(told.contains(part), "{line}: {told}");
    }
}

#[test]
fn a_policy_that_cannot_be_used_is_told_with_its_problems() {
    let mut options = Options::new("127.0.0.1:8080".parse().unwrap());
    options.policy = Some("tests/data/no-such-file.toml".into());
    options.lists = vec!["tests/data/no-such-list.txt".into()];
    let mut problems = Problems::default();
    problems.add("there is no option --fast");
    let told = site::layer(&options, problems).unwrap_err().to_string();
    for part in [
        "no option --fast",
        "no-such-file.toml: cannot read",
        "no-such-list.txt: cannot read",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    options.lists.clear();

    for file in ["tests/data/policy.toml", "tests/data/policy.json"] {
        options.policy = Some(file.into());
        assert!(site::layer(&options, Problems::default()).is_ok(), "{file}");
    }

    options.policy = Some("Cargo.toml".into());
    let told = site::layer(&options, Problems::default())
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("Cargo.toml") && told.contains("unknown field"),
        "{told}"
    );
}

#[tokio::test]
async fn lists_and_strictness_reach_the_gate() {
    const OTHERS: &str = "<!doctype html><html><head>\
        <script src=\"https://a.listed-tracker.test/t.js\"></script>\
        <script src=\"https://cdn.harmless.test/app.js\"></script></head><body></body></html>";
    let list = std::env::temp_dir().join(format!("easyprivacy-{}.txt", std::process::id()));
    std::fs::write(
        &list,
        "! Title: EasyPrivacy\n||listed-tracker.test^$third-party\n",
    )
    .unwrap();
    for (strict, lists, blocked) in [
        (false, vec![], 0),
        (false, vec![list.clone()], 1),
        (true, vec![], 2),
        (true, vec![list.clone()], 2),
    ] {
        let mut options = Options::new("127.0.0.1:8080".parse().unwrap());
        (options.strict, options.lists) = (strict, lists);
        let stage = Stage::with(
            |wanted| {
                *wanted = Options {
                    upstream: wanted.upstream.clone(),
                    ..options
                }
            },
            |_| answer("text/html", OTHERS),
        )
        .await;
        let (_, page) = stage.page().await;
        assert_eq!(
            page.matches("type=\"text/plain\"").count(),
            blocked,
            "{page}"
        );
    }
    std::fs::remove_file(list).unwrap();
}

#[test]
fn names_of_headers_are_read_as_they_are_written() {
    let mut headers = HeaderMap::new();
    let odd = HeaderValue::from_static("close, X-One;q=1 ,, b(d");
    headers.insert(CONNECTION, odd);
    headers.insert(
        HeaderName::from_static("x-one"),
        HeaderValue::from_static("1"),
    );
    proxy::forward::end_hop(&mut headers);
    assert!(headers.is_empty(), "{headers:?}");
}
