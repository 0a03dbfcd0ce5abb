//! `stepwell.toml`: finding it (upwards from the working folder), reading it, and saying well what is wrong with it.
//! It does not apply anything: `settings` decides between flags, environment and this file; `serve` builds the functions.

mod file;
mod limits;
mod problem;
mod secrets;

use std::path::{Path, PathBuf};

pub use file::{Aws, File, LogDestination, Logs, Machine, Retention};
pub use limits::{LimitsTable, Profile, ServiceLimits};
pub use problem::nearest;
pub use secrets::Secrets;

use crate::failure::Failure;

/// The name of the file.
pub const FILE_NAME: &str = "stepwell.toml";

/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// A configuration that was read.
#[derive(Debug)]
pub struct Loaded {
    /// Where it stands.
    pub path: PathBuf,
    /// What it says.
    pub file: File,
}

impl Loaded {
    /// The folder that relative paths in the file are relative to.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// Reads the file that was named, or the nearest one upwards of `from`. `None` when there is none.
///
/// # Errors
/// When the named file does not exist, or a file cannot be used.
pub fn load(named: Option<&Path>, from: &Path) -> Result<Option<Loaded>, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file()) {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let text = read(&path)?;
    let file = toml::from_str(&text).map_err(|error| problem::explain(&path, &text, &error))?;
    Ok(Some(Loaded { path, file }))
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(Failure::usage(format!("`{}` is longer than {FILE_BYTES_MAX} bytes", path.display())));
    }
    std::fs::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::load;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stepwell.toml");
        std::fs::write(&path, text).unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        let found = match load(None, &inner) {
            Ok(Some(loaded)) => format!("{:?} {}", loaded.file.server.listen, loaded.file.functions.len()),
            Ok(None) => "none".to_owned(),
            Err(failure) => failure.to_string().replace(&path.display().to_string(), "F"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_nearest_file_upwards_counts() {
        check(
            "[server]\nlisten = '127.0.0.1:9'\n[functions.a]\nruntime = 'python3'",
            "Some(\"127.0.0.1:9\") 1",
        );
        check("", "None 0");
        let folder = tempfile::tempdir().unwrap();
        assert!(load(Some(&folder.path().join("none.toml")), folder.path()).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(
            "[server]\nlisen = 'x'",
            "F:2:1: unknown key `lisen`\n  did you mean `listen`?\n  keys here: listen, data_dir, account_id, region, store, allow_remote, profile",
        );
        check(
            "[functions.a]\nruntme = 'x'",
            "F:2:1: unknown key `runtme`\n  did you mean `runtime`?\n  keys here: runtime, handler, code, timeout, memory, concurrency, env, lambda",
        );
        check(
            "[srver]",
            "F:1:2: unknown key `srver`\n  did you mean `server`?\n  keys here: server, limits, machines, functions, aws, retention, logs",
        );
        check("[server]\nlisten = 7", "F:2:10: invalid type: integer `7`, expected a string");
        check(
            "[services]\n",
            "F:1:2: `services` is not available in this release\n  remove it; nothing in it would have an effect",
        );
        check("[server", "F:1:8: unclosed table, expected `]`");
    }
}
