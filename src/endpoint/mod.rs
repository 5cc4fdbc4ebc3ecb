//! What does the layer answer itself?
//!
//! The addresses below the policy's prefix:
//!
//! | request | answer |
//! | --- | --- |
//! | `GET` prefix | the preferences page |
//! | `POST` prefix`/choice` | records a choice |
//! | `POST` prefix`/notice` | closes a bar that tells something |
//! | `GET` prefix`/record.json`, `/record.jsonld` | the visitor's own record, where records are kept |
//! | `POST` prefix`/erase` | erases it |
//! | `GET` prefix`/state` | the present state as JSON |
//! | `GET` prefix`/banner` | the banner, where something is to be asked, and the settings link, for a page that came without |
//! | `GET` prefix`/embed?vendor=`id | the placeholder for a blocked frame of that vendor |
//! | `GET` prefix`/types.d.ts` | TypeScript declarations of what the banner's script gives to pages |
//! | `GET` prefix`/assets/…` | the stylesheets and scripts of banner and placeholder, the guard |
//! | `POST` prefix`/verdict` | what single addresses need, with filter lists or strict third parties alone |
//!
//! Everything else below the prefix is 404, another method 405.

mod banner;
pub(crate) mod choice;
pub(crate) mod dismiss;
mod embed;
pub(crate) mod gpc;
pub(crate) mod history;
pub(crate) mod look;
mod markup;
pub(crate) mod modes;
pub(crate) mod origin;
pub(crate) mod page;
mod place;
pub(crate) mod preferences;
pub(crate) mod reply;
mod scheme;
pub(crate) mod statement;
mod tail;
mod tally;
pub(crate) mod target;
pub(crate) mod template;
#[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
pub(crate) mod verdict;

use http::Method;

use crate::asset::{self, Asset};
use crate::policy::Policy;
use crate::policy::pattern::is_path_below;

/// What a request below the prefix asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'a> {
    Preferences,
    State,
    Asset(&'a Asset),
    Types,
    Banner,
    Embed,
    Choice,
    Dismiss,
    /// The visitor's own record; as linked data or plain.
    Record {
        linked: bool,
    },
    Erase,
    #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
    Verdict,
    NotFound,
    /// The methods that the address knows.
    WrongMethod(&'static str),
}

/// Whether `path` is the layer's own.
pub(crate) fn is_own(path: &str, prefix: &str) -> bool {
    is_path_below(path, prefix)
}

/// Finds what is asked for. `path` is the layer's own; `verdicts` says whether
/// single addresses can be asked about.
#[cfg_attr(
    not(any(feature = "filter-lists", feature = "strict-third-parties")),
    allow(unused_variables, reason = "there is nothing to ask about")
)]
pub(crate) fn route<'a>(
    method: &Method,
    path: &str,
    policy: &'a Policy,
    verdicts: bool,
) -> Route<'a> {
    let rest = path.strip_prefix(policy.prefix()).unwrap_or_default();
    let asset = |name: &str| {
        let own = || [policy.guard(), policy.modes()].into_iter().flatten();
        asset::by_name(name).or_else(|| own().find(|asset| asset.name == name))
    };
    let found = match rest {
        "" | "/" => Route::Preferences,
        "/state" => Route::State,
        "/banner" => Route::Banner,
        "/types.d.ts" => Route::Types,
        "/embed" => Route::Embed,
        "/choice" => Route::Choice,
        "/notice" => Route::Dismiss,
        "/record.json" if policy.record_terms().is_some() => Route::Record { linked: false },
        "/record.jsonld" if policy.record_terms().is_some() => Route::Record { linked: true },
        "/erase" if policy.record_terms().is_some() => Route::Erase,
        #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
        "/verdict" if verdicts => Route::Verdict,
        _ => match rest.strip_prefix("/assets/").and_then(asset) {
            Some(asset) => Route::Asset(asset),
            None => return Route::NotFound,
        },
    };
    match (found, method.as_str()) {
        (Route::Choice | Route::Dismiss | Route::Erase, "POST") => found,
        (Route::Choice | Route::Dismiss | Route::Erase, _) => Route::WrongMethod("POST"),
        #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
        (Route::Verdict, "POST") => found,
        #[cfg(any(feature = "filter-lists", feature = "strict-third-parties"))]
        (Route::Verdict, _) => Route::WrongMethod("POST"),
        (_, "GET" | "HEAD") => found,
        _ => Route::WrongMethod("GET, HEAD"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed build fails the test")]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_methods_are_matched_exactly() {
        let policy = Policy::builder("1").build().unwrap();
        let at = |method: &Method, path: &str| route(method, path, &policy, false);
        assert!(matches!(at(&Method::GET, "/_consent"), Route::Preferences));
        assert!(matches!(at(&Method::HEAD, "/_consent/state"), Route::State));
        assert!(matches!(
            at(&Method::POST, "/_consent/choice"),
            Route::Choice
        ));
        assert!(matches!(
            at(&Method::GET, "/_consent/choice"),
            Route::WrongMethod("POST")
        ));
        assert!(matches!(
            at(&Method::DELETE, "/_consent"),
            Route::WrongMethod("GET, HEAD")
        ));
        assert!(matches!(
            at(&Method::GET, "/_consent/assets/banner-0.js"),
            Route::NotFound
        ));
        assert!(matches!(
            at(&Method::GET, "/_consent/choice/"),
            Route::NotFound
        ));
        let style = format!("/_consent/assets/{}", asset::style().name);
        assert!(matches!(at(&Method::GET, &style), Route::Asset(_)));
        let guard = format!("/_consent/assets/{}", policy.guard().unwrap().name);
        assert!(matches!(at(&Method::GET, &guard), Route::Asset(_)));
        assert!(matches!(
            at(&Method::GET, "/_consent/banner"),
            Route::Banner
        ));
        let bare = Policy::builder("1").without_catalog().build().unwrap();
        assert!(bare.guard().is_none());
        assert!(matches!(
            route(&Method::GET, &guard, &bare, false),
            Route::NotFound
        ));
        assert!(matches!(
            at(&Method::POST, "/_consent/verdict"),
            Route::NotFound
        ));
        assert!(is_own("/_consent", "/_consent") && !is_own("/_consented", "/_consent"));
    }
}
