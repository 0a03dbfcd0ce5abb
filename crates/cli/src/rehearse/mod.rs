//! An execution that runs in this process while somebody looks: its states on standard error, its output on standard output.
//! How it runs is `runtime::Rehearsal`'s; what was asked for is `commands::run`'s.

pub mod mocks;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use integrations::functions::{FunctionLog, LogSink};
use interpreter::{Event as Decision, Record, StateEvent, Status, Timestamp, history};
use runtime::{Rehearsal, Script, Step, Stuck};
use serde_json::json;
use tokio::sync::mpsc;
use wire::{DescribeExecutionOutput, ExecutionStatus, HistoryEvent};

use crate::commands::{describe, start};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Format, note};
use crate::serve::{self, AwsServices, Functions};
use crate::terminal::{Tone, printable};
use crate::trace::{Event, Live};
use crate::{follow, moment};

/// Time between two drawings of the tree.
const DRAW: Duration = Duration::from_millis(80);

/// What is wanted of a run, beside its definition.
#[derive(Clone, Debug)]
pub struct Wish {
    /// End when this state has ended.
    pub until: Option<String>,
    /// Where the history goes.
    pub history: Option<PathBuf>,
    /// The longest real time.
    pub timeout: Option<Duration>,
}

/// What is known of a run.
struct Run<'a> {
    context: &'a Context,
    wish: &'a Wish,
    rehearsal: Rehearsal,
    logs: mpsc::UnboundedReceiver<FunctionLog>,
    live: Live,
    events: Vec<HistoryEvent>,
    drawn: Instant,
}

/// Why a run is over.
enum End {
    /// The execution has ended.
    Ended,
    /// The state that was asked for has ended, with this output.
    Reached(String),
    /// Nobody is here who could bring it on.
    Stuck(Vec<Stuck>),
}

/// Runs an execution to its end, shows it, and prints what it gives.
///
/// # Errors
/// When it does not succeed (1), waits for somebody who is not here (1), takes too long (124), or is interrupted (130).
pub async fn run(script: Script, wish: &Wish, context: &Context) -> Result<(), Failure> {
    let settings = &context.settings;
    let (sink, logs) = mpsc::unbounded_channel();
    let functions = Functions::declared(settings.config.as_ref())?;
    let aws = AwsServices::declared(settings.config.as_ref()).client(&settings.region, &settings.account)?;
    // A line that nobody reads any more is not missed.
    let log = LogSink::new(move |line| drop(sink.send(line)));
    let (connectors, host) = serve::connect(functions, &settings.region, &settings.account, log)?;
    let (machine, express) = (script.machine.clone(), script.express);
    if script.virtual_time && context.settings.debug {
        note("time is virtual");
    }
    let mut run = Run {
        context,
        wish,
        rehearsal: Rehearsal::new(script, Arc::new(connectors.with_aws(aws))),
        logs,
        live: context.live(&machine),
        events: Vec::new(),
        drawn: Instant::now(),
    };
    let timeout = async {
        match wish.timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let end = tokio::select! {
        end = run.until_end() => Ok(end),
        () = timeout => {
            let seconds = wish.timeout.unwrap_or_default().as_secs_f64();
            Err(Failure::new(Exit::TimedOut, format!("it has not ended within {seconds} s"))
                .hint("nothing of it goes on"))
        }
        _ = tokio::signal::ctrl_c() => {
            Err(Failure::new(Exit::Interrupted, "interrupted; nothing of it goes on"))
        }
    };
    run.draw();
    host.shutdown();
    run.write_history()?;
    run.report(end?, express)
}

impl Run<'_> {
    async fn until_end(&mut self) -> End {
        loop {
            let step = self.step().await;
            let records = match step {
                Step::Records(records) => records,
                Step::Ended => return End::Ended,
                Step::Stuck(stuck) => return End::Stuck(stuck),
            };
            for record in &records {
                if let Some(event) = history::project(record, true) {
                    self.live.apply(&Event::from(&event));
                    self.events.push(event);
                }
                if let Some(output) = self.is_reached(record) {
                    return End::Reached(output);
                }
            }
            if self.drawn.elapsed() >= DRAW {
                self.draw();
            }
        }
    }

    /// The next step; meanwhile functions' lines are shown, and the tree is drawn again.
    async fn step(&mut self) -> Step {
        let (began, at) = (Instant::now(), self.rehearsal.now());
        let mut step = pin!(self.rehearsal.step());
        loop {
            tokio::select! {
                biased;
                Some(log) = self.logs.recv() => self.live.line(&shown(&log, self.context)),
                step = &mut step => return step,
                () = tokio::time::sleep(DRAW) => {
                    let passed = i64::try_from(began.elapsed().as_millis()).unwrap_or(0);
                    self.live.redraw_at(at.0.saturating_add(passed));
                    self.drawn = Instant::now();
                }
            }
        }
    }

    fn draw(&mut self) {
        while let Ok(log) = self.logs.try_recv() {
            self.live.line(&shown(&log, self.context));
        }
        self.live.redraw_at(self.rehearsal.now().0);
        self.drawn = Instant::now();
    }

    fn is_reached(&self, record: &Record) -> Option<String> {
        let wanted = self.wish.until.as_deref()?;
        match &record.event {
            Decision::State(StateEvent::Exited { state, output, .. }) if &**state == wanted => {
                Some(output.payload().text().to_string())
            }
            _ => None,
        }
    }

    fn write_history(&self) -> Result<(), Failure> {
        let Some(path) = &self.wish.history else { return Ok(()) };
        std::fs::write(path, output::pretty(&json!({ "events": self.events }))).map_err(|error| {
            Failure::environment(format!("cannot write the history to `{}`: {error}", path.display()))
        })
    }

    fn report(&self, end: End, express: bool) -> Result<(), Failure> {
        let mut described = self.described(express);
        let trace = self.live.trace();
        let status = match &end {
            End::Ended => start::paint(self.context, described.status.as_str()),
            End::Reached(_) => self.context.terminal.err.paint(Tone::Good, "REACHED"),
            End::Stuck(_) => self.context.terminal.err.paint(Tone::Bad, "STUCK"),
        };
        let execution = self.rehearsal.execution();
        let ended = execution.closed_at().unwrap_or_else(|| self.rehearsal.now());
        let span = ended.0.saturating_sub(execution.started_at().0);
        self.context.say(&format!(
            "{status} in {} · {} · {}",
            moment::length(span),
            output::count(trace.transitions(), "state"),
            output::count(trace.event_count(), "event")
        ));
        match &end {
            End::Stuck(waiting) => return Err(stuck(waiting)),
            End::Ended if described.status != ExecutionStatus::Succeeded => self.advise(&described),
            End::Ended => {}
            End::Reached(output) => {
                described.output = Some(output.clone());
                if self.is_plain() {
                    return output::write(&start::readable(output));
                }
            }
        }
        if self.is_plain() {
            start::print_end(&described, self.context)?;
        } else {
            let mut record = describe::execution(&described, &self.context.printer);
            record.json["events"] = self.context.printer.json(&self.events);
            self.context.printer.record(&record)?;
        }
        match end {
            End::Reached(_) => Ok(()),
            _ => follow::verdict(described.status),
        }
    }

    fn is_plain(&self) -> bool {
        matches!(self.context.printer.format, Format::Table | Format::Wide)
    }

    /// What to do about an error that is not the definition's but this command's.
    fn advise(&self, ended: &DescribeExecutionOutput) {
        let cause = ended.cause.as_deref().unwrap_or_default();
        let is_absent = ended.error.as_deref() == Some("Lambda.ResourceNotFoundException");
        let answer = "answer for the state: --mock STATE=JSON";
        if cause.starts_with("The resource '${") {
            self.context
                .say(&format!("  say what the placeholder stands for: --param NAME=VALUE, or {answer}"));
        } else if is_absent || cause.contains("is not available in this build") {
            self.context.say(&format!("  declare the function in stepwell.toml, or {answer}"));
        }
    }

    /// The execution as DescribeExecution would have it.
    fn described(&self, express: bool) -> DescribeExecutionOutput {
        let execution = self.rehearsal.execution();
        let time = |at: Timestamp| wire::Timestamp::from_millis(at.0);
        let (mut output, mut error, mut cause) = (None, None, None);
        let status = match execution.status() {
            Status::New | Status::Running => ExecutionStatus::Running,
            Status::Succeeded { output: found } => {
                output = Some(found.payload().text().to_string());
                ExecutionStatus::Succeeded
            }
            Status::TimedOut => {
                error = Some(asl::TIMEOUT.to_owned());
                ExecutionStatus::TimedOut
            }
            Status::Failed { error: name, cause: text } | Status::Aborted { error: name, cause: text } => {
                error = name.as_ref().map(ToString::to_string);
                cause = text.as_ref().map(ToString::to_string);
                if matches!(execution.status(), Status::Failed { .. }) {
                    ExecutionStatus::Failed
                } else {
                    ExecutionStatus::Aborted
                }
            }
        };
        let started = execution.started();
        let arn = execution.arn();
        let machine_arn = arn.split(':').take(7).collect::<Vec<_>>().join(":");
        let kind = if express { ":express:" } else { ":execution:" };
        DescribeExecutionOutput {
            state_machine_arn: machine_arn.replacen(kind, ":stateMachine:", 1),
            execution_arn: arn,
            name: started.map(|started| started.name.to_string()),
            status,
            start_date: time(execution.started_at()),
            stop_date: execution.closed_at().map(time),
            input: started.map(|started| started.input.payload().text().to_string()),
            output,
            error,
            cause,
            ..DescribeExecutionOutput::default()
        }
    }
}

/// A function's line.
fn shown(log: &FunctionLog, context: &Context) -> String {
    let name = context.terminal.err.paint(Tone::Dim, &format!("{} │", log.function));
    format!("{name} {}", printable(&log.line))
}

fn stuck(waiting: &[Stuck]) -> Failure {
    let states: Vec<String> = waiting.iter().map(|one| format!("`{}`", one.state)).collect();
    let whom = match waiting.iter().all(|one| one.is_activity) {
        true => "for a worker of its activity",
        false => "for its task token to be answered",
    };
    let first = waiting.first().map_or("STATE", |one| one.state.as_str());
    Failure::new(
        Exit::Failed,
        format!("{} waits {whom}, and nobody can do that without a server", states.join(", ")),
    )
    .hint(format!("answer for it: --mock '{first}={{\"ok\":true}}'"))
    .hint("or run it on a server: stepwell serve, stepwell deploy, stepwell start")
}
