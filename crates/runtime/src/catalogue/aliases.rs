//! Making, changing, finding, listing and deleting aliases. What an alias is, `engine::catalogue` says.

use std::sync::Arc;

use engine::catalogue::{
    AliasRow, AliasUpdate, Refused, Route, alias_id, alias_name, check_quota, create_alias, version_id,
    version_prefix,
};
use store::CatalogueKind;

use super::{Catalogue, Machine, Result, write};

/// Aliases read at a time.
const PAGE: usize = 256;

impl Machine {
    /// An alias that was looked up before. Does not block.
    #[must_use]
    pub fn cached_alias(&self, name: &str) -> Option<Arc<AliasRow>> {
        self.qualified.alias(name)
    }
}

impl Catalogue {
    /// An alias of a state machine, if there is one of this name.
    ///
    /// # Errors
    /// The store's.
    pub fn alias(&self, machine: &Machine, alias: &str) -> Result<Option<Arc<AliasRow>>> {
        if let Some(row) = machine.cached_alias(alias) {
            return Ok(Some(row));
        }
        let Some((row, _)) = self.row::<AliasRow>(CatalogueKind::Alias, &alias_id(&machine.name, alias))?
        else {
            return Ok(None);
        };
        let row = Arc::new(row);
        machine.qualified.keep_alias(alias, row.clone());
        Ok(Some(row))
    }

    /// Aliases of a state machine in the order of their names, all or those that point at a version, after `after`, at most
    /// `limit`: names and rows.
    ///
    /// # Errors
    /// The store's.
    pub fn aliases(
        &self,
        machine: &str,
        version: Option<u32>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, AliasRow)>> {
        let prefix = version_prefix(machine);
        let mut from = after.map(|alias| alias_id(machine, alias));
        let mut found = Vec::new();
        loop {
            let page = self.rows_of::<AliasRow>(CatalogueKind::Alias, &prefix, from.as_deref(), PAGE)?;
            let is_last = page.len() < PAGE;
            from = page.last().map(|(id, _)| id.clone());
            for (id, row) in page {
                let is_wanted = version.is_none_or(|version| row.routes_to(version));
                if let (true, Some(name)) = (is_wanted, alias_name(&id)) {
                    found.push((name.to_owned(), row));
                }
                if found.len() >= limit {
                    return Ok(found);
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }

    /// Makes an alias, or finds that it was made so before.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`] without its state machine, [`Refused::Deleting`], [`Refused::NoSuchVersion`],
    /// [`Refused::Quota`] and those of [`create_alias`]; the store's.
    pub fn create_alias(
        &self,
        name: &str,
        alias: &str,
        description: Option<String>,
        routes: Vec<Route>,
        at: i64,
    ) -> Result<AliasRow> {
        self.changing(name, |machine| {
            let id = alias_id(name, alias);
            let present = self.row::<AliasRow>(CatalogueKind::Alias, &id)?.map(|(row, _)| row);
            let is_new = create_alias(present.as_ref(), description.as_deref(), &routes)?;
            if let (false, Some(present)) = (is_new, present) {
                return Ok(present);
            }
            self.check_routes_of(machine, &routes)?;
            if let Some(most) = self.quotas.aliases {
                check_quota(self.aliases(name, None, None, most)?.len(), Some(most))?;
            }
            let row = AliasRow {
                description: description.clone(),
                routes: routes.clone(),
                created_at: at,
                updated_at: at,
            };
            let change = (CatalogueKind::Alias, id, 0, write(&row)?);
            self.put(machine, machine.row.clone(), machine.revision.clone(), vec![change])?;
            Ok(row)
        })
    }

    /// Changes an alias. Executions that were started through it before are not touched.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`] without the alias or its state machine, [`Refused::Deleting`], [`Refused::NoSuchVersion`] and
    /// those of [`AliasRow::updated`]; the store's.
    pub fn update_alias(&self, name: &str, alias: &str, wish: AliasUpdate, at: i64) -> Result<AliasRow> {
        self.changing(name, |machine| {
            let id = alias_id(name, alias);
            let (row, version) =
                self.row::<AliasRow>(CatalogueKind::Alias, &id)?.ok_or(Refused::DoesNotExist)?;
            let Some(after) = row.updated(wish.clone(), at)? else { return Ok(row) };
            self.check_routes_of(machine, &after.routes)?;
            let change = (CatalogueKind::Alias, id, version, write(&after)?);
            self.put(machine, machine.row.clone(), machine.revision.clone(), vec![change])?;
            Ok(after)
        })
    }

    /// Deletes an alias; the versions that it pointed at stay.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`]; the store's.
    pub fn delete_alias(&self, name: &str, alias: &str) -> Result<()> {
        self.changing(name, |machine| {
            let id = alias_id(name, alias);
            let entry = self.store.catalogue_get(CatalogueKind::Alias, &id)?.ok_or(Refused::DoesNotExist)?;
            let change = (CatalogueKind::Alias, id, entry.version, None);
            self.put(machine, machine.row.clone(), machine.revision.clone(), vec![change])?;
            Ok(())
        })
    }

    /// Refuses routes of a state machine that is being deleted, and to versions that do not exist.
    fn check_routes_of(&self, machine: &Machine, routes: &[Route]) -> Result<()> {
        if machine.row.deleting {
            return Err(Refused::Deleting.into());
        }
        for route in routes {
            let id = version_id(&machine.name, route.version);
            if self.store.catalogue_get(CatalogueKind::Version, &id)?.is_none() {
                return Err(Refused::NoSuchVersion.into());
            }
        }
        Ok(())
    }
}
