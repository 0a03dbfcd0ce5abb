//! One state on its own: what each type makes of its data, stage by stage, and how failures end. What TestState refuses and
//! shows is tested with the server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::Arc;

use interpreter::{
    Data, Effect, Environment, Failure, Input, Inspection, Limits, Mock, Place, Stage, StateTest,
    StateTestOutcome, StateTestSetup, Timestamp, TokenKey, no_deadline,
};
use value::{Payload, Value};

const AT: Timestamp = Timestamp(1_764_000_000_000);

fn setup(input: &str) -> StateTestSetup {
    StateTestSetup {
        state: "S".into(),
        input: Payload::parse(input).unwrap(),
        variables: BTreeMap::new(),
        context: None,
        mock: None,
        retrier_retry_count: 0,
        map_iteration_failure_count: 0,
        map_item_reader_data: None,
        role: None,
        execution: "execution".into(),
        machine: "machine".into(),
    }
}

fn begin(state: &str, setup: StateTestSetup) -> StateTest {
    let text = format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#);
    begin_in(&text, setup)
}

fn begin_in(definition: &str, setup: StateTestSetup) -> StateTest {
    let options = asl::ParseOptions { single_state: true, ..asl::ParseOptions::default() };
    let parsed = asl::parse(definition, options);
    let definition = Arc::new(parsed.machine.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)));
    let environment = Arc::new(Environment {
        place: Arc::new(Place::default()),
        standard: Limits::SERVICE,
        express: Limits::EXPRESS,
        token_key: TokenKey::new([1; 32]),
        deadline: no_deadline,
        activity_exists: interpreter::any_activity(),
        wait_scale: interpreter::WaitScale::REAL,
    });
    let mut test = StateTest::new(definition, environment, 1, setup);
    test.begin(7, AT);
    test
}

/// The outcome in one line: `ok output -> next`, `failed error: cause`, `retry …`, `caught …`.
fn line(outcome: Option<&StateTestOutcome>) -> String {
    let failure = |failure: &Failure| {
        format!("{}: {}", failure.error.as_deref().unwrap_or("-"), failure.cause.as_deref().unwrap_or("-"))
    };
    let left = |output: &Data, next: &Option<interpreter::Text>| {
        let next = next.as_deref().map(|next| format!(" -> {next}")).unwrap_or_default();
        format!("{}{next}", output.payload().text())
    };
    match outcome {
        None => "waits".to_owned(),
        Some(StateTestOutcome::Succeeded { output, next }) => format!("ok {}", left(output, next)),
        Some(StateTestOutcome::Failed(found)) => format!("failed {}", failure(found)),
        Some(StateTestOutcome::Retriable(found)) => format!("retry {}", failure(found)),
        Some(StateTestOutcome::CaughtError { failure: found, output, next }) => {
            format!("caught {} {}", failure(found), left(output, next))
        }
    }
}

fn stages(seen: &Inspection) -> Vec<String> {
    let shown = |(stage, data): (&Stage, &Data)| format!("{stage:?} {}", data.payload().text());
    seen.stages.iter().map(shown).collect()
}

#[track_caller]
fn check(state: &str, setup: StateTestSetup, wanted: &str, wanted_stages: &[&str]) -> Inspection {
    let test = begin(state, setup);
    assert_eq!(line(test.outcome()), wanted, "{state}");
    let seen = test.inspection();
    assert_eq!(stages(&seen), wanted_stages, "{state}");
    seen
}

fn mocked(input: &str, result: &str) -> StateTestSetup {
    StateTestSetup { mock: Some(Mock::Result(Payload::parse(result).unwrap())), ..setup(input) }
}

fn failing(input: &str, error: &str) -> StateTestSetup {
    StateTestSetup { mock: Some(Mock::Failure(Failure::new(error, "why"))), ..setup(input) }
}

#[test]
fn a_pass_shows_every_stage_and_stops_before_the_next_state() {
    check(
        r#"{"Type":"Pass","InputPath":"$.a","Parameters":{"b.$":"$.c"},"ResultPath":"$.r","OutputPath":"$.r","Next":"T"}"#,
        setup(r#"{"a":{"c":1}}"#),
        r#"ok {"b":1} -> T"#,
        &[
            r#"AfterInputPath {"c":1}"#,
            r#"AfterParameters {"b":1}"#,
            r#"Result {"b":1}"#,
            r#"AfterResultSelector {"b":1}"#,
            r#"AfterResultPath {"a":{"c":1},"r":{"b":1}}"#,
        ],
    );
}

#[test]
fn a_cause_has_no_event_to_point_to() {
    check(
        r#"{"Type":"Pass","InputPath":"$.nothing","End":true}"#,
        setup("{}"),
        "failed States.Runtime: Invalid path '$.nothing' : No results for path: $['nothing']",
        &[],
    );
}

#[test]
fn variables_are_seen_and_assigned() {
    let variables = BTreeMap::from([
        ("old".into(), Data::from_value(Value::Int(1))),
        ("both".into(), Data::from_value(Value::Int(2))),
    ]);
    let given = StateTestSetup { variables, ..setup("{}") };
    let state = r#"{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $old + $both %}",
        "Assign":{"both":"{% $both * 10 %}","new":true},"End":true}"#;
    let seen = check(state, given, "ok 3", &["AfterInputPath {}"]);
    let shown: Vec<String> =
        seen.variables.iter().map(|(name, value)| format!("{name}={}", value.payload().text())).collect();
    assert_eq!(shown, ["both=20", "new=true", "old=1"]);
}

#[test]
fn a_mock_answers_a_task_of_every_kind() {
    for (resource, parameters) in [
        ("arn:aws:lambda:us-east-1:000000000000:function:f", r#"{"p":1}"#),
        ("arn:aws:states:us-east-1:000000000000:activity:a", r#"{"p":1}"#),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", r#"{"QueueUrl":"q","MessageBody":"m"}"#),
        ("arn:aws:states:::states:startExecution.sync:2", r#"{"StateMachineArn":"m"}"#),
        ("arn:aws:states:::aws-sdk:kms:encrypt", r#"{"KeyId":"k"}"#),
    ] {
        let state = format!(
            r#"{{"Type":"Task","Resource":"{resource}","Parameters":{parameters},"ResultSelector":{{"x.$":"$.y"}},"ResultPath":"$.z","Next":"T"}}"#
        );
        check(
            &state,
            mocked(r#"{"i":1}"#, r#"{"y":2}"#),
            r#"ok {"i":1,"z":{"x":2}} -> T"#,
            &[
                r#"AfterInputPath {"i":1}"#,
                &format!("AfterParameters {parameters}"),
                r#"Result {"y":2}"#,
                r#"AfterResultSelector {"x":2}"#,
                r#"AfterResultPath {"i":1,"z":{"x":2}}"#,
            ],
        );
    }
}

#[test]
fn a_failure_meets_retriers_then_catchers() {
    const TASK: &str = r#"{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:kms:encrypt","Parameters":{},"End":true,
        "Retry":[{"ErrorEquals":["Other"]},{"ErrorEquals":["E"],"IntervalSeconds":3,"MaxAttempts":2,"MaxDelaySeconds":5}],
        "Catch":[{"ErrorEquals":["Late"],"Next":"L"},{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"C"}]}"#;
    let case = |error: &str, count: u32, wanted: &str, details: (Option<u32>, Option<i64>, Option<u32>)| {
        let given = StateTestSetup { retrier_retry_count: count, ..failing("{}", error) };
        let seen = check(TASK, given, wanted, &["AfterInputPath {}", "AfterParameters {}"]);
        let found = (seen.retry_index, seen.retry_backoff_interval_seconds, seen.catch_index);
        assert_eq!(found, details, "{error} {count}");
    };
    case("E", 0, "retry E: why", (Some(1), Some(3), None));
    case("E", 1, "retry E: why", (Some(1), Some(5), None));
    let caught = r#"caught E: why {"e":{"Error":"E","Cause":"why"}} -> C"#;
    case("E", 2, caught, (Some(1), None, Some(1)));
    case("Late", 0, r#"caught Late: why {"Error":"Late","Cause":"why"} -> L"#, (None, None, Some(0)));
    // Nothing handles this one (developer guide, "Error names").
    case("States.Runtime", 0, "failed States.Runtime: why", (None, None, None));
}

#[test]
fn a_parallel_gives_its_mock() {
    let state = r#"{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],
        "ResultPath":"$.r","End":true}"#;
    let wanted = [
        r#"AfterInputPath {"a":1}"#,
        r#"AfterParameters {"a":1}"#,
        "Result [ 5 ]",
        "AfterResultSelector [ 5 ]",
        r#"AfterResultPath {"a":1,"r":[5]}"#,
    ];
    check(state, mocked(r#"{"a":1}"#, "[ 5 ]"), r#"ok {"a":1,"r":[5]}"#, &wanted);
    check(state, failing("{}", "E"), "failed E: why", &["AfterInputPath {}", "AfterParameters {}"]);
}

#[test]
fn a_map_shows_what_its_iterations_would_get() {
    let state = r#"{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":4,"ToleratedFailureCount":1,
        "ItemSelector":{"n.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},
        "ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"b":true}},
        "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},
            "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#;
    let input = r#"{"items":[1,"x",{}],"k":9}"#;
    let before = [
        r#"AfterInputPath {"items":[1,"x",{}],"k":9}"#,
        r#"AfterItemsPath [1, "x", {}]"#,
        r#"AfterItemSelector [{"v":1,"k":9,"n":0}, {"v":"x","k":9,"n":1}, {"v":{},"k":9,"n":2}]"#,
        r#"AfterItemBatcher [{"BatchInput":{"b":true},"Items":[{"v":1,"k":9,"n":0},{"v":"x","k":9,"n":1}]}, {"BatchInput":{"b":true},"Items":[{"v":{},"k":9,"n":2}]}]"#,
    ];
    let after = ["Result [1]", "AfterResultSelector [1]", "AfterResultPath [1]"];
    let seen = check(state, mocked(input, "[1]"), "ok [1]", &[&before[..], &after[..]].concat());
    assert_eq!(
        (seen.max_concurrency, seen.tolerated_failure_count, seen.iterations),
        (Some(4), Some(1), Some(2))
    );

    let given = StateTestSetup { map_iteration_failure_count: 2, ..mocked(input, "[1]") };
    let wanted = "failed States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded";
    check(state, given, wanted, &before);
    check(state, failing(input, "E"), "failed E: why", &before);
    let wanted = "failed States.Runtime: Reference path \"$.items\" must point to array.";
    check(state, mocked(r#"{"items":1}"#, "[]"), wanted, &[r#"AfterInputPath {"items":1}"#]);
}

#[test]
fn an_item_reader_reads_what_the_test_gives() {
    let case = |config: &str, data: &str, items: &str, wanted: &str| {
        let state = format!(
            r#"{{"Type":"Map","ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{config},
                "Parameters":{{"Bucket":"b","Key":"k"}}}},"ItemSelector":{{"v.$":"$$.Map.Item.Value"}},
            "ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},
                "StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}},"End":true}}"#
        );
        let given = StateTestSetup { map_item_reader_data: Some(data.into()), ..mocked("{}", "[]") };
        let test = begin(&state, given);
        assert_eq!(line(test.outcome()), wanted, "{config} {data}");
        let seen = test.inspection();
        let shown = seen.stages.get(&Stage::AfterItemSelector).map(|data| data.payload().text().to_string());
        assert_eq!(shown.unwrap_or_default(), items, "{config} {data}");
    };
    case(r#"{"InputType":"JSON"}"#, "[1, 2]", r#"[{"v":1}, {"v":2}]"#, "ok []");
    case(r#"{"InputType":"JSON","MaxItems":1}"#, "[1, 2]", r#"[{"v":1}]"#, "ok []");
    case(r#"{"InputType":"JSON"}"#, r#"{"a":1}"#, r#"[{"v":{"Key":"a","Value":1}}]"#, "ok []");
    case(
        r#"{"InputType":"JSON","ItemsPointer":"/x/y"}"#,
        r#"{"x":{"y":[true]}}"#,
        r#"[{"v":true}]"#,
        "ok []",
    );
    case(r#"{"InputType":"JSONL"}"#, "1\n\n{\"a\":2}\n", r#"[{"v":1}, {"v":{"a":2}}]"#, "ok []");
    case(
        r#"{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}"#,
        "a,b\n1,\"x,y\"\n2\n",
        r#"[{"v":{"a":"1","b":"x,y"}}, {"v":{"a":"2","b":""}}]"#,
        "ok []",
    );
    case(
        r#"{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["h"],"CSVDelimiter":"PIPE"}"#,
        "1|2",
        r#"[{"v":{"h":"1"}}]"#,
        "ok []",
    );
    let given = r#"{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["h","h"]}"#;
    case(given, "1,2", "", "failed States.ItemReaderFailed: CSV headers cannot contain duplicates.");
    // As recorded: rows of blanks count, short ones are padded, long ones are cut.
    case(
        r#"{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}"#,
        "A,B\n,,,\nNull,None,\n   \n",
        r#"[{"v":{"A":"","B":""}}, {"v":{"A":"Null","B":"None"}}, {"v":{"A":"   ","B":""}}]"#,
        "ok []",
    );
    let refused = "failed States.ItemReaderFailed: Attempting to map over non-iterable node.";
    case(r#"{"InputType":"JSON"}"#, "3", "", refused);
}

#[test]
fn the_context_is_the_testers_or_made_up() {
    let state = r#"{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments":"{% $states.context %}","Output":"{% $states.context %}","End":true}"#;
    let given = r#"{"Task":{"Token":"t"},"Execution":{}}"#;
    let context = Some(Value::parse(given).unwrap());
    let test = begin(state, StateTestSetup { context, ..mocked("{}", "1") });
    assert_eq!(line(test.outcome()), format!("ok {given}"));

    let test =
        begin(state, StateTestSetup { role: Some("r".into()), retrier_retry_count: 2, ..mocked("{}", "1") });
    let seen = test.inspection();
    let made_up = seen.stages.get(&Stage::AfterArguments).unwrap().value();
    let text = |object: &str, member: &str| {
        made_up.get(object).and_then(|object| object.get(member)).map(Value::to_json).unwrap_or_default()
    };
    assert_eq!(
        text("Execution", "Id"),
        r#""arn:aws:states:us-east-1:000000000000:express:machine:execution""#
    );
    assert_eq!(text("Execution", "RoleArn"), r#""r""#);
    assert_eq!(text("Execution", "StartTime"), r#""2025-11-24T16:00:00Z""#);
    assert_eq!(text("State", "Name"), r#""StateName""#);
    assert_eq!(text("State", "RetryCount"), "2");
    assert_eq!(text("StateMachine", "Name"), r#""machine""#);
    assert!(text("Task", "Token").len() > 20);
    assert!(made_up.get("Map").is_none());
}

#[test]
fn a_state_inside_a_map_has_an_item() {
    let definition = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"Q","States":{
        "Q":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"S","States":{
            "S":{"Type":"Pass","Parameters":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},"End":true}}}]}}}}}}"#;
    let test = begin_in(definition, setup("[3]"));
    assert_eq!(line(test.outcome()), r#"ok {"v":[3],"i":0}"#);
}

#[test]
fn a_state_that_waits_ends_with_its_time_or_with_the_tests() {
    let timers = |test: &StateTest| -> Vec<(u32, i64)> {
        let due = test.execution().outstanding().filter_map(|(id, effect)| match effect {
            Effect::Timer { at } => Some((id, (at.0 - AT.0) / 1000)),
            Effect::Task(_) => None,
        });
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|(_, seconds)| *seconds);
        due
    };
    let mut test = begin(r#"{"Type":"Wait","Seconds":10,"Next":"T"}"#, setup("[1]"));
    assert_eq!(line(test.outcome()), "waits");
    let due = timers(&test);
    assert_eq!(due.iter().map(|(_, seconds)| *seconds).collect::<Vec<_>>(), [10, 300]);
    test.advance(Input::TimerFired(due[0].0), AT.plus_seconds(10)).unwrap();
    assert_eq!(line(test.outcome()), "ok [1] -> T");

    let mut test = begin(r#"{"Type":"Wait","Seconds":900,"End":true}"#, setup("{}"));
    let due = timers(&test);
    test.advance(Input::TimerFired(due[0].0), AT.plus_seconds(300)).unwrap();
    assert_eq!(line(test.outcome()), "failed States.Timeout: -");
}

#[test]
fn what_is_shown_has_the_length_of_a_payload() {
    let state = r#"{"Type":"Map","ItemSelector":{"all.$":"$"},
        "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#;
    // Each of n items is shown with the whole input: {"all":[1, … ,1]}.
    let shown = |items: usize| {
        let input = format!("[{}]", vec!["1"; items].join(","));
        line(begin(state, mocked(&input, "[]")).outcome())
    };
    // 360 × (2 × 360 + 9) + … = 262,800 is over 262,144; 359 items make less.
    assert_eq!(shown(358), "ok []");
    assert!(shown(361).starts_with("failed States.DataLimitExceeded: "), "{}", shown(361));
}
