//! Calls against a server that says what the test wants: what is tried again and what is not, who signs, where it goes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_client::{Call, CallError, Client, Credentials, Provider, Settings};
use aws_model::Form;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use value::Value;

/// Answers one request a connection, in order; an empty answer closes the connection.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: Vec<String>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Server { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new("eu-west-1");
        settings.endpoint = Some(self.url.clone());
        settings.retry_pause = Duration::ZERO;
        settings
    }

    fn client(&self) -> Client {
        Client::new(self.settings(), Provider::fixed(Credentials::fixed("AKID", "secret", None)))
    }
}

/// A request with its body, which all of ours give the length of.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let length = stream.read(&mut buffer).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let wanted = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length == 0 || body.len() >= wanted.map_or(0, |text| text.parse().unwrap()) {
            return text;
        }
    }
}

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nx-amzn-requestid: r\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn call(client: &Client, name: &str, action: &str, parameters: &str, role: Option<&str>) -> String {
    let service = aws_model::service(name).unwrap();
    let operation = service.operation(action).unwrap_or_else(|| panic!("{name}:{action}"));
    let parameters = Value::parse(parameters).unwrap();
    let call = Call {
        service: &service,
        operation,
        parameters: &parameters,
        form: Form::Sdk,
        token: "token",
        role_arn: role,
        trace_header: Some("Root=1"),
    };
    match client.call(&call).await {
        Ok(answer) => answer.result.to_json(),
        Err(CallError::Service { error, attempts, .. }) => format!("{} after {attempts}", error.name),
        Err(CallError::Unsent { attempts, reason }) => format!("unsent after {attempts}: {reason}"),
        Err(CallError::Unanswered { attempts, .. }) => format!("unanswered after {attempts}"),
        Err(CallError::Parameters(problems)) => problems.to_string(),
    }
}

const PUT: (&str, &str) = ("putItem", r#"{"TableName":"t","Item":{"a":{"S":"b"}}}"#);
const GET: (&str, &str) = ("getItem", r#"{"TableName":"t","Key":{"a":{"S":"b"}}}"#);

#[tokio::test]
async fn what_is_tried_again() {
    let throttled = || json("400 Bad Request", r#"{"__type":"x#ThrottlingException","message":"slower"}"#);
    let broken = || json("500 Oops", r#"{"__type":"InternalServerError"}"#);
    let refused = || json("400 Bad Request", r#"{"__type":"x#ValidationException"}"#);
    let fine = || json("200 OK", "{}");
    let cut = String::new;
    for (what, answers, expected) in [
        // Too often: the service did nothing.
        (PUT, vec![throttled(), throttled(), fine()], "{}"),
        (PUT, vec![throttled(), throttled(), throttled(), fine()], "DynamoDb.ThrottlingException after 3"),
        // Nobody knows whether it did something: only what may be repeated is.
        (PUT, vec![broken(), fine()], "DynamoDb.InternalServerErrorException after 1"),
        (GET, vec![broken(), fine()], "{}"),
        (PUT, vec![cut(), fine()], "unanswered after 1"),
        (GET, vec![cut(), cut(), fine()], "{}"),
        (GET, vec![cut(), cut(), cut(), fine()], "unanswered after 3"),
        // It said no.
        (GET, vec![refused(), fine()], "DynamoDb.DynamoDbException after 1"),
    ] {
        let server = Server::start(answers.clone()).await;
        let found = call(&server.client(), "dynamodb", what.0, what.1, None).await;
        assert_eq!(found, expected, "{} {answers:?}", what.0);
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again_whatever_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut settings = Settings::new("eu-west-1");
    settings.endpoint = Some(format!("http://{address}"));
    settings.retry_pause = Duration::ZERO;
    let client = Client::new(settings, Provider::fixed(Credentials::fixed("A", "s", None)));
    let found = call(&client, "dynamodb", PUT.0, PUT.1, None).await;
    assert!(found.starts_with(&format!("unsent after 3: Connect to {address} failed: ")), "{found}");
}

#[tokio::test]
async fn a_request_is_signed_for_service_and_region() {
    let server = Server::start(vec![json("200 OK", "{}")]).await;
    assert_eq!(call(&server.client(), "dynamodb", PUT.0, PUT.1, None).await, "{}");
    let request = &server.requests()[0];
    for part in [
        "POST / HTTP/1.1\r\n",
        "authorization: AWS4-HMAC-SHA256 Credential=AKID/",
        "/eu-west-1/dynamodb/aws4_request, SignedHeaders=",
        "x-amzn-trace-id: Root=1\r\n",
        "x-amz-target: DynamoDB_20120810.PutItem\r\n",
        r#"{"TableName":"t","Item":{"a":{"S":"b"}}}"#,
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn wherever_nobody_looks_at_credentials_some_are_made_up() {
    let server = Server::start(vec![json("200 OK", "{}")]).await;
    let nothing =
        Provider::from_environment(&|name| (name == "AWS_EC2_METADATA_DISABLED").then(|| "true".into()));
    let client = Client::new(server.settings(), nothing.clone());
    assert_eq!(call(&client, "dynamodb", PUT.0, PUT.1, None).await, "{}");
    assert!(server.requests()[0].contains("Credential=000000000000/"));
    // AWS itself does look.
    let client = Client::new(Settings::new("eu-west-1"), nothing);
    let found = call(&client, "dynamodb", PUT.0, PUT.1, None).await;
    assert!(found.starts_with("unsent after 1: no AWS credentials were found"), "{found}");
}

#[tokio::test]
async fn a_role_is_assumed_once_and_signs() {
    let assumed = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>session</SessionToken>\
         <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let answers = vec![json("200 OK", assumed), json("200 OK", "{}"), json("200 OK", "{}")];
    let server = Server::start(answers).await;
    let client = server.client();
    for _ in 0..2 {
        assert_eq!(call(&client, "dynamodb", GET.0, GET.1, Some("arn:aws:iam::1:role/r")).await, "{}");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[0].contains("Action=AssumeRole&") && requests[0].contains("Credential=AKID/"));
    for request in &requests[1..] {
        assert!(request.contains("Credential=ROLE/") && request.contains("x-amz-security-token: session"));
    }
}

#[tokio::test]
async fn what_cannot_be_called_says_why() {
    let client = Client::new(Settings::new("eu-west-1"), Provider::fixed(Credentials::fixed("A", "s", None)));
    let found = call(&client, "cloudfrontkeyvaluestore", "listKeys", r#"{"KvsARN":"a"}"#, None).await;
    assert_eq!(
        found,
        "unsent after 1: there is no known address of `cloudfrontkeyvaluestore` in `eu-west-1`: \
         set AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE"
    );
    let found = call(&client, "simpledb", "listDomains", "{}", None).await;
    assert_eq!(
        found,
        "unsent after 1: `simpledb` wants signatures of the form `v2`, which are not supported"
    );
    assert_eq!(
        call(&client, "dynamodb", "putItem", r#"{"TableName":"t"}"#, None).await,
        "The field 'Item' is required but was missing"
    );
}
