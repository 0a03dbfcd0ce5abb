//! The composition root: store, functions, engine and API server become one running service. `stepwell serve` and
//! `stepwell demo` both start it here; their flags and what they say about it are theirs.

mod aws;
mod backing;
mod execution_logs;
mod functions;
mod limits;
mod listen;
mod logging;
mod signals;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use integrations::functions::{FunctionHost, LogSink};
use integrations::mocks::MockSource;
use integrations::router::Connectors;
use interpreter::WaitScale;
use runtime::Engine;
use server::OwnTasks;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use aws::AwsServices;
pub use backing::Backing;
pub use execution_logs::ExecutionLogs;
pub use functions::Functions;
pub use limits::raise_open_files;
pub use listen::is_free;
pub use logging::{LogForm, function_log, start_logging};
pub use signals::asked_to_stop;

use crate::config::ServiceLimits;
use crate::failure::Failure;

/// What a service is made of.
#[derive(Debug)]
pub struct Plan {
    /// Where it listens: `address:port`; port 0 takes a free one.
    pub listen: String,
    /// Whether the address may be one that other machines reach.
    pub allow_remote: bool,
    /// The folder with the console's files; none for those inside of the binary.
    pub console: Option<PathBuf>,
    /// Names under which browsers may reach the server, besides its addresses.
    pub allowed_hosts: Vec<String>,
    /// Where the executions are kept.
    pub backing: Backing,
    /// The region in ARNs.
    pub region: String,
    /// The account in ARNs.
    pub account: String,
    /// The functions.
    pub functions: Functions,
    /// AWS services.
    pub aws: AwsServices,
    /// How long Standard executions are kept after their end; `None` for ever.
    pub retention: Option<Duration>,
    /// Where execution logs go.
    pub execution_logs: ExecutionLogs,
    /// Takes what the functions write.
    pub log: LogSink,
    /// How long calls and requests under way may take to end.
    pub drain_timeout: Duration,
    /// A file that exists, with the server's address in it, while the server takes requests.
    pub ready_file: Option<PathBuf>,
    /// The mock file whose test cases a start may choose.
    pub mocks: Option<MockSource>,
    /// What part of a wait is really waited.
    pub wait_scale: WaitScale,
    /// What it keeps to.
    pub limits: ServiceLimits,
}

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    functions: Vec<String>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Failure>>,
}

/// The parts that have to be ended in their order.
struct Parts {
    engine: Engine,
    own: Arc<OwnTasks>,
    host: FunctionHost,
    drain_timeout: Duration,
    console: Option<PathBuf>,
    allowed_hosts: Vec<String>,
    ready_file: Option<PathBuf>,
    mocks: Option<MockSource>,
    limits: ServiceLimits,
}

/// Starts a service; it takes requests when this returns.
///
/// # Errors
/// When the port is in use, the store cannot be opened, or a function's declaration cannot be used. Nothing is left running.
pub async fn start(plan: Plan) -> Result<Running, Failure> {
    let listener = listen::bind(&plan.listen, plan.allow_remote).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::environment(format!("the listening socket has no address: {error}")))?;
    let store = plan.backing.open().await?;
    let (connectors, host) = connect(plan.functions, &plan.region, &plan.account, plan.log)?;
    let functions = host.names().map(str::to_owned).collect();
    let own = Arc::new(OwnTasks::new());
    // Ours before AWS's: `aws-sdk:sfn` is this server.
    let connectors = connectors.with(OWN_TASKS, OwnTasks::accepts, own.clone());
    let client = plan.aws.client(&plan.region, &plan.account)?;
    let outlets = plan.execution_logs.outlets(&client);
    let connectors = connectors.with_aws(client);
    let place = interpreter::Place { region: plan.region, account: plan.account, ..Default::default() };
    let engine = open_engine(store, Arc::new(connectors), place, &plan.limits, plan.wait_scale, outlets)?;
    if let Some(kept) = plan.retention {
        tokio::spawn(runtime::retention::run(engine.clone(), kept));
    }
    if let Some(path) = &plan.ready_file {
        std::fs::write(path, format!("http://{address}\n")).map_err(|error| {
            Failure::environment(format!("cannot write the ready file `{}`: {error}", path.display()))
        })?;
    }
    let (stop, stopped) = oneshot::channel();
    let parts = Parts {
        engine,
        own,
        host,
        drain_timeout: plan.drain_timeout,
        console: plan.console,
        allowed_hosts: plan.allowed_hosts,
        ready_file: plan.ready_file,
        mocks: plan.mocks,
        limits: plan.limits,
    };
    let ended = tokio::spawn(run(listener, parts, stopped));
    Ok(Running { address, functions, stop, ended })
}

/// Whoever does the work of Task states: for a server, and for an execution that runs without one. The function host is to be shut
/// down at the end.
///
/// # Errors
/// When a declaration cannot be used.
pub fn connect(
    functions: Functions,
    region: &str,
    account: &str,
    log: LogSink,
) -> Result<(Connectors, FunctionHost), Failure> {
    let lambda = functions.connect(region, account, log)?;
    let host = lambda.host().clone();
    Ok((Connectors::new().with_lambda(lambda), host))
}

fn open_engine(
    store: Arc<dyn Store>,
    connectors: Arc<Connectors>,
    place: interpreter::Place,
    limits: &ServiceLimits,
    wait_scale: WaitScale,
    logs: Vec<runtime::LogOutlet>,
) -> Result<Engine, Failure> {
    let options = runtime::Options {
        place,
        wait_scale,
        standard: limits.standard.clone(),
        express: limits.express.clone(),
        quotas: limits.quotas,
        executions_in_memory: limits.executions_in_memory,
        shard: engine::Settings { name_kept_ms: limits.name_kept_ms, ..Default::default() },
        owner: owner(),
        logs,
        ..Default::default()
    };
    let opened = Engine::open(store, connectors, options);
    opened.map_err(|error| Failure::environment(format!("the engine cannot start: {error}")))
}

/// What the tasks are for that the server does itself, in words.
const OWN_TASKS: &str = "Step Functions (states:startExecution, aws-sdk:sfn)";

/// How this process is called where it owns shards.
fn owner() -> String {
    format!("stepwell-{}", std::process::id())
}

async fn run(listener: TcpListener, parts: Parts, stopped: oneshot::Receiver<()>) -> Result<(), Failure> {
    let options = server::Options {
        drain_timeout: parts.drain_timeout,
        mocks: parts.mocks,
        body_bytes: parts.limits.request_bytes,
        limits: parts.limits.members,
        are_rates_limited: parts.limits.are_rates_limited,
        console: parts.console,
        allowed_hosts: parts.allowed_hosts,
        ..Default::default()
    };
    parts
        .own
        .attach(parts.engine.clone(), options.clone())
        .map_err(|error| Failure::environment(format!("the store cannot be read: {error}")))?;
    let mut asked_at = None;
    let mut failure = None;
    let asked = async {
        tokio::select! {
            // The sender is dropped when its owner is: that also means the end.
            _ = stopped => {}
            why = parts.engine.failed() => failure = Some(why),
        }
        asked_at = Some(Instant::now());
    };
    let served = server::serve(listener, parts.engine.clone(), options, asked).await;
    let used = asked_at.map_or(Duration::ZERO, |at| at.elapsed());
    parts.engine.shut_down(parts.drain_timeout.saturating_sub(used)).await;
    parts.own.detach();
    parts.host.shutdown();
    if let Some(path) = &parts.ready_file {
        let _ = std::fs::remove_file(path);
    }
    if let Some(why) = failure {
        return Err(Failure::environment(format!(
            "the store failed, and nothing more can be written: {why}; what was acknowledged is kept, start again when this is mended"
        )));
    }
    served.map_err(|error| Failure::environment(format!("the server ended: {error}")))
}

impl Running {
    /// Where it takes requests.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The functions that run here.
    pub fn functions(&self) -> &[String] {
        &self.functions
    }

    /// Waits until it ends by itself, which it only does when it cannot go on.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> Result<(), Failure> {
        flatten((&mut self.ended).await)
    }

    /// Ends it: no new requests, those under way and calls of functions may finish, then everything is closed.
    ///
    /// # Errors
    /// When it had ended badly before.
    pub async fn stop(self) -> Result<(), Failure> {
        let _ = self.stop.send(());
        flatten(self.ended.await)
    }
}

fn flatten(ended: Result<Result<(), Failure>, tokio::task::JoinError>) -> Result<(), Failure> {
    ended.unwrap_or_else(|error| Err(Failure::environment(format!("the server ended: {error}"))))
}
