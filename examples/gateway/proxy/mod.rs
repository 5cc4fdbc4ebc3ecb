//! How do the pieces of the gateway stand together?
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`options`] | the command line |
//! | [`site`] | the policy, the lists, the keys and the layer made of them: the part to copy |
//! | [`serve`] | connections of visitors, and how they end |
//! | [`relay`] | one request to the upstream and its answer back, upgrades included |
//! | [`forward`] | which headers go on, and which say who asked |
//! | [`pack`] | what leaves compressed |

pub(crate) mod forward;
pub(crate) mod options;
pub(crate) mod pack;
pub(crate) mod relay;
pub(crate) mod serve;
pub(crate) mod site;

use std::fmt;

/// Everything that is wrong with how the gateway was started.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// What came of it, or one more problem.
    pub(crate) fn keep<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// `value` if there are none.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gateway: it cannot start as it was called:")?;
        for problem in &self.0 {
            write!(f, "\n  - {}", problem.replace('\n', "\n    "))?;
        }
        f.write_str("\nTry --help.")
    }
}
