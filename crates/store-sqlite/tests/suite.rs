//! The rules that every store keeps.

use store::suite::{self, Open};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

#[test]
fn sqlite() {
    let mut directory = TempDir::new().unwrap();
    suite::run(&mut |open| {
        if open == Open::Fresh {
            directory = TempDir::new().unwrap();
        }
        Box::new(SqliteStore::open(directory.path(), Options::default()).unwrap())
    });
}
