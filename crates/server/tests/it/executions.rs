//! Executions through the API: start, describe, history, list, stop, and Express in one call.

use serde_json::{Value, json};
use task::{Outcome, ScriptedConnector};
use value::Payload;

use crate::harness::{PASS, Server, WAIT};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_runs_and_is_read_back() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("m", PASS, "STANDARD").await;
    let start =
        json!({"stateMachineArn": machine, "name": "e", "input": "{ \"a\" : 1 }", "traceHeader": "t"});
    let started = server.ok("StartExecution", start).await;
    let arn = started["executionArn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:states:us-east-1:000000000000:execution:m:e");
    let found = server.finished(arn).await;
    let expected = json!({
        "executionArn": arn, "stateMachineArn": machine, "name": "e", "status": "SUCCEEDED",
        "startDate": started["startDate"], "stopDate": found["stopDate"],
        "input": "{ \"a\" : 1 }", "inputDetails": {"included": true},
        "output": "{ \"a\" : 1 }", "outputDetails": {"included": true}, "traceHeader": "t",
        "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    });
    assert_eq!(found, expected);
    let metadata = json!({"executionArn": arn, "includedData": "METADATA_ONLY"});
    let found = server.ok("DescribeExecution", metadata).await;
    assert!(found.get("input").is_none() && found.get("output").is_none());

    // 80 characters are 160 bytes.
    let long = json!({"stateMachineArn": machine, "name": "é".repeat(80), "other": {"unknown": []}});
    server.ok("StartExecution", long).await;
    let generated = server.execution(&machine, "{}").await;
    assert_eq!(server.finished(&generated).await["status"], "SUCCEEDED");
    let listed = server.ok("ListExecutions", json!({"stateMachineArn": machine})).await;
    let arns: Vec<&str> = listed["executions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["executionArn"].as_str().unwrap())
        .collect();
    assert_eq!((arns.len(), arns[0], arns[2]), (3, generated.as_str(), arn));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_the_same_by_page_and_backwards() {
    let server = Server::start(ScriptedConnector::new()).await;
    let passes: Vec<String> = (0..20)
        .map(|at| {
            let next = if at == 19 { r#""End":true"#.to_owned() } else { format!(r#""Next":"P{}""#, at + 1) };
            format!(r#""P{at}":{{"Type":"Pass",{next}}}"#)
        })
        .collect();
    let definition = format!(r#"{{"StartAt":"P0","States":{{{}}}}}"#, passes.join(","));
    let machine = server.machine("m", &definition, "STANDARD").await;
    let arn = server.execution(&machine, r#"{"a":1}"#).await;
    server.finished(&arn).await;
    let whole = pages(&server, json!({"executionArn": arn})).await;
    let ids: Vec<i64> = whole.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=42).collect::<Vec<i64>>());
    assert_eq!(whole[41]["executionSucceededEventDetails"]["output"], r#"{"a":1}"#);
    for size in [1, 7, 42, 1000] {
        let body = json!({"executionArn": arn, "maxResults": size});
        assert_eq!(pages(&server, body).await, whole, "pages of {size}");
        let body = json!({"executionArn": arn, "maxResults": size, "reverseOrder": true});
        let mut backwards = pages(&server, body).await;
        backwards.reverse();
        assert_eq!(backwards, whole, "pages of {size}, backwards");
    }
    let bare = pages(&server, json!({"executionArn": arn, "includeExecutionData": false})).await;
    assert_eq!(bare[0]["executionStartedEventDetails"].get("input"), None);
    assert_eq!(bare.len(), whole.len());
}

/// A payload stands in the store once, in the batch that brought it; a page far behind it must still show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_shows_payloads_that_came_long_before_it() {
    let connector = ScriptedConnector::new();
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    connector.reply_always(function, Outcome::Done(Payload::parse("1").unwrap()));
    let server = Server::start(connector).await;
    let tasks: Vec<String> = (0..4)
        .map(|at| {
            let next = if at == 3 { r#""End":true"#.to_owned() } else { format!(r#""Next":"T{}""#, at + 1) };
            format!(r#""T{at}":{{"Type":"Task","Resource":"{function}","ResultPath":null,{next}}}"#)
        })
        .collect();
    let definition = format!(r#"{{"StartAt":"T0","States":{{{}}}}}"#, tasks.join(","));
    let machine = server.machine("m", &definition, "STANDARD").await;
    let input = r#"{ "brought" : "once" }"#;
    let arn = server.execution(&machine, input).await;
    assert_eq!(server.finished(&arn).await["output"], input);
    let whole = pages(&server, json!({"executionArn": arn})).await;
    assert_eq!(whole.len(), 1 + 4 * 5 + 1);
    for reverse in [false, true] {
        let body = json!({"executionArn": arn, "maxResults": 1, "reverseOrder": reverse});
        let mut found = pages(&server, body).await;
        if reverse {
            found.reverse();
        }
        assert_eq!(found, whole, "reverse {reverse}");
    }
    let last = &whole[20]["stateExitedEventDetails"];
    assert_eq!((&last["name"], &last["output"]), (&json!("T3"), &json!(input)));
}

async fn pages(server: &Server, mut body: Value) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let page = server.ok("GetExecutionHistory", body.clone()).await;
        events.extend(page["events"].as_array().unwrap().clone());
        let Some(token) = page.get("nextToken") else { return events };
        body["nextToken"] = token.clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_large_events_is_cut() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("m", PASS, "STANDARD").await;
    let input = format!("\"{}\"", "x".repeat(262_000));
    let arn = server.execution(&machine, &input).await;
    server.finished(&arn).await;
    let first = server.ok("GetExecutionHistory", json!({"executionArn": arn})).await;
    assert!(first.get("nextToken").is_none(), "four events of 256 KiB fit");
    let machine = server
        .machine(
            "n",
            &PASS.replace(r#""End":true"#, r#""Next":"Q"},"Q":{"Type":"Pass","End":true"#),
            "STANDARD",
        )
        .await;
    let arn = server.execution(&machine, &input).await;
    server.finished(&arn).await;
    let first = server.ok("GetExecutionHistory", json!({"executionArn": arn})).await;
    assert!(first.get("nextToken").is_some() && first["events"].as_array().unwrap().len() < 6);
    assert_eq!(pages(&server, json!({"executionArn": arn})).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_one_execution() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("m", WAIT, "STANDARD").await;
    let start = |input: &str| json!({"stateMachineArn": machine, "name": "e", "input": input});
    let first = server.ok("StartExecution", start("{}")).await;
    let arn = first["executionArn"].as_str().unwrap();
    assert_eq!(server.ok("StartExecution", start("{}")).await, first);
    let taken = ("ExecutionAlreadyExists".to_owned(), format!("Execution Already Exists: '{arn}'"));
    assert_eq!(server.refused("StartExecution", start("[]")).await, taken);
    let stop = json!({"executionArn": arn, "error": "E", "cause": "C"});
    let stopped = server.ok("StopExecution", stop.clone()).await;
    assert_eq!(server.ok("StopExecution", stop).await, stopped);
    let found = server.finished(arn).await;
    assert_eq!(
        (&found["status"], &found["error"], &found["cause"]),
        (&json!("ABORTED"), &json!("E"), &json!("C"))
    );
    assert_eq!(found["redriveStatus"], "REDRIVABLE");
    assert_eq!(server.refused("StartExecution", start("{}")).await, taken);

    let list = |status: &str| json!({"stateMachineArn": machine, "statusFilter": status});
    for (status, count) in [("RUNNING", 0), ("ABORTED", 1)] {
        let found = server.ok("ListExecutions", list(status)).await;
        assert_eq!(found["executions"].as_array().unwrap().len(), count, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_executions_are_refused_in_the_services_words() {
    let server = Server::start(ScriptedConnector::new()).await;
    let standard = server.machine("m", PASS, "STANDARD").await;
    let express = server.machine("x", PASS, "EXPRESS").await;
    let gone = "arn:aws:states:us-east-1:000000000000:execution:m:none";
    let other = "arn:aws:states:eu-west-1:000000000000:execution:m:none";
    let express_arn = "arn:aws:states:us-east-1:000000000000:express:x:e:id";
    let start = |machine: &str, name: &str, input: &str| {
        ("StartExecution", json!({"stateMachineArn": machine, "name": name, "input": input}))
    };
    let of = |operation: &'static str, arn: &str| (operation, json!({"executionArn": arn}));
    let not_there = |arn: &str| format!("Execution Does Not Exist: '{arn}'");
    let wrong_type = "Invalid Arn: 'Resource type not valid in this context: express'".to_owned();
    let cases = [
        (start(&standard, "a b", "{}"), "InvalidName", "Invalid Name: 'a b'".to_owned()),
        (
            start(&standard, "e", ""),
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input: 'Invalid execution input.'".to_owned(),
        ),
        (of("DescribeExecution", gone), "ExecutionDoesNotExist", not_there(gone)),
        (of("DescribeExecution", other), "ExecutionDoesNotExist", not_there(other)),
        (of("StopExecution", gone), "ExecutionDoesNotExist", not_there(gone)),
        (of("GetExecutionHistory", express_arn), "InvalidArn", wrong_type.clone()),
        (of("DescribeExecution", express_arn), "InvalidArn", wrong_type.clone()),
        (of("StopExecution", express_arn), "InvalidArn", wrong_type),
        (
            ("ListExecutions", json!({"stateMachineArn": express})),
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine".to_owned(),
        ),
    ];
    for ((operation, body), code, message) in cases {
        let found = server.refused(operation, body.clone()).await;
        assert_eq!(found, (code.to_owned(), message), "{operation} {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_express_execution_is_answered_with_its_end() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("x", PASS, "EXPRESS").await;
    let start = json!({"stateMachineArn": machine, "name": "e", "input": "{\"a\": 1}"});
    let found = server.ok("StartSyncExecution", start.clone()).await;
    let arn = found["executionArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:states:us-east-1:000000000000:express:x:e:"), "{arn}");
    let expected = json!({
        "executionArn": arn, "stateMachineArn": machine, "name": "e", "status": "SUCCEEDED",
        "startDate": found["startDate"], "stopDate": found["stopDate"],
        "input": "{\"a\": 1}", "inputDetails": {"included": true},
        "output": "{\"a\": 1}", "outputDetails": {"included": true},
        "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100},
    });
    assert_eq!(found, expected);
    let seen = PASS
        .replace(r#""End":true"#, r#""End":true,"Parameters":{"count.$":"$$.Execution['RedriveCount']"}"#);
    let machine = server.machine("z", &seen, "EXPRESS").await;
    let found = server.ok("StartSyncExecution", json!({"stateMachineArn": machine})).await;
    assert_eq!(found["error"], "States.Runtime", "an Express execution has no RedriveCount: {found}");
    let fail = r#"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"C"}}}"#;
    let machine = server.machine("y", fail, "EXPRESS").await;
    let found = server.ok("StartSyncExecution", json!({"stateMachineArn": machine})).await;
    assert_eq!(
        (&found["status"], &found["error"], &found["cause"]),
        (&json!("FAILED"), &json!("E"), &json!("C"))
    );
    assert!(found.get("output").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_express_execution_that_goes_round_ends_in_time_and_holds_up_nobody() {
    let server = Server::start(ScriptedConnector::new()).await;
    let round = r#"{"StartAt":"R","TimeoutSeconds":1,"States":{"R":{"Type":"Pass","Next":"S"},"S":{"Type":"Choice",
        "Choices":[{"Variable":"$.no","IsPresent":true,"Next":"E"}],"Default":"R"},"E":{"Type":"Succeed"}}}"#;
    let machine = server.machine("x", round, "EXPRESS").await;
    let body = json!({"stateMachineArn": machine});
    let (found, listed) =
        tokio::join!(server.ok("StartSyncExecution", body), server.ok("ListStateMachines", json!({})));
    assert_eq!(listed["stateMachines"].as_array().unwrap().len(), 1);
    assert_eq!((&found["status"], &found["error"]), (&json!("TIMED_OUT"), &json!("States.Timeout")));
}
