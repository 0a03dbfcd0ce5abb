//! `stepwell input` and `stepwell output`: what an execution got, and what it gave; for pipes.

use clap::Args;
use wire::{DescribeExecutionInput, DescribeExecutionOutput, ExecutionStatus};

use super::start;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::{output, targets};

/// Print what an execution got, or gave
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell input order@last > order.json
  stepwell output @last | jq .total\n")]
pub struct PayloadArgs {
    /// An execution
    target: String,
}

/// Prints the input.
///
/// # Errors
/// When there is no such execution, or the server refuses or cannot be reached.
pub async fn input(args: &PayloadArgs, context: &Context) -> Result<(), Failure> {
    let found = describe(args, context).await?;
    output::write(&start::readable(found.input.as_deref().unwrap_or("{}")))
}

/// Prints the output.
///
/// # Errors
/// When there is none (exit 1 says that the execution did not give one), and as [`input`].
pub async fn output(args: &PayloadArgs, context: &Context) -> Result<(), Failure> {
    let found = describe(args, context).await?;
    if let Some(text) = &found.output {
        return output::write(&start::readable(text));
    }
    let path = targets::path_of(&found.execution_arn);
    let failure = Failure::new(Exit::Failed, format!("`{path}` has no output: it is {}", found.status));
    Err(match found.status {
        ExecutionStatus::Running => failure.hint(format!("wait for it: stepwell wait {path}")),
        _ => failure.hint(format!("see why: stepwell history {path} --failed")),
    })
}

async fn describe(args: &PayloadArgs, context: &Context) -> Result<DescribeExecutionOutput, Failure> {
    let execution_arn = targets::execution(&context.client, &args.target).await?;
    let request = DescribeExecutionInput { execution_arn, ..Default::default() };
    Ok(context.client.call(&request).await?)
}
