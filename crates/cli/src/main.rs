//! The `stepwell` binary: the composition root and the command line. Here is only the way from arguments to an exit code.
//!
//! What a command does stands in `commands/<name>.rs`; what it prints goes through `output`, how it fails through `failure`.

mod args;
mod client;
mod commands;
mod config;
mod context;
mod definitions;
mod demo;
mod doctor;
mod failure;
mod follow;
mod input;
mod last;
mod moment;
mod output;
mod rehearse;
mod serve;
mod settings;
mod targets;
mod terminal;
mod trace;
mod watch;
mod worker;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::terminal::{Terminal, Tone};

fn main() -> ExitCode {
    let cli = read_args();
    let terminal = Terminal::detect(cli.global.color);
    match run(cli, terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                output::note(&format!("{}: {failure}", terminal.err.paint(Tone::Bad, "error")));
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// Reads the command line; ends the program with exit code 2 when it cannot be used. A person at a terminal may shorten
/// commands, a script may not: what is short today may be ambiguous tomorrow.
fn read_args() -> Cli {
    let is_strict = std::env::args_os().any(|argument| argument == "--strict-args");
    let infer = !is_strict && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let matches = Cli::command().infer_subcommands(infer).get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn run(cli: Cli, terminal: Terminal) -> Result<(), Failure> {
    let context = Context::new(&cli.global, terminal)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, usize::from))
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("cannot start threads: {error}")))?;
    let done = runtime.block_on(dispatch(cli.command, &context));
    runtime.shutdown_background();
    done
}

async fn dispatch(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => commands::demo::run(&args, context).await,
        Command::Serve(args) => commands::serve::run(&args, context).await,
        Command::Explain(args) => commands::explain::run(&args, context),
        Command::Validate(args) => commands::validate::run(&args, context),
        Command::Lint(args) => commands::lint::run(&args, context),
        Command::Graph(args) => commands::graph::run(&args, context).await,
        Command::Deploy(args) => commands::deploy::run(&args, context).await,
        Command::Run(args) => commands::run::run(&args, context).await,
        Command::Start(args) => commands::start::run(&args, context).await,
        Command::List(args) => commands::list::run(&args, context).await,
        Command::Describe(args) => commands::describe::run(&args, context).await,
        Command::History(args) => commands::history::run(&args, context).await,
        Command::Logs(args) => commands::logs::run(&args, context).await,
        Command::Tail(args) => commands::tail::run(&args, context).await,
        Command::Wait(args) => commands::wait::run(&args, context).await,
        Command::Input(args) => commands::payload::input(&args, context).await,
        Command::Output(args) => commands::payload::output(&args, context).await,
        Command::Stop(args) => commands::stop::run(&args, context).await,
        Command::Redrive(args) => commands::redrive::run(&args, context).await,
        Command::Activity(args) => commands::activity::run(&args.action, context).await,
        Command::Task(args) => commands::task::run(&args.action, context).await,
        Command::TestState(args) => commands::test_state::run(&args, context).await,
        Command::SendTaskSuccess(args) => commands::task::success(&args, context).await,
        Command::SendTaskFailure(args) => commands::task::failure(&args, context).await,
        Command::SendTaskHeartbeat(args) => commands::task::heartbeat(&args, context).await,
        Command::Env(args) => commands::env::run(&args, context),
        Command::Backup(args) => commands::backup::backup(&args, context).await,
        Command::Restore(args) => commands::backup::restore(&args, context).await,
        Command::Reindex(args) => commands::reindex::run(&args, context).await,
        Command::Doctor(args) => commands::doctor::run(&args, context).await,
        Command::Completions(args) => commands::completions::run(&args),
    }
}
