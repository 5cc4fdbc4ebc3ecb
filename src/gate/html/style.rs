//! Which addresses of a style may the browser fetch?
//!
//! A denied address is made inert inside of the style, so that the site's own
//! rules beside it keep working. The attribute `data-tc-css` tells the script
//! to take that back after a grant; a style attribute is kept in
//! `data-tc-style`.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lol_html::html_content::ContentType;
use lol_html::send::Element;

use super::aside::rename;
use super::element::{Judge, UNKNOWN, Verdict};
use super::hold::{self, Kind};
use super::state::{Held, HtmlError, Plan, Shared, lock};
use crate::gate::address::decode;
use crate::gate::css;

impl Judge<'_> {
    /// What the addresses in a stylesheet need.
    pub(super) fn style_wants(&self, css: &[u8], granted: bool) -> Vec<String> {
        let mut owners = Vec::new();
        let read = css::rewrite(css, &mut |address, kind| {
            owners.extend(self.owner(address, kind));
            false
        });
        match read {
            Ok(_) => self.denied(owners, granted),
            Err(css::TooDeep) => vec![UNKNOWN.to_owned()],
        }
    }

    /// What a paint needs, which names an address by a function alone.
    pub(super) fn paint_wants(&self, paint: &[u8], granted: bool) -> Vec<String> {
        if memchr::memchr(b'(', paint).is_none() {
            return Vec::new();
        }
        self.style_wants(paint, granted)
    }

    /// Judges a `<style>` by its content, which goes out changed if need be.
    pub(super) fn style_sheet(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        self.mark_raw(element, Kind::Style);
        let content = self.content(element);
        let end = hold::content_end(Kind::Style, &content);
        let sheet = content
            .get(..end.unwrap_or(content.len()))
            .unwrap_or_default();
        // In SVG the content of a style is markup: it sleeps whole or not at all.
        let text = if self.in_html {
            Cow::Borrowed(sheet)
        } else {
            let text = String::from_utf8_lossy(sheet);
            Cow::Owned(decode(&text).into_owned().into_bytes())
        };
        let wanted = self.style_wants(&text, verdict.granted);
        let whole = verdict.all || !self.in_html || wanted.iter().any(|wanted| wanted == UNKNOWN);
        let denies = verdict.denies(wanted);
        if denies && whole {
            if let Some(kind) = element.get_attribute("type") {
                let _ = element.set_attribute("data-tc-type", &kind);
            }
            let _ = element.set_attribute("type", "text/plain");
            if imports(&text) {
                // Firefox fetches these before it looks at the type, but only up to
                // the first thing that is no import.
                let _ = element.set_attribute("data-tc-css", "");
                element.prepend(css::INERT, ContentType::Text);
            }
            verdict.stopped = true;
        } else if denies {
            let _ = element.set_attribute("data-tc-css", "");
            lock(self.shared).held = Some(Held::Style);
        } else if end.is_none() && self.in_html {
            // The rest is still to come.
            lock(self.shared).held = Some(Held::Style);
        }
    }

    /// Makes the denied addresses of a style attribute inert.
    pub(super) fn style_attribute(&self, element: &mut Element<'_, '_>, verdict: &mut Verdict) {
        let Some(raw) = element.get_attribute("style") else {
            return;
        };
        let value = decode(&raw);
        if !css::may_fetch(value.as_bytes()) {
            return;
        }
        let wanted = self.style_wants(value.as_bytes(), verdict.granted);
        if wanted.is_empty() || !verdict.denies(wanted) {
            return;
        }
        let quiet = quiet(value.as_bytes(), self.plan, self.shared)
            .map(|css| String::from_utf8_lossy(&css).replace('&', "&amp;"));
        rename(element, "style", &raw);
        if let Some(quiet) = quiet {
            let _ = element.set_attribute("style", &quiet);
        }
    }
}

/// Whether a stylesheet may import another.
fn imports(css: &[u8]) -> bool {
    memchr::memchr(b'\\', css).is_some()
        || css
            .windows(6)
            .any(|word| word.eq_ignore_ascii_case(b"import"))
}

/// The content of a stylesheet without what is denied.
pub(super) fn quieten(
    content: &[u8],
    plan: &Arc<Plan>,
    shared: &Mutex<Shared>,
) -> Result<Bytes, HtmlError> {
    // Nothing of what cannot be read goes out.
    Ok(quiet(content, plan, shared).map_or_else(Bytes::new, Bytes::from))
}

/// The style with each denied address made inert; `None` where it cannot be read.
fn quiet(css: &[u8], plan: &Plan, shared: &Mutex<Shared>) -> Option<Vec<u8>> {
    let base = lock(shared).base.clone();
    let base = base.as_ref().unwrap_or(&plan.base);
    let consent = &plan.consent;
    css::rewrite(css, &mut |address, kind| {
        base.owner(consent.policy(), address, kind)
            .is_some_and(|owner| !consent.permits(owner))
    })
    .ok()
    .map(|quiet| quiet.unwrap_or_else(|| css.to_vec()))
}
