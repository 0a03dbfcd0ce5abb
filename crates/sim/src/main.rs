//! Runs the simulator over many seeds and says which one broke a rule.
//!
//! `sim [--seeds N] [--seed S] [--verbose]`: N seeds (1,000) from S (0) on; `--seed` alone runs that one. `--verbose` shows what each
//! run amounted to, and of a failed one everything that happened.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sim::Report;

/// Lines that are shown of what led to a broken rule, unless all are asked for.
const TRACE: usize = 40;
const USAGE: &str = "usage: sim [--seeds N] [--seed S] [--verbose]";

struct Options {
    first: u64,
    count: u64,
    verbose: bool,
}

fn options() -> Result<Options, pico_args::Error> {
    let mut args = pico_args::Arguments::from_env();
    let count: Option<u64> = args.opt_value_from_str("--seeds")?;
    let first: Option<u64> = args.opt_value_from_str("--seed")?;
    let verbose = args.contains("--verbose");
    let rest = args.finish();
    if let Some(unknown) = rest.first() {
        return Err(pico_args::Error::ArgumentParsingFailed {
            cause: format!("unexpected argument {unknown:?}"),
        });
    }
    let count = count.unwrap_or(if first.is_some() { 1 } else { 1_000 });
    Ok(Options { first: first.unwrap_or(0), count, verbose })
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let (report, failure) = run(&options);
    let seconds = began.elapsed().as_secs_f64();
    match failure {
        None => {
            println!("{} seeds in {seconds:.1} s: no rule was broken", options.count);
            println!("{report}");
            ExitCode::SUCCESS
        }
        Some((seed, breach)) => {
            let trace = sim::trace(seed);
            let from = if options.verbose { 0 } else { trace.len().saturating_sub(TRACE) };
            trace.iter().skip(from).for_each(|line| println!("{line}"));
            println!("seed {seed} breaks a rule {breach}");
            println!("again: cargo run --release -p sim -- --seed {seed}");
            ExitCode::FAILURE
        }
    }
}

/// All seeds, on all processors; the lowest seed that fails among those that were run.
fn run(options: &Options) -> (Report, Option<(u64, String)>) {
    let threads =
        std::thread::available_parallelism().map_or(1, |n| n.get() as u64).min(options.count.max(1));
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let limit = AtomicU64::new(options.count);
    let work = || {
        let (mut sum, mut failed) = (Report::default(), None);
        loop {
            let offset = next.fetch_add(1, Ordering::Relaxed);
            if offset >= limit.load(Ordering::Relaxed) {
                return (sum, failed);
            }
            let seed = options.first.wrapping_add(offset);
            match sim::run(seed, None) {
                Ok(report) => {
                    if options.verbose {
                        println!("seed {seed}: {report}");
                    }
                    sum.add(&report);
                }
                Err(breach) => {
                    limit.fetch_min(offset, Ordering::Relaxed);
                    failed = Some((seed, breach));
                }
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, options);
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| {
                worker.join().unwrap_or((Report::default(), Some((0, "and panics: see above".to_owned()))))
            })
            .collect()
    });
    let mut report = Report::default();
    results.iter().for_each(|(sum, _)| report.add(sum));
    (report, results.into_iter().filter_map(|(_, failed)| failed).min())
}

fn progress(done: u64, options: &Options) {
    let is_terminal = std::io::stderr().is_terminal();
    let every = if is_terminal { 100 } else { 10_000 };
    if done.is_multiple_of(every) {
        let end = if is_terminal { '\r' } else { '\n' };
        eprint!("{done} of {} seeds{end}", options.count);
    }
}
