//! The life of processes: kept warm, limited, ended.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use integrations::functions::InvokeError;

use crate::bench::{bench, invocation, python, write};

/// Waits until something is so; a test that waits in vain fails.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

/// A process that has ended may still be a zombie until its parent looks.
fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test]
async fn a_warm_process_is_used_again_until_a_restart() {
    let bench = python(
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n",
    );
    assert_eq!([bench.say("1").await, bench.say("1").await], ["1", "2"]);
    write(&bench.folder.path().join("app.py"), "def handler(event, context):\n    return 'new code'\n");
    bench.host.restart("f").unwrap();
    assert_eq!(bench.say("1").await, "\"new code\"");
    assert_eq!(bench.host.status()[0].idle, 1);
}

#[tokio::test]
async fn invocations_run_side_by_side_up_to_the_limit() {
    // Two wait until they have seen each other; all count how many run at the same time.
    let code = "\
import glob, os, time
def handler(event, context):
    for mark in ('seen', 'running'):
        open(f'{mark}-{event}', 'w').close()
    most = len(glob.glob('running-*'))
    while not all(os.path.exists(f'seen-{n}') for n in (1, 2)):
        time.sleep(0.005)
    time.sleep(0.05)
    most = max(most, len(glob.glob('running-*')))
    os.remove(f'running-{event}')
    return most
";
    let bench = bench("python3", "app.handler", &[("app.py", code)], |config| config.concurrency = 2);
    let (one, two, three) = tokio::join!(bench.say("1"), bench.say("2"), bench.say("3"));
    assert!([&one, &two, &three].into_iter().all(|most| most == "1" || most == "2"), "{one} {two} {three}");
    assert!(one == "2" || two == "2", "{one} {two}");
    assert_eq!(bench.host.status()[0].idle, 2);
}

#[tokio::test]
async fn too_long_is_ended_and_the_next_one_runs() {
    let code = "\
import os, time
def handler(event, context):
    print(f'pid {os.getpid()}')
    time.sleep(event)
    return 'woke'
";
    let bench = bench("python3", "app.handler", &[("app.py", code)], |config| {
        config.timeout = Duration::from_secs(1);
    });
    let expected = r#"error {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r-1 Error: Task timed out after 1.00 seconds"}"#;
    assert_eq!(bench.say("60").await, expected);
    let line = bench.lines("pid").remove(0).line;
    eventually("the process ends", || !is_running(line.trim_start_matches("pid "))).await;
    assert_eq!(bench.say("0").await, "\"woke\"");
}

#[tokio::test]
async fn a_crash_is_an_answer_and_the_next_one_runs() {
    let code = "import os\ndef handler(event, context):\n    if event:\n        os._exit(event)\n    return 'alive'\n";
    let bench = python(code);
    let expected = r#"error {"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited with error: exit status 1"}"#;
    assert_eq!(bench.say("1").await, expected);
    assert_eq!(bench.say("0").await, "\"alive\"");
}

#[tokio::test]
async fn a_process_that_died_while_idle_costs_nobody_an_invocation() {
    let code = "\
import os, signal, threading
def handler(event, context):
    if event:
        threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    return os.getpid()
";
    let bench = python(code);
    let first = bench.say("1").await;
    eventually("the process ends", || !is_running(&first)).await;
    assert_ne!(bench.say("0").await, first);
}

#[tokio::test]
async fn too_much_memory_is_ended() {
    let code = "import time\ndef handler(event, context):\n    hoard = b'x' * (300 * 1024 * 1024)\n    time.sleep(10)\n    return len(hoard)\n";
    let bench = bench("python3", "app.handler", &[("app.py", code)], |config| config.memory_mb = 128);
    let expected = r#"error {"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: r-1 Error: Runtime exited with error: signal: killed"}"#;
    assert_eq!(bench.say("1").await, expected);
}

#[tokio::test]
async fn code_that_does_not_load_is_tried_again() {
    let bench = python("raise ValueError('not configured')\n");
    let answer = bench.say("1").await;
    assert!(
        answer.starts_with(r#"error {"errorMessage": "not configured", "errorType": "ValueError""#),
        "{answer}"
    );
    write(&bench.folder.path().join("app.py"), "def handler(event, context):\n    return 'repaired'\n");
    assert_eq!(bench.say("1").await, "\"repaired\"");
}

#[tokio::test]
async fn output_belongs_to_its_invocation() {
    let code = "\
import sys
print('loading')
def handler(event, context):
    print('to out')
    print('to err', file=sys.stderr)
";
    let bench = python(code);
    let answer = bench.ask("1").await;
    assert!(answer.log_tail.starts_with("START RequestId: r-1 Version: $LATEST\n"), "{}", answer.log_tail);
    for part in ["to out\n", "to err\n", "END RequestId: r-1\nREPORT RequestId: r-1\tDuration: "] {
        assert!(answer.log_tail.contains(part), "{part} in {}", answer.log_tail);
    }
    assert_eq!(bench.lines("loading")[0].request_id, None);
    for line in [bench.lines("to out").remove(0), bench.lines("to err").remove(0)] {
        assert_eq!((&*line.function, line.request_id.as_deref()), ("f", Some("r-1")), "{line:?}");
    }
}

#[tokio::test]
async fn a_dropped_invocation_is_ended_with_all_that_it_started() {
    let code = "\
import subprocess, time
def handler(event, context):
    child = subprocess.Popen(['sleep', '600'])
    print(f'child {child.pid}', flush=True)
    time.sleep(600)
";
    let bench = python(code);
    let host = bench.host.clone();
    let running = tokio::spawn(async move { host.invoke("f", &invocation("1")).await });
    eventually("the child starts", || !bench.lines("child").is_empty()).await;
    let child = bench.lines("child").remove(0).line.trim_start_matches("child ").to_owned();
    assert!(is_running(&child));
    running.abort();
    eventually("the child ends", || !is_running(&child)).await;
    assert_eq!(bench.host.status()[0].busy, 0);
}

#[tokio::test]
async fn shutdown_answers_what_runs_and_refuses_the_rest() {
    let code = "import time\ndef handler(event, context):\n    print('running')\n    time.sleep(600)\n";
    let bench = bench("python3", "app.handler", &[("app.py", code)], |config| config.concurrency = 1);
    let ask =
        |host: integrations::functions::FunctionHost| async move { host.invoke("f", &invocation("1")).await };
    let running = tokio::spawn(ask(bench.host.clone()));
    eventually("it runs", || !bench.lines("running").is_empty()).await;
    let waiting = tokio::spawn(ask(bench.host.clone()));
    tokio::task::yield_now().await;
    bench.host.shutdown();
    let answer = running.await.unwrap().unwrap();
    assert!(
        answer.is_error && String::from_utf8_lossy(&answer.payload).contains("signal: killed"),
        "{answer:?}"
    );
    assert_eq!(waiting.await.unwrap().unwrap_err(), InvokeError::Stopped);
    assert_eq!(bench.host.invoke("f", &invocation("1")).await.unwrap_err(), InvokeError::Stopped);
    assert_eq!(bench.host.invoke("g", &invocation("1")).await.unwrap_err(), InvokeError::Unknown);
}

/// What the death of the server looks like from the process: its standard input ends, while a handler runs.
#[tokio::test]
async fn a_process_ends_when_the_server_is_gone() {
    let python =
        "import time\ndef handler(event, context):\n    open('running', 'w').close()\n    time.sleep(600)\n";
    let node = "exports.handler = async () => { require('fs').writeFileSync('running', ''); \
                await new Promise((done) => setTimeout(done, 600000)); };";
    check_orphan(
        "python3",
        ["-u", "-c", include_str!("../../src/functions/shims/python.py")],
        "app.py",
        python,
    )
    .await;
    check_orphan("node", ["-e", include_str!("../../src/functions/shims/node.cjs"), "--"], "app.js", node)
        .await;
}

async fn check_orphan(program: &str, arguments: [&str; 3], file: &str, code: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(file), code);
    let api = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .env("LAMBDA_TASK_ROOT", folder.path())
        .env("_HANDLER", "app.handler")
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr().unwrap().to_string())
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (stream, _) = api.accept().await.unwrap();
    stream.readable().await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r-1\r\nContent-Length: 1\r\n\r\n1";
    stream.try_write(answer).unwrap();
    let mark = folder.path().join("running");
    eventually("the handler runs", || Path::exists(&mark)).await;
    drop(child.stdin.take());
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
    assert!(status.is_ok_and(|status| !status.unwrap().success()), "{program} lives on");
}
