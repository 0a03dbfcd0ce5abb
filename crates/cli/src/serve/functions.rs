//! From the `[functions.NAME]` tables to a connector for Lambda tasks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use integrations::functions::{
    ConfigError, Declared, FunctionConfig, FunctionHost, FunctionTable, HostConfig, IDLE_LIMIT_DEFAULT,
    LogSink,
};
use integrations::lambda::Lambda;

use crate::config::{Loaded, Secrets};
use crate::failure::Failure;
use crate::settings::variable;

/// The functions that are declared, and where those that are not may be found.
#[derive(Debug, Default)]
pub struct Functions {
    /// Run by this process.
    local: Vec<FunctionConfig>,
    /// Served by endpoints, by name; `*` is for all others.
    remote: BTreeMap<String, String>,
}

impl Functions {
    /// Those of a file, and `LAMBDA_ENDPOINT` for all others unless the file says where they are.
    ///
    /// # Errors
    /// When a declaration cannot be used; the text names function and file.
    pub fn declared(config: Option<&Loaded>) -> Result<Self, Failure> {
        let mut functions = match config {
            Some(loaded) => Self::of_tables(&loaded.file.functions, loaded.folder(), &loaded.path)?,
            None => Self::default(),
        };
        if let Some(endpoint) = variable("LAMBDA_ENDPOINT") {
            functions.remote.entry("*".to_owned()).or_insert(endpoint);
        }
        Ok(functions)
    }

    fn of_tables(
        tables: &BTreeMap<String, FunctionTable>,
        folder: &Path,
        file: &Path,
    ) -> Result<Self, Failure> {
        let secrets = Secrets::load(folder)?;
        let folder = absolute(folder)?;
        let mut functions = Self::default();
        for (name, table) in tables {
            let declared = table
                .resolve(name, &folder, &|secret| secrets.get(secret))
                .map_err(|error| in_file(file, &error))?;
            match declared {
                Declared::Local(config) => functions.local.push(config),
                Declared::Remote { endpoint } => {
                    functions.remote.insert(name.clone(), endpoint);
                }
            }
        }
        Ok(functions)
    }

    /// Those that are served by endpoints, with the endpoint; `*` is for all others.
    pub fn remote(&self) -> impl Iterator<Item = (&str, &str)> {
        self.remote.iter().map(|(name, endpoint)| (name.as_str(), endpoint.as_str()))
    }

    /// Gives every local function a variable more.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        for function in &mut self.local {
            function.environment.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Makes the connector. No process is started before it is needed.
    ///
    /// # Errors
    /// When a code folder does not exist or an endpoint is none.
    pub fn connect(self, region: &str, account: &str, log: LogSink) -> Result<Lambda, Failure> {
        let config = HostConfig {
            region: region.to_owned(),
            environment: BTreeMap::new(),
            idle_limit: IDLE_LIMIT_DEFAULT,
            log,
        };
        let unusable = |error: ConfigError| Failure::usage(error.to_string());
        let host = FunctionHost::new(config, self.local).map_err(unusable)?;
        let mut lambda = Lambda::new(host, region, account);
        for (name, endpoint) in &self.remote {
            lambda = lambda.with_endpoint(name, endpoint).map_err(unusable)?;
        }
        Ok(lambda)
    }
}

fn absolute(folder: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(folder).map_err(|error| {
        Failure::environment(format!("the folder `{}` cannot be used: {error}", folder.display()))
    })
}

fn in_file(file: &Path, error: &ConfigError) -> Failure {
    Failure::usage(format!("{}: {error}", file.display()))
}
