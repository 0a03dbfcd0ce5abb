//! Text to value and back: what is read, how it is printed, and in whose words an error is told.

use value::{Numbers, ParseErrorKind, TooLong, Value};

fn check(text: &str, printed: &str) {
    let round = |t: &str| Value::parse(t).map(|v| v.to_json());
    assert_eq!(round(text).as_deref(), Ok(printed), "from {text}");
    assert_eq!(round(printed).as_deref(), Ok(printed), "again");
}

#[test]
fn what_is_read_is_printed_compactly() {
    for same in [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "\"\"",
        "[]",
        "{}",
        "[1,[],{},[[2]]]",
        "{\"b\":1,\"a\":{\"c\":[]}}",
    ] {
        check(same, same);
    }
    check(" { \"a\" :\t[ 1 ,\r\n2 ] } ", "{\"a\":[1,2]}");
    check("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    check(r#""\u0041\/\"\\\b\f\n\r\t\u001f\u00e9""#, "\"A/\\\"\\\\\\b\\f\\n\\r\\t\\u001Fé\"");
    check(
        r#""\ud83d\ude00 \ud83d \ude00 \ud83dx \ud83d\u0041""#,
        "\"😀 \u{fffd} \u{fffd} \u{fffd}x \u{fffd}A\"",
    );
}

#[test]
fn numbers_print_as_java_prints_them() {
    for (text, java, json_data) in [
        ("9223372036854775807", "9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9.223372036854776E18", "9.223372036854776E18"),
        ("-0", "0", "0"),
        ("-0.0", "-0.0", "0"),
        ("1.0", "1.0", "1"),
        ("3.3", "3.3", "3.3"),
        ("0.001", "0.001", "0.001"),
        ("0.00099", "9.9E-4", "9.9E-4"),
        ("9999999.5", "9999999.5", "9999999.5"),
        ("1e7", "1.0E7", "10000000"),
        ("123456789.25", "1.2345678925E8", "1.2345678925E8"),
        // Java insists on a second digit here (4.9E-324); both read back as the same double.
        ("5e-324", "5.0E-324", "5.0E-324"),
        ("1.7976931348623157e308", "1.7976931348623157E308", "1.7976931348623157E308"),
        ("1e400", "\"Infinity\"", "\"Infinity\""),
        ("-1E+400", "\"-Infinity\"", "\"-Infinity\""),
        ("2.5E+1", "25.0", "25"),
    ] {
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_json(), java, "{text}");
        let mut out = String::new();
        value.write_json_with(&mut out, Numbers::JsonData);
        assert_eq!(out, json_data, "{text}");
    }
    assert_eq!(Value::Float(f64::NAN).to_json(), "\"NaN\"");
}

#[test]
fn errors_are_told_in_jacksons_words() {
    let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    for (text, kind, message, column) in [
        ("", ParseErrorKind::Empty, "No content to map due to end-of-input", 0),
        (
            "not a definition",
            ParseErrorKind::Token,
            &format!("Unrecognized token 'not': was expecting {values}"),
            4,
        ),
        ("[nul]", ParseErrorKind::Token, &format!("Unrecognized token 'nul': was expecting {values}"), 5),
        ("[truer]", ParseErrorKind::Token, &format!("Unrecognized token 'truer': was expecting {values}"), 7),
        ("abc", ParseErrorKind::Token, &format!("Unrecognized token 'abc': was expecting {values}"), 4),
        (
            "NaN",
            ParseErrorKind::Token,
            "Non-standard token 'NaN': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow",
            4,
        ),
        (
            "{\"a\":1,}",
            ParseErrorKind::Character,
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            9,
        ),
        (
            "{\"a\" 1}",
            ParseErrorKind::Character,
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            7,
        ),
        (
            "{\"a\":1 \"b\"}",
            ParseErrorKind::Character,
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            9,
        ),
        (
            "[1 2]",
            ParseErrorKind::Character,
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            5,
        ),
        ("{\"a\":}", ParseErrorKind::Character, "Unexpected character ('}' (code 125)): expected a value", 7),
        (
            "[1,]",
            ParseErrorKind::Character,
            &format!("Unexpected character (']' (code 93)): expected a valid value {values}"),
            5,
        ),
        (
            "['x']",
            ParseErrorKind::Character,
            &format!("Unexpected character (''' (code 39)): expected a valid value {values}"),
            3,
        ),
        (
            "€",
            ParseErrorKind::Character,
            &format!("Unexpected character ('€' (code 8364 / 0x20ac)): expected a valid value {values}"),
            2,
        ),
        (
            "[\"a\nb\"]",
            ParseErrorKind::String,
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in \
             string value",
            1,
        ),
        ("\"\\x\"", ParseErrorKind::String, "Unrecognized character escape 'x' (code 120)", 4),
        (
            "\"\\u12g4\"",
            ParseErrorKind::Character,
            "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
            7,
        ),
        ("01", ParseErrorKind::Number, "Invalid numeric value: Leading zeroes not allowed", 2),
        (
            "[1.x]",
            ParseErrorKind::Number,
            "Unexpected character ('x' (code 120)) in numeric value: Decimal point not followed by a digit",
            5,
        ),
        (
            "[1e]",
            ParseErrorKind::Number,
            "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit",
            5,
        ),
        (
            "-x",
            ParseErrorKind::Number,
            "Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for \
             valid numeric value",
            3,
        ),
        (
            "1x",
            ParseErrorKind::Trailing,
            "Unexpected character ('x' (code 120)): Expected space separating root-level values",
            3,
        ),
        (
            "{\"a\":1]",
            ParseErrorKind::Bracket,
            "Unexpected close marker ']': expected '}' (for Object starting at [Source: (String)\"{\"a\":1]\"; line: 1, \
             column: 1])",
            8,
        ),
        (
            "{\"a\":[1",
            ParseErrorKind::End,
            "Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)\"{\"a\":[1\"; \
             line: 1, column: 6])",
            8,
        ),
        ("{\"a\":", ParseErrorKind::End, "Unexpected end-of-input within/between Object entries", 6),
        (
            "\"a",
            ParseErrorKind::End,
            "Unexpected end-of-input: was expecting closing quote for a string value",
            3,
        ),
        ("{\"a", ParseErrorKind::End, "Unexpected end-of-input in field name", 4),
    ] {
        let error = Value::parse(text).expect_err(text);
        assert_eq!((error.kind, error.message(), error.column), (kind, message, column), "{text}");
        let place = format!("[Source: (String)\"{text}\"; line: {}, column: {column}]", error.line);
        assert_eq!(error.to_string(), format!("{message}\n at {place}"), "{text}");
    }
}

#[test]
fn places_are_counted_in_lines_and_utf16_units() {
    for (text, line, column) in [("[\n1,\r\n  x]", 3, 4), ("[\r\r x]", 3, 3), ("[\"é😀\", x]", 1, 10)] {
        let error = Value::parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text:?}");
    }
    let long = format!("{}x", " ".repeat(700));
    let place = Value::parse(&long).unwrap_err().location();
    assert!(place.ends_with(" \"[truncated 201 chars]; line: 1, column: 702]"), "{place}");
}

#[test]
fn text_can_be_bounded() {
    let value = Value::parse("[1,2,3]").unwrap();
    let mut out = String::new();
    assert_eq!(value.write_json_within(&mut out, Numbers::Java, 7), Ok(()));
    assert_eq!(value.write_json_within(&mut String::new(), Numbers::Java, 6), Err(TooLong));
    // 2^60 elements as text, 60 arrays in memory.
    let doubled = (0..60).fold(Value::Null, |v, _| Value::from(vec![v.clone(), v]));
    assert_eq!(doubled.write_json_within(&mut String::new(), Numbers::Java, 10_000), Err(TooLong));
}
