//! Proves that the gate stands in front of a site that knows nothing of it, and what is no page passes untouched.

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, SET_COOKIE,
};
use http::{HeaderValue, Request, StatusCode, Version};
use http_body_util::BodyExt;
use tokio::io::AsyncReadExt;

use crate::{PAGE, STATIC, Stage, answer, full, text, value};

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
