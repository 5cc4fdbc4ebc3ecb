//! Where does the layer's own markup go?

use std::sync::{Arc, Mutex};

use lol_html::html_content::ContentType;
use lol_html::send::Element;

use super::state::{Shared, lock};
use crate::policy::is_tag;

/// When an element acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acts {
    Never,
    /// At once, and on nothing but what is there.
    Alone,
    /// Once the whole page has been read, if at all.
    Late,
    Now,
}

/// Inserts what is due at this start tag. `acts` says when the element acts.
pub(super) fn insert(
    element: &mut Element<'_, '_>,
    tag: &str,
    acts: Acts,
    shared: &Arc<Mutex<Shared>>,
) {
    if matches!(tag, "html" | "head" | "body") {
        lock(shared).is_document = true;
    }
    if tag == "html" {
        listen(element, shared);
    }
    let markup = leading(acts, &mut lock(shared));
    if !markup.is_empty() {
        element.before(&markup, ContentType::Html);
    }
    if tag == "body" {
        insert_in_body(element, shared);
    }
}

/// Notes the page's own language, which its visitor reads.
fn listen(element: &Element<'_, '_>, shared: &Mutex<Shared>) {
    let Some(said) = element.get_attribute("lang") else {
        return;
    };
    let mut shared = lock(shared);
    let said = said.trim();
    if !shared.said_language && is_tag(said) {
        shared.said_language = true;
        shared.language = Some(said.to_owned());
    }
}

/// What must stand in front of an element that acts. Of the guard there may be
/// two: one that waits for the whole page in front of the first script that
/// does, and one that nothing overtakes in front of what acts at once.
fn leading(acts: Acts, shared: &mut Shared) -> String {
    if !shared.is_document || acts == Acts::Never {
        return String::new();
    }
    let first = std::mem::take(&mut shared.injection.first);
    let guard = &mut shared.injection.head_start;
    first
        + &match acts {
            Acts::Now => std::mem::take(guard),
            Acts::Late if !std::mem::replace(&mut shared.waits, true) => waiting(guard),
            Acts::Late | Acts::Alone | Acts::Never => String::new(),
        }
}

/// The guard as a script that waits for the whole page.
fn waiting(guard: &str) -> String {
    guard.replacen("<script ", "<script defer ", 1)
}

/// Inserts the layer's markup at the first body's start and end.
fn insert_in_body(element: &mut Element<'_, '_>, shared: &Arc<Mutex<Shared>>) {
    let mut state = lock(shared);
    let language = state.language.clone();
    state.injection.write(language.as_deref());
    let body_start = std::mem::take(&mut state.injection.body_start);
    drop(state);
    element.prepend(&body_start, ContentType::Html);
    let shared = shared.clone();
    let _ = element.on_end_tag(Box::new(move |end| {
        // Any end tag of what stands around it may end a body for the tokenizer, and none does for a browser.
        if !matches!(&*end.name(), "body" | "html") {
            return Ok(());
        }
        end.before(&last(&mut lock(&shared)), ContentType::Html);
        Ok(())
    }));
}

/// What goes to the end of the body, behind what nothing has called for so far.
pub(super) fn last(shared: &mut Shared) -> String {
    leading(Acts::Late, shared) + &std::mem::take(&mut shared.injection.body_end)
}
