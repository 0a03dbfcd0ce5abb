//! `stepwell run`: the real binary, without a server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const FLOW: &str = r#"{"StartAt": "Charge", "States": {
    "Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:charge", "Next": "Rest",
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60, "MaxAttempts": 3}]},
    "Rest": {"Type": "Wait", "Seconds": 86400, "Next": "Ask"},
    "Ask": {"Type": "Task", "Resource": "${Ask}", "Parameters": {"t": 1}, "End": true}}}"#;

const MOCKS: &str = r#"{
    "StateMachines": {"flow": {"TestCases": {
        "Busy": {"Charge": "BusyOnce", "Ask": "Yes"}, "Never": {"Charge": "Never"}}}},
    "MockedResponses": {
        "BusyOnce": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"StatusCode": 200, "Payload": 7}}},
        "Never": {"0-9": {"Throw": {"Error": "Broken", "Cause": "for good"}}},
        "Yes": {"0": {"Return": {"approved": true}}}}}"#;

struct Folder(TempDir);

struct Ran {
    exit: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("flow.asl.json", FLOW);
        folder.write("mocks.json", MOCKS);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
        command.env_clear().env("HOME", self.0.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.current_dir(self.0.path()).stdin(Stdio::null()).arg("run").args(args);
        let found = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { exit: found.status.code(), out: text(found.stdout), err: text(found.stderr) }
    }

    /// Runs it and compares exit code, the whole of standard output, and parts of standard error.
    #[track_caller]
    fn check(&self, args: &[&str], exit: i32, out: &str, err: &[&str]) {
        let ran = self.run(args);
        assert_eq!((ran.exit, ran.out.as_str()), (Some(exit), out), "{args:?}: {}", ran.err);
        for part in err {
            assert!(ran.err.contains(part), "{args:?}: no `{part}` in {}", ran.err);
        }
    }
}

const YES: &str = "{\n  \"approved\": true\n}\n";

#[test]
fn a_test_case_runs_in_virtual_time() {
    let folder = Folder::new();
    let began = Instant::now();
    let states = [
        "! Charge  task  attempt 1 failed: Busy\n",
        "✓ Rest  wait  1 d 0 h\n",
        "SUCCEEDED in 1 d 0 h · 3 states",
    ];
    folder.check(&["flow.asl.json", "--mock", "mocks.json#Busy"], 0, YES, &states);
    assert!(began.elapsed() < Duration::from_secs(50), "the day was waited for");
    let failed = ["✗ FAILED in ", "error  Broken\ncause  for good\n"];
    folder.check(&["flow.asl.json", "--mock", "mocks.json#Never"], 1, "", &failed);
}

#[test]
fn states_are_answered_on_the_command_line() {
    let folder = Folder::new();
    folder.check(
        &["flow.asl.json", "--mock", "Charge=7", "--mock", "Ask={\"approved\":true}", "-q"],
        0,
        YES,
        &[],
    );
    folder.check(
        &["flow.asl.json", "--mock", "Charge=error:No:not today", "--mock", "Ask=1"],
        1,
        "",
        &["cause  not today\n"],
    );
    folder.check(
        &["flow.asl.json", "--mock", "Charge={\"a\":1}", "--until", "Charge"],
        0,
        "{\n  \"a\": 1\n}\n",
        &["REACHED in "],
    );
    folder.check(&["flow.asl.json", "--from", "Ask", "--mock", "Ask=[]"], 0, "[]\n", &["· 1 state ·"]);
    folder.write("ask.json", "[1, 2]");
    folder.check(&["flow.asl.json", "--from", "Ask", "--mock", "Ask=@ask.json"], 0, "[\n  1,\n  2\n]\n", &[]);
    // The later one wins.
    folder.check(
        &["flow.asl.json", "--mock", "mocks.json#Never", "--mock", "Charge=1", "--until", "Charge"],
        0,
        "1\n",
        &[],
    );
}

#[test]
fn the_history_is_the_apis() {
    let folder = Folder::new();
    let args = [
        "flow.asl.json",
        "--mock",
        "mocks.json#Busy",
        "--input",
        "{\"a\":1}",
        "--name",
        "n",
        "-o",
        "json",
        "--history",
        "h.json",
    ];
    let ran = folder.run(&args);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["executionArn"], "arn:aws:states:us-east-1:000000000000:execution:flow:n");
    assert_eq!(answer["stateMachineArn"], "arn:aws:states:us-east-1:000000000000:stateMachine:flow");
    assert_eq!((&answer["status"], &answer["input"]), (&json!("SUCCEEDED"), &json!("{\"a\":1}")));
    let written: Value =
        serde_json::from_slice(&std::fs::read(folder.0.path().join("h.json")).unwrap()).unwrap();
    let kinds = |events: &Value| -> Vec<String> {
        events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&answer["events"]), kinds(&written["events"]));
    assert_eq!(written["events"][4]["lambdaFunctionFailedEventDetails"]["error"], "Busy");
    let at = |event: usize| written["events"][event]["timestamp"].as_f64().unwrap();
    assert!((at(5) - at(4) - 60.0).abs() < 0.001, "{}", written["events"]);
}

#[test]
fn functions_are_really_called_and_their_lines_shown() {
    let folder = Folder::new();
    std::fs::create_dir(folder.0.path().join("src")).unwrap();
    folder.write(
        "src/app.py",
        "def handler(event, context):\n    print('charging')\n    return {'paid': event['n']}\n",
    );
    folder.write(
        "stepwell.toml",
        "[functions.charge]\nruntime = 'python3'\nhandler = 'app.handler'\ncode = 'src'\n[machines.shop]\ndefinition = 'flow.asl.json'\ntype = 'EXPRESS'\n",
    );
    let args = ["shop", "--set", "n=3", "--until", "Charge", "--param", "Ask=arn:aws:states:::sns:publish"];
    folder.check(&args, 2, "", &["is required"]);
    folder.check(&args[..5], 0, "{\n  \"paid\": 3\n}\n", &["charge │ charging\n"]);
}

#[test]
fn who_has_to_be_waited_for_is_said() {
    let folder = Folder::new();
    let args = ["flow.asl.json", "--mock", "Charge=1", "--param"];
    let activity = "Ask=arn:aws:states:us-east-1:000000000000:activity:ask";
    let advice = ["`Ask` waits for a worker of its activity", "--mock 'Ask={\"ok\":true}'"];
    folder.check(&[&args[..], &[activity, "--virtual-time"]].concat(), 1, "", &advice);
    folder.check(&["flow.asl.json", "--mock", "Ask=1"], 1, "", &["declare the function in stepwell.toml"]);
    folder.check(
        &["flow.asl.json", "--from", "Ask"],
        1,
        "",
        &["say what the placeholder stands for: --param"],
    );
    folder.check(
        &["flow.asl.json", "--mock", "Charge=1", "--mock", "Ask=1", "--real-time", "--timeout", "100ms"],
        124,
        "",
        &["it has not ended within 0.1 s"],
    );
}

#[test]
fn mistakes_have_advice() {
    let folder = Folder::new();
    folder.write("stepwell.toml", "[machines.order]\ndefinition = 'flow.asl.json'\n");
    folder.write("bad.asl.json", "{\"StartAt\": \"A\", \"States\": {}}");
    let check = |args: &[&str], err: &str| folder.check(args, 2, "", &[err]);
    check(
        &["ordre"],
        "there is no file `ordre`, and stepwell.toml has no such machine\n  did you mean `order`?",
    );
    check(&["bad.asl.json"], "`bad.asl.json` has 1 error");
    check(
        &["flow.asl.json", "--mock", "Chrge=1"],
        "there is no state called `Chrge`\n  did you mean `Charge`?",
    );
    check(&["flow.asl.json", "--mock", "Rest=1"], "`Rest` is not a Task state");
    check(&["flow.asl.json", "--mock", "mocks.json"], "say which one: --mock mocks.json#Busy");
    check(
        &["flow.asl.json", "--mock", "mocks.json#Bussy"],
        "there is no test case `Bussy`\n  did you mean `Busy`?",
    );
    check(&["flow.asl.json", "--until", "Rset"], "did you mean `Rest`?");
    check(&["flow.asl.json", "--input", "{"], "`--input` is not JSON");
    check(&["flow.asl.json", "--param", "X=1"], "the definition has no ${X}");
    check(&["flow.asl.json", "--virtual-time", "--real-time"], "cannot be used with");
    check(&[], "Usage: stepwell run");
}

#[test]
fn an_interrupted_run_says_so() {
    let folder = Folder::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
    command.env_clear().env("HOME", folder.0.path()).current_dir(folder.0.path());
    command.args(["run", "flow.asl.json", "--mock", "Charge=1", "--mock", "Ask=1", "--real-time"]);
    let run = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let found = run.wait_with_output().unwrap();
    let err = String::from_utf8(found.stderr).unwrap();
    assert!(
        found.status.code() == Some(130) && err.ends_with("error: interrupted; nothing of it goes on\n"),
        "{err}"
    );
}
