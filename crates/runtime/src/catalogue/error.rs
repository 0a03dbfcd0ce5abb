//! What can go wrong in the catalogue: a broken rule, a definition that is none, or a store that fails.

use std::fmt;

use asl::Diagnostic;
use engine::catalogue::Refused;

/// A failed operation of the catalogue.
#[derive(Debug)]
pub enum CatalogueError {
    /// The request breaks a rule.
    Refused(Refused),
    /// The definition has errors.
    InvalidDefinition(Vec<Diagnostic>),
    /// The store failed; nothing is known of a write.
    Store(store::Error),
    /// The store holds what this release cannot read. For operators.
    Unreadable(String),
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CatalogueError::Refused(why) => why.fmt(f),
            CatalogueError::InvalidDefinition(diagnostics) => {
                write!(f, "the definition is invalid ({} diagnostics)", diagnostics.len())
            }
            CatalogueError::Store(why) => why.fmt(f),
            CatalogueError::Unreadable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for CatalogueError {}

impl From<store::Error> for CatalogueError {
    fn from(error: store::Error) -> Self {
        CatalogueError::Store(error)
    }
}

impl From<Refused> for CatalogueError {
    fn from(why: Refused) -> Self {
        CatalogueError::Refused(why)
    }
}
