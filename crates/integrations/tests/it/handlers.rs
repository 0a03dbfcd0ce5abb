//! What handlers are given and how their results and errors look.

use crate::bench::{bench, python};

#[tokio::test]
async fn python_results_and_errors() {
    async fn check(code: &str, event: &str, expected: &str) {
        assert_eq!(python(code).say(event).await, expected, "{code}");
    }
    check("def handler(event, context):\n    return event\n", r#"{"ä": [1, 2.5]}"#, r#"{"ä": [1, 2.5]}"#)
        .await;
    check("def handler(event, context):\n    return b'\"raw\"'\n", "1", "\"raw\"").await;
    check("import decimal\ndef handler(event, context):\n    return decimal.Decimal('1.5')\n", "1", "1.5")
        .await;
    check(
        "def handler(event, context):\n    raise Exception(\"Some exception was raised.\")\n",
        "null",
        r#"error {"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": "r-1", "stackTrace": ["  File \"/var/task/app.py\", line 2, in handler\n    raise Exception(\"Some exception was raised.\")\n"]}"#,
    )
    .await;
    check(
        "def handler(event, context):\n    return {1, 2}\n",
        "null",
        r#"error {"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "r-1", "stackTrace": []}"#,
    )
    .await;
    check(
        "import nothing_like_that\n",
        "null",
        r#"error {"errorMessage": "Unable to import module 'app': No module named 'nothing_like_that'", "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []}"#,
    )
    .await;
    check(
        "x = 1\n",
        "null",
        r#"error {"errorMessage": "Handler 'handler' missing on module 'app'", "errorType": "Runtime.HandlerNotFound", "requestId": "", "stackTrace": []}"#,
    )
    .await;
}

#[tokio::test]
async fn node_results_and_errors() {
    async fn check(file: &str, code: &str, event: &str, expected: &str) {
        let answer = bench("nodejs22.x", "app.handler", &[(file, code)], |_| ()).say(event).await;
        // Below the function's own frame the stack is Node's and differs between its versions.
        let answer = answer.split("\",\"    at ").next().unwrap_or_default().to_owned();
        assert_eq!(answer, expected, "{code}");
    }
    check("app.js", "exports.handler = async (event) => ({ got: event });", "[1]", r#"{"got":[1]}"#).await;
    check("app.mjs", "export const handler = async (event) => event.a;", r#"{"a":"x"}"#, r#""x""#).await;
    check(
        "app.js",
        "exports.handler = (event, context, done) => done(null, 'called back');",
        "1",
        r#""called back""#,
    )
    .await;
    check("app.cjs", "module.exports.handler = () => { setTimeout(() => 1, 5); };", "1", "null").await;
    check(
        "app.js",
        "exports.handler = async () => { throw new RangeError('too far'); };",
        "1",
        r#"error {"errorType":"RangeError","errorMessage":"too far","trace":["RangeError: too far"#,
    )
    .await;
    check(
        "app.js",
        "exports.handler = (event, context, done) => done('plain');",
        "1",
        r#"error {"errorType":"string","errorMessage":"plain","trace":[]}"#,
    )
    .await;
    check(
        "app.js",
        "exports.other = 1;",
        "1",
        r#"error {"errorType":"Runtime.HandlerNotFound","errorMessage":"app.handler is undefined or not exported","trace":["Runtime.HandlerNotFound: app.handler is undefined or not exported"]}"#,
    )
    .await;
    check(
        "app.js",
        "exports.handler = () => new Promise(() => { Promise.reject(new Error('lost')); setTimeout(() => 1, 2000); });",
        "1",
        r#"error {"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: lost","trace":["Runtime.UnhandledPromiseRejection: Error: lost","Error: lost"#,
    )
    .await;
}

#[tokio::test]
async fn a_handler_sees_what_aws_shows_it() {
    let code = "\
import os
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return [context.aws_request_id, context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,
            context.stepwell_idempotency_key, os.environ['_X_AMZN_TRACE_ID'], 15000 < left <= 20000,
            os.environ['AWS_LAMBDA_FUNCTION_VERSION'], os.environ['SHARED'], os.environ['OWN'],
            os.environ.get('CARGO_MANIFEST_DIR')]
";
    let bench = bench("python3", "app.handler", &[("app.py", code)], |config| {
        config.environment.insert("OWN".to_owned(), "mine".to_owned());
    });
    let expected = r#"["r-1", "f", "512", "arn:aws:lambda:us-east-1:000000000000:function:f", "effect-7", "Root=1-2-3", true, "$LATEST", "all", "mine", null]"#;
    assert_eq!(bench.say("1").await, expected);
}

#[tokio::test]
async fn a_node_handler_sees_the_same() {
    let code = "exports.handler = async (event, c) => [c.awsRequestId, c.functionName, c.memoryLimitInMB, \
                c.invokedFunctionArn, c.stepwellIdempotencyKey, process.env._X_AMZN_TRACE_ID, \
                c.getRemainingTimeInMillis() > 15000, process.env.SHARED, process.env.CARGO_MANIFEST_DIR ?? null];";
    let bench = bench("nodejs22.x", "src/app.handler", &[("src/app.js", code)], |_| ());
    let expected = r#"["r-1","f","512","arn:aws:lambda:us-east-1:000000000000:function:f","effect-7","Root=1-2-3",true,"all",null]"#;
    assert_eq!(bench.say("1").await, expected);
}

#[tokio::test]
async fn a_bootstrap_of_ones_own() {
    let code = r#"#!/usr/bin/env python3
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event, request = answer.read(), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    api.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", b'{"own":' + event + b"}")
    api.getresponse().read()
"#;
    let bench = bench("provided.al2023", "unused", &[("bootstrap", code)], |_| ());
    assert_eq!(bench.say("[1]").await, r#"{"own":[1]}"#);
    assert_eq!(bench.say("2").await, r#"{"own":2}"#);
}

#[tokio::test]
async fn without_a_bootstrap_there_is_nothing_to_run() {
    let bench = bench("provided", "unused", &[("other", "")], |_| ());
    let expected = r#"error {"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: r-1 Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap]"}"#;
    assert_eq!(bench.say("1").await, expected);
}
