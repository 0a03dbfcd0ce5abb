//! TestState: one state, run on its own. Nothing is stored; what is not mocked is really called.

use std::sync::Arc;
use std::time::Duration;

use engine::{CallAction, TaskOutcome};
use interpreter::{
    Answer, Effect, EffectId, Environment, Input, Inspection, StateTest, StateTestOutcome, StateTestSetup,
    TaskPhase, Timestamp,
};
use store::{ExecutionKey, ShardId};
use task::{Connector, Outcome};

use crate::blocking;
use crate::calls;
use crate::clock::{now, random_u64};

/// How a test of a state ended, and what was seen on the way.
#[derive(Clone, Debug)]
pub struct TestedState {
    /// How it ended.
    pub outcome: StateTestOutcome,
    /// What was seen.
    pub inspection: Inspection,
}

/// Runs a state to its end, or to the five minutes that the service gives it.
pub(crate) async fn run(
    environment: Arc<Environment>,
    connector: Arc<dyn Connector>,
    definition: Arc<asl::StateMachine>,
    setup: StateTestSetup,
) -> TestedState {
    let key = ExecutionKey::new(now().0, 0, ShardId(0));
    let mut test = blocking(move || {
        let mut test = StateTest::new(definition, environment, key.0, setup);
        test.begin(random_u64(), now());
        test
    })
    .await;
    loop {
        if let Some(outcome) = test.outcome().cloned() {
            return TestedState { outcome, inspection: test.inspection() };
        }
        let inputs = next_inputs(&mut test, &connector).await;
        test = blocking(move || {
            for input in inputs {
                // A timer that fired beside a call that returned finds nothing that waits for it.
                let _ = test.advance(input, now());
            }
            test
        })
        .await;
    }
}

/// Waits for what the state waits for: its call, its time, or the end of its time.
async fn next_inputs(test: &mut StateTest, connector: &Arc<dyn Connector>) -> Vec<Input> {
    let scheduled = test.execution().outstanding().find_map(|(id, effect)| match effect {
        Effect::Task(task) if task.phase == TaskPhase::Scheduled => Some(id),
        Effect::Task(_) | Effect::Timer { .. } => None,
    });
    let call = scheduled.and_then(|effect| Some((effect, begin_call(test, effect)?)));
    let (effect, call) = call.unzip();
    let mut call = call.map(|call| connector.call(call));
    loop {
        let called = async {
            match &mut call {
                Some(call) => call.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            outcome = called => return effect.map(|effect| returned(effect, outcome)).into_iter().collect(),
            () = tokio::time::sleep(time_until(next_time(test))) => {
                let due = due(test, now());
                if !due.is_empty() {
                    return due;
                }
            }
        }
    }
}

/// The call of the state's task, which counts as under way from here on.
fn begin_call(test: &mut StateTest, effect: EffectId) -> Option<task::Call> {
    test.advance(Input::Dispatch { effect, worker: None }, now()).ok()?;
    let Some(Effect::Task(task)) = test.execution().effect(effect) else { return None };
    Some(calls::to_call(&CallAction {
        execution: ExecutionKey(random_u64()),
        effect,
        execution_arn: test.execution().arn(),
        trace_header: None,
        task,
    }))
}

fn time_until(at: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(at.0.saturating_sub(now().0)).unwrap_or(0))
}

fn next_time(test: &StateTest) -> Timestamp {
    let times = test.execution().outstanding().filter_map(|(_, effect)| match effect {
        Effect::Timer { at } => Some(at),
        Effect::Task(task) => task.due,
    });
    times.min().unwrap_or(Timestamp(i64::MAX))
}

fn due(test: &StateTest, at: Timestamp) -> Vec<Input> {
    let due = test.execution().outstanding().filter_map(|(id, effect)| match effect {
        Effect::Timer { at: due } if due <= at => Some(Input::TimerFired(id)),
        Effect::Task(task) if task.due.is_some_and(|due| due <= at) => {
            Some(Input::TaskTimedOut { effect: id, heartbeat: false })
        }
        Effect::Timer { .. } | Effect::Task(_) => None,
    });
    due.collect()
}

/// A state that waits for a job or a token is tested with a mock only, so these outcomes are results.
fn returned(effect: EffectId, outcome: Outcome) -> Input {
    let answer = match calls::outcome(outcome) {
        TaskOutcome::Done(output)
        | TaskOutcome::Submitted { output, .. }
        | TaskOutcome::AwaitingToken(output) => Answer::Succeeded(output),
        TaskOutcome::Failed(failure) => Answer::Failed(failure),
        TaskOutcome::StillRunning => {
            Answer::Failed(interpreter::Failure { error: Some(asl::TASK_FAILED.into()), cause: None })
        }
    };
    Input::Answered { effect, by_token: false, answer }
}
