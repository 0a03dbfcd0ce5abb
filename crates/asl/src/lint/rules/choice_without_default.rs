//! SW3003: a Choice without Default whose rules leave something over.

use super::super::Lint;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Choice, Comparator, Condition, Kind, Operand};

pub(super) const RULE: Rule = Rule {
    code: "SW3003",
    title: "Choice without Default",
    text: "When no rule matches and there is no Default, the execution fails. Say where the rest goes, to a Fail state with a \
           cause of its own if there should be none.",
    example: "\"Kind\": {\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.kind\", \"StringEquals\": \"a\", \"Next\": \"A\"}]}",
    aws: "States.NoChoiceMatched at run time",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        let Kind::Choice(choice) = &state.kind else { continue };
        if choice.default.is_none() && !is_exhaustive(choice) {
            let message = "no rule may match, and there is no Default: the execution fails then".to_owned();
            lint.report(&RULE, Severity::Warning, &Place::state(at), message, None);
        }
    }
}

/// Whether the rules leave nothing over, as far as that can be seen: one is always true, or asks the opposite of another.
fn is_exhaustive(choice: &Choice) -> bool {
    let conditions: Vec<&Condition> = choice.rules.iter().map(|rule| &rule.condition).take(200).collect();
    conditions.iter().any(|condition| matches!(condition, Condition::Literal(true)))
        || conditions
            .iter()
            .enumerate()
            .any(|(at, one)| conditions.iter().skip(at + 1).any(|other| is_opposite(one, other)))
}

fn is_opposite(one: &Condition, other: &Condition) -> bool {
    match (one, other) {
        (Condition::Not(inner), outer) | (outer, Condition::Not(inner)) => is_same(inner, outer),
        (
            Condition::Compare { variable: a, comparator: b, operand: Operand::Literal(c) },
            Condition::Compare { variable: x, comparator: y, operand: Operand::Literal(z) },
        ) => {
            a.text == x.text
                && match (is_same_test(*b, *y), c.as_bool().zip(z.as_bool())) {
                    (true, Some((left, right))) => left != right,
                    (true, None) => false,
                    (false, _) => is_other_side(*b, *y) && c == z,
                }
        }
        (Condition::Jsonata(one), Condition::Jsonata(other)) => {
            let negated = |text: &str, of: &str| text.trim() == format!("$not({})", of.trim());
            negated(one.text(), other.text()) || negated(other.text(), one.text())
        }
        _ => false,
    }
}

fn is_same(one: &Condition, other: &Condition) -> bool {
    match (one, other) {
        (
            Condition::Compare { variable: a, comparator: b, operand: Operand::Literal(c) },
            Condition::Compare { variable: x, comparator: y, operand: Operand::Literal(z) },
        ) => a.text == x.text && b == y && c == z,
        _ => false,
    }
}

/// Whether both are the same test for true or false.
fn is_same_test(one: Comparator, other: Comparator) -> bool {
    use Comparator::*;
    one == other
        && matches!(one, BooleanEquals | IsNull | IsPresent | IsNumeric | IsString | IsBoolean | IsTimestamp)
}

/// Whether one holds for numbers or texts exactly where the other does not.
fn is_other_side(one: Comparator, other: Comparator) -> bool {
    use Comparator::*;
    [
        (NumericLessThan, NumericGreaterThanEquals),
        (NumericGreaterThan, NumericLessThanEquals),
        (StringLessThan, StringGreaterThanEquals),
        (StringGreaterThan, StringLessThanEquals),
        (TimestampLessThan, TimestampGreaterThanEquals),
        (TimestampGreaterThan, TimestampLessThanEquals),
    ]
    .iter()
    .any(|pair| *pair == (one, other) || *pair == (other, one))
}
