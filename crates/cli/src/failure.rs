//! How a command ends badly: the exit code, what happened, and what to do about it.
//! Every message has the same form; nothing else writes errors. What a command prints when all is well is `output`'s.

use std::fmt;

/// Why a command ends, as a script sees it. The numbers are a contract (`stepwell --help`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The thing that was asked about failed: an execution did not succeed, a definition has errors.
    Failed = 1,
    /// The command line or a file that it names cannot be used.
    Usage = 2,
    /// The server cannot be reached.
    Unreachable = 3,
    /// The server refused.
    Refused = 4,
    /// The server does not know or does not trust the caller.
    Unauthorised = 5,
    /// This machine cannot do it: a port in use, a locked folder, a missing interpreter.
    Environment = 6,
    /// A wait took too long.
    TimedOut = 124,
    /// The person pressed Ctrl-C.
    Interrupted = 130,
}

/// The end of a command that did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, on which object. Empty when the output has already said it.
    what: String,
    /// What did not change, and what to do next; one line each.
    hints: Vec<String>,
}

impl Failure {
    /// A failure with its one sentence: lower-case, no full stop.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), hints: Vec::new() }
    }

    /// An ending that the output has already explained.
    pub fn silent(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// A command line that cannot be used.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// This machine cannot do it.
    pub fn environment(what: impl Into<String>) -> Self {
        Self::new(Exit::Environment, what)
    }

    /// Adds a line that says what to do, or what did not change.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.what.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for hint in &self.hints {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}
