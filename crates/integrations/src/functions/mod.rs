//! The function host: unmodified Lambda handlers as local processes.
//!
//! Each process speaks the Lambda Runtime API with a listener of its own; Python and Node handlers are run by shims that are
//! part of this program, anything else brings its `bootstrap`. Processes are kept warm, limited in number, time and memory,
//! and ended with everything that they have started.
//!
//! This is NOT a sandbox: a function runs with the rights of the server. And it is not Lambda's API: names, qualifiers and
//! results as Step Functions shows them are the business of `lambda`.

mod command;
mod config;
mod guard;
mod invocation;
mod logs;
mod memory;
mod pool;
mod process;
mod runtime_api;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

pub use config::{
    CONCURRENCY_MAX, ConfigError, Declared, EnvValue, FunctionConfig, FunctionTable, LambdaTable,
    MEMORY_MB_DEFAULT, MEMORY_MB_MAX, Runtime, Span, TIMEOUT_SECONDS_DEFAULT, TIMEOUT_SECONDS_MAX,
    concurrency_default,
};
pub use invocation::{Answer, Invocation};
pub use logs::{FunctionLog, LogSink};

use command::Surroundings;
use pool::{Host, Pool};

/// Time after which an idle process is ended, unless the host's configuration says otherwise.
pub const IDLE_LIMIT_DEFAULT: Duration = Duration::from_secs(300);

/// What all functions of a host have in common.
#[derive(Clone)]
pub struct HostConfig {
    /// `AWS_REGION` of the functions.
    pub region: String,
    /// Variables that every function gets; a function's own come on top.
    pub environment: BTreeMap<String, String>,
    /// Time after which an idle process is ended.
    pub idle_limit: Duration,
    /// Takes what the functions write.
    pub log: LogSink,
}

/// Runs functions. Cheap to clone; when the last clone is dropped, all processes are killed.
#[derive(Clone, Debug)]
pub struct FunctionHost {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    host: Host,
    pools: BTreeMap<String, Pool>,
}

/// How a function stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionStatus {
    /// Its declaration.
    pub config: Arc<FunctionConfig>,
    /// Processes that start or run an invocation.
    pub busy: usize,
    /// Processes that wait for one.
    pub idle: usize,
}

/// Why an invocation did not come to the function at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvokeError {
    /// There is no function of that name.
    Unknown,
    /// The host is shut down.
    Stopped,
}

impl FunctionHost {
    /// A host for these functions. Nothing is started before it is needed. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When a function's values are out of range, its code folder is not there, or a name occurs twice.
    pub fn new(
        config: HostConfig,
        functions: impl IntoIterator<Item = FunctionConfig>,
    ) -> Result<FunctionHost, ConfigError> {
        let mut pools = BTreeMap::new();
        for mut function in functions {
            function.check()?;
            function.code = function.code.canonicalize().map_err(|error| {
                ConfigError(format!(
                    "function `{}`: code folder `{}`: {error}",
                    function.name,
                    function.code.display()
                ))
            })?;
            let name = function.name.clone();
            if pools.insert(name.clone(), Pool::new(function)).is_some() {
                return Err(ConfigError(format!("function `{name}` is declared twice")));
            }
        }
        let log_stream = format!("[$LATEST]{}", uuid::Uuid::new_v4().simple());
        let around = Surroundings { region: config.region, environment: config.environment, log_stream };
        let host = Host { around, sink: config.log, stopping: watch::Sender::new(false) };
        let shared = Arc::new(Shared { host, pools });
        reap_idle(&shared, config.idle_limit);
        Ok(FunctionHost { shared })
    }

    /// Names of the functions, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.shared.pools.keys().map(String::as_str)
    }

    /// Is there a function of this name?
    pub fn contains(&self, name: &str) -> bool {
        self.shared.pools.contains_key(name)
    }

    /// How all functions stand.
    pub fn status(&self) -> Vec<FunctionStatus> {
        let status = |pool: &Pool| {
            let (busy, idle) = pool.counts();
            FunctionStatus { config: Arc::clone(&pool.config), busy, idle }
        };
        self.shared.pools.values().map(status).collect()
    }

    /// Runs an invocation and waits for its answer; what goes wrong in the function is an answer too. Dropping the future
    /// kills the process that runs it.
    ///
    /// # Errors
    /// When the invocation does not come to the function.
    pub async fn invoke(&self, name: &str, invocation: &Invocation) -> Result<Answer, InvokeError> {
        let pool = self.shared.pools.get(name).ok_or(InvokeError::Unknown)?;
        pool.invoke(&self.shared.host, invocation).await.ok_or(InvokeError::Stopped)
    }

    /// Starts a process of a function as its first invocation would, and says how long that took; or the error document that the
    /// invocation would have been answered with.
    ///
    /// # Errors
    /// When there is no such function, or the host is shut down.
    pub async fn warm(&self, name: &str) -> Result<Result<Duration, Bytes>, InvokeError> {
        let pool = self.shared.pools.get(name).ok_or(InvokeError::Unknown)?;
        pool.warm(&self.shared.host).await.ok_or(InvokeError::Stopped)
    }

    /// Runs an invocation without waiting for its answer, which only the log will see. It is run once; AWS would try a
    /// failed one twice more.
    ///
    /// # Errors
    /// When there is no such function.
    pub fn invoke_in_background(&self, name: &str, invocation: Invocation) -> Result<(), InvokeError> {
        if !self.contains(name) {
            return Err(InvokeError::Unknown);
        }
        let (host, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move { host.invoke(&name, &invocation).await });
        Ok(())
    }

    /// Makes a function use fresh processes from now on: after its code has changed.
    ///
    /// # Errors
    /// When there is no such function.
    pub fn restart(&self, name: &str) -> Result<(), InvokeError> {
        self.shared.pools.get(name).map(Pool::restart).ok_or(InvokeError::Unknown)
    }

    /// Ends everything now: waiting invocations are refused, running ones are answered with an error, all processes are
    /// killed. Whoever wants running ones to finish waits for them first.
    pub fn shutdown(&self) {
        self.shared.pools.values().for_each(Pool::close);
        self.shared.host.stopping.send_replace(true);
    }
}

/// Ends idle processes from time to time, for as long as the host lives.
fn reap_idle(shared: &Arc<Shared>, limit: Duration) {
    let shared = Arc::downgrade(shared);
    let pause = (limit / 4).clamp(Duration::from_millis(20), Duration::from_secs(15));
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(shared) = shared.upgrade() else { return };
            shared.pools.values().for_each(|pool| pool.reap(limit));
        }
    });
}
