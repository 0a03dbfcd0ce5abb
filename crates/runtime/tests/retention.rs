//! Retention: what ended long enough ago goes, with its name; what runs stays, and starts go on meanwhile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use engine::catalogue::{Creation, Settings};
use runtime::catalogue::Stamp;
use runtime::{Engine, Options, Revision, StartError, StartExecution, retention};
use store::memory::MemoryStore;
use store::{ExecutionKey, ExecutionQuery, ExecutionStatus, Store};
use task::ScriptedConnector;
use value::Payload;

const DEFINITION: &str = r#"{"StartAt":"C","States":{
    "C":{"Type":"Choice","Choices":[{"Variable":"$.wait","IsPresent":true,"Next":"W"}],"Default":"S"},
    "W":{"Type":"Wait","Seconds":3600,"End":true},"S":{"Type":"Succeed"}}}"#;

struct World {
    store: Arc<MemoryStore>,
    engine: Engine,
    revision: Arc<Revision>,
}

impl World {
    fn new() -> World {
        let store = Arc::new(MemoryStore::new());
        let connector = Arc::new(ScriptedConnector::new());
        let engine = Engine::open(store.clone(), connector, Options::default()).unwrap();
        let role = "arn:aws:iam::000000000000:role/r".to_owned();
        let settings = Settings::new(DEFINITION.into(), role, None, None, None).unwrap();
        let wish = Creation { express: false, settings, publish: false, version_description: None };
        let stamp = Stamp { at: 1, revision: "00000000-0000-4000-8000-000000000001".into() };
        let revision = engine.catalogue().create("m", wish, None, stamp).unwrap().revision.clone();
        World { store, engine, revision }
    }

    async fn start(&self, name: &str, input: &str) -> Result<ExecutionKey, StartError> {
        let start = StartExecution {
            revision: self.revision.clone(),
            name: Some(name.to_owned()),
            input: Payload::parse(input).unwrap(),
            trace_header: None,
            version: None,
            alias: None,
            mocks: None,
        };
        self.engine.start(start).await.map(|started| started.key)
    }

    async fn ended(&self, key: ExecutionKey) {
        while self.store.execution(key).unwrap().unwrap().status == ExecutionStatus::Running {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn count(&self) -> usize {
        self.store.executions(&ExecutionQuery { limit: 10_000, ..Default::default() }).unwrap().rows.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_long_ago_goes_and_nothing_else() {
    let world = World::new();
    let mut old = Vec::new();
    for index in 0..150 {
        old.push(world.start(&format!("old-{index}"), "{}").await.unwrap());
    }
    for key in &old {
        world.ended(*key).await;
    }
    let runs = world.start("runs", r#"{"wait":true}"#).await.unwrap();
    assert!(matches!(world.start("old-0", "{}").await, Err(StartError::AlreadyExists)));
    let before = world.engine.now().0 + 1;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let young = world.start("young", "{}").await.unwrap();
    world.ended(young).await;

    assert_eq!(retention::sweep(&world.engine, 0).await.unwrap(), 0);
    let (swept, started) = tokio::join!(retention::sweep(&world.engine, before), async {
        for index in 0..50 {
            world.start(&format!("meanwhile-{index}"), "{}").await.unwrap();
        }
        50
    });
    assert_eq!(swept.unwrap(), 150);
    assert_eq!(world.count(), 2 + started);
    for key in old {
        assert!(world.store.batches(key, 1, 10).unwrap().is_empty());
    }
    for key in [runs, young] {
        assert!(!world.store.batches(key, 1, 10).unwrap().is_empty());
    }
    assert!(world.store.pending_of(runs).unwrap().len() == 1);
    world.start("old-0", "{}").await.unwrap();
    assert!(matches!(world.start("young", "{}").await, Err(StartError::AlreadyExists)));
    world.engine.stop(runs, None, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_of_the_index_is_made_again_from_the_records() {
    let world = World::new();
    let ended = world.start("ended", "{}").await.unwrap();
    world.ended(ended).await;
    let runs = world.start("runs", r#"{"wait":true}"#).await.unwrap();
    while world.store.pending_of(runs).unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    world.engine.shut_down(Duration::from_secs(5)).await;
    let place = interpreter::Place::default();
    let store = Arc::new(world.store.snapshot());
    let shared: Arc<dyn Store> = store.clone();
    let check = |repair: bool, differences: u64| {
        let report = runtime::reindex(&shared, &place, repair).unwrap();
        assert_eq!((report.executions, report.differences), (2, differences), "{:?}", report.told);
        assert_eq!(report.repairable, differences);
    };
    check(false, 0);
    // Lose a timer, an end, and leave a row that nobody wants.
    let mut timer = store.pending_of(runs).unwrap();
    let lost = timer.remove(0);
    for key in [runs, ended] {
        let epoch = store.acquire(key.shard(), "test").unwrap();
        let mut commit = store::Commit::new(key.shard(), epoch);
        if key == runs {
            commit.settled.push(lost.key);
        } else {
            commit.executions.push(store::ExecutionChange::Status {
                execution: key,
                status: ExecutionStatus::Running,
                stopped_at: None,
                redrive_count: 0,
                redriven_at: None,
            });
            let stray = ExecutionKey::new(1_800_000_000_000, 7, key.shard());
            let row = |execution| store::Pending {
                key: store::PendingKey { execution, effect: 99 },
                kind: store::PendingKind::Timer,
                due: Some(1),
                subject: None,
            };
            commit.pending.extend([row(key), row(stray)]);
        }
        store.commit(&[commit]).unwrap();
    }
    check(false, 4);
    check(true, 4);
    check(false, 0);
    assert_eq!(store.pending_of(runs).unwrap(), [lost]);
    assert_eq!(store.execution(ended).unwrap().unwrap().status, ExecutionStatus::Succeeded);
}
