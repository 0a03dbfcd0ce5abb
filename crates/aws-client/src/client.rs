//! A call from its parameters to its result.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_model::{Auth, Form, Operation, Request, Response, Service};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use tokio::sync::Mutex;
use value::Value;

use crate::assume;
use crate::credentials::{Credentials, Provider};
use crate::error::CallError;
use crate::http::{Failed, Transport};
use crate::settings::Settings;
use crate::sign::{Signing, sign};

/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(20);
/// Most roles whose credentials are kept.
const ROLES_MAX: usize = 1_000;

/// Calls services. Cheap to clone; clones share connections and credentials.
#[derive(Clone, Debug)]
pub struct Client {
    settings: Arc<Settings>,
    provider: Provider,
    transport: Transport,
    roles: Arc<Mutex<BTreeMap<String, Credentials>>>,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Which service.
    pub service: &'a Service,
    /// Which of its operations.
    pub operation: &'a Operation,
    /// A JSON object.
    pub parameters: &'a Value,
    /// The form of parameters and result.
    pub form: Form,
    /// Stands for idempotency tokens that are not among the parameters: the same text for the same call, another for another.
    pub token: &'a str,
    /// Makes the call as this role.
    pub role_arn: Option<&'a str>,
    /// `X-Amzn-Trace-Id`, passed on.
    pub trace_header: Option<&'a str>,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The operation's result.
    pub result: Value,
    /// Status, headers and bytes that it was read from.
    pub response: Response,
}

/// As whom a call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity<'a> {
    /// As this program.
    Own,
    /// With these credentials.
    These(&'a Credentials),
    /// Without a signature.
    Nobody,
}

/// Where a request goes.
struct Target {
    base: String,
    signing_region: String,
    is_aws: bool,
}

impl Client {
    /// A client. Nothing is asked before the first call.
    pub fn new(settings: Settings, provider: Provider) -> Client {
        let transport = Transport::new(settings.connect_timeout, settings.attempt_timeout);
        Client { settings: Arc::new(settings), provider, transport, roles: Arc::default() }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Makes a call. What the service did not do (it was asked too often, or not reached) is tried again, and so is what had no answer
    /// if a second call does no harm ([`Operation::is_repeatable`]).
    ///
    /// # Errors
    /// Why there is no result.
    pub async fn call(&self, call: &Call<'_>) -> Result<Answer, CallError> {
        match call.role_arn {
            None => self.call_as(call, Identity::Own).await,
            Some(role_arn) => {
                let credentials = self.as_role(role_arn).await.map_err(CallError::unsent)?;
                self.call_as(call, Identity::These(&credentials)).await
            }
        }
    }

    async fn as_role(&self, role_arn: &str) -> Result<Credentials, String> {
        let mut roles = self.roles.lock().await;
        if let Some(known) = roles.get(role_arn).filter(|known| known.is_fresh()) {
            return Ok(known.clone());
        }
        let own = self.own_credentials(self.settings.endpoint.is_some()).await?;
        let found = assume::role(self, role_arn, None, &own).await?;
        roles.retain(|_, known| known.is_fresh());
        if roles.len() < ROLES_MAX {
            roles.insert(role_arn.to_owned(), found.clone());
        }
        Ok(found)
    }

    /// Our own credentials; made-up ones where nobody looks at them.
    async fn own_credentials(&self, is_custom: bool) -> Result<Credentials, String> {
        if is_custom && self.provider.is_last_resort() {
            return Ok(Credentials::made_up(&self.settings.account));
        }
        self.provider.get(self).await
    }

    /// As [`Client::call`], as somebody. Boxed, since finding credentials can take a call.
    pub(crate) fn call_as<'a>(
        &'a self,
        call: &'a Call<'a>,
        identity: Identity<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, CallError>> + Send + 'a>> {
        Box::pin(async move {
            let request =
                aws_model::request(call.service, call.operation, call.form, call.parameters, call.token)
                    .map_err(CallError::Parameters)?;
            let target = self.target(call)?;
            let credentials = self.credentials(call, identity, &target).await?;
            self.attempt(call, &request, &target, credentials.as_ref()).await
        })
    }

    /// Whom to sign as; `None` for not at all.
    async fn credentials(
        &self,
        call: &Call<'_>,
        identity: Identity<'_>,
        target: &Target,
    ) -> Result<Option<Credentials>, CallError> {
        let signature = &*call.service.signature;
        match (identity, call.operation.auth) {
            (Identity::Nobody, _) | (_, Auth::None) => Ok(None),
            (_, Auth::Bearer) => Err(unsupported(call, "bearer tokens")),
            _ if target.is_aws && !matches!(signature, "v4" | "s3" | "s3v4") => {
                Err(unsupported(call, &format!("signatures of the form `{signature}`")))
            }
            (Identity::These(credentials), _) => Ok(Some(credentials.clone())),
            (Identity::Own, _) => {
                let found = self.own_credentials(!target.is_aws).await;
                found.map(Some).map_err(CallError::unsent)
            }
        }
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        request: &Request,
        target: &Target,
        credentials: Option<&Credentials>,
    ) -> Result<Answer, CallError> {
        let repeatable = call.operation.is_repeatable(call.service);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let http = self.build(call, request, target, credentials).map_err(CallError::unsent)?;
            let (error, again, is_throttled) = match self.transport.send(http).await {
                Ok(response) => {
                    match aws_model::response(call.service, call.operation, call.form, &response) {
                        Ok(result) => return Ok(Answer { result, response }),
                        Err(error) => {
                            let throttled = error.is_throttling();
                            let again = throttled || (error.is_transient() && repeatable);
                            (CallError::Service { error, attempts, response }, again, throttled)
                        }
                    }
                }
                Err(Failed::Unsent(reason)) => (CallError::Unsent { reason, attempts }, true, false),
                Err(Failed::Unanswered(reason)) => {
                    (CallError::Unanswered { reason, attempts }, repeatable, false)
                }
            };
            if !again || attempts >= self.settings.attempts_max {
                return Err(error);
            }
            tokio::time::sleep(pause(self.settings.retry_pause, call.token, attempts, is_throttled)).await;
        }
    }

    fn target(&self, call: &Call<'_>) -> Result<Target, CallError> {
        let region = &self.settings.region;
        let of_model = call.service.endpoint(call.operation, self.settings.partition(), region);
        if let Some(base) = self.settings.endpoint_of(call.service) {
            let signing_region = of_model.map_or_else(|| region.clone(), |(_, signing)| signing);
            return Ok(Target { base: base.to_owned(), signing_region, is_aws: false });
        }
        match of_model {
            Some((base, signing_region)) => Ok(Target { base, signing_region, is_aws: true }),
            None => Err(CallError::unsent(format!(
                "there is no known address of `{}` in `{region}`: set AWS_ENDPOINT_URL_{}",
                call.service.name,
                call.service.id.to_uppercase().replace([' ', '-'], "_"),
            ))),
        }
    }

    fn build(
        &self,
        call: &Call<'_>,
        request: &Request,
        target: &Target,
        credentials: Option<&Credentials>,
    ) -> Result<hyper::Request<Full<Bytes>>, String> {
        let mut url = target.base.clone();
        // Only AWS's own names have a place for it.
        if let (Some(prefix), true) = (&request.host_prefix, target.is_aws) {
            url = url.replacen("://", &format!("://{prefix}"), 1);
        }
        url.push_str(&request.path);
        let query = request.query_string();
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let body = Bytes::copy_from_slice(&request.body);
        let mut http = hyper::Request::builder()
            .method(request.method.as_str())
            .uri(&url)
            .body(Full::new(body))
            .map_err(|error| format!("`{url}` is no request: {error}"))?;
        let trace = call.trace_header.map(|trace| ("x-amzn-trace-id", trace));
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in headers.chain(trace) {
            let wrong = |_| format!("the header `{name}` cannot be sent with the value `{value}`");
            let value_ = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong(()))?;
            let name_ = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(()))?;
            http.headers_mut().append(name_, value_);
        }
        let agent = HeaderValue::from_static(concat!("stepwell/", env!("CARGO_PKG_VERSION")));
        http.headers_mut().insert(hyper::header::USER_AGENT, agent);
        if let Some(credentials) = credentials {
            let signing = Signing {
                credentials,
                region: &target.signing_region,
                name: &call.service.signing_name,
                is_s3: matches!(
                    &*call.service.name,
                    "s3" | "s3control" | "s3outposts" | "s3express" | "glacier"
                ),
                unsigned_body: call.operation.auth == Auth::UnsignedBody,
                at: SystemTime::now(),
            };
            sign(&mut http, &request.body, &signing)
                .map_err(|why| format!("the request cannot be signed: {why}"))?;
        }
        Ok(http)
    }
}

fn unsupported(call: &Call<'_>, what: &str) -> CallError {
    CallError::unsent(format!("`{}` wants {what}, which are not supported", call.service.name))
}

/// Twice as long each time, longer when the service is busy; shorter or longer by up to a half, by the call's token, so that calls that
/// failed together do not come again together.
fn pause(first: Duration, token: &str, attempts: u32, is_throttled: bool) -> Duration {
    let base = if is_throttled { first * 5 } else { first };
    let full = base.saturating_mul(1 << (attempts - 1).min(10)).min(PAUSE_MAX);
    let hash = token
        .bytes()
        .chain(attempts.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let part = u32::try_from(hash >> 40 & 0xff).unwrap_or_default();
    full / 2 + full / 512 * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        let first = Duration::from_millis(200);
        for attempts in 1..=40 {
            let found = pause(first, "a", attempts, true);
            assert!(found >= Duration::from_millis(500) && found <= PAUSE_MAX, "{attempts}: {found:?}");
        }
        assert!(pause(first, "a", 1, false) <= first);
        assert_ne!(pause(first, "a", 1, true), pause(first, "b", 1, true));
    }
}
