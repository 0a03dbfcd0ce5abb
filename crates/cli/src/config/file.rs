//! The tables of `stepwell.toml`, as data. What a function's table means is `integrations`' to say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use integrations::functions::FunctionTable;
use serde::Deserialize;

use super::{LimitsTable, Profile};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `[server]`.
    #[serde(default)]
    pub server: Server,
    /// `[limits]`.
    #[serde(default)]
    pub limits: LimitsTable,
    /// `[machines]`: what `stepwell deploy` without a file deploys.
    #[serde(default)]
    pub machines: BTreeMap<String, Machine>,
    /// `[functions.NAME]`.
    #[serde(default)]
    pub functions: BTreeMap<String, FunctionTable>,
    /// `[aws]`.
    #[serde(default)]
    pub aws: Aws,
    /// `[retention]`.
    #[serde(default)]
    pub retention: Retention,
    /// `[logs]`.
    #[serde(default)]
    pub logs: Logs,
}

/// `[server]`: where it listens and what it is called.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// `address:port`.
    pub listen: Option<String>,
    /// Folder of the embedded store, relative to the file.
    pub data_dir: Option<PathBuf>,
    /// Twelve digits, the account in ARNs.
    pub account_id: Option<String>,
    /// The region in ARNs.
    pub region: Option<String>,
    /// `postgres://…` instead of the embedded store.
    pub store: Option<String>,
    /// Whether it may listen where other machines can reach it.
    pub allow_remote: Option<bool>,
    /// `local` or `aws`: which limits hold where `[limits]` says nothing.
    pub profile: Option<Profile>,
}

/// `[aws]`: where AWS services are that tasks call. What the environment says (`AWS_ENDPOINT_URL`, …) goes before it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The URL of all services in place of AWS's own.
    pub endpoint: Option<String>,
    /// `[aws.services.NAME]`: by the service's name in `aws-sdk:NAME:…`.
    #[serde(default)]
    pub services: BTreeMap<String, AwsService>,
}

/// `[aws.services.NAME]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsService {
    /// The service's URL.
    pub endpoint: String,
}

/// `[retention]`: how long what has ended is kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Standard executions, from their end: a length of time (`"90d"`), or `"forever"`.
    pub standard: Option<String>,
}

/// `[logs]`: where the lines go that a state machine's `loggingConfiguration` asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Where to; without it to files, and to CloudWatch Logs if an endpoint for it is set.
    pub to: Option<Vec<LogDestination>>,
    /// Folder of the files, relative to the file; without it `logs` in the data folder.
    pub dir: Option<PathBuf>,
    /// Bytes after which a file is full.
    pub file_bytes: Option<u64>,
    /// Full files of a log group that are kept.
    pub files_kept: Option<u32>,
}

/// An entry of `logs.to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogDestination {
    /// A file for each log group.
    Files,
    /// Among the server's own log lines.
    Log,
    /// PutLogEvents, at AWS or at an endpoint.
    Cloudwatch,
}

/// One entry of `[machines]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The definition, JSON or YAML, relative to the file.
    pub definition: PathBuf,
    /// `STANDARD` or `EXPRESS`.
    pub r#type: Option<String>,
    /// The role that the definition runs as; kept, not used.
    pub role: Option<String>,
}
