//! What a state makes has a bound before it is made: small definitions over large inputs end as errors, not as memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use interpreter::{
    Environment, Execution, Input, Limits, Place, Start, Status, Timestamp, TokenKey, no_deadline,
};
use value::Payload;

fn ends(definition: &str, input: &str) -> Status {
    let parsed = asl::parse(definition, asl::ParseOptions::default());
    let definition = Arc::new(parsed.machine.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)));
    let environment = Arc::new(Environment {
        place: Arc::new(Place::default()),
        standard: Limits::SERVICE,
        express: Limits::EXPRESS,
        token_key: TokenKey::new([1; 32]),
        deadline: no_deadline,
    });
    let mut execution = Execution::new(definition, environment, 1);
    let start = Start {
        input: Payload::parse(input).unwrap(),
        name: "run".into(),
        machine: "machine".into(),
        role: "role".into(),
        seed: 1,
        express: None,
        version_arn: None,
        alias_arn: None,
        trace_header: None,
        mocks: None,
    };
    execution.advance(Input::Start(Box::new(start)), Timestamp(0)).unwrap();
    execution.status().clone()
}

/// The error with which an execution of this one state fails.
fn error_of(state: &str, input: &str) -> String {
    match ends(&format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#), input) {
        Status::Failed { error, .. } => error.map(|error| error.to_string()).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_would_be_too_long_is_refused_before_it_is_written() {
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(200_000));
    let members = |one: &str| (0..5_000).map(|n| format!(r#""m{n}{one}"#)).collect::<Vec<_>>().join(",");
    let branches = vec![r#"{"StartAt":"B#","States":{"B#":{"Type":"Pass","End":true}}}"#; 40];
    let branches: Vec<String> =
        branches.iter().enumerate().map(|(n, one)| one.replace('#', &n.to_string())).collect();
    let jsonata = r#"{% ($a := [1..1000]; $b := [[$a],[$a],[$a],[$a],[$a],[$a],[$a],[$a]]; $c := [[$b],[$b],[$b],[$b],[$b],[$b],[$b],[$b]];
        $d := [[$c],[$c],[$c],[$c],[$c],[$c],[$c],[$c]]; $e := [[$d],[$d],[$d],[$d],[$d],[$d],[$d],[$d]]; [[$e],[$e],[$e],[$e]]) %}"#;
    for state in [
        format!(r#"{{"Type":"Pass","Parameters":{{{}}},"End":true}}"#, members(r#".$":"$""#)),
        format!(r#"{{"Type":"Pass","Assign":{{"v":{{{}}}}},"End":true}}"#, members(r#".$":"$""#)),
        format!(r#"{{"Type":"Parallel","Branches":[{}],"End":true}}"#, branches.join(",")),
        format!(
            r#"{{"QueryLanguage":"JSONata","Type":"Pass","Output":"{}","End":true}}"#,
            jsonata.replace('\n', " ")
        ),
    ] {
        assert_eq!(error_of(&state, &large), "States.DataLimitExceeded", "{}", &state[..100]);
    }
}

#[test]
fn whole_numbers_of_jsonata_have_no_fraction() {
    let state = r#"{"QueryLanguage":"JSONata","Type":"Pass","Output":"{% [$sum([1.5,1.5]), 1.0, 0.5] %}","End":true}"#;
    let definition = format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#);
    let Status::Succeeded { output } = ends(&definition, "{}") else { panic!("it failed") };
    assert_eq!(&**output.payload().text(), "[3,1,0.5]");
}
