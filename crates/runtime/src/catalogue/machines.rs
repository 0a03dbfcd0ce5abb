//! Creating and updating state machines.

use std::sync::Arc;

use engine::catalogue::{
    Creation, MachineRow, Publication, Refused, RevisionRow, TagRow, Update, VersionRow, create, merge,
    updated, version_prefix,
};
use store::{CatalogueChange, CatalogueKind};
use wire::Tag;

use super::versions::version_change;
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
    /// The version that the current revision has, if one was to be published.
    pub version: Option<u32>,
}

/// Entries read at a time.
const PAGE: usize = 1000;

impl Catalogue {
    /// Creates a state machine, or finds that it was created with the same settings before. Tags, by the ARN of the resource,
    /// are written with it; a repeated create leaves them alone. The version that it publishes, if it does, is the first one.
    ///
    /// # Errors
    /// [`CatalogueError::InvalidDefinition`]; [`Refused::AlreadyExists`], [`Refused::Deleting`], [`Refused::TooManyTags`],
    /// [`Refused::Quota`]; the store's.
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
        let mut counts = self.write_lock();
        let present = self.load(name)?;
        let rows = present.as_ref().map(|machine| (machine, machine.revision.row()));
        if !create(rows.as_ref().map(|(machine, revision)| (&machine.row, revision)), &wish)? {
            return present.ok_or(Refused::DoesNotExist.into());
        }
        self.check_room(&mut counts, CatalogueKind::Machine)?;
        let (row, revision, mut changes) = first_rows(name, wish, &stamp)?;
        if let Some((arn, tags)) = tags {
            let version =
                self.store.catalogue_get(CatalogueKind::Tags, &arn)?.map_or(0, |entry| entry.version);
            changes.push((CatalogueKind::Tags, arn, version, write(&tags)?));
        }
        self.store.catalogue_put(&changes).map_err(|error| match error {
            store::Error::Conflict => Refused::AlreadyExists.into(),
            other => CatalogueError::Store(other),
        })?;
        counts.added(CatalogueKind::Machine);
        let revision = Arc::new(Revision::new(stamp.revision, revision, definition));
        self.keep(revision.clone());
        Ok(self.remember(Machine::new(name.to_owned(), row, revision, 1)))
    }

    /// Changes a state machine: a new revision, if anything differs, and a version of it, if one is to be published.
    ///
    /// # Errors
    /// [`Refused::DoesNotExist`], [`Refused::Quota`] and those of [`engine::catalogue::updated`];
    /// [`CatalogueError::InvalidDefinition`]; the store's.
    pub fn update(&self, name: &str, wish: Update, stamp: Stamp) -> Result<Updated> {
        self.changing(name, |machine| {
            let current = machine.revision.row();
            let Some(settings) = updated(&machine.row, &current.settings, wish.clone())? else {
                return self.unchanged(machine, &wish, &stamp);
            };
            let definition = if settings.definition == current.settings.definition {
                machine.revision.definition.clone()
            } else {
                compile(&settings.definition, machine.row.express)?
            };
            let mut row = MachineRow { revision: stamp.revision.clone(), ..machine.row.clone() };
            let revision = RevisionRow { created_at: stamp.at, initial: false, settings, ..current };
            let mut changes = vec![(CatalogueKind::Revision, stamp.revision.clone(), 0, write(&revision)?)];
            let mut version = None;
            if wish.publish {
                // A new revision never has a version yet.
                let number = row.last_version.checked_add(1).ok_or(Refused::NumbersSpent)?;
                self.check_versions(name)?;
                changes.push(version_change(name, number, &version_row(&wish, &stamp.revision, stamp.at))?);
                row.last_version = number;
                version = Some(number);
            }
            let revision = Arc::new(Revision::new(stamp.revision.clone(), revision, definition));
            let machine = self.put(machine, row, revision.clone(), changes)?;
            self.keep(revision);
            Ok(Updated { machine, changed: true, version })
        })
    }

    /// An update that makes no revision may still publish the one there is (recorded).
    fn unchanged(&self, machine: &Arc<Machine>, wish: &Update, stamp: &Stamp) -> Result<Updated> {
        if !wish.publish {
            return Ok(Updated { machine: machine.clone(), changed: false, version: None });
        }
        let (number, machine) = match self.publication(machine)?.0 {
            Publication::Present(number) => (number, machine.clone()),
            Publication::New(number) => {
                let row = MachineRow { last_version: number, ..machine.row.clone() };
                let version = version_row(wish, &machine.row.revision, stamp.at);
                let change = version_change(&machine.name, number, &version)?;
                (number, self.put(machine, row, machine.revision.clone(), vec![change])?)
            }
        };
        Ok(Updated { machine, changed: false, version: Some(number) })
    }

    /// Marks a state machine as being deleted: it takes no start and no update any more. `false` when there is none.
    ///
    /// # Errors
    /// The store's.
    pub fn begin_deletion(&self, name: &str) -> Result<bool> {
        let marked = self.changing(name, |machine| {
            if !machine.row.deleting {
                let row = MachineRow { deleting: true, ..machine.row.clone() };
                self.put(machine, row, machine.revision.clone(), Vec::new())?;
            }
            Ok(true)
        });
        match marked {
            Err(CatalogueError::Refused(Refused::DoesNotExist)) => Ok(false),
            other => other,
        }
    }

    /// Removes a state machine that is being deleted, its versions and aliases, and the tags of its ARN. Its revisions stay:
    /// executions show them.
    ///
    /// # Errors
    /// The store's.
    pub fn finish_deletion(&self, name: &str, arn: &str) -> Result<()> {
        let mut counts = self.write_lock();
        let Some(machine) = self.load(name)?.filter(|machine| machine.row.deleting) else { return Ok(()) };
        let mut changes = vec![(CatalogueKind::Machine, name.to_owned(), machine.version, None)];
        for kind in [CatalogueKind::Alias, CatalogueKind::Version] {
            self.remove_all(kind, &version_prefix(name), &mut changes)?;
        }
        if let Some(tags) = self.store.catalogue_get(CatalogueKind::Tags, arn)? {
            changes.push((CatalogueKind::Tags, arn.to_owned(), tags.version, None));
        }
        self.store.catalogue_put(&changes)?;
        counts.removed(CatalogueKind::Machine);
        self.forget(name);
        Ok(())
    }

    fn remove_all(
        &self,
        kind: CatalogueKind,
        prefix: &str,
        changes: &mut Vec<CatalogueChange>,
    ) -> Result<()> {
        let mut after: Option<String> = None;
        loop {
            let page = self.store.catalogue_list(kind, prefix, after.as_deref(), PAGE)?;
            after = page.last().map(|entry| entry.id.clone());
            let is_last = page.len() < PAGE;
            changes.extend(page.into_iter().map(|entry| (kind, entry.id, entry.version, None)));
            if is_last {
                return Ok(());
            }
        }
    }
}

/// The rows of a new state machine and its first revision, and the changes that write them, and the first version if one is to
/// be published.
fn first_rows(
    name: &str,
    wish: Creation,
    stamp: &Stamp,
) -> Result<(MachineRow, RevisionRow, Vec<CatalogueChange>)> {
    let row = MachineRow {
        express: wish.express,
        created_at: stamp.at,
        revision: stamp.revision.clone(),
        deleting: false,
        published: wish.publish,
        version_description: wish.version_description.clone(),
        last_version: u32::from(wish.publish),
    };
    let revision = RevisionRow {
        machine: name.to_owned(),
        express: wish.express,
        created_at: stamp.at,
        initial: true,
        settings: wish.settings,
    };
    let mut changes = vec![
        (CatalogueKind::Machine, name.to_owned(), 0, write(&row)?),
        (CatalogueKind::Revision, stamp.revision.clone(), 0, write(&revision)?),
    ];
    if wish.publish {
        let version = VersionRow {
            revision: stamp.revision.clone(),
            created_at: stamp.at,
            description: wish.version_description,
        };
        changes.push(version_change(name, row.last_version, &version)?);
    }
    Ok((row, revision, changes))
}

fn version_row(wish: &Update, revision: &str, at: i64) -> VersionRow {
    VersionRow {
        revision: revision.to_owned(),
        created_at: at,
        description: wish.version_description.clone(),
    }
}
