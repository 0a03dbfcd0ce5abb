//! `cargo xtask ci`: everything that a merge needs, as a table of stages that run one after the other and stop at the first
//! failure. `cargo xtask ci STAGE…` runs some of them. It is the same on a laptop and on the build machine.
//! The stages' work is done elsewhere; here is only their order and their report.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::shell::{self, Result};
use crate::{
    aws_protocols, clients, codegen, conformance, console, crash, e2e, fuzz, postgres, sdk, server, tidy,
};

/// How a stage ended.
pub enum Outcome {
    /// It held.
    Passed,
    /// It could not run here, and why.
    Skipped(String),
}

struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn(&Path) -> Result<Outcome>,
}

const STAGES: &[Stage] = &[
    Stage { name: "fmt", what: "the code is formatted", run: fmt },
    Stage { name: "clippy", what: "no warnings, all targets", run: clippy },
    Stage { name: "tidy", what: "the house rules", run: house_rules },
    Stage { name: "codegen", what: "the generated shapes are those of the service model", run: generated },
    Stage { name: "aws", what: "AWS requests and responses as botocore makes and reads them", run: aws },
    Stage { name: "test", what: "cargo test of the workspace", run: test },
    Stage { name: "doc", what: "the documentation builds, its links lead somewhere", run: doc },
    Stage { name: "console", what: "the console: types, lint, unit tests, build", run: console::run },
    Stage { name: "build", what: "the release build", run: build },
    Stage { name: "postgres", what: "the PostgreSQL store against a private cluster", run: postgres::run },
    Stage { name: "sim", what: "1,000 seeds of the simulator", run: sim },
    Stage { name: "fuzz", what: "two minutes of fuzzing, on seeds of its own each time", run: fuzzing },
    Stage { name: "clients", what: "AWS clients against the release binary", run: clients::run },
    Stage { name: "e2e", what: "journeys through the console in a browser", run: e2e::run },
    Stage { name: "sdk", what: "the SDKs for JavaScript and Rust against the release binary", run: sdk::run },
    Stage { name: "demo", what: "the first thing a newcomer runs, good and bad", run: demo },
    Stage { name: "crash", what: "5 rounds of kill and restart under load", run: crash_rounds },
    Stage { name: "conformance", what: "the recorded answers of the service", run: conformance::stage },
];

/// The stages' names and what they check, for `--list`.
#[must_use]
pub fn list() -> String {
    STAGES.iter().map(|stage| format!("{:12} {}\n", stage.name, stage.what)).collect()
}

/// Runs the named stages, or all, in the table's order, and prints how each ended and how long it took.
///
/// # Errors
/// The first failure, or a name that is no stage.
pub fn run(root: &Path, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|stage| stage.name != name.as_str())) {
        return Err(format!("no stage `{unknown}`; the stages are\n{}", list()));
    }
    let mut report: Vec<(&str, Duration, std::result::Result<Outcome, String>)> = Vec::new();
    for stage in STAGES.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name))
    {
        println!("\n=== {}: {}", stage.name, stage.what);
        let started = Instant::now();
        let outcome = (stage.run)(root);
        let failed = outcome.is_err();
        if let Err(message) = &outcome {
            println!("{message}");
        }
        report.push((stage.name, started.elapsed(), outcome));
        if failed {
            break;
        }
    }
    summarize(&report)
}

fn summarize(report: &[(&str, Duration, std::result::Result<Outcome, String>)]) -> Result<()> {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    println!("\n=== summary");
    for (name, time, outcome) in report {
        let (word, why) = match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                ("passed", "")
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                ("skipped", why.as_str())
            }
            Err(message) => {
                failed += 1;
                ("FAILED", message.lines().next().unwrap_or_default())
            }
        };
        println!("{name:12} {word:8} {:7.1} s  {why}", time.as_secs_f64());
    }
    let total: Duration = report.iter().map(|(_, time, _)| *time).sum();
    println!("{:12} {:8} {:7.1} s", "total", "", total.as_secs_f64());
    let note = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    println!("{passed} passed, {failed} failed{note}");
    if failed == 0 { Ok(()) } else { Err("a stage failed".to_owned()) }
}

fn cargo(root: &Path, args: &[&str]) -> Result<Outcome> {
    shell::run(Command::new("cargo").args(args).current_dir(root))?;
    Ok(Outcome::Passed)
}

fn fmt(root: &Path) -> Result<Outcome> {
    cargo(root, &["fmt", "--all", "--check"])
}

fn clippy(root: &Path) -> Result<Outcome> {
    cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])
}

fn house_rules(root: &Path) -> Result<Outcome> {
    tidy::run(root, false).map(|()| Outcome::Passed)
}

fn generated(root: &Path) -> Result<Outcome> {
    codegen::run(root, true).map(|()| Outcome::Passed)
}

fn aws(root: &Path) -> Result<Outcome> {
    aws_protocols::stage(root).map(|()| Outcome::Passed)
}

fn test(root: &Path) -> Result<Outcome> {
    cargo(root, &["test", "--workspace", "--locked"])
}

fn doc(root: &Path) -> Result<Outcome> {
    shell::run(
        Command::new("cargo")
            .args(["doc", "--workspace", "--no-deps", "--locked", "--document-private-items", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links")
            .current_dir(root),
    )?;
    Ok(Outcome::Passed)
}

fn build(root: &Path) -> Result<Outcome> {
    server::build(root).map(|()| Outcome::Passed)
}

fn sim(root: &Path) -> Result<Outcome> {
    shell::run(Command::new(root.join("target/release/sim")).args(["--seeds", "1000"]).current_dir(root))?;
    Ok(Outcome::Passed)
}

fn fuzzing(root: &Path) -> Result<Outcome> {
    fuzz::stage(root).map(|()| Outcome::Passed)
}

fn demo(root: &Path) -> Result<Outcome> {
    let binary = server::binary(root)?;
    if !shell::output(Command::new(&binary).arg("--help"))?.contains("demo") {
        return Ok(Outcome::Skipped("the binary has no `demo` yet".to_owned()));
    }
    let folder = server::scratch(root, "demo")?;
    for args in [&["demo", "--once"][..], &["demo", "--once", "--fail-payment"]] {
        let port = server::free_port()?.to_string();
        shell::run(Command::new(&binary).args(args).args(["--port", &port]).current_dir(&folder))?;
    }
    Ok(Outcome::Passed)
}

fn crash_rounds(root: &Path) -> Result<Outcome> {
    crash::run(root, 5)
}
