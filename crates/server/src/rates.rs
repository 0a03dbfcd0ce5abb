//! How often an operation may be called: the service's token buckets (AWS page "Quotas", API action throttling). A self-hosted
//! service has no reason for them, so they are off unless asked for; then a program meets here the refusals that it will meet there.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use wire::{ApiError, OperationName};

/// Regions whose buckets are larger.
const LARGE_REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// A bucket: how many calls at once, and how many a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rate {
    bucket: u64,
    refill: u64,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counted {
    /// An operation. StartExecution is the one of Standard state machines.
    Operation(OperationName),
    /// StartExecution of Express state machines.
    StartExpress,
}

/// The buckets of the account. Shared by all connections.
#[derive(Debug)]
pub(crate) struct Rates {
    since: Instant,
    buckets: BTreeMap<Counted, Bucket>,
}

impl Rates {
    /// The service's buckets in this region, or none at all.
    pub(crate) fn new(are_limited: bool, region: &str) -> Rates {
        let is_large = LARGE_REGIONS.contains(&region);
        let all = wire::OPERATIONS.iter().map(|operation| Counted::Operation(operation.id));
        let all = all.chain([Counted::StartExpress]).filter(|_| are_limited);
        let buckets = all.filter_map(|what| Some((what, Bucket::new(rate(what, is_large)?))));
        Rates { since: Instant::now(), buckets: buckets.collect() }
    }

    /// Counts a call, and refuses it when the bucket is empty. StartExecution is counted when it is known what it starts.
    ///
    /// # Errors
    /// `ThrottlingException`.
    pub(crate) fn take(&self, what: Counted) -> Result<(), ApiError> {
        let Some(bucket) = self.buckets.get(&what) else { return Ok(()) };
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if bucket.take(now) { Ok(()) } else { Err(ApiError::throttling("Rate exceeded")) }
    }
}

/// A token bucket as one number: the time at which it will be full again.
#[derive(Debug)]
struct Bucket {
    full_at_ns: AtomicU64,
    per_call_ns: u64,
    room_ns: u64,
}

impl Bucket {
    fn new(rate: Rate) -> Bucket {
        let per_call_ns = 1_000_000_000 / rate.refill.max(1);
        Bucket { full_at_ns: AtomicU64::new(0), per_call_ns, room_ns: per_call_ns * rate.bucket }
    }

    /// Takes a token, if there is one.
    fn take(&self, now_ns: u64) -> bool {
        let taken = self.full_at_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let after = full_at.max(now_ns) + self.per_call_ns;
            (after <= now_ns + self.room_ns).then_some(after)
        });
        taken.is_ok()
    }
}

/// The bucket of an operation; StartSyncExecution has none that is fixed.
fn rate(what: Counted, is_large: bool) -> Option<Rate> {
    use OperationName as Op;
    let by_region = |large: (u64, u64), small: (u64, u64)| if is_large { large } else { small };
    let (bucket, refill) = match what {
        Counted::StartExpress => (6000, 6000),
        Counted::Operation(operation) => match operation {
            Op::StartSyncExecution => return None,
            Op::StartExecution | Op::RedriveExecution => by_region((1300, 300), (800, 150)),
            Op::StopExecution => by_region((1000, 200), (500, 25)),
            Op::GetActivityTask | Op::SendTaskFailure | Op::SendTaskHeartbeat | Op::SendTaskSuccess => {
                by_region((3000, 500), (1500, 300))
            }
            Op::DescribeExecution => by_region((300, 15), (250, 10)),
            Op::DescribeStateMachine => (200, 20),
            Op::GetExecutionHistory => (400, 20),
            Op::ListExecutions => by_region((200, 5), (100, 2)),
            Op::ListActivities => by_region((100, 10), (100, 5)),
            Op::ListStateMachines => (100, 5),
            Op::TestState => (50, 10),
            Op::DescribeActivity
            | Op::DescribeMapRun
            | Op::DescribeStateMachineAlias
            | Op::DescribeStateMachineForExecution
            | Op::TagResource
            | Op::UntagResource => (200, 1),
            Op::CreateActivity
            | Op::CreateStateMachine
            | Op::CreateStateMachineAlias
            | Op::DeleteActivity
            | Op::DeleteStateMachine
            | Op::DeleteStateMachineAlias
            | Op::DeleteStateMachineVersion
            | Op::ListMapRuns
            | Op::ListStateMachineAliases
            | Op::ListStateMachineVersions
            | Op::ListTagsForResource
            | Op::PublishStateMachineVersion
            | Op::UpdateMapRun
            | Op::UpdateStateMachine
            | Op::UpdateStateMachineAlias
            | Op::ValidateStateMachineDefinition => (100, 1),
        },
    };
    Some(Rate { bucket, refill })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let bucket = Bucket::new(Rate { bucket: 3, refill: 2 });
        let taken = |now: u64, times: usize| (0..times).filter(|_| bucket.take(now)).count();
        assert_eq!(taken(5, 9), 3);
        assert_eq!(taken(SECOND / 2 + 4, 9), 0);
        assert_eq!(taken(SECOND / 2 + 5, 9), 1);
        assert_eq!(taken(SECOND + 5, 9), 1);
        assert_eq!(taken(100 * SECOND, 9), 3, "it does not overflow");
    }

    #[test]
    fn what_is_not_limited_is_never_refused() {
        let free = Rates::new(false, "us-east-1");
        let limited = Rates::new(true, "us-east-1");
        let what = Counted::Operation(OperationName::DescribeStateMachine);
        for _ in 0..200 {
            assert_eq!((free.take(what), limited.take(what)), (Ok(()), Ok(())));
        }
        assert_eq!(free.take(what), Ok(()));
        // A token may have come back meanwhile.
        let refused = (0..50).find_map(|_| limited.take(what).err()).unwrap();
        assert_eq!((refused.code(), refused.message()), ("ThrottlingException", "Rate exceeded"));
        assert_eq!(limited.take(Counted::Operation(OperationName::TestState)), Ok(()));
    }

    #[test]
    fn regions_differ() {
        let check = |what: Counted, large: (u64, u64), small: (u64, u64)| {
            let found =
                [true, false].map(|is_large| rate(what, is_large).map(|rate| (rate.bucket, rate.refill)));
            assert_eq!(found, [Some(large), Some(small)], "{what:?}");
        };
        check(Counted::Operation(OperationName::StartExecution), (1300, 300), (800, 150));
        check(Counted::StartExpress, (6000, 6000), (6000, 6000));
        check(Counted::Operation(OperationName::CreateStateMachine), (100, 1), (100, 1));
        assert_eq!(rate(Counted::Operation(OperationName::StartSyncExecution), true), None);
    }
}
