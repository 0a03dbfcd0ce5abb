//! Versions and aliases through the API: who gets which revision, what is shown of it, what is refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use task::ScriptedConnector;

use crate::harness::{PASS, ROLE, Server, WAIT};

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A definition that differs by its comment.
fn pass(comment: &str) -> String {
    format!(r#"{{"Comment":"{comment}","StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}}"#)
}

/// A state machine with versions 1 to `versions`, each with a definition of its own; its ARN.
async fn machine(server: &Server, name: &str, versions: u32) -> String {
    let body = json!({
        "name": name, "definition": pass("1"), "roleArn": ROLE, "publish": true, "versionDescription": "the first"
    });
    let made = server.ok("CreateStateMachine", body).await;
    let arn = text(&made["stateMachineArn"]);
    assert_eq!(made["stateMachineVersionArn"], format!("{arn}:1"));
    for number in 2..=versions {
        let body = json!({"stateMachineArn": arn, "definition": pass(&number.to_string()), "publish": true});
        let updated = server.ok("UpdateStateMachine", body).await;
        assert_eq!(updated["stateMachineVersionArn"], format!("{arn}:{number}"));
    }
    arn
}

fn routing(arn: &str, of: &[(u32, u32)]) -> Value {
    let items = of.iter().map(
        |(version, weight)| json!({"stateMachineVersionArn": format!("{arn}:{version}"), "weight": weight}),
    );
    items.collect()
}

async fn alias(server: &Server, arn: &str, name: &str, of: &[(u32, u32)]) -> String {
    let body = json!({"name": name, "routingConfiguration": routing(arn, of)});
    text(&server.ok("CreateStateMachineAlias", body).await["stateMachineAliasArn"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_shown_started_and_deleted() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = machine(&server, "m", 2).await;
    let first = server.ok("DescribeStateMachine", json!({"stateMachineArn": format!("{arn}:1")})).await;
    assert_eq!(first["stateMachineArn"], format!("{arn}:1"));
    assert_eq!((&first["definition"], &first["description"]), (&json!(pass("1")), &json!("the first")));
    assert!(first.get("revisionId").is_none());
    let second = server.ok("DescribeStateMachine", json!({"stateMachineArn": format!("{arn}:2")})).await;
    let current = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!((&second["definition"], &second["name"]), (&json!(pass("2")), &json!("m")));
    assert_eq!(second["revisionId"], current["revisionId"]);
    assert!(second.get("description").is_none());

    let started = server.execution(&format!("{arn}:1"), "{}").await;
    let found = server.finished(&started).await;
    assert_eq!(found["stateMachineVersionArn"], format!("{arn}:1"));
    assert_eq!((&found["stateMachineArn"], found.get("stateMachineAliasArn")), (&json!(arn), None));
    let of = server.ok("DescribeStateMachineForExecution", json!({"executionArn": started})).await;
    assert_eq!((&of["definition"], &of["stateMachineArn"]), (&json!(pass("1")), &json!(arn)));
    let plain = server.execution(&arn, "{}").await;
    assert!(server.finished(&plain).await.get("stateMachineVersionArn").is_none());

    let listed = server.ok("ListStateMachineVersions", json!({"stateMachineArn": arn})).await;
    let versions = listed["stateMachineVersions"].as_array().unwrap();
    let arns: Vec<_> = versions.iter().map(|version| text(&version["stateMachineVersionArn"])).collect();
    assert_eq!(arns, [format!("{arn}:2"), format!("{arn}:1")]);
    server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{arn}:1")})).await;
    server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{arn}:1")})).await;
    let gone = ("StateMachineDoesNotExist".to_owned(), format!("State Machine Does Not Exist: '{arn}:1'"));
    for operation in ["DescribeStateMachine", "StartExecution"] {
        assert_eq!(server.refused(operation, json!({"stateMachineArn": format!("{arn}:1")})).await, gone);
    }
    // Its executions are still there.
    let executions = server.ok("ListExecutions", json!({"stateMachineArn": format!("{arn}:1")})).await;
    assert_eq!(executions["executions"][0]["executionArn"], started);
    assert_eq!(executions["executions"].as_array().unwrap().len(), 1);
    let never = server.refused("ListExecutions", json!({"stateMachineArn": format!("{arn}:3")})).await;
    assert_eq!(never.0, "StateMachineDoesNotExist");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_is_bound_to_a_revision() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = server.machine("m", PASS, "STANDARD").await;
    let publish = |more: Value| {
        let mut body = json!({"stateMachineArn": arn});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let other = server.refused("PublishStateMachineVersion", publish(json!({"revisionId": "other"}))).await;
    assert_eq!(other.0, "ConflictException");
    let first = server.ok("PublishStateMachineVersion", publish(json!({"revisionId": "INITIAL"}))).await;
    assert_eq!(first["stateMachineVersionArn"], format!("{arn}:1"));
    assert_eq!(server.ok("PublishStateMachineVersion", publish(json!({"description": "x"}))).await, first);
    let updated = server.ok("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": WAIT})).await;
    assert!(updated.get("stateMachineVersionArn").is_none());
    let old = server.refused("PublishStateMachineVersion", publish(json!({"revisionId": "INITIAL"}))).await;
    assert_eq!(old.0, "ConflictException");
    let id = &updated["revisionId"];
    let second = server.ok("PublishStateMachineVersion", publish(json!({"revisionId": id}))).await;
    assert_eq!(second["stateMachineVersionArn"], format!("{arn}:2"));
    for qualified in [format!("{arn}:1"), format!("{arn}:live")] {
        let body = json!({"stateMachineArn": qualified});
        assert_eq!(
            server.refused("PublishStateMachineVersion", body).await,
            ("StateMachineDoesNotExist".into(), format!("State Machine Does Not Exist: '{qualified}'"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_routes_starts_by_weight() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = machine(&server, "m", 2).await;
    let live = alias(&server, &arn, "live", &[(1, 80), (2, 20)]).await;
    let mut drawn: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..200 {
        let started = server.execution(&live, "{}").await;
        let found = server.finished(&started).await;
        assert_eq!(found["stateMachineAliasArn"], live);
        *drawn.entry(text(&found["stateMachineVersionArn"])).or_default() += 1;
    }
    // 160 of 200 on average, with a standard deviation below 6: ten of them are never seen.
    let first = drawn.get(&format!("{arn}:1")).copied().unwrap_or_default();
    assert!((100..200).contains(&first) && drawn.len() == 2, "{drawn:?}");

    let all =
        json!({"stateMachineAliasArn": live, "routingConfiguration": routing(&arn, &[(1, 0), (2, 100)])});
    server.ok("UpdateStateMachineAlias", all).await;
    for _ in 0..20 {
        let started = server.execution(&live, "{}").await;
        assert_eq!(server.finished(&started).await["stateMachineVersionArn"], format!("{arn}:2"));
    }
    let page = server.ok("ListExecutions", json!({"stateMachineArn": live, "maxResults": 1000})).await;
    assert_eq!(page["executions"].as_array().unwrap().len(), 220);
    let page = server.ok("ListExecutions", json!({"stateMachineArn": live, "maxResults": 7})).await;
    let next = json!({"stateMachineArn": live, "maxResults": 7, "nextToken": page["nextToken"]});
    assert_eq!(server.ok("ListExecutions", next).await["executions"].as_array().unwrap().len(), 7);
    // A token is of its list.
    let other = json!({"stateMachineArn": arn, "maxResults": 7, "nextToken": page["nextToken"]});
    assert_eq!(server.refused("ListExecutions", other).await.0, "InvalidToken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_express_alias_answers_at_once() {
    let server = Server::start(ScriptedConnector::new()).await;
    let body = json!({"name": "x", "definition": PASS, "roleArn": ROLE, "type": "EXPRESS", "publish": true});
    let arn = text(&server.ok("CreateStateMachine", body).await["stateMachineArn"]);
    let live = alias(&server, &arn, "live", &[(1, 100)]).await;
    for target in [arn.clone(), format!("{arn}:1"), live] {
        let done = server.ok("StartSyncExecution", json!({"stateMachineArn": target, "input": "7"})).await;
        assert_eq!(
            (&done["status"], &done["stateMachineArn"]),
            (&json!("SUCCEEDED"), &json!(arn)),
            "{target}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_is_described_listed_and_deleted() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = machine(&server, "m", 2).await;
    let live = alias(&server, &arn, "live", &[(1, 90), (2, 10)]).await;
    alias(&server, &arn, "beta", &[(2, 100)]).await;
    let found = server.ok("DescribeStateMachineAlias", json!({"stateMachineAliasArn": live})).await;
    let expected = json!({
        "stateMachineAliasArn": live, "name": "live",
        "routingConfiguration": routing(&arn, &[(1, 90), (2, 10)]),
        "creationDate": found["creationDate"], "updateDate": found["creationDate"],
    });
    assert_eq!(found, expected);
    let listed = |of: String| {
        let server = &server;
        async move {
            let page = server.ok("ListStateMachineAliases", json!({"stateMachineArn": of})).await;
            let aliases = page["stateMachineAliases"].as_array().unwrap().clone();
            aliases.iter().map(|alias| text(&alias["stateMachineAliasArn"])).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed(arn.clone()).await, [format!("{arn}:beta"), live.clone()]);
    assert_eq!(listed(format!("{arn}:1")).await, std::slice::from_ref(&live));
    let held = json!({"stateMachineVersionArn": format!("{arn}:2")});
    assert_eq!(
        server.refused("DeleteStateMachineVersion", held).await,
        (
            "ConflictException".into(),
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [beta, live]"
                .into()
        )
    );
    server.ok("DeleteStateMachineAlias", json!({"stateMachineAliasArn": live})).await;
    for operation in ["DescribeStateMachineAlias", "DeleteStateMachineAlias"] {
        let gone = server.refused(operation, json!({"stateMachineAliasArn": live})).await;
        let text = "Request references a resource that does not exist.";
        assert_eq!(gone, ("ResourceNotFound".into(), text.into()));
    }
    assert_eq!(
        server.refused("StartExecution", json!({"stateMachineArn": live})).await.0,
        "StateMachineDoesNotExist"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_routes_are_refused_in_the_services_words() {
    let server = Server::start(ScriptedConnector::new()).await;
    let arn = machine(&server, "m", 2).await;
    let other = machine(&server, "n", 1).await;
    let check = |routing: Value, code: &'static str, message: String| {
        let server = &server;
        async move {
            let body = json!({"name": "live", "routingConfiguration": routing});
            let refused = server.refused("CreateStateMachineAlias", body.clone()).await;
            assert_eq!(refused, (code.to_owned(), message), "{body}");
        }
    };
    let sum =
        |weights: &str| format!("Sum of routing configuration weights must equal 100. Received: [{weights}]");
    check(routing(&arn, &[(1, 70), (2, 29)]), "ValidationException", sum("70, 29")).await;
    check(routing(&arn, &[(1, 99)]), "ValidationException", sum("99")).await;
    let twice = format!(
        "Routing configuration must contain distinct state machine version ARNs. Received: [{arn}:1, {arn}:1]"
    );
    check(routing(&arn, &[(1, 50), (1, 50)]), "ValidationException", twice).await;
    let plain = json!([{"stateMachineVersionArn": arn, "weight": 100}]);
    let none = format!("Routing configuration must contain state machine version ARNs. Received: [{arn}]");
    check(plain, "ValidationException", none).await;
    let mixed = json!([
        {"stateMachineVersionArn": format!("{arn}:1"), "weight": 50},
        {"stateMachineVersionArn": format!("{other}:1"), "weight": 50},
    ]);
    let two = format!(
        "Routing configuration must contain versions of the same state machine. Received: [{arn}:1, {other}:1]"
    );
    check(mixed, "ValidationException", two).await;
    let missing = "Request references a resource that does not exist.".to_owned();
    check(routing(&arn, &[(7, 100)]), "ResourceNotFound", missing).await;
    let nothing = json!([{"stateMachineVersionArn": "x", "weight": 100}]);
    check(nothing, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'".into()).await;

    let live = alias(&server, &arn, "live", &[(1, 100)]).await;
    let empty = server.refused("UpdateStateMachineAlias", json!({"stateMachineAliasArn": live})).await;
    assert_eq!(empty.0, "ValidationException");
    for wrong in [arn.clone(), format!("{arn}:1")] {
        let body = json!({"stateMachineAliasArn": wrong});
        let refused = server.refused("DescribeStateMachineAlias", body).await;
        let text = "Invalid Arn: 'Resource type not valid in this context: stateMachine'";
        assert_eq!(refused, ("InvalidArn".into(), text.into()), "{wrong}");
    }
    let label = server.refused("StartExecution", json!({"stateMachineArn": format!("{arn}/label")})).await;
    assert_eq!(label.0, "ValidationException");
}
