//! The command line as it is written: global flags and the table of commands. Each command's own flags stand in its file;
//! what flags, environment and file mean together is `settings`'.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::moment::TimeStyle;
use crate::output::Format;
use crate::terminal::ColorChoice;

const EXAMPLES: &str = "\
Examples:
  stepwell demo                                    a server, a workflow with functions, a person's approval
  stepwell serve                                   the server, on 127.0.0.1:8083, data in .stepwell
  stepwell run order.asl.json --mock Charge='{}'   without a server; waits take no time
  stepwell validate workflows/                     every fault, with line and column
  stepwell lint workflows/                         and what the service accepts and goes wrong all the same
  stepwell test-state order.asl.json --state Charge --mock @charged.json --trace
  stepwell deploy order.asl.json                   create or update the state machine `order`
  stepwell start order --input @order.json --follow
  stepwell history order@last --failed
  eval \"$(stepwell env)\"                           point AWS SDKs and the AWS CLI of this shell to it
";

const EXIT_CODES: &str = "\
Targets: an ARN, `machine`, `machine/execution`, the beginning of a name, `machine@last`, `@last` (yours)
Exit codes: 0 success, 1 what was asked about failed, 2 usage, 3 no server, 4 refused, 5 not authorised,
            6 this machine, 124 a wait took too long, 130 interrupted";

/// Durable workflows with the AWS Step Functions API, on your own machine
#[derive(Debug, Parser)]
#[command(name = "stepwell", version, before_help = EXAMPLES, after_help = EXIT_CODES, subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The server: http://host:port (also AWS_ENDPOINT_URL_SFN)
    #[arg(long, global = true, env = "STEPWELL_ENDPOINT", hide_env_values = true, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region in ARNs [default: us-east-1]
    #[arg(long, global = true, env = "STEPWELL_REGION", hide_env_values = true)]
    pub region: Option<String>,
    /// The account in ARNs [default: 000000000000]
    #[arg(long, global = true, env = "STEPWELL_ACCOUNT", hide_env_values = true)]
    pub account: Option<String>,
    /// The configuration [default: the nearest stepwell.toml upwards]
    #[arg(long, global = true, env = "STEPWELL_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The form of the output
    #[arg(long, short = 'o', global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub output_format: Format,
    /// The same as `-o json`
    #[arg(long, global = true, conflicts_with = "output_format")]
    pub json: bool,
    /// Only these columns of a table, or members of the JSON and YAML forms
    #[arg(long, visible_alias = "fields", global = true, value_delimiter = ',', value_name = "A,B")]
    pub columns: Vec<String>,
    /// What of the JSON and YAML forms is wanted: a JSONata expression, such as `items[status='FAILED'].name`
    #[arg(long, global = true, value_name = "JSONATA", conflicts_with = "columns")]
    pub select: Option<String>,
    /// Do not shorten the cells of a table
    #[arg(long, global = true)]
    pub no_truncate: bool,
    /// How times are shown
    #[arg(long, global = true, value_enum, value_name = "STYLE")]
    pub time: Option<TimeStyle>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
    /// Tell request ids and timings on standard error
    #[arg(long, global = true)]
    pub debug: bool,
    /// Less on standard error
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Take names of commands literally (otherwise, on a terminal, their beginning is enough)
    #[arg(long, global = true)]
    pub strict_args: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(commands::demo::DemoArgs),
    Serve(commands::serve::ServeArgs),
    Validate(commands::validate::ValidateArgs),
    Lint(commands::lint::LintArgs),
    Explain(commands::explain::ExplainArgs),
    Graph(commands::graph::GraphArgs),
    Deploy(commands::deploy::DeployArgs),
    Run(commands::run::RunArgs),
    Start(commands::start::StartArgs),
    List(commands::list::ListArgs),
    Describe(commands::describe::DescribeArgs),
    History(commands::history::HistoryArgs),
    Logs(commands::logs::LogsArgs),
    Tail(commands::tail::TailArgs),
    Wait(commands::wait::WaitArgs),
    Input(commands::payload::PayloadArgs),
    Output(commands::payload::PayloadArgs),
    Stop(commands::stop::StopArgs),
    Redrive(commands::redrive::RedriveArgs),
    Activity(commands::activity::ActivityArgs),
    Task(commands::task::TaskArgs),
    TestState(commands::test_state::TestStateArgs),
    #[command(hide = true)]
    SendTaskSuccess(commands::task::SuccessArgs),
    #[command(hide = true)]
    SendTaskFailure(commands::task::FailureArgs),
    #[command(hide = true)]
    SendTaskHeartbeat(commands::task::HeartbeatArgs),
    Env(commands::env::EnvArgs),
    Backup(commands::backup::BackupArgs),
    Restore(commands::backup::RestoreArgs),
    Reindex(commands::reindex::ReindexArgs),
    Doctor(commands::doctor::DoctorArgs),
    Completions(commands::completions::CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    /// The command lines of a text: what follows `stepwell ` at a line's beginning, up to a remark, a pipe or a redirection.
    fn examples(text: &str) -> Vec<String> {
        let lines = text.lines().map(str::trim);
        let lines = lines.map(|line| {
            line.strip_prefix("eval \"$(").and_then(|rest| rest.split(")\"").next()).unwrap_or(line)
        });
        lines.filter(|line| line.starts_with("stepwell ")).map(str::to_owned).collect()
    }

    /// Words as a shell makes them: quotes keep together, two spaces begin a remark. `$(…)` is one word.
    fn words(line: &str) -> Vec<String> {
        let line = line.split("  ").next().unwrap_or_default();
        let (mut words, mut word, mut quote, mut depth) = (Vec::new(), String::new(), None, 0_u32);
        for c in line.chars() {
            match (quote, c) {
                (Some(open), c) if open == c => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                (None, '|' | '>' | '#') if depth == 0 && word.is_empty() => break,
                (None, ' ') if depth == 0 => words.push(std::mem::take(&mut word)),
                (_, c) => word.push(c),
            }
        }
        words.push(word);
        words.retain(|word| !word.is_empty());
        words
    }

    #[track_caller]
    fn check(line: &str) {
        let words = words(line);
        assert!(words.len() > 1, "{line}");
        if let Err(error) = Cli::try_parse_from(&words) {
            panic!("`{line}` read as {words:?}: {error}");
        }
    }

    #[test]
    fn every_example_of_the_help_is_one_that_works() {
        let command = Cli::command();
        let mut open: Vec<clap::Command> = vec![command];
        let mut count = 0;
        while let Some(command) = open.pop() {
            open.extend(command.get_subcommands().cloned());
            let help = command.get_before_help().map(ToString::to_string).unwrap_or_default();
            for line in examples(&help) {
                check(&line);
                count += 1;
            }
        }
        assert!(count > 40, "only {count} examples were found");
    }

    #[test]
    fn every_command_has_an_example_and_says_what_it_does() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let (name, about) = (command.get_name(), command.get_about());
            assert!(about.is_some_and(|about| !about.to_string().ends_with('.')), "{name}");
            assert!(command.get_before_help().is_some(), "`stepwell {name} --help` has no example");
        }
    }

    #[test]
    fn the_commands_of_the_readme_are_there() {
        let found = examples(include_str!("../../../README.md"));
        assert!(found.len() >= 4, "{found:?}");
        found.iter().for_each(|line| check(line));
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
