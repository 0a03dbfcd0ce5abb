//! Refusals of the layers below in the service's words. What went wrong inside goes to the log, never to the caller.

use engine::catalogue::Refused;
use runtime::StartError;
use runtime::catalogue::CatalogueError;
use runtime::reads::ReadError;
use wire::ApiError;

/// A refusal about the state machine with this ARN.
pub(crate) fn of_machine(error: CatalogueError, arn: &str) -> ApiError {
    match error {
        CatalogueError::Refused(why) => refused(&why, arn),
        CatalogueError::InvalidDefinition(found) => {
            ApiError::invalid_definition(asl::invalid_definition_message(&found))
        }
        inside @ (CatalogueError::Store(_) | CatalogueError::Unreadable(_)) => internal(&inside),
    }
}

/// A refusal to publish or delete the version with this ARN.
pub(crate) fn of_version(error: CatalogueError, arn: &str) -> ApiError {
    match error {
        CatalogueError::Refused(Refused::Quota(most)) => quota(&format!("{most} versions"), arn),
        other => of_machine(other, arn),
    }
}

/// There may be only so many of something.
pub(crate) fn quota(what: &str, arn: &str) -> ApiError {
    ApiError::service_quota_exceeded_exception(format!("A state machine can have at most {what}: '{arn}'"))
}

/// A refusal about the activity with this ARN.
pub(crate) fn of_activity(error: CatalogueError, arn: &str) -> ApiError {
    match error {
        CatalogueError::Refused(Refused::AlreadyExists) => {
            ApiError::activity_already_exists(format!("Activity Already Exists: '{arn}'"))
        }
        CatalogueError::Refused(Refused::Quota(most)) => ApiError::activity_limit_exceeded(format!(
            "Activity Limit Exceeded: 'There are {most} activities already'"
        )),
        other => of_machine(other, arn),
    }
}

/// An execution that cannot be read.
pub(crate) fn of_read(error: ReadError) -> ApiError {
    internal(&error)
}

/// A start that was refused.
pub(crate) fn of_start(error: StartError, arn: &str) -> ApiError {
    match error {
        StartError::AlreadyExists => {
            ApiError::execution_already_exists(format!("Execution Already Exists: '{arn}'"))
        }
        StartError::TooMany => too_many_executions(),
        StartError::Busy => ApiError::throttling("Rate exceeded"),
        StartError::Unavailable(why) => unavailable(&why),
    }
}

/// As many executions run as may.
pub(crate) fn too_many_executions() -> ApiError {
    ApiError::execution_limit_exceeded(
        "Execution Limit Exceeded: 'As many executions are open as the account may have'",
    )
}

/// The engine does not take requests: the store failed, or it is shutting down.
pub(crate) fn unavailable(why: &str) -> ApiError {
    tracing::warn!(why, "the engine is not available");
    ApiError::service_unavailable("The service is not available at the moment.")
}

/// The operation takes no ARN of a Map's label.
pub(crate) fn labelled() -> ApiError {
    ApiError::validation_exception("This API does not support labelled state machine ARNs.")
        .with("reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS")
}

pub(crate) fn machine_does_not_exist(arn: &str) -> ApiError {
    ApiError::state_machine_does_not_exist(format!("State Machine Does Not Exist: '{arn}'"))
}

pub(crate) fn machine_deleting(arn: &str) -> ApiError {
    ApiError::state_machine_deleting(format!("State Machine is being deleted: '{arn}'"))
}

pub(crate) fn execution_does_not_exist(arn: &str) -> ApiError {
    ApiError::execution_does_not_exist(format!("Execution Does Not Exist: '{arn}'"))
}

pub(crate) fn activity_does_not_exist(arn: &str) -> ApiError {
    ApiError::activity_does_not_exist(format!("Activity Does Not Exist: '{arn}'"))
}

/// The words are ours: nobody has recorded the service's.
pub(crate) fn too_many_polls(arn: &str) -> ApiError {
    ApiError::activity_worker_limit_exceeded(format!("Activity Worker Limit Exceeded: '{arn}'"))
}

pub(crate) fn type_not_supported() -> ApiError {
    ApiError::state_machine_type_not_supported(
        "This operation is not supported by this type of state machine",
    )
}

fn refused(why: &Refused, arn: &str) -> ApiError {
    match why {
        Refused::AlreadyExists => {
            ApiError::state_machine_already_exists(format!("State Machine Already Exists: '{arn}'"))
        }
        Refused::Deleting => machine_deleting(arn),
        Refused::DoesNotExist => machine_does_not_exist(arn),
        Refused::NothingToUpdate => ApiError::missing_required_parameter(
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
        ),
        Refused::DescriptionWithoutPublish => {
            ApiError::validation_exception("Version description can only be set when publish is true")
        }
        Refused::LogDestinations => ApiError::invalid_logging_configuration(
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        Refused::LogDestination => ApiError::invalid_logging_configuration(
            "Invalid Logging Configuration: Log Destination not found.",
        ),
        Refused::KeyMissing => ApiError::invalid_encryption_configuration(
            "Invalid Encryption Configuration: a kmsKeyId is required for CUSTOMER_MANAGED_KMS_KEY",
        ),
        Refused::KeyNotWanted => ApiError::invalid_encryption_configuration(
            "Invalid Encryption Configuration: a kmsKeyId is only for CUSTOMER_MANAGED_KMS_KEY",
        ),
        Refused::TooManyTags => {
            ApiError::too_many_tags(format!("A resource can have {} tags.", engine::catalogue::MAX_TAGS))
                .with("resourceName", arn)
        }
        Refused::OtherRevision => ApiError::conflict_exception(format!(
            "The revisionId is not that of the current revision of the state machine: '{arn}'"
        )),
        Refused::Aliased(aliases) => ApiError::conflict_exception(format!(
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{}]",
            aliases.join(", ")
        )),
        Refused::Quota(most) => ApiError::state_machine_limit_exceeded(format!(
            "State Machine Limit Exceeded: 'There are {most} state machines already'"
        )),
        Refused::NumbersSpent
        | Refused::Routes
        | Refused::SameVersionTwice
        | Refused::WeightsSum
        | Refused::NoSuchVersion => ApiError::validation_exception(format!("{why}: '{arn}'")),
    }
}

fn internal(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::error!(error, "a request failed inside");
    ApiError::internal_failure("")
}
