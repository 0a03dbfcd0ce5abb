//! `stepwell lint` as people and builds call it: forms, exit codes, repairs, where definitions come from. What is found is
//! `asl`'s, and tested there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_stepwell");

/// `b.id` is misspelt, the Task has no timeout.
const FAULTY: &str = r#"{
  "StartAt": "A",
  "States": {
    "A": {"Type": "Pass", "Result": {"b": {"id": 1}}, "Next": "B"},
    "B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
          "Parameters": {"id.$": "$.b.idd"}, "Next": "C"},
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "D"}]},
    "D": {"Type": "Succeed"}
  }
}
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("flows")).unwrap();
    std::fs::write(folder.path().join("flows/faulty.asl.json"), FAULTY).unwrap();
    let fine = "StartAt: A\nStates:\n  A: {Type: Succeed}\n";
    std::fs::write(folder.path().join("flows/fine.asl.yaml"), fine).unwrap();
    folder
}

fn run(folder: &Path, args: &str) -> Output {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", folder).current_dir(folder).stdin(Stdio::null());
    command.args(args.split(' ')).output().unwrap()
}

/// Runs the command and gives its standard output.
#[track_caller]
fn check(folder: &Path, args: &str, exit: i32) -> String {
    let found = run(folder, args);
    let out = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.status.code(), Some(exit), "{args}: {out}{}", String::from_utf8_lossy(&found.stderr));
    out
}

#[test]
fn people_see_lines_and_builds_see_exit_codes() {
    let folder = folder();
    let out = check(folder.path(), "lint .", 1);
    let shown = "error[SW2007]: nothing before this state produces `$.b.idd`: `$.b` has `id`
 --> flows/faulty.asl.json:6:34
  |
6 |           \"Parameters\": {\"id.$\": \"$.b.idd\"}, \"Next\": \"C\"},
  |                                  ^^^^^^^^^
  |
  = help: did you mean `$.b.id`? [fixable]
";
    assert!(out.contains(shown), "{out}");
    assert!(out.ends_with("flows/fine.asl.yaml: ok\n"), "{out}");
    assert!(out.contains("flows/faulty.asl.json: 1 error, 1 warning, 2 notes\n"), "{out}");
    check(folder.path(), "lint . --allow SW2007", 0);
    check(folder.path(), "lint . --allow sw2007 --deny warnings", 1);
    check(folder.path(), "lint . --allow SW2007,SW3003 --deny warnings", 0);
    check(folder.path(), "lint . --allow SW2007 --allow SW3003 --deny notes", 1);
    check(folder.path(), "lint flows/*.yaml --deny notes", 0);
    check(folder.path(), "lint fl*/**/*.asl.json", 1);
    check(folder.path(), "lint none.asl.json", 2);
    check(folder.path(), "lint nothing*", 2);
    check(folder.path(), "lint", 2);
    let wrong = run(folder.path(), "lint . --allow SW207");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `SW2007`?"));
    assert!(check(folder.path(), "lint --explain SW2007", 0).contains("path that nothing produces"));
}

#[test]
fn machines_read_findings_in_their_forms() {
    let folder = folder();
    let short = check(folder.path(), "lint . --format short", 1);
    assert_eq!(
        short.lines().find(|line| line.contains("SW3003")).unwrap(),
        "flows/faulty.asl.json:7:5: warning[SW3003] no rule may match, and there is no Default: the execution fails then"
    );
    let json: Value = serde_json::from_str(&check(folder.path(), "lint . --format json", 1)).unwrap();
    assert_eq!(json["summary"], serde_json::json!({"errors": 1, "warnings": 1, "notes": 2}));
    let first = &json["items"][0]["diagnostics"];
    let found = first.as_array().unwrap().iter().find(|one| one["code"] == "SW2007").unwrap();
    assert_eq!(found["location"], "/States/B/Parameters/id.$");
    assert_eq!((&found["line"], &found["column"], &found["endColumn"]), (&6.into(), &34.into(), &43.into()));
    assert_eq!(found["fix"]["text"], "id");
    let same: Value = serde_json::from_str(&check(folder.path(), "lint . -o json", 1)).unwrap();
    assert_eq!(json, same);
    let sarif: Value = serde_json::from_str(&check(folder.path(), "lint . --format sarif", 1)).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(sarif["version"], "2.1.0");
    assert!(run["tool"]["driver"]["rules"].as_array().unwrap().iter().any(|rule| rule["id"] == "SW2007"));
    let result = run["results"].as_array().unwrap().iter().find(|one| one["ruleId"] == "SW2007").unwrap();
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "flows/faulty.asl.json");
    assert_eq!(place["region"]["startLine"], 6);
    let github = check(folder.path(), "lint . --format github", 1);
    assert!(
        github.contains("::error file=flows/faulty.asl.json,line=6,col=34,endLine=6,endColumn=43,title=SW2007::nothing before"),
        "{github}"
    );
    let junit = check(folder.path(), "lint . --format junit", 1);
    assert!(
        junit.contains("<testsuite name=\"flows/faulty.asl.json\" tests=\"2\" failures=\"2\">"),
        "{junit}"
    );
    assert!(junit.contains("<testcase classname=\"flows/fine.asl.yaml\" name=\"lint\"/>"), "{junit}");
}

#[test]
fn repairs_are_written_back() {
    let folder = folder();
    check(folder.path(), "lint . --fix", 0);
    let text = std::fs::read_to_string(folder.path().join("flows/faulty.asl.json")).unwrap();
    assert_eq!(text, FAULTY.replace("idd", "id"));
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
    command.args(["lint", "--stdin", "--stdin-filename", "x.asl.json", "--fix", "--format", "short"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(FAULTY.as_bytes()).unwrap();
    let found = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap(), FAULTY.replace("idd", "id"));
    let told = String::from_utf8(found.stderr).unwrap();
    assert!(
        told.contains("x.asl.json: 1 fault repaired") && told.contains("x.asl.json:7:5: warning"),
        "{told}"
    );
    assert!(!folder.path().join("x.asl.json").exists());
}

#[test]
fn standard_input_is_json_or_yaml() {
    for (text, place) in [
        (
            "StartAt: A\nStates:\n  A: {Type: Choice, Choices: [{Variable: $.a, IsNull: true, Next: B}]}\n  B: {Type: Succeed}\n",
            "-:3:3",
        ),
        (FAULTY, "-:6:34"),
    ] {
        for command in ["lint", "validate"] {
            let mut child = Command::new(BINARY)
                .args([command, "-"])
                .args((command == "lint").then_some("--format=short"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
            if command == "lint" {
                assert!(out.contains(place), "{out}");
            } else {
                assert_eq!(out, "-: ok\n");
            }
        }
    }
}

/// What we show people is as it should be.
#[test]
fn our_own_examples_have_no_faults() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    check(Path::new("."), &format!("lint {examples} --deny warnings"), 0);
}

/// What lint calls an error is one: the execution fails, and does not where lint finds none.
#[test]
fn errors_of_the_data_flow_are_those_of_a_run() {
    let folder = folder();
    let made = r#""A":{"Type":"Pass","Result":{"id":1,"s":"60","o":{},"l":[1,2]},"Next":"B"}"#;
    let pass = |fields: &str| {
        format!(r#"{{"StartAt":"A","States":{{{made},"B":{{"Type":"Pass",{fields},"End":true}}}}}}"#)
    };
    let call = |call: &str| pass(&format!(r#""Parameters":{{"a.$":"{call}"}}"#));
    let state = |state: &str| format!(r#"{{"StartAt":"A","States":{{{made},"B":{state}}}}}"#);
    for (definition, fails) in [
        (pass(r#""InputPath":"$.id""#), false),
        (pass(r#""InputPath":"$.Id""#), true),
        (pass(r#""InputPath":"$.l[2]""#), true),
        (call("$.l[2]"), false),
        (call("$.id.x"), true),
        (call("$nobody"), true),
        (call("States.Format('{}', $.o)"), false),
        (call("States.Format('{} {}', $.s)"), true),
        (call("States.Hash($.o, 'MD5')"), false),
        (call("States.MathAdd($.s, 1)"), true),
        (call("States.ArrayGetItem($.l, 2)"), true),
        (call("States.StringToJson($.o)"), true),
        (state(r#"{"Type":"Wait","SecondsPath":"$.s","End":true}"#), true),
        (state(r#"{"Type":"Pass","Result":1,"ResultPath":"$.id.x","End":true}"#), true),
        (state(r#"{"Type":"Pass","Result":1,"ResultPath":"$.new.x","End":true}"#), false),
        (
            state(
                r#"{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"a.$":"$.b"},"End":true}}},"End":true}"#,
            ),
            true,
        ),
        (
            state(
                r#"{"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","OutputPath":"$.o","End":true}}}],"ResultSelector":{"a.$":"$[0]"},"End":true}"#,
            ),
            false,
        ),
        (
            state(
                r#"{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input.Id %}","End":true}"#,
            ),
            true,
        ),
        (
            state(
                r#"{"Type":"Pass","QueryLanguage":"JSONata","Output":{"a":"{% $states.input.s & 'x' %}"},"End":true}"#,
            ),
            false,
        ),
    ] {
        std::fs::write(folder.path().join("one.asl.json"), &definition).unwrap();
        let linted = run(folder.path(), "lint one.asl.json").status.code();
        let ran = run(folder.path(), "run one.asl.json --virtual-time --input {}").status.code();
        assert_eq!((linted, ran), (Some(i32::from(fails)), Some(i32::from(fails))), "{definition}");
    }
}
