//! The server: whether it answers, is one of ours, and has the same time.

use std::time::{Duration, Instant};

use wire::ListStateMachinesInput;

use super::Found;
use crate::client::CallError;
use crate::context::Context;
use crate::{moment, output};

/// Longest wait for an answer of a check.
const PATIENCE: Duration = Duration::from_secs(5);
/// Difference of two clocks that nobody notices. The Date header counts whole seconds.
const SKEW_MS: i64 = 3_000;

/// Whether something answers at the endpoint.
pub async fn alive(context: &Context) -> Found {
    let endpoint = context.client.endpoint();
    let name = "server";
    let began = Instant::now();
    match tokio::time::timeout(PATIENCE, context.client.get("/health")).await {
        Ok(Ok(answer)) if answer.status == 200 => {
            Found::ok(name, format!("{endpoint} answers in {} ms", began.elapsed().as_millis()))
        }
        Ok(Ok(answer)) => {
            Found::warn(name, format!("{endpoint} answers /health with status {}", answer.status))
                .advise("this may be another service that speaks the same API; for ours: stepwell serve")
        }
        Ok(Err(why)) => absent(Found::fail(name, format!("{endpoint}: {why}"))),
        Err(_) => {
            absent(Found::fail(name, format!("{endpoint} does not answer within {} s", PATIENCE.as_secs())))
        }
    }
}

fn absent(found: Found) -> Found {
    found
        .advise("start one: stepwell serve")
        .advise("or say where it is: --endpoint URL, STEPWELL_ENDPOINT, or `listen` in stepwell.toml")
}

/// Whether it answers requests of the API.
pub async fn api(context: &Context) -> Found {
    let name = "api";
    let request = ListStateMachinesInput { max_results: Some(1000), ..Default::default() };
    match tokio::time::timeout(PATIENCE, context.client.call(&request)).await {
        Ok(Ok(page)) => {
            let more = if page.next_token.is_some() { " and more" } else { "" };
            Found::ok(name, format!("{}{more}", output::count(page.state_machines.len(), "state machine")))
        }
        Ok(Err(CallError::Refused { code, message })) => Found::fail(name, format!("{code}: {message}"))
            .advise("look at the server's log; `stepwell serve --log json` tells more"),
        Ok(Err(CallError::Unreachable(failure))) => Found::fail(name, failure.to_string().replace('\n', ";")),
        Err(_) => Found::fail(name, format!("no answer within {} s", PATIENCE.as_secs()))
            .advise("the store may be slow or full: look at the server's log"),
    }
}

/// Whether both clocks say the same.
pub async fn clock(context: &Context) -> Found {
    let name = "clock";
    let date = match context.client.get("/health").await {
        Ok(answer) => answer.date.as_deref().and_then(moment::parse_http_date),
        Err(_) => None,
    };
    let Some(theirs) = date else { return Found::ok(name, "the server does not tell its time") };
    let skew = moment::now_millis() - theirs;
    if skew.abs() <= SKEW_MS {
        return Found::ok(name, "the same as the server's");
    }
    let (which, length) = if skew > 0 { ("ahead of", skew) } else { ("behind", -skew) };
    Found::warn(name, format!("this machine is {} {which} the server", moment::length(length)))
        .advise("waits and timeouts follow the server's clock; let both machines use NTP")
}
