//! From the parameters of a state to typed values: names are found, types are checked, what the service wants as text is made text.
//! No protocol is known here; the protocols find no more faults.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use value::{Object, Value};

use crate::output::Form;
use crate::service::{Kind, Member, Reference, Service, Structure};
use crate::timestamp;

/// How deep parameters may be nested. The deepest that any service takes is about 30 (recursive filters).
const DEPTH_MAX: usize = 100;
/// Most faults that are told.
const PROBLEMS_MAX: usize = 10;

/// A value of which the type is known to fit the shape.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Text(Arc<str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Moment(Timestamp),
    Bytes(Vec<u8>),
    Document(Value),
    List(Vec<Typed>),
    Map(Vec<(Arc<str>, Typed)>),
    /// Members that are set, in the model's order: place in the model, value.
    Structure(Vec<(usize, Typed)>),
}

/// What is wrong with parameters: one sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

struct Reader<'a> {
    service: &'a Service,
    form: Form,
    token: &'a str,
    problems: Vec<String>,
}

/// Reads the parameters of an operation. `token` is used for idempotency tokens that are not given.
///
/// `null` is as good as absent (recorded: `Item: null` of `dynamodb:putItem` reaches the service as no item). An object or an array
/// where text or bytes are wanted is sent as its JSON text (recorded: `Input` of `sfn:startExecution`).
pub(crate) fn read(
    service: &Service,
    shape: Option<&Reference>,
    form: Form,
    parameters: &Value,
    token: &str,
) -> Result<Typed, Problems> {
    let mut reader = Reader { service, form, token, problems: Vec::new() };
    let typed = match (shape, parameters) {
        (_, Value::Null) | (None, Value::Obj(_)) => {
            if let Value::Obj(given) = parameters {
                given.keys().for_each(|name| reader.unsupported(name));
            }
            let structure = shape.and_then(|shape| service.structure(shape));
            structure.map_or(Typed::Structure(Vec::new()), |found| reader.members(found, &Object::new(), 0))
        }
        (Some(shape), Value::Obj(given)) => match service.structure(shape) {
            Some(structure) => reader.members(structure, given, 0),
            None => Typed::Structure(Vec::new()),
        },
        _ => {
            reader.problems.push("The parameters must be a JSON object".to_owned());
            Typed::Structure(Vec::new())
        }
    };
    if reader.problems.is_empty() { Ok(typed) } else { Err(Problems(reader.problems)) }
}

impl Reader<'_> {
    fn problem(&mut self, text: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(text);
        }
    }

    fn unsupported(&mut self, name: &str) {
        self.problem(format!("The field '{name}' is not supported by Step Functions"));
    }

    fn wrong(&mut self, name: &str, wanted: &str) -> Option<Typed> {
        self.problem(format!("The value for the field '{name}' must be {wanted}"));
        None
    }

    fn members(&mut self, structure: &Structure, given: &Object, depth: usize) -> Typed {
        for (name, _) in given {
            if structure.member(name).is_none() {
                self.unsupported(name);
            }
        }
        let mut members = Vec::with_capacity(given.len());
        for (place, member) in structure.members.iter().enumerate() {
            if let Some(typed) = self.member(member, given, depth) {
                members.push((place, typed));
            }
        }
        Typed::Structure(members)
    }

    fn member(&mut self, member: &Member, given: &Object, depth: usize) -> Option<Typed> {
        let value = given.get(&member.shown).or_else(|| given.get(&member.name));
        match value {
            Some(Value::Null) => None,
            Some(value) => self.value(&member.shown, &member.reference, value, depth + 1),
            None if depth == 0 && member.is_idempotency_token() => Some(Typed::Text(self.token.into())),
            None => {
                if member.required {
                    self.problem(format!("The field '{}' is required but was missing", member.shown));
                }
                None
            }
        }
    }

    /// `None` when it does not fit; that has been told.
    fn value(&mut self, name: &str, reference: &Reference, value: &Value, depth: usize) -> Option<Typed> {
        if depth > DEPTH_MAX {
            self.problem(format!(
                "The value for the field '{name}' is nested deeper than {DEPTH_MAX} levels"
            ));
            return None;
        }
        let service = self.service;
        match &service.shape(reference).kind {
            Kind::Document => Some(Typed::Document(value.clone())),
            Kind::Structure(structure) => match value {
                Value::Obj(given) => Some(self.members(structure, given, depth)),
                _ => self.wrong(name, "an object"),
            },
            Kind::List(element) => match value {
                Value::Arr(items) => {
                    let items = items.iter().map(|item| self.value(name, element, item, depth + 1));
                    Some(Typed::List(items.collect::<Option<_>>()?))
                }
                _ => self.wrong(name, "an array"),
            },
            Kind::Map(_, element) => match value {
                Value::Obj(given) => self.map(name, element, given, depth),
                _ => self.wrong(name, "an object"),
            },
            // A stream is JSON, of whatever is given (recorded).
            Kind::Blob if self.form == Form::Sdk && reference.traits().streaming => {
                Some(Typed::Bytes(value.to_json().into_bytes()))
            }
            scalar => self.scalar(name, scalar, value),
        }
    }

    fn map(&mut self, name: &str, element: &Reference, given: &Object, depth: usize) -> Option<Typed> {
        let mut entries = Vec::with_capacity(given.len());
        for (key, value) in given {
            if !value.is_null() {
                entries.push((Arc::clone(key), self.value(name, element, value, depth + 1)?));
            }
        }
        Some(Typed::Map(entries))
    }

    fn scalar(&mut self, name: &str, kind: &Kind, value: &Value) -> Option<Typed> {
        match kind {
            Kind::String => Some(Typed::Text(text(value))),
            Kind::Blob => Some(Typed::Bytes(text(value).as_bytes().to_vec())),
            Kind::Boolean => match value {
                Value::Bool(given) => Some(Typed::Boolean(*given)),
                Value::Str(given) if &**given == "true" || &**given == "false" => {
                    Some(Typed::Boolean(&**given == "true"))
                }
                _ => self.wrong(name, "a boolean"),
            },
            Kind::Integer | Kind::Long => match whole(value) {
                Some(whole) if matches!(kind, Kind::Long) || i32::try_from(whole).is_ok() => {
                    Some(Typed::Integer(whole))
                }
                _ => self.wrong(name, "an integer"),
            },
            Kind::Timestamp => match timestamp::of_parameter(value) {
                Some(moment) => Some(Typed::Moment(moment)),
                None => self.wrong(name, "a timestamp, such as '2026-01-31T12:00:00Z'"),
            },
            _ => match number(value) {
                Some(number) => Some(Typed::Number(number)),
                None => self.wrong(name, "a number"),
            },
        }
    }
}

/// What is not text becomes its JSON text.
fn text(value: &Value) -> Arc<str> {
    if let Value::Str(text) = value { Arc::clone(text) } else { value.to_json().into() }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(whole) => Some(*whole),
        #[expect(clippy::cast_possible_truncation, reason = "whole and checked to be below 2^53")]
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Str(text) => match &**text {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            "NaN" => Some(f64::NAN),
            text => text.parse().ok().filter(|number: &f64| number.is_finite()),
        },
        other => other.as_f64(),
    }
}
