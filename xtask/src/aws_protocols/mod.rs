//! `cargo xtask aws-protocols`: requests of every operation of every service, and botocore's own protocol test cases, made and read by
//! `aws-model` and by botocore, compared. `expectations.py` says what botocore does. `--services N --seed S` draws N services; without
//! it all are compared, which takes some minutes.

mod case;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use value::Value;

use crate::codegen::BOTOCORE;
use crate::shell::{self, Result};
use crate::venv::Venv;

/// Differences that are shown.
const SHOWN_MAX: usize = 20;
/// Services that the stage of `ci` draws.
const SAMPLE: u32 = 20;

/// The stage of `ci`: some services, others every day, and the protocol test cases.
///
/// # Errors
/// The first differences.
pub fn stage(root: &Path) -> Result<()> {
    let day = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs() / 86_400);
    run(root, &["--services".to_owned(), SAMPLE.to_string(), "--seed".to_owned(), day.to_string()])
}

/// Compares; the arguments go to `expectations.py requests`.
///
/// # Errors
/// The first differences.
pub fn run(root: &Path, args: &[String]) -> Result<()> {
    let venv = Venv::ensure(root, "codegen-venv", &[BOTOCORE])?;
    let script = root.join("xtask/src/aws_protocols/expectations.py");
    let mut python = venv.command("python");
    python.arg(&script).arg("requests").args(args);
    println!("requests ({})", args.join(" "));
    let requests = compare(python)?;
    let folder = suites(root, &venv)?;
    let mut python = venv.command("python");
    python.arg(&script).arg("suites").arg(folder);
    println!("protocol test cases");
    let suites = compare(python)?;
    if requests + suites == 0 { Ok(()) } else { Err(format!("{} differences", requests + suites)) }
}

/// botocore's tests, which are in its source archive only.
fn suites(root: &Path, venv: &Venv) -> Result<PathBuf> {
    let folder = root.join("target/botocore-tests");
    let protocols = folder.join("protocols");
    if !protocols.exists() {
        let mut pip = venv.command("pip");
        pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--no-binary", ":all:", "--dest"]).arg(&folder).arg(BOTOCORE);
        shell::run(&mut pip)?;
        let archive = folder.join(format!("{}.tar.gz", BOTOCORE.replace("==", "-")));
        shell::run(
            Command::new("tar")
                .args(["--extract", "--strip-components=3", "--wildcards", "--directory"])
                .arg(&folder)
                .arg("--file")
                .arg(archive)
                .arg("*/tests/unit/protocols"),
        )?;
    }
    Ok(protocols)
}

/// Compares lines that `expectations.py` wrote before.
///
/// # Errors
/// The first differences.
pub fn compare_file(path: &Path) -> Result<()> {
    let file = std::fs::File::open(path).map_err(|error| shell::error("reading", path, &error))?;
    match compare_lines(BufReader::new(file))? {
        0 => Ok(()),
        differences => Err(format!("{differences} differences")),
    }
}

/// Compares all lines that the command writes, and returns how many differ.
fn compare(mut python: Command) -> Result<usize> {
    let mut child = python
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start the comparison: {error}"))?;
    let lines = child.stdout.take().ok_or("the comparison has no output")?;
    let differences = compare_lines(BufReader::new(lines))?;
    let status = child.wait().map_err(|error| format!("waiting for the comparison: {error}"))?;
    if status.success() { Ok(differences) } else { Err(format!("the expectations ended with {status}")) }
}

fn compare_lines(lines: impl BufRead) -> Result<usize> {
    let (mut counts, mut differences) = (BTreeMap::<String, usize>::new(), 0);
    for line in lines.lines() {
        let line = line.map_err(|error| format!("reading the expectations: {error}"))?;
        let line = Value::parse(&line).map_err(|error| format!("a line does not parse: {error}"))?;
        let case = case::Case::new(&line);
        *counts.entry(case.group()).or_default() += 1;
        if let Err(difference) = case.check() {
            differences += 1;
            if differences <= SHOWN_MAX {
                println!("{}: {difference}", case.name());
            }
        }
    }
    for (group, count) in counts {
        println!("  {count:6} {group}");
    }
    println!("  {differences} differences");
    Ok(differences)
}
