//! Where does the layer's own markup go?

use std::sync::{Arc, Mutex};

use lol_html::html_content::ContentType;
use lol_html::send::Element;

use super::first::Acts;
use super::state::{Shared, lock};
use crate::policy::is_tag;

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
    if let Some(markup) = guard(acts, &mut lock(shared)) {
        element.before(&markup, ContentType::Html);
    }
    if tag == "body" {
        insert_in_body(element, shared);
    }
}

/// The guard, where it is due: as one that waits for the whole page in front of
/// the first script that does, and as one that nothing overtakes in front of
/// the first thing that acts at once.
fn guard(acts: Acts, shared: &mut Shared) -> Option<String> {
    let guard = &mut shared.injection.head_start;
    if !shared.is_document || guard.is_empty() || acts == Acts::Never {
        return None;
    }
    if acts == Acts::Now {
        return Some(std::mem::take(guard));
    }
    if std::mem::replace(&mut shared.waits, true) {
        return None;
    }
    Some(waiting(guard))
}

/// The guard as a script that waits for the whole page.
pub(super) fn waiting(guard: &str) -> String {
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
        end.before(&last(&mut lock(&shared)), ContentType::Html);
        Ok(())
    }));
}

/// What goes to the end of the body: the guard first, if nothing has called for it yet.
pub(super) fn last(shared: &mut Shared) -> String {
    let guard = std::mem::take(&mut shared.injection.head_start);
    let guard = if shared.waits {
        String::new()
    } else {
        waiting(&guard)
    };
    guard + &std::mem::take(&mut shared.injection.body_end)
}
