//! Every limit that can be set, in one place: `[limits]` of `stepwell.toml`, and the profiles that set them together.
//!
//! Without a profile, what an execution and a request may hold is as on AWS, and how many of a thing there may be, and how often
//! it may be asked for, is not limited: there is no reason for it on one's own machine. The profile `aws` switches on all that
//! the service has. What stands in `[limits]` wins over the profile. Where the values come from is said where they are used:
//! `engine::catalogue::Quotas`, `interpreter::Limits`, `wire::Limits`, the rates of the server.

use engine::catalogue::Quotas;
use serde::Deserialize;

use crate::failure::Failure;

/// The longest payload or definition that can be asked for.
const BYTES_MAX: usize = 64 << 20;
/// The shortest: less than this, and nothing works.
const BYTES_MIN: usize = 1024;
/// Bytes of a request of the service, hard (AWS page "Quotas").
const AWS_REQUEST_BYTES: usize = 1 << 20;
/// How often the longest member fits into a request: JSON may escape it, and it is not alone.
const REQUEST_MEMBERS: usize = 3;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// `[limits]`. A number, or `"none"` where it says so.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsTable {
    /// State machines, or `"none"`. AWS: 100,000.
    pub state_machines: Option<Bound>,
    /// Activities, or `"none"`. AWS: 100,000.
    pub activities: Option<Bound>,
    /// Standard executions that run, or `"none"`. AWS: 1,000,000.
    pub open_executions: Option<Bound>,
    /// Versions of a state machine, or `"none"`. AWS: 1,000.
    pub versions: Option<Bound>,
    /// Aliases of a state machine, or `"none"`. AWS: 100.
    pub aliases: Option<Bound>,
    /// Bytes of an input, an output, or another payload. AWS: 262,144.
    pub payload_bytes: Option<usize>,
    /// Bytes of a definition. AWS: 1,048,576.
    pub definition_bytes: Option<usize>,
    /// Events of a Standard execution's history, or `"none"`. AWS: 25,000.
    pub history_events: Option<Bound>,
    /// Days for which the name of a closed execution is taken. AWS: 90.
    pub name_kept_days: Option<u32>,
    /// Whether operations can be called only as often as on AWS.
    pub request_rates: Option<bool>,
    /// Executions kept in memory while they wait for a time, a token or a child; all others are read when they go on.
    pub executions_in_memory: Option<u32>,
}

/// A number, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a whole number from 0 up, or \"none\"")]
pub enum Bound {
    /// At most this many.
    Most(u32),
    /// As many as there are.
    Word(Word),
}

/// The one word that stands for no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// No bound.
    None,
}

/// A set of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What makes sense on one's own machine
    #[default]
    Local,
    /// All quotas and rates of AWS, with its errors
    Aws,
}

/// What a service is to keep to.
#[derive(Clone, Debug)]
pub struct ServiceLimits {
    /// How many of a thing.
    pub quotas: Quotas,
    /// Lengths of members of requests.
    pub members: wire::Limits,
    /// Bytes of a request.
    pub request_bytes: usize,
    /// Of Standard executions.
    pub standard: interpreter::Limits,
    /// Of Express executions.
    pub express: interpreter::Limits,
    /// Milliseconds for which the name of a closed execution is taken.
    pub name_kept_ms: i64,
    /// Whether operations can be called only as often as on AWS.
    pub are_rates_limited: bool,
    /// Executions kept in memory while they wait, unless the engine's own number is right.
    pub executions_in_memory: Option<usize>,
}

impl ServiceLimits {
    /// The limits of a profile with what a table changes.
    ///
    /// # Errors
    /// When a length is out of bounds: which one, and what they are.
    pub fn new(profile: Profile, table: &LimitsTable) -> Result<ServiceLimits, Failure> {
        let is_aws = profile == Profile::Aws;
        let base = if is_aws { Quotas::AWS } else { Quotas::default() };
        let members = wire::Limits {
            payload: bytes("payload_bytes", table.payload_bytes, wire::Limits::default().payload)?,
            definition: bytes(
                "definition_bytes",
                table.definition_bytes,
                wire::Limits::default().definition,
            )?,
        };
        let longest = members.payload.max(members.definition);
        let is_set = table.payload_bytes.is_some() || table.definition_bytes.is_some();
        let payload_bytes = Some(members.payload);
        let history_events = match table.history_events {
            None => interpreter::Limits::SERVICE.history_events,
            Some(Bound::Most(most)) => Some(most),
            Some(Bound::Word(Word::None)) => None,
        };
        Ok(ServiceLimits {
            quotas: Quotas {
                state_machines: bound(table.state_machines, base.state_machines),
                activities: bound(table.activities, base.activities),
                open_executions: bound(table.open_executions, base.open_executions),
                versions: bound(table.versions, base.versions),
                aliases: bound(table.aliases, base.aliases),
            },
            members,
            request_bytes: if is_aws && !is_set { AWS_REQUEST_BYTES } else { longest * REQUEST_MEMBERS },
            standard: interpreter::Limits { payload_bytes, history_events, ..interpreter::Limits::SERVICE },
            express: interpreter::Limits { payload_bytes, ..interpreter::Limits::EXPRESS },
            name_kept_ms: table
                .name_kept_days
                .map_or_else(|| engine::Settings::default().name_kept_ms, |days| i64::from(days) * DAY_MS),
            are_rates_limited: table.request_rates.unwrap_or(is_aws),
            executions_in_memory: table.executions_in_memory.and_then(|most| usize::try_from(most).ok()),
        })
    }
}

fn bound(set: Option<Bound>, base: Option<usize>) -> Option<usize> {
    match set {
        None => base,
        Some(Bound::Most(most)) => usize::try_from(most).ok(),
        Some(Bound::Word(Word::None)) => None,
    }
}

fn bytes(key: &str, set: Option<usize>, base: usize) -> Result<usize, Failure> {
    match set {
        Some(set) if !(BYTES_MIN..=BYTES_MAX).contains(&set) => Err(Failure::usage(format!(
            "`limits.{key}` is {set}: expected a number of bytes from {BYTES_MIN} to {BYTES_MAX}"
        ))),
        set => Ok(set.unwrap_or(base)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(profile: Profile, table: &str) -> ServiceLimits {
        ServiceLimits::new(profile, &toml::from_str(table).unwrap()).unwrap()
    }

    #[test]
    fn a_profile_is_the_base_and_the_table_wins() {
        let local = limits(Profile::Local, "");
        assert_eq!((local.quotas, local.are_rates_limited), (Quotas::default(), false));
        assert_eq!((local.members, local.request_bytes), (wire::Limits::default(), 3 << 20));
        assert_eq!((local.standard.history_events, local.name_kept_ms), (Some(25_000), 90 * DAY_MS));
        let aws = limits(Profile::Aws, "");
        assert_eq!((aws.quotas, aws.are_rates_limited), (Quotas::AWS, true));
        assert_eq!(aws.request_bytes, 1 << 20);
        let mixed = limits(Profile::Aws, "aliases = 7\nversions = 'none'\nrequest_rates = false");
        assert_eq!(mixed.quotas, Quotas { aliases: Some(7), versions: None, ..Quotas::AWS });
        assert!(!mixed.are_rates_limited);
        let large =
            limits(Profile::Local, "payload_bytes = 4194304\nhistory_events = 'none'\nname_kept_days = 0");
        assert_eq!(
            (large.standard.payload_bytes, large.express.payload_bytes),
            (Some(4 << 20), Some(4 << 20))
        );
        assert_eq!((large.members.payload, large.request_bytes), (4 << 20, 12 << 20));
        assert_eq!((large.standard.history_events, large.name_kept_ms), (None, 0));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        let check = |table: &str, expected: &str| {
            let read = toml::from_str::<LimitsTable>(table).map_err(|error| error.message().to_owned());
            let found = read.and_then(|table| {
                ServiceLimits::new(Profile::Local, &table).map_err(|failure| failure.to_string())
            });
            assert_eq!(found.unwrap_err(), expected, "{table}");
        };
        let bound = "expected a whole number from 0 up, or \"none\"";
        check("aliases = -1", bound);
        check("aliases = 'many'", bound);
        check("aliases = 5000000000", bound);
        check(
            "payload_bytes = 0",
            "`limits.payload_bytes` is 0: expected a number of bytes from 1024 to 67108864",
        );
        check(
            "definition_bytes = 67108865",
            "`limits.definition_bytes` is 67108865: expected a number of bytes from 1024 to 67108864",
        );
    }
}
