//! Aliases: names for one version, or for two by weight (API reference, CreateStateMachineAlias and UpdateStateMachineAlias; the
//! rules of the routing configuration are recorded).
//!
//! Which version a start gets is drawn by whoever starts it and stands in the execution's record: it is never drawn again.

use serde::{Deserialize, Serialize};

use super::Refused;

/// What the weights of an alias add up to.
pub const WEIGHTS: u32 = 100;

/// An alias. Stored by [`alias_id`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AliasRow {
    /// What its maker said of it.
    #[serde(default)]
    pub description: Option<String>,
    /// Where starts go; one or two.
    pub routes: Vec<Route>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// When it was last changed, likewise.
    pub updated_at: i64,
}

/// A version, and how many starts of a hundred get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The version's number.
    pub version: u32,
    /// 0 to 100.
    pub weight: u32,
}

/// A change of an alias; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct AliasUpdate {
    /// The description.
    pub description: Option<String>,
    /// Where starts go.
    pub routes: Option<Vec<Route>>,
}

impl AliasRow {
    /// The version of one start. `draw` is 64 random bits.
    #[must_use]
    pub fn pick(&self, draw: u64) -> Option<u32> {
        // The high bits times the sum: every weight has its share to within 2^-57.
        let sum: u32 = self.routes.iter().map(|route| route.weight).sum();
        let mut point = ((u128::from(draw) * u128::from(sum)) >> 64) as u32;
        for route in &self.routes {
            match point.checked_sub(route.weight) {
                None => return Some(route.version),
                Some(rest) => point = rest,
            }
        }
        None
    }

    /// Whether a start can get this version, be it with weight 0.
    #[must_use]
    pub fn routes_to(&self, version: u32) -> bool {
        self.routes.iter().any(|route| route.version == version)
    }

    /// The alias after a change. A change that changes nothing is none, and leaves the date (API reference: idempotent).
    ///
    /// # Errors
    /// [`Refused::NothingToUpdate`]; those of [`check_routes`].
    pub fn updated(&self, wish: AliasUpdate, at: i64) -> Result<Option<AliasRow>, Refused> {
        if wish.description.is_none() && wish.routes.is_none() {
            return Err(Refused::NothingToUpdate);
        }
        if let Some(routes) = &wish.routes {
            check_routes(routes)?;
        }
        let after = AliasRow {
            description: wish.description.or_else(|| self.description.clone()),
            routes: wish.routes.unwrap_or_else(|| self.routes.clone()),
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok((after != *self).then_some(AliasRow { updated_at: at, ..after }))
    }
}

/// Whether a create makes something: `true` when there is no alias of the name, `false` when it repeats the create of the one
/// there is.
///
/// # Errors
/// [`Refused::AlreadyExists`] when what there is has another description or other routes (recorded); those of
/// [`check_routes`].
pub fn create_alias(
    existing: Option<&AliasRow>,
    description: Option<&str>,
    routes: &[Route],
) -> Result<bool, Refused> {
    check_routes(routes)?;
    match existing {
        None => Ok(true),
        Some(alias) if alias.description.as_deref() == description && alias.routes == routes => Ok(false),
        Some(_) => Err(Refused::AlreadyExists),
    }
}

/// Routes are one or two, to different versions, and their weights add up to 100.
///
/// # Errors
/// [`Refused::SameVersionTwice`], [`Refused::WeightsSum`], [`Refused::Routes`].
pub fn check_routes(routes: &[Route]) -> Result<(), Refused> {
    match routes {
        [_] => {}
        [one, other] if one.version == other.version => return Err(Refused::SameVersionTwice),
        [_, _] => {}
        _ => return Err(Refused::Routes),
    }
    let sum = routes.iter().try_fold(0_u32, |sum, route| sum.checked_add(route.weight));
    if sum == Some(WEIGHTS) { Ok(()) } else { Err(Refused::WeightsSum) }
}

/// The id under which an alias is stored.
#[must_use]
pub fn alias_id(machine: &str, alias: &str) -> String {
    format!("{machine}:{alias}")
}

/// The name of the alias with this id.
#[must_use]
pub fn alias_name(id: &str) -> Option<&str> {
    id.rsplit_once(':').map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(of: &[(u32, u32)]) -> Vec<Route> {
        of.iter().map(|&(version, weight)| Route { version, weight }).collect()
    }

    fn alias(of: &[(u32, u32)]) -> AliasRow {
        AliasRow { description: Some("d".into()), routes: routes(of), created_at: 1, updated_at: 1 }
    }

    #[test]
    fn routes_follow_the_rules() {
        let check = |of: &[(u32, u32)], expected: Result<(), Refused>| {
            assert_eq!(check_routes(&routes(of)), expected, "{of:?}");
        };
        check(&[(1, 100)], Ok(()));
        check(&[(1, 90), (2, 10)], Ok(()));
        check(&[(1, 100), (2, 0)], Ok(()));
        check(&[(1, 70), (2, 29)], Err(Refused::WeightsSum));
        check(&[(1, 70), (2, 31)], Err(Refused::WeightsSum));
        check(&[(1, u32::MAX), (2, 101)], Err(Refused::WeightsSum));
        check(&[(1, 50), (1, 50)], Err(Refused::SameVersionTwice));
        check(&[], Err(Refused::Routes));
        check(&[(1, 50), (2, 30), (3, 20)], Err(Refused::Routes));
    }

    #[test]
    fn a_repeated_create_is_one_create() {
        let there = alias(&[(1, 90), (2, 10)]);
        let check = |description: Option<&str>, of: &[(u32, u32)], expected: Result<bool, Refused>| {
            assert_eq!(create_alias(Some(&there), description, &routes(of)), expected, "{of:?}");
        };
        check(Some("d"), &[(1, 90), (2, 10)], Ok(false));
        check(None, &[(1, 90), (2, 10)], Err(Refused::AlreadyExists));
        check(Some("e"), &[(1, 90), (2, 10)], Err(Refused::AlreadyExists));
        check(Some("d"), &[(1, 100)], Err(Refused::AlreadyExists));
        check(Some("d"), &[(1, 99)], Err(Refused::WeightsSum));
        assert_eq!(create_alias(None, None, &routes(&[(1, 100)])), Ok(true));
    }

    #[test]
    fn an_update_changes_what_it_says() {
        let there = alias(&[(1, 100)]);
        assert_eq!(there.updated(AliasUpdate::default(), 2), Err(Refused::NothingToUpdate));
        let same = AliasUpdate { description: Some("d".into()), routes: Some(routes(&[(1, 100)])) };
        assert_eq!(there.updated(same, 2), Ok(None));
        let moved = AliasUpdate { description: None, routes: Some(routes(&[(2, 100)])) };
        let after = AliasRow { updated_at: 2, ..alias(&[(2, 100)]) };
        assert_eq!(there.updated(moved, 2), Ok(Some(after)));
        let bad = AliasUpdate { description: None, routes: Some(routes(&[(2, 99)])) };
        assert_eq!(there.updated(bad, 2), Err(Refused::WeightsSum));
    }

    #[test]
    fn the_weights_are_the_shares() {
        let check = |of: &[(u32, u32)]| {
            let alias = alias(of);
            // Evenly over all draws, so that the shares are exact.
            let draws = (0..1000_u64).map(|at| (u64::MAX / 1000) * at + 7);
            let mut counts = std::collections::BTreeMap::new();
            for version in draws.map(|draw| alias.pick(draw).unwrap()) {
                *counts.entry(version).or_insert(0) += 1;
            }
            for route in &alias.routes {
                let count: u32 = counts.get(&route.version).copied().unwrap_or(0);
                assert!(count.abs_diff(route.weight * 10) <= 1, "{of:?}: {counts:?}");
            }
        };
        check(&[(1, 100)]);
        check(&[(7, 90), (3, 10)]);
        check(&[(1, 0), (2, 100)]);
        check(&[(1, 1), (2, 99)]);
        assert_eq!(alias(&[(1, 0), (2, 100)]).pick(0), Some(2));
        assert_eq!(alias(&[(1, 100), (2, 0)]).pick(u64::MAX), Some(1));
        // What no rule lets be stored gives no version instead of a wrong one.
        assert_eq!(alias(&[]).pick(1), None);
        assert_eq!(alias(&[(1, 0)]).pick(1), None);
    }
}
