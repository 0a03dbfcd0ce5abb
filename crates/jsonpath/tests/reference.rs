//! Reference Paths: what they are, and what setting them makes of a document.

use jsonpath::{ReferencePath, SetErrorKind};
use value::Value;

fn set(path: &str, root: &str) -> Result<String, String> {
    let path = ReferencePath::parse(path).map_err(|e| e.to_string())?;
    let root = Value::parse(root).map_err(|e| e.to_string())?;
    let before = root.to_json();
    let set = path.set(&root, "new".into());
    assert_eq!(root.to_json(), before, "the document itself stays");
    set.map(|v| v.to_json()).map_err(|e| e.to_string())
}

#[test]
fn setting_replaces_and_makes_what_is_missing() {
    for (path, root, expected) in [
        ("$", "{\"a\":1}", "\"new\""),
        ("$", "3", "\"new\""),
        ("$.a", "{\"a\":1,\"b\":2}", "{\"a\":\"new\",\"b\":2}"),
        ("$.c", "{\"a\":1}", "{\"a\":1,\"c\":\"new\"}"),
        ("$.a.b.c", "{}", "{\"a\":{\"b\":{\"c\":\"new\"}}}"),
        ("$['a b'].c", "{\"a b\":{\"d\":1}}", "{\"a b\":{\"d\":1,\"c\":\"new\"}}"),
        ("$.l[1]", "{\"l\":[1,2,3]}", "{\"l\":[1,\"new\",3]}"),
        ("$.l[-1].x", "{\"l\":[1,{}]}", "{\"l\":[1,{\"x\":\"new\"}]}"),
        ("$[0]", "[1]", "[\"new\"]"),
    ] {
        assert_eq!(set(path, root).as_deref(), Ok(expected), "{path} {root}");
    }
}

#[test]
fn setting_does_not_force_a_document_to_fit() {
    for (path, root, message) in [
        ("$.a", "\"text\"", "`$` is of type string, not an object"),
        ("$.a", "[]", "`$` is of type array, not an object"),
        ("$.a.b", "{\"a\":1}", "`$['a']` is of type number, not an object"),
        ("$.a.b", "{\"a\":null}", "`$['a']` is of type null, not an object"),
        ("$.a[0]", "{\"a\":{}}", "`$['a']` is of type object, not an array"),
        ("$.a[0]", "{}", "`$['a']` is of type null, not an array"),
        ("$.a[1]", "{\"a\":[1]}", "`$['a'][1]` is beyond the end of its array"),
        ("$.a[-2].b", "{\"a\":[1]}", "`$['a'][-2]` is beyond the end of its array"),
    ] {
        assert_eq!(set(path, root), Err(message.to_owned()), "{path} {root}");
    }
    let error = ReferencePath::parse("$.a").unwrap().set(&Value::Int(1), Value::Null).unwrap_err();
    assert_eq!(error.kind, SetErrorKind::NotAnObject);
}

#[test]
fn only_names_and_indexes_make_a_reference_path() {
    for path in ["$.a[*]", "$..a", "$.a[0,1]", "$.a[0:1]", "$['a','b']", "$.a[?(@.b)]", "@.a", "a", "$["] {
        assert!(ReferencePath::parse(path).is_err(), "{path}");
    }
    let path = ReferencePath::parse("$.a[0]").unwrap();
    assert_eq!(path.evaluate(&Value::parse("{\"a\":[7]}").unwrap()), Ok(Value::Int(7)));
    assert_eq!((path.text(), path.steps().len()), ("$.a[0]", 2));
}
