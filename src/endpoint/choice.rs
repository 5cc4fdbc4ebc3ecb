//! What does the posted form or JSON say?
//!
//! Bytes in, a [`Choice`] or the reason why not out. A field that is not
//! expected is an error and not ignored: a misspelt category must not turn
//! into a silent refusal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;

use crate::category::Category;
use crate::choice::Choice;
use crate::policy::Policy;
use crate::token::Source;

/// The most that a choice may take, in bytes.
pub(crate) const MAX_BODY: usize = 4 * 1024;

/// A choice and where to go after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Submission {
    pub(crate) choice: Choice,
    pub(crate) next: Option<String>,
    /// The language in which the visitor was asked.
    pub(crate) language: Option<String>,
    /// Whether the page's script says that the browser has Global Privacy Control on.
    pub(crate) gpc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Form,
    Json,
}

impl Format {
    /// `None` where the content type is neither.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.as_bytes();
        let essence = value.split(|byte| *byte == b';').next()?.trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            Some(Self::Form)
        } else if essence.eq_ignore_ascii_case(b"application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// Why a body is no choice. Repeats nothing of the body but the names of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadChoice(String);

impl fmt::Display for BadChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn bad<T>(message: impl Into<String>) -> Result<T, BadChoice> {
    Err(BadChoice(message.into()))
}

/// Reads a body.
pub(crate) fn parse(format: Format, body: &[u8], policy: &Policy) -> Result<Submission, BadChoice> {
    let fields = match format {
        Format::Form => Fields::from_form(body, policy)?,
        Format::Json => Fields::from_json(body)?,
    };
    fields.into_submission(policy)
}

/// What both formats say.
#[derive(Debug, Default)]
struct Fields {
    act: Option<Act>,
    granted: BTreeSet<Category>,
    refused_vendors: BTreeSet<String>,
    /// Vendors that stay granted alone where their category is not granted.
    granted_vendors: BTreeSet<String>,
    /// The one vendor to load, and whether something else was said besides.
    load: BTreeSet<String>,
    more: bool,
    source: Option<Source>,
    next: Option<String>,
    language: Option<String>,
    /// Whether the visitor was told that a grant overrides the browser's signal.
    told: bool,
    /// Whether the browser has Global Privacy Control on, as the page's script finds.
    gpc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Accept,
    Reject,
    Save,
    Load,
    /// Opts out of sale and sharing.
    OptOut,
    /// Objects to statistics.
    Object,
    /// No act of the visitor: the browser's signal, whose header did not arrive.
    Signal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    choice: Act,
    #[serde(default)]
    categories: BTreeMap<Category, bool>,
    #[serde(default)]
    refused_vendors: BTreeSet<String>,
    #[serde(default)]
    granted_vendors: BTreeSet<String>,
    #[serde(default)]
    vendor: Option<String>,
    #[serde(default)]
    conflict_told: bool,
    #[serde(default)]
    gpc: bool,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

impl Fields {
    fn from_json(body: &[u8]) -> Result<Self, BadChoice> {
        let json: Json = match serde_json::from_slice(body) {
            Ok(json) => json,
            // serde's own words may repeat values of the body; the place is enough to find the mistake.
            Err(error) => {
                return bad(format!(
                    "The JSON could not be read at line {}, column {}. Expected {{\"choice\": \"accept\" | \"reject\" | \"save\", \"categories\": {{\"analytics\": true}}, \"refused_vendors\": [\"id\"], \"granted_vendors\": [\"id\"]}} or {{\"choice\": \"load\", \"vendor\": \"id\"}}.",
                    error.line(),
                    error.column()
                ));
            }
        };
        if json.choice != Act::Load && json.vendor.is_some() {
            return bad("The field `vendor` goes with a choice of `load`.");
        }
        Ok(Self {
            more: !(json.categories.is_empty()
                && json.refused_vendors.is_empty()
                && json.granted_vendors.is_empty()),
            load: json.vendor.into_iter().collect(),
            granted_vendors: json.granted_vendors,
            act: Some(json.choice),
            granted: json
                .categories
                .into_iter()
                .filter_map(|(category, granted)| granted.then_some(category))
                .collect(),
            refused_vendors: json.refused_vendors,
            told: json.conflict_told,
            gpc: json.gpc,
            source: json.source.as_deref().map(source).transpose()?,
            next: json.next,
            language: json.lang,
        })
    }

    fn from_form(body: &[u8], policy: &Policy) -> Result<Self, BadChoice> {
        let mut fields = Self::default();
        let mut offered = BTreeSet::new();
        let mut ticked = BTreeSet::new();
        let mut fresh = BTreeSet::new();
        let mut loaded = BTreeSet::new();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "choice" => {
                    let act = match &*value {
                        "accept" => Act::Accept,
                        "reject" => Act::Reject,
                        "save" => Act::Save,
                        "load" => Act::Load,
                        "opt-out" => Act::OptOut,
                        "object" => Act::Object,
                        "signal" => Act::Signal,
                        _ => {
                            return bad(
                                "The field `choice` must be `accept`, `reject`, `save`, `load`, `opt-out`, `object` or `signal`.",
                            );
                        }
                    };
                    once(&mut fields.act, act, "choice")?;
                }
                "next" => once(&mut fields.next, value.into_owned(), "next")?,
                "lang" => once(&mut fields.language, value.into_owned(), "lang")?,
                "source" => once(&mut fields.source, source(&value)?, "source")?,
                "conflict" if value == "told" => fields.told = true,
                "gpc" if value == "1" => fields.gpc = true,
                "offered" => {
                    offered.insert(value.into_owned());
                }
                "vendor" => {
                    ticked.insert(value.into_owned());
                }
                "loaded" => {
                    loaded.insert(value.into_owned());
                }
                "fresh" => match value.parse::<Category>() {
                    Ok(category) => {
                        fresh.insert(category);
                    }
                    Err(_) => return bad("The field `fresh` must name a category."),
                },
                _ => match name.parse::<Category>() {
                    Ok(category) if value == "on" => {
                        fields.granted.insert(category);
                    }
                    Ok(_) => return bad(format!("The field `{name}` must be `on` or absent.")),
                    Err(_) => {
                        return bad(
                            "The form has an unknown field. Known are `choice`, `functional`, `analytics`, `marketing`, `vendor`, `offered`, `loaded`, `fresh`, `conflict`, `gpc`, `source`, `lang` and `next`.",
                        );
                    }
                },
            }
        }
        // A category that was off is ticked as a whole, unless vendors in it were ticked too.
        // The box of one that was loaded before was ticked already.
        let whole = |id: &String| {
            policy.vendor_position(id).is_some_and(|(category, _)| {
                let in_it = |id: &String| {
                    policy
                        .vendor_position(id)
                        .is_some_and(|(of, _)| of == category)
                };
                fresh.contains(&category)
                    && !loaded.contains(id)
                    && !ticked.difference(&loaded).any(in_it)
            })
        };
        fields.refused_vendors = offered
            .difference(&ticked)
            .filter(|id| !whole(id))
            .cloned()
            .collect();
        fields.granted_vendors = ticked.intersection(&loaded).cloned().collect();
        fields.more = !(fields.granted.is_empty()
            && offered.is_empty()
            && fresh.is_empty()
            && loaded.is_empty());
        fields.load = ticked;
        Ok(fields)
    }

    fn into_submission(self, policy: &Policy) -> Result<Submission, BadChoice> {
        let unasked = |category: &Category| {
            *category != Category::Necessary && !policy.asked().contains(*category)
        };
        if let Some(category) = self.granted.iter().copied().find(unasked) {
            return bad(format!("This site does not ask about `{category}`."));
        }
        if self
            .refused_vendors
            .union(&self.granted_vendors)
            .any(|id| policy.vendor_position(id).is_none())
        {
            return bad("A vendor in this choice is not one of this site's.");
        }
        let (choice, source) = match self.act {
            None => {
                return bad(
                    "The field `choice` is missing: `accept`, `reject`, `save`, `load`, `opt-out`, `object` or `signal`.",
                );
            }
            Some(Act::Accept) => (Choice::accept_all(), Source::Banner),
            Some(Act::Reject) => (Choice::reject_all(), Source::Banner),
            Some(Act::Save) => {
                let refusing = self
                    .refused_vendors
                    .into_iter()
                    .fold(Choice::only(self.granted), Choice::refusing_vendor);
                let choice = self
                    .granted_vendors
                    .into_iter()
                    .fold(refusing, Choice::granting_vendor);
                let choice = choice.keeping_exempt();
                (choice, Source::Banner)
            }
            Some(Act::OptOut) => (Choice::opt_out_of_sharing(), Source::Preferences),
            Some(Act::Object) => (Choice::object_to_statistics(), Source::Preferences),
            Some(Act::Signal) => (Choice::signalled(), Source::Signal),
            Some(Act::Load) => {
                let mut vendors = self.load.into_iter();
                let (Some(id), None, false) = (vendors.next(), vendors.next(), self.more) else {
                    return bad("A choice of `load` names one `vendor` and nothing else.");
                };
                if policy.embed(&id).is_none() {
                    return bad("The service to load is not one that this site embeds.");
                }
                (Choice::load_vendor(id), Source::Embed)
            }
        };
        let choice = if self.told {
            choice.after_conflict_notice()
        } else {
            choice
        };
        Ok(Submission {
            choice: choice.made_in(self.source.unwrap_or(source)),
            next: self.next,
            language: self.language,
            gpc: self.gpc || self.act == Some(Act::Signal),
        })
    }
}

fn source(text: &str) -> Result<Source, BadChoice> {
    match text {
        "banner" => Ok(Source::Banner),
        "preferences" => Ok(Source::Preferences),
        _ => bad("The field `source` must be `banner` or `preferences`."),
    }
}

fn once<T: PartialEq>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), BadChoice> {
    if slot.as_ref().is_some_and(|known| *known != value) {
        return bad(format!("The field `{name}` is there twice and differs."));
    }
    *slot = Some(value);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;
    use crate::policy::catalog;

    fn policy() -> Policy {
        Policy::builder("1")
            .vendor(catalog::google_analytics())
            .vendor(catalog::meta_pixel())
            .vendor(catalog::youtube())
            .vendor(
                catalog::google_maps()
                    .with_category(Category::Necessary)
                    .overriding_catalog("Asked for"),
            )
            .build()
            .unwrap()
    }

    fn form(body: &str) -> Result<Submission, BadChoice> {
        parse(Format::Form, body.as_bytes(), &policy())
    }

    fn json(body: &str) -> Result<Submission, BadChoice> {
        parse(Format::Json, body.as_bytes(), &policy())
    }

    fn choice(of: Choice) -> Choice {
        of.made_in(Source::Banner).keeping_exempt()
    }

    // covers L17
    #[test]
    fn a_subset_is_stored_as_that_subset_in_both_formats() {
        let analytics = choice(Choice::only([Category::Analytics]));
        assert_eq!(form("choice=save&analytics=on").unwrap().choice, analytics);
        assert_eq!(
            json(r#"{"choice":"save","categories":{"analytics":true,"marketing":false}}"#)
                .unwrap()
                .choice,
            analytics
        );
        assert_eq!(
            form("choice=accept").unwrap().choice,
            Choice::accept_all().made_in(Source::Banner)
        );
        assert_eq!(
            form("choice=reject&analytics=on").unwrap().choice,
            Choice::reject_all().made_in(Source::Banner)
        );
    }

    #[test]
    fn a_vendor_that_was_offered_and_not_ticked_is_refused() {
        let kept =
            form("choice=save&analytics=on&offered=google-analytics&vendor=google-analytics");
        assert_eq!(
            kept.unwrap().choice,
            choice(Choice::only([Category::Analytics]))
        );
        let refused = form("choice=save&analytics=on&offered=google-analytics");
        assert_eq!(
            refused.unwrap().choice,
            choice(Choice::only([Category::Analytics]).refusing_vendor("google-analytics"))
        );
    }

    #[test]
    fn a_category_that_was_off_is_ticked_as_a_whole_unless_vendors_in_it_are() {
        let fresh = "choice=save&analytics=on&fresh=analytics&offered=google-analytics";
        assert_eq!(
            form(fresh).unwrap().choice,
            choice(Choice::only([Category::Analytics]))
        );
        // Another category's mark changes nothing.
        let other = "choice=save&analytics=on&fresh=marketing&offered=google-analytics";
        assert_eq!(
            form(other).unwrap().choice,
            choice(Choice::only([Category::Analytics]).refusing_vendor("google-analytics"))
        );
    }

    #[test]
    fn a_service_that_was_loaded_stays_so_while_its_box_is_ticked() {
        let off = "choice=save&fresh=marketing&loaded=youtube&offered=youtube&offered=meta-pixel";
        let none = choice(Choice::only([]));
        let kept = form(&format!("{off}&vendor=youtube")).unwrap().choice;
        let alone = Choice::only([]).granting_vendor("youtube");
        assert_eq!(kept, choice(alone));
        // Ticked with the rest of its category, which was ticked as a whole.
        let all = form(&format!("{off}&vendor=youtube&marketing=on")).unwrap();
        let whole = Choice::only([Category::Marketing]).granting_vendor("youtube");
        assert_eq!(all.choice, choice(whole));
        // Unticked, it is refused within its category, too.
        let without = form(&format!("{off}&marketing=on")).unwrap().choice;
        let refusing = Choice::only([Category::Marketing]).refusing_vendor("youtube");
        assert_eq!(without, choice(refusing));
        // Ticked without having been loaded, it is nothing yet.
        let plain = form("choice=save&offered=youtube&vendor=youtube").unwrap();
        assert_eq!(plain.choice, none);
    }

    #[test]
    fn what_is_loaded_is_one_embed_and_nothing_else() {
        let load = Choice::load_vendor("youtube").made_in(Source::Embed);
        assert_eq!(form("choice=load&vendor=youtube").unwrap().choice, load);
        assert_eq!(
            json(r#"{"choice":"load","vendor":"youtube"}"#)
                .unwrap()
                .choice,
            load
        );
        for more in [
            "",
            "&vendor=nobody",
            "&vendor=",
            "&vendor=YouTube",
            "&vendor=meta-pixel",
            "&vendor=maps",
            "&vendor=youtube&vendor=meta-pixel",
            "&vendor=youtube&marketing=on",
            "&vendor=youtube&offered=meta-pixel",
            "&vendor=youtube&loaded=meta-pixel",
            "&vendor=youtube&fresh=marketing",
        ] {
            assert!(form(&format!("choice=load{more}")).is_err(), "{more}");
        }
        for body in [
            r#"{"choice":"load"}"#,
            r#"{"choice":"load","vendor":"meta-pixel"}"#,
            r#"{"choice":"load","vendor":["youtube"]}"#,
            r#"{"choice":"load","vendor":"youtube","categories":{"marketing":true}}"#,
            r#"{"choice":"load","vendor":"youtube","granted_vendors":["meta-pixel"]}"#,
            r#"{"choice":"save","vendor":"youtube"}"#,
            r#"{"choice":"save","granted_vendors":["nobody"]}"#,
        ] {
            assert!(json(body).is_err(), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_an_error_that_says_why() {
        for body in [
            "",
            "choice=",
            "choice=maybe",
            "choice=accept&choice=reject",
            "choice=save&analytic=on",
            "choice=save&analytics=off",
            "choice=save&functional=on",
            "choice=save&offered=nobody",
            "choice=save&source=elsewhere",
            "choice=save&fresh=ads",
            "analytics=on",
            "%00=1",
        ] {
            let error = form(body).unwrap_err().to_string();
            assert!(error.ends_with('.') && error.len() > 20, "{body}: {error}");
        }
        for body in [
            "",
            "[]",
            "{}",
            r#"{"choice":"accept","extra":1}"#,
            r#"{"choice":"save","categories":{"ads":true}}"#,
            r#"{"choice":"save","categories":{"functional":true}}"#,
            r#"{"choice":"save","refused_vendors":["nobody"]}"#,
            "{\"choice\":\"accept\"} x",
        ] {
            assert!(json(body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_repeats_nothing_of_a_body() {
        for error in [
            form("secret%3Cscript%3E=1"),
            json(r#"{"choice":"secret<script>"}"#),
        ] {
            assert!(!error.unwrap_err().to_string().contains("secret"));
        }
    }
}
