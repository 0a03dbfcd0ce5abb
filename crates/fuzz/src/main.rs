//! Fuzzing of what reads other people's text, by seeded generators instead of coverage: it needs no other compiler, and a seed
//! gives the same case on every machine. `cargo xtask fuzz` runs it; a case that went wrong becomes a test of the crate at fault.
//!
//! `fuzz TARGET [--seconds N] [--count N] [--seed S] [--trace]` runs cases one after the other, each on a seed of its own, and
//! stops at the first that goes wrong. `fuzz compare [--count N] [--seed S]` prints JSONata expressions with what they give here,
//! one JSON object a line, for another implementation to be held against.

mod expressions;
mod json;
mod of_asl;
mod of_jsonata;
mod of_jsonpath;
mod of_value;
mod rng;

use std::io::{IsTerminal as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rng::Rng;

/// One case of a target; the error is what went wrong.
type Case = fn(&mut Rng) -> Result<(), String>;

/// What there is to fuzz.
const TARGETS: &[(&str, Case)] = &[
    ("value", of_value::case),
    ("jsonpath", of_jsonpath::case),
    ("jsonata", of_jsonata::case),
    ("asl", of_asl::case),
];

/// The stack that a worker of the service has: recursion that needs more ends the process, as it would there.
const STACK_BYTES: usize = 2 << 20;
/// A case that takes longer hangs. Most take microseconds; a busy machine must not be blamed on them.
const SLOW: Duration = Duration::from_secs(5);
/// Cases between two lines that say how far it is, so that a process that dies says where to look.
const REPORT_EVERY: u64 = 256;

fn main() -> ExitCode {
    match run(pico_args::Arguments::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("fuzz: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: pico_args::Arguments) -> Result<(), String> {
    let target = args.subcommand().map_err(|error| error.to_string())?.unwrap_or_default();
    let mut number = |name| args.opt_value_from_str::<_, u64>(name).map_err(|error| error.to_string());
    let (seconds, count, seed) = (number("--seconds")?, number("--count")?, number("--seed")?);
    let trace = args.contains("--trace");
    if target == "compare" {
        return compare(count.unwrap_or(20_000), seed.unwrap_or(1));
    }
    let Some((name, case)) = TARGETS.iter().find(|(name, _)| *name == target).copied() else {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no target `{target}`: there are {} and compare", names.join(", ")));
    };
    let until =
        Instant::now() + Duration::from_secs(seconds.unwrap_or(if count.is_some() { 86_400 } else { 30 }));
    let body = move || cases(name, case, seed.unwrap_or(1), count.unwrap_or(u64::MAX), until, trace);
    let worker =
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(body).map_err(|error| error.to_string())?;
    worker.join().map_err(|_| "the worker died".to_owned())?
}

fn cases(name: &str, case: Case, first: u64, count: u64, until: Instant, trace: bool) -> Result<(), String> {
    let mut done = 0;
    // A log keeps every line that a terminal writes over.
    let every = if std::io::stdout().is_terminal() { REPORT_EVERY } else { REPORT_EVERY * 128 };
    while done < count && Instant::now() < until {
        let seed = first.wrapping_add(done);
        if trace || done.is_multiple_of(every) {
            print!("\r{name}: seed {seed}  ");
            if trace {
                println!();
            }
            std::io::stdout().flush().map_err(|error| error.to_string())?;
        }
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&mut Rng::new(seed))));
        let wrong = match outcome {
            Ok(Ok(())) if started.elapsed() <= SLOW => None,
            Ok(Ok(())) => Some(format!("it took {:.1} s", started.elapsed().as_secs_f64())),
            Ok(Err(wrong)) => Some(wrong),
            Err(_) => Some("it panicked".to_owned()),
        };
        if let Some(wrong) = wrong {
            println!();
            return Err(format!(
                "{name}, seed {seed}: {wrong}\nagain: cargo xtask fuzz {name} --seed {seed} --count 1"
            ));
        }
        done += 1;
    }
    println!("\r{name}: {done} cases from seed {first}, nothing went wrong");
    Ok(())
}

/// Prints expressions, their documents and what they give.
fn compare(count: u64, first: u64) -> Result<(), String> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for seed in first..first.saturating_add(count) {
        let rng = &mut Rng::new(seed);
        let document = json::object(rng, 3);
        let text = expressions::any(rng, 3);
        let (value, error) =
            match value::Value::parse(&document).map_err(|error| error.to_string()).and_then(|input| {
                let expression = jsonata::Expression::compile(&text).map_err(|error| error.to_string())?;
                of_jsonata::evaluate(&expression, &input)
            }) {
                Ok(value) => (value.map(|value| value.to_json()), None),
                Err(error) => (None, Some(error)),
            };
        let line = serde_json::json!({
            "seed": seed, "expression": text, "document": document, "value": value, "error": error,
        });
        writeln!(out, "{line}").map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())
}
