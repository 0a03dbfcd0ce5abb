//! TestState through the API: what is shown at which level, what is refused in which words, and that a task without a mock is
//! really called. What the data flow makes is tested with `interpreter`.

use serde_json::{Value, json};
use task::{Failure, Outcome, ScriptedConnector};
use value::Payload;

use crate::harness::{ROLE, Server};

const MAP: &str =
    r#"{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}"#;
const PARALLEL: &str = r#"{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"End":true}"#;
const TASK: &str =
    r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}"#;

async fn server() -> Server {
    Server::start(ScriptedConnector::new()).await
}

fn request(definition: &str, more: Value) -> Value {
    let mut request = json!({"definition": definition, "roleArn": ROLE});
    let members = request.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_level_shows_its_own() {
    let server = server().await;
    let check = async |state: &str, more: Value, wanted: Value| {
        let found = server.ok("TestState", request(state, more)).await;
        assert_eq!(found, wanted, "{state}");
    };
    let pass = r#"{"Type":"Pass","Parameters":{"b.$":"$.a"},"Next":"N"}"#;
    let ok = json!({"status": "SUCCEEDED", "output": "{\"b\":1}", "nextState": "N"});
    check(pass, json!({"input": "{\"a\":1}"}), ok.clone()).await;
    check(pass, json!({"input": "{\"a\":1}", "inspectionLevel": "INFO"}), ok.clone()).await;
    for level in ["DEBUG", "TRACE"] {
        let mut wanted = ok.clone();
        wanted["inspectionData"] = json!({"input": "{ \"a\": 1 }", "afterInputPath": "{ \"a\": 1 }",
            "afterParameters": "{\"b\":1}", "afterResultSelector": "{\"b\":1}", "afterResultPath": "{\"b\":1}"});
        check(pass, json!({"input": "{ \"a\": 1 }", "inspectionLevel": level}), wanted).await;
        check(
            r#"{"Type":"Choice","QueryLanguage":"JSONata","Choices":[{"Condition":"{% $states.input > $least %}","Next":"Y"}],"Default":"N"}"#,
            json!({"input": "3", "variables": "{\"least\": 2}", "inspectionLevel": level}),
            json!({"status": "SUCCEEDED", "output": "3", "nextState": "Y",
                "inspectionData": {"input": "3", "variables": "{\"least\":2}"}}),
        )
        .await;
        check(
            r#"{"Type":"Wait","Seconds":0,"End":true}"#,
            json!({"inspectionLevel": level}),
            json!({"status": "SUCCEEDED", "output": "{}",
                "inspectionData": {"input": "{}", "afterInputPath": "{}"}}),
        )
        .await;
        check(
            r#"{"Type":"Fail","Error":"E"}"#,
            json!({"inspectionLevel": level}),
            json!({"status": "FAILED", "error": "E", "inspectionData": {"input": "{}", "afterInputPath": "{}"}}),
        )
        .await;
        check(
            PARALLEL,
            json!({"inspectionLevel": level, "mock": {"result": "[ 1 ]"}}),
            json!({"status": "SUCCEEDED", "output": "[ 1 ]", "inspectionData": {"input": "{}",
                "afterResultSelector": "[ 1 ]", "afterResultPath": "[ 1 ]"}}),
        )
        .await;
        check(
            MAP,
            json!({"inspectionLevel": level, "input": "[1,2]", "mock": {"result": "[3,4]"}}),
            json!({"status": "SUCCEEDED", "output": "[3,4]", "inspectionData": {"input": "[1,2]",
                "afterInputPath": "[1,2]", "afterItemsPath": "[1, 2]", "maxConcurrency": 0,
                "afterResultSelector": "[3,4]", "afterResultPath": "[3,4]"}}),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_without_a_mock_is_called() {
    let connector = ScriptedConnector::new();
    let resource = "arn:aws:lambda:us-east-1:000000000000:function:f";
    connector
        .reply(resource, Outcome::Done(Payload::parse("[7]").unwrap()))
        .reply(resource, Outcome::Failed(Failure::new("E", "C")))
        .reply(resource, task::Reply::Never);
    let server = Server::start(connector).await;
    let test = |state: &str| {
        server.ok("TestState", request(state, json!({"input": "5", "inspectionLevel": "TRACE"})))
    };
    let found = test(TASK).await;
    assert_eq!((&found["status"], &found["output"]), (&json!("SUCCEEDED"), &json!("[7]")));
    assert_eq!(found["inspectionData"]["result"], "[7]");
    let retried =
        TASK.replace(r#""End""#, r#""Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":4}],"End""#);
    let found = test(&retried).await;
    let wanted = json!({"status": "RETRIABLE", "error": "E", "cause": "C", "inspectionData": {
        "input": "5", "afterInputPath": "5", "afterParameters": "5",
        "errorDetails": {"retryIndex": 0, "retryBackoffIntervalSeconds": 4}}});
    assert_eq!(found, wanted);
    let found = test(&TASK.replace(r#""End""#, r#""TimeoutSeconds":1,"End""#)).await;
    assert_eq!((&found["status"], &found["error"]), (&json!("FAILED"), &json!("States.Timeout")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_tested_is_refused() {
    let server = server().await;
    let check = async |state: &str, more: Value, code: &str, message: &str| {
        let found = server.refused("TestState", request(state, more.clone())).await;
        assert_eq!(found, (code.to_owned(), message.to_owned()), "{state} {more}");
    };
    let invalid = "ValidationException";
    let pass = r#"{"Type":"Pass","End":true}"#;
    let result = |text: &str| json!({"mock": {"result": text}});
    for (kind, state) in [
        ("Pass", pass),
        ("Wait", r#"{"Type":"Wait","Seconds":1,"End":true}"#),
        ("Succeed", r#"{"Type":"Succeed"}"#),
        ("Fail", r#"{"Type":"Fail"}"#),
        ("Choice", r#"{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"N"}]}"#),
    ] {
        let message = format!("State type '{kind}' is not supported when a mock is specified");
        check(state, result("{}"), invalid, &message).await;
    }
    let message = "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]";
    check(MAP, json!({}), "InvalidDefinition", message).await;
    check(PARALLEL, json!({}), "InvalidDefinition", message).await;
    let token = r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f"},"End":true}"#;
    let message = "TestState API supports Activity tasks, and tasks with the '.sync' or '.waitForTaskToken' service integration pattern, only when a mock is specified";
    check(token, json!({}), "InvalidDefinition", message).await;

    let message = "A test mock should have only one of the following fields: [result, errorOutput].";
    check(TASK, json!({"mock": {}}), invalid, message).await;
    check(TASK, json!({"mock": {"result": "1", "errorOutput": {"error": "E"}}}), invalid, message).await;
    let message = "TestState does not support RevealSecrets when a mock is specified.";
    check(TASK, json!({"mock": {"result": "1"}, "revealSecrets": true}), invalid, message).await;
    for (member, name) in
        [("mapIterationFailureCount", "MapIterationFailureCount"), ("retrierRetryCount", "RetrierRetryCount")]
    {
        let message = format!("TestState does not support {name} when a mock is not specified.");
        check(TASK, json!({"stateConfiguration": {member: 0}}), invalid, &message).await;
    }
    let message = "TestState does not support Context when a mock is not specified.";
    check(TASK, json!({"context": "{}"}), invalid, message).await;

    check(MAP, result("{}"), invalid, "Mocked result must be an array.").await;
    check(PARALLEL, result("1"), invalid, "Mocked result must be an array.").await;
    let message = "Mocked result must contain the same number of items as number of Parallel branches.";
    check(PARALLEL, result("[1,2]"), invalid, message).await;
    let message = "Map iteration failure count must be less than or equal to the number of Map iterations";
    let counts = json!({"stateConfiguration": {"mapIterationFailureCount": 3}});
    for mock in [json!({"result": "[1,2]"}), json!({"errorOutput": {"error": "E"}})] {
        let mut more = counts.clone();
        more["mock"] = mock;
        more["input"] = "[1,2]".into();
        check(MAP, more, invalid, message).await;
    }
    let message = "ErrorCausedByState 'X' is not a state inside the state under test";
    let more =
        json!({"mock": {"errorOutput": {"error": "E"}}, "stateConfiguration": {"errorCausedByState": "X"}});
    check(MAP, more, invalid, message).await;

    let message = "Invalid State Machine Execution Input: 'Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'";
    check(pass, json!({"input": "x"}), "InvalidExecutionInput", message).await;
    let message = "Invalid Variables provided: Variables must be a JSON object";
    check(pass, json!({"variables": "[]"}), invalid, message).await;
    check(pass, json!({"stateName": "Q"}), "InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field 'Type' is not supported at /, SCHEMA_VALIDATION_FAILED: Field 'End' is not supported at /, SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'").await;
    let whole = format!(r#"{{"StartAt":"P","States":{{"P":{pass}}}}}"#);
    check(&whole, json!({"stateName": "Q"}), invalid, "State not found in definition").await;
    // A definition does not become another one by what is put around it.
    let (code, _) = server
        .refused("TestState", request(r#"{"Type":"Pass","End":true},"Other":{"Type":"Succeed"}"#, json!({})))
        .await;
    assert_eq!(code, "InvalidDefinition");
    check(pass, json!({"roleArn": "x"}), "InvalidArn", "Invalid Role Arn: 'x'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_object_is_checked() {
    let server = server().await;
    let check = async |state: &str, context: &str, why: &str| {
        let more = json!({"mock": {"result": "[]"}, "context": context});
        let (code, message) = server.refused("TestState", request(state, more)).await;
        let message =
            message.strip_prefix("Invalid Context object provided: ").unwrap_or(&message).to_owned();
        assert_eq!((&*code, &*message), ("ValidationException", why), "{context}");
    };
    check(TASK, r#"{"Pokedex":{}}"#, "Field 'Pokedex' is not allowed").await;
    check(TASK, r#"{"Execution":{"pokemon":1}}"#, "Field 'pokemon' is not allowed").await;
    check(TASK, r#"{"State":{"Name":1}}"#, "Field 'Name' must be a string").await;
    check(TASK, r#"{"State":{"RetryCount":"1"}}"#, "Field 'RetryCount' must be a number").await;
    check(TASK, r#"{"StateMachine":[]}"#, "Field 'StateMachine' must be an object").await;
    check(TASK, "[]", "Context object must be a JSON object").await;
    let token = "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern";
    check(TASK, r#"{"Task":{"Token":"t"}}"#, token).await;
    let map = "Context object contains 'Map' when state is not inside a Map state";
    check(MAP, r#"{"Map":{"Item":{"Index":0}}}"#, map).await;

    let inside = MAP.replace(
        r#"{"Type":"Pass","End":true}"#,
        &TASK.replace(r#""End""#, r#""ResultSelector":{"i.$":"$$.Map.Item.Index"},"End""#),
    );
    let whole = format!(r#"{{"StartAt":"M","States":{{"M":{inside}}}}}"#);
    let more =
        json!({"stateName": "I", "mock": {"result": "{}"}, "context": r#"{"Map":{"Item":{"Index":4}}}"#});
    let found = server.ok("TestState", request(&whole, more)).await;
    assert_eq!(found["output"], r#"{"i":4}"#);
}

/// A Task of this resource, with parameters that let the definition pass.
fn task(resource: &str) -> String {
    let parameters = match resource {
        "lambda:invoke" => r#"{"FunctionName":"f"}"#,
        "dynamodb:putItem" => r#"{"TableName":"t","Item":{}}"#,
        "sqs:sendMessage" | "sqs:sendMessage.waitForTaskToken" => r#"{"QueueUrl":"q","MessageBody":"m"}"#,
        "events:putEvents" => r#"{"Entries":[]}"#,
        "bedrock:invokeModel" => r#"{"ModelId":"m"}"#,
        _ if resource.starts_with("states:") => r#"{"StateMachineArn":"m"}"#,
        _ => "{}",
    };
    format!(
        r#"{{"Type":"Task","Resource":"arn:aws:states:::{resource}","Parameters":{parameters},"End":true}}"#
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mocked_result_is_held_against_the_services_api() {
    let server = server().await;
    // Fine in every mode, or wrong in both that check: what is wrong.
    let check = async |resource: &str, result: &str, modes: &[&str], wanted: Option<&str>| {
        for mode in modes {
            let mock = json!({"mock": {"result": result, "fieldValidationMode": mode}});
            let (status, answer) = server.call("TestState", request(&task(resource), mock)).await;
            let found = (status != 200).then(|| answer["message"].as_str().unwrap_or_default().to_owned());
            let wanted = wanted.map(|why| format!("Mock result schema validation error: {why}"));
            assert_eq!(found, wanted, "{resource} {result} {mode}");
        }
    };
    let (strict, present, none) = (["STRICT"], ["PRESENT"], ["NONE"]);
    let both = ["STRICT", "PRESENT"];
    for (resource, result, wrong) in [
        // Recorded.
        ("lambda:invoke", r#"{"StatusCode":"200"}"#, "'StatusCode' must be a number"),
        ("events:putEvents", r#"{"Entries":"no list"}"#, "'Entries' must be an array"),
        (
            "events:putEvents",
            r#"{"Entries":[{"EventId":"a"},{"EventId":["b"]}]}"#,
            "'EventId' must be a string",
        ),
        (
            "dynamodb:putItem",
            r#"{"ConsumedCapacity":{"CapacityUnits":"1.5"}}"#,
            "'CapacityUnits' must be a number",
        ),
        ("aws-sdk:kms:encrypt", r#"{"CiphertextBlob":123}"#, "'CiphertextBlob' must be a string"),
        (
            "aws-sdk:kms:encrypt",
            r#"{"CiphertextBlob":""}"#,
            "'CiphertextBlob' is smaller than the minimum length",
        ),
        ("aws-sdk:s3:getObject", r#"{"ContentLength":"9000"}"#, "'ContentLength' must be a number"),
        ("aws-sdk:s3:getObject", r#"{"StorageClass":"Papyrus"}"#, "'StorageClass' is not an expected value"),
        (
            "aws-sdk:lambda:getFunction",
            r#"{"Configuration":{"MemorySize":127}}"#,
            "'MemorySize' is less than the minimum value",
        ),
        (
            "aws-sdk:lambda:getFunction",
            r#"{"Configuration":{"MemorySize":10241}}"#,
            "'MemorySize' exceeds the maximum value",
        ),
        // In the form of those.
        ("dynamodb:putItem", r#"{"ConsumedCapacity":1}"#, "'ConsumedCapacity' must be an object"),
        ("dynamodb:putItem", r#"{"Attributes":{"k":{"BOOL":"yes"}}}"#, "'BOOL' must be a boolean"),
        ("aws-sdk:s3:getObject", r#"{"Metadata":{"k":1}}"#, "'k' must be a string"),
        ("aws-sdk:sqs:sendMessage", r#"{"Md5OfMessageBody":1}"#, "'Md5OfMessageBody' must be a string"),
        ("sqs:sendMessage", r#"{"MD5OfMessageBody":1}"#, "'MD5OfMessageBody' must be a string"),
    ] {
        check(resource, result, &both, Some(&format!("Field {wrong}"))).await;
        check(resource, result, &none, None).await;
    }
    check(
        "states:startExecution",
        r#"{"StartDate":true}"#,
        &present,
        Some("Field 'StartDate' must be a string"),
    )
    .await;
    let missing = Some("Required field 'ExecutionArn' is missing");
    for result in ["{}", r#"{"executionArn":"a","startDate":"b"}"#, r#"{"ExecutionArn":null}"#] {
        check("states:startExecution", result, &strict, missing).await;
        check("states:startExecution", result, &present, None).await;
    }
    check("states:startExecution", "[]", &both, Some("Result must be an object")).await;
    for (resource, result) in [
        ("events:putEvents", r#"{"random":"json"}"#),
        (
            "lambda:invoke",
            r#"{"Payload":{"any":[1]},"StatusCode":200,"SdkHttpMetadata":{"HttpStatusCode":200}}"#,
        ),
        ("bedrock:invokeModel", r#"{"Body":{"completion":"x"},"ContentType":"application/json"}"#),
        ("states:startExecution", r#"{"ExecutionArn":"a","StartDate":"2026-11-20T16:08:01.355190"}"#),
        (
            "states:startExecution.sync:2",
            r#"{"ExecutionArn":"a","StateMachineArn":"m","StartDate":1,"Status":"SUCCEEDED","Output":{"a":1}}"#,
        ),
        ("sqs:sendMessage", r#"{"MD5OfMessageBody":"5","MessageId":"i"}"#),
        // Nobody knows what these bring.
        ("sqs:sendMessage.waitForTaskToken", "[1]"),
        ("http:invoke", "1"),
        ("apigateway:invoke", r#"{"approval":true}"#),
        ("batch:submitJob.sync", r#"{"Status":"SUCCEEDED"}"#),
    ] {
        check(resource, result, &both, None).await;
    }
    let sync =
        r#"{"ExecutionArn":"a","StateMachineArn":"m","StartDate":1,"Status":"SUCCEEDED","Output":{"a":1}}"#;
    check("states:startExecution.sync", sync, &both, Some("Field 'Output' must be a string")).await;
    check(
        "states:startExecution.sync",
        r#"{"Status":"DONE"}"#,
        &present,
        Some("Field 'Status' is not an expected value"),
    )
    .await;
}
