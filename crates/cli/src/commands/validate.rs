//! `stepwell validate`: the verdict that CreateStateMachine would give, without a server, for files and folders.

use std::path::PathBuf;

use asl::{Diagnostic, MachineType, Severity};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wire::{
    ValidateStateMachineDefinitionDiagnostic, ValidateStateMachineDefinitionOutput,
    ValidateStateMachineDefinitionResultCode, ValidateStateMachineDefinitionSeverity,
};

use crate::context::Context;
use crate::definitions::{self, Source, Verdict};
use crate::failure::{Exit, Failure};
use crate::output::{self, Cell, Column, Format, Listing, Table};
use crate::terminal::Tone;

/// Check definitions: every fault, with line and column
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell validate order.asl.json
  stepwell validate workflows/ -o json             as ValidateStateMachineDefinition answers\n")]
pub struct ValidateArgs {
    /// Files or folders; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The type of the state machines
    #[arg(long, value_enum, default_value_t, ignore_case = true)]
    r#type: TypeArg,
    /// Let `${Name}` stand for a value that a template fills in later
    #[arg(long)]
    allow_placeholders: bool,
}

/// The type of a state machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TypeArg {
    /// Durable, exactly once, up to a year
    #[default]
    Standard,
    /// Fast, up to five minutes
    Express,
}

impl TypeArg {
    /// As the parser has it.
    pub fn machine_type(self) -> MachineType {
        match self {
            Self::Standard => MachineType::Standard,
            Self::Express => MachineType::Express,
        }
    }
}

/// Checks all files.
///
/// # Errors
/// When a file cannot be read, or a definition has errors (exit 1).
pub fn run(args: &ValidateArgs, context: &Context) -> Result<(), Failure> {
    let mut checked = Vec::new();
    for path in definitions::find(&args.paths)? {
        let source = Source::read(&path)?;
        let verdict = source.check(args.r#type.machine_type(), args.allow_placeholders);
        checked.push((source, verdict));
    }
    match context.printer.format {
        Format::Table | Format::Wide => pretty(&checked, context)?,
        _ => structured(&checked, context)?,
    }
    let failed = checked.iter().any(|(_, verdict)| verdict.count(Severity::Error) > 0);
    if failed { Err(Failure::silent(Exit::Failed)) } else { Ok(()) }
}

fn pretty(checked: &[(Source, Verdict)], context: &Context) -> Result<(), Failure> {
    let out = &context.terminal.out;
    let mut text = String::new();
    for (source, verdict) in checked {
        text.push_str(&source.render(&verdict.diagnostics, out.color));
        let (errors, warnings) = (verdict.count(Severity::Error), verdict.count(Severity::Warning));
        let tone = if errors > 0 { Tone::Bad } else { Tone::Good };
        let path = source.path.display();
        text.push_str(&format!("{path}: {}\n", out.paint(tone, &summary(errors, warnings))));
    }
    output::write(&text)
}

fn summary(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "ok".to_owned(),
        (0, _) => output::count(warnings, "warning"),
        (_, 0) => output::count(errors, "error"),
        _ => format!("{}, {}", output::count(errors, "error"), output::count(warnings, "warning")),
    }
}

fn structured(checked: &[(Source, Verdict)], context: &Context) -> Result<(), Failure> {
    let items: Vec<Value> = checked.iter().map(|(source, verdict)| answer(source, verdict)).collect();
    match (&items[..], context.printer.format) {
        ([one], Format::Json) => output::write(&output::pretty(one)),
        _ => {
            let mut listing =
                Listing { table: Table::new(&[Column::new("path")]), items, ..Listing::default() };
            for (source, _) in checked.iter().filter(|(_, verdict)| verdict.count(Severity::Error) > 0) {
                let path = source.path.display().to_string();
                listing.table.rows.push(vec![Cell::from(path.as_str())]);
                listing.names.push(path);
            }
            context.printer.listing(&listing)
        }
    }
}

/// The answer of ValidateStateMachineDefinition, and beside it, for each diagnostic, its place in the file.
fn answer(source: &Source, verdict: &Verdict) -> Value {
    let failed = verdict.count(Severity::Error) > 0;
    let output = ValidateStateMachineDefinitionOutput {
        result: if failed {
            ValidateStateMachineDefinitionResultCode::Fail
        } else {
            ValidateStateMachineDefinitionResultCode::Ok
        },
        diagnostics: verdict.diagnostics.iter().map(diagnostic).collect(),
        truncated: Some(false),
    };
    let mut value = serde_json::to_value(output).unwrap_or_default();
    value["path"] = json!(source.path.to_string_lossy());
    for (diagnostic, item) in
        verdict.diagnostics.iter().zip(value["diagnostics"].as_array_mut().into_iter().flatten())
    {
        item["line"] = json!(diagnostic.line);
        item["column"] = json!(diagnostic.column);
        item["rule"] = json!(diagnostic.sw_code);
        if let Some(help) = &diagnostic.help {
            item["help"] = json!(help);
        }
    }
    value
}

fn diagnostic(found: &Diagnostic) -> ValidateStateMachineDefinitionDiagnostic {
    ValidateStateMachineDefinitionDiagnostic {
        severity: match found.severity {
            Severity::Error => ValidateStateMachineDefinitionSeverity::Error,
            Severity::Warning | Severity::Note => ValidateStateMachineDefinitionSeverity::Warning,
        },
        code: found.code.to_owned(),
        message: found.message.clone(),
        location: (!found.location.is_empty()).then(|| found.location.clone()),
    }
}
