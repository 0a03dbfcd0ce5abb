//! `stepwell stop`: ends executions that are running.

use clap::Args;
use wire::{ExecutionStatus, ListExecutionsInput, StopExecutionInput};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Cell, Column, Listing, Table};
use crate::targets;

/// Stop executions
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell stop order@last --error Cancelled --cause 'the customer called'
  stepwell stop --all-running order --dry-run\n")]
pub struct StopArgs {
    /// Executions
    #[arg(required_unless_present = "all_running", value_name = "TARGET")]
    targets: Vec<String>,
    /// All executions of this state machine that are running; say --dry-run or --yes
    #[arg(long, value_name = "MACHINE", conflicts_with = "targets")]
    all_running: Option<String>,
    /// Show what would be stopped, but stop nothing
    #[arg(long)]
    dry_run: bool,
    /// Stop as many as there are
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// The error's name
    #[arg(long)]
    error: Option<String>,
    /// Why, in words
    #[arg(long)]
    cause: Option<String>,
}

/// Stops one after the other; what cannot be stopped does not keep the rest from it.
///
/// # Errors
/// When one could not be stopped: its own failure if there is only one target.
pub async fn run(args: &StopArgs, context: &Context) -> Result<(), Failure> {
    let wanted = match &args.all_running {
        None => args.targets.clone(),
        Some(machine) => running(machine, args, context).await?,
    };
    let mut table = Table::new(&[Column::new("execution"), Column::new("result"), Column::new("detail")]);
    let mut listing = Listing::default();
    let mut failed = 0;
    for target in &wanted {
        let outcome = stop(target, args, context).await;
        if let (Err(failure), 1, None) = (&outcome, wanted.len(), &args.all_running) {
            return Err(failure.clone());
        }
        let result = if args.dry_run { "would be stopped" } else { "stopped" };
        let (name, result, detail) = match outcome {
            Ok(arn) => (targets::path_of(&arn), result, String::new()),
            Err(failure) => {
                failed += 1;
                (target.clone(), "failed", failure.to_string())
            }
        };
        listing.items.push(serde_json::json!({"execution": name, "result": result, "detail": detail}));
        table.rows.push(vec![
            Cell::from(name.as_str()),
            output::status(&result.to_uppercase()),
            detail.into(),
        ]);
        listing.names.push(name);
    }
    listing.table = table;
    context.printer.listing(&listing)?;
    if args.dry_run {
        context.say("nothing was stopped: this is what would be done");
    }
    if failed == 0 { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}

/// The executions of a state machine that are running, all of them.
async fn running(machine: &str, args: &StopArgs, context: &Context) -> Result<Vec<String>, Failure> {
    let arn = targets::machine(&context.client, machine).await?;
    let mut found = Vec::new();
    let mut next_token = None;
    loop {
        let request = ListExecutionsInput {
            state_machine_arn: Some(arn.clone()),
            status_filter: Some(ExecutionStatus::Running),
            max_results: Some(1000),
            next_token,
            ..Default::default()
        };
        let page = context.client.call(&request).await?;
        found.extend(page.executions.into_iter().map(|one| one.execution_arn));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    let count = output::count(found.len(), "execution");
    if found.is_empty() {
        context.say(&format!("no execution of `{}` is running", targets::name_in(&arn)));
    } else if !args.yes && !args.dry_run {
        return Err(Failure::usage(format!("this would stop {count}; nothing was stopped"))
            .hint("say --yes to do it, or --dry-run to see which"));
    }
    Ok(found)
}

async fn stop(target: &str, args: &StopArgs, context: &Context) -> Result<String, Failure> {
    let execution_arn = targets::execution(&context.client, target).await?;
    if args.dry_run {
        return Ok(execution_arn);
    }
    let request = StopExecutionInput {
        execution_arn: execution_arn.clone(),
        error: args.error.clone(),
        cause: args.cause.clone(),
    };
    context.client.call(&request).await?;
    Ok(execution_arn)
}
