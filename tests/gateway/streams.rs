//! Proves that pages, uploads and trailers flow through as they come, and what breaks off is not made to look whole.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, TE, TRAILER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

use crate::{AnyBody, Asked, PAGE, Stage, Written, answer, full, next, piece};

/// Writes each text only after the one before has arrived, and nothing behind them.
async fn arrive_one_by_one(
    texts: impl Iterator<Item = String>,
    pieces: UnboundedSender<Frame<Bytes>>,
    body: &mut Incoming,
) {
    for text in texts {
        pieces.send(piece(&text)).unwrap();
        assert_eq!(next(body).await, text);
    }
}

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
    let more = (1..20).map(|number| format!("<p>{number}</p>"));
    arrive_one_by_one(more, pieces, &mut page).await;
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
    let more = (1..10).map(|number| format!("piece {number}"));
    arrive_one_by_one(more, pieces, &mut echo).await;
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
