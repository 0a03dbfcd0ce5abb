//! Functions that take a pattern: a string, a regular expression, or a function that behaves like one. Not for the regular
//! expressions themselves.

use std::sync::Arc;

use smallvec::smallvec;
use value::{Object, Value};

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator, Function};
use crate::function::{self, FunctionId};
use crate::item::{ArgList, Item};
use crate::regex::Match;

/// A match, wherever it came from.
struct Found {
    text: Arc<str>,
    /// Byte offsets in the searched string.
    start: usize,
    end: usize,
    groups: Vec<Option<Arc<str>>>,
    /// The match as an object, when a function gave it or is to get it.
    object: Option<Value>,
    next: Next,
}

enum Next {
    /// Search on from here.
    Pattern(u32, usize),
    /// Ask this function.
    Function(FunctionId),
    None,
}

impl Evaluator<'_> {
    /// What calling a regular expression gives.
    pub(crate) fn match_object(&mut self, pattern: u32, text: Arc<str>, from: usize) -> Evaluated {
        match self.search(pattern, &text, from)? {
            Some(found) => self.as_object(pattern, &text, &found),
            None => Ok(Item::Undefined),
        }
    }

    /// What calling `next` of a match gives.
    pub(crate) fn following_match(&mut self, pattern: u32, text: Arc<str>, from: usize) -> Evaluated {
        match self.search_on(pattern, &text, from)? {
            Some(found) => self.as_object(pattern, &text, &found),
            None => Ok(Item::Undefined),
        }
    }

    fn search(&mut self, pattern: u32, text: &str, from: usize) -> Result<Option<Match>, Fault> {
        if from > text.len() {
            return Ok(None);
        }
        self.program.patterns[pattern as usize].find(text, from, &mut self.budget)
    }

    /// A search after a match: an empty one would never come to an end.
    fn search_on(&mut self, pattern: u32, text: &str, from: usize) -> Result<Option<Match>, Fault> {
        if from >= text.len() {
            return Ok(None);
        }
        match self.search(pattern, text, from)? {
            Some(found) if found.start == found.end => Err(Fault::new("D1004")),
            found => Ok(found),
        }
    }

    fn as_object(&mut self, pattern: u32, text: &Arc<str>, found: &Match) -> Evaluated {
        self.budget.string(found.end - found.start)?;
        self.budget.object(5 + found.groups.len())?;
        let part = |(start, end): (usize, usize)| Value::from(&text[start..end]);
        let groups: Vec<Value> = found.groups.iter().map(|group| self.group_value(group.map(part))).collect();
        let next = Function::NextMatch { pattern, text: Arc::clone(text), from: found.end };
        let next = self.make(next)?.into_value().unwrap_or_default();
        Ok(Item::Value(Value::Obj(Object::from_iter([
            ("match", part((found.start, found.end))),
            ("start", Value::from(utf16_offset(text, found.start))),
            ("end", Value::from(utf16_offset(text, found.end))),
            ("groups", Value::from(groups)),
            ("next", next),
        ]))))
    }
    /// The text of a group; one that took no part in the match has no value.
    fn group_value(&mut self, text: Option<Value>) -> Value {
        self.holes_seen |= text.is_none();
        text.unwrap_or_else(function::hole)
    }

    /// The first match of a pattern that is a function.
    fn first(&mut self, matcher: FunctionId, text: &Arc<str>) -> Result<Option<Found>, Fault> {
        if let Some(pattern) = self.pattern(matcher) {
            let found = self.search(pattern, text, 0)?;
            return Ok(found.map(|found| native(pattern, text, &found)));
        }
        let result = self.invoke(matcher, smallvec![Item::Value(Value::Str(Arc::clone(text)))])?;
        self.custom(&result, text)
    }

    /// The match after another.
    fn following(&mut self, found: &Found, text: &Arc<str>) -> Result<Option<Found>, Fault> {
        match found.next {
            Next::None => Err(Fault::new("T1010")),
            Next::Pattern(pattern, from) => {
                let found = self.search_on(pattern, text, from)?;
                Ok(found.map(|found| native(pattern, text, &found)))
            }
            Next::Function(next) => {
                if let Some((pattern, searched, from)) = self.next_match(next) {
                    let found = self.search_on(pattern, &searched, from)?;
                    return Ok(found.map(|found| native(pattern, &searched, &found)));
                }
                let result = self.invoke(next, ArgList::new())?;
                self.custom(&result, text)
            }
        }
    }

    /// Reads a match from what a function gave.
    fn custom(&mut self, result: &Item, text: &Arc<str>) -> Result<Option<Found>, Fault> {
        let Some(value) = result.to_value() else { return Ok(None) };
        let number = |key: &str| value.get(key).and_then(Value::as_f64);
        let next = value.get("next").and_then(crate::eval::function_of);
        let groups = value.get("groups").and_then(Value::as_array);
        if number("start").is_none() && number("end").is_none() && groups.is_none() && next.is_none() {
            if !self.truthy(result)? {
                return Ok(None);
            }
            return Err(Fault::new("T1010"));
        }
        self.budget.steps(text.len() as u64 / 16)?;
        let matched = value.get("match").and_then(Value::as_str).unwrap_or_default();
        let start = number("start").map_or(0, |units| byte_offset(text, units));
        let end = number("end").map_or(start + matched.len(), |units| byte_offset(text, units));
        let groups = groups.unwrap_or_default().iter().map(|group| group.as_str().map(Arc::from));
        Ok(Some(Found {
            text: matched.into(),
            start,
            end: end.max(start),
            groups: groups.collect(),
            next: next.map_or(Next::None, Next::Function),
            object: Some(value.clone()),
        }))
    }
}

fn native(pattern: u32, text: &str, found: &Match) -> Found {
    let groups = found.groups.iter().map(|group| group.map(|(start, end)| text[start..end].into()));
    Found {
        text: text[found.start..found.end].into(),
        start: found.start,
        end: found.end,
        groups: groups.collect(),
        object: None,
        next: Next::Pattern(pattern, found.end),
    }
}

fn utf16_offset(text: &str, offset: usize) -> usize {
    text[..offset].encode_utf16().count()
}

/// A byte offset from one in UTF-16 units.
fn byte_offset(text: &str, units: f64) -> usize {
    let mut left = units;
    for (offset, c) in text.char_indices() {
        if left < 1.0 {
            return offset;
        }
        left -= if c.len_utf16() == 2 { 2.0 } else { 1.0 };
    }
    text.len()
}

/// A limit on the number of matches; negative ones are errors.
fn limit(args: &Args, at: usize, code: &'static str) -> Result<Option<f64>, Fault> {
    match args.number(at) {
        Some(limit) if limit < 0.0 => Err(Fault::new(code)),
        limit => Ok(limit),
    }
}

/// Whether one more match is allowed.
fn more(limit: Option<f64>, count: u32) -> bool {
    limit.is_none_or(|limit| f64::from(count) < limit)
}

/// `$contains(str, pattern)`.
pub(super) fn contains(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(text.len() as u64 / 16)?;
    if let Some(token) = args.text(1) {
        return Ok(Item::bool(text.contains(&*token)));
    }
    match args.function(1) {
        Some(matcher) => Ok(Item::bool(evaluator.first(matcher, &text)?.is_some())),
        None => Err(Fault::new("T0410").text("index", "2".to_owned())),
    }
}

/// `$match(str, pattern, limit)`.
pub(super) fn match_all(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    let limit = limit(args, 2, "D3040")?;
    let (Some(matcher), true) = (args.function(1), more(limit, 0)) else {
        return Ok(Item::sequence(Vec::new()));
    };
    let mut out = Vec::new();
    let mut place = Utf16::default();
    let mut found = evaluator.first(matcher, &text)?;
    while let Some(current) = found {
        evaluator.budget.string(current.text.len())?;
        evaluator.budget.object(4 + current.groups.len())?;
        let groups: Vec<Value> = match current.object.as_ref().and_then(|object| object.get("groups")) {
            Some(Value::Arr(groups)) => groups.to_vec(),
            _ => current
                .groups
                .iter()
                .map(|group| evaluator.group_value(group.clone().map(Value::Str)))
                .collect(),
        };
        out.push(Value::Obj(Object::from_iter([
            ("match", Value::Str(Arc::clone(&current.text))),
            ("index", Value::from(place.of(&text, current.start))),
            ("groups", Value::from(groups)),
        ]))); // The next match is looked for even if it is not wanted any more: it may be an error.
        found = evaluator.following(&current, &text)?;
        if !more(limit, u32::try_from(out.len()).unwrap_or(u32::MAX)) {
            break;
        }
    }
    evaluator.budget.array(out.len())?;
    Ok(Item::sequence(out))
}

/// Offsets in UTF-16 units of offsets that mostly grow, without counting from the start each time.
#[derive(Default)]
struct Utf16 {
    offset: usize,
    units: usize,
}

impl Utf16 {
    fn of(&mut self, text: &str, offset: usize) -> usize {
        if offset < self.offset {
            *self = Utf16::default();
        }
        self.units += text[self.offset..offset].encode_utf16().count();
        self.offset = offset;
        self.units
    }
}

/// `$split(str, separator, limit)`.
pub(super) fn split(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    let limit = limit(args, 2, "D3020")?;
    let mut out = Vec::new();
    if !more(limit, 0) {
        return Ok(Item::array(out));
    }
    evaluator.budget.steps(text.len() as u64 / 16)?;
    if let Some(separator) = args.text(1) {
        // JavaScript takes whole numbers here.
        let most = limit.map_or(usize::MAX, |limit| limit.trunc() as usize);
        let parts: Box<dyn Iterator<Item = &str>> = if separator.is_empty() {
            Box::new(text.split("").filter(|part| !part.is_empty()))
        } else {
            Box::new(text.split(&*separator))
        };
        for part in parts.take(most) {
            evaluator.budget.string(part.len())?;
            evaluator.budget.bytes(size_of::<Value>())?;
            out.push(Value::from(part));
        }
        evaluator.budget.array(out.len())?;
        return Ok(Item::array(out));
    }
    let Some(matcher) = args.function(1) else { return Ok(Item::array(vec![Value::Str(text)])) };
    let Some(mut current) = evaluator.first(matcher, &text)? else {
        return Ok(Item::array(vec![Value::Str(text)]));
    };
    let mut start = 0;
    let mut count = 0;
    loop {
        let part = text.get(start..current.start).unwrap_or_default();
        evaluator.budget.string(part.len())?;
        out.push(Value::from(part));
        start = current.end;
        count += 1;
        let next = evaluator.following(&current, &text)?;
        if !more(limit, count) {
            return Ok(Item::array(out));
        }
        match next {
            Some(next) => current = next,
            None => break,
        }
    }
    out.push(Value::from(text.get(start..).unwrap_or_default()));
    evaluator.budget.array(out.len())?;
    Ok(Item::array(out))
}

/// `$replace(str, pattern, replacement, limit)`.
pub(super) fn replace(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    if args.text(1).is_some_and(|pattern| pattern.is_empty()) {
        return Err(Fault::new("D3010"));
    }
    let limit = limit(args, 3, "D3011")?;
    if !more(limit, 0) {
        return Ok(Item::Value(Value::Str(text)));
    }
    evaluator.budget.steps(text.len() as u64 / 16)?;
    match args.text(1) {
        Some(pattern) => replace_text(evaluator, &text, &pattern, args, limit),
        None => replace_matches(evaluator, &text, args, limit),
    }
}

fn replace_text(
    evaluator: &mut Evaluator<'_>,
    text: &str,
    pattern: &str,
    args: &Args,
    limit: Option<f64>,
) -> Evaluated {
    let replacement = args.text(2);
    let mut out = String::new();
    let mut rest = text;
    let mut count = 0;
    while let (Some(at), true) = (rest.find(pattern), more(limit, count)) {
        out.push_str(&rest[..at]);
        let Some(replacement) = &replacement else { return Err(Fault::new("D3012")) };
        out.push_str(replacement);
        rest = &rest[at + pattern.len()..];
        count += 1;
        evaluator.budget.steps(1)?;
        within(evaluator, &out)?;
    }
    out.push_str(rest);
    evaluator.budget.string(out.len())?;
    Ok(Item::Value(Value::from(out)))
}

/// A string that grows must not outgrow the limit.
fn within(evaluator: &Evaluator<'_>, out: &str) -> Result<(), Fault> {
    if out.len() as u64 > evaluator.budget.limits.value_bytes { Err(Fault::memory()) } else { Ok(()) }
}

fn replace_matches(
    evaluator: &mut Evaluator<'_>,
    text: &Arc<str>,
    args: &Args,
    limit: Option<f64>,
) -> Evaluated {
    let Some(matcher) = args.function(1) else { return Ok(Item::Value(Value::Str(Arc::clone(text)))) };
    let mut out = String::new();
    let mut position = 0;
    let mut count = 0;
    let mut found = evaluator.first(matcher, text)?;
    while let Some(current) = found {
        out.push_str(text.get(position..current.start).unwrap_or_default());
        match (args.text(2), args.function(2)) {
            (Some(template), _) => substitute(&template, &current, &mut out),
            (None, Some(function)) => {
                let argument = argument(evaluator, &current, text)?;
                match evaluator.invoke(function, smallvec![argument])? {
                    Item::Value(Value::Str(replacement)) => out.push_str(&replacement),
                    _ => return Err(Fault::new("D3012")),
                }
            }
            (None, None) => return Err(Fault::new("D3012")),
        }
        within(evaluator, &out)?;
        position = current.start + current.text.len();
        count += 1;
        found = evaluator.following(&current, text)?;
        if !more(limit, count) {
            break;
        }
    }
    out.push_str(text.get(position..).unwrap_or_default());
    evaluator.budget.string(out.len())?;
    Ok(Item::Value(Value::from(out)))
}

/// The match as the object that a replacing function gets.
fn argument(evaluator: &mut Evaluator<'_>, found: &Found, text: &Arc<str>) -> Evaluated {
    if let Some(object) = &found.object {
        return Ok(Item::Value(object.clone()));
    }
    let Next::Pattern(pattern, from) = found.next else { return Ok(Item::Undefined) };
    evaluator.budget.object(6 + found.groups.len())?;
    evaluator.budget.steps(found.end as u64 / 16)?;
    let groups: Vec<Value> =
        found.groups.iter().map(|group| evaluator.group_value(group.clone().map(Value::Str))).collect();
    let next = evaluator.make(Function::NextMatch { pattern, text: Arc::clone(text), from })?;
    Ok(Item::Value(Value::Obj(Object::from_iter([
        ("match", Value::Str(Arc::clone(&found.text))),
        ("start", Value::from(utf16_offset(text, found.start))),
        ("end", Value::from(utf16_offset(text, found.end))),
        ("groups", Value::from(groups)),
        ("next", next.into_value().unwrap_or_default()),
    ]))))
}

/// Copies a replacement, with `$0` for the match, `$1` and so on for groups and `$$` for a dollar.
fn substitute(template: &str, found: &Found, out: &mut String) {
    let groups = found.groups.len();
    let digits_max = if groups == 0 { 1 } else { groups.ilog10() as usize + 1 };
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix('0') {
            out.push_str(&found.text);
            rest = after;
            continue;
        }
        let digits = rest.bytes().take(digits_max).take_while(u8::is_ascii_digit).count();
        let number = |digits: usize| rest[..digits].parse::<usize>().ok();
        let mut index = number(digits);
        if digits > 1 && index.is_some_and(|index| index > groups) {
            index = number(digits - 1);
        }
        let Some(index) = index else {
            out.push('$');
            continue;
        };
        if let Some(Some(group)) = index.checked_sub(1).and_then(|at| found.groups.get(at)) {
            out.push_str(group);
        }
        rest = &rest[index.to_string().len()..];
    }
    out.push_str(rest);
}
