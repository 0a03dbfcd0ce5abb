//! The functions of `stepwell.toml`: whether each one starts, and whether somebody is at the endpoints of the others. Starting
//! runs the function's code up to its first invocation, which is not made.

use std::time::Duration;

use integrations::functions::LogSink;
use serde_json::Value;
use tokio::net::TcpStream;

use super::Found;
use crate::context::Context;
use crate::moment;
use crate::serve::Functions;

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// All checks of the functions.
pub async fn check(context: &Context) -> Vec<Found> {
    let settings = &context.settings;
    let functions = match Functions::declared(settings.config.as_ref()) {
        Ok(functions) => functions,
        Err(failure) => return vec![Found::fail("functions", failure.to_string().replace('\n', ";"))],
    };
    let mut found = Vec::new();
    for (name, endpoint) in functions.remote() {
        found.push(remote(name, endpoint).await);
    }
    let lambda = match functions.connect(&settings.region, &settings.account, LogSink::none()) {
        Ok(lambda) => lambda,
        Err(failure) => {
            found.push(Found::fail("functions", failure.to_string().replace('\n', ";")));
            return found;
        }
    };
    let host = lambda.host();
    for name in host.names() {
        let label = format!("function {name}");
        found.push(match host.warm(name).await {
            Ok(Ok(time)) => Found::ok(
                label,
                format!("starts in {}", moment::length(time.as_millis().try_into().unwrap_or(0))),
            ),
            Ok(Err(document)) => Found::fail(label, reason(&document))
                .advise("look at `runtime`, `handler` and `code` of it in stepwell.toml"),
            Err(error) => Found::fail(label, format!("{error:?}")),
        });
    }
    host.shutdown();
    found
}

/// What an error document says.
fn reason(document: &[u8]) -> String {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    match (text("errorType"), text("errorMessage")) {
        (kind, message) if kind.is_empty() => message,
        (kind, message) => format!("{kind}: {message}"),
    }
}

async fn remote(name: &str, endpoint: &str) -> Found {
    let label = if name == "*" { "other functions".to_owned() } else { format!("function {name}") };
    let place = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let place = place.split('/').next().unwrap_or_default();
    let address = if place.contains(':') { place.to_owned() } else { format!("{place}:80") };
    match tokio::time::timeout(PATIENCE, TcpStream::connect(&address)).await {
        Ok(Ok(_)) => Found::ok(label, format!("{endpoint} takes connections")),
        Ok(Err(error)) => unreachable_endpoint(label, endpoint, &error.to_string()),
        Err(_) => unreachable_endpoint(label, endpoint, "no answer"),
    }
}

fn unreachable_endpoint(label: String, endpoint: &str, why: &str) -> Found {
    Found::fail(label, format!("{endpoint}: {why}"))
        .advise("start what serves Lambda there, or change `lambda` in stepwell.toml or LAMBDA_ENDPOINT")
}
