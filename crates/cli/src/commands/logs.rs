//! `stepwell logs`: the lines of execution logs that a server on this machine wrote to files. Of an Express execution they are all
//! that is left of it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::serve::data_folder;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Cell, Column, Listing, Table};
use crate::serve::{Backing, ExecutionLogs};
use crate::targets;
use crate::terminal::Tone;

/// How often the files are looked at with `--follow`.
const LOOK: Duration = Duration::from_millis(300);

/// Show the execution logs that a server here wrote to files
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell logs order
  stepwell logs order@last --raw
  stepwell logs --follow order\n")]
pub struct LogsArgs {
    /// A state machine or an execution; of Express executions the ARN [default: all]
    target: Option<String>,
    /// The lines as they stand in the files
    #[arg(long)]
    raw: bool,
    /// Go on with lines that are written from now on
    #[arg(long, short)]
    follow: bool,
    /// Folder of the files [default: `dir` of `[logs]`, or `logs` in the data folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the lines.
///
/// # Errors
/// When the files cannot be read, or there is no such execution.
pub async fn run(args: &LogsArgs, context: &Context) -> Result<(), Failure> {
    let config = context.settings.config.as_ref();
    let backing = data_folder(context).map_or(Backing::Memory, Backing::Folder);
    let declared = ExecutionLogs::declared(config, &backing);
    let files = match &args.dir {
        Some(dir) => integrations::logs::Files::new(dir.clone(), Default::default()),
        None => declared.files().clone(),
    };
    let wanted = match &args.target {
        Some(target) => Some(of_target(target, context).await?),
        None => None,
    };
    let mut reader = Reader { files, wanted, read: Vec::new() };
    // After a crash a line may stand twice in the files.
    let mut shown: HashSet<String> = HashSet::new();
    let mut listing = Listing { table: Table::new(&columns()), ..Listing::default() };
    let mut lines = reader.new_lines()?;
    // By time, and what happened at the same time as it was written.
    lines.sort_by_key(|line| time_of(&line.value));
    if lines.is_empty() && !args.follow {
        context.say(&format!(
            "no lines in `{}`; a state machine logs with a loggingConfiguration other than OFF",
            reader.files.folder().display()
        ));
    }
    if args.raw || args.follow {
        loop {
            lines.retain(|line| args.raw || shown.insert(line.text.clone()));
            lines.iter().try_for_each(|line| {
                if args.raw { output::write(&line.text) } else { short(&line.value, context) }
            })?;
            if !args.follow {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
            lines = reader.new_lines()?;
        }
    }
    lines.retain(|line| shown.insert(line.text.clone()));
    for line in &lines {
        listing.table.rows.push(row(&line.value, context));
        listing.items.push(line.value.clone());
    }
    context.printer.listing(&listing)
}

/// What the ARNs of the executions that are wanted begin with.
async fn of_target(target: &str, context: &Context) -> Result<Wanted, Failure> {
    match targets::any(&context.client, target).await? {
        targets::Target::Execution(arn) => Ok(Wanted::Execution(arn)),
        targets::Target::Machine(arn) => Ok(Wanted::Machine(targets::name_in(&arn).to_owned())),
    }
}

enum Wanted {
    Execution(String),
    Machine(String),
}

impl Wanted {
    fn has(&self, arn: &str) -> bool {
        match self {
            Wanted::Execution(wanted) => arn == wanted,
            Wanted::Machine(name) => {
                arn.split(':').nth(6).is_some_and(|machine| machine.split('/').next() == Some(name))
            }
        }
    }
}

/// A line, as it stands and as what it says.
struct Line {
    text: String,
    value: Value,
}

struct Reader {
    files: integrations::logs::Files,
    wanted: Option<Wanted>,
    /// How far each file was read.
    read: Vec<(PathBuf, u64)>,
}

impl Reader {
    /// The lines that were written since the last time. What is not a line of a log is passed over.
    fn new_lines(&mut self) -> Result<Vec<Line>, Failure> {
        let folder = self.files.folder().display().to_string();
        let failed = |error| Failure::environment(format!("cannot read the logs in `{folder}`: {error}"));
        let mut found = Vec::new();
        for path in self.files.all().map_err(failed)? {
            let known = self.read.iter().position(|(known, _)| *known == path);
            let from = known.and_then(|index| self.read.get(index)).map_or(0, |(_, bytes)| *bytes);
            let length = std::fs::metadata(&path).map_or(0, |meta| meta.len());
            // A file that is shorter than it was is another one.
            let from = if length < from { 0 } else { from };
            if length == from {
                continue;
            }
            let mut file = BufReader::new(File::open(&path).map_err(failed)?);
            file.seek_relative(i64::try_from(from).unwrap_or(i64::MAX)).map_err(failed)?;
            let mut end = from;
            let mut line = Vec::new();
            loop {
                line.clear();
                let bytes = file.read_until(b'\n', &mut line).map_err(failed)?;
                if bytes == 0 || !line.ends_with(b"\n") {
                    break;
                }
                end += bytes as u64;
                let value = serde_json::from_slice(&line).ok().filter(|value| self.is_wanted(value));
                found.extend(
                    value.map(|value| Line { text: String::from_utf8_lossy(&line).into_owned(), value }),
                );
            }
            match known.and_then(|index| self.read.get_mut(index)) {
                Some(read) => read.1 = end,
                None => self.read.push((path, end)),
            }
        }
        Ok(found)
    }

    fn is_wanted(&self, line: &Value) -> bool {
        let Some(arn) = line["execution_arn"].as_str() else { return false };
        self.wanted.as_ref().is_none_or(|wanted| wanted.has(arn))
    }
}

fn columns() -> [Column; 5] {
    [
        Column::new("time"),
        Column::new("execution"),
        Column::new("id"),
        Column::new("type"),
        Column::new("details"),
    ]
}

fn time_of(line: &Value) -> i64 {
    line["event_timestamp"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn row(line: &Value, context: &Context) -> Vec<Cell> {
    let kind = line["type"].as_str().unwrap_or_default();
    let is_bad = ["Failed", "TimedOut", "Aborted"].iter().any(|end| kind.ends_with(end));
    let arn = line["execution_arn"].as_str().unwrap_or_default();
    vec![
        context.printer.time(wire::Timestamp::from_millis(time_of(line))).into(),
        targets::path_of(arn).into(),
        line["id"].as_str().unwrap_or_default().to_owned().into(),
        Cell::new(kind, if is_bad { Tone::Bad } else { Tone::Plain }),
        line["details"].to_string().into(),
    ]
}

fn short(line: &Value, context: &Context) -> Result<(), Failure> {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    output::write(&format!(
        "{}  {}  {} {}  {}\n",
        context.printer.time(wire::Timestamp::from_millis(time_of(line))),
        targets::path_of(&text("execution_arn")),
        text("id"),
        text("type"),
        line["details"]
    ))
}
