//! `cargo xtask bench jsonata jsonpath`: expressions here, in jsonata-js and in the crates that there are, in one run. What is
//! compared with is built and installed outside the workspace, under `target/`, so that it costs nobody else anything.
//! Not the measuring itself: that is `tests/bench/expressions`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::shell::{self, Result};

/// The names by which these measurements are asked for.
pub const NAMES: &[&str] = &["jsonata", "jsonpath"];

/// The project's own name among the implementations.
const OWN: &str = "stepwell";
/// How often each is measured; the fastest of each counts, since a busy machine only ever slows down.
const ROUNDS: usize = 3;

/// Nanoseconds by case and implementation, both in the order in which they came.
#[derive(Default)]
struct Times {
    cases: Vec<String>,
    implementations: Vec<String>,
    least: BTreeMap<(String, String), f64>,
}

impl Times {
    fn read(&mut self, output: &str) -> Result<()> {
        for line in output.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [case, implementation, nanoseconds] = columns[..] else {
                return Err(format!("not a measurement: `{line}`"));
            };
            let nanoseconds: f64 = nanoseconds.parse().map_err(|_| format!("not a time: `{line}`"))?;
            keep(&mut self.cases, case);
            keep(&mut self.implementations, implementation);
            let least =
                self.least.entry((case.to_owned(), implementation.to_owned())).or_insert(f64::INFINITY);
            *least = least.min(nanoseconds);
        }
        Ok(())
    }

    fn of(&self, case: &str, implementation: &str) -> f64 {
        let key = (case.to_owned(), implementation.to_owned());
        self.least.get(&key).copied().unwrap_or(f64::INFINITY)
    }
}

fn keep(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// Measures `jsonata` or `jsonpath` and prints a line for each case and each implementation.
///
/// # Errors
/// When something cannot be built, installed or run.
pub fn run(root: &Path, which: &str) -> Result<()> {
    let folder = root.join("tests/bench/expressions");
    let target = root.join("target/bench-expressions");
    let build = ["build", "--release", "--locked", "--quiet", "--target-dir"];
    shell::run(Command::new("cargo").args(build).arg(&target).current_dir(&folder))?;
    let script = match which {
        "jsonata" => Some(install_javascript(root)?),
        _ => None,
    };
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        times.read(&shell::output(Command::new(target.join("release/bench-expressions")).arg(which))?)?;
        if let Some(installed) = &script {
            times
                .read(&shell::output(Command::new("node").arg(folder.join("jsonata.mjs")).arg(installed))?)?;
        }
    }
    report(&times);
    Ok(())
}

fn report(times: &Times) {
    for case in &times.cases {
        let own = times.of(case, OWN);
        println!("{case:28} {own:10.0} ns");
        let others = times.implementations.iter().filter(|name| *name != OWN);
        for implementation in others {
            let other = times.of(case, implementation);
            let (ratio, goal) = (other / own, goal(implementation));
            let verdict = if ratio >= goal { "met" } else { "MISSED" };
            println!("    {implementation:24} {other:10.0} ns {ratio:8.2} >= {goal}  {verdict}");
        }
    }
}

/// How many times longer the other may take at least.
fn goal(implementation: &str) -> f64 {
    match implementation {
        "jlens-core" => 2.0,
        name if name.starts_with("jsonata-js") => 10.0,
        _ => 1.0,
    }
}

/// Installs jsonata-js as `tests/bench/expressions/package.json` says, once, and gives the folder that has it.
///
/// # Errors
/// When npm fails.
pub fn install_javascript(root: &Path) -> Result<std::path::PathBuf> {
    let folder = root.join("target/jsonata-js");
    if !folder.join("node_modules/jsonata").is_dir() {
        std::fs::create_dir_all(&folder).map_err(|error| shell::error("creating", &folder, &error))?;
        for file in ["package.json", "package-lock.json"] {
            let from = root.join("tests/bench/expressions").join(file);
            std::fs::copy(&from, folder.join(file))
                .map_err(|error| shell::error("copying", &from, &error))?;
        }
        shell::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    }
    Ok(folder)
}
