//! What a function writes: lines with the invocation that they belong to, and the tail that Lambda calls `LogResult`.
//!
//! Lines go to a sink as they come. Nothing is stored here and nothing is parsed: what a line means is the reader's
//! business.

use std::collections::VecDeque;
use std::fmt;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Bytes of output that are kept for `LogResult` (AWS: the last 4 KB).
const TAIL_BYTES_MAX: usize = 4_096;
/// Longest line; a longer one is cut into several.
const LINE_BYTES_MAX: usize = 64 * 1_024;
/// Longest wait for output that was written before an answer and has not been read yet.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// One line that a function wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionLog {
    /// Name of the function.
    pub function: Arc<str>,
    /// The invocation; `None` while the process starts.
    pub request_id: Option<Arc<str>>,
    /// The line, without its end; bytes that are not UTF-8 are replaced.
    pub line: String,
}

/// Takes lines as they come; called on the reader's task, so it must not block.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(FunctionLog) + Send + Sync>);

impl LogSink {
    /// A sink that calls `take` with each line.
    pub fn new(take: impl Fn(FunctionLog) + Send + Sync + 'static) -> LogSink {
        LogSink(Arc::new(take))
    }

    /// A sink that drops everything.
    pub fn none() -> LogSink {
        LogSink::new(|_| ())
    }

    /// Hands over a line.
    pub(crate) fn take(&self, line: FunctionLog) {
        (self.0)(line);
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogSink")
    }
}

/// The output of one process: its two pipes and whom their lines belong to.
#[derive(Debug)]
pub(crate) struct Output {
    shared: Arc<Shared>,
    readers: Vec<Reader>,
}

#[derive(Debug)]
struct Shared {
    function: Arc<str>,
    sink: LogSink,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    request_id: Option<Arc<str>>,
    tail: VecDeque<u8>,
}

#[derive(Debug)]
struct Reader {
    task: JoinHandle<()>,
    drains: mpsc::Sender<oneshot::Sender<()>>,
}

impl Drop for Output {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.task.abort();
        }
    }
}

impl Output {
    /// How the process's streams have to be opened.
    pub(crate) fn stdio() -> Stdio {
        Stdio::piped()
    }

    /// Starts to read.
    pub(crate) fn new(
        function: Arc<str>,
        sink: LogSink,
        out: Option<impl AsyncRead + Unpin + Send + 'static>,
        err: Option<impl AsyncRead + Unpin + Send + 'static>,
    ) -> Output {
        let shared = Arc::new(Shared { function, sink, state: Mutex::default() });
        let readers =
            [out.map(|pipe| Reader::start(pipe, &shared)), err.map(|pipe| Reader::start(pipe, &shared))];
        Output { shared: Arc::clone(&shared), readers: readers.into_iter().flatten().collect() }
    }

    /// From now on lines belong to this invocation, and the tail is its.
    pub(crate) fn begin(&self, request_id: &Arc<str>) {
        let mut state = self.shared.lock();
        state.tail.clear();
        state.request_id = Some(Arc::clone(request_id));
        state.keep(format!("START RequestId: {request_id} Version: $LATEST\n").as_bytes());
    }

    /// Reads what the process has written before now, and returns the tail of the invocation.
    pub(crate) async fn end(&self, request_id: &str, duration: Duration, memory_mb: u32) -> String {
        self.settle().await;
        let mut state = self.shared.lock();
        state.keep(report(request_id, duration, memory_mb).as_bytes());
        String::from_utf8_lossy(state.tail.make_contiguous()).into_owned()
    }

    /// Reads what the process has written before now. Output that never pauses is not waited for.
    pub(crate) async fn settle(&self) {
        let _ = tokio::time::timeout(DRAIN_LIMIT, self.drain()).await;
    }

    async fn drain(&self) {
        for reader in &self.readers {
            let (done, drained) = oneshot::channel();
            // A reader that has ended has read everything.
            if reader.drains.send(done).await.is_ok() {
                let _ = drained.await;
            }
        }
    }
}

fn report(request_id: &str, duration: Duration, memory_mb: u32) -> String {
    let ms = duration.as_secs_f64() * 1_000.0;
    format!(
        "END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {ms:.2} ms\tBilled Duration: {:.0} ms\t\
         Memory Size: {memory_mb} MB\t\n",
        ms.ceil()
    )
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, line: &[u8]) {
        let request_id = {
            let mut state = self.lock();
            if state.request_id.is_some() {
                state.keep(line);
                state.keep(b"\n");
            }
            state.request_id.clone()
        };
        let line = String::from_utf8_lossy(line).into_owned();
        self.sink.take(FunctionLog { function: Arc::clone(&self.function), request_id, line });
    }
}

impl State {
    fn keep(&mut self, bytes: &[u8]) {
        self.tail.extend(&bytes[bytes.len().saturating_sub(TAIL_BYTES_MAX)..]);
        let excess = self.tail.len().saturating_sub(TAIL_BYTES_MAX);
        self.tail.drain(..excess);
    }
}

impl Reader {
    fn start(pipe: impl AsyncRead + Unpin + Send + 'static, shared: &Arc<Shared>) -> Reader {
        let (drains, requests) = mpsc::channel(1);
        Reader { task: tokio::spawn(read(pipe, Arc::clone(shared), requests)), drains }
    }
}

/// Reads until the pipe ends. A drain request is answered as soon as the pipe has nothing to give: the branches are tried
/// in order, and what was written before an answer came is readable before the answer is seen.
async fn read(
    mut pipe: impl AsyncRead + Unpin,
    shared: Arc<Shared>,
    mut drains: mpsc::Receiver<oneshot::Sender<()>>,
) {
    let mut lines = Lines::default();
    let mut buffer = vec![0; 16 * 1_024];
    loop {
        tokio::select! {
            biased;
            count = pipe.read(&mut buffer) => match count {
                Ok(0) | Err(_) => break,
                Ok(count) => lines.push(&buffer[..count], |line| shared.take(line)),
            },
            Some(done) = drains.recv() => {
                lines.flush(|line| shared.take(line));
                let _ = done.send(());
            }
        }
    }
    lines.flush(|line| shared.take(line));
}

/// Cuts bytes into lines.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LINE_BYTES_MAX {
                self.flush(&mut take);
            }
        }
    }

    fn flush(&mut self, mut take: impl FnMut(&[u8])) {
        if self.partial.is_empty() {
            return;
        }
        let line = self.partial.strip_suffix(b"\n").unwrap_or(&self.partial);
        take(line.strip_suffix(b"\r").unwrap_or(line));
        self.partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_the_reads_end() {
        let check = |reads: &[&str], expected: &[&str]| {
            let (mut lines, mut taken) = (Lines::default(), Vec::new());
            let mut take = |line: &[u8]| taken.push(String::from_utf8_lossy(line).into_owned());
            for read in reads {
                lines.push(read.as_bytes(), &mut take);
            }
            lines.flush(&mut take);
            assert_eq!(taken, expected, "{reads:?}");
        };
        check(&["a\nb\n"], &["a", "b"]);
        check(&["a", "b\n", "c"], &["ab", "c"]);
        check(&["a\r\n\n"], &["a", ""]);
        let long = "x".repeat(LINE_BYTES_MAX);
        check(&[&long, "y\n"], &[&long, "y"]);
    }

    #[test]
    fn the_tail_keeps_the_last_bytes() {
        let mut state = State::default();
        state.keep(&vec![b'a'; TAIL_BYTES_MAX * 3]);
        state.keep(b"end");
        assert_eq!(state.tail.len(), TAIL_BYTES_MAX);
        assert!(String::from_utf8_lossy(state.tail.make_contiguous()).ends_with("aend"));
    }
}
