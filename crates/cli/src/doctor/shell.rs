//! This shell: whether AWS SDKs and the AWS CLI that are started from it find the server, also for the two operations that they
//! send to another host name.

use super::Found;
use crate::context::Context;
use crate::settings::variable;

/// All checks of the shell.
pub async fn check(context: &Context) -> Vec<Found> {
    vec![endpoint(context), host_prefix(context).await]
}

fn endpoint(context: &Context) -> Found {
    let (name, ours) = ("sdk endpoint", context.settings.endpoint.to_string());
    let advice = "point this shell to the server: eval \"$(stepwell env)\"";
    match variable("AWS_ENDPOINT_URL_SFN").or_else(|| variable("AWS_ENDPOINT_URL")) {
        Some(url) if url.trim_end_matches('/') == ours => {
            let has_credentials =
                ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"].iter().any(|name| variable(name).is_some());
            if has_credentials {
                Found::ok(name, format!("AWS SDKs of this shell go to {url}"))
            } else {
                Found::warn(name, "AWS SDKs of this shell have an endpoint, but no credentials")
                    .advise(advice)
            }
        }
        Some(url) => {
            Found::warn(name, format!("AWS SDKs of this shell go to {url}, not to {ours}")).advise(advice)
        }
        None => Found::warn(name, "AWS SDKs of this shell go to AWS, not to the server").advise(advice),
    }
}

/// SDKs put `sync-` before the host name for StartSyncExecution and TestState.
async fn host_prefix(context: &Context) -> Found {
    let name = "sync- host prefix";
    if variable("AWS_DISABLE_HOST_PREFIX_INJECTION").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Found::ok(name, "boto3 and the AWS CLI of this shell leave the host name alone");
    }
    let url = context.settings.endpoint.url();
    let host = format!("sync-{}", url.host().unwrap_or_default());
    let address = (host.as_str(), url.port_u16().unwrap_or(80));
    let resolved = tokio::net::lookup_host(address).await;
    if resolved.is_ok_and(|mut found| found.next().is_some()) {
        return Found::ok(name, format!("`{host}` has an address"));
    }
    Found::warn(name, format!("StartSyncExecution and TestState go to `{host}`, which has no address"))
        .advise("boto3, AWS CLI: eval \"$(stepwell env)\", or Config(inject_host_prefix=False)")
        .advise("JavaScript: new SFNClient({ disableHostPrefix: true })")
}
