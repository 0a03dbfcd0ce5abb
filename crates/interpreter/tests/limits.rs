//! What a state makes has a bound before it is made: small definitions over large inputs end as errors, not as memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use interpreter::{
    Effect, Environment, Execution, Input, Limits, Place, Start, Status, Timestamp, TokenKey, no_deadline,
};
use value::Payload;

const START: Timestamp = Timestamp(1_763_600_000_000);
const YEAR_MS: i64 = 31_536_000_000;

fn ends(definition: &str, input: &str) -> Status {
    started(definition, input).status().clone()
}

fn started(definition: &str, input: &str) -> Execution {
    let parsed = asl::parse(definition, asl::ParseOptions::default());
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
        parent: None,
    };
    execution.advance(Input::Start(Box::new(start)), START).unwrap();
    execution
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

/// A JSON text of that many bytes of UTF-8, of fewer characters than bytes.
fn text_of(bytes: usize) -> String {
    format!("\"é{}\"", "x".repeat(bytes - 4))
}

#[test]
fn payloads_may_have_262_144_bytes_of_utf_8_and_not_one_more() {
    let limit = "States.DataLimitExceeded";
    for (bytes, wanted) in [(262_144, ""), (262_145, limit)] {
        let error_of = |state: &str, input: &str| match ends(
            &format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#),
            input,
        ) {
            Status::Succeeded { .. } => String::new(),
            Status::Failed { error, .. } => error.map(|error| error.to_string()).unwrap_or_default(),
            other => panic!("{other:?}"),
        };
        // What a state gives, in both languages.
        let text = text_of(bytes);
        assert_eq!(error_of(&format!(r#"{{"Type":"Pass","Result":{text},"End":true}}"#), "{}"), wanted);
        let output = format!(r#"{{"QueryLanguage":"JSONata","Type":"Pass","Output":{text},"End":true}}"#);
        assert_eq!(error_of(&output, "{}"), wanted);
        // What a template makes: `{"v":…}` has 6 bytes more.
        let input = format!(r#"{{"t":{}}}"#, text_of(bytes - 6));
        assert_eq!(error_of(r#"{"Type":"Pass","Parameters":{"v.$":"$.t"},"End":true}"#, &input), wanted);
        // What the branches of a Parallel, or the iterations of a Map, give together: `[…,1]` has 4 more.
        let input = format!(r#"{{"t":{}}}"#, text_of(bytes - 4));
        let branches = r#"[{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.t","End":true}}},{"StartAt":"B","States":{"B":{"Type":"Pass","Result":1,"End":true}}}]"#;
        let parallel = format!(r#"{{"Type":"Parallel","Branches":{branches},"End":true}}"#);
        assert_eq!(error_of(&parallel, &input), wanted);
        let map = r#"{"Type":"Map","ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"End":true}"#;
        assert_eq!(error_of(map, &format!("[{},1]", text_of(bytes - 4))), wanted);
    }
    // A result that is too large is an error that is caught (recorded), a state's output too.
    let caught = format!(
        r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","Branches":[{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":{},"End":true}}}}}}],
            "Catch":[{{"ErrorEquals":["States.ALL"],"Next":"C"}}],"End":true}},"C":{{"Type":"Pass","OutputPath":"$.Error","End":true}}}}}}"#,
        text_of(262_144)
    );
    let Status::Succeeded { output } = ends(&caught, "{}") else { panic!("it failed") };
    assert_eq!(&**output.payload().text(), "\"States.DataLimitExceeded\"");
}

#[test]
fn variables_may_have_262_144_bytes_each_and_in_one_assign() {
    let assign = |members: &str| format!(r#"{{"Type":"Pass","Assign":{{{members}}},"End":true}}"#);
    let ends_well = |members: &str, wanted: bool| {
        let ended = ends(&format!(r#"{{"StartAt":"S","States":{{"S":{}}}}}"#, assign(members)), "{}");
        assert_eq!(matches!(ended, Status::Succeeded { .. }), wanted, "{}", &members[..20]);
    };
    ends_well(&format!(r#""a":{}"#, text_of(262_144)), true);
    ends_well(&format!(r#""a":{}"#, text_of(262_145)), false);
    ends_well(&format!(r#""a":{},"b":{}"#, text_of(131_072), text_of(131_072)), true);
    ends_well(&format!(r#""a":{},"b":{}"#, text_of(131_072), text_of(131_073)), false);
}

#[test]
fn all_variables_may_have_10_485_760_bytes_and_one_that_is_replaced_counts_once() {
    // Forty variables of 262,144 bytes fill the execution; assigning one of them again is no more.
    let ends_with = |last: &str| {
        let text = text_of(262_144);
        let states: Vec<String> = (0..40)
            .map(|n| format!(r#""S{n}":{{"Type":"Pass","Assign":{{"v{n}":{text}}},"Next":"S{}"}}"#, n + 1))
            .collect();
        let last = format!(r#""S40":{{"Type":"Pass","Assign":{{{last}}},"End":true}}"#);
        ends(&format!(r#"{{"StartAt":"S0","States":{{{},{last}}}}}"#, states.join(",")), "{}")
    };
    assert!(matches!(ends_with(&format!(r#""v7":{}"#, text_of(262_144))), Status::Succeeded { .. }));
    assert!(matches!(ends_with(r#""v40":1"#), Status::Failed { .. }));
}

#[test]
fn event_25_000_is_the_failure_itself() {
    let forever = r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"B"}],"Default":"A"},"B":{"Type":"Succeed"}}}"#;
    let mut execution = started(forever, "{}");
    while execution.has_more() {
        execution.advance(Input::Continue, START).unwrap();
    }
    assert_eq!(execution.last_event(), 25_000);
    let Status::Failed { error, cause } = execution.status() else { panic!("{:?}", execution.status()) };
    assert_eq!(error.as_deref(), Some("States.Runtime"));
    let wanted = "The execution reached the maximum number of history events (25000).";
    assert_eq!(cause.as_deref(), Some(wanted));
    // 12,499 states enter and leave beside the execution's own two events.
    let passes = |count: usize| {
        let one = |n: usize| {
            let next =
                if n + 1 == count { r#""End":true"#.to_owned() } else { format!(r#""Next":"S{}""#, n + 1) };
            format!(r#""S{n}":{{"Type":"Pass",{next}}}"#)
        };
        let states: Vec<String> = (0..count).map(one).collect();
        let mut execution =
            started(&format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(",")), "{}");
        while execution.has_more() {
            execution.advance(Input::Continue, START).unwrap();
        }
        (execution.last_event(), matches!(execution.status(), Status::Succeeded { .. }))
    };
    assert_eq!(passes(12_499), (25_000, true));
    assert_eq!(passes(12_500), (25_000, false));
}

#[test]
fn an_execution_lives_for_a_year() {
    let wait = |seconds: u64| {
        format!(
            r#"{{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":{seconds},"Next":"V"}},"V":{{"Type":"Wait","Seconds":9,"End":true}}}}}}"#
        )
    };
    let timer = |execution: &Execution| {
        let mut effects = execution.outstanding();
        match effects.next() {
            Some((id, Effect::Timer { at })) => (id, at),
            other => panic!("{other:?}"),
        }
    };
    // A wait that ends in time is not cut short, a longer one ends with the year.
    let end = Timestamp(START.0 + YEAR_MS);
    let mut execution = started(&wait(31_535_990), "{}");
    let (effect, at) = timer(&execution);
    assert_eq!(at, Timestamp(end.0 - 10_000));
    execution.advance(Input::TimerFired(effect), at).unwrap();
    let (effect, at) = timer(&execution);
    execution.advance(Input::TimerFired(effect), at).unwrap();
    assert!(matches!(execution.status(), Status::Succeeded { .. }), "{:?}", execution.status());
    let mut execution = started(&wait(31_535_999), "{}");
    let (effect, at) = timer(&execution);
    execution.advance(Input::TimerFired(effect), at).unwrap();
    let (effect, at) = timer(&execution);
    assert_eq!(at, end);
    execution.advance(Input::TimerFired(effect), at).unwrap();
    assert_eq!(execution.status(), &Status::TimedOut);
    // A token that never comes is due then, without a timeout of its own.
    let token = r#"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f"},
        "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],"End":true},"C":{"Type":"Succeed"}}}"#;
    let mut execution = started(token, "{}");
    let task = |execution: &Execution| match execution.outstanding().next() {
        Some((id, Effect::Task(task))) => (id, task.due),
        other => panic!("{other:?}"),
    };
    let (effect, due) = task(&execution);
    assert_eq!(due, None);
    execution.advance(Input::Dispatch { effect, worker: None }, START).unwrap();
    execution
        .advance(Input::Submitted { effect, output: Payload::parse("{}").unwrap(), handle: None }, START)
        .unwrap();
    assert_eq!(task(&execution), (effect, Some(end)));
    execution.advance(Input::TaskTimedOut { effect, heartbeat: false }, end).unwrap();
    assert_eq!(execution.status(), &Status::TimedOut, "the end of the life is no timeout of the task");
}
