//! RedriveExecution: what it answers, and what DescribeExecution says beforehand. What runs again is the interpreter's.

use serde_json::{Value, json};
use task::{Failure, Outcome, ScriptedConnector};
use value::Payload;

use crate::harness::{PASS, Server, WAIT};

const TASK: &str = r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,
    "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}"#;

fn refusal(why: &str) -> (String, String) {
    ("ExecutionNotRedrivable".to_owned(), why.to_owned())
}

async fn describe(server: &Server, arn: &str) -> Value {
    server.ok("DescribeExecution", json!({"executionArn": arn})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_is_redriven_once_for_a_token() {
    let script = ScriptedConnector::new();
    script.reply("T", Outcome::Failed(Failure::new("E", "C")));
    script.reply_always("T", Outcome::Done(Payload::parse("1").unwrap()));
    let server = Server::start(script).await;
    let machine = server.machine("m", TASK, "STANDARD").await;
    let arn = server.execution(&machine, "{}").await;
    let failed = server.finished(&arn).await;
    assert_eq!((&failed["status"], &failed["redriveStatus"]), (&json!("FAILED"), &json!("REDRIVABLE")));
    assert_eq!(failed.get("redriveStatusReason"), None);
    let redrive = json!({"executionArn": arn, "clientToken": "t"});
    let redriven = server.ok("RedriveExecution", redrive.clone()).await;
    let found = server.finished(&arn).await;
    assert_eq!((&found["status"], &found["redriveCount"]), (&json!("SUCCEEDED"), &json!(1)));
    assert_eq!(found["redriveDate"], redriven["redriveDate"]);
    assert_eq!(server.ok("RedriveExecution", redrive).await, redriven);
    let why = refusal("Execution is SUCCEEDED and cannot be redriven");
    assert_eq!(server.refused("RedriveExecution", json!({"executionArn": arn})).await, why);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_redriven_says_why() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("m", WAIT, "STANDARD").await;
    let running = server.execution(&machine, "{}").await;
    let of_running = json!({"executionArn": running});
    let why = "Execution is RUNNING and cannot be redriven";
    assert_eq!(server.refused("RedriveExecution", of_running.clone()).await, refusal(why));
    assert_eq!(describe(&server, &running).await["redriveStatusReason"], why);
    // The machine is being deleted for as long as another one of its executions waits.
    let stopped = server.execution(&machine, "{}").await;
    server.ok("StopExecution", json!({"executionArn": stopped})).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    let why = "State machine is in DELETING status";
    assert_eq!(server.refused("RedriveExecution", json!({"executionArn": stopped})).await, refusal(why));
    let found = describe(&server, &stopped).await;
    assert_eq!(
        (&found["redriveStatus"], &found["redriveStatusReason"]),
        (&json!("NOT_REDRIVABLE"), &json!(why))
    );
    for (arn, error) in [
        (format!("{running}0"), "ExecutionDoesNotExist"),
        ("arn:aws:states:us-east-1:000000000000:express:m:e:i".to_owned(), "InvalidArn"),
        (machine, "InvalidArn"),
    ] {
        let (found, _) = server.refused("RedriveExecution", json!({"executionArn": arn})).await;
        assert_eq!(found, error, "{arn}");
    }
    let token = json!({"executionArn": running, "clientToken": "not one"});
    assert_eq!(server.refused("RedriveExecution", token).await.0, "ValidationException");
    let machine = server.machine("p", PASS, "STANDARD").await;
    let done = server.execution(&machine, "{}").await;
    assert_eq!(server.finished(&done).await["redriveStatus"], "NOT_REDRIVABLE");
}
