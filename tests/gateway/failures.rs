//! Proves that a site that is not there is told of, and the gateway ends after the answers that are under way.

use std::net::Ipv4Addr;
use std::sync::Mutex;

use http::{Method, Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::{Asked, Stage, Written, full, next, piece, value};

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
