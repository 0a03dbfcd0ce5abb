//! The end of a state machine: it is marked, its running executions are stopped, then it is gone (API reference,
//! DeleteStateMachine: "asynchronous"). A deletion that a restart interrupts is taken up again.

use std::time::Duration;

use store::{ExecutionQuery, ExecutionStatus};

use super::Result;
use crate::Engine;

/// Executions that one look at the index stops.
const PAGE: usize = 256;
/// Between two looks: starts that were accepted just before the mark may still be on their way.
const PAUSE: Duration = Duration::from_millis(100);

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

/// Stops what runs until nothing does, then removes the state machine. A failure of the store leaves the mark, and with it the
/// work, to the next start.
async fn run(engine: Engine, name: String) {
    let (mut quiet, mut seen_quiet) = (false, false);
    while !quiet {
        let (store, query) = (engine.store().clone(), running(&name));
        let Ok(page) = crate::blocking(move || store.executions(&query)).await else { return };
        quiet = page.rows.is_empty() && seen_quiet;
        seen_quiet = page.rows.is_empty();
        for row in page.rows {
            // Who has ended meanwhile needs no stop.
            let _ = engine.stop(row.key, None, None).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let arn = engine.environment().place.state_machine_arn(&name);
    let catalogue = engine.catalogue().clone();
    let _ = crate::blocking(move || catalogue.finish_deletion(&name, &arn)).await;
}

fn running(name: &str) -> ExecutionQuery {
    ExecutionQuery {
        machine: Some(name.to_owned()),
        status: Some(ExecutionStatus::Running),
        limit: PAGE,
        ..ExecutionQuery::default()
    }
}
