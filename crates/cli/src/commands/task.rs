//! `stepwell task`: answers to tasks that wait for a token: a person's approval, a job elsewhere.

use clap::{Args, Subcommand};
use wire::{SendTaskFailureInput, SendTaskHeartbeatInput, SendTaskSuccessInput};

use super::task_list::{self, TaskListArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::input;

/// Answer tasks that wait for a token, or list them
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell task list order
  stepwell task success TOKEN --output '{\"approved\":true}'
  stepwell task failure TOKEN --error Rejected --cause 'over budget'\n")]
pub struct TaskArgs {
    /// Which answer.
    #[command(subcommand)]
    pub action: Action,
}

/// Which answer.
#[derive(Debug, Subcommand)]
pub enum Action {
    List(TaskListArgs),
    Success(SuccessArgs),
    Failure(FailureArgs),
    Heartbeat(HeartbeatArgs),
}

/// The task is done
#[derive(Args, Debug)]
pub struct SuccessArgs {
    /// The task token
    token: String,
    /// The task's result: JSON text, `@file.json`, or `-` for standard input
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
    output: String,
}

/// The task has failed
#[derive(Args, Debug)]
pub struct FailureArgs {
    /// The task token
    token: String,
    /// The error's name, which Retriers and Catchers match
    #[arg(long)]
    error: Option<String>,
    /// What happened, in words
    #[arg(long)]
    cause: Option<String>,
}

/// The task is alive
#[derive(Args, Debug)]
pub struct HeartbeatArgs {
    /// The task token
    token: String,
}

/// Sends the answer.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn run(action: &Action, context: &Context) -> Result<(), Failure> {
    match action {
        Action::List(args) => task_list::run(args, context).await,
        Action::Success(args) => success(args, context).await,
        Action::Failure(args) => failure(args, context).await,
        Action::Heartbeat(args) => heartbeat(args, context).await,
    }
}

/// SendTaskSuccess.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn success(args: &SuccessArgs, context: &Context) -> Result<(), Failure> {
    let output = input::read("--output", &args.output)?;
    context.client.call(&SendTaskSuccessInput { task_token: args.token.clone(), output }).await?;
    context.say("the task is answered: success");
    Ok(())
}

/// SendTaskFailure.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn failure(args: &FailureArgs, context: &Context) -> Result<(), Failure> {
    let request = SendTaskFailureInput {
        task_token: args.token.clone(),
        error: args.error.clone(),
        cause: args.cause.clone(),
    };
    context.client.call(&request).await?;
    context.say("the task is answered: failure");
    Ok(())
}

/// SendTaskHeartbeat.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn heartbeat(args: &HeartbeatArgs, context: &Context) -> Result<(), Failure> {
    context.client.call(&SendTaskHeartbeatInput { task_token: args.token.clone() }).await?;
    context.say("the task is known to be alive");
    Ok(())
}
