//! Do known pages come out as they should, and back as they were?

use std::fs;
use std::path::PathBuf;

use crate::html_common::{Site, canonical, restored};

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/html")
}

/// The pages in `tests/data/html` by name: as the app writes them, and as a visitor receives them who refused.
pub(crate) fn pairs() -> Vec<(String, String, String)> {
    let mut names: Vec<String> = fs::read_dir(data())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".in.html").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let file = |kind| {
                fs::read_to_string(data().join(format!("{name}.{kind}.html"))).unwrap_or_default()
            };
            (name.clone(), file("in"), file("out"))
        })
        .collect()
}

/// Compares line by line, which shows the one line that differs.
fn assert_lines(found: &str, expected: &str, what: &str) {
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{what}, line {}", number + 1);
    }
    assert_eq!(found, expected, "{what}");
}

// With TOWER_CONSENT_WRITE_PAGES set it writes what comes out, to be read before it is committed.
// covers behaviours 58, 60, 61, 62, 63, 64
#[test]
fn known_pages_come_out_as_they_did_before() {
    let site = Site::new();
    let refused = site.refused();
    for (name, page, expected) in pairs() {
        for cookies in [&refused, ""] {
            let gated = canonical(&site.gated(cookies, &page));
            if std::env::var_os("TOWER_CONSENT_WRITE_PAGES").is_some() {
                fs::write(data().join(format!("{name}.out.html")), &gated).unwrap();
            } else {
                assert_lines(&gated, &canonical(&expected), &name);
            }
        }
    }
}

// covers behaviour 60, T45
#[test]
fn with_everything_granted_a_page_comes_out_byte_for_byte() {
    let site = Site::new();
    let granted = site.granted();
    for (name, page, _) in pairs() {
        let received = site.text(&granted, &page);
        assert!(received.starts_with(&page), "{name}");
        let rest = &received.as_bytes()[page.len()..];
        assert!(
            rest.is_empty() || rest == site.added(&granted).end,
            "{name}"
        );
    }
}

// covers T45
#[test]
fn blocking_can_be_undone_in_place() {
    let site = Site::new();
    let refused = site.refused();
    for (name, page, _) in pairs() {
        if name == "parked" {
            // Comes back in the form that it runs in.
            continue;
        }
        let gated = site.gated(&refused, &page);
        // What was put aside stands at the end of its tag, so the order of attributes is left out of the comparison.
        assert_lines(&canonical(&restored(&gated)), &canonical(&page), &name);
    }
}

// covers T45
#[test]
fn a_page_written_as_the_gate_writes_comes_back_byte_for_byte() {
    let site = Site::new();
    let refused = site.refused();
    // What is put aside goes to the end of its tag, in double quotes.
    for page in [
        "<p>a</p><img alt=\"x\" src=\"//ads.test/1?a=1&amp;b=2\"> <b>b</b>",
        "<iframe title=\"a &quot;b&quot;\" src=\"//ads.test/2\"></iframe>",
        "<script src=\"//ads.test/3\"></script><script>fetch('//ads.test/4')</script>",
        "<svg><image width=\"1\" xlink:href=\"//ads.test/5\" /></svg>",
        "<noscript><img src=\"//ads.test/6\"></noscript>",
        "<link rel=\"preload\" href=\"//ads.test/7\">",
        "<a href=\"/\" ping=\"//ads.test/8\">x</a>",
        "<meta content=\"0; url=//ads.test/9\" http-equiv=\"refresh\">",
    ] {
        let gated = site.gated(&refused, page);
        assert_ne!(gated, page);
        assert_eq!(restored(&gated), page);
    }
}
