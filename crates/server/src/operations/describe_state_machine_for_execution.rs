//! DescribeStateMachineForExecution: the revision that an execution runs, whatever became of its state machine (API reference).

use runtime::blocking;
use wire::{
    ApiError, DescribeStateMachineForExecutionInput, DescribeStateMachineForExecutionOutput, Timestamp,
};

use super::describe_state_machine::definition;
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: DescribeStateMachineForExecutionInput,
) -> Result<DescribeStateMachineForExecutionOutput, ApiError> {
    let row = lookup::execution(service, &request.execution_arn).await?;
    let arn = lookup::machine_arn(service, &row.machine);
    let catalogue = service.engine.catalogue().clone();
    let revision = blocking(move || catalogue.revision(&row.revision)).await;
    let revision = revision.map_err(|error| errors::of_machine(error, &arn))?;
    Ok(DescribeStateMachineForExecutionOutput {
        state_machine_arn: arn,
        name: row.machine,
        definition: definition(&revision.text, request.included_data),
        role_arn: revision.role_arn.clone(),
        update_date: Timestamp::from_millis(revision.created_at),
        logging_configuration: Some(revision.logging.clone()),
        tracing_configuration: Some(revision.tracing.clone()),
        map_run_arn: row.map_run,
        label: None,
        revision_id: revision.public_id().map(str::to_owned),
        encryption_configuration: Some(revision.encryption.clone()),
        variable_references: Some(revision.variable_references().clone())
            .filter(|references| !references.is_empty()),
    })
}
