//! `stepwell start`: starts an execution, and waits for it if asked to.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use wire::{
    DescribeExecutionOutput, ExecutionStatus, StartExecutionInput, StartSyncExecutionInput,
    StartSyncExecutionOutput, SyncExecutionStatus,
};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::input::InputArgs;
use crate::output::{self, Cell, Format, Record};
use crate::terminal::{Tone, printable};
use crate::trace::{Display, Live};
use crate::{follow, last, moment, targets};

/// Start an execution
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell start order --input @order.json
  stepwell start order --set order.id=7 --follow
  stepwell start resize --sync                     an Express state machine, and its output\n")]
pub struct StartArgs {
    /// A state machine; with `#TestCase` its tasks get the answers of the server's mock file
    machine: String,
    /// What it gets.
    #[command(flatten)]
    input: InputArgs,
    /// The execution's name; the same name and input twice start it once
    #[arg(long)]
    name: Option<String>,
    /// Wait for its end; print its output; exit 1 unless it succeeds
    #[arg(long)]
    wait: bool,
    /// The same, and show its states meanwhile
    #[arg(long, conflicts_with = "wait")]
    follow: bool,
    /// Run an Express state machine and wait for its answer
    #[arg(long, conflicts_with_all = ["wait", "follow", "timeout"])]
    sync: bool,
    /// The longest wait; exit 124 when it is over
    #[arg(long, value_parser = moment::parse_length, value_name = "TIME")]
    timeout: Option<Duration>,
}

/// Starts it.
///
/// # Errors
/// When the server refuses or cannot be reached; when waiting, also when it does not succeed.
pub async fn run(args: &StartArgs, context: &Context) -> Result<(), Failure> {
    if args.timeout.is_some() && !(args.wait || args.follow) {
        return Err(Failure::usage("`--timeout` needs `--wait` or `--follow`"));
    }
    let input = args.input.text()?;
    let state_machine_arn = machine(&args.machine, context).await?;
    if args.sync {
        return sync(args, state_machine_arn, input, context).await;
    }
    let name = args.name.clone();
    let request = StartExecutionInput { state_machine_arn, name, input, ..Default::default() };
    let started = context.client.call(&request).await?;
    let arn = started.execution_arn.as_str();
    last::remember(&context.client.endpoint().to_string(), arn);
    if args.wait || args.follow {
        return wait(args, arn, context).await;
    }
    let path = targets::path_of(arn);
    let fields = vec![
        ("execution", Cell::new(&path, Tone::Strong)),
        ("started", context.printer.time(started.start_date).into()),
        ("arn", Cell::from(arn)),
    ];
    context.printer.record(&Record { fields, json: context.printer.json(&started), name: path })
}

/// The state machine's ARN, with the test case that was chosen.
async fn machine(text: &str, context: &Context) -> Result<String, Failure> {
    match text.split_once('#') {
        Some((machine, case)) => Ok(format!("{}#{case}", targets::machine(&context.client, machine).await?)),
        None => targets::machine(&context.client, text).await,
    }
}

async fn wait(args: &StartArgs, arn: &str, context: &Context) -> Result<(), Failure> {
    let path = targets::path_of(arn);
    let mut live = if args.follow {
        context.live(&path)
    } else {
        Live::new(&path, Display::Silent, context.terminal.err)
    };
    if args.wait {
        context.say(&format!("started {path}"));
    }
    let ended = follow::until_ended(&context.client, arn, &mut live, args.timeout).await?;
    let span = ended.stop_date.map_or(0, wire::Timestamp::millis) - ended.start_date.millis();
    let trace = live.trace();
    context.say(&format!(
        "{} in {} · {} · {}",
        paint(context, ended.status.as_str()),
        moment::length(span),
        output::count(trace.transitions(), "state"),
        output::count(trace.event_count(), "event")
    ));
    print_end(&ended, context)?;
    follow::verdict(ended.status)
}

/// The output on standard output, or why there is none on standard error.
///
/// # Errors
/// When standard output cannot be written.
pub fn print_end(ended: &DescribeExecutionOutput, context: &Context) -> Result<(), Failure> {
    if !matches!(context.printer.format, Format::Table | Format::Wide) {
        return context.printer.record(&super::describe::execution(ended, &context.printer));
    }
    match (&ended.output, ended.status) {
        (Some(text), ExecutionStatus::Succeeded) => output::write(&readable(text)),
        _ => {
            complain(ended.error.as_deref(), ended.cause.as_deref());
            Ok(())
        }
    }
}

async fn sync(
    args: &StartArgs,
    state_machine_arn: String,
    input: Option<String>,
    context: &Context,
) -> Result<(), Failure> {
    let name = args.name.clone();
    let request = StartSyncExecutionInput { state_machine_arn, name, input, ..Default::default() };
    let ended: StartSyncExecutionOutput = context.client.call(&request).await?;
    let span = ended.stop_date.millis() - ended.start_date.millis();
    context.say(&format!("{} in {}", paint(context, ended.status.as_str()), moment::length(span)));
    match (context.printer.format, &ended.output) {
        (Format::Table | Format::Wide, Some(text)) => output::write(&readable(text))?,
        (Format::Table | Format::Wide, None) => complain(ended.error.as_deref(), ended.cause.as_deref()),
        _ => {
            let json = context.printer.json(&ended);
            context.printer.record(&Record {
                fields: Vec::new(),
                json,
                name: ended.execution_arn.clone(),
            })?;
        }
    }
    if ended.status == SyncExecutionStatus::Succeeded { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}

/// A status in its colour, for standard error.
pub fn paint(context: &Context, status: &str) -> String {
    let tone = if status == "SUCCEEDED" { Tone::Good } else { Tone::Bad };
    context.terminal.err.paint(tone, status)
}

fn complain(error: Option<&str>, cause: Option<&str>) {
    for (name, text) in [("error", error), ("cause", cause)] {
        if let Some(text) = text {
            output::note(&format!("{name}  {}", printable(text)));
        }
    }
}

/// The output with line breaks if it is JSON, which it always should be.
pub fn readable(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| format!("{text}\n"), |value| output::pretty(&value))
}
