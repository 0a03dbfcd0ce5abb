//! The commands for executions that run, against a server of the same binary: wait, tail, list, stop, input, output, doctor.

mod bench;

use bench::{Server, command};
use serde_json::Value;

const ECHO: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
const FAIL: &str = r#"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"why"}}}"#;
const REST: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$.s","End":true}}}"#;
const MOCKED: &str = r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,
    "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}"#;

fn server() -> Server {
    let server = Server::start();
    for (name, definition) in [("echo", ECHO), ("fail", FAIL), ("rest", REST)] {
        server.write(&format!("{name}.asl.json"), definition);
        assert!(server.run(&format!("deploy {name}.asl.json")).status.success());
    }
    server
}

#[test]
fn executions_are_waited_for() {
    let server = server();
    server.run("start echo --name a");
    server.run("start rest --name b --input {\"s\":1}");
    server.run("start rest --name long --input {\"s\":1000}");
    server.run("start fail --name c");
    let two = "EXECUTION  STATUS\necho/a     SUCCEEDED\nrest/b     SUCCEEDED\n";
    server.check(
        "wait echo/a rest/b echo/a --columns execution,status",
        0,
        two,
        "rest/b  SUCCEEDED in 1.0 s",
    );
    server.check("wait echo/a fail/c -o name", 1, "echo/a\nfail/c\n", "fail/c  FAILED in");
    server.check("wait fail/c --columns status,error", 1, "STATUS  ERROR\nFAILED  E\n", "");
    server.check("wait rest/long rest/b --any -o none", 0, "", "rest/b  SUCCEEDED");
    server.check(
        "wait rest/long --timeout 50ms --columns status",
        124,
        "STATUS\nRUNNING\n",
        "the time is over, and 1 execution has not ended\n  nothing was stopped",
    );
    server.check("wait echo", 2, "", "`echo` is a state machine; this command takes an execution");
    server.check("wait", 2, "", "required arguments were not provided");
    let json: Value = serde_json::from_slice(&server.run("wait fail/c --json").stdout).unwrap();
    assert_eq!(json["items"][0]["cause"], "why");
}

#[test]
fn events_are_shown_as_they_happen() {
    let server = server();
    server.run("start fail --name old");
    let mut tail = command(server.folder.path());
    tail.env("STEPWELL_ENDPOINT", &server.url).args(["tail", "--for", "5s"]);
    let tail = tail.stdout(std::process::Stdio::piped()).spawn().unwrap();
    // What begins after the tail is shown from its beginning; until then its start is repeated.
    for number in 0..12 {
        server.run(&format!("start echo --name new{number}"));
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    let out = String::from_utf8(tail.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("  echo/new9  ExecutionStarted  input {}\n"), "{out}");
    assert!(out.contains("  echo/new9  PassStateExited  A  output {}\n"), "{out}");
    assert!(!out.contains("fail/old"), "{out}");

    let lines = |args: &str| -> Vec<String> {
        let out = String::from_utf8(server.run(args).stdout).unwrap();
        out.lines().map(|line| line.split_once("  ").unwrap().1.to_owned()).collect()
    };
    assert_eq!(lines("tail fail/old --failed"), ["fail/old  ExecutionFailed  E  why"]);
    assert_eq!(lines("tail echo/new3 --type pass").len(), 2);
    assert_eq!(
        lines("tail fail --since 1h --for 10ms --type executions"),
        ["fail/old  ExecutionStarted  input {}"]
    );
    let ids = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"id\":4}\n";
    server.check("tail echo/new3 -o jsonl --fields id", 0, ids, "");
    server.check("tail nobody", 2, "", "there is no state machine and no execution called `nobody`");
    server.check(
        "tail echo/new3 --fields idd --json",
        2,
        "",
        "there is no member `idd`\n  did you mean `id`?",
    );
}

#[test]
fn lists_are_filtered() {
    let server = server();
    for name in ["a1", "a2", "b1"] {
        server.run(&format!("start echo --name {name} --wait"));
    }
    server.run("start fail --name a3 --wait");
    server.check("list executions echo --name a -o name", 0, "echo/a2\necho/a1\n", "");
    server.check(
        "list executions --status succeeded,failed --name a --limit 2 -o name",
        0,
        "fail/a3\necho/a2\n",
        "",
    );
    server.check("list executions --status running,aborted", 0, "", "no such executions");
    server.check("list executions --before 2000-01-01", 0, "", "no such executions");
    server.check("list executions --before now --since 1h --limit 1 -o name", 0, "fail/a3\n", "");
    server.check("list executions --status done", 2, "", "expected one of RUNNING");
    server.check("list --name e -o name", 0, "echo\n", "");
    server.check("list --name x", 0, "", "no such state machines");
    let picked = "{\n  \"items\": [\n    {\n      \"name\": \"echo\"\n    }\n  ],\n  \"next\": null\n}\n";
    server.check("list --name e --json --fields NAME", 0, picked, "");
    server.check("list --json --fields nme", 2, "", "there is no member `nme`\n  did you mean `name`?");
    server.check("list --columns nmae", 2, "", "there is no column `nmae`\n  did you mean `name`?");
    server.check("list --json -o yaml", 2, "", "cannot be used with");
    server.check("describe echo/a1 --json --fields status", 0, "{\n  \"status\": \"SUCCEEDED\"\n}\n", "");
}

#[test]
fn what_runs_is_stopped_all_at_once() {
    let server = server();
    for name in ["a", "b", "c"] {
        server.run(&format!("start rest --name {name} --input {{\"s\":1000}}"));
    }
    server.check(
        "stop --all-running rest",
        2,
        "",
        "this would stop 3 executions; nothing was stopped\n  say --yes",
    );
    server.check(
        "stop --all-running rest --dry-run -o name",
        0,
        "rest/c\nrest/b\nrest/a\n",
        "nothing was stopped",
    );
    server.check("stop rest/a --dry-run --columns result", 0, "RESULT\nWOULD BE STOPPED\n", "");
    server.check("list executions --status running --limit 9 -o name", 0, "rest/c\nrest/b\nrest/a\n", "");
    server.check("stop --all-running rest --yes -o name --error Over", 0, "rest/c\nrest/b\nrest/a\n", "");
    server.check("list executions --status aborted -o name", 0, "rest/c\nrest/b\nrest/a\n", "");
    server.check("stop --all-running rest --yes", 0, "", "no execution of `rest` is running");
    server.check("stop rest/a --all-running rest", 2, "", "cannot be used with");
    server.check("stop", 2, "", "required arguments were not provided");
}

#[test]
fn what_did_not_succeed_goes_on() {
    let server = server();
    server.run("start rest --name a --input {\"s\":1}");
    server.run("start rest --name b --input {\"s\":1000}");
    server.run("start fail --name f --wait");
    server.run("start echo --name e --wait");
    server.check("redrive rest/b", 4, "", "Execution is RUNNING and cannot be redriven");
    server.check("stop rest/a rest/b -o none", 0, "", "");
    server.check(
        "redrive rest/a fail/f echo/e --dry-run --columns execution,result,detail",
        1,
        "EXECUTION  RESULT             DETAIL\nrest/a     WOULD BE REDRIVEN\nfail/f     WOULD BE REDRIVEN\n\
         echo/e     FAILED             Execution is SUCCEEDED and cannot be redriven\n",
        "nothing was redriven",
    );
    let done = "EXECUTION  STATUS\nrest/a     SUCCEEDED\n";
    server.check("redrive rest/a --follow --columns execution,status", 0, done, "rest/a  SUCCEEDED");
    let failed = "EXECUTION  STATUS\nfail/f     FAILED\n";
    server.check("redrive fail/f --follow --columns execution,status", 1, failed, "fail/f  FAILED");
    let found: Value = serde_json::from_slice(&server.run("describe fail/f --json").stdout).unwrap();
    assert_eq!((&found["redriveCount"], &found["redriveStatus"]), (&1.into(), &"REDRIVABLE".into()));
    server.check(
        "redrive --all-failed rest",
        2,
        "",
        "this would redrive 1 execution; nothing was redriven\n  say --yes",
    );
    server.check("redrive --all-failed rest --yes -o name", 0, "rest/b\n", "");
    server.check("list executions rest --status running -o name", 0, "rest/b\n", "");
    server.check(
        "redrive --all-failed rest --yes",
        0,
        "",
        "no execution of `rest` has ended without success",
    );
    server.check("redrive", 2, "", "required arguments were not provided");
}

#[test]
fn payloads_are_for_pipes() {
    let server = server();
    server.run("start echo --name a --input {\"a\":[1]} --wait");
    server.run("start fail --name f --wait");
    server.run("start rest --name r --input {\"s\":1000}");
    let payload = "{\n  \"a\": [\n    1\n  ]\n}\n";
    server.check("input echo/a", 0, payload, "");
    server.check("output echo/a", 0, payload, "");
    server.check(
        "output fail/f",
        1,
        "",
        "`fail/f` has no output: it is FAILED\n  see why: stepwell history fail/f --failed",
    );
    server.check("output rest/r", 1, "", "it is RUNNING\n  wait for it: stepwell wait rest/r");
}

#[test]
fn a_test_case_is_chosen_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mocks = folder.path().join("mocks.json");
    let text = r#"{"StateMachines": {"task": {"TestCases": {"Yes": {"T": "R"}}}}, "MockedResponses": {"R": {"0": {"Return": {"Payload": 5}}}}}"#;
    std::fs::write(&mocks, text).unwrap();
    let path = mocks.display().to_string();
    let server = Server::start_with(&[
        ("SFN_MOCK_CONFIG", &path),
        ("AWS_ACCOUNT_ID", "123456789012"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ]);
    server.write("task.asl.json", MOCKED);
    let arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:task\n";
    server.check("deploy task.asl.json --columns arn", 0, &format!("ARN\n{arn}"), "");
    server.check("start task#Yes --wait", 0, "5\n", "SUCCEEDED");
    server.check("start task#No --wait", 4, "", "there is no test case `No`; there are: Yes");
    server.check("start task --wait -o none", 1, "", "FAILED");
}

#[test]
fn the_doctor_says_what_to_do() {
    let server = server();
    std::fs::create_dir(server.folder.path().join("src")).unwrap();
    server.write("src/app.py", "def handler(event, context):\n    return 1\n");
    server.write("src/broken.py", "import nothing_of_that_name\n");
    let functions = "[functions.good]\nruntime = 'python3'\nhandler = 'app.handler'\ncode = 'src'\n\
        [functions.broken]\nruntime = 'python3'\nhandler = 'broken.handler'\ncode = 'src'\n\
        [functions.away]\nlambda = { endpoint = 'http://127.0.0.1:1' }\n\
        [machines.echo]\ndefinition = 'echo.asl.json'\n[machines.bad]\ndefinition = 'bad.asl.json'\n";
    server.write("stepwell.toml", functions);
    server.write("bad.asl.json", "{}");
    let run = |variables: &[(&str, &str)]| {
        let mut doctor = command(server.folder.path());
        doctor.env("PATH", std::env::var_os("PATH").unwrap()).env("STEPWELL_ENDPOINT", &server.url);
        doctor.envs(variables.iter().copied()).arg("doctor");
        let found = doctor.output().unwrap();
        (
            found.status.code(),
            String::from_utf8(found.stdout).unwrap(),
            String::from_utf8(found.stderr).unwrap(),
        )
    };
    let (exit, out, err) = run(&[]);
    assert_eq!(exit, Some(6), "{out}");
    assert!(err.starts_with("error: 3 checks of "), "{err}");
    let has = |start: &str, end: &str| {
        assert!(
            out.lines().any(|line| line.starts_with(start) && line.contains(end)),
            "{start} {end}: {out}"
        );
    };
    has("ok    server", "answers in");
    has("ok    api", "3 state machines");
    has("ok    clock", "the same as the server's");
    has("ok    machine echo", "echo.asl.json");
    has("fail  machine bad", "has");
    has("ok    function good", "starts in");
    has("fail  function broken", "nothing_of_that_name");
    has("fail  function away", "http://127.0.0.1:1");
    has("warn  sdk endpoint", "go to AWS");
    has("warn  sync- host prefix", "sync-127.0.0.1");
    has("  ", "→ point this shell to the server: eval \"$(stepwell env)\"");
    has("ok    data folder", "free");

    server.write("stepwell.toml", "");
    let env = [
        ("AWS_ENDPOINT_URL_SFN", server.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
    ];
    let (exit, out, _) = run(&env);
    assert!(exit == Some(0) && !out.contains("warn  s"), "{out}");
    server.check("--endpoint http://127.0.0.1:1 doctor --liveness", 6, "fail  server  http://127.0.0.1:1: Connection refused (os error 111)\n              → start one: stepwell serve\n              → or say where it is: --endpoint URL, STEPWELL_ENDPOINT, or `listen` in stepwell.toml\n", "1 check of 1 failed");
    server.check("doctor --readiness -o name", 0, "server\napi\n", "");
    server.check("doctor --readiness --json --fields check,state", 0, "{\n  \"items\": [\n    {\n      \"check\": \"server\",\n      \"state\": \"ok\"\n    },\n    {\n      \"check\": \"api\",\n      \"state\": \"ok\"\n    }\n  ],\n  \"next\": null\n}\n", "");
}

#[test]
fn a_watched_answer_is_printed_again_when_it_has_changed() {
    let server = server();
    server.run("start rest --name r --input {\"s\":1}");
    let mut watch = command(server.folder.path());
    watch.env("STEPWELL_ENDPOINT", &server.url);
    watch.args(["list", "executions", "--watch=50ms", "--columns", "execution,status"]);
    let mut watch = watch.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    watch.kill().unwrap();
    let out = String::from_utf8(watch.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(out, "EXECUTION  STATUS\nrest/r     RUNNING\nEXECUTION  STATUS\nrest/r     SUCCEEDED\n");
}

#[test]
fn what_waits_for_an_answer_is_listed_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    write("src/app.py", "def handler(event, context):\n    return 1\n");
    write("stepwell.toml", "[functions.ask]\nruntime = 'python3'\nhandler = 'app.handler'\ncode = 'src'\n");
    let server = Server::start_in(folder, &[("PATH", &std::env::var("PATH").unwrap())]);
    let ask = r#"{"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters":{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token"}},"End":true}}}"#;
    server.write("ask.asl.json", ask);
    server.run("deploy ask.asl.json");
    server.check("task list", 0, "", "nothing waits for a token");
    server.run("start ask --name a");
    let token = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let out = String::from_utf8(server.run("task list ask -o name").stdout).unwrap();
        (!out.is_empty()).then(|| out.trim().to_owned())
    });
    let token = token.unwrap();
    server.check("task list --columns execution,state", 0, "EXECUTION  STATE\nask/a      Ask\n", "");
    server.check("task list ask/a --select items[0].state", 0, "\"Ask\"\n", "");
    server.check(&format!("task heartbeat {token}"), 0, "", "the task is known to be alive");
    server.check(
        &format!("task success {token} --output {{\"ok\":true}}"),
        0,
        "",
        "the task is answered: success",
    );
    server.check("wait ask/a --select items.output", 0, "\"{\\\"ok\\\":true}\"\n", "");
    server.check(&format!("task failure {token}"), 4, "", "TaskTimedOut");
    server.check("task list", 0, "", "nothing waits for a token");
}

#[test]
fn waits_can_be_scaled_for_tests() {
    let server = Server::start_with(&[("WAIT_TIME_SCALE", "0")]);
    server.write("rest.asl.json", REST);
    server.run("deploy rest.asl.json");
    server.check("start rest --input {\"s\":86400} --wait --timeout 20s -o none", 0, "", "SUCCEEDED");
    server.check("serve --wait-scale=-1", 2, "", "expected a number from 0 to 1000");
}

#[test]
fn a_selection_is_jsonata() {
    let server = server();
    server.run("start fail --name f --wait");
    server.check("list --select $count(items)", 0, "3\n", "");
    server.check("list executions fail --select items[status='FAILED'].name", 0, "\"f\"\n", "");
    server.check("describe fail/f --select error -o yaml", 0, "\"E\"\n", "");
    server.check("history fail/f -o jsonl --select id", 0, "1\n2\n3\n", "");
    server.check("list --select items[", 2, "", "--select `items[`: ");
    server.check("list --select items --fields name", 2, "", "cannot be used with");
}
