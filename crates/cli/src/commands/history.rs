//! `stepwell history`: the events of an execution, as a table or in the API's own form.

use clap::{Args, ValueEnum};
use serde_json::json;
use wire::{GetExecutionHistoryInput, HistoryEvent};

use crate::context::Context;
use crate::failure::Failure;
use crate::follow;
use crate::output::{self, Cell, Column, Listing, Table};
use crate::targets;
use crate::terminal::Tone;
use crate::trace::Event;

/// Events of one page, at most.
const PAGE: usize = 1000;

/// Show the events of an execution
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell history order@last --failed
  stepwell history @last --format aws > history.json\n")]
pub struct HistoryArgs {
    /// An execution
    target: String,
    /// Only events that tell of a failure
    #[arg(long)]
    failed: bool,
    /// Only events of this type, or of types that begin so
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Newest first
    #[arg(long)]
    reverse: bool,
    /// A table, or the answer of GetExecutionHistory
    #[arg(long, value_enum, default_value_t)]
    format: HistoryFormat,
    /// Show the tree of states while it grows, until the execution ends
    #[arg(long, conflicts_with_all = ["reverse", "failed", "kind"])]
    follow: bool,
    /// At most so many events
    #[arg(long)]
    limit: Option<usize>,
    /// Where an earlier answer ended (`next` of its JSON)
    #[arg(long, value_name = "TOKEN", conflicts_with = "follow")]
    next: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum HistoryFormat {
    /// Rows, or what `-o` says
    #[default]
    Table,
    /// The API's JSON, unchanged
    Aws,
}

/// Prints the events.
///
/// # Errors
/// When there is no such execution, or the server refuses or cannot be reached; with `--follow` also when it does not succeed.
pub async fn run(args: &HistoryArgs, context: &Context) -> Result<(), Failure> {
    let arn = targets::execution(&context.client, &args.target).await?;
    if args.follow {
        let mut live = context.live(&targets::path_of(&arn));
        let ended = follow::until_ended(&context.client, &arn, &mut live, None).await?;
        return follow::verdict(ended.status);
    }
    let (events, next) = events(args, &arn, context).await?;
    if args.format == HistoryFormat::Aws {
        let mut answer = json!({ "events": events });
        if let Some(next) = next {
            answer["nextToken"] = json!(next);
        }
        return output::write(&output::pretty(&answer));
    }
    context.printer.listing(&Listing { next, ..listing(&events, context) })
}

/// The events that are wanted, and where the rest begins. With a filter pages are read whole, so that a rare event does not cost
/// a call for each common one; then there is no place to go on from.
async fn events(
    args: &HistoryArgs,
    arn: &str,
    context: &Context,
) -> Result<(Vec<HistoryEvent>, Option<String>), Failure> {
    let limit = args.limit.unwrap_or(usize::MAX);
    let is_filtered = args.failed || args.kind.is_some();
    let mut found = Vec::new();
    let mut next_token = args.next.clone();
    while found.len() < limit {
        let page = if is_filtered { PAGE } else { PAGE.min(limit - found.len()) };
        let request = GetExecutionHistoryInput {
            execution_arn: arn.to_owned(),
            reverse_order: args.reverse.then_some(true),
            max_results: Some(page as i32),
            next_token,
            ..Default::default()
        };
        let page = context.client.call(&request).await?;
        found.extend(page.events.into_iter().filter(|event| is_wanted(args, event)));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    found.truncate(limit);
    Ok((found, next_token.filter(|_| !is_filtered)))
}

fn is_wanted(args: &HistoryArgs, event: &HistoryEvent) -> bool {
    let event = Event::from(event);
    args.kind.as_ref().is_none_or(|wanted| event.is_of_type(wanted)) && (!args.failed || event.is_failure())
}

fn listing(events: &[HistoryEvent], context: &Context) -> Listing {
    let printer = &context.printer;
    let columns = [
        Column::new("id"),
        Column::wide("previous"),
        Column::new("time"),
        Column::new("type"),
        Column::new("details"),
    ];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for event in events {
        let shown = Event::from(event);
        let tone = if shown.is_failure() { Tone::Bad } else { Tone::Plain };
        listing.items.push(printer.json(event));
        listing.table.rows.push(vec![
            shown.id.to_string().into(),
            Cell::new(shown.previous.to_string(), Tone::Dim),
            printer.time(event.timestamp).into(),
            Cell::new(shown.kind, tone),
            shown.summary().into(),
        ]);
        listing.names.push(shown.id.to_string());
    }
    listing
}
