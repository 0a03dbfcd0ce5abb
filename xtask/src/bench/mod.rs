//! `cargo xtask bench`: how fast the release binary is, load generator included, and how that compares with the goals.
//! Goals are ratios within one run, so that they mean the same on any machine: the server's own empty handler, bare SQLite writing
//! the same rows, the bytes of the records. It reports and never fails; numbers of a busy machine prove nothing.

pub mod expressions;
mod http;
pub mod sleepers;
mod storage;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::server::{self, Listener};
use crate::shell::{self, Result};
use http::{Connection, Until, load};

/// Connections of the load, as the goals say.
const CONNECTIONS: usize = 64;
/// How long each rate is measured.
const SPAN: Duration = Duration::from_secs(4);
/// Executions of the durable measurement.
const EXECUTIONS: usize = 40_000;
const ROLE: &str = "arn:aws:iam::000000000000:role/any";

/// What to measure.
pub struct Options {
    /// Express children of one Distributed Map; 0 leaves that measurement out.
    pub children: usize,
}

/// Starts a server and measures it.
///
/// # Errors
/// When the server refuses something or breaks.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let binary = server::binary(root)?;
    let scratch = server::scratch(root, "bench")?;
    println!("interpreter, one core (goal: 1 million Pass transitions a second)");
    let example =
        ["run", "--release", "--locked", "--quiet", "--package", "interpreter", "--example", "transitions"];
    shell::run(Command::new("cargo").args(example).current_dir(root))?;
    println!();
    println!("definitions");
    let example = ["run", "--release", "--locked", "--quiet", "--package", "asl", "--example", "definitions"];
    shell::run(Command::new("cargo").args(example).current_dir(root))?;
    println!();
    let serve = |name: &str| -> Result<(Listener, String)> {
        let port = server::free_port()?;
        let host = format!("127.0.0.1:{port}");
        let mut command = Command::new(&binary);
        command.args(["serve", "--listen", &host, "--data-dir"]).arg(scratch.join(name));
        Ok((Listener::start(command, port, &scratch.join(format!("{name}.log")))?, host))
    };
    {
        let (_server, host) = serve("express")?;
        express(&host)?;
    }
    {
        let (server, host) = serve("standard")?;
        standard(root, &scratch.join("standard"), server, &host)?;
    }
    if options.children > 0 {
        let (_server, host) = serve("map")?;
        distributed_map(&host, options.children)?;
    }
    Ok(())
}

/// Measures lists over a million finished executions, and retention beside starts: in the embedded store, in a process of its own.
///
/// # Errors
/// When it cannot be built or run.
pub fn list_million(root: &Path) -> Result<()> {
    let example =
        ["run", "--release", "--locked", "--quiet", "--package", "store-sqlite", "--example", "list_million"];
    shell::run(Command::new("cargo").args(example).current_dir(root))
}

/// Measures only these languages, beside other implementations of them.
///
/// # Errors
/// A name that is none, and when something cannot be built or run.
pub fn languages(root: &Path, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !expressions::NAMES.contains(&name.as_str())) {
        return Err(format!("no measurement `{unknown}`: there are {}", expressions::NAMES.join(", ")));
    }
    names.iter().try_for_each(|name| expressions::run(root, name))
}

/// One line of the report: a value, and a goal with the figure that is held against it (`true`: at least).
fn line(name: &str, value: f64, unit: &str, goal: Option<(f64, f64, bool)>) {
    let verdict = goal.map_or_else(String::new, |(figure, goal, at_least)| {
        let (met, sign) = if at_least { (figure >= goal, ">=") } else { (figure <= goal, "<=") };
        format!("{figure:10.2} {sign} {goal}  {}", if met { "met" } else { "MISSED" })
    });
    println!("{name:44} {value:12.1} {unit:6} {verdict}");
}

fn express(host: &str) -> Result<()> {
    let path = ["/health", "/healthz", "/console/api/v1/health"]
        .into_iter()
        .find(|path| Connection::open(host).and_then(|mut connection| connection.get(path)).is_ok())
        .ok_or("the server answers no health path, so there is nothing to compare with")?;
    let empty = load(host, CONNECTIONS, Until::Time(SPAN), |connection, _| connection.get(path))?;
    line("empty handler", empty.per_second(), "/s", None);
    for (states, goal) in [(1, 0.60), (10, 0.35)] {
        let machine = create(host, &format!("express{states}"), &passes(states), "EXPRESS")?;
        let body = format!(r#"{{"stateMachineArn":"{machine}","input":"{{\"a\":1}}"}}"#);
        let rate = load(host, CONNECTIONS, Until::Time(SPAN), |connection, _| {
            connection.call("StartSyncExecution", &body)
        })?;
        let ratio = rate.per_second() / empty.per_second();
        line(&format!("express sync, {states} Pass"), rate.per_second(), "/s", Some((ratio, goal, true)));
        line(&format!("express sync, {states} Pass, p50"), rate.quantile_ms(0.5), "ms", None);
        line(&format!("express sync, {states} Pass, p99"), rate.quantile_ms(0.99), "ms", None);
    }
    Ok(())
}

fn standard(root: &Path, data: &Path, server: Listener, host: &str) -> Result<()> {
    let machine = create(host, "pass10", &passes(10), "STANDARD")?;
    let before = server.written_bytes();
    let started = Instant::now();
    let start = |connection: &mut Connection, number: usize| {
        let body = format!(r#"{{"stateMachineArn":"{machine}","name":"n{number}","input":"{{\"a\":1}}"}}"#);
        connection.call("StartExecution", &body)
    };
    let starts = load(host, CONNECTIONS, Until::Count(EXECUTIONS), start)?;
    wait_until_none_runs(host, &machine)?;
    let done = started.elapsed();
    let rate = EXECUTIONS as f64 / done.as_secs_f64();
    line("standard pass10, acknowledged", starts.per_second(), "/s", None);
    line("standard pass10, start p99", starts.quantile_ms(0.99), "ms", None);
    line("standard pass10, finished", rate, "/s", Some((rate, 15_000.0, true)));
    let written = server.written_bytes().saturating_sub(before);
    drop(server);
    let floor = storage::bare_sqlite(root, data, written, EXECUTIONS)?;
    line(
        "bare SQLite, same rows, same groups",
        floor.executions_per_second,
        "/s",
        Some((rate / floor.executions_per_second, 0.30, true)),
    );
    line(
        "bytes written by an execution",
        written as f64 / EXECUTIONS as f64,
        "B",
        Some((floor.amplification, 4.0, false)),
    );
    Ok(())
}

fn wait_until_none_runs(host: &str, machine: &str) -> Result<()> {
    let mut connection = Connection::open(host)?;
    let body = format!(r#"{{"stateMachineArn":"{machine}","statusFilter":"RUNNING","maxResults":1}}"#);
    while !connection.call("ListExecutions", &body)?.contains(r#""executions":[]"#) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn distributed_map(host: &str, children: usize) -> Result<()> {
    // The items come from an expression, so that no input has to hold a million of them.
    let definition = format!(
        r#"{{"QueryLanguage":"JSONata","StartAt":"M","States":{{"M":{{"Type":"Map","Items":"{{% [1..{children}] %}}","MaxConcurrency":0,
            "ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},"StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}},
            "Output":"done","End":true}}}}}}"#
    );
    let machine = create(host, "map", &definition, "STANDARD")?;
    let started = Instant::now();
    Connection::open(host)?.call("StartExecution", &format!(r#"{{"stateMachineArn":"{machine}"}}"#))?;
    wait_until_none_runs(host, &machine)?;
    let seconds = started.elapsed().as_secs_f64();
    let goal = 10.0 * children as f64 / 1e6;
    line(
        &format!("distributed map, {children} express children"),
        children as f64 / seconds,
        "/s",
        Some((seconds, goal, false)),
    );
    Ok(())
}

fn create(host: &str, name: &str, definition: &str, kind: &str) -> Result<String> {
    let body = serde_json::json!({"name": name, "definition": definition, "roleArn": ROLE, "type": kind});
    let answer = Connection::open(host)?.call("CreateStateMachine", &body.to_string())?;
    let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    answer["stateMachineArn"].as_str().map(str::to_owned).ok_or_else(|| "no ARN in the answer".to_owned())
}

/// A chain of Pass states that change nothing.
fn passes(count: usize) -> String {
    let state = |number: usize| {
        let then = if number + 1 == count {
            r#""End":true"#.to_owned()
        } else {
            format!(r#""Next":"P{}""#, number + 1)
        };
        format!(r#""P{number}":{{"Type":"Pass",{then}}}"#)
    };
    format!(r#"{{"StartAt":"P0","States":{{{}}}}}"#, (0..count).map(state).collect::<Vec<_>>().join(","))
}
