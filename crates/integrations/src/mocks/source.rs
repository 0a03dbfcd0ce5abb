//! A mock file that is read again when it has changed, so that a server need not be started again for a new test case.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{MockConfig, MockError, Mocks};

/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A mock file; cheap to clone.
#[derive(Clone)]
pub struct MockSource {
    path: Arc<Path>,
    read: Arc<Mutex<Option<(Stamp, MockConfig)>>>,
}

/// What of a file says that it is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl fmt::Debug for MockSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MockSource").field(&self.path).finish()
    }
}

impl MockSource {
    /// A file. It is read when it is first wanted.
    pub fn new(path: impl Into<PathBuf>) -> MockSource {
        MockSource { path: path.into().into(), read: Arc::default() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The responses of a test case, from the file as it is now. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read or used, or has no such test case; the text begins with the file's name.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<Mocks, MockError> {
        self.with(|config| config.test_case(machine, case))
    }

    /// Reads and checks the file as it is now. Blocks.
    ///
    /// # Errors
    /// As [`MockSource::test_case`].
    pub fn check(&self) -> Result<MockConfig, MockError> {
        self.with(|config| Ok(config.clone()))
    }

    fn with<T>(&self, then: impl FnOnce(&MockConfig) -> Result<T, MockError>) -> Result<T, MockError> {
        self.read_again(then)
            .map_err(|error| MockError { what: format!("{}: {}", self.path.display(), error.what), ..error })
    }

    fn read_again<T>(&self, then: impl FnOnce(&MockConfig) -> Result<T, MockError>) -> Result<T, MockError> {
        let failed = |error: std::io::Error| MockError::new(format!("it cannot be read: {error}"));
        let about = std::fs::metadata(&self.path).map_err(failed)?;
        let stamp = Stamp { modified: about.modified().ok(), bytes: about.len() };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, config)) = &*read
            && *known == stamp
            && stamp.modified.is_some()
        {
            return then(config);
        }
        if stamp.bytes > FILE_BYTES_MAX {
            return Err(MockError::new(format!("it is longer than {FILE_BYTES_MAX} bytes")));
        }
        let text = std::fs::read_to_string(&self.path).map_err(failed)?;
        let config = MockConfig::parse(&text)?;
        let (_, config) = read.insert((stamp, config));
        then(config)
    }
}

#[cfg(test)]
mod tests {
    use super::MockSource;

    #[test]
    fn a_changed_file_is_read_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let write = |case: &str| {
            let text = r#"{"StateMachines": {"m": {"TestCases": {"CASE": {}}}}, "MockedResponses": {}}"#;
            std::fs::write(file.path(), text.replace("CASE", case)).unwrap();
        };
        let source = MockSource::new(file.path());
        let has = |case: &str| source.test_case("m", case).is_ok();
        write("a");
        assert!(has("a") && !has("longer"));
        write("longer");
        assert!(!has("a") && has("longer"));
        std::fs::write(file.path(), "{").unwrap();
        let error = source.test_case("m", "a").unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: line 1, column 2: ", file.path().display())), "{error}");
        std::fs::remove_file(file.path()).unwrap();
        assert!(source.check().unwrap_err().what.contains("it cannot be read: "));
    }
}
