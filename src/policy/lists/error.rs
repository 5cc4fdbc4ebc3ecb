//! Why could filter lists not be used?

use std::fmt;

/// Why [`FilterListsBuilder::build`](super::FilterListsBuilder::build) failed. Lists every problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterListError(pub(super) Vec<String>);

impl fmt::Display for FilterListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the filter lists cannot be used: {}", self.0.join("; "))
    }
}

impl std::error::Error for FilterListError {}
