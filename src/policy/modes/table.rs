//! What is the page's script told about the modes?
//!
//! The words of each mode as data, in a form that knows no vendor: what is said
//! before everything, what under Global Privacy Control besides, and what with
//! each decision, with what each part of it needs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::google::GoogleConsentMode;
use super::mode::{ConsentMode, Kind};
use crate::category::Category;
use crate::policy::vendor::Vendor;

const GRANTED: &str = "granted";
const DENIED: &str = "denied";

/// One call: the arguments in their order.
type Call = Vec<Value>;

#[derive(Debug, Serialize)]
struct Row<'a> {
    /// The vendor, as the banner's script knows it.
    v: &'a str,
    /// The global that it is said to.
    n: &'a str,
    /// How: see [`By`].
    k: By,
    /// Said before everything.
    d: Vec<Call>,
    /// Said after that under Global Privacy Control.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    g: Vec<Call>,
    /// Said with each decision.
    u: Update<'a>,
}

/// How something is said to a global.
#[derive(Clone, Copy, Debug, Serialize)]
enum By {
    /// The arguments are pushed as one `arguments` object, which Google asks for.
    #[serde(rename = "a")]
    Arguments,
    /// The arguments are pushed one by one.
    #[serde(rename = "p")]
    Push,
    /// It is a function, made by the vendor's snippet, which must find its name free.
    #[serde(rename = "f")]
    Function,
    /// It is an array of calls, made by the vendor's snippet.
    #[serde(rename = "m")]
    Methods,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Update<'a> {
    /// The call ends with an object: for each name what it needs, as in `data-tc`.
    Types {
        c: Call,
        s: BTreeMap<&'a str, String>,
    },
    /// One call where it is granted and another where it is not.
    Switch { t: String, y: Call, o: Call },
}

/// The table as JSON; `None` where there is nothing to say.
pub(in crate::policy) fn table(modes: &[ConsentMode], vendors: &[Vendor]) -> Option<String> {
    if modes.is_empty() {
        return None;
    }
    let rows: Vec<Row<'_>> = modes.iter().map(|mode| row(mode, vendors)).collect();
    // Plain texts always serialise. `<` could only come from a declared name.
    let json = serde_json::to_string(&rows).ok()?;
    Some(json.replace('<', "\\u003c"))
}

fn row<'a>(mode: &'a ConsentMode, vendors: &[Vendor]) -> Row<'a> {
    let needs = Needs { mode, vendors };
    let id = mode.known().first().copied().unwrap_or_default();
    let words = |words: &[&str]| -> Call { words.iter().map(|word| json!(word)).collect() };
    match &mode.kind {
        Kind::Google(google) => self::google(google, &needs),
        Kind::MicrosoftUet => Row {
            v: id,
            n: "uetq",
            k: By::Push,
            d: vec![vec![
                json!("consent"),
                json!("default"),
                json!({ "ad_storage": DENIED }),
            ]],
            g: Vec::new(),
            u: Update::Types {
                c: words(&["consent", "update"]),
                s: [("ad_storage", needs.of(&[id], Category::Marketing))].into(),
            },
        },
        Kind::Clarity => {
            let clarity = needs.of(&[id], Category::Analytics);
            let ads = match clarity.split(' ').any(|word| word == "marketing") {
                true => clarity.clone(),
                false => format!("{clarity} {}", Category::Marketing),
            };
            Row {
                v: id,
                n: "clarity",
                k: By::Function,
                d: vec![vec![
                    json!("consentv2"),
                    json!({ "ad_Storage": DENIED, "analytics_Storage": DENIED }),
                ]],
                g: Vec::new(),
                u: Update::Types {
                    c: words(&["consentv2"]),
                    s: [("ad_Storage", ads), ("analytics_Storage", clarity)].into(),
                },
            }
        }
        Kind::Meta => Row {
            v: id,
            n: "fbq",
            k: By::Function,
            d: vec![words(&["consent", "revoke"])],
            g: vec![vec![
                json!("dataProcessingOptions"),
                json!(["LDU"]),
                json!(0),
                json!(0),
            ]],
            u: Update::Switch {
                t: needs.of(&[id], Category::Marketing),
                y: words(&["consent", "grant"]),
                o: words(&["consent", "revoke"]),
            },
        },
        Kind::TikTok => Row {
            v: id,
            n: "ttq",
            k: By::Methods,
            d: vec![words(&["holdConsent"])],
            g: Vec::new(),
            u: Update::Switch {
                t: needs.of(&[id], Category::Marketing),
                y: words(&["grantConsent"]),
                o: words(&["revokeConsent"]),
            },
        },
    }
}

/// Google's types, each with the category that it stands for.
const TYPES: [(&str, Category); 7] = [
    ("ad_personalization", Category::Marketing),
    ("ad_storage", Category::Marketing),
    ("ad_user_data", Category::Marketing),
    ("analytics_storage", Category::Analytics),
    ("functionality_storage", Category::Functional),
    ("personalization_storage", Category::Functional),
    ("security_storage", Category::Necessary),
];

fn google<'a>(google: &'a GoogleConsentMode, needs: &Needs<'_>) -> Row<'a> {
    let defaults = |granted: &[Category]| {
        let types = TYPES.iter().map(|(name, category)| {
            let granted = *category == Category::Necessary || granted.contains(category);
            (
                (*name).to_owned(),
                json!(if granted { GRANTED } else { DENIED }),
            )
        });
        types.collect::<serde_json::Map<String, Value>>()
    };
    let command = |mut types: serde_json::Map<String, Value>, region: Option<&[String]>| {
        types.insert("wait_for_update".to_owned(), json!(google.wait_for_update));
        if let Some(codes) = region {
            types.insert("region".to_owned(), json!(codes));
        }
        vec![json!("consent"), json!("default"), Value::Object(types)]
    };
    let mut d = vec![command(defaults(&[]), None)];
    let regions = google.regions.iter();
    d.extend(regions.map(|region| command(defaults(&region.granted), Some(&region.codes))));
    for (name, wanted) in [
        ("ads_data_redaction", google.ads_data_redaction),
        ("url_passthrough", google.url_passthrough),
    ] {
        if wanted {
            d.push(vec![json!("set"), json!(name), json!(true)]);
        }
    }
    let needed = |category| match category {
        Category::Necessary => String::new(),
        Category::Analytics => needs.of(&["google-analytics"], category),
        Category::Marketing => needs.of(&["google-ads", "google-adsense"], category),
        Category::Functional => needs.of(&[], category),
    };
    Row {
        v: "google",
        n: &google.data_layer,
        k: By::Arguments,
        d,
        g: Vec::new(),
        u: Update::Types {
            c: vec![json!("consent"), json!("update")],
            s: TYPES
                .iter()
                .map(|(name, category)| (*name, needed(*category)))
                .collect(),
        },
    }
}

/// What one mode waits for.
struct Needs<'a> {
    mode: &'a ConsentMode,
    vendors: &'a [Vendor],
}

impl Needs<'_> {
    /// What must be granted, as in `data-tc`: each declared vendor of `known`, and
    /// of the site's own that the mode is for and that are in `category`; without
    /// any the one that stands for the catalog, or else the category.
    fn of(&self, known: &[&str], category: Category) -> String {
        let word = |vendor: &Vendor| format!("{}:{}", vendor.category, vendor.id);
        let asked = |vendor: &&Vendor| vendor.category != Category::Necessary;
        let own =
            |vendor: &Vendor| vendor.category == category && self.mode.vendors.contains(&vendor.id);
        let needed: Vec<String> = self
            .vendors
            .iter()
            .filter(asked)
            .filter(|vendor| known.contains(&&*vendor.id) || own(vendor))
            .map(word)
            .collect();
        if !needed.is_empty() {
            return needed.join(" ");
        }
        let umbrella = |vendor: &&Vendor| vendor.umbrella && vendor.category == category;
        let umbrella = self.vendors.iter().find(umbrella);
        umbrella.map_or_else(|| category.to_string(), word)
    }
}
