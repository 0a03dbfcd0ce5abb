//! Test cases of a mock file, chosen by the ARN of a start.

use integrations::mocks::MockSource;
use integrations::router::Connectors;
use serde_json::{Value, json};
use server::Options;

use crate::harness::{ROLE, Server};

const FILE: &str = r#"{
    "StateMachines": {"order": {"TestCases": {"Busy": {"Charge": "Busy"}, "Short": {"Charge": "Short"}}}},
    "MockedResponses": {
        "Busy": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"StatusCode": 200, "Payload": 7}}},
        "Short": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}}}}"#;

fn definition() -> String {
    json!({"StartAt": "Charge", "States": {"Charge": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:charge", "End": true,
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 3}]}}})
    .to_string()
}

async fn server(file: Option<&std::path::Path>) -> (Server, String) {
    let mocks = file.map(MockSource::new);
    let server = Server::start_with(Connectors::new(), Options { mocks, ..Options::default() }).await;
    let wanted = json!({"name": "order", "definition": definition(), "roleArn": ROLE, "type": "EXPRESS"});
    let made = server.ok("CreateStateMachine", wanted).await;
    let arn = made["stateMachineArn"].as_str().unwrap().to_owned();
    (server, arn)
}

async fn run(server: &Server, arn: &str) -> Value {
    server.ok("StartSyncExecution", json!({"stateMachineArn": arn})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_case_answers_in_place_of_the_world() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), FILE).unwrap();
    let (server, arn) = server(Some(file.path())).await;
    let ended = run(&server, &format!("{arn}#Busy")).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!("7")), "{ended}");
    assert_eq!(ended["stateMachineArn"], arn.as_str());
    let ended = run(&server, &format!("{arn}#Short")).await;
    let cause =
        "The state 'Charge' has no mocked response for invocation 1: add \"1\" to MockedResponses.Short";
    assert_eq!((&ended["error"], &ended["cause"]), (&json!("States.Runtime"), &json!(cause)), "{ended}");
    let ended = run(&server, &arn).await;
    assert_eq!(ended["status"], "FAILED", "without a test case the function is really called: {ended}");
    std::fs::write(file.path(), FILE.replace("Payload\": 7", "Payload\": 88")).unwrap();
    assert_eq!(run(&server, &format!("{arn}#Busy")).await["output"], "88", "the file was not read again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_case_that_is_not_there_is_refused_with_advice() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), FILE).unwrap();
    let (server, arn) = server(Some(file.path())).await;
    let start = json!({"stateMachineArn": format!("{arn}#Bussy")});
    for operation in ["StartExecution", "StartSyncExecution"] {
        let (status, answer) = server.call(operation, start.clone()).await;
        let message = answer["message"].as_str().unwrap();
        assert_eq!((status, &answer["__type"]), (400, &json!("ValidationException")), "{answer}");
        assert!(message.starts_with(&file.path().display().to_string()), "{message}");
        assert!(message.ends_with("there is no test case `Bussy`; did you mean `Busy`?"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_mock_file_the_arn_names_nothing() {
    let (server, arn) = server(None).await;
    let start = json!({"stateMachineArn": format!("{arn}#Busy")});
    let (_, answer) = server.call("StartExecution", start).await;
    assert_eq!(answer["__type"], "StateMachineDoesNotExist", "{answer}");
}
