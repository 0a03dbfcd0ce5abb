//! State machines and their revisions: the rows, and what create and update make of them (API reference,
//! CreateStateMachine and UpdateStateMachine; the comparison of definitions as raw text is recorded).

use serde::{Deserialize, Serialize};
use wire::{EncryptionConfiguration, LoggingConfiguration, TracingConfiguration};

use super::{Refused, check_encryption, check_logging, normal_encryption, normal_logging, normal_tracing};

/// A state machine: what does not change, and which revision is current. Stored by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MachineRow {
    /// `EXPRESS` instead of `STANDARD`.
    pub express: bool,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Id of the current revision.
    pub revision: String,
    /// It is being deleted: it takes no start and no update any more.
    #[serde(default)]
    pub deleting: bool,
    /// `publish` of the create, which a repeated create must say again.
    #[serde(default)]
    pub published: bool,
    /// `versionDescription` of the create, likewise.
    #[serde(default)]
    pub version_description: Option<String>,
    /// The number of the version that was published last; 0 before the first one. Numbers are never given again.
    #[serde(default)]
    pub last_version: u32,
}

/// A revision: never changed once written. Stored by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionRow {
    /// Name of the state machine.
    pub machine: String,
    /// `EXPRESS` instead of `STANDARD`.
    pub express: bool,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// It came with the state machine: the API shows no id for it.
    pub initial: bool,
    /// What a revision is a revision of.
    #[serde(flatten)]
    pub settings: Settings,
}

/// What an update can change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The definition, as it came.
    pub definition: String,
    /// ARN of the role.
    pub role_arn: String,
    /// Logging, with its defaults filled in.
    pub logging: LoggingConfiguration,
    /// Tracing, with its default filled in.
    pub tracing: TracingConfiguration,
    /// Encryption, with its default filled in.
    pub encryption: EncryptionConfiguration,
}

/// A wish for a new state machine.
#[derive(Clone, Debug)]
pub struct Creation {
    /// `EXPRESS` instead of `STANDARD`.
    pub express: bool,
    /// The first revision's settings.
    pub settings: Settings,
    /// Whether a version is to be published.
    pub publish: bool,
    /// Its description.
    pub version_description: Option<String>,
}

/// A wish for a change; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// The definition.
    pub definition: Option<String>,
    /// ARN of the role.
    pub role_arn: Option<String>,
    /// Logging.
    pub logging: Option<LoggingConfiguration>,
    /// Tracing.
    pub tracing: Option<TracingConfiguration>,
    /// Encryption.
    pub encryption: Option<EncryptionConfiguration>,
    /// Whether a version is to be published.
    pub publish: bool,
    /// Its description.
    pub version_description: Option<String>,
}

impl Settings {
    /// Settings with the defaults of what was not given.
    ///
    /// # Errors
    /// See [`check_logging`] and [`check_encryption`].
    pub fn new(
        definition: String,
        role_arn: String,
        logging: Option<LoggingConfiguration>,
        tracing: Option<TracingConfiguration>,
        encryption: Option<EncryptionConfiguration>,
    ) -> Result<Settings, Refused> {
        let (logging, tracing) = (normal_logging(logging), normal_tracing(tracing));
        let encryption = normal_encryption(encryption);
        check_logging(&logging)?;
        check_encryption(&encryption)?;
        Ok(Settings { definition, role_arn, logging, tracing, encryption })
    }
}

impl Creation {
    /// Refuses what the members forbid each other.
    ///
    /// # Errors
    /// [`Refused::DescriptionWithoutPublish`].
    pub fn check(&self) -> Result<(), Refused> {
        describes(self.publish, self.version_description.as_ref())
    }
}

/// Whether a create makes something: `true` when there is nothing of the name yet, `false` when it repeats the create of what
/// there is. Role and tags are not compared: another role in a repeated create is ignored, as the service does.
///
/// # Errors
/// [`Refused::AlreadyExists`] when what there is differs, [`Refused::Deleting`].
pub fn create(existing: Option<(&MachineRow, &RevisionRow)>, wish: &Creation) -> Result<bool, Refused> {
    wish.check()?;
    let Some((machine, revision)) = existing else { return Ok(true) };
    if machine.deleting {
        return Err(Refused::Deleting);
    }
    let (is, wanted) = (&revision.settings, &wish.settings);
    let same = machine.express == wish.express
        && machine.published == wish.publish
        && machine.version_description == wish.version_description
        && is.definition == wanted.definition
        && is.logging == wanted.logging
        && is.tracing == wanted.tracing
        && is.encryption == wanted.encryption;
    if same { Ok(false) } else { Err(Refused::AlreadyExists) }
}

/// The settings after an update, or `None` when it changes nothing (then there is no new revision: recorded).
///
/// # Errors
/// [`Refused::NothingToUpdate`], [`Refused::Deleting`], [`Refused::DescriptionWithoutPublish`], and those of [`Settings::new`].
pub fn updated(machine: &MachineRow, current: &Settings, wish: Update) -> Result<Option<Settings>, Refused> {
    let anything = wish.definition.is_some()
        || wish.role_arn.is_some()
        || wish.logging.is_some()
        || wish.tracing.is_some()
        || wish.encryption.is_some();
    if !anything {
        return Err(Refused::NothingToUpdate);
    }
    describes(wish.publish, wish.version_description.as_ref())?;
    if machine.deleting {
        return Err(Refused::Deleting);
    }
    let settings = Settings::new(
        wish.definition.unwrap_or_else(|| current.definition.clone()),
        wish.role_arn.unwrap_or_else(|| current.role_arn.clone()),
        Some(wish.logging.unwrap_or_else(|| current.logging.clone())),
        Some(wish.tracing.unwrap_or_else(|| current.tracing.clone())),
        Some(wish.encryption.unwrap_or_else(|| current.encryption.clone())),
    )?;
    Ok((settings != *current).then_some(settings))
}

fn describes(publish: bool, description: Option<&String>) -> Result<(), Refused> {
    match description {
        Some(_) if !publish => Err(Refused::DescriptionWithoutPublish),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use wire::{CloudWatchLogsLogGroup, EncryptionType, LogDestination, LogLevel};

    use super::*;

    fn settings(definition: &str, role: &str) -> Settings {
        Settings::new(definition.into(), role.into(), None, None, None).unwrap()
    }

    fn rows(wish: &Creation) -> (MachineRow, RevisionRow) {
        let machine = MachineRow {
            express: wish.express,
            created_at: 1,
            revision: "r1".into(),
            deleting: false,
            published: wish.publish,
            version_description: wish.version_description.clone(),
            last_version: 0,
        };
        let revision = RevisionRow {
            machine: "m".into(),
            express: wish.express,
            created_at: 1,
            initial: true,
            settings: wish.settings.clone(),
        };
        (machine, revision)
    }

    fn wish() -> Creation {
        Creation {
            express: false,
            settings: settings("{}", "role"),
            publish: false,
            version_description: None,
        }
    }

    #[test]
    fn a_repeated_create_is_one_create() {
        let (machine, revision) = rows(&wish());
        let check = |change: &dyn Fn(&mut Creation), expected: Result<bool, Refused>| {
            let mut again = wish();
            change(&mut again);
            assert_eq!(create(Some((&machine, &revision)), &again), expected, "{again:?}");
        };
        check(&|_| {}, Ok(false));
        check(&|wish| wish.settings.role_arn = "another".into(), Ok(false));
        check(&|wish| wish.settings.definition = "{ }".into(), Err(Refused::AlreadyExists));
        check(&|wish| wish.express = true, Err(Refused::AlreadyExists));
        check(&|wish| wish.publish = true, Err(Refused::AlreadyExists));
        check(&|wish| wish.settings.tracing.enabled = Some(true), Err(Refused::AlreadyExists));
        let describe = |wish: &mut Creation| wish.version_description = Some("first".into());
        check(&describe, Err(Refused::DescriptionWithoutPublish));
        assert_eq!(create(None, &wish()), Ok(true));
        let deleting = MachineRow { deleting: true, ..machine.clone() };
        assert_eq!(create(Some((&deleting, &revision)), &wish()), Err(Refused::Deleting));
    }

    #[test]
    fn an_update_makes_a_revision_only_when_it_changes_something() {
        let (machine, revision) = rows(&wish());
        let current = &revision.settings;
        let update = |wish: Update| updated(&machine, current, wish);
        assert_eq!(update(Update::default()), Err(Refused::NothingToUpdate));
        let same = Update { definition: Some("{}".into()), ..Update::default() };
        assert_eq!(update(same), Ok(None));
        let role = Update { role_arn: Some("another".into()), ..Update::default() };
        assert_eq!(update(role.clone()), Ok(Some(settings("{}", "another"))));
        let described = Update { version_description: Some("x".into()), ..role.clone() };
        assert_eq!(update(described), Err(Refused::DescriptionWithoutPublish));
        let deleting = MachineRow { deleting: true, ..machine.clone() };
        assert_eq!(updated(&deleting, current, role), Err(Refused::Deleting));
    }

    #[test]
    fn logging_that_is_on_has_one_log_group() {
        let group = |arn: &str| LogDestination {
            cloud_watch_logs_log_group: Some(CloudWatchLogsLogGroup { log_group_arn: Some(arn.into()) }),
        };
        let good = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
        let check = |level: LogLevel, destinations: Vec<LogDestination>, expected: Result<(), Refused>| {
            let given = LoggingConfiguration {
                level: Some(level),
                include_execution_data: None,
                destinations: Some(destinations.clone()),
            };
            assert_eq!(check_logging(&normal_logging(Some(given))), expected, "{level:?} {destinations:?}");
        };
        check(LogLevel::Off, vec![], Ok(()));
        check(LogLevel::All, vec![], Err(Refused::LogDestinations));
        check(LogLevel::Off, vec![group(good), group(good)], Err(Refused::LogDestinations));
        check(LogLevel::Error, vec![group(good)], Ok(()));
        check(LogLevel::Fatal, vec![group("g")], Err(Refused::LogDestination));
        check(LogLevel::Fatal, vec![LogDestination::default()], Err(Refused::LogDestination));
    }

    #[test]
    fn a_customers_key_has_an_id_and_the_own_one_has_none() {
        let check = |r#type, key: Option<&str>, expected: Result<(), Refused>| {
            let of = EncryptionConfiguration {
                kms_key_id: key.map(str::to_owned),
                kms_data_key_reuse_period_seconds: None,
                r#type,
            };
            let normal = normal_encryption(Some(of));
            assert_eq!(check_encryption(&normal), expected, "{normal:?}");
            let is_own = r#type == EncryptionType::AwsOwnedKey;
            assert_eq!(normal.kms_data_key_reuse_period_seconds, (!is_own).then_some(300));
        };
        assert_eq!(check_encryption(&normal_encryption(None)), Ok(()));
        check(EncryptionType::CustomerManagedKmsKey, None, Err(Refused::KeyMissing));
        check(EncryptionType::CustomerManagedKmsKey, Some("alias/k"), Ok(()));
        check(EncryptionType::AwsOwnedKey, Some("alias/k"), Err(Refused::KeyNotWanted));
        check(EncryptionType::AwsOwnedKey, None, Ok(()));
    }

    #[test]
    fn rows_are_read_back() {
        let (machine, revision) = rows(&wish());
        let text = serde_json::to_vec(&revision).unwrap();
        assert_eq!(serde_json::from_slice::<RevisionRow>(&text).unwrap(), revision);
        let old = r#"{"express":false,"createdAt":1,"revision":"r1"}"#;
        assert_eq!(serde_json::from_str::<MachineRow>(old).unwrap(), machine);
    }
}
