//! What an execution knows of its surroundings: where it runs, its limits, and the key that tokens are made with.

use std::sync::Arc;

use crate::limits::Limits;
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
