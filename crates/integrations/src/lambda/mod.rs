//! Lambda functions as tasks: a function's ARN, and `lambda:invoke` with and without a task token.
//!
//! Each function is served either by the function host of this process or by an endpoint that speaks Lambda's Invoke API;
//! both give the same kind of response, from which the result or the error is made in one place. Retries, time limits and the
//! size of results are the interpreter's.

mod endpoint;
mod local;
mod request;
mod response;
mod target;

use std::collections::BTreeMap;

use task::{BoxFuture, Call, Connector, Failure, Outcome};
use value::Payload;

use crate::functions::{ConfigError, FunctionHost};
use endpoint::Endpoint;
use local::Place;
use request::Request;
use response::Response;
use target::{FunctionRef, Resource};

/// Does tasks that call functions.
#[derive(Clone, Debug)]
pub struct Lambda {
    host: FunctionHost,
    place: Place,
    endpoints: BTreeMap<String, Endpoint>,
    fallback: Option<Endpoint>,
}

impl Lambda {
    /// Functions of `host`, with ARNs of this region and account.
    pub fn new(host: FunctionHost, region: &str, account: &str) -> Lambda {
        let place = Place { region: region.to_owned(), account: account.to_owned() };
        Lambda { host, place, endpoints: BTreeMap::new(), fallback: None }
    }

    /// Lets the function `name` be served by a Lambda-compatible endpoint (`http://host:port`). The name `*` stands for all
    /// functions that are served by nobody else.
    ///
    /// # Errors
    /// When the text is not such a URL.
    pub fn with_endpoint(mut self, name: &str, url: &str) -> Result<Lambda, ConfigError> {
        let endpoint = Endpoint::new(url).map_err(ConfigError)?;
        if name == "*" {
            self.fallback = Some(endpoint);
        } else {
            self.endpoints.insert(name.to_owned(), endpoint);
        }
        Ok(self)
    }

    /// The function host.
    pub fn host(&self) -> &FunctionHost {
        &self.host
    }

    /// Is this the `Resource` of a task for this connector?
    pub fn accepts(resource: &str) -> bool {
        Resource::parse(resource).is_some()
    }

    async fn run(&self, call: Call) -> Outcome {
        match Resource::parse(&call.resource) {
            Some(Resource::Function(function)) => self.direct(function, &call).await,
            Some(Resource::Invoke { wait_for_token }) => match Request::from_parameters(&call.parameters) {
                Err(text) => Outcome::Failed(call.unusable(&text)),
                Ok(request) => {
                    let result = self.invoke(&request, &call).await.and_then(Response::into_invoke_result);
                    outcome(result, if wait_for_token { Outcome::AwaitingToken } else { Outcome::Done })
                }
            },
            None => {
                let text = format!("`{}` does not name a Lambda function", call.resource);
                Outcome::Failed(Failure::new("States.Runtime", text))
            }
        }
    }

    async fn direct(&self, function: FunctionRef, call: &Call) -> Outcome {
        let request = Request::direct(function, &call.parameters);
        outcome(self.invoke(&request, call).await.and_then(Response::into_result), Outcome::Done)
    }

    /// Asks whoever serves the function.
    async fn invoke(&self, request: &Request, call: &Call) -> Result<Response, Failure> {
        let name = &request.function.name;
        let endpoint = match self.endpoints.get(name) {
            Some(endpoint) => Some(endpoint),
            None if self.host.contains(name) => None,
            None => self.fallback.as_ref(),
        };
        match endpoint {
            None => Ok(local::invoke(&self.host, &self.place, request, call).await),
            Some(endpoint) => endpoint
                .invoke(request, call)
                .await
                .map_err(|text| Failure::new("Lambda.SdkClientException", text)),
        }
    }
}

fn outcome(result: Result<Payload, Failure>, wrap: fn(Payload) -> Outcome) -> Outcome {
    result.map_or_else(Outcome::Failed, wrap)
}

impl Connector for Lambda {
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

    /// A function may do anything, so no call of one may be repeated unasked.
    fn is_idempotent(&self, _resource: &str) -> bool {
        false
    }
}
