//! May this element act, and if not, how is it put to sleep?
//!
//! The author's word comes first: `data-consent="analytics"` on an element
//! names its category, `data-consent="necessary"` lets it be, and any other
//! value is a category that nobody can grant. Without one, its addresses and
//! the loaders in its inline script are looked up in the policy.
//!
//! A blocked element keeps everything. An attribute that acts is renamed, so
//! `src` becomes `data-tc-src`, except on scripts, which keep theirs and get
//! `type="text/plain"`: the one change after which browsers neither fetch nor
//! run them, and which can be undone in place. `data-tc` names what must be
//! granted: a category, or `category:vendor`.

use std::sync::{Arc, Mutex};

use lol_html::html_content::ContentType;
use lol_html::send::Element;

use super::hold;
use super::state::{Nested, Noscript, Plan, Shared, lock};
use super::table::{self, FETCHING_RELATIONS, Holds, Row, is_put_aside, rows};
use crate::category::Category;
use crate::consent::Consent;
use crate::gate::address::decode;
use crate::gate::header::refresh_address;
use crate::policy::{Owner, RequestKind};

/// What nobody can grant.
const UNKNOWN: &str = "unknown";

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// Judges one start tag and changes it where it may not act.
pub(super) fn judge(
    element: &mut Element<'_, '_>,
    plan: &Arc<Plan>,
    shared: &Arc<Mutex<Shared>>,
    depth: u8,
    nested: Nested,
) {
    if lock(shared).settled {
        return;
    }
    let tag = element.tag_name();
    let judge = Judge {
        plan,
        shared,
        depth,
        nested,
    };
    if tag == "noscript" && element.namespace_uri() == HTML {
        lock(shared).noscript = Some(match judge.annotation(element) {
            Annotation::Denied(_) => Noscript::Denied,
            Annotation::None | Annotation::Necessary | Annotation::Granted => Noscript::Judged,
        });
        return;
    }
    lock(shared).judged += 1;
    match &*tag {
        "html" | "head" => lock(shared).is_document = true,
        "body" => insert(element, shared),
        "base" => {
            rebase(element, shared);
            return;
        }
        _ => {}
    }
    disown(element);
    let mut verdict = Verdict::default();
    match judge.annotation(element) {
        Annotation::None => {}
        Annotation::Necessary => return,
        Annotation::Granted => verdict.granted = true,
        Annotation::Denied(wanted) => {
            verdict.all = true;
            verdict.wanted.push(wanted);
        }
    }
    match &*tag {
        "script" => judge.script(element, &mut verdict),
        "meta" => judge.meta(element, &mut verdict),
        "link" if !fetches(element) => return,
        _ => {}
    }
    for row in rows(&tag) {
        judge.attribute(element, row, &mut verdict);
    }
    if !verdict.blocked {
        return;
    }
    match &*tag {
        "script" if !verdict.stopped => keep_type(element),
        "iframe" | "frame" => rename_frame(element, &plan.frame_name),
        _ => {}
    }
    verdict.wanted.sort();
    verdict.wanted.dedup();
    let wanted = verdict.wanted.join(" ");
    let _ = element.set_attribute("data-tc", &wanted);
    lock(shared).blocked += 1;
    tracing::debug!(
        target: "tower_consent::gate",
        act = "block",
        element = %tag,
        needs = %wanted,
        "blocked an element"
    );
}

/// What became of one element.
#[derive(Debug, Default)]
struct Verdict {
    /// Whether the author's word denies all that the element fetches.
    all: bool,
    /// Whether the author's word names a category that is granted. Only a
    /// vendor that the visitor refused inside its category is then denied.
    granted: bool,
    /// What would have to be granted.
    wanted: Vec<String>,
    /// Whether anything was put aside.
    blocked: bool,
    /// Whether a script was stopped by its type.
    stopped: bool,
}

impl Verdict {
    /// Whether something that needs `wanted` is to be put aside; notes it.
    fn denies(&mut self, wanted: Vec<String>) -> bool {
        let denies = self.all || !wanted.is_empty();
        self.wanted.extend(wanted);
        self.blocked |= denies;
        denies
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Annotation {
    None,
    /// The author says that it needs no consent.
    Necessary,
    /// The named category is granted.
    Granted,
    /// What would have to be granted.
    Denied(String),
}

#[derive(Clone, Copy)]
struct Judge<'a> {
    plan: &'a Arc<Plan>,
    shared: &'a Arc<Mutex<Shared>>,
    depth: u8,
    nested: Nested,
}

impl Judge<'_> {
    fn annotation(&self, element: &Element<'_, '_>) -> Annotation {
        let Some(value) = element.get_attribute("data-consent") else {
            return Annotation::None;
        };
        match decode(&value).trim().parse::<Category>() {
            Ok(Category::Necessary) => Annotation::Necessary,
            Ok(category) if self.plan.consent.allows(category) => Annotation::Granted,
            Ok(category) => Annotation::Denied(category.as_str().to_owned()),
            Err(_) => Annotation::Denied(UNKNOWN.to_owned()),
        }
    }

    /// Puts one attribute aside where it names something denied.
    fn attribute(&self, element: &mut Element<'_, '_>, row: &Row, verdict: &mut Verdict) {
        if let Some(value) = element.get_attribute(row.attribute)
            && verdict.denies(self.wanted(
                row.holds,
                kind(element, row.attribute),
                &value,
                verdict.granted,
            ))
        {
            rename(element, row.attribute, &value);
        }
    }

    /// What would have to be granted for an attribute to act.
    fn wanted(&self, holds: Holds, kind: RequestKind, value: &str, granted: bool) -> Vec<String> {
        let value = decode(value);
        let owners = match holds {
            Holds::Address => self.owner(&value, kind).into_iter().collect(),
            Holds::Addresses => value
                .split_ascii_whitespace()
                .filter_map(|address| self.owner(address, kind))
                .collect(),
            Holds::Srcset => lock(self.shared)
                .base
                .as_ref()
                .unwrap_or(&self.plan.base)
                .srcset_owners(self.plan.consent.policy(), &value),
            Holds::Document => return self.document(&value),
        };
        self.denied(owners, granted)
    }

    fn owner(&self, address: &str, kind: RequestKind) -> Option<Owner> {
        lock(self.shared)
            .base
            .as_ref()
            .unwrap_or(&self.plan.base)
            .owner(self.plan.consent.policy(), address, kind)
    }

    /// What those of `owners` need that may not act. `granted`: see [`Verdict::granted`].
    fn denied(&self, owners: Vec<Owner>, granted: bool) -> Vec<String> {
        let (consent, told) = (&self.plan.consent, &self.plan.told);
        let policy = consent.policy();
        owners
            .into_iter()
            .filter(|owner| !consent.permits(*owner))
            .filter(|owner| !granted || is_refused_vendor(consent, *owner))
            .map(|owner| {
                let name = policy.owner_name(owner);
                if let Some(declaration) = policy.declaration_of(owner)
                    && told.is_first(format!("vendor {name}").as_bytes())
                {
                    tracing::warn!(
                        target: "tower_consent::policy",
                        vendor = %name,
                        "blocked {name}, which the policy does not declare; declare it with {declaration}"
                    );
                }
                consent.needs(owner)
            })
            .collect()
    }

    /// A document inside of an attribute is put aside whole where anything in it is blocked.
    fn document(&self, html: &str) -> Vec<String> {
        let content = html.as_bytes().to_vec().into();
        match (self.nested)(self.plan, self.shared, content, self.depth) {
            Ok((_, 0)) => Vec::new(),
            Ok((rewritten, _)) => match wants_in(&rewritten) {
                // What stands too deep to be judged names nothing that could be granted.
                wanted if wanted.is_empty() => vec![UNKNOWN.to_owned()],
                wanted => wanted,
            },
            Err(_) => vec![UNKNOWN.to_owned()],
        }
    }

    fn script(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let kind = element.get_attribute("type");
        if !kind.as_deref().is_none_or(|kind| runs(&decode(kind))) {
            return;
        }
        let mut wanted: Vec<String> = ["src", "href", "xlink:href"]
            .iter()
            .filter_map(|name| element.get_attribute(name))
            .flat_map(|address| {
                self.wanted(
                    Holds::Address,
                    RequestKind::Script,
                    &address,
                    verdict.granted,
                )
            })
            .collect();
        if !element.has_attribute("src") {
            wanted.extend(self.inline(element, verdict.granted));
        }
        if !verdict.denies(wanted) {
            return;
        }
        if let Some(kind) = kind {
            let _ = element.set_attribute("data-tc-type", &kind);
        }
        let _ = element.set_attribute("type", "text/plain");
        verdict.stopped = true;
    }

    /// What the loaders in an inline script need.
    fn inline(&self, element: &Element<'_, '_>, granted: bool) -> Vec<String> {
        let content = {
            let shared = lock(self.shared);
            let start = element
                .source_location()
                .bytes()
                .end
                .checked_sub(shared.written);
            start.map_or_else(Default::default, |start| {
                let ahead = &shared.ahead;
                ahead.slice(start.min(ahead.len())..)
            })
        };
        let end = hold::script_end(&content).unwrap_or(content.len());
        let script = content.get(..end).unwrap_or_default();
        let policy = self.plan.consent.policy();
        self.denied(self.plan.base.inline_owners(policy, script), granted)
    }

    fn meta(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let Some(kind) = element.get_attribute("http-equiv") else {
            return;
        };
        if !decode(&kind).trim().eq_ignore_ascii_case("refresh") {
            return;
        }
        let content = element.get_attribute("content").unwrap_or_default();
        let wanted = refresh_address(&decode(&content))
            .map(|address| {
                self.wanted(
                    Holds::Address,
                    RequestKind::Document,
                    address,
                    verdict.granted,
                )
            })
            .unwrap_or_default();
        if verdict.denies(wanted) {
            rename(element, "http-equiv", &kind);
        }
    }
}

/// What kind of request an attribute makes.
fn kind(element: &Element<'_, '_>, attribute: &str) -> RequestKind {
    let tag = element.tag_name();
    if tag != "link" {
        return table::kind(&tag, attribute);
    }
    let read = |name| element.get_attribute(name).unwrap_or_default();
    RequestKind::of_link(&decode(&read("rel")), &decode(&read("as")))
}

/// Whether the visitor refused this very vendor inside a category that is granted.
fn is_refused_vendor(consent: &Consent, owner: Owner) -> bool {
    matches!(owner, Owner::Vendor { category, .. } if consent.allows(category))
}

/// Notes the type of a blocked script that never ran, so that a grant does not make it run.
fn keep_type(element: &mut Element<'_, '_>) {
    if let Some(kind) = element.get_attribute("type") {
        let _ = element.set_attribute("data-tc-type", &kind);
    }
}

/// Gives a blocked frame a name that no other response uses. When a visitor
/// goes back, Chromium loads into a frame what it finds in its history under
/// the frame's name or place, whatever the markup says; under a fresh name
/// there is nothing, not even of a page that was woken in place.
fn rename_frame(element: &mut Element<'_, '_>, fresh: &str) {
    if let Some(name) = element.get_attribute("name") {
        let _ = element.set_attribute("data-tc-name", &name);
    }
    let _ = element.set_attribute("name", fresh);
}

/// Drops private attributes that came with the page: only the gate's own may wake an element.
fn disown(element: &mut Element<'_, '_>) {
    let foreign: Vec<String> = element
        .attributes()
        .iter()
        .map(|attribute| attribute.name())
        .filter(|name| {
            name.strip_prefix("data-tc").is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix('-').is_some_and(is_put_aside)
            })
        })
        .collect();
    for name in foreign {
        element.remove_attribute(&name);
    }
}

/// Moves an attribute to its private name. Every copy of a repeated one goes.
fn rename(element: &mut Element<'_, '_>, attribute: &str, value: &str) {
    element.remove_attribute(attribute);
    let _ = element.set_attribute(&format!("data-tc-{attribute}"), value);
}

/// Inserts the layer's markup at the first body's start and end.
fn insert(element: &mut Element<'_, '_>, shared: &Arc<Mutex<Shared>>) {
    let mut state = lock(shared);
    state.is_document = true;
    let body_start = std::mem::take(&mut state.injection.body_start);
    drop(state);
    element.prepend(&body_start, ContentType::Html);
    let shared = shared.clone();
    let _ = element.on_end_tag(Box::new(move |end| {
        let body_end = std::mem::take(&mut lock(&shared).injection.body_end);
        end.before(&body_end, ContentType::Html);
        Ok(())
    }));
}

/// The first `<base>` with an address counts.
fn rebase(element: &Element<'_, '_>, shared: &Mutex<Shared>) {
    let mut shared = lock(shared);
    if let Some(href) = element.get_attribute("href")
        && !shared.rebased
    {
        shared.rebased = true;
        if let Some(base) = &mut shared.base {
            base.rebase(&decode(&href));
        }
    }
}

/// Whether a browser fetches the link's address: by its relations, or because they cannot be told.
fn fetches(element: &Element<'_, '_>) -> bool {
    element.get_attribute("rel").is_some_and(|rel| {
        decode(&rel).split_ascii_whitespace().any(|relation| {
            FETCHING_RELATIONS
                .iter()
                .any(|known| relation.eq_ignore_ascii_case(known))
        })
    })
}

/// Whether a script of this type runs: classic script types and `module` (HTML, "prepare the script element").
fn runs(kind: &str) -> bool {
    let kind = kind.trim_matches(|c: char| c.is_ascii_whitespace());
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

/// What the blocked elements of a rewritten document need.
fn wants_in(html: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(html)
        .split(" data-tc=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|wanted| wanted.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}
