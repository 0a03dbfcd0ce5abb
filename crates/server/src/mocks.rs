//! Test cases of a mock file, chosen as with Step Functions Local: `#TestCase` after the state machine's ARN in a start.
//! Without a mock file such an ARN is an ordinary one that names nothing.

use runtime::blocking;
use value::Payload;
use wire::ApiError;

use crate::arn::{Arn, Resource};
use crate::service::Service;

/// Between a state machine's ARN and a test case.
const MARK: char = '#';

/// Takes the test case off the ARN of a start, and finds its responses.
///
/// # Errors
/// `ValidationException` when the mock file cannot be used or has no such test case: what, where, what to do. `InvalidArn`.
pub(crate) async fn take(service: &Service, arn: &mut String) -> Result<Option<Payload>, ApiError> {
    let Some(source) = service.options().mocks.clone() else { return Ok(None) };
    let Some((machine_arn, case)) = arn.split_once(MARK) else { return Ok(None) };
    let name = match Arn::parse(machine_arn)?.resource {
        Resource::StateMachine { name, .. } => name.to_owned(),
        _ => return Ok(None),
    };
    let (machine_arn, case) = (machine_arn.to_owned(), case.to_owned());
    let found = blocking(move || source.test_case(&name, &case)).await;
    let mocks = found.map_err(|error| ApiError::validation_exception(error.to_string()))?;
    *arn = machine_arn;
    Ok(Some(mocks.into_payload()))
}
