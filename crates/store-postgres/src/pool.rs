//! Connections: how they are made and set, those for reads and the one for writes, and the runtime they live on.

use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use store::{Error, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{error, is_passing};
use crate::{Options, schema, tls};

/// A value for a statement.
pub(crate) type Value = Box<dyn ToSql + Sync + Send>;

/// The result of a request, as the client gives it.
pub(crate) type Answer<T> = std::result::Result<T, tokio_postgres::Error>;

/// All connections of a store.
pub(crate) struct Pool {
    // Taken when the pool is dropped; only then.
    runtime: Option<Runtime>,
    inner: Arc<Connections>,
}

/// What the tasks of the runtime share.
pub(crate) struct Connections {
    config: Config,
    /// With `sslmode=require`.
    tls: Option<MakeRustlsConnect>,
    pub(crate) options: Options,
    /// One permit for each connection that may read.
    reading: Semaphore,
    idle: Mutex<Vec<Link>>,
    /// The connection for writes; the lock is held for a transaction.
    pub(crate) writer: tokio::sync::Mutex<Option<Link>>,
}

impl Pool {
    /// Connects to nothing yet.
    pub(crate) fn new(url: &str, options: Options) -> Result<Pool> {
        schema::check_name(&options.schema)?;
        let unreadable = |error: tokio_postgres::Error| {
            // The URL itself is not said: it may hold a password.
            let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
            Error::Failed(format!("the URL of the database cannot be read: {error}{cause}"))
        };
        let mut config: Config = url.parse().map_err(unreadable)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        if config.get_application_name().is_none() {
            config.application_name("stepwell");
        }
        // A server that vanished is noticed, also between requests.
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        config.tcp_user_timeout(options.timeout);
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build();
        let runtime = runtime.map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))?;
        let inner = Connections {
            tls: tls::connector(&config, options.root_certificates.as_deref())?,
            config,
            reading: Semaphore::new(options.readers.max(1)),
            options,
            idle: Mutex::default(),
            writer: tokio::sync::Mutex::default(),
        };
        Ok(Pool { runtime: Some(runtime), inner: Arc::new(inner) })
    }

    /// Runs a task on the runtime and waits for it. Within a task of another runtime this blocks its thread.
    pub(crate) fn run<T, F>(&self, task: impl FnOnce(Arc<Connections>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let Some(runtime) = &self.runtime else {
            return Err(Error::Failed("the store is closed".to_owned()));
        };
        let (answer, wait) = mpsc::sync_channel(1);
        let limit = self.inner.options.timeout;
        let task = task(Arc::clone(&self.inner));
        runtime.spawn(async move {
            let late =
                |_| Err(Error::Failed(format!("PostgreSQL did not answer within {} s", limit.as_secs())));
            let result = tokio::time::timeout(limit, task).await.unwrap_or_else(late);
            // Nobody waits any more only if the caller's thread was ended.
            _ = answer.send(result);
        });
        wait.recv().unwrap_or_else(|_| Err(Error::Failed("a request to PostgreSQL was given up".to_owned())))
    }

    /// The rows that a statement gives.
    pub(crate) fn rows(&self, sql: String, values: Vec<Value>) -> Result<Vec<Row>> {
        self.run(|connections| async move { connections.rows(&sql, &values).await })
    }

    /// The row that a statement gives, if any.
    pub(crate) fn row(&self, sql: &str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql.to_owned(), values)?.pop())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting is not allowed in a task of another runtime, and there is nothing to wait for: callers borrow the
            // store until they have their answer.
            runtime.shutdown_background();
        }
    }
}

impl Connections {
    /// A new connection, set as all are.
    pub(crate) async fn connect(&self) -> Result<Link> {
        // The task of a connection ends when the client is dropped; its error reaches the request that waits.
        let client = match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(|e| error(&e))?;
                tokio::spawn(connection);
                client
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(|e| error(&e))?;
                tokio::spawn(connection);
                client
            }
        };
        let Options { schema, abandoned_after, .. } = &self.options;
        let abandoned = abandoned_after.as_millis();
        let set = format!(
            "SET search_path TO \"{schema}\";
             SET idle_in_transaction_session_timeout = {abandoned};
             SET default_transaction_isolation = 'read committed';
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        );
        client.batch_execute(&set).await.map_err(|e| error(&e))?;
        Ok(Link { client, statements: HashMap::new() })
    }

    /// Makes the schema or brings it up to date.
    pub(crate) async fn migrate(&self) -> Result<()> {
        let link = self.connect().await?;
        schema::migrate(&link.client, &self.options.schema).await
    }

    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let closed = |_| Error::Failed("the store is closed".to_owned());
        let _permit = self.reading.acquire().await.map_err(closed)?;
        let mut retried = false;
        loop {
            let idle = self.idle().pop();
            let mut link = match idle {
                Some(link) if !link.client.is_closed() => link,
                _ => self.connect().await?,
            };
            match link.rows(sql, values).await {
                Ok(rows) => {
                    self.idle().push(link);
                    return Ok(rows);
                }
                // A read may always be repeated; the other idle connections are likely to be lost too.
                Err(error) if is_passing(&error) && !retried => {
                    retried = true;
                    self.idle().clear();
                }
                Err(e) => return Err(error(&e)),
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection and the statements that it has prepared.
pub(crate) struct Link {
    pub(crate) client: Client,
    statements: HashMap<String, Statement>,
}

impl Link {
    async fn rows(&mut self, sql: &str, values: &[Value]) -> Answer<Vec<Row>> {
        let statement = self.prepare(sql).await?;
        self.client.query(&statement, &references(values)).await
    }

    /// The statement, prepared on first use. There are as many as the source has, so they may all stay.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Answer<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Values as the client takes them.
pub(crate) fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect()
}
