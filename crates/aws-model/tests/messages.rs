//! Requests and responses: what a workflow gives and gets. The wire forms of all operations are compared with botocore's by
//! `cargo xtask aws-protocols`; here is what is Step Functions' own.

#![expect(clippy::panic, reason = "a test that cannot go on fails")]

use aws_model::{Form, Request, Response, Service, request, response, service};
use value::Value;

fn known(name: &str) -> std::sync::Arc<Service> {
    service(name).unwrap_or_else(|| panic!("no service {name}"))
}

fn make(name: &str, action: &str, parameters: &str) -> Result<Request, String> {
    let service = known(name);
    let operation = service.operation(action).unwrap_or_else(|| panic!("{name}:{action}"));
    let parameters = Value::parse(parameters).unwrap_or_else(|error| panic!("{parameters}: {error}"));
    request(&service, operation, Form::Sdk, &parameters, "token").map_err(|problems| problems.to_string())
}

fn body(name: &str, action: &str, parameters: &str) -> String {
    match make(name, action, parameters) {
        Ok(request) => String::from_utf8_lossy(&request.body).into_owned(),
        Err(text) => text,
    }
}

#[test]
fn parameters_become_what_the_service_wants() {
    let check = |name: &str, action: &str, parameters: &str, expected: &str| {
        assert_eq!(body(name, action, parameters), expected, "{name}:{action} {parameters}");
    };
    // Recorded: an object where the service wants text is its JSON text; `null` is as good as absent.
    check(
        "sfn",
        "startExecution",
        r#"{"StateMachineArn":"arn","Input":{"key":"value"}}"#,
        r#"{"stateMachineArn":"arn","input":"{\"key\":\"value\"}"}"#,
    );
    check(
        "sfn",
        "startExecution",
        r#"{"StateMachineArn":"arn","Input":null}"#,
        r#"{"stateMachineArn":"arn"}"#,
    );
    check("dynamodb", "putItem", r#"{"TableName":"t","Item":null}"#, r#"{"TableName":"t"}"#);
    for (given, sent) in
        [("false", "false"), ("0", "0"), (r#""text""#, r#""text""#), (r#"{"a": [1]}"#, r#"{"a":[1]}"#)]
    {
        check("s3", "putObject", &format!(r#"{{"Bucket":"b","Key":"k","Body":{given}}}"#), sent);
    }
    // Bytes are given as text and sent as Base64 where the protocol wants it.
    check("kms", "encrypt", r#"{"KeyId":"k","Plaintext":"text"}"#, r#"{"KeyId":"k","Plaintext":"dGV4dA=="}"#);
    // Both forms of a name, and the token that is not given.
    let expected = "Action=StartDBInstance&Version=2014-10-31&DBInstanceIdentifier=d";
    check("rds", "startDBInstance", r#"{"DbInstanceIdentifier":"d"}"#, expected);
    check("rds", "startDBInstance", r#"{"DBInstanceIdentifier":"d"}"#, expected);
    check(
        "secretsmanager",
        "createSecret",
        r#"{"Name":"n"}"#,
        r#"{"Name":"n","ClientRequestToken":"token"}"#,
    );
    check(
        "ec2",
        "describeInstances",
        r#"{"Filters":[{"Name":"tag:a","Values":["b c"]}],"InstanceIds":["i-1"]}"#,
        "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&Filter.1.Name=tag%3Aa&Filter.1.Value.1=b%20c",
    );
}

#[test]
fn wrong_parameters_are_told() {
    let check = |name: &str, action: &str, parameters: &str, expected: &str| {
        assert_eq!(
            make(name, action, parameters).err().as_deref(),
            Some(expected),
            "{name}:{action} {parameters}"
        );
    };
    check("sqs", "sendMessage", r#"{"MessageBody":"x"}"#, "The field 'QueueUrl' is required but was missing");
    check(
        "sqs",
        "sendMessage",
        r#"{"QueueUrl":"q","MessageBody":"x","Delay":1}"#,
        "The field 'Delay' is not supported by Step Functions",
    );
    check(
        "sqs",
        "sendMessage",
        r#"{"QueueUrl":"q","MessageBody":"x","DelaySeconds":"soon","MessageAttributes":[]}"#,
        "The value for the field 'DelaySeconds' must be an integer, \
         The value for the field 'MessageAttributes' must be an object",
    );
    check("sqs", "sendMessage", "[]", "The parameters must be a JSON object");
    check(
        "s3",
        "getObject",
        r#"{"Bucket":"","Key":"k"}"#,
        "The value for the field 'Bucket' must not be empty",
    );
    check(
        "dynamodb",
        "putItem",
        r#"{"TableName":"t","Item":{"a":"b"}}"#,
        "The value for the field 'Item' must be an object",
    );
    let deep = format!("{}{}", r#"{"L":["#.repeat(200), r#"]}"#.repeat(200));
    check(
        "dynamodb",
        "putItem",
        &format!(r#"{{"TableName":"t","Item":{{"a":{deep}}}}}"#),
        "The value for the field 'L' is nested deeper than 100 levels",
    );
}

#[test]
fn paths_queries_and_checksums() {
    let put = make(
        "s3",
        "putObject",
        r#"{"Bucket":"b","Key":"a b/ü","Body":{"Dict":"Value"},"Metadata":{"k":"v"}}"#,
    );
    let put = put.unwrap_or_else(|text| panic!("{text}"));
    assert_eq!((&*put.method, &*put.path), ("PUT", "/b/a%20b/%C3%BC"));
    let header = |name: &str| put.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    assert_eq!(header("Content-Type"), Some("text/plain; charset=UTF-8"));
    // Recorded: `ChecksumCRC32` of this body.
    assert_eq!(header("x-amz-checksum-crc32"), Some("hnEfWw=="));
    assert_eq!(header("x-amz-sdk-checksum-algorithm"), Some("CRC32"));
    assert_eq!(header("x-amz-meta-k"), Some("v"));

    let list = make("s3", "listObjectsV2", r#"{"Bucket":"b","MaxKeys":2,"Prefix":"a/b"}"#);
    assert_eq!(
        list.map(|request| request.query_string()),
        Ok("list-type=2&max-keys=2&prefix=a%2Fb".to_owned())
    );
    let acl = make("s3", "getBucketAcl", r#"{"Bucket":"b"}"#);
    assert_eq!(acl.map(|request| request.query_string()), Ok("acl".to_owned()));
    let zone = make("route53", "getHostedZone", r#"{"Id":"/hostedzone/Z1"}"#);
    assert_eq!(zone.map(|request| request.path), Ok("/2013-04-01/hostedzone/Z1".to_owned()));
}

fn answer(name: &str, action: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) -> String {
    let service = known(name);
    let operation = service.operation(action).unwrap_or_else(|| panic!("{name}:{action}"));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = Response { status, headers, body: body.to_vec() };
    match response(&service, operation, Form::Sdk, &answer) {
        Ok(result) => result.to_json(),
        Err(error) => format!("{}: {}", error.name, error.cause(1)),
    }
}

#[test]
fn results_have_the_recorded_form() {
    let headers = [
        ("Accept-Ranges", "bytes"),
        ("Content-Length", "0"),
        ("Content-Type", "binary/octet-stream"),
        ("ETag", "\"d41d8\""),
        ("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("x-amz-server-side-encryption", "AES256"),
        ("X-Amz-Meta-Who", "me"),
    ];
    assert_eq!(
        answer("s3", "getObject", 200, &headers, b""),
        concat!(
            r#"{"AcceptRanges":"bytes","ContentLength":0,"ContentType":"binary/octet-stream","ETag":"\"d41d8\"","#,
            r#""LastModified":"2015-10-21T07:28:00Z","Metadata":{"Who":"me"},"ServerSideEncryption":"AES256","Body":""}"#,
        )
    );
    assert_eq!(answer("s3", "getObject", 200, &[], &[0xff, 0xfe]), r#"{"Metadata":{},"Body":"//4="}"#);
    let check = |name: &str, action: &str, body: &str, expected: &str| {
        assert_eq!(answer(name, action, 200, &[], body.as_bytes()), expected, "{name}:{action}");
    };
    check("dynamodb", "putItem", "{}", "{}");
    check("secretsmanager", "listSecrets", r#"{"SecretList":[]}"#, r#"{"SecretList":[]}"#);
    check(
        "sfn",
        "startExecution",
        r#"{"startDate":1.7000000001E9,"executionArn":"arn"}"#,
        r#"{"ExecutionArn":"arn","StartDate":"2023-11-14T22:13:20.100Z"}"#,
    );
    check(
        "dynamodb",
        "getItem",
        r#"{"Item":{"b":{"BOOL":true},"a":{"SS":["x"]},"n":{"NULL":true},"raw":{"B":"//4="}}}"#,
        r#"{"Item":{"b":{"Bool":true},"a":{"Ss":["x"]},"n":{"Nul":true},"raw":{"B":"//4="}}}"#,
    );
    check(
        "rds",
        "describeDBInstances",
        "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>\
         <DBInstanceStatus>available</DBInstanceStatus><MultiAZ>false</MultiAZ></DBInstance></DBInstances>\
         </DescribeDBInstancesResult></DescribeDBInstancesResponse>",
        r#"{"DbInstances":[{"DbInstanceStatus":"available","MultiAZ":false}]}"#,
    );
    check(
        "s3",
        "getBucketLocation",
        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>",
        r#"{"LocationConstraint":"eu-west-1"}"#,
    );
}

#[test]
fn errors_have_the_recorded_form() {
    let json = |name: &str, action: &str, body: &str, expected: &str| {
        let headers = [("x-amzn-RequestId", "r")];
        assert_eq!(answer(name, action, 400, &headers, body.as_bytes()), expected, "{name}:{action}");
    };
    json(
        "dynamodb",
        "putItem",
        r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error detected"}"#,
        "DynamoDb.DynamoDbException: 1 validation error detected (Service: DynamoDb, Status Code: 400, Request ID: r)",
    );
    json(
        "dynamodb",
        "putItem",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#,
        "DynamoDb.ResourceNotFoundException: Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: r)",
    );
    json(
        "sfn",
        "sendTaskFailure",
        r#"{"__type":"InvalidToken","message":"Invalid Token: 'Invalid token'"}"#,
        "Sfn.InvalidTokenException: Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    );
    let xml = |name: &str, action: &str, body: &str, expected: &str| {
        assert_eq!(answer(name, action, 404, &[], body.as_bytes()), expected, "{name}:{action}");
    };
    xml(
        "rds",
        "startDBInstance",
        "<ErrorResponse><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>no</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>",
        "Rds.DbInstanceNotFoundException: no (Service: Rds, Status Code: 404, Request ID: r) (SDK Attempt Count: 1)",
    );
    xml(
        "ec2",
        "describeInstances",
        "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>",
        "Ec2.Ec2Exception: no (Service: Ec2, Status Code: 404, Request ID: r) (SDK Attempt Count: 1)",
    );
    let headers = [("x-amz-request-id", "r"), ("x-amz-id-2", "e")];
    let body =
        "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
    assert_eq!(
        answer("s3", "listObjects", 404, &headers, body.as_bytes()),
        "S3.NoSuchBucketException: The specified bucket does not exist \
         (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: e)"
    );
    assert_eq!(
        answer("s3", "headObject", 404, &headers, b""),
        "S3.NoSuchKeyException: null (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: e)"
    );
    assert_eq!(
        answer("sqs", "sendMessage", 503, &[], b"<html>busy</html>"),
        "Sqs.SqsException: Service returned HTTP status code 503 (Service: Sqs, Status Code: 503, Request ID: null) \
         (SDK Attempt Count: 1)"
    );
    assert_eq!(
        answer("sqs", "sendMessage", 200, &[], b"<html>"),
        "Sqs.SdkClientException: Unable to unmarshall response (6 bytes) (Service: Sqs, Status Code: 200, Request ID: null) \
         (SDK Attempt Count: 1)"
    );
}
