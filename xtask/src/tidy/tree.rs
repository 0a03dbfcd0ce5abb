//! What tidy looks at: the text files that git knows or would know, read once.
//! It judges nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Result};

/// The files of the repository.
pub struct Tree {
    /// The repository's root.
    pub root: PathBuf,
    /// The files, sorted by path.
    pub files: Vec<File>,
}

/// One text file.
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Tree {
    /// Reads every file that git tracks or would track. Files that are not UTF-8 are left out.
    ///
    /// # Errors
    /// When git fails.
    pub fn read(root: &Path) -> Result<Self> {
        let list = shell::output(
            Command::new("git")
                .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
                .current_dir(root),
        )?;
        let mut paths: Vec<&str> = list.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let read = |path: &str| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some(File { path: path.to_owned(), text })
        };
        Ok(Self { root: root.to_path_buf(), files: paths.into_iter().filter_map(read).collect() })
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }

    /// The file at that path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    /// What follows the last dot.
    pub fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether a program wrote it: such files are judged by their generator.
    pub fn is_generated(&self) -> bool {
        self.path.ends_with("/generated.rs") || self.path.contains("/generated/")
    }

    /// Whether all of it is test code: `tests` folders and files, and the suites that a seam offers to its implementations.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.contains("/suite/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
    }

    /// Its lines that ship, numbered from 1: up to the first unindented `#[cfg(test)]`.
    pub fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let limit = if self.is_test() { 0 } else { usize::MAX };
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .take(limit)
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
    }
}
