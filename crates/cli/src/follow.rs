//! Waiting for an execution through the public API: its new events into a display, until it ends, takes too long, or the
//! person presses Ctrl-C. Nothing here changes the execution.

use std::time::{Duration, Instant};

use wire::{
    DescribeExecutionInput, DescribeExecutionOutput, ExecutionStatus, GetExecutionHistoryInput, HistoryEvent,
};

use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::targets;
use crate::trace::{Event, Live};

/// Pause between two looks while something happens.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Pause between two looks when nothing has happened for long.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Events of one page.
const PAGE: i32 = 1000;

/// Shows an execution until it ends, and returns how it ended.
///
/// # Errors
/// When the server refuses or is gone, the time is over (exit 124), or the person interrupts (130). The execution goes on.
pub async fn until_ended(
    client: &Client,
    execution_arn: &str,
    live: &mut Live,
    timeout: Option<Duration>,
) -> Result<DescribeExecutionOutput, Failure> {
    let watching = watch(client, execution_arn, live, |_| true);
    ending(client, execution_arn, watching, timeout).await?;
    let describe = DescribeExecutionInput { execution_arn: execution_arn.to_owned(), ..Default::default() };
    Ok(client.call(&describe).await?)
}

/// Shows an execution until it ends or `go_on` says no (it is asked after each look), without time limit.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn watch(
    client: &Client,
    execution_arn: &str,
    live: &mut Live,
    mut go_on: impl FnMut(&Live) -> bool,
) -> Result<(), Failure> {
    let mut pause = PAUSE_MIN;
    loop {
        let events = new_events(client, execution_arn, live.trace().last_event()).await?;
        pause = if events.is_empty() { (pause * 2).min(PAUSE_MAX) } else { PAUSE_MIN };
        for event in &events {
            live.apply(&Event::from(event));
        }
        live.redraw();
        if live.trace().is_ended() || !go_on(live) {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
    }
}

/// The events after `last`, in order. The newest pages are read first, so that a long history is not read again.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn new_events(
    client: &Client,
    execution_arn: &str,
    last: i64,
) -> Result<Vec<HistoryEvent>, Failure> {
    let mut found = Vec::new();
    let mut next_token = None;
    loop {
        let request = GetExecutionHistoryInput {
            execution_arn: execution_arn.to_owned(),
            reverse_order: Some(true),
            max_results: Some(PAGE),
            next_token,
            ..Default::default()
        };
        let page = client.call(&request).await?;
        let complete = page.events.iter().any(|event| event.id <= last + 1);
        found.extend(page.events.into_iter().filter(|event| event.id > last));
        next_token = page.next_token;
        if complete || next_token.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
}

/// Lets `watching` go on until its end, the time limit, or Ctrl-C.
async fn ending(
    client: &Client,
    execution_arn: &str,
    watching: impl Future<Output = Result<(), Failure>>,
    timeout: Option<Duration>,
) -> Result<(), Failure> {
    let goes_on = |exit: Exit, what: String| {
        let path = targets::path_of(execution_arn);
        let endpoint = client.endpoint();
        Failure::new(exit, what)
            .hint(format!("it goes on; look: stepwell --endpoint {endpoint} describe {path}"))
            .hint(format!("stop it: stepwell --endpoint {endpoint} stop {path}"))
    };
    let limit = async {
        match timeout {
            Some(timeout) => tokio::time::sleep_until((Instant::now() + timeout).into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = watching => ended,
        () = limit => {
            let seconds = timeout.unwrap_or_default().as_secs_f64();
            Err(goes_on(Exit::TimedOut, format!("the execution has not ended within {seconds} s")))
        }
        _ = tokio::signal::ctrl_c() => Err(goes_on(Exit::Interrupted, "interrupted; the execution has not ended".to_owned())),
    }
}

/// The exit code that an execution's status means.
///
/// # Errors
/// When it has not succeeded (the output has said so already).
pub fn verdict(status: ExecutionStatus) -> Result<(), Failure> {
    if status == ExecutionStatus::Succeeded { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}
