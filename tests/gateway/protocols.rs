//! Proves that upgrades and HTTP/2 work.

use http::header::{CONNECTION, COOKIE, UPGRADE};
use http::{HeaderValue, Response, StatusCode, Version};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, split};
use tokio::net::TcpStream;

use crate::{PAGE, Stage, answer, full, text, value};

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
