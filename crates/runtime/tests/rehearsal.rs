//! Rehearsals: virtual time passes at once and in order, mocked work takes none, and what nobody can bring on is said.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use interpreter::{Event, Place, Record, StateEvent, Status, history};
use runtime::{Rehearsal, Script, Step};
use task::{Failure, Outcome, Reply, ScriptedConnector};
use value::Payload;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn payload(text: &str) -> Payload {
    Payload::parse(text).unwrap()
}

fn rehearsal(connector: &Arc<ScriptedConnector>, states: &str, mocks: &str) -> Rehearsal {
    let text = format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#);
    let parsed = asl::parse(&text, asl::ParseOptions::default());
    let definition = parsed.machine.unwrap_or_else(|| panic!("{text}: {:?}", parsed.diagnostics));
    let script = Script {
        definition: Arc::new(definition),
        place: Place::default(),
        machine: "m".into(),
        name: None,
        input: payload("{}"),
        role_arn: "arn:aws:iam::000000000000:role/r".into(),
        express: false,
        mocks: Some(payload(mocks)),
        seed: Some(7),
        virtual_time: true,
    };
    Rehearsal::new(script, connector.clone())
}

/// Runs to the end: what happened, with milliseconds since the start, and the last word.
async fn play(rehearsal: &mut Rehearsal) -> (Vec<String>, String) {
    let mut records: Vec<Record> = Vec::new();
    let last = loop {
        match rehearsal.step().await {
            Step::Records(more) => records.extend(more),
            Step::Ended => break format!("{:?}", rehearsal.execution().status()),
            Step::Stuck(stuck) => break format!("{stuck:?}"),
        }
    };
    let began = records[0].at.0;
    let shown = records.iter().filter_map(|record| {
        let event = history::project(record, true)?;
        let state = match &record.event {
            Event::State(StateEvent::Exited { state, .. }) => format!(" {state}"),
            _ => String::new(),
        };
        let kind = event.r#type.as_str();
        let is_told = ["Exited", "Failed", "TimedOut"].iter().any(|end| kind.ends_with(end));
        is_told.then(|| format!("{} {kind}{state}", record.at.0 - began))
    });
    (shown.collect(), last)
}

#[track_caller]
fn assert_status(rehearsal: &Rehearsal, output: &str) {
    match rehearsal.execution().status() {
        Status::Succeeded { output: found } => assert_eq!(&**found.payload().text(), output),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn retries_and_waits_pass_at_once_and_the_times_are_right() {
    let connector = Arc::new(ScriptedConnector::new());
    let busy = || Outcome::Failed(Failure::new("Busy", ""));
    connector.reply("A", busy()).reply("A", busy()).reply("A", Outcome::Done(payload("5")));
    let states = format!(
        r#""A":{{"Type":"Task","Resource":"{FUNCTION}","Next":"W",
            "Retry":[{{"ErrorEquals":["Busy"],"IntervalSeconds":60,"BackoffRate":2}}]}},
           "W":{{"Type":"Wait","Seconds":86400,"End":true}}"#
    );
    let mut rehearsal = rehearsal(&connector, &states, r#"{"A":{}}"#);
    let began = Instant::now();
    let (told, _) = play(&mut rehearsal).await;
    assert_eq!(
        told,
        [
            "0 LambdaFunctionFailed",
            "60000 LambdaFunctionFailed",
            "180000 TaskStateExited A",
            "86580000 WaitStateExited W"
        ]
    );
    assert_status(&rehearsal, "5");
    let invocations: Vec<u32> =
        connector.calls().into_iter().map(|call| call.mock.unwrap().invocation).collect();
    assert_eq!(invocations, [0, 1, 2]);
    assert!(began.elapsed() < Duration::from_secs(20), "time was real");
}

#[tokio::test]
async fn what_comes_first_is_first() {
    let branch = |seconds: u32| {
        format!(
            r#"{{"StartAt":"W{seconds}","States":{{"W{seconds}":{{"Type":"Wait","Seconds":{seconds},"End":true}}}}}}"#
        )
    };
    let states = format!(
        r#""A":{{"Type":"Parallel","Branches":[{},{},{}],"End":true}}"#,
        branch(30),
        branch(10),
        branch(20)
    );
    let mut rehearsal = rehearsal(&Arc::default(), &states, "{}");
    let (told, _) = play(&mut rehearsal).await;
    let wanted = [
        "10000 WaitStateExited W10",
        "20000 WaitStateExited W20",
        "30000 WaitStateExited W30",
        "30000 ParallelStateExited A",
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_cut_and_a_token_that_nobody_answers_times_out() {
    let connector = Arc::new(ScriptedConnector::new());
    connector.reply("A", Reply::Never).reply("B", Outcome::AwaitingToken(payload("{}")));
    let states = format!(
        r#""A":{{"Type":"Task","Resource":"{FUNCTION}","TimeoutSeconds":1,"Next":"B",
            "Catch":[{{"ErrorEquals":["States.Timeout"],"Next":"B"}}]}},
           "B":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","HeartbeatSeconds":40,
            "Parameters":{{"FunctionName":"f","Payload":{{"t.$":"$$.Task.Token"}}}},"TimeoutSeconds":3600,"End":true}}"#
    );
    let mut rehearsal = rehearsal(&connector, &states, "{}");
    let (told, _) = play(&mut rehearsal).await;
    let wanted = [
        "1000 LambdaFunctionTimedOut",
        "1000 TaskStateExited A",
        "41000 TaskTimedOut",
        "41000 ExecutionFailed",
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn who_waits_for_somebody_else_is_said() {
    let connector = Arc::new(ScriptedConnector::new());
    connector.reply("A", Outcome::AwaitingToken(payload("{}")));
    let token = r#""A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters":{"FunctionName":"f","Payload":{"t.$":"$$.Task.Token"}},"End":true}"#;
    let (_, last) = play(&mut rehearsal(&connector, token, "{}")).await;
    assert_eq!(last, r#"[Stuck { state: "A", is_activity: false }]"#);
    let activity =
        r#""A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:a","End":true}"#;
    let (_, last) = play(&mut rehearsal(&connector, activity, "{}")).await;
    assert_eq!(last, r#"[Stuck { state: "A", is_activity: true }]"#);
    connector.reply("A", Outcome::Done(payload("1")));
    let mut mocked = rehearsal(&connector, activity, r#"{"A":{}}"#);
    play(&mut mocked).await;
    assert_status(&mocked, "1");
}

#[tokio::test]
async fn jobs_are_asked_after_until_they_are_done() {
    let connector = Arc::new(ScriptedConnector::new());
    let handle = payload("[1]");
    connector.reply("A", Outcome::Submitted { handle: handle.clone(), output: payload("{}") });
    connector.poll_reply(&handle, None).poll_reply(&handle, None);
    connector.poll_reply(&handle, Some(Outcome::Done(payload("9"))));
    let states = r#""A":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.sync","Parameters":{"TaskDefinition":"t"},"End":true}"#;
    let mut rehearsal = rehearsal(&connector, states, "{}");
    let (told, _) = play(&mut rehearsal).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let at: i64 = told[0].split(' ').next().unwrap().parse().unwrap();
    assert!((3_000..3_900).contains(&at), "{told:?}");
    assert_status(&rehearsal, "9");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run() {
    let states = r#""A":{"Type":"Pass","Parameters":{"u.$":"States.UUID()"},"End":true}"#;
    let run = || async {
        let mut rehearsal = rehearsal(&Arc::default(), states, "{}");
        play(&mut rehearsal).await;
        format!("{:?}", rehearsal.execution().status())
    };
    let first = run().await;
    assert!(first.contains("Succeeded"), "{first}");
    let uuid = |text: &str| text.split("\"u\":").nth(1).map(str::to_owned);
    assert_eq!(uuid(&first), uuid(&run().await));
}
