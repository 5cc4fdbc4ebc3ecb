//! Which files does the layer serve itself?
//!
//! The banner's and the placeholder's stylesheets and scripts and the guard are
//! embedded; [`made`] says in which form. A digest in the name changes with
//! every byte, so that browsers may keep them for ever. What each weighs is
//! printed by `cargo test --test sizes -- --nocapture`.

mod made;

mod style;

use std::fmt::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub(crate) use style::{OWN_MARKUP, Part, SHARED};

use made::{closed, text};

/// A file that `assets/minify` wrote.
macro_rules! dist {
    ($name:literal) => {
        include_str!(concat!("../assets/dist/", $name))
    };
}

/// What one source declares the later ones use, here as in the others.
const GUARD: [&str; 14] = [
    include_str!("../assets/guard/begin.js"),
    include_str!("../assets/guard/denied.js"),
    include_str!("../assets/guard/whose.js"),
    include_str!("../assets/guard/verdict.js"),
    include_str!("../assets/guard/park.js"),
    include_str!("../assets/guard/look.js"),
    include_str!("../assets/guard/markup.js"),
    include_str!("../assets/guard/hooks.js"),
    include_str!("../assets/guard/core.js"),
    include_str!("../assets/guard/full.js"),
    include_str!("../assets/guard/stored.js"),
    include_str!("../assets/guard/globals.js"),
    include_str!("../assets/guard/banner.js"),
    include_str!("../assets/guard/start.js"),
];
const SCRIPT: [&str; 9] = [
    include_str!("../assets/banner/state.js"),
    include_str!("../assets/banner/later.js"),
    include_str!("../assets/banner/choice.js"),
    include_str!("../assets/banner/tabs.js"),
    include_str!("../assets/banner/submit.js"),
    include_str!("../assets/banner/settings.js"),
    include_str!("../assets/banner/boxes.js"),
    include_str!("../assets/banner/reach.js"),
    include_str!("../assets/banner/start.js"),
];
/// What comes with the first grant or withdrawal, or for a banner that a page came without.
const WAKE: [&str; 5] = [
    include_str!("../assets/wake/begin.js"),
    include_str!("../assets/wake/activate.js"),
    include_str!("../assets/wake/late.js"),
    include_str!("../assets/wake/withdraw.js"),
    include_str!("../assets/wake/build.js"),
];
const MODES: &str = include_str!("../assets/modes.js");
const EMBED_SCRIPT: &str = include_str!("../assets/embed.js");
const EMBED_STYLE: &str = include_str!("../assets/embed.css");
/// What the banner's script gives to pages.
pub(crate) const TYPES: &str = include_str!("../assets/types.d.ts");
/// Chromium then compiles all functions while the file comes in, beside the page's own work.
const AHEAD: &str = "//# allFunctionsCalledOnLoad\n";
const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";
const STYLE_TYPE: &str = "text/css; charset=utf-8";

/// One embedded file.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The file name, such as `guard-0123456789.js`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) content_type: &'static str,
    /// The digest for an `integrity` attribute.
    pub(crate) integrity: String,
}

impl Asset {
    /// The guard with what it is to know.
    pub(crate) fn guard(told: [&str; 3]) -> Self {
        let function = text(&closed("declares, knows, calls", &GUARD), dist!("guard.js"));
        let [declared, known, calls] = told;
        // A long string is read faster than a literal, and later, once it is needed.
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
        let text = format!(
            "{AHEAD}({})({declared},'{}','{}');\n",
            function.trim_end(),
            quoted(known),
            quoted(calls)
        );
        Self::of("guard-", text, "js", SCRIPT_TYPE)
    }

    /// The script that tells vendors' tags what was decided, with their words as JSON.
    pub(crate) fn modes(table: &str) -> Self {
        let function = text(MODES, dist!("modes.js"));
        let text = format!("({})({table});\n", function.trim_end());
        Self::of("modes-", text, "js", SCRIPT_TYPE)
    }

    fn of(start: &str, text: String, extension: &str, content_type: &'static str) -> Self {
        let digest = Sha256::digest(&text);
        let mut name = start.to_owned();
        for byte in digest.iter().take(5) {
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
    ASSET.get_or_init(|| {
        let text = text(EMBED_SCRIPT, dist!("embed.js"));
        Asset::of("embed-", text, "js", SCRIPT_TYPE)
    })
}

/// The placeholder's stylesheet.
pub(crate) fn embed_style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| {
        let text = text(EMBED_STYLE, dist!("embed.css"));
        Asset::of("embed-", text, "css", STYLE_TYPE)
    })
}

/// The banner's script.
pub(crate) fn script() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| {
        let function = text(&closed("wakeFile", &SCRIPT), dist!("banner.js"));
        let Asset {
            name, integrity, ..
        } = wake();
        let text = format!("{AHEAD}({})('{name} {integrity}');\n", function.trim_end());
        Asset::of("banner-", text, "js", SCRIPT_TYPE)
    })
}

/// What the banner's script loads to carry a choice out.
pub(crate) fn wake() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| {
        let function = text(&closed("", &WAKE), dist!("wake.js"));
        let text = format!("{AHEAD}({})();\n", function.trim_end());
        Asset::of("wake-", text, "js", SCRIPT_TYPE)
    })
}

/// The banner's stylesheet, for pages that let no rules in but from files.
pub(crate) fn style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::of("banner-", style::banner(), "css", STYLE_TYPE))
}

/// What the preferences share with the banner, for pages that have none of it.
pub(crate) fn shared_style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::of("controls-", style::shared(), "css", STYLE_TYPE))
}

/// What the preferences need besides, as a page and as a dialog.
pub(crate) fn preferences_style() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| {
        let rules = [Part::Duty, Part::Preferences].map(Part::rules);
        Asset::of("preferences-", rules.concat(), "css", STYLE_TYPE)
    })
}

/// The file of that name.
pub(crate) fn by_name(name: &str) -> Option<&'static Asset> {
    let all = [
        script(),
        wake(),
        style(),
        shared_style(),
        preferences_style(),
        embed_script(),
        embed_style(),
    ];
    all.into_iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::made::strip;
    use super::*;

    /// The text without `/** @type {…} */` in front of what is typed.
    fn without_casts(text: &str) -> String {
        let mut parts = text.split("/** @type {");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |bare, part| match part.split_once("} */ ") {
            Some((_, rest)) => bare + rest,
            None => bare + "/** @type {" + part,
        })
    }

    #[test]
    fn the_sources_keep_what_the_stripper_relies_on() {
        let script = closed("wakeFile", &SCRIPT);
        let wake = closed("", &WAKE);
        let guard = closed("declares, knows, calls", &GUARD);
        for source in [&guard, MODES, &script, &wake, EMBED_SCRIPT, EMBED_STYLE] {
            for line in source.lines() {
                let text = line.trim();
                assert!(!line.contains('\t'), "{line}");
                assert!(
                    text.matches('`').count() % 2 == 0 && !text.ends_with('\\'),
                    "{line}"
                );
                // A type may stand in front of what has it, on its line, and stays.
                let bare = without_casts(text);
                assert!(
                    bare.starts_with('*') || bare.find("/*").is_none_or(|at| at == 0),
                    "a comment after code: {line}"
                );
                let closes = bare.find("*/").is_some_and(|at| at + 2 < bare.len());
                assert!(!closes, "code after a comment: {line}");
                assert!(
                    bare == text || !text.starts_with("/*"),
                    "would go with the comment: {line}"
                );
            }
            let served = strip(source);
            let bare = without_casts(&served);
            assert!(!bare.contains("/*") && !bare.contains("*/"));
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
            assert!(digest.len() == 10 && digest.bytes().all(|b| b.is_ascii_hexdigit()));
            assert_eq!(
                by_name(&asset.name).map(|found| &found.text),
                Some(&asset.text)
            );
            assert_eq!(asset.integrity.len(), "sha256-".len() + 44);
        }
        assert!(by_name("banner.js").is_none() && by_name("").is_none());
        let named = |text: &str| Asset::of("banner-", text.to_owned(), "js", "").name;
        assert_ne!(named("a"), named("b"));
    }

    // covers T34, T32
    #[test]
    fn nothing_served_names_another_site_or_needs_more_than_its_own_address() {
        for asset in [
            script(),
            wake(),
            style(),
            shared_style(),
            preferences_style(),
            embed_script(),
            embed_style(),
        ] {
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
            let namespaces = asset.text.matches("http://www.w3.org/1999/xlink").count();
            assert_eq!(addresses, namespaces, "{}", asset.name);
        }
    }
}
