//! Proves that the owner of a strict site is told each host that waits once, with the line to paste.
//!
//! One test alone in its file: what a thread logs can be heard only where no other thread logs first.

#![cfg(feature = "strict-third-parties")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::io;
use std::sync::{Arc, Mutex};

use common::*;
use tower_consent::Policy;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_owner_is_told_each_host_once_with_the_line_to_paste() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let policy = Policy::builder(REVISION).strict_third_parties();
        let app = App::new(policy.build().unwrap()).answering(|_| {
            page(
                "<script src=\"https://cdn.test/a.js\"></script><script src=\"https://cdn.test/b.js\"></script>\
                 <iframe src=\"https://maps.test/\"></iframe><img src=\"https://img.test/a.png\">\
                 <script src=\"https://static.hotjar.com/c/hotjar.js\"></script>",
            )
        });
        app.get("/");
        app.get("/");
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("held back"))
        .collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].contains(".vendor(Vendor::new(\"cdn-test\", Category::Necessary)"),
        "{text}"
    );
    assert!(lines[0].contains(".hosts([\"cdn.test\"])"), "{text}");
    assert!(lines[2].contains("catalog::hotjar()"), "{text}");
    assert!(!text.contains("img.test"), "{text}");
}
