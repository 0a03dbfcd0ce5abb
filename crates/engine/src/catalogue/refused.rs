//! Why a change of the catalogue is refused. The words of the API are the server's work; this says only which rule was broken.

use std::fmt;

/// A rule of the catalogue that a request breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is something else of this name.
    AlreadyExists,
    /// The state machine is being deleted.
    Deleting,
    /// There is nothing of this name.
    DoesNotExist,
    /// An update that changes nothing that could be changed.
    NothingToUpdate,
    /// A version's description without a version to describe.
    DescriptionWithoutPublish,
    /// Logging that is on needs exactly one destination.
    LogDestinations,
    /// The one log destination is not the ARN of a log group.
    LogDestination,
    /// A customer's key without its id.
    KeyMissing,
    /// A customer's key, which this service does not have.
    KeyUnsupported,
    /// More tags than a resource may have.
    TooManyTags,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::AlreadyExists => "it exists with other settings",
            Refused::Deleting => "it is being deleted",
            Refused::DoesNotExist => "it does not exist",
            Refused::NothingToUpdate => "nothing to update",
            Refused::DescriptionWithoutPublish => "a version description without a version",
            Refused::LogDestinations => "logging needs exactly one destination",
            Refused::LogDestination => "the log destination is not the ARN of a log group",
            Refused::KeyMissing => "a customer managed key needs its id",
            Refused::KeyUnsupported => "customer managed keys are not supported",
            Refused::TooManyTags => "too many tags",
        })
    }
}

impl std::error::Error for Refused {}
