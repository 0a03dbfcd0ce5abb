//! Roles, assumed with the Security Token Service.

use aws_model::Form;
use value::{Object, Value};

use crate::client::{Call, Client, Identity};
use crate::credentials::Credentials;

/// How our sessions are called in the role's logs.
const SESSION: &str = "stepwell";

/// Assumes a role with credentials.
pub(crate) async fn role(
    client: &Client,
    role_arn: &str,
    external_id: Option<&str>,
    with: &Credentials,
) -> Result<Credentials, String> {
    let mut parameters: Object = [("RoleArn", role_arn), ("RoleSessionName", SESSION)].into_iter().collect();
    if let Some(external_id) = external_id {
        parameters.insert("ExternalId", external_id);
    }
    ask(client, "assumeRole", parameters, Identity::These(with)).await
}

/// Assumes a role with the token of another identity provider.
pub(crate) async fn web_identity(
    client: &Client,
    role_arn: &str,
    session_name: &str,
    token: &str,
) -> Result<Credentials, String> {
    let members = [("RoleArn", role_arn), ("RoleSessionName", session_name), ("WebIdentityToken", token)];
    ask(client, "assumeRoleWithWebIdentity", members.into_iter().collect(), Identity::Nobody).await
}

async fn ask(
    client: &Client,
    action: &str,
    parameters: Object,
    identity: Identity<'_>,
) -> Result<Credentials, String> {
    let service = aws_model::service("sts").ok_or("the table has no sts")?;
    let operation = service.operation(action).ok_or("the table has no such operation")?;
    let parameters = Value::Obj(parameters);
    let call = Call {
        service: &service,
        operation,
        parameters: &parameters,
        form: Form::Optimised,
        token: SESSION,
        role_arn: None,
        trace_header: None,
    };
    let answer = client.call_as(&call, identity).await.map_err(|error| format!("{action}: {error}"))?;
    let found = answer.result.get("Credentials").cloned().unwrap_or_default();
    let member = |name: &str| found.get(name).and_then(Value::as_str).map(str::to_owned);
    let read = || {
        Some(Credentials {
            access_key_id: member("AccessKeyId")?,
            secret_access_key: member("SecretAccessKey")?,
            session_token: member("SessionToken"),
            expires_at: member("Expiration").and_then(|text| text.parse().ok()),
        })
    };
    read().ok_or_else(|| format!("{action}: the answer has no credentials"))
}
