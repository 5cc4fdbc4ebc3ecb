//! Proves that the site learns who asked, and that nobody else is asked.

use http::header::{CONNECTION, FORWARDED, HOST, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::proxy::forward::end_hop;
use crate::{Stage, answer, full, value};

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

#[test]
fn names_of_headers_are_read_as_they_are_written() {
    let mut headers = HeaderMap::new();
    let odd = HeaderValue::from_static("close, X-One;q=1 ,, b(d");
    headers.insert(CONNECTION, odd);
    headers.insert(
        HeaderName::from_static("x-one"),
        HeaderValue::from_static("1"),
    );
    end_hop(&mut headers);
    assert!(headers.is_empty(), "{headers:?}");
}
