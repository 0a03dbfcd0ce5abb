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
    /// The service's own key together with the id of a customer's.
    KeyNotWanted,
    /// More tags than a resource may have.
    TooManyTags,
    /// The current revision is not the one that was meant.
    OtherRevision,
    /// Every version number was given.
    NumbersSpent,
    /// An alias has one route or two.
    Routes,
    /// Two routes to one version.
    SameVersionTwice,
    /// Weights that do not add up to 100.
    WeightsSum,
    /// A route to a version that does not exist.
    NoSuchVersion,
    /// A version that these aliases point at cannot be deleted.
    Aliased(Vec<String>),
    /// There may be this many, and there are.
    Quota(usize),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Refused::AlreadyExists => "it exists with other settings",
            Refused::Deleting => "it is being deleted",
            Refused::DoesNotExist => "it does not exist",
            Refused::NothingToUpdate => "nothing to update",
            Refused::DescriptionWithoutPublish => "a version description without a version",
            Refused::LogDestinations => "logging needs exactly one destination",
            Refused::LogDestination => "the log destination is not the ARN of a log group",
            Refused::KeyMissing => "a customer managed key needs its id",
            Refused::KeyNotWanted => "the service's own key has no id",
            Refused::TooManyTags => "too many tags",
            Refused::OtherRevision => "the current revision is another one",
            Refused::NumbersSpent => "every version number was given",
            Refused::Routes => "an alias has one route or two",
            Refused::SameVersionTwice => "two routes lead to the same version",
            Refused::WeightsSum => "the weights do not add up to 100",
            Refused::NoSuchVersion => "a route leads to a version that does not exist",
            Refused::Aliased(aliases) => return write!(f, "aliases point at it: {}", aliases.join(", ")),
            Refused::Quota(most) => return write!(f, "there are {most} already, and that is the quota"),
        };
        f.write_str(text)
    }
}

impl std::error::Error for Refused {}
