//! The data flow of a visit, stage by stage. What the records keep (input, what was sent, the result, the output) is shown as it was; the
//! stages between are made again from it by the code that runs states, with the result that came then as its mock.
//!
//! A value that was drawn then (a UUID, a random number, the time) may differ in a stage that is made again; those say so.

use std::sync::Arc;

use asl::timestamp::format_millis;
use interpreter::{Data, Environment, Failure, Mock, Stage, StateTest, StateTestSetup, Text, Timestamp};
use runtime::Revision;
use runtime::reads::Visit;
use value::{Object, Payload, Value};

/// A stage.
pub(super) struct Made {
    /// The field that made it, or `Input`, `Result`, `Output`.
    pub(super) name: &'static str,
    /// What it made.
    pub(super) value: Payload,
    /// Whether it was made again for this answer.
    pub(super) is_made_again: bool,
}

/// The execution around the visit, for the context object.
pub(super) struct Around {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) started_at: i64,
    pub(super) input: Option<Payload>,
}

/// The stages of a visit in their order. Evaluates expressions, so it may take its time.
pub(super) fn stages(
    environment: &Arc<Environment>,
    revision: &Revision,
    around: &Around,
    visit: &Visit,
) -> Vec<Made> {
    let recorded = |name, value: &Payload| Made { name, value: value.clone(), is_made_again: false };
    let mut out = vec![recorded("Input", &visit.input)];
    let last = visit.attempts.last();
    let sent = last.and_then(|attempt| attempt.parameters.as_ref());
    let result = last.and_then(|attempt| attempt.result.as_ref());
    if let Some(state) = revision.definition.state(&visit.state) {
        let inspection = seen_again(environment, revision, around, visit);
        for stage in inspection.stages.keys() {
            let Some(data) = inspection.shown(*stage, state) else { continue };
            let kept = match stage {
                Stage::AfterParameters | Stage::AfterArguments => sent,
                Stage::Result => result,
                _ => None,
            };
            match kept {
                Some(value) => out.push(recorded(field(*stage), value)),
                None => {
                    let value = data.payload().clone();
                    out.push(Made { name: field(*stage), value, is_made_again: true });
                }
            }
        }
    }
    out.extend(visit.output.as_ref().map(|output| recorded("Output", output)));
    out
}

fn seen_again(
    environment: &Arc<Environment>,
    revision: &Revision,
    around: &Around,
    visit: &Visit,
) -> interpreter::Inspection {
    let variables = visit.variables.iter();
    let setup = StateTestSetup {
        state: Text::from(visit.state.as_str()),
        input: visit.input.clone(),
        variables: variables
            .map(|(name, value)| (Text::from(name.as_str()), Data::new(value.clone())))
            .collect(),
        context: Some(context(environment, revision, around, visit)),
        mock: mock(visit),
        retrier_retry_count: 0,
        map_iteration_failure_count: 0,
        map_item_reader_data: None,
        role: Some(Text::from(revision.role_arn.as_str())),
        execution: Text::from(around.name.as_str()),
        machine: Text::from(revision.machine.as_str()),
    };
    let mut test = StateTest::new(revision.definition.clone(), environment.clone(), 0, setup);
    test.begin(0, Timestamp(visit.entered_at));
    test.inspection()
}

/// What came back then: the result, or the error.
fn mock(visit: &Visit) -> Option<Mock> {
    let last = visit.attempts.last()?;
    if let Some(result) = &last.result {
        return Some(Mock::Result(result.clone()));
    }
    let error = last.error.as_deref().unwrap_or(asl::TASK_FAILED);
    Some(Mock::Failure(Failure::new(error.to_owned(), last.cause.clone().unwrap_or_default())))
}

fn context(environment: &Environment, revision: &Revision, around: &Around, visit: &Visit) -> Value {
    let text = |text: &str| Value::from(text);
    let object = |members: Vec<(&str, Value)>| {
        let mut object = Object::default();
        for (name, value) in members {
            object.insert(name, value);
        }
        Value::Obj(object)
    };
    let input = around.input.as_ref().map_or(Value::Null, |input| input.value().clone());
    let retries = i64::try_from(visit.attempts.len()).unwrap_or(i64::MAX).saturating_sub(1).max(0);
    let machine = revision.machine.split('/').next().unwrap_or_default();
    object(vec![
        (
            "Execution",
            object(vec![
                ("Id", text(&around.arn)),
                ("Input", input),
                ("StartTime", text(&format_millis(around.started_at))),
                ("Name", text(&around.name)),
                ("RoleArn", text(&revision.role_arn)),
            ]),
        ),
        (
            "StateMachine",
            object(vec![
                ("Id", text(&environment.place.state_machine_arn(machine))),
                ("Name", text(machine)),
            ]),
        ),
        (
            "State",
            object(vec![
                ("Name", text(&visit.state)),
                ("EnteredTime", text(&format_millis(visit.entered_at))),
                ("RetryCount", Value::Int(retries)),
            ]),
        ),
    ])
}

/// The field whose doing a stage is.
fn field(stage: Stage) -> &'static str {
    match stage {
        Stage::AfterInputPath => "InputPath",
        Stage::AfterParameters => "Parameters",
        Stage::AfterArguments => "Arguments",
        Stage::AfterItemsPath => "ItemsPath",
        Stage::AfterItemsPointer => "ItemsPointer",
        Stage::AfterItemSelector => "ItemSelector",
        Stage::AfterItemBatcher => "ItemBatcher",
        Stage::Result => "Result",
        Stage::AfterResultSelector => "ResultSelector",
        Stage::AfterResultPath => "ResultPath",
    }
}
