//! Files with definitions: finding them, reading them as JSON or YAML, and showing what is wrong with them in their own text.
//! What is right and wrong is `asl`'s to say.

use std::path::{Path, PathBuf};

use asl::render::Style;
use asl::{Diagnostic, MachineType, ParseOptions, Parsed, Severity};

use crate::failure::Failure;

/// Longest file that is read; the service takes 1 MB.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Deepest folder that is searched.
const FOLDER_DEPTH_MAX: usize = 16;
/// Names that mark a definition when a folder is searched.
const ENDINGS: &[&str] = &[".asl.json", ".asl.yaml", ".asl.yml", ".asl"];
/// Folders that hold other people's files.
const SKIPPED: &[&str] = &["node_modules", "target", "__pycache__", "cdk.out", ".aws-sam"];

/// A definition as it stands in its file.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Whether the text is YAML.
    pub is_yaml: bool,
}

/// What `asl` says about a definition.
#[derive(Debug)]
pub struct Verdict {
    /// Errors and warnings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Source {
    /// Reads a file; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be read, is too long, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
        let text = if path == Path::new("-") {
            std::io::read_to_string(std::io::stdin()).map_err(failed)?
        } else {
            if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
                return Err(Failure::usage(format!(
                    "`{}` is longer than {FILE_BYTES_MAX} bytes",
                    path.display()
                )));
            }
            std::fs::read_to_string(path).map_err(failed)?
        };
        let is_yaml = is_yaml(path, &text);
        Ok(Self { path: path.to_owned(), text, is_yaml })
    }

    /// Gives standard input a name, whose ending tells what it is.
    pub fn rename(&mut self, path: &Path) {
        self.is_yaml = is_yaml(path, &self.text);
        self.path = path.to_owned();
    }

    /// Reads the definition.
    pub fn parse(&self, options: ParseOptions) -> Parsed {
        if self.is_yaml { asl::parse_yaml(&self.text, options) } else { asl::parse(&self.text, options) }
    }

    /// Checks the definition.
    pub fn check(&self, machine_type: MachineType, allow_placeholders: bool) -> Verdict {
        let options = ParseOptions { machine_type, allow_placeholders, ..Default::default() };
        let mut diagnostics = self.parse(options).diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        Verdict { diagnostics }
    }

    /// Diagnostics with the lines that they speak of, one blank line after each.
    pub fn render(&self, diagnostics: &[Diagnostic], color: bool) -> String {
        let style = if color { Style::Colored } else { Style::Plain };
        asl::render::render(&self.text, &self.path.to_string_lossy(), diagnostics, style)
    }

    /// The name of the state machine, from the file's: `order.asl.json` is `order`.
    pub fn machine_name(&self) -> String {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let endings = ENDINGS.iter().chain(&[".json", ".yaml", ".yml"]);
        let name = endings.into_iter().find_map(|ending| file.strip_suffix(ending));
        name.unwrap_or(&file).to_owned()
    }
}

impl Verdict {
    /// Faults of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Whether a text is YAML: by the name's ending, or, where that leaves it open, by how the text begins.
fn is_yaml(path: &Path, text: &str) -> bool {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("yaml" | "yml") => true,
        Some("json") => false,
        _ => !text.trim_start().starts_with(['{', '[']) && text.contains(':'),
    }
}

/// The definitions under these paths, each once: files as they are, folders searched for `*.asl.json`, `*.asl.yaml`,
/// `*.asl.yml`, `*.asl`, and patterns with `*`, `?` and `**` for shells that leave them alone.
///
/// # Errors
/// When a path does not exist, a folder cannot be read, or nothing is found.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            search(path, &mut found)?;
        } else if let Some(pattern) = path.to_str().filter(|text| !path.exists() && text.contains(['*', '?']))
        {
            let matches = glob::glob(pattern)
                .map_err(|error| Failure::usage(format!("`{pattern}` is not a pattern: {error}")))?;
            found.extend(matches.filter_map(Result::ok).filter(|path| path.is_file()));
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    if found.is_empty() {
        return Err(Failure::usage("there are no definitions there")
            .hint(format!("in a folder, files that end with {} count", ENDINGS.join(", "))));
    }
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let mut open = vec![(folder.to_owned(), 0)];
    let mut here = Vec::new();
    while let Some((folder, depth)) = open.pop() {
        let failed =
            |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if is_folder
                && depth < FOLDER_DEPTH_MAX
                && !name.starts_with('.')
                && !SKIPPED.contains(&name.as_str())
            {
                open.push((entry.path(), depth + 1));
            } else if !is_folder && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                here.push(entry.path());
            }
        }
    }
    here.sort();
    // `.` is not part of what people call their files.
    found.extend(here.into_iter().map(|path| match path.strip_prefix(".") {
        Ok(path) => path.to_owned(),
        Err(_) => path,
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Source, find};

    #[test]
    fn folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["b.asl.json", "a/c.asl.yaml", "a/package.json", "node_modules/x/d.asl.json", ".git/e.asl"]
        {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        }
        let found = find(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, [PathBuf::from("a/c.asl.yaml"), PathBuf::from("b.asl.json")]);
        assert!(find(&[folder.path().join(".git")]).is_ok());
        assert!(find(&[folder.path().join("node_modules")]).is_ok_and(|found| found.len() == 1));
    }

    #[test]
    fn machines_are_named_after_files() {
        for (path, name) in
            [("x/order.asl.json", "order"), ("order.yaml", "order"), ("a.b.json", "a.b"), ("x", "x")]
        {
            let source = Source { path: path.into(), text: String::new(), is_yaml: false };
            assert_eq!(source.machine_name(), name);
        }
    }
}
