//! `stepwell describe`: one state machine or one execution.

use std::time::Duration;

use clap::Args;
use wire::{
    DescribeExecutionInput, DescribeExecutionOutput, DescribeStateMachineInput, DescribeStateMachineOutput,
    Timestamp,
};

use crate::context::Context;
use crate::failure::Failure;
use crate::moment;
use crate::output::{self, Cell, Printer, Record};
use crate::targets::{self, Target};
use crate::terminal::Tone;
use crate::trace::compact;
use crate::watch;

/// Show a state machine or an execution
#[derive(Args, Debug)]
#[command(before_help = "Examples:\n  stepwell describe order\n  stepwell describe order@last -o json\n")]
pub struct DescribeArgs {
    /// A state machine or an execution
    target: String,
    /// Look again and again, every two seconds unless told otherwise
    #[arg(long, short, value_parser = moment::parse_length, num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_name = "TIME")]
    watch: Option<Duration>,
}

/// Prints it. That an execution has failed is an answer, not a failure of this command.
///
/// # Errors
/// When there is no such thing, or the server refuses or cannot be reached.
pub async fn run(args: &DescribeArgs, context: &Context) -> Result<(), Failure> {
    let target = targets::any(&context.client, &args.target).await?;
    watch::repeat(args.watch, context, || show(&target, context)).await
}

async fn show(target: &Target, context: &Context) -> Result<(), Failure> {
    let printer = &context.printer;
    match target.clone() {
        Target::Execution(execution_arn) => {
            let request = DescribeExecutionInput { execution_arn, ..Default::default() };
            printer.record(&execution(&context.client.call(&request).await?, printer))
        }
        Target::Machine(state_machine_arn) => {
            let request = DescribeStateMachineInput { state_machine_arn, ..Default::default() };
            printer.record(&machine(&context.client.call(&request).await?, printer))
        }
    }
}

/// An execution as an object of the output.
pub fn execution(found: &DescribeExecutionOutput, printer: &Printer) -> Record {
    let path = targets::path_of(&found.execution_arn);
    let mut fields: Vec<(&'static str, Cell)> = vec![
        ("execution", Cell::new(&path, Tone::Strong)),
        ("status", output::status(found.status.as_str())),
        ("started", printer.time(found.start_date).into()),
    ];
    if let Some(stopped) = found.stop_date {
        fields.push(("stopped", printer.time(stopped).into()));
    }
    let ended = found.stop_date.map_or_else(moment::now_millis, Timestamp::millis);
    fields.push(("duration", moment::length(ended - found.start_date.millis()).into()));
    if let Some(count) = found.redrive_count.filter(|count| *count > 0) {
        fields.push(("redrives", count.to_string().into()));
    }
    let texts = [
        ("version", &found.state_machine_version_arn, Tone::Plain),
        ("alias", &found.state_machine_alias_arn, Tone::Plain),
        ("error", &found.error, Tone::Bad),
        ("cause", &found.cause, Tone::Plain),
    ];
    for (name, text, tone) in texts {
        if let Some(text) = text {
            fields.push((name, Cell::new(text, tone)));
        }
    }
    for (name, text) in [("input", &found.input), ("output", &found.output)] {
        if let Some(text) = text {
            fields.push((name, compact(text).into()));
        }
    }
    fields.push(("arn", found.execution_arn.as_str().into()));
    Record { fields, json: printer.json(found), name: path }
}

fn machine(found: &DescribeStateMachineOutput, printer: &Printer) -> Record {
    let mut fields: Vec<(&'static str, Cell)> = vec![
        ("machine", Cell::new(&found.name, Tone::Strong)),
        ("type", found.r#type.as_str().to_lowercase().into()),
    ];
    if let Some(status) = found.status {
        fields.push(("status", output::status(status.as_str())));
    }
    fields.push(("created", printer.time(found.creation_date).into()));
    if let Some(revision) = &found.revision_id {
        fields.push(("revision", revision.as_str().into()));
    }
    fields.push(("role", found.role_arn.as_str().into()));
    fields.push(("definition", format!("{} bytes (-o json shows it)", found.definition.len()).into()));
    fields.push(("arn", found.state_machine_arn.as_str().into()));
    Record { fields, json: printer.json(found), name: found.name.clone() }
}
