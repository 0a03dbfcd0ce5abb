//! ListExecutions: newest first, by state machine, version or alias, and status, paged (API reference).

use std::sync::Arc;

use engine::catalogue::qualifier_number;
use runtime::blocking;
use runtime::catalogue::Machine;
use store::{ExecutionKey, ExecutionQuery, ExecutionRow, ExecutionStatus as Status};
use wire::{
    ApiError, ExecutionListItem, ExecutionStatus, ListExecutionsInput, ListExecutionsOutput, Timestamp,
};

use super::describe_execution::status;
use super::describe_map_run::no_map_run;
use crate::arn::{Arn, Resource};
use crate::pages::page_size;
use crate::qualifier::{Qualifier, qualified};
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: ListExecutionsInput,
) -> Result<ListExecutionsOutput, ApiError> {
    let arn = match (request.state_machine_arn, request.map_run_arn) {
        (Some(arn), None) => arn,
        (None, Some(arn)) => {
            // Only a Distributed Map has Map Runs, and this release runs none.
            return Err(no_map_run(&arn));
        }
        _ => {
            return Err(ApiError::validation_exception(
                "Exactly one of stateMachineArn and mapRunArn must be specified",
            ));
        }
    };
    if request.status_filter == Some(ExecutionStatus::PendingRedrive) || request.redrive_filter.is_some() {
        return Err(ApiError::validation_exception(
            "The status PENDING_REDRIVE and the redriveFilter can only be used with a mapRunArn",
        ));
    }
    let (machine, qualifier) = of_machine(service, &arn).await?;
    if machine.row.express {
        return Err(errors::type_not_supported());
    }
    let filter = request.status_filter.map(status_of);
    let list = format!("ListExecutions {arn} {filter:?}");
    let now = service.engine.now().0;
    let before = request.next_token.map(|token| service.pages.position(&list, &token, now)).transpose()?;
    let query = ExecutionQuery {
        machine: Some(machine.name.clone()),
        status: filter,
        version: qualifier.0,
        alias: qualifier.1,
        before: before.and_then(|position| position.parse().ok()).map(ExecutionKey),
        limit: page_size(request.max_results),
        ..ExecutionQuery::default()
    };
    let store = service.engine.store().clone();
    let page =
        blocking(move || store.executions(&query)).await.map_err(|error| errors::of_read(error.into()))?;
    Ok(ListExecutionsOutput {
        executions: page.rows.iter().map(|row| item(service, row)).collect(),
        next_token: page.next.map(|key| service.pages.token(&list, &key.0.to_string(), now)),
    })
}

/// The state machine, and the version or alias through which the executions were started. A version that was deleted still has
/// its executions.
///
/// # Errors
/// `InvalidArn`, `StateMachineDoesNotExist`.
async fn of_machine(
    service: &Service,
    text: &str,
) -> Result<(Arc<Machine>, (Option<u32>, Option<String>)), ApiError> {
    let arn = Arn::parse(text)?;
    if let Resource::StateMachine { name, qualifier: Some(qualifier) } = arn.resource
        && let Some(number) = qualifier_number(qualifier)
        && arn.is_here(&service.engine.environment().place)
    {
        let machine = lookup::machine_named(service, name, text).await?;
        return if number <= machine.row.last_version {
            Ok((machine, (Some(number), None)))
        } else {
            Err(errors::machine_does_not_exist(text))
        };
    }
    let (machine, qualifier) = qualified(service, text).await?;
    let alias = match qualifier {
        Qualifier::Alias(name, _) => Some(name),
        Qualifier::None | Qualifier::Version(_) => None,
    };
    Ok((machine, (None, alias)))
}

fn item(service: &Service, row: &ExecutionRow) -> ExecutionListItem {
    let machine_arn = lookup::machine_arn(service, &row.machine);
    ExecutionListItem {
        execution_arn: lookup::execution_arn(service, row),
        name: lookup::execution_name(row),
        status: status(row.status),
        start_date: Timestamp::from_millis(row.started_at),
        stop_date: row.stopped_at.map(Timestamp::from_millis),
        map_run_arn: row.map_run.clone(),
        item_count: None,
        state_machine_version_arn: row.version.map(|number| format!("{machine_arn}:{number}")),
        state_machine_alias_arn: row.alias.as_ref().map(|alias| format!("{machine_arn}:{alias}")),
        redrive_count: Some(i32::try_from(row.redrive_count).unwrap_or(i32::MAX)),
        redrive_date: row.redriven_at.map(Timestamp::from_millis),
        state_machine_arn: machine_arn,
    }
}

fn status_of(status: ExecutionStatus) -> Status {
    match status {
        ExecutionStatus::Running => Status::Running,
        ExecutionStatus::Succeeded => Status::Succeeded,
        ExecutionStatus::Failed => Status::Failed,
        ExecutionStatus::TimedOut => Status::TimedOut,
        ExecutionStatus::Aborted => Status::Aborted,
        ExecutionStatus::PendingRedrive => Status::PendingRedrive,
    }
}
