//! `stepwell serve`: the server. Its parts are put together in `crate::serve`; here are its flags and what it says.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use integrations::mocks::MockSource;
use interpreter::WaitScale;

use crate::config::{Profile, Retention, ServiceLimits};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::serve::{
    self, AwsServices, Backing, ExecutionLogs, Functions, LogForm, Plan, asked_to_stop, function_log,
    start_logging,
};
use crate::settings::{ADDRESS_DEFAULT, variable};

/// The folder of the embedded store when nobody says otherwise.
const DATA_DIR_DEFAULT: &str = ".stepwell";

/// Run the server
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell serve
  stepwell serve --listen 127.0.0.1:9000 --data-dir /var/lib/stepwell --config stepwell.toml --log json\n")]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8083]
    #[arg(long, env = "STEPWELL_LISTEN", hide_env_values = true, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Folder of the embedded store [default: .stepwell]
    #[arg(
        long,
        env = "STEPWELL_DATA_DIR",
        hide_env_values = true,
        value_name = "DIR",
        conflicts_with = "store"
    )]
    data_dir: Option<PathBuf>,
    /// `postgres://user:password@host/database` instead of the embedded store
    #[arg(long, env = "STEPWELL_STORE", hide_env_values = true, value_name = "URL")]
    store: Option<String>,
    /// Listen where other machines can reach it, although this release has no authentication
    #[arg(long)]
    allow_remote: bool,
    /// Which limits hold where stepwell.toml says nothing: `aws` has all quotas and rates of the service [default: local]
    #[arg(long, env = "STEPWELL_PROFILE", hide_env_values = true, value_enum)]
    profile: Option<Profile>,
    /// Take the console's files from this folder instead of those inside of the binary
    #[arg(long, value_name = "FOLDER", hide_short_help = true)]
    console: Option<PathBuf>,
    /// A name, besides localhost and addresses, under which browsers may reach the console (repeatable)
    #[arg(long = "allowed-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// A file that exists, with the server's address, while it takes requests
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// How long requests and calls of functions under way may take to end after SIGTERM or Ctrl-C
    #[arg(long, value_parser = moment::parse_length, default_value = "30s", value_name = "TIME")]
    drain_timeout: Duration,
    /// A mock file of Step Functions Local: `#TestCase` after a state machine's ARN starts it with canned responses
    #[arg(long, env = "SFN_MOCK_CONFIG", hide_env_values = true, value_name = "FILE")]
    mock_config: Option<PathBuf>,
    /// For tests: what part of a Wait and of a Retrier's backoff is really waited; 0 lets them pass at once
    #[arg(long, env = "WAIT_TIME_SCALE", hide_env_values = true, value_parser = wait_scale, value_name = "FACTOR")]
    wait_scale: Option<WaitScale>,
    /// The form of log lines on standard error
    #[arg(long, value_enum, default_value_t)]
    log: LogForm,
}

/// Runs until it is told to stop.
///
/// # Errors
/// When it cannot start, or had to end by itself.
pub async fn run(args: &ServeArgs, context: &Context) -> Result<(), Failure> {
    start_logging(args.log, if context.quiet { "warn" } else { "info" }, &context.terminal.err)?;
    let plan = plan(args, context)?;
    serve::raise_open_files();
    let (data, drain) = (plan.backing.shown(), plan.drain_timeout);
    let is_remote = plan.allow_remote;
    say_mocks(plan.mocks.as_ref());
    if plan.wait_scale != WaitScale::REAL {
        tracing::warn!("waits and backoffs are scaled: {:?}", plan.wait_scale);
    }
    let mut running = serve::start(plan).await?;
    let functions = match running.functions() {
        [] => "none; declare them in stepwell.toml".to_owned(),
        names => names.join(", "),
    };
    tracing::info!(data, functions, "stepwell {} listens on {}", env!("CARGO_PKG_VERSION"), running.url());
    if is_remote {
        tracing::warn!("there is no authentication: whoever reaches this address may do everything");
    }
    tokio::select! {
        ended = running.ended() => return ended,
        asked = asked_to_stop() => asked?,
    }
    tracing::info!(
        "stopping: requests and calls under way have {} s; once more stops at once",
        drain.as_secs_f64()
    );
    tokio::select! {
        stopped = running.stop() => {
            tracing::info!("stopped; what was under way goes on at the next start");
            stopped
        }
        _ = asked_to_stop() => Err(Failure::new(Exit::Interrupted, "stopped at once")
            .hint("nothing that was acknowledged is lost; calls under way may have been cut")),
    }
}

fn wait_scale(text: &str) -> Result<WaitScale, String> {
    let expected = || format!("expected a number from 0 to {}", WaitScale::MAX);
    text.parse().ok().and_then(WaitScale::new).ok_or_else(expected)
}

/// Says what there is to choose in the mock file; that it cannot be used yet is no reason not to start, since it is read again.
fn say_mocks(mocks: Option<&MockSource>) {
    let Some(source) = mocks else { return };
    let file = source.path().display();
    match source.check() {
        Err(error) => tracing::warn!("the mock file cannot be used as it is: {error}"),
        Ok(config) => {
            let machines = config.machines().collect::<Vec<_>>().join(", ");
            tracing::info!(%file, machines, "test cases can be chosen with #TestCase after a state machine's ARN");
        }
    }
}

/// How long executions are kept when `stepwell.toml` does not say so: as on AWS.
const RETENTION_DEFAULT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

fn retention(table: Option<&Retention>) -> Result<Option<Duration>, Failure> {
    match table.and_then(|table| table.standard.as_deref()) {
        None => Ok(Some(RETENTION_DEFAULT)),
        Some("forever") => Ok(None),
        Some(text) => moment::parse_length(text)
            .map(Some)
            .map_err(|why| Failure::usage(format!("`retention.standard`: {why}, or \"forever\""))),
    }
}

/// The folder of the embedded store when no flag says otherwise; none when `stepwell.toml` keeps the data elsewhere.
pub fn data_folder(context: &Context) -> Option<PathBuf> {
    if variable("STEPWELL_STORE").is_some() {
        return None;
    }
    if let Some(folder) = variable("STEPWELL_DATA_DIR") {
        return Some(folder.into());
    }
    let config = context.settings.config.as_ref();
    match config.map(|loaded| (loaded, &loaded.file.server)) {
        Some((_, server)) if server.store.is_some() => None,
        Some((loaded, server)) => {
            Some(server.data_dir.as_ref().map_or(DATA_DIR_DEFAULT.into(), |path| loaded.folder().join(path)))
        }
        None => Some(DATA_DIR_DEFAULT.into()),
    }
}

/// Flags, environment and file become a plan.
fn plan(args: &ServeArgs, context: &Context) -> Result<Plan, Failure> {
    let settings = &context.settings;
    let config = settings.config.as_ref();
    let file = config.map(|loaded| &loaded.file.server);
    let from_file = |path: &PathBuf| config.map_or_else(|| path.clone(), |loaded| loaded.folder().join(path));
    let backing = match (&args.store, &args.data_dir, file) {
        (Some(url), ..) => Backing::Postgres(url.clone()),
        (None, Some(folder), _) => Backing::Folder(folder.clone()),
        (None, None, Some(server)) => match (&server.store, &server.data_dir) {
            (Some(url), _) => Backing::Postgres(url.clone()),
            (None, Some(folder)) => Backing::Folder(from_file(folder)),
            (None, None) => Backing::Folder(DATA_DIR_DEFAULT.into()),
        },
        (None, None, None) => Backing::Folder(DATA_DIR_DEFAULT.into()),
    };
    let profile = args.profile.or_else(|| file.and_then(|server| server.profile)).unwrap_or_default();
    let table = config.map(|loaded| loaded.file.limits.clone()).unwrap_or_default();
    let execution_logs = ExecutionLogs::declared(config, &backing);
    let listen = args.listen.clone().or_else(|| file.and_then(|server| server.listen.clone()));
    Ok(Plan {
        listen: listen.unwrap_or_else(|| ADDRESS_DEFAULT.to_owned()),
        console: args.console.clone(),
        allowed_hosts: args.allowed_hosts.clone(),
        allow_remote: args.allow_remote || file.and_then(|server| server.allow_remote).unwrap_or(false),
        backing,
        region: settings.region.clone(),
        account: settings.account.clone(),
        functions: Functions::declared(config)?,
        aws: AwsServices::declared(config),
        retention: retention(config.map(|loaded| &loaded.file.retention))?,
        execution_logs,
        log: function_log(),
        drain_timeout: args.drain_timeout,
        ready_file: args.ready_file.clone(),
        mocks: args.mock_config.clone().map(MockSource::new),
        wait_scale: args.wait_scale.unwrap_or(WaitScale::REAL),
        limits: ServiceLimits::new(profile, &table)?,
    })
}
