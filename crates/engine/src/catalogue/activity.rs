//! Activities: the row. Their queues belong to the shards, not here.

use serde::{Deserialize, Serialize};
use wire::EncryptionConfiguration;

use super::Refused;

/// An activity. Stored by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRow {
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Encryption, with its default filled in.
    pub encryption: EncryptionConfiguration,
}

impl ActivityRow {
    /// Whether a create repeats the one that made this activity: only the encryption is compared (API reference,
    /// CreateActivity; other tags are ignored).
    ///
    /// # Errors
    /// [`Refused::AlreadyExists`].
    pub fn repeated(&self, encryption: &EncryptionConfiguration) -> Result<(), Refused> {
        if self.encryption == *encryption { Ok(()) } else { Err(Refused::AlreadyExists) }
    }
}
