//! What of a page as a visitor without scripts gets it?

use crate::html_common::count;
use crate::refused;

#[test]
fn a_pixel_for_visitors_without_scripts_sleeps() {
    for (page, pixels) in [
        ("<noscript><img src=\"//ads.test/x\"></noscript>", 1),
        (
            "<head><noscript><img src=\"//ads.test/x\"></noscript></head>",
            1,
        ),
        (
            "<NoScript a='>' b=\">\"><img src=\"//ads.test/x\"></NOSCRIPT\n>",
            1,
        ),
        (
            "<noscript><div><noscript><img src=\"//ads.test/x\"></noscript></div>",
            1,
        ),
        ("<noscript><img src=\"//ads.test/x\">", 1),
        ("<noscript><img src=\"//ads.test/x\"><p></noscript", 1),
        (
            "<noscript></noscript><noscript><img src=\"//ads.test/x\"><img src=\"//ads.test/x\"></noscript>",
            2,
        ),
        (
            "<noscript><!-- </noscript> --><img src=\"//ads.test/x\">",
            1,
        ),
        (
            "<select><noscript><img src=\"//ads.test/x\"></noscript></select>",
            1,
        ),
        (
            "<svg><noscript><image href=\"//ads.test/x\"/></noscript></svg>",
            1,
        ),
        (
            "<template><noscript><img src=\"//ads.test/x\"></noscript></template>",
            1,
        ),
    ] {
        let gated = refused(page);
        assert_eq!(
            count(&gated, "data-tc=\"marketing:ads\""),
            pixels,
            "{page}\n{gated}"
        );
    }
}

#[test]
fn a_text_that_looks_like_a_script_does_not_hide_the_noscript_behind_it() {
    for before in [
        "<!-- <script> -->",
        "<p title=\"<script>\">",
        "<p title='<script'>",
        "<title><script></title>",
        "<textarea><script></textarea>",
        "<!-- <noscript> -->",
        "<p title=\"<noscript>\">",
        "<script>var a = '<noscript>';</script>",
        "<script>var a = '<script>';</script>",
        "<style><script></style>",
    ] {
        let page =
            format!("{before}<noscript><img src=\"//ads.test/x\"></noscript><script>ok()</script>");
        let gated = refused(&page);
        assert!(gated.contains("data-tc-src"), "{page}\n{gated}");
    }
}

#[test]
fn an_odd_start_tag_does_not_hide_what_is_inside_of_a_noscript() {
    for tag in [
        "<noscript =\">",
        "<noscript a ==\">",
        "<noscript a=b\">",
        "<noscript \">",
        "<noscript a/=\">",
        "<noscript a=\"\"\">",
        "<noscript/>",
        "<noscript a = '>'>",
        "<noscript a=>",
    ] {
        let page = format!("{tag}<img src=\"//ads.test/x\"></noscript>");
        let gated = refused(&page);
        assert!(gated.contains("data-tc-src"), "{page}\n{gated}");
    }
}

#[test]
fn what_a_noscript_shows_is_not_gated_twice_and_text_is_no_noscript() {
    for page in [
        "<noscript><p>Please switch scripts on.</p><img src=\"/own\"></noscript>",
        "<textarea><noscript><img src=\"//ads.test/x\"></noscript></textarea>",
        "<!-- <noscript><img src=\"//ads.test/x\"></noscript> -->",
        "<script>var a = \"<noscript><img src='//ads.test/x'></noscript>\";</script>",
        "<p title=\"<noscript><img src='//ads.test/x'></noscript>\">x</p>",
    ] {
        assert_eq!(refused(page), page);
    }
}
