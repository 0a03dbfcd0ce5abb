//! `stepwell stop`: ends executions that are running.

use clap::Args;
use wire::StopExecutionInput;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Cell, Column, Listing, Table};
use crate::targets;

/// Stop executions
#[derive(Args, Debug)]
#[command(
    before_help = "Example:\n  stepwell stop order@last --error Cancelled --cause 'the customer called'\n"
)]
pub struct StopArgs {
    /// Executions
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
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
    let mut table = Table::new(&[Column::new("execution"), Column::new("result"), Column::new("detail")]);
    let mut listing = Listing::default();
    let mut failed = 0;
    for target in &args.targets {
        let outcome = stop(target, args, context).await;
        if let (Err(failure), 1) = (&outcome, args.targets.len()) {
            return Err(failure.clone());
        }
        let (name, result, detail) = match outcome {
            Ok(arn) => (targets::path_of(&arn), "stopped", String::new()),
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
    if failed == 0 { Ok(()) } else { Err(Failure::silent(Exit::Failed)) }
}

async fn stop(target: &str, args: &StopArgs, context: &Context) -> Result<String, Failure> {
    let execution_arn = targets::execution(&context.client, target).await?;
    let request = StopExecutionInput {
        execution_arn: execution_arn.clone(),
        error: args.error.clone(),
        cause: args.cause.clone(),
    };
    context.client.call(&request).await?;
    Ok(execution_arn)
}
