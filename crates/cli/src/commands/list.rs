//! `stepwell list`: state machines, and executions of one or of all.

use std::time::Duration;

use clap::{Args, ValueEnum};
use wire::{ExecutionListItem, ExecutionStatus, ListExecutionsInput, StateMachineType};

use crate::context::Context;
use crate::failure::Failure;
use crate::moment;
use crate::output::{self, Cell, Column, Listing, Table};
use crate::{targets, watch};

/// Executions that a list shows unless it is told otherwise.
const LIMIT_DEFAULT: usize = 50;
/// Executions of one page, at most.
const PAGE: i32 = 1000;

/// List state machines or executions
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell list                                    state machines
  stepwell list executions order --status FAILED,TIMED_OUT --since 1h
  stepwell list executions --watch --status RUNNING\n")]
pub struct ListArgs {
    /// What
    #[arg(value_enum, default_value_t)]
    what: What,
    /// Only executions of this state machine
    machine: Option<String>,
    /// Only executions with one of these statuses
    #[arg(long, value_parser = status, value_delimiter = ',', value_name = "STATUS,…")]
    status: Vec<ExecutionStatus>,
    /// Only those whose name begins so
    #[arg(long, value_name = "BEGINNING")]
    name: Option<String>,
    /// Only executions that began after this: 1h, 2026-11-20T10:00Z, yesterday
    #[arg(long, value_parser = moment::parse_moment, value_name = "TIME")]
    since: Option<i64>,
    /// Only executions that began before this
    #[arg(long, value_parser = moment::parse_moment, value_name = "TIME")]
    before: Option<i64>,
    /// At most so many
    #[arg(long, default_value_t = LIMIT_DEFAULT)]
    limit: usize,
    /// Where an earlier list of one state machine's executions ended (`next` of its JSON)
    #[arg(long, value_name = "TOKEN", requires = "machine")]
    next: Option<String>,
    /// Look again and again, every two seconds unless told otherwise
    #[arg(long, short, value_parser = moment::parse_length, num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_name = "TIME")]
    watch: Option<Duration>,
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
    watch::repeat(args.watch, context, || async {
        match args.what {
            What::Machines => machines(args, context).await,
            What::Executions => executions(args, context).await,
        }
    })
    .await
}

async fn machines(args: &ListArgs, context: &Context) -> Result<(), Failure> {
    let printer = &context.printer;
    let columns = [Column::new("name"), Column::new("type"), Column::new("created"), Column::wide("arn")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    let all = targets::machines(&context.client).await?;
    for machine in all.into_iter().filter(|machine| is_named(args, &machine.name)).take(args.limit) {
        listing.items.push(printer.json(&machine));
        listing.table.rows.push(vec![
            machine.name.as_str().into(),
            machine.r#type.as_str().to_lowercase().into(),
            printer.time(machine.creation_date).into(),
            machine.state_machine_arn.into(),
        ]);
        listing.names.push(machine.name);
    }
    if listing.items.is_empty() && args.watch.is_none() {
        context.say(match &args.name {
            Some(_) => "no such state machines",
            None => "no state machines yet; `stepwell deploy FILE` makes one",
        });
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
    if found.is_empty() && args.watch.is_none() {
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
    let is_filtered = args.name.is_some() || args.before.is_some() || args.status.len() > 1;
    let only_status = if let [one] = args.status[..] { Some(one) } else { None };
    let mut found = Vec::new();
    let mut next_token = args.next.clone();
    while found.len() < args.limit {
        let request = ListExecutionsInput {
            state_machine_arn: Some(arn.to_owned()),
            status_filter: only_status,
            max_results: Some(if is_filtered {
                PAGE
            } else {
                (args.limit - found.len()).min(PAGE as usize) as i32
            }),
            next_token,
            ..Default::default()
        };
        let page = context.client.call(&request).await?;
        // The newest come first: what began before `--since` is followed by nothing that is wanted.
        let is_before =
            |one: &ExecutionListItem| args.since.is_some_and(|since| one.start_date.millis() < since);
        let is_complete = page.executions.iter().any(is_before);
        found.extend(page.executions.into_iter().filter(|one| !is_before(one) && is_wanted(args, one)));
        next_token = page.next_token;
        if is_complete {
            return Ok((found, None));
        }
        if next_token.is_none() {
            break;
        }
    }
    // What a filter left out of a page is not on the next one.
    Ok((found, next_token.filter(|_| !is_filtered)))
}

fn is_wanted(args: &ListArgs, one: &ExecutionListItem) -> bool {
    (args.status.is_empty() || args.status.contains(&one.status))
        && args.before.is_none_or(|before| one.start_date.millis() < before)
        && is_named(args, &one.name)
}

fn is_named(args: &ListArgs, name: &str) -> bool {
    args.name.as_ref().is_none_or(|beginning| name.starts_with(beginning))
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
