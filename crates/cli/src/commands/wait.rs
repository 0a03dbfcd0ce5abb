//! `stepwell wait`: until executions have ended. Nothing here changes them.

use std::time::Duration;

use clap::Args;
use wire::{DescribeExecutionInput, DescribeExecutionOutput, ExecutionStatus, Timestamp};

use super::start::paint;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Cell, Column, Listing, Table};
use crate::{moment, targets};

/// Pause between two looks while something happens.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Pause between two looks when nothing has happened for long.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Wait until executions have ended
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:
  stepwell wait order@last --timeout 10m
  stepwell wait $(stepwell list executions order --status RUNNING -o name)\n",
    after_help = "Exit code 0 if all succeed, 1 if one does not, 124 when the time is over."
)]
pub struct WaitArgs {
    /// Executions
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// End with the first that ends
    #[arg(long)]
    any: bool,
    /// The longest wait
    #[arg(long, value_parser = moment::parse_length, value_name = "TIME")]
    timeout: Option<Duration>,
}

impl WaitArgs {
    /// Until all of these have ended, however long that takes.
    pub(super) fn for_all(targets: Vec<String>) -> WaitArgs {
        WaitArgs { targets, any: false, timeout: None }
    }
}

/// What is known of an execution.
type Known = (String, Option<DescribeExecutionOutput>);

/// Waits for them, says on standard error when one ends, and lists how all stand.
///
/// # Errors
/// When one does not succeed (1), the time is over (124), the person interrupts (130), or the server refuses or is gone.
pub async fn run(args: &WaitArgs, context: &Context) -> Result<(), Failure> {
    let mut known: Vec<Known> = Vec::new();
    for target in &args.targets {
        let arn = targets::execution(&context.client, target).await?;
        if !known.iter().any(|(one, _)| *one == arn) {
            known.push((arn, None));
        }
    }
    let limit = async {
        match args.timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let over = tokio::select! {
        waited = until_ended(&mut known, args.any, context) => waited.map(|()| None)?,
        () = limit => Some(Exit::TimedOut),
        _ = tokio::signal::ctrl_c() => Some(Exit::Interrupted),
    };
    context.printer.listing(&listing(&known, context))?;
    let running = known.iter().filter(|(_, found)| !is_ended(found.as_ref())).count();
    if let Some(exit) = over {
        let what = match exit {
            Exit::TimedOut => format!("the time is over, and {} not ended", have(running)),
            _ => format!("interrupted; {} not ended", have(running)),
        };
        return Err(Failure::new(exit, what).hint("nothing was stopped"));
    }
    let succeeded = |found: &DescribeExecutionOutput| found.status == ExecutionStatus::Succeeded;
    let all = known.iter().filter_map(|(_, found)| found.as_ref()).filter(|found| is_ended(Some(found)));
    if all.clone().all(succeeded) { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}

fn have(count: usize) -> String {
    format!("{} {}", output::count(count, "execution"), if count == 1 { "has" } else { "have" })
}

fn is_ended(found: Option<&DescribeExecutionOutput>) -> bool {
    found.is_some_and(|found| {
        !matches!(found.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive)
    })
}

async fn until_ended(known: &mut [Known], any: bool, context: &Context) -> Result<(), Failure> {
    let mut pause = PAUSE_MIN;
    loop {
        let mut changed = false;
        for (arn, found) in known.iter_mut().filter(|(_, found)| !is_ended(found.as_ref())) {
            let request = DescribeExecutionInput { execution_arn: arn.clone(), ..Default::default() };
            let now = context.client.call(&request).await?;
            if is_ended(Some(&now)) {
                changed = true;
                let span = moment::length(ended_at(&now) - now.start_date.millis());
                context.say(&format!(
                    "{}  {} in {span}",
                    targets::path_of(arn),
                    paint(context, now.status.as_str())
                ));
            }
            *found = Some(now);
        }
        let ended = known.iter().filter(|(_, found)| is_ended(found.as_ref())).count();
        if ended == known.len() || any && ended > 0 {
            return Ok(());
        }
        pause = if changed { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
        tokio::time::sleep(pause).await;
    }
}

fn ended_at(found: &DescribeExecutionOutput) -> i64 {
    found.stop_date.map_or_else(moment::now_millis, Timestamp::millis)
}

fn listing(known: &[Known], context: &Context) -> Listing {
    let columns = [
        Column::new("execution"),
        Column::new("status"),
        Column::new("duration"),
        Column::new("error"),
        Column::wide("arn"),
    ];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for (arn, found) in known {
        let path = targets::path_of(arn);
        let Some(found) = found else { continue };
        listing.items.push(context.printer.json(found));
        listing.table.rows.push(vec![
            Cell::from(path.as_str()),
            output::status(found.status.as_str()),
            moment::length(ended_at(found) - found.start_date.millis()).into(),
            found.error.clone().unwrap_or_default().into(),
            arn.as_str().into(),
        ]);
        listing.names.push(path);
    }
    listing
}
