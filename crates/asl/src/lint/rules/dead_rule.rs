//! SW2013: a Choice rule that never decides anything.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Choice, Comparator, Condition, Kind, Operand};

pub(super) const RULE: Rule = Rule {
    code: "SW2013",
    title: "Choice rule without effect",
    text: "The rule can never match: the value is of another type than the comparison wants, a rule before it matches in every \
           case, or a rule before it asks the same. Comparing a value of the wrong type is no error, it just does not hold.",
    example: "\"Set\": {\"Type\": \"Pass\", \"Result\": {\"n\": \"3\"}, \"Next\": \"Many\"},\n\
              \"Many\": {\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.n\", \"NumericGreaterThan\": 2, …}]}      a string",
    aws: "",
};

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let FaultKind::DeadRule { why } = &fault.kind else { return };
    lint.report(&RULE, Severity::Warning, &Place::value(fault.state, fault.place.clone()), why.clone(), None);
}

/// Rules that repeat one before them.
pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        if let Kind::Choice(choice) = &state.kind {
            check_choice(lint, at, choice);
        }
    }
}

/// The most rules that are compared with each other.
const MOST_RULES: usize = 200;

fn check_choice(lint: &mut Lint<'_>, state: usize, choice: &Choice) {
    for (at, rule) in choice.rules.iter().enumerate().take(MOST_RULES) {
        let same =
            choice.rules.iter().take(at).position(|before| is_same(&before.condition, &rule.condition));
        if let Some(before) = same {
            let message = format!("rule {before} asks the same, so this one is never taken");
            lint.report(&RULE, Severity::Warning, &Place::item(state, "Choices", at), message, None);
        } else if let Condition::Literal(false) = rule.condition {
            let message = "the condition is always false".to_owned();
            lint.report(&RULE, Severity::Warning, &Place::item(state, "Choices", at), message, None);
        } else if let Some((variable, low, high)) = contradiction(&rule.condition) {
            let message = format!("the condition never holds: `{variable}` cannot be {low} and {high}");
            lint.report(&RULE, Severity::Warning, &Place::item(state, "Choices", at), message, None);
        }
    }
}

/// Whether two conditions ask the same. Recursion is bounded by the nesting that the parser allows.
fn is_same(left: &Condition, right: &Condition) -> bool {
    match (left, right) {
        (Condition::And(left), Condition::And(right)) | (Condition::Or(left), Condition::Or(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Condition::Not(left), Condition::Not(right)) => is_same(left, right),
        (
            Condition::Compare { variable: a, comparator: b, operand: c },
            Condition::Compare { variable: x, comparator: y, operand: z },
        ) => a.text == x.text && b == y && is_same_operand(c, z),
        (Condition::Jsonata(left), Condition::Jsonata(right)) => left == right,
        _ => false,
    }
}

fn is_same_operand(left: &Operand, right: &Operand) -> bool {
    match (left, right) {
        (Operand::Literal(left), Operand::Literal(right)) => left == right,
        (Operand::Path(left), Operand::Path(right)) => left.text == right.text,
        _ => false,
    }
}

/// A variable that an `And` wants to be in two ranges that do not meet, or two texts.
fn contradiction(condition: &Condition) -> Option<(String, String, String)> {
    use Comparator::*;
    let Condition::And(parts) = condition else { return None };
    let compared = |part| match part {
        &Condition::Compare { ref variable, comparator, operand: Operand::Literal(ref value) } => {
            Some((variable, comparator, value))
        }
        _ => None,
    };
    let parts: Vec<_> = parts.iter().filter_map(compared).take(20).collect();
    for (at, (variable, comparator, value)) in parts.iter().enumerate() {
        for (other, comparator2, value2) in
            parts.iter().skip(at + 1).filter(|(other, ..)| other.text == variable.text)
        {
            if *comparator == StringEquals && *comparator2 == StringEquals && value != value2 {
                return Some((variable.text.to_string(), value.to_json(), value2.to_json()));
            }
            let ranges = [(*comparator, *value), (*comparator2, *value2)];
            let low = ranges.iter().find_map(|(comparator, value)| lower(*comparator, value.as_f64()?));
            let high = ranges.iter().find_map(|(comparator, value)| upper(*comparator, value.as_f64()?));
            if let (Some((low, is_low_in)), Some((high, is_high_in))) = (low, high)
                && (low > high || (low == high && !(is_low_in && is_high_in)))
            {
                let low = format!("{} {low}", if is_low_in { "at least" } else { "more than" });
                let high = format!("{} {high}", if is_high_in { "at most" } else { "less than" });
                return Some((other.text.to_string(), low, high));
            }
        }
    }
    None
}

fn lower(comparator: Comparator, value: f64) -> Option<(f64, bool)> {
    match comparator {
        Comparator::NumericGreaterThan => Some((value, false)),
        Comparator::NumericGreaterThanEquals | Comparator::NumericEquals => Some((value, true)),
        _ => None,
    }
}

fn upper(comparator: Comparator, value: f64) -> Option<(f64, bool)> {
    match comparator {
        Comparator::NumericLessThan => Some((value, false)),
        Comparator::NumericLessThanEquals | Comparator::NumericEquals => Some((value, true)),
        _ => None,
    }
}
