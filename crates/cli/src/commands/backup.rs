//! `stepwell backup` and `stepwell restore`: the embedded store's database, to a file and back. A server may go on meanwhile; into its
//! data folder nothing is restored.

use std::path::PathBuf;

use clap::Args;

use super::serve::data_folder;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;

/// Copy the embedded store to a file, also while the server runs
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell backup stepwell-backup.db
  stepwell backup --data-dir /var/lib/stepwell /mnt/backups/monday.db\n")]
pub struct BackupArgs {
    /// A file that does not exist, or a folder
    to: PathBuf,
    /// Folder of the embedded store [default: as `serve`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Put a backup into a data folder that no server uses
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell restore stepwell-backup.db --data-dir /var/lib/stepwell
  stepwell restore stepwell-backup.db --replace

What happened after the backup is forgotten: what was under way then goes on from there, and tasks that were done since
are done again.\n")]
pub struct RestoreArgs {
    /// A file that `stepwell backup` made
    from: PathBuf,
    /// The data folder [default: as `serve`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Keep the database that is there under another name, and take the backup's place
    #[arg(long)]
    replace: bool,
}

/// Makes a backup.
///
/// # Errors
/// When there is no database, the file exists, or it cannot be written.
pub async fn backup(args: &BackupArgs, context: &Context) -> Result<(), Failure> {
    let (folder, to) = (folder(args.data_dir.as_ref(), context)?, args.to.clone());
    let made = blocking(move || store_sqlite::backup(&folder, &to)).await?;
    let count = output::count(usize::try_from(made.executions).unwrap_or(usize::MAX), "execution");
    context.say(&format!("{count}, {} bytes, checked", made.bytes));
    output::write(&format!("{}\n", made.path.display()))
}

/// Restores one.
///
/// # Errors
/// When the backup is not whole, a server uses the folder, or there is a database and `--replace` was not said.
pub async fn restore(args: &RestoreArgs, context: &Context) -> Result<(), Failure> {
    let (folder, from, replace) = (folder(args.data_dir.as_ref(), context)?, args.from.clone(), args.replace);
    let (made, kept) = blocking(move || store_sqlite::restore(&from, &folder, replace)).await?;
    if let Some(kept) = kept {
        context.say(&format!("the database that was there is kept as `{}`", kept.display()));
    }
    let count = output::count(usize::try_from(made.executions).unwrap_or(usize::MAX), "execution");
    context.say(&format!("{count}, {} bytes, checked", made.bytes));
    output::write(&format!("{}\n", made.path.display()))
}

fn folder(given: Option<&PathBuf>, context: &Context) -> Result<PathBuf, Failure> {
    given.cloned().or_else(|| data_folder(context)).ok_or_else(|| {
        Failure::usage("the data is in PostgreSQL, which has its own backups")
            .hint("use pg_dump, or say --data-dir for an embedded store")
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> store::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    runtime::blocking(work).await.map_err(|error| {
        Failure::environment(match error {
            store::Error::Failed(why) | store::Error::Version(why) | store::Error::Full(why) => why,
            other => other.to_string(),
        })
    })
}
