//! A Choice rule's condition in few words, as a label of its edge.
//! *Not* here: evaluating it (`asl`), cutting it to length (`label`).

use asl::{ChoiceRule, Comparator, Condition, Expression, Operand};

/// How deep `And`, `Or` and `Not` are followed before an ellipsis stands for the rest.
const MAX_DEPTH: usize = 8;

/// The words of a rule: its Comment if it has one, or else its condition.
pub fn rule(rule: &ChoiceRule) -> String {
    match &rule.comment {
        Some(comment) if !comment.trim().is_empty() => comment.trim().to_owned(),
        _ => condition(&rule.condition, 0),
    }
}

fn condition(of: &Condition, depth: usize) -> String {
    if depth == MAX_DEPTH {
        return "…".to_owned();
    }
    match of {
        Condition::And(all) => joined(all, " and ", depth),
        Condition::Or(any) => joined(any, " or ", depth),
        Condition::Not(inner) => format!("not ({})", condition(inner, depth + 1)),
        Condition::Compare { variable, comparator, operand } => compare(variable, *comparator, operand),
        Condition::Jsonata(expression) => expression.text().split_whitespace().collect::<Vec<_>>().join(" "),
        Condition::Literal(value) => value.to_string(),
    }
}

fn joined(parts: &[Condition], word: &str, depth: usize) -> String {
    let nested = |part: &Condition| {
        let text = condition(part, depth + 1);
        if matches!(part, Condition::And(_) | Condition::Or(_)) { format!("({text})") } else { text }
    };
    parts.iter().map(nested).collect::<Vec<_>>().join(word)
}

fn compare(variable: &Expression, comparator: Comparator, operand: &Operand) -> String {
    let left = &variable.text;
    let right = match operand {
        Operand::Literal(value) => value.to_json(),
        Operand::Path(expression) => expression.text.to_string(),
    };
    let holds = right == "true";
    let is = |what: &str| format!("{left} {} {what}", if holds { "is" } else { "is not" });
    match comparator {
        Comparator::StringEquals
        | Comparator::NumericEquals
        | Comparator::BooleanEquals
        | Comparator::TimestampEquals => format!("{left} == {right}"),
        Comparator::StringLessThan | Comparator::NumericLessThan | Comparator::TimestampLessThan => {
            format!("{left} < {right}")
        }
        Comparator::StringGreaterThan | Comparator::NumericGreaterThan | Comparator::TimestampGreaterThan => {
            format!("{left} > {right}")
        }
        Comparator::StringLessThanEquals
        | Comparator::NumericLessThanEquals
        | Comparator::TimestampLessThanEquals => format!("{left} <= {right}"),
        Comparator::StringGreaterThanEquals
        | Comparator::NumericGreaterThanEquals
        | Comparator::TimestampGreaterThanEquals => format!("{left} >= {right}"),
        Comparator::StringMatches => format!("{left} matches {right}"),
        Comparator::IsNull => is("null"),
        Comparator::IsPresent => is("present"),
        Comparator::IsNumeric => is("numeric"),
        Comparator::IsString => is("a string"),
        Comparator::IsBoolean => is("a boolean"),
        Comparator::IsTimestamp => is("a timestamp"),
    }
}
