//! What the service answers to requests that break its model. Each row is a request and the whole message; rows marked
//! (recorded) are the service's own words, the others follow the same grammar.

use serde_json::{Value, json};

use super::{Limits, validate};
use crate::{ApiError, OperationName};

fn outcome(operation: &str, mut body: Value) -> Result<(), ApiError> {
    validate(OperationName::from_wire(operation).unwrap(), &mut body, &Limits::default())
}

#[track_caller]
fn check(operation: &str, body: Value, message: &str) {
    let error = outcome(operation, body).unwrap_err();
    assert_eq!((error.code(), error.message()), ("ValidationException", message));
}

const TOO_MANY: &str = "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: \
                        Member must have value less than or equal to 1000";

#[test]
fn ranges() {
    // Recorded.
    for operation in ["ListStateMachines", "ListActivities"] {
        check(operation, json!({"maxResults": 1001}), TOO_MANY);
    }
    check("ListStateMachineAliases", json!({"stateMachineArn": "a", "maxResults": 1001}), TOO_MANY);
    check(
        "ListActivities",
        json!({"maxResults": -1}),
        "1 validation error detected: Value '-1' at 'maxResults' failed to satisfy constraint: \
         Member must have value greater than or equal to 0",
    );
    check(
        "UpdateMapRun",
        json!({"mapRunArn": "a", "toleratedFailurePercentage": 100.5}),
        "1 validation error detected: Value '100.5' at 'toleratedFailurePercentage' failed to satisfy constraint: \
         Member must have value less than or equal to 100",
    );
}

#[test]
fn lengths() {
    let token = "x".repeat(3097);
    check(
        "ListExecutions",
        json!({"nextToken": token}),
        &format!(
            "1 validation error detected: Value '{token}' at 'nextToken' failed to satisfy constraint: \
             Member must have length less than or equal to 3096"
        ),
    );
    check(
        "DescribeExecution",
        json!({"executionArn": ""}),
        "1 validation error detected: Value '' at 'executionArn' failed to satisfy constraint: \
         Member must have length greater than or equal to 1",
    );
    assert_eq!(outcome("CreateActivity", json!({"name": "ü".repeat(80)})), Ok(()));
}

#[test]
fn lists_and_what_is_in_them() {
    let route = |arn: &str, weight: i64| json!({"stateMachineVersionArn": arn, "weight": weight});
    let alias = |routes: Value| json!({"name": "PROD", "routingConfiguration": routes});
    // Both recorded.
    check(
        "CreateStateMachineAlias",
        alias(json!([route("a:1", 50), route("a:2", 30), route("a:3", 20)])),
        "1 validation error detected: Value '[RoutingConfigurationListItem(stateMachineVersionArn=a:1, weight=50), \
         RoutingConfigurationListItem(stateMachineVersionArn=a:2, weight=30), \
         RoutingConfigurationListItem(stateMachineVersionArn=a:3, weight=20)]' at 'routingConfiguration' failed to \
         satisfy constraint: Member must have length less than or equal to 2",
    );
    check(
        "CreateStateMachineAlias",
        alias(json!([route("a:1", 101)])),
        "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy \
         constraint: Member must have value less than or equal to 100",
    );
    check(
        "CreateStateMachineAlias",
        alias(json!([null])),
        "1 validation error detected: Value null at 'routingConfiguration.1.member' failed to satisfy constraint: \
         Member must not be null",
    );
}

#[test]
fn patterns() {
    let body = |name: &str| json!({"name": name, "routingConfiguration": [{"stateMachineVersionArn": "a:1", "weight": 100}]});
    // Recorded, each of them.
    for name in ["123", "INVALID ALIAS", "!INVALID", "ALIAS@"] {
        check(
            "CreateStateMachineAlias",
            body(name),
            &format!(
                "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
            ),
        );
    }
    for name in ["a", "1.0", "-", "PROD_2"] {
        assert_eq!(outcome("CreateStateMachineAlias", body(name)), Ok(()), "{name}");
    }
    let token = |token: &str| outcome("RedriveExecution", json!({"executionArn": "a", "clientToken": token}));
    assert!(token("a b").is_err() && token("ü").is_err() && token("a~!").is_ok());
    let trace =
        |header: &str| outcome("StartExecution", json!({"stateMachineArn": "a", "traceHeader": header}));
    assert!(trace("Root=1").is_ok() && trace("").is_ok() && trace("é").is_err());
}

#[test]
fn required_enumerations_and_many_at_once() {
    check(
        "StartExecution",
        json!({}),
        "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
    );
    check(
        "DescribeExecution",
        json!({"executionArn": null, "includedData": "SOME"}),
        "2 validation errors detected: Value null at 'executionArn' failed to satisfy constraint: Member must not be \
         null; Value 'SOME' at 'includedData' failed to satisfy constraint: Member must satisfy enum value set: \
         [ALL_DATA, METADATA_ONLY]",
    );
}

#[test]
fn sensitive_values_are_not_shown() {
    check(
        "SendTaskHeartbeat",
        json!({"taskToken": "s".repeat(2049)}),
        "1 validation error detected: Value at 'taskToken' failed to satisfy constraint: \
         Member must have length less than or equal to 2048",
    );
}

#[test]
fn payloads_count_bytes_against_the_configured_limit() {
    let start = |input: String, limits: &Limits| {
        validate(OperationName::StartExecution, &mut json!({"stateMachineArn": "a", "input": input}), limits)
    };
    let service = Limits::default();
    assert!(start("x".repeat(262_144), &service).is_ok());
    assert!(start("ü".repeat(131_073), &service).is_err());
    assert!(start("ü".repeat(131_073), &Limits { payload: 262_146, ..service }).is_ok());
}

#[test]
fn other_json_types_are_serialization_errors() {
    for (operation, body) in [
        ("StartExecution", json!({"stateMachineArn": 7})),
        ("StartExecution", json!({"stateMachineArn": {}})),
        ("StartExecution", json!([])),
        ("ListActivities", json!({"maxResults": "7"})),
        ("ListActivities", json!({"maxResults": 1e10})),
        ("ListActivities", json!({"maxResults": 18_446_744_073_709_551_615_u64})),
        ("TagResource", json!({"resourceArn": "a", "tags": {}})),
        ("TagResource", json!({"resourceArn": "a", "tags": ["k"]})),
        ("CreateStateMachine", json!({"publish": "true"})),
    ] {
        let error = outcome(operation, body.clone()).unwrap_err();
        assert_eq!(error.code(), "SerializationException", "{operation} {body}");
    }
}
