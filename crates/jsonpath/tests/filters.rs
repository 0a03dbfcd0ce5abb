//! What filters let through: operators, coercions, precedence, nesting.

use jsonpath::Path;
use value::Value;

const SHOP: &str = r#"{
    "p": [
        {"k": "a", "n": 1, "t": ["x", "y"], "o": {"z": 1}, "ok": true},
        {"k": "B", "n": 2, "t": [], "o": {}, "s": "", "nul": null},
        {"k": "c", "n": 3.5, "s": "2", "ok": false}
    ],
    "limit": 2, "wanted": ["a", "c"], "n": [1, 2, 3], "map": {"k": "m", "in": {"k": "inner"}}
}"#;

/// The keys of the products that a condition lets through, or the error of reading it.
fn check(condition: &str, keys: &str) {
    let root = Value::parse(SHOP).unwrap_or_default();
    let found = match Path::parse(&format!("$.p[?({condition})].k")) {
        Ok(path) => path.evaluate(&root).unwrap_or_default(),
        Err(error) => return assert_eq!(error.to_string(), keys, "{condition}"),
    };
    let found: String = found.as_array().unwrap_or_default().iter().filter_map(Value::as_str).collect();
    assert_eq!(found, keys, "{condition}");
}

#[test]
fn existence() {
    check("@.s", "Bc");
    check("!@.s", "a");
    check("!(@.s)", "a");
    check("! @.s", "a");
    check("@.nul", "B");
    check("@.t[0]", "a");
    check("@['t']", "aB");
    check("@.o.z", "a");
    check("@.t[*]", "aB");
    check("$.limit", "aBc");
    check("$.zzz", "");
}

#[test]
fn comparison() {
    check("@.n == 2", "B");
    check("@.n != 2", "ac");
    check("@.n<2", "a");
    check("@.n <= 2", "aB");
    check("@.n > $.limit", "c");
    check("@.n>=2", "Bc");
    check("2 <= @.n", "Bc");
    check("@.n == 3.50", "c");
    check("@.n == 35e-1", "c");
    check("@.k == 'a'", "a");
    check("@.k == \"a\"", "a");
    // A bare word is a string: published workflows write it so.
    check("@.k==a", "a");
    check("@.k > 'B'", "ac");
    check("@.ok == true", "a");
    check("@.ok == false", "c");
    check("@.nul == null", "B");
    check("@.o == {'z': 1}", "a");
    check("@.t == ['x','y']", "a");
    check("@.t == []", "B");
    // What is missing equals nothing, not even null, and has no order.
    check("@.zzz == null", "");
    check("@.zzz != null", "aBc");
    check("@.zzz < 1", "");
}

#[test]
fn coercion() {
    check("@.n == '2'", "B");
    check("'2' == @.n", "B");
    check("@.n == '2.0'", "B");
    check("@.s == 2", "c");
    check("@.s == 2.0", "");
    check("@.n === '2'", "");
    check("@.n === 2", "B");
    check("@.n !== '2'", "aBc");
    check("@.n < '3'", "");
    check("@.ok == 'true'", "");
}

#[test]
fn logic() {
    check("@.n < 2 || @.n > 3 && @.k == 'zzz'", "a");
    check("(@.n < 2 || @.n > 3) && @.k == 'c'", "c");
    check("!(@.n < 2 || @.n > 3)", "B");
    check("!!(@.n < 2)", "a");
    check("@.n>1&&@.n<3", "B");
    check("  @.n  >  1  &&  ( @.n < 3 )  ", "B");
}

#[test]
fn words() {
    check("@.k in ['a','c']", "ac");
    check("@.k IN $.wanted", "ac");
    check("@.k nin ['a']", "Bc");
    check("@.zzz nin ['a']", "aBc");
    check("'x' in @.t", "a");
    check("@.n in [1, '2']", "aB");
    check("@.k in 'abc'", "");
    check("@.t contains 'y'", "a");
    check("@.k contains 'a'", "a");
    check("@.t size 2", "a");
    check("@.k size 1", "aBc");
    check("@.t empty true", "B");
    check("@.t empty false", "a");
    check("@.s empty true", "B");
    check("@.o empty true", "B");
    check("@.t anyof ['y','z']", "a");
    check("@.t noneof ['y','z']", "B");
    check("@.t subsetof ['x','y','z']", "aB");
    check("@.t all ['x']", "a");
}

#[test]
fn patterns() {
    check("@.k =~ /[ab]/", "a");
    check("@.k =~ /[ab]/i", "aB");
    check("@.k =~ /b/", "");
    check("@.t =~ /y.*/", "a");
    check("@.n =~ /\\d/", "aB");
    check("/[a-z]/ =~ @.k", "ac");
    check("@.k =~ /a|\\//", "a");
}

#[test]
fn a_side_that_cannot_be_used_drops_the_item() {
    check("@.t anyof 'y' || @.n > 0", "");
    check("!(@.k in 'abc')", "");
}

#[test]
fn nesting() {
    check("@.t[?(@ == 'y')]", "aB");
    check("@.t[?(@ == 'y')] size 1", "a");
    check("@['t'][0] == 'x'", "a");
    check("$.wanted[?(@ == 'c')] contains @.k", "c");
}

#[test]
fn filters_apply_to_elements_objects_and_below() {
    let root = Value::parse(SHOP).unwrap();
    for (path, found) in [
        ("$.n[?(@ > 1)]", "[2,3]"),
        ("$.map[?(@.k == 'm')].k", "[\"m\"]"),
        ("$.map[?(@.k == 'x')]", "[]"),
        ("$..[?(@.k == 'inner')]", "[{\"k\":\"inner\"}]"),
        ("$.p[?(@.n > 1)][?(@.s)].k", "[\"B\",\"c\"]"),
        ("$.p[?(@.n>1)]..k", "[\"B\",\"c\"]"),
    ] {
        assert_eq!(Path::parse(path).unwrap().evaluate(&root).unwrap().to_json(), found, "{path}");
    }
}

#[test]
fn what_is_not_a_condition() {
    check("@.a ~= 1", "Filter operator ~= is not supported!");
    check("@.a like 'x'", "Filter operator like is not supported!");
    check("@.a == 1 )", "Could not parse token starting at position 3. Expected ?, ', 0-9, * ");
    check("@.a == 1 @.b", "Expected end of filter expression instead of: @.b");
    check("1", "Expected path node");
    check("@.a == #zz", "expected a value in the filter before `#zz`");
    check("@.a == 'x", "Could not find matching close quote for ' when parsing : $.p[?(@.a == 'x)].k");
    check("@.a =~ /(/", "regular expression `(` is malformed or too large");
    check("@.a =~ /(\\w{500}){500}/", "regular expression `(\\w{500}){500}` is malformed or too large");
}
