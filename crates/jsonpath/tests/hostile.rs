//! Input made to harm: everything ends, soon, in an answer or an error.

use jsonpath::{Path, PathErrorKind, ReferencePath};
use value::{Object, Value};

#[test]
fn texts_that_nest_end_in_an_error() {
    for n in [60, 20_000] {
        for (open, inner, close) in [
            ("$[?(@", ".a", ")]"),
            ("$[?(@", ".a", " == 1)]"),
            ("$[?(1 == @", ".a", ")]"),
            ("$[?(!", "@.a", ")]"),
            ("[?((((", "@.a", ")]"),
            ("$.a[?(@ in [[[[", "", "]]]])]"),
            ("$['", "", "']"),
            ("$[?('", "", "')]"),
            ("$[?(@ =~ /", "", "/)]"),
        ] {
            let nested_after_root = format!("${}{inner}{}", &open[1..].repeat(n), close.repeat(n));
            let nested = format!("$[?({}{inner}{})]", open[1..].repeat(n), close.repeat(n));
            for text in [nested_after_root, nested, open.repeat(n), format!("$[?({})]", "!".repeat(n))] {
                // Both answers are fine; coming back is the point.
                if let Ok(path) = Path::parse(&text) {
                    let _ = path.evaluate(&Value::parse("[[[1]]]").unwrap());
                }
            }
        }
    }
    let deep = |n: usize| format!("$[?({}1 == 1{})]", "(".repeat(n), ")".repeat(n));
    assert!(Path::parse(&deep(100)).is_ok());
    assert_eq!(
        Path::parse(&deep(200)).unwrap_err().to_string(),
        "a path may not nest more than 128 levels deep"
    );
}

#[test]
fn nested_filters_are_read_in_linear_time() {
    // A reader that tries twice at every level would need 2^60 steps.
    let text = format!("${}{}", "[?(@".repeat(60), ")]".repeat(60));
    let path = Path::parse(&text).unwrap();
    let deep = (0..200).fold(Value::Int(1), |v, _| Value::from(vec![v]));
    assert!(path.evaluate(&deep).is_ok());
}

#[test]
fn work_is_bounded() {
    let wide = Value::from(vec![Value::Int(1); 5_000]);
    let tower = (0..12).fold(wide.clone(), |v, _| Value::from(vec![v.clone(), v]));
    for (path, root) in [
        ("$[?($[?(@ == 1)] size 5000)]", &wide),
        ("$..*", &tower),
        ("$..*..*..*..*", &tower),
        ("$..[?(@..[?(@..[?(@ == 1)])])]", &tower),
    ] {
        let error = Path::parse(path).unwrap().evaluate(root).unwrap_err();
        assert_eq!(error.kind, PathErrorKind::Budget, "{path}");
    }
    let many = format!("$[{}0]", "0,".repeat(100_000));
    assert_eq!(
        Path::parse(&many).unwrap().evaluate(&wide).unwrap().as_array().map(<[_]>::len),
        Some(100_001)
    );
}

#[test]
fn long_paths_and_deep_documents_exhaust_nothing() {
    const N: usize = 100_000;
    let array = (0..N).fold(Value::Int(1), |v, _| Value::from(vec![v]));
    let object = (0..N).fold(Value::Int(1), |v, _| Object::from_iter([("a", v)]).into());
    let find = |path: &str, root: &Value| Path::parse(path).unwrap().evaluate(root);
    assert_eq!(find(&format!("${}", "[0]".repeat(N)), &array), Ok(Value::Int(1)));
    assert_eq!(find(&format!("${}", "[*]".repeat(N)), &array), Ok(vec![Value::Int(1)].into()));
    assert_eq!(find(&format!("${}", ".a".repeat(N)), &object), Ok(Value::Int(1)));
    assert_eq!(find(&format!("${}", "[?(@.a)]".repeat(1000)), &object), Ok(vec![object.clone()].into()));
    assert_eq!(find("$..b", &object), Ok(Vec::new().into()));
    let set = ReferencePath::parse(&format!("${}", ".a".repeat(N))).unwrap();
    assert!(set.set(&object, Value::Int(2)).is_ok() && set.set(&Object::new().into(), 2.into()).is_ok());
}

#[test]
fn patterns_are_counted() {
    let text = |n: usize| format!("$[?({})]", vec!["@ =~ /x/"; n].join(" || "));
    assert!(Path::parse(&text(32)).is_ok());
    assert_eq!(
        Path::parse(&text(33)).unwrap_err().to_string(),
        "a path may have at most 32 regular expressions"
    );
}

#[test]
fn any_cut_of_a_path_is_read_or_refused() {
    let text =
        r#"$.añ['b\'c','d'][0,-1][1:2]..*[?(!(@.é[0] =~ /x\/y/i) && 'ö' in ["a",{'k':1.5e3}] || @ == null)]"#;
    let root = Value::parse(r#"{"añ":[[1,{"b":[2]}]]}"#).unwrap();
    let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
    assert!(Path::parse(text).is_ok());
    for from in &places {
        for to in places.iter().filter(|to| *to >= from) {
            if let Ok(path) = Path::parse(&text[*from..*to]) {
                let _ = path.evaluate(&root);
            }
        }
    }
}
