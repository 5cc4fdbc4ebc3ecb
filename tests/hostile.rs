//! Proves that a page made to hurt ends in an error or as it should, and never costs more than its bound.

#![allow(clippy::print_stdout, reason = "shown where the test fails")]

mod html_common;

use std::pin::pin;

use bytes::Bytes;
use html_common::{Pieces, Site, frame};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What one response may use besides its chunks (see `ConsentLayer`), in bytes.
const MAX: usize = 8 * 1024 * 1024;
/// How long a page is that is one thing, in bytes.
const LONG: usize = 10 * 1024 * 1024;
/// How long a page is that is made of many.
const MANY: usize = 1024 * 1024;
const CHUNK: usize = 16 * 1024;

/// How many bytes of a page arrive, and whether it ends well.
fn drain(site: &Site, cookies: &str, page: Pieces) -> (usize, bool) {
    let mut body = pin!(site.html("text/html", cookies, page).into_body());
    let mut length = 0;
    loop {
        match frame(body.as_mut()) {
            Some(Ok(frame)) => length += frame.into_data().map_or(0, |data| data.len()),
            Some(Err(_)) => return (length, false),
            None => return (length, true),
        }
    }
}

/// A long page made of `piece`, in chunks.
fn endless(start: &str, piece: &str) -> Pieces {
    let length = if piece.len() > 1 { MANY } else { LONG };
    let chunk: Bytes = piece.repeat(CHUNK / piece.len() + 1).into();
    let count = length / chunk.len() + 1;
    let start = std::iter::once(Bytes::copy_from_slice(start.as_bytes()));
    Pieces::from(start.chain(std::iter::repeat_n(chunk, count)))
}

// covers behaviour 74
#[test]
fn a_page_made_to_hurt_stays_within_its_bound() {
    let site = Site::new();
    let refused = site.refused();
    for (what, start, piece, whole) in [
        ("an attribute", "<!doctype html><img alt=\"", "x", false),
        (
            "an address",
            "<!doctype html><img src=\"//ads.test/",
            "x",
            false,
        ),
        ("attributes", "<!doctype html><img", " a b=c ", false),
        (
            "a tag that never ends",
            "<!doctype html><script ",
            "x='y' ",
            false,
        ),
        ("a start of a tag", "<!doctype html>", "<", true),
        ("elements in elements", "<!doctype html>", "<div>", true),
        ("cells", "<!doctype html><table>", "<tr><td>x<td>y", true),
        ("foreign elements", "<!doctype html>", "<svg>", false),
        ("closed foreign elements", "<!doctype html>", "<svg/>", true),
        (
            "a script that never ends",
            "<!doctype html><script>",
            "f('//ads.test/');",
            true,
        ),
        (
            "a comment in a script",
            "<!doctype html><script><!--<script>",
            "</script><script>",
            true,
        ),
        (
            "a noscript that never ends",
            "<!doctype html><noscript>",
            "<p>x</p>",
            false,
        ),
        (
            "a style that never ends",
            "<!doctype html><style>",
            "p{background:url(//ads.test/x)}",
            true,
        ),
        (
            "a style without rules",
            "<!doctype html><style>",
            "x",
            false,
        ),
        ("deep rules", "<!doctype html><style>", "{", false),
        (
            "a comment that never ends",
            "<!doctype html><!--",
            "x",
            true,
        ),
        ("text", "<!doctype html>", "x &amp; ", true),
        (
            "frames",
            "<!doctype html>",
            "<iframe srcdoc='<img src=//ads.test/x>'></iframe>",
            true,
        ),
        (
            "blocked elements",
            "<!doctype html>",
            "<img src=//ads.test/x>",
            true,
        ),
    ] {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let (length, ended) = drain(&site, &refused, endless(start, piece));
        let used = MEMORY.peak_usage() - before;
        println!("{what}: {used} bytes, {length} out, {ended}");
        assert!(used <= MAX, "{what}: {used} bytes");
        assert_eq!(ended, whole, "{what}");
        if whole {
            assert!(length >= MANY, "{what}: {length}");
        }
    }
    // In the same test, for another would use memory at the same time.
    let name = "x".repeat(1024);
    let bodies = (0..LONG / name.len()).map(|at| format!("<body {name}{at}=y>"));
    // Kept to the end: what its pieces give back would hide what is kept of them.
    let whole = Bytes::from("<!doctype html>".to_owned() + &bodies.collect::<String>());
    let pieces = (0..whole.len()).step_by(CHUNK);
    let pieces = pieces.map(|at| whole.slice(at..whole.len().min(at + CHUNK)));
    let page = Pieces::from(pieces);
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let (length, ended) = drain(&site, &refused, page);
    let used = MEMORY.peak_usage() - before;
    println!("bodies that never say the same: {used} bytes, {length} out, {ended}");
    assert!(used <= MAX && ended && length >= LONG);
}
