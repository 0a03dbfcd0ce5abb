//! Retention: executions that ended long enough ago leave the store, in the background and a few at a time, through the commits of
//! their shards. AWS keeps them for 90 days (AWS page "Quotas").
//!
//! *Not* here: for how long a name is taken (`engine::Settings`); an execution that is gone has none.

use std::time::{Duration, Instant};

use store::{ExecutionKey, ShardId};

use crate::{Engine, EngineError, blocking};

/// Executions that are removed in one commit.
const SLICE: usize = 64;
/// A slice's work is followed by so many times as long a pause: it takes at most a fifth of the writer.
const REST: u32 = 4;
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Between two sweeps, at the least and at the most; otherwise a fiftieth of the time that executions are kept.
const SWEEPS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// Removes what ended longer ago than `kept`, again and again, until the engine is shut down.
pub async fn run(engine: Engine, kept: Duration) {
    let pause = (kept / 50).clamp(SWEEPS.0, SWEEPS.1);
    loop {
        let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        match sweep(&engine, engine.now().0.saturating_sub(kept_ms)).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "executions that ended long enough ago are removed"),
            Err(EngineError::Unavailable(why)) if engine.is_closed() => {
                return tracing::debug!("retention ends: {why}");
            }
            Err(why) => tracing::warn!("retention: {why:?}; tried again later"),
        }
        tokio::time::sleep(pause).await;
    }
}

/// Removes what ended before a time, and gives the room back. How many that were.
///
/// # Errors
/// The store's, and the shards'.
pub async fn sweep(engine: &Engine, before: i64) -> Result<u64, EngineError> {
    let mut removed = 0;
    for shard in 0..engine.shards() {
        removed += sweep_shard(engine, ShardId(shard), before).await?;
    }
    if removed > 0 {
        loop {
            let (store, began) = (engine.store().clone(), Instant::now());
            let has_more = blocking(move || store.give_back()).await.map_err(unavailable)?;
            rest(began).await;
            if !has_more {
                break;
            }
        }
    }
    Ok(removed)
}

async fn sweep_shard(engine: &Engine, shard: ShardId, before: i64) -> Result<u64, EngineError> {
    let mut after: Option<ExecutionKey> = None;
    let mut removed = 0;
    loop {
        let (store, from, began) = (engine.store().clone(), after, Instant::now());
        let read = move || {
            let ended = store.ended(shard, from, before, SLICE)?;
            let last = ended.last().copied();
            let mut free = Vec::with_capacity(ended.len());
            for key in ended {
                // Somebody has to hear of it, or something of it has to be stopped.
                if store.pending_of(key)?.is_empty() {
                    free.push(key);
                }
            }
            Ok::<_, store::Error>((free, last))
        };
        let (free, last) = blocking(read).await.map_err(unavailable)?;
        if last.is_none() {
            return Ok(removed);
        }
        after = last;
        if !free.is_empty() {
            removed += free.len() as u64;
            engine.remove(shard, free).await?;
        }
        rest(began).await;
    }
}

async fn rest(began: Instant) {
    tokio::time::sleep((began.elapsed() * REST).clamp(PAUSE_MIN, PAUSE_MAX)).await;
}

fn unavailable(why: store::Error) -> EngineError {
    EngineError::Unavailable(why.to_string())
}
