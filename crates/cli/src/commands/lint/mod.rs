//! `stepwell lint`: what goes wrong in definitions that the service accepts, besides what it refuses; without a server. The rules
//! are `asl`'s; how findings are written for people stands here, for machines in `reports`.

mod reports;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use asl::{Diagnostic, LintOptions, Severity};
use clap::{Args, ValueEnum};

use super::explain;
use super::validate::TypeArg;
use crate::config;
use crate::context::Context;
use crate::definitions::{self, Source};
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::terminal::Tone;

/// Find what will go wrong: data flow, errors, limits, loops
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell lint order.asl.json
  stepwell lint workflows/ --fix                   repair what needs no thinking
  stepwell lint . --format github --deny warnings  for a build; also sarif, junit, json
  stepwell lint --explain SW2007                   why, with an example\n
A `Comment` with `stepwell: allow SW3001` silences a rule for its state and what is inside it, or for the whole definition;
in YAML a comment does it for its line and the next.\n")]
pub struct LintArgs {
    /// Files, folders or patterns such as `flows/**/*.json`; `-` is standard input
    #[arg(required_unless_present_any = ["stdin", "explain"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Repair the files where it can be done without thinking
    #[arg(long)]
    fix: bool,
    /// What else makes the command fail: errors always do
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Rules that are not wanted
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
    /// The form of the findings
    #[arg(long, value_enum, default_value_t)]
    format: LintFormat,
    /// Show every note, not only the first of each rule
    #[arg(long)]
    all: bool,
    /// The type of the state machines
    #[arg(long, value_enum, default_value_t, ignore_case = true)]
    r#type: TypeArg,
    /// Read standard input
    #[arg(long)]
    stdin: bool,
    /// What standard input is called in the findings
    #[arg(long, value_name = "NAME", requires = "stdin")]
    stdin_filename: Option<PathBuf>,
    /// Explain a rule, and do nothing else
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "fix", "stdin"])]
    explain: Option<String>,
}

/// What makes the command fail besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings
    Warnings,
    /// Warnings and notes
    Notes,
}

/// The form of the findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LintFormat {
    /// The lines of the text, for people
    #[default]
    Pretty,
    /// One line each
    Short,
    /// One document
    Json,
    /// For code scanning (SARIF 2.1.0)
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML, for build servers
    Junit,
}

/// A definition and what was found in it.
struct Linted {
    source: Source,
    is_stdin: bool,
    found: Vec<Diagnostic>,
}

/// Lints all files.
///
/// # Errors
/// When a file cannot be read or written, or a definition has errors, or what is denied (exit 1).
pub fn run(args: &LintArgs, context: &Context) -> Result<(), Failure> {
    if let Some(code) = &args.explain {
        return explain::run(&explain::ExplainArgs::of(code), context);
    }
    let allowed = allowed(&args.allow)?;
    let mut linted = Vec::new();
    for mut source in sources(args)? {
        let is_stdin = args.stdin || source.path == Path::new("-");
        let options = LintOptions { machine_type: args.r#type.machine_type(), is_yaml: source.is_yaml };
        if args.fix {
            let count = fix(&mut source, options, &allowed);
            if count > 0 && !is_stdin {
                save(&source)?;
            }
            if count > 0 {
                context.say(&format!(
                    "{}: {} repaired",
                    source.path.display(),
                    output::count(count, "fault")
                ));
            }
        }
        let mut found = asl::lint(&source.text, options);
        found.retain(|one| one.is_service() || !allowed.contains(&one.sw_code));
        linted.push(Linted { source, is_stdin, found });
    }
    let text = match (args.format, context.printer.format) {
        (LintFormat::Json, _) | (LintFormat::Pretty, Format::Json) => output::pretty(&reports::json(&linted)),
        (LintFormat::Pretty, _) => pretty(&linted, args.all, context),
        (LintFormat::Short, _) => reports::short(&linted),
        (LintFormat::Github, _) => reports::github(&linted),
        (LintFormat::Junit, _) => reports::junit(&linted),
        (LintFormat::Sarif, _) => output::pretty(&reports::sarif(&linted)),
    };
    // A text that was repaired on its way through is the output itself.
    if args.fix && linted.iter().any(|one| one.is_stdin) {
        linted.iter().filter(|one| one.is_stdin).try_for_each(|one| output::write(&one.source.text))?;
        output::note(text.trim_end());
    } else {
        output::write(&text)?;
    }
    let worst = match args.deny {
        None => Severity::Error,
        Some(Deny::Warnings) => Severity::Warning,
        Some(Deny::Notes) => Severity::Note,
    };
    let failed = linted.iter().flat_map(|one| &one.found).any(|one| one.severity <= worst);
    if failed { Err(Failure::silent(Exit::Failed)) } else { Ok(()) }
}

fn sources(args: &LintArgs) -> Result<Vec<Source>, Failure> {
    if args.stdin {
        let mut source = Source::read(Path::new("-"))?;
        if let Some(name) = &args.stdin_filename {
            source.rename(name);
        }
        return Ok(vec![source]);
    }
    definitions::find(&args.paths)?.iter().map(|path| Source::read(path)).collect()
}

/// The codes as the rules have them.
fn allowed(codes: &[String]) -> Result<Vec<&'static str>, Failure> {
    let known: Vec<&'static str> = asl::rules().map(|rule| rule.code).collect();
    let find = |code: &String| {
        let code = code.trim().to_ascii_uppercase();
        known.iter().copied().find(|known| **known == *code).ok_or_else(|| {
            let failure = Failure::usage(format!("there is no rule `{code}`"));
            match config::nearest(&code, &known) {
                Some(near) => failure.hint(format!("did you mean `{near}`? `stepwell explain` shows all")),
                None => failure.hint("`stepwell explain` shows all"),
            }
        })
    };
    codes.iter().map(find).collect()
}

/// How often a text is looked at again after repairs: one may uncover another.
const ROUNDS_MAX: usize = 10;

/// Repairs the text; how many faults that were.
fn fix(source: &mut Source, options: LintOptions, allowed: &[&str]) -> usize {
    let mut all = 0;
    for _ in 0..ROUNDS_MAX {
        let mut found = asl::lint(&source.text, options);
        found.retain(|one| one.is_service() || !allowed.contains(&one.sw_code));
        let (fixed, count) = asl::apply_fixes(&source.text, &found);
        if count == 0 {
            break;
        }
        (source.text, all) = (fixed, all + count);
    }
    all
}

fn save(source: &Source) -> Result<(), Failure> {
    std::fs::write(&source.path, &source.text).map_err(|error| {
        Failure::new(Exit::Environment, format!("cannot write `{}`: {error}", source.path.display()))
    })
}

/// Every finding with its line, and a summary for each file. Of the notes of a rule, the first stands for all.
fn pretty(linted: &[Linted], all: bool, context: &Context) -> String {
    let out = &context.terminal.out;
    let mut text = String::new();
    for Linted { source, found, .. } in linted {
        let mut shown = if all { found.clone() } else { gathered(found) };
        for one in shown.iter_mut().filter(|one| one.fix.is_some()) {
            let help = one.help.get_or_insert_with(|| "there is a repair for this".to_owned());
            help.push_str(" [fixable]");
        }
        text.push_str(&source.render(&shown, out.color));
        let count = |severity| found.iter().filter(|one| one.severity == severity).count();
        let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
            .map(|(severity, noun)| (count(severity), noun));
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| output::count(*count, noun))
            .collect();
        let summary = if parts.is_empty() { "ok".to_owned() } else { parts.join(", ") };
        let tone = match counts {
            [(0, _), (0, _), _] => Tone::Good,
            [(0, _), ..] => Tone::Warn,
            _ => Tone::Bad,
        };
        text.push_str(&format!("{}: {}\n", source.path.display(), out.paint(tone, &summary)));
    }
    text
}

/// The findings with only the first note of each rule, which names the lines of the others.
fn gathered(found: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut lines: HashMap<usize, Vec<u32>> = HashMap::new();
    let mut shown: Vec<Diagnostic> = Vec::new();
    for one in found {
        match first.get(one.sw_code).filter(|_| one.severity == Severity::Note) {
            Some(at) => lines.entry(*at).or_default().push(one.line),
            None => {
                if one.severity == Severity::Note {
                    first.insert(one.sw_code, shown.len());
                }
                shown.push(one.clone());
            }
        }
    }
    for (at, mut lines) in lines {
        lines.dedup();
        let (some, more) = lines.split_at(lines.len().min(8));
        let mut text = some.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        if !more.is_empty() {
            text.push_str(&format!(" and {} more", more.len()));
        }
        if let Some(one) = shown.get_mut(at) {
            let also = format!("the same in line {text} (`--all` shows each)");
            one.help = Some(one.help.take().map_or(also.clone(), |help| format!("{help}; {also}")));
        }
    }
    shown
}
