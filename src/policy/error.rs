//! How is a faulty declaration reported?

use std::fmt;

/// One problem of a declaration and its fix.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    what: String,
    fix: String,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_error(self) -> PolicyError {
        PolicyError(self.0)
    }

    pub(super) fn add(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Problem {
            what: what.into(),
            fix: fix.into(),
        });
    }
}

/// Everything that is wrong with a declaration, each with its fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(Vec<Problem>);

impl PolicyError {
    /// Records are to be kept, and the policy does not say how long.
    pub(crate) fn without_record_terms() -> Self {
        let mut problems = Problems::default();
        problems.add(
            "records are to be kept and nothing says how long and where",
            ".records(RecordTerms::new(184 + 730, [\"IE\"]))",
        );
        problems.into_error()
    }

    /// How many problems there are.
    #[must_use]
    pub fn problem_count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "the consent policy has {count} {noun}:")?;
        for (number, Problem { what, fix }) in (1..).zip(&self.0) {
            write!(f, "\n  {number}. {what}\n     fix: {fix}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}
