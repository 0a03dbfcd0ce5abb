//! Activities in the catalogue: create, find, list, remove. Their queues are the shards'.

use std::sync::PoisonError;

use engine::catalogue::{ActivityRow, Refused, TagRow, check_encryption, merge, normal_encryption};
use store::{CatalogueChange, CatalogueKind};
use wire::{EncryptionConfiguration, Tag};

use super::{Catalogue, Result, write};

/// Names that are read at a time.
const PAGE: usize = 1_000;

impl Catalogue {
    /// Creates an activity, or finds the one of that name. Tags are written with a new one only.
    ///
    /// # Errors
    /// [`Refused::AlreadyExists`] when there is one with another encryption, [`Refused::TooManyTags`], [`Refused::Quota`]; the
    /// store's.
    pub fn create_activity(
        &self,
        name: &str,
        encryption: Option<EncryptionConfiguration>,
        tags: Option<(String, Vec<Tag>)>,
        at: i64,
    ) -> Result<ActivityRow> {
        let encryption = normal_encryption(encryption);
        check_encryption(&encryption)?;
        let tags =
            tags.map(|(arn, tags)| Ok::<_, Refused>((arn, merge(TagRow::default(), tags)?))).transpose()?;
        let mut counts = self.write_lock();
        if let Some(present) = self.activity(name)? {
            present.repeated(&encryption)?;
            return Ok(present);
        }
        self.check_room(&mut counts, CatalogueKind::Activity)?;
        let row = ActivityRow { created_at: at, encryption };
        let mut changes: Vec<CatalogueChange> =
            vec![(CatalogueKind::Activity, name.to_owned(), 0, write(&row)?)];
        if let Some((arn, tags)) = tags {
            let version =
                self.store.catalogue_get(CatalogueKind::Tags, &arn)?.map_or(0, |entry| entry.version);
            changes.push((CatalogueKind::Tags, arn, version, write(&tags)?));
        }
        self.store.catalogue_put(&changes)?;
        counts.added(CatalogueKind::Activity);
        self.activities.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Ok(row)
    }

    /// Reads the names of all activities, for [`Catalogue::has_activity`].
    ///
    /// # Errors
    /// The store's.
    pub fn load_activities(&self) -> std::result::Result<(), store::Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut after: Option<String> = None;
        loop {
            let page = self.store.catalogue_list(CatalogueKind::Activity, "", after.as_deref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id.clone());
            let mut names = self.activities.write().unwrap_or_else(PoisonError::into_inner);
            names.extend(page.into_iter().map(|entry| entry.id));
        }
    }

    /// Whether there is an activity of that name. Does not block.
    #[must_use]
    pub fn has_activity(&self, name: &str) -> bool {
        self.activities.read().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// An activity, if there is one of that name.
    ///
    /// # Errors
    /// The store's.
    pub fn activity(&self, name: &str) -> Result<Option<ActivityRow>> {
        Ok(self.row(CatalogueKind::Activity, name)?.map(|(row, _)| row))
    }

    /// Activities in the order of their names, after `after`, at most `limit`.
    ///
    /// # Errors
    /// The store's.
    pub fn activities(&self, after: Option<&str>, limit: usize) -> Result<Vec<(String, ActivityRow)>> {
        self.rows(CatalogueKind::Activity, after, limit)
    }

    /// Removes an activity and the tags of its ARN. Removing what is not there is no error (recorded).
    ///
    /// # Errors
    /// The store's.
    pub fn delete_activity(&self, name: &str, arn: &str) -> Result<()> {
        let mut counts = self.write_lock();
        let Some(entry) = self.store.catalogue_get(CatalogueKind::Activity, name)? else { return Ok(()) };
        let mut changes = vec![(CatalogueKind::Activity, name.to_owned(), entry.version, None)];
        if let Some(tags) = self.store.catalogue_get(CatalogueKind::Tags, arn)? {
            changes.push((CatalogueKind::Tags, arn.to_owned(), tags.version, None));
        }
        self.store.catalogue_put(&changes)?;
        counts.removed(CatalogueKind::Activity);
        self.activities.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}
