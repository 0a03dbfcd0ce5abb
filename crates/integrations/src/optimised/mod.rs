//! Operations of AWS services that Step Functions has optimised integrations for: `arn:aws:states:::sqs:sendMessage` and others, with
//! and without a task token.
//!
//! Which there are is a table; calling is `aws-client`'s. Not here: `.sync`; Lambda, which has functions of its own; `states`, which is this very server;
//! and the AWS SDK integrations, which have other names of errors and results.

mod events;
mod outcome;
mod table;

use std::borrow::Cow;

use aws_client::{Call as ServiceCall, Client};
use aws_model::Form;
use task::{BoxFuture, Call, Connector, Failure, Outcome};
use value::Payload;

use crate::aws_sdk::idempotency_token;

/// What it does, in words.
pub(crate) const NAME: &str =
    "dynamodb:getItem, putItem, updateItem, deleteItem; events:putEvents; sns:publish; sqs:sendMessage";

/// Does tasks of optimised integrations.
#[derive(Clone, Debug)]
pub struct Optimised {
    client: Client,
}

impl Optimised {
    /// With this client.
    pub fn new(client: Client) -> Optimised {
        Optimised { client }
    }

    /// Is this the `Resource` of a task for this connector?
    pub fn accepts(resource: &str) -> bool {
        table::find(resource).is_some()
    }

    async fn run(&self, call: Call) -> Outcome {
        let found = table::find(&call.resource).and_then(|(row, wait_for_token)| {
            Some((row, wait_for_token, aws_model::service(row.service.model)?))
        });
        let Some((row, wait_for_token, service)) = found else { return unknown(&call) };
        let Some(operation) = service.operation(row.action) else { return unknown(&call) };
        let parameters = match row.prepare {
            Some(prepare) => Cow::Owned(prepare(&call)),
            None => Cow::Borrowed(call.parameters.value()),
        };
        let token = idempotency_token(&call);
        let service_call = ServiceCall {
            service: &service,
            operation,
            parameters: &parameters,
            form: Form::Optimised,
            token: &token,
            role_arn: call.role_arn.as_deref(),
            trace_header: call.trace_header.as_deref(),
        };
        let answer = match self.client.call(&service_call).await {
            Ok(answer) => answer,
            Err(error) => {
                return Outcome::Failed(outcome::failure(&call, row, &service.prefix, &error).await);
            }
        };
        if let Some(failure) = row.judge.and_then(|judge| judge(&answer.result)) {
            return Outcome::Failed(failure);
        }
        let result = outcome::result(row, answer);
        if wait_for_token { Outcome::AwaitingToken(result) } else { Outcome::Done(result) }
    }
}

fn unknown(call: &Call) -> Outcome {
    let text = format!("The resource '{}' is no optimised integration. There are: {NAME}", call.resource);
    Outcome::Failed(Failure::new("States.Runtime", text))
}

impl Connector for Optimised {
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
        let is_repeatable = |(row, _): (&table::Row, bool)| {
            let service = aws_model::service(row.service.model)?;
            Some(service.operation(row.action)?.is_repeatable(&service))
        };
        table::find(resource).and_then(is_repeatable).unwrap_or(false)
    }
}
