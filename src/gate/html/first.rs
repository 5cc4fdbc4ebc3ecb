//! What must the guard come before?
//!
//! The guard is fetched, and what follows it waits. So it stands in front of
//! the first thing that acts and no earlier: text above is painted meanwhile.
//! Scripts that wait for the whole page are content with a guard that waits in
//! front of them.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use lol_html::send::Element;
use memchr::memmem;

use super::element::Judge;
use super::hold::{self, Kind};
use super::insert::Acts;
use super::marks::Marks;
use super::script::{Fate, fate};
use super::state::lock;
use crate::gate::address::decode;

/// The words without which an inline script neither loads nor inserts nor
/// stores anything, and calls nothing by a name that it makes up.
const WORDS: [&str; 35] = [
    "createElement",
    "import",
    "src",
    "href",
    "Image",
    "write",
    "fetch",
    "XMLHttp",
    "append",
    "prepend",
    "insert",
    "HTML",
    "ttribute",
    "replaceWith",
    "replaceChild",
    "before(",
    "after(",
    "Beacon",
    "Socket",
    "EventSource",
    "Worker",
    "eval",
    "Function",
    "cookie",
    "torage",
    "atob",
    "fromCharCode",
    "fromCodePoint",
    "\\x",
    "\\u",
    "open(",
    "cloneNode",
    "url(",
    "](",
    "data:",
];

/// The words without which nothing acts inside of SVG, MathML and templates,
/// unless by a handler.
const ACTING: [&str; 6] = [
    "<script",
    "script:",
    "<template",
    "<iframe",
    "<svg",
    "<math",
];

impl Judge<'_> {
    /// When this element acts. Where it is a script it was judged before: what was
    /// put to sleep does nothing.
    pub(super) fn acts(&self, element: &Element<'_, '_>, tag: &str, marks: Marks) -> Acts {
        let handles = marks.handler && {
            let mut attributes = element.attributes().iter();
            // One without a value does nothing.
            attributes.any(|attribute| {
                attribute.name().starts_with("on") && !attribute.value().is_empty()
            })
        };
        // Inside of these no script of ours would run, so it comes before them.
        let closed = match tag {
            "svg" => Some(Kind::Svg),
            "math" => Some(Kind::Math),
            "template" => Some(Kind::Template),
            _ if !self.in_html => return Acts::Never,
            _ => None,
        };
        if let Some(kind) = closed {
            return match handles || !is_quiet(self, element, kind) {
                true => Acts::Now,
                false => Acts::Never,
            };
        }
        match tag {
            "script" => script(self, element),
            _ if handles && tag != "body" => Acts::Now,
            "iframe" | "frameset" | "frame" | "object" | "embed" => Acts::Now,
            // It may be a policy, which the guard has to precede.
            "meta" if element.has_attribute("http-equiv") => Acts::Now,
            "a" | "area" | "form" | "button" | "input" if calls(element) => Acts::Now,
            "html" | "head" | "title" | "meta" | "link" | "style" | "base" => Acts::Never,
            // The page begins, and may end in a way that leaves no place for a script.
            _ => Acts::Late,
        }
    }
}

fn script(judge: &Judge<'_>, element: &Element<'_, '_>) -> Acts {
    let kind = element.get_attribute("type").unwrap_or_default();
    let kind = decode(&kind);
    if fate(&kind) != Fate::Runs {
        return Acts::Never;
    }
    let fetched = element.has_attribute("src");
    let module = kind.trim().eq_ignore_ascii_case("module");
    if element.has_attribute("async") && (fetched || module) {
        return Acts::Now;
    }
    if module || fetched && element.has_attribute("defer") {
        return Acts::Late;
    }
    if fetched {
        return Acts::Now;
    }
    // It may call what was put to sleep, and must find somebody there.
    if lock(judge.shared).blocked > 0 {
        return Acts::Now;
    }
    let content = judge.content(element);
    let content = content.get(..hold::MAX_SCRIPT).unwrap_or(&content);
    match hold::content_end(Kind::Script, content).and_then(|end| content.get(..end)) {
        Some(text) if !words().is_match(text) => Acts::Alone,
        _ => Acts::Now,
    }
}

/// Whether a click on it runs a script.
fn calls(element: &Element<'_, '_>) -> bool {
    ["href", "action", "formaction"].iter().any(|name| {
        element
            .get_attribute(name)
            .is_some_and(|address| decode(&address).to_ascii_lowercase().contains("script:"))
    })
}

/// Whether an element in which no script of ours would run was seen to its end
/// and holds nothing that acts. What arrived with it by chance is not asked, so
/// that the guard's place is the same however the page is cut into chunks.
fn is_quiet(judge: &Judge<'_>, element: &Element<'_, '_>, kind: Kind) -> bool {
    if kind.is_foreign() && element.is_self_closing() {
        return true;
    }
    if lock(judge.shared).closed != Some(element.source_location().bytes().start) {
        return false;
    }
    let content = judge.content(element);
    let inside = hold::closed_end(kind, &content).and_then(|end| content.get(..end));
    inside.is_some_and(|inside| {
        let inside = inside.to_ascii_lowercase();
        !ACTING
            .iter()
            .any(|word| memmem::find(&inside, word.as_bytes()).is_some())
            && !Marks::of(&inside, None, true).handler
    })
}

fn words() -> &'static AhoCorasick {
    static FOUND: OnceLock<AhoCorasick> = OnceLock::new();
    #[allow(clippy::expect_used, reason = "a constant that every test builds")]
    FOUND.get_or_init(|| AhoCorasick::new(WORDS).expect("a few words"))
}
