//! Proves that compressed pages are gated like plain ones, in bounded memory and work, and never end well when they are broken.

#![cfg(feature = "decompress")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod html_common;

use std::error::Error as _;
use std::pin::pin;

use async_compression::Level;
use async_compression::tokio::bufread::{
    BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
};
use async_compression::tokio::write::GzipEncoder as GzipWriter;
use async_compression::{brotli, zstd};
use html_common::{Broken, Pieces, Site, frame, get_with, read, wait};
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, VARY,
};
use http::{HeaderValue, Method, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tower_consent::{BodyError, ConsentBody};

/// How long the largest piece is that leaves a decoder, in bytes.
const PIECE: usize = 16 * 1024;

/// A page with a tracker, too varied to shrink to nothing.
fn page() -> String {
    let items: String = (0..400u32)
        .map(|at| {
            format!(
                "<li data-n=\"{:x}\">ä {at}</li>",
                at.wrapping_mul(2_654_435_761)
            )
        })
        .collect();
    format!(
        "<!doctype html><html><head><script src=\"https://stats.test/s.js\"></script></head>\
         <body><ul>{items}</ul><img src=\"//ads.test/x\"></body></html>"
    )
}

fn pack(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut packed = Vec::new();
    wait(encoder.read_to_end(&mut packed)).unwrap();
    packed
}

fn gzip(text: &[u8]) -> Vec<u8> {
    pack(GzipEncoder::new(text))
}

fn zstd(text: &[u8]) -> Vec<u8> {
    pack(ZstdEncoder::new(text))
}

/// The text in every coding, with what `Content-Encoding` calls it.
fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let brotli = pack(BrotliEncoder::with_quality(text, Level::Precise(5)));
    let zlib = pack(ZlibEncoder::new(text));
    vec![
        ("gzip", gzip(text)),
        ("X-Gzip", gzip(text)),
        ("deflate", zlib.clone()),
        // As some servers understand the name.
        ("deflate", pack(DeflateEncoder::new(text))),
        ("br", brotli.clone()),
        ("zstd", zstd(text)),
        (
            "gzip, br",
            pack(BrotliEncoder::with_quality(
                &gzip(text)[..],
                Level::Precise(5),
            )),
        ),
        ("br, gzip", gzip(&brotli)),
        ("deflate, identity, zstd", zstd(&zlib)),
        ("identity", text.to_vec()),
    ]
}

fn send(site: &Site, cookies: &str, coding: &str, body: Pieces) -> Response<ConsentBody<Pieces>> {
    site.respond(get_with("/", &[("cookie", cookies)]), move || {
        Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CONTENT_ENCODING, coding)
            .header(CONTENT_LENGTH, "999")
            .header(ETAG, "\"packed\"")
            .header(VARY, "Accept-Encoding")
            .body(body.clone())
            .unwrap()
    })
}

fn outcome(
    site: &Site,
    cookies: &str,
    coding: &str,
    packed: &[u8],
) -> (Vec<u8>, Option<BodyError>) {
    let mut body = pin!(send(site, cookies, coding, Pieces::split(packed, 4096)).into_body());
    let mut came = Vec::new();
    while let Some(frame) = frame(body.as_mut()) {
        match frame {
            Ok(frame) => came.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(error) => {
                assert!(
                    html_common::frame(body.as_mut()).is_none(),
                    "it went on after an error"
                );
                return (came, Some(error));
            }
        }
    }
    (came, None)
}

fn fails(site: &Site, cookies: &str, coding: &str, packed: &[u8]) -> (Vec<u8>, String) {
    let (came, error) = outcome(site, cookies, coding, packed);
    let error = error.unwrap_or_else(|| panic!("{coding} came through: {} bytes", came.len()));
    let told = error.to_string();
    assert!(
        told.starts_with("the page could not be decompressed: "),
        "{told}"
    );
    assert!(error.source().is_some());
    (came, told)
}

// ---- Every coding, however it arrives ----

// covers S01, behaviour 70
#[test]
fn a_page_in_any_coding_is_gated_like_the_plain_one() {
    let page = page();
    let site = Site::with_link();
    for (who, cookies) in [
        ("undecided", String::new()),
        ("refused", site.refused()),
        ("granted", site.granted()),
    ] {
        let expected = site.page(&cookies, &page);
        for (coding, packed) in packed(page.as_bytes()) {
            for length in [1, 2, 3, 5, 17, 100, 1000, packed.len()] {
                let response = send(&site, &cookies, coding, Pieces::split(&packed, length));
                let headers = response.headers().clone();
                let came = read(response.into_body()).unwrap();
                assert!(came == expected, "{who}: {coding} in pieces of {length}");
                for gone in [CONTENT_LENGTH, CONTENT_SECURITY_POLICY] {
                    assert!(!headers.contains_key(&gone), "{who}: {coding}: {gone}");
                }
                assert_ne!(headers.get(ETAG).unwrap(), "\"packed\"", "{who}: {coding}");
                let plain = coding == "identity";
                assert_eq!(headers.contains_key(CONTENT_ENCODING), plain, "{coding}");
                assert_eq!(
                    headers.get_all(VARY).iter().next().unwrap(),
                    "Accept-Encoding"
                );
            }
        }
    }
}

// covers behaviour 70
#[test]
fn several_parts_are_one_page_and_padding_is_none_of_it() {
    let page = page();
    let (one, two) = page.as_bytes().split_at(page.find("<li").unwrap() + 90);
    let site = Site::new();
    let refused = site.refused();
    let expected = site.page(&refused, &page);
    let skipped = b"\x53\x2a\x4d\x18\x03\x00\x00\x00abc";
    for (coding, packed) in [
        ("gzip", [gzip(one), gzip(two)].concat()),
        (
            "gzip",
            [gzip(one), gzip(b""), gzip(two), vec![0; 9]].concat(),
        ),
        ("gzip", [gzip(page.as_bytes()), b"\x1f".to_vec()].concat()),
        (
            "gzip",
            [gzip(page.as_bytes()), b"<img src=//ads.test/y>".repeat(99)].concat(),
        ),
        ("zstd", [zstd(one), skipped.to_vec(), zstd(two)].concat()),
        (
            "zstd",
            [zstd(page.as_bytes()), b"\n\n\n\n\n".to_vec()].concat(),
        ),
        ("gzip, gzip", gzip(&[gzip(one), gzip(two)].concat())),
    ] {
        for length in [1, 7, packed.len()] {
            let body = Pieces::split(&packed, length);
            let came = read(send(&site, &refused, coding, body).into_body()).unwrap();
            assert!(came == expected, "{coding} in pieces of {length}");
        }
    }
    // A second part that is broken is no padding.
    let mut broken = [gzip(one), gzip(two)].concat();
    let end = broken.len() - 6;
    broken[end] ^= 1;
    fails(&site, &refused, "gzip", &broken);
}

// covers behaviour 73
#[test]
fn a_slow_compressed_page_comes_out_piece_by_piece() {
    let site = Site::with_link();
    let mut encoder = GzipWriter::new(Vec::new());
    let mut pieces = Vec::new();
    let texts: Vec<String> = (0..20).map(|at| format!("<p>Item {at}</p>")).collect();
    for (at, text) in texts.iter().enumerate() {
        let lead = if at == 0 {
            "<!doctype html><html><body>"
        } else {
            ""
        };
        wait(encoder.write_all(format!("{lead}{text}").as_bytes())).unwrap();
        wait(encoder.flush()).unwrap();
        pieces.push(std::mem::take(encoder.get_mut()));
    }
    for cookies in [String::new(), site.refused(), site.granted()] {
        let body = Pieces::of(&pieces);
        let source = body.clone();
        let mut body = pin!(send(&site, &cookies, "gzip", body).into_body());
        for (at, text) in texts.iter().enumerate() {
            let data = frame(body.as_mut()).unwrap().unwrap().into_data().unwrap();
            assert_eq!(source.taken(), at + 1, "one piece in, one piece out");
            assert!(data.ends_with(text.as_bytes()), "{data:?}");
        }
        // It never ends, as far as the encoder has said.
        let error = frame(body.as_mut()).unwrap().unwrap_err();
        assert!(error.to_string().contains("cut short"), "{error}");
    }
}

#[test]
fn trailers_follow_the_page() {
    let site = Site::with_link();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-took", HeaderValue::from_static("3ms"));
    for cookies in [String::new(), site.granted()] {
        for (coding, packed) in packed(page().as_bytes()) {
            let body = Pieces::split(&packed, 50).with_trailers(trailers.clone());
            let mut body = pin!(send(&site, &cookies, coding, body).into_body());
            let mut last = None;
            let mut came = Vec::new();
            while let Some(frame) = frame(body.as_mut()) {
                match frame.unwrap().into_data() {
                    Ok(data) => came.extend_from_slice(&data),
                    Err(frame) => last = frame.into_trailers().ok(),
                }
            }
            assert!(
                came.ends_with(b"</html>") || !cookies.is_empty(),
                "{coding}"
            );
            assert_eq!(last.as_ref(), Some(&trailers), "{coding}");
        }
    }
}

// ---- What is left alone ----

// covers behaviour 55
#[test]
fn what_is_no_page_stays_compressed() {
    let site = Site::new();
    let packed = gzip(page().as_bytes());
    let response = site.respond(get_with("/a.js", &[]), || {
        Response::builder()
            .header(CONTENT_TYPE, "text/javascript")
            .header(CONTENT_ENCODING, "gzip")
            .body(Pieces::of(&[&packed]))
            .unwrap()
    });
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(read(response.into_body()).unwrap(), packed);
}

// covers behaviour 77
#[test]
fn the_answer_to_head_has_the_headers_of_the_gated_page() {
    let site = Site::with_link();
    let packed = gzip(page().as_bytes());
    let get = send(&site, "", "gzip", Pieces::of(&[&packed]));
    let mut request = get_with("/", &[]);
    *request.method_mut() = Method::HEAD;
    let head = site.respond(request, || {
        let (mut head, _) = Response::new(()).into_parts();
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_ENCODING, "gzip"),
            (CONTENT_LENGTH, "999"),
            (ETAG, "\"packed\""),
            (VARY, "Accept-Encoding"),
        ] {
            head.headers.insert(name, HeaderValue::from_static(value));
        }
        Response::from_parts(head, Pieces::default())
    });
    assert_eq!(head.headers(), get.headers());
    assert!(!head.headers().contains_key(CONTENT_ENCODING));
    assert!(read(head.into_body()).unwrap().is_empty());
}

#[test]
fn an_empty_body_is_an_empty_page() {
    let site = Site::new();
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        let body = Pieces::default();
        let came = read(send(&site, &site.refused(), coding, body).into_body()).unwrap();
        assert!(came.is_empty(), "{coding}");
    }
}

// ---- What is broken or hostile ----

// covers behaviour 71
#[test]
fn a_page_that_is_cut_short_is_an_error_wherever_it_is_cut() {
    let site = Site::new();
    let refused = site.refused();
    let page = "<!doctype html><p>one</p><p>two</p><img src=\"//ads.test/x\"><p>three</p>";
    let gated = site.page(&refused, page);
    for (coding, packed) in packed(page.as_bytes()) {
        if coding == "identity" {
            continue;
        }
        for length in 1..packed.len() {
            let (came, _) = fails(&site, &refused, coding, &packed[..length]);
            assert!(gated.starts_with(&came), "{coding} cut at {length}");
        }
    }
}

// covers behaviour 75
#[test]
fn an_error_of_the_app_stays_its_own() {
    let site = Site::new();
    let packed = gzip(page().as_bytes());
    let body = Pieces::split(&packed[..packed.len() / 2], 64).breaking();
    let error = read(send(&site, &site.refused(), "gzip", body).into_body()).unwrap_err();
    assert_eq!(error.to_string(), Broken.to_string());
}

#[test]
fn a_page_that_was_damaged_is_an_error_or_the_same_page() {
    let site = Site::new();
    let refused = site.refused();
    let page = "<!doctype html><p>one</p><p>two</p><img src=\"//ads.test/x\"><p>three</p>";
    let gated = site.page(&refused, page);
    for (coding, packed) in packed(page.as_bytes()) {
        for at in 0..packed.len() {
            for bit in 0..8 {
                let mut damaged = packed.clone();
                damaged[at] ^= 1 << bit;
                let (came, error) = outcome(&site, &refused, coding, &damaged);
                // The others carry no checksum, so other text may come out; it is gated too.
                if coding.ends_with("zip") && error.is_none() {
                    assert!(came == gated, "{coding}: byte {at}, bit {bit}");
                }
            }
        }
    }
    for coding in ["gzip", "deflate", "br", "zstd", "br, gzip"] {
        let plain = page.replace('d', "D");
        fails(&site, &refused, coding, plain.as_bytes());
    }
}

// covers behaviour 72
#[test]
fn a_bomb_is_stopped_before_it_has_burst() {
    const MAX: usize = 1024 * 1024;
    let mut site = Site::with_link();
    site.layer = site.layer.with_max_decompressed(MAX as u64);
    let granted = site.granted();
    let fits = vec![b' '; MAX];
    let bomb = vec![b' '; MAX + 1];
    for cookies in ["", &granted] {
        for (coding, packed) in packed(&fits) {
            let (came, error) = outcome(&site, cookies, coding, &packed);
            assert!(error.is_none() && came.len() >= MAX, "{coding}: {error:?}");
        }
        for (coding, packed) in packed(&bomb) {
            if coding == "identity" {
                continue;
            }
            let (came, told) = fails(&site, cookies, coding, &packed);
            assert!(told.contains("longer than 1048576 bytes"), "{told}");
            assert!(came.len() <= MAX, "{coding}");
        }
        // All of it between two codings, and nothing at the end.
        let skipped = [
            b"\x50\x2a\x4d\x18".to_vec(),
            4_000_000_u32.to_le_bytes().to_vec(),
            vec![0; 4_000_000],
        ];
        let (came, told) = fails(&site, cookies, "zstd, gzip", &gzip(&skipped.concat()));
        assert!(came.is_empty() && told.contains("longer than"), "{told}");
    }
}

// covers behaviours 72, 73
#[test]
fn what_was_packed_tightly_leaves_in_small_pieces() {
    let site = Site::new();
    let refused = site.refused();
    let text = vec![b' '; 4 * 1024 * 1024];
    for (coding, packed) in packed(&text) {
        if coding == "identity" {
            continue;
        }
        // All of it arrives at once.
        let mut body = pin!(send(&site, &refused, coding, Pieces::of(&[&packed])).into_body());
        let mut length = 0;
        while let Some(frame) = frame(body.as_mut()) {
            let data = frame.unwrap().into_data().unwrap();
            assert!(data.len() <= PIECE, "{coding}: {}", data.len());
            length += data.len();
        }
        assert_eq!(length, text.len(), "{coding}");
    }
}

// covers behaviour 72
#[test]
fn a_page_that_asks_for_much_memory_is_refused_and_the_usual_settings_are_not() {
    let site = Site::new();
    let refused = site.refused();
    let text = page().repeat(40);
    let brotli = |window| {
        let params = brotli::EncoderParams::default()
            .quality(Level::Precise(4))
            .window_size(window);
        pack(BrotliEncoder::with_params(text.as_bytes(), params))
    };
    let zstd = |window| {
        let params = [zstd::CParameter::window_log(window)];
        let level = Level::Precise(3);
        pack(ZstdEncoder::with_quality_and_params(
            text.as_bytes(),
            level,
            &params,
        ))
    };
    for window in 10..=22 {
        assert!(
            outcome(&site, &refused, "br", &brotli(window as i32))
                .1
                .is_none(),
            "{window}"
        );
        assert!(
            outcome(&site, &refused, "zstd", &zstd(window)).1.is_none(),
            "{window}"
        );
    }
    for window in [23, 24] {
        let (came, told) = fails(&site, &refused, "br", &brotli(window));
        assert!(came.is_empty() && told.contains("4 MiB"), "{told}");
    }
    for window in [23, 27, 30] {
        let (came, told) = fails(&site, &refused, "zstd", &zstd(window));
        assert!(came.is_empty(), "{told}");
    }
}
