//! Who may choose?

use http::{Request, StatusCode};
use http_body_util::Full;

use crate::common::*;
use crate::{FORM, JSON, SAME, assert_refused, post};

// covers T22
#[test]
fn only_a_page_of_this_very_origin_may_choose() {
    let app = App::shop();
    let own = ("origin", "https://www.shop.example");
    for accepted in [
        &[SAME][..],
        &[SAME, own],
        &[SAME, ("origin", "null")],
        &[own],
        &[("origin", "http://www.shop.example")],
        &[("origin", "https://WWW.shop.example")],
    ] {
        let headers = [accepted, &[FORM]].concat();
        let answer = post(&app, &headers, "choice=accept");
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{accepted:?}");
        assert_eq!(answer.stored().len(), 4);
    }
    let elsewhere = "came from another site";
    for (refused, why) in [
        (&[][..], "did not say which site"),
        (
            &[("referer", "https://www.shop.example/")],
            "did not say which site",
        ),
        (&[("sec-fetch-site", "cross-site")], elsewhere),
        (&[("sec-fetch-site", "same-site")], elsewhere),
        (&[("sec-fetch-site", "none")], elsewhere),
        (&[("sec-fetch-site", "Same-Origin")], elsewhere),
        (&[("sec-fetch-site", "")], elsewhere),
        (&[("sec-fetch-site", "cross-site"), own], elsewhere),
        (&[SAME, ("sec-fetch-site", "cross-site")], elsewhere),
        (&[("origin", "https://evil.test")], elsewhere),
        (&[("origin", "https://shop.example")], elsewhere),
        (
            &[("origin", "https://www.shop.example.evil.test")],
            elsewhere,
        ),
        (&[("origin", "https://www.shop.example:8443")], elsewhere),
        (
            &[("origin", "https://evil.test@www.shop.example")],
            elsewhere,
        ),
        (&[("origin", "null")], elsewhere),
        (&[("origin", "www.shop.example")], elsewhere),
        (&[("origin", "")], elsewhere),
        (&[own, own], "did not say which site"),
    ] {
        for (form, body) in [(FORM, "choice=accept"), (JSON, "{\"choice\":\"accept\"}")] {
            let headers = [refused, &[form]].concat();
            let answer = post(&app, &headers, body);
            assert_refused(&answer, StatusCode::FORBIDDEN, why);
        }
    }
    // HTTP/2 names the host in the address instead.
    let request = Request::post("https://www.shop.example/_consent/choice")
        .header("origin", "https://www.shop.example")
        .header(FORM.0, FORM.1)
        .body(Full::from("choice=accept"))
        .unwrap();
    assert_eq!(app.send(request).status, StatusCode::SEE_OTHER);
}

// covers behaviour 101, T22
#[test]
fn the_forms_need_no_token_so_none_can_go_stale() {
    let app = App::shop();
    let page = app.get("/_consent");
    assert_eq!(page.status, StatusCode::OK);
    for name in ["csrf", "token", "_method"] {
        assert!(!page.text().contains(&format!("name=\"{name}")), "{name}");
    }
    // The fields that the page's own forms send are taken, from a page opened long ago.
    app.clock.advance(30 * 86_400);
    let answer = app
        .visitor()
        .choose("next=%2F&source=preferences&choice=accept");
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}
