//! `stepwell test-state`: one state of a definition on its own (TestState), in this process or at a server that is named. How the
//! data flow is drawn is `flow`'s, which state of which definition is meant is `subject`'s.

mod flow;
mod subject;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use integrations::functions::LogSink;
use wire::{
    InspectionLevel, MockErrorOutput, MockInput, MockResponseValidationMode, TestExecutionStatus,
    TestStateConfiguration, TestStateInput, TestStateOutput,
};

use crate::client::{Client, Endpoint};
use crate::config::{Profile, ServiceLimits};
use crate::context::Context;
use crate::definitions::Source;
use crate::failure::{Exit, Failure};
use crate::input::{self, InputArgs};
use crate::output::{self, Format, Record};
use crate::serve::{self, AwsServices, Backing, ExecutionLogs, Functions, Plan};
use crate::terminal::{Tone, printable};
use subject::Subject;

/// How long calls under way may take when the test is over.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// Test one state of a definition, with a mock in place of its work if you like
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:
  stepwell test-state order.asl.json --state Charge --input @order.json --mock '{\"Payload\":{\"ok\":true}}' --trace
  stepwell test-state order.asl.json --state Charge --mock error:CardDeclined --retries 3
  stepwell test-state order.asl.json --state ForEach --input '[1,2]' --mock '[3,4]' --trace
  stepwell test-state pass.json --input '{\"a\":1}'           a file that is a state and no more",
    after_help = "Without --endpoint it runs in this process, with the functions of stepwell.toml; no server is needed.
Exit code 0 when the state succeeded or its error was caught, 1 when it failed or would be retried."
)]
pub struct TestStateArgs {
    /// A definition, or the definition of one state; JSON or YAML, `-` is standard input
    file: PathBuf,
    /// The state, at whatever depth
    #[arg(long, short, value_name = "NAME")]
    state: Option<String>,
    /// What it gets.
    #[command(flatten)]
    input: InputArgs,
    /// Its result, or `error:NAME[:CAUSE]` for a failure
    #[arg(long, short, value_name = "JSON|@FILE|-|error:NAME")]
    mock: Option<String>,
    /// How a mocked result is held against the API of the service that it stands for
    #[arg(long, value_enum, ignore_case = true, requires = "mock", value_name = "HOW")]
    validate: Option<Validate>,
    /// Variables that it sees: a JSON object
    #[arg(long, value_name = "JSON|@FILE|-")]
    variables: Option<String>,
    /// Its context object ($$, $states.context)
    #[arg(long, value_name = "JSON|@FILE|-", requires = "mock")]
    context: Option<String>,
    /// Attempts that the matching Retrier has already made
    #[arg(long, value_name = "COUNT", requires = "mock")]
    retries: Option<i32>,
    /// Iterations of the Map that failed
    #[arg(long, value_name = "COUNT", requires = "mock")]
    failed_iterations: Option<i32>,
    /// What the Map's ItemReader reads: the text of its source
    #[arg(long, value_name = "TEXT|@FILE|-", requires = "mock")]
    items: Option<String>,
    /// The state inside the Map or Parallel where the mocked error came from
    #[arg(long, value_name = "NAME", requires = "mock")]
    caused_by: Option<String>,
    /// Show the data flow, stage by stage
    #[arg(long, short)]
    trace: bool,
    /// The role in the context object
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
}

/// How a mocked result is checked (MockInput, `fieldValidationMode`).
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Validate {
    /// Required members are there, and all that is there fits
    Strict,
    /// What is there fits
    Present,
    /// Not at all
    None,
}

/// Tests it.
///
/// # Errors
/// When the definition or a flag cannot be used, the server refuses, or the state fails.
pub async fn run(args: &TestStateArgs, context: &Context) -> Result<(), Failure> {
    let source = Source::read(&args.file)?;
    let subject = Subject::find(source, args.state.as_deref(), context)?;
    let request = request(args, &subject)?;
    let begun = Instant::now();
    let answer = if context.settings.names_endpoint {
        context.client.call(&request).await?
    } else {
        in_this_process(&request, context).await?
    };
    print(args, &subject, &answer, begun.elapsed(), context)?;
    match answer.status {
        Some(TestExecutionStatus::Succeeded | TestExecutionStatus::CaughtError) => Ok(()),
        _ => Err(Failure::silent(Exit::Failed)),
    }
}

fn request(args: &TestStateArgs, subject: &Subject) -> Result<TestStateInput, Failure> {
    let json = |flag: &str, argument: &Option<String>| {
        argument.as_deref().map(|argument| input::read(flag, argument)).transpose()
    };
    let configuration = TestStateConfiguration {
        retrier_retry_count: args.retries,
        error_caused_by_state: args.caused_by.clone(),
        map_iteration_failure_count: args.failed_iterations,
        map_item_reader_data: args.items.as_deref().map(|items| input::text("--items", items)).transpose()?,
    };
    Ok(TestStateInput {
        definition: subject.definition.clone(),
        state_name: subject.name.clone(),
        role_arn: args.role.clone(),
        input: args.input.text()?,
        inspection_level: Some(if args.trace { InspectionLevel::Trace } else { InspectionLevel::Info }),
        reveal_secrets: None,
        variables: json("--variables", &args.variables)?,
        context: json("--context", &args.context)?,
        mock: args.mock.as_deref().map(|mock| read_mock(mock, args.validate)).transpose()?,
        state_configuration: Some(configuration).filter(|one| *one != TestStateConfiguration::default()),
    })
}

fn read_mock(argument: &str, validate: Option<Validate>) -> Result<MockInput, Failure> {
    let field_validation_mode = validate.map(|how| match how {
        Validate::Strict => MockResponseValidationMode::Strict,
        Validate::Present => MockResponseValidationMode::Present,
        Validate::None => MockResponseValidationMode::None,
    });
    let Some(failure) = argument.strip_prefix("error:") else {
        let result = Some(input::read("--mock", argument)?);
        return Ok(MockInput { result, field_validation_mode, ..MockInput::default() });
    };
    let (error, cause) =
        failure.split_once(':').map_or((failure, None), |(error, cause)| (error, Some(cause)));
    if error.is_empty() {
        return Err(Failure::usage("`--mock error:` does not name an error")
            .hint("expected error:NAME or error:NAME:CAUSE, such as error:States.Timeout"));
    }
    let error_output =
        Some(MockErrorOutput { error: Some(error.to_owned()), cause: cause.map(str::to_owned) });
    Ok(MockInput { error_output, field_validation_mode, ..MockInput::default() })
}

/// A server of this process alone, for as long as the test takes: the same code answers.
async fn in_this_process(request: &TestStateInput, context: &Context) -> Result<TestStateOutput, Failure> {
    let settings = &context.settings;
    let table = settings.config.as_ref().map(|loaded| loaded.file.limits.clone()).unwrap_or_default();
    let plan = Plan {
        console: None,
        allowed_hosts: Vec::new(),
        listen: "127.0.0.1:0".to_owned(),
        allow_remote: false,
        backing: Backing::Memory,
        region: settings.region.clone(),
        account: settings.account.clone(),
        functions: Functions::declared(settings.config.as_ref())?,
        aws: AwsServices::declared(settings.config.as_ref()),
        retention: None,
        execution_logs: ExecutionLogs::nowhere(),
        log: LogSink::new(|log| output::note(&format!("{} | {}", log.function, printable(&log.line)))),
        drain_timeout: DRAIN_TIMEOUT,
        ready_file: None,
        mocks: None,
        wait_scale: interpreter::WaitScale::REAL,
        limits: ServiceLimits::new(Profile::Local, &table)?,
    };
    let running = serve::start(plan).await?;
    let client = Client::new(Endpoint::parse(&running.url())?, &settings.region, settings.debug);
    let answer = client.call(request).await;
    running.stop().await?;
    Ok(answer?)
}

fn print(
    args: &TestStateArgs,
    subject: &Subject,
    answer: &TestStateOutput,
    took: Duration,
    context: &Context,
) -> Result<(), Failure> {
    if !matches!(context.printer.format, Format::Table | Format::Wide) {
        let (json, name) = (context.printer.json(answer), answer.next_state.clone().unwrap_or_default());
        return context.printer.record(&Record { fields: Vec::new(), json, name });
    }
    context.say(&verdict(answer, took, context));
    if args.trace {
        return output::write(&flow::draw(
            answer,
            &subject.state,
            args.mock.is_some(),
            &context.terminal.out,
        ));
    }
    for line in flow::failure(answer, &subject.state) {
        context.say(&line);
    }
    match &answer.output {
        Some(text) => output::write(&flow::readable(text)),
        None => Ok(()),
    }
}

/// `SUCCEEDED in 3 ms, next: Ship`.
fn verdict(answer: &TestStateOutput, took: Duration, context: &Context) -> String {
    let status = answer.status.unwrap_or_default();
    let tone = match status {
        TestExecutionStatus::Succeeded => Tone::Good,
        TestExecutionStatus::CaughtError | TestExecutionStatus::Retriable => Tone::Warn,
        TestExecutionStatus::Failed => Tone::Bad,
    };
    let took = crate::moment::length(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    let next = answer.next_state.as_deref().map(|next| format!(", next: {}", printable(next)));
    format!("{} in {took}{}", context.terminal.err.paint(tone, status.as_str()), next.unwrap_or_default())
}
