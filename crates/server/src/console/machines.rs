//! All state machines with their newest executions.

use engine::catalogue::MachineRow;
use runtime::blocking;
use runtime::catalogue::CatalogueError;
use serde::Serialize;
use store::{ExecutionQuery, ExecutionRow};
use wire::ApiError;

use super::rows;
use crate::service::Service;
use crate::{errors, lookup};

/// State machines that are listed at most.
const MACHINES_MAX: usize = 1_000;
/// Executions of each.
const RECENT: usize = 20;

/// The answer of `GET /machines`.
#[derive(Serialize)]
pub(super) struct Answer {
    machines: Vec<Machine>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    arn: String,
    name: String,
    r#type: &'static str,
    created_at: i64,
    status: &'static str,
    recent: Vec<rows::Row>,
}

/// Lists them by name.
///
/// # Errors
/// When the store fails.
pub(super) async fn machines(service: &Service) -> Result<Answer, ApiError> {
    let (catalogue, store) = (service.engine.catalogue().clone(), service.engine.store().clone());
    let read = move || {
        let machines = catalogue.machines(None, MACHINES_MAX)?;
        let with_recent = machines.into_iter().map(|(name, row)| {
            let machine = Some(name.clone());
            let query = ExecutionQuery { machine, limit: RECENT, ..ExecutionQuery::default() };
            store.executions(&query).map(|page| (name, row, page.rows))
        });
        with_recent.collect::<Result<Vec<_>, _>>().map_err(CatalogueError::Store)
    };
    let found = blocking(read).await.map_err(|error| errors::of_machine(error, ""))?;
    let machine = |(name, row, recent): (String, MachineRow, Vec<ExecutionRow>)| Machine {
        arn: lookup::machine_arn(service, &name),
        name,
        r#type: if row.express { "EXPRESS" } else { "STANDARD" },
        created_at: row.created_at,
        status: if row.deleting { "DELETING" } else { "ACTIVE" },
        recent: recent.iter().map(|row| rows::row(service, row)).collect(),
    };
    Ok(Answer { machines: found.into_iter().map(machine).collect() })
}
