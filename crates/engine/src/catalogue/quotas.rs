//! How many of a thing there may be: the service's quotas (AWS page "Quotas"). A self-hosted service has no reason for most of
//! them, so they are off unless somebody sets them.
//!
//! Not here: the limits of one execution (`interpreter::Limits`), lengths of members (`wire::Limits`), rates of requests (the
//! server's).

use super::Refused;

/// The quotas of an account; `None` is no quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// State machines: 100,000.
    pub state_machines: Option<usize>,
    /// Activities: 100,000.
    pub activities: Option<usize>,
    /// Standard executions that run: 1,000,000.
    pub open_executions: Option<usize>,
    /// Versions of one state machine: 1,000.
    pub versions: Option<usize>,
    /// Aliases of one state machine: 100.
    pub aliases: Option<usize>,
}

impl Quotas {
    /// The service's.
    pub const AWS: Quotas = Quotas {
        state_machines: Some(100_000),
        activities: Some(100_000),
        open_executions: Some(1_000_000),
        versions: Some(1_000),
        aliases: Some(100),
    };
}

/// Refuses one more of something of which there are `present`.
///
/// # Errors
/// [`Refused::Quota`].
pub fn check_quota(present: usize, quota: Option<usize>) -> Result<(), Refused> {
    match quota {
        Some(most) if present >= most => Err(Refused::Quota(most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_fits_and_one_more_does_not() {
        assert_eq!(check_quota(99, Some(100)), Ok(()));
        assert_eq!(check_quota(100, Some(100)), Err(Refused::Quota(100)));
        assert_eq!(check_quota(0, Some(0)), Err(Refused::Quota(0)));
        assert_eq!(check_quota(usize::MAX, None), Ok(()));
    }
}
