//! How many executions run, for the quota on them. Counted once from the index, then kept with each commit; starts that are under way
//! at the same time may go beyond it by as many as they are. Where there is no quota, nothing is counted.

use std::sync::atomic::{AtomicI64, Ordering};

use store::{Commit, ExecutionChange, ExecutionQuery, ExecutionStatus, Store};

/// Rows read at a time.
const PAGE: usize = 1000;

/// The number of executions that run, over all shards.
#[derive(Debug)]
pub(crate) struct OpenExecutions {
    most: Option<usize>,
    count: AtomicI64,
}

impl OpenExecutions {
    /// Counts, if there is a quota. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn new(store: &dyn Store, most: Option<usize>) -> Result<OpenExecutions, store::Error> {
        let open = OpenExecutions { most, count: AtomicI64::new(0) };
        open.recount(store)?;
        Ok(open)
    }

    /// Counts again: after a commit of which nobody knows what became. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn recount(&self, store: &dyn Store) -> Result<(), store::Error> {
        if self.most.is_none() {
            return Ok(());
        }
        let mut query = ExecutionQuery {
            status: Some(ExecutionStatus::Running),
            limit: PAGE,
            ..ExecutionQuery::default()
        };
        let mut count = 0;
        loop {
            let page = store.executions(&query)?;
            count += page.rows.len();
            query.before = page.next;
            if query.before.is_none() {
                break;
            }
        }
        self.count.store(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
        Ok(())
    }

    /// Whether there are as many as there may be.
    pub(crate) fn is_full(&self) -> bool {
        let most = self.most.map(|most| i64::try_from(most).unwrap_or(i64::MAX));
        most.is_some_and(|most| self.count.load(Ordering::Relaxed) >= most)
    }

    /// A commit leaves that changes the number by this.
    pub(crate) fn changed(&self, by: i64) {
        self.count.fetch_add(by, Ordering::Relaxed);
    }
}

/// By how much a commit changes the number of executions that run.
pub(crate) fn change_of(commit: &Commit) -> i64 {
    let runs = |status: ExecutionStatus| status == ExecutionStatus::Running;
    let each = commit.executions.iter().map(|change| match change {
        ExecutionChange::Started(row) => i64::from(runs(row.status)),
        // A status is written only when it changes: it runs again, or it ran until now.
        ExecutionChange::Status { status, .. } if runs(*status) => 1,
        ExecutionChange::Status { .. } => -1,
    });
    each.sum()
}
