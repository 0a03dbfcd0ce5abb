//! HTTP and AWS JSON as clients speak them, rightly and wrongly.

use std::time::Duration;

use serde_json::{Value, json};
use task::ScriptedConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{PASS, Server, WAIT, read_answer, request};

async fn send(server: &Server, bytes: &[u8]) -> crate::harness::Answer {
    let mut stream = server.connect().await;
    stream.write_all(bytes).await.unwrap();
    read_answer(&mut stream).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused() {
    let server = Server::start(ScriptedConnector::new()).await;
    let post = |target: &str, body: &str| {
        format!("POST / HTTP/1.1\r\nHost: x\r\n{target}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let deep = "[".repeat(100_000);
    let cases = [
        (request("ListStateMachines", "{"), 400, "SerializationException"),
        (request("ListStateMachines", "[]"), 400, "SerializationException"),
        (request("ListStateMachines", &deep), 400, "SerializationException"),
        (request("ListStateMachines", r#"{"maxResults":"1"}"#), 400, "SerializationException"),
        (request("StartExecution", "{}"), 400, "ValidationException"),
        (request("TestState", r#"{"definition":"{}"}"#), 400, "InvalidDefinition"),
        (request("NoSuchOperation", "{}"), 400, "UnknownOperationException"),
        (post("", "{}"), 400, "UnknownOperationException"),
        (post("X-Amz-Target: DynamoDB_20120810.ListTables\r\n", "{}"), 400, "UnknownOperationException"),
        ("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 404, "UnknownOperationException"),
        (
            "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".to_owned(),
            404,
            "UnknownOperationException",
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n\
             Content-Length: 99999999999\r\n\r\n"
                .to_owned(),
            413,
            "RequestEntityTooLargeException",
        ),
    ];
    for (bytes, status, code) in cases {
        let answer = send(&server, bytes.as_bytes()).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &body["__type"]), (status, &json!(code)), "{bytes:.120}");
        assert!(answer.head.contains("content-type: application/x-amz-json-1.0"), "{}", answer.head);
        assert!(answer.head.contains("x-amzn-requestid: "), "{}", answer.head);
    }
    // It still works.
    server.ok("ListStateMachines", json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_probes_are_answered() {
    let server = Server::start(ScriptedConnector::new()).await;
    let health = send(&server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ready\n"));
    let greeting = send(&server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(greeting.status == 200 && greeting.body.contains("Stepwell"), "{greeting:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_serves_many_requests_and_chunks() {
    let server = Server::start(ScriptedConnector::new()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(request("ListStateMachines", "").as_bytes()).await.unwrap();
        assert_eq!(read_answer(&mut stream).await.unwrap().status, 200);
    }
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n\
         Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n11\r\n\"maxResults\": 12}\r\n0\r\n\r\n";
    stream.write_all(chunked.as_bytes()).await.unwrap();
    assert_eq!(read_answer(&mut stream).await.unwrap().body, r#"{"stateMachines":[]}"#);
    // Two at once: both are answered.
    let two = request("ListStateMachines", "{}").repeat(2);
    stream.write_all(two.as_bytes()).await.unwrap();
    let mut answers = String::new();
    while answers.matches(r#"{"stateMachines":[]}"#).count() < 2 {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "{answers}");
        answers.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_is_left() {
    let patience = Duration::from_millis(50);
    let options =
        server::Options { header_timeout: patience, body_timeout: patience, ..server::Options::default() };
    let server = Server::start_with(ScriptedConnector::new(), options).await;
    let mut in_head = server.connect().await;
    in_head.write_all(b"POST / HTTP/1.1\r\nHost:").await.unwrap();
    let mut in_body = server.connect().await;
    let whole = request("ListStateMachines", "{}");
    in_body.write_all(&whole.as_bytes()[..whole.len() - 1]).await.unwrap();
    assert_eq!(read_answer(&mut in_body).await.unwrap().status, 408);
    for mut stream in [in_head, in_body] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
    server.ok("ListStateMachines", json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_wait() {
    let options = server::Options { max_connections: 1, ..server::Options::default() };
    let server = Server::start_with(ScriptedConnector::new(), options).await;
    let mut first = server.connect().await;
    first.write_all(request("ListStateMachines", "{}").as_bytes()).await.unwrap();
    assert_eq!(read_answer(&mut first).await.unwrap().status, 200);
    let mut second = server.connect().await;
    second.write_all(request("ListStateMachines", "{}").as_bytes()).await.unwrap();
    drop(first);
    assert_eq!(read_answer(&mut second).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_ends_after_its_requests() {
    let mut server = Server::start(ScriptedConnector::new()).await;
    let wait = WAIT.replace("3000", "1");
    let machine = server.machine("x", &wait, "EXPRESS").await;
    let idle = server.connect().await;
    let mut busy = server.connect().await;
    let body = json!({"stateMachineArn": machine}).to_string();
    busy.write_all(request("StartSyncExecution", &body).as_bytes()).await.unwrap();
    // The answer to the request that was sent before the end comes after it.
    server.ok("ListStateMachines", json!({})).await;
    server.stop();
    let answer = read_answer(&mut busy).await.unwrap();
    assert!(answer.body.contains("SUCCEEDED"), "{answer:?}");
    server.ended().await;
    drop(idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_of_the_greatest_size_fits() {
    let server = Server::start(ScriptedConnector::new()).await;
    let pad = 1_048_576 - PASS.len() - r#""Comment":"","#.len();
    let comment = format!(r#"{{"Comment":"{}","#, "x".repeat(pad));
    let definition = PASS.replacen('{', &comment, 1);
    assert_eq!(definition.len(), 1_048_576);
    server.machine("m", &definition, "STANDARD").await;
    let more = definition.replacen("xx", "xxx", 1);
    let body = json!({"name": "n", "definition": more, "roleArn": crate::harness::ROLE});
    assert_eq!(server.refused("CreateStateMachine", body).await.0, "ValidationException");
}
