//! A server on a port of its own over a memory store and a scripted connector, and a client that speaks bytes.

use std::sync::Arc;

use runtime::{Engine, Options};
use serde_json::{Value, json};
use store::MemoryStore;
use task::Connector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The role of every state machine here.
pub const ROLE: &str = "arn:aws:iam::000000000000:role/r";
/// Passes its input on.
pub const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
/// Waits longer than any test.
pub const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3000,"End":true}}}"#;

/// A server that runs.
pub struct Server {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Server {
    /// Starts one whose tasks answer from a script.
    pub async fn start(connector: impl Connector + 'static) -> Server {
        Server::start_with(connector, server::Options::default()).await
    }

    /// As [`Server::start`], with other settings.
    pub async fn start_with(connector: impl Connector + 'static, options: server::Options) -> Server {
        Server::start_on(Arc::new(MemoryStore::new()), connector, options).await
    }

    /// As [`Server::start_with`], on what a store holds already.
    pub async fn start_on(
        store: Arc<MemoryStore>,
        connector: impl Connector + 'static,
        options: server::Options,
    ) -> Server {
        let engine = Engine::open(store, Arc::new(connector), Options::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server::serve(listener, engine, options, async {
            let _ = stopped.await;
        }));
        Server { port, stop: Some(stop), serving }
    }

    /// A connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Tells it to end.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        self.serving.await.unwrap().unwrap();
    }

    /// Calls an operation: the status and the body.
    pub async fn call(&self, operation: &str, body: Value) -> (u16, Value) {
        let mut stream = self.connect().await;
        stream.write_all(request(operation, &body.to_string()).as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await.unwrap();
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    /// Calls an operation that must succeed.
    #[track_caller]
    pub fn ok(&self, operation: &'static str, body: Value) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let (status, answer) = self.call(operation, body).await;
            assert_eq!(status, 200, "{operation} at {caller}: {answer}");
            answer
        }
    }

    /// Calls an operation that must fail, and says how: code and message.
    pub async fn refused(&self, operation: &str, body: Value) -> (String, String) {
        let (status, answer) = self.call(operation, body).await;
        assert_eq!(status, 400, "{operation}: {answer}");
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        (text("__type"), text("message"))
    }

    /// Creates a state machine and gives its ARN.
    pub async fn machine(&self, name: &str, definition: &str, kind: &str) -> String {
        let body = json!({"name": name, "definition": definition, "roleArn": ROLE, "type": kind});
        self.ok("CreateStateMachine", body).await["stateMachineArn"].as_str().unwrap().to_owned()
    }

    /// Starts an execution and gives its ARN.
    pub async fn execution(&self, machine: &str, input: &str) -> String {
        let body = json!({"stateMachineArn": machine, "input": input});
        self.ok("StartExecution", body).await["executionArn"].as_str().unwrap().to_owned()
    }

    /// Waits until an execution has ended, and describes it.
    pub async fn finished(&self, arn: &str) -> Value {
        loop {
            let found = self.ok("DescribeExecution", json!({"executionArn": arn})).await;
            if found["status"] != "RUNNING" {
                return found;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// A request of an operation as bytes.
pub fn request(operation: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: sync-anything.example\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one answer, or `None` when the connection ends first.
pub async fn read_answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: "))?.trim().parse().ok()?;
    let mut body = bytes.split_off(end);
    // A pipelined answer that follows stays unread: these tests read the last one of a connection.
    while body.len() < length {
        if stream.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    Some(Answer { status, head, body: String::from_utf8(body).unwrap() })
}
