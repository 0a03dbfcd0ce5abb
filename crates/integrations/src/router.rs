//! All connectors behind one: which of them does a task is a matter of its `Resource`. A mocked task is nobody's.

use std::fmt;
use std::sync::Arc;

use aws_client::Client;
use task::{BoxFuture, Call, Connector, Failure, Outcome};
use value::{Object, Payload, Value};

use crate::aws_sdk::AwsSdk;
use crate::lambda::Lambda;
use crate::mocks;
use crate::optimised::{self, Optimised};

/// The connectors of this program.
///
/// Handles of submitted work are wrapped with the resource that they came from, so that a poll finds its connector after a
/// restart too.
#[derive(Default)]
pub struct Connectors {
    routes: Vec<Route>,
}

struct Route {
    /// What the route is for, in words for an error.
    name: &'static str,
    accepts: fn(&str) -> bool,
    connector: Arc<dyn Connector>,
}

impl fmt::Debug for Connectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes.iter().map(|route| route.name)).finish()
    }
}

impl Connectors {
    /// No connectors at all.
    pub fn new() -> Connectors {
        Connectors::default()
    }

    /// Adds Lambda functions.
    #[must_use]
    pub fn with_lambda(self, lambda: Lambda) -> Connectors {
        self.with("Lambda functions (a function's ARN, or lambda:invoke)", Lambda::accepts, Arc::new(lambda))
    }

    /// Adds all AWS services, called by this client: optimised integrations and AWS SDK integrations.
    #[must_use]
    pub fn with_aws(self, client: Client) -> Connectors {
        self.with(optimised::NAME, Optimised::accepts, Arc::new(Optimised::new(client.clone()))).with(
            "AWS services (aws-sdk:<service>:<action>)",
            AwsSdk::accepts,
            Arc::new(AwsSdk::new(client)),
        )
    }

    /// Adds a connector for the resources that `accepts` says yes to; those added before are asked before. `name` says in
    /// words what it is for.
    #[must_use]
    pub fn with(
        mut self,
        name: &'static str,
        accepts: fn(&str) -> bool,
        connector: Arc<dyn Connector>,
    ) -> Connectors {
        self.routes.push(Route { name, accepts, connector });
        self
    }

    /// Is there a connector for this resource?
    pub fn accepts(&self, resource: &str) -> bool {
        self.route(resource).is_some()
    }

    fn route(&self, resource: &str) -> Option<&Route> {
        self.routes.iter().find(|route| (route.accepts)(resource))
    }

    fn unavailable(&self, resource: &str) -> Outcome {
        let names: Vec<&str> = self.routes.iter().map(|route| route.name).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join("; ") };
        let cause =
            format!("The resource '{resource}' is not available in this build. Available are: {names}");
        Outcome::Failed(Failure::new("States.TaskFailed", cause))
    }

    async fn run(&self, call: Call) -> Outcome {
        if let Some(mock) = &call.mock {
            return mocks::answer(&call, mock);
        }
        let resource = Arc::clone(&call.resource);
        let Some(route) = self.route(&resource) else { return self.unavailable(&resource) };
        match route.connector.call(call).await {
            Outcome::Submitted { handle, output } => {
                Outcome::Submitted { handle: wrap(&resource, &handle), output }
            }
            outcome => outcome,
        }
    }

    /// The connector that gave out a handle, and the handle as that connector knows it.
    fn unwrap<'a>(&'a self, handle: &Payload) -> Option<(&'a Route, Payload)> {
        let route = self.route(handle.value().get("resource")?.as_str()?)?;
        Some((route, Payload::from_value(handle.value().get("handle")?.clone())))
    }
}

fn wrap(resource: &str, handle: &Payload) -> Payload {
    let members = [("resource", Value::from(resource)), ("handle", handle.value().clone())];
    Payload::from_value(Value::from(members.into_iter().collect::<Object>()))
}

impl Connector for Connectors {
    fn call<'a>(&'a self, call: Call) -> BoxFuture<'a, Outcome> {
        Box::pin(self.run(call))
    }

    fn poll<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, Option<Outcome>> {
        Box::pin(async move {
            if let Some(outcome) = mocks::poll(handle) {
                return Some(outcome);
            }
            match self.unwrap(handle) {
                Some((route, handle)) => route.connector.poll(&handle).await,
                None => {
                    let resource = handle.value().get("resource").and_then(Value::as_str).unwrap_or_default();
                    Some(self.unavailable(resource))
                }
            }
        })
    }

    fn cancel<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some((route, handle)) = self.unwrap(handle) {
                route.connector.cancel(&handle).await;
            }
        })
    }

    fn abandon<'a>(&'a self, call: Call, handle: Option<Payload>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let handle = handle.as_ref().and_then(|handle| self.unwrap(handle)).map(|(_, handle)| handle);
            if let Some(route) = self.route(&call.resource) {
                route.connector.abandon(call, handle).await;
            }
        })
    }

    fn is_idempotent(&self, resource: &str) -> bool {
        self.route(resource).is_some_and(|route| route.connector.is_idempotent(resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use task::ScriptedConnector;

    fn call(resource: &str) -> Call {
        Call {
            resource: resource.into(),
            parameters: Payload::parse("{}").unwrap(),
            idempotency_key: "key".into(),
            execution_arn: "arn".into(),
            state_name: "State".into(),
            timeout: None,
            role_arn: None,
            trace_header: None,
            mock: None,
        }
    }

    fn json(text: &str) -> Payload {
        Payload::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_resource_finds_its_connector_and_a_handle_finds_it_again() {
        let script = Arc::new(ScriptedConnector::new());
        let submitted = Outcome::Submitted { handle: json("[7]"), output: json("{}") };
        script
            .reply("job", submitted)
            .poll_reply(&json("[7]"), Some(Outcome::Done(json("true"))))
            .idempotent("job");
        let connectors = Connectors::new().with("jobs", |resource| resource == "job", script.clone());
        let Outcome::Submitted { handle, .. } = connectors.call(call("job")).await else {
            panic!("not submitted")
        };
        assert_eq!(&**handle.text(), r#"{"resource":"job","handle":[7]}"#);
        assert_eq!(connectors.poll(&handle).await, Some(Outcome::Done(json("true"))));
        connectors.cancel(&handle).await;
        connectors.abandon(call("job"), Some(handle)).await;
        connectors.abandon(call("job"), None).await;
        assert_eq!(script.cancelled(), [json("[7]"), json("[7]")]);
        assert_eq!((connectors.is_idempotent("job"), connectors.is_idempotent("other")), (true, false));
    }

    #[tokio::test]
    async fn what_nobody_does_says_what_is_done() {
        let connectors = Connectors::new().with("jobs", |_| false, Arc::new(ScriptedConnector::new()));
        let cause = "The resource 'arn:x' is not available in this build. Available are: jobs";
        let expected = Outcome::Failed(Failure::new("States.TaskFailed", cause));
        assert_eq!(connectors.call(call("arn:x")).await, expected);
        let cause = "The resource '' is not available in this build. Available are: jobs";
        let expected = Some(Outcome::Failed(Failure::new("States.TaskFailed", cause)));
        assert_eq!(connectors.poll(&json("1")).await, expected);
    }
}
