//! How a person names a state machine or an execution, and which one that is: an ARN, `machine`, `machine/execution`, the
//! beginning of a name when only one begins so, `machine@last`, `@last`. It asks the server through the public API only.

use wire::{
    DescribeExecutionInput, ExecutionListItem, ListExecutionsInput, ListStateMachinesInput,
    StateMachineListItem,
};

use crate::client::{CallError, Client};
use crate::failure::{Exit, Failure};
use crate::last;

/// Pages of 1,000 that a search by beginning of a name looks through.
const SEARCH_PAGES_MAX: usize = 10;
/// Candidates that an error lists.
const CANDIDATES_MAX: usize = 10;

/// What a target turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The ARN of a state machine.
    Machine(String),
    /// The ARN of an execution.
    Execution(String),
}

/// What was written.
#[derive(Debug, PartialEq, Eq)]
enum Written<'a> {
    MachineArn(&'a str),
    ExecutionArn(&'a str),
    Last,
    LastOf(&'a str),
    Path(&'a str, &'a str),
    Bare(&'a str),
}

fn read(text: &str) -> Result<Written<'_>, Failure> {
    if text.starts_with("arn:") {
        return match text.split(':').nth(5) {
            Some("stateMachine") => Ok(Written::MachineArn(text)),
            Some("execution" | "express") => Ok(Written::ExecutionArn(text)),
            _ => Err(Failure::usage(format!(
                "`{text}` is the ARN of neither a state machine nor an execution"
            ))),
        };
    }
    match (text.split_once('/'), text.strip_suffix("@last")) {
        _ if text.is_empty() => Err(Failure::usage("a target must not be empty")
            .hint("expected an ARN, `machine`, `machine/execution`, `machine@last` or `@last`")),
        (_, Some("")) => Ok(Written::Last),
        (_, Some(machine)) => Ok(Written::LastOf(machine)),
        (Some((machine, execution)), None) if !machine.is_empty() && !execution.is_empty() => {
            Ok(Written::Path(machine, execution))
        }
        (Some(_), None) => Err(Failure::usage(format!("`{text}`: expected `machine/execution`"))),
        (None, None) => Ok(Written::Bare(text)),
    }
}

/// The state machine that was meant: its ARN.
///
/// # Errors
/// When there is none or more than one.
pub async fn machine(client: &Client, text: &str) -> Result<String, Failure> {
    match read(text)? {
        Written::MachineArn(arn) => Ok(arn.to_owned()),
        Written::Bare(name) => find_machine(client, name).await,
        _ => Err(Failure::usage(format!("`{text}` is an execution; this command takes a state machine"))),
    }
}

/// The execution that was meant: its ARN.
///
/// # Errors
/// When there is none or more than one.
pub async fn execution(client: &Client, text: &str) -> Result<String, Failure> {
    match any(client, text).await? {
        Target::Execution(arn) => Ok(arn),
        Target::Machine(arn) => {
            let name = name_in(&arn);
            Err(Failure::usage(format!("`{text}` is a state machine; this command takes an execution")).hint(
                format!("the newest one is `{name}@last`; `stepwell list executions {name}` shows all"),
            ))
        }
    }
}

/// Whatever was meant.
///
/// # Errors
/// When there is none or more than one.
pub async fn any(client: &Client, text: &str) -> Result<Target, Failure> {
    match read(text)? {
        Written::MachineArn(arn) => Ok(Target::Machine(arn.to_owned())),
        Written::ExecutionArn(arn) => Ok(Target::Execution(arn.to_owned())),
        Written::Last => {
            last::recall(&client.endpoint().to_string()).map(Target::Execution).ok_or_else(|| {
                Failure::new(Exit::Usage, "`@last`: no execution was started from here yet")
                    .hint("`stepwell list executions` shows what there is")
            })
        }
        Written::LastOf(machine) => newest(client, machine).await.map(Target::Execution),
        Written::Path(machine, execution) => {
            in_machine(client, machine, execution).await.map(Target::Execution)
        }
        Written::Bare(name) => bare(client, name).await,
    }
}

/// The name of a state machine or an execution, from its ARN.
pub fn name_in(arn: &str) -> &str {
    let mut parts = arn.split(':').skip(5);
    match parts.next() {
        Some("execution") => parts.nth(1),
        _ => parts.next(),
    }
    .unwrap_or(arn)
}

/// `machine/execution`, from the ARN of an execution.
pub fn path_of(execution_arn: &str) -> String {
    match execution_arn.split(':').collect::<Vec<_>>()[..] {
        [_, _, _, _, _, "execution", machine, name] => format!("{machine}/{name}"),
        _ => execution_arn.to_owned(),
    }
}

/// All state machines.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub async fn machines(client: &Client) -> Result<Vec<StateMachineListItem>, CallError> {
    let mut found = Vec::new();
    let mut next_token = None;
    loop {
        let page = client.call(&ListStateMachinesInput { max_results: Some(1000), next_token }).await?;
        found.extend(page.state_machines);
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(found);
        }
    }
}

async fn find_machine(client: &Client, name: &str) -> Result<String, Failure> {
    let all = machines(client).await?;
    if let Some(exact) = all.iter().find(|machine| machine.name == name) {
        return Ok(exact.state_machine_arn.clone());
    }
    let candidates: Vec<_> = all.iter().filter(|machine| machine.name.starts_with(name)).collect();
    match candidates[..] {
        [one] => Ok(one.state_machine_arn.clone()),
        [] => {
            let names = all.iter().map(|machine| machine.name.as_str()).collect::<Vec<_>>();
            Err(none_called("state machine", name, &names))
        }
        _ => Err(ambiguous("state machine", name, candidates.iter().map(|machine| machine.name.clone()))),
    }
}

async fn newest(client: &Client, machine: &str) -> Result<String, Failure> {
    let machine_arn = find_machine(client, machine).await?;
    let first = ListExecutionsInput {
        state_machine_arn: Some(machine_arn.clone()),
        max_results: Some(1),
        ..Default::default()
    };
    let page = client.call(&first).await?;
    let name = name_in(&machine_arn);
    page.executions.into_iter().next().map(|execution| execution.execution_arn).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("`{name}` has no execution yet"))
            .hint(format!("`stepwell start {name}` starts one"))
    })
}

async fn in_machine(client: &Client, machine: &str, execution: &str) -> Result<String, Failure> {
    let machine_arn = find_machine(client, machine).await?;
    let exact = format!("{}:{execution}", machine_arn.replacen(":stateMachine:", ":execution:", 1));
    let describe = DescribeExecutionInput { execution_arn: exact.clone(), ..Default::default() };
    match client.call(&describe).await {
        Ok(_) => return Ok(exact),
        Err(error) if error.is("ExecutionDoesNotExist") || error.is("InvalidArn") => {}
        Err(error) => return Err(error.into()),
    }
    let found = beginning_with(client, &machine_arn, execution).await?;
    one_of(execution, found)
}

async fn bare(client: &Client, name: &str) -> Result<Target, Failure> {
    let all = machines(client).await?;
    if let Some(exact) = all.iter().find(|machine| machine.name == name) {
        return Ok(Target::Machine(exact.state_machine_arn.clone()));
    }
    let begins: Vec<_> = all.iter().filter(|machine| machine.name.starts_with(name)).collect();
    let mut executions = Vec::new();
    for machine in all.iter().filter(|machine| machine.r#type == wire::StateMachineType::Standard) {
        executions.extend(beginning_with(client, &machine.state_machine_arn, name).await?);
    }
    match (&begins[..], &executions[..]) {
        ([], []) => {
            let names = all.iter().map(|machine| machine.name.as_str()).collect::<Vec<_>>();
            Err(none_called("state machine and no execution", name, &names))
        }
        ([machine], []) => Ok(Target::Machine(machine.state_machine_arn.clone())),
        ([], _) => one_of(name, executions).map(Target::Execution),
        _ => {
            let names = begins.iter().map(|machine| machine.name.clone());
            Err(ambiguous(
                "target",
                name,
                names.chain(executions.iter().map(|one| path_of(&one.execution_arn))),
            ))
        }
    }
}

async fn beginning_with(
    client: &Client,
    machine_arn: &str,
    name: &str,
) -> Result<Vec<ExecutionListItem>, Failure> {
    let mut found = Vec::new();
    let mut next_token = None;
    for _ in 0..SEARCH_PAGES_MAX {
        let request = ListExecutionsInput {
            state_machine_arn: Some(machine_arn.to_owned()),
            max_results: Some(1000),
            next_token,
            ..Default::default()
        };
        let page = client.call(&request).await?;
        found.extend(page.executions.into_iter().filter(|execution| execution.name.starts_with(name)));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    Ok(found)
}

fn one_of(name: &str, mut found: Vec<ExecutionListItem>) -> Result<String, Failure> {
    if let Some(exact) = found.iter().position(|execution| execution.name == name) {
        return Ok(found.swap_remove(exact).execution_arn);
    }
    match found.len() {
        0 => Err(none_called("execution", name, &[])),
        1 => Ok(found.swap_remove(0).execution_arn),
        _ => Err(ambiguous("execution", name, found.iter().map(|one| path_of(&one.execution_arn)))),
    }
}

fn none_called(kind: &str, name: &str, known: &[&str]) -> Failure {
    let failure = Failure::new(Exit::Usage, format!("there is no {kind} called `{name}`"));
    match crate::config::nearest(name, known) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            failure.hint("`stepwell list machines` and `stepwell list executions` show what there is")
        }
        None => failure.hint(format!(
            "state machines: {}",
            known.iter().take(CANDIDATES_MAX).copied().collect::<Vec<_>>().join(", ")
        )),
    }
}

fn ambiguous(kind: &str, name: &str, candidates: impl Iterator<Item = String>) -> Failure {
    let candidates: Vec<String> = candidates.collect();
    let mut failure = Failure::usage(format!("`{name}` fits more than one {kind}"));
    for candidate in candidates.iter().take(CANDIDATES_MAX) {
        failure = failure.hint(candidate);
    }
    if candidates.len() > CANDIDATES_MAX {
        failure = failure.hint("…");
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::{Written, name_in, path_of, read};

    #[test]
    fn targets_are_read() {
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:order";
        let execution = "arn:aws:states:us-east-1:000000000000:execution:order:a";
        for (text, wanted) in [
            (machine, Some(Written::MachineArn(machine))),
            (execution, Some(Written::ExecutionArn(execution))),
            ("arn:aws:lambda:us-east-1:000000000000:function:x", None),
            ("arn:", None),
            ("@last", Some(Written::Last)),
            ("order@last", Some(Written::LastOf("order"))),
            ("order/a", Some(Written::Path("order", "a"))),
            ("order/", None),
            ("/a", None),
            ("order", Some(Written::Bare("order"))),
            ("", None),
        ] {
            assert_eq!(read(text).ok(), wanted, "{text}");
        }
        assert_eq!((name_in(machine), name_in(execution)), ("order", "a"));
        assert_eq!((path_of(execution), path_of("x")), ("order/a".to_owned(), "x".to_owned()));
    }
}
