//! How is it written as HTML?

use std::fmt::Write;

use super::block::{Block, Cell, Inline, Source};
use super::content::content;
use crate::endpoint::markup::{Esc, Language};

pub(super) fn write(of: &Source<'_>) -> String {
    let mut html = format!("<section class=\"tc-policy\" {}>", Language(of.texts));
    for block in content(of) {
        match block {
            Block::Heading(below, text) => {
                let level = of.level + below;
                let _ = write!(html, "<h{level}>{}</h{level}>", Esc(&text));
            }
            Block::Paragraph(cell) => {
                let _ = write!(html, "<p>{}</p>", lines(&cell));
            }
            Block::Table {
                caption,
                head,
                rows,
            } => {
                let caption = Esc(&caption);
                // It can be scrolled by keyboard where it is wider than the page.
                let _ = write!(
                    html,
                    "<div class=\"tc-policy-table\" role=\"group\" aria-label=\"{caption}\" tabindex=\"0\">\
                     <table><caption>{caption}</caption><thead><tr>"
                );
                for name in head {
                    let _ = write!(html, "<th scope=\"col\">{}</th>", Esc(&name));
                }
                html += "</tr></thead><tbody>";
                for row in rows {
                    html += "<tr>";
                    for (at, cell) in row.iter().enumerate() {
                        let cell = lines(cell);
                        let _ = match at {
                            0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                            _ => write!(html, "<td>{cell}</td>"),
                        };
                    }
                    html += "</tr>";
                }
                html += "</tbody></table></div>";
            }
        }
    }
    html + "</section>"
}

fn lines(cell: &Cell) -> String {
    let mut html = String::new();
    for (at, line) in cell.iter().enumerate() {
        if at > 0 {
            html += "<br>";
        }
        for inline in line {
            let _ = match inline {
                Inline::Text(text) => write!(html, "{}", Esc(text)),
                Inline::Foreign(text) => {
                    write!(html, "<span lang=\"en\" dir=\"ltr\">{}</span>", Esc(text))
                }
                Inline::Code(text) => write!(html, "<code>{}</code>", Esc(text)),
                Inline::Link { url, text } => {
                    // Another site need not hear where its reader came from.
                    let rel = if url.starts_with('/') {
                        ""
                    } else {
                        " rel=\"noreferrer\""
                    };
                    write!(html, "<a href=\"{}\"{rel}>{}</a>", Esc(url), Esc(text))
                }
            };
        }
    }
    html
}
