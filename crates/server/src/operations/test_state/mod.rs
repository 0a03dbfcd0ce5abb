//! TestState: one state, run on its own (API reference; developer guide, "Testing state machines with TestState API"). Here is
//! the order in which a request is judged; that it is run by the code that runs executions is `interpreter`'s.

mod context;
mod mock;
mod report;
mod shape;
mod subject;

use std::collections::BTreeMap;

use interpreter::{Data, StateTestSetup, Text};
use runtime::blocking;
use value::{Payload, Value};
use wire::{ApiError, TestStateInput, TestStateOutput};

use super::create_state_machine::check_role;
use crate::lookup::input;
use crate::service::Service;
use subject::Subject;

/// A request that was found to be good.
struct Prepared {
    subject: Subject,
    setup: StateTestSetup,
}

pub(super) async fn run(service: &Service, request: TestStateInput) -> Result<TestStateOutput, ApiError> {
    let level = request.inspection_level.unwrap_or_default();
    let names = [service.engine.random_uuid(), service.engine.random_uuid()];
    let Prepared { subject, setup } = blocking(move || prepare(request, names)).await?;
    let failures = setup.map_iteration_failure_count;
    let tested = service.engine.test_state(subject.machine.clone(), setup).await;
    if tested.inspection.iterations.is_some_and(|all| failures > all) {
        return Err(mock::too_many_failures());
    }
    Ok(report::answer(tested, &subject, level))
}

fn prepare(request: TestStateInput, names: [String; 2]) -> Result<Prepared, ApiError> {
    if let Some(role) = &request.role_arn {
        check_role(role)?;
    }
    let given = mock::check_request(&request)?;
    let mut subject = Subject::find(&request.definition, request.state_name.as_deref())?;
    let state = subject.state()?;
    mock::check_support(state, given.as_ref())?;
    let context = request.context.as_deref();
    let context = context.map(|text| context::read(text, state, &subject)).transpose()?;
    let variables = variables(request.variables.as_deref())?;
    let text = input(request.input)?;
    let configuration = request.state_configuration.unwrap_or_default();
    let mock = given.map(|given| mock::read(given, state, &configuration)).transpose()?;
    if let Some(cause) = &configuration.error_caused_by_state {
        subject.check_inner(state, cause)?;
    }
    let [execution, machine] = names.map(Text::from);
    let whole = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    let setup = StateTestSetup {
        state: Text::from(&state.name),
        input: text.clone(),
        variables,
        context,
        mock,
        retrier_retry_count: whole(configuration.retrier_retry_count),
        map_iteration_failure_count: whole(configuration.map_iteration_failure_count).into(),
        map_item_reader_data: configuration.map_item_reader_data.map(Into::into),
        role: request.role_arn.map(Text::from),
        execution,
        machine,
    };
    subject.input = Some(text);
    Ok(Prepared { subject, setup })
}

/// `variables`: a JSON object.
fn variables(text: Option<&str>) -> Result<BTreeMap<Text, Data>, ApiError> {
    let Some(text) = text else { return Ok(BTreeMap::new()) };
    let refuse = |why: &str| ApiError::validation_exception(format!("Invalid Variables provided: {why}"));
    let parsed = Payload::parse(text).map_err(|error| refuse(error.message()))?;
    let Value::Obj(members) = parsed.value() else { return Err(refuse("Variables must be a JSON object")) };
    Ok(members.iter().map(|(name, value)| (Text::from(&**name), Data::from_value(value.clone()))).collect())
}
