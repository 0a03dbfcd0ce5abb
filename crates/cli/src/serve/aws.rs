//! From the `[aws]` table and the environment to a client for AWS services.

use aws_client::{Client, Provider, Settings, SettingsError};

use crate::config::{Aws, Loaded};
use crate::failure::Failure;
use crate::settings::variable;

/// Where AWS services are, as the file has it.
#[derive(Clone, Debug, Default)]
pub struct AwsServices {
    table: Aws,
    file: String,
}

impl AwsServices {
    /// Those of a file.
    pub fn declared(config: Option<&Loaded>) -> Self {
        config.map_or_else(Self::default, |loaded| Self {
            table: loaded.file.aws.clone(),
            file: loaded.path.display().to_string(),
        })
    }

    /// Makes the client. Nobody is asked for credentials before they are needed.
    ///
    /// # Errors
    /// When an endpoint is none, or belongs to no service.
    pub fn client(&self, region: &str, account: &str) -> Result<Client, Failure> {
        let mut settings = Settings::from_environment(region, std::env::vars())
            .map_err(|SettingsError(text)| Failure::usage(text))?;
        account.clone_into(&mut settings.account);
        self.complete(&mut settings)
            .map_err(|SettingsError(text)| Failure::usage(format!("{}: [aws] {text}", self.file)))?;
        Ok(Client::new(settings, Provider::from_environment(&variable)))
    }

    /// Adds what the environment does not say.
    fn complete(&self, settings: &mut Settings) -> Result<(), SettingsError> {
        let is_free = settings.endpoint.is_none();
        let known = settings.endpoints.clone();
        for (name, service) in &self.table.services {
            settings.set_endpoint(Some(name), &service.endpoint)?;
        }
        // The order of the SDKs: a service's variable, the variable of all, a service's setting, the setting of all.
        if !is_free {
            settings.endpoints = known;
            return Ok(());
        }
        settings.endpoints.extend(known);
        match &self.table.endpoint {
            Some(endpoint) => settings.set_endpoint(None, endpoint),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_before_the_file() {
        let table = "endpoint = 'http://file'\n[services.sqs]\nendpoint = 'http://file-sqs'\n";
        let services = AwsServices { table: toml::from_str(table).unwrap(), file: String::new() };
        let check = |variables: &[(&str, &str)], expected: (Option<&str>, Option<&str>)| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let mut settings = Settings::from_environment("us-east-1", variables).unwrap();
            services.complete(&mut settings).unwrap();
            let sqs = settings.endpoints.get("sqs").map(String::as_str);
            assert_eq!((settings.endpoint.as_deref(), sqs), expected);
        };
        check(&[], (Some("http://file"), Some("http://file-sqs")));
        check(&[("AWS_ENDPOINT_URL_SQS", "http://env-sqs")], (Some("http://file"), Some("http://env-sqs")));
        check(&[("AWS_ENDPOINT_URL", "http://env")], (Some("http://env"), None));
    }
}
