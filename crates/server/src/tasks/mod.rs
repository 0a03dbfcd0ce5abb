//! Tasks that call this service itself: `states:startExecution` in all its patterns, and `aws-sdk:sfn:…`. The operations are
//! those that clients call, in the same process and without HTTP; here is only what a task sees differently.
//!
//! Not here: that a child tells its parent of its end, and that what nobody wants any more is stopped (`engine`).

mod nested;
mod output;
mod parameters;
mod sdk;

use std::sync::Arc;
use std::time::Duration;

use asl::names::parse_resource;
use asl::{Pattern, ResourceKind};
use interpreter::Parent;
use runtime::Engine;
use task::{BoxFuture, Call, Connector, Failure, Outcome};
use tokio::sync::watch;
use value::Payload;

use crate::Options;
use crate::service::Service;

/// Pause before a call is made again that the engine could not answer. It is only made again if it may be.
const PAUSE: Duration = Duration::from_millis(200);

/// Does tasks that call this service. Made before the engine, which has to have its connectors when it is opened; calls wait
/// until the engine is attached.
#[derive(Default)]
pub struct OwnTasks {
    service: watch::Sender<Option<Arc<Service>>>,
}

/// What a task calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target<'a> {
    /// `states:startExecution`.
    Nested(Pattern),
    /// `aws-sdk:sfn:` and this action, whose token may be waited for.
    Sdk { action: &'a str, waits: bool },
}

impl<'a> Target<'a> {
    fn parse(resource: &'a str, kind: &'a ResourceKind) -> Option<Target<'a>> {
        let ResourceKind::Service { resource_type, resource: api, pattern } = kind else { return None };
        let action = api.split('.').next().unwrap_or_default();
        match &**resource_type {
            "states" if action == "startExecution" => Some(Target::Nested(*pattern)),
            "aws-sdk:sfn" => {
                let start = resource.rfind("sfn:")? + "sfn:".len();
                let action = resource.get(start..start + action.len())?;
                Some(Target::Sdk { action, waits: *pattern == Pattern::WaitForTaskToken })
            }
            _ => None,
        }
    }
}

impl OwnTasks {
    /// Without an engine: calls wait for one.
    pub fn new() -> OwnTasks {
        OwnTasks::default()
    }

    /// From now on calls go to this engine.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn attach(&self, engine: Engine, options: Options) -> Result<(), store::Error> {
        let service = Service::new(engine, options)?;
        self.service.send_replace(Some(Arc::new(service)));
        Ok(())
    }

    /// Lets go of the engine, which holds its connectors and would otherwise never be dropped.
    pub fn detach(&self) {
        self.service.send_replace(None);
    }

    /// Is this the `Resource` of a task for this connector?
    pub fn accepts(resource: &str) -> bool {
        parse_resource(resource).is_ok_and(|kind| Target::parse(resource, &kind).is_some())
    }

    async fn service(&self) -> Arc<Service> {
        let mut attached = self.service.subscribe();
        loop {
            if let Some(service) = attached.borrow_and_update().clone() {
                return service;
            }
            if attached.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn run(&self, call: Call) -> Outcome {
        let service = self.service().await;
        let resource = call.resource.clone();
        let kind = parse_resource(&resource);
        match kind.as_ref().ok().and_then(|kind| Target::parse(&resource, kind)) {
            Some(Target::Nested(pattern)) => nested::start(&service, &call, pattern).await,
            Some(Target::Sdk { action, waits }) => {
                sdk::call(&service, &call, action).await.map_or_else(Outcome::Failed, |output| {
                    if waits { Outcome::AwaitingToken(output) } else { Outcome::Done(output) }
                })
            }
            None => {
                let text = format!("`{resource}` does not name an action of Step Functions");
                Outcome::Failed(Failure::new("States.Runtime", text))
            }
        }
    }
}

/// The task of a Standard execution that a call is made for, as the executions that it starts know it.
fn parent(call: &Call, awaits: bool) -> Option<Parent> {
    let (execution, effect) = runtime::task_of(&call.idempotency_key)?;
    Some(Parent { execution: execution.0, effect, awaits })
}

impl Connector for OwnTasks {
    fn call<'a>(&'a self, call: Call) -> BoxFuture<'a, Outcome> {
        Box::pin(self.run(call))
    }

    fn poll<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, Option<Outcome>> {
        Box::pin(async move { nested::ended(&*self.service().await, handle).await })
    }

    fn cancel<'a>(&'a self, handle: &'a Payload) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(child) = nested::child_of(handle) {
                nested::stop(&*self.service().await, child).await;
            }
        })
    }

    fn abandon<'a>(&'a self, call: Call, handle: Option<Payload>) -> BoxFuture<'a, ()> {
        Box::pin(async move { nested::abandon(&*self.service().await, &call, handle.as_ref()).await })
    }

    /// A task starts one execution however often it asks; reads change nothing. A token is answered once.
    fn is_idempotent(&self, resource: &str) -> bool {
        let Ok(kind) = parse_resource(resource) else { return false };
        match Target::parse(resource, &kind) {
            Some(Target::Nested(_)) => true,
            Some(Target::Sdk { action, .. }) => sdk::is_idempotent(action),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours() {
        let check = |resource: &str, accepted: bool, idempotent: bool| {
            assert_eq!(OwnTasks::accepts(resource), accepted, "{resource}");
            assert_eq!(OwnTasks::new().is_idempotent(resource), idempotent, "{resource}");
        };
        check("arn:aws:states:::states:startExecution", true, true);
        check("arn:aws:states:::states:startExecution.sync:2", true, true);
        check("arn:aws-cn:states:::states:startExecution.waitForTaskToken", true, true);
        check("arn:aws:states:::states:stopExecution", false, false);
        check("arn:aws:states:::aws-sdk:sfn:startExecution", true, true);
        check("arn:aws:states:::aws-sdk:sfn:describeExecution", true, true);
        check("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", true, false);
        check("arn:aws:states:::aws-sdk:sfn:startSyncExecution", true, false);
        check("arn:aws:states:::aws-sdk:sqs:sendMessage", false, false);
        check("arn:aws:lambda:us-east-1:000000000000:function:sfn", false, false);
        check("nonsense", false, false);
    }
}
