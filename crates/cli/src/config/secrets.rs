//! Where `{ secret = "NAME" }` finds its value: the file `.secrets` beside `stepwell.toml`, then the environment.
//! Values are never printed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Failure;

/// The name of the file.
const FILE_NAME: &str = ".secrets";

/// Secrets by name.
#[derive(Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Reads the file in this folder, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read or has a line that is not `NAME=value`.
    pub fn load(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::usage(format!("cannot read `{}`: {error}", path.display()))),
        };
        parse(&text)
            .map(Self)
            .map_err(|line| Failure::usage(format!("{}:{line}: expected `NAME=value`", path.display())))
    }

    /// The value of a secret.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().or_else(|| std::env::var(name).ok())
    }
}

/// `NAME=value` lines, empty lines and `#` comments; one pair of quotes around a value is removed. The error is the line's
/// number, because the line itself may be a secret.
fn parse(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let mut found = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=').ok_or(number + 1)?;
        let value = value.trim();
        let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        found.insert(name.trim().to_owned(), quoted.unwrap_or(value).to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_are_read() {
        let found = parse("# c\n\nA=1\nexport B = 'x=y'\nC=\"q\n").unwrap();
        let wanted = [("A", "1"), ("B", "x=y"), ("C", "\"q")];
        assert_eq!(found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), wanted);
        assert_eq!(parse("A=1\nhunter2"), Err(2));
    }
}
