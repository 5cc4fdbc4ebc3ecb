//! Which names has the site's owner been told about already?
//!
//! An undeclared name is worth one log line, not one for each request. Names
//! come from visitors, so the memory is bounded and what is printed is escaped.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// How many names are told; a site that has more needs no further lines.
const MAX_NAMES: usize = 256;
/// How much of a name is printed and remembered.
const MAX_NAME: usize = 64;

/// The names that were told.
#[derive(Debug, Default)]
pub(crate) struct Told(RwLock<HashSet<Box<[u8]>>>);

impl Told {
    /// Whether `name` is new; from then on it is not.
    pub(crate) fn is_first(&self, name: &[u8]) -> bool {
        let name = name.get(..MAX_NAME).unwrap_or(name);
        {
            let told = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if told.len() >= MAX_NAMES || told.contains(name) {
                return false;
            }
        }
        let mut told = self.0.write().unwrap_or_else(PoisonError::into_inner);
        told.len() < MAX_NAMES && told.insert(name.into())
    }
}

/// A name as it may stand in a log line: escaped and cut.
pub(crate) fn printable(name: &[u8]) -> String {
    let cut = name.get(..MAX_NAME).unwrap_or(name);
    cut.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_told_once_and_memory_is_bounded() {
        let told = Told::default();
        assert!(told.is_first(b"a") && !told.is_first(b"a") && told.is_first(b"b"));
        for number in 0..10 * MAX_NAMES {
            told.is_first(format!("n{number}").as_bytes());
        }
        let kept = told.0.read().map(|names| names.len());
        assert_eq!(kept.ok(), Some(MAX_NAMES));
    }

    #[test]
    fn a_hostile_name_cannot_forge_a_log_line() {
        assert_eq!(printable(b"a\r\nERROR x\x1b[0m"), "a\\r\\nERROR x\\x1b[0m");
        assert_eq!(printable(&[b'x'; 500]).len(), MAX_NAME);
    }
}
