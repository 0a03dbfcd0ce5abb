//! The second stage of the command line: flags, environment and `stepwell.toml` become one set of settings, in this order of
//! strength: flag, `STEPWELL_*`, `AWS_ENDPOINT_URL_SFN`, file, the names of Step Functions Local and of the SDKs (`AWS_REGION`,
//! `AWS_DEFAULT_REGION`, `AWS_ACCOUNT_ID`), default. Nothing below looks at the environment again.

use std::path::PathBuf;

use crate::args::Global;
use crate::client::Endpoint;
use crate::config::{self, Loaded};
use crate::failure::Failure;

/// Where a server listens and a client looks when nobody says otherwise: the port of Step Functions Local.
pub const ADDRESS_DEFAULT: &str = "127.0.0.1:8083";
/// The account in ARNs when nobody says otherwise.
pub const ACCOUNT_DEFAULT: &str = "000000000000";
/// The region in ARNs when nobody says otherwise.
pub const REGION_DEFAULT: &str = "us-east-1";

/// What holds for every command.
#[derive(Debug)]
pub struct Settings {
    /// The server that client commands talk to.
    pub endpoint: Endpoint,
    /// Whether a flag or the environment names that server.
    pub names_endpoint: bool,
    /// The region in ARNs and credentials.
    pub region: String,
    /// The account in ARNs.
    pub account: String,
    /// `stepwell.toml`, if there is one.
    pub config: Option<Loaded>,
    /// Whether to tell request ids and timings.
    pub debug: bool,
}

impl Settings {
    /// Puts flags, environment and file together.
    ///
    /// # Errors
    /// When the file or the endpoint cannot be used.
    pub fn resolve(global: &Global) -> Result<Self, Failure> {
        let here = std::env::current_dir()
            .map_err(|error| Failure::environment(format!("the working folder cannot be used: {error}")))?;
        let config = config::load(global.config.as_deref(), &here)?;
        let file = config.as_ref().map(|loaded| &loaded.file.server);
        let listen = file.and_then(|server| server.listen.as_deref());
        let from_sdk = variable("AWS_ENDPOINT_URL_SFN");
        let names_endpoint = global.endpoint.is_some() || from_sdk.is_some();
        let endpoint = match (&global.endpoint, from_sdk, listen) {
            (Some(url), _, _) => Endpoint::parse(url)?,
            (None, Some(url), _) => Endpoint::parse(&url)?,
            (None, None, address) => {
                Endpoint::parse(&format!("http://{}", reachable(address.unwrap_or(ADDRESS_DEFAULT))))?
            }
        };
        let region = global
            .region
            .clone()
            .or_else(|| file.and_then(|server| server.region.clone()))
            .or_else(|| variable("AWS_REGION"))
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| REGION_DEFAULT.to_owned());
        let account = global
            .account
            .clone()
            .or_else(|| file.and_then(|server| server.account_id.clone()))
            .or_else(|| variable("AWS_ACCOUNT_ID"))
            .unwrap_or_else(|| ACCOUNT_DEFAULT.to_owned());
        check_names(&region, &account)?;
        Ok(Self { endpoint, names_endpoint, region, account, config, debug: global.debug })
    }
}

/// A variable of the environment, if it is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder for what commands remember: `$XDG_STATE_HOME/stepwell`.
pub fn state_folder() -> Option<PathBuf> {
    let base = variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")))?;
    Some(base.join("stepwell"))
}

/// Where a client on this machine reaches a server that listens there.
pub fn reachable(listen: &str) -> String {
    for (any, own) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] {
        if let Some(port) = listen.strip_prefix(any) {
            return format!("{own}{port}");
        }
    }
    listen.to_owned()
}

fn check_names(region: &str, account: &str) -> Result<(), Failure> {
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage(format!("`{account}` is not an account id: it has 12 digits")));
    }
    if region.is_empty()
        || !region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        return Err(Failure::usage(format!(
            "`{region}` is not a region: expected lower-case letters, digits and `-`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_names, reachable};

    #[test]
    fn a_server_on_all_addresses_is_reached_on_this_machine() {
        for (listen, wanted) in
            [("0.0.0.0:8083", "127.0.0.1:8083"), ("[::]:1", "[::1]:1"), ("10.0.0.1:8083", "10.0.0.1:8083")]
        {
            assert_eq!(reachable(listen), wanted);
        }
    }

    #[test]
    fn names_that_would_break_arns_are_refused() {
        for (region, account, good) in [
            ("us-east-1", "000000000000", true),
            ("us:east", "000000000000", false),
            ("", "000000000000", false),
            ("us-east-1", "12345", false),
            ("us-east-1", "00000000000x", false),
        ] {
            assert_eq!(check_names(region, account).is_ok(), good, "{region} {account}");
        }
    }
}
