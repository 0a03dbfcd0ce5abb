//! Counting what there is a quota of. Nothing is counted where there is no quota; the first create after a start counts once, and
//! the number is kept from then on.

use engine::catalogue::check_quota;
use store::CatalogueKind;

use super::{Catalogue, Result};

/// Entries read at a time.
const PAGE: usize = 1000;

/// How many there are, as far as they were counted. Guarded by `writing`.
#[derive(Debug, Default)]
pub(super) struct Counts {
    machines: Option<usize>,
    activities: Option<usize>,
}

impl Counts {
    fn of(&mut self, kind: CatalogueKind) -> &mut Option<usize> {
        match kind {
            CatalogueKind::Activity => &mut self.activities,
            _ => &mut self.machines,
        }
    }

    /// One came.
    pub(super) fn added(&mut self, kind: CatalogueKind) {
        if let Some(count) = self.of(kind) {
            *count += 1;
        }
    }

    /// One went.
    pub(super) fn removed(&mut self, kind: CatalogueKind) {
        if let Some(count) = self.of(kind) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Catalogue {
    /// Refuses one state machine or activity more than there may be.
    ///
    /// # Errors
    /// [`engine::catalogue::Refused::Quota`]; the store's.
    pub(super) fn check_room(&self, counts: &mut Counts, kind: CatalogueKind) -> Result<()> {
        let quota = match kind {
            CatalogueKind::Activity => self.quotas.activities,
            _ => self.quotas.state_machines,
        };
        if quota.is_none() {
            return Ok(());
        }
        let known = counts.of(kind);
        let present = match *known {
            Some(count) => count,
            None => *known.insert(self.count(kind)?),
        };
        Ok(check_quota(present, quota)?)
    }

    fn count(&self, kind: CatalogueKind) -> Result<usize> {
        let (mut count, mut after) = (0, None::<String>);
        loop {
            let page = self.store.catalogue_list(kind, "", after.as_deref(), PAGE)?;
            count += page.len();
            after = page.last().map(|entry| entry.id.clone());
            if page.len() < PAGE {
                return Ok(count);
            }
        }
    }
}
