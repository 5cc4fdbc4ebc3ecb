//! Which files does the layer serve itself?
//!
//! The banner's and the placeholder's stylesheets and scripts and the guard are embedded as they stand
//! in `assets/`, minus comments and indentation. A digest in the name changes
//! with every byte, so that browsers may keep them for ever.
//!
//! Sizes as served and with gzip, in bytes: the banner's script 17 000 and
//! 5 600; the placeholder's two files 1 900 and 1 000; the guard 24 000 and 7 500, and with the names of the whole catalog
//! 50 000 and 17 000.

mod style;

use std::fmt::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub(crate) use style::Part;

const GUARD: &str = include_str!("../assets/guard.js");
/// What one source declares the later ones use.
const SCRIPT: [&str; 12] = [
    include_str!("../assets/banner/state.js"),
    include_str!("../assets/banner/withdraw.js"),
    include_str!("../assets/banner/activate.js"),
    include_str!("../assets/banner/late.js"),
    include_str!("../assets/banner/choice.js"),
    include_str!("../assets/banner/tabs.js"),
    include_str!("../assets/banner/submit.js"),
    include_str!("../assets/banner/settings.js"),
    include_str!("../assets/banner/boxes.js"),
    include_str!("../assets/banner/reach.js"),
    include_str!("../assets/banner/build.js"),
    include_str!("../assets/banner/start.js"),
];
const EMBED_SCRIPT: &str = include_str!("../assets/embed.js");
const EMBED_STYLE: &str = include_str!("../assets/embed.css");
const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";

/// One embedded file.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The file name, such as `guard-0123456789abcdef.js`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) content_type: &'static str,
    /// The digest for an `integrity` attribute.
    pub(crate) integrity: String,
}

impl Asset {
    fn new(source: &str, extension: &str, content_type: &'static str) -> Self {
        Self::of("banner-", strip(source), extension, content_type)
    }

    fn embed(source: &str, extension: &str, content_type: &'static str) -> Self {
        Self::of("embed-", strip(source), extension, content_type)
    }

    /// The guard with what it is to know, as JSON.
    pub(crate) fn guard(table: &str) -> Self {
        let text = format!("({})({table});\n", strip(GUARD).trim_end());
        Self::of("guard-", text, "js", SCRIPT_TYPE)
    }

    fn of(start: &str, text: String, extension: &str, content_type: &'static str) -> Self {
        let digest = Sha256::digest(&text);
        let mut name = start.to_owned();
        for byte in digest.iter().take(8) {
            let _ = write!(name, "{byte:02x}");
        }
        name.push('.');
        name.push_str(extension);
        Self {
            name,
            text,
            content_type,
            integrity: format!("sha256-{}", STANDARD.encode(digest)),
        }
    }
}

/// The placeholder's script.
pub(crate) fn embed_script() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::embed(EMBED_SCRIPT, "js", SCRIPT_TYPE))
}

/// The placeholder's stylesheet.
pub(crate) fn embed_style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::embed(EMBED_STYLE, "css", "text/css; charset=utf-8"))
}

/// The banner's script.
pub(crate) fn script() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::new(&closed(&SCRIPT), "js", SCRIPT_TYPE))
}

/// The sources as one function, so that the page sees none of their names.
fn closed(sources: &[&str]) -> String {
    format!("(() => {{\n'use strict';\n{}}})();\n", sources.concat())
}

/// The whole stylesheet.
pub(crate) fn style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::of("banner-", style::whole(), "css", "text/css; charset=utf-8"))
}

/// The file of that name.
pub(crate) fn by_name(name: &str) -> Option<&'static Asset> {
    [script(), style(), embed_script(), embed_style()]
        .into_iter()
        .find(|asset| asset.name == name)
}

/// Drops indentation, empty lines, and comments that stand on lines of their own.
///
/// Going by whole lines, it cannot mistake part of a string, of a regular
/// expression or of an address for a comment, and each statement keeps its
/// line break. It must not see a string that spans lines.
fn strip(source: &str) -> String {
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
    fn the_sources_keep_what_the_stripper_relies_on() {
        let script = closed(&SCRIPT);
        for source in [GUARD, &script, EMBED_SCRIPT, EMBED_STYLE] {
            for line in source.lines() {
                let text = line.trim();
                assert!(!line.contains('\t'), "{line}");
                assert!(
                    text.matches('`').count() % 2 == 0 && !text.ends_with('\\'),
                    "{line}"
                );
                let opens = text.find("/*").is_some_and(|at| at > 0);
                assert!(
                    !opens || text.starts_with('*'),
                    "a comment after code: {line}"
                );
                let closes = text.find("*/").is_some_and(|at| at + 2 < text.len());
                assert!(!closes, "code after a comment: {line}");
            }
            let served = strip(source);
            assert!(!served.contains("/*") && !served.contains("*/"));
            assert!(!served.lines().any(|line| line.starts_with("//")));
            assert!(served.lines().count() > 20);
        }
    }

    #[test]
    fn a_name_holds_the_digest_of_its_bytes() {
        for (asset, extension) in [(script(), ".js"), (style(), ".css")] {
            let digest = asset
                .name
                .strip_prefix("banner-")
                .and_then(|rest| rest.strip_suffix(extension))
                .unwrap_or_default();
            assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()));
            assert_eq!(
                by_name(&asset.name).map(|found| &found.text),
                Some(&asset.text)
            );
            assert_eq!(asset.integrity.len(), "sha256-".len() + 44);
        }
        assert!(by_name("banner.js").is_none() && by_name("").is_none());
        let changed = Asset::new("a", "js", "");
        assert_ne!(changed.name, Asset::new("b", "js", "").name);
    }

    // covers T34, T32
    #[test]
    fn nothing_served_names_another_site_or_needs_more_than_its_own_address() {
        for asset in [script(), style(), embed_script(), embed_style()] {
            for banned in [
                "//fonts",
                "@import",
                "url(",
                "eval(",
                "innerHTML",
                "insertAdjacent",
                "outerHTML",
                ".cssText",
                "</",
            ] {
                assert!(!asset.text.contains(banned), "{banned} in {}", asset.name);
            }
            let addresses = asset.text.matches("://").count();
            let namespaces = asset.text.matches("'http://www.w3.org/1999/xlink'").count();
            assert_eq!(addresses, namespaces, "{}", asset.name);
        }
    }
}
