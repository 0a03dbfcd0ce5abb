//! `stepwell run`: runs a definition here and now, without a server. What happens meanwhile is `crate::rehearse`'s.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use asl::{ParseOptions, Severity, StateMachine};
use clap::Args;
use integrations::mocks::Mocks;
use runtime::Script;
use value::Payload;

use super::validate::TypeArg;
use crate::context::Context;
use crate::definitions::Source;
use crate::failure::Failure;
use crate::input::InputArgs;
use crate::output::{count, note};
use crate::rehearse::{self, Wish, mocks};
use crate::{config, moment};

/// Run a definition without a server, with canned answers for its tasks if you like
#[derive(Args, Debug)]
#[command(
    before_help = "Examples:
  stepwell run order.asl.json --input @order.json            tasks call the functions of stepwell.toml
  stepwell run order.asl.json --mock 'Charge={\"ok\":true}' --mock Ship=error:NoStock:sold-out
  stepwell run order.asl.json --mock MockConfigFile.json#HappyPath
  stepwell run order.asl.json --until Charge -o json          the first half, with its history\n",
    after_help = "Time is virtual when every Task is mocked: waits, backoffs and timeouts pass at once, in their order.
The output goes to standard output, the states to standard error. Exit code 0 if it succeeds, 1 if not."
)]
pub struct RunArgs {
    /// A definition in JSON or YAML, or a machine of stepwell.toml; `-` is standard input
    definition: PathBuf,
    /// What it gets.
    #[command(flatten)]
    input: InputArgs,
    /// Answers instead of work, repeatable: STATE=JSON, STATE=@file.json, STATE=error:NAME or STATE=error:NAME:CAUSE, or a mock file of Step
    /// Functions Local, with #TestCase if it has several
    #[arg(long, value_name = "STATE=JSON|FILE[#CASE]")]
    mock: Vec<String>,
    /// The type of the state machine [default: what stepwell.toml says, or standard]
    #[arg(long, value_enum, ignore_case = true)]
    r#type: Option<TypeArg>,
    /// Let waits pass at once although functions are really called
    #[arg(long, conflicts_with = "real_time")]
    virtual_time: bool,
    /// Wait for real although every Task is mocked
    #[arg(long)]
    real_time: bool,
    /// Begin with this state of the top level; the input is its input
    #[arg(long, value_name = "STATE")]
    from: Option<String>,
    /// End when this state has ended, with its output
    #[arg(long, value_name = "STATE")]
    until: Option<String>,
    /// What `${NAME}` in the definition stands for; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// The execution's name [default: a UUID]
    #[arg(long)]
    name: Option<String>,
    /// Where random numbers, UUIDs and jitter begin: the same number gives the same run
    #[arg(long)]
    seed: Option<u64>,
    /// Write the history here, as GetExecutionHistory answers
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The longest it may really take; exit 124 when it is over
    #[arg(long, value_parser = moment::parse_length, value_name = "TIME")]
    timeout: Option<Duration>,
}

/// Runs it.
///
/// # Errors
/// When the definition, a mock or the input cannot be used (2), when it does not succeed (1), takes too long (124) or is
/// interrupted (130).
pub async fn run(args: &RunArgs, context: &Context) -> Result<(), Failure> {
    let (mut source, machine_name, kind) = definition(args, context)?;
    for param in &args.param {
        substitute(&mut source, param)?;
    }
    let kind = args.r#type.or(kind).unwrap_or_default();
    let mut machine = compile(&source, kind, context)?;
    if let Some(state) = &args.from {
        begin_with(&mut machine, state)?;
    }
    if let Some(state) = &args.until {
        mocks::known(&machine, state)?;
    }
    let mut wanted = Mocks::new();
    for argument in &args.mock {
        wanted.extend(mocks::read(argument, &machine, &machine_name)?);
    }
    let input = args.input.text()?.unwrap_or_else(|| "{}".to_owned());
    let input = Payload::parse(input).map_err(|error| Failure::usage(format!("the input: {error}")))?;
    let all_mocked = mocks::tasks(&machine).all(|state| wanted.contains(state));
    let virtual_time = args.virtual_time || all_mocked && !args.real_time;
    let account = &context.settings.account;
    let script = Script {
        definition: Arc::new(machine),
        place: interpreter::Place {
            region: context.settings.region.clone(),
            account: account.clone(),
            ..Default::default()
        },
        machine: machine_name,
        name: args.name.clone(),
        input,
        role_arn: format!("arn:aws:iam::{account}:role/stepwell"),
        express: kind == TypeArg::Express,
        mocks: Some(wanted.into_payload()),
        seed: args.seed,
        virtual_time,
    };
    let wish = Wish { until: args.until.clone(), history: args.history.clone(), timeout: args.timeout };
    rehearse::run(script, &wish, context).await
}

/// The definition, the name of its state machine, and its type if that is declared.
fn definition(args: &RunArgs, context: &Context) -> Result<(Source, String, Option<TypeArg>), Failure> {
    let path = &args.definition;
    if path == Path::new("-") {
        return Ok((Source::read(path)?, "stdin".to_owned(), None));
    }
    if path.exists() {
        let source = Source::read(path)?;
        let name = source.machine_name();
        return Ok((source, name, None));
    }
    let wanted = path.to_string_lossy();
    let Some(config) = &context.settings.config else { return Err(no_definition(&wanted, &[])) };
    let machines = &config.file.machines;
    let Some(machine) = machines.get(&*wanted) else {
        let names: Vec<&str> = machines.keys().map(String::as_str).collect();
        return Err(no_definition(&wanted, &names));
    };
    let kind = super::deploy::declared_type(&wanted, machine)?;
    Ok((Source::read(&config.folder().join(&machine.definition))?, wanted.into_owned(), kind))
}

fn no_definition(wanted: &str, machines: &[&str]) -> Failure {
    let failure =
        Failure::usage(format!("there is no file `{wanted}`, and stepwell.toml has no such machine"));
    match config::nearest(wanted, machines) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure
            .hint("`stepwell run` takes a definition; one that is deployed is started with `stepwell start`"),
    }
}

/// Puts a value where `${NAME}` stands, written as it must be inside a JSON text.
fn substitute(source: &mut Source, param: &str) -> Result<(), Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("--param `{param}`: {why}"))
            .hint("expected NAME=VALUE, for ${NAME} in the definition")
    };
    let (name, value) = param.split_once('=').ok_or_else(|| wrong("there is no `=`".to_owned()))?;
    let placeholder = format!("${{{name}}}");
    if !source.text.contains(&placeholder) {
        return Err(wrong(format!("the definition has no {placeholder}")));
    }
    let quoted = serde_json::Value::from(value).to_string();
    source.text = source.text.replace(&placeholder, &quoted[1..quoted.len() - 1]);
    Ok(())
}

fn compile(source: &Source, kind: TypeArg, context: &Context) -> Result<StateMachine, Failure> {
    let options =
        ParseOptions { machine_type: kind.machine_type(), allow_placeholders: true, ..Default::default() };
    let parsed = source.parse(options);
    if let Some(machine) = parsed.machine {
        return Ok(machine);
    }
    note(&source.render(&parsed.diagnostics, context.terminal.err.color));
    let errors = parsed.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    Err(Failure::usage(format!("`{}` has {}", source.path.display(), count(errors, "error")))
        .hint("nothing was run"))
}

fn begin_with(machine: &mut StateMachine, state: &str) -> Result<(), Failure> {
    mocks::known(machine, state)?;
    match machine.root.states.iter().find(|name| &***name == state) {
        Some(name) => {
            machine.root.start_at = name.clone();
            Ok(())
        }
        None => Err(Failure::usage(format!("--from `{state}`: it is inside of another state"))
            .hint("begin with the Parallel or Map state that it is in")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, substitute};

    #[track_caller]
    fn check(param: &str, wanted: &str) {
        let text = r#"{"Resource": "${Charge}:live", "Other": "${Charge}"}"#.to_owned();
        let mut source = Source { path: "x".into(), text, is_yaml: false };
        let found = match substitute(&mut source, param) {
            Ok(()) => source.text,
            Err(failure) => failure.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found, wanted);
    }

    #[test]
    fn placeholders_get_their_values() {
        check("Charge=arn:x=y", r#"{"Resource": "arn:x=y:live", "Other": "arn:x=y"}"#);
        check("Charge=a\"b", r#"{"Resource": "a\"b:live", "Other": "a\"b"}"#);
        check("Charg=x", "--param `Charg=x`: the definition has no ${Charg}");
        check("Charge", "--param `Charge`: there is no `=`");
    }
}
