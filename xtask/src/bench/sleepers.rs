//! `cargo xtask bench wait-million`: many executions that wait, started through the API. What they cost in memory, how soon the
//! server is ready after SIGKILL, and how late those are whose time comes then.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::http::{Connection, Until, load};
use super::{CONNECTIONS, create, line};
use crate::server::{self, Listener};
use crate::shell::Result;

/// How many of the sleepers wake a second in the part of the measurement in which they do.
const WAKING_PER_SECOND: usize = 2_000;
/// Seconds between the last start and the first waking, besides those that the starts of the waking ones take.
const LEAD_SECONDS: i64 = 20;
/// Starts a second that are counted on.
const STARTS_PER_SECOND: usize = 1_000;
/// How long nothing may change before the rest counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to measure.
pub struct Options {
    /// Executions that sleep for a day.
    pub count: usize,
    /// Executions besides whose time comes after the restart.
    pub waking: usize,
}

/// Measures.
///
/// # Errors
/// When the server refuses something, breaks, or loses somebody.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let binary = server::binary(root)?;
    let scratch = server::scratch(root, "wait-million")?;
    let serve = || -> Result<(Listener, String)> {
        let port = server::free_port()?;
        let host = format!("127.0.0.1:{port}");
        let mut command = Command::new(&binary);
        command.args(["serve", "--listen", &host, "--data-dir"]).arg(scratch.join("data"));
        Ok((Listener::start(command, port, &scratch.join("server.log"))?, host))
    };
    let (server, host) = serve()?;
    line("memory before", megabytes(&server), "MB", None);
    sleepers(&host, options.count)?;
    let first = now_ms()? / 1000 + LEAD_SECONDS + (options.waking / STARTS_PER_SECOND) as i64;
    waking(&host, options.waking, first)?;
    std::thread::sleep(Duration::from_secs(2));
    let memory = megabytes(&server);
    line("memory with all asleep", memory, "MB", Some((memory, 500.0, false)));
    server.kill();
    let killed = Instant::now();
    let (server, host) = serve()?;
    Connection::open(&host)?.call("ListStateMachines", "{}")?;
    let ready = killed.elapsed().as_secs_f64();
    line("ready after SIGKILL", ready, "s", Some((ready, 5.0, false)));
    let late = first - now_ms()? / 1000;
    if late < 0 {
        println!("the first were due {} s before the server was back: their lag counts that", -late);
    }
    let lags = wait_for_wakers(&host, options.waking)?;
    let lag = |share: f64| lags.get(((lags.len() as f64 * share) as usize).min(lags.len().saturating_sub(1)));
    for (name, share) in [("lag p50", 0.5), ("lag p99", 0.99), ("lag worst", 1.0)] {
        let lag = lag(share).copied().unwrap_or_default();
        let goal = (share == 0.99).then_some((lag, 1_000.0, false));
        line(name, lag, "ms", goal);
    }
    let memory = megabytes(&server);
    line("memory after the waking", memory, "MB", Some((memory, 500.0, false)));
    Ok(())
}

fn megabytes(server: &Listener) -> f64 {
    server.memory_bytes() as f64 / 1e6
}

fn now_ms() -> Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    i64::try_from(since.as_millis()).map_err(|error| error.to_string())
}

fn sleepers(host: &str, count: usize) -> Result<()> {
    let definition = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":86400,"End":true}}}"#;
    let machine = create(host, "sleeper", definition, "STANDARD")?;
    let body = format!(r#"{{"stateMachineArn":"{machine}","input":"{{\"order\":1}}"}}"#);
    let rate = load(host, CONNECTIONS, Until::Count(count), |connection, _| {
        connection.call("StartExecution", &body)
    })?;
    line(&format!("{count} started"), rate.per_second(), "/s", None);
    line("start p99", rate.quantile_ms(0.99), "ms", None);
    Ok(())
}

/// Starts those that wake: number `n` is due `n / WAKING_PER_SECOND` seconds after the first one. Its name says how long it
/// sleeps.
fn waking(host: &str, count: usize, first: i64) -> Result<()> {
    let definition = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$","End":true}}}"#;
    let machine = create(host, "waker", definition, "STANDARD")?;
    load(host, CONNECTIONS, Until::Count(count), |connection, number| {
        let due = first + (number / WAKING_PER_SECOND) as i64;
        let seconds = (due - now_ms()? / 1000).max(1);
        let body =
            format!(r#"{{"stateMachineArn":"{machine}","name":"w{number}-{seconds}","input":"{seconds}"}}"#);
        connection.call("StartExecution", &body)
    })?;
    Ok(())
}

/// Waits until all have woken, and says how late each was, in milliseconds, in order.
fn wait_for_wakers(host: &str, count: usize) -> Result<Vec<f64>> {
    let mut connection = Connection::open(host)?;
    let machines = call(&mut connection, "ListStateMachines", &serde_json::json!({}))?;
    let machine = machines["stateMachines"].as_array().into_iter().flatten();
    let machine = machine.filter(|machine| machine["name"] == "waker");
    let machine = machine.map(|machine| machine["stateMachineArn"].clone()).next();
    let machine = machine.ok_or("the state machine of the wakers is gone")?;
    let running = serde_json::json!({"stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": 1});
    let seconds = count / WAKING_PER_SECOND + count / STARTS_PER_SECOND;
    let most = Duration::from_secs(seconds as u64 + LEAD_SECONDS as u64) + PATIENCE;
    let began = Instant::now();
    while call(&mut connection, "ListExecutions", &running)?["executions"] != serde_json::json!([]) {
        if began.elapsed() > most {
            return Err("some never woke".to_owned());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut lags = Vec::with_capacity(count);
    let mut page =
        serde_json::json!({"stateMachineArn": machine, "statusFilter": "SUCCEEDED", "maxResults": 1000});
    loop {
        let answer = call(&mut connection, "ListExecutions", &page)?;
        lags.extend(answer["executions"].as_array().into_iter().flatten().filter_map(lag_ms));
        page["nextToken"] = answer["nextToken"].clone();
        if page["nextToken"].is_null() {
            break;
        }
    }
    lags.sort_unstable_by(f64::total_cmp);
    if lags.len() != count {
        return Err(format!("{} of {count} woke", lags.len()));
    }
    if lags.first().is_some_and(|first| *first < 0.0) {
        return Err("somebody woke before the time".to_owned());
    }
    Ok(lags)
}

/// How much longer one slept than its name says, to the millisecond.
fn lag_ms(execution: &Value) -> Option<f64> {
    let (_, seconds) = execution["name"].as_str()?.split_once('-')?;
    let slept = execution["stopDate"].as_f64()? - execution["startDate"].as_f64()?;
    Some(((slept - seconds.parse::<f64>().ok()?) * 1000.0).round())
}

fn call(connection: &mut Connection, operation: &str, body: &Value) -> Result<Value> {
    let answer = connection.call(operation, &body.to_string())?;
    serde_json::from_str(&answer).map_err(|error| error.to_string())
}
