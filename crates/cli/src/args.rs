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
    /// Only these columns of a table
    #[arg(long, global = true, value_delimiter = ',', value_name = "A,B")]
    pub columns: Vec<String>,
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
    Explain(commands::explain::ExplainArgs),
    Graph(commands::graph::GraphArgs),
    Deploy(commands::deploy::DeployArgs),
    Run(commands::run::RunArgs),
    Start(commands::start::StartArgs),
    List(commands::list::ListArgs),
    Describe(commands::describe::DescribeArgs),
    History(commands::history::HistoryArgs),
    Stop(commands::stop::StopArgs),
    Task(commands::task::TaskArgs),
    TestState(commands::test_state::TestStateArgs),
    #[command(hide = true)]
    SendTaskSuccess(commands::task::SuccessArgs),
    #[command(hide = true)]
    SendTaskFailure(commands::task::FailureArgs),
    #[command(hide = true)]
    SendTaskHeartbeat(commands::task::HeartbeatArgs),
    Env(commands::env::EnvArgs),
}
