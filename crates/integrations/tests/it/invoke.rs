//! Lambda tasks from resource and parameters to outcome, on the function host and at an endpoint.

use integrations::lambda::Lambda;
use integrations::router::Connectors;
use task::{Call, Connector, Failure, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use value::{Payload, Value};

use crate::bench::{Bench, python};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const INVOKE: &str = "arn:aws:states:::lambda:invoke";

fn call(resource: &str, parameters: &str) -> Call {
    Call {
        resource: resource.into(),
        parameters: Payload::parse(parameters).unwrap(),
        idempotency_key: "effect-7".into(),
        execution_arn: "arn:aws:states:us-east-1:000000000000:execution:m:e".into(),
        state_name: "Charge".into(),
        timeout: None,
        role_arn: None,
        trace_header: None,
        mock: None,
    }
}

fn lambda(bench: &Bench) -> Connectors {
    Connectors::new().with_lambda(Lambda::new(bench.host.clone(), "us-east-1", "000000000000"))
}

fn echo() -> Bench {
    python(
        "import sys\ndef handler(event, context):\n    print('seen')\n    if event == 'bad':\n        raise ValueError('no')\n    return {'event': event}\n",
    )
}

fn failure(outcome: Outcome) -> (String, String) {
    let Outcome::Failed(Failure { error, cause }) = outcome else { panic!("not failed: {outcome:?}") };
    (error.to_string(), cause.map(|cause| cause.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn a_function_arn_gives_the_result_alone_as_it_was_written() {
    let (bench, input) = (echo(), "{\"a\":  1}");
    let Outcome::Done(result) = lambda(&bench).call(call(ARN, input)).await else { panic!("not done") };
    assert_eq!(&**result.text(), r#"{"event": {"a": 1}}"#);
}

#[tokio::test]
async fn lambda_invoke_gives_the_whole_response() {
    let bench = echo();
    let parameters = r#"{"FunctionName": "f", "Payload": [1], "LogType": "Tail"}"#;
    let Outcome::Done(result) = lambda(&bench).call(call(INVOKE, parameters)).await else {
        panic!("not done")
    };
    let result = result.value();
    let names: Vec<&str> = result.as_object().unwrap().keys().map(|name| &**name).collect();
    let expected =
        ["ExecutedVersion", "LogResult", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"];
    assert_eq!(names, expected);
    assert_eq!(result.get("Payload").unwrap().to_json(), r#"{"event":[1]}"#);
    let headers = result.get("SdkHttpMetadata").unwrap().get("HttpHeaders").unwrap();
    assert_eq!(headers.get("Content-Length"), Some(&Value::from("14")));
    assert_eq!(headers.get("x-amzn-RequestId"), result.get("SdkResponseMetadata").unwrap().get("RequestId"));
}

#[tokio::test]
async fn with_a_token_the_response_is_only_that_of_the_submission() {
    let bench = echo();
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let ok = lambda(&bench).call(call(resource, r#"{"FunctionName": "f", "Payload": 1}"#)).await;
    assert!(matches!(ok, Outcome::AwaitingToken(_)), "{ok:?}");
    let bad = lambda(&bench).call(call(resource, r#"{"FunctionName": "f", "Payload": "\"bad\""}"#)).await;
    assert_eq!(failure(bad).0, "ValueError");
}

#[tokio::test]
async fn a_payload_that_is_a_string_is_the_text_of_the_event() {
    let bench = echo();
    let resource = "arn:aws:states:::lambda:invoke";
    let event = |outcome: Outcome| match outcome {
        Outcome::Done(result) => result.value().get("Payload").map(Value::to_json),
        other => panic!("{other:?}"),
    };
    let given = lambda(&bench).call(call(resource, r#"{"FunctionName": "f", "Payload": "[1]"}"#)).await;
    assert_eq!(event(given).as_deref(), Some(r#"{"event":[1]}"#));
    let (error, cause) =
        failure(lambda(&bench).call(call(resource, r#"{"FunctionName": "f", "Payload": "bob"}"#)).await);
    assert_eq!(error, "Lambda.InvalidRequestContentException");
    assert!(cause.starts_with("Could not parse request body into json: Could not parse payload into json: Unrecognized token 'bob'"), "{cause}");
}

#[tokio::test]
async fn without_waiting_the_function_runs_all_the_same() {
    let bench = echo();
    let parameters = r#"{"FunctionName": "f", "InvocationType": "Event"}"#;
    let Outcome::Done(result) = lambda(&bench).call(call(INVOKE, parameters)).await else {
        panic!("not done")
    };
    assert_eq!(result.value().get("StatusCode"), Some(&Value::from(202)));
    while bench.lines("seen").is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn errors_are_named_after_what_went_wrong() {
    let bench = echo();
    let lambda = lambda(&bench);
    let (error, cause) = failure(lambda.call(call(ARN, "\"bad\"")).await);
    assert_eq!(error, "ValueError");
    assert!(
        cause.starts_with(r#"{"errorMessage": "no", "errorType": "ValueError", "requestId": ""#),
        "{cause}"
    );
    let (error, cause) = failure(lambda.call(call(INVOKE, r#"{"FunctionName": "g:live"}"#)).await);
    assert_eq!(error, "Lambda.ResourceNotFoundException");
    let expected = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g:live. Functions here: f. Declare it as \
                    [functions.g] in stepwell.toml, with runtime, handler and code (Service: AWSLambda; Status Code: 404;";
    assert!(cause.starts_with(expected), "{cause}");
    let (error, cause) = failure(lambda.call(call(INVOKE, "{}")).await);
    assert_eq!(error, "States.Runtime");
    let expected = "An error occurred while scheduling the state 'Charge'. The provided parameters '{}' could not be used to \
                    start the Task: [The field 'FunctionName' is required but was missing]";
    assert_eq!(cause, expected);
    let (error, _) = failure(lambda.call(call("arn:aws:states:::sqs:sendMessage", "{}")).await);
    assert_eq!(error, "States.TaskFailed");
}

/// Answers one request with `answer`; returns what the request was.
async fn serve_once(listener: tokio::net::TcpListener, answer: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut request, mut part) = (String::new(), [0; 1024]);
    while !request.ends_with("}") {
        let count = stream.read(&mut part).await.unwrap();
        request.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    request
}

#[tokio::test]
async fn an_endpoint_serves_what_the_host_does_not() {
    let bench = echo();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connector = Lambda::new(bench.host.clone(), "us-east-1", "0").with_endpoint("*", &url).unwrap();
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx-amzn-requestid: r-9\r\nX-Amz-Executed-Version: 3\r\n\r\n[1]";
    let served = tokio::spawn(serve_once(listener, answer));
    let parameters = r#"{"FunctionName": "g", "Qualifier": "$LATEST", "Payload": {"a":1}}"#;
    let Outcome::Done(result) = connector.call(call(INVOKE, parameters)).await else { panic!("not done") };
    let expected = concat!(
        r#"{"ExecutedVersion":"3","Payload":[1],"SdkHttpMetadata":{"AllHttpHeaders":{"X-Amz-Executed-Version":["3"],"#,
        r#""x-amzn-RequestId":["r-9"],"Content-Length":["3"]},"HttpHeaders":{"Content-Length":"3","#,
        r#""X-Amz-Executed-Version":"3","x-amzn-RequestId":"r-9"},"HttpStatusCode":200},"#,
        r#""SdkResponseMetadata":{"RequestId":"r-9"},"StatusCode":200}"#
    );
    assert_eq!(&**result.text(), expected);
    let request = served.await.unwrap().to_lowercase();
    assert!(
        request.starts_with("post /2015-03-31/functions/g/invocations?qualifier=%24latest http/1.1"),
        "{request}"
    );
    assert!(
        request.contains("x-stepwell-idempotency-key: effect-7") && request.ends_with("{\"a\":1}"),
        "{request}"
    );
    // Its own function is still served by the host, and an endpoint that is gone is an error that retriers know.
    assert!(matches!(connector.call(call(ARN, "1")).await, Outcome::Done(_)));
    let (error, cause) = failure(connector.call(call(INVOKE, parameters)).await);
    assert_eq!(error, "Lambda.SdkClientException");
    assert!(cause.starts_with("Unable to execute HTTP request to http://127.0.0.1:"), "{cause}");
}
