//! Where does the layer's own markup go?

use std::sync::{Arc, Mutex};

use lol_html::html_content::ContentType;
use lol_html::send::Element;

use super::state::{Shared, lock};
use crate::policy::is_tag;

/// Inserts what is due at this start tag.
pub(super) fn insert(element: &mut Element<'_, '_>, tag: &str, shared: &Arc<Mutex<Shared>>) {
    match tag {
        "html" => {
            lock(shared).is_document = true;
            listen(element, shared);
        }
        "head" => lock(shared).is_document = true,
        "title" => {}
        // Browsers look for the charset in the first 1024 bytes alone.
        "meta" if !element.has_attribute("http-equiv") => {}
        "body" => {
            lock(shared).is_document = true;
            insert_first(element, shared);
            insert_in_body(element, shared);
        }
        _ => insert_first(element, shared),
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

/// Inserts what must come before everything that may act in front of the first
/// such element of a document.
fn insert_first(element: &mut Element<'_, '_>, shared: &Mutex<Shared>) {
    let markup = {
        let mut shared = lock(shared);
        if !shared.is_document || !shared.injection.leads() {
            return;
        }
        std::mem::take(&mut shared.injection.first)
            + &std::mem::take(&mut shared.injection.head_start)
    };
    element.before(&markup, ContentType::Html);
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
        let body_end = std::mem::take(&mut lock(&shared).injection.body_end);
        end.before(&body_end, ContentType::Html);
        Ok(())
    }));
}
