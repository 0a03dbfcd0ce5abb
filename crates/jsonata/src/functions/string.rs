//! Functions on strings that need no pattern. Positions and lengths count characters, as the reference implementation does.

use value::Value;

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;
use crate::number;

fn text(evaluator: &mut Evaluator<'_>, text: String) -> Evaluated {
    evaluator.budget.string(text.len())?;
    Ok(Item::Value(Value::from(text)))
}

/// `$substring(str, start, length)`.
pub(super) fn substring(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    let start = args.number(1).unwrap_or(0.0);
    let length = args.number(2);
    if args.is_missing(1) && length.is_some() {
        // JavaScript calculates with no number here and finds nothing.
        return Ok(Item::Value(Value::from("")));
    }
    evaluator.budget.steps(string.len() as u64 / 16)?;
    let count = string.chars().count();
    #[expect(clippy::cast_precision_loss, reason = "strings are shorter than 2^53")]
    let total = count as f64;
    let start = if total + start < 0.0 { 0.0 } else { start };
    let end = match length {
        Some(length) if length <= 0.0 => return Ok(Item::Value(Value::from(""))),
        Some(length) if start >= 0.0 => start + length,
        Some(length) => total + start + length,
        None => total,
    };
    let (from, to) = (slice_index(start, count), slice_index(end, count));
    let offset = |at: usize| string.char_indices().nth(at).map_or(string.len(), |(offset, _)| offset);
    let part = if from < to { &string[offset(from)..offset(to)] } else { "" };
    text(evaluator, part.to_owned())
}

/// An index as JavaScript's `slice` takes it.
fn slice_index(index: f64, count: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, as wanted")]
    let index = index.trunc() as i64;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let at = if index < 0 { count.saturating_add(index).max(0) } else { index.min(count) };
    usize::try_from(at).unwrap_or(0)
}

/// `$substringBefore(str, chars)`.
pub(super) fn substring_before(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(string.len() as u64 / 16)?;
    let chars = args.text(1).unwrap_or_else(|| "undefined".into());
    match string.find(&*chars) {
        Some(at) => text(evaluator, string[..at].to_owned()),
        None => Ok(Item::Value(Value::Str(string))),
    }
}

/// `$substringAfter(str, chars)`.
pub(super) fn substring_after(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(string.len() as u64 / 16)?;
    let chars = args.text(1).unwrap_or_else(|| "undefined".into());
    match string.find(&*chars) {
        Some(at) => text(evaluator, string[at + chars.len()..].to_owned()),
        None => Ok(Item::Value(Value::Str(string))),
    }
}

/// `$lowercase(str)`.
pub(super) fn lowercase(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.text(0) {
        Some(string) => text(evaluator, string.to_lowercase()),
        None => Ok(Item::Undefined),
    }
}

/// `$uppercase(str)`.
pub(super) fn uppercase(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    match args.text(0) {
        Some(string) => text(evaluator, string.to_uppercase()),
        None => Ok(Item::Undefined),
    }
}

/// `$length(str)`: characters, not bytes or UTF-16 units.
pub(super) fn length(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(string.len() as u64 / 16)?;
    Ok(Item::Value(Value::from(string.chars().count())))
}

/// `$trim(str)`: also makes every run of blanks inside one space.
pub(super) fn trim(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(string.len() as u64 / 8)?;
    let words = string.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
    text(evaluator, words.collect::<Vec<_>>().join(" "))
}

/// `$pad(str, width, char)`: on the right, or on the left when the width is negative.
pub(super) fn pad(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(string) = args.text(0) else { return Ok(Item::Undefined) };
    let width = args.number(1).unwrap_or(0.0);
    let padding = args.text(2).filter(|p| !p.is_empty()).unwrap_or_else(|| " ".into());
    evaluator.budget.steps(string.len() as u64 / 16)?;
    let missing = number::floor_to_i64(width.abs()).saturating_sub(length_of(&string));
    let Ok(missing) = usize::try_from(missing) else { return Ok(Item::Value(Value::Str(string))) };
    if missing == 0 {
        return Ok(Item::Value(Value::Str(string)));
    }
    let longest = padding.chars().map(char::len_utf8).max().unwrap_or(1);
    let shortest = padding.chars().map(char::len_utf8).min().unwrap_or(1);
    evaluator.budget.string(string.len().saturating_add(missing.saturating_mul(shortest)))?;
    evaluator.budget.bytes(missing.saturating_mul(longest))?;
    let fill: String = padding.chars().cycle().take(missing).collect();
    text(evaluator, if width > 0.0 { format!("{string}{fill}") } else { format!("{fill}{string}") })
}

fn length_of(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// `$join(strings, separator)`.
pub(super) fn join(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(strings) = args.array(0) else { return Ok(Item::Undefined) };
    let separator = args.text(1).unwrap_or_else(|| "".into());
    let mut bytes = separator.len().saturating_mul(strings.len().saturating_sub(1));
    for string in &strings {
        bytes = bytes.saturating_add(string.as_str().map_or(0, str::len));
    }
    evaluator.budget.steps(strings.len() as u64)?;
    evaluator.budget.string(bytes)?;
    let mut out = String::with_capacity(bytes);
    for (at, string) in strings.iter().enumerate() {
        if at > 0 {
            out.push_str(&separator);
        }
        let Some(string) = string.as_str() else {
            return Err(Fault::new("T0412").text("index", "1".to_owned()));
        };
        out.push_str(string);
    }
    Ok(Item::Value(Value::from(out)))
}
