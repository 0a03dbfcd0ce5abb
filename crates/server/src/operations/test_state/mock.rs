//! `mock` and `stateConfiguration` of TestState: which state takes which mock, and what a mocked result must look like. The
//! words are recorded unless a comment says that they are ours.

use asl::{Kind, State};
use interpreter::{Failure, Mock, Text};
use value::{Payload, Value};
use wire::{ApiError, MockInput, TestStateConfiguration, TestStateInput};

use super::shape;
use super::subject::{type_name, waits};

/// Checks what can be said without knowing the state.
///
/// # Errors
/// `ValidationException`.
pub(super) fn check_request(request: &TestStateInput) -> Result<Option<MockInput>, ApiError> {
    let Some(mock) = &request.mock else {
        let configuration = request.state_configuration.clone().unwrap_or_default();
        // Only the second was seen; the others follow its form.
        let needs_mock = [
            ("Context", request.context.is_some()),
            ("MapIterationFailureCount", configuration.map_iteration_failure_count.is_some()),
            ("MapItemReaderData", configuration.map_item_reader_data.is_some()),
            ("ErrorCausedByState", configuration.error_caused_by_state.is_some()),
            ("RetrierRetryCount", configuration.retrier_retry_count.is_some()),
        ];
        return match needs_mock.iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(ApiError::validation_exception(format!(
                "TestState does not support {name} when a mock is not specified."
            ))),
            None => Ok(None),
        };
    };
    if mock.result.is_some() == mock.error_output.is_some() {
        return Err(ApiError::validation_exception(
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ));
    }
    if request.reveal_secrets == Some(true) {
        return Err(ApiError::validation_exception(
            "TestState does not support RevealSecrets when a mock is specified.",
        ));
    }
    Ok(Some(mock.clone()))
}

/// Checks that a state of this type can be tested with, or without, a mock.
///
/// # Errors
/// `ValidationException` with a mock, `InvalidDefinition` without one.
pub(super) fn check_support(state: &State, mock: Option<&MockInput>) -> Result<(), ApiError> {
    match (&state.kind, mock) {
        (Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_), Some(_)) => Ok(()),
        (_, Some(_)) => Err(ApiError::validation_exception(format!(
            "State type '{}' is not supported when a mock is specified",
            type_name(state)
        ))),
        (Kind::Map(_) | Kind::Parallel(_), None) => Err(ApiError::invalid_definition(
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, \
             Succeed, Fail, Choice]",
        )),
        // Our words: what the API reference says.
        (Kind::Task(_), None) if waits(state) => Err(ApiError::invalid_definition(
            "TestState API supports Activity tasks, and tasks with the '.sync' or '.waitForTaskToken' service \
             integration pattern, only when a mock is specified",
        )),
        (_, None) => Ok(()),
    }
}

/// The mock, if it fits the state.
///
/// # Errors
/// `ValidationException`.
pub(super) fn read(
    mock: MockInput,
    state: &State,
    configuration: &TestStateConfiguration,
) -> Result<Mock, ApiError> {
    let Some(text) = mock.result else {
        let failure = mock.error_output.unwrap_or_default();
        let (error, cause) = (failure.error.map(Text::from), failure.cause.map(Text::from));
        return Ok(Mock::Failure(Failure { error, cause }));
    };
    let result = Payload::parse(text).map_err(|error| {
        ApiError::validation_exception(format!("Mocked result must be valid JSON: {}", error.message()))
    })?;
    match &state.kind {
        Kind::Map(map) => {
            let has_writer =
                map.distributed.result_writer.as_ref().is_some_and(|writer| writer.resource.is_some());
            check_map(result.value(), has_writer, configuration)?;
        }
        Kind::Parallel(parallel) => {
            let items = array(result.value())?;
            if items.len() != parallel.branches.len() {
                return Err(ApiError::validation_exception(
                    "Mocked result must contain the same number of items as number of Parallel branches.",
                ));
            }
        }
        _ => shape::check(state, result.value(), mock.field_validation_mode.unwrap_or_default())?,
    }
    Ok(Mock::Result(result))
}

/// A Map's result is the array of its iterations' outputs, or what its ResultWriter says about where they are.
fn check_map(
    result: &Value,
    has_writer: bool,
    configuration: &TestStateConfiguration,
) -> Result<(), ApiError> {
    if has_writer {
        return match result {
            Value::Obj(_) => Ok(()),
            _ => Err(ApiError::validation_exception("Mocked result must be a JSON object.")),
        };
    }
    let iterations = array(result)?.len();
    let failed = configuration.map_iteration_failure_count.and_then(|count| usize::try_from(count).ok());
    if failed.is_some_and(|failed| failed > iterations) { Err(too_many_failures()) } else { Ok(()) }
}

fn array(result: &Value) -> Result<&[Value], ApiError> {
    result.as_array().ok_or_else(|| ApiError::validation_exception("Mocked result must be an array."))
}

/// More iterations failed than there are.
pub(super) fn too_many_failures() -> ApiError {
    ApiError::validation_exception(
        "Map iteration failure count must be less than or equal to the number of Map iterations",
    )
}
