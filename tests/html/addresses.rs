//! Is an address read as browsers read it?

use crate::html_common::{Site, count};
use crate::{assert_same, refused};

// covers behaviour 63
#[test]
fn addresses_are_read_as_browsers_read_them() {
    for address in [
        "//ads.test/x",
        "https://ADS.test/x",
        "https&#58;//ads&period;test/x",
        "https&colon;&sol;&sol;ads&#x002E;test",
        "h\tt\ntps:/\r/ads.te\nst/x",
        "\\\\ads.test/x",
        "/\\ads.test",
        "https:\\/ads.test",
        "https:///ads.test/x",
        "https:ads.test",
        "https://user:pa%40ss@ads.test:443/x",
        "https://shop.test&#64;ads.test/",
        "https://ads.test./x",
        "https://%61ds.test/x",
        "https://ads。test/x",
        "https://ａds.test/x",
        "  https://ads.test/x  ",
        "\u{1}https://ads.test/x",
        "wss://sub.ads.test/x",
        "https://mixed.test/ads",
        "https://mixed.test/ads/x?y",
        "https://mixed.test/./ads/x",
    ] {
        let gated = refused(&format!("<img src=\"{address}\">"));
        assert!(gated.contains(" data-tc-src="), "{address:?}: {gated}");
    }
    for address in [
        "https://ads.test.shop.test/",
        "https://xads.test/",
        "https://shop.test/?https://ads.test/",
        "https://shop.test/#//ads.test/",
        "https://mixed.test/other/ads",
        "/ads.test",
        "ads.test/x",
        "mailto:x@ads.test",
        "blob:https://shop.test/1",
    ] {
        let image = format!("<img src=\"{address}\">");
        assert_eq!(refused(&image), image);
    }
}

// covers behaviour 63
#[test]
fn only_the_first_of_two_attributes_counts_and_the_others_cannot_take_its_place() {
    let harmless = "<img src=\"/own\" src=\"//ads.test/x\">";
    assert_eq!(refused(harmless), harmless);
    let gated = refused("<img src=\"//ads.test/x\" src=\"//ads.test/y\" SRC=\"/own\">");
    assert_same(
        gated,
        "<img data-tc-src=\"//ads.test/x\" data-tc=\"marketing:ads\">",
    );
    // Handlers likewise.
    let harmless = "<p onclick=\"ok()\" ONCLICK=\"fetch('//ads.test/x')\">x</p>";
    assert_eq!(refused(harmless), harmless);
    let gated = refused("<p onclick=\"fetch('//ads.test/x')\" onclick=\"ok()\">x</p>");
    assert_same(
        gated,
        "<p data-tc-onclick=\"fetch('//ads.test/x')\" data-tc=\"marketing:ads\">x</p>",
    );
}

#[test]
fn relative_addresses_follow_the_first_base() {
    let page = "<base href=\"//ads.test/lib/\"><base href=\"/own/\"><img src=\"x.png\"><img src=\"/y.png\"><img src=\"https://shop.test/z.png\">";
    let gated = refused(page);
    assert_eq!(count(&gated, "data-tc-src"), 2, "{gated}");
    assert!(gated.contains("<img src=\"https://shop.test/z.png\">"));
    let own =
        "<base target=\"_top\"><base href=\"/own/\"><base href=\"//ads.test/\"><img src=\"x.png\">";
    assert_eq!(refused(own), own);
    let commented = "<!-- <base href=\"//ads.test/\"> --><img src=\"x.png\">";
    assert_eq!(refused(commented), commented);
}

#[test]
fn the_layers_own_addresses_do_not_follow_a_base_to_another_host() {
    for base in ["//ads.test/lib/", "https://shop.example.test:8443/"] {
        let page = format!(
            "<!doctype html><html><head><base href=\"{base}\"><script src=x.js></script></head><body>x</body></html>"
        );
        let site = Site::with_link();
        let text = site.text("", &page);
        assert!(!text.contains("=\"/_consent"), "{text}");
        assert!(
            text.contains("action=\"https://shop.test/_consent"),
            "{text}"
        );
        // Where everything is granted, the page is not taken apart.
        for page in [page.clone(), page.replace("<base", "<BASE target=_top\n")] {
            let text = site.text(&site.granted(), &page);
            assert!(text.starts_with(&page));
            assert!(!text.contains("=\"/_consent"), "{text}");
            assert!(
                text.contains("src=\"https://shop.test/_consent/assets/"),
                "{text}"
            );
            assert!(
                text.contains("href=\"https://shop.test/_consent?next"),
                "{text}"
            );
        }
    }
    let page = "<!doctype html><html><head><base href=\"/own/\"></head><body>x</body></html>";
    let site = Site::with_link();
    let text = site.text("", page);
    assert!(text.contains("action=\"/_consent/choice\""), "{text}");
    let text = site.text(&site.granted(), page);
    assert!(text.contains("src=\"/_consent/assets/"), "{text}");
}

#[test]
fn a_path_that_the_policy_declares_sleeps_like_a_host() {
    for address in [
        "/collect",
        "/collect/v1?x=1",
        "https://shop.test/collect",
        "/x/../collect",
        "/c%6fllect",
    ] {
        let gated = refused(&format!("<script src=\"{address}\"></script>"));
        assert!(
            gated.contains("data-tc=\"analytics:stats\""),
            "{address}: {gated}"
        );
    }
    for address in ["/collection", "/x/collect", "https://other.test/collect"] {
        let script = format!("<script src=\"{address}\"></script>");
        assert_eq!(refused(&script), script);
    }
}
