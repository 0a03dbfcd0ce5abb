//! Publishing, finding, listing and deleting versions. What a version is, `engine::catalogue` says.

use std::sync::Arc;

use engine::catalogue::{
    Publication, Refused, VersionRow, check_quota, check_revision, publish, version_id, version_number,
    version_prefix,
};
use store::{CatalogueChange, CatalogueKind};

use super::{Catalogue, Machine, Result, Version, write};

impl Machine {
    /// A version that was looked up before. Does not block.
    #[must_use]
    pub fn cached_version(&self, number: u32) -> Option<Arc<Version>> {
        self.qualified.version(number)
    }
}

impl Catalogue {
    /// A version of a state machine, if there is one with this number.
    ///
    /// # Errors
    /// As [`Catalogue::machine`].
    pub fn version(&self, machine: &Machine, number: u32) -> Result<Option<Arc<Version>>> {
        if let Some(version) = machine.cached_version(number) {
            return Ok(Some(version));
        }
        let id = version_id(&machine.name, number);
        let Some((row, _)) = self.row::<VersionRow>(CatalogueKind::Version, &id)? else { return Ok(None) };
        let revision = self.revision(&row.revision)?;
        let version = Arc::new(Version { number, row, revision });
        machine.qualified.keep_version(version.clone());
        Ok(Some(version))
    }

    /// Versions of a state machine, newest first, older than `before`, at most `limit`: numbers and rows.
    ///
    /// # Errors
    /// The store's.
    pub fn versions(
        &self,
        machine: &str,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<(u32, VersionRow)>> {
        let after = before.map(|number| version_id(machine, number));
        let rows = self.rows_of(CatalogueKind::Version, &version_prefix(machine), after.as_deref(), limit)?;
        Ok(rows.into_iter().filter_map(|(id, row)| Some((version_number(&id)?, row))).collect())
    }

    /// Publishes the current revision of a state machine, or finds the version that it has. `revision` is the one that is meant,
    /// as the API names it.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`], [`Refused::Deleting`], [`Refused::OtherRevision`], [`Refused::Quota`]; the store's.
    pub fn publish(
        &self,
        name: &str,
        revision: Option<&str>,
        description: Option<String>,
        at: i64,
    ) -> Result<(u32, VersionRow)> {
        self.changing(name, |machine| {
            check_revision(machine.revision.public_id(), revision)?;
            let version = VersionRow {
                revision: machine.row.revision.clone(),
                created_at: at,
                description: description.clone(),
            };
            match self.publication(machine)? {
                (Publication::Present(number), Some(present)) => Ok((number, present)),
                (Publication::Present(number) | Publication::New(number), _) => {
                    let mut row = machine.row.clone();
                    row.last_version = number;
                    let change = version_change(name, number, &version)?;
                    self.put(machine, row, machine.revision.clone(), vec![change])?;
                    Ok((number, version))
                }
            }
        })
    }

    /// What publishing the current revision comes to, and the version if there is one.
    pub(super) fn publication(&self, machine: &Machine) -> Result<(Publication, Option<VersionRow>)> {
        let newest = self.versions(&machine.name, None, 1)?.pop();
        let publication = publish(&machine.row, newest.as_ref().map(|(number, row)| (*number, row)))?;
        if let Publication::New(_) = publication {
            self.check_versions(&machine.name)?;
        }
        Ok((publication, newest.map(|(_, row)| row)))
    }

    /// Refuses one version more than there may be.
    pub(super) fn check_versions(&self, name: &str) -> Result<()> {
        if let Some(most) = self.quotas.versions {
            check_quota(self.versions(name, None, most)?.len(), Some(most))?;
        }
        Ok(())
    }

    /// Deletes a version. Deleting what is not there is no error (recorded).
    ///
    /// # Errors
    /// [`Refused::Aliased`] while aliases point at it; the store's.
    pub fn delete_version(&self, name: &str, number: u32) -> Result<()> {
        let deleted = self.changing(name, |machine| {
            let id = version_id(name, number);
            let Some(entry) = self.store.catalogue_get(CatalogueKind::Version, &id)? else { return Ok(()) };
            let aliases = self.aliases(name, Some(number), None, usize::MAX)?;
            if !aliases.is_empty() {
                return Err(Refused::Aliased(aliases.into_iter().map(|(alias, _)| alias).collect()).into());
            }
            let change = (CatalogueKind::Version, id, entry.version, None);
            self.put(machine, machine.row.clone(), machine.revision.clone(), vec![change])?;
            Ok(())
        });
        match deleted {
            Err(super::CatalogueError::Refused(Refused::DoesNotExist)) => Ok(()),
            other => other,
        }
    }
}

/// The change that writes a new version.
pub(super) fn version_change(name: &str, number: u32, row: &VersionRow) -> Result<CatalogueChange> {
    Ok((CatalogueKind::Version, version_id(name, number), 0, write(row)?))
}
