//! `stepwell task list`: what waits for somebody's answer. It is found in the public histories of the executions that run, since
//! the API has no list of tokens; so is the token, where the state handed it over.

use clap::Args;
use serde_json::{Value, json};
use wire::{ExecutionStatus, ListExecutionsInput, StateMachineType};

use crate::context::Context;
use crate::failure::Failure;
use crate::follow;
use crate::output::{Cell, Column, Listing, Table};
use crate::targets::{self, Target};
use crate::trace::{Event, Trace};

/// Running executions whose histories are read unless a person says otherwise.
const LIMIT_DEFAULT: usize = 100;
/// The shortest text that may be a token: ours have 44 characters, the service's hundreds.
const TOKEN_LENGTH_MIN: usize = 40;

/// List the tasks that wait for a token
#[derive(Args, Debug)]
pub struct TaskListArgs {
    /// A state machine or an execution [default: all state machines]
    target: Option<String>,
    /// Look at so many running executions of a state machine at most
    #[arg(long, default_value_t = LIMIT_DEFAULT)]
    limit: usize,
}

/// Prints the list, longest waiting first.
///
/// # Errors
/// When there is no such thing, or the server refuses or cannot be reached.
pub async fn run(args: &TaskListArgs, context: &Context) -> Result<(), Failure> {
    let mut found = Vec::new();
    for arn in executions(args, context).await? {
        let path = targets::path_of(&arn);
        let mut trace = Trace::new(&path);
        for event in follow::new_events(&context.client, &arn, 0).await? {
            trace.apply(&Event::from(&event));
        }
        let waiting = trace.waiting().map(|node| {
            let token = node.asked.as_deref().and_then(token_in);
            (node.entered, arn.clone(), path.clone(), node.name.clone(), token)
        });
        found.extend(waiting);
    }
    found.sort_by_key(|(since, ..)| *since);
    if found.is_empty() {
        context.say("nothing waits for a token");
    }
    let columns =
        [Column::new("execution"), Column::new("state"), Column::new("since"), Column::new("token")];
    let mut listing = Listing { table: Table::new(&columns), ..Listing::default() };
    for (since, arn, path, state, token) in found {
        let at = wire::Timestamp::from_millis(since);
        let item = json!({"executionArn": arn, "state": state, "startDate": at, "taskToken": token});
        listing.items.push(context.printer.json(&item));
        let shown = token.clone().unwrap_or_else(|| "(not in what the state sends)".to_owned());
        listing.table.rows.push(vec![
            Cell::from(path),
            state.into(),
            context.printer.time(at).into(),
            shown.into(),
        ]);
        listing.names.extend(token);
    }
    context.printer.listing(&listing)
}

async fn executions(args: &TaskListArgs, context: &Context) -> Result<Vec<String>, Failure> {
    let client = &context.client;
    let machines = match &args.target {
        Some(target) => match targets::any(client, target).await? {
            Target::Execution(arn) => return Ok(vec![arn]),
            Target::Machine(arn) => vec![arn],
        },
        None => {
            let all = targets::machines(client).await?;
            let standard = all.into_iter().filter(|one| one.r#type == StateMachineType::Standard);
            standard.map(|one| one.state_machine_arn).collect()
        }
    };
    let mut found = Vec::new();
    for machine in machines {
        let request = ListExecutionsInput {
            state_machine_arn: Some(machine),
            status_filter: Some(ExecutionStatus::Running),
            max_results: Some(args.limit.clamp(1, 1000) as i32),
            ..Default::default()
        };
        found.extend(client.call(&request).await?.executions.into_iter().map(|one| one.execution_arn));
    }
    Ok(found)
}

/// The token among what a state sends: a long text without spaces, where a name speaks of a token if there are several.
fn token_in(parameters: &str) -> Option<String> {
    let parameters: Value = serde_json::from_str(parameters).ok()?;
    let (mut open, mut best) = (vec![(false, &parameters)], None);
    while let Some((is_named, value)) = open.pop() {
        match value {
            Value::Object(members) => open.extend(
                members.iter().map(|(name, value)| (name.to_ascii_lowercase().contains("token"), value)),
            ),
            Value::Array(items) => open.extend(items.iter().map(|item| (is_named, item))),
            Value::String(text) if is_like_a_token(text) && (is_named || best.is_none()) => {
                best = Some(text.clone());
                if is_named {
                    return best;
                }
            }
            _ => {}
        }
    }
    best
}

fn is_like_a_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    text.len() >= TOKEN_LENGTH_MIN && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::token_in;

    #[test]
    fn tokens_are_found() {
        let token = "AQAAAAAAAAABAAAACzA7SiFBkqesQpM-c1-Rt2eRuUnc";
        let other = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let check =
            |text: String, wanted: Option<&str>| assert_eq!(token_in(&text).as_deref(), wanted, "{text}");
        check(format!(r#"{{"Payload":{{"t":"{token}","n":1}}}}"#), Some(token));
        check(
            format!(r#"{{"a":"{other}","MessageBody":{{"TaskToken":"{token}"}},"z":"{other}"}}"#),
            Some(token),
        );
        check(r#"{"TaskToken":"short"}"#.to_owned(), None);
        check("nonsense".to_owned(), None);
    }
}
