//! A private PostgreSQL cluster for the store's tests: `initdb` into a temporary folder, on a free port of the loopback address,
//! stopped and removed when dropped. Never a cluster of the machine, running or not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::ci::Outcome;
use crate::debian;
use crate::server::free_port;
use crate::shell::{self, Result};

/// The variable that tells `cargo test -p store-postgres` which database it may fill.
const ADDRESS: &str = "STEPWELL_TEST_POSTGRES";

/// Runs the tests of `store-postgres` against a cluster of its own.
///
/// # Errors
/// When there is no PostgreSQL, or a test fails.
pub fn run(root: &Path) -> Result<Outcome> {
    let cluster = Cluster::start()?;
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked", "--package", "store-postgres"]).current_dir(root);
    shell::run(cargo.env(ADDRESS, cluster.address()))?;
    Ok(Outcome::Passed)
}

/// A running cluster.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster. As root it runs as the user `postgres`, for PostgreSQL refuses root.
    ///
    /// # Errors
    /// When PostgreSQL is not there and cannot be installed, or does not start.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("stepwell-postgres-{}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| shell::error("removing", &folder, &error))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| shell::error("creating", &folder, &error))?;
        let cluster = Self { programs, folder, port: free_port()? };
        if debian::is_root()? {
            shell::run(Command::new("chown").arg("postgres").arg(&cluster.folder))?;
        }
        let data = cluster.folder.join("data");
        let mut initdb = cluster.program("initdb")?;
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
        ]);
        shell::run(initdb.arg(&data).stdout(Stdio::null()))?;
        // Nothing of this cluster outlives the tests, so it need not survive a power cut.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off -c max_connections=200",
            cluster.port,
            cluster.folder.display()
        );
        let mut start = cluster.program("pg_ctl")?;
        start
            .args(["start", "--wait", "--silent", "--log"])
            .arg(cluster.folder.join("log"))
            .arg("--pgdata")
            .arg(&data);
        shell::run(start.args(["--options", &options]).stdout(Stdio::null()))?;
        Ok(cluster)
    }

    /// Its address as libpq's keywords, to which a test may add its own.
    #[must_use]
    pub fn address(&self) -> String {
        format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port)
    }

    fn program(&self, name: &str) -> Result<Command> {
        let program = self.programs.join(name);
        let mut command = if debian::is_root()? {
            let mut command = Command::new("runuser");
            command.args(["--user", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut stop) = self.program("pg_ctl") {
            stop.args(["stop", "--wait", "--silent", "--mode=immediate", "--pgdata"])
                .arg(self.folder.join("data"));
            let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder with `initdb` and `pg_ctl`. On a Debian machine where we are root, a missing PostgreSQL is installed, without the
/// cluster that Debian would start.
fn programs() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !debian::can_install()? {
        return Err(
            "there is no PostgreSQL here: install its server programs (`initdb`, `pg_ctl`)".to_owned()
        );
    }
    let settings = Path::new("/etc/postgresql-common");
    std::fs::create_dir_all(settings).map_err(|error| shell::error("creating", settings, &error))?;
    let file = settings.join("createcluster.conf");
    std::fs::write(&file, "create_main_cluster = false\n")
        .map_err(|error| shell::error("writing", &file, &error))?;
    debian::install("postgresql")?;
    find().ok_or_else(|| "PostgreSQL was installed, but its programs are not to be found".to_owned())
}

fn find() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    debian.sort();
    on_path.or_else(|| debian.pop())
}
