//! `cargo xtask fuzz`: seeded fuzzing of what reads other people's text, and JSONata held against jsonata-js. The cases are made by
//! the crate `fuzz`; here is which of them run, for how long, and on which seeds.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::bench::expressions::install_javascript;
use crate::shell::{self, Result};

/// What there is to fuzz, as `fuzz` names it.
const TARGETS: &[&str] = &["value", "jsonpath", "jsonata", "asl"];
/// How long each target runs in `ci`: two minutes in all.
const CI_SECONDS: u64 = 30;

/// What was asked for.
pub struct Options {
    /// Targets; none for all.
    pub targets: Vec<String>,
    /// Seconds for each target.
    pub seconds: Option<u64>,
    /// Cases of each target, instead of seconds.
    pub count: Option<u64>,
    /// The first seed; another one at each call unless told.
    pub seed: Option<u64>,
    /// Hold JSONata against jsonata-js instead.
    pub against_javascript: bool,
}

/// Fuzzes. The release binaries must have been built.
///
/// # Errors
/// An unknown target, or the first case that went wrong, with the command that repeats it.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    if let Some(unknown) = options.targets.iter().find(|target| !TARGETS.contains(&target.as_str())) {
        return Err(format!("nothing to fuzz is called `{unknown}`: there are {}", TARGETS.join(", ")));
    }
    let seed = options.seed.unwrap_or_else(another_seed);
    if options.against_javascript {
        return compare(root, options.count.unwrap_or(20_000), seed);
    }
    let chosen =
        |target: &&&str| options.targets.is_empty() || options.targets.iter().any(|one| one == **target);
    for target in TARGETS.iter().filter(chosen) {
        let mut fuzz = Command::new(root.join("target/release/fuzz"));
        fuzz.args([target, "--seed", &seed.to_string()]).current_dir(root);
        match (options.count, options.seconds) {
            (Some(count), _) => fuzz.args(["--count", &count.to_string()]),
            (None, seconds) => fuzz.args(["--seconds", &seconds.unwrap_or(30).to_string()]),
        };
        shell::run(&mut fuzz).map_err(|error| {
            format!("{error}\nif it died without a word, look for the case with `--trace` from the last seed that it printed")
        })?;
    }
    Ok(())
}

/// The stage of `ci`.
///
/// # Errors
/// As [`run`].
pub fn stage(root: &Path) -> Result<()> {
    let options = Options {
        targets: Vec::new(),
        seconds: Some(CI_SECONDS),
        count: None,
        seed: None,
        against_javascript: false,
    };
    run(root, &options)
}

/// Seconds since 1970, spread: cases of two calls do not overlap.
fn another_seed() -> u64 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs());
    seconds.wrapping_mul(10_000_000) % 1_000_000_000_000_000
}

/// Expressions with what they give here, held against jsonata-js 2.0.6: at least 99.9 % must agree.
fn compare(root: &Path, count: u64, seed: u64) -> Result<()> {
    let installed = install_javascript(root)?;
    let mut fuzz = Command::new(root.join("target/release/fuzz"));
    fuzz.args(["compare", "--count", &count.to_string(), "--seed", &seed.to_string()]);
    let file = root.join("target/jsonata-js/cases.jsonl");
    let cases = shell::output(&mut fuzz)?;
    std::fs::write(&file, cases).map_err(|error| shell::error("writing", &file, &error))?;
    let mut node = Command::new("node");
    node.arg(root.join("tests/fuzz/compare.mjs")).arg(&installed).arg(&file);
    println!("{count} expressions from seed {seed}");
    shell::run(&mut node)
}
