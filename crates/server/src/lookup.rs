//! From an ARN in a request to the thing that it names, or to the service's error that there is none.

use std::sync::Arc;

use runtime::catalogue::Machine;
use runtime::reads::ReadError;
use runtime::{blocking, reads};
use store::{ExecutionRow, Store};
use value::{ParseErrorKind, Payload};
use wire::ApiError;

use crate::arn::{Arn, Resource};
use crate::errors;
use crate::service::Service;

/// The state machine that an ARN names, whether or not it is being deleted.
///
/// # Errors
/// `InvalidArn`, `StateMachineDoesNotExist`.
pub(crate) async fn machine(service: &Service, text: &str) -> Result<Arc<Machine>, ApiError> {
    let arn = Arn::parse(text)?;
    // A version, an alias or a label is not the state machine itself.
    let name = match arn.resource {
        Resource::StateMachine { name, qualifier: None } => Some(name),
        Resource::StateMachine { .. } => None,
        _ => return Err(arn.wrong_type()),
    };
    let name = name.filter(|_| arn.is_here(&service.engine.environment().place));
    let name = name.ok_or_else(|| errors::machine_does_not_exist(text))?;
    machine_named(service, name, text).await
}

/// The state machine of this name; `text` is the ARN that the error shows.
///
/// # Errors
/// `StateMachineDoesNotExist`.
pub(crate) async fn machine_named(
    service: &Service,
    name: &str,
    text: &str,
) -> Result<Arc<Machine>, ApiError> {
    if let Some(machine) = service.engine.catalogue().cached(name) {
        return Ok(machine);
    }
    let (catalogue, name) = (service.engine.catalogue().clone(), name.to_owned());
    let found = blocking(move || catalogue.machine(&name)).await;
    found
        .map_err(|error| errors::of_machine(error, text))?
        .ok_or_else(|| errors::machine_does_not_exist(text))
}

/// The execution that an ARN names.
///
/// # Errors
/// `InvalidArn`, also for an Express execution's ARN; `ExecutionDoesNotExist`.
pub(crate) async fn execution(service: &Service, text: &str) -> Result<ExecutionRow, ApiError> {
    Ok(execution_and(service, text, |_, _| Ok(())).await?.0)
}

/// The execution that an ARN names, and what else is to be read of it, in one go.
///
/// # Errors
/// As [`execution`].
pub(crate) async fn execution_and<T: Send + 'static>(
    service: &Service,
    text: &str,
    then: impl FnOnce(&dyn Store, &ExecutionRow) -> Result<T, ReadError> + Send + 'static,
) -> Result<(ExecutionRow, T), ApiError> {
    let arn = Arn::parse(text)?;
    let Resource::Execution { machine, name } = arn.resource else { return Err(arn.wrong_type()) };
    if !arn.is_here(&service.engine.environment().place) {
        return Err(errors::execution_does_not_exist(text));
    }
    let (store, machine, name) = (service.engine.store().clone(), machine.to_owned(), name.to_owned());
    let read = move || {
        let Some(row) = reads::find(&*store, &machine, &name)? else { return Ok(None) };
        let more = then(&*store, &row)?;
        Ok(Some((row, more)))
    };
    blocking(read).await.map_err(errors::of_read)?.ok_or_else(|| errors::execution_does_not_exist(text))
}

/// The name of the activity that an ARN names, whether or not it exists.
///
/// # Errors
/// `InvalidArn`.
pub(crate) fn activity_name<'a>(service: &Service, text: &'a str) -> Result<Option<&'a str>, ApiError> {
    let arn = Arn::parse(text)?;
    let Resource::Activity { name } = arn.resource else { return Err(arn.wrong_type()) };
    Ok(Some(name).filter(|_| arn.is_here(&service.engine.environment().place)))
}

/// The ARN of an activity.
pub(crate) fn activity_arn(service: &Service, name: &str) -> String {
    service.engine.environment().place.activity_arn(name)
}

/// The ARN of a state machine.
pub(crate) fn machine_arn(service: &Service, name: &str) -> String {
    service.engine.environment().place.state_machine_arn(name)
}

/// The name of an execution: the client's, or the one that its key says.
pub(crate) fn execution_name(row: &ExecutionRow) -> String {
    row.name.clone().unwrap_or_else(|| engine::name_of(row.key))
}

/// The ARN of an execution.
pub(crate) fn execution_arn(service: &Service, row: &ExecutionRow) -> String {
    service.engine.environment().place.execution_arn(&row.machine, &execution_name(row))
}

/// Refuses a name that the API does not allow.
///
/// # Errors
/// `InvalidName`.
pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    if asl::names::is_valid_name(name) {
        Ok(())
    } else {
        Err(ApiError::invalid_name(format!("Invalid Name: '{name}'")))
    }
}

/// The input of a start: JSON text, or `{}` when there is none.
///
/// # Errors
/// `InvalidExecutionInput`, with Jackson's words (recorded).
pub(crate) fn input(text: Option<String>) -> Result<Payload, ApiError> {
    let Some(text) = text else { return Ok(Payload::from_trusted_text("{}".into())) };
    Payload::parse(text).map_err(|error| {
        let why = match error.kind {
            ParseErrorKind::Empty => "Invalid execution input.",
            _ => error.message(),
        };
        ApiError::invalid_execution_input(format!("Invalid State Machine Execution Input: '{why}'"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_json() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let found = input(Some(text.to_owned()));
            let found = found.as_ref().map(|payload| &**payload.text()).map_err(ApiError::message);
            assert_eq!(found, expected, "{text}");
        };
        check("{ \"a\" : 1 }", Ok("{ \"a\" : 1 }"));
        check("2", Ok("2"));
        check("null", Ok("null"));
        check("", Err("Invalid State Machine Execution Input: 'Invalid execution input.'"));
        check(
            "not some json",
            Err(
                "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, \
                 Array, Object or token 'null', 'true' or 'false')'",
            ),
        );
        check(
            "{'not': 'json'}",
            Err(
                "Invalid State Machine Execution Input: 'Unexpected character (''' (code 39)): was expecting \
                 double-quote to start field name'",
            ),
        );
        assert_eq!(&**input(None).unwrap().text(), "{}");
        assert!(input(Some("[".repeat(100_000))).is_err());
    }

    #[test]
    fn names_are_the_apis() {
        let check = |name: &str, allowed: bool| assert_eq!(check_name(name).is_ok(), allowed, "{name}");
        check("order-1.x_Y", true);
        check("Füße", true);
        check("", false);
        check("a b", false);
        check("a/b", false);
        check("a\u{7f}", false);
        check(&"x".repeat(80), true);
        check(&"x".repeat(81), false);
        assert_eq!(check_name("x y").unwrap_err().message(), "Invalid Name: 'x y'");
    }
}
