//! DescribeStateMachine: the current revision (API reference; which members are always there is recorded).

use wire::{
    ApiError, DescribeStateMachineInput, DescribeStateMachineOutput, IncludedData, StateMachineStatus,
    StateMachineType, Timestamp,
};

use crate::lookup;
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, ApiError> {
    let machine = lookup::machine(service, &request.state_machine_arn).await?;
    let revision = &machine.revision;
    Ok(DescribeStateMachineOutput {
        name: machine.name.clone(),
        status: Some(if machine.row.deleting {
            StateMachineStatus::Deleting
        } else {
            StateMachineStatus::Active
        }),
        definition: definition(&revision.text, request.included_data),
        role_arn: revision.role_arn.clone(),
        r#type: if machine.row.express { StateMachineType::Express } else { StateMachineType::Standard },
        creation_date: Timestamp::from_millis(machine.row.created_at),
        logging_configuration: Some(revision.logging.clone()),
        tracing_configuration: Some(revision.tracing.clone()),
        label: None,
        revision_id: revision.public_id().map(str::to_owned),
        description: None,
        encryption_configuration: Some(revision.encryption.clone()),
        variable_references: Some(revision.variable_references().clone())
            .filter(|references| !references.is_empty()),
        state_machine_arn: request.state_machine_arn,
    })
}

/// The definition, or an empty one for somebody who asked for metadata only.
pub(super) fn definition(text: &str, included: Option<IncludedData>) -> String {
    if included == Some(IncludedData::MetadataOnly) { "{}".into() } else { text.into() }
}
