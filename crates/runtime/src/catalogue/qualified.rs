//! What the qualifiers of a state machine's ARN name: versions and aliases that were looked up. They belong to the state machine
//! in memory: each change of one of them writes the state machine's row, puts another [`super::Machine`] in the place of this one, and
//! so forgets them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use engine::catalogue::{AliasRow, VersionRow};

use super::Revision;

/// How many of a kind are kept before all are forgotten.
const KEPT: usize = 4096;

/// A version of a state machine.
#[derive(Debug)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// What is stored of it.
    pub row: VersionRow,
    /// The revision that it is a number for.
    pub revision: Arc<Revision>,
}

/// Versions and aliases that were looked up.
#[derive(Debug, Default)]
pub(super) struct Qualified {
    versions: RwLock<HashMap<u32, Arc<Version>>>,
    aliases: RwLock<HashMap<String, Arc<AliasRow>>>,
}

impl Qualified {
    pub(super) fn version(&self, number: u32) -> Option<Arc<Version>> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    pub(super) fn alias(&self, name: &str) -> Option<Arc<AliasRow>> {
        self.aliases.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(super) fn keep_version(&self, version: Arc<Version>) {
        let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        if versions.len() >= KEPT {
            versions.clear();
        }
        versions.insert(version.number, version);
    }

    pub(super) fn keep_alias(&self, name: &str, alias: Arc<AliasRow>) {
        let mut aliases = self.aliases.write().unwrap_or_else(PoisonError::into_inner);
        if aliases.len() >= KEPT {
            aliases.clear();
        }
        aliases.insert(name.to_owned(), alias);
    }
}
