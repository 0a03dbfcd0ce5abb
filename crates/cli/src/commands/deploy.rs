//! `stepwell deploy`: creates a state machine from a file, or updates the one of that name.

use std::path::PathBuf;

use asl::Severity;
use clap::Args;
use serde_json::{Value, json};
use wire::{
    CreateStateMachineInput, DescribeStateMachineInput, DescribeStateMachineOutput, StateMachineType,
    UpdateStateMachineInput,
};

use super::validate::TypeArg;
use crate::client::Client;
use crate::config::{Loaded, Machine};
use crate::context::Context;
use crate::definitions::Source;
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Column, Listing, Table, count, note};
use crate::targets;

/// Create state machines from files, or update them
#[derive(Args, Debug)]
#[command(before_help = "Examples:
  stepwell deploy order.asl.json                   as `order`
  stepwell deploy flow.asl.yaml --name order --type express
  stepwell deploy                                  [machines] of stepwell.toml\n")]
pub struct DeployArgs {
    /// A definition in JSON or YAML
    file: Option<PathBuf>,
    /// The state machine's name [default: the file's, without `.asl.json`]
    #[arg(long, requires = "file")]
    name: Option<String>,
    /// The role in the API's answers; nothing here uses it
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// Its type, which an update cannot change
    #[arg(long, value_enum, requires = "file", ignore_case = true)]
    r#type: Option<TypeArg>,
    /// Check and compare, but change nothing
    #[arg(long)]
    dry_run: bool,
}

/// One state machine to deploy.
#[derive(Debug)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// Its definition.
    pub source: Source,
    /// Its type; none: standard, or what it is already.
    pub kind: Option<TypeArg>,
    /// Its role.
    pub role_arn: String,
}

/// What was done.
#[derive(Debug)]
pub struct Deployed {
    /// The state machine.
    pub state_machine_arn: String,
    /// `created`, `updated` or `unchanged`.
    pub result: &'static str,
}

/// Deploys the file, or all machines of `stepwell.toml`.
///
/// # Errors
/// When a definition has errors, or the server refuses or cannot be reached. Those before have been deployed.
pub async fn run(args: &DeployArgs, context: &Context) -> Result<(), Failure> {
    let role = args
        .role
        .clone()
        .unwrap_or_else(|| format!("arn:aws:iam::{}:role/stepwell", context.settings.account));
    let wanted = match (&args.file, &context.settings.config) {
        (Some(file), _) => {
            let source = Source::read(file)?;
            let name = args.name.clone().unwrap_or_else(|| source.machine_name());
            vec![Deployment { name, source, kind: args.r#type, role_arn: role }]
        }
        (None, Some(config)) if !config.file.machines.is_empty() => declared(config, &role)?,
        (None, _) => {
            return Err(Failure::usage("there is nothing to deploy")
                .hint("name a file, or declare machines in the `[machines]` table of stepwell.toml"));
        }
    };
    let columns = [Column::new("machine"), Column::new("result"), Column::new("arn")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for deployment in &wanted {
        check(deployment, context)?;
    }
    for deployment in &wanted {
        let done = deploy(&context.client, deployment, args.dry_run).await?;
        let arn = done.state_machine_arn;
        listing.items.push(json!({"name": deployment.name, "result": done.result, "stateMachineArn": arn}));
        let cells = [Cell::from(deployment.name.as_str()), Cell::from(done.result), Cell::from(arn.as_str())];
        listing.table.rows.push(cells.to_vec());
        listing.names.push(deployment.name.clone());
    }
    if args.dry_run {
        context.say("nothing was changed: this is what would be done");
    }
    context.printer.listing(&listing)
}

fn declared(config: &Loaded, role: &str) -> Result<Vec<Deployment>, Failure> {
    let mut found = Vec::new();
    for (name, machine) in &config.file.machines {
        let kind = declared_type(name, machine)?;
        found.push(Deployment {
            name: name.clone(),
            source: Source::read(&config.folder().join(&machine.definition))?,
            kind,
            role_arn: machine.role.clone().unwrap_or_else(|| role.to_owned()),
        });
    }
    Ok(found)
}

/// The type that `stepwell.toml` declares for a machine, if it does.
///
/// # Errors
/// When that is no type.
pub fn declared_type(name: &str, machine: &Machine) -> Result<Option<TypeArg>, Failure> {
    match machine.r#type.as_deref().map(str::to_ascii_uppercase).as_deref() {
        None => Ok(None),
        Some("STANDARD") => Ok(Some(TypeArg::Standard)),
        Some("EXPRESS") => Ok(Some(TypeArg::Express)),
        Some(other) => Err(Failure::usage(format!("machine `{name}`: `{other}` is not a type"))
            .hint("expected `STANDARD` or `EXPRESS`")),
    }
}

/// Shows what is wrong with the definition before the server says less about it.
fn check(deployment: &Deployment, context: &Context) -> Result<(), Failure> {
    let source = &deployment.source;
    let verdict = source.check(deployment.kind.unwrap_or_default().machine_type(), false);
    let errors = verdict.count(Severity::Error);
    if errors == 0 {
        return Ok(());
    }
    note(&source.render(&verdict.diagnostics, context.terminal.err.color));
    Err(Failure::new(Exit::Failed, format!("`{}` has {}", source.path.display(), count(errors, "error")))
        .hint("nothing was deployed"))
}

/// Creates or updates one state machine.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn deploy(client: &Client, wanted: &Deployment, dry_run: bool) -> Result<Deployed, Failure> {
    let definition = definition(&wanted.source)?;
    let existing = targets::machines(client).await?.into_iter().find(|machine| machine.name == wanted.name);
    let Some(existing) = existing else {
        return create(client, wanted, definition, dry_run).await;
    };
    let arn = existing.state_machine_arn;
    let wanted_type = wanted.kind.map(api_type);
    if wanted_type.is_some_and(|kind| kind != existing.r#type) {
        return Err(Failure::new(Exit::Refused, format!("`{}` is {} already", wanted.name, existing.r#type))
            .hint("the type of a state machine cannot be changed; deploy it under another name"));
    }
    let describe = DescribeStateMachineInput { state_machine_arn: arn.clone(), ..Default::default() };
    let current = client.call(&describe).await?;
    if is_same(&current, &definition, &wanted.role_arn) {
        return Ok(Deployed { state_machine_arn: arn, result: "unchanged" });
    }
    if !dry_run {
        let update = UpdateStateMachineInput {
            state_machine_arn: arn.clone(),
            definition: Some(definition),
            role_arn: Some(wanted.role_arn.clone()),
            ..Default::default()
        };
        client.call(&update).await?;
    }
    Ok(Deployed { state_machine_arn: arn, result: "updated" })
}

async fn create(
    client: &Client,
    wanted: &Deployment,
    definition: String,
    dry_run: bool,
) -> Result<Deployed, Failure> {
    if dry_run {
        return Ok(Deployed { state_machine_arn: "-".to_owned(), result: "created" });
    }
    let request = CreateStateMachineInput {
        name: wanted.name.clone(),
        definition,
        role_arn: wanted.role_arn.clone(),
        r#type: wanted.kind.map(api_type),
        ..Default::default()
    };
    let created = client.call(&request).await?;
    Ok(Deployed { state_machine_arn: created.state_machine_arn, result: "created" })
}

fn api_type(kind: TypeArg) -> StateMachineType {
    match kind {
        TypeArg::Standard => StateMachineType::Standard,
        TypeArg::Express => StateMachineType::Express,
    }
}

/// The definition as the API takes it: JSON.
fn definition(source: &Source) -> Result<String, Failure> {
    if !source.is_yaml {
        return Ok(source.text.clone());
    }
    asl::yaml_to_json(&source.text)
        .map_err(|error| Failure::new(Exit::Failed, format!("`{}`: {error}", source.path.display())))
}

fn is_same(current: &DescribeStateMachineOutput, definition: &str, role_arn: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    current.role_arn == role_arn
        && (current.definition == definition || value(&current.definition) == value(definition))
}
