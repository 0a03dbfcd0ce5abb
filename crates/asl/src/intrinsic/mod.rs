//! The 18 intrinsic functions (AWS page "Intrinsic functions"): which there are, and the way from a call to a value.
//! The functions themselves stand in `array`, `text` and `math`, by what they work on.

mod array;
mod java_random;
mod math;
mod parse;
mod text;

use value::Value;

use crate::evaluation_error::EvaluationError;
use crate::{Argument, Expression, Intrinsic, IntrinsicCall, Name, Scope};

pub(crate) use parse::parse;

/// How deep calls may be nested in one another (AWS page "Intrinsic functions").
const MAX_NESTING: usize = 10;

/// The longest text, in bytes, that a function may build; a bound against calls that multiply large inputs.
const MAX_TEXT: usize = 16 << 20;

/// The most elements that an array may have which a function makes out of a text or of nothing.
const MAX_RANGE: i64 = 1000;

/// Every function with the name after `States.` and the fewest and most arguments.
const FUNCTIONS: [(&str, Intrinsic, usize, usize); 18] = [
    ("Array", Intrinsic::Array, 0, usize::MAX),
    ("ArrayPartition", Intrinsic::ArrayPartition, 2, 2),
    ("ArrayContains", Intrinsic::ArrayContains, 2, 2),
    ("ArrayRange", Intrinsic::ArrayRange, 3, 3),
    ("ArrayGetItem", Intrinsic::ArrayGetItem, 2, 2),
    ("ArrayLength", Intrinsic::ArrayLength, 1, 1),
    ("ArrayUnique", Intrinsic::ArrayUnique, 1, 1),
    ("Base64Encode", Intrinsic::Base64Encode, 1, 1),
    ("Base64Decode", Intrinsic::Base64Decode, 1, 1),
    ("Hash", Intrinsic::Hash, 2, 2),
    ("JsonMerge", Intrinsic::JsonMerge, 3, 3),
    ("StringToJson", Intrinsic::StringToJson, 1, 1),
    ("JsonToString", Intrinsic::JsonToString, 1, 1),
    ("MathRandom", Intrinsic::MathRandom, 2, 3),
    ("MathAdd", Intrinsic::MathAdd, 2, 2),
    ("StringSplit", Intrinsic::StringSplit, 2, 2),
    ("UUID", Intrinsic::Uuid, 0, 0),
    ("Format", Intrinsic::Format, 1, usize::MAX),
];

impl IntrinsicCall {
    /// The arguments that are expressions, in order.
    pub fn nested(&self) -> impl DoubleEndedIterator<Item = &Expression> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Expression(expression) => Some(expression),
            Argument::Literal(_) => None,
        })
    }
}

/// The value of a call; `text` is the call as written. Recursion is bounded by [`MAX_NESTING`].
pub(crate) fn evaluate(
    text: &Name,
    call: &IntrinsicCall,
    scope: &Scope<'_>,
) -> Result<Value, EvaluationError> {
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(match argument {
            Argument::Literal(value) => value.clone(),
            Argument::Expression(expression) => {
                expression.evaluate(scope).map_err(|error| error.in_argument(text))?
            }
        });
    }
    apply(call.function, arguments, scope).map_err(|reason| EvaluationError::intrinsic(text, reason))
}

/// A function applied to values. The number of arguments has been checked when the call was parsed.
fn apply(function: Intrinsic, arguments: Vec<Value>, scope: &Scope<'_>) -> Result<Value, String> {
    match (function, arguments.as_slice()) {
        (Intrinsic::Array, _) => Ok(Value::from(arguments)),
        (Intrinsic::ArrayPartition, [array, size]) => array::partition(array, size),
        (Intrinsic::ArrayContains, [array, wanted]) => array::contains(array, wanted),
        (Intrinsic::ArrayRange, [first, last, step]) => array::range(first, last, step),
        (Intrinsic::ArrayGetItem, [array, index]) => array::get_item(array, index),
        (Intrinsic::ArrayLength, [array]) => array::length(array),
        (Intrinsic::ArrayUnique, [array]) => array::unique(array),
        (Intrinsic::Base64Encode, [text]) => text::base64_encode(text),
        (Intrinsic::Base64Decode, [text]) => text::base64_decode(text),
        (Intrinsic::Hash, [data, algorithm]) => text::hash(data, algorithm),
        (Intrinsic::JsonMerge, [first, second, deep]) => text::json_merge(first, second, deep),
        (Intrinsic::StringToJson, [text]) => text::string_to_json(text),
        (Intrinsic::JsonToString, [value]) => text::json_to_string(value),
        (Intrinsic::MathRandom, [start, end]) => math::random(start, end, None, scope.draws),
        (Intrinsic::MathRandom, [start, end, seed]) => math::random(start, end, Some(seed), scope.draws),
        (Intrinsic::MathAdd, [left, right]) => math::add(left, right),
        (Intrinsic::StringSplit, [text, delimiters]) => text::split(text, delimiters),
        (Intrinsic::Uuid, []) => Ok(math::uuid(scope.draws)),
        (Intrinsic::Format, [template, values @ ..]) => text::format(template, values),
        _ => Err(String::from("Invalid number of arguments")),
    }
}

/// An array argument, or the complaint.
fn array(value: &Value) -> Result<&[Value], String> {
    value.as_array().ok_or_else(|| format!("Expected an array but was of type {}", value.type_name()))
}

/// A string argument, or the complaint.
fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("Expected a string but was of type {}", value.type_name()))
}

/// A number argument rounded to the nearest integer, halves up (recorded: 1.5 is 2, -1.5 is -1), or the complaint.
fn integer(value: &Value) -> Result<i64, String> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Float(number) => {
            let rounded = (number + 0.5).floor();
            if (-9.0e15..=9.0e15).contains(&rounded) {
                Ok(rounded as i64)
            } else {
                Err(format!("Expected an integer but was: {}", value.to_json()))
            }
        }
        _ => Err(format!("Expected an integer but was of type {}", value.type_name())),
    }
}
