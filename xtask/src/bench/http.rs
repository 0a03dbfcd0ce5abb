//! A load generator: blocking HTTP/1.1 over kept connections, one thread each, as fast as the answers come.
//! Just enough of HTTP for a server of ours (`content-length`, no chunks, no redirects); not a client for anything else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::shell::Result;

/// One kept connection.
pub struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
    request: Vec<u8>,
}

/// What a load achieved.
pub struct Rate {
    /// Answers with status 200.
    pub answers: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Time of one request, sorted.
    times: Vec<Duration>,
}

impl Rate {
    /// Answers a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }

    /// The time below which that share of the answers came, in milliseconds.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let index = (self.times.len() as f64 * share) as usize;
        self.times
            .get(index.min(self.times.len().saturating_sub(1)))
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

impl Connection {
    /// Connects to `127.0.0.1:PORT`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(host: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).map_err(|error| format!("connecting to {host}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { reader: BufReader::new(stream), host: host.to_owned(), request: Vec::new() })
    }

    /// Calls an operation of the API and returns the body of its answer.
    ///
    /// # Errors
    /// When the connection breaks or the status is not 200.
    pub fn call(&mut self, operation: &str, body: &str) -> Result<String> {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: AWSStepFunctions.{operation}\r\n\
             content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        self.exchange(&head, body)
    }

    /// Gets a path.
    ///
    /// # Errors
    /// As [`Connection::call`].
    pub fn get(&mut self, path: &str) -> Result<String> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        self.exchange(&head, "")
    }

    fn exchange(&mut self, head: &str, body: &str) -> Result<String> {
        self.request.clear();
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body.as_bytes());
        let failed = |error: std::io::Error| format!("talking to the server: {error}");
        self.reader.get_mut().write_all(&self.request).map_err(failed)?;
        let mut line = String::new();
        self.reader.read_line(&mut line).map_err(failed)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line).map_err(failed)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| format!("bad header `{header}`"))?;
            }
        }
        let mut text = vec![0; length];
        self.reader.read_exact(&mut text).map_err(failed)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        if status == "200" { Ok(text) } else { Err(format!("status {status}: {text}")) }
    }
}

/// When a load ends.
#[derive(Clone, Copy)]
pub enum Until {
    /// After this time.
    Time(Duration),
    /// After this many requests of all connections together.
    Count(usize),
}

/// Lets `connections` threads call `request` with their connection and a number that no other call has.
///
/// # Errors
/// The first failed request.
pub fn load(
    host: &str,
    connections: usize,
    until: Until,
    request: impl Fn(&mut Connection, usize) -> Result<String> + Sync,
) -> Result<Rate> {
    let started = Instant::now();
    let one = |index: usize| -> Result<Vec<Duration>> {
        let mut connection = Connection::open(host)?;
        let mut times = Vec::new();
        for number in (index..).step_by(connections) {
            let begun = Instant::now();
            let over = match until {
                Until::Time(time) => begun - started >= time,
                Until::Count(count) => number >= count,
            };
            if over {
                break;
            }
            request(&mut connection, number)?;
            times.push(begun.elapsed());
        }
        Ok(times)
    };
    let results: Vec<Result<Vec<Duration>>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..connections).map(|index| scope.spawn(move || one(index))).collect();
        let joined = handles.into_iter().map(|handle| handle.join());
        joined.map(|result| result.unwrap_or_else(|_| Err("a load thread panicked".to_owned()))).collect()
    });
    let elapsed = started.elapsed();
    let mut times = Vec::new();
    for result in results {
        times.extend(result?);
    }
    times.sort_unstable();
    Ok(Rate { answers: times.len(), elapsed, times })
}
