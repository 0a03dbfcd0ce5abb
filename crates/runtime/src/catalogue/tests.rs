//! The catalogue against the memory store: what is written, what is cached, what another start of the process finds.

use std::sync::Arc;

use engine::catalogue::{Creation, Refused, Settings, Update};
use store::MemoryStore;
use wire::Tag;

use super::{Catalogue, CatalogueError, Stamp};

const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#;

fn wish(definition: &str) -> Creation {
    let settings = Settings::new(definition.into(), "role".into(), None, None, None).unwrap();
    Creation { express: false, settings, publish: false, version_description: None }
}

fn stamp(at: i64) -> Stamp {
    Stamp { at, revision: format!("r{at}") }
}

fn definition(text: &str) -> Update {
    Update { definition: Some(text.into()), ..Update::default() }
}

fn refused<T: std::fmt::Debug>(result: super::Result<T>) -> Refused {
    match result {
        Err(CatalogueError::Refused(why)) => why,
        other => panic!("{other:?} was not refused"),
    }
}

#[test]
fn a_machine_lives_from_create_to_deletion() {
    let store = Arc::new(MemoryStore::new());
    let catalogue = Catalogue::new(store.clone());
    assert!(catalogue.machine("m").unwrap().is_none());
    let made = catalogue.create("m", wish(PASS), None, stamp(1)).unwrap();
    assert_eq!((made.revision.public_id(), made.row.created_at), (None, 1));
    let again = catalogue.create("m", wish(PASS), None, stamp(2)).unwrap();
    assert!(Arc::ptr_eq(&made, &again));
    assert_eq!(refused(catalogue.create("m", wish(WAIT), None, stamp(3))), Refused::AlreadyExists);

    let same = catalogue.update("m", definition(PASS), stamp(4)).unwrap();
    assert!(!same.changed && same.machine.revision.public_id().is_none());
    let changed = catalogue.update("m", definition(WAIT), stamp(5)).unwrap();
    assert!(changed.changed);
    assert_eq!(changed.machine.revision.public_id(), Some("r5"));
    assert_eq!(refused(catalogue.update("n", definition(WAIT), stamp(6))), Refused::DoesNotExist);

    // What a later start of the process sees.
    let later = Catalogue::new(store.clone());
    let machine = later.machine("m").unwrap().unwrap();
    assert_eq!((&*machine.revision.text, machine.row.created_at), (WAIT, 1));
    assert_eq!(&*later.revision("r1").unwrap().text, PASS);
    assert!(matches!(later.revision("r9"), Err(CatalogueError::Unreadable(_))));

    assert!(catalogue.begin_deletion("m").unwrap() && !catalogue.begin_deletion("n").unwrap());
    assert_eq!(refused(catalogue.update("m", definition(PASS), stamp(7))), Refused::Deleting);
    assert_eq!(refused(catalogue.create("m", wish(WAIT), None, stamp(7))), Refused::Deleting);
    catalogue.finish_deletion("m", "arn").unwrap();
    assert!(catalogue.machine("m").unwrap().is_none());
    assert_eq!(&*catalogue.revision("r5").unwrap().text, WAIT);
    catalogue.create("m", wish(WAIT), None, stamp(8)).unwrap();
}

#[test]
fn a_bad_definition_changes_nothing() {
    let catalogue = Catalogue::new(Arc::new(MemoryStore::new()));
    let bad = catalogue.create("m", wish("{}"), None, stamp(1));
    assert!(matches!(bad, Err(CatalogueError::InvalidDefinition(found)) if !found.is_empty()));
    assert!(catalogue.machine("m").unwrap().is_none());
    catalogue.create("m", wish(PASS), None, stamp(2)).unwrap();
    let bad = catalogue.update("m", definition("[]"), stamp(3));
    assert!(matches!(bad, Err(CatalogueError::InvalidDefinition(_))));
    assert_eq!(catalogue.machine("m").unwrap().unwrap().revision.id, "r2");
}

#[test]
fn machines_are_listed_by_name() {
    let catalogue = Catalogue::new(Arc::new(MemoryStore::new()));
    for (at, name) in ["b", "c", "a"].into_iter().enumerate() {
        catalogue.create(name, wish(PASS), None, stamp(at as i64)).unwrap();
    }
    let names = |after: Option<&str>, limit| -> Vec<String> {
        catalogue.machines(after, limit).unwrap().into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(None, 2), ["a", "b"]);
    assert_eq!(names(Some("b"), 2), ["c"]);
}

#[test]
fn tags_and_activities_come_and_go_with_their_resource() {
    let catalogue = Catalogue::new(Arc::new(MemoryStore::new()));
    let tag = |key: &str| Tag { key: Some(key.into()), value: Some(String::new()) };
    catalogue.create("m", wish(PASS), Some(("arn:m".into(), vec![tag("a")])), stamp(1)).unwrap();
    catalogue.create("m", wish(PASS), Some(("arn:m".into(), vec![tag("ignored")])), stamp(2)).unwrap();
    catalogue.tag("arn:m", vec![tag("b")]).unwrap();
    catalogue.untag("arn:m", &["a".into()]).unwrap();
    assert_eq!(catalogue.tags("arn:m").unwrap(), [tag("b")]);
    catalogue.begin_deletion("m").unwrap();
    catalogue.finish_deletion("m", "arn:m").unwrap();
    assert_eq!(catalogue.tags("arn:m").unwrap(), []);

    let made = catalogue.create_activity("a", None, Some(("arn:a".into(), vec![tag("x")])), 7).unwrap();
    assert_eq!(catalogue.create_activity("a", None, None, 8).unwrap(), made);
    assert_eq!(catalogue.activity("a").unwrap().map(|row| row.created_at), Some(7));
    assert_eq!(catalogue.activities(None, 10).unwrap().len(), 1);
    assert_eq!(catalogue.tags("arn:a").unwrap().len(), 1);
    catalogue.delete_activity("a", "arn:a").unwrap();
    catalogue.delete_activity("a", "arn:a").unwrap();
    assert_eq!((catalogue.activity("a").unwrap(), catalogue.tags("arn:a").unwrap().len()), (None, 0));
}
