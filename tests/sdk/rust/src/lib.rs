//! A client of a running Stepwell with the AWS SDK for Rust, unmodified, as a user makes one, and what all tests need.
//! The server's address is in `STEPWELL_ENDPOINT`; `cargo xtask ci sdk` starts one and sets it.

use std::future::Future;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sfn::config::{BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
use aws_sdk_sfn::error::BoxError;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionStatus, StateMachineType};

/// The account in ARNs.
pub const ACCOUNT: &str = "000000000000";
/// A role. It is kept, not used.
pub const ROLE: &str = "arn:aws:iam::000000000000:role/any";

/// Takes the `sync-` off that the SDK puts before the host's name for StartSyncExecution and TestState.
/// Not needed where a name `sync-<host>` leads to the server.
#[derive(Debug)]
struct SameHost;

impl Intercept for SameHost {
    fn name(&self) -> &'static str {
        "SameHost"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri = request.uri().replacen("://sync-", "://", 1);
        request.set_uri(uri).map_err(Into::into)
    }
}

/// The client, as a program makes one that talks to Stepwell.
#[must_use]
pub fn client() -> Client {
    let endpoint = std::env::var("STEPWELL_ENDPOINT").expect("STEPWELL_ENDPOINT says where the server is");
    let config = aws_sdk_sfn::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("any", "any", None, None, "made-up"))
        // The server speaks plain HTTP here, which spares the build a TLS library.
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .interceptor(SameHost)
        .build();
    Client::from_conf(config)
}

/// A name that was not there before.
#[must_use]
pub fn unique(prefix: &str) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    format!("{prefix}-{}-{}", std::process::id(), since.as_nanos())
}

/// The ARN of a function of `tests/sdk/stepwell.toml`.
#[must_use]
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}")
}

/// Creates a state machine of one state, given as the members of a JSON object, and returns its ARN.
pub async fn machine(sfn: &Client, state: &str, kind: StateMachineType) -> String {
    let definition = format!(r#"{{"StartAt":"Only","States":{{"Only":{{"End":true,{state}}}}}}}"#);
    let create = sfn.create_state_machine().name(unique("rust")).definition(definition).role_arn(ROLE);
    create.r#type(kind).send().await.expect("a state machine").state_machine_arn
}

/// Starts an execution and returns its ARN.
pub async fn start(sfn: &Client, machine: &str, input: &str) -> String {
    let started = sfn.start_execution().state_machine_arn(machine).input(input).send().await;
    started.expect("an execution").execution_arn
}

/// The answer of DescribeExecution once the execution has ended.
pub async fn ended(sfn: &Client, execution: &str) -> DescribeExecutionOutput {
    until(|| async {
        let found = sfn.describe_execution().execution_arn(execution).send().await.expect("an execution");
        (found.status != ExecutionStatus::Running).then_some(found)
    })
    .await
}

/// Asks until there is something, at most half a minute.
///
/// # Panics
/// When the time is over.
pub async fn until<T, F: Future<Output = Option<T>>>(mut what: impl FnMut() -> F) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = what().await {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "not within half a minute");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
