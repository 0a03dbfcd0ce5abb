//! What is wrong with a mock file or with the choice of a test case: what, where, and what to do.

use std::fmt;

/// A mock file that cannot be used, or a test case that is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockError {
    /// Where and what: lower-case, no full stop.
    pub what: String,
    /// What to do, if there is more to say.
    pub hint: Option<String>,
}

impl MockError {
    pub(crate) fn new(what: impl Into<String>) -> MockError {
        MockError { what: what.into(), hint: None }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> MockError {
        self.hint = Some(hint.into());
        self
    }

    /// Something is not there; what it may have been, or what there is.
    pub(crate) fn unknown<'a>(
        what: impl Into<String>,
        word: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> MockError {
        let known: Vec<&str> = known.collect();
        let error = MockError::new(what);
        match nearest(word, &known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error,
            None => error.hint(format!("there are: {}", known.join(", "))),
        }
    }
}

/// The word that was probably meant.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &&str| strsim::damerau_levenshtein(&word.to_lowercase(), &other.to_lowercase());
    let best = known.iter().copied().min_by_key(|other| distance(other))?;
    (distance(&best) <= 1 + best.len() / 4).then_some(best)
}

impl fmt::Display for MockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for MockError {}
