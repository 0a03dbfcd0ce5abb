//! Intrinsic functions on shapes: what they make, and which calls must fail. What they do with values stands in `intrinsic`.

use value::Value;

use super::super::shape::{BOOLEAN, Found, Items, Members, NUMBER, STRING, Shape};
use super::expressions::{PastEnd, View};
use super::trail::Trail;
use super::{Analysis, FaultKind};
use crate::{Argument, Intrinsic, IntrinsicCall};

impl Analysis<'_> {
    /// The shape of a call. Recursion is bounded: the parser allows ten calls in each other.
    pub(super) fn intrinsic(
        &mut self,
        view: &View<'_>,
        call: &IntrinsicCall,
        text: &str,
        trail: &Trail<'_>,
    ) -> Shape {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(match argument {
                Argument::Literal(value) => Shape::of(value),
                Argument::Expression(expression) => self.expression(view, expression, trail, PastEnd::Fails),
            });
        }
        if self.is_reporting()
            && let Some(why) = why_it_fails(call.function, &arguments)
        {
            self.fault(view.state, trail.steps(), FaultKind::Intrinsic { call: text.to_owned(), why });
        }
        made(call.function, &arguments)
    }
}

/// What a call makes.
fn made(function: Intrinsic, arguments: &[Shape]) -> Shape {
    use Intrinsic::*;
    let first = arguments.first().cloned().unwrap_or(Shape::ANY);
    match function {
        Array => Shape::tuple(arguments.to_vec()),
        ArrayPartition => {
            let item = first.items().map_or(Shape::ANY, Items::item);
            Shape::array(Shape::array(item, None), None)
        }
        ArrayContains => Shape::scalar(BOOLEAN),
        ArrayRange => Shape::array(Shape::scalar(NUMBER), range_length(arguments)),
        ArrayGetItem => match arguments.get(1).and_then(Shape::literal) {
            Some(Value::Int(index)) => match first.index(*index) {
                Found::Missing => Shape::ANY,
                found => found.shape(),
            },
            _ => first.items().map_or(Shape::ANY, Items::item),
        },
        ArrayLength | MathRandom | MathAdd => Shape::scalar(NUMBER),
        ArrayUnique => {
            Shape::array(first.items().map_or(Shape::ANY, Items::item), first.items().and_then(Items::most))
        }
        Base64Encode | Base64Decode | Hash | JsonToString | Uuid | Format => Shape::scalar(STRING),
        JsonMerge => match (first.members(), arguments.get(1).and_then(Shape::members)) {
            (Some(left), Some(right)) => Shape::object(merged(left, right)),
            _ => Shape::some_object(),
        },
        StringToJson => Shape::ANY,
        StringSplit => Shape::array(Shape::scalar(STRING), None),
    }
}

/// The members of both, those of `right` before those of `left`.
fn merged(left: &Members, right: &Members) -> Members {
    let mut known = left.known.clone();
    if right.is_open {
        // Anything may have been replaced.
        known.values_mut().for_each(|member| member.shape = Shape::ANY);
    }
    for (name, member) in &right.known {
        let member = match known.get(name) {
            Some(before) if member.presence != super::super::shape::Presence::Always => {
                let shape = before.shape.join(&member.shape);
                super::super::shape::Member { shape, presence: before.presence }
            }
            _ => member.clone(),
        };
        known.insert(name.clone(), member);
    }
    Members { known, is_open: left.is_open || right.is_open }
}

/// How many numbers `States.ArrayRange` makes of literals.
fn range_length(arguments: &[Shape]) -> Option<usize> {
    let [Some(first), Some(last), Some(step)] =
        [0, 1, 2].map(|at| arguments.get(at).and_then(Shape::literal).and_then(Value::as_f64))
    else {
        return None;
    };
    if step == 0.0 || !step.is_finite() {
        return None;
    }
    let steps = ((last - first) / step).floor();
    Some(if steps < 0.0 { 0 } else { steps as usize + 1 })
}

/// Why a call must fail, if it must (developer guide, "Intrinsic functions").
fn why_it_fails(function: Intrinsic, arguments: &[Shape]) -> Option<String> {
    use Intrinsic::*;
    let wanted: &[Wanted] = match function {
        ArrayPartition | ArrayGetItem => &[Wanted::Array, Wanted::Number],
        ArrayContains | ArrayLength | ArrayUnique => &[Wanted::Array],
        ArrayRange => &[Wanted::Number, Wanted::Number, Wanted::Number],
        Base64Encode | Base64Decode | StringToJson => &[Wanted::String],
        Hash => &[Wanted::Anything, Wanted::String],
        JsonMerge => &[Wanted::Object, Wanted::Object, Wanted::Boolean],
        MathRandom => &[Wanted::Number, Wanted::Number, Wanted::Number],
        MathAdd => &[Wanted::Number, Wanted::Number],
        StringSplit => &[Wanted::String, Wanted::String],
        Format => &[Wanted::String],
        Array | JsonToString | Uuid => &[],
    };
    for (at, (shape, wanted)) in arguments.iter().zip(wanted).enumerate() {
        if !wanted.fits(shape) {
            let found = shape.describe();
            return Some(format!("argument {} is {found}, and has to be {}", at + 1, wanted.text()));
        }
    }
    why_a_literal_fails(function, arguments)
}

/// What is wrong with the values of literals.
fn why_a_literal_fails(function: Intrinsic, arguments: &[Shape]) -> Option<String> {
    let literal = |at: usize| arguments.get(at).and_then(Shape::literal);
    let number = |at: usize| literal(at).and_then(Value::as_f64);
    match function {
        Intrinsic::ArrayRange if number(2) == Some(0.0) => Some("the step is 0".to_owned()),
        Intrinsic::ArrayRange => range_length(arguments)
            .filter(|length| *length > 1000)
            .map(|length| format!("the range has {length} numbers, and 1,000 are the most")),
        Intrinsic::ArrayPartition => number(1)
            .filter(|size| *size < 1.0)
            .map(|_| "the size of the parts has to be positive".to_owned()),
        Intrinsic::ArrayGetItem => {
            let Some(Value::Int(index)) = literal(1) else { return None };
            let array = arguments.first().filter(|array| array.items().is_some())?;
            (array.index(*index) == Found::Missing).then(|| format!("the array has no item {index}"))
        }
        Intrinsic::Hash => {
            let algorithm = literal(1)?.as_str()?;
            let known = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];
            (!known.contains(&algorithm)).then(|| format!("`{algorithm}` is not one of {}", known.join(", ")))
        }
        Intrinsic::JsonMerge => {
            (literal(2)?.as_bool()?).then(|| "only `false` is supported: merging is shallow".to_owned())
        }
        Intrinsic::Format => format_fault(literal(0)?.as_str()?, arguments.len().saturating_sub(1)),
        _ => None,
    }
}

/// Placeholders that do not match the values. Any value can be put into a text, arrays and objects too (recorded).
fn format_fault(template: &str, values: usize) -> Option<String> {
    let mut chars = template.chars().peekable();
    let mut placeholders = 0;
    while let Some(ch) = chars.next() {
        match (ch, chars.peek()) {
            ('\\', Some(_)) => {
                chars.next();
            }
            ('{', Some('}')) => placeholders += 1,
            _ => {}
        }
    }
    if placeholders != values {
        return Some(format!("the template has {placeholders} `{{}}` and gets {values} values"));
    }
    None
}

#[derive(Clone, Copy)]
enum Wanted {
    Anything,
    Array,
    Object,
    Number,
    String,
    Boolean,
}

impl Wanted {
    fn fits(self, shape: &Shape) -> bool {
        match self {
            Wanted::Anything => true,
            Wanted::Array => shape.may_be_array(),
            Wanted::Object => shape.may_be_object(),
            Wanted::Number => shape.may_be(NUMBER),
            Wanted::String => shape.may_be(STRING),
            Wanted::Boolean => shape.may_be(BOOLEAN),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Wanted::Anything => "anything",
            Wanted::Array => "an array",
            Wanted::Object => "an object",
            Wanted::Number => "a number",
            Wanted::String => "a string",
            Wanted::Boolean => "a boolean",
        }
    }
}
