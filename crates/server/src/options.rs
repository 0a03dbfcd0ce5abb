//! Settings of the server: what a client may take of time, room and connections. Nothing of it changes what an operation means.

use std::path::PathBuf;
use std::time::Duration;

use integrations::mocks::MockSource;

/// Settings of the server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections at a time; more wait to be accepted. 4,096.
    pub max_connections: usize,
    /// How long a request's head may take, and how long a kept connection may be idle. 60 s.
    pub header_timeout: Duration,
    /// How long a request's body may take. 30 s.
    pub body_timeout: Duration,
    /// How long the client may take no byte of an answer. 30 s.
    pub write_timeout: Duration,
    /// How long requests under way may take to end once the server is told to. 30 s.
    pub drain_timeout: Duration,
    /// Greatest body in bytes. 3 MiB: the service's 1 MiB for the largest member, twice again for what JSON escapes.
    pub body_bytes: usize,
    /// Greatest lengths of payloads and definitions.
    pub limits: wire::Limits,
    /// Whether operations can be called only as often as on AWS.
    pub are_rates_limited: bool,
    /// The folder with the console's files; none for those inside of the binary.
    pub console: Option<PathBuf>,
    /// Names, besides loopback names and addresses, under which browsers may reach the console and the API.
    pub allowed_hosts: Vec<String>,
    /// The mock file whose test cases a start may choose. None: a start with a test case names a state machine that is not there.
    pub mocks: Option<MockSource>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_connections: 4096,
            header_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(30),
            body_bytes: 3 * 1024 * 1024,
            limits: wire::Limits::default(),
            are_rates_limited: false,
            console: None,
            allowed_hosts: Vec::new(),
            mocks: None,
        }
    }
}
