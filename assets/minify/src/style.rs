//! Stylesheets, without comments and without whitespace that means nothing.

use cssparser::{ParseError, Parser, ParserInput, Token};

pub(crate) fn minify(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut input = ParserInput::new(source);
    write(&mut Parser::new(&mut input), &mut text);
    text
}

/// Writes all that is left in this block, token by token as it stands in the source.
fn write(parser: &mut Parser<'_, '_>, text: &mut String) {
    // Whether whitespace came, which is written once something follows that needs it.
    let mut space = false;
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
            return;
        };
        match &token {
            Token::Comment(_) => continue,
            Token::WhiteSpace(_) => {
                space = true;
                continue;
            }
            _ => {}
        }
        let source = parser.slice_from(start);
        let closes = |text: &str| {
            text.ends_with(['{', '}', ';', ',', '(', '>', '~', ':', '[']) || text.is_empty()
        };
        let opens = matches!(
            token,
            Token::CurlyBracketBlock
                | Token::Semicolon
                | Token::Comma
                | Token::Delim('!' | '>' | '~')
        );
        if std::mem::take(&mut space) && !closes(text) && !opens {
            text.push(' ');
        }
        text.push_str(source);
        let end = match token {
            Token::CurlyBracketBlock => '}',
            Token::SquareBracketBlock => ']',
            Token::ParenthesisBlock | Token::Function(_) => ')',
            _ => continue,
        };
        let _ = parser.parse_nested_block(|inner| -> Result<(), ParseError<'_, ()>> {
            write(inner, text);
            Ok(())
        });
        if end == '}' && text.ends_with(';') {
            text.pop();
        }
        text.push(end);
    }
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn whitespace_that_means_something_stays() {
        for (source, expected) in [
            ("a , b > c { color : red ; }", "a,b>c{color :red}"),
            (
                ".tc :focus-visible, .tc ::before { a: b !important; }",
                ".tc :focus-visible,.tc ::before{a:b!important}",
            ),
            (
                "p { width: calc(2 * var(--a) + 1px) }",
                "p{width:calc(2 * var(--a) + 1px)}",
            ),
            (
                "@media (min-width: 3em) and (x: y) { a + b { c: d } }",
                "@media (min-width:3em) and (x:y){a + b{c:d}}",
            ),
            ("/* x */ a { b: \"  /* y */ \"; }", "a{b:\"  /* y */ \"}"),
            (
                "@layer x { a { b: c; } d[e = f] { g: url( h ) } }",
                "@layer x{a{b:c}d[e = f]{g:url( h )}}",
            ),
        ] {
            assert_eq!(minify(source), expected);
        }
    }
}
