//! State machines, tags and activities through the API.

use std::sync::Arc;

use engine::catalogue::{Creation, Settings};
use runtime::Catalogue;
use runtime::catalogue::Stamp;
use serde_json::json;
use store::MemoryStore;
use task::ScriptedConnector;

use crate::harness::{PASS, ROLE, Server, WAIT};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_machine_is_created_changed_and_deleted() {
    let server = Server::start(ScriptedConnector::new()).await;
    let create = |definition: &str| json!({"name": "m", "definition": definition, "roleArn": ROLE});
    let made = server.ok("CreateStateMachine", create(PASS)).await;
    let arn = made["stateMachineArn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:states:us-east-1:000000000000:stateMachine:m");
    assert_eq!(server.ok("CreateStateMachine", create(PASS)).await, made);
    let differs = server.refused("CreateStateMachine", create(WAIT)).await;
    assert_eq!(
        differs,
        ("StateMachineAlreadyExists".into(), format!("State Machine Already Exists: '{arn}'"))
    );

    let found = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    let expected = json!({
        "stateMachineArn": arn, "name": "m", "status": "ACTIVE", "definition": PASS, "roleArn": ROLE,
        "type": "STANDARD", "creationDate": made["creationDate"],
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
        "tracingConfiguration": {"enabled": false}, "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    });
    assert_eq!(found, expected);
    let metadata = json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"});
    assert_eq!(server.ok("DescribeStateMachine", metadata).await["definition"], "{}");

    let same = server.ok("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": PASS})).await;
    assert!(same.get("revisionId").is_none() && same["updateDate"].is_number());
    let changed = server.ok("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": WAIT})).await;
    let found = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!((&found["revisionId"], &found["definition"]), (&changed["revisionId"], &json!(WAIT)));

    // What runs goes on with what it waits for; when nothing runs any more, the state machine is gone.
    let running = server.execution(arn, "{}").await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": arn})).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": arn})).await;
    let start = server.refused("StartExecution", json!({"stateMachineArn": arn})).await;
    assert_eq!(start, ("StateMachineDeleting".into(), format!("State Machine is being deleted: '{arn}'")));
    let again = server.refused("CreateStateMachine", create(WAIT)).await;
    assert_eq!(again.0, "StateMachineDeleting");
    let found = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!(found["status"], "DELETING");
    let found = server.ok("DescribeExecution", json!({"executionArn": running})).await;
    assert_eq!(found["status"], "RUNNING");
    server.ok("StopExecution", json!({"executionArn": running})).await;
    while server.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await.0 == 200 {
        tokio::task::yield_now().await;
    }
    let gone = server.refused("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!(gone, ("StateMachineDoesNotExist".into(), format!("State Machine Does Not Exist: '{arn}'")));
    let of = server.ok("DescribeStateMachineForExecution", json!({"executionArn": running})).await;
    assert_eq!((&of["definition"], &of["revisionId"]), (&json!(WAIT), &changed["revisionId"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_a_restart_interrupted_goes_on() {
    let store = Arc::new(MemoryStore::new());
    let catalogue = Catalogue::new(store.clone());
    let settings = Settings::new(PASS.into(), ROLE.into(), None, None, None).unwrap();
    let wish = Creation { express: false, settings, publish: false, version_description: None };
    catalogue.create("m", wish, None, Stamp { at: 1, revision: "r".into() }).unwrap();
    assert!(catalogue.begin_deletion("m").unwrap());
    let server = Server::start_on(store, ScriptedConnector::new(), server::Options::default()).await;
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
    while server.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await.0 == 200 {
        tokio::task::yield_now().await;
    }
    server.machine("m", WAIT, "STANDARD").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_a_rule_is_refused_in_the_services_words() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = server.machine("m", PASS, "STANDARD").await;
    let create = |change: serde_json::Value| {
        let mut body = json!({"name": "n", "definition": PASS, "roleArn": ROLE});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        ("CreateStateMachine", body)
    };
    let cases = [
        (create(json!({"name": "a b"})), "InvalidName", "Invalid Name: 'a b'"),
        (
            create(json!({"definition": r#"{"StartAt":"P"}"#})),
            "InvalidDefinition",
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
        ),
        (create(json!({"roleArn": "r"})), "InvalidArn", "Invalid Role Arn: 'r'"),
        (
            create(json!({"versionDescription": "first"})),
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            create(json!({"loggingConfiguration": {"level": "ALL"}})),
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            ("UpdateStateMachine", json!({"stateMachineArn": arn})),
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
        ),
        (
            ("UpdateStateMachine", json!({"stateMachineArn": format!("{arn}:2"), "roleArn": ROLE})),
            "StateMachineDoesNotExist",
            &format!("State Machine Does Not Exist: '{arn}:2'"),
        ),
        (
            ("DescribeStateMachine", json!({"stateMachineArn": "m"})),
            "InvalidArn",
            "Invalid Arn: 'Invalid ARN prefix: m'",
        ),
        (("ListStateMachines", json!({"nextToken": "x"})), "InvalidToken", "Invalid Token: 'Invalid token'"),
        (
            ("ListStateMachines", json!({"maxResults": 1001})),
            "ValidationException",
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have \
             value less than or equal to 1000",
        ),
        (
            ("StartSyncExecution", json!({"stateMachineArn": arn})),
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
        ),
    ];
    for ((operation, body), code, message) in cases {
        let found = server.refused(operation, body.clone()).await;
        assert_eq!(found, (code.to_owned(), message.to_owned()), "{operation} {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_paged() {
    let server = Server::start(ScriptedConnector::new()).await;
    for name in ["c", "a", "e", "b", "d"] {
        server.machine(name, PASS, "STANDARD").await;
        server.ok("CreateActivity", json!({"name": name})).await;
    }
    for (operation, list) in [("ListStateMachines", "stateMachines"), ("ListActivities", "activities")] {
        let mut names = Vec::new();
        let mut body = json!({"maxResults": 2});
        loop {
            let page = server.ok(operation, body).await;
            let items = page[list].as_array().unwrap().clone();
            assert!(items.len() <= 2);
            names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            let Some(token) = page.get("nextToken") else { break };
            body = json!({"maxResults": 2, "nextToken": token});
        }
        assert_eq!(names, ["a", "b", "c", "d", "e"], "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_belong_to_their_resource() {
    let server = Server::start(ScriptedConnector::new()).await;
    let machine = server.machine("m", PASS, "STANDARD").await;
    let activity = server.ok("CreateActivity", json!({"name": "a"})).await["activityArn"].clone();
    for arn in [json!(machine), activity] {
        let tags = json!([{"key": "k", "value": "1"}, {"key": "l", "value": "2"}]);
        server.ok("TagResource", json!({"resourceArn": arn, "tags": tags})).await;
        server.ok("UntagResource", json!({"resourceArn": arn, "tagKeys": ["k", "k"]})).await;
        let found = server.ok("ListTagsForResource", json!({"resourceArn": arn})).await;
        assert_eq!(found, json!({"tags": [{"key": "l", "value": "2"}]}), "{arn}");
    }
    let none = server.refused("ListTagsForResource", json!({"resourceArn": format!("{machine}2")})).await;
    assert_eq!(none.0, "ResourceNotFound");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_are_validated_without_being_kept() {
    let server = Server::start(ScriptedConnector::new()).await;
    let good = server.ok("ValidateStateMachineDefinition", json!({"definition": PASS})).await;
    assert_eq!(good, json!({"result": "OK", "diagnostics": [], "truncated": false}));
    let bad = server.ok("ValidateStateMachineDefinition", json!({"definition": "{}"})).await;
    let diagnostic = json!({
        "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "location": "/",
        "message": "These fields are required: [States, StartAt]",
    });
    assert_eq!(bad, json!({"result": "FAIL", "diagnostics": [diagnostic], "truncated": false}));
}
