//! Every question but those about the executions index, which are in `page`. Each is one statement.

use store::{
    Batch, CatalogueEntry, CatalogueKind, Error, ExecutionKey, Pending, PendingKey, PendingKind, Result,
    ShardId,
};
use tokio_postgres::Row;

use crate::pool::{Pool, Value};

/// A number of rows as SQL takes it.
pub(crate) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A number that the trait has in 32 bits, as the table holds it.
pub(crate) fn narrow(value: i64) -> Result<u32> {
    u32::try_from(value)
        .map_err(|_| Error::Failed(format!("a column holds {value}, which is out of its range")))
}

/// A column holds a code that this release does not know.
pub(crate) fn unknown(what: &str, code: i16) -> Error {
    Error::Version(format!("a row has the {what} {code}, which this release does not know"))
}

fn shard(execution: ExecutionKey) -> i16 {
    i16::from(execution.shard().0)
}

fn batch(execution: ExecutionKey, row: &Row) -> Result<Batch> {
    let (first, last, first_event) = (narrow(row.get(0))?, narrow(row.get(1))?, narrow(row.get(2))?);
    Ok(Batch { execution, first, last, first_event, body: row.get(3) })
}

pub(crate) fn batches(pool: &Pool, execution: ExecutionKey, from: u32, limit: usize) -> Result<Vec<Batch>> {
    let sql = "SELECT first, last, first_event, body FROM batches
        WHERE shard = $1 AND execution = $2 AND last >= $3 AND first >= coalesce(
            (SELECT max(first) FROM batches WHERE shard = $1 AND execution = $2 AND first <= $3), 0)
        ORDER BY first LIMIT $4";
    let (key, from) = (execution.as_i64(), i64::from(from));
    let values: Vec<Value> =
        vec![Box::new(shard(execution)), Box::new(key), Box::new(from), Box::new(count(limit))];
    let rows = pool.rows(sql.to_owned(), values)?;
    rows.iter().map(|row| batch(execution, row)).collect()
}

/// Public ids grow with the records, so the index on these, which includes them, is walked from its end and the batches
/// themselves are left alone but the one: an execution has at most some ten thousand, and the index hundreds on a page.
pub(crate) fn batch_at_event(
    pool: &Pool,
    execution: ExecutionKey,
    id: u32,
    backwards: bool,
) -> Result<Option<Batch>> {
    // Before the first public event there is only the next one.
    let floor = match backwards {
        true => "-1",
        false => {
            "(SELECT first_event FROM batches WHERE shard = $1 AND execution = $2 ORDER BY first LIMIT 1)"
        }
    };
    let sql = format!(
        "SELECT first, last, first_event, body FROM batches WHERE shard = $1 AND execution = $2 AND first = (
             SELECT first FROM batches
             WHERE shard = $1 AND execution = $2 AND first_event <= greatest($3::bigint, {floor})
             ORDER BY first DESC LIMIT 1)"
    );
    let key = execution.as_i64();
    let row = pool.row(&sql, vec![Box::new(shard(execution)), Box::new(key), Box::new(i64::from(id))])?;
    row.map(|row| batch(execution, &row)).transpose()
}

pub(crate) fn named(pool: &Pool, machine: &str, name: &str) -> Result<Option<ExecutionKey>> {
    let sql = "SELECT execution FROM names WHERE machine = $1 AND name = $2";
    let row = pool.row(sql, vec![Box::new(machine.to_owned()), Box::new(name.to_owned())])?;
    Ok(row.map(|row| ExecutionKey::from_i64(row.get(0))))
}

pub(crate) fn ended(
    pool: &Pool,
    of: ShardId,
    after: Option<ExecutionKey>,
    before: i64,
    limit: usize,
) -> Result<Vec<ExecutionKey>> {
    // The key says when an execution began, and none ends before that.
    let sql = "SELECT key FROM executions
        WHERE shard = $1 AND key > $2 AND key <= $3 AND status <> 0 AND stopped_at < $4 ORDER BY key LIMIT $5";
    let newest = ExecutionKey::new(before, 0, ShardId(0)).as_i64().saturating_add(0xFF);
    let values: Vec<Value> = vec![
        Box::new(i16::from(of.0)),
        Box::new(after.map_or(-1, ExecutionKey::as_i64)),
        Box::new(newest),
        Box::new(before),
        Box::new(count(limit)),
    ];
    Ok(pool.rows(sql.to_owned(), values)?.iter().map(|row| ExecutionKey::from_i64(row.get(0))).collect())
}

const PENDING: &str = "SELECT execution, effect, kind, due, subject FROM pending";

fn pending_row(row: &Row) -> Result<Pending> {
    let key = PendingKey { execution: ExecutionKey::from_i64(row.get(0)), effect: narrow(row.get(1))? };
    let code: i16 = row.get(2);
    let kind = u8::try_from(code).ok().and_then(PendingKind::from_code);
    let kind = kind.ok_or_else(|| unknown("kind", code))?;
    Ok(Pending { key, kind, due: row.get(3), subject: row.get(4) })
}

pub(crate) fn pending(
    pool: &Pool,
    of: ShardId,
    kind: PendingKind,
    after: Option<PendingKey>,
    limit: usize,
) -> Result<Vec<Pending>> {
    // The second condition lets the planner use the index that leaves timers out.
    let other = if kind == PendingKind::Timer { "" } else { "AND kind <> 0" };
    let sql = format!(
        "{PENDING} WHERE shard = $1 AND kind = $2 {other} AND (execution, effect) > ($3, $4)
         ORDER BY execution, effect LIMIT $5"
    );
    let (execution, effect) = after.map_or((-1, 0), |key| (key.execution.as_i64(), i64::from(key.effect)));
    let values: Vec<Value> = vec![
        Box::new(i16::from(of.0)),
        Box::new(kind as i16),
        Box::new(execution),
        Box::new(effect),
        Box::new(count(limit)),
    ];
    pool.rows(sql, values)?.iter().map(pending_row).collect()
}

pub(crate) fn due(pool: &Pool, of: ShardId, from: i64, to: i64, limit: usize) -> Result<Vec<Pending>> {
    let sql = format!(
        "{PENDING} WHERE shard = $1 AND due >= $2 AND due < $3 ORDER BY due, execution, effect LIMIT $4"
    );
    let values: Vec<Value> =
        vec![Box::new(i16::from(of.0)), Box::new(from), Box::new(to), Box::new(count(limit))];
    pool.rows(sql, values)?.iter().map(pending_row).collect()
}

pub(crate) fn pending_of(pool: &Pool, execution: ExecutionKey) -> Result<Vec<Pending>> {
    let sql = format!("{PENDING} WHERE shard = $1 AND execution = $2 ORDER BY effect");
    let rows = pool.rows(sql, vec![Box::new(shard(execution)), Box::new(execution.as_i64())])?;
    rows.iter().map(pending_row).collect()
}

fn entry(row: &Row) -> CatalogueEntry {
    let version: i64 = row.get(1);
    CatalogueEntry { id: row.get(0), version: version.cast_unsigned(), body: row.get(2) }
}

pub(crate) fn catalogue_get(pool: &Pool, kind: CatalogueKind, id: &str) -> Result<Option<CatalogueEntry>> {
    let sql = "SELECT id, version, body FROM catalogue WHERE kind = $1 AND id = $2";
    let row = pool.row(sql, vec![Box::new(kind as i16), Box::new(id.to_owned())])?;
    Ok(row.map(|row| entry(&row)))
}

pub(crate) fn catalogue_list(
    pool: &Pool,
    kind: CatalogueKind,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<CatalogueEntry>> {
    // Ids with the prefix stand together, between the prefix and the first text after all that have it.
    let mut values: Vec<Value> =
        vec![Box::new(kind as i16), Box::new(count(limit)), Box::new(prefix.to_owned())];
    let mut conditions = String::new();
    if let Some(after) = after {
        values.push(Box::new(after.to_owned()));
        conditions = format!("AND id > ${}", values.len());
    }
    if let Some(end) = successor(prefix) {
        values.push(Box::new(end));
        conditions = format!("{conditions} AND id < ${}", values.len());
    }
    let sql = format!(
        "SELECT id, version, body FROM catalogue WHERE kind = $1 AND id >= $3 {conditions} ORDER BY id LIMIT $2"
    );
    Ok(pool.rows(sql, values)?.iter().map(entry).collect())
}

/// The first text in byte order after all that start with the prefix; `None` when they have no end.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The next code point that is a character; UTF-8 keeps their order.
        if let Some(next) = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

pub(crate) fn property(pool: &Pool, name: &str) -> Result<Option<Vec<u8>>> {
    let row = pool.row("SELECT value FROM properties WHERE name = $1", vec![Box::new(name.to_owned())])?;
    Ok(row.map(|row| row.get(0)))
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn successors() {
        let cases = [
            ("", None),
            ("a", Some("b")),
            ("az", Some("a{")),
            ("a:", Some("a;")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{10FFFF}\u{10FFFF}", None),
            ("\u{D7FF}", Some("\u{E000}")),
        ];
        for (prefix, expected) in cases {
            assert_eq!(successor(prefix).as_deref(), expected, "{prefix:?}");
        }
    }
}
