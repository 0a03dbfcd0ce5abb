//! What is written: commits, the catalogue, shards and properties. Each is one transaction.

use store::{CatalogueChange, Commit, Epoch, Error, Result, ShardId};

use crate::columns::Columns;
use crate::pool::{Pool, Value};
use crate::transaction::{Epochs, Outcome, Step, write};

fn values<const N: usize>(values: [Value; N]) -> Vec<Value> {
    values.into()
}

/// The row that the last statement must have given.
fn last(outcomes: &[Outcome]) -> Result<&tokio_postgres::Row> {
    let row = outcomes.last().and_then(|outcome| outcome.rows.first());
    row.ok_or_else(|| Error::Failed("PostgreSQL gave no row where there must be one".to_owned()))
}

pub(crate) fn acquire(pool: &Pool, shard: ShardId, owner: &str) -> Result<Epoch> {
    let sql = "INSERT INTO shards AS s (shard, epoch, owner) VALUES ($1, 1, $2)
        ON CONFLICT (shard) DO UPDATE SET epoch = s.epoch + 1, owner = excluded.owner RETURNING epoch";
    let values = values([Box::new(i16::from(shard.0)), Box::new(owner.to_owned())]);
    write(pool, Epochs::new(), vec![Step { sql, values }], |outcomes| {
        let epoch: i64 = last(outcomes)?.get(0);
        Ok(epoch.cast_unsigned())
    })
}

pub(crate) fn commit(pool: &Pool, groups: &[Commit]) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let Columns { epochs, steps, statuses } = Columns::new(groups)?;
    write(pool, epochs, steps, move |outcomes| {
        let Some((step, expected)) = statuses else { return Ok(()) };
        match outcomes.get(step).map_or(0, |outcome| outcome.rows.len()) {
            found if found == expected => Ok(()),
            found => {
                Err(Error::Failed(format!("of {expected} executions with a new status only {found} exist")))
            }
        }
    })
}

pub(crate) fn catalogue_put(pool: &Pool, changes: &[CatalogueChange]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let steps = changes.iter().map(entry).collect::<Result<Vec<_>>>()?;
    write(pool, Epochs::new(), steps, |outcomes| {
        let all = outcomes.iter().all(|outcome| !outcome.rows.is_empty());
        if all { Ok(()) } else { Err(Error::Conflict) }
    })
}

/// A statement that gives a row only if the entry had the expected version.
fn entry((kind, id, expected, body): &CatalogueChange) -> Result<Step> {
    let (kind, id) = (Box::new(*kind as i16), Box::new(id.clone()));
    let version = i64::try_from(*expected).map_err(|_| Error::Conflict)?;
    let (sql, values) = match (version, body) {
        (0, Some(body)) => (
            "INSERT INTO catalogue (kind, id, version, body) VALUES ($1, $2, 1, $3)
             ON CONFLICT (kind, id) DO NOTHING RETURNING 1",
            values([kind, id, Box::new(body.clone())]),
        ),
        (_, Some(body)) => (
            "UPDATE catalogue SET version = version + 1, body = $4
             WHERE kind = $1 AND id = $2 AND version = $3 RETURNING 1",
            values([kind, id, Box::new(version), Box::new(body.clone())]),
        ),
        (0, None) => (
            "SELECT 1 WHERE NOT EXISTS (SELECT FROM catalogue WHERE kind = $1 AND id = $2)",
            values([kind, id]),
        ),
        (_, None) => (
            "DELETE FROM catalogue WHERE kind = $1 AND id = $2 AND version = $3 RETURNING 1",
            values([kind, id, Box::new(version)]),
        ),
    };
    Ok(Step { sql, values })
}

/// The property, made with this value if it is absent.
pub(crate) fn property(pool: &Pool, name: &str, initial: &[u8]) -> Result<Vec<u8>> {
    let insert = Step {
        sql: "INSERT INTO properties (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        values: values([Box::new(name.to_owned()), Box::new(initial.to_vec())]),
    };
    let select = Step {
        sql: "SELECT value FROM properties WHERE name = $1",
        values: values([Box::new(name.to_owned())]),
    };
    write(pool, Epochs::new(), vec![insert, select], |outcomes| Ok(last(outcomes)?.get(0)))
}
