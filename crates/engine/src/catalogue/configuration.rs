//! Logging, tracing and encryption of a state machine: their defaults and the rules between their members (API reference,
//! `LoggingConfiguration` and `EncryptionConfiguration`; the logging texts are recorded).

use wire::{EncryptionConfiguration, EncryptionType, LogLevel, LoggingConfiguration, TracingConfiguration};

use super::Refused;

/// The most tags of one resource (AWS page "Quotas").
pub const MAX_TAGS: usize = 50;

/// The logging configuration with its defaults filled in: nothing is logged unless asked for.
#[must_use]
pub fn normal_logging(given: Option<LoggingConfiguration>) -> LoggingConfiguration {
    let given = given.unwrap_or_default();
    LoggingConfiguration {
        level: Some(given.level.unwrap_or(LogLevel::Off)),
        include_execution_data: Some(given.include_execution_data.unwrap_or(false)),
        destinations: given.destinations.filter(|destinations| !destinations.is_empty()),
    }
}

/// The tracing configuration with its default filled in: off.
#[must_use]
pub fn normal_tracing(given: Option<TracingConfiguration>) -> TracingConfiguration {
    let enabled = given.and_then(|given| given.enabled).unwrap_or(false);
    TracingConfiguration { enabled: Some(enabled) }
}

/// Seconds for which a data key is used again unless the configuration says otherwise (API reference).
const KEY_REUSE_SECONDS: i32 = 300;

/// The encryption configuration with its defaults filled in: a key of the service's; a customer's key is asked for new data keys
/// every 300 s.
#[must_use]
pub fn normal_encryption(given: Option<EncryptionConfiguration>) -> EncryptionConfiguration {
    let mut encryption = given.unwrap_or(EncryptionConfiguration {
        kms_key_id: None,
        kms_data_key_reuse_period_seconds: None,
        r#type: EncryptionType::AwsOwnedKey,
    });
    if encryption.r#type == EncryptionType::CustomerManagedKmsKey {
        encryption.kms_data_key_reuse_period_seconds.get_or_insert(KEY_REUSE_SECONDS);
    }
    encryption
}

/// Logging that is not off has exactly one destination, and that is a log group's ARN.
///
/// # Errors
/// [`Refused::LogDestinations`] or [`Refused::LogDestination`].
pub fn check_logging(logging: &LoggingConfiguration) -> Result<(), Refused> {
    let destinations = logging.destinations.as_deref().unwrap_or_default();
    if destinations.len() > 1 || (destinations.is_empty() && logging.level != Some(LogLevel::Off)) {
        return Err(Refused::LogDestinations);
    }
    let groups = destinations.iter().map(|one| {
        one.cloud_watch_logs_log_group
            .as_ref()
            .and_then(|group| group.log_group_arn.as_deref())
            .unwrap_or_default()
    });
    for group in groups {
        if !(group.starts_with("arn:") && group.contains(":log-group:") && group.ends_with(":*")) {
            return Err(Refused::LogDestination);
        }
    }
    Ok(())
}

/// A customer's key has an id, the service's own has none. The configuration is kept and shown; nothing is encrypted by it
/// (docs/decisions/0005).
///
/// # Errors
/// [`Refused::KeyMissing`] or [`Refused::KeyNotWanted`].
pub fn check_encryption(encryption: &EncryptionConfiguration) -> Result<(), Refused> {
    let has_key = encryption.kms_key_id.is_some();
    match encryption.r#type {
        EncryptionType::CustomerManagedKmsKey if !has_key => Err(Refused::KeyMissing),
        EncryptionType::AwsOwnedKey if has_key => Err(Refused::KeyNotWanted),
        _ => Ok(()),
    }
}
