//! Execution logs: what a state machine's `loggingConfiguration` asks for, made from committed records and handed to an outlet.
//!
//! Of Standard executions every line is handed over at least once, also across a crash: what was handed over is known by a time that
//! the store keeps, and what is younger is handed over again. Lines of Express executions are handed over as their executions go, and
//! are lost with the process. An outlet that takes nothing loses lines, counted. The engine never waits for any of it.
//!
//! *Not* here: files, CloudWatch Logs (`integrations::logs`), and which of them (the composition root).

mod feed;
mod line;
mod progress;
mod writer;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use interpreter::Place;
use store::Store;

use crate::catalogue::Catalogue;

pub use feed::LogBatch;
pub(crate) use feed::{ExpressLog, Feed, Hints};
pub use line::LogLine;

/// Takes lines and keeps them, or says why it cannot.
#[derive(Clone)]
pub struct LogOutlet(Arc<dyn Fn(LogBatch) -> BoxFuture<'static, Result<(), String>> + Send + Sync>);

impl LogOutlet {
    /// An outlet that calls `write` with each batch, one at a time, and takes it for kept when that is done.
    pub fn new(
        write: impl Fn(LogBatch) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> LogOutlet {
        LogOutlet(Arc::new(write))
    }

    async fn write(&self, batch: LogBatch) -> Result<(), String> {
        (self.0)(batch).await
    }
}

impl fmt::Debug for LogOutlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogOutlet")
    }
}

/// Begins to write logs.
pub(crate) fn start(
    store: Arc<dyn Store>,
    catalogue: Arc<Catalogue>,
    place: Arc<Place>,
    outlets: Vec<LogOutlet>,
) -> Feed {
    let (feed, told, shared) = Feed::new(catalogue.clone());
    tokio::spawn(writer::Writer::new(store, catalogue, place, outlets, told, shared).run());
    feed
}
