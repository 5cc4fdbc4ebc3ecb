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
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::send::Element;

use super::aside::{disown, keep_type, rename_frame};
use super::base::rebase;
use super::foreign;
use super::hold::Kind;
use super::insert::insert;
use super::marks::{Marks, tag_name};
use super::placeholder;
use super::spell::spell_out;
use super::state::{Held, Nested, Plan, Shared, lock};
use super::table::{Known, known};
use crate::category::Category;
use crate::gate::address::decode;

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
    pub(super) nested: Nested,
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
        if let Some(known) = known {
            self.rows(element, tag, known.rows(marks.rows), &mut verdict);
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
}
