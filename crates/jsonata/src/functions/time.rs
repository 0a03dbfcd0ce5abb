//! Functions on times and on integers in words, letters and digits. Not for what pictures mean.

use value::Value;

use super::Args;
use crate::datetime;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;
use crate::number;

/// `$now(picture, timezone)`.
pub(super) fn now(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let now = evaluator.context.now_ms;
    formatted(evaluator, number::as_f64(&Value::Int(now)), args, 0)
}

/// `$millis()`.
pub(super) fn millis(evaluator: &mut Evaluator<'_>, _: &mut Args) -> Evaluated {
    Ok(Item::Value(Value::Int(evaluator.context.now_ms)))
}

/// `$fromMillis(millis, picture, timezone)`.
pub(super) fn from_millis(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.number(0) {
        Some(millis) => formatted(evaluator, millis, args, 1),
        None => Ok(Item::Undefined),
    }
}

fn formatted(evaluator: &mut Evaluator<'_>, millis: f64, args: &Args, at: usize) -> Evaluated {
    let (picture, timezone) = (args.text(at), args.text(at + 1));
    charge_picture(evaluator, picture.as_deref())?;
    let text = datetime::format(millis, picture.as_deref(), timezone.as_deref())?;
    evaluator.budget.string(text.len())?;
    Ok(Item::Value(Value::from(text)))
}

/// Work with a picture grows with its length; separators are looked for again and again.
fn charge_picture(evaluator: &mut Evaluator<'_>, picture: Option<&str>) -> Result<(), Fault> {
    let length = picture.map_or(0, str::len);
    evaluator.budget.steps(8 + length as u64 + (length as u64).pow(2) / 64)?;
    evaluator.budget.string(length.saturating_mul(8))
}

/// `$toMillis(timestamp, picture)`.
pub(super) fn to_millis(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(timestamp) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(timestamp.len() as u64)?;
    match args.text(1) {
        None => match datetime::parse_iso(&timestamp) {
            Some(millis) => Ok(Item::Value(number::value(millis))),
            None => Err(Fault::new("D3110").string("value", &timestamp)),
        },
        Some(picture) => {
            charge_picture(evaluator, Some(&picture))?;
            let now = evaluator.context.now_ms;
            let millis = datetime::parse(&timestamp, &picture, now, &mut evaluator.budget)?;
            Ok(millis.map(number::value).into())
        }
    }
}

/// `$formatInteger(n, picture)`.
pub(super) fn format_integer(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(number) = args.number(0) else { return Ok(Item::Undefined) };
    let picture = args.text(1).unwrap_or_default();
    charge_picture(evaluator, Some(&picture))?;
    let exact = match args.get(0) {
        Item::Value(Value::Int(i)) => Some(*i),
        _ => None,
    };
    let text = datetime::format_integer(number.floor(), exact, &picture)?;
    evaluator.budget.string(text.len())?;
    Ok(Item::Value(Value::from(text)))
}

/// `$parseInteger(string, picture)`.
pub(super) fn parse_integer(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    let picture = args.text(1).unwrap_or_default();
    charge_picture(evaluator, Some(&picture))?;
    evaluator.budget.steps(text.len() as u64)?;
    Ok(Item::Value(number::value(datetime::parse_integer(&text, &picture)?)))
}
