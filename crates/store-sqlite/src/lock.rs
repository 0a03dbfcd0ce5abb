//! The lock of a data directory: an advisory lock on a file, which the operating system gives back when the
//! process ends, however it ends. The file itself stays; its text only helps to say who holds it.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use store::{Error, Result};

const FILE_NAME: &str = "stepwell.lock";

/// Held as long as the store is open.
pub(crate) struct DirectoryLock(
    #[expect(dead_code, reason = "the lock lasts as long as the open file")] File,
);

impl DirectoryLock {
    /// Makes the directory when it is absent, and takes its lock.
    pub(crate) fn take(directory: &Path) -> Result<DirectoryLock> {
        let shown = directory.display();
        fs::create_dir_all(directory)
            .map_err(|error| Error::Failed(format!("cannot create the data directory `{shown}`: {error}")))?;
        let path = directory.join(FILE_NAME);
        let cannot = |error| Error::Failed(format!("cannot use the lock file `{}`: {error}", path.display()));
        let mut options = File::options();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message: what cannot be read is not said.
                _ = file.take(20).read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => String::new(),
                    id => format!(" (process {id})"),
                };
                return Err(Error::Failed(format!(
                    "the data directory `{shown}` is in use by another process{holder}; stop that one, or choose \
                     another data directory"
                )));
            }
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(cannot)?;
        writeln!(file, "{}", std::process::id()).map_err(cannot)?;
        Ok(DirectoryLock(file))
    }
}
