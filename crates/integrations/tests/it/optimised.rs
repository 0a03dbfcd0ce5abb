//! Optimised integrations on the wire: requests as the services want them, results and errors as workflows see them. The server says
//! what the test wants it to say; the real protocol is spoken on both sides.

use aws_client::{Client, Credentials, Provider, Settings};
use integrations::optimised::Optimised;
use task::{Call, Connector, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use value::Payload;

/// What the service answers: status, headers, body.
type Answer<'a> = (&'a str, &'a str, &'a str);

/// The request, with its body, and what came of it.
async fn play(resource: &str, parameters: &str, answer: Answer<'_>) -> (String, Outcome) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connector = connector(&listener.local_addr().unwrap().to_string());
    let (status, headers, body) = answer;
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{body}");
    let served = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        (request, stream)
    };
    let ((request, _stream), outcome) = tokio::join!(served, connector.call(call(resource, parameters)));
    (request, outcome)
}

fn connector(address: &str) -> Optimised {
    let mut settings = Settings::new("eu-west-1");
    settings.endpoint = Some(format!("http://{address}"));
    settings.attempts_max = 1;
    Optimised::new(Client::new(settings, Provider::fixed(Credentials::fixed("AKID", "secret", None))))
}

fn call(resource: &str, parameters: &str) -> Call {
    Call {
        resource: format!("arn:aws:states:::{resource}").into(),
        parameters: Payload::parse(parameters).unwrap(),
        idempotency_key: "key".into(),
        execution_arn: "arn:aws:states:eu-west-1:1:execution:m:e".into(),
        state_name: "State".into(),
        timeout: None,
        role_arn: None,
        trace_header: None,
        mock: None,
    }
}

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

fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(result) => format!("done {}", result.text()),
        Outcome::AwaitingToken(result) => format!("token {}", result.text()),
        Outcome::Failed(failure) => {
            format!("{}: {}", failure.error, failure.cause.as_deref().unwrap_or_default())
        }
        Outcome::Submitted { .. } => panic!("nothing is submitted"),
    }
}

async fn check(resource: &str, parameters: &str, answer: Answer<'_>, body: &str, expected: &str) {
    let (request, outcome) = play(resource, parameters, answer).await;
    let sent = request.split_once("\r\n\r\n").map(|(_, body)| body).unwrap();
    assert_eq!((sent, show(&outcome).as_str()), (body, expected), "{resource} {parameters}");
}

const ID: &str = "x-amzn-RequestId: r";

#[tokio::test]
async fn results_have_the_model_s_names_and_the_metadata() {
    let body = r#"{"MessageId":"i","MD5OfMessageBody":"m","SequenceNumber":"7"}"#;
    let result = concat!(
        r#"{"MD5OfMessageBody":"m","MessageId":"i","SdkHttpMetadata":{"AllHttpHeaders":{"x-amzn-RequestId":["r"],"#,
        r#""Content-Length":["61"]},"HttpHeaders":{"Content-Length":"61","x-amzn-RequestId":"r"},"HttpStatusCode":200},"#,
        r#""SdkResponseMetadata":{"RequestId":"r"},"SequenceNumber":"7"}"#,
    );
    let parameters = r#"{"QueueUrl":"http://q/1/x","MessageBody":{"a":[1]}}"#;
    let sent = r#"{"QueueUrl":"http://q/1/x","MessageBody":"{\"a\":[1]}"}"#;
    check("sqs:sendMessage", parameters, ("200 OK", ID, body), sent, &format!("done {result}")).await;
    let resource = "sqs:sendMessage.waitForTaskToken";
    check(resource, parameters, ("200 OK", ID, body), sent, &format!("token {result}")).await;
}

#[tokio::test]
async fn events_say_where_they_come_from_and_one_refused_fails() {
    let parameters = r#"{"Entries":[{"Source":"s","DetailType":"t","Detail":{"a":1}}]}"#;
    let sent = concat!(
        r#"{"Entries":[{"Source":"s","Resources":["arn:aws:states:eu-west-1:1:stateMachine:m","#,
        r#""arn:aws:states:eu-west-1:1:execution:m:e"],"DetailType":"t","Detail":"{\"a\":1}"}]}"#,
    );
    let taken = r#"{"Entries":[{"EventId":"i"}],"FailedEntryCount":0}"#;
    check("events:putEvents", parameters, ("200 OK", ID, taken), sent, &format!("done {taken}")).await;
    let refused = r#"{"Entries":[{"ErrorCode":"MalformedDetail"}],"FailedEntryCount":1}"#;
    let expected = format!("EventBridge.FailedEntry: {refused}");
    for resource in ["events:putEvents", "events:putEvents.waitForTaskToken"] {
        check(resource, parameters, ("200 OK", ID, refused), sent, &expected).await;
    }
}

#[tokio::test]
async fn errors_have_the_names_and_causes_of_the_older_sdk() {
    let refused = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"Item is missing"}"#;
    check(
        "dynamodb:putItem",
        r#"{"TableName":"t","Item":null}"#,
        ("400 Bad Request", ID, refused),
        r#"{"TableName":"t"}"#,
        "DynamoDB.AmazonDynamoDBException: Item is missing (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \
         ValidationException; Request ID: r; Proxy: null)",
    )
    .await;
    let refused = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#;
    check(
        "dynamodb:deleteItem",
        r#"{"TableName":"t","Key":{"a":{"NULL":true}}}"#,
        ("400 Bad Request", ID, refused),
        r#"{"TableName":"t","Key":{"a":{"NULL":true}}}"#,
        "DynamoDB.ConditionalCheckFailedException: null (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \
         ConditionalCheckFailedException; Request ID: r; Proxy: null)",
    )
    .await;
    let refused = "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error>\
                   <RequestId>r</RequestId></ErrorResponse>";
    check(
        "sns:publish",
        r#"{"TopicArn":"a","Message":1}"#,
        ("404 Not Found", "Content-Type: text/xml", refused),
        "Action=Publish&Version=2010-03-31&TopicArn=a&Message=1",
        "SNS.NotFoundException: Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: r; \
         Proxy: null)",
    )
    .await;
}

#[tokio::test]
async fn a_queue_on_no_host_is_no_answer() {
    let refused = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No queue"}"#;
    let headers = "x-amzn-RequestId: r\r\nx-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender";
    check(
        "sqs:sendMessage",
        r#"{"QueueUrl":"http://no-such-queue.invalid","MessageBody":"b"}"#,
        ("400 Bad Request", headers, refused),
        r#"{"QueueUrl":"http://no-such-queue.invalid","MessageBody":"b"}"#,
        "SQS.SdkClientException: Unable to execute HTTP request: no-such-queue.invalid: Name or service not known",
    )
    .await;
    check(
        "sqs:sendMessage",
        r#"{"QueueUrl":"http://127.0.0.1/1/q","MessageBody":"b"}"#,
        ("400 Bad Request", headers, refused),
        r#"{"QueueUrl":"http://127.0.0.1/1/q","MessageBody":"b"}"#,
        "SQS.QueueDoesNotExistException: No queue (Service: AmazonSQS; Status Code: 400; Error Code: \
         AWS.SimpleQueueService.NonExistentQueue; Request ID: r; Proxy: null)",
    )
    .await;
}

#[tokio::test]
async fn what_is_not_sent_and_what_has_no_answer() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let outcome = connector(&free).call(call("sns:publish", r#"{"Message":"m"}"#)).await;
    let shown = show(&outcome);
    let expected =
        format!("SNS.SdkClientException: Unable to execute HTTP request: Connect to {free} failed: ");
    assert!(shown.starts_with(&expected), "{shown}");
    let outcome = connector(&free).call(call("sqs:sendMessage", r#"{"QueueUrl":"q","Body":"b"}"#)).await;
    let shown = show(&outcome);
    assert!(shown.starts_with("States.Runtime: "), "{shown}");
    assert!(shown.contains("The field 'Body' is not supported by Step Functions"), "{shown}");
    let is_idempotent =
        |resource: &str| connector(&free).is_idempotent(&format!("arn:aws:states:::{resource}"));
    assert_eq!((is_idempotent("dynamodb:getItem"), is_idempotent("sqs:sendMessage")), (true, false));
}
