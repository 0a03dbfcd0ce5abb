//! A PostgreSQL server for tests: the one that `STEPWELL_TEST_POSTGRES` names, or a private one in a temporary folder,
//! never a service of the machine. Shared by the tests of this crate; no test itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "part of tests")]
#![allow(dead_code, reason = "not every test needs all of it")]

use std::fmt::Display;
use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// A server, stopped when it is dropped if it is a private one.
pub struct Server {
    pub url: String,
    private: Option<(Child, TempDir, PathBuf)>,
}

impl Server {
    /// `None`, with a line that says why, when there is no server to be had.
    pub fn start() -> Option<Server> {
        if let Ok(url) = std::env::var("STEPWELL_TEST_POSTGRES") {
            return Some(Server { url, private: None });
        }
        Server::private("and STEPWELL_TEST_POSTGRES is not set")
    }

    /// A private one, whatever the variable says.
    pub fn private(also: &str) -> Option<Server> {
        let programs = programs();
        if programs.is_none() {
            println!("skipped: no PostgreSQL is installed (`apt-get install postgresql`) {also}");
        }
        programs.map(|programs| private(programs, |_| Vec::new()))
    }

    /// A private one with a certificate for `localhost`, by TCP, and the file with the root certificate.
    pub fn with_certificate() -> Option<(Server, PathBuf)> {
        let Some(programs) = programs() else {
            println!(
                "skipped: no PostgreSQL is installed (`apt-get install postgresql`) for the test of encryption"
            );
            return None;
        };
        // Free a moment ago; PostgreSQL cannot choose one by itself.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = private(programs, |folder| {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            let (certificate, key) = (folder.join("certificate"), folder.join("key"));
            fs::write(&certificate, made.cert.pem()).unwrap();
            fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                assert!(Command::new("chown").arg("postgres").arg(&key).status().unwrap().success());
            }
            let setting = |name: &str, value: &dyn Display| ["-c".to_owned(), format!("{name}={value}")];
            [
                setting("ssl", &"on"),
                setting("ssl_cert_file", &certificate.display()),
                setting("ssl_key_file", &key.display()),
                setting("listen_addresses", &"127.0.0.1"),
                setting("port", &port),
            ]
            .concat()
        });
        server.url = format!("host=localhost port={port} user=postgres dbname=postgres");
        let certificate = server.folder()?.join("certificate");
        Some((server, certificate))
    }

    /// The folder of a private server's socket.
    pub fn folder(&self) -> Option<&Path> {
        self.private.as_ref().map(|(_, folder, _)| folder.path())
    }

    /// A schema name that no other test of this run has, nor one of another run.
    pub fn schema() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((mut child, folder, programs)) = self.private.take() {
            let mut stop = as_user(programs.join("pg_ctl"));
            stop.args(["stop", "-m", "immediate", "-D"]).arg(folder.path().join("data"));
            let stopped = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !stopped.is_ok_and(|status| status.success()) {
                _ = child.kill();
            }
            _ = child.wait();
        }
    }
}

/// The newest installed version's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let newest = versions.max_by_key(|path| path.file_name()?.to_str()?.parse::<u32>().ok())?.join("bin");
    newest.join("initdb").exists().then_some(newest)
}

fn private(programs: PathBuf, settings: impl FnOnce(&Path) -> Vec<String>) -> Server {
    let folder = TempDir::new().unwrap();
    if is_root() {
        let status = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
        assert!(status.success(), "cannot give the folder to the user postgres");
    }
    let data = folder.path().join("data");
    let mut init = as_user(programs.join("initdb"));
    init.args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
        .arg(&data);
    let init = init.output().unwrap();
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let log = File::create(folder.path().join("log")).unwrap();
    // Only a socket in the folder: no port that somebody else may have or want.
    let mut server = as_user(programs.join("postgres"));
    server.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-h", "", "-c", "fsync=off"]);
    server.args(settings(folder.path()));
    let child = server.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let url = format!("host={} user=postgres dbname=postgres", folder.path().display());
    wait(&programs, folder.path());
    Server { url, private: Some((child, folder, programs)) }
}

fn wait(programs: &Path, folder: &Path) {
    for _ in 0..600 {
        let mut ready = Command::new(programs.join("pg_isready"));
        ready.arg("-q").arg("-h").arg(folder).args(["-p", &port(folder)]);
        if ready.status().is_ok_and(|status| status.success()) {
            return;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("PostgreSQL did not start: {}", fs::read_to_string(folder.join("log")).unwrap_or_default());
}

/// The number in its socket's name.
fn port(folder: &Path) -> String {
    let names = fs::read_dir(folder).unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut ports =
        names.filter_map(|name| Some(name.strip_prefix(".s.PGSQL.")?.parse::<u16>().ok()?.to_string()));
    ports.next().unwrap_or_default()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// PostgreSQL refuses to be run by root.
fn as_user(program: PathBuf) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}
