//! What do filter lists say about an address?
//!
//! Lists in the format of EasyList and EasyPrivacy know thousands of trackers
//! that no catalog can name one by one. They are the operator's own files, and
//! the last to be asked: what the policy or the catalog names is theirs.

mod cache;
mod error;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use adblock::Engine;
use adblock::lists::{
    FilterFormat, FilterSet, ParseOptions, ParsedLine, RuleTypes, parse_filter, read_list_metadata,
};
use adblock::request::Request;
use sha2::{Digest, Sha256};

use super::kind::RequestKind;
use crate::category::Category;
use cache::Cache;
pub use error::FilterListError;

/// The categories that a list can stand for; where both deny, the first is named.
const CATEGORIES: [Category; 2] = [Category::Marketing, Category::Analytics];
/// How much of an address is matched. Rules look at hosts, paths and the start of a query.
const MAX_ADDRESS: usize = 4 * 1024;

/// Filter lists in the format of EasyList and EasyPrivacy, as a further
/// classifier below the policy and the catalog. A handle: clones share the lists.
///
/// An address that neither the policy nor the catalog names is looked up with
/// the page's own address as its source and with the kind of request that the
/// element makes, so that `$domain`, `$third-party`, `$script` and the like
/// count, and exceptions (`@@`) are respected across all lists. What a list
/// blocks waits for that list's category. Rules that hide elements, and rules
/// that would change a response, are ignored.
///
/// The lists are looked at for markup, response headers, addresses in inline
/// scripts of at most 8 KiB, and what the page's script asks about insertions
/// at run time. Verdicts are kept for the last 8 000 to 16 000 addresses, at
/// most 10 MiB of them.
///
/// # Cost
///
#[doc = include_str!("cost.md")]
///
/// # Example
///
/// ```
/// use tower_consent::{ConsentLayer, FilterLists, Keyring, Policy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let easyprivacy = "||stats.example^$third-party";
/// # let easylist = "||ads.example^";
/// let lists = FilterLists::builder()
///     .analytics(easyprivacy) // the text of easyprivacy.txt
///     .marketing(easylist)
///     .build()?;
/// let policy = Policy::builder("2026-09-01").build()?;
/// let layer = ConsentLayer::new(policy, Keyring::ephemeral()?).with_filter_lists(&lists);
///
/// // Later, from a task of your own, when the files have changed:
/// # let newer = easyprivacy;
/// lists.replace(&FilterLists::builder().analytics(newer).build()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FilterLists(Arc<RwLock<Arc<Loaded>>>);

impl FilterLists {
    /// Starts with no list.
    pub fn builder() -> FilterListsBuilder {
        FilterListsBuilder::default()
    }

    /// Takes over the lists of `other`, for every layer that shares this
    /// handle. Pages that are on their way keep the lists they began with.
    pub fn replace(&self, other: &Self) {
        let new = other.loaded();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// How many rules for requests were understood, over all lists.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.loaded().rules
    }

    /// The lists as they are now.
    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl fmt::Debug for FilterLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterLists")
            .field("rules", &self.rules())
            .finish_non_exhaustive()
    }
}

/// Collects the texts of filter lists. See [`FilterLists`].
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct FilterListsBuilder {
    lists: Vec<(Category, String, String)>,
    problems: Vec<String>,
}

impl FilterListsBuilder {
    /// Adds a list of what measures visitors, such as EasyPrivacy. `text` is the file's content.
    pub fn analytics(self, text: impl Into<String>) -> Self {
        self.list(Category::Analytics, "the list for analytics", text.into())
    }

    /// Adds a list of advertising, such as EasyList. `text` is the file's content.
    pub fn marketing(self, text: impl Into<String>) -> Self {
        self.list(Category::Marketing, "the list for marketing", text.into())
    }

    /// Adds a list whose category is told from its title line (`! Title:`) and
    /// the name of its file: EasyPrivacy and other lists about privacy or
    /// tracking stand for analytics, EasyList and other lists about
    /// advertising for marketing. A combination of both stands for marketing.
    /// A list that says neither makes [`build`](Self::build) fail.
    pub fn named(mut self, name: impl AsRef<str>, text: impl Into<String>) -> Self {
        let (name, text) = (name.as_ref(), text.into());
        match guess(name, &text) {
            Some(category) => self.list(category, name, text),
            None => {
                self.problems.push(format!(
                    "neither the name nor the title of `{}` says what it is for; add it with .analytics(..) or .marketing(..)",
                    name.escape_default()
                ));
                self
            }
        }
    }

    fn list(mut self, category: Category, name: &str, text: String) -> Self {
        self.lists.push((category, name.to_owned(), text));
        self
    }

    /// Reads the lists. This takes a good part of a second for large ones: do
    /// it before serving, or off the request path.
    ///
    /// # Errors
    ///
    /// [`FilterListError`], where there is no list, or one holds no rule for
    /// requests: an error page saved in place of a list must not pass for one.
    pub fn build(mut self) -> Result<FilterLists, FilterListError> {
        if self.lists.is_empty() && self.problems.is_empty() {
            self.problems
                .push("there is no list; add one with .analytics(..) or .marketing(..)".to_owned());
        }
        let mut rules = 0;
        for (_, name, text) in &self.lists {
            let found = text.lines().filter(|line| is_rule(line, format_of(text)));
            let found = found.count();
            if found == 0 {
                self.problems.push(format!(
                    "`{}` holds no rule for requests",
                    name.escape_default()
                ));
            }
            rules += found;
        }
        if !self.problems.is_empty() {
            return Err(FilterListError(self.problems));
        }
        let engines = CATEGORIES
            .into_iter()
            .filter_map(|category| Some((category, self.engine(category)?)))
            .collect();
        Ok(FilterLists(Arc::new(RwLock::new(Arc::new(Loaded {
            engines,
            rules,
            digest: self.digest(),
            cache: Cache::default(),
        })))))
    }

    /// Tells these lists from any others.
    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (category, _, text) in &self.lists {
            hash.update(category.as_str());
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    /// The rules of `category` and the exceptions of all lists: what one list
    /// lets pass, no other is meant to stop.
    fn engine(&self, category: Category) -> Option<Engine> {
        let mut rules = FilterSet::new(false);
        let mut is_empty = true;
        for (of, _, text) in &self.lists {
            let format = format_of(text);
            let options = ParseOptions {
                format,
                rule_types: RuleTypes::NetworkOnly,
                ..ParseOptions::default()
            };
            if *of == category {
                is_empty = false;
                rules.add_filter_list(text.clone(), options);
            } else if matches!(format, FilterFormat::Standard) {
                let exceptions: Vec<&str> = text.lines().filter(|line| lifts(line)).collect();
                rules.add_filter_list(exceptions.join("\n"), options);
            }
        }
        (!is_empty).then(|| Engine::new_with_filter_set(rules))
    }
}

impl fmt::Debug for FilterListsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterListsBuilder")
            .field("lists", &self.lists.len())
            .finish_non_exhaustive()
    }
}

/// Lists that were read, and what they said lately.
pub(crate) struct Loaded {
    engines: Vec<(Category, Engine)>,
    rules: usize,
    digest: [u8; 32],
    cache: Cache,
}

// A dependant that turns on adblock's `single-thread` feature breaks this, and here it is told.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Loaded>();
};

impl Loaded {
    /// Tells these lists from any others.
    pub(crate) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Which category a request waits for; `None` where no rule blocks it.
    /// `source` is the host of the document that makes it.
    pub(crate) fn category(
        &self,
        address: &str,
        source: &str,
        kind: RequestKind,
    ) -> Option<Category> {
        let address = address.split('#').next().unwrap_or(address);
        let address = address.get(..MAX_ADDRESS).unwrap_or(address);
        self.cache.verdict(address, source, kind, || {
            let source = format!("https://{source}/");
            let request = Request::new(address, &source, kind.in_lists(), "get").ok()?;
            self.engines
                .iter()
                .find(|(_, engine)| engine.check_network_request(&request).should_block())
                .map(|(category, _)| *category)
        })
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// What a list is for, by its title and its name.
fn guess(name: &str, text: &str) -> Option<Category> {
    let title = read_list_metadata(text).title.unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let said = format!("{title} {name}").to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&["easylist", "advert", "adserver", "adguard base", "ads"]) {
        Some(Category::Marketing)
    } else if says(&["privacy", "tracking", "tracker", "analytics"]) {
        Some(Category::Analytics)
    } else {
        None
    }
}

/// Lists of bare hosts are written as a hosts file is.
fn format_of(text: &str) -> FilterFormat {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with(['!', '#', '[']));
    match first.and_then(|line| line.split_ascii_whitespace().next()) {
        Some("0.0.0.0" | "127.0.0.1" | "::" | "::1") => FilterFormat::Hosts,
        _ => FilterFormat::Standard,
    }
}

fn is_rule(line: &str, format: FilterFormat) -> bool {
    let options = ParseOptions {
        format,
        rule_types: RuleTypes::NetworkOnly,
        ..ParseOptions::default()
    };
    // Markup parses as a pattern that never matches.
    !line.trim_start().starts_with('<')
        && matches!(
            parse_filter(line, false, options),
            Ok(ParsedLine::Network(_))
        )
}

/// Whether a line takes back what other rules say.
fn lifts(line: &str) -> bool {
    line.trim_start().starts_with("@@") || line.contains("badfilter")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;

    fn build(analytics: &str, marketing: &str) -> FilterLists {
        FilterLists::builder()
            .analytics(analytics)
            .marketing(marketing)
            .build()
            .unwrap()
    }

    fn says(lists: &FilterLists, address: &str, kind: RequestKind) -> Option<Category> {
        lists.loaded().category(address, "shop.example", kind)
    }

    #[test]
    fn rules_count_with_their_options_and_their_exceptions() {
        let lists = build(
            "[Adblock Plus 2.0]\n! Title: EasyPrivacy\n||stats.test^$third-party\n\
             ||img.test^$image\n/beacon.js$domain=shop.example\n||both.test^\n\
             ##.ad-banner\n@@||ads.test/ok.js$script\n",
            "||ads.test^\n||both.test^\n@@||stats.test/ok/\n",
        );
        assert_eq!(lists.rules(), 8);
        use RequestKind::{Image, Script};
        for (address, kind, expected) in [
            (
                "https://a.stats.test/x.js",
                Script,
                Some(Category::Analytics),
            ),
            ("https://stats.test/ok/x.js", Script, None),
            ("https://img.test/x", Image, Some(Category::Analytics)),
            ("https://img.test/x", Script, None),
            (
                "https://cdn.test/beacon.js",
                Script,
                Some(Category::Analytics),
            ),
            ("https://ads.test/x", Image, Some(Category::Marketing)),
            ("https://ads.test/ok.js", Script, None),
            ("https://both.test/", Script, Some(Category::Marketing)),
            ("https://other.test/", Script, None),
        ] {
            for _ in 0..2 {
                assert_eq!(says(&lists, address, kind), expected, "{address} {kind:?}");
            }
        }
        let loaded = lists.loaded();
        let from = |source| loaded.category("https://stats.test/x.js", source, Script);
        assert_eq!(from("www.stats.test"), None);
        assert_eq!(from("other.test"), Some(Category::Analytics));
        let beacon = loaded.category("https://cdn.test/beacon.js", "other.test", Script);
        assert_eq!(beacon, None);
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        for text in [
            "",
            "! Title: x\n",
            "##.ad\n",
            "<!doctype html>\n<h1>404</h1>",
        ] {
            let error = FilterLists::builder().marketing(text).build().unwrap_err();
            assert!(error.to_string().contains("holds no rule"), "{error}");
        }
        assert!(FilterLists::builder().build().is_err());
        let unclear = FilterLists::builder()
            .named("list.txt", "||a.test^")
            .build();
        assert!(unclear.unwrap_err().to_string().contains("list.txt"));
    }

    #[test]
    fn what_a_list_is_for_is_told_by_its_title_and_its_name() {
        for (name, text, expected) in [
            ("easyprivacy.txt", "", Some(Category::Analytics)),
            ("easylist.txt", "", Some(Category::Marketing)),
            (
                "a.txt",
                "[Adblock Plus 2.0]\n! Title: EasyPrivacy\n",
                Some(Category::Analytics),
            ),
            (
                "a.txt",
                "! Title: EasyList Germany\n",
                Some(Category::Marketing),
            ),
            (
                "easylist_noelemhide+easyprivacy.txt",
                "",
                Some(Category::Marketing),
            ),
            (
                "/lists/easylist/easyprivacy.txt",
                "",
                Some(Category::Analytics),
            ),
            ("a.txt", "! Title: My list\n", None),
        ] {
            assert_eq!(guess(name, text), expected, "{name} {text}");
        }
    }

    #[test]
    fn a_hosts_file_is_read_as_one() {
        let lists = FilterLists::builder()
            .analytics("# hosts\n127.0.0.1 localhost\n0.0.0.0 stats.test\n")
            .build()
            .unwrap();
        let verdict = says(&lists, "https://stats.test/x", RequestKind::Image);
        assert_eq!(verdict, Some(Category::Analytics));
        assert_eq!(
            says(&lists, "https://other.test/x", RequestKind::Image),
            None
        );
    }

    #[test]
    fn lists_are_replaced_for_every_clone_and_not_for_a_page_on_its_way() {
        let lists = build("||old.test^", "||x.test^");
        let shared = lists.clone();
        let page = shared.loaded();
        lists.replace(&build("||new.test^", "||x.test^"));
        let script = RequestKind::Script;
        assert_eq!(says(&shared, "https://old.test/", script), None);
        assert!(says(&shared, "https://new.test/", script).is_some());
        assert!(
            page.category("https://old.test/", "a.test", script)
                .is_some()
        );
    }
}
