//! Where `stepwell serve` would keep its data here: whether it may write, has room, and how long a write takes to be durable. And
//! how many files it may open.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};

use super::Found;
use crate::commands::serve::data_folder;
use crate::context::Context;

/// Writes that are timed.
const WRITES: usize = 20;
/// Bytes of each.
const WRITE_BYTES: usize = 4_096;
/// A durable write that takes longer than this makes the server slow.
const WRITE_SLOW: Duration = Duration::from_millis(20);
/// Free bytes below which a person should know.
const FREE_BYTES_FEW: u64 = 1 << 30;
/// Open files that a busy server needs.
const OPEN_FILES_FEW: u64 = 4_096;

/// How many files a process may open.
pub fn open_files() -> Found {
    let name = "open files";
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < OPEN_FILES_FEW => Found::warn(
            name,
            format!("a process may open at most {most}; connections and functions need one each"),
        )
        .advise("raise the hard limit: `ulimit -Hn 65536`, or LimitNOFILE= of the service"),
        Some(most) => Found::ok(name, format!("up to {most}")),
        None => Found::ok(name, "without limit"),
    }
}

/// The checks of the data folder; none when the data is elsewhere.
pub fn check(context: &Context) -> Vec<Found> {
    let name = "data folder";
    let Some(folder) = data_folder(context) else {
        return vec![Found::ok(name, "stepwell.toml keeps the data in PostgreSQL")];
    };
    let existing = nearest_existing(&folder);
    let shown = folder.display();
    let exists = existing == folder;
    let where_ = if exists { shown.to_string() } else { format!("{shown} (will be made)") };
    match durable_writes(&existing) {
        Err(error) => vec![
            Found::fail(name, format!("{where_}: {error}"))
                .advise("give this user the right to write there, or take another: --data-dir DIR"),
        ],
        Ok(mut times) => {
            times.sort_unstable();
            let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
            let speed =
                format!("a durable write takes {:.1} ms, the longest {:.1} ms", ms(median), ms(longest));
            let written = if median > WRITE_SLOW {
                Found::warn("durable writes", speed)
                    .advise("each start waits for one: put the data on a local disk, not on a network one")
            } else {
                Found::ok("durable writes", speed)
            };
            vec![room(name, &where_, &existing), written]
        }
    }
}

fn room(name: &str, where_: &str, existing: &Path) -> Found {
    match rustix::fs::statvfs(existing) {
        Err(error) => Found::warn(name, format!("{where_}: its free space is not known: {error}")),
        Ok(about) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let detail = format!("{where_}, {:.1} GiB free", free as f64 / f64::from(1 << 30));
            if free < FREE_BYTES_FEW {
                Found::warn(name, detail)
                    .advise("make room: a full disk stops every execution until there is some")
            } else {
                Found::ok(name, detail)
            }
        }
    }
}

fn nearest_existing(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if folder.is_dir() {
        return folder.to_owned();
    }
    absolute.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

/// Times writes to a file of our own, which is gone afterwards.
fn durable_writes(folder: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file = tempfile::tempfile_in(folder)?;
    let block = [0x5A; WRITE_BYTES];
    let mut write = || {
        let began = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        Ok(began.elapsed())
    };
    (0..WRITES).map(|_| write()).collect()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
