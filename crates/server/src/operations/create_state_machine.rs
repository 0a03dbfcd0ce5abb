//! CreateStateMachine: a new state machine, or the same answer again for the same request (API reference).

use engine::catalogue::{Creation, Settings};
use runtime::blocking;
use runtime::catalogue::{CatalogueError, Stamp};
use wire::{
    ApiError, CreateStateMachineInput, CreateStateMachineOutput, EncryptionConfiguration, EncryptionType,
    StateMachineType, Timestamp,
};

use crate::errors;
use crate::lookup::{check_name, machine_arn};
use crate::service::Service;

pub(super) async fn run(
    service: &Service,
    request: CreateStateMachineInput,
) -> Result<CreateStateMachineOutput, ApiError> {
    check_name(&request.name)?;
    check_role(&request.role_arn)?;
    let arn = machine_arn(service, &request.name);
    warn_of_key(&arn, request.encryption_configuration.as_ref());
    let refused = |error: CatalogueError| errors::of_machine(error, &arn);
    let settings = Settings::new(
        request.definition,
        request.role_arn,
        request.logging_configuration,
        request.tracing_configuration,
        request.encryption_configuration,
    );
    let wish = Creation {
        express: request.r#type == Some(StateMachineType::Express),
        settings: settings.map_err(|why| refused(why.into()))?,
        publish: request.publish == Some(true),
        version_description: request.version_description,
    };
    wish.check().map_err(|why| refused(why.into()))?;
    // The version that a create publishes is the first one, also when the create is repeated.
    let version_arn = wish.publish.then(|| format!("{arn}:1"));
    let tags = request.tags.filter(|tags| !tags.is_empty()).map(|tags| (arn.clone(), tags));
    let (catalogue, stamp) = (service.engine.catalogue().clone(), stamp(service));
    let name = request.name;
    let machine = blocking(move || catalogue.create(&name, wish, tags, stamp)).await.map_err(refused)?;
    Ok(CreateStateMachineOutput {
        creation_date: Timestamp::from_millis(machine.row.created_at),
        state_machine_arn: arn,
        state_machine_version_arn: version_arn,
    })
}

/// A customer's key is kept and encrypts nothing (docs/decisions/0005): the operator is to know.
pub(super) fn warn_of_key(arn: &str, encryption: Option<&EncryptionConfiguration>) {
    if encryption.is_some_and(|of| of.r#type == EncryptionType::CustomerManagedKmsKey) {
        tracing::warn!(
            arn,
            "a customer managed KMS key was named; it is kept, and nothing is encrypted by it"
        );
    }
}

/// The time and an id for a revision.
pub(super) fn stamp(service: &Service) -> Stamp {
    let bits = u128::from(service.engine.random_u64()) << 64 | u128::from(service.engine.random_u64());
    let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    Stamp { at: service.engine.now().0, revision: id.to_string() }
}

/// Refuses what is no ARN at all; whether there is such a role is not asked here.
///
/// # Errors
/// `InvalidArn`.
pub(super) fn check_role(arn: &str) -> Result<(), ApiError> {
    if arn.starts_with("arn:") {
        Ok(())
    } else {
        Err(ApiError::invalid_arn(format!("Invalid Role Arn: '{arn}'")))
    }
}
