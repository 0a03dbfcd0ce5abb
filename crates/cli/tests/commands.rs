//! The commands of the binary against a server of the same binary: what they print, where, and how they exit.
//! The contract is that of `stepwell --help`; the API itself is tested by `tests/clients`.

mod bench;

use std::io::Write;
use std::process::Stdio;

use bench::{Server, command};

const ECHO: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
const FAIL: &str = r#"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"no\u001b[2J way"}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}"#;

#[test]
fn from_a_file_to_a_history() {
    let server = Server::start();
    server.check("list", 0, "", "no state machines yet");
    server.write("echo.asl.json", ECHO);
    server.write("fail.asl.yaml", "StartAt: F # yaml\nStates:\n  F: {Type: Fail, Error: E, Cause: why}\n");
    server.check("deploy echo.asl.json --dry-run -o name", 0, "echo\n", "nothing was changed");
    server.check(
        "deploy echo.asl.json",
        0,
        "MACHINE  RESULT   ARN\necho     created  ARN:stateMachine:echo\n",
        "",
    );
    server.check("deploy echo.asl.json --columns result", 0, "RESULT\nunchanged\n", "");
    server.check("deploy echo.asl.json --type express", 4, "", "`echo` is STANDARD already");
    server.check("deploy fail.asl.yaml -o name", 0, "fail\n", "");
    server.check("list --columns name,type", 0, "NAME  TYPE\necho  standard\nfail  standard\n", "");
    server.check("list -o name --limit 1", 0, "echo\n", "");

    server.check(
        "start echo --name a --input {\"b\":1} --set c=x --wait",
        0,
        "{\n  \"b\": 1,\n  \"c\": \"x\"\n}\n",
        "SUCCEEDED",
    );
    server.check("start ech --name ab2 -o name --wait", 0, "echo/ab2\n", "started echo/ab2");
    server.check("start fail --name f --follow", 1, "", "✗ FAILED");
    server.check("start fail --name f2 --wait -o none", 1, "", "FAILED in");
    server.check("describe @last --time raw -o name", 0, "fail/f2\n", "");
    server.check("describe echo@last -o name", 0, "echo/ab2\n", "");
    server.check("describe echo/a -o name", 0, "echo/a\n", "");
    server.check("start echo --name ab3 --wait -o none", 0, "", "");
    server.check("stop ab", 2, "", "`ab` fits more than one execution");
    server.check(
        "list executions echo --columns execution,status",
        0,
        "EXECUTION  STATUS\necho/ab3   SUCCEEDED\necho/ab2   SUCCEEDED\necho/a     SUCCEEDED\n",
        "",
    );
    server.check("list executions --status failed --limit 1 -o name", 0, "fail/f2\n", "");
    server.check("list executions --since 2000-01-01 --status running", 0, "", "no such executions");
    server.check(
        "history fail/f --columns id,type,details --failed",
        0,
        "ID  TYPE             DETAILS\n3   ExecutionFailed  E  why\n",
        "",
    );
    server.check(
        "history echo/ab2 --reverse --limit 2 --columns type",
        0,
        "TYPE\nExecutionSucceeded\nPassStateExited\n",
        "",
    );
    server.check("history echo/ab2 --type pass -o name", 0, "2\n3\n", "");
    let page = server.run("history echo/ab2 --limit 3 -o json").stdout;
    let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
    let rest = format!("history echo/ab2 --columns id --next {}", page["next"].as_str().unwrap());
    server.check(&rest, 0, "ID\n4\n", "");
    server.check("history echo", 2, "", "the newest one is `echo@last`");
}

#[test]
fn answers_are_in_the_forms_that_scripts_ask_for() {
    let server = Server::start();
    server.write("echo.asl.json", ECHO);
    server.run("deploy echo.asl.json");
    server.run("start echo --name a --wait");
    let json =
        |args: &str| -> serde_json::Value { serde_json::from_slice(&server.run(args).stdout).unwrap() };
    let list = json("list executions echo -o json");
    assert_eq!((&list["items"][0]["name"], &list["next"]), (&"a".into(), &serde_json::Value::Null));
    assert!(list["items"][0]["startDate"].as_str().unwrap().ends_with('Z'), "{list}");
    let raw = json("list executions echo -o json --time raw");
    assert!(raw["items"][0]["startDate"].is_f64(), "{raw}");
    assert_eq!(json("describe echo/a -o json")["output"], "{}");
    assert_eq!(json("describe echo -o json")["definition"], ECHO);
    let aws = json("history @last --format aws");
    assert!(aws["events"][0]["timestamp"].is_f64() && aws["events"][3]["id"] == 4, "{aws}");
    assert_eq!(server.run("history @last -o jsonl").stdout.iter().filter(|byte| **byte == b'\n').count(), 4);
    let yaml = String::from_utf8(server.run("describe echo/a -o yaml").stdout).unwrap();
    assert!(yaml.contains("\nstatus: \"SUCCEEDED\"\n"), "{yaml}");
}

#[test]
fn what_goes_on_can_be_waited_for_and_stopped() {
    let server = Server::start();
    server.write("wait.asl.json", WAIT);
    server.write("fail.asl.json", FAIL);
    server.run("deploy wait.asl.json");
    server.run("deploy fail.asl.json");
    server.check(
        "start wait --name w --wait --timeout 10ms",
        124,
        "",
        "stop it: stepwell --endpoint URL stop wait/w",
    );
    server.check("start wait --timeout 1s", 2, "", "`--timeout` needs `--wait` or `--follow`");
    server.check("stop wait/w --error X --cause y -o name", 0, "wait/w\n", "");
    server.check("start fail --wait", 1, "", "cause  no\u{fffd}[2J way");
    server.check("stop wait/w wait/none -o name", 1, "wait/w\nwait/none\n", "");
    server.check("start wait --sync", 4, "", "StateMachineTypeNotSupported");
    server.check("task success nonsense", 4, "", "InvalidToken");
    server.check("send-task-failure nonsense --error E", 4, "", "InvalidToken");
    server.check("task success T --output {", 2, "", "`--output` is not JSON");
}

#[test]
fn what_is_wrong_has_an_exit_code_and_advice() {
    let server = Server::start();
    server.check("--endpoint http://127.0.0.1:1 list", 3, "", "start one with `stepwell serve`");
    server.check("--endpoint https://x list", 2, "", "does not speak TLS");
    server.check("describe none", 2, "", "there is no state machine and no execution called `none`");
    server.check("start none", 2, "", "`stepwell list machines`");
    server.check("describe @last", 2, "", "no execution was started from here yet");
    server.check("frobnicate", 2, "", "unrecognized subcommand");
    server.check("list --columns nme", 2, "", "there is no column `nme`");
    server.check("deploy", 2, "", "there is nothing to deploy");
    server.check("deploy none.asl.json", 2, "", "cannot read `none.asl.json`");
    server.check("serve --listen 127.0.0.1:0 --data-dir data", 6, "", "in use by another process");
    let port = server.url.rsplit(':').next().unwrap();
    server.check(
        &format!("serve --listen 127.0.0.1:{port} --data-dir other"),
        6,
        "",
        "is in use on 127.0.0.1",
    );
    server.check("serve --listen 0.0.0.0:0", 2, "", "say --allow-remote");
    server.write("stepwell.toml", "[server]\nacount_id = '1'\n");
    server.check("list", 2, "", "stepwell.toml:2:1: unknown key `acount_id`\n  did you mean `account_id`?");
}

#[test]
fn ten_faults_are_ten_diagnostics() {
    let folder = tempfile::tempdir().unwrap();
    let states: Vec<String> = (0..10)
        .map(|i| {
            format!("    \"S{i}\": {{ \"Type\": \"Pass\", \"Next\": \"S{}\", \"Nope{i}\": 1 }}", (i + 1) % 10)
        })
        .collect();
    let text = format!("{{\n  \"StartAt\": \"S0\",\n  \"States\": {{\n{}\n  }}\n}}\n", states.join(",\n"));
    std::fs::write(folder.path().join("faults.asl.json"), text).unwrap();
    let found = command(folder.path()).args(["validate", "faults.asl.json", "-o", "json"]).output().unwrap();
    assert_eq!(found.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(answer["result"], "FAIL");
    let of_fields: Vec<_> = answer["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["line"].as_u64() > Some(3))
        .collect();
    assert_eq!(of_fields.len(), 10, "{answer:#}");
    for (place, diagnostic) in of_fields.iter().enumerate() {
        assert_eq!(
            (&diagnostic["line"], &diagnostic["column"]),
            (&(place + 4).into(), &43.into()),
            "{diagnostic}"
        );
    }
    let pretty = command(folder.path()).args(["validate", "."]).output().unwrap();
    let pretty = String::from_utf8(pretty.stdout).unwrap();
    assert!(pretty.contains("faults.asl.json:4:43\n") && pretty.contains("11 errors"), "{pretty}");
}

#[test]
fn definitions_come_from_standard_input_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path())
        .args(["validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(ECHO.as_bytes()).unwrap();
    let found = child.wait_with_output().unwrap();
    assert_eq!((found.status.code(), &*found.stdout), (Some(0), &b"-: ok\n"[..]));
}

#[test]
fn codes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let run = |code: &str| command(folder.path()).args(["explain", code]).output().unwrap();
    let text = String::from_utf8(run("sw1003").stdout).unwrap();
    assert!(text.starts_with("code     SW1003\ntitle    transition target does not exist\n"), "{text}");
    let wrong = run("SW103");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("did you mean `SW1003`?"));
}

#[test]
fn the_environment_for_sdks() {
    let folder = tempfile::tempdir().unwrap();
    let found = command(folder.path()).args(["env", "--region", "eu-west-1"]).output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(text.starts_with("export AWS_ENDPOINT_URL_SFN='http://127.0.0.1:8083'\n"), "{text}");
    assert!(text.contains("export AWS_DISABLE_HOST_PREFIX_INJECTION='true'\n"), "{text}");
    assert!(text.contains("export AWS_REGION='eu-west-1'\n") && text.contains("AWS_ACCESS_KEY_ID"), "{text}");
    let found = command(folder.path()).env("AWS_PROFILE", "p").args(["env"]).output().unwrap();
    assert!(!String::from_utf8(found.stdout).unwrap().contains("AWS_ACCESS_KEY_ID"));
}

#[test]
fn shells_complete_commands() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, part) in [
        ("bash", "complete -F _stepwell"),
        ("zsh", "#compdef stepwell"),
        ("fish", "complete -c stepwell"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[stepwell]"),
    ] {
        let found = command(folder.path()).args(["completions", shell]).output().unwrap();
        let text = String::from_utf8(found.stdout).unwrap();
        assert!(found.status.success() && text.contains(part) && text.contains("history"), "{shell}");
    }
    let wrong = command(folder.path()).args(["completions", "basch"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("a similar value exists: 'bash'"));
}

#[test]
fn pipes_get_no_colour_and_no_shortened_cells_unless_they_ask() {
    let server = Server::start();
    let name = "a-name-that-is-rather-long-for-a-column-but-must-not-be-cut-in-a-pipe";
    server.write(&format!("{name}.asl.json"), ECHO);
    let has_escape = |bytes: &[u8]| bytes.contains(&0x1B);
    let deployed = server.run(&format!("deploy {name}.asl.json"));
    assert!(String::from_utf8(deployed.stdout.clone()).unwrap().contains(name));
    assert!(!has_escape(&deployed.stdout) && !has_escape(&deployed.stderr));
    let followed = server.run(&format!("start {name} --follow"));
    assert!(!has_escape(&followed.stdout) && !has_escape(&followed.stderr));
    assert!(has_escape(&server.run("list executions --color always").stdout));
    let mut forced = command(server.folder.path());
    forced.env("STEPWELL_ENDPOINT", &server.url).env("CLICOLOR_FORCE", "1");
    assert!(has_escape(&forced.args(["list", "executions"]).output().unwrap().stdout));
    forced.env("NO_COLOR", "1");
    assert!(!has_escape(&forced.output().unwrap().stdout));
}
