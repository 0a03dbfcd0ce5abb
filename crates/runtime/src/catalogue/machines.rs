//! Creating and updating state machines.

use std::sync::{Arc, PoisonError};

use engine::catalogue::{Creation, MachineRow, Refused, RevisionRow, TagRow, Update, create, merge, updated};
use store::{CatalogueChange, CatalogueKind};
use wire::Tag;

use super::{Catalogue, CatalogueError, Machine, Result, Revision, compile, write};

/// What only the outside can give: the time, and an id for the revision that may come of it.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// A new UUID.
    pub revision: String,
}

/// What an update led to.
#[derive(Debug)]
pub struct Updated {
    /// The state machine after it.
    pub machine: Arc<Machine>,
    /// Whether there is a new revision.
    pub changed: bool,
}

/// Attempts at a write that loses a race against another process.
const ATTEMPTS: usize = 3;

impl Catalogue {
    /// Creates a state machine, or finds that it was created with the same settings before. Tags, by the ARN of the resource,
    /// are written with it; a repeated create leaves them alone.
    ///
    /// # Errors
    /// [`CatalogueError::InvalidDefinition`]; [`Refused::AlreadyExists`], [`Refused::Deleting`], [`Refused::TooManyTags`]; the store's.
    pub fn create(
        &self,
        name: &str,
        wish: Creation,
        tags: Option<(String, Vec<Tag>)>,
        stamp: Stamp,
    ) -> Result<Arc<Machine>> {
        let definition = compile(&wish.settings.definition, wish.express)?;
        let tags =
            tags.map(|(arn, tags)| Ok::<_, Refused>((arn, merge(TagRow::default(), tags)?))).transpose()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let present = self.load(name)?;
        let rows = present.as_ref().map(|machine| (machine, machine.revision.row()));
        if !create(rows.as_ref().map(|(machine, revision)| (&machine.row, revision)), &wish)? {
            return present.ok_or(Refused::DoesNotExist.into());
        }
        let row = MachineRow {
            express: wish.express,
            created_at: stamp.at,
            revision: stamp.revision.clone(),
            deleting: false,
            published: wish.publish,
            version_description: wish.version_description,
        };
        let revision = RevisionRow {
            machine: name.to_owned(),
            express: wish.express,
            created_at: stamp.at,
            initial: true,
            settings: wish.settings,
        };
        let mut changes: Vec<CatalogueChange> = vec![
            (CatalogueKind::Machine, name.to_owned(), 0, write(&row)?),
            (CatalogueKind::Revision, stamp.revision.clone(), 0, write(&revision)?),
        ];
        if let Some((arn, tags)) = tags {
            let version =
                self.store.catalogue_get(CatalogueKind::Tags, &arn)?.map_or(0, |entry| entry.version);
            changes.push((CatalogueKind::Tags, arn, version, write(&tags)?));
        }
        self.store.catalogue_put(&changes).map_err(|error| match error {
            store::Error::Conflict => Refused::AlreadyExists.into(),
            other => CatalogueError::Store(other),
        })?;
        let revision = Arc::new(Revision::new(stamp.revision, revision, definition));
        self.keep(revision.clone());
        Ok(self.remember(Machine { name: name.to_owned(), row, revision, version: 1 }))
    }

    /// Changes a state machine: a new revision, if anything differs.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`] and those of [`engine::catalogue::updated`]; [`CatalogueError::InvalidDefinition`]; the store's.
    pub fn update(&self, name: &str, wish: Update, stamp: Stamp) -> Result<Updated> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ATTEMPTS {
            let machine = self.load(name)?.ok_or(Refused::DoesNotExist)?;
            let current = machine.revision.row();
            let Some(settings) = updated(&machine.row, &current.settings, wish.clone())? else {
                return Ok(Updated { machine, changed: false });
            };
            let definition = if settings.definition == current.settings.definition {
                machine.revision.definition.clone()
            } else {
                compile(&settings.definition, machine.row.express)?
            };
            let row = MachineRow { revision: stamp.revision.clone(), ..machine.row.clone() };
            let revision = RevisionRow { created_at: stamp.at, initial: false, settings, ..current };
            let changes = [
                (CatalogueKind::Machine, name.to_owned(), machine.version, write(&row)?),
                (CatalogueKind::Revision, stamp.revision.clone(), 0, write(&revision)?),
            ];
            match self.store.catalogue_put(&changes) {
                Ok(()) => {}
                Err(store::Error::Conflict) => {
                    self.forget(name);
                    continue;
                }
                Err(other) => return Err(other.into()),
            }
            let revision = Arc::new(Revision::new(stamp.revision, revision, definition));
            self.keep(revision.clone());
            let version = machine.version + 1;
            let machine = self.remember(Machine { name: name.to_owned(), row, revision, version });
            return Ok(Updated { machine, changed: true });
        }
        Err(store::Error::Conflict.into())
    }

    /// Marks a state machine as being deleted: it takes no start and no update any more. `false` when there is none.
    ///
    /// # Errors
    /// The store's.
    pub fn begin_deletion(&self, name: &str) -> Result<bool> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(machine) = self.load(name)? else { return Ok(false) };
        if machine.row.deleting {
            return Ok(true);
        }
        let row = MachineRow { deleting: true, ..machine.row.clone() };
        self.store.catalogue_put(&[(
            CatalogueKind::Machine,
            name.to_owned(),
            machine.version,
            write(&row)?,
        )])?;
        let (revision, version) = (machine.revision.clone(), machine.version + 1);
        self.remember(Machine { name: name.to_owned(), row, revision, version });
        Ok(true)
    }

    /// Removes a state machine that is being deleted, and the tags of its ARN. Its revisions stay: executions show them.
    ///
    /// # Errors
    /// The store's.
    pub fn finish_deletion(&self, name: &str, arn: &str) -> Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(machine) = self.load(name)?.filter(|machine| machine.row.deleting) else { return Ok(()) };
        let mut changes = vec![(CatalogueKind::Machine, name.to_owned(), machine.version, None)];
        if let Some(tags) = self.store.catalogue_get(CatalogueKind::Tags, arn)? {
            changes.push((CatalogueKind::Tags, arn.to_owned(), tags.version, None));
        }
        self.store.catalogue_put(&changes)?;
        self.forget(name);
        Ok(())
    }
}
