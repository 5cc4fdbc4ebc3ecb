//! Which attributes of an element are put aside?

use std::collections::HashSet;

use lol_html::send::Element;

use super::aside::rename;
use super::element::{Judge, Verdict};
use super::table::{self, FETCHING_RELATIONS, Holds, Row, paints};
use crate::gate::address::decode;
use crate::gate::header::{bracketed, refresh_address};
use crate::policy::RequestKind;

impl Judge<'_> {
    /// Puts aside what an element of a known name fetches by its attributes.
    pub(super) fn rows(
        &self,
        element: &mut Element<'_, '_>,
        tag: &str,
        rows: impl Iterator<Item = &'static Row>,
        verdict: &mut Verdict,
    ) {
        if tag == "link" && !fetches(element) {
            return;
        }
        for row in rows {
            self.attribute(element, tag, row, verdict);
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

    /// Puts aside each event handler that loads something denied.
    pub(super) fn handlers(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let is_handler = |name: &str| name.starts_with("on");
        self.put_aside(element, verdict, is_handler, Self::loaders);
    }

    /// Puts aside each SVG attribute that paints with something denied.
    pub(super) fn paints(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
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

    pub(super) fn meta(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
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
