//! How is it written as Markdown?
//!
//! CommonMark with the tables of GitHub's flavour. What could be read as markup
//! is escaped, and a cell is always one line.

use super::block::{Block, Cell, Inline, Source};
use super::content::content;

pub(super) fn write(of: &Source<'_>) -> String {
    let mut text = String::new();
    for block in content(of) {
        match block {
            Block::Heading(below, heading) => {
                let marks = "#".repeat(usize::from(of.level + below));
                text += &format!("{marks} {}\n\n", escape(&heading));
            }
            Block::Paragraph(cell) => text += &format!("{}\n\n", lines(&cell, "  \n")),
            Block::Table { head, rows, .. } => {
                let head: Vec<String> = head.iter().map(|name| escape(name)).collect();
                text += &format!("| {} |\n", head.join(" | "));
                text += &format!("|{}\n", " --- |".repeat(head.len()));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| lines(cell, "<br>")).collect();
                    text += &format!("| {} |\n", cells.join(" | "));
                }
                text.push('\n');
            }
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn lines(cell: &Cell, between: &str) -> String {
    let lines: Vec<String> = cell
        .iter()
        .map(|line| line.iter().map(inline).collect())
        .collect();
    lines.join(between)
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) | Inline::Foreign(text) => escape(text),
        Inline::Code(text) => {
            // A fence longer than any within, and `|` escaped even so (GFM, section 4.10).
            let text = one_line(text).replace('|', "\\|");
            let fence = if text.contains('`') { "```" } else { "`" };
            let room = if text.starts_with('`') || text.ends_with('`') {
                " "
            } else {
                ""
            };
            format!("{fence}{room}{text}{room}{fence}")
        }
        Inline::Link { url, text } => {
            let url = one_line(url)
                .replace('<', "%3C")
                .replace('>', "%3E")
                .replace('|', "%7C");
            format!("[{}](<{url}>)", escape(text))
        }
    }
}

/// Text in which nothing is markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_site_declares_can_become_markup() {
        assert_eq!(
            escape("a|b *c*\n<script>[x](y)"),
            "a\\|b \\*c\\* \\<script\\>\\[x\\](y)"
        );
        assert_eq!(inline(&Inline::Code("_ga_*".into())), "`_ga_*`");
        assert_eq!(inline(&Inline::Code("a|`b`".into())), "``` a\\|`b` ```");
        let link = Inline::Link {
            url: "https://x.test/a>b|c".into(),
            text: "]".into(),
        };
        assert_eq!(inline(&link), "[\\]](<https://x.test/a%3Eb%7Cc>)");
    }
}
