//! How long expressions take here and in other crates, in one process, on the same data. One line a measurement:
//! case, implementation, nanoseconds, with tabs between. What it means is for `cargo xtask bench` to say.
//!
//! Every implementation has its expression compiled and its data in the form that it likes best, and ends with a value.

mod jsonata_cases;
mod jsonpath_cases;

use std::hint::black_box;
use std::time::{Duration, Instant};

/// One implementation of one case, ready to run.
pub struct Contender {
    /// Its name in the report.
    pub name: &'static str,
    /// Evaluates once and says how large the result is, so that it cannot be left out.
    pub run: Box<dyn FnMut() -> usize>,
}

/// One case: an expression and the data that it is for, as text.
pub struct Case {
    /// Its name in the report.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// The data.
    pub data: String,
}

/// The least time of one sample: short, so that a busy machine leaves some of them alone.
const SAMPLE: Duration = Duration::from_micros(500);
/// Samples of each implementation; the fastest counts.
const SAMPLES: usize = 61;

fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let only = std::env::args().nth(2);
    let contender = std::env::args().nth(3);
    let contenders = match which.as_str() {
        "jsonata" => jsonata_cases::contenders,
        "jsonpath" => jsonpath_cases::contenders,
        _ => panic!("usage: bench-expressions jsonata|jsonpath [CASE [IMPLEMENTATION]]"),
    };
    for case in cases(&which) {
        if only.as_ref().is_some_and(|only| !case.name.starts_with(only.as_str())) {
            continue;
        }
        let mut contenders = contenders(&case);
        contenders.retain(|one| contender.as_ref().is_none_or(|contender| one.name == contender));
        for (name, nanoseconds) in measure(contenders) {
            println!("{}\t{name}\t{nanoseconds:.1}", case.name);
        }
    }
}

fn cases(which: &str) -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_str(&read("cases")).unwrap();
    let text = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap().to_owned();
    let of = |case: &serde_json::Value| Case {
        name: text(case, "name"),
        expression: text(case, "expression"),
        data: read(&text(case, "data")),
    };
    cases[which].as_array().unwrap().iter().map(of).collect()
}

/// The least time of each, their samples taken in turn so that a disturbance hits all of them.
fn measure(mut contenders: Vec<Contender>) -> Vec<(&'static str, f64)> {
    let counts: Vec<u32> = contenders.iter_mut().map(calibrate).collect();
    let mut least = vec![f64::INFINITY; contenders.len()];
    for _ in 0..SAMPLES {
        for (at, (contender, count)) in contenders.iter_mut().zip(&counts).enumerate() {
            let time = time(contender, *count).as_nanos() as f64 / f64::from(*count);
            least[at] = least[at].min(time);
        }
    }
    contenders.iter().map(|contender| contender.name).zip(least).collect()
}

fn calibrate(contender: &mut Contender) -> u32 {
    let mut count = 1;
    while time(contender, count) < SAMPLE {
        count *= 2;
    }
    count
}

fn time(contender: &mut Contender, count: u32) -> Duration {
    let started = Instant::now();
    for _ in 0..count {
        black_box((contender.run)());
    }
    started.elapsed()
}
