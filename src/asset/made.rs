//! Which text of a file is served?
//!
//! The minified one from `assets/dist/`, which `assets/minify` writes, where it
//! was made from the sources as they are; its first line holds their digest.
//! Otherwise the sources themselves, minus comments and indentation: whoever
//! changes them sees the change, and nothing old is ever served.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The text of one file. `made` was made from `source`, or from an earlier state of it.
pub(super) fn text(source: &str, made: &str) -> String {
    strip(fresh(source, made).unwrap_or(source))
}

/// The minified text, where it was made from `source` as it is.
pub(super) fn fresh<'a>(source: &str, made: &'a str) -> Option<&'a str> {
    let (line, text) = made.split_once('\n')?;
    (line == first_line(source)).then_some(text)
}

/// The sources as one function, so that the page sees none of their names.
pub(super) fn closed(parameters: &str, sources: &[&str]) -> String {
    format!(
        "({parameters}) => {{\n'use strict';\n{}}}\n",
        sources.concat()
    )
}

/// How a file starts that was made from `source`.
fn first_line(source: &str) -> String {
    let mut line = String::from("/* ");
    for byte in Sha256::digest(source) {
        let _ = write!(line, "{byte:02x}");
    }
    line + " */"
}

/// Drops indentation, empty lines, and comments that stand on lines of their own.
///
/// Going by whole lines, it cannot mistake part of a string, of a regular
/// expression or of an address for a comment, and each statement keeps its
/// line break. It must not see a string that spans lines.
pub(super) fn strip(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_comment_lines_and_indentation_go() {
        let source = "/* one */\n/*\n * two\n */\n\n  a('//x');  \n  // three\n\tb = /\\/*c/ // d\n  e = 'http://f/*g*/'\n/* h */\ni\n";
        assert_eq!(
            strip(source),
            "a('//x');\nb = /\\/*c/ // d\ne = 'http://f/*g*/'\ni\n"
        );
        assert_eq!(strip("a\r\n  b"), "a\nb\n");
        assert_eq!(strip(""), "");
    }

    #[test]
    fn what_was_made_of_other_sources_is_not_served() {
        let made = format!("{}\na;b", first_line("a;\n  b;\n"));
        assert_eq!(text("a;\n  b;\n", &made), "a;b\n");
        assert_eq!(text("a;\n  c;\n", &made), "a;\nc;\n");
        assert_eq!(text("a;\n", ""), "a;\n");
    }
}
