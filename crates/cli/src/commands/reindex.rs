//! `stepwell reindex`: the rows that are made from executions' records, held against them and mended, while no server runs.

use std::path::PathBuf;

use clap::Args;

use super::serve::data_folder;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::serve::Backing;

/// Hold the index of executions against their records, and mend it
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell reindex --check
  stepwell reindex --data-dir /var/lib/stepwell

To be run while no server uses the store.\n")]
pub struct ReindexArgs {
    /// Only say what differs; exit code 1 when something does
    #[arg(long)]
    check: bool,
    /// Folder of the embedded store [default: as `serve`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// `postgres://user:password@host/database` instead of the embedded store
    #[arg(long, value_name = "URL", conflicts_with = "data_dir")]
    store: Option<String>,
}

/// Reindexes.
///
/// # Errors
/// When the store cannot be used, or something differs that is not mended.
pub async fn run(args: &ReindexArgs, context: &Context) -> Result<(), Failure> {
    let folder = args.data_dir.clone().or_else(|| data_folder(context));
    let backing = match (&args.store, folder) {
        (Some(url), _) => Backing::Postgres(url.clone()),
        (None, Some(folder)) if folder.is_dir() => Backing::Folder(folder),
        (None, Some(folder)) => {
            return Err(Failure::usage(format!("there is no data folder `{}`", folder.display())));
        }
        (None, None) => return Err(Failure::usage("which store? say `--store URL`")),
    };
    let store = backing.open().await?;
    let place = interpreter::Place {
        region: context.settings.region.clone(),
        account: context.settings.account.clone(),
        ..Default::default()
    };
    let repair = !args.check;
    let report = runtime::blocking(move || runtime::reindex(&store, &place, repair)).await;
    let report = report.map_err(|error| Failure::environment(error.to_string()))?;
    for line in &report.told {
        output::write(&format!("{line}\n"))?;
    }
    let executions = output::count(usize::try_from(report.executions).unwrap_or(usize::MAX), "execution");
    let found = output::count(usize::try_from(report.differences).unwrap_or(usize::MAX), "difference");
    context.say(&format!("{executions}, {} records: {found}", report.records));
    let left = if args.check { report.differences } else { report.differences - report.repairable };
    match left {
        0 => Ok(()),
        left if args.check => Err(Failure::new(Exit::Failed, format!("{left} differ from the records"))
            .hint("`stepwell reindex` mends what can be mended")),
        left => Err(Failure::new(Exit::Failed, format!("{left} cannot be mended"))
            .hint("restore a backup, or delete these executions")),
    }
}
