//! `stepwell test-state` as a person uses it: without a server, with a function of their own, and at a server that they name.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_stepwell");

const ORDER: &str = r#"{"StartAt":"Check","States":{
    "Check":{"Type":"Choice","Choices":[{"Variable":"$.amount","NumericGreaterThan":100,"Next":"Charge"}],"Default":"Done"},
    "Charge":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"charge","Payload.$":"$"},
        "ResultSelector":{"receipt.$":"$.Payload.receipt"},"ResultPath":"$.charge",
        "Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":2,"MaxAttempts":2}],
        "Catch":[{"ErrorEquals":["Busy"],"ResultPath":"$.error","Next":"Done"}],"Next":"Done"},
    "Done":{"Type":"Succeed"}}}"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", folder).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.current_dir(folder).arg("test-state").args(args).stdin(Stdio::null()).output().unwrap()
}

/// Compares exit code, standard output, and a part of standard error.
#[track_caller]
fn check(folder: &Path, args: &[&str], exit: i32, out: &str, err: &str) {
    let found = run(folder, args);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&found.stdout), text(&found.stderr));
    assert_eq!(found.status.code(), Some(exit), "{args:?}: {stdout}{stderr}");
    assert_eq!(stdout, out, "{args:?}: {stderr}");
    assert!(stderr.contains(err), "{args:?}: {stderr}");
}

#[test]
fn a_state_is_tested_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("order.asl.json"), ORDER).unwrap();
    std::fs::write(folder.join("pass.yaml"), "Type: Pass\nParameters: {b.$: $.a}\nEnd: true\n").unwrap();
    let order = |more: &[&'static str]| [&["order.asl.json", "--state"], more].concat();
    check(folder, &order(&["Check", "-i", "{\"amount\":7}"]), 0, "{\n  \"amount\": 7\n}\n", "next: Done");
    let mocked = r#"{"Payload":{"receipt":"r"}}"#;
    check(
        folder,
        &order(&["Charge", "-i", "{\"amount\":200}", "--mock", mocked, "--trace"]),
        0,
        "input                {\"amount\":200}\n\
         Parameters           {\"FunctionName\":\"charge\",\"Payload\":{\"amount\":200}}\n\
         result (mocked)      {\"Payload\":{\"receipt\":\"r\"}}\n\
         ResultSelector       {\"receipt\":\"r\"}\n\
         ResultPath $.charge  {\"amount\":200,\"charge\":{\"receipt\":\"r\"}}\n\
         output               (the same)\n",
        "SUCCEEDED in ",
    );
    let failing = order(&["Charge", "-i", "1", "--mock", "error:Busy:why", "--trace"]);
    let flow = "input       1\nParameters  {\"FunctionName\":\"charge\",\"Payload\":1}\n\
                error  Busy\ncause  why\nRetry[0] (Busy) runs it again in 2 s\n";
    check(folder, &failing, 1, flow, "RETRIABLE");
    let caught = order(&["Charge", "--mock", "error:Busy", "--retries", "2", "-o", "name"]);
    check(folder, &caught, 0, "Done\n", "");
    let left = order(&["Charge", "--mock", "error:Other"]);
    check(folder, &left, 1, "", "error  Other");
    check(
        folder,
        &["pass.yaml", "-i", "{\"a\":[1]}", "-o", "jsonl"],
        0,
        "{\"output\":\"{\\\"b\\\":[1]}\",\"status\":\"SUCCEEDED\"}\n",
        "",
    );
}

#[test]
fn what_is_wrong_is_said_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("order.asl.json"), ORDER).unwrap();
    std::fs::write(folder.join("bad.asl.json"), ORDER.replace("\"Default\":\"Done\"", "\"Default\":\"Don\""))
        .unwrap();
    check(folder, &["order.asl.json"], 2, "", "one of: ");
    check(folder, &["order.asl.json", "--state", "Chrge"], 2, "", "did you mean `Charge`?");
    check(folder, &["bad.asl.json", "--state", "Check"], 1, "", "bad.asl.json:2");
    check(folder, &["none.json"], 2, "", "cannot read `none.json`");
    check(folder, &["order.asl.json", "--state", "Charge", "--mock", "{"], 2, "", "`--mock` is not JSON");
    check(folder, &["order.asl.json", "--state", "Charge", "--mock", "error:"], 2, "", "error:NAME:CAUSE");
    check(folder, &["order.asl.json", "--state", "Charge", "--retries", "1"], 2, "", "--mock");
    check(
        folder,
        &["order.asl.json", "--state", "Done", "--mock", "1"],
        4,
        "",
        "State type 'Succeed' is not supported",
    );
    check(folder, &["order.asl.json", "--state", "Charge"], 1, "", "[functions.charge]");
    check(
        folder,
        &["order.asl.json", "--state", "Done", "--endpoint", "http://127.0.0.1:1"],
        3,
        "",
        "127.0.0.1:1",
    );
}

#[test]
fn a_function_of_the_project_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("order.asl.json"), ORDER).unwrap();
    std::fs::create_dir(folder.join("charge")).unwrap();
    let handler =
        "def handler(event, context):\n    print('charging')\n    return {'receipt': event['amount'] + 1}\n";
    std::fs::write(folder.join("charge/app.py"), handler).unwrap();
    let config = "[functions.charge]\nruntime = \"python3\"\nhandler = \"app.handler\"\ncode = \"charge\"\n";
    std::fs::write(folder.join("stepwell.toml"), config).unwrap();
    let wanted = "{\"amount\":200,\"charge\":{\"receipt\":201}}";
    let found = run(folder, &["order.asl.json", "--state", "Charge", "-i", "{\"amount\":200}", "-o", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(answer["output"], wanted, "{answer}");
    assert!(String::from_utf8_lossy(&found.stderr).contains("charge | charging"), "{found:?}");
}

#[test]
fn a_named_server_answers() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Command::new(BINARY);
    server.env_clear().env("HOME", folder.path()).current_dir(folder.path()).stdin(Stdio::null());
    server.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", "data", "--account", "123456789012"]);
    let mut server = Ended(server.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let line = lines.by_ref().map(Result::unwrap).find(|line| line.contains("listens on")).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let url = line.split("listens on ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let state = r#"{"Type":"Pass","OutputPath":"$$.StateMachine.Id","End":true}"#;
    std::fs::write(folder.path().join("id.json"), state).unwrap();
    let found = run(folder.path(), &["id.json", "--endpoint", &url]);
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(text.starts_with("\"arn:aws:states:us-east-1:123456789012:stateMachine:"), "{text}");
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
