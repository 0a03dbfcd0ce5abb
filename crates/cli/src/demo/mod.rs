//! The demo: a server of its own in a temporary folder, the order workflow on it, and one order from check to confirmation.
//! Everything but the start of the server goes through the public API, as a user's program would.

mod console;
mod example;
mod story;

use std::path::{Path, PathBuf};
use std::time::Duration;

use integrations::functions::LogSink;
use serde_json::{Value, json};
use tempfile::TempDir;
use wire::{
    DescribeExecutionInput, DescribeExecutionOutput, GetExecutionHistoryInput, SendTaskSuccessInput,
    StartExecutionInput,
};

use crate::client::{Client, Endpoint};
use crate::commands::deploy::{self, Deployment};
use crate::config::{self, LimitsTable, Profile, ServiceLimits};
use crate::context::Context;
use crate::definitions::Source;
use crate::failure::{Exit, Failure};
use crate::serve::{self, AwsServices, Backing, ExecutionLogs, Functions, Plan, Running, function_log};
use crate::trace::{Event, Live};
use crate::{follow, last, moment, targets};

pub use story::{Choices, begins, ends, next};

/// The state machine.
const MACHINE: &str = "order-saga";
/// The state that waits for a person.
const APPROVAL: &str = "AskForApproval";
/// The longest demo without a person in it.
const ONCE_TIMEOUT: Duration = Duration::from_secs(120);
/// How long calls under way may take when the demo ends.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    folder: TempDir,
    running: Running,
    client: Client,
}

/// How the order ended.
#[derive(Debug)]
pub struct Ending {
    /// The execution.
    pub execution: DescribeExecutionOutput,
    /// States that were visited.
    pub states: usize,
    /// Events of its history.
    pub events: usize,
}

impl Demo {
    /// Unpacks the example and starts the server.
    ///
    /// # Errors
    /// When an interpreter is missing, the port is in use, or the temporary folder cannot be written.
    pub async fn start(choices: &Choices, context: &Context) -> Result<Self, Failure> {
        story::check_interpreters()?;
        let folder = tempfile::Builder::new()
            .prefix("stepwell-demo-")
            .tempdir()
            .map_err(|error| Failure::environment(format!("there is no temporary folder: {error}")))?;
        let example = folder.path().join(MACHINE);
        example::unpack(&example)?;
        let running = start_server(choices, folder.path(), context).await?;
        let endpoint = Endpoint::parse(&running.url())?;
        let client = Client::new(endpoint, &context.settings.region, context.settings.debug);
        Ok(Self { folder, running, client })
    }

    /// Where it takes requests.
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// The folder with the example.
    pub fn example(&self) -> PathBuf {
        self.folder.path().join(MACHINE)
    }

    /// Its functions.
    pub fn functions(&self) -> &[String] {
        self.running.functions()
    }

    /// Deploys the state machine.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn deploy(&self, context: &Context) -> Result<String, Failure> {
        let source = Source::read(&self.example().join("order.asl.json"))?;
        let role_arn = format!("arn:aws:iam::{}:role/demo", context.settings.account);
        let wanted = Deployment { name: MACHINE.to_owned(), source, kind: None, role_arn };
        Ok(deploy::deploy(&self.client, &wanted, false).await?.state_machine_arn)
    }

    /// Starts an order.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn order(&self, machine_arn: &str, choices: &Choices) -> Result<String, Failure> {
        let order_id = format!("DEMO-{}", moment::now_millis());
        let request = StartExecutionInput {
            state_machine_arn: machine_arn.to_owned(),
            name: Some(order_id.clone()),
            input: Some(order(&order_id, choices.fail_payment)?),
            ..Default::default()
        };
        let arn = self.client.call(&request).await?.execution_arn;
        last::remember(&self.url(), &arn);
        Ok(arn)
    }

    /// Shows the order until it ends. When it waits for a person, approves it or says how a person can.
    ///
    /// # Errors
    /// When the server is gone, or the demo takes too long.
    pub async fn follow(&self, arn: &str, choices: &Choices, context: &Context) -> Result<Ending, Failure> {
        let mut live = context.live(&targets::path_of(arn));
        let shown = async {
            follow::watch(&self.client, arn, &mut live, |live| !waits_for_a_person(live)).await?;
            if !live.trace().is_ended() {
                let token = self.token(arn).await?;
                live.keep();
                if choices.once {
                    story::approves(context);
                    self.approve(&token).await?;
                } else {
                    story::asks(context, &self.url(), &token);
                }
                follow::watch(&self.client, arn, &mut live, |_| true).await?;
            }
            Ok::<(), Failure>(())
        };
        if choices.once {
            tokio::time::timeout(ONCE_TIMEOUT, shown).await.unwrap_or_else(|_| {
                let seconds = ONCE_TIMEOUT.as_secs();
                Err(Failure::new(Exit::TimedOut, format!("the order has not ended within {seconds} s")))
            })?;
        } else {
            shown.await?;
        }
        let describe = DescribeExecutionInput { execution_arn: arn.to_owned(), ..Default::default() };
        let execution = self.client.call(&describe).await?;
        let trace = live.trace();
        Ok(Ending { execution, states: trace.transitions(), events: trace.event_count() })
    }

    async fn approve(&self, task_token: &str) -> Result<(), Failure> {
        let output = json!({"approvedBy": "the demo"}).to_string();
        self.client.call(&SendTaskSuccessInput { task_token: task_token.to_owned(), output }).await?;
        Ok(())
    }

    /// The token of the newest task that waits, from the public history: it stands in what the task was called with.
    async fn token(&self, arn: &str) -> Result<String, Failure> {
        let request = GetExecutionHistoryInput {
            execution_arn: arn.to_owned(),
            reverse_order: Some(true),
            max_results: Some(100),
            ..Default::default()
        };
        let events = self.client.call(&request).await?.events;
        let scheduled = events.iter().map(Event::from).find(|event| event.kind == "TaskScheduled");
        let parameters = scheduled.as_ref().and_then(|event| event.text("parameters"));
        let parameters: Value =
            parameters.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        parameters["Payload"]["token"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(Exit::Failed, "the history shows no task token"))
    }

    /// Waits until the server ends by itself.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> Result<(), Failure> {
        self.running.ended().await
    }

    /// Ends the server and removes the folder.
    ///
    /// # Errors
    /// When the server had ended badly before.
    pub async fn stop(self) -> Result<(), Failure> {
        let stopped = self.running.stop().await;
        drop(self.folder);
        stopped
    }
}

/// Starts the server, on the usual port if it is free and nobody asked for another.
async fn start_server(choices: &Choices, folder: &Path, context: &Context) -> Result<Running, Failure> {
    let file = config::load(Some(&folder.join(MACHINE).join(config::FILE_NAME)), folder)?;
    let ledger = folder.join("ledger");
    let port = match choices.port {
        Some(port) => port,
        None if serve::is_free(story::PORT_DEFAULT).await => story::PORT_DEFAULT,
        None => {
            context.say(&format!("port {} is in use, so the demo takes another", story::PORT_DEFAULT));
            0
        }
    };
    let plan = Plan {
        listen: format!("127.0.0.1:{port}"),
        allow_remote: false,
        console: console::folder(context),
        allowed_hosts: Vec::new(),
        backing: Backing::Folder(folder.join("data")),
        region: context.settings.region.clone(),
        account: context.settings.account.clone(),
        functions: Functions::declared(file.as_ref())?.with_variable("LEDGER", &ledger.to_string_lossy()),
        aws: AwsServices::declared(file.as_ref()),
        retention: None,
        execution_logs: ExecutionLogs::declared(file.as_ref(), &Backing::Folder(folder.join("data"))),
        log: if context.settings.debug { function_log() } else { LogSink::none() },
        drain_timeout: DRAIN_TIMEOUT,
        ready_file: None,
        mocks: None,
        wait_scale: interpreter::WaitScale::REAL,
        limits: ServiceLimits::new(Profile::Local, &LimitsTable::default())?,
    };
    serve::start(plan).await
}

/// An order that a person has to approve, whose payment fails at the first attempt, or for good.
fn order(order_id: &str, fail_payment: bool) -> Result<String, Failure> {
    let mut order: Value = serde_json::from_str(example::ORDER)
        .map_err(|error| Failure::new(Exit::Failed, format!("the example's order is not JSON: {error}")))?;
    order["orderId"] = json!(order_id);
    order["simulate"] = json!({"gatewayHiccups": 1, "failPayment": fail_payment});
    Ok(order.to_string())
}

fn waits_for_a_person(live: &Live) -> bool {
    let trace = live.trace();
    trace.children(trace.root()).any(|node| node.name == APPROVAL && node.is_submitted && node.left.is_none())
}
