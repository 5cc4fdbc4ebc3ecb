//! What of a second `<body>`?
//!
//! Browsers make no element of it: to the first they add what attributes it has
//! not. So an attribute that is put aside on a later tag would come to wait for
//! what the first tag waits for, or be put back over one that counts. What
//! cannot wait for its own leave is dropped. The same goes for `<html>`.

use std::collections::BTreeSet;

use lol_html::send::Element;

use super::spell::spell_out;

/// How many bytes of names are noted. Behind those, what would be put aside is dropped.
const MOST: usize = 64 * 1024;

/// What the tags of one such element said so far.
#[derive(Debug, Default)]
pub(super) struct Merged {
    names: BTreeSet<String>,
    /// How long they are together, in bytes.
    length: usize,
    /// What each of them waits for, as far as they do.
    waits: Option<String>,
}

impl Merged {
    /// Fits one more tag, which was judged, to those before it.
    pub(super) fn add(&mut self, element: &mut Element<'_, '_>) {
        let names: Vec<String> = element
            .attributes()
            .iter()
            .map(|attribute| attribute.name())
            .collect();
        let wanted = element.get_attribute("data-tc");
        if let Some(wanted) = &wanted {
            // Any of the tags before may be the one that browsers took.
            let waits = self.waits.get_or_insert_with(|| wanted.clone());
            let both: Vec<&str> = wanted
                .split(' ')
                .filter(|one| waits.split(' ').any(|other| other == *one))
                .collect();
            let may_wait = self.length <= MOST && both.len() == wanted.split(' ').count();
            *waits = both.join(" ");
            for name in &names {
                let kept = name.strip_prefix("data-tc-");
                if kept.is_some_and(|kept| !may_wait || self.names.contains(kept)) {
                    element.remove_attribute(name);
                }
            }
            spell_out(element);
        }
        let plain = |name: String| match name.strip_prefix("data-tc-") {
            Some(kept) if wanted.is_some() => kept.to_owned(),
            _ => name,
        };
        for name in names.into_iter().map(plain) {
            let length = name.len();
            if self.length <= MOST && self.names.insert(name) {
                self.length += length;
            }
        }
    }
}
