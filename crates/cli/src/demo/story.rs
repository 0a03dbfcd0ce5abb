//! What the demo says: the words around the tree of states, and what to try next.

use std::path::Path;

use wire::ExecutionStatus;

use super::{Demo, Ending, MACHINE};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, note};
use crate::terminal::{Tone, printable};
use crate::{moment, targets};

/// The port that the demo takes if it is free.
pub const PORT_DEFAULT: u16 = 8083;

/// How the demo is to go.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Approve by itself, and end when the order has ended.
    pub once: bool,
    /// Let the card be declined.
    pub fail_payment: bool,
    /// The port.
    pub port: Option<u16>,
}

/// Looks for what runs the functions.
///
/// # Errors
/// When an interpreter is missing.
pub fn check_interpreters() -> Result<(), Failure> {
    for (program, name) in [("python3", "Python 3"), ("node", "Node")] {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| is_program(&folder.join(program))) {
            return Err(Failure::environment(format!(
                "the demo's functions need {name}: there is no `{program}` on the PATH"
            ))
            .hint(format!("install {name}, or run `stepwell serve` with workflows of your own")));
        }
    }
    Ok(())
}

fn is_program(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// How this program is called from another terminal: by its name if the shell finds it, else by its path.
fn program() -> String {
    let Ok(path) = std::env::current_exe() else { return "stepwell".to_owned() };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let is_found =
        path.parent().is_some_and(|own| std::env::split_paths(&folders).any(|folder| folder == own));
    if is_found { "stepwell".to_owned() } else { path.display().to_string() }
}

/// Says what is about to happen.
pub fn begins(context: &Context, demo: &Demo) {
    let err = &context.terminal.err;
    note(&err.paint(Tone::Strong, &format!("stepwell {} on {}", env!("CARGO_PKG_VERSION"), demo.url())));
    note(&format!("console:   {}/console/", demo.url()));
    note(&format!("functions: {}", demo.functions().join(", ")));
    note("An order over 1,999 EUR: checked, put aside, shipped, approved by a person, charged, confirmed.\n");
}

/// Says that the demo plays the person.
pub fn approves(context: &Context) {
    context.say("\nThe order waits for a person. The demo approves it with SendTaskSuccess, as a person's program would.\n");
}

/// Says how a person approves.
pub fn asks(context: &Context, url: &str, token: &str) {
    let err = &context.terminal.err;
    let (token, program) = (printable(token), program());
    note(&format!(
        "\n{}",
        err.paint(Tone::Strong, "The order waits for you. Approve it in the console's inbox:")
    ));
    note(&format!("\n  {url}/console/inbox\n"));
    note("or in another terminal:");
    note(&format!(
        "\n  {program} --endpoint {url} task success {token} --output '{{\"approvedBy\":\"you\"}}'\n"
    ));
    note("or refuse it, and see everything undone:");
    note(&format!(
        "\n  {program} --endpoint {url} task failure {token} --error Approval.Rejected --cause 'too expensive'\n"
    ));
}

/// Says how it ended, and whether that is how it should have.
///
/// # Errors
/// When it ended in a way that the demo did not mean.
pub fn ends(context: &Context, ending: &Ending, choices: &Choices) -> Result<(), Failure> {
    let execution = &ending.execution;
    let err = &context.terminal.err;
    let span = execution.stop_date.map_or(0, wire::Timestamp::millis) - execution.start_date.millis();
    let status = execution.status.as_str();
    let is_good = execution.status == ExecutionStatus::Succeeded;
    note(&format!(
        "\n{} in {} · {} · {}",
        err.paint(if is_good { Tone::Good } else { Tone::Warn }, status),
        moment::length(span),
        output::count(ending.states, "state"),
        output::count(ending.events, "event")
    ));
    match (&execution.output, execution.error.as_deref()) {
        (Some(text), _) if is_good && !choices.fail_payment => output::write(&format!("{text}\n")),
        (_, Some("OrderCompensated")) if choices.fail_payment || !choices.once => {
            let why = if choices.fail_payment { "The card was declined" } else { "The order was refused" };
            note(&format!(
                "{why}, so the workflow compensated: what had been done for the order was undone, and it ended as OrderCompensated."
            ));
            let cause = printable(execution.cause.as_deref().unwrap_or_default());
            note(cause.split(" because of ").next().unwrap_or_default());
            Ok(())
        }
        (_, error) => Err(Failure::new(
            Exit::Failed,
            format!("the order ended as {status} {}", error.unwrap_or_default()),
        )
        .hint(printable(execution.cause.as_deref().unwrap_or_default()))
        .hint(format!(
            "run it again with --debug to see what the functions write; {MACHINE} is the example"
        ))),
    }
}

/// Says what to try next.
pub fn next(context: &Context, demo: &Demo, arn: &str) {
    let (url, path, program) = (demo.url(), targets::path_of(arn), program());
    let order = demo.example().join("inputs/order.json");
    let bold = |text: &str| context.terminal.err.paint(Tone::Strong, text);
    note(&format!("\n{}", bold("Try next, in another terminal:")));
    note(&format!("  export STEPWELL_ENDPOINT={url}"));
    note(&format!("  {program} history {path}"));
    note(&format!("  {program} describe {path}"));
    note(&format!("  {program} start {MACHINE} --input @{} --set orderId=MINE-1 --follow", order.display()));
    note(&format!("\n{}", bold("or from Python, with boto3 as it is:")));
    note("  import boto3, botocore.config");
    note(&format!(
        "  sfn = boto3.client('stepfunctions', endpoint_url='{url}', region_name='{}',",
        context.settings.region
    ));
    note("      aws_access_key_id='any', aws_secret_access_key='any',");
    note("      config=botocore.config.Config(inject_host_prefix=False))");
    note("  print(sfn.list_state_machines()['stateMachines'])");
}
