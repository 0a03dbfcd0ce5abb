//! Task tokens through the API.

use serde_json::{Value, json};
use task::{Outcome, ScriptedConnector};
use value::Payload;

use crate::harness::Server;

const ASK: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Task","End":true,
    "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}}}}}"#;

/// The token that a running execution of `ASK` waits for.
async fn token(server: &Server, arn: &str) -> String {
    loop {
        let page = server.ok("GetExecutionHistory", json!({"executionArn": arn})).await;
        let events = page["events"].as_array().unwrap();
        if events.iter().any(|event| event["type"] == "TaskSubmitted") {
            let scheduled = events.iter().find(|event| event["type"] == "TaskScheduled").unwrap();
            let sent = scheduled["taskScheduledEventDetails"]["parameters"].as_str().unwrap();
            let sent: Value = serde_json::from_str(sent).unwrap();
            return sent["Payload"]["token"].as_str().unwrap().to_owned();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_answered_once() {
    let connector = ScriptedConnector::new();
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    for _ in 0..2 {
        connector.reply(resource, Outcome::AwaitingToken(Payload::parse("{}").unwrap()));
    }
    let server = Server::start(connector).await;
    let machine = server.machine("m", ASK, "STANDARD").await;

    let arn = server.execution(&machine, "{}").await;
    let of_first = token(&server, &arn).await;
    server.ok("SendTaskHeartbeat", json!({"taskToken": of_first})).await;
    let bad = server.refused("SendTaskSuccess", json!({"taskToken": of_first, "output": "{"})).await;
    assert_eq!(bad.0, "InvalidOutput");
    server.ok("SendTaskSuccess", json!({"taskToken": of_first, "output": "{\"ok\":1}"})).await;
    assert_eq!(server.finished(&arn).await["output"], "{\"ok\":1}");
    let late = server.refused("SendTaskSuccess", json!({"taskToken": of_first, "output": "{}"})).await;
    let words = "Task Timed Out: 'Provided task does not exist anymore'";
    assert_eq!(late, ("TaskTimedOut".to_owned(), words.to_owned()));

    let arn = server.execution(&machine, "{}").await;
    let of_second = token(&server, &arn).await;
    server.ok("SendTaskFailure", json!({"taskToken": of_second, "error": "E", "cause": "C"})).await;
    let found = server.finished(&arn).await;
    assert_eq!(
        (&found["status"], &found["error"], &found["cause"]),
        (&json!("FAILED"), &json!("E"), &json!("C"))
    );

    for forged in ["x".to_owned(), format!("{of_second}A")] {
        let found = server.refused("SendTaskHeartbeat", json!({"taskToken": forged})).await;
        assert_eq!(found, ("InvalidToken".to_owned(), "Invalid Token: 'Invalid token'".to_owned()));
    }
}
