//! Mocked results held against the API that they stand for (`fieldValidationMode`). The shapes are those of AWS's own models; what
//! is checked, and the words, are recorded where the tests say so, otherwise they follow the same form.
//!
//! Members that the API does not have are let through in every mode (recorded), and so is whatever a task token, an activity or a
//! function's own ARN would bring: nobody knows its shape.

use std::borrow::Cow;
use std::sync::Arc;

use asl::{Kind as StateKind, Pattern, ResourceKind, State};
use aws_model::{Kind, Reference, Service, Structure};
use value::Value;
use wire::{ApiError, MockResponseValidationMode};

/// How deep a mocked result is looked into.
const DEPTH_MAX: usize = 100;

/// Integrations that are called otherwise than the service is in the table.
const SERVICES: &[(&str, &str)] = &[
    ("states", "sfn"),
    ("events", "eventbridge"),
    ("elasticmapreduce", "emr"),
    ("emr-containers", "emrcontainers"),
    ("emr-serverless", "emrserverless"),
];

/// Actions of which the result is that of another one: invokeModel belongs to the runtime's own service, and a `.sync` task has
/// what polling its job gives (API reference: "DescribeExecution"). Where Step Functions takes the polled answer apart (Batch,
/// ECS, Glue), its shape is not known and nothing is checked.
const POLLED: &[(&str, &str, &str)] = &[
    ("athena", "startQueryExecution", "getQueryExecution"),
    ("bedrock", "createModelCustomizationJob", "getModelCustomizationJob"),
    ("databrew", "startJobRun", "describeJobRun"),
    ("emr", "createCluster", "describeCluster"),
    ("emr", "addStep", "describeStep"),
    ("emrcontainers", "startJobRun", "describeJobRun"),
    ("emrserverless", "startJobRun", "getJobRun"),
    ("eks", "createCluster", "describeCluster"),
    ("eks", "createNodegroup", "describeNodegroup"),
    ("eks", "createFargateProfile", "describeFargateProfile"),
    ("mediaconvert", "createJob", "getJob"),
    ("sagemaker", "createTrainingJob", "describeTrainingJob"),
    ("sagemaker", "createTransformJob", "describeTransformJob"),
    ("sagemaker", "createProcessingJob", "describeProcessingJob"),
    ("sagemaker", "createHyperParameterTuningJob", "describeHyperParameterTuningJob"),
    ("sagemaker", "createLabelingJob", "describeLabelingJob"),
    ("sfn", "startExecution", "describeExecution"),
];

/// What a task's result looks like.
struct Shape {
    service: Arc<Service>,
    action: String,
    /// Members that Step Functions gives as the JSON that is in them.
    parsed: &'static [&'static str],
    /// An optimised integration, which writes members as the service has them, with a capital: `MD5OfMessageBody`.
    is_optimised: bool,
    /// Times come as numbers, too: a polled execution's are milliseconds.
    has_numeric_times: bool,
}

/// Holds a mocked result against the API that the state calls.
///
/// # Errors
/// `ValidationException`.
pub(super) fn check(state: &State, result: &Value, mode: MockResponseValidationMode) -> Result<(), ApiError> {
    if mode == MockResponseValidationMode::None {
        return Ok(());
    }
    let Some(shape) = shape_of(state) else { return Ok(()) };
    let Some(output) = shape.service.operation(&shape.action).and_then(|found| found.output.as_ref()) else {
        return Ok(());
    };
    let checker = Checker { shape: &shape, is_strict: mode == MockResponseValidationMode::Strict };
    let Some(structure) = shape.service.structure(output) else { return Ok(()) };
    let Value::Obj(members) = result else { return Err(refuse("Result must be an object")) };
    checker.structure(structure, members, 0)
}

fn refuse(why: &str) -> ApiError {
    ApiError::validation_exception(format!("Mock result schema validation error: {why}"))
}

fn shape_of(state: &State) -> Option<Shape> {
    let StateKind::Task(task) = &state.kind else { return None };
    let ResourceKind::Service { resource_type, resource, pattern } = &task.resource.kind else { return None };
    if *pattern == Pattern::WaitForTaskToken {
        return None;
    }
    let action = resource.split('.').next().unwrap_or_default();
    if let Some(name) = resource_type.strip_prefix("aws-sdk:") {
        let service = aws_model::service(name)?;
        let action = action.to_owned();
        return Some(Shape { service, action, parsed: &[], is_optimised: false, has_numeric_times: false });
    }
    let name = SERVICES
        .iter()
        .find(|(ours, _)| *ours == &**resource_type)
        .map_or(&**resource_type, |(_, name)| name);
    let is_job = matches!(pattern, Pattern::Sync | Pattern::Sync2);
    let (name, action) = match (name, action) {
        ("bedrock", "invokeModel") => ("bedrockruntime", action),
        _ if is_job => {
            let polled = POLLED.iter().find(|(service, submits, _)| *service == name && *submits == action);
            (name, polled?.2)
        }
        _ => (name, action),
    };
    let parsed: &[&str] = match (name, action, pattern) {
        ("lambda", "invoke", _) => &["Payload"],
        ("bedrockruntime", "invokeModel", _) => &["Body"],
        ("sfn", "describeExecution", Pattern::Sync2) => &["Input", "Output"],
        _ => &[],
    };
    let service = aws_model::service(name)?;
    let action = action.to_owned();
    Some(Shape { service, action, parsed, is_optimised: true, has_numeric_times: is_job })
}

struct Checker<'a> {
    shape: &'a Shape,
    /// What is required has to be there.
    is_strict: bool,
}

impl Checker<'_> {
    fn structure(
        &self,
        structure: &Structure,
        members: &value::Object,
        depth: usize,
    ) -> Result<(), ApiError> {
        for member in &structure.members {
            let name = if self.shape.is_optimised {
                Cow::from(capitalised(&member.name))
            } else {
                Cow::from(&*member.shown)
            };
            let found = members.get(&name);
            let Some(found) = found.filter(|found| !found.is_null()) else {
                if member.required && self.is_strict {
                    return Err(refuse(&format!("Required field '{name}' is missing")));
                }
                continue;
            };
            let is_parsed = depth == 0 && self.shape.parsed.contains(&&*name);
            if !is_parsed {
                self.value(&name, &member.reference, found, depth + 1)?;
            }
        }
        Ok(())
    }

    fn value(&self, name: &str, reference: &Reference, value: &Value, depth: usize) -> Result<(), ApiError> {
        if depth > DEPTH_MAX {
            return Err(refuse(&format!("Field '{name}' is nested deeper than {DEPTH_MAX} levels")));
        }
        let service = &self.shape.service;
        let shape = service.shape(reference);
        let wrong = |wanted: &str| Err(refuse(&format!("Field '{name}' must be {wanted}")));
        match &shape.kind {
            Kind::Document => Ok(()),
            Kind::Structure(structure) => match value {
                Value::Obj(members) => self.structure(structure, members, depth),
                _ => wrong("an object"),
            },
            Kind::Map(_, element) => match value {
                Value::Obj(members) => {
                    self.length(name, members.len(), shape)?;
                    members.iter().try_for_each(|(key, value)| self.value(key, element, value, depth + 1))
                }
                _ => wrong("an object"),
            },
            Kind::List(element) => match value.as_array() {
                Some(items) => {
                    self.length(name, items.len(), shape)?;
                    items.iter().try_for_each(|item| self.value(name, element, item, depth + 1))
                }
                None => wrong("an array"),
            },
            Kind::Timestamp if value.is_number() && self.shape.has_numeric_times => Ok(()),
            Kind::String | Kind::Blob | Kind::Timestamp => match value.as_str() {
                Some(text) => self.text(name, text, shape),
                None => wrong("a string"),
            },
            Kind::Boolean if value.is_bool() => Ok(()),
            Kind::Boolean => wrong("a boolean"),
            Kind::Integer | Kind::Long | Kind::Float | Kind::Double => match value.as_f64() {
                Some(number) => in_range(name, number, shape),
                None => wrong("a number"),
            },
        }
    }

    fn text(&self, name: &str, text: &str, shape: &aws_model::Shape) -> Result<(), ApiError> {
        if !shape.values.is_empty() && !shape.values.iter().any(|value| &**value == text) {
            return Err(refuse(&format!("Field '{name}' is not an expected value")));
        }
        self.length(name, text.chars().count(), shape)
    }

    fn length(&self, name: &str, length: usize, shape: &aws_model::Shape) -> Result<(), ApiError> {
        let length = length as f64;
        if shape.minimum.is_some_and(|least| length < least) {
            return Err(refuse(&format!("Field '{name}' is smaller than the minimum length")));
        }
        if shape.maximum.is_some_and(|most| length > most) {
            return Err(refuse(&format!("Field '{name}' exceeds the maximum length")));
        }
        Ok(())
    }
}

fn in_range(name: &str, number: f64, shape: &aws_model::Shape) -> Result<(), ApiError> {
    if shape.minimum.is_some_and(|least| number < least) {
        return Err(refuse(&format!("Field '{name}' is less than the minimum value")));
    }
    if shape.maximum.is_some_and(|most| number > most) {
        return Err(refuse(&format!("Field '{name}' exceeds the maximum value")));
    }
    Ok(())
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use aws_model::service;

    use super::{POLLED, SERVICES};

    #[test]
    fn every_name_in_the_tables_is_one_of_the_model() {
        for (_, name) in SERVICES {
            assert!(service(name).is_some(), "{name}");
        }
        for (name, submits, polls) in POLLED {
            let found = service(name);
            let found = found.as_ref().unwrap_or_else(|| panic!("{name}"));
            let output = found.operation(polls).and_then(|operation| operation.output.as_ref());
            assert!(output.is_some_and(|output| found.structure(output).is_some()), "{name}:{polls}");
            // EMR's actions are Step Functions' own.
            assert!(*name == "emr" || found.operation(submits).is_some(), "{name}:{submits}");
        }
        let runtime =
            service("bedrockruntime").and_then(|service| service.operation("invokeModel").map(|_| ()));
        assert!(runtime.is_some());
    }
}
