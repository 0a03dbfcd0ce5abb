//! `stepwell list`: state machines, and executions of one or of all.

use clap::{Args, ValueEnum};
use wire::{ExecutionListItem, ExecutionStatus, ListExecutionsInput, StateMachineType};

use crate::context::Context;
use crate::failure::Failure;
use crate::moment;
use crate::output::{self, Cell, Column, Listing, Table};
use crate::targets;

/// Executions that a list shows unless it is told otherwise.
const LIMIT_DEFAULT: usize = 50;

/// List state machines or executions
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell list                                    state machines
  stepwell list executions order --status FAILED --since 1h\n")]
pub struct ListArgs {
    /// What
    #[arg(value_enum, default_value_t)]
    what: What,
    /// Only executions of this state machine
    machine: Option<String>,
    /// Only executions with this status
    #[arg(long, value_parser = status)]
    status: Option<ExecutionStatus>,
    /// Only executions that began after this: 1h, 2026-11-20T10:00Z, yesterday
    #[arg(long, value_parser = moment::parse_moment, value_name = "TIME")]
    since: Option<i64>,
    /// At most so many
    #[arg(long, default_value_t = LIMIT_DEFAULT)]
    limit: usize,
    /// Where an earlier list of one state machine's executions ended (`next` of its JSON)
    #[arg(long, value_name = "TOKEN", requires = "machine")]
    next: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum What {
    /// State machines
    #[default]
    Machines,
    /// Executions
    Executions,
}

fn status(text: &str) -> Result<ExecutionStatus, String> {
    let words: Vec<&str> = ExecutionStatus::ALL.iter().map(|status| status.as_str()).collect();
    ExecutionStatus::from_wire(&text.to_ascii_uppercase())
        .ok_or_else(|| format!("expected one of {}", words.join(", ")))
}

/// Prints the list.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn run(args: &ListArgs, context: &Context) -> Result<(), Failure> {
    match args.what {
        What::Machines => machines(args, context).await,
        What::Executions => executions(args, context).await,
    }
}

async fn machines(args: &ListArgs, context: &Context) -> Result<(), Failure> {
    let printer = &context.printer;
    let columns = [Column::new("name"), Column::new("type"), Column::new("created"), Column::wide("arn")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for machine in targets::machines(&context.client).await?.into_iter().take(args.limit) {
        listing.items.push(printer.json(&machine));
        listing.table.rows.push(vec![
            machine.name.as_str().into(),
            machine.r#type.as_str().to_lowercase().into(),
            printer.time(machine.creation_date).into(),
            machine.state_machine_arn.into(),
        ]);
        listing.names.push(machine.name);
    }
    if listing.items.is_empty() {
        context.say("no state machines yet; `stepwell deploy FILE` makes one");
    }
    printer.listing(&listing)
}

async fn executions(args: &ListArgs, context: &Context) -> Result<(), Failure> {
    let arns = match &args.machine {
        Some(machine) => vec![targets::machine(&context.client, machine).await?],
        None => {
            let all = targets::machines(&context.client).await?;
            let standard = all.into_iter().filter(|machine| machine.r#type == StateMachineType::Standard);
            standard.map(|machine| machine.state_machine_arn).collect()
        }
    };
    let mut found = Vec::new();
    let mut next = None;
    for arn in &arns {
        let (executions, more) = of_machine(arn, args, context).await?;
        found.extend(executions);
        next = if arns.len() == 1 { more } else { None };
    }
    found.sort_by_key(|execution| std::cmp::Reverse(execution.start_date));
    found.truncate(args.limit);
    let mut listing = listing(&found, context);
    listing.next = next;
    if found.is_empty() {
        context.say("no such executions");
    }
    context.printer.listing(&listing)
}

/// The newest executions of a state machine, until the limit or `--since`, and where the rest begins.
async fn of_machine(
    arn: &str,
    args: &ListArgs,
    context: &Context,
) -> Result<(Vec<ExecutionListItem>, Option<String>), Failure> {
    let mut found = Vec::new();
    let mut next_token = args.next.clone();
    while found.len() < args.limit {
        let request = ListExecutionsInput {
            state_machine_arn: Some(arn.to_owned()),
            status_filter: args.status,
            max_results: Some((args.limit - found.len()).min(1000) as i32),
            next_token,
            ..Default::default()
        };
        let page = context.client.call(&request).await?;
        let total = page.executions.len();
        let is_wanted =
            |one: &ExecutionListItem| args.since.is_none_or(|since| one.start_date.millis() >= since);
        let wanted: Vec<_> = page.executions.into_iter().filter(is_wanted).collect();
        let is_complete = wanted.len() < total;
        found.extend(wanted);
        next_token = page.next_token;
        if is_complete {
            return Ok((found, None));
        }
        if next_token.is_none() {
            break;
        }
    }
    Ok((found, next_token))
}

fn listing(found: &[ExecutionListItem], context: &Context) -> Listing {
    let printer = &context.printer;
    let columns = [
        Column::new("execution"),
        Column::new("status"),
        Column::new("started"),
        Column::new("duration"),
        Column::wide("arn"),
    ];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    let now = moment::now_millis();
    for execution in found {
        let path = targets::path_of(&execution.execution_arn);
        let ended = execution.stop_date.map_or(now, wire::Timestamp::millis);
        listing.items.push(printer.json(execution));
        listing.table.rows.push(vec![
            Cell::from(path.as_str()),
            output::status(execution.status.as_str()),
            printer.time(execution.start_date).into(),
            moment::length(ended - execution.start_date.millis()).into(),
            execution.execution_arn.as_str().into(),
        ]);
        listing.names.push(path);
    }
    listing
}
