//! May this element act, and if not, how is it put to sleep?
//!
//! The author's word comes first: `data-consent="analytics"` on an element
//! names its category, `data-consent="necessary"` and `data-consent-ignore` let
//! it be, and any other value is a category that nobody can grant. Without one,
//! its addresses and the loaders in its inline script are looked up in the policy.
//!
//! A blocked element keeps everything. An attribute that acts is renamed, so
//! `src` becomes `data-tc-src`, except on scripts, which keep theirs and get
//! `type="text/plain"`: the one change after which browsers neither fetch nor
//! run them, and which can be undone in place. Styles keep theirs with the
//! denied addresses made inert. `data-tc` names what must be granted: a
//! category, or `category:vendor`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::send::Element;

use super::embedded::{Embedded, embedded};
use super::foreign;
use super::hold::Kind;
use super::insert::insert;
use super::marks::{Marks, tag_name};
use super::placeholder;
use super::spell::spell_out;
use super::state::{Held, Nested, Plan, Shared, lock};
use super::table::{self, FETCHING_RELATIONS, Holds, Known, Row, is_put_aside, known, paints};
use crate::category::Category;
use crate::consent::Consent;
use crate::gate::address::decode;
use crate::gate::header::{bracketed, refresh_address};
use crate::policy::{Owner, RequestKind};

/// What nobody can grant.
pub(super) const UNKNOWN: &str = "unknown";

/// Judges one start tag and changes it where it may not act.
#[inline(never)] // what most elements pass through stays small
pub(super) fn judge(
    element: &mut Element<'_, '_>,
    plan: &Arc<Plan>,
    shared: &Arc<Mutex<Shared>>,
    depth: u8,
    nested: Nested,
) {
    let source = {
        let mut shared = lock(shared);
        shared.count_passed();
        if shared.settled {
            return;
        }
        shared.source(element)
    };
    let name = source.as_deref().map(tag_name);
    let tag: Cow<'_, str> = match name.and_then(known) {
        Some(known) => known.name.into(),
        None => element.tag_name().into(),
    };
    let (in_html, seen, inserts) = {
        let mut shared = lock(shared);
        let in_html = foreign::follow(element, &tag, &mut shared);
        shared.open.note(&tag, in_html);
        if tag != "noscript" || !in_html {
            shared.judged += 1;
        }
        let inserts = shared.injection.leads() || matches!(&*tag, "html" | "head" | "body");
        (in_html, shared.seen, inserts)
    };
    let judge = Judge {
        plan,
        shared,
        depth,
        nested,
        in_html,
        annotated: seen.annotation,
    };
    if tag == "noscript" && in_html {
        let shown = !matches!(judge.annotation(element), Annotation::Denied(_));
        lock(shared).held = Some(Held::Noscript { shown });
        return;
    }
    let known = known(tag.as_bytes());
    let mut marks = source.map_or(Marks::all(in_html), |raw| Marks::of(&raw, known, in_html));
    if seen.annotation && element.has_attribute("data-consent") {
        // It is about attributes without a value, too.
        marks.rows = u32::MAX;
    }
    // What a script does is known once it was judged.
    if inserts && tag != "script" {
        insert(element, &tag, judge.acts(element, &tag, marks), shared);
    }
    if tag == "base" {
        rebase(element, plan, shared);
        return;
    }
    if seen.private {
        disown(element);
    }
    if marks.any() || known.is_some_and(|known| known.has_rules) {
        judge.element(element, &tag, known, marks);
    }
    Shared::merge(shared, element, &tag);
    if inserts && tag == "script" {
        insert(element, &tag, judge.acts(element, &tag, marks), shared);
    }
}

/// What became of one element.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Whether the author's word denies all that the element fetches.
    pub(super) all: bool,
    /// Whether the author's word names a category that is granted. Only a
    /// vendor that the visitor refused inside its category is then denied.
    pub(super) granted: bool,
    /// What would have to be granted.
    pub(super) wanted: Vec<String>,
    /// Whether anything was put aside.
    blocked: bool,
    /// Whether a script was stopped by its type.
    pub(super) stopped: bool,
}

impl Verdict {
    /// Whether something that needs `wanted` is to be put aside; notes it.
    pub(super) fn denies(&mut self, wanted: Vec<String>) -> bool {
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
pub(super) struct Judge<'a> {
    pub(super) plan: &'a Arc<Plan>,
    pub(super) shared: &'a Arc<Mutex<Shared>>,
    pub(super) depth: u8,
    nested: Nested,
    /// Whether the element is an HTML one, and not SVG or MathML.
    pub(super) in_html: bool,
    /// Whether the page has shown an annotation so far.
    annotated: bool,
}

impl Judge<'_> {
    fn element(
        &self,
        element: &mut Element<'_, '_>,
        tag: &str,
        known: Option<&Known>,
        marks: Marks,
    ) {
        let mut verdict = Verdict::default();
        match self.annotation(element) {
            Annotation::None => {}
            Annotation::Necessary => {
                if tag == "script" {
                    self.mark_raw(element, Kind::Script);
                }
                return;
            }
            Annotation::Granted => verdict.granted = true,
            Annotation::Denied(wanted) => {
                verdict.all = true;
                verdict.wanted.push(wanted);
            }
        }
        match tag {
            "script" => self.script(element, &mut verdict),
            "style" => self.style_sheet(element, &mut verdict),
            "meta" => self.meta(element, &mut verdict),
            _ => {}
        }
        if marks.style {
            self.style_attribute(element, &mut verdict);
        }
        if marks.handler {
            self.handlers(element, &mut verdict);
        }
        if marks.function {
            self.paints(element, &mut verdict);
        }
        if tag != "link" || fetches(element) {
            for row in known.into_iter().flat_map(|known| known.rows(marks.rows)) {
                self.attribute(element, tag, row, &mut verdict);
            }
        }
        if verdict.blocked {
            self.mark(element, tag, verdict);
        }
    }

    /// Notes on a blocked element what it waits for.
    fn mark(&self, element: &mut Element<'_, '_>, tag: &str, mut verdict: Verdict) {
        match tag {
            "script" if !verdict.stopped => keep_type(element),
            "iframe" | "frame" => rename_frame(element, &self.plan.frame_name),
            _ => {}
        }
        verdict.wanted.sort();
        verdict.wanted.dedup();
        if tag == "iframe" {
            placeholder::place(element, &verdict.wanted, self.plan, self.shared);
        }
        let wanted = verdict.wanted.join(" ");
        let _ = element.set_attribute("data-tc", &wanted);
        spell_out(element);
        lock(self.shared).blocked += 1;
        tracing::debug!(
            target: "tower_consent::gate",
            act = "block",
            element = %tag,
            needs = %wanted,
            "blocked an element"
        );
    }

    /// What follows the start tag, as far as it has arrived.
    pub(super) fn content(&self, element: &Element<'_, '_>) -> Bytes {
        let shared = lock(self.shared);
        let end = element.source_location().bytes().end;
        end.checked_sub(shared.written)
            .map_or_else(Bytes::new, |start| {
                shared.ahead.slice(start.min(shared.ahead.len())..)
            })
    }

    /// Notes that what follows is text up to the element's end tag.
    pub(super) fn mark_raw(&self, element: &Element<'_, '_>, kind: Kind) {
        if self.in_html {
            lock(self.shared).raw = Some((kind, element.source_location().bytes().end));
        }
    }

    fn annotation(&self, element: &Element<'_, '_>) -> Annotation {
        if !self.annotated {
            return Annotation::None;
        }
        let Some(value) = element.get_attribute("data-consent") else {
            return match element.has_attribute("data-consent-ignore") {
                true => Annotation::Necessary,
                false => Annotation::None,
            };
        };
        match decode(&value).trim().parse::<Category>() {
            Ok(Category::Necessary) => Annotation::Necessary,
            Ok(category) if self.plan.consent.allows(category) => Annotation::Granted,
            Ok(category) => Annotation::Denied(category.as_str().to_owned()),
            Err(_) => Annotation::Denied(UNKNOWN.to_owned()),
        }
    }

    /// Puts one attribute aside where it names something denied.
    fn attribute(
        &self,
        element: &mut Element<'_, '_>,
        tag: &str,
        row: &Row,
        verdict: &mut Verdict,
    ) {
        if row.holds == Holds::Document {
            self.srcdoc(element, row, verdict);
        } else if let Some(value) = element.get_attribute(row.attribute)
            // An empty address is none, wherever the document's base lies.
            && (verdict.all || !value.is_empty())
            && verdict.denies(self.wanted(
                row.holds,
                kind(element, tag, row.attribute),
                &value,
                verdict.granted,
            ))
        {
            rename(element, row.attribute, &value);
        }
    }

    /// What would have to be granted for an attribute to act.
    pub(super) fn wanted(
        &self,
        holds: Holds,
        kind: RequestKind,
        value: &str,
        granted: bool,
    ) -> Vec<String> {
        let value = decode(value);
        let owners = match holds {
            Holds::Address => match embedded(&value) {
                Some(content) => return self.embedded(&content, granted),
                None => {
                    let owner = self.owner(&value, kind);
                    let waits = |owner: &Owner| kind != RequestKind::Script || self.waits(*owner);
                    owner.filter(waits).into_iter().collect()
                }
            },
            Holds::Addresses => value
                .split_ascii_whitespace()
                .filter_map(|address| self.owner(address, kind))
                .collect(),
            Holds::Values => value
                .split(';')
                .filter_map(|address| self.owner(address.trim(), kind))
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

    /// The same for what an address holds itself.
    fn embedded(&self, content: &Embedded, granted: bool) -> Vec<String> {
        match content {
            Embedded::Script(script) => {
                let mut wanted = self.loaders(script, granted);
                // What a `javascript:` address comes to is shown as a document.
                if script.contains(&b'<') {
                    wanted.extend(self.document(&String::from_utf8_lossy(script)));
                }
                wanted
            }
            Embedded::Document(html) => self.document(html),
            Embedded::Style(css) => self.style_wants(css, granted),
        }
    }

    /// What the loaders in a script need.
    pub(super) fn loaders(&self, script: &[u8], granted: bool) -> Vec<String> {
        let policy = self.plan.consent.policy();
        let mut owners = self.plan.base.inline_owners(policy, script);
        owners.retain(|owner| self.waits(*owner));
        self.denied(owners, granted)
    }

    /// Whether a script of `owner` waits for a choice like everything else.
    fn waits(&self, owner: Owner) -> bool {
        !self.plan.consent.goes_ahead(owner)
    }

    pub(super) fn owner(&self, address: &str, kind: RequestKind) -> Option<Owner> {
        lock(self.shared)
            .base
            .as_ref()
            .unwrap_or(&self.plan.base)
            .owner(self.plan.consent.policy(), address, kind)
    }

    /// What those of `owners` need that may not act. `granted`: see [`Verdict::granted`].
    pub(super) fn denied(&self, owners: Vec<Owner>, granted: bool) -> Vec<String> {
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

    /// A document inside of an attribute is gated like a page of its own, and
    /// kept beside it as it was.
    fn srcdoc(&self, element: &mut Element<'_, '_>, row: &Row, verdict: &mut Verdict) {
        let Some(value) = element.get_attribute(row.attribute) else {
            return;
        };
        let (shown, wanted) = self.gated_document(&decode(&value));
        if verdict.denies(wanted) {
            rename(element, row.attribute, &value);
            if let Some(shown) = shown.filter(|_| !verdict.all) {
                let shown = String::from_utf8_lossy(&shown).replace('&', "&amp;");
                let _ = element.set_attribute(row.attribute, &shown);
            }
        }
    }

    /// What a document needs that an address holds.
    fn document(&self, html: &str) -> Vec<String> {
        self.gated_document(html).1
    }

    /// A document as this visitor may see it, where any of it may be seen, and
    /// what the rest needs.
    fn gated_document(&self, html: &str) -> (Option<Bytes>, Vec<String>) {
        let content = html.as_bytes().to_vec().into();
        match (self.nested)(self.plan, self.shared, content, self.depth) {
            Ok((_, 0)) => (None, Vec::new()),
            Ok((rewritten, _)) => match wants_in(&rewritten) {
                // What stands too deep to be judged names nothing that could be granted.
                wanted if wanted.is_empty() => (None, vec![UNKNOWN.to_owned()]),
                wanted => (Some(rewritten), wanted),
            },
            Err(_) => (None, vec![UNKNOWN.to_owned()]),
        }
    }

    /// Puts aside each event handler that loads something denied.
    fn handlers(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let is_handler = |name: &str| name.starts_with("on");
        self.put_aside(element, verdict, is_handler, Self::loaders);
    }

    /// Puts aside each SVG attribute that paints with something denied.
    fn paints(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        self.put_aside(element, verdict, paints, Self::paint_wants);
    }

    /// Puts aside each attribute of that sort whose value `wants` something. The
    /// author's word is about what the element loads itself, so it is not asked.
    fn put_aside(
        &self,
        element: &mut Element<'_, '_>,
        verdict: &mut Verdict,
        is_such: impl Fn(&str) -> bool,
        wants: impl Fn(&Self, &[u8], bool) -> Vec<String>,
    ) {
        let mut attributes: Vec<(String, String)> = element
            .attributes()
            .iter()
            .map(|attribute| (attribute.name(), attribute.value()))
            .filter(|(name, _)| is_such(name))
            .collect();
        if attributes.len() > 1 {
            // Of those of one name, browsers take the first.
            let mut taken = HashSet::new();
            attributes.retain(|(name, _)| taken.insert(name.clone()));
        }
        for (name, value) in attributes {
            let wanted = wants(self, decode(&value).as_bytes(), verdict.granted);
            if !wanted.is_empty() && verdict.denies(wanted) {
                rename(element, &name, &value);
            }
        }
    }

    fn meta(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let Some(kind) = element.get_attribute("http-equiv") else {
            return;
        };
        let content = element.get_attribute("content").unwrap_or_default();
        let content = decode(&content);
        let is = |name: &str| decode(&kind).trim().eq_ignore_ascii_case(name);
        let wanted = if is("refresh") {
            refresh_address(&content).map(|address| {
                let kind = RequestKind::Document;
                self.wanted(Holds::Address, kind, address, verdict.granted)
            })
        } else if is("link") {
            let owners = bracketed(&content)
                .filter_map(|address| self.owner(address, RequestKind::Other))
                .collect();
            Some(self.denied(owners, verdict.granted))
        } else if is("delegate-ch") {
            let owners = content
                .split([' ', ';'])
                .filter(|word| word.contains("//"))
                .filter_map(|address| self.owner(address, RequestKind::Other))
                .collect();
            Some(self.denied(owners, verdict.granted))
        } else {
            return;
        };
        if verdict.denies(wanted.unwrap_or_default()) {
            rename(element, "http-equiv", &kind);
        }
    }
}

/// What kind of request an attribute makes.
fn kind(element: &Element<'_, '_>, tag: &str, attribute: &str) -> RequestKind {
    if tag != "link" {
        return table::kind(tag, attribute);
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
    for name in &foreign {
        element.remove_attribute(name);
    }
    if !foreign.is_empty() {
        spell_out(element);
    }
}

/// Moves an attribute to its private name. Every copy of a repeated one goes.
pub(super) fn rename(element: &mut Element<'_, '_>, attribute: &str, value: &str) {
    element.remove_attribute(attribute);
    let _ = element.set_attribute(&format!("data-tc-{attribute}"), value);
}

/// The first `<base>` with an address counts.
fn rebase(element: &Element<'_, '_>, plan: &Plan, shared: &Mutex<Shared>) {
    let mut shared = lock(shared);
    if let Some(href) = element.get_attribute("href")
        && !shared.rebased
    {
        shared.rebased = true;
        let Some(base) = &mut shared.base else {
            return;
        };
        let own = base.authority();
        base.rebase(&decode(&href));
        if base.authority() != own {
            // What the layer adds would be asked for at that other host.
            let scheme = if plan.secure { "https" } else { "http" };
            let prefix = plan.consent.policy().prefix();
            let language = shared.language.clone();
            shared.injection.write(language.as_deref());
            shared
                .injection
                .settle(prefix, &format!("{scheme}://{own}"));
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

/// What the blocked elements of a rewritten document need.
fn wants_in(html: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(html)
        .split(" data-tc=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|wanted| wanted.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}
