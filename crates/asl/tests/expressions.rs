//! Expressions and intrinsic functions: what they evaluate to, how they fail, and which texts are none.
//! The rows are facts of the service (recorded) unless a comment says otherwise.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use asl::{Draws, Expression, Scope};
use value::Value;

const CONTEXT: &str = r#"{"Execution":{"Id":"arn:1","Input":{"a":[1,2]}},"State":{"Name":"S"}}"#;
const VARIABLES: &str = r#"{"x":{"y":[7,8]},"größe":3}"#;

fn evaluate(text: &str, data: &str) -> Result<String, String> {
    let expression = Expression::parse(text).map_err(|error| format!("invalid: {error}"))?;
    let data = Value::parse(data).unwrap();
    let variables = Value::parse(VARIABLES).unwrap();
    let scope = Scope {
        data: &data,
        context: &|| Value::parse(CONTEXT).unwrap(),
        variables: &|name| variables.get(name).cloned(),
        draws: &Draws::new(1),
    };
    match expression.evaluate(&scope) {
        Ok(value) => Ok(value.to_json()),
        Err(error) => Err(format!("{}: {error}", error.error())),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str, &str)]) {
    for (text, data, wanted) in rows {
        let got = evaluate(text, data).unwrap_or_else(|error| error);
        assert_eq!(got, *wanted, "{text} on {data}");
    }
}

#[test]
fn paths_into_data_context_and_variables() {
    check(&[
        ("$", r#"{"a":1}"#, r#"{"a":1}"#),
        ("$.a.b", r#"{"a":{"b":[1]}}"#, "[1]"),
        ("$$.Execution.Input.a[1]", "null", "2"),
        ("$$", "null", CONTEXT),
        ("$x", "null", r#"{"y":[7,8]}"#),
        ("$x.y[0]", "null", "7"),
        ("$größe", "null", "3"),
        (
            "$.NoSuchInputPath",
            r#"{"a":1}"#,
            "States.Runtime: Invalid path '$.NoSuchInputPath' : No results for path: $['NoSuchInputPath']",
        ),
        (
            "$.no.such.path",
            r#"{"a":1}"#,
            "States.Runtime: Invalid path '$.no.such.path' : Missing property in path $['no']",
        ),
        ("$nothing", "null", "States.Runtime: Invalid path '$nothing' : No results for path: $['nothing']"),
    ]);
}

#[test]
fn functions_on_arrays() {
    check(&[
        ("States.Array()", "null", "[]"),
        ("States.Array($.a, 1, 'x', null, true, -1.5)", r#"{"a":{}}"#, r#"[{},1,"x",null,true,-1.5]"#),
        ("States.ArrayPartition($.a, 4)", r#"{"a":[1,2,3,4,5,6,7,8,9]}"#, "[[1,2,3,4],[5,6,7,8],[9]]"),
        ("States.ArrayPartition($.a, 1.5)", r#"{"a":[1,2,3]}"#, "[[1,2],[3]]"),
        ("States.ArrayContains($.a, $.b)", r#"{"a":[[1,2,3],2],"b":[1,2,3]}"#, "true"),
        ("States.ArrayContains($.a, $.b)", r#"{"a":[{"1":2,"2":[]}],"b":[]}"#, "false"),
        ("States.ArrayContains($.a, null)", r#"{"a":[]}"#, "false"),
        ("States.ArrayRange(1, 9, 2)", "null", "[1,3,5,7,9]"),
        ("States.ArrayRange(3, 1, -1)", "null", "[3,2,1]"),
        ("States.ArrayRange(1, 3, -1)", "null", "[]"),
        ("States.ArrayRange(5, 5, 1)", "null", "[5]"),
        ("States.ArrayGetItem($.a, 5)", r#"{"a":[1,2,3,4,5,6,7,8,9]}"#, "6"),
        ("States.ArrayLength($)", r#"[null,null,1,1.1,[],{"a":1}]"#, "6"),
        (
            "States.ArrayUnique($)",
            r#"[null,null,true,false,1,1,1.0,1.1,"a","a",[],[],[null],{"a":1,"b":2},{"b":2,"a":1},{"a":1,"b":1}]"#,
            r#"[null,true,false,1,1.1,"a",[],[null],{"a":1,"b":2},{"a":1,"b":1}]"#,
        ),
    ]);
}

#[test]
fn functions_on_texts() {
    check(&[
        ("States.Base64Encode($)", r#""Data to encode""#, r#""RGF0YSB0byBlbmNvZGU=""#),
        ("States.Base64Decode($)", r#""RGF0YSB0byBlbmNvZGU=""#, r#""Data to encode""#),
        ("States.Base64Decode('')", "null", r#""""#),
        ("States.Hash($, 'MD5')", r#""input data""#, r#""812f45842bc6d66ee14572ce20db8e86""#),
        ("States.Hash($, 'SHA-1')", r#""input data""#, r#""aaff4a450a104cd177d28d18d74485e8cae074b7""#),
        (
            "States.Hash($, 'SHA-256')",
            r#""input data""#,
            r#""b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3""#,
        ),
        ("States.JsonToString($)", r#"{"Arg1": 1, "Arg2": []}"#, r#""{\"Arg1\":1,\"Arg2\":[]}""#),
        ("States.JsonToString($)", r#""HelloWorld""#, r#""\"HelloWorld\"""#),
        ("States.StringToJson($)", r#""""#, "null"),
        ("States.StringToJson($)", r#"" ""#, "null"),
        ("States.StringToJson($)", r#""[1, 2, \"HelloWorld\"]""#, r#"[1,2,"HelloWorld"]"#),
        ("States.StringToJson('{\"a\": \"b\"}')", "null", r#"{"a":"b"}"#),
        (
            "States.JsonMerge(States.StringToJson('{\"a\": \"false\"}'), $, false)",
            r#"{"b":{"c":1},"a":2}"#,
            r#"{"a":2,"b":{"c":1}}"#,
        ),
        ("States.StringSplit($, ',')", r#"", , ,""#, r#"[" "," "]"#),
        ("States.StringSplit($, ',')", r#"",,,,""#, "[]"),
        (
            "States.StringSplit($, '.+,=')",
            r#""This.is+a,test=string""#,
            r#"["This","is","a","test","string"]"#,
        ),
        ("States.StringSplit('Hello\nWorld', '\n')", "null", r#"["Hello","World"]"#),
        ("States.ArrayGetItem(States.StringSplit('a-b-c', '-'), States.MathAdd(2, -1))", "null", r#""b""#),
    ]);
}

#[test]
fn format_prints_values_as_java_does() {
    check(&[
        ("States.Format('Formatting argument {}.', $)", "null", r#""Formatting argument null.""#),
        ("States.Format('Formatting argument {}.', $)", "1.1", r#""Formatting argument 1.1.""#),
        ("States.Format('{}', $)", r#""{\"a\": 1}""#, r#""{\"a\": 1}""#),
        (
            "States.Format('fst={} and snd={}.', $.a, $.a)",
            r#"{"a":{"Arg1":1,"Arg2":[],"s":"t"}}"#,
            r#""fst={Arg1=1, Arg2=[], s=t} and snd={Arg1=1, Arg2=[], s=t}.""#,
        ),
        // Escapes: AWS page "Intrinsic functions".
        (r"States.Format('It\'s \{{}\} \\{}', 1, 2)", "null", r#""It's {1} \\2""#),
        (
            "States.Format('{ } {x} }{', 'a')",
            "null",
            "States.IntrinsicFailure: The function 'States.Format('{ } {x} }{', 'a')' had the following error: The number of arguments (1) does not match the number of occurrences of {}",
        ),
    ]);
}

#[test]
fn numbers_are_rounded_halves_up() {
    for (left, right, wanted) in [
        ("-9", "3", "-6"),
        ("1.49", "1.5", "3"),
        ("1.5", "1.51", "4"),
        ("-1.49", "-1.5", "-2"),
        ("-1.5", "-1.51", "-3"),
        ("2.5", "0", "3"),
        ("-0.5", "0.5", "1"),
        ("-3.5", "0", "-3"),
    ] {
        let data = format!(r#"{{"l":{left},"r":{right}}}"#);
        assert_eq!(evaluate("States.MathAdd($.l, $.r)", &data).as_deref(), Ok(wanted), "{data}");
    }
}

#[test]
fn random_values_keep_to_their_range_and_form() {
    let number: i64 = evaluate("States.MathRandom(-99, -9)", "null").unwrap().parse().unwrap();
    assert!((-99..-9).contains(&number));
    let seeded = || evaluate("States.MathRandom(0, 999, 3)", "null");
    assert_eq!(seeded(), seeded());
    let uuid = evaluate("States.UUID()", "null").unwrap();
    let shape: String = uuid.chars().map(|ch| if ch.is_ascii_hexdigit() { 'x' } else { ch }).collect();
    assert_eq!(shape, r#""xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#);
    assert_eq!(&uuid[15..16], "4");
    assert!("89ab".contains(&uuid[20..21]));
}

#[test]
fn failures_name_the_call_and_the_reason() {
    for (text, wanted) in [
        ("States.ArrayGetItem($.a, 3)", "States.IntrinsicFailure"),
        ("States.ArrayLength($.s)", "States.IntrinsicFailure"),
        ("States.ArrayPartition($.a, 0)", "States.IntrinsicFailure"),
        ("States.ArrayRange(1, 5000, 1)", "States.IntrinsicFailure"),
        ("States.ArrayRange(1, 2, 0)", "States.IntrinsicFailure"),
        ("States.MathAdd(2147483648, 0)", "States.IntrinsicFailure"),
        ("States.MathAdd('1', 0)", "States.IntrinsicFailure"),
        ("States.MathRandom(5, 5)", "States.IntrinsicFailure"),
        ("States.JsonMerge($, $, true)", "States.IntrinsicFailure"),
        ("States.Hash('a', 'SHA-3')", "States.IntrinsicFailure"),
        ("States.StringToJson('x')", "States.IntrinsicFailure"),
        ("States.Base64Decode('?')", "States.IntrinsicFailure"),
        ("States.Base64Encode($.long)", "States.IntrinsicFailure"),
        ("States.ArrayLength($.missing)", "States.Runtime"),
    ] {
        let data = format!(r#"{{"a":[1],"s":"x","long":"{}"}}"#, "é".repeat(10_001));
        let error = evaluate(text, &data).unwrap_err();
        assert!(
            error.starts_with(&format!("{wanted}: The function '{text}' had the following error: ")),
            "{error}"
        );
    }
    let error = evaluate("States.ArrayLength(States.ArrayUnique($.b))", r#"{"a":1}"#).unwrap_err();
    assert_eq!(
        error,
        "States.Runtime: The function 'States.ArrayUnique($.b)' had the following error: \
         The JsonPath argument for the field '$.b' could not be found in the input '{\"a\":1}'"
    );
}

#[test]
fn texts_that_are_no_expressions() {
    for text in [
        "",
        "a",
        ".a",
        "States.",
        "States.Nope()",
        "States.array(1)",
        "States.Format",
        "States.Format(",
        "States.Format()",
        "States.Format('a'",
        "States.Format('a",
        "States.Format('a',)",
        "States.Format('a') x",
        "States.Format('a' 'b')",
        "States.Format(\"a\")",
        r#"States.Format('He said, \"Hello, {}!\"', 'x')"#,
        r"States.Format('\n')",
        r"States.Format('dangling\",
        "States.UUID(1)",
        "States.MathAdd(1)",
        "States.MathAdd(1, 2, 3)",
        "States.MathAdd(1, [2])",
        "States.MathAdd(1, x)",
    ] {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
    let nested = |depth: usize| format!("{}1{}", "States.Array(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&nested(10)).is_ok());
    assert!(Expression::parse(&nested(11)).is_err());
    assert!(Expression::parse(&nested(100_000)).is_err());
}

#[test]
fn arguments_may_hold_brackets_commas_and_quotes() {
    let data = r#"{"a,b)":{"'":[{"k":"v,)","n":1},{"k":"w","n":2}]}}"#;
    check(&[
        (r"States.ArrayLength($['a,b)']['\''])", data, "2"),
        ("States.Array( $['a,b)'] , 'x' )", r#"{"a,b)":1}"#, r#"[1,"x"]"#),
        ("States.ArrayGetItem($.l[?(@.k == 'v,)')].n, 0)", r#"{"l":[{"k":"v,)","n":5}]}"#, "5"),
    ]);
}

#[test]
fn variables_read_are_listed_in_order() {
    let expression =
        Expression::parse("States.Format('{}{}{}', $b, States.Array($a.x, $.c, $$.d), $b[0])").unwrap();
    let names: Vec<&str> = expression.variables().into_iter().map(|name| &**name).collect();
    assert_eq!(names, ["b", "a", "b"]);
}
