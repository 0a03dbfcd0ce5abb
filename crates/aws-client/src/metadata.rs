//! Credentials that the container or the machine hands out over HTTP.
//! Sources: AWS SDKs and Tools Reference Guide, "Container credential provider" and "IMDS credential provider".

use std::time::Duration;

use aws_model::Response;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use value::Value;

use crate::credentials::Credentials;
use crate::http::{Failed, Transport};

/// Time for an answer: it is next door, or not there.
const TIMEOUT: Duration = Duration::from_secs(2);
const INSTANCE: &str = "http://169.254.169.254/latest";
const ROLES: &str = "/meta-data/iam/security-credentials/";

/// Those of the container's agent.
pub(crate) async fn of_container(
    transport: &Transport,
    url: &str,
    token: Option<&str>,
) -> Result<Credentials, String> {
    let headers: Vec<_> = token.map(|token| ("authorization", token)).into_iter().collect();
    let text = fetch(transport, Method::GET, url, &headers).await?;
    read(&text).ok_or_else(|| format!("`{url}` answered with something else than credentials"))
}

/// Those of the machine's role.
pub(crate) async fn of_instance(transport: &Transport) -> Result<Credentials, String> {
    let nowhere = |why: String| {
        format!(
            "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile ({why})"
        )
    };
    let ttl = [("x-aws-ec2-metadata-token-ttl-seconds", "21600")];
    let token =
        fetch(transport, Method::PUT, &format!("{INSTANCE}/api/token"), &ttl).await.map_err(nowhere)?;
    let headers = [("x-aws-ec2-metadata-token", token.trim())];
    let roles =
        fetch(transport, Method::GET, &format!("{INSTANCE}{ROLES}"), &headers).await.map_err(nowhere)?;
    let role = roles.lines().next().unwrap_or_default().trim();
    let text = fetch(transport, Method::GET, &format!("{INSTANCE}{ROLES}{role}"), &headers)
        .await
        .map_err(nowhere)?;
    read(&text).ok_or_else(|| nowhere("the machine's role has no credentials".to_owned()))
}

async fn fetch(
    transport: &Transport,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
) -> Result<String, String> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::new())).map_err(|error| format!("`{url}`: {error}"))?;
    match transport.send_within(request, TIMEOUT).await {
        Ok(Response { status: 200, body, .. }) => Ok(String::from_utf8_lossy(&body).into_owned()),
        Ok(Response { status, .. }) => Err(format!("`{url}` answered with status {status}")),
        Err(Failed::Unsent(why) | Failed::Unanswered(why)) => Err(why),
    }
}

fn read(text: &str) -> Option<Credentials> {
    let document = Value::parse(text).ok()?;
    let member = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Credentials {
        access_key_id: member("AccessKeyId")?,
        secret_access_key: member("SecretAccessKey")?,
        session_token: member("Token"),
        expires_at: member("Expiration").and_then(|text| text.parse().ok()),
    })
}
