//! What is added to a page, and where does it stand?

use super::*;

// covers T32
#[test]
fn the_pages_nonce_stands_on_scripts_and_styles_and_nowhere_else() {
    let policy = shop().build().unwrap();
    let consent = undecided(&policy);
    let with = injected(&consent, &allowance(true, "abc"), "/", &look(true), false);
    let all = with.body_start + &with.body_end;
    let nonced = tags(&all, "nonce");
    assert_eq!(nonced.len(), 2, "{nonced:?}");
    assert!(nonced.iter().all(|tag| tag.ends_with(" nonce=\"abc\"")));
    let without = injected(&consent, &allowance(true, ""), "/", &look(true), false);
    assert!(!(without.body_start + &without.body_end).contains("nonce"));
    let strict = injected(&consent, &allowance(false, ""), "/", &look(true), false);
    assert!(
        strict
            .body_start
            .starts_with("<link rel=\"stylesheet\" href=\"/_consent/assets/banner-")
    );
    assert!(!strict.body_start.contains("<style"));
}

#[test]
fn a_page_gets_what_it_needs_and_no_more() {
    let policy = shop().build().unwrap();
    let open = allowance(true, "");
    let asked = injected(&undecided(&policy), &open, "/a?b=c&d", &look(true), false);
    assert!(asked.body_start.contains("data-tc-banner") && !asked.body_end.contains("<style"));
    assert!(
        asked
            .body_end
            .contains("data-tc-settings href=\"/_consent?next=%2Fa%3Fb%3Dc%26d\"")
    );
    assert!(
        asked
            .body_start
            .contains("name=\"next\" value=\"/a?b=c&amp;d\"")
    );
    let rejected = decided(&policy, &Choice::reject_all(), Signals::default());
    let settled = injected(&rejected, &open, "/", &look(true), false);
    assert!(settled.body_start.is_empty());
    assert!(settled.body_end.starts_with("<style>") && !settled.body_end.contains(".tc-banner {"));
    let bare = injected(&rejected, &open, "/", &look(false), false);
    assert!(
        bare.body_end
            .starts_with("<script src=\"/_consent/assets/banner-")
    );
}

// covers T32, T34
#[test]
fn nothing_is_inline_but_rules_and_nothing_comes_from_elsewhere() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    for html in everything(&policy, "/") {
        for tag in tags(&html, "") {
            let attributes = tag.split(' ').skip(1);
            for attribute in attributes.filter_map(|attribute| attribute.split_once('=')) {
                assert!(
                    attribute.0 != "style" && !attribute.0.starts_with("on"),
                    "{tag}"
                );
            }
            let leaves = tag.contains("://");
            assert!(!leaves || tag.starts_with("a href=\"https://"), "{tag}");
        }
        assert!(!html.contains("javascript:") && !html.contains("<script>"));
    }
}

// covers T34
#[test]
fn the_banner_stays_small() {
    let policy = shop().privacy_url("/privacy").build().unwrap();
    let page = injection(
        &undecided(&policy),
        &allowance(true, ""),
        "/",
        &look(true),
        false,
    );
    assert!(page.body_start.len() + page.body_end.len() < 9_000);
    assert!(asset::script().text.len() < 22_000 && asset::style().text.len() < 16_000);
    let guard = &policy.guard().unwrap().text;
    // The catalog's hosts are half of it.
    assert!(guard.len() < 52_000, "{}", guard.len());
}

#[test]
fn the_banner_goes_where_it_is_wanted() {
    let policy = shop().build().unwrap();
    let placed = |consent: &Consent, placement, own| {
        let look = Look {
            placement,
            ..look(true)
        };
        injected(consent, &allowance(true, ""), "/", &look, own)
    };
    let new = undecided(&policy);
    let start = placed(&new, BannerPlacement::BodyStart, false);
    assert!(
        start.body_start.contains("data-tc-banner>")
            || start.body_start.contains("data-tc-banner ")
    );
    assert!(!start.body_end.contains("data-tc-banner "));
    let end = placed(&new, BannerPlacement::BodyEnd, false);
    assert!(end.body_start.is_empty() && end.body_end.contains("data-tc-banner "));
    for placement in [BannerPlacement::BodyStart, BannerPlacement::BodyEnd] {
        let own = placed(&new, placement, true);
        assert!(!(own.body_start + &own.body_end).contains("data-tc-banner "));
    }
    let granted = decided(&policy, &Choice::accept_all(), Signals::default());
    let script = placed(&new, BannerPlacement::Script, false);
    assert!(script.body_start.is_empty() && script.body_end.is_empty());
    assert!(script.head_start.contains(" data-tc-load=\"banner-"));
    let all_asked = placed(&granted, BannerPlacement::Script, false);
    assert!(all_asked.head_start.is_empty() && all_asked.body_end.contains(" data-tc-off "));
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let open = decided(&policy, &Choice::accept_all(), Signals::default());
    let script = placed(&open, BannerPlacement::Script, false);
    assert!(script.head_start.is_empty() && script.body_end.contains(" data-tc-off "));
    let page = banner_page(&new, "/", &look(true));
    assert!(page.contains("data-tc-banner ") && page.contains("data-tc-settings"));
    let page = banner_page(&granted, "/", &look(true));
    assert!(!page.contains("data-tc-banner ") && page.contains("data-tc-settings"));
    assert!(!banner_page(&new, "/", &look(false)).contains("data-tc-settings"));
}
