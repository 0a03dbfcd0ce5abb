//! `stepwell tail`: new events of executions as they come, those of whole state machines too. It reads the public history only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use wire::{GetExecutionHistoryInput, HistoryEvent, ListExecutionsInput, StateMachineType};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::targets::{self, Target};
use crate::terminal::{Tone, printable};
use crate::trace::Event;
use crate::{follow, moment};

/// Pause between two rounds while something happens.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// Pause between two rounds when nothing has happened for long.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Newest executions of a state machine that a round looks at.
const NEWEST: i32 = 1000;

/// Show the events of executions as they happen
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell tail                                    of all state machines, until Ctrl-C
  stepwell tail order resize --failed
  stepwell tail order@last                         until it ends\n")]
pub struct TailArgs {
    /// State machines or executions [default: all state machines]
    targets: Vec<String>,
    /// Only events that tell of a failure
    #[arg(long)]
    failed: bool,
    /// Only events of this type, or of types that begin so
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Also what happened after this: 10m, 2026-11-20T10:00Z
    #[arg(long, value_parser = moment::parse_moment, value_name = "TIME")]
    since: Option<i64>,
    /// End after this time, with exit code 0
    #[arg(long = "for", value_parser = moment::parse_length, value_name = "TIME")]
    length: Option<Duration>,
}

/// What is looked at, and how far it was read.
struct Tail<'a> {
    args: &'a TailArgs,
    context: &'a Context,
    /// Of state machines, events before this are not shown.
    begin: i64,
    /// State machines whose new executions count.
    machines: Vec<String>,
    /// Executions that go on.
    open: BTreeMap<String, Seen>,
    /// Executions that have ended and were read.
    closed: BTreeSet<String>,
}

/// How far an execution was read.
#[derive(Clone, Copy)]
struct Seen {
    /// Its last event that was read.
    last: i64,
    /// Events before this are not shown.
    from: i64,
}

/// Prints events until everything that was named has ended, the time is over, or Ctrl-C.
///
/// # Errors
/// When there is no such thing, or the server refuses or is gone; silently with exit code 130 on Ctrl-C.
pub async fn run(args: &TailArgs, context: &Context) -> Result<(), Failure> {
    let begin = args.since.unwrap_or_else(moment::now_millis);
    let mut tail =
        Tail { args, context, begin, machines: Vec::new(), open: BTreeMap::new(), closed: BTreeSet::new() };
    tail.find().await?;
    let end = args.length.map(|length| Instant::now() + length);
    let mut pause = PAUSE_MIN;
    loop {
        let looked = tokio::select! {
            looked = tail.round() => looked?,
            _ = tokio::signal::ctrl_c() => return Err(Failure::silent(Exit::Interrupted)),
        };
        if tail.machines.is_empty() && tail.open.is_empty() || end.is_some_and(|end| Instant::now() >= end) {
            return Ok(());
        }
        pause = if looked { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
        let left = end.map_or(pause, |end| pause.min(end.saturating_duration_since(Instant::now())));
        tokio::select! {
            () = tokio::time::sleep(left) => {}
            _ = tokio::signal::ctrl_c() => return Err(Failure::silent(Exit::Interrupted)),
        }
    }
}

impl Tail<'_> {
    /// Finds out what the targets are. Of a state machine, executions that have ended before are left out; of an execution that is
    /// named, everything is shown.
    async fn find(&mut self) -> Result<(), Failure> {
        let client = &self.context.client;
        let all = targets::machines(client).await?;
        let is_standard = |arn: &str| {
            all.iter().any(|one| one.state_machine_arn == arn && one.r#type == StateMachineType::Standard)
        };
        for target in &self.args.targets {
            match targets::any(client, target).await? {
                Target::Execution(arn) => {
                    self.open.insert(arn, Seen { last: 0, from: self.args.since.unwrap_or(0) });
                }
                Target::Machine(arn) if is_standard(&arn) => self.machines.push(arn),
                Target::Machine(arn) => {
                    return Err(Failure::usage(format!(
                        "`{}` is an Express state machine",
                        targets::name_in(&arn)
                    ))
                    .hint("its executions have no history; only those of Standard state machines do"));
                }
            }
        }
        if self.args.targets.is_empty() {
            let standard = all.iter().filter(|one| one.r#type == StateMachineType::Standard);
            self.machines = standard.map(|one| one.state_machine_arn.clone()).collect();
            if self.machines.is_empty() {
                return Err(Failure::usage("there is no Standard state machine yet")
                    .hint("`stepwell deploy FILE` makes one"));
            }
        }
        let named: Vec<String> = self.open.keys().cloned().collect();
        self.look_for_executions().await?;
        if self.args.since.is_none() {
            let running: Vec<String> = self.open.keys().filter(|arn| !named.contains(arn)).cloned().collect();
            for arn in running {
                let last = self.last_event(&arn).await?;
                self.open.insert(arn, Seen { last, from: self.begin });
            }
        }
        Ok(())
    }

    /// One look at everything; says whether there was anything new.
    async fn round(&mut self) -> Result<bool, Failure> {
        self.look_for_executions().await?;
        let mut news: Vec<(String, HistoryEvent)> = Vec::new();
        for (arn, seen) in self.open.clone() {
            let events = follow::new_events(&self.context.client, &arn, seen.last).await?;
            let Some(newest) = events.last() else { continue };
            if is_end(newest) {
                self.open.remove(&arn);
                self.closed.insert(arn.clone());
            } else {
                self.open.insert(arn.clone(), Seen { last: newest.id, ..seen });
            }
            let shown = events.into_iter().filter(|event| event.timestamp.millis() >= seen.from);
            news.extend(shown.map(|event| (arn.clone(), event)));
        }
        news.sort_by_key(|(_, event)| event.timestamp);
        for (arn, event) in &news {
            self.show(arn, event)?;
        }
        Ok(!news.is_empty())
    }

    /// Executions that have begun since the last look, or that go on.
    async fn look_for_executions(&mut self) -> Result<(), Failure> {
        for machine in &self.machines {
            let request = ListExecutionsInput {
                state_machine_arn: Some(machine.clone()),
                max_results: Some(NEWEST),
                ..Default::default()
            };
            for one in self.context.client.call(&request).await?.executions {
                let is_new = one.stop_date.is_none_or(|at| at.millis() >= self.begin);
                let is_known =
                    self.open.contains_key(&one.execution_arn) || self.closed.contains(&one.execution_arn);
                if is_new && !is_known {
                    self.open.insert(one.execution_arn, Seen { last: 0, from: self.begin });
                }
            }
        }
        Ok(())
    }

    async fn last_event(&self, arn: &str) -> Result<i64, Failure> {
        let request = GetExecutionHistoryInput {
            execution_arn: arn.to_owned(),
            reverse_order: Some(true),
            max_results: Some(1),
            ..Default::default()
        };
        let page = self.context.client.call(&request).await?;
        Ok(page.events.first().map_or(0, |event| event.id))
    }

    fn show(&self, arn: &str, event: &HistoryEvent) -> Result<(), Failure> {
        let shown = Event::from(event);
        let of_type = self.args.kind.as_ref().is_none_or(|wanted| shown.is_of_type(wanted));
        if !of_type || self.args.failed && !shown.is_failure() {
            return Ok(());
        }
        let printer = &self.context.printer;
        let path = targets::path_of(arn);
        match printer.format {
            Format::Table | Format::Wide => output::write(&self.line(&path, &shown)),
            Format::Name => output::write(&format!("{path}\n")),
            Format::None => Ok(()),
            Format::Json | Format::Jsonl | Format::Yaml => {
                let mut value = printer.json(event);
                value["executionArn"] = json!(arn);
                printer.item(&value)
            }
        }
    }

    fn line(&self, path: &str, event: &Event) -> String {
        let out = &self.context.terminal.out;
        let tone = if event.is_failure() { Tone::Bad } else { Tone::Plain };
        let (time, kind, details) = (moment::time_of_day(event.at), event.kind, printable(&event.summary()));
        let taken = time.len() + path.chars().count() + kind.len() + 6;
        let room = match out.width {
            Some(width) if self.context.printer.truncate => width.saturating_sub(taken).max(1),
            _ => usize::MAX,
        };
        let details = if details.chars().count() > room {
            details.chars().take(room - 1).chain(['…']).collect()
        } else {
            details
        };
        let text = format!(
            "{}  {}  {}  {details}",
            out.paint(Tone::Dim, &time),
            out.paint(Tone::Strong, &printable(path)),
            out.paint(tone, kind)
        );
        format!("{}\n", text.trim_end())
    }
}

fn is_end(event: &HistoryEvent) -> bool {
    let kind = event.r#type.as_str();
    kind.starts_with("Execution") && !matches!(kind, "ExecutionStarted" | "ExecutionRedriven")
}
