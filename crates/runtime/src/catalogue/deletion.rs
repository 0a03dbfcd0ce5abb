//! The end of a state machine: it is marked, takes no start any more, and is gone once its last execution has ended. Until then
//! executions go on with what they are doing, and fail when they would enter another state: `States.Runtime`, "State machine …
//! has been deleted." (API reference, DeleteStateMachine; AWS re:Post, "stuck in the DELETING status"). A deletion that a
//! restart interrupts is taken up again.

use std::time::Duration;

use store::{ExecutionQuery, ExecutionStatus};

use super::Result;
use crate::Engine;

/// State machines that are read at a time.
const PAGE: usize = 256;
/// Between two looks at first: starts that were accepted just before the mark may still be on their way.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two looks at what takes long.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Marks a state machine as being deleted, and does the rest in the background. A state machine that does not exist is no
/// error (recorded).
///
/// # Errors
/// The store's, from the mark.
pub async fn delete(engine: &Engine, name: &str) -> Result<()> {
    let (catalogue, of) = (engine.catalogue().clone(), name.to_owned());
    if crate::blocking(move || catalogue.begin_deletion(&of)).await? {
        tokio::spawn(run(engine.clone(), name.to_owned()));
    }
    Ok(())
}

/// Takes up the deletions that were under way when the process ended. To be called once, after start.
///
/// # Errors
/// The store's.
pub async fn resume_deletions(engine: &Engine) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let (catalogue, from) = (engine.catalogue().clone(), after.clone());
        let rows = crate::blocking(move || catalogue.machines(from.as_deref(), PAGE)).await?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = Some(last.clone());
        for (name, _) in rows.into_iter().filter(|(_, row)| row.deleting) {
            tokio::spawn(run(engine.clone(), name));
        }
    }
}

/// Waits until nothing runs any more, then removes the state machine. A failure of the store leaves the mark, and with it the
/// work, to the next start.
async fn run(engine: Engine, name: String) {
    engine.deleting(&name, false);
    let (mut quiet, mut seen_quiet, mut pause) = (false, false, PAUSE);
    while !quiet {
        let (store, query) = (engine.store().clone(), running(&name));
        let Ok(page) = crate::blocking(move || store.executions(&query)).await else { return };
        quiet = page.rows.is_empty() && seen_quiet;
        seen_quiet = page.rows.is_empty();
        tokio::time::sleep(pause).await;
        pause = if seen_quiet { PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
    }
    let arn = engine.environment().place.state_machine_arn(&name);
    let (catalogue, of) = (engine.catalogue().clone(), name.clone());
    if crate::blocking(move || catalogue.finish_deletion(&of, &arn)).await.is_ok() {
        engine.deleting(&name, true);
    }
}

fn running(name: &str) -> ExecutionQuery {
    ExecutionQuery {
        machine: Some(name.to_owned()),
        status: Some(ExecutionStatus::Running),
        limit: 1,
        ..ExecutionQuery::default()
    }
}
