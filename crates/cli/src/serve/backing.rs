//! Which store: the embedded one in a folder, PostgreSQL, or memory for what need not be kept.

use std::path::PathBuf;
use std::sync::Arc;

use store::{MemoryStore, Store};
use store_postgres::PostgresStore;
use store_sqlite::SqliteStore;

use crate::failure::Failure;

/// Where the executions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backing {
    /// One SQLite file in this folder.
    Folder(PathBuf),
    /// `postgres://…`.
    Postgres(String),
    /// Nowhere: it is gone when the process ends.
    Memory,
}

impl Backing {
    /// Opens the store. What is absent is made.
    ///
    /// # Errors
    /// When the folder is in use by another process, or the store cannot be used.
    pub async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let backing = self.clone();
        let opened = tokio::task::spawn_blocking(move || backing.open_blocking()).await;
        opened.unwrap_or_else(|error| Err(store::Error::Failed(error.to_string()))).map_err(|error| {
            let what = match &error {
                store::Error::Failed(why) | store::Error::Version(why) | store::Error::Full(why) => {
                    why.clone()
                }
                _ => error.to_string(),
            };
            Failure::environment(what)
        })
    }

    fn open_blocking(&self) -> Result<Arc<dyn Store>, store::Error> {
        Ok(match self {
            Self::Folder(path) => Arc::new(SqliteStore::open(path, store_sqlite::Options::default())?),
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Postgres(url) => Arc::new(PostgresStore::connect(url, store_postgres::Options::default())?),
        })
    }

    /// How it is called in messages, without a password.
    pub fn shown(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Memory => "memory".to_owned(),
            Self::Postgres(url) => {
                let place = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
                format!("PostgreSQL at {}", place.split(['?', ' ']).next().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Backing;

    #[test]
    fn passwords_are_not_shown() {
        for (url, wanted) in [
            ("postgres://me:secret@db:5432/steps?sslmode=require", "PostgreSQL at db:5432/steps"),
            ("postgres://db/steps", "PostgreSQL at db/steps"),
        ] {
            assert_eq!(Backing::Postgres(url.to_owned()).shown(), wanted);
        }
    }
}
