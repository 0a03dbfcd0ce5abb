//! Versions: numbered snapshots of a state machine (API reference, PublishStateMachineVersion; developer guide, "Versions").
//! A version is a number for a revision, nothing more: the revision is what never changes.
//!
//! Not here: aliases, which point at versions (`alias`).

use serde::{Deserialize, Serialize};

use super::{MachineRow, Refused};

/// How a request names the revision that came with its state machine: that one has no id that the API shows.
pub const INITIAL_REVISION: &str = "INITIAL";

/// A version. Stored by [`version_id`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionRow {
    /// Id of the revision that it is a number for.
    pub revision: String,
    /// When it was published, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// What its publisher said of it.
    #[serde(default)]
    pub description: Option<String>,
}

/// What publishing comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// The current revision has this version already.
    Present(u32),
    /// This is to be its version.
    New(u32),
}

/// What publishing the current revision comes to: a revision that has a version gets no second one, whatever its description
/// (recorded). `newest` is the state machine's newest version that was not deleted; only that one can be the current revision's.
///
/// # Errors
/// [`Refused::Deleting`]; [`Refused::NumbersSpent`] after 4,294,967,295 versions.
pub fn publish(machine: &MachineRow, newest: Option<(u32, &VersionRow)>) -> Result<Publication, Refused> {
    if machine.deleting {
        return Err(Refused::Deleting);
    }
    match newest {
        Some((number, version)) if version.revision == machine.revision => Ok(Publication::Present(number)),
        _ => machine.last_version.checked_add(1).map(Publication::New).ok_or(Refused::NumbersSpent),
    }
}

/// Refuses to publish another revision than the one that was meant. `current` is the id that the API shows, if any.
///
/// # Errors
/// [`Refused::OtherRevision`].
pub fn check_revision(current: Option<&str>, meant: Option<&str>) -> Result<(), Refused> {
    match meant {
        Some(meant) if meant != current.unwrap_or(INITIAL_REVISION) => Err(Refused::OtherRevision),
        _ => Ok(()),
    }
}

/// What the ids of a state machine's versions begin with.
#[must_use]
pub fn version_prefix(machine: &str) -> String {
    format!("{machine}:")
}

/// The id under which a version is stored. Ids are listed in their order, and versions newest first: so ids count down.
#[must_use]
pub fn version_id(machine: &str, number: u32) -> String {
    format!("{machine}:{:010}", u32::MAX - number)
}

/// The number of the version with this id.
#[must_use]
pub fn version_number(id: &str) -> Option<u32> {
    let (_, rest) = id.rsplit_once(':')?;
    Some(u32::MAX - rest.parse::<u32>().ok()?)
}

/// The number of a version as it stands at the end of an ARN: digits that do not begin with 0.
#[must_use]
pub fn qualifier_number(qualifier: &str) -> Option<u32> {
    let is_number = qualifier.bytes().all(|byte| byte.is_ascii_digit()) && !qualifier.starts_with('0');
    is_number.then(|| qualifier.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(revision: &str, last_version: u32) -> MachineRow {
        MachineRow {
            express: false,
            created_at: 1,
            revision: revision.into(),
            deleting: false,
            published: false,
            version_description: None,
            last_version,
        }
    }

    fn version(revision: &str) -> VersionRow {
        VersionRow { revision: revision.into(), created_at: 1, description: None }
    }

    #[test]
    fn a_revision_has_one_version_and_a_number_is_given_once() {
        let check = |last: u32, newest: Option<(u32, &str)>, expected: Result<Publication, Refused>| {
            let newest = newest.map(|(number, revision)| (number, version(revision)));
            let newest = newest.as_ref().map(|(number, row)| (*number, row));
            assert_eq!(publish(&machine("r", last), newest), expected, "{last} {newest:?}");
        };
        check(0, None, Ok(Publication::New(1)));
        check(1, Some((1, "r")), Ok(Publication::Present(1)));
        check(1, Some((1, "q")), Ok(Publication::New(2)));
        // Version 2 was deleted.
        check(2, Some((1, "q")), Ok(Publication::New(3)));
        check(2, None, Ok(Publication::New(3)));
        check(u32::MAX, None, Err(Refused::NumbersSpent));
        let deleting = MachineRow { deleting: true, ..machine("r", 1) };
        assert_eq!(publish(&deleting, Some((1, &version("r")))), Err(Refused::Deleting));
    }

    #[test]
    fn the_revision_that_is_meant_is_the_current_one() {
        let check = |current: Option<&str>, meant: Option<&str>, good: bool| {
            assert_eq!(check_revision(current, meant).is_ok(), good, "{current:?} {meant:?}");
        };
        check(None, None, true);
        check(None, Some("INITIAL"), true);
        check(None, Some("r"), false);
        check(Some("r"), None, true);
        check(Some("r"), Some("r"), true);
        check(Some("r"), Some("INITIAL"), false);
        check(Some("r"), Some(""), false);
    }

    #[test]
    fn newer_versions_have_lower_ids() {
        let mut ids: Vec<String> = [1, 2, 9, 10, 4_294_967_295].map(|number| version_id("m", number)).into();
        ids.sort();
        let numbers: Vec<_> = ids.iter().map(|id| version_number(id)).collect();
        assert_eq!(numbers, [Some(4_294_967_295), Some(10), Some(9), Some(2), Some(1)]);
        assert!(ids.iter().all(|id| id.starts_with(&version_prefix("m"))));
        assert_eq!(version_number("m"), None);
    }

    #[test]
    fn qualifiers_that_are_numbers() {
        for (text, expected) in [
            ("1", Some(1)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("0", None),
            ("01", None),
            ("-1", None),
            ("+1", None),
            ("", None),
            ("live", None),
        ] {
            assert_eq!(qualifier_number(text), expected, "{text}");
        }
    }
}
