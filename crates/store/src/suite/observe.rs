//! Asks a store everything there is to ask about given executions, machines and shards, and writes the answers
//! down as text: two stores with the same text are equal for all who use them.

use std::fmt::{Debug, Write};

use super::fixture::{KINDS, STATUSES, ok};
use crate::{CatalogueKind, ExecutionKey, ExecutionQuery, PendingKey, ShardId, Store};

/// What is asked about.
#[derive(Default)]
pub(super) struct Universe {
    pub(super) executions: Vec<ExecutionKey>,
    pub(super) machines: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) shards: Vec<u8>,
    pub(super) entries: Vec<(CatalogueKind, String)>,
}

/// All answers of a store.
pub(super) fn observe(rule: &str, store: &dyn Store, universe: &Universe) -> String {
    let mut text = String::new();
    for key in &universe.executions {
        note(&mut text, "execution", &ok(rule, store.execution(*key)));
        note(&mut text, "pending of", &ok(rule, store.pending_of(*key)));
        for (from, limit) in [(0, 100), (1, 1), (2, 100), (4, 2), (u32::MAX, 9)] {
            note(&mut text, "batches", &ok(rule, store.batches(*key, from, limit)));
        }
        for id in [0, 1, 2, 3, 5, 9, u32::MAX] {
            for backwards in [false, true] {
                note(&mut text, "batch at event", &ok(rule, store.batch_at_event(*key, id, backwards)));
            }
        }
    }
    for machine in &universe.machines {
        for name in &universe.names {
            note(&mut text, "named", &ok(rule, store.named(machine, name)));
        }
    }
    for query in queries(universe) {
        for limit in [2, 1000] {
            pages(&mut text, rule, store, &query, limit);
        }
    }
    universe.shards.iter().for_each(|shard| shard_rows(&mut text, rule, store, ShardId(*shard), universe));
    for (kind, id) in &universe.entries {
        note(&mut text, "entry", &ok(rule, store.catalogue_get(*kind, id)));
        note(&mut text, "entries", &ok(rule, store.catalogue_list(*kind, "", Some(id), 3)));
        note(&mut text, "entries", &ok(rule, store.catalogue_list(*kind, id, None, 100)));
    }
    text
}

fn shard_rows(text: &mut String, rule: &str, store: &dyn Store, shard: ShardId, universe: &Universe) {
    for kind in KINDS {
        note(text, "pending", &ok(rule, store.pending(shard, kind, None, 1000)));
        for execution in &universe.executions {
            let after = Some(PendingKey { execution: *execution, effect: 2 });
            note(text, "pending after", &ok(rule, store.pending(shard, kind, after, 2)));
        }
    }
    for (from, to, limit) in [(i64::MIN, i64::MAX, 1000), (0, 10, 1000), (3, 7, 2), (7, 3, 9), (5, 5, 9)] {
        note(text, "due", &ok(rule, store.due(shard, from, to, limit)));
    }
}

/// Every combination of filters over the universe.
pub(super) fn queries(universe: &Universe) -> Vec<ExecutionQuery> {
    let machines = universe.machines.iter().cloned().map(Some).chain([None]);
    let mut queries = Vec::new();
    for machine in machines {
        for status in STATUSES.map(Some).into_iter().chain([None]) {
            for (version, alias, map_run) in [
                (None, None, None),
                (Some(1), None, None),
                (None, Some("live"), None),
                (Some(2), Some("live"), None),
                (None, None, Some("run")),
                (None, Some("live"), Some("run")),
            ] {
                let (alias, map_run) = (alias.map(str::to_owned), map_run.map(str::to_owned));
                let machine = machine.clone();
                queries.push(ExecutionQuery {
                    machine,
                    map_run,
                    status,
                    version,
                    alias,
                    before: None,
                    limit: 0,
                });
            }
        }
    }
    queries
}

/// All pages of a query; it must end.
fn pages(text: &mut String, rule: &str, store: &dyn Store, query: &ExecutionQuery, limit: usize) {
    let mut query = ExecutionQuery { limit, ..query.clone() };
    loop {
        let page = ok(rule, store.executions(&query));
        assert!(page.rows.len() <= limit, "{rule}: a page of {} for a limit of {limit}", page.rows.len());
        note(text, "page", &page);
        let Some(next) = page.next else { return };
        assert!(query.before.is_none_or(|before| next < before), "{rule}: {query:?} does not end");
        query.before = Some(next);
    }
}

fn note(text: &mut String, what: &str, answer: &dyn Debug) {
    // Writing to a string cannot fail.
    _ = writeln!(text, "{what}: {answer:?}");
}

/// Panics with the first line in which two observations differ.
pub(super) fn same(rule: &str, case: &str, found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "{rule}: {case}");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{rule}: {case}");
}
