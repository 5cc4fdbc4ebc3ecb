//! May this script run?
//!
//! A script is judged by its address, or without one by the loaders in its
//! text. A snippet goes to sleep whole. A script that does more than load a
//! vendor stays awake where the guard stands in the page and catches what it
//! inserts: taking the site's own code away would break the page.

use lol_html::send::Element;

use super::element::{Judge, UNKNOWN, Verdict};
use super::hold::{self, Kind};
use super::snippet;
use super::table::Holds;
use crate::gate::address::decode;
use crate::gate::header::quoted;
use crate::policy::RequestKind;

/// Where scripts that are parked keep their address.
const PARKED_ADDRESSES: [&str; 7] = [
    "data-rocket-src",
    "data-pmdelayedscript",
    "data-litespeed-src",
    "data-wpfc-original-src",
    "data-lazy-src",
    "data-src",
    "data-original",
];

/// What a browser, or a script of the site, does with a script of some type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The browser runs it.
    Runs,
    /// A script of the site runs it later: performance plug-ins give scripts a
    /// type of their own and take it away on the first interaction.
    Parked,
    /// The browser fetches ahead by it.
    Speculation,
    /// It is data.
    Data,
}

impl Judge<'_> {
    pub(super) fn script(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        self.mark_raw(element, Kind::Script);
        let kind = element.get_attribute("type");
        let fate = kind
            .as_deref()
            .map_or(Fate::Runs, |kind| fate(&decode(kind)));
        let wanted = match fate {
            Fate::Data => return,
            Fate::Speculation => self.speculation(element, verdict.granted),
            Fate::Runs => self.running(element, verdict.granted),
            Fate::Parked => self.parked(element, verdict.granted),
        };
        if !verdict.denies(wanted) {
            return;
        }
        if fate == Fate::Parked {
            park(element, kind.as_deref().unwrap_or_default());
        } else if let Some(kind) = kind {
            let _ = element.set_attribute("data-tc-type", &kind);
        }
        let _ = element.set_attribute("type", "text/plain");
        verdict.stopped = true;
    }

    fn running(&self, element: &Element<'_, '_>, granted: bool) -> Vec<String> {
        let mut wanted = self.addresses(element, &["src", "href", "xlink:href"], granted);
        if !element.has_attribute("src") {
            wanted.extend(self.inline(element, granted));
        }
        wanted
    }

    fn parked(&self, element: &Element<'_, '_>, granted: bool) -> Vec<String> {
        let mut wanted = self.addresses(element, &["src"], granted);
        wanted.extend(self.addresses(element, &PARKED_ADDRESSES, granted));
        if wanted.is_empty() {
            wanted = self.inline(element, granted);
        }
        wanted
    }

    fn addresses(&self, element: &Element<'_, '_>, names: &[&str], granted: bool) -> Vec<String> {
        names
            .iter()
            .filter_map(|name| element.get_attribute(name))
            .flat_map(|address| self.wanted(Holds::Address, RequestKind::Script, &address, granted))
            .collect()
    }

    /// What the loaders in an inline script need.
    fn inline(&self, element: &Element<'_, '_>, granted: bool) -> Vec<String> {
        let content = self.content(element);
        let end = hold::content_end(Kind::Script, &content).unwrap_or(content.len());
        let script = content.get(..end).unwrap_or_default();
        let wanted = self.loaders(script, granted);
        let spared = !wanted.is_empty()
            && (snippet::is_state(script) || self.guarded() && snippet::does_more(script));
        if spared { Vec::new() } else { wanted }
    }

    /// Whether the guard stands in the page.
    fn guarded(&self) -> bool {
        self.depth == 0 && !self.plan.injection.head_start.is_empty()
    }

    /// What the addresses in speculation rules need, or the first of several rules.
    fn speculation(&self, element: &Element<'_, '_>, granted: bool) -> Vec<String> {
        let content = self.content(element);
        let end = hold::content_end(Kind::Script, &content).filter(|end| *end <= hold::MAX_SCRIPT);
        let Some(rules) = end.and_then(|end| content.get(..end)) else {
            // How much of them has arrived by now is chance.
            return match self.plan.consent.permits_everything() {
                true => Vec::new(),
                false => vec![UNKNOWN.to_owned()],
            };
        };
        let rules = String::from_utf8_lossy(rules);
        let owners = quoted(&rules)
            .filter_map(|address| self.owner(&address, RequestKind::Frame))
            .collect();
        self.denied(owners, granted)
    }
}

/// Gives a parked script the form that it runs in, so that a grant need not
/// wait for the plug-in, which may have passed by.
fn park(element: &mut Element<'_, '_>, kind: &str) {
    let module = kind.to_ascii_lowercase().contains("module")
        || ["data-rocket-type", "data-type"].iter().any(|name| {
            element
                .get_attribute(name)
                .is_some_and(|kind| kind.eq_ignore_ascii_case("module"))
        });
    if module {
        let _ = element.set_attribute("data-tc-type", "module");
    }
    for name in PARKED_ADDRESSES {
        if let Some(address) = element.get_attribute(name) {
            element.remove_attribute(name);
            if !element.has_attribute("src") {
                let _ = element.set_attribute("src", &address);
            }
        }
    }
}

pub(super) fn fate(kind: &str) -> Fate {
    let kind = kind.trim_matches(|c: char| c.is_ascii_whitespace());
    if runs(kind) {
        return Fate::Runs;
    }
    let kind = kind.to_ascii_lowercase();
    if kind == "speculationrules" {
        return Fate::Speculation;
    }
    let parked = matches!(
        &*kind,
        "rocketlazyloadscript"
            | "pmdelayedscript"
            | "litespeed/javascript"
            | "text/rocketscript"
            | "wphb-delay-type"
            | "wpdelayedscript"
            | "javascript/delayed"
            | "text/delayscript"
            | "text/lazyload"
            | "text/lazy-script"
            | "lazyload"
            | "lazy"
            | "nitropack/inlinescript"
            | "sg-delayed"
            | "flyingscript"
    ) || kind
        .rsplit_once('-')
        // Rocket Loader puts a number in front of the type.
        .is_some_and(|(number, kind)| {
            number.len() >= 8 && number.bytes().all(|b| b.is_ascii_hexdigit()) && runs(kind)
        });
    if parked { Fate::Parked } else { Fate::Data }
}

/// Whether a script of this type runs: classic script types and `module` (HTML, "prepare the script element").
fn runs(kind: &str) -> bool {
    if kind.is_empty() || kind.eq_ignore_ascii_case("module") {
        return true;
    }
    let Some((family, name)) = kind.split_once('/') else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    (family.eq_ignore_ascii_case("text") || family.eq_ignore_ascii_case("application"))
        && ([
            "javascript",
            "ecmascript",
            "x-javascript",
            "x-ecmascript",
            "jscript",
            "livescript",
        ]
        .contains(&&*name)
            || name.starts_with("javascript1."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        for kind in [
            "",
            " module ",
            "TEXT/JavaScript",
            "application/ecmascript",
            "text/javascript1.5",
        ] {
            assert_eq!(fate(kind), Fate::Runs, "{kind}");
        }
        for kind in [
            "rocketlazyloadscript",
            "0123456789abcdef01234567-text/javascript",
            "0123456789abcdef01234567-module",
        ] {
            assert_eq!(fate(kind), Fate::Parked, "{kind}");
        }
        for kind in [
            "application/ld+json",
            "text/plain",
            "importmap",
            "text/x-template",
            "x-text/javascript",
        ] {
            assert_eq!(fate(kind), Fate::Data, "{kind}");
        }
        assert_eq!(fate("SpeculationRules"), Fate::Speculation);
    }
}
