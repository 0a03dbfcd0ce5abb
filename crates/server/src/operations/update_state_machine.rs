//! UpdateStateMachine: a new revision if anything differs; running executions keep theirs (API reference; recorded).

use engine::catalogue::Update;
use runtime::blocking;
use wire::{ApiError, Timestamp, UpdateStateMachineInput, UpdateStateMachineOutput};

use super::create_state_machine::{check_role, stamp, warn_of_key};
use crate::service::Service;
use crate::{errors, lookup};

pub(super) async fn run(
    service: &Service,
    request: UpdateStateMachineInput,
) -> Result<UpdateStateMachineOutput, ApiError> {
    let machine = lookup::machine(service, &request.state_machine_arn).await?;
    if let Some(role) = &request.role_arn {
        check_role(role)?;
    }
    warn_of_key(&request.state_machine_arn, request.encryption_configuration.as_ref());
    let wish = Update {
        definition: request.definition,
        role_arn: request.role_arn,
        logging: request.logging_configuration,
        tracing: request.tracing_configuration,
        encryption: request.encryption_configuration,
        publish: request.publish == Some(true),
        version_description: request.version_description,
    };
    let (catalogue, stamp) = (service.engine.catalogue().clone(), stamp(service));
    let at = stamp.at;
    let updated = blocking(move || catalogue.update(&machine.name, wish, stamp)).await;
    let updated = updated.map_err(|error| errors::of_version(error, &request.state_machine_arn))?;
    Ok(UpdateStateMachineOutput {
        update_date: Timestamp::from_millis(at),
        revision_id: updated.machine.revision.public_id().map(str::to_owned),
        state_machine_version_arn: updated
            .version
            .map(|number| format!("{}:{number}", request.state_machine_arn)),
    })
}
