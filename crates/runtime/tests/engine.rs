//! The engine on the memory store with a scripted connector: starts, tokens, restarts, failing commits. What a decision
//! is, is tested in `interpreter`; here it is that nobody hears of it too early and that nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use engine::catalogue::{Creation, Quotas, Settings};
use interpreter::{Answer, Event, Record, Status, TaskEvent};
use runtime::catalogue::Stamp;
use runtime::{Engine, Options, Revision, StartError, StartExecution, Started, TokenError};
use store::memory::{Fault, MemoryStore};
use store::{ExecutionKey, ExecutionStatus, Store};
use task::{Failure, Outcome, Reply, ScriptedConnector};
use value::Payload;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

struct World {
    store: Arc<MemoryStore>,
    connector: Arc<ScriptedConnector>,
    engine: Engine,
}

impl World {
    fn new() -> World {
        World::over(Arc::new(MemoryStore::new()))
    }

    fn over(store: Arc<MemoryStore>) -> World {
        World::with(store, Quotas::default())
    }

    fn with(store: Arc<MemoryStore>, quotas: Quotas) -> World {
        let connector = Arc::new(ScriptedConnector::new());
        let options = Options { give_up_after: Duration::ZERO, quotas, ..Options::default() };
        let engine = Engine::open(store.clone(), connector.clone(), options).unwrap();
        World { store, connector, engine }
    }

    /// The same store after the process died: what was committed, and nothing else. The drivers of the engine before live on
    /// in this process, over a store of their own.
    fn killed(self) -> World {
        World::over(Arc::new(self.store.snapshot()))
    }

    fn machine(&self, definition: &str, express: bool) -> Arc<Revision> {
        let settings =
            Settings::new(definition.to_owned(), "arn:aws:iam::000000000000:role/r".into(), None, None, None);
        let wish =
            Creation { express, settings: settings.unwrap(), publish: false, version_description: None };
        let stamp = Stamp { at: 1, revision: "00000000-0000-4000-8000-000000000001".into() };
        self.engine.catalogue().create("m", wish, None, stamp).unwrap().revision.clone()
    }

    async fn start(
        &self,
        revision: &Arc<Revision>,
        name: Option<&str>,
        input: &str,
    ) -> Result<Started, StartError> {
        let start = StartExecution {
            revision: revision.clone(),
            name: name.map(str::to_owned),
            input: Payload::parse(input).unwrap(),
            trace_header: None,
            version: None,
            alias: None,
            mocks: None,
        };
        self.engine.start(start).await
    }

    fn status(&self, key: ExecutionKey) -> ExecutionStatus {
        self.store.execution(key).unwrap().unwrap().status
    }

    async fn until(&self, key: ExecutionKey, status: ExecutionStatus) {
        for _ in 0..2_000 {
            if self.status(key) == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("still {:?}, not {status:?}", self.status(key));
    }

    fn records(&self, key: ExecutionKey) -> Vec<Record> {
        let mut decoder = interpreter::Decoder::default();
        let batches = self.store.batches(key, 1, 1_000).unwrap();
        batches.iter().flat_map(|batch| decoder.decode(&batch.body).unwrap()).collect()
    }

    async fn until_event(&self, key: ExecutionKey, is: fn(&TaskEvent) -> bool) {
        for _ in 0..2_000 {
            if self.records(key).iter().any(|record| matches!(&record.event, Event::Task(event) if is(event)))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the event did not come: {:?}", self.records(key));
    }
}

fn task_machine(resource: &str, more: &str) -> String {
    format!(
        r#"{{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"{resource}"{more},"End":true}}}}}}"#
    )
}

fn payload(text: &str) -> Payload {
    Payload::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_runs_to_its_end_and_its_start_is_durable() {
    let world = World::new();
    world.connector.reply("T", Outcome::Done(payload(r#"{"paid":true}"#)));
    let revision = world.machine(&task_machine(FUNCTION, ""), false);
    let started = world.start(&revision, None, "{}").await.unwrap();
    assert!(world.store.execution(started.key).unwrap().is_some(), "acknowledged before it was durable");
    assert_eq!(engine::key_of(&started.name), Some(started.key));
    world.until(started.key, ExecutionStatus::Succeeded).await;
    assert_eq!(world.connector.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_starts_one_execution() {
    let world = World::new();
    world.connector.reply_always("T", Reply::Never);
    let revision = world.machine(&task_machine(FUNCTION, ""), false);
    let first = world.start(&revision, Some("order-1"), r#"{"n":1}"#).await.unwrap();
    let again = world.start(&revision, Some("order-1"), r#"{"n":1}"#).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(world.start(&revision, Some("order-1"), r#"{"n":2}"#).await, Err(StartError::AlreadyExists));
    let world = world.killed();
    let after = world.start(&revision, Some("order-1"), r#"{"n":1}"#).await;
    // The interrupted function has failed the execution, or is about to: the name is taken either way.
    assert!(after == Ok(first.clone()) || after == Err(StartError::AlreadyExists), "{after:?}");
    world.until(first.key, ExecutionStatus::Failed).await;
    assert_eq!(world.start(&revision, Some("order-1"), r#"{"n":1}"#).await, Err(StartError::AlreadyExists));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_answered_after_a_restart() {
    let world = World::new();
    world.connector.reply("T", Outcome::AwaitingToken(payload("{}")));
    let more = r#","Parameters":{"FunctionName":"f","Payload":{"t.$":"$$.Task.Token"}}"#;
    let revision =
        world.machine(&task_machine("arn:aws:states:::lambda:invoke.waitForTaskToken", more), false);
    let started = world.start(&revision, None, "{}").await.unwrap();
    world.until_event(started.key, |event| matches!(event, TaskEvent::Submitted { .. })).await;
    let call = world.connector.calls().remove(0);
    let token =
        call.parameters.value().get("Payload").unwrap().get("t").unwrap().as_str().unwrap().to_owned();
    let world = world.killed();
    world.engine.heartbeat(&token).await.unwrap();
    let yes = || Answer::Succeeded(payload(r#"{"approved":true}"#));
    assert_eq!(world.engine.answer_token("forged", yes()).await, Err(TokenError::Invalid));
    world.engine.answer_token(&token, yes()).await.unwrap();
    assert_eq!(world.status(started.key), ExecutionStatus::Succeeded, "acknowledged before it was durable");
    assert_eq!(world.engine.answer_token(&token, yes()).await, Err(TokenError::TimedOut));
    assert!(world.connector.calls().is_empty(), "the call was made again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_flight_when_the_process_died_is_not_made_again_unless_a_retrier_says_so() {
    for (more, calls, status) in [
        ("", 0, ExecutionStatus::Failed),
        (
            r#","Retry":[{"ErrorEquals":["Lambda.SdkClientException"],"IntervalSeconds":1,"MaxAttempts":1}]"#,
            1,
            ExecutionStatus::Succeeded,
        ),
    ] {
        let world = World::new();
        world.connector.reply("T", Reply::Never);
        let revision = world.machine(&task_machine(FUNCTION, more), false);
        let started = world.start(&revision, None, "{}").await.unwrap();
        world.until_event(started.key, |event| matches!(event, TaskEvent::Started { .. })).await;
        let world = world.killed();
        world.connector.reply("T", Outcome::Done(payload("1")));
        world.until(started.key, status).await;
        assert_eq!(world.connector.calls().len(), calls);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_fires_after_a_restart() {
    let world = World::new();
    let wait = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#;
    let revision = world.machine(wait, false);
    let started = world.start(&revision, None, "{}").await.unwrap();
    let world = world.killed();
    world.until(started.key, ExecutionStatus::Succeeded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mocked_activity_is_called_with_its_responses_and_a_count_that_survives_a_restart() {
    let world = World::new();
    world.connector.reply("T", Outcome::Failed(Failure::new("Busy", "")));
    let activity = "arn:aws:states:us-east-1:000000000000:activity:a";
    let more = r#","Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":1,"MaxAttempts":1}]"#;
    let revision = world.machine(&task_machine(activity, more), false);
    let start = StartExecution {
        revision,
        name: None,
        input: payload("{}"),
        trace_header: None,
        version: None,
        alias: None,
        mocks: Some(payload(r#"{"T":{"responses":[]},"Other":{}}"#)),
    };
    let started = world.engine.start(start).await.unwrap();
    world.until_event(started.key, |event| matches!(event, TaskEvent::Failed { .. })).await;
    let first = world.connector.calls().remove(0).mock.unwrap();
    assert_eq!((&**first.responses.text(), first.invocation), (r#"{"responses":[]}"#, 0));
    let world = world.killed();
    world.connector.reply("T", Outcome::Done(payload("1")));
    world.until(started.key, ExecutionStatus::Succeeded).await;
    let second = world.connector.calls().remove(0).mock.unwrap();
    assert_eq!((&**second.responses.text(), second.invocation), (r#"{"responses":[]}"#, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_execution_is_stopped_once() {
    let world = World::new();
    let wait = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":900,"End":true}}}"#;
    let revision = world.machine(wait, false);
    let started = world.start(&revision, None, "{}").await.unwrap();
    let at = world.engine.stop(started.key, Some("Why".into()), None).await.unwrap();
    assert_eq!(world.status(started.key), ExecutionStatus::Aborted);
    assert_eq!(world.engine.stop(started.key, None, None).await.unwrap(), at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_is_told_and_survived() {
    for fault in [Fault::Lost, Fault::Unknown] {
        let world = World::new();
        let revision = world.machine(r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#, false);
        world.store.fail_commit(world.store.commits() + 1, fault);
        let first = world.start(&revision, Some("x"), "{}").await;
        assert!(matches!(first, Err(StartError::Unavailable(_))), "{first:?}");
        let second = world.start(&revision, Some("x"), "{}").await;
        match fault {
            Fault::Lost => assert!(second.is_ok(), "{second:?}"),
            Fault::Unknown => assert_eq!(second, Err(StartError::AlreadyExists), "it had happened"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_express_execution_is_answered_with_its_output_and_leaves_nothing_behind() {
    let world = World::new();
    world.connector.reply("T", Outcome::Done(payload(r#"{"ok":1}"#)));
    world.connector.reply("T", Outcome::Failed(Failure::new("Boom", "why")));
    let revision = world.machine(&task_machine(FUNCTION, r#","ResultPath":"$.out""#), true);
    let start = || StartExecution {
        revision: revision.clone(),
        name: Some("e".into()),
        input: payload(r#"{"a":1}"#),
        trace_header: None,
        version: None,
        alias: None,
        mocks: None,
    };
    let ended = world.engine.start_sync(start()).await.unwrap();
    let Status::Succeeded { output } = ended.status else { panic!("{:?}", ended.status) };
    assert_eq!(&**output.payload().text(), r#"{"a":1,"out":{"ok":1}}"#);
    assert!(ended.arn.starts_with("arn:aws:states:us-east-1:000000000000:express:m:e:"), "{}", ended.arn);
    let failed = world.engine.start_sync(start()).await.unwrap();
    assert!(matches!(failed.status, Status::Failed { .. }), "{:?}", failed.status);
    assert_eq!(world.store.commits(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shut_down_engine_finishes_its_calls_and_takes_no_starts() {
    let world = World::new();
    world.connector.reply("T", Outcome::Done(payload("1")));
    let revision = world.machine(&task_machine(FUNCTION, ""), false);
    let started = world.start(&revision, None, "{}").await.unwrap();
    world.engine.shut_down(Duration::from_secs(10)).await;
    assert_eq!(world.status(started.key), ExecutionStatus::Succeeded);
    assert!(matches!(world.start(&revision, None, "{}").await, Err(StartError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_for_good_refuses_at_once_and_is_given_up() {
    let world = World::new();
    let revision = world.machine(r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#, false);
    world.store.fail_writes(Some(Fault::Lost));
    for _ in 0..3 {
        let refused = world.start(&revision, None, "{}").await;
        assert!(matches!(refused, Err(StartError::Unavailable(_))), "{refused:?}");
    }
    let why = tokio::time::timeout(Duration::from_secs(60), world.engine.failed()).await;
    assert!(why.is_ok_and(|why| !why.is_empty()), "the failure was not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_waited_for() {
    let world = World::new();
    let revision = world.machine(r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#, false);
    world.store.fail_writes(Some(Fault::Full));
    let refused = world.start(&revision, None, "{}").await;
    assert!(matches!(refused, Err(StartError::Unavailable(_))), "{refused:?}");
    world.store.fail_writes(None);
    for _ in 0..200 {
        if world.start(&revision, None, "{}").await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no start although there is room again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_executions_run_as_may() {
    let wait = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":900,"End":true}}}"#;
    let store = Arc::new(MemoryStore::new());
    let quotas = Quotas { open_executions: Some(2), ..Quotas::default() };
    let world = World::with(store.clone(), quotas);
    let revision = world.machine(wait, false);
    let first = world.start(&revision, None, "{}").await.unwrap();
    world.start(&revision, None, "{}").await.unwrap();
    assert_eq!(world.start(&revision, None, "{}").await, Err(StartError::TooMany));
    // Who ends makes room, and after a restart there are as many as before.
    world.engine.stop(first.key, None, None).await.unwrap();
    let third = world.start(&revision, None, "{}").await.unwrap();
    assert_eq!(world.start(&revision, None, "{}").await, Err(StartError::TooMany));
    let world = World::with(Arc::new(store.reopen()), quotas);
    assert_eq!(world.start(&revision, None, "{}").await, Err(StartError::TooMany));
    world.engine.stop(third.key, None, None).await.unwrap();
    // Nobody knows whether this start was written. It was; and it counts.
    world.store.fail_commit(1, Fault::Unknown);
    assert!(matches!(world.start(&revision, None, "{}").await, Err(StartError::Unavailable(_))));
    let mut answer = world.start(&revision, None, "{}").await;
    while matches!(answer, Err(StartError::Unavailable(_))) {
        answer = world.start(&revision, None, "{}").await;
    }
    assert_eq!(answer, Err(StartError::TooMany));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_express_executions_have_keys_of_their_own() {
    let world = World::new();
    let revision = world.machine(&task_machine(FUNCTION, ""), true);
    let start = || StartExecution {
        revision: revision.clone(),
        name: None,
        input: payload("{}"),
        trace_header: None,
        version: None,
        alias: None,
        mocks: None,
    };
    for _ in 0..3 {
        world.connector.reply("T", Outcome::Done(payload("1")));
    }
    world.engine.start_sync(start()).await.unwrap();
    world.engine.start_sync(start()).await.unwrap();
    world.engine.start_express(start()).await.unwrap();
    for _ in 0..2_000 {
        if world.connector.calls().len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let calls = world.connector.calls();
    let keys: std::collections::BTreeSet<&str> = calls.iter().map(|call| &*call.idempotency_key).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.iter().all(|key| runtime::task_of(key).is_none()), "no execution of a shard: {keys:?}");
}
