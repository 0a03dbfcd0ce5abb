//! How far the logs are, kept in the store: every record older than this time was handed over.

use store::{CatalogueKind, Error, Store};

/// The entry of the store's progress.
const ID: &str = "execution-logs";

/// The time, in milliseconds since the Unix epoch; `None` when nothing was ever logged. Blocks.
pub(super) fn read(store: &dyn Store) -> Result<Option<i64>, Error> {
    Ok(entry(store)?.1)
}

/// Keeps the time. Blocks.
pub(super) fn write(store: &dyn Store, until: i64) -> Result<(), Error> {
    let version = entry(store)?.0;
    store.catalogue_put(&[(
        CatalogueKind::Progress,
        ID.to_owned(),
        version,
        Some(until.to_string().into_bytes()),
    )])
}

fn entry(store: &dyn Store) -> Result<(u64, Option<i64>), Error> {
    let Some(entry) = store.catalogue_get(CatalogueKind::Progress, ID)? else { return Ok((0, None)) };
    let until = std::str::from_utf8(&entry.body).ok().and_then(|text| text.parse().ok());
    Ok((entry.version, until))
}
