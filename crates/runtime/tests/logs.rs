//! Execution logs: every line of a Standard execution is handed over, also when the process dies before it was; an outlet that stands
//! still keeps nobody waiting.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::catalogue::{Creation, Settings};
use runtime::catalogue::Stamp;
use runtime::{Engine, LogOutlet, Options, Revision, StartExecution};
use store::memory::MemoryStore;
use store::{ExecutionStatus, Store};
use task::ScriptedConnector;
use value::Payload;
use wire::{CloudWatchLogsLogGroup, LogDestination, LogLevel, LoggingConfiguration};

const TWO_STATES: &str =
    r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Fail","Error":"E"}}}"#;
const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";

/// Lines by the execution's ARN, as `id type`.
type Lines = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

fn collect(lines: &Lines) -> LogOutlet {
    let lines = lines.clone();
    LogOutlet::new(move |batch| {
        assert_eq!((batch.log_group_arn.as_str(), batch.machine.as_str()), (GROUP, "m"));
        let mut lines = lines.lock().unwrap();
        for line in batch.lines {
            let line: serde_json::Value = serde_json::from_str(&line.text).unwrap();
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            lines.entry(text("execution_arn")).or_default().push(format!("{} {}", text("id"), text("type")));
        }
        Box::pin(async { Ok(()) })
    })
}

/// An outlet that takes a batch and never says what became of it.
fn stands_still() -> LogOutlet {
    LogOutlet::new(|_| Box::pin(std::future::pending()))
}

fn open(store: &Arc<MemoryStore>, outlet: LogOutlet) -> Engine {
    let options = Options { logs: vec![outlet], ..Options::default() };
    Engine::open(store.clone(), Arc::new(ScriptedConnector::new()), options).unwrap()
}

fn machine(engine: &Engine, level: LogLevel, express: bool) -> Arc<Revision> {
    let group = CloudWatchLogsLogGroup { log_group_arn: Some(GROUP.into()) };
    let logging = LoggingConfiguration {
        level: Some(level),
        include_execution_data: Some(true),
        destinations: Some(vec![LogDestination { cloud_watch_logs_log_group: Some(group) }]),
    };
    let role = "arn:aws:iam::000000000000:role/r".to_owned();
    let settings = Settings::new(TWO_STATES.into(), role, Some(logging), None, None).unwrap();
    let wish = Creation { express, settings, publish: false, version_description: None };
    let stamp = Stamp { at: 1, revision: "00000000-0000-4000-8000-000000000001".into() };
    engine.catalogue().create("m", wish, None, stamp).unwrap().revision.clone()
}

fn wish(revision: &Arc<Revision>) -> StartExecution {
    StartExecution {
        revision: revision.clone(),
        name: None,
        input: Payload::parse("{}").unwrap(),
        trace_header: None,
        version: None,
        alias: None,
        mocks: None,
    }
}

/// Starts some and waits until they have ended.
async fn run(engine: &Engine, revision: &Arc<Revision>, count: usize) {
    let mut keys = Vec::new();
    for _ in 0..count {
        keys.push(engine.start(wish(revision)).await.unwrap().key);
    }
    for key in keys {
        while engine.store().execution(key).unwrap().unwrap().status == ExecutionStatus::Running {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn check(lines: &Lines, executions: usize, expected: &[&str]) {
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), executions);
    lines.iter().for_each(|(arn, found)| assert_eq!(found, expected, "{arn}"));
}

const ALL: [&str; 5] = [
    "1 ExecutionStarted",
    "2 PassStateEntered",
    "3 PassStateExited",
    "4 FailStateEntered",
    "5 ExecutionFailed",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_handed_over_once_when_nothing_dies() {
    let (store, lines) = (Arc::new(MemoryStore::new()), Lines::default());
    let engine = open(&store, collect(&lines));
    let revision = machine(&engine, LogLevel::All, false);
    run(&engine, &revision, 40).await;
    engine.shut_down(Duration::from_secs(10)).await;
    check(&lines, 40, &ALL);
    assert_eq!(engine.lost_log_lines(), 0);
    // What was written is known at the next start.
    let again = Lines::default();
    let engine = open(&store, collect(&again));
    engine.shut_down(Duration::from_secs(10)).await;
    check(&again, 0, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_handed_over_when_the_process_died_is_handed_over_by_the_next() {
    let store = Arc::new(MemoryStore::new());
    let engine = open(&store, stands_still());
    let revision = machine(&engine, LogLevel::Error, false);
    run(&engine, &revision, 20).await;
    // The writer has begun: it keeps where it is before its first line.
    while store.catalogue_get(store::CatalogueKind::Progress, "execution-logs").unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (survivor, lines) = (Arc::new(store.snapshot()), Lines::default());
    let engine = open(&survivor, collect(&lines));
    engine.shut_down(Duration::from_secs(10)).await;
    check(&lines, 20, &["4 FailStateEntered", "5 ExecutionFailed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn express_executions_log_as_they_go() {
    let (store, lines) = (Arc::new(MemoryStore::new()), Lines::default());
    let engine = open(&store, collect(&lines));
    let revision = machine(&engine, LogLevel::All, true);
    let arn = engine.start_sync(wish(&revision)).await.unwrap().arn;
    engine.start_express(wish(&revision)).await.unwrap();
    engine.shut_down(Duration::from_secs(10)).await;
    check(&lines, 2, &ALL);
    assert!(lines.lock().unwrap().contains_key(&arn));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_nobody_takes_are_counted() {
    let store = Arc::new(MemoryStore::new());
    let engine = open(&store, LogOutlet::new(|_| Box::pin(async { Err("no".into()) })));
    let revision = machine(&engine, LogLevel::All, true);
    engine.start_sync(wish(&revision)).await.unwrap();
    engine.shut_down(Duration::from_secs(20)).await;
    assert_eq!(engine.lost_log_lines(), 5);
}
