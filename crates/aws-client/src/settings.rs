//! Where services are and how long to wait for them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use aws_model::Service;
use hyper::Uri;

/// Time for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for an attempt: the longest that any service takes to answer is Lambda with 15 minutes.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(16 * 60);
/// Attempts at most, as the SDKs' standard mode has it.
const ATTEMPTS_MAX: u32 = 3;
/// The account when nobody says otherwise.
const ACCOUNT: &str = "000000000000";
/// Pause after the first attempt.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Where services are and how long to wait for them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The region of all calls.
    pub region: String,
    /// The account of made-up credentials, for endpoints that are not AWS's when there are no others: twelve digits.
    pub account: String,
    /// The URL of all services in place of AWS's own.
    pub endpoint: Option<String>,
    /// The URL of a service, by its name in AWS SDK integrations (`dynamodb`, `cloudwatchlogs`); goes before `endpoint`.
    pub endpoints: BTreeMap<String, String>,
    /// Time for a connection.
    pub connect_timeout: Duration,
    /// Time for one attempt.
    pub attempt_timeout: Duration,
    /// Attempts at most; only what is known to have done nothing, or may be repeated, has more than one.
    pub attempts_max: u32,
    /// Pause after the first attempt, about; it doubles, and is five times as long when the service is busy.
    pub retry_pause: Duration,
}

/// A setting that cannot be used: which, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// AWS's own services in a region.
    pub fn new(region: &str) -> Settings {
        Settings {
            region: region.to_owned(),
            account: ACCOUNT.to_owned(),
            endpoint: None,
            endpoints: BTreeMap::new(),
            connect_timeout: CONNECT_TIMEOUT,
            attempt_timeout: ATTEMPT_TIMEOUT,
            attempts_max: ATTEMPTS_MAX,
            retry_pause: RETRY_PAUSE,
        }
    }

    /// As the environment has it: `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>` (the service's id in capitals, `CLOUDWATCH_LOGS`),
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_MAX_ATTEMPTS`. Source: AWS SDKs and Tools Reference Guide, "Service-specific
    /// endpoints" and "Retry behavior". `variables` are those of the process.
    ///
    /// # Errors
    /// When a URL or a number is none.
    pub fn from_environment(
        region: &str,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Settings, SettingsError> {
        const PREFIX: &str = "AWS_ENDPOINT_URL_";
        let mut settings = Settings::new(region);
        let mut ignore = false;
        let mut of_service = BTreeMap::new();
        for (name, value) in variables.filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty()) {
            match name.as_str() {
                "AWS_ENDPOINT_URL" => settings.endpoint = Some(check_url(&name, value)?),
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" => ignore = value.eq_ignore_ascii_case("true"),
                "AWS_MAX_ATTEMPTS" => {
                    let number = value.parse().ok().filter(|number| (1..=10).contains(number));
                    settings.attempts_max = number
                        .ok_or_else(|| SettingsError(format!("{name}: expected 1 to 10, not `{value}`")))?;
                }
                _ => {
                    if let Some(id) = name.strip_prefix(PREFIX) {
                        of_service.insert(id.to_owned(), check_url(&name, value)?);
                    }
                }
            }
        }
        if ignore {
            settings.endpoint = None;
            return Ok(settings);
        }
        // Underscores stand for the blanks of ids, which the services' names do not have.
        let names = of_service.into_iter().map(|(id, url)| (id.replace('_', "").to_lowercase(), url));
        settings.endpoints = names.collect();
        Ok(settings)
    }

    /// Sets the endpoint of all services, or of one.
    ///
    /// # Errors
    /// When the URL is none, or there is no service of that name.
    pub fn set_endpoint(&mut self, service: Option<&str>, url: &str) -> Result<(), SettingsError> {
        match service {
            None => self.endpoint = Some(check_url("endpoint", url.to_owned())?),
            Some(name) => {
                if !aws_model::service_names().any(|known| known == name) {
                    let text =
                        format!("`{name}` is no AWS service: expected a name as in `aws-sdk:<name>:…`");
                    return Err(SettingsError(text));
                }
                self.endpoints.insert(name.to_owned(), check_url(name, url.to_owned())?);
            }
        }
        Ok(())
    }

    /// The URL that is set for a service.
    pub(crate) fn endpoint_of(&self, service: &Service) -> Option<&str> {
        // A name may have lost a word of the id (`Config Service` is `config`).
        let id: String = service.id.to_lowercase().split([' ', '-']).collect();
        let own = self.endpoints.get(&*service.name).or_else(|| self.endpoints.get(&id));
        own.or(self.endpoint.as_ref()).map(String::as_str)
    }

    /// The partition that the region is in.
    pub(crate) fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

fn check_url(name: &str, url: String) -> Result<String, SettingsError> {
    let wrong = |why: &str| SettingsError(format!("{name}: `{url}` is no endpoint: {why}"));
    let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(wrong("expected `http://host:port` or `https://host`"));
    }
    if uri.query().is_some() {
        return Err(wrong("it has a query"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::from_environment("us-east-1", owned)
    }

    #[test]
    fn endpoints_of_the_environment() {
        let check = |variables: &[(&str, &str)], service: &str, expected: Option<&str>| {
            let settings = of(variables).unwrap();
            let service = aws_model::service(service).unwrap();
            assert_eq!(settings.endpoint_of(&service), expected, "{variables:?} {}", service.name);
        };
        let all = ("AWS_ENDPOINT_URL", "http://localhost:5000/");
        check(&[], "sqs", None);
        check(&[all], "sqs", Some("http://localhost:5000"));
        check(&[all, ("AWS_ENDPOINT_URL_SQS", "https://q/x")], "sqs", Some("https://q/x"));
        check(&[("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://l")], "cloudwatchlogs", Some("http://l"));
        check(&[("AWS_ENDPOINT_URL_CONFIG_SERVICE", "http://c")], "config", Some("http://c"));
        check(&[("AWS_ENDPOINT_URL_SQS", "http://q")], "sns", None);
        check(&[all, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], "sqs", None);
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let check = |name: &str, value: &str, expected: &str| {
            assert_eq!(of(&[(name, value)]).map(|_| ()), Err(SettingsError(expected.to_owned())));
        };
        check(
            "AWS_ENDPOINT_URL",
            "localhost:5000",
            "AWS_ENDPOINT_URL: `localhost:5000` is no endpoint: expected `http://host:port` or `https://host`",
        );
        check(
            "AWS_ENDPOINT_URL",
            "http://h?a",
            "AWS_ENDPOINT_URL: `http://h?a` is no endpoint: it has a query",
        );
        check("AWS_MAX_ATTEMPTS", "0", "AWS_MAX_ATTEMPTS: expected 1 to 10, not `0`");
        let error = Settings::new("r").set_endpoint(Some("dynamo"), "http://h").map_err(|error| error.0);
        assert_eq!(
            error,
            Err("`dynamo` is no AWS service: expected a name as in `aws-sdk:<name>:…`".to_owned())
        );
    }
}
