//! One durable transaction, given as data: statements that do not wait for each other, the epochs that must hold, a look at
//! what the statements did, then `COMMIT`.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use store::{Error, Result};
use tokio_postgres::Row;

use crate::error::{error, is_passing};
use crate::pool::{Answer, Connections, Link, Pool, Value, references};

/// A statement and its values.
pub(crate) struct Step {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
}

/// What a statement did.
pub(crate) struct Outcome {
    /// The rows it gave.
    pub(crate) rows: Vec<Row>,
}

/// Newest epochs as this process knows them, by shard.
pub(crate) type Epochs = BTreeMap<i16, i64>;

/// How often a transaction is run when the connection is lost, or another transaction was in the way, before `COMMIT`.
const ATTEMPTS: u32 = 3;

const FENCE: &str = "SELECT shard, epoch FROM shards WHERE shard = ANY($1) ORDER BY shard FOR SHARE";

/// Runs the steps under these epochs in one transaction. `check` sees what they did and has the last word.
pub(crate) fn write<T: Send + 'static>(
    pool: &Pool,
    epochs: Epochs,
    mut steps: Vec<Step>,
    check: impl FnOnce(&[Outcome]) -> Result<T> + Send + 'static,
) -> Result<T> {
    let fenced = !epochs.is_empty();
    if fenced {
        let shards: Vec<i16> = epochs.keys().copied().collect();
        steps.insert(0, Step { sql: FENCE, values: vec![Box::new(shards)] });
    }
    pool.run(|connections| async move {
        let mut writer = connections.writer.lock().await;
        let mut attempt = 1;
        let (mut link, outcomes) = loop {
            let mut link = usable(&connections, writer.take()).await?;
            let (outcomes, failure) = link.steps(&steps).await;
            if fenced && outcomes.first().is_some_and(|fence| !holds(&epochs, &fence.rows)) {
                *writer = link.rolled_back().await;
                return Err(Error::Fenced);
            }
            let Some(failure) = failure else { break (link, outcomes) };
            *writer = link.rolled_back().await;
            if !is_passing(&failure) || attempt == ATTEMPTS {
                return Err(error(&failure));
            }
            attempt += 1;
        };
        let value = match check(&outcomes[usize::from(fenced)..]) {
            Ok(value) => value,
            Err(refusal) => {
                *writer = link.rolled_back().await;
                return Err(refusal);
            }
        };
        link.commit().await?;
        *writer = Some(link);
        Ok(value)
    })
}

async fn usable(connections: &Connections, link: Option<Link>) -> Result<Link> {
    match link {
        Some(link) if !link.client.is_closed() => Ok(link),
        _ => connections.connect().await,
    }
}

/// Whether all epochs are the newest.
fn holds(epochs: &Epochs, rows: &[Row]) -> bool {
    let newest: Epochs = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    newest == *epochs
}

impl Link {
    /// Begins a transaction and runs the steps in it: what they did up to the first that failed, and its error.
    async fn steps(&mut self, steps: &[Step]) -> (Vec<Outcome>, Option<tokio_postgres::Error>) {
        let mut statements = Vec::with_capacity(steps.len());
        for step in steps {
            match self.prepare(step.sql).await {
                Ok(statement) => statements.push(statement),
                Err(error) => return (Vec::new(), Some(error)),
            }
        }
        let client = &self.client;
        let begin = client.batch_execute("BEGIN");
        let queries = steps
            .iter()
            .zip(&statements)
            .map(async |(step, statement)| client.query(statement, &references(&step.values)).await);
        // Requests are sent in the order in which they are polled first, and answered in that order.
        let (begun, answers) = futures_util::future::join(begin, join_all(queries)).await;
        let mut outcomes = Vec::with_capacity(steps.len());
        let mut failure = begun.err();
        for answer in answers {
            match (answer, &failure) {
                (Ok(rows), None) => outcomes.push(Outcome { rows }),
                (Err(error), None) => failure = Some(error),
                // What follows the first failure fails because of it.
                (_, Some(_)) => break,
            }
        }
        (outcomes, failure)
    }

    /// Makes the transaction durable.
    async fn commit(&mut self) -> Result<()> {
        let unknown = |e: tokio_postgres::Error| match error(&e) {
            Error::Failed(why) => Error::Failed(format!("the outcome of a commit is unknown: {why}")),
            other => other,
        };
        self.client.batch_execute("COMMIT").await.map_err(unknown)
    }

    /// Undoes the transaction; the connection is given back if it is still good.
    async fn rolled_back(self) -> Option<Link> {
        let undone: Answer<()> = self.client.batch_execute("ROLLBACK").await;
        undone.ok().map(|()| self)
    }
}
