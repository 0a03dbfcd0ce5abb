//! `stepwell activity`: activities, and a worker that hands their tasks to a command. How a task is done by a command stands in
//! `crate::worker`.

use std::time::Duration;

use clap::{Args, Subcommand};
use wire::{CreateActivityInput, DeleteActivityInput, ListActivitiesInput};

use crate::context::Context;
use crate::failure::Failure;
use crate::moment;
use crate::output::{Column, Listing, Table};
use crate::worker::{self, Work};

/// Work on tasks of activities, and list, create and delete activities
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell activity create resize
  stepwell activity poll resize --exec ./resize.sh --workers 4
  stepwell activity list\n")]
pub struct ActivityArgs {
    /// What
    #[command(subcommand)]
    pub action: Action,
}

/// What.
#[derive(Debug, Subcommand)]
pub enum Action {
    Poll(PollArgs),
    List(ListArgs),
    Create(NameArgs),
    Delete(NameArgs),
}

/// Do an activity's tasks with a command
///
/// The command has the task's input on its standard input and answers on its standard output: JSON, or text that becomes a JSON
/// string; nothing is `{}`. If it ends with another code than 0 the task fails with the error `Exit.<code>` and what the command
/// wrote to standard error as its cause. While it runs, heartbeats are sent; a task that nobody waits for any more ends it.
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell activity poll resize --exec 'jq .width'
  stepwell activity poll resize --exec ./resize.sh --workers 4 --worker-name press-7\n")]
pub struct PollArgs {
    /// The activity: its name or its ARN
    activity: String,
    /// The command, which a shell runs; it finds STEPWELL_TASK_TOKEN in its environment
    #[arg(long, value_name = "COMMAND")]
    exec: String,
    /// Tasks at a time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    workers: u16,
    /// End after one task
    #[arg(long, conflicts_with = "workers")]
    once: bool,
    /// How the worker is called in histories [default: host name and process]
    #[arg(long, value_name = "NAME")]
    worker_name: Option<String>,
    /// Time between two heartbeats
    #[arg(long, value_parser = moment::parse_length, default_value = "10s", value_name = "TIME")]
    heartbeat: Duration,
}

/// List activities
#[derive(Args, Debug)]
pub struct ListArgs {}

/// One activity
#[derive(Args, Debug)]
pub struct NameArgs {
    /// Its name, or (to delete it) its ARN
    activity: String,
}

/// Does it.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn run(action: &Action, context: &Context) -> Result<(), Failure> {
    match action {
        Action::Poll(args) => poll(args, context).await,
        Action::List(_) => list(context).await,
        Action::Create(args) => create(&args.activity, context).await,
        Action::Delete(args) => delete(&args.activity, context).await,
    }
}

async fn poll(args: &PollArgs, context: &Context) -> Result<(), Failure> {
    let work = Work {
        activity: arn(&args.activity, context),
        command: args.exec.clone(),
        worker: args.worker_name.clone().unwrap_or_else(worker::own_name),
        heartbeat: args.heartbeat.max(Duration::from_millis(100)),
        once: args.once,
    };
    if !args.once {
        context.say(&format!("polling {}; Ctrl-C ends when the tasks at hand are done", work.activity));
    }
    worker::run(&context.client, work, args.workers, context.quiet).await
}

async fn list(context: &Context) -> Result<(), Failure> {
    let printer = &context.printer;
    let columns = [Column::new("name"), Column::new("created"), Column::wide("arn")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    let mut next_token = None;
    loop {
        let page = context.client.call(&ListActivitiesInput { max_results: Some(1000), next_token }).await?;
        for activity in page.activities {
            listing.items.push(printer.json(&activity));
            listing.table.rows.push(vec![
                activity.name.as_str().into(),
                printer.time(activity.creation_date).into(),
                activity.activity_arn.into(),
            ]);
            listing.names.push(activity.name);
        }
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    if listing.items.is_empty() {
        context.say("no activities yet; `stepwell activity create NAME` makes one");
    }
    printer.listing(&listing)
}

async fn create(name: &str, context: &Context) -> Result<(), Failure> {
    let request = CreateActivityInput { name: name.to_owned(), ..Default::default() };
    let created = context.client.call(&request).await?;
    context.say(&created.activity_arn);
    Ok(())
}

async fn delete(activity: &str, context: &Context) -> Result<(), Failure> {
    let activity_arn = arn(activity, context);
    context.client.call(&DeleteActivityInput { activity_arn: activity_arn.clone() }).await?;
    context.say(&format!("{activity_arn} is deleted"));
    Ok(())
}

fn arn(activity: &str, context: &Context) -> String {
    if activity.starts_with("arn:") {
        return activity.to_owned();
    }
    let settings = &context.settings;
    format!("arn:aws:states:{}:{}:activity:{activity}", settings.region, settings.account)
}
