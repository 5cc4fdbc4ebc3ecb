//! Which rules does a page need?
//!
//! The stylesheet is written plainly. Served, each of its declarations is
//! important, so that none is forgotten: that is what keeps the page's own
//! rules out. Comments and needless space go.

use std::sync::OnceLock;

const SOURCE: &str = include_str!("../../assets/banner.css");
/// Starts the comment line before each part of the stylesheet.
const PART: &str = "/* PART ";

/// A part of the stylesheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What everything else stands on.
    Base,
    /// The settings link as a button that floats.
    Floating,
    /// The settings link as one more line of the page.
    Quiet,
    /// Hides the settings link where something else leads there, as far as a file can tell.
    Slot,
    /// Headings, text and buttons, of the banner and of the preferences.
    Controls,
    /// The banner as a box in a corner.
    Banner,
    /// The banner as a bar.
    Wide,
    /// The banner as a card in the middle.
    Card,
    /// What the law of a place wants in the banner: an X, and what the browser's signal did.
    Cross,
    /// A form of the law of a place, on the page and among the preferences.
    Duty,
    /// What the law of a place wants at the end of the page.
    Place,
    /// The preferences, as a page and as a dialog.
    Preferences,
}

impl Part {
    const ALL: [Self; 12] = [
        Self::Base,
        Self::Floating,
        Self::Quiet,
        Self::Slot,
        Self::Controls,
        Self::Banner,
        Self::Wide,
        Self::Card,
        Self::Cross,
        Self::Duty,
        Self::Place,
        Self::Preferences,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Floating => "floating",
            Self::Quiet => "quiet",
            Self::Slot => "slot",
            Self::Controls => "controls",
            Self::Banner => "banner",
            Self::Wide => "wide",
            Self::Card => "card",
            Self::Cross => "cross",
            Self::Duty => "duty",
            Self::Place => "place",
            Self::Preferences => "preferences",
        }
    }

    /// Its rules, for a `<style>` in a page.
    pub(crate) fn rules(self) -> &'static str {
        static RULES: OnceLock<[String; 12]> = OnceLock::new();
        let all = RULES.get_or_init(|| Self::ALL.map(|part| served(part.source())));
        Self::ALL
            .iter()
            .position(|part| *part == self)
            .and_then(|at| all.get(at))
            .map_or("", String::as_str)
    }

    fn source(self) -> &'static str {
        SOURCE
            .split(PART)
            .find_map(|part| part.strip_prefix(self.name())?.strip_prefix(" */"))
            .unwrap_or_default()
    }
}

/// Takes back what browsers give to elements in the top layer, so that a site's own banner looks there as it does in
/// the page. Any rule of the site wins over this.
pub(crate) const OWN_MARKUP: &str = "@layer tower-consent{:where([data-tc-banner][popover]:not(.tc)){inset:auto;\
    width:auto;height:auto;margin:0;padding:0;border:0;overflow:visible;color:inherit;background:none}}";

/// What the pages of a site need that let no rules in but from files.
pub(super) fn banner() -> String {
    let parts = Part::ALL.into_iter();
    let needed = parts.filter(|part| *part != Part::Preferences);
    needed.map(Part::rules).chain([OWN_MARKUP]).collect()
}

/// What the preferences share with the banner. Pages that ask have these rules already.
pub(crate) const SHARED: [Part; 2] = [Part::Base, Part::Controls];

/// The shared rules, for pages that have none.
pub(super) fn shared() -> String {
    SHARED.map(Part::rules).concat()
}

/// `source` as it is served. Goes by whole lines, of which each is a comment,
/// the start or the end of a block, or one declaration.
fn served(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if let Some(start) = line.strip_suffix(" {") {
            let start = start.replace(", ", ",").replace(" > ", ">");
            text.push_str(&start.replace(": ", ":"));
            text.push('{');
        } else if let Some((name, value)) = line
            .strip_suffix(';')
            .and_then(|declaration| declaration.split_once(": "))
        {
            text.push_str(name);
            text.push(':');
            text.push_str(&value.replace(", ", ",").replace(" * ", "*"));
            text.push_str("!important;");
        } else if line == "}" {
            // The last declaration needs no semicolon.
            if text.ends_with(';') {
                text.pop();
            }
            text.push('}');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declaration_is_important_and_says_the_same() {
        let source = "/* a */\n@media (max-width: 1em) {\n  .a > .b, .c:not(:has(.d)) {\n    margin: calc(2 * var(--x, 8px)) 0;\n    content: \"\";\n  }\n}\n/*\n * .e {\n */\n";
        assert_eq!(
            served(source),
            "@media (max-width:1em){.a>.b,.c:not(:has(.d)){margin:calc(2*var(--x,8px)) 0!important;content:\"\"!important}}"
        );
    }

    #[test]
    fn each_line_of_the_stylesheet_is_one_of_the_kinds_that_are_served() {
        let mut in_comment = false;
        for line in SOURCE.lines() {
            let text = line.trim();
            if in_comment || text.starts_with("/*") {
                in_comment = !text.ends_with("*/");
                continue;
            }
            let declares = text.ends_with(';') && text.contains(": ") && !text.contains('{');
            let known = text.is_empty() || text == "}" || text.ends_with(" {") || declares;
            assert!(known && !text.contains("!important"), "{line}");
        }
        let whole = Part::ALL.map(Part::rules).concat();
        assert_eq!(
            whole.matches("!important").count(),
            SOURCE.matches(";\n").count()
                - " *   :root { --tc-button: #0b5; }".matches(";\n").count()
        );
    }

    #[test]
    fn the_parts_are_the_whole() {
        for part in Part::ALL {
            let rules = part.rules();
            assert!(rules.starts_with("@layer tower-consent{"), "{part:?}");
            assert_eq!(rules.matches('{').count(), rules.matches('}').count());
        }
        let lines = |text: &str| text.matches('}').count();
        let whole = Part::ALL.map(Part::rules).concat();
        assert_eq!(
            lines(&whole) + " *   :root { }".matches('}').count(),
            lines(SOURCE)
        );
        assert!(!Part::Base.rules().contains(".tc-banner"));
    }
}
