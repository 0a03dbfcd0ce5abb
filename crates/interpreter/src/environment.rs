//! What an execution knows of its surroundings: where it runs, its limits, and the key that tokens are made with.

use std::sync::Arc;

use crate::limits::Limits;
use crate::record::Timestamp;
use crate::token::TokenKey;

/// Partition, region and account, as they stand in ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `aws`.
    pub partition: String,
    /// `us-east-1` unless set.
    pub region: String,
    /// `000000000000` unless set.
    pub account: String,
}

impl Place {
    /// The ARN of a state machine.
    pub fn state_machine_arn(&self, name: &str) -> String {
        format!("arn:{}:states:{}:{}:stateMachine:{name}", self.partition, self.region, self.account)
    }

    /// The ARN of a Standard execution.
    pub fn execution_arn(&self, machine: &str, name: &str) -> String {
        format!("arn:{}:states:{}:{}:execution:{machine}:{name}", self.partition, self.region, self.account)
    }

    /// The ARN of the execution that is made up around a state under test (recorded: nothing follows the name).
    pub(crate) fn express_test_arn(&self, machine: &str, name: &str) -> String {
        format!("arn:{}:states:{}:{}:express:{machine}:{name}", self.partition, self.region, self.account)
    }

    /// The ARN of an activity.
    pub fn activity_arn(&self, name: &str) -> String {
        format!("arn:{}:states:{}:{}:activity:{name}", self.partition, self.region, self.account)
    }

    /// The ARN of an Express execution.
    pub fn express_arn(&self, machine: &str, name: &str, id: &str) -> String {
        format!(
            "arn:{}:states:{}:{}:express:{machine}:{name}:{id}",
            self.partition, self.region, self.account
        )
    }
}

impl Default for Place {
    fn default() -> Place {
        Place { partition: "aws".into(), region: "us-east-1".into(), account: "000000000000".into() }
    }
}

/// What part of a Wait, and of the backoff of a Retrier, is really waited: all of it, unless a server is told to hurry (or to
/// dawdle) for tests. Timeouts are not scaled. The time that results is what is recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaitScale(f64);

impl WaitScale {
    /// All of it.
    pub const REAL: WaitScale = WaitScale(1.0);
    /// The greatest factor.
    pub const MAX: f64 = 1_000.0;

    /// This factor, from 0 to [`WaitScale::MAX`].
    pub fn new(factor: f64) -> Option<WaitScale> {
        (0.0..=WaitScale::MAX).contains(&factor).then_some(WaitScale(factor))
    }

    /// The end of a wait that begins at `from` and is meant to last until `until`.
    pub(crate) fn end(self, from: Timestamp, until: Timestamp) -> Timestamp {
        if self == WaitScale::REAL || until <= from {
            return until;
        }
        let scaled = until.0.saturating_sub(from.0) as f64 * self.0;
        Timestamp(from.0.saturating_add(scaled.ceil() as i64))
    }
}

/// The surroundings of an execution; shared by all of a node.
#[derive(Clone)]
pub struct Environment {
    /// Where it runs.
    pub place: Arc<Place>,
    /// Limits of Standard executions.
    pub standard: Limits,
    /// Limits of Express executions.
    pub express: Limits,
    /// What task tokens are authenticated with.
    pub token_key: TokenKey,
    /// Begins to measure the time of one expression.
    pub deadline: Deadline,
    /// Whether there is an activity with this ARN. Asked when a task of one is scheduled; what follows stands in the records,
    /// so it is never asked again.
    pub activity_exists: ActivityExists,
    /// What part of a wait is really waited.
    pub wait_scale: WaitScale,
}

/// Says whether there is an activity with an ARN. Answers from memory.
pub type ActivityExists = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Every activity exists: for where nobody creates or deletes them.
pub fn any_activity() -> ActivityExists {
    Arc::new(|_| true)
}

/// Begins to measure the time that one JSONata expression may take (a second, as the service has it); what it returns says
/// whether that time is over. The clock is the driver's.
pub type Deadline = fn() -> Box<dyn Fn() -> bool>;

/// A deadline that never comes, for where time is not real.
pub fn no_deadline() -> Box<dyn Fn() -> bool> {
    Box::new(|| false)
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment").field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, WaitScale};

    #[test]
    fn waits_are_scaled() {
        let check = |factor: f64, until: i64, wanted: i64| {
            let scale = WaitScale::new(factor).unwrap();
            assert_eq!(scale.end(Timestamp(1_000), Timestamp(until)).0, wanted, "{factor} {until}");
        };
        check(1.0, i64::MAX, i64::MAX);
        check(0.0, 90_000, 1_000);
        check(0.1, 11_000, 2_000);
        check(2.0, 2_000, 3_000);
        check(0.5, 500, 500);
        check(1_000.0, i64::MAX, i64::MAX);
        for wrong in [-0.1, 1_000.1, f64::NAN, f64::INFINITY] {
            assert_eq!(WaitScale::new(wrong), None, "{wrong}");
        }
    }
}
