//! Which addresses does a stylesheet fetch?
//!
//! Addresses stand in `url()`, in strings of functions that take images, and
//! after `@import`. One that is denied is pushed behind `about:invalid#`, which
//! fetches nothing and is taken off again by plain text replacement; every
//! other byte of the stylesheet stays. The tokens are cssparser's, so escapes
//! such as `\75 rl(` read as they do in a browser.
//!
//! # What this does not protect against
//!
//! An address that a script puts together from custom properties.

use std::borrow::Cow;

use cssparser::{Parser, ParserInput, Token};

use crate::policy::RequestKind;

/// Stands before a denied address.
pub(crate) const INERT: &str = "about:invalid#";

/// Functions whose strings are addresses (CSS Images 4; CSS Values 4 and 5).
const IMAGE_FUNCTIONS: [&str; 5] = ["url", "src", "image-set", "-webkit-image-set", "image"];

/// How deep blocks may stand inside of blocks.
const MAX_DEPTH: u8 = 64;

/// The stylesheet is nested too deep to be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep;

/// Whether a stylesheet or a style attribute may name an address at all. Cheap.
pub(crate) fn may_fetch(css: &[u8]) -> bool {
    memchr::memchr(b'\\', css).is_some()
        || ["url", "import", "src", "image"].iter().any(|word| {
            memchr::memchr2_iter(
                *word.as_bytes().first().unwrap_or(&0),
                word.as_bytes().first().unwrap_or(&0).to_ascii_uppercase(),
                css,
            )
            .any(|at| {
                css.get(at..at + word.len())
                    .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
            })
        })
}

/// The stylesheet with each address for which `denies` is true made inert;
/// `None` where nothing had to change. Bytes beyond ASCII pass as they are in
/// whatever charset.
pub(crate) fn rewrite(
    css: &[u8],
    denies: &mut dyn FnMut(&str, RequestKind) -> bool,
) -> Result<Option<Vec<u8>>, TooDeep> {
    if !may_fetch(css) {
        return Ok(None);
    }
    let mut places = Vec::new();
    let text = as_text(css);
    let mut input = ParserInput::new(&text);
    let mut parser = Parser::new(&mut input);
    visit(
        &mut parser,
        Place::default(),
        0,
        &mut |at, address, kind| {
            if denies(address, kind) {
                places.push(at);
            }
        },
    )?;
    if places.is_empty() {
        return Ok(None);
    }
    let mut rewritten = Vec::with_capacity(css.len() + places.len() * INERT.len());
    let mut done = 0;
    for at in places {
        rewritten.extend_from_slice(css.get(done..at).unwrap_or_default());
        rewritten.extend_from_slice(INERT.as_bytes());
        done = at;
    }
    rewritten.extend_from_slice(css.get(done..).unwrap_or_default());
    Ok(Some(rewritten))
}

/// The bytes as text of the same length.
fn as_text(css: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(css) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => css
            .iter()
            .map(|byte| {
                if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    '_'
                }
            })
            .collect::<String>()
            .into(),
    }
}

/// What a block stands in.
#[derive(Clone, Copy, Default)]
struct Place {
    strings_are_addresses: bool,
    /// Whether it names a stylesheet.
    import: bool,
}

/// What an address is fetched as.
fn kind(address: &str, import: bool) -> RequestKind {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let is_font = ["woff2", "woff", "ttf", "otf", "eot"].iter().any(|ending| {
        path.rsplit_once('.')
            .is_some_and(|(_, last)| last.eq_ignore_ascii_case(ending))
    });
    match (import, is_font) {
        (true, _) => RequestKind::Style,
        (false, true) => RequestKind::Font,
        (false, false) => RequestKind::Image,
    }
}

/// Tells `found` each address, where its text starts and what it is fetched as.
fn visit(
    parser: &mut Parser<'_, '_>,
    place: Place,
    depth: u8,
    found: &mut dyn FnMut(usize, &str, RequestKind),
) -> Result<(), TooDeep> {
    let mut after_import = false;
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments() else {
            return Ok(());
        };
        let strings_are_addresses = match token {
            Token::WhiteSpace(_) | Token::Comment(_) => continue,
            Token::UnquotedUrl(address) => {
                let address = address.clone();
                let text = parser.slice_from(start);
                let open = text.find('(').map_or(0, |at| at + 1);
                let inside = text.get(open..).unwrap_or_default();
                let blanks = inside.len() - inside.trim_ascii_start().len();
                let kind = kind(&address, after_import);
                found(start.byte_index() + open + blanks, &address, kind);
                after_import = false;
                continue;
            }
            Token::QuotedString(address) => {
                if place.strings_are_addresses || after_import {
                    let kind = kind(address, after_import || place.import);
                    found(start.byte_index() + 1, address, kind);
                }
                after_import = false;
                continue;
            }
            Token::AtKeyword(name) => {
                after_import = name.eq_ignore_ascii_case("import");
                continue;
            }
            Token::Function(name) => IMAGE_FUNCTIONS
                .iter()
                .any(|function| name.eq_ignore_ascii_case(function)),
            Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => false,
            _ => {
                after_import = false;
                continue;
            }
        };
        let inner = Place {
            strings_are_addresses,
            import: after_import && strings_are_addresses,
        };
        after_import = false;
        if depth >= MAX_DEPTH {
            return Err(TooDeep);
        }
        let mut deeper = Ok(());
        let nested: Result<(), cssparser::ParseError<'_, ()>> =
            parser.parse_nested_block(|block| {
                deeper = visit(block, inner, depth + 1, found);
                // What is left of the block is skipped without harm.
                while block.next_including_whitespace_and_comments().is_ok() {}
                Ok(())
            });
        drop(nested);
        deeper?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what fails here fails the test")]
mod tests {
    use super::*;

    fn rewritten(css: &str) -> Option<String> {
        rewrite(css.as_bytes(), &mut |address, _| address.contains("t.test"))
            .unwrap()
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    // covers L13
    #[test]
    fn every_way_in_which_css_names_a_tracker_is_made_inert() {
        for (css, expected) in [
            ("a{b:url(//t.test/x)}", "a{b:url(about:invalid#//t.test/x)}"),
            (
                "a{b:URL( '//t.test/x' )}",
                "a{b:URL( 'about:invalid#//t.test/x' )}",
            ),
            (
                "a{b:url(\n //t.test/x)}",
                "a{b:url(\n about:invalid#//t.test/x)}",
            ),
            (
                "a{b:\\75 rl(//t.test/x)}",
                "a{b:\\75 rl(about:invalid#//t.test/x)}",
            ),
            (
                "a{b:u\\rl(\"//t.test/x\")}",
                "a{b:u\\rl(\"about:invalid#//t.test/x\")}",
            ),
            (
                "@import '//t.test/x';",
                "@import 'about:invalid#//t.test/x';",
            ),
            (
                "@IMPORT/**/url(//t.test/x)print;",
                "@IMPORT/**/url(about:invalid#//t.test/x)print;",
            ),
            (
                "@font-face{src:url(/a.woff) format('woff'),url(//t.test/a)}",
                "@font-face{src:url(/a.woff) format('woff'),url(about:invalid#//t.test/a)}",
            ),
            (
                "a{b:image-set('//t.test/1' 1x,url('/own') 2x)}",
                "a{b:image-set('about:invalid#//t.test/1' 1x,url('/own') 2x)}",
            ),
            (
                "@media x{@supports (y){a{b:url(//t.test/x)}}}",
                "@media x{@supports (y){a{b:url(about:invalid#//t.test/x)}}}",
            ),
            ("--x:url(//t.test/x)", "--x:url(about:invalid#//t.test/x)"),
            ("a{b:url(//t.test/x", "a{b:url(about:invalid#//t.test/x"),
            (
                "a{b:url(//\\74 .test/x)}",
                "a{b:url(about:invalid#//\\74 .test/x)}",
            ),
            ("ä{b:url(//t.test/ü)}", "ä{b:url(about:invalid#//t.test/ü)}"),
        ] {
            assert_eq!(rewritten(css).as_deref(), Some(expected), "{css}");
            assert_eq!(expected.replace(INERT, ""), css);
        }
    }

    #[test]
    fn what_fetches_nothing_or_nothing_denied_stays() {
        for css in [
            "a::after{content:'//t.test/x'}",
            "/* url(//t.test/x) */",
            "a{b:url(/own)}",
            "@namespace x '//t.test/ns';",
            "@charset 't.test';",
            "a[href='//t.test/x']{c:d}",
            "a{b:url(//t.test/x y)}",
            "",
        ] {
            assert_eq!(rewritten(css), None, "{css}");
        }
    }

    #[test]
    fn bytes_of_another_charset_pass_as_they_are() {
        let css = b"a{content:'\xe4';b:url(//t.test/\xfc)}";
        let out = rewrite(css, &mut |_, _| true).unwrap().unwrap();
        assert_eq!(out, b"a{content:'\xe4';b:url(about:invalid#//t.test/\xfc)}");
    }

    #[test]
    fn imports_are_told_from_fonts_and_images() {
        for (css, expected) in [
            ("@import '/a';", RequestKind::Style),
            ("@import url(/a?family=x);", RequestKind::Style),
            ("@import url('/a') print;", RequestKind::Style),
            (
                "@import '/a.css' layer(x) supports(b:url('/i'));",
                RequestKind::Style,
            ),
            (
                "@font-face{src:url(/a.woff2?v=1) format('woff2')}",
                RequestKind::Font,
            ),
            ("a{b:url('/a.png')}", RequestKind::Image),
            ("a{b:url(/a)}", RequestKind::Image),
        ] {
            let mut first = None;
            let read = rewrite(css.as_bytes(), &mut |_, kind| {
                first.get_or_insert(kind);
                false
            });
            assert_eq!((read, first), (Ok(None), Some(expected)), "{css}");
        }
    }

    #[test]
    fn endless_nesting_is_refused_and_not_followed() {
        let css = format!("{}url(//t.test/x)", "{".repeat(100_000));
        assert_eq!(rewrite(css.as_bytes(), &mut |_, _| true), Err(TooDeep));
    }
}
