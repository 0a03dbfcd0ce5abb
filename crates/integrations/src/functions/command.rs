//! How a function's process is started: which program, which arguments, which environment.
//!
//! The environment is built from nothing: what AWS sets, a few variables without which programs do not work, and what
//! the function declares. The server's own variables, and so its secrets, do not get through.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::config::{FunctionConfig, Runtime};

/// Runs Python handlers; given to `python -c`.
const PYTHON_SHIM: &str = include_str!("shims/python.py");
/// Runs Node handlers; given to `node -e`.
const NODE_SHIM: &str = include_str!("shims/node.cjs");

/// Variables that are taken over from the server: where programs, home and temporary files are.
const INHERITED: [&str; 5] = ["PATH", "HOME", "TMPDIR", "USER", "SSL_CERT_FILE"];

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// A remark for the log, when what runs is not exactly what was asked for.
    pub remark: Option<String>,
}

/// Finds the program for a function.
///
/// # Errors
/// When there is none; the text is what AWS says where it has a text for the case.
pub(crate) fn launch(config: &FunctionConfig, search: &[PathBuf]) -> Result<Launch, String> {
    match &config.runtime {
        Runtime::Provided(_) => {
            let program = config.code.join("bootstrap");
            if !is_executable(&program) {
                return Err("Couldn't find valid bootstrap(s): [/var/task/bootstrap]".to_owned());
            }
            Ok(Launch { program, arguments: Vec::new(), remark: None })
        }
        Runtime::Python(version) => {
            let (program, remark) = python(&config.code, version, search)?;
            let arguments = ["-u", "-c", PYTHON_SHIM].map(OsString::from).to_vec();
            Ok(Launch { program, arguments, remark })
        }
        Runtime::Node(_) => {
            let program = find("node", search).ok_or("no `node` on the server's PATH")?;
            let arguments = ["-e", NODE_SHIM].map(OsString::from).to_vec();
            Ok(Launch { program, arguments, remark: None })
        }
    }
}

/// The interpreter of a virtual environment beside the code, else the one of that version, else any.
fn python(code: &Path, version: &str, search: &[PathBuf]) -> Result<(PathBuf, Option<String>), String> {
    for folder in [Some(code), code.parent()].into_iter().flatten() {
        let program = folder.join(".venv/bin/python");
        if is_executable(&program) {
            return Ok((program, None));
        }
    }
    if let Some(program) = find(version, search) {
        return Ok((program, None));
    }
    let program =
        find("python3", search).ok_or_else(|| format!("no `{version}` or `python3` on the server's PATH"))?;
    let remark = format!("there is no `{version}` here, using {}", program.display());
    Ok((program, Some(remark)))
}

fn find(name: &str, search: &[PathBuf]) -> Option<PathBuf> {
    search
        .iter()
        .map(|folder| folder.join(name))
        .filter(|program| is_executable(program))
        .find_map(real_program)
}

/// The shim of a version manager (pyenv, asdf) costs a shell at every start and fails for versions that it does not
/// have: it is asked once for the interpreter behind it.
fn real_program(program: PathBuf) -> Option<PathBuf> {
    if !program.parent().is_some_and(|folder| folder.ends_with("shims")) {
        return Some(program);
    }
    let ask = match program.file_name()?.to_str()? {
        "node" => ["-p", "process.execPath"],
        _ => ["-c", "import sys; print(sys.executable)"],
    };
    let output = Command::new(&program).args(ask).stdin(Stdio::null()).output().ok()?;
    let real = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && is_executable(&real)).then_some(real)
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Folders of the server's PATH.
pub(crate) fn search_path() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

/// What every function of a host has in common.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub region: String,
    pub environment: BTreeMap<String, String>,
    pub log_stream: String,
}

/// Of the environment only the names are shown: values may be secrets.
impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Surroundings").field(&self.region).field(&self.environment.keys()).finish()
    }
}

/// All variables of a process.
pub(crate) fn environment(
    config: &FunctionConfig,
    around: &Surroundings,
    api: SocketAddr,
) -> BTreeMap<OsString, OsString> {
    let mut all: BTreeMap<OsString, OsString> = BTreeMap::new();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            all.insert(name.into(), value);
        }
    }
    let mut set = |name: &str, value: &str| {
        all.insert(name.into(), value.into());
    };
    set("LANG", "C.UTF-8");
    set("TZ", ":UTC");
    set("_HANDLER", &config.handler);
    set("LAMBDA_TASK_ROOT", &config.code.to_string_lossy());
    set("LAMBDA_RUNTIME_DIR", "/var/runtime");
    set("AWS_REGION", &around.region);
    set("AWS_DEFAULT_REGION", &around.region);
    set("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", config.runtime.as_str()));
    set("AWS_LAMBDA_FUNCTION_NAME", &config.name);
    set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &config.memory_mb.to_string());
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    set("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", config.name));
    set("AWS_LAMBDA_LOG_STREAM_NAME", &around.log_stream);
    for (name, value) in around.environment.iter().chain(&config.environment) {
        set(name, value);
    }
    // Not to be overridden: without the runtime's address the process can do nothing.
    set("AWS_LAMBDA_RUNTIME_API", &api.to_string());
    all
}
