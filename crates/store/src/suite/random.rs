//! Random histories, the same ones every time: commits good and bad, catalogue changes, takeovers and reopenings,
//! done to the store under test and to the memory store, which must answer alike.

use super::Bench;
use super::fixture::{KINDS, STATUSES, batch, claim, effect, key, ok, outcome, pending, row};
use super::observe::{Universe, observe, same};
use crate::{
    CatalogueChange, CatalogueKind, Commit, Epoch, ExecutionChange, ExecutionKey, ExecutionRow, MemoryStore,
    ShardId, Store,
};

const SHARDS: [u8; 3] = [0, 7, 255];
const MACHINES: [&str; 3] = ["m", "n", "m/label"];
const NAMES: [&str; 3] = ["one", "two", "ünï"];
const KINDS_OF_ENTRY: [CatalogueKind; 2] = [CatalogueKind::Machine, CatalogueKind::Alias];
const IDS: [&str; 4] = ["a", "a:1", "a:2", "b"];

pub(super) fn histories(bench: &mut Bench<'_>) {
    for seed in 1..=6 {
        bench.fresh();
        let model = MemoryStore::new();
        let mut dice = Dice(seed);
        let universe = universe();
        let mut epochs = [0; 3];
        for step in 0..60 {
            let case = format!("seed {seed} step {step}");
            let (found, expected) = turn(bench, &model, &mut dice, &mut epochs);
            assert_eq!(found, expected, "{}: {case}", bench.name);
            if step % 20 == 19 {
                let expected = observe(bench.name, &model, &universe);
                same(bench.name, &case, &observe(bench.name, bench.store(), &universe), &expected);
            }
        }
    }
}

/// One random thing done to both; their outcomes.
fn turn(
    bench: &mut Bench<'_>,
    model: &MemoryStore,
    dice: &mut Dice,
    epochs: &mut [Epoch; 3],
) -> (String, String) {
    match dice.below(12) {
        0 => {
            bench.again();
            Default::default()
        }
        1 => {
            let which = dice.below(3) as usize;
            let epoch = ok(bench.name, model.acquire(ShardId(SHARDS[which]), "model"));
            epochs[which] = epoch;
            (format!("{:?}", bench.acquire(SHARDS[which])), format!("{epoch:?}"))
        }
        2 | 3 => {
            let changes: Vec<_> = (0..dice.below(3) + 1).map(|_| entry(dice)).collect();
            let (found, expected) = (bench.store().catalogue_put(&changes), model.catalogue_put(&changes));
            (outcome(&found).to_owned(), outcome(&expected).to_owned())
        }
        _ => {
            let groups: Vec<_> = (0..dice.below(3) + 1).map(|_| group(dice, epochs)).collect();
            let (found, expected) = (bench.store().commit(&groups), model.commit(&groups));
            // A store may find either fault of a commit that has two.
            match (outcome(&found), outcome(&expected)) {
                ("failed", "fenced") | ("fenced", "failed") => Default::default(),
                (found, expected) => (found.to_owned(), expected.to_owned()),
            }
        }
    }
}

fn universe() -> Universe {
    let keys = SHARDS.iter().flat_map(|shard| (0..4).map(|i| execution(*shard, i)));
    let entries = KINDS_OF_ENTRY.iter().flat_map(|kind| IDS.map(|id| (*kind, id.to_owned())));
    Universe {
        executions: keys.collect(),
        machines: MACHINES.map(str::to_owned).to_vec(),
        names: NAMES.map(str::to_owned).to_vec(),
        shards: SHARDS.to_vec(),
        entries: entries.collect(),
    }
}

fn execution(shard: u8, i: u64) -> ExecutionKey {
    key(i as i64, (i * 3) as u16, shard)
}

fn group(dice: &mut Dice, epochs: &[Epoch; 3]) -> Commit {
    let which = dice.below(3) as usize;
    let shard = SHARDS[which];
    let epoch = if dice.below(20) == 0 { epochs[which].wrapping_sub(1) } else { epochs[which] };
    let mut group = Commit::new(ShardId(shard), epoch);
    for _ in 0..dice.below(3) {
        let (key, first) = (execution(shard, dice.below(4)), dice.below(12) as u32 * 2 + 1);
        // Public ids grow with the records, as they do in life.
        group.batches.push(batch(key, first, first + 1, first.div_ceil(3)));
    }
    if dice.below(2) == 0 {
        let key = execution(shard, dice.below(4));
        group.executions.push(change(dice, key));
    }
    if dice.below(3) == 0 {
        let (machine, name) = (dice.pick(&MACHINES), dice.pick(&NAMES));
        group.names.push(claim(machine, name, execution(shard, dice.below(4))));
    }
    for _ in 0..dice.below(4) {
        let due = (dice.below(3) > 0).then(|| dice.below(12) as i64);
        let subject = (dice.below(2) == 0).then_some("subject");
        let key = effect(execution(shard, dice.below(4)), dice.below(4) as u32);
        group.pending.push(pending(key, dice.pick(&KINDS), due, subject));
    }
    for _ in 0..dice.below(3) {
        group.settled.push(effect(execution(shard, dice.below(4)), dice.below(4) as u32));
    }
    group
}

fn change(dice: &mut Dice, key: ExecutionKey) -> ExecutionChange {
    let (machine, status) = (dice.pick(&MACHINES), dice.pick(&STATUSES));
    if dice.below(3) > 0 {
        return ExecutionChange::Started(ExecutionRow {
            version: (dice.below(2) == 0).then(|| dice.below(3) as u32),
            alias: (dice.below(2) == 0).then(|| "live".to_owned()),
            map_run: (dice.below(2) == 0).then(|| "run".to_owned()),
            ..row(key, machine, status)
        });
    }
    let (stopped_at, redriven_at) = (Some(dice.below(9) as i64), Some(dice.below(9) as i64));
    ExecutionChange::Status {
        execution: key,
        status,
        stopped_at,
        redrive_count: dice.below(3) as u32,
        redriven_at,
    }
}

fn entry(dice: &mut Dice) -> CatalogueChange {
    let body = (dice.below(4) > 0).then(|| vec![dice.below(256) as u8; 3]);
    (dice.pick(&KINDS_OF_ENTRY), dice.pick(&IDS).to_owned(), dice.below(3), body)
}

/// Pseudo-random numbers (splitmix64): the same for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = self.below(from.len() as u64);
        from[index as usize]
    }
}
