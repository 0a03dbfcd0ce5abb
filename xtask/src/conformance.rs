//! The conformance stage: a runner that plays recorded programs of API calls and compares each answer with the service's.
//! The recordings are not part of this repository: the stage looks for `../shared/conformance`, or where the variable
//! `STEPWELL_CONFORMANCE` says, and is skipped without them. Beside our server it starts a stand-in for the other AWS services.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::ci::Outcome;
use crate::clients;
use crate::server::{self, Listener};
use crate::shell::{self, Result};
use crate::venv::Venv;

/// What must pass at least, for a set of cases of that size. It may only rise.
const FLOOR: &str = "xtask/conformance.toml";

#[derive(Deserialize)]
struct Floor {
    cases: usize,
    passed: usize,
}

/// How one case ended, as the runner reports it.
#[derive(Deserialize)]
struct Case {
    id: String,
    status: String,
}

/// The stage: everything, compared with the floor.
///
/// # Errors
/// When fewer cases pass than did.
pub fn stage(root: &Path) -> Result<Outcome> {
    let Some(folder) = folder(root) else {
        return Ok(Outcome::Skipped("there are no recordings at ../shared/conformance".to_owned()));
    };
    run(root, &folder, &[])
}

/// `cargo xtask conformance`: as the stage, but arguments go to the runner, and with arguments there is no floor.
///
/// # Errors
/// When there are no recordings, and as [`stage`].
pub fn command(root: &Path, args: &[String]) -> Result<()> {
    let folder = folder(root).ok_or("there are no recordings at ../shared/conformance")?;
    run(root, &folder, args).map(|_| ())
}

fn folder(root: &Path) -> Option<PathBuf> {
    let given = std::env::var_os("STEPWELL_CONFORMANCE").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| root.join("../shared/conformance"));
    folder.join("run.py").exists().then_some(folder)
}

fn run(root: &Path, folder: &Path, args: &[String]) -> Result<Outcome> {
    let venv = clients::venv(root)?;
    let scratch = server::scratch(root, "conformance")?;
    let bench = Bench::start(root, folder, &venv, &scratch)?;
    let first = bench.play(&scratch.join("first.json"), args)?;
    if !args.is_empty() {
        return Ok(Outcome::Passed);
    }
    let floor = Floor::read(root)?;
    let mut passed = first.iter().filter(|case| case.status == "pass").count();
    if floor.cases == first.len() && passed < floor.passed {
        // Some cases depend on time: what failed while both cores were busy gets a second chance, alone.
        let failed: Vec<&str> =
            first.iter().filter(|case| failed(case)).map(|case| case.id.as_str()).collect();
        let list = scratch.join("failed.json");
        let text = serde_json::to_string(&failed).map_err(|error| error.to_string())?;
        std::fs::write(&list, text).map_err(|error| shell::error("writing", &list, &error))?;
        let again =
            ["--ids-file".to_owned(), list.display().to_string(), "--jobs".to_owned(), "2".to_owned()];
        let second = bench.play(&scratch.join("second.json"), &again)?;
        passed += second.iter().filter(|case| case.status == "pass").count();
    }
    floor.compare(first.len(), passed)
}

fn failed(case: &Case) -> bool {
    matches!(case.status.as_str(), "fail" | "error")
}

impl Floor {
    fn read(root: &Path) -> Result<Self> {
        let path = root.join(FLOOR);
        let text = std::fs::read_to_string(&path).map_err(|error| shell::error("reading", &path, &error))?;
        toml::from_str(&text).map_err(|error| format!("{FLOOR} does not parse: {error}"))
    }

    fn compare(&self, cases: usize, passed: usize) -> Result<Outcome> {
        println!("conformance: {passed} of {cases} cases pass");
        if self.cases != cases {
            println!(
                "conformance: the floor of {} is for {} cases, so it says nothing here",
                self.passed, self.cases
            );
        } else if passed < self.passed {
            return Err(format!("{passed} cases pass, {} did before", self.passed));
        } else if passed > self.passed {
            println!("conformance: raise the floor in {FLOOR} from {} to {passed}", self.passed);
        }
        Ok(Outcome::Passed)
    }
}

/// What the runner talks to.
struct Bench<'a> {
    runner: PathBuf,
    venv: &'a Venv,
    stepwell: Listener,
    services: Listener,
    functions: Listener,
}

impl<'a> Bench<'a> {
    fn start(root: &Path, folder: &Path, venv: &'a Venv, scratch: &Path) -> Result<Self> {
        let (function_port, service_port, port) =
            (server::free_port()?, server::free_port()?, server::free_port()?);
        let mut host = venv.command("python");
        host.arg(folder.join("lambda_host.py")).args(["--port", &function_port.to_string()]);
        let functions = Listener::start(host, function_port, &scratch.join("functions.log"))?;
        let mut moto = venv.command("moto_server");
        moto.args(["-H", "127.0.0.1", "-p", &service_port.to_string()]);
        let services = Listener::start(moto, service_port, &scratch.join("services.log"))?;
        let mut serve = Command::new(server::binary(root)?);
        serve
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(scratch.join("data"));
        serve.envs(BTreeMap::from([
            ("LAMBDA_ENDPOINT", functions.url()),
            ("AWS_ENDPOINT_URL", services.url()),
            ("SFN_MOCK_CONFIG", mocks(scratch)),
        ]));
        let stepwell = Listener::start(serve, port, &scratch.join("stepwell.log"))?;
        Ok(Self { runner: folder.join("run.py"), venv, stepwell, services, functions })
    }

    /// Plays cases and returns how they ended. The runner's own status only says whether all passed.
    fn play(&self, report: &Path, args: &[String]) -> Result<Vec<Case>> {
        let scratch = report.parent().unwrap_or(report);
        let mut python = self.venv.command("python");
        python.arg(&self.runner).args([
            "--endpoint",
            &self.stepwell.url(),
            "--aws-endpoint",
            &self.services.url(),
        ]);
        python.args([
            "--functions",
            "host",
            "--host-url",
            &self.functions.url(),
            "--jobs",
            "6",
            "--diffs",
            "2",
        ]);
        python.args(["--mock-config-out", &mocks(scratch), "--json"]).arg(report).args(args);
        python
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        python.status().map_err(|error| format!("cannot start the runner: {error}"))?;
        let text =
            std::fs::read_to_string(report).map_err(|error| shell::error("reading", report, &error))?;
        serde_json::from_str(&text).map_err(|error| format!("the runner's report does not parse: {error}"))
    }
}

fn mocks(scratch: &Path) -> String {
    scratch.join("mocks.json").display().to_string()
}
