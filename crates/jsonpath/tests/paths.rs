//! What paths find, and in which words they do not: the answers are those of Jayway 2.9, and of the service where it differs.

use jsonpath::{Path, PathErrorKind};
use value::Value;

const SHOP: &str = r#"{
    "orders": [
        {"id": "o1", "total": 10, "lines": ["x", "y"], "by": {"name": "Ann"}},
        {"id": "o2", "total": 25.5, "lines": []},
        {"id": "o3", "total": 3, "by": {"name": "Bob"}}
    ],
    "n": [10, 20, 30, 40, 50],
    "grid": [[1, 2], [3, 4]],
    "none": [], "null": null, "yes": true, "big": 3000000000, "half": 0.5, "text": "hi",
    "two words": {"x": 1}, "da-sh": 2, "dot.ted": 3, "naïve": 4, "num": {"0": "zero"}, "q'uote": 5, "f()": 6
}"#;

fn check(path: &str, expected: &str) {
    let root = Value::parse(SHOP).unwrap_or_default();
    let found = match Path::parse(path) {
        Ok(path) => path.evaluate(&root).map_err(|e| e.to_string()),
        Err(error) => Err(format!("invalid: {error}")),
    };
    let found = found.map_or_else(|e| e, |v| v.to_json());
    assert_eq!(found, expected, "{path}");
}

#[test]
fn definite_paths_name_one_place() {
    check("$.orders[0].by", r#"{"name":"Ann"}"#);
    check("$['orders'][1][\"id\"]", "\"o2\"");
    check("$.n[-1]", "50");
    check("$.n[ 0 ]", "10");
    check("$.n[-5]", "10");
    check("$.null", "null");
    check("$['two words'].x", "1");
    check("$[ 'dot.ted' ]", "3");
    check(r"$['q\'uote']", "5");
    check(r"$['na\u00efve']", "4");
    check("$.da-sh", "2");
    check("$.naïve", "4");
    check("$.num.0", "\"zero\"");
    check("num.0", "\"zero\"");
    check("@.half", "0.5");
    check(" $.half ", "0.5");
    check("$.grid[1][0]", "3");
    // Functions are names.
    check("$.f()", "6");
    // Jayway takes one character after a complete step for the end.
    check("$.half[", "0.5");
    check("$.n[0]x", "10");
    // Several names at the end make an object of those that exist.
    check("$.orders[0]['id','total','zzz']", r#"{"id":"o1","total":10}"#);
}

#[test]
fn a_definite_path_without_a_match_is_an_error() {
    let provider = "This is not a json object according to the JsonProvider: \
                    'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.";
    check("$.missing", "No results for path: $['missing']");
    check("$.num.missing", "No results for path: $['num']['missing']");
    check("$[\"num\"].missing", "No results for path: $[\"num\"]['missing']");
    check("$.no.such.path", "Missing property in path $['no']");
    check("$.num.no.such", "Missing property in path $['num']['no']");
    check("$.n[5]", "No results for path: $['n'][5]");
    check("$.n[-6]", "No results for path: $['n'][-6]");
    check("$.n[5].x", "No results for path: $['n'][5]['x']");
    check("$.half[0]", "Filter: [0] can only be applied to arrays. Current context is: 0.5");
    check("$.text[0]", "Filter: [0] can only be applied to arrays. Current context is: hi");
    check("$.null[0]", "The path $['null'] is null");
    for (place, class) in [
        ("null", "null"),
        ("yes", "java.lang.Boolean"),
        ("half", "java.lang.Double"),
        ("big", "java.lang.Long"),
        ("da-sh", "java.lang.Integer"),
        ("text", "java.lang.String"),
        ("n", "java.util.ArrayList"),
    ] {
        check(
            &format!("$.{place}.x"),
            &format!(
                "Expected to find an object with property ['x'] in path $['{place}'] but found '{class}'. {provider}"
            ),
        );
    }
    check(
        "$.n['a','b']",
        &format!(
            "Expected to find an object with property ['a','b'] in path $['n'] but found 'java.util.ArrayList'. {provider}"
        ),
    );
}

#[test]
fn an_index_past_the_end_can_be_told_apart() {
    let root = Value::parse(SHOP).unwrap();
    let kind = |path: &str| Path::parse(path).unwrap().evaluate(&root).unwrap_err().kind;
    assert_eq!(kind("$.n[5]"), PathErrorKind::IndexPastEnd);
    assert_eq!(kind("$.n[5].x"), PathErrorKind::NotFound);
    assert_eq!(kind("$.x"), PathErrorKind::NotFound);
    assert_eq!(kind("$.half.x"), PathErrorKind::WrongType);
    assert_eq!(kind("$.half[0]"), PathErrorKind::WrongType);
}

#[test]
fn other_paths_find_a_list() {
    check("$.n[0,2]", "[10,30]");
    check("$.n[ -1 , 0 , 9 ]", "[50,10]");
    check("$.n[*]", "[10,20,30,40,50]");
    check("$.num.*", "[\"zero\"]");
    check("$.num[ * ]", "[\"zero\"]");
    check("$.orders[*].id", r#"["o1","o2","o3"]"#);
    check("$.orders[*].by.name", r#"["Ann","Bob"]"#);
    check("$.orders[*].lines[0]", r#"["x"]"#);
    check("$.orders[*].lines[*]", r#"["x","y"]"#);
    check("$.orders[0,2]['id','total']", r#"[{"id":"o1","total":10},{"id":"o3","total":3}]"#);
    check("$.orders[0]['by','zzz'].name", "[\"Ann\"]");
    check("$.grid[*][*]", "[1,2,3,4]");
    check("$.grid[1:][0]", "[3]");
}

#[test]
fn slices_are_jayways() {
    check("$.n[1:3]", "[20,30]");
    check("$.n[3:]", "[40,50]");
    check("$.n[:2]", "[10,20]");
    check("$.n[-2:]", "[40,50]");
    check("$.n[:-2]", "[10,20,30]");
    check("$.n[-9:]", "[10,20,30,40,50]");
    check("$.n[9:]", "[]");
    check("$.n[0:99]", "[10,20,30,40,50]");
    // With both ends, a negative one is not counted from the end, but an index is; and the step is ignored.
    check("$.n[1:-1]", "[]");
    check("$.n[-2:2]", "[40,50,10,20]");
    check("$.n[-2147483648:1]", "[10,20,30,40,50,10]");
    check("$.n[1:4:2]", "[20,30,40]");
    check("$.n[3:1]", "[]");
}

#[test]
fn descent_goes_through_the_document_in_its_order() {
    check("$..name", r#"["Ann","Bob"]"#);
    check("$..id", r#"["o1","o2","o3"]"#);
    check("$.orders..name", r#"["Ann","Bob"]"#);
    check("$..grid[0]", "[[1,2]]");
    check("$.grid..*", "[[1,2],[3,4],1,2,3,4]");
    check("$.grid..[0]", "[[1,2],1,3]");
    check("$.grid..[0:1]", "[[1,2],1,3]");
    check("$..['id','by']", r#"[{"id":"o1","by":{"name":"Ann"}},{"id":"o3","by":{"name":"Bob"}}]"#);
    check("$..zzz", "[]");
}

#[test]
fn without_a_match_the_list_is_empty_even_where_jayway_raises() {
    for path in [
        "$.missing[*]",
        "$.missing.x[*].y",
        "$.half[*]",
        "$.half[1:3]",
        "$.half[0,1]",
        "$.half.x[*]",
        "$.null[*]",
        "$.missing[1:5]",
        "$.missing[?(@.a)]",
        "$.missing..x",
        "$.none[*]",
        "$.none[0:2]",
        "$.orders[*].zzz",
        "$.orders[7].id[*]",
    ] {
        check(path, "[]");
    }
    check("$.half[?(@.a)]", "Filter: [?] can not be applied to primitives. Current context is: 0.5");
}

#[test]
fn what_is_not_a_path_says_where() {
    for (path, message) in [
        ("", "Path can not be null or empty"),
        ("$.", "Path must not end with a '.' or '..'"),
        ("$..", "Path must not end with a '.' or '..'"),
        ("$.a.", "Path must not end with a '.' or '..'"),
        ("$...a", "Character '.' on position 3 is not valid."),
        ("$ .a", "Illegal character at position 1 expected '.' or '['"),
        ("$x.a", "Illegal character at position 1 expected '.' or '['"),
        ("$.a .b", "Use bracket notion ['my prop'] if your property contains blank characters. position: 2"),
        ("$.n[a]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$.é[a]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$.n[(@.length-1)]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$.n[1", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$.n[?]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$.n[?(@.a]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "),
        ("$[", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "),
        ("$.n[*", "Expected wildcard token to end with ']' on position 5"),
        ("$.n[::2]", "Failed to parse SliceOperation: ::2"),
        ("$.n[:]", "Failed to parse SliceOperation: :"),
        ("$.n[1 :2]", "Failed to parse SliceOperation: 1 :2"),
        ("$.n[1-2]", "Failed to parse token in ArrayIndexOperation: 1-2"),
        ("$.n[1,]", "Failed to parse token in ArrayIndexOperation: "),
        ("$.n[99999999999]", "Failed to parse token in ArrayIndexOperation: 99999999999"),
        ("$['a", "Property has not been closed - missing closing '"),
        ("$['a'", "Property has not been closed - missing closing ]"),
        ("$['a',]", "Found empty property at index 6"),
        (
            "$['a'x]",
            "Property must be separated by comma or Property must be terminated close square bracket at index 4",
        ),
    ] {
        check(path, &format!("invalid: {message}"));
    }
}

#[test]
fn a_path_knows_what_it_is() {
    for (text, normalized, definite, reference) in [
        ("$", "$", true, true),
        ("$.a[0]['b c']", "$['a'][0]['b c']", true, true),
        ("$.a[-1]", "$['a'][-1]", true, true),
        ("a.b", "$['a']['b']", true, false),
        ("@.a", "@['a']", true, false),
        ("$['a','b']", "$['a','b']", true, false),
        ("$['a','b'].c", "$['a','b']['c']", false, false),
        ("$.a[0,1]", "$['a'][0,1]", false, false),
        ("$.a[:2].*", "$['a'][:2][*]", false, false),
        ("$..a", "$..['a']", false, false),
        ("$.a[?(@.b)]", "$['a'][?]", false, false),
    ] {
        let path = Path::parse(text).unwrap();
        let known = (path.normalized(), path.is_definite(), path.is_reference());
        assert_eq!(known, (normalized.to_owned(), definite, reference), "{text}");
        assert_eq!(path.text(), text);
    }
}

#[test]
fn a_backslash_before_a_double_quote_stays_between_single_quotes() {
    let document = Value::parse(r#"{"a\\\"b": 1, "c\"d": 2}"#).unwrap();
    for (path, wanted) in [(r#"$['a\"b']"#, "1"), (r#"$['c"d']"#, "2")] {
        assert_eq!(Path::parse(path).unwrap().evaluate(&document).unwrap().to_json(), wanted, "{path}");
    }
}
