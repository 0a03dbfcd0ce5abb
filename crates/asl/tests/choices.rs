//! Comparators of Choice rules. The rows are recorded behaviour unless a comment says otherwise.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use asl::{Comparator, Condition, Draws, Expression, Operand, Scope};
use value::Value;

fn evaluate(condition: &Condition, data: &str) -> Result<bool, String> {
    let data = Value::parse(data).unwrap();
    let scope = Scope { data: &data, context: &|| Value::Null, variables: &|_| None, draws: &Draws::new(1) };
    condition.evaluate(&scope).map_err(|error| format!("{}: {error}", error.error()))
}

fn condition(comparator: Comparator, operand: &str) -> Condition {
    let operand = match operand.strip_prefix('$') {
        Some(_) => Operand::Path(Expression::parse(operand).unwrap()),
        None => Operand::Literal(Value::parse(operand).unwrap()),
    };
    Condition::Compare { variable: Expression::parse("$.v").unwrap(), comparator, operand }
}

#[test]
fn comparators_hold_only_for_their_type() {
    use Comparator::*;
    for (comparator, variable, operand, wanted) in [
        (StringEquals, r#""a""#, r#""a""#, true),
        (StringEquals, "1", r#""1""#, false),
        (StringLessThan, r#""AB""#, r#""ABC""#, true),
        (StringGreaterThan, r#""AB""#, r#""A""#, true),
        (StringLessThanEquals, r#""AB""#, r#""A""#, false),
        (StringGreaterThanEquals, r#""A""#, r#""A""#, true),
        // UTF-16: a surrogate pair sorts before U+FFFD.
        (StringLessThan, r#""😀""#, r#""�""#, true),
        (NumericEquals, "2.22", "2.22", true),
        (NumericEquals, "1", "1.0", true),
        (NumericEquals, r#""1""#, "1", false),
        (NumericLessThan, "0", "1", true),
        (NumericGreaterThanEquals, "1", "1", true),
        (NumericGreaterThan, "9007199254740993", "9007199254740992", true),
        (BooleanEquals, "false", "false", true),
        (BooleanEquals, "null", "false", false),
        (TimestampEquals, r#""2012-10-09T19:00:55Z""#, r#""2012-10-09T21:00:55+02:00""#, true),
        (TimestampLessThan, r#""2012-10-09T19:00:55Z""#, r#""2012-10-09T19:00:56Z""#, true),
        (TimestampEquals, r#""2012-10-09""#, r#""2012-10-09""#, false),
        (IsNull, "null", "true", true),
        (IsNull, "0", "false", true),
        (IsNumeric, "0.0", "true", true),
        (IsNumeric, r#""""#, "false", true),
        (IsString, r#""""#, "true", true),
        (IsBoolean, "{}", "true", false),
        (IsTimestamp, r#""2012-10-09T19:00:55""#, "true", false),
        (IsTimestamp, r#""2012-10-09T19:00:55Z""#, "true", true),
        (IsPresent, "null", "true", true),
        (IsPresent, "null", "false", false),
    ] {
        let data = format!(r#"{{"v":{variable},"w":{operand}}}"#);
        assert_eq!(evaluate(&condition(comparator, operand), &data), Ok(wanted), "{comparator:?} {data}");
        assert_eq!(evaluate(&condition(comparator, "$.w"), &data), Ok(wanted), "{comparator:?} path {data}");
    }
}

#[test]
fn wildcards_match_any_number_of_characters() {
    for (text, pattern, wanted) in [
        ("foo23.log", "foo*.log", true),
        ("zebra.log", "*.log", true),
        ("foobar.zebra", "foo*.*", true),
        ("foo", "foo", true),
        ("foo", "fo", false),
        ("", "*", true),
        ("", "", true),
        ("abab", "*ab", true),
        ("ab", "ab*ab", false),
        ("a*b", r"a\*b", true),
        ("axb", r"a\*b", false),
        (r"a\xb", r"a\\*b", true),
        (r"a\nb", r"a\nb", true),
    ] {
        let condition = condition(Comparator::StringMatches, &Value::from(pattern).to_json());
        let data = format!(r#"{{"v":{}}}"#, Value::from(text).to_json());
        assert_eq!(evaluate(&condition, &data), Ok(wanted), "{text} {pattern}");
    }
}

#[test]
fn a_missing_value_is_an_error_except_for_is_present() {
    let missing =
        "States.Runtime: Invalid path '$.v': The choice state's condition path references an invalid value.";
    assert_eq!(evaluate(&condition(Comparator::IsPresent, "true"), "{}"), Ok(false));
    assert_eq!(evaluate(&condition(Comparator::IsPresent, "false"), "{}"), Ok(true));
    assert_eq!(evaluate(&condition(Comparator::IsNull, "true"), "{}"), Err(missing.into()));
    assert_eq!(evaluate(&condition(Comparator::StringEquals, "\"a\""), "{}"), Err(missing.into()));
    assert_eq!(
        evaluate(&condition(Comparator::StringEquals, "$.w"), r#"{"v":"a"}"#),
        Err(missing.replace("$.v", "$.w"))
    );
}

#[test]
fn rules_combine_and_stop_at_the_first_answer() {
    let yes = || condition(Comparator::IsPresent, "true");
    let no = || condition(Comparator::IsPresent, "false");
    let fails = || condition(Comparator::StringEquals, "$.missing");
    for (condition, wanted) in [
        (Condition::And(vec![yes(), yes()]), true),
        (Condition::And(vec![yes(), no(), fails()]), false),
        (Condition::Or(vec![no(), yes(), fails()]), true),
        (Condition::Or(vec![no(), no()]), false),
        (Condition::Not(Box::new(no())), true),
        (Condition::Literal(true), true),
    ] {
        assert_eq!(evaluate(&condition, r#"{"v":1}"#), Ok(wanted));
    }
    assert!(evaluate(&Condition::And(vec![yes(), fails()]), r#"{"v":1}"#).is_err());
}
