//! Any operation of any AWS service as a task: `arn:aws:states:::aws-sdk:<service>:<action>`, with and without a task token.
//!
//! What an operation takes and gives is in the table of `aws-model`, calling it is `aws-client`'s; here a state's call becomes one, and its
//! outcome a result or an error of the workflow. Not here: the optimised integrations, which have other names and results, and
//! `aws-sdk:sfn` where it means this very server.

mod outcome;
mod resource;

use aws_client::{Call as ServiceCall, Client};
use aws_model::Form;
use sha2::{Digest, Sha256};
use task::{BoxFuture, Call, Connector, Failure, Outcome};
use value::Payload;

use resource::Resource;

pub use outcome::failure;

/// Does tasks that call AWS services.
#[derive(Clone, Debug)]
pub struct AwsSdk {
    client: Client,
}

impl AwsSdk {
    /// With this client.
    pub fn new(client: Client) -> AwsSdk {
        AwsSdk { client }
    }

    /// Is this the `Resource` of a task for this connector?
    pub fn accepts(resource: &str) -> bool {
        Resource::parse(resource).is_some()
    }

    async fn run(&self, call: Call) -> Outcome {
        let Some(resource) = Resource::parse(&call.resource) else { return unknown(&call) };
        let Some(service) = aws_model::service(resource.service) else { return unknown(&call) };
        let Some(operation) = service.operation(resource.action) else { return unknown(&call) };
        let token = idempotency_token(&call);
        let service_call = ServiceCall {
            service: &service,
            operation,
            parameters: call.parameters.value(),
            form: Form::Sdk,
            token: &token,
            role_arn: call.role_arn.as_deref(),
            trace_header: call.trace_header.as_deref(),
        };
        match self.client.call(&service_call).await {
            Ok(answer) => {
                let result = Payload::from_value(answer.result);
                if resource.wait_for_token { Outcome::AwaitingToken(result) } else { Outcome::Done(result) }
            }
            Err(error) => Outcome::Failed(failure(&call, &service, &error)),
        }
    }
}

/// A UUID that is the same for the same attempt of the same state, also after a restart: the service knows a repeated call by it.
/// The key alone would not do, since Express executions have none of their own.
pub fn idempotency_token(call: &Call) -> String {
    let name = format!("{}\n{}", call.execution_arn, call.idempotency_key);
    let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

fn unknown(call: &Call) -> Outcome {
    let text = format!(
        "The resource '{}' is not known: expected arn:aws:states:::aws-sdk:<service>:<action>, with names of the AWS SDK for Java 2 \
         such as dynamodb:putItem",
        call.resource
    );
    Outcome::Failed(Failure::new("States.Runtime", text))
}

impl Connector for AwsSdk {
    fn call<'a>(&'a self, call: Call) -> BoxFuture<'a, Outcome> {
        Box::pin(self.run(call))
    }

    /// Nothing is ever submitted.
    fn poll<'a>(&'a self, _handle: &'a Payload) -> BoxFuture<'a, Option<Outcome>> {
        Box::pin(async { None })
    }

    fn cancel<'a>(&'a self, _handle: &'a Payload) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn is_idempotent(&self, resource: &str) -> bool {
        let operation = |resource: Resource<'_>| {
            let service = aws_model::service(resource.service)?;
            Some(service.operation(resource.action)?.is_repeatable(&service))
        };
        Resource::parse(resource).and_then(operation).unwrap_or(false)
    }
}
