//! The answer of TestState: the outcome, and of the data flow what the inspection level shows.

use interpreter::{Data, Failure, Inspection, Stage, StateTestOutcome, Text};
use runtime::TestedState;
use value::Value;
use wire::{InspectionData, InspectionErrorDetails, InspectionLevel, TestExecutionStatus, TestStateOutput};

use super::subject::Subject;

/// The answer. `INFO` has no `inspectionData`.
pub(super) fn answer(tested: TestedState, subject: &Subject, level: InspectionLevel) -> TestStateOutput {
    let inspection_data = match level {
        InspectionLevel::Info => None,
        InspectionLevel::Debug | InspectionLevel::Trace => Some(inspection(&tested.inspection, subject)),
    };
    let mut answer = TestStateOutput { inspection_data, ..TestStateOutput::default() };
    let status = match tested.outcome {
        StateTestOutcome::Succeeded { output, next } => {
            left(&mut answer, &output, next);
            TestExecutionStatus::Succeeded
        }
        StateTestOutcome::CaughtError { failure, output, next } => {
            failed(&mut answer, failure);
            left(&mut answer, &output, next);
            TestExecutionStatus::CaughtError
        }
        StateTestOutcome::Retriable(failure) => {
            failed(&mut answer, failure);
            TestExecutionStatus::Retriable
        }
        StateTestOutcome::Failed(failure) => {
            failed(&mut answer, failure);
            TestExecutionStatus::Failed
        }
    };
    answer.status = Some(status);
    answer
}

fn left(answer: &mut TestStateOutput, output: &Data, next: Option<Text>) {
    answer.output = Some(text(output));
    answer.next_state = next.map(|next| next.to_string());
}

fn failed(answer: &mut TestStateOutput, failure: Failure) {
    answer.error = failure.error.map(|text| text.to_string());
    answer.cause = failure.cause.map(|text| text.to_string());
}

fn text(data: &Data) -> String {
    data.payload().text().to_string()
}

fn inspection(seen: &Inspection, subject: &Subject) -> InspectionData {
    let state = subject.state().ok();
    let shown = |stage: Stage| state.and_then(|state| seen.shown(stage, state)).map(text);
    let count = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    InspectionData {
        input: subject.input.as_ref().map(|input| input.text().to_string()),
        after_arguments: shown(Stage::AfterArguments),
        after_input_path: shown(Stage::AfterInputPath),
        after_parameters: shown(Stage::AfterParameters),
        result: shown(Stage::Result),
        after_result_selector: shown(Stage::AfterResultSelector),
        after_result_path: shown(Stage::AfterResultPath),
        after_items_path: shown(Stage::AfterItemsPath),
        after_items_pointer: shown(Stage::AfterItemsPointer),
        after_item_selector: shown(Stage::AfterItemSelector),
        after_item_batcher: shown(Stage::AfterItemBatcher),
        variables: variables(seen),
        error_details: error_details(seen),
        max_concurrency: seen.max_concurrency.map(count),
        tolerated_failure_count: seen.tolerated_failure_count.map(count),
        tolerated_failure_percentage: seen.tolerated_failure_percentage,
        request: None,
        response: None,
    }
}

/// The variables after the state; absent when there are none (recorded).
fn variables(seen: &Inspection) -> Option<String> {
    if seen.variables.is_empty() {
        return None;
    }
    let mut written = String::from("{");
    for (name, value) in &seen.variables {
        if written.len() > 1 {
            written.push(',');
        }
        Value::from(&**name).write_json(&mut written);
        written.push(':');
        written.push_str(value.payload().text());
    }
    written.push('}');
    Some(written)
}

fn error_details(seen: &Inspection) -> Option<InspectionErrorDetails> {
    let index = |index: Option<u32>| index.and_then(|index| i32::try_from(index).ok());
    let details = InspectionErrorDetails {
        catch_index: index(seen.catch_index),
        retry_index: index(seen.retry_index),
        retry_backoff_interval_seconds: seen
            .retry_backoff_interval_seconds
            .map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)),
    };
    (details != InspectionErrorDetails::default()).then_some(details)
}
