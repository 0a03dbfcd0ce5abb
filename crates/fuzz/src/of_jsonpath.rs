//! JSONPath: any text is read or refused, any path finds or fails; paths of names, indexes and wildcards find what a walk of ten
//! lines finds.

use jsonpath::Path;
use value::Value;

use crate::json::{self, NAMES};
use crate::of_value::shown;
use crate::rng::Rng;

/// One case.
///
/// # Errors
/// What went wrong, with the path and the document.
pub fn case(rng: &mut Rng) -> Result<(), String> {
    let document = json::document(rng, 5);
    let Ok(value) = Value::parse(&document) else { return Err(format!("not a document: {document}")) };
    let (text, simple) = if rng.chance(40) {
        let steps = simple(rng);
        (steps.iter().fold("$".to_owned(), |text, step| text + &step.text()), Some(steps))
    } else if rng.chance(5) {
        let pairs =
            [("[?(", ")]"), ("$..", ""), ("['a',", "]"), ("[?(@.a == $", ")]"), ("(", ")"), ("!", "")];
        (format!("${}", json::deep(rng, &pairs, "@.a")), None)
    } else {
        let path = path(rng);
        (if rng.chance(30) { json::mutated(rng, &path) } else { path }, None)
    };
    check(&text, &value, simple.as_deref())
        .map_err(|what| format!("{what}: {} in {}", shown(&text), shown(&document)))
}

fn check(text: &str, value: &Value, simple: Option<&[Step]>) -> Result<(), String> {
    let path = match Path::parse(text) {
        Ok(path) => path,
        Err(error) if simple.is_some() => return Err(format!("refused: {error}")),
        Err(error) => return if error.to_string().is_empty() { Err("no text".into()) } else { Ok(()) },
    };
    let found = path.evaluate(value);
    if path.evaluate(value).map(|found| found.to_json()).ok() != found.as_ref().map(Value::to_json).ok() {
        return Err("it finds something else the second time".to_owned());
    }
    match &found {
        Err(error) if error.to_string().is_empty() => return Err("an error without a text".to_owned()),
        Ok(found) if !path.is_definite() && !found.is_array() => {
            return Err("an indefinite path gives no list".to_owned());
        }
        _ => {}
    }
    let Some(steps) = simple else { return Ok(()) };
    let walked = walk(value, steps);
    let wanted =
        if path.is_definite() { walked.first().map(|one| one.to_json()) } else { Some(listed(&walked)) };
    // An indefinite path whose first steps do not fit the document may fail instead of finding nothing.
    if found.is_err() && !path.is_definite() && walked.is_empty() {
        return Ok(());
    }
    let got = found.ok().map(|found| found.to_json());
    if got == wanted { Ok(()) } else { Err(format!("{got:?} instead of {wanted:?}")) }
}

fn listed(values: &[&Value]) -> String {
    Value::from(values.iter().map(|value| (*value).clone()).collect::<Vec<_>>()).to_json()
}

enum Step {
    Name(&'static str),
    Index(i64),
    Wildcard,
}

impl Step {
    fn text(&self) -> String {
        match self {
            Step::Name(name) => format!("['{name}']"),
            Step::Index(index) => format!("[{index}]"),
            Step::Wildcard => "[*]".to_owned(),
        }
    }
}

fn simple(rng: &mut Rng) -> Vec<Step> {
    let step = |rng: &mut Rng| match rng.below(6) {
        0..=2 => Step::Name(rng.pick(NAMES)),
        3 => Step::Index(rng.below(5) as i64 - 2),
        _ => Step::Wildcard,
    };
    (0..=rng.below(4)).map(|_| step(rng)).collect()
}

/// What the steps lead to, one after the other.
fn walk<'v>(value: &'v Value, steps: &[Step]) -> Vec<&'v Value> {
    let mut places = vec![value];
    for step in steps {
        places = places
            .into_iter()
            .flat_map(|place| -> Vec<&Value> {
                match (step, place) {
                    (Step::Name(name), Value::Obj(members)) => members.get(name).into_iter().collect(),
                    (Step::Index(index), Value::Arr(items)) => {
                        let at = if *index < 0 { items.len() as i64 + index } else { *index };
                        usize::try_from(at).ok().and_then(|at| items.get(at)).into_iter().collect()
                    }
                    (Step::Wildcard, Value::Arr(items)) => items.iter().collect(),
                    (Step::Wildcard, Value::Obj(members)) => members.values().collect(),
                    _ => Vec::new(),
                }
            })
            .collect();
    }
    places
}

fn path(rng: &mut Rng) -> String {
    let mut text = "$".to_owned();
    for _ in 0..rng.below(5) {
        text.push_str(&step(rng, 2));
    }
    text
}

fn step(rng: &mut Rng, depth: usize) -> String {
    let name = rng.pick(NAMES);
    match rng.below(12) {
        0..=2 => format!(".{}", rng.pick(&["a", "b", "items", "name", "price"])),
        3 => format!("['{name}']"),
        4 => format!("[{}]", rng.below(6) as i64 - 2),
        5 => rng.pick(&[".*", "[*]", "..*"]).to_owned(),
        6 => format!("..{}", rng.pick(&["a", "b", "price", "items"])),
        7 => rng.pick(&["[1:]", "[:2]", "[0:2]", "[-1:]", "[1:-1]", "[0,2]", "[-5:9]"]).to_owned(),
        8 => format!("['{name}','{}']", rng.pick(NAMES)),
        _ if depth > 0 => format!("[?({})]", condition(rng, depth)),
        _ => ".a".to_owned(),
    }
}

fn condition(rng: &mut Rng, depth: usize) -> String {
    let operand = |rng: &mut Rng| match rng.below(8) {
        0..=3 => format!("@{}", step(rng, depth - 1)),
        4 => format!("${}", step(rng, 0)),
        5 => rng.pick(&["'a'", "'10'", "\"b\"", "''"]).to_owned(),
        6 => rng.pick(&["1", "2.5", "-1", "1e2"]).to_owned(),
        _ => rng.pick(&["true", "null", "[1,2]", "/a.*/i"]).to_owned(),
    };
    match rng.below(7) {
        0 => operand(rng),
        1 if depth > 1 => format!("{} && {}", condition(rng, depth - 1), condition(rng, depth - 1)),
        2 if depth > 1 => format!("!({} || {})", condition(rng, depth - 1), condition(rng, depth - 1)),
        _ => {
            let operators =
                ["==", "!=", "<", "<=", ">", ">=", "=~", "in", "nin", "size", "empty", "contains", "anyof"];
            format!("{} {} {}", operand(rng), rng.pick(&operators), operand(rng))
        }
    }
}
