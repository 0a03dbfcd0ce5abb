//! The stage `sdk`: the AWS SDKs for JavaScript and for Rust, unmodified, against the release binary. Their tests are in `tests/sdk`;
//! here is only their environment. The Rust project is not in the workspace, for its build is heavy: 70 s of processor
//! time when it is cold, nothing afterwards, in `target/sdk-rust`. boto3 and the AWS CLI have their own stage, `clients`.

use std::path::Path;
use std::process::Command;

use crate::ci::Outcome;
use crate::server::{self, Listener};
use crate::shell::{self, Result};

/// Starts a server and lets both SDKs' tests loose on it.
///
/// # Errors
/// When a package cannot be had, or a test fails.
pub fn run(root: &Path) -> Result<Outcome> {
    let folder = root.join("tests/sdk");
    let scratch = server::scratch(root, "sdk")?;
    let port = server::free_port()?;
    let mut serve = Command::new(server::binary(root)?);
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(scratch.join("data"));
    serve.arg("--config").arg(folder.join("stepwell.toml"));
    let server = Listener::start(serve, port, &scratch.join("stepwell.log"))?;
    javascript(&folder.join("js"), &server.url())?;
    rust(root, &folder.join("rust"), &server.url())?;
    Ok(Outcome::Passed)
}

fn javascript(folder: &Path, endpoint: &str) -> Result<()> {
    shell::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    shell::run(Command::new("npm").arg("test").env("STEPWELL_ENDPOINT", endpoint).current_dir(folder))
}

fn rust(root: &Path, folder: &Path, endpoint: &str) -> Result<()> {
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(args).env("STEPWELL_ENDPOINT", endpoint).current_dir(folder);
        shell::run(cargo.env("CARGO_TARGET_DIR", root.join("target/sdk-rust")))
    };
    cargo(&["fmt", "--check"])?;
    cargo(&["test", "--locked", "--quiet"])
}
