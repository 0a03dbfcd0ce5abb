//! The checks of `stepwell doctor`: each looks at one thing and says how it is and what to do. They change nothing.

mod functions;
mod project;
pub mod server;
mod shell;
mod storage;

use crate::context::Context;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but something will not.
    Warn,
    /// It does not work.
    Fail,
}

impl State {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was looked at.
    pub check: String,
    /// How it is.
    pub state: State,
    /// How exactly.
    pub detail: String,
    /// What to do, one line each.
    pub advice: Vec<String>,
}

impl Found {
    fn new(state: State, check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), state, detail: detail.into(), advice: Vec::new() }
    }

    fn ok(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(State::Ok, check, detail)
    }

    fn warn(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(State::Warn, check, detail)
    }

    fn fail(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(State::Fail, check, detail)
    }

    #[must_use]
    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }
}

/// All checks, in the order in which a person would look.
pub async fn all(context: &Context) -> Vec<Found> {
    let mut found = project::check(context);
    let alive = server::alive(context).await;
    let is_alive = alive.state != State::Fail;
    found.push(alive);
    if is_alive {
        found.push(server::api(context).await);
        found.push(server::clock(context).await);
    }
    found.extend(shell::check(context).await);
    found.push(storage::open_files());
    found.extend(storage::check(context));
    found.extend(functions::check(context).await);
    found
}
