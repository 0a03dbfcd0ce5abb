//! A revision in memory: its definition compiled once and shared by every execution that runs it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use asl::{MachineType, ParseOptions, StateMachine};
use engine::catalogue::RevisionRow;
use wire::{EncryptionConfiguration, LoggingConfiguration, TracingConfiguration};

use super::{CatalogueError, Result};

/// A revision of a state machine. Never changes.
#[derive(Debug)]
pub struct Revision {
    /// Its id, a UUID; the API shows it for all but the first revision.
    pub id: String,
    /// Name of the state machine.
    pub machine: String,
    /// The definition, compiled.
    pub definition: Arc<StateMachine>,
    /// The definition, as it came.
    pub text: Arc<str>,
    /// ARN of the role.
    pub role_arn: String,
    /// `EXPRESS` instead of `STANDARD`.
    pub express: bool,
    /// It came with the state machine.
    pub initial: bool,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Logging, with its defaults filled in.
    pub logging: LoggingConfiguration,
    /// Tracing, with its default filled in.
    pub tracing: TracingConfiguration,
    /// Encryption, with its default filled in.
    pub encryption: EncryptionConfiguration,
    references: OnceLock<BTreeMap<String, Vec<String>>>,
}

impl Revision {
    /// A revision from its row and its definition, compiled from the row's text.
    pub(super) fn new(id: String, row: RevisionRow, definition: Arc<StateMachine>) -> Revision {
        let settings = row.settings;
        Revision {
            id,
            machine: row.machine,
            definition,
            text: settings.definition.into(),
            role_arn: settings.role_arn,
            express: row.express,
            initial: row.initial,
            created_at: row.created_at,
            logging: settings.logging,
            tracing: settings.tracing,
            encryption: settings.encryption,
            references: OnceLock::new(),
        }
    }

    pub(super) fn load(id: &str, row: RevisionRow) -> Result<Revision> {
        let definition = compile(&row.settings.definition, row.express).map_err(|_| {
            CatalogueError::Unreadable(format!(
                "the stored definition of revision `{id}` cannot be read any more"
            ))
        })?;
        Ok(Revision::new(id.to_owned(), row, definition))
    }

    /// The id as the API shows it: none for the first revision of a state machine (recorded).
    #[must_use]
    pub fn public_id(&self) -> Option<&str> {
        (!self.initial).then_some(self.id.as_str())
    }

    /// The row that this revision was made from.
    pub(super) fn row(&self) -> RevisionRow {
        RevisionRow {
            machine: self.machine.clone(),
            express: self.express,
            created_at: self.created_at,
            initial: self.initial,
            settings: engine::catalogue::Settings {
                definition: self.text.to_string(),
                role_arn: self.role_arn.clone(),
                logging: self.logging.clone(),
                tracing: self.tracing.clone(),
                encryption: self.encryption.clone(),
            },
        }
    }

    /// Which variables each state reads; computed on first use.
    #[must_use]
    pub fn variable_references(&self) -> &BTreeMap<String, Vec<String>> {
        self.references.get_or_init(|| {
            let all = self.definition.variable_references().into_iter();
            all.map(|(state, names)| (state.to_string(), names.iter().map(|name| name.to_string()).collect()))
                .collect()
        })
    }
}

/// Compiles a definition.
///
/// # Errors
/// [`CatalogueError::InvalidDefinition`] with everything that is wrong with it.
pub fn compile(text: &str, express: bool) -> Result<Arc<StateMachine>> {
    let machine_type = if express { MachineType::Express } else { MachineType::Standard };
    let parsed = asl::parse(text, ParseOptions { machine_type, ..ParseOptions::default() });
    parsed.machine.map(Arc::new).ok_or(CatalogueError::InvalidDefinition(parsed.diagnostics))
}
