//! Versions, aliases and quotas against the memory store: what is written, what is cached, what another start of the process finds.

use std::sync::Arc;

use engine::catalogue::{AliasUpdate, Creation, Quotas, Refused, Route, Settings, Update};
use store::{CatalogueKind, MemoryStore, Store};

use super::{Catalogue, CatalogueError, Stamp};

const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

fn wish(publish: bool) -> Creation {
    let settings = Settings::new(PASS.into(), "role".into(), None, None, None).unwrap();
    Creation { express: false, settings, publish, version_description: publish.then(|| "first".into()) }
}

fn stamp(at: i64) -> Stamp {
    Stamp { at, revision: format!("r{at}") }
}

fn role(role: &str, publish: bool) -> Update {
    Update { role_arn: Some(role.into()), publish, ..Update::default() }
}

fn routes(of: &[(u32, u32)]) -> Vec<Route> {
    of.iter().map(|&(version, weight)| Route { version, weight }).collect()
}

fn refused<T: std::fmt::Debug>(result: super::Result<T>) -> Refused {
    match result {
        Err(CatalogueError::Refused(why)) => why,
        other => panic!("{other:?} was not refused"),
    }
}

fn numbers(catalogue: &Catalogue) -> Vec<u32> {
    catalogue.versions("m", None, 99).unwrap().into_iter().map(|(number, _)| number).collect()
}

#[test]
fn versions_are_numbered_once_and_keep_their_revision() {
    let store = Arc::new(MemoryStore::new());
    let catalogue = Catalogue::new(store.clone());
    catalogue.create("m", wish(true), None, stamp(1)).unwrap();
    assert_eq!(numbers(&catalogue), [1]);
    // The current revision has a version: nothing else comes of publishing it again.
    assert_eq!(catalogue.publish("m", None, Some("again".into()), 2).unwrap().0, 1);
    assert_eq!(catalogue.publish("m", Some("INITIAL"), None, 2).unwrap().0, 1);
    assert_eq!(refused(catalogue.publish("m", Some("r1"), None, 2)), Refused::OtherRevision);
    assert_eq!(refused(catalogue.publish("n", None, None, 2)), Refused::DoesNotExist);
    let same = catalogue.update("m", role("role", true), stamp(3)).unwrap();
    assert_eq!((same.changed, same.version), (false, Some(1)));

    let second = catalogue.update("m", role("other", true), stamp(4)).unwrap();
    assert_eq!((second.changed, second.version), (true, Some(2)));
    catalogue.update("m", role("third", false), stamp(5)).unwrap();
    assert_eq!(numbers(&catalogue), [2, 1]);
    catalogue.delete_version("m", 2).unwrap();
    catalogue.delete_version("m", 2).unwrap();
    catalogue.delete_version("n", 2).unwrap();
    let (number, row) = catalogue.publish("m", Some("r5"), Some("third".into()), 6).unwrap();
    assert_eq!((number, row.revision.as_str(), row.created_at), (3, "r5", 6));
    let unpublished = catalogue.update("m", role("fourth", false), stamp(7)).unwrap();
    assert_eq!((unpublished.changed, unpublished.version), (true, None));
    let late = catalogue.update("m", role("fourth", true), stamp(8)).unwrap();
    assert_eq!((late.changed, late.version), (false, Some(4)));

    // What a later start of the process sees.
    let later = Catalogue::new(store.clone());
    assert_eq!(numbers(&later), [4, 3, 1]);
    assert_eq!(later.versions("m", Some(4), 1).unwrap()[0].0, 3);
    let machine = later.machine("m").unwrap().unwrap();
    let version = later.version(&machine, 3).unwrap().unwrap();
    assert_eq!((version.revision.role_arn.as_str(), version.revision.public_id()), ("third", Some("r5")));
    assert_eq!(version.row.description.as_deref(), Some("third"));
    assert!(later.version(&machine, 2).unwrap().is_none());
    assert!(machine.cached_version(3).is_some() && machine.cached_version(2).is_none());
    assert_eq!(later.publish("m", None, None, 9).unwrap().0, 4);
}

#[test]
fn an_alias_lives_and_holds_its_versions() {
    let store = Arc::new(MemoryStore::new());
    let catalogue = Catalogue::new(store.clone());
    catalogue.create("m", wish(true), None, stamp(1)).unwrap();
    catalogue.update("m", role("other", true), stamp(2)).unwrap();
    let create =
        |of: &[(u32, u32)], at| catalogue.create_alias("m", "live", Some("d".into()), routes(of), at);
    assert_eq!(refused(create(&[(3, 100)], 3)), Refused::NoSuchVersion);
    let made = create(&[(1, 100)], 3).unwrap();
    assert_eq!(create(&[(1, 100)], 4).unwrap(), made);
    assert_eq!(refused(create(&[(2, 100)], 4)), Refused::AlreadyExists);
    let nowhere = catalogue.create_alias("n", "live", None, routes(&[(1, 100)]), 4);
    assert_eq!(refused(nowhere), Refused::DoesNotExist);

    let machine = catalogue.machine("m").unwrap().unwrap();
    assert_eq!(catalogue.alias(&machine, "live").unwrap().unwrap().routes, routes(&[(1, 100)]));
    let moved = AliasUpdate { description: None, routes: Some(routes(&[(1, 10), (2, 90)])) };
    let after = catalogue.update_alias("m", "live", moved.clone(), 5).unwrap();
    assert_eq!((after.created_at, after.updated_at), (3, 5));
    // Who asks for the state machine now sees the change at once.
    let machine = catalogue.machine("m").unwrap().unwrap();
    assert!(machine.cached_alias("live").is_none());
    assert_eq!(catalogue.alias(&machine, "live").unwrap().unwrap().routes, after.routes);
    assert_eq!(catalogue.update_alias("m", "live", moved.clone(), 6).unwrap(), after);
    assert_eq!(refused(catalogue.update_alias("m", "test", moved, 6)), Refused::DoesNotExist);
    let bad = AliasUpdate { description: None, routes: Some(routes(&[(1, 10), (7, 90)])) };
    assert_eq!(refused(catalogue.update_alias("m", "live", bad, 6)), Refused::NoSuchVersion);

    catalogue.create_alias("m", "beta", None, routes(&[(2, 100)]), 7).unwrap();
    let held = |aliases: &[&str]| Refused::Aliased(aliases.iter().map(|&name| name.to_owned()).collect());
    assert_eq!(refused(catalogue.delete_version("m", 1)), held(&["live"]));
    assert_eq!(refused(catalogue.delete_version("m", 2)), held(&["beta", "live"]));
    let names = |version, after, limit| -> Vec<String> {
        let found = catalogue.aliases("m", version, after, limit).unwrap();
        found.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(None, None, 9), ["beta", "live"]);
    assert_eq!(names(None, None, 1), ["beta"]);
    assert_eq!(names(None, Some("beta"), 9), ["live"]);
    assert_eq!(names(Some(1), None, 9), ["live"]);
    catalogue.delete_alias("m", "live").unwrap();
    assert_eq!(refused(catalogue.delete_alias("m", "live")), Refused::DoesNotExist);
    catalogue.delete_version("m", 1).unwrap();

    catalogue.begin_deletion("m").unwrap();
    let late = catalogue.create_alias("m", "late", None, routes(&[(2, 100)]), 8);
    assert_eq!(refused(late), Refused::Deleting);
    assert_eq!(refused(catalogue.publish("m", None, None, 8)), Refused::Deleting);
    catalogue.finish_deletion("m", "arn").unwrap();
    for kind in [CatalogueKind::Machine, CatalogueKind::Version, CatalogueKind::Alias] {
        assert_eq!(store.catalogue_list(kind, "", None, 9).unwrap(), [], "{kind:?}");
    }
}

#[test]
fn two_processes_cannot_delete_a_version_and_point_an_alias_at_it() {
    let store = Arc::new(MemoryStore::new());
    let (one, other) = (Catalogue::new(store.clone()), Catalogue::new(store));
    one.create("m", wish(true), None, stamp(1)).unwrap();
    // Both know the state machine as it is now; the second write of the two finds that it has changed, and looks again.
    assert!(other.machine("m").unwrap().is_some());
    one.create_alias("m", "live", None, routes(&[(1, 100)]), 2).unwrap();
    assert_eq!(refused(other.delete_version("m", 1)), Refused::Aliased(vec!["live".into()]));
    other.delete_alias("m", "live").unwrap();
    other.delete_version("m", 1).unwrap();
    assert_eq!(refused(one.create_alias("m", "live", None, routes(&[(1, 100)]), 3)), Refused::NoSuchVersion);
}

#[test]
fn quotas_hold_at_the_last_one() {
    let store = Arc::new(MemoryStore::new());
    Catalogue::new(store.clone()).create("a", wish(false), None, stamp(1)).unwrap();
    let quotas = Quotas {
        state_machines: Some(2),
        activities: Some(1),
        versions: Some(2),
        aliases: Some(1),
        open_executions: None,
    };
    let catalogue = Catalogue::new(store).with_quotas(quotas);
    catalogue.create("m", wish(false), None, stamp(2)).unwrap();
    assert_eq!(refused(catalogue.create("n", wish(false), None, stamp(3))), Refused::Quota(2));
    // What is there already needs no room; what is gone gives some.
    catalogue.create("m", wish(false), None, stamp(3)).unwrap();
    catalogue.begin_deletion("a").unwrap();
    catalogue.finish_deletion("a", "arn").unwrap();
    catalogue.create("n", wish(false), None, stamp(4)).unwrap();

    catalogue.create_activity("a", None, None, 1).unwrap();
    catalogue.create_activity("a", None, None, 1).unwrap();
    assert_eq!(refused(catalogue.create_activity("b", None, None, 1)), Refused::Quota(1));
    catalogue.delete_activity("a", "arn").unwrap();
    catalogue.create_activity("b", None, None, 1).unwrap();

    catalogue.publish("m", None, None, 5).unwrap();
    catalogue.update("m", role("2", true), stamp(6)).unwrap();
    catalogue.publish("m", None, None, 6).unwrap();
    assert_eq!(refused(catalogue.update("m", role("3", true), stamp(7))), Refused::Quota(2));
    let machine = catalogue.machine("m").unwrap().unwrap();
    assert_eq!(machine.revision.role_arn, "2", "a refused update changes nothing");
    catalogue.delete_version("m", 1).unwrap();
    catalogue.update("m", role("3", true), stamp(8)).unwrap();
    assert_eq!(numbers(&catalogue), [3, 2]);

    catalogue.create_alias("m", "live", None, routes(&[(3, 100)]), 9).unwrap();
    catalogue.create_alias("m", "live", None, routes(&[(3, 100)]), 9).unwrap();
    let more = catalogue.create_alias("m", "test", None, routes(&[(3, 100)]), 9);
    assert_eq!(refused(more), Refused::Quota(1));
}
