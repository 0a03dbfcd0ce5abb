//! The JSONata project's own test suite, at the version that the service has. It is not part of this repository: the test reads
//! it from a folder beside the workspace when it is there, and says that it is skipped otherwise.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its cases has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jsonata::{Context, Error, ErrorKind, Expression, Limits};
use value::Value;

/// Cases that must pass, of 1,625. The rest is named below.
const PASSED_MIN: usize = 1_600;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/jsonata-suite")
}

/// One case, or why it cannot be run.
struct Case {
    name: String,
    expression: String,
    input: Option<Value>,
    bindings: Value,
    wanted: Wanted,
    unordered: bool,
}

#[derive(Debug)]
enum Wanted {
    Value(Value),
    Nothing,
    Code(String),
}

fn read(path: &Path) -> Value {
    Value::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join("groups"))
        .unwrap()
        .flat_map(|group| fs::read_dir(group.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let content = read(&file);
        let items = content.as_array().map_or_else(|| vec![content.clone()], <[Value]>::to_vec);
        let several = items.len() > 1;
        for (at, item) in items.iter().enumerate() {
            let group = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
            let name = if several { format!("{group}/{stem}[{at}]") } else { format!("{group}/{stem}") };
            cases.push(case(name, item, &file));
        }
    }
    cases
}

fn case(name: String, item: &Value, file: &Path) -> Case {
    let expression = match item.get("expr") {
        Some(text) => text.as_str().unwrap().to_owned(),
        None => {
            let beside = item.get("expr-file").unwrap().as_str().unwrap();
            fs::read_to_string(file.parent().unwrap().join(beside)).unwrap()
        }
    };
    let input = match item.get("dataset").and_then(Value::as_str) {
        Some(dataset) => Some(read(&folder().join("datasets").join(format!("{dataset}.json")))),
        None => item.get("data").cloned(),
    };
    let code = item.get("code").or_else(|| item.get("error").and_then(|error| error.get("code")));
    let wanted = match (item.get("result"), code) {
        (Some(value), _) => Wanted::Value(value.clone()),
        (None, Some(code)) => Wanted::Code(code.as_str().unwrap().to_owned()),
        (None, None) => Wanted::Nothing,
    };
    Case {
        name,
        expression,
        input,
        bindings: item.get("bindings").cloned().unwrap_or_default(),
        wanted,
        unordered: item.get("unordered").is_some(),
    }
}

fn evaluate(case: &Case) -> Result<Option<Value>, Error> {
    let expression = Expression::compile(&case.expression)?;
    let started = Instant::now();
    expression.evaluate(&Context {
        input: case.input.as_ref(),
        variables: &|name| case.bindings.get(name).cloned(),
        now_ms: 1_800_000_000_000,
        random: &|| 0x0123_4567_89AB_CDEF,
        limits: Limits { steps: 5_000_000, ..Limits::default() },
        cancelled: &|| started.elapsed() > Duration::from_secs(20),
    })
}

fn passes(case: &Case, result: &Result<Option<Value>, Error>) -> bool {
    match (&case.wanted, result) {
        (Wanted::Value(wanted), Ok(Some(value))) => {
            value == wanted || (case.unordered && same_elements(value, wanted)) || near(value, wanted)
        }
        (Wanted::Nothing, Ok(value)) => value.is_none(),
        (Wanted::Code(code), Err(error)) => {
            error.code() == Some(code)
                || (code == "U1001" && matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Depth))
        }
        _ => false,
    }
}

fn same_elements(a: &Value, b: &Value) -> bool {
    let sorted = |value: &Value| {
        let mut items: Vec<String> =
            value.as_array().unwrap_or_default().iter().map(Value::to_json).collect();
        items.sort();
        items
    };
    sorted(a) == sorted(b)
}

/// The same but for the last digits of doubles, where the suite has those of JavaScript's arithmetic.
fn near(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(x), Some(y)) => (x - y).abs() <= y.abs() * 1e-14,
        _ => false,
    }
}

#[test]
fn the_suite_passes() {
    if !folder().exists() {
        println!("skipped: there is no suite at {}", folder().display());
        return;
    }
    let cases = cases();
    let mut passed = 0;
    for case in &cases {
        let result = evaluate(case);
        if passes(case, &result) {
            passed += 1;
            continue;
        }
        let shown = match &result {
            Ok(value) => format!("{value:?}"),
            Err(error) => format!("{error}"),
        };
        println!(
            "{}: {}\n    wanted {:?}\n    got    {shown}",
            case.name,
            case.expression.trim(),
            case.wanted
        );
    }
    println!("{passed} of {}", cases.len());
    assert!(passed >= PASSED_MIN, "{passed} of {} passed", cases.len());
}
