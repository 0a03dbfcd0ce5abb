//! Log groups as files: `/aws/vendedlogs/states/orders` is `aws/vendedlogs/states/orders.log` in a folder. A file that is full becomes
//! `orders.log.1`, the one before it `.2`, and the oldest is removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::log_group_name;

/// When a file is full and how many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Bytes after which the next lines go to a new file.
    pub file_bytes: u64,
    /// Full files that are kept besides the one that is written.
    pub kept: u32,
}

impl Default for Rotation {
    fn default() -> Rotation {
        Rotation { file_bytes: 64 << 20, kept: 7 }
    }
}

/// A folder of logs.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    rotation: Rotation,
}

impl Files {
    /// Logs in a folder, which is made with the first line.
    pub fn new(folder: PathBuf, rotation: Rotation) -> Files {
        Files { folder, rotation }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds lines, given without their ends, to the file of a log group. Blocks. A failure leaves some of them written.
    ///
    /// # Errors
    /// The file system's, with the path.
    pub fn append<'a>(&self, group_arn: &str, lines: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let path = self.path_of(group_arn);
        let failed = |error: io::Error| format!("cannot write `{}`: {error}", path.display());
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        let mut file = self.open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let is_full = fs::metadata(path).is_ok_and(|found| found.len() >= self.rotation.file_bytes);
        if is_full {
            self.rotate(path)?;
        }
        OpenOptions::new().create(true).append(true).open(path)
    }

    fn rotate(&self, path: &Path) -> io::Result<()> {
        for number in (1..self.rotation.kept).rev() {
            let (from, to) = (numbered(path, number), numbered(path, number + 1));
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        if self.rotation.kept == 0 { fs::remove_file(path) } else { fs::rename(path, numbered(path, 1)) }
    }

    /// The file that a log group's lines go to; never outside the folder.
    pub fn path_of(&self, group_arn: &str) -> PathBuf {
        let parts = log_group_name(group_arn).split('/').filter(|part| !part.is_empty()).map(safe);
        let mut path: PathBuf = std::iter::once(self.folder.clone().into_os_string().into())
            .chain(parts.map(PathBuf::from))
            .collect();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".log");
        path.set_file_name(name);
        path
    }

    /// All files, those of one log group together and oldest lines first.
    ///
    /// # Errors
    /// When a folder cannot be read. That there is none yet is no error.
    pub fn all(&self) -> io::Result<Vec<PathBuf>> {
        let mut found: Vec<(PathBuf, u32)> = Vec::new();
        let mut open = vec![self.folder.clone()];
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    open.push(path);
                } else if let Some(of) = group_file(&path) {
                    found.push(of);
                }
            }
        }
        found.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
        Ok(found
            .iter()
            .map(|(path, number)| if *number == 0 { path.clone() } else { numbered(path, *number) })
            .collect())
    }
}

/// The file of the log group that this file belongs to, and the file's number.
fn group_file(path: &Path) -> Option<(PathBuf, u32)> {
    let name = path.file_name()?.to_str()?;
    if name.ends_with(".log") {
        return Some((path.to_owned(), 0));
    }
    let (group, number) = name.rsplit_once('.')?;
    let number = number.parse().ok().filter(|_| group.ends_with(".log"))?;
    Some((path.with_file_name(group), number))
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{number}"));
    path.with_file_name(name)
}

/// A part of a name as a part of a path. A log group's name has only these characters (API reference of CloudWatch Logs).
fn safe(part: &str) -> String {
    let kept =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '#') { c } else { '_' };
    let part: String = part.chars().map(kept).take(200).collect();
    if part.chars().all(|c| c == '.') { "_".repeat(part.len()) } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_group_is_a_file_inside_the_folder() {
        let files = Files::new("/logs".into(), Rotation::default());
        let check = |arn: &str, expected: &str| assert_eq!(files.path_of(arn), Path::new(expected), "{arn}");
        check("arn:aws:logs:r:1:log-group:/aws/vendedlogs/states/o:*", "/logs/aws/vendedlogs/states/o.log");
        check("arn:aws:logs:r:1:log-group:plain:*", "/logs/plain.log");
        check("arn:aws:logs:r:1:log-group:/../../etc/pass wd:*", "/logs/__/__/etc/pass_wd.log");
    }

    #[test]
    fn a_full_file_makes_room_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().to_owned(), Rotation { file_bytes: 10, kept: 2 });
        let arn = "arn:aws:logs:r:1:log-group:/a/b:*";
        for line in ["first line", "second line", "third line", "x", "fourth line"] {
            files.append(arn, [line].into_iter()).unwrap();
        }
        let found: Vec<String> =
            files.all().unwrap().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        assert_eq!(found, ["second line\n", "third line\n", "x\nfourth line\n"]);
        assert_eq!(Files::new(folder.path().join("none"), Rotation::default()).all().unwrap().len(), 0);
    }
}
