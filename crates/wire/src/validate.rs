//! The model's constraints, applied to a request's JSON and reported in the service's words (recorded where the tests say so).
//! It knows nothing of what exists: `InvalidArn`, `InvalidName` and the rules between members belong to the operations.
//!
//! Two passes: first the JSON types (`SerializationException`, the first one only), then the constraints, all of them, in the
//! order of the model's members, joined into one `ValidationException`.

use serde_json::{Map, Number, Value};

use crate::error::ApiError;
use crate::generated::OperationName;
use crate::shape::Shape;

/// Lengths that a self-hosted service may raise. The defaults are the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Greatest length of an input, output, or other payload, in bytes of UTF-8.
    pub payload: usize,
    /// Greatest length of a definition, in bytes of UTF-8.
    pub definition: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { payload: 262_144, definition: 1_048_576 }
    }
}

/// Checks a request. Whole numbers that came as `7.0` are made whole on the way, as the service does.
///
/// # Errors
/// `SerializationException` or `ValidationException`, as the module says.
pub fn validate(operation: OperationName, body: &mut Value, limits: &Limits) -> Result<(), ApiError> {
    let shape = operation.operation().input;
    if !body.is_object() {
        return Err(ApiError::serialization(""));
    }
    check_type(shape, body)?;
    let mut findings = Findings { limits, path: String::new(), messages: Vec::new() };
    findings.check(shape, body);
    match findings.messages.len() {
        0 => Ok(()),
        count => Err(ApiError::validation_exception(format!(
            "{count} validation error{} detected: {}",
            if count == 1 { "" } else { "s" },
            findings.messages.join("; ")
        ))),
    }
}

/// Refuses JSON of another type than the shape's. Null counts as absent. The depth is that of the model, not of the data.
fn check_type(shape: &Shape, value: &mut Value) -> Result<(), ApiError> {
    match (shape, value) {
        (_, Value::Null) => Ok(()),
        (Shape::Structure { fields, .. }, Value::Object(map)) => {
            for field in *fields {
                if let Some(member) = map.get_mut(field.name) {
                    check_type(field.shape, member)?;
                }
            }
            Ok(())
        }
        (Shape::List { element, .. }, Value::Array(items)) => {
            items.iter_mut().try_for_each(|item| check_type(element, item))
        }
        (Shape::Integer { .. }, Value::Number(number)) => {
            whole(number, i64::from(i32::MIN), i64::from(i32::MAX))
        }
        (Shape::Long { .. }, Value::Number(number)) => whole(number, i64::MIN, i64::MAX),
        (Shape::Float { .. }, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_))
        | (Shape::String { .. } | Shape::Enum { .. }, Value::String(_)) => Ok(()),
        (shape, value) => Err(ApiError::serialization(mismatch(shape, value))),
    }
}

fn whole(number: &mut Number, least: i64, greatest: i64) -> Result<(), ApiError> {
    let value = match (number.as_i64(), number.as_f64()) {
        (Some(value), _) => Some(value),
        (None, Some(value)) if value.abs() < 9.0e18 => Some(value.trunc() as i64),
        _ => None,
    };
    match value {
        Some(value) if (least..=greatest).contains(&value) => {
            *number = Number::from(value);
            Ok(())
        }
        _ => Err(ApiError::serialization("number out of range")),
    }
}

fn mismatch(shape: &Shape, value: &Value) -> String {
    let wanted = match shape {
        Shape::String { .. } | Shape::Enum { .. } => "a String",
        Shape::Integer { .. } => "an Integer",
        Shape::Long { .. } => "a Long",
        Shape::Float { .. } => "a Float",
        Shape::Boolean => "a Boolean",
        Shape::List { .. } | Shape::Structure { .. } => "",
    };
    match value {
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => "Unexpected list element found where not expected.".to_owned(),
        _ if wanted.is_empty() => "Unexpected field type".to_owned(),
        Value::String(_) => format!("STRING_VALUE can not be converted to {wanted}"),
        Value::Number(_) => format!("NUMBER_VALUE can not be converted to {wanted}"),
        Value::Bool(true) => format!("TRUE_VALUE can not be converted to {wanted}"),
        Value::Bool(false) => format!("FALSE_VALUE can not be converted to {wanted}"),
        Value::Null => format!("NULL_VALUE can not be converted to {wanted}"),
    }
}

struct Findings<'a> {
    limits: &'a Limits,
    path: String,
    messages: Vec<String>,
}

impl Findings<'_> {
    fn check(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Structure { fields, .. }, Value::Object(map)) => {
                for field in *fields {
                    self.nested(field.name, |findings| findings.member(field, map));
                }
            }
            (Shape::List { min, max, element }, Value::Array(items)) => {
                self.length(shape, value, items.len(), *min, *max);
                for (index, item) in items.iter().enumerate() {
                    let place = format!("{}.member", index + 1);
                    self.nested(&place, |findings| match item {
                        Value::Null => findings.null(),
                        item => findings.check(element, item),
                    });
                }
            }
            (Shape::String { name, min, max, pattern, .. }, Value::String(text)) => {
                let (length, max) = self.string_bounds(name, text, *max);
                self.length(shape, value, length, *min, max);
                if let Some(pattern) = pattern.filter(|pattern| !pattern.matches(text)) {
                    let wanted = format!("satisfy regular expression pattern: {}", pattern.as_str());
                    self.report(shape, value, &wanted);
                }
            }
            (Shape::Enum { values }, Value::String(text)) if !values.contains(&text.as_str()) => {
                self.report(shape, value, &format!("satisfy enum value set: [{}]", values.join(", ")));
            }
            (
                Shape::Integer { min, max, .. }
                | Shape::Long { min, max, .. }
                | Shape::Float { min, max, .. },
                Value::Number(number),
            ) => self.range(shape, value, number, *min, *max),
            _ => {}
        }
    }

    fn member(&mut self, field: &crate::shape::Field, map: &Map<String, Value>) {
        match map.get(field.name) {
            None | Some(Value::Null) if field.required => self.null(),
            None | Some(Value::Null) => {}
            Some(value) => self.check(field.shape, value),
        }
    }

    /// The length that counts and the bound: payloads and definitions in bytes with a bound of ours, all else in characters.
    fn string_bounds(&self, name: &str, text: &str, max: Option<i64>) -> (usize, Option<i64>) {
        let own = match name {
            "SensitiveData" | "SensitiveDataJobInput" => Some(self.limits.payload),
            "Definition" => Some(self.limits.definition),
            _ => None,
        };
        match own {
            Some(limit) => (text.len(), Some(i64::try_from(limit).unwrap_or(i64::MAX))),
            None => (text.chars().count(), max),
        }
    }

    fn length(&mut self, shape: &Shape, value: &Value, length: usize, min: Option<i64>, max: Option<i64>) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        if let Some(max) = max.filter(|max| length > *max) {
            self.report(shape, value, &format!("have length less than or equal to {max}"));
        }
        if let Some(min) = min.filter(|min| length < *min) {
            self.report(shape, value, &format!("have length greater than or equal to {min}"));
        }
    }

    fn range(&mut self, shape: &Shape, value: &Value, number: &Number, min: Option<i64>, max: Option<i64>) {
        let number = number.as_f64().unwrap_or(f64::NAN);
        if let Some(max) = max.filter(|max| number > *max as f64) {
            self.report(shape, value, &format!("have value less than or equal to {max}"));
        }
        if let Some(min) = min.filter(|min| number < *min as f64) {
            self.report(shape, value, &format!("have value greater than or equal to {min}"));
        }
    }

    fn null(&mut self) {
        self.messages.push(format!(
            "Value null at '{}' failed to satisfy constraint: Member must not be null",
            self.path
        ));
    }

    fn report(&mut self, shape: &Shape, value: &Value, wanted: &str) {
        let shown = if shape.is_sensitive() {
            String::new()
        } else {
            let mut text = String::new();
            show(shape, value, &mut text);
            format!(" '{text}'")
        };
        self.messages.push(format!(
            "Value{shown} at '{}' failed to satisfy constraint: Member must {wanted}",
            self.path
        ));
    }

    fn nested(&mut self, part: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(part);
        visit(self);
        self.path.truncate(length);
    }
}

/// A value as the service prints it (recorded): text bare, lists as `[a, b]`, structures as `Name(member=value, …)`.
fn show(shape: &Shape, value: &Value, out: &mut String) {
    match (shape, value) {
        (shape, _) if shape.is_sensitive() => out.push_str("***Sensitive Data Redacted***"),
        (_, Value::String(text)) => out.push_str(text),
        (Shape::List { element, .. }, Value::Array(items)) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                show(element, item, out);
            }
            out.push(']');
        }
        (Shape::Structure { name, fields }, Value::Object(map)) => {
            out.push_str(name);
            out.push('(');
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(field.name);
                out.push('=');
                show(field.shape, map.get(field.name).unwrap_or(&Value::Null), out);
            }
            out.push(')');
        }
        (_, value) => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests;
