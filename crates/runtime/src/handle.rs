//! [`Engine`]: what servers hold. It sends to shards and waits for their answers.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use engine::catalogue::Quotas;
use engine::{ExpressStart, Reply, Settings, StartCommand};
use interpreter::{
    Answer, Environment, Limits, Parent, Place, StateTestSetup, Text, Timestamp, TokenKey, WaitScale,
};
use store::{ExecutionKey, ShardId, Store};
use task::Connector;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use value::Payload;

use crate::activities::{self, Activities, ActivityTask, Hub, PollError, Told};
use crate::catalogue;
use crate::catalogue::{Catalogue, Revision};
use crate::changes::Changes;
use crate::clock;
use crate::committer;
use crate::driver::{Driver, Parts};
use crate::error::{EngineError, RedriveError, StartError, TokenError};
use crate::express::{self, SyncOutcome};
use crate::loader::Loader;
use crate::logs::{self, Feed, LogOutlet};
use crate::mailbox::{Message, ReplyTo, Shards};
use crate::open_executions::OpenExecutions;
use crate::test_state::{self, TestedState};

/// What execution logs have at least to be written at the end.
const FLUSH_MIN: Duration = Duration::from_secs(2);

/// Settings of an engine.
#[derive(Clone, Debug)]
pub struct Options {
    /// Partition, region and account of ARNs.
    pub place: Place,
    /// Limits of Standard executions.
    pub standard: Limits,
    /// Limits of Express executions.
    pub express: Limits,
    /// What part of a wait is really waited.
    pub wait_scale: WaitScale,
    /// Shards of a store that is new; an existing one keeps its number. At most 256.
    pub shards: u8,
    /// Settings of each shard.
    pub shard: Settings,
    /// Executions kept in memory, by all shards together, although nothing but a timer, a token or a child will bring them on;
    /// `None` for what the settings of each shard say.
    pub executions_in_memory: Option<usize>,
    /// How many of a thing there may be.
    pub quotas: Quotas,
    /// How this process is called where it owns shards.
    pub owner: String,
    /// Workers that may poll one activity at a time (AWS: 1,000).
    pub activity_polls: usize,
    /// How long a store that fails is tried before [`Engine::failed`] gives it up. A full disk is waited for.
    pub give_up_after: Duration,
    /// Take the lines of execution logs, each all of them.
    pub logs: Vec<LogOutlet>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            place: Place::default(),
            standard: Limits::SERVICE,
            express: Limits::EXPRESS,
            wait_scale: WaitScale::REAL,
            shards: 2,
            shard: Settings::default(),
            executions_in_memory: None,
            quotas: Quotas::default(),
            owner: "stepwell".into(),
            activity_polls: 1_000,
            give_up_after: Duration::from_secs(10),
            logs: Vec::new(),
        }
    }
}

impl Options {
    /// The settings of each of so many shards.
    fn of_each_shard(&self, shards: u8) -> Settings {
        let mut settings = self.shard.clone();
        if let Some(most) = self.executions_in_memory {
            settings.idle_executions = most / usize::from(shards.max(1));
        }
        settings
    }
}

/// A start of an execution.
#[derive(Clone, Debug)]
pub struct StartExecution {
    /// The revision to run.
    pub revision: Arc<Revision>,
    /// The client's name for the execution (checked by the caller).
    pub name: Option<String>,
    /// Its input.
    pub input: Payload,
    /// Trace header.
    pub trace_header: Option<String>,
    /// Version number it is started through.
    pub version: Option<u32>,
    /// Alias it is started through.
    pub alias: Option<String>,
    /// Canned responses that stand for the work of Task states (`integrations::mocks`).
    pub mocks: Option<Payload>,
}

/// An execution that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its key.
    pub key: ExecutionKey,
    /// Its name.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
}

/// A running engine; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    environment: Arc<Environment>,
    catalogue: Arc<Catalogue>,
    connector: Arc<dyn Connector>,
    shards: Shards,
    next_shard: AtomicUsize,
    open_executions: Arc<OpenExecutions>,
    changes: Changes,
    logs: Feed,
    activities: Hub,
    next_poll: AtomicU64,
    failures: watch::Receiver<Option<String>>,
}

impl Engine {
    /// Takes the store's shards and begins to drive them: everything that was under way goes on. Call it on a
    /// multi-threaded Tokio runtime; it reads from the store before it returns.
    pub fn open(
        store: Arc<dyn Store>,
        connector: Arc<dyn Connector>,
        options: Options,
    ) -> Result<Engine, store::Error> {
        let shards = store.property("shards", &[options.shards.max(1)])?.first().copied().unwrap_or(1).max(1);
        let settings = options.of_each_shard(shards);
        let catalogue = Arc::new(Catalogue::new(store.clone()).with_quotas(options.quotas));
        catalogue.load_activities()?;
        let environment = Arc::new(Environment {
            activity_exists: activity_exists(&options.place, &catalogue),
            place: Arc::new(options.place),
            standard: options.standard,
            express: options.express,
            token_key: token_key(&*store)?,
            deadline: clock::expression_deadline,
            wait_scale: options.wait_scale,
        });
        let open_executions = Arc::new(OpenExecutions::new(&*store, options.quotas.open_executions)?);
        let (hub, told) = mpsc::unbounded_channel();
        let committer = committer::start(store.clone())
            .map_err(|why| store::Error::Failed(format!("cannot start the committer's thread: {why}")))?;
        let (failed, failures) = watch::channel(None);
        let (failed, changes) = (Arc::new(failed), Changes::default());
        let logs = logs::start(store.clone(), catalogue.clone(), environment.place.clone(), options.logs);
        let (mailboxes, inboxes): (Vec<_>, Vec<_>) = (0..shards).map(|_| mpsc::unbounded_channel()).unzip();
        let all = Shards { mailboxes: mailboxes.into() };
        for (id, inbox) in (0..shards).zip(inboxes) {
            let parts = Parts {
                id: ShardId(id),
                owner: options.owner.clone(),
                environment: environment.clone(),
                settings: settings.clone(),
                loader: Loader { store: store.clone(), catalogue: catalogue.clone() },
                connector: connector.clone(),
                shards: all.clone(),
                committer: committer.clone(),
                open_executions: open_executions.clone(),
                activities: hub.clone(),
                give_up_after: options.give_up_after,
                changes: changes.clone(),
                logs: logs.clone(),
                failed: failed.clone(),
            };
            let Some(mailbox) = all.of(ShardId(id)).cloned() else { continue };
            let driver = Driver::open(parts, mailbox, inbox)?;
            tokio::spawn(driver.run());
        }
        let shards = all;
        let of = catalogue.clone();
        let exists = Box::new(move |activity: &str| of.has_activity(activity));
        tokio::spawn(
            Activities::new(options.activity_polls, hub.clone(), told, shards.clone(), exists).run(),
        );
        let inner = Inner {
            store,
            environment,
            catalogue,
            connector,
            shards,
            next_shard: AtomicUsize::new(0),
            open_executions,
            changes,
            logs,
            activities: hub,
            next_poll: AtomicU64::new(0),
            failures,
        };
        Ok(Engine { inner: Arc::new(inner) })
    }

    /// The store; its methods block.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// Place, limits and token key.
    pub fn environment(&self) -> &Arc<Environment> {
        &self.inner.environment
    }

    /// State machines and their revisions.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.inner.catalogue
    }

    /// The clock.
    pub fn now(&self) -> Timestamp {
        clock::now()
    }

    /// 64 random bits.
    pub fn random_u64(&self) -> u64 {
        clock::random_u64()
    }

    /// A random UUID (version 4).
    pub fn random_uuid(&self) -> String {
        express::uuid()
    }

    /// Starts a Standard execution; it is durable when this returns.
    pub async fn start(&self, start: StartExecution) -> Result<Started, StartError> {
        self.start_for(start, None).await
    }

    /// Starts a Standard execution for a task; it is durable when this returns. One task starts one execution, however often
    /// it asks, provided it gives the same name each time.
    pub async fn start_child(&self, start: StartExecution, parent: Parent) -> Result<Started, StartError> {
        self.start_for(start, Some(parent)).await
    }

    /// The execution that a task has started under this name, if it has. A start of it that is under way is waited for.
    pub async fn find_child(
        &self,
        machine: &str,
        name: &str,
        parent: Parent,
    ) -> Result<Option<Started>, EngineError> {
        let shard = self.shard_of_name(machine, name);
        let (machine, name) = (machine.to_owned(), name.to_owned());
        match self.ask(shard, |reply| Message::FindChild { machine, name, parent, reply }).await {
            Ok(Reply::Started { execution, name, at }) => {
                Ok(Some(Started { key: execution, name, started_at: at }))
            }
            Ok(Reply::NoSuchExecution) => Ok(None),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(EngineError::Unavailable(why)),
            Ok(other) => Err(EngineError::Unavailable(unexpected(&other))),
        }
    }

    async fn start_for(&self, start: StartExecution, parent: Option<Parent>) -> Result<Started, StartError> {
        if self.inner.open_executions.is_full() {
            return Err(StartError::TooMany);
        }
        let place = &self.inner.environment.place;
        let revision = &start.revision;
        let machine_arn = place.state_machine_arn(&revision.machine);
        let arn = |suffix: &dyn std::fmt::Display| Text::from(format!("{machine_arn}:{suffix}"));
        let command = StartCommand {
            definition: revision.definition.clone(),
            revision: revision.id.clone(),
            machine: revision.machine.clone(),
            name: start.name,
            input: start.input,
            role: Text::from(revision.role_arn.as_str()),
            seed: clock::random_u64(),
            trace_header: start.trace_header.map(Text::from),
            version: start.version.map(|number| (number, arn(&number))),
            alias: start.alias.as_ref().map(|alias| (alias.clone(), arn(alias))),
            mocks: start.mocks,
            parent,
        };
        let shard = self.shard_for(&command);
        let reply = self.ask(shard, |reply| Message::Start(Box::new(command), reply)).await;
        match reply {
            Ok(Reply::Started { execution, name, at }) => {
                Ok(Started { key: execution, name, started_at: at })
            }
            Ok(Reply::NameTaken) => Err(StartError::AlreadyExists),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(StartError::Unavailable(why)),
            Ok(other) => Err(StartError::Unavailable(unexpected(&other))),
        }
    }

    /// A start with a client's name goes where every start of that name goes; others take turns.
    fn shard_for(&self, start: &StartCommand) -> ShardId {
        match &start.name {
            None => self.nth_shard(self.inner.next_shard.fetch_add(1, Ordering::Relaxed)),
            Some(name) => self.shard_of_name(&start.machine, name),
        }
    }

    fn shard_of_name(&self, machine: &str, name: &str) -> ShardId {
        // SipHash with fixed keys: the same on every node and in every release of this toolchain's std.
        let mut hasher = DefaultHasher::new();
        (machine, name).hash(&mut hasher);
        self.nth_shard(hasher.finish() as usize)
    }

    fn nth_shard(&self, index: usize) -> ShardId {
        let count = self.inner.shards.mailboxes.len().max(1);
        ShardId(u8::try_from(index % count).unwrap_or(0))
    }

    /// Starts an Express execution that runs on; the start is durable when this returns, with the execution's ARN.
    ///
    /// # Errors
    /// [`StartError::Busy`], [`StartError::Unavailable`].
    pub async fn start_express(&self, start: StartExecution) -> Result<(String, Timestamp), StartError> {
        let place = &self.inner.environment.place;
        let machine = &start.revision.machine;
        let machine_arn = place.state_machine_arn(machine);
        let (name, id) = (start.name.unwrap_or_else(express::uuid), express::uuid());
        let arn = place.express_arn(machine, &name, &id);
        let command = ExpressStart {
            revision: start.revision.id.clone(),
            name,
            id,
            input: start.input.text().to_string(),
            seed: clock::random_u64(),
            started_at: 0,
            trace_header: start.trace_header,
            version_arn: start.version.map(|number| format!("{machine_arn}:{number}")),
            alias_arn: start.alias.map(|alias| format!("{machine_arn}:{alias}")),
            mocks: start.mocks.map(|mocks| mocks.text().to_string()),
        };
        let count = self.inner.shards.mailboxes.len().max(1);
        let index = self.inner.next_shard.fetch_add(1, Ordering::Relaxed) % count;
        let shard = ShardId(u8::try_from(index).unwrap_or(0));
        match self.ask(shard, |reply| Message::StartExpress(Box::new(command), reply)).await {
            Ok(Reply::Started { at, .. }) => Ok((arn, at)),
            Ok(Reply::Busy) => Err(StartError::Busy),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(StartError::Unavailable(why)),
            Ok(other) => Err(StartError::Unavailable(unexpected(&other))),
        }
    }

    /// Runs an Express execution to its end.
    pub async fn start_sync(&self, start: StartExecution) -> Result<SyncOutcome, StartError> {
        let (environment, connector) = (self.inner.environment.clone(), self.inner.connector.clone());
        Ok(express::run(environment, connector, &self.inner.logs, start).await)
    }

    /// Runs one state of a definition on its own: nothing is stored.
    pub async fn test_state(&self, definition: Arc<asl::StateMachine>, setup: StateTestSetup) -> TestedState {
        // An activity need not exist: only a mock can answer for its workers.
        let environment = Environment {
            activity_exists: interpreter::any_activity(),
            ..Environment::clone(&self.inner.environment)
        };
        let (environment, connector) = (Arc::new(environment), self.inner.connector.clone());
        test_state::run(environment, connector, definition, setup).await
    }

    /// Stops an execution, durably; of one that is closed already it says when it stopped.
    pub async fn stop(
        &self,
        execution: ExecutionKey,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<Timestamp, EngineError> {
        let (error, cause) = (error.map(Text::from), cause.map(Text::from));
        match self.ask(execution.shard(), |reply| Message::Stop { execution, error, cause, reply }).await {
            Ok(Reply::Stopped { at }) => Ok(at),
            Ok(Reply::NoSuchExecution) => Err(EngineError::NoSuchExecution),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(EngineError::Unavailable(why)),
            Ok(other) => Err(EngineError::Unavailable(unexpected(&other))),
        }
    }

    /// Redrives an execution that ended unsuccessfully, durably; says when. The same token again is the same redrive: the last ten
    /// are remembered, each for 15 minutes.
    ///
    /// # Errors
    /// [`RedriveError`].
    pub async fn redrive(
        &self,
        execution: ExecutionKey,
        token: Option<String>,
    ) -> Result<Timestamp, RedriveError> {
        if self.inner.open_executions.is_full() {
            return Err(RedriveError::TooMany);
        }
        let token = token.map(Text::from);
        match self.ask(execution.shard(), |reply| Message::Redrive { execution, token, reply }).await {
            Ok(Reply::Redriven { at }) => Ok(at),
            Ok(Reply::NotRedrivable(why)) => Err(RedriveError::NotRedrivable(why)),
            Ok(Reply::NoSuchExecution) => Err(RedriveError::NoSuchExecution),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(RedriveError::Unavailable(why)),
            Ok(other) => Err(RedriveError::Unavailable(unexpected(&other))),
        }
    }

    /// Answers a task by its token, durably.
    pub async fn answer_token(&self, token: &str, answer: Answer) -> Result<(), TokenError> {
        let subject = self.inner.environment.token_key.verify(token).ok_or(TokenError::Invalid)?;
        let execution = ExecutionKey(subject.execution);
        let effect = subject.effect;
        let reply =
            self.ask(execution.shard(), |reply| Message::Answer { execution, effect, answer, reply }).await;
        token_reply(reply)
    }

    /// Keeps a task with a heartbeat alive.
    pub async fn heartbeat(&self, token: &str) -> Result<(), TokenError> {
        let subject = self.inner.environment.token_key.verify(token).ok_or(TokenError::Invalid)?;
        let execution = ExecutionKey(subject.execution);
        let effect = subject.effect;
        let reply =
            self.ask(execution.shard(), |reply| Message::Heartbeat { execution, effect, reply }).await;
        token_reply(reply)
    }

    /// Waits for a task of an activity, for up to 60 seconds. The hand-over is durable when this returns. To drop the future is to
    /// go away: nobody is handed anything then.
    ///
    /// # Errors
    /// [`PollError`].
    pub async fn poll_activity(
        &self,
        activity: &str,
        worker: Option<String>,
    ) -> Result<Option<ActivityTask>, PollError> {
        let ticket = self.inner.next_poll.fetch_add(1, Ordering::Relaxed);
        activities::poll(&self.inner.activities, ticket, activity, worker).await
    }

    /// Deletes an activity: those that poll it hear so, its tasks wait until it is created again, time out or are stopped. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn delete_activity(&self, activity: &str) -> catalogue::Result<()> {
        self.inner
            .catalogue
            .delete_activity(activity, &self.inner.environment.place.activity_arn(activity))?;
        let _ = self.inner.activities.send(Told::Deleted(activity.to_owned()));
        Ok(())
    }

    /// From now on every poll for an activity's task is answered at once, with nothing.
    pub fn end_polls(&self) {
        let _ = self.inner.activities.send(Told::Drain);
    }

    /// Every shard hears that a state machine is being deleted, or is gone.
    pub(crate) fn deleting(&self, machine: &str, is_gone: bool) {
        for mailbox in self.inner.shards.mailboxes.iter() {
            let _ = mailbox.send(Message::Deleting { machine: machine.to_owned(), is_gone });
        }
    }

    /// Waits until the store has failed for good, and says why. What was acknowledged is in the store; nothing more can be
    /// written, so the process should end and be started again when the cause is mended.
    pub async fn failed(&self) -> String {
        let mut failures = self.inner.failures.clone();
        let why = failures.wait_for(Option::is_some).await.map(|why| why.clone());
        match why {
            Ok(why) => why.unwrap_or_default(),
            // Every driver is gone: the engine was shut down.
            Err(_) => std::future::pending().await,
        }
    }

    /// Removes executions of one shard that have ended, durably; one that is in use at this moment stays.
    pub(crate) async fn remove(
        &self,
        shard: ShardId,
        executions: Vec<ExecutionKey>,
    ) -> Result<(), EngineError> {
        match self.ask(shard, |reply| Message::Remove { executions, reply }).await {
            Ok(Reply::Accepted) => Ok(()),
            Ok(Reply::Unavailable(why)) | Err(why) => Err(EngineError::Unavailable(why)),
            Ok(other) => Err(EngineError::Unavailable(unexpected(&other))),
        }
    }

    /// Lines of execution logs that were lost: for want of room, or because their log group could not be written to.
    pub fn lost_log_lines(&self) -> u64 {
        self.inner.logs.lost()
    }

    /// Whether the engine was shut down.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.shards.mailboxes.iter().all(mpsc::UnboundedSender::is_closed)
    }

    /// How many shards there are; they are numbered from 0.
    pub fn shards(&self) -> u8 {
        u8::try_from(self.inner.shards.mailboxes.len()).unwrap_or(u8::MAX)
    }

    /// Hears of every execution that has new records, once they are durable. One who listens too slowly is told that it missed
    /// some, and reads again.
    pub fn changes(&self) -> broadcast::Receiver<ExecutionKey> {
        self.inner.changes.listen()
    }

    /// Lets calls under way finish for up to `patience`, begins nothing new, and stops the shards. What is not finished
    /// goes on when the store is opened again.
    pub async fn shut_down(&self, patience: Duration) {
        self.end_polls();
        let until = tokio::time::Instant::now() + patience;
        let mut waiting = Vec::new();
        for mailbox in self.inner.shards.mailboxes.iter() {
            let (done, finished) = oneshot::channel();
            if mailbox.send(Message::Drain { until, done }).is_ok() {
                waiting.push(finished);
            }
        }
        for finished in waiting {
            let _ = finished.await;
        }
        let left = until.saturating_duration_since(tokio::time::Instant::now()).max(FLUSH_MIN);
        let _ = tokio::time::timeout(left, self.inner.logs.flush()).await;
    }

    async fn ask(&self, shard: ShardId, message: impl FnOnce(ReplyTo) -> Message) -> Result<Reply, String> {
        let (reply, answer) = oneshot::channel();
        let Some(mailbox) = self.inner.shards.of(shard) else { return Ok(Reply::NoSuchExecution) };
        if mailbox.send(message(reply)).is_err() {
            return Err("the server is shutting down".into());
        }
        answer.await.map_err(|_| "the server is shutting down".to_owned())
    }
}

/// Whether an ARN is that of an activity of this place that exists.
fn activity_exists(place: &Place, catalogue: &Arc<Catalogue>) -> interpreter::ActivityExists {
    let (prefix, catalogue) = (place.activity_arn(""), catalogue.clone());
    Arc::new(move |arn| arn.strip_prefix(&prefix).is_some_and(|name| catalogue.has_activity(name)))
}

fn token_reply(reply: Result<Reply, String>) -> Result<(), TokenError> {
    match reply {
        Ok(Reply::Accepted) => Ok(()),
        Ok(Reply::Stale) => Err(TokenError::TimedOut),
        Ok(Reply::NoSuchExecution) => Err(TokenError::DoesNotExist),
        Ok(Reply::Unavailable(why)) | Err(why) => Err(TokenError::Unavailable(why)),
        Ok(other) => Err(TokenError::Unavailable(unexpected(&other))),
    }
}

fn unexpected(reply: &Reply) -> String {
    format!("an unexpected answer of the shard: {reply:?}")
}

/// The store's key for task tokens, made when the store is.
pub(crate) fn token_key(store: &dyn Store) -> Result<TokenKey, store::Error> {
    let mut fresh = [0; 32];
    clock::fill(&mut fresh);
    let kept = store.property("token-key", &fresh)?;
    let bytes = <[u8; 32]>::try_from(kept.as_slice())
        .map_err(|_| store::Error::Version("the store's token key has another length".into()))?;
    Ok(TokenKey::new(bytes))
}
