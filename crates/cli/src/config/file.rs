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
