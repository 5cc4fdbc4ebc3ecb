//! What of a page that is cut off or badly written?

use crate::html_common::{Site, is_same_but_for_a_cut_tag, restored};
use crate::known_pages::pairs;
use crate::refused;

// covers behaviour 57
#[test]
fn a_page_cut_off_anywhere_is_still_gated() {
    let site = Site::new();
    let refused = site.refused();
    let added = site.added(&refused);
    for (name, page, _) in pairs() {
        if name == "parked" {
            // Comes back in the form that it runs in.
            continue;
        }
        for end in (0..page.len()).step_by(3) {
            let part = &page[..end];
            let gated = added.taken_from(&site.page(&refused, part));
            let gated = String::from_utf8(gated).unwrap();
            assert!(
                is_same_but_for_a_cut_tag(&restored(&gated), part),
                "{name} up to {end}: {gated}"
            );
        }
    }
}

// covers behaviour 57
#[test]
fn malformed_markup_does_not_let_a_tracker_through() {
    for page in [
        "<img src=//ads.test/x",
        "<p <img src=//ads.test/x>",
        "<<img src=\"//ads.test/x\">",
        "</p <img src=x><img src=\"//ads.test/x\">",
        "<!-><img src=\"//ads.test/x\">",
        "<!--><img src=\"//ads.test/x\">-->",
        "<!-- --!><img src=\"//ads.test/x\">",
        "<?xml?><img src=\"//ads.test/x\">",
        "<![CDATA[><img src=\"//ads.test/x\">]]>",
        "<img src=\"//ads.test/x\"alt=\"y\"class=z>",
        "<img \"src=\"//ads.test/x\" src=\"//ads.test/y\">",
        "<img = src=\"//ads.test/x\">",
        "<img src = //ads.test/x >",
        "<table><img src=\"//ads.test/x\"></table>",
        "<select><img src=\"//ads.test/x\"></select>",
        "<title><img></title></title><img src=\"//ads.test/x\">",
        "<a title='\"><img src=\"//ads.test/x\">'></a><img src=\"//ads.test/y\">",
        "<svg><p><img src=\"//ads.test/x\"></svg>",
        "<math><annotation-xml encoding=\"text/html\"><img src=\"//ads.test/x\"></math>",
        "<svg><foreignObject><iframe src=\"//ads.test/x\"></iframe></foreignObject></svg>",
    ] {
        let gated = refused(page);
        assert!(
            !gated.contains(" src=\"//ads") || gated.contains("'\"><img src"),
            "{page}\n{gated}"
        );
    }
}

// covers behaviour 57
#[test]
fn a_tag_that_was_cut_off_is_not_completed_by_what_follows() {
    let site = Site::with_link();
    for cookies in ["", &site.refused()] {
        for page in [
            "<!doctype html><p>a</p><img src=\"//ads.test/x\" alt=\"",
            "<!doctype html><body><p>a</p><img src=//ads.test/x alt='",
            "<!doctype html><p>a</p><iframe src=//ads.test/x ",
            "<!doctype html><noscript><img src=\"//ads.test/x\" alt=\"</noscript><p title=\"y\">z</p>",
        ] {
            let received = site.text(cookies, page);
            assert!(
                !received.contains(" src=\"//ads") && !received.contains(" src=//ads"),
                "{received}"
            );
        }
    }
}

// covers behaviour 57
#[test]
fn an_equals_sign_that_is_a_name_takes_nothing_for_its_value_once_the_tag_is_written_anew() {
    for (tag, gated) in [
        (
            "<script =/= type=module src=//ads.test/x></script>",
            "<script type=\"text/plain\" src=\"//ads.test/x\" data-tc-type=\"module\" data-tc=\"marketing:ads\"></script>",
        ),
        (
            "<img src/= \\\\ads.test\\x data-src=//ads.test/y>",
            "<img src=\"\" \\\\ads.test\\x=\"\" data-tc-data-src=\"//ads.test/y\" data-tc=\"marketing:ads\">",
        ),
    ] {
        assert_eq!(refused(tag), gated);
    }
    let own = "<img alt/= x src=/own>";
    assert_eq!(refused(own), own);
}

// covers behaviours 47, 57
#[test]
fn a_second_body_waits_for_nothing_less_than_its_own_leave() {
    let site = Site::new();
    let refused = site.refused();
    let mine = "<body style=\"background:url(/own)\">";
    let stats = "<body background=\"//stats.test/x\">";
    let ads = "<body style=\"background:url(//ads.test/x)\">";
    let awake = " style=\"background:url(//ads.test/x)\"";
    for (first, second, sleeps) in [
        // To browsers it is an attribute of the first, which waits for nothing.
        ("<body>", ads, true),
        // The first one's counts, and must not be replaced after a grant.
        (mine, ads, false),
        // One element cannot wait for two things apart.
        (stats, ads, false),
        (stats, stats, false),
        // One in a template is no body, so the second here is the first.
        (
            "<template><body background=//stats.test/x onload=\"new Image().src='//ads.test/x'\"></template><body background=//stats.test/x>",
            ads,
            false,
        ),
        (
            "<template><body background=//ads.test/x></template><body background=//stats.test/x>",
            ads,
            false,
        ),
        // What waits for the same may wake with it.
        (ads, "<body background=\"//ads.test/y\">", true),
    ] {
        let page = format!("<!doctype html>{first}<p>a</p>{second}<p>b</p>");
        let gated = site.gated(&refused, &page);
        let (_, later) = gated.split_once("<p>a</p>").unwrap();
        assert!(!later.contains(awake), "{gated}");
        assert_eq!(later.contains(" data-tc-"), sleeps, "{gated}");
    }
}
