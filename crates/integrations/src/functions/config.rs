//! What a function is: its runtime, its handler, its limits; and the `[functions.NAME]` table of `stepwell.toml`.
//!
//! Only data and its checks. It does not read files, does not look at the environment and starts nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

/// Seconds that a function may run when its declaration does not say (AWS: `Timeout`, default 3).
pub const TIMEOUT_SECONDS_DEFAULT: u64 = 3;
/// Most seconds that a function may run (AWS: 15 minutes).
pub const TIMEOUT_SECONDS_MAX: u64 = 900;
/// Mebibytes that a function may use when its declaration does not say (AWS: `MemorySize`, default 128).
pub const MEMORY_MB_DEFAULT: u32 = 128;
/// Most mebibytes that a function may ask for (AWS: 10,240).
pub const MEMORY_MB_MAX: u32 = 10_240;
/// Most processes of one function.
pub const CONCURRENCY_MAX: usize = 1_000;
/// Longest name of a function (AWS: 64).
const NAME_LENGTH_MAX: usize = 64;

/// A function that runs here, as local processes.
#[derive(Clone, PartialEq)]
pub struct FunctionConfig {
    /// Name: 1 to 64 letters, digits, hyphens and underscores.
    pub name: String,
    /// What runs the code.
    pub runtime: Runtime,
    /// `module.function`; unused by `provided` runtimes.
    pub handler: String,
    /// Folder with the code; the process's working directory.
    pub code: PathBuf,
    /// Variables of the function, on top of those that AWS sets.
    pub environment: BTreeMap<String, String>,
    /// Longest time of one invocation; the process is killed after it.
    pub timeout: Duration,
    /// Resident memory, in mebibytes, above which the process is killed.
    pub memory_mb: u32,
    /// Most processes at a time; more invocations wait.
    pub concurrency: usize,
}

/// Of the environment only the names are shown: values may be secrets.
impl fmt::Debug for FunctionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionConfig")
            .field("name", &self.name)
            .field("runtime", &self.runtime)
            .field("handler", &self.handler)
            .field("code", &self.code)
            .field("environment", &self.environment.keys())
            .field("timeout", &self.timeout)
            .field("memory_mb", &self.memory_mb)
            .field("concurrency", &self.concurrency)
            .finish()
    }
}

/// What runs a function's code. The text form is AWS's runtime identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// `python3` or `python3.12`: the interpreter of that name if there is one, else `python3`.
    Python(String),
    /// `nodejs` or `nodejs22.x`: the `node` that is installed.
    Node(String),
    /// `provided`, `provided.al2023`: an executable `bootstrap` in the code folder.
    Provided(String),
}

impl Runtime {
    /// Reads a runtime identifier.
    ///
    /// # Errors
    /// When it is none of `python3.x`, `nodejsNN.x`, `provided…`.
    pub fn parse(text: &str) -> Result<Runtime, ConfigError> {
        let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.' || c == 'x');
        if text.strip_prefix("python3").is_some_and(is_version) {
            return Ok(Runtime::Python(text.to_owned()));
        }
        if text.strip_prefix("nodejs").is_some_and(is_version) {
            return Ok(Runtime::Node(text.to_owned()));
        }
        if text == "provided" || text.starts_with("provided.") {
            return Ok(Runtime::Provided(text.to_owned()));
        }
        Err(ConfigError(format!(
            "`{text}` is not a runtime that can be run here: expected `python3.x`, `nodejsNN.x` or `provided`"
        )))
    }

    /// The identifier, as it was written.
    pub fn as_str(&self) -> &str {
        match self {
            Runtime::Python(text) | Runtime::Node(text) | Runtime::Provided(text) => text,
        }
    }
}

/// A declaration that cannot be used; the text says which part and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub(crate) String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// One `[functions.NAME]` table of `stepwell.toml`: either `runtime`, `handler` and `code` for a function that runs
/// here, or `lambda` for one that is served elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionTable {
    /// `python3.x`, `nodejsNN.x` or `provided…`.
    pub runtime: Option<String>,
    /// `module.function`.
    pub handler: Option<String>,
    /// Folder with the code, relative to the file that holds the table.
    pub code: Option<PathBuf>,
    /// Seconds (`30`) or a text (`"30s"`, `"5m"`).
    pub timeout: Option<Span>,
    /// Mebibytes.
    pub memory: Option<u32>,
    /// Most processes at a time.
    pub concurrency: Option<usize>,
    /// Variables of the function.
    #[serde(default)]
    pub env: BTreeMap<String, EnvValue>,
    /// Served by a Lambda-compatible endpoint instead of a local process.
    pub lambda: Option<LambdaTable>,
}

/// `lambda = { endpoint = "http://localhost:3001" }`: the function is served by that endpoint.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaTable {
    /// `http://host:port`, optionally with a path in front of `/2015-03-31`.
    pub endpoint: String,
}

/// A length of time as a configuration file has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Span {
    /// Seconds.
    Seconds(u64),
    /// A number with `s` or `m` after it.
    Text(String),
}

impl Span {
    fn seconds(&self) -> Option<u64> {
        match self {
            Span::Seconds(seconds) => Some(*seconds),
            Span::Text(text) => {
                let (digits, factor) = match text.strip_suffix('m') {
                    Some(minutes) => (minutes, 60),
                    None => (text.strip_suffix('s').unwrap_or(text), 1),
                };
                digits.trim().parse::<u64>().ok()?.checked_mul(factor)
            }
        }
    }
}

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum EnvValue {
    /// The value itself.
    Text(String),
    /// `{ secret = "NAME" }`: looked up when the configuration is loaded, so that it does not stand in the file.
    Secret {
        /// Name of the secret.
        secret: String,
    },
}

/// What a [`FunctionTable`] declares.
#[derive(Clone, Debug, PartialEq)]
pub enum Declared {
    /// A function that runs here.
    Local(FunctionConfig),
    /// A function behind a Lambda-compatible endpoint.
    Remote {
        /// `http://host:port`.
        endpoint: String,
    },
}

impl FunctionTable {
    /// Checks the table and fills in the defaults. `folder` is what relative code folders are relative to; `secret`
    /// finds the value of a secret.
    ///
    /// # Errors
    /// When something is missing, contradictory or out of its range; the text names it.
    pub fn resolve(
        &self,
        name: &str,
        folder: &Path,
        secret: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Declared, ConfigError> {
        let wrong = |text: String| ConfigError(format!("function `{name}`: {text}"));
        if let Some(lambda) = &self.lambda {
            if self.runtime.is_some() || self.code.is_some() || self.handler.is_some() {
                return Err(wrong("`lambda` excludes `runtime`, `handler` and `code`".to_owned()));
            }
            return Ok(Declared::Remote { endpoint: lambda.endpoint.clone() });
        }
        check_name(name).map_err(wrong)?;
        let text = self.runtime.as_deref().ok_or_else(|| wrong("`runtime` is missing".to_owned()))?;
        let runtime = Runtime::parse(text).map_err(|error| wrong(error.0))?;
        let code = self.code.as_ref().ok_or_else(|| wrong("`code` is missing".to_owned()))?;
        let handler = match (&self.handler, &runtime) {
            (Some(handler), _) => handler.clone(),
            (None, Runtime::Provided(_)) => "bootstrap".to_owned(),
            (None, _) => return Err(wrong("`handler` is missing".to_owned())),
        };
        let config = FunctionConfig {
            name: name.to_owned(),
            runtime,
            handler,
            code: folder.join(code),
            environment: self.environment(secret).map_err(wrong)?,
            timeout: Duration::from_secs(self.timeout_seconds().map_err(wrong)?),
            memory_mb: self.memory.unwrap_or(MEMORY_MB_DEFAULT),
            concurrency: self.concurrency.unwrap_or_else(concurrency_default),
        };
        config.check()?;
        Ok(Declared::Local(config))
    }

    fn timeout_seconds(&self) -> Result<u64, String> {
        match &self.timeout {
            None => Ok(TIMEOUT_SECONDS_DEFAULT),
            Some(span) => span.seconds().ok_or_else(|| {
                let Span::Text(text) = span else { return String::new() };
                format!("`{text}` is not a time: expected seconds, or a text such as `30s` or `5m`")
            }),
        }
    }

    fn environment(
        &self,
        secret: &dyn Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut environment = BTreeMap::new();
        for (key, value) in &self.env {
            let value = match value {
                EnvValue::Text(text) => text.clone(),
                EnvValue::Secret { secret: name } => {
                    secret(name).ok_or_else(|| format!("secret `{name}` of variable `{key}` is not set"))?
                }
            };
            environment.insert(key.clone(), value);
        }
        Ok(environment)
    }
}

impl FunctionConfig {
    /// Checks what the fields' types do not.
    ///
    /// # Errors
    /// When a value is out of its range; the text names it.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError(format!("function `{}`: {text}", self.name)));
        if let Err(text) = check_name(&self.name) {
            return wrong(text);
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(TIMEOUT_SECONDS_MAX) {
            return wrong(format!("`timeout` must be between 1 and {TIMEOUT_SECONDS_MAX} seconds"));
        }
        if !(MEMORY_MB_DEFAULT..=MEMORY_MB_MAX).contains(&self.memory_mb) {
            return wrong(format!("`memory` must be between {MEMORY_MB_DEFAULT} and {MEMORY_MB_MAX}"));
        }
        if !(1..=CONCURRENCY_MAX).contains(&self.concurrency) {
            return wrong(format!("`concurrency` must be between 1 and {CONCURRENCY_MAX}"));
        }
        for (key, value) in &self.environment {
            if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
                return wrong(format!("`{key}` cannot be a variable of a process"));
            }
        }
        Ok(())
    }
}

/// Processes of one function when its declaration does not say: two for each core.
pub fn concurrency_default() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get() * 2)
}

fn check_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(allowed) {
        return Err(format!("a name has 1 to {NAME_LENGTH_MAX} letters, digits, `-` and `_`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expected: &str) {
        let table: Result<FunctionTable, _> = toml::from_str(toml);
        let secret = |name: &str| (name == "KNOWN").then(|| "s3cret".to_owned());
        let answer = match table {
            Err(error) => error.message().to_owned(),
            Ok(table) => match table.resolve("charge", Path::new("/app"), &secret) {
                Err(error) => error.to_string(),
                Ok(Declared::Remote { endpoint }) => format!("remote {endpoint}"),
                Ok(Declared::Local(c)) => format!(
                    "{} {} {} {:?} {}s {}MB {}",
                    c.runtime.as_str(),
                    c.handler,
                    c.code.display(),
                    c.environment,
                    c.timeout.as_secs(),
                    c.memory_mb,
                    if c.concurrency == concurrency_default() {
                        "default".to_owned()
                    } else {
                        c.concurrency.to_string()
                    },
                ),
            },
        };
        assert_eq!(answer, expected, "{toml}");
    }

    #[test]
    fn tables_and_what_they_declare() {
        let python = "runtime = 'python3.12'\nhandler = 'app.handler'\ncode = 'src'\n";
        check(python, "python3.12 app.handler /app/src {} 3s 128MB default");
        let full = format!(
            "{python}timeout = '5m'\nmemory = 512\nconcurrency = 7\n[env]\nA = 'b'\nK = {{ secret = 'KNOWN' }}"
        );
        check(&full, "python3.12 app.handler /app/src {\"A\": \"b\", \"K\": \"s3cret\"} 300s 512MB 7");
        check("runtime = 'provided.al2023'\ncode = '/x'", "provided.al2023 bootstrap /x {} 3s 128MB default");
        check("lambda = { endpoint = 'http://localhost:3001' }", "remote http://localhost:3001");
        check(&format!("{python}timeout = 30"), "python3.12 app.handler /app/src {} 30s 128MB default");
    }

    #[test]
    fn tables_that_cannot_be_used_say_why() {
        let python = "runtime = 'python3.12'\nhandler = 'app.handler'\ncode = 'src'\n";
        check("", "function `charge`: `runtime` is missing");
        check("runtime = 'nodejs22.x'\ncode = 'x'", "function `charge`: `handler` is missing");
        check("runtime = 'nodejs22.x'\nhandler = 'a.b'", "function `charge`: `code` is missing");
        check(
            "runtime = 'java21'\nhandler = 'x'\ncode = 'x'",
            "function `charge`: `java21` is not a runtime that can be run here: expected `python3.x`, `nodejsNN.x` or `provided`",
        );
        check(
            &format!("{python}timeout = '3 weeks'"),
            "function `charge`: `3 weeks` is not a time: expected seconds, or a text such as `30s` or `5m`",
        );
        check(
            &format!("{python}timeout = 901"),
            "function `charge`: `timeout` must be between 1 and 900 seconds",
        );
        check(&format!("{python}memory = 64"), "function `charge`: `memory` must be between 128 and 10240");
        check(
            &format!("{python}concurrency = 0"),
            "function `charge`: `concurrency` must be between 1 and 1000",
        );
        check(
            &format!("{python}env = {{ K = {{ secret = 'NOPE' }} }}"),
            "function `charge`: secret `NOPE` of variable `K` is not set",
        );
        check(
            "runtime = 'python3'\nlambda = { endpoint = 'x' }",
            "function `charge`: `lambda` excludes `runtime`, `handler` and `code`",
        );
    }
}
