//! DescribeStateMachine: the current revision, or a version's (API reference; which members are always there is recorded).

use wire::{
    ApiError, DescribeStateMachineInput, DescribeStateMachineOutput, IncludedData, StateMachineStatus,
    StateMachineType, Timestamp,
};

use crate::errors;
use crate::qualifier::{Qualifier, qualified};
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, ApiError> {
    let (machine, qualifier) = qualified(service, &request.state_machine_arn).await?;
    let version = match qualifier {
        Qualifier::None => None,
        Qualifier::Version(version) => Some(version),
        // It may be two versions.
        Qualifier::Alias(..) => return Err(errors::machine_does_not_exist(&request.state_machine_arn)),
    };
    let version = version.as_deref();
    let revision = version.map_or(&machine.revision, |version| &version.revision);
    let created_at = version.map_or(machine.row.created_at, |version| version.row.created_at);
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
        creation_date: Timestamp::from_millis(created_at),
        logging_configuration: Some(revision.logging.clone()),
        tracing_configuration: Some(revision.tracing.clone()),
        label: None,
        revision_id: revision.public_id().map(str::to_owned),
        description: version.and_then(|version| version.row.description.clone()),
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
