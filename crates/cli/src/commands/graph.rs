//! `stepwell graph`: the picture of a definition: of a file without a server, or of a state machine or an execution of the server,
//! then with what became of each state. Layout and drawing are `graph`'s.

use std::path::PathBuf;

use asl::{ParseOptions, Severity, StateMachine};
use clap::{Args, ValueEnum};
use graph::{Direction, Overlay, Status, Theme};
use wire::{DescribeStateMachineForExecutionInput, DescribeStateMachineInput, GetExecutionHistoryInput};

use crate::context::Context;
use crate::definitions::Source;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::targets::{self, Target};
use crate::trace::{Event, Phase, Trace};

/// Draw a definition, or an execution with the status of its states
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell graph order.asl.json --out order.svg
  stepwell graph order.asl.json --format mermaid    for a README
  stepwell graph order@last --out run.svg           with what became of each state\n")]
pub struct GraphArgs {
    /// A file (`-` is standard input), a state machine or an execution
    source: String,
    /// The form of the picture [default: by the ending of --out, or else text]
    #[arg(long, value_enum)]
    format: Option<GraphFormat>,
    /// Where the flow leads
    #[arg(long, value_enum, default_value_t)]
    direction: DirectionArg,
    /// The colours of an SVG
    #[arg(long, value_enum, default_value_t)]
    theme: ThemeArg,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// A picture for browsers and documents
    Svg,
    /// For Markdown that draws Mermaid
    Mermaid,
    /// For Graphviz
    Dot,
    /// Lines for a terminal
    Text,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    /// Top to bottom
    #[default]
    Tb,
    /// Left to right
    Lr,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ThemeArg {
    /// On a light ground
    #[default]
    Light,
    /// On a dark ground
    Dark,
}

/// Draws it.
///
/// # Errors
/// When the file cannot be read or has errors, when there is no such state machine or execution, or when `--out` cannot be written.
pub async fn run(args: &GraphArgs, context: &Context) -> Result<(), Failure> {
    let is_file = args.source == "-" || std::path::Path::new(&args.source).is_file();
    let (machine, overlay) = if is_file {
        let source = Source::read(args.source.as_ref())?;
        (parsed(&source, context)?, Overlay::default())
    } else {
        served(&args.source, context).await.map_err(|failure| hint_at_file(failure, &args.source))?
    };
    let outline = graph::outline(&machine);
    let text = match format(args) {
        GraphFormat::Mermaid => graph::mermaid(&outline),
        GraphFormat::Dot => graph::dot(&outline),
        GraphFormat::Text => graph::text(&outline),
        GraphFormat::Svg => {
            let direction = match args.direction {
                DirectionArg::Tb => Direction::Down,
                DirectionArg::Lr => Direction::Right,
            };
            let theme = match args.theme {
                ThemeArg::Light => Theme::Light,
                ThemeArg::Dark => Theme::Dark,
            };
            graph::svg(&graph::layout(&outline, direction), &overlay, theme)
        }
    };
    match &args.out {
        Some(path) => std::fs::write(path, text).map_err(|error| {
            Failure::new(Exit::Environment, format!("cannot write `{}`: {error}", path.display()))
        }),
        None => output::write(&text),
    }
}

fn format(args: &GraphArgs) -> GraphFormat {
    let ending = args.out.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
    match (args.format, ending) {
        (Some(format), _) => format,
        (None, Some("svg")) => GraphFormat::Svg,
        (None, Some("mmd" | "mermaid" | "md")) => GraphFormat::Mermaid,
        (None, Some("dot" | "gv")) => GraphFormat::Dot,
        _ => GraphFormat::Text,
    }
}

/// The definition of a file; its errors are shown in its text.
fn parsed(source: &Source, context: &Context) -> Result<StateMachine, Failure> {
    let parsed = source.parse(ParseOptions { allow_placeholders: true, ..Default::default() });
    parsed.machine.ok_or_else(|| {
        let errors: Vec<_> =
            parsed.diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect();
        output::note(source.render(&errors, context.terminal.err.color).trim_end());
        Failure::new(Exit::Failed, format!("`{}` has errors and cannot be drawn", source.path.display()))
    })
}

/// The definition of a state machine of the server, or the one that an execution runs and what became of its states.
async fn served(target: &str, context: &Context) -> Result<(StateMachine, Overlay), Failure> {
    let client = &context.client;
    let (definition, overlay) = match targets::any(client, target).await? {
        Target::Machine(state_machine_arn) => {
            let request = DescribeStateMachineInput { state_machine_arn, ..Default::default() };
            (client.call(&request).await?.definition, Overlay::default())
        }
        Target::Execution(execution_arn) => {
            let overlay = statuses(&execution_arn, context).await?;
            let request = DescribeStateMachineForExecutionInput { execution_arn, ..Default::default() };
            (client.call(&request).await?.definition, overlay)
        }
    };
    let source = Source { path: target.into(), text: definition, is_yaml: false };
    Ok((parsed(&source, context)?, overlay))
}

async fn statuses(execution_arn: &str, context: &Context) -> Result<Overlay, Failure> {
    let mut trace = Trace::new("execution");
    let mut request =
        GetExecutionHistoryInput { execution_arn: execution_arn.to_owned(), ..Default::default() };
    loop {
        let page = context.client.call(&request).await?;
        for event in &page.events {
            trace.apply(&Event::from(event));
        }
        request.next_token = page.next_token;
        if request.next_token.is_none() {
            break;
        }
    }
    let mut overlay = Overlay::default();
    for node in trace.visits() {
        let status = match node.phase {
            Phase::Running => Status::Running,
            Phase::Done => Status::Succeeded,
            Phase::Caught => Status::Caught,
            Phase::Failed => Status::Failed,
            Phase::Aborted => Status::Aborted,
        };
        let entry = overlay.states.entry(node.name.clone()).or_insert((status, 0));
        entry.1 += 1;
        // What still runs or went wrong says more than the visits that went well.
        if status != Status::Succeeded {
            entry.0 = status;
        }
    }
    Ok(overlay)
}

fn hint_at_file(failure: Failure, source: &str) -> Failure {
    let looks_like_file = source.contains('.') && !source.starts_with("arn:");
    if looks_like_file { failure.hint(format!("there is no file `{source}` here")) } else { failure }
}
