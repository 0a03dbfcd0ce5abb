//! Values in memory: sharing, order, equality, depth.

use std::sync::Arc;
use value::{Array, MAX_DEPTH, Object, ParseErrorKind, Payload, Value};

const DEEP: usize = 1_000_000;

fn deep(depth: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(Value::Null, |v, _| wrap(v))
}

#[test]
fn a_value_is_small_and_can_travel() {
    fn can_travel<T: Send + Sync>() {}
    can_travel::<Payload>();
    assert!(size_of::<Value>() <= 24);
}

#[test]
fn depth_exhausts_nothing() {
    let array = |v| Value::from(vec![v]);
    let object = |v| Value::from(Object::from_iter([("a", v)]));
    for (wrap, depth, brackets) in [(&array as &dyn Fn(Value) -> Value, DEEP, 2), (&object, DEEP / 10, 6)] {
        let (a, b) = (deep(depth, wrap), deep(depth, wrap));
        assert!(a == b);
        assert_eq!(format!("{a:?}").len(), brackets * depth + 4);
    }
    let shared = deep(DEEP / 10, array);
    let threads = [shared.clone(), shared].map(|v| std::thread::spawn(move || drop(v)));
    threads.into_iter().for_each(|t| t.join().unwrap());
}

#[test]
fn a_text_may_be_a_thousand_deep() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(Value::parse(&nested(MAX_DEPTH)).unwrap().to_json(), nested(MAX_DEPTH));
    for depth in [MAX_DEPTH + 1, DEEP] {
        assert_eq!(Value::parse(&nested(depth)).unwrap_err().kind, ParseErrorKind::Depth);
    }
    assert_eq!(Value::parse(&"{\"a\":".repeat(DEEP)).unwrap_err().kind, ParseErrorKind::Depth);
}

#[test]
fn equality_is_mathematical_and_ignores_the_order_of_keys() {
    let parse = |t: &str| Value::parse(t).unwrap();
    for (a, b, equal) in [
        ("1", "1.0", true),
        ("9007199254740993", "9007199254740992.0", false),
        ("9223372036854775807", "9223372036854775808", false),
        ("{\"a\":[1,{\"b\":null}],\"c\":2}", "{\"c\":2.0,\"a\":[1,{\"b\":null}]}", true),
        ("{\"a\":1}", "{\"a\":1,\"b\":1}", false),
        ("{\"a\":1}", "{\"b\":1}", false),
        ("[1,2]", "[2,1]", false),
        ("[1]", "[1,1]", false),
        ("\"1\"", "1", false),
        ("null", "false", false),
        ("[]", "{}", false),
    ] {
        assert_eq!(parse(a) == parse(b), equal, "{a} {b}");
        assert_eq!(parse(b) == parse(a), equal, "{b} {a}");
    }
    assert_ne!(Value::Float(f64::NAN), Value::Float(f64::NAN));
}

#[test]
fn objects_keep_order_at_any_size() {
    for n in [3usize, 16, 17, 18, 300] {
        let mut object: Object = (0..n).map(|i| (format!("k{i}"), i)).collect();
        let snapshot = object.clone();
        assert_eq!(object.insert("k1", "new"), Some(Value::from(1usize)));
        assert_eq!(object.insert("last", true), None);
        assert_eq!(object.remove("k0"), Some(Value::from(0usize)));
        assert_eq!(object.remove("k0"), None);
        let expected: Vec<String> = (1..n).map(|i| format!("k{i}")).chain(["last".to_owned()]).collect();
        assert!(object.keys().map(|k| &**k).eq(expected.iter()), "{n}");
        for key in &expected {
            assert_eq!(
                object.get(key),
                object.iter().find(|(k, _)| ***k == **key).map(|(_, v)| v),
                "{n} {key}"
            );
        }
        object.retain(|k, _| k != "k1");
        assert!(!object.contains_key("k1") && object.get("k2").is_some());
        assert_eq!(snapshot.len(), n, "a clone does not see changes");
        assert_eq!(snapshot.get("k1"), Some(&Value::from(1usize)));
        assert_eq!(snapshot.into_iter().next_back().unwrap().0, format!("k{}", n - 1).into());
    }
}

#[test]
fn arrays_copy_on_write() {
    let mut a: Array = [1, 2].into_iter().collect();
    let b = a.clone();
    a.push(3);
    assert_eq!((a.len(), b.len()), (3, 2));
    assert!(!a.ptr_eq(&b));
    assert_eq!(a.into_iter().last(), Some(Value::Int(3)));
}

#[test]
fn a_payload_keeps_its_text_and_reads_it_once() {
    let text = " {\"a\" : 1.0}\n";
    let payload = Payload::parse(text).unwrap();
    assert_eq!((&**payload.text(), payload.len()), (text, text.len()));
    assert_eq!(payload.value().to_json(), "{\"a\":1.0}");
    let lazy = Payload::from_trusted_text(Arc::from(text));
    assert_eq!(lazy.value(), payload.value());
    assert!(std::ptr::eq(lazy.value(), lazy.clone().value()));
    assert!(lazy == payload && !lazy.ptr_eq(&payload) && lazy.ptr_eq(&lazy.clone()));
    let built = Payload::from_value(payload.value().clone());
    assert_eq!(&**built.text(), "{\"a\":1.0}");
    assert_ne!(built, payload);
    assert!(Payload::from_trusted_text(Arc::from("{")).value().is_null());
    assert!(Payload::parse("{").is_err());
}
