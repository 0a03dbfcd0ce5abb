//! `stepwell redrive`: lets executions go on that failed, timed out or were stopped.

use clap::Args;
use wire::{
    DescribeExecutionInput, ExecutionListItem, ExecutionRedriveStatus, ExecutionStatus, IncludedData,
    ListExecutionsInput, RedriveExecutionInput,
};

use super::wait;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Cell, Column, Listing, Table};
use crate::{moment, targets};

/// Let executions go on that did not succeed
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:
  stepwell redrive order@last --follow
  stepwell redrive --all-failed order --since 1h --dry-run\n",
    after_help = "States that succeeded are not run again; the definition and the input stay what they were.
Exit code 0 if all were redriven (with --follow: if all succeed), 1 if not."
)]
pub struct RedriveArgs {
    /// Executions
    #[arg(required_unless_present = "all_failed", value_name = "EXECUTION")]
    targets: Vec<String>,
    /// All executions of this state machine that failed, timed out or were stopped; say --dry-run or --yes
    #[arg(long, value_name = "MACHINE", conflicts_with = "targets")]
    all_failed: Option<String>,
    /// Of all, only those that began after this: 1h, 2026-11-20T10:00Z, yesterday
    #[arg(long, value_parser = moment::parse_moment, value_name = "TIME", requires = "all_failed")]
    since: Option<i64>,
    /// Show what would be redriven, but redrive nothing
    #[arg(long)]
    dry_run: bool,
    /// Redrive as many as there are
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Wait until all that were redriven have ended, and show how
    #[arg(long, short, conflicts_with = "dry_run")]
    follow: bool,
}

/// Redrives one after the other; what cannot be redriven does not keep the rest from it.
///
/// # Errors
/// When one could not be redriven: its own failure if there is only one target. With `--follow`, when one does not succeed.
pub async fn run(args: &RedriveArgs, context: &Context) -> Result<(), Failure> {
    let wanted = match &args.all_failed {
        None => args.targets.clone(),
        Some(machine) => unsuccessful(machine, args, context).await?,
    };
    let mut table = Table::new(&[Column::new("execution"), Column::new("result"), Column::new("detail")]);
    let mut listing = Listing::default();
    let mut redriven = Vec::new();
    for target in &wanted {
        let outcome = redrive(target, args, context).await;
        if let (Err(failure), 1, None) = (&outcome, wanted.len(), &args.all_failed) {
            return Err(failure.clone());
        }
        let (name, result, detail) = match outcome {
            Ok(arn) => {
                let result = if args.dry_run { "would be redriven" } else { "redriven" };
                let name = targets::path_of(&arn);
                redriven.push(arn);
                (name, result, String::new())
            }
            Err(failure) => (shown(target), "failed", failure.to_string()),
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
    let all = redriven.len() == wanted.len();
    if args.follow && !redriven.is_empty() {
        let failed = wanted.len() - redriven.len();
        if failed > 0 {
            context.say(&format!("{} could not be redriven", output::count(failed, "execution")));
        }
        let waited = wait::run(&wait::WaitArgs::for_all(redriven), context).await;
        return if all { waited } else { waited.and(Err(Failure::silent(Exit::Failed))) };
    }
    context.printer.listing(&listing)?;
    if args.dry_run {
        context.say("nothing was redriven: this is what would be done");
    }
    if all { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}

/// A target as it was given; of an ARN the part that people know.
fn shown(target: &str) -> String {
    if target.starts_with("arn:") { targets::path_of(target) } else { target.to_owned() }
}

/// The executions of a state machine that ended without success, all of them.
async fn unsuccessful(machine: &str, args: &RedriveArgs, context: &Context) -> Result<Vec<String>, Failure> {
    let arn = targets::machine(&context.client, machine).await?;
    let mut found = Vec::new();
    for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted] {
        let mut next_token = None;
        loop {
            let request = ListExecutionsInput {
                state_machine_arn: Some(arn.clone()),
                status_filter: Some(status),
                max_results: Some(1000),
                next_token,
                ..Default::default()
            };
            let page = context.client.call(&request).await?;
            let is_wanted =
                |one: &ExecutionListItem| args.since.is_none_or(|since| one.start_date.millis() >= since);
            let wanted = page.executions.into_iter().filter(is_wanted);
            found.extend(wanted.map(|one| one.execution_arn));
            next_token = page.next_token;
            if next_token.is_none() {
                break;
            }
        }
    }
    let count = output::count(found.len(), "execution");
    if found.is_empty() {
        context.say(&format!("no execution of `{}` has ended without success", targets::name_in(&arn)));
    } else if !args.yes && !args.dry_run {
        return Err(Failure::usage(format!("this would redrive {count}; nothing was redriven"))
            .hint("say --yes to do it, or --dry-run to see which"));
    }
    Ok(found)
}

async fn redrive(target: &str, args: &RedriveArgs, context: &Context) -> Result<String, Failure> {
    let execution_arn = targets::execution(&context.client, target).await?;
    if args.dry_run {
        let describe = DescribeExecutionInput {
            execution_arn: execution_arn.clone(),
            included_data: Some(IncludedData::MetadataOnly),
        };
        let found = context.client.call(&describe).await?;
        if found.redrive_status != Some(ExecutionRedriveStatus::Redrivable) {
            let why = found.redrive_status_reason.unwrap_or_else(|| "it cannot be redriven".to_owned());
            return Err(Failure::new(Exit::Failed, why));
        }
        return Ok(execution_arn);
    }
    let request = RedriveExecutionInput { execution_arn: execution_arn.clone(), client_token: None };
    context.client.call(&request).await?;
    Ok(execution_arn)
}
