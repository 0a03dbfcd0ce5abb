//! What a driver asks the store for a shard, and what a shard hears.

use engine::{Existing, Loaded, Shard, TaskOutcome};
use interpreter::{Decoder, EffectId, Event, Execution, ExecutionEvent, Timestamp};
use store::{ExecutionKey, ExecutionStatus, Pending, PendingKind, Store};

use crate::sabotage::Sabotage;
use crate::truth::Breach;
use crate::world::World;

/// What a driver asks the store for a shard.
pub(crate) enum Question {
    Load(ExecutionKey),
    LoadWhole(ExecutionKey),
    LookUp { machine: String, name: String },
    Due { from: i64, to: i64 },
    Pending(PendingKind),
}

/// What a shard hears from its driver.
#[derive(Debug)]
pub(crate) enum News {
    /// The commit that touched these executions is durable.
    Committed(Vec<ExecutionKey>),
    /// The commit failed; whether anything was written is unknown.
    Broken,
    Loaded(ExecutionKey, Option<Box<Loaded>>),
    LookedUp {
        machine: String,
        name: String,
        found: Option<Existing>,
    },
    DueRead {
        rows: Vec<Pending>,
        to: i64,
    },
    PendingRead(PendingKind, Vec<Pending>),
    TaskDone {
        execution: ExecutionKey,
        effect: EffectId,
        outcome: TaskOutcome,
    },
    /// A parent answered, or could not be reached.
    Reported {
        child: ExecutionKey,
        effect: EffectId,
        heard: bool,
    },
    /// What was abandoned has been stopped.
    Released {
        execution: ExecutionKey,
        effect: EffectId,
    },
}

impl Question {
    /// Asks the store.
    pub(crate) fn ask(self, world: &World, node: usize) -> Result<News, Breach> {
        let shard = world.nodes[node].id;
        let is = |sabotage| world.sabotage == Some(sabotage);
        let text = |why: store::Error| why.to_string();
        match self {
            Question::Load(key) if is(Sabotage::LoseLoads) => Ok(News::Loaded(key, None)),
            Question::Load(key) => Ok(News::Loaded(key, load(world, key, false)?.map(Box::new))),
            Question::LoadWhole(key) => Ok(News::Loaded(key, load(world, key, true)?.map(Box::new))),
            Question::LookUp { machine, name } if is(Sabotage::LoseNames) => {
                Ok(News::LookedUp { machine, name, found: None })
            }
            Question::LookUp { machine, name } => {
                let found = look_up(world, &machine, &name)?;
                Ok(News::LookedUp { machine, name, found })
            }
            Question::Due { to, .. } if is(Sabotage::LoseDueRows) => {
                Ok(News::DueRead { rows: Vec::new(), to })
            }
            Question::Due { from, to } => {
                let mut page = world.plan.due_page;
                loop {
                    let rows = world.store.due(shard, from, to, page).map_err(text)?;
                    if rows.len() < page {
                        return Ok(News::DueRead { rows, to });
                    }
                    match rows.last().and_then(|row| row.due) {
                        Some(last) if last > from => return Ok(News::DueRead { rows, to: last }),
                        _ => page *= 2,
                    }
                }
            }
            Question::Pending(PendingKind::Express) if is(Sabotage::LoseExpress) => {
                Ok(News::PendingRead(PendingKind::Express, Vec::new()))
            }
            Question::Pending(PendingKind::Activity) if is(Sabotage::LoseQueues) => {
                Ok(News::PendingRead(PendingKind::Activity, Vec::new()))
            }
            Question::Pending(kind) if is(Sabotage::SkipRecovery) => Ok(News::PendingRead(kind, Vec::new())),
            Question::Pending(kind) => {
                let rows = world.store.pending(shard, kind, None, usize::MAX).map_err(text)?;
                Ok(News::PendingRead(kind, rows))
            }
        }
    }
}

fn load(world: &World, key: ExecutionKey, whole: bool) -> Result<Option<Loaded>, Breach> {
    let text = |why: store::Error| why.to_string();
    let Some(row) = world.store.execution(key).map_err(text)? else { return Ok(None) };
    let definition = world.truth.definitions[&row.revision].clone();
    let mut records = Vec::new();
    if whole || row.status == ExecutionStatus::Running {
        let mut decoder = Decoder::default();
        for batch in world.store.batches(key, 1, usize::MAX).map_err(text)? {
            records.extend(decoder.decode(&batch.body).map_err(|why| why.to_string())?);
        }
    }
    Ok(Some(Loaded { row, definition, records }))
}

fn look_up(world: &World, machine: &str, name: &str) -> Result<Option<Existing>, Breach> {
    let text = |why: store::Error| why.to_string();
    let Some(key) = world.store.named(machine, name).map_err(text)? else { return Ok(None) };
    let Some(row) = world.store.execution(key).map_err(text)? else { return Ok(None) };
    let batches = world.store.batches(key, 1, 1).map_err(text)?;
    let batch = batches.first().ok_or("a named execution without records")?;
    let records = interpreter::decode_batch(&batch.body).map_err(|why| why.to_string())?;
    match records.into_iter().next().map(|record| record.event) {
        Some(Event::Execution(ExecutionEvent::Started(started))) => {
            Ok(Some(Existing { row, input: started.input.payload().clone() }))
        }
        _ => Err("an execution that does not begin with its start".into()),
    }
}

impl News {
    /// For a trace: everything but definitions, whose text has no order.
    pub(crate) fn brief(&self) -> String {
        match self {
            News::Loaded(key, Some(loaded)) => {
                format!("Loaded({key:?}, {} records, {:?})", loaded.records.len(), loaded.row)
            }
            other => format!("{other:?}"),
        }
    }

    /// Tells the shard. `check` looks at each execution whose records have just become durable.
    pub(crate) fn tell(
        self,
        shard: &mut Shard,
        at: Timestamp,
        check: impl Fn(ExecutionKey, &Execution) -> Result<(), Breach>,
    ) -> Result<(), Breach> {
        match self {
            News::Committed(keys) => {
                shard.committed(at);
                for key in keys {
                    if let Some((live, true)) = shard.execution(key) {
                        check(key, live)?;
                    }
                }
            }
            News::Broken => {}
            News::Loaded(key, loaded) => {
                shard.loaded(key, loaded.map(|loaded| *loaded), at);
                if let Some((live, true)) = shard.execution(key) {
                    check(key, live)?;
                }
            }
            News::LookedUp { machine, name, found } => shard.looked_up(machine, name, found, at),
            News::DueRead { rows, to } => shard.due_read(&rows, to, at),
            News::Reported { child, effect, heard } => shard.reported(child, effect, heard, at),
            News::Released { execution, effect } => shard.released(execution, effect, at),
            News::PendingRead(kind, rows) => shard.pending_read(kind, &rows, at),
            News::TaskDone { execution, effect, outcome } => shard.task_done(execution, effect, outcome, at),
        }
        Ok(())
    }
}
